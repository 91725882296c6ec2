package rustlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/sqltest"
)

// Goal: the size of a batch changes no answer. Method: the SQL corpus, whose
// answers are the reference's, in batches of 1 and of 7 rows, and on pages of
// 64 KiB in batches as large as the machine takes, which no leaf of a smaller
// page fills.
func TestCorpusByBatchSize(t *testing.T) {
	list, err := filepath.Glob("fuzz/sqltest/testdata/*.test")
	if err != nil || len(list) == 0 {
		t.Fatal(err, "no corpus")
	}
	for _, c := range []struct{ rows, pageSize int }{{1, 0}, {7, 0}, {1024, 65536}} {
		for _, path := range list {
			t.Run(fmt.Sprintf("%d rows/%s", c.rows, filepath.Base(path)), func(t *testing.T) {
				db := open(t, ":memory:", &rustlite.Options{PageSize: c.pageSize})
				conn, err := db.Conn(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				conn.SetBatchRows(c.rows)
				if got := batchRows(t, conn); got != c.rows {
					t.Fatalf("batches of %d rows", got)
				}
				rep, err := sqltest.RunFile(sqltest.On(conn), path, "sqlite", "rustlite")
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range rep.Failures {
					t.Error(f)
				}
				if rep.Passed != rep.Records {
					t.Errorf("%d of %d records passed", rep.Passed, rep.Records)
				}
			})
		}
	}
}

// batchRows asks EXPLAIN how large the batches of a statement are.
func batchRows(t *testing.T, conn *rustlite.Conn) int {
	t.Helper()
	rows, err := conn.Query(context.Background(), "EXPLAIN SELECT sum(rootpage) FROM sqlite_schema")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if r := rows.Row(); r.Text(1) == "VOpen" {
			return int(r.Int64(4))
		}
	}
	t.Fatal("no batches")
	return 0
}
