package rustlite_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

// Changes of indexes that wait in a transaction are brought into their trees by whoever asks for them.
// TestSettleFaults lets every operation on files fail in turn while that happens, and then asks for a
// commit: it makes all of the transaction, or none of it where it fails, and every index agrees with its
// table at any moment.
func TestSettleFaults(t *testing.T) {
	const rows = 3000
	home := memfs.New(1)
	opts := func(fs *errfs.FS, sortBytesMax int) *rustlite.Options {
		return &rustlite.Options{FS: fs, NoBackground: true, NoMap: true, SortBytesMax: sortBytesMax}
	}
	db := open(t, "/db", opts(errfs.New(home), 0))
	exec(t, db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT)")
	exec(t, db, "WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n < ?) INSERT INTO t SELECT n, n*7919%3001, 'name '||n*31%997 FROM c", rows)
	exec(t, db, "CREATE INDEX ta ON t(a)")
	exec(t, db, "CREATE INDEX tb ON t(b, a DESC)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	settles := map[string]string{
		"a reader":                "SELECT count(*) FROM t INDEXED BY tb WHERE b > 'name 5'",
		"readers of both":         "SELECT count(*) FROM t x INDEXED BY ta JOIN t y INDEXED BY tb ON y.b = x.b WHERE x.a < 50",
		"a savepoint":             "SAVEPOINT s",
		"a change of many rows":   "UPDATE t SET a = a + 1 WHERE id < 200",
		"a change of all rows":    "UPDATE t SET b = b || '!'",
		"a reader that changes":   "INSERT INTO t SELECT id + 9000, a, b FROM t INDEXED BY tb WHERE b > 'name 5' LIMIT 50",
		"the check":               "PRAGMA integrity_check",
		"the changes, being many": "",
		"the commit":              "COMMIT",
	}
	const picture = "SELECT group_concat(id || a || b), count(*) FROM t NOT INDEXED"
	for name, settle := range settles {
		t.Run(name, func(t *testing.T) {
			fired, failed := 0, 0
			sortBytesMax := 0
			if settle == "" {
				sortBytesMax = 3000
			}
			for n := 1; n == 1 || fired > 0; n++ {
				if testing.Short() && n > 10 {
					n += 6
				}
				crashed := home.Crash(memfs.KeepAll, 1)
				faults := errfs.New(crashed)
				db := open(t, "/db", opts(faults, sortBytesMax))
				before := show(db, picture)
				tx, err := db.Begin(ctx, nil)
				if err != nil {
					t.Fatal(err)
				}
				plan := errfs.Plan{Kinds: errfs.All, N: n}
				if settle == "" {
					faults.SetPlan(plan)
				}
				change := func() error {
					for i := range 120 {
						for _, sql := range []string{"UPDATE t SET a = a * 2, b = id WHERE id = ?", "DELETE FROM t WHERE id = ? + 1000", "INSERT INTO t VALUES (? + 5000, 1, 'new')"} {
							if _, err := tx.Exec(ctx, sql, i*7+1); err != nil {
								return err
							}
						}
					}
					return nil
				}
				err = change()
				if settle == "" {
					fired = faults.Fired()
				} else if err != nil {
					t.Fatal(err)
				}
				// What is seen without an index does not bring anything into one.
				after := before
				if err == nil {
					after = show(tx, picture)
				}
				if settle != "" && settle != "COMMIT" {
					faults.SetPlan(plan)
					_, err = tx.Exec(ctx, settle)
					fired = faults.Fired()
				}
				faults.SetPlan(errfs.Plan{})
				if err == nil && settle != "" {
					after = show(tx, picture)
				}
				if settle == "COMMIT" {
					faults.SetPlan(plan)
				}
				end := tx.Commit(ctx)
				if settle == "COMMIT" {
					fired, err = faults.Fired(), end
					faults.SetPlan(errfs.Plan{})
				}
				if err != nil || end != nil {
					failed++
				}
				if err != nil {
					if fired == 0 || !errors.Is(err, errfs.ErrInjected) && !errors.Is(err, rustlite.ErrIO) {
						t.Fatalf("fault %d: %v", n, err)
					}
				}
				// A commit that failed may be seen by those who open the file again, but whole.
				want := []string{after}
				reopened := want
				if end != nil {
					_ = tx.Rollback()
					want, reopened = []string{before}, []string{before, after}
				} else if err != nil && settle == "" {
					want, reopened = nil, nil // How many statements came before the one that failed is not known.
				}
				where := fmt.Sprintf("fault %d, %v, then %v", n, err, end)
				checkSettled(t, where, db, picture, want)
				_ = db.Close() // Fails where a sync has failed.
				again := open(t, "/db", opts(errfs.New(crashed), 0))
				checkSettled(t, where+", opened again", again, picture, reopened)
				again.Close()
			}
			t.Logf("%d faults came out", failed)
			if failed == 0 {
				t.Error("no fault came out")
			}
		})
	}
}

func checkSettled(t *testing.T, where string, db *rustlite.DB, picture string, want []string) {
	t.Helper()
	if got := show(db, picture); want != nil && !slices.Contains(want, got) {
		t.Fatalf("%s: got %.200s, want %.200s", where, got, want)
	}
	if got := show(db, "PRAGMA integrity_check"); got != "ok|\n" {
		t.Fatalf("%s: %s", where, got)
	}
}
