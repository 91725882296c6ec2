package rustlite_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rustlite/rustlite"
)

// Where many rows of a table go or change, the entries that its indexes lose are told by their row ids (IdxRow).
// TestManyRowsChange makes the same statements on a table with indexes and on one without, and asks the
// check and each index what is there.
func TestManyRowsChange(t *testing.T) {
	const rows = 20_000
	for name, id := range map[string]string{
		"dense": "n", "with gaps": "n * 70001", "from below zero": "n * 3 - 30000", "over all": "(n - 10000) * 900000000000000",
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t, ":memory:", &rustlite.Options{})
			for _, table := range []string{"t", "u"} {
				exec(t, db, "CREATE TABLE "+table+"(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL)")
				exec(t, db, fmt.Sprintf("WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n < %d) INSERT INTO %s "+
					"SELECT %s, CASE WHEN n %% 50 THEN n * 7919 %% 30011 END, CASE WHEN n %% 3 THEN 'name ' || n * 31 %% 9973 || CASE WHEN n %% 9 THEN '' ELSE ' that goes on' END END, n / 7.0 FROM c", rows, table, id))
			}
			indexes := []string{"ta ON t(a)", "tb ON t(b COLLATE NOCASE DESC, a)", "tp ON t(a) WHERE c < 1000", "te ON t(a + 1, b)", "tc ON t(c, id)"}
			for _, x := range indexes {
				exec(t, db, "CREATE INDEX "+x)
			}
			for _, change := range []string{
				"DELETE FROM %s WHERE id %% 7 = 0", "UPDATE %s SET a = a + 1, c = c - 300 WHERE a %% 3 = 0", "UPDATE %s SET b = b || '!' WHERE a %% 2",
				"DELETE FROM %s WHERE a > 20000", "UPDATE %s SET a = a WHERE c > 10", "DELETE FROM %s WHERE b IS NULL OR c < 500", "DELETE FROM %s",
			} {
				for _, table := range []string{"t", "u"} {
					exec(t, db, fmt.Sprintf(change, table))
				}
				if got := show(db, "PRAGMA integrity_check"); got != show(db, "SELECT 'ok'") {
					t.Fatalf("%s: %s", change, got)
				}
				want := show(db, "SELECT count(*), sum(a), sum(c), sum(length(b)) FROM u")
				for x, index := range []string{"ta", "tb", "tc"} {
					where := []string{"a IS NULL OR a > -1e9", "b IS NULL OR b > ''", "c > -1e9"}[x]
					if got := show(db, "SELECT count(*), sum(a), sum(c), sum(length(b)) FROM t INDEXED BY "+index+" WHERE "+where); got != want {
						t.Errorf("%s: by %s %s, want %s", change, index, got, want)
					}
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Entries of several VALUES rows wait for the end of the transaction apart from those of statements before:
// TestRowsWait lets some statements fail, goes back to savepoints, and reads indexes now and then, with
// room for few changes and for many. Another table without indexes says what is there.
func TestRowsWait(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 8))
		db := open(t, ":memory:", &rustlite.Options{SortBytesMax: []int{0, 0, 2000, 30000}[r.IntN(4)]})
		exec(t, db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, CHECK (a <> 13)); CREATE INDEX ta ON t(a); CREATE INDEX tb ON t(b, a)")
		exec(t, db, "CREATE TABLE u(id INTEGER PRIMARY KEY, a INT, b TEXT, CHECK (a <> 13))")
		for range 3 {
			tx, err := db.Begin(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			failed := 0
			both := func(sql string) {
				_, err := tx.Exec(ctx, fmt.Sprintf(sql, "t"))
				if _, other := tx.Exec(ctx, fmt.Sprintf(sql, "u")); (err == nil) != (other == nil) {
					t.Fatalf("seed %d: %s: %v, without indexes %v", seed, sql, err, other)
				} else if err != nil {
					failed++
				}
			}
			for range 60 {
				switch r.IntN(12) {
				case 0:
					both("UPDATE %s SET a = a + 1 WHERE id = " + fmt.Sprint(r.IntN(400)))
				case 1:
					both("DELETE FROM %s WHERE id = " + fmt.Sprint(r.IntN(400)))
				case 2:
					exec(t, tx, "SAVEPOINT s")
				case 3:
					tx.Exec(ctx, "ROLLBACK TO s") // There may be none.
				case 4:
					tx.Exec(ctx, "RELEASE s")
				case 5:
					both("UPDATE %s SET b = b || '!' WHERE a > " + fmt.Sprint(r.IntN(300)))
				default:
					sql := []string{"INSERT INTO %s VALUES ", "INSERT OR IGNORE INTO %s VALUES ", "INSERT OR FAIL INTO %s VALUES ", "REPLACE INTO %s VALUES "}[max(0, r.IntN(8)-4)]
					for k := range 1 + r.IntN(20) {
						if k > 0 {
							sql += ", "
						}
						id := fmt.Sprint(r.IntN(400))
						if r.IntN(2) > 0 {
							id = "NULL"
						}
						sql += fmt.Sprintf("(%s, %d, 'text %d')", id, r.IntN(300), r.IntN(50))
					}
					both(sql)
				}
			}
			if seed%3 == 0 {
				err = tx.Rollback()
			} else {
				err = tx.Commit(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := show(db, "PRAGMA integrity_check"); got != show(db, "SELECT 'ok'") {
				t.Fatalf("seed %d, %d failed: %s", seed, failed, got)
			}
			want := show(db, "SELECT id, a, b FROM u ORDER BY a, id")
			for _, index := range []string{"NOT INDEXED", "INDEXED BY ta"} {
				if got := show(db, "SELECT id, a, b FROM t "+index+" ORDER BY a, id"); got != want {
					t.Fatalf("seed %d, %d failed, %s:\n%s\nwant\n%s", seed, failed, index, got, want)
				}
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
