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
			// Ten milliseconds are the aim; the machine may be busy, but not each time.
			late := time.Hour
			for try := 0; try < 3 && late > 300*time.Millisecond; try++ {
				c, cancel := context.WithTimeout(ctx, after)
				begin := time.Now()
				res, err := db.Query(c, query)
				if err == nil {
					for res.Next() {
					}
					err = res.Close()
				}
				late = min(late, time.Since(begin)-after)
				cancel()
				wantCode(t, err, rustlite.ErrInterrupt)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v", query, err)
				}
			}
			if late > 300*time.Millisecond {
				t.Errorf("%s: %s late", query, late)
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

// Between two calls of a slow function, or two long texts, a statement ends too:
// it does not go on to the end of its batch.
func TestCancelSlowFunction(t *testing.T) {
	db := openMemory(t)
	must(t, db.CreateFunction("slow", rustlite.Function{Args: 1, Pure: true, Scalar: func(args *rustlite.Row) (any, error) {
		time.Sleep(time.Millisecond)
		return args.Any(0), nil
	}}))
	exec(t, db, "CREATE TABLE big(id INTEGER PRIMARY KEY, x INT)")
	exec(t, db, "INSERT INTO big WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 4000) SELECT i, i FROM c")
	for _, text := range []string{"SELECT sum(slow(x)) FROM big", "SELECT slow(x), count(*) FROM big GROUP BY 1", "SELECT count(*) FROM big WHERE slow(x) > 5",
		"SELECT x FROM big ORDER BY slow(x)", "UPDATE big SET x = slow(x + 1)", "CREATE INDEX i ON big(slow(x))", "DELETE FROM big WHERE slow(x) > 0",
		"SELECT sum(slow(x)) OVER (ORDER BY id) FROM big", "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT slow(i + 1) FROM c) SELECT count(*) FROM c",
		"SELECT sum(length(zeroblob(1000000) || x)) FROM big"} {
		const after = 20 * time.Millisecond
		c, cancel := context.WithTimeout(ctx, after)
		begin := time.Now()
		rows, err := db.Query(c, text)
		if err == nil {
			for rows.Next() {
			}
			err = rows.Close()
		}
		if late := time.Since(begin) - after; late > 300*time.Millisecond {
			t.Errorf("%s: %s late", text, late)
		}
		cancel()
		wantCode(t, err, rustlite.ErrInterrupt)
	}
	want(t, query(t, db, "SELECT count(*), sum(x), (SELECT count(*) FROM sqlite_schema) FROM big"), row{int64(4000), int64(8002000), int64(1)})
}
