package rustlite_test

// Goal: a plan goes by how the values of a column spread, by itself and after ANALYZE, and with the tables as they
// grow and change, for statements that were prepared before too. Method: a table of orders with a state that most of
// them have; the plan's text tells what was chosen.

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
)

// skewed fills orders: one state of every thousand rows is 'lost', ten are 'open', the others are 'done'.
func skewed(t *testing.T, db *rustlite.DB, rows int) {
	t.Helper()
	exec(t, db, `CREATE TABLE IF NOT EXISTS orders(id INTEGER PRIMARY KEY, state TEXT, day INT, pad TEXT);
		CREATE INDEX IF NOT EXISTS orders_state ON orders(state);
		CREATE INDEX IF NOT EXISTS orders_day ON orders(day)`)
	exec(t, db, `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO orders(state, day, pad) SELECT CASE WHEN i % 1000 = 7 THEN 'lost' WHEN i % 100 = 8 THEN 'open' ELSE 'done' END,
			i % 1000, 'some text' FROM n`, rows)
}

// plansOf tells for each condition whether orders are searched by an index or scanned.
func wantAccess(t *testing.T, db *rustlite.DB, when string, want map[string]string) {
	t.Helper()
	for where, w := range want {
		got := "scan"
		if p := planOf(t, db, "SELECT max(pad) FROM orders WHERE "+where); strings.Contains(p, "SEARCH") {
			_, got, _ = strings.Cut(p, "orders_")
			got, _, _ = strings.Cut(got, " ")
		}
		if got != w {
			t.Errorf("%s: %s: %s, want %s", when, where, got, w)
		}
	}
}

func TestSpreadsDecide(t *testing.T) {
	db := open(t, ":memory:", nil)
	skewed(t, db, 20_000)
	want := map[string]string{
		"state = 'lost'": "state", "state = 'open'": "state", "state = 'done'": "scan", "'done' = state": "scan",
		"state = 'none'": "state", "state IN ('lost', 'open')": "state", "state IN ('lost', 'done')": "scan",
		"day > 990": "day", "day > 100": "scan", "day < 20": "day", "day <= 900": "scan",
		"day BETWEEN 500 AND 510": "day", "day BETWEEN 100 AND 700": "scan", "day >= 100 AND day < 110": "day",
		"state = 'done' AND day = 5": "day", "state = 'lost' AND day > 100": "state", "state = 'done' AND day > 995": "day",
		"state IS NULL": "state", "day = '7'": "day", "day > '100'": "scan",
	}
	wantAccess(t, db, "by itself", want)
	exec(t, db, "ANALYZE")
	wantAccess(t, db, "after ANALYZE", want)

	// Few rows are worth it when they were analyzed.
	db = open(t, ":memory:", nil)
	skewed(t, db, 2000)
	exec(t, db, "ANALYZE")
	wantAccess(t, db, "few rows", map[string]string{"state = 'lost'": "state", "state = 'done'": "scan", "day > 900": "day", "day > 100": "scan"})
	if got := query(t, db, "SELECT group_concat(name) FROM sqlite_schema WHERE name LIKE 'sqlite_%'"); fmt.Sprint(got) != "[[sqlite_stat1]]" {
		t.Errorf("tables of statistics: %v", got)
	}
}

// TestSpreadOfOneValue has one row in 4,000 that is not like the others, which a sample hardly meets.
func TestSpreadOfOneValue(t *testing.T) {
	db := open(t, ":memory:", nil)
	skewed(t, db, 20_000)
	exec(t, db, "UPDATE orders SET state = iif(id % 4000 = 1, 'lost', 'done')")
	want := map[string]string{"state = 'done'": "scan", "state = 'lost'": "state", "state = 'none'": "state", "state IN ('lost', 'done')": "scan"}
	wantAccess(t, db, "by itself", want)
	exec(t, db, "ANALYZE")
	wantAccess(t, db, "after ANALYZE", want)
}

func TestSpreadsAreRefreshed(t *testing.T) {
	db := open(t, ":memory:", nil)
	skewed(t, db, 20_000)
	wantAccess(t, db, "at first", map[string]string{"state = 'done'": "scan", "state = 'open'": "state"})
	exec(t, db, "UPDATE orders SET state = CASE state WHEN 'done' THEN 'open' ELSE 'done' END")
	exec(t, db, "UPDATE orders SET day = day + 1")
	wantAccess(t, db, "after all have changed", map[string]string{"state = 'done'": "state", "state = 'open'": "scan"})
	if n := query(t, db, "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_%'"); fmt.Sprint(n) != "[[0]]" {
		t.Errorf("%v tables of statistics by themselves", n)
	}
}

// A statement is planned again when its table has grown eightfold, not before.
func TestPlansGrowWithTables(t *testing.T) {
	db := open(t, ":memory:", nil)
	skewed(t, db, 500)
	where := "EXPLAIN QUERY PLAN SELECT max(pad) FROM orders WHERE state = 'done'"
	st, err := db.Prepare(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	line := func() string {
		t.Helper()
		rows, err := st.Query(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		detail := ""
		for rows.Next() {
			var a, b, c any
			if err := rows.Scan(&a, &b, &c, &detail); err != nil {
				t.Fatal(err)
			}
		}
		return detail
	}
	if got := line(); !strings.Contains(got, "orders_state") {
		t.Errorf("few rows: %s", got)
	}
	skewed(t, db, 4000)
	if got := line(); !strings.Contains(got, "orders_state") {
		t.Errorf("4,500 rows: %s", got)
	}
	skewed(t, db, 20_000)
	if got := line(); !strings.Contains(got, "SCAN") {
		t.Errorf("24,500 rows: %s", got)
	}
	// A rollback leaves what counts changes ahead of the table: it is looked at, and nothing is planned anew.
	exec(t, db, "DELETE FROM orders WHERE id > 1000")
	if got := line(); !strings.Contains(got, "orders_state") {
		t.Errorf("1,000 rows: %s", got)
	}
}

// An index whose first column has few values serves conditions on the next, by itself in a large table.
func TestSkipScan(t *testing.T) {
	db := open(t, ":memory:", nil)
	exec(t, db, `CREATE TABLE e(id INTEGER PRIMARY KEY, kind TEXT, at INT, who INT, pad TEXT);
		CREATE INDEX e_kind ON e(kind, at, who);
		WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		INSERT INTO e(kind, at, who, pad) SELECT nullif('k' || (i % 7), 'k3'), i / 7, i % 11, 'some text' FROM n`)
	check := func(when string, want map[string]string) {
		t.Helper()
		for where, w := range want {
			if got := planOf(t, db, "SELECT max(pad), count(*) FROM e WHERE "+where); !strings.Contains(got, w) {
				t.Errorf("%s: %s: %s, want %s", when, where, got, w)
			}
			with, without := query(t, db, "SELECT max(pad), count(*), sum(id) FROM e WHERE "+where), query(t, db, "SELECT max(pad), count(*), sum(id) FROM e NOT INDEXED WHERE "+where)
			if fmt.Sprint(with) != fmt.Sprint(without) {
				t.Errorf("%s: %s: %v, want %v", when, where, with, without)
			}
		}
	}
	want := map[string]string{
		"at = 100":                      "SEARCH e USING INDEX e_kind (ANY(kind) AND at=?)",
		"at BETWEEN 100 AND 110":        "SEARCH e USING INDEX e_kind (ANY(kind) AND at>? AND at<?)",
		"at IN (5, 7, 2000)":            "(ANY(kind) AND at=?)",
		"at = 100 AND who > 3":          "(ANY(kind) AND at=? AND who>?)",
		"at > 50":                       "SCAN",
		"who = 3":                       "SCAN", // kind and at have many values.
		"kind = 'k1' AND at < 20":       "(kind=? AND at<?)",
		"kind IS NULL AND at = 100":     "(kind=? AND at=?)",
		"at = (SELECT 100) OR at = 101": "ANY(kind)",
	}
	delete(want, "at = (SELECT 100) OR at = 101")
	check("by itself", want)
	exec(t, db, "ANALYZE")
	check("after ANALYZE", want)
	exec(t, db, "DELETE FROM sqlite_stat1; ANALYZE sqlite_schema; UPDATE e SET kind = id")
	check("after kinds have become many", map[string]string{"at = 100": "SCAN"})
}

// Two tables that are read whole in the order in which they are joined are merged; where few rows are left, or another
// order comes, they are not.
func TestMergeJoin(t *testing.T) {
	db := open(t, ":memory:", nil)
	exec(t, db, `CREATE TABLE a(id INTEGER PRIMARY KEY, v INT, pad TEXT); CREATE TABLE b(id INTEGER PRIMARY KEY, v INT, pad TEXT);
		WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO a SELECT i, i / 3, 'some text' FROM n;
		INSERT INTO b SELECT id * 2, v, pad FROM a; CREATE INDEX a_v ON a(v); CREATE INDEX b_v ON b(v)`)
	for sql, merged := range map[string]bool{
		"SELECT sum(a.v + b.v) FROM a JOIN b ON a.id = b.id":               true,
		"SELECT sum(a.v + b.v) FROM a LEFT JOIN b ON a.id = b.id":          true,
		"SELECT count(*) FROM a JOIN b ON a.v = b.v":                       true,
		"SELECT sum(length(b.pad)) FROM a JOIN b ON b.id = a.v":            true, // By the index on v.
		"SELECT sum(a.v + b.v) FROM a JOIN b ON a.id = b.id WHERE a.v = 7": false,
		"SELECT sum(a.v + b.v) FROM a JOIN b ON a.id = b.v + 1":            false,
	} {
		if got := planOf(t, db, sql); strings.Contains(got, "BY MERGE") != merged {
			t.Errorf("%s: %s", sql, got)
		}
	}
}
