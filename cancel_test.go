package rustlite_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

// Goal: a context that ends stops a running statement at once, undoes it, and leaves everything usable. Method:
// statements of each kind that takes long, stopped at several moments; what they left is compared with before.

func TestCancelStatement(t *testing.T) {
	db, err := rustlite.Open(":memory:", nil)
	must(t, err)
	defer db.Close()
	const rows = 100_000
	must(t, db.Update(ctx, func(tx *rustlite.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE big(id INTEGER PRIMARY KEY, x INT, t TEXT)"); err != nil {
			return err
		}
		st, err := tx.Prepare(ctx, "INSERT INTO big VALUES (?, ?, ?)")
		if err != nil {
			return err
		}
		for i := range rows {
			if _, err := st.Exec(ctx, i, i*7919%1000003, fmt.Sprint("text ", i)); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, query := range []string{
		"SELECT count(*) FROM big a, big b WHERE a.x + b.x = 7",
		"SELECT sum(a.x) FROM big a, big b",
		"SELECT a.t FROM big a, big b ORDER BY a.t, b.t",
		"SELECT DISTINCT a.t || b.x FROM big a, big b",
		"SELECT a.t, count(*) FROM big a, big b GROUP BY a.t, b.x % 10",
		"SELECT x FROM big UNION SELECT a.t || b.x FROM big a, big b",
		"CREATE TABLE c AS SELECT a.* FROM big a, big b",
		"INSERT INTO big(x) SELECT a.x FROM big a, big b",
		"UPDATE big SET x = (SELECT sum(x) FROM big b WHERE b.x > big.x)",
		"DELETE FROM big WHERE (SELECT sum(x) FROM big b WHERE b.x > big.x) > 0",
	} {
		for _, after := range []time.Duration{time.Millisecond, 40 * time.Millisecond} {
			c, cancel := context.WithTimeout(ctx, after)
			begin := time.Now()
			res, err := db.Query(c, query)
			if err == nil {
				for res.Next() {
				}
				err = res.Close()
			}
			// Ten milliseconds are the aim; the machine may be busy.
			if late := time.Since(begin) - after; late > 300*time.Millisecond {
				t.Errorf("%s: %s late", query, late)
			}
			cancel()
			wantCode(t, err, rustlite.ErrInterrupt)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", query, err)
			}
		}
	}
	for row, err := range db.All(ctx, "SELECT count(*), max(id), (SELECT count(*) FROM sqlite_schema) FROM big") {
		must(t, err)
		if row.Int64(0) != rows || row.Int64(1) != rows-1 || row.Int64(2) != 1 {
			t.Errorf("%d rows up to %d, %d tables", row.Int64(0), row.Int64(1), row.Int64(2))
		}
	}
}
