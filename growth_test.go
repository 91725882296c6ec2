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
