package rustlite_test

// Goal: what ANALYZE finds decides plans from its commit on, for statements that were prepared before
// too, and goes with a rollback; whatever stands in sqlite_stat1, statements run and answer the same.
// Method: one table with a telling and a dull index on columns of one query; the plan's text tells
// which one was taken.

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const statsSetup = `CREATE TABLE t(id INTEGER PRIMARY KEY, dull INT, keen INT, pad TEXT);
	WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
	INSERT INTO t SELECT i, i % 2, i, 'some text' FROM n;
	CREATE INDEX t_keen ON t(keen);
	CREATE INDEX t_dull ON t(dull);`

// Without statistics both indexes are alike.
const statsQuery = "SELECT count(*), max(pad) FROM t WHERE dull = 1 AND keen = 7"

func planOf(t *testing.T, q querier, sql string) string {
	t.Helper()
	var lines []string
	for _, row := range query(t, q, "EXPLAIN QUERY PLAN "+sql) {
		lines = append(lines, fmt.Sprint(row[3]))
	}
	return strings.Join(lines, "; ")
}

func TestStatistics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, path, nil)
	exec(t, db, statsSetup)
	exec(t, db, "ANALYZE")
	taken := func(q querier) string {
		p := planOf(t, q, statsQuery)
		switch {
		case strings.Contains(p, "t_keen"):
			return "keen"
		case strings.Contains(p, "t_dull"):
			return "dull"
		}
		return p
	}
	check := func(when, want string) {
		t.Helper()
		if got := taken(db); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	check("after ANALYZE", "keen")

	// What a user writes there counts when it is loaded: by ANALYZE of a table
	// that has none, or by the next opening.
	exec(t, db, "UPDATE sqlite_stat1 SET stat = '3000 ' || CASE idx WHEN 't_keen' THEN 3000 ELSE 1 END")
	exec(t, db, "ANALYZE sqlite_schema")
	check("after lies", "dull")
	version := query(t, db, "PRAGMA schema_version")

	tx := begin(t, db, nil)
	exec(t, tx, "ANALYZE t")
	if got := taken(tx); got != "keen" {
		t.Errorf("within: %s", got)
	}
	check("beside an open transaction", "dull")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	check("after ROLLBACK", "dull")

	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, path, nil)
	check("after opening", "dull")
	exec(t, db, "ANALYZE t_keen")
	exec(t, db, "ANALYZE t_dull")
	check("after ANALYZE of the indexes", "keen")
	if again := query(t, db, "PRAGMA schema_version"); fmt.Sprint(again) != fmt.Sprint(version) {
		t.Errorf("schema_version %v, was %v", again, version)
	}
	exec(t, db, "UPDATE sqlite_stat1 SET stat = '3000 1' WHERE idx = 't_dull'; UPDATE sqlite_stat1 SET stat = '3000 9' WHERE idx = 't_keen'")
	exec(t, db, "CREATE TABLE another(x)")
	check("after a change of the schema", "dull")
	exec(t, db, "DELETE FROM sqlite_stat1; PRAGMA optimize")
	check("after optimize", "keen")
}

// A statement that is prepared sees new statistics when it runs next, on its own connection and on
// another.
func TestStatisticsOfPrepared(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	exec(t, db, statsSetup)
	exec(t, db, "ANALYZE")
	exec(t, db, "UPDATE sqlite_stat1 SET stat = '3000 ' || CASE idx WHEN 't_keen' THEN 3000 ELSE 1 END; ANALYZE sqlite_schema")
	st, err := db.Prepare(ctx, "EXPLAIN QUERY PLAN "+statsQuery)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	index := func() string {
		rows, err := st.Query(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		line := ""
		for rows.Next() {
			var a, b, c any
			if err := rows.Scan(&a, &b, &c, &line); err != nil {
				t.Fatal(err)
			}
		}
		return line
	}
	before := index()
	exec(t, db, "ANALYZE")
	if after := index(); !strings.Contains(before, "t_dull") || !strings.Contains(after, "t_keen") {
		t.Errorf("%q, after ANALYZE %q", before, after)
	}
}

// Nobody believes sqlite_stat1 blindly.
func TestStatisticsOfAnything(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	exec(t, db, statsSetup)
	exec(t, db, `CREATE TABLE w(a, b, PRIMARY KEY(a, b)) WITHOUT ROWID; INSERT INTO w SELECT dull, keen FROM t;
		CREATE INDEX t_part ON t(keen) WHERE dull = 1; ANALYZE`)
	queries := []string{statsQuery, "SELECT count(*) FROM t, w WHERE t.keen = w.b AND w.a = 1 AND t.keen < 100",
		"SELECT sum(b) FROM w WHERE a = 0 AND b < 50", "SELECT keen FROM t WHERE keen > 2990 ORDER BY keen",
		"SELECT dull, count(*) FROM t GROUP BY dull ORDER BY 1"}
	var want []string
	for _, q := range queries {
		want = append(want, fmt.Sprint(query(t, db, q)))
	}
	for _, stat := range []any{nil, "", " ", "x", "0", "0 0 0", "1", "-5 -5", "3000", "99999999999999999999999999 1", "1 99999999999999999999999999",
		"3000 1 1 1 1 1 1 1 1", "3000 unordered", "3000 2 unordered sz=5 noskipscan", "3000 2 sz=", "3000 2 sz=99999999999999999999", "1e9 5",
		"3000\x00 5", []byte("3000 5"), 3000, 3000.5, "3000 2 " + strings.Repeat("7 ", 10000)} {
		exec(t, db, "UPDATE sqlite_stat1 SET stat = ?", stat)
		exec(t, db, "INSERT INTO sqlite_stat1 VALUES (NULL, NULL, NULL), ('t', 'w', '5 5'), ('nothing', 'nothing', '1 1'), (x'00', 5, 5), ('w', 't', '1')")
		exec(t, db, "ANALYZE sqlite_schema")
		for i, q := range queries {
			if got := fmt.Sprint(query(t, db, q)); got != want[i] {
				t.Errorf("%v: %s: %s, want %s", stat, q, got, want[i])
			}
		}
	}
}

// A join of tables that nobody analyzed begins where fewest rows are left, which samples of the tables tell; they are
// taken anew when a table has grown.
func TestSamples(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.db"), nil)
	exec(t, db, `CREATE TABLE part(id INTEGER PRIMARY KEY, kind TEXT, day TEXT, color TEXT);
		CREATE TABLE sale(part INT, shop INT, day INT); CREATE INDEX salepart ON sale(part);
		CREATE TABLE shop(id INTEGER PRIMARY KEY, town TEXT)`)
	grow := func(from, to int) {
		exec(t, db, fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO part SELECT i, 'kind ' || (i * 7919 %% 200), printf('day %%05d', i * 31 %% 5000), CASE WHEN i < 20000 THEN 'red' ELSE i END FROM n`, from, to-1))
	}
	grow(0, 20000)
	exec(t, db, `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39999)
		INSERT INTO sale SELECT i % 20000, i % 500, i * 7 % 365 FROM n;
		INSERT INTO shop SELECT DISTINCT shop, 'town ' || shop % 3 FROM sale`)
	first := func(where string) string {
		p := planOf(t, db, "SELECT count(*) FROM sale, part, shop WHERE sale.part = part.id AND sale.shop = shop.id AND "+where)
		return strings.Fields(p)[1]
	}
	for where, want := range map[string]string{
		"kind = 'kind 17'": "part",
		"part.day >= 'day 01000' AND part.day < 'day 01010'": "part",
		"color = 'red'": "sale",
		"part.day >= 'day 01000' AND part.day < 'day 04900'": "sale",
		"part.day > 'day'": "sale",
	} {
		if got := first(where); got != want {
			t.Errorf("%s: %s comes first, want %s", where, got, want)
		}
	}
	grow(20000, 60000)
	if got := first("color = '55555'"); got != "part" {
		t.Errorf("grown: %s comes first, want part", got)
	}
}
