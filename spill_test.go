package rustlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

// A transaction that is larger than its share of memory reads what it wrote,
// rolls parts of it back, and commits or comes to nothing, while others read.
func TestLargeTransaction(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.rldb")
	opts := &Options{PageSize: 1024, LogLimitBytes: 32 << 10}
	db, err := Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { db.Close() }()
	count := func(want int, q interface {
		Query(context.Context, string, ...any) (*Rows, error)
	}) {
		t.Helper()
		rows, err := q.Query(ctx, "SELECT count(*), coalesce(sum(length(b)), 0), count(DISTINCT a) FROM t INDEXED BY ta WHERE a >= 0")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() || rows.Int64(0) != int64(want) || rows.Int64(1) != int64(30*want) || rows.Int64(2) != int64(want) {
			t.Fatalf("%d rows of %d bytes, want %d (%v)", rows.Int64(0), rows.Int64(1), want, rows.Err())
		}
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.Exec(ctx, "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT); CREATE INDEX ta ON t(a)"))
	total := 0
	for round := range 6 {
		tx, err := db.Begin(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		insert := func(n int) {
			t.Helper()
			for i := range n {
				must(tx.Exec(ctx, "INSERT INTO t(a, b) VALUES (?, ?)", (i*7919)%n*10+round+100_000*total, fmt.Sprintf("%030d", i)))
			}
		}
		before := total
		insert(1500)
		total += 1500
		count(total, tx)
		must(tx.Exec(ctx, "SAVEPOINT s"))
		must(tx.Exec(ctx, "UPDATE t SET b = substr(b, 2) || 'x', a = a + 1"))
		must(tx.Exec(ctx, "DELETE FROM t WHERE id % 3 = 0"))
		insert(300)
		must(tx.Exec(ctx, "ROLLBACK TO s"))
		count(total, tx)
		count(before, db)
		must(tx.Exec(ctx, "UPDATE t SET b = upper(b) WHERE id % 2 = 0"))
		insert(5)
		total += 5
		if round%2 == 0 {
			err, total = tx.Rollback(), before
		} else {
			err = tx.Commit(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		count(total, db)
		if round == 3 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if db, err = Open(path, opts); err != nil {
				t.Fatal(err)
			}
			count(total, db)
		}
	}
	rows, err := db.Query(ctx, "PRAGMA integrity_check")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() || rows.Text(0) != "ok" {
		t.Fatal(rows.Text(0), rows.Err())
	}
}
