package rustlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rustlite/rustlite"
)

// Goal: a lookup through a prepared statement allocates its Rows and what the caller asks for, and connections that are
// taken and given back by many goroutines, while the DB closes, are neither lost nor used after.

func lookupFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "lookup.rldb")
	db, err := rustlite.Open(path, nil)
	must(t, err)
	_, err = db.Exec(t.Context(), `CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO t SELECT i, i * 7, 'label ' || i, i / 3.0 FROM n;
		CREATE INDEX ta ON t(a)`)
	must(t, err)
	must(t, db.Close())
	return path
}

func TestLookupAllocs(t *testing.T) {
	path := lookupFile(t)
	ctx := context.Background()
	db, err := rustlite.Open(path, nil)
	must(t, err)
	defer db.Close()
	args := make([]any, 1)
	keys := []any{700, 1400, 7, 14000}
	for _, q := range []string{"SELECT a, b, c FROM t WHERE id = ?", "SELECT id, b, c FROM t WHERE a = ?"} {
		s, err := db.Prepare(ctx, q)
		must(t, err)
		i := 0
		n := testing.AllocsPerRun(200, func() {
			args[0] = keys[i%len(keys)]
			i++
			rows, err := s.Query(ctx, args...)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				_, _ = rows.Int64(0), rows.Float64(2)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		})
		if n > 1.1 {
			t.Errorf("%s allocates %v times", q, n)
		}
	}
	sdb, err := sql.Open("rustlite", path)
	must(t, err)
	defer sdb.Close()
	st, err := sdb.Prepare("SELECT a, b, c FROM t WHERE id = ?")
	must(t, err)
	var a int64
	var b string
	var c float64
	dest := []any{&a, &b, &c}
	n := testing.AllocsPerRun(200, func() {
		args[0] = keys[0]
		if err := st.QueryRow(args...).Scan(dest...); err != nil {
			t.Fatal(err)
		}
	})
	if n > 14 { // Ours of them is one, the rows; the values share slabs.
		t.Errorf("QueryRow allocates %v times", n)
	}
}

func TestLanes(t *testing.T) {
	for range 30 {
		db, err := rustlite.Open(":memory:", nil)
		must(t, err)
		_, err = db.Exec(t.Context(), "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)")
		must(t, err)
		s, err := db.Prepare(t.Context(), "SELECT sum(a) FROM t")
		must(t, err)
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				for i := range 200 {
					rows, err := s.Query(context.Background())
					if err != nil {
						if g == 0 {
							t.Error(err) // It closes the DB itself.
						}
						return
					}
					var inner *rustlite.Rows
					if i%5 == 0 {
						inner, _ = s.Query(context.Background()) // A second connection.
					}
					for rows.Next() {
						if n := rows.Int64(0); n != 6 {
							t.Error(n)
						}
					}
					if err := rows.Close(); err != nil {
						t.Error(err)
					}
					if inner != nil {
						must(t, inner.Close())
					}
					if g == 0 && i == 150 {
						must(t, db.Close())
						return
					}
				}
			})
		}
		wg.Wait()
		if _, err := s.Query(t.Context()); err == nil {
			t.Fatal("a closed DB answers")
		}
		must(t, db.Close())
	}
}
