package rustlite_test

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/rustlite/rustlite"
)

// TestChangesUnderBatch reads rows that a filter chooses batch by batch while
// the same transaction changes the table: every kind of batch shows what reading
// row by row shows. In every other run the transaction only reads until its first
// change: its first batches are of several leaves.
func TestChangesUnderBatch(t *testing.T) {
	ctx := context.Background()
	run := func(t *testing.T, batch int, seed int64) (ids []int64) {
		db, err := rustlite.Open(":memory:", &rustlite.Options{BatchRows: batch, PageSize: 1024})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rng := rand.New(rand.NewSource(seed))
		tx, err := db.Begin(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		exec := func(sql string, args ...any) {
			t.Helper()
			if _, err := tx.Exec(ctx, sql, args...); err != nil {
				t.Fatal(err)
			}
		}
		exec("CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT)")
		for i := 1; i <= 400; i++ {
			exec("INSERT INTO t VALUES(?, ?, ?)", 2*i, rng.Intn(10), fmt.Sprintf("%*d", 1+rng.Intn(30), i))
			if rng.Intn(50) == 0 {
				exec("UPDATE t SET b = ? WHERE id = ?", string(make([]byte, 3000)), 2*i)
			}
		}
		if seed%2 == 0 {
			if err := tx.Commit(ctx); err != nil {
				t.Fatal(err)
			}
			if tx, err = db.Begin(ctx, nil); err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
		}
		wait := 0
		rows, err := tx.Query(ctx, "SELECT id, length(b) FROM t WHERE a > 3 AND id BETWEEN 20 AND 700 AND b <> ''")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			id := rows.Int64(0)
			ids = append(ids, id, rows.Int64(1))
			if wait++; seed%4 == 0 && wait < 40 {
				continue
			}
			switch near := id + int64(rng.Intn(40)) - 10; rng.Intn(12) {
			case 0:
				exec("DELETE FROM t WHERE id = ?", near)
			case 1:
				exec("INSERT OR IGNORE INTO t VALUES(?, 9, 'new')", near|1)
			case 2:
				exec("UPDATE t SET a = 9 - a WHERE id BETWEEN ? AND ?", near, near+20)
			case 3:
				exec("UPDATE t SET b = ? WHERE id = ?", string(make([]byte, rng.Intn(2000))), near)
			case 4:
				exec("UPDATE t SET id = id + 1001 WHERE id = ?", near)
			}
			if len(ids) > 4000 {
				t.Fatal("the rows do not end")
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	for seed := int64(1); seed <= 20; seed++ {
		want := run(t, -1, seed)
		for _, batch := range []int{0, 1, 7} {
			if got := run(t, batch, seed); !slices.Equal(got, want) {
				t.Fatalf("seed %d, batches of %d: %d, by rows %d", seed, batch, got, want)
			}
		}
	}
}
