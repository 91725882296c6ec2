package rustlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

// splitTable fills a database with a table for scans to be split.
func splitTable(t *testing.T, path string, rows int, opts *rustlite.Options) *rustlite.DB {
	t.Helper()
	db := open(t, path, opts)
	exec(t, db, "CREATE TABLE t(id INTEGER PRIMARY KEY, g INT, i INT, r REAL, s TEXT, big TEXT)")
	exec(t, db, "CREATE TABLE d(k INT, name TEXT)")
	exec(t, db, `WITH RECURSIVE c(n) AS (VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n < ?)
		INSERT INTO t SELECT n, n*7%13, n*n%1009, n*0.25, 'text '||(n%29), iif(n%500=0, hex(zeroblob(4000)), 'b') FROM c`, rows)
	exec(t, db, "INSERT INTO d SELECT DISTINCT i, 'name '||i%17 FROM t")
	return db
}

// show runs a query and returns its rows as one text, or its error.
func show(db querier, sql string, args ...any) string {
	rows, err := db.Query(context.Background(), sql, args...)
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		for i := range rows.Columns() {
			fmt.Fprint(&b, rows.Any(i), "|")
		}
		b.WriteByte('\n')
	}
	if err := rows.Err(); err != nil {
		return err.Error()
	}
	return b.String()
}

var splitQueries = []string{
	"SELECT count(*), count(s), sum(i), avg(i), total(i), min(i), max(s), sum(r) FROM t",
	"SELECT g, count(*), sum(i), min(s), max(r), sum(r) FROM t GROUP BY g",
	"SELECT s, g, avg(r) FROM t WHERE i % 3 = 1 GROUP BY s, g HAVING count(*) > 10 ORDER BY 3 DESC, 1, 2 LIMIT 20",
	"SELECT i, sum(length(big)) FROM t GROUP BY i",
	"SELECT id, count(*) FROM t GROUP BY id",
	"SELECT name, count(*), sum(r) FROM t JOIN d ON d.k = t.i GROUP BY name",
	"SELECT count(*), max(name) FROM t LEFT JOIN d ON d.k = t.i + 1000 WHERE t.s LIKE '%1%'",
	"SELECT sum(x.r) FROM t x JOIN t y ON y.id = x.id + 5 WHERE x.g IN (1, 2, 12)",
	"SELECT count(*), sum(i) FROM t WHERE id BETWEEN 777 AND 15000 AND g <> 3",
	"SELECT (SELECT sum(i) FROM t WHERE g > 3) - (SELECT sum(i) FROM t WHERE g <= 3)",
	"SELECT sum(iif(id < 10000, 4611686018427387904, -4611686018427387904)) FROM t WHERE id % 5000 = 0",
	"SELECT g, sum(iif(id < 10000, 4611686018427387904, -4611686018427387904)) FROM t WHERE id % 5000 = 0 GROUP BY g",
	"SELECT sum(iif(id > 19990, 'x', id)), sum(iif(id < 10, 1.5, 9007199254740993)), avg(9e307 * g) FROM t",
	"SELECT count(*) FILTER (WHERE g = 1), sum(i) FILTER (WHERE g = 2) FROM t",
	"SELECT i, s FROM t ORDER BY i",
	"SELECT id, r FROM t WHERE g > 4 ORDER BY s DESC, g, id",
	"SELECT id, g FROM t ORDER BY g DESC, s LIMIT 30 OFFSET 100",
	"SELECT t.id, name FROM t JOIN d ON d.k = t.i ORDER BY name, g",
	"SELECT id, rank() OVER (PARTITION BY g ORDER BY i), sum(r) OVER (ORDER BY id) FROM t",
	"SELECT DISTINCT g, s FROM t WHERE id > 50",
	"SELECT DISTINCT s FROM t ORDER BY s DESC LIMIT 7",
	"SELECT DISTINCT name FROM t JOIN d ON d.k = t.i WHERE g < 9",
	"SELECT count(DISTINCT s), sum(DISTINCT i), sum(i), avg(DISTINCT g) FILTER (WHERE i > 5), max(DISTINCT big) FROM t",
	"SELECT total(DISTINCT iif(id = 19999, NULL, id)), count(DISTINCT NULL) FROM t",
	"SELECT json_extract('{\"a\":' || g || '}', '$.a') AS k, count(*), sum(i) FROM t GROUP BY k",
	"SELECT s || g, count(*), max(json_extract('[' || i || ']', '$[0]')) FROM t GROUP BY 1",
	"SELECT g, sum(json_extract(iif(id = 17000, '[', '[1]'), '$[0]')) FROM t GROUP BY g",
	"SELECT g, sum(abs(iif(id = 200, -9223372036854775807 - 1, i))) FROM t GROUP BY g",
	"SELECT s, count(*), min(i) FROM t GROUP BY s",
	"SELECT i, max(r), count(*) FROM t GROUP BY i",
	"SELECT iif(id % 7 = 3, NULL, i), count(*), big FROM t GROUP BY 1",
	"SELECT iif(id > 12000, s, i) AS k, count(*), sum(r) FROM t GROUP BY k",
	"SELECT id / 9, sum(i) FROM t GROUP BY id / 9 HAVING sum(i) > 4000",
	"SELECT count(DISTINCT iif(id > 12000, s, i)), max(DISTINCT iif(id % 7 = 3, NULL, i)), count(DISTINCT iif(id % 7 = 3, NULL, s)) FROM t",
	"SELECT count(*) FROM (SELECT g, s FROM t GROUP BY g, s) JOIN (SELECT max(i) AS m FROM t)",
}

// TestSplitAnswers: a scan that is split gives what the whole one gives, also
// where sums overflow only in one of the two, where groups outgrow their memory,
// and while many statements run at once.
func TestSplitAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.rldb")
	whole := splitTable(t, path, 20000, &rustlite.Options{Workers: 1})
	want := map[string]string{}
	for _, q := range splitQueries {
		want[q] = show(whole, q)
	}
	whole.Close()
	configs := []rustlite.Options{
		{Workers: 3, SplitRows: 1, SortBytesMax: 3000}, {Workers: 2, SplitRows: 5000},
		{}, {Workers: 8, SplitRows: 100}, {Workers: 2, SplitRows: 1}, {Workers: 3, SplitRows: 1, NoMap: true}, {Workers: 3, SplitRows: 1, BatchRows: 7},
	}
	if testing.Short() {
		configs = configs[:2]
	}
	for _, opts := range configs {
		db := open(t, path, &opts)
		var all sync.WaitGroup
		for n := range 2 {
			all.Go(func() {
				for i := range splitQueries {
					q := splitQueries[(i+3*n)%len(splitQueries)]
					if got := show(db, q); got != want[q] {
						t.Errorf("%+v: %s\ngot  %.300s\nwant %.300s", opts, q, got, want[q])
					}
				}
			})
		}
		all.Wait()
		db.Close()
	}
}

// TestSplitWithin: changes of the own transaction are seen, those of others are
// not, and a subquery that is run for each row is split as often.
func TestSplitWithin(t *testing.T) {
	db := splitTable(t, filepath.Join(t.TempDir(), "t.rldb"), 3000, &rustlite.Options{Workers: 3, SplitRows: 1})
	reader, err := db.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Rollback()
	count := func(q querier, sql string) (n int64) {
		t.Helper()
		rows, err := q.Query(ctx, sql)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			n += rows.Int64(0)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const all = "SELECT count(*) FROM t WHERE g >= 0"
	if n := count(reader, all); n != 3000 {
		t.Error(n)
	}
	writer, err := db.Begin(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, writer, "DELETE FROM t WHERE id > 2900")
	if n := count(writer, all); n != 2900 {
		t.Error(n)
	}
	if err := writer.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if n := count(reader, all); n != 3000 {
		t.Error(n)
	}
	if n := count(db, all); n != 2900 {
		t.Error(n)
	}
	const each = "SELECT (SELECT count(*) FROM t WHERE i > d.k AND g >= 0) FROM d"
	if n, m := count(db, each), count(db, "SELECT count(*) FROM t, d WHERE i > d.k"); n != m {
		t.Error(n, m)
	}
}

// TestSplitDamage: the damage that a helper meets is the statement's error.
func TestSplitDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.rldb")
	splitTable(t, path, 20000, nil).Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.LastIndex(string(b), "text 28")
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{1, 2, 4} {
		db := open(t, path, &rustlite.Options{Workers: workers, SplitRows: 1})
		for _, q := range []string{"SELECT sum(i) FROM t WHERE g >= 0", "SELECT g, count(*) FROM t GROUP BY g"} {
			if rows, err := db.Query(context.Background(), q); err == nil {
				for rows.Next() {
					t.Error("a row")
				}
				if err := rows.Err(); !errors.Is(err, rustlite.ErrCorrupt) {
					t.Error(workers, q, err)
				}
				rows.Close()
			}
		}
		db.Close()
	}
}

// TestSplitCancel: the end of the context ends the work of all helpers.
func TestSplitCancel(t *testing.T) {
	db := splitTable(t, ":memory:", 20000, &rustlite.Options{Workers: 3, SplitRows: 1})
	for _, q := range []string{
		"SELECT count(*) FROM t x JOIN t y ON y.r + x.r > 0 WHERE x.g >= 0",
		"SELECT x.i, count(*) FROM t x JOIN t y ON y.r + x.r > 0 GROUP BY x.i",
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		begin := time.Now()
		rows, err := db.Query(ctx, q)
		if err == nil {
			rows.Next()
			err = rows.Err()
			rows.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if d := time.Since(begin); d > 5*time.Second {
			t.Error("took", d)
		}
		cancel()
	}
}

// TestSplitIndexes: an index that is made of the rows that several goroutines read has the entries that
// row by row it would have, also within a transaction that has changed the table.
func TestSplitIndexes(t *testing.T) {
	indexes := []string{
		"ON t(i)", "ON t(i DESC, s)", "ON t(s COLLATE NOCASE, r)", "ON t(r)", "ON t(big)", "ON t(g) WHERE i > 500",
		"ON t(i + r, id)", "ON t(coalesce(nullif(g, 3), s))", "ON t(upper(s)) WHERE r IS NOT NULL",
	}
	unique := []string{"(id)", "(r, s)", "(i, g, s)", "(big)"}
	var wrong [2]string
	configs := []rustlite.Options{{Workers: 1, BatchRows: -1}, {Workers: 3, SplitRows: 1}, {Workers: 2, SplitRows: 1, SortBytesMax: 30000}, {Workers: 4, SplitRows: 100, NoMap: true}}
	for n, opts := range configs {
		db := splitTable(t, filepath.Join(t.TempDir(), "t.rldb"), 8000, &opts)
		within, err := db.Begin(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		exec(t, within, "UPDATE t SET r = iif(id % 2, NULL, id / 2), s = iif(id % 3, upper(s), id), i = iif(id % 5, i, -i * 0.5) WHERE id % 7 > 2")
		exec(t, within, "DELETE FROM t WHERE id % 100 = 1")
		for i, x := range indexes {
			exec(t, within, fmt.Sprintf("CREATE INDEX x%d %s", i, x))
		}
		told := ""
		for i, x := range unique {
			_, err := within.Exec(ctx, fmt.Sprintf("CREATE UNIQUE INDEX u%d ON t%s", i, x))
			told += fmt.Sprintln(err)
		}
		if told += show(db, "SELECT count(*) FROM t"); wrong[0] == "" {
			wrong[0] = told
		} else if told != wrong[0] {
			t.Errorf("%+v: got %s, want %s", opts, told, wrong[0])
		}
		if err := within.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		told = ""
		for i := range indexes {
			told += show(db, fmt.Sprintf("SELECT count(*), sum(id), min(i), max(s) FROM t INDEXED BY x%d WHERE i > 500 AND r IS NOT NULL", i))
		}
		if n == 0 {
			wrong[1] = told
		} else if told != wrong[1] {
			t.Errorf("%+v: got %s, want %s", opts, told, wrong[1])
		}
		if got := show(db, "PRAGMA integrity_check"); got != "ok|\n" {
			t.Errorf("%+v: %s", opts, got)
		}
		db.Close()
	}
}

// TestSplitFunction: a function of the user's is called by one goroutine, in the
// order of the rows, and shown as no function of ours.
func TestSplitFunction(t *testing.T) {
	db := splitTable(t, ":memory:", 3000, &rustlite.Options{Workers: 3, SplitRows: 1})
	last := int64(0)
	err := db.CreateFunction("rising", rustlite.Function{Args: 1, Pure: true, Scalar: func(args *rustlite.Row) (any, error) {
		if args.Int64(0) <= last {
			t.Errorf("row %d after %d", args.Int64(0), last)
		}
		last = args.Int64(0)
		return last % 7, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := show(db, "SELECT count(*), sum(k) FROM (SELECT rising(id) AS k, count(*) FROM t GROUP BY 1)"); got != "7|21|\n" {
		t.Error(got)
	}
	if got := show(db, "SELECT builtin FROM pragma_function_list WHERE name = 'rising'"); got != "0|\n" {
		t.Error(got)
	}
}
