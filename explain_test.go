package rustlite_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestExplainAnalyze: the lines of the plan come with what a run did, and the
// statement has run.
func TestExplainAnalyze(t *testing.T) {
	db := splitTable(t, ":memory:", 2000, nil)
	exec(t, db, "CREATE INDEX di ON d(k)")
	for _, test := range []struct{ sql, want string }{
		{"SELECT g, sum(i) FROM t WHERE i > 5 GROUP BY g ORDER BY 2", `
			SCAN t IN BATCHES|2000|1
			USE TEMP B-TREE FOR GROUP BY|13|1
			USE TEMP B-TREE FOR ORDER BY|13|1
			STATEMENT|13|1`},
		{"SELECT name FROM d WHERE k BETWEEN 0 AND 9", `
			SEARCH d USING INDEX di (k>? AND k<?)|10|1
			STATEMENT|10|1`},
		{"WITH c AS (SELECT 1) SELECT * FROM c, t WHERE id < 3", `
			SEARCH t USING INTEGER PRIMARY KEY (rowid<?)|2|1
			CO-ROUTINE c|1|1
			SCAN CONSTANT ROW|1|1
			SCAN c|1|1
			STATEMENT|2|1`},
		{"SELECT x.id FROM t x JOIN t y ON y.id = x.id + 1990 WHERE x.id < 100", `
			SEARCH x USING INTEGER PRIMARY KEY (rowid<?)|99|1
			SEARCH y USING INTEGER PRIMARY KEY (rowid=?)|10|99
			STATEMENT|10|1`},
		{"SELECT DISTINCT g FROM t WHERE id IN (SELECT k FROM d WHERE k < 50)", `
			USE TEMP B-TREE FOR DISTINCT|12|1
			SEARCH t USING INTEGER PRIMARY KEY (rowid=?)|33|1
			LIST SUBQUERY 1|34|1
			SEARCH d USING COVERING INDEX di (k<?)|34|1
			STATEMENT|12|1`},
		{"SELECT id, (SELECT max(k) FROM d WHERE d.k < t.id) FROM t WHERE id < 4", `
			SEARCH t USING INTEGER PRIMARY KEY (rowid<?)|3|1
			CORRELATED SCALAR SUBQUERY 1|3|3
			SEARCH d USING COVERING INDEX di (k<?)|3|3
			STATEMENT|3|1`},
		{"SELECT x.n, count(DISTINCT t.g) FROM (SELECT g, count(*) AS n FROM t GROUP BY g) AS x JOIN t ON t.id = x.g", `
			USE TEMP B-TREE FOR count(DISTINCT)|12|1
			SEARCH t USING INTEGER PRIMARY KEY (rowid=?)|12|13
			CO-ROUTINE x|13|1
			SCAN t IN BATCHES|2000|1
			USE TEMP B-TREE FOR GROUP BY|13|1
			SCAN x|13|1
			STATEMENT|1|1`},
		{"UPDATE t SET g = g + 1 WHERE id <= 7", `
			SEARCH t USING INTEGER PRIMARY KEY (rowid<?)|7|1
			STATEMENT|7|1`},
		{"INSERT INTO d VALUES (5000, 'new')", `
			STATEMENT|1|1`},
		{"SELECT name FROM d WHERE k = 5000", `
			SEARCH d USING INDEX di (k=?)|1|1
			STATEMENT|1|1`},
	} {
		rows, err := db.Query(ctx, "EXPLAIN ANALYZE "+test.sql)
		if err != nil {
			t.Fatal(test.sql, err)
		}
		got := ""
		pages := int64(0)
		for rows.Next() {
			if rows.Float64(6) < 0 || rows.Int64(7) < 0 {
				t.Error(test.sql, rows.Any(6), rows.Any(7))
			}
			pages += rows.Int64(7)
			got += "\n" + strings.Join([]string{rows.Text(3), anyText(rows.Any(4)), anyText(rows.Any(5))}, "|")
		}
		if rows.Err() != nil || pages == 0 {
			t.Error(test.sql, pages, rows.Err())
		}
		if want := strings.ReplaceAll(test.want, "\t", ""); got != want {
			t.Errorf("%s:%s\nwant:%s", test.sql, got, want)
		}
	}
	if got := show(db, "EXPLAIN ANALYZE SELECT abs(-9223372036854775808)"); got != "integer overflow" {
		t.Error(got)
	}
	// What the reference means by these words: its ANALYZE, explained.
	exec(t, db, "CREATE TABLE replace(a)")
	for _, sql := range []string{"EXPLAIN ANALYZE", "EXPLAIN ANALYZE t", "EXPLAIN ANALYZE main.t;", "EXPLAIN ANALYZE replace"} {
		if got := show(db, sql); !strings.Contains(got, "|Init|") {
			t.Errorf("%s: %.80s", sql, got)
		}
	}
}

func anyText(v any) string { return fmt.Sprint(v) }
