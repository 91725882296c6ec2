package rustlite

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: a program that serves a text because it was compiled for another one of its shape is the program that
// compiling the text would have given, whatever its literals. Method: each shape is prepared with one set of literals
// after the other on one engine, and on one that has forgotten all programs.

var shapes = []struct {
	text   string
	fills  []string
	shared int // Of the texts behind the first, how many need not be compiled.
}{
	{"SELECT a, b FROM t WHERE id = %s", []string{"17", "18", "-5", "0", "1", "4000000000", "-4000000000", "2.5", "-2.5", "-0.0", "'x'", "'it''s'", "'x'", "NULL", "TRUE", "x'00'"}, 6},
	{"SELECT a FROM t WHERE a > %s AND b < 100 OR c = 'x'", []string{"1", "2", "9223372036854775807", "9223372036854775808", "0x10", "1_000", "1e3", "1e400"}, 2},
	{"SELECT a AS x FROM t WHERE a %s", []string{"AND 1", "AND 0", "AND 2", "OR 1", "OR 0", "IS NULL", "IN (1)", "IN (2)", "IN ()", "IN (1, 2)", "IN (3, 1)"}, 2},
	{"SELECT a, b FROM t ORDER BY %s", []string{"1", "2", "1.5", "'a'", "a", "a + 1", "a + 2"}, 1},
	{"SELECT count(*) AS n FROM t GROUP BY %s", []string{"a + 1", "a + 2", "b", "'x'"}, 1},
	{"SELECT a + 1 AS x FROM t GROUP BY a + %s", []string{"1", "2", "3"}, 0},
	{"SELECT a FROM t LIMIT %s", []string{"1", "10", "0", "-1", "2 OFFSET 1", "2 OFFSET 5"}, 3},
	{"SELECT a FROM t UNION SELECT b FROM t LIMIT %s", []string{"1", "2", "3"}, 0},
	{"SELECT a FROM t WHERE c LIKE %s", []string{"'x%'", "'y%'", "'%y'"}, 0},
	{"SELECT a FROM t WHERE c = 'x' AND a = %s", []string{"1", "2"}, 0}, // Of the partial index.
	{"SELECT a FROM t WHERE b + 1 = %s", []string{"1", "2"}, 1},
	{"SELECT a FROM t WHERE 5 = b + %s", []string{"1", "2", "3"}, 0},
	{"SELECT %s", []string{"1", "2", "'x'"}, 0},
	{"SELECT %s AS x, 'it' AS y", []string{"1", "2", "3"}, 2},
	{"SELECT x FROM (SELECT %s AS x)", []string{"1", "2"}, 1},
	{"SELECT * FROM v WHERE id = %s", []string{"3", "4", "5"}, 2},
	{"SELECT likelihood(a, %s) AS x FROM t", []string{"0.5", "0.25", "1.0"}, 0},
	{"SELECT sum(a) OVER (ORDER BY b ROWS %s PRECEDING) AS s FROM t", []string{"1", "2", "3"}, 2},
	{"VALUES (1, 'a'), (%s, 'b')", []string{"2", "3", "'x'"}, 1},
	{"INSERT INTO t (a, b, c) VALUES (%s, 2.5, 'y') ON CONFLICT DO UPDATE SET a = 3", []string{"1", "-2", "3"}, 1},
	{"INSERT INTO t (a) SELECT %s FROM t", []string{"1", "2"}, 0},
	{"UPDATE t SET a = a + %s, c = 'z' WHERE id BETWEEN 5 AND 7", []string{"1", "2", "-2"}, 1},
	{"DELETE FROM t WHERE id = %s RETURNING id", []string{"1", "2"}, 1},
	{"WITH w AS (SELECT a AS x FROM t WHERE b = %s) SELECT w.x FROM w, w AS w2 -- 7", []string{"1", "2"}, 1},
	{"EXPLAIN SELECT a FROM t WHERE a = %s", []string{"1", "2"}, 0},
	{"SELECT a FROM t WHERE a = ? AND b = %s;", []string{"1", "2"}, 1},
	{"SELECT a /* 1 */ FROM t AS 'x' WHERE \"b\" = %s", []string{"1", "2"}, 1},
}

func TestShapesShareTheProgramThatTheyWouldHave(t *testing.T) {
	ctx := context.Background()
	schema := `CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b REAL DEFAULT 7, c TEXT CHECK (c <> '1'));
		CREATE INDEX tb ON t (b + 1); CREATE INDEX tc ON t (c) WHERE a = 1;
		CREATE VIEW v AS SELECT id, 5 AS five FROM t WHERE b > 1;
		CREATE TRIGGER tr AFTER UPDATE ON t BEGIN INSERT INTO t (a) VALUES (1); END;`
	conn := func() *Conn {
		c := memoryConn(t)
		if _, err := c.Exec(ctx, schema); err != nil {
			t.Fatal(err)
		}
		return c
	}
	shared, fresh := conn(), conn()
	parts := func(p *vm.Program) []any {
		return []any{p.Code, p.Consts, p.Strings, p.Columns, p.Params, p.Registers, p.Cursors, p.ReadOnly}
	}
	same := cmp.Comparer(func(a, b value.Value) bool {
		return a.Kind() == b.Kind() && value.Compare(&a, &b, nil) == 0 &&
			(a.Kind() != value.Real || math.Signbit(a.Real()) == math.Signbit(b.Real()))
	})
	for _, s := range shapes {
		served := 0
		for _, fill := range s.fills {
			text := fmt.Sprintf(s.text, fill)
			if shared.known(text) != nil {
				served++
			}
			st, err := shared.prepare(ctx, text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			fresh.eng.plans = planCache{}
			want, err := fresh.prepare(ctx, text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if diff := cmp.Diff(parts(want.plan.Load().Program), parts(st.plan.Load().Program), same); diff != "" {
				t.Errorf("%s: the program that serves it is not its own (-own +serves):\n%s", text, diff)
			}
		}
		if served != s.shared {
			t.Errorf("%s: %d texts were served without being compiled, want %d", s.text, served, s.shared)
		}
	}
}

// memoryConn is a connection to a new database in memory.
func memoryConn(t *testing.T) *Conn {
	t.Helper()
	db, err := Open(":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShapesHaveABound(t *testing.T) {
	ctx, c := context.Background(), memoryConn(t)
	for i := range 3 * plansMax {
		if _, err := c.prepare(ctx, fmt.Sprintf("SELECT %d AS x, %[1]d, LIKE('%[1]d', 'x') AS y", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := max(len(c.eng.plans.texts.of), len(c.eng.plans.shapes.of)); n > plansMax {
		t.Errorf("%d plans are kept, want at most %d", n, plansMax)
	}
	for k, list := range c.eng.plans.shapes.of {
		if len(list) > patternsMax {
			t.Errorf("%q has %d patterns, want at most %d", k.text, len(list), patternsMax)
		}
	}
}

func TestShapesOfManyLiterals(t *testing.T) {
	ctx, c := context.Background(), memoryConn(t)
	for _, x := range []struct {
		rows   int
		served bool
	}{{1, true}, {400, true}, {shapeLiteralsMax/2 + 1, false}} {
		text := func(from int) string {
			var s strings.Builder
			for i := range x.rows {
				fmt.Fprintf(&s, "%s(%d, 'v%d')", map[bool]string{true: "VALUES ", false: ", "}[i == 0], from+i, from+i)
			}
			return s.String()
		}
		if _, err := c.prepare(ctx, text(1000)); err != nil {
			t.Fatal(err)
		}
		if got := c.known(text(5000)) != nil; got != x.served {
			t.Errorf("%d rows: served without being compiled: %t, want %t", x.rows, got, x.served)
		}
		rows, err := c.Query(ctx, text(5000))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			if got, want := rows.Text(1), fmt.Sprintf("v%d", 5000+n); rows.Int64(0) != int64(5000+n) || got != want {
				t.Fatalf("row %d of %d is (%d, %s)", n, x.rows, rows.Int64(0), got)
			}
			n++
		}
		if err := rows.Close(); err != nil || n != x.rows {
			t.Errorf("%d rows, %v; want %d", n, err, x.rows)
		}
	}
}

// A literal that is looked up in the spread of a column decides by the class of its share alone, and by that alone what
// is compiled is the same.
func TestShapesLeanOnSpreads(t *testing.T) {
	c := memoryConn(t)
	if _, err := c.Exec(context.Background(), `CREATE TABLE t(id INTEGER PRIMARY KEY, state TEXT, day INT, pad);
		CREATE INDEX ts ON t(state); CREATE INDEX td ON t(day);
		WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
		INSERT INTO t SELECT i, CASE WHEN i % 100 = 8 THEN 'open' ELSE 'done' END, i % 1000 - 500, 'x' FROM n`); err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		text   string
		fills  []string
		shared []bool
	}{
		{"SELECT max(pad) FROM t WHERE state = %s", []string{"'nobody'", "'none'", "'done'", "'other'", "'done'"}, []bool{false, true, false, true, true}},
		{"SELECT max(pad) FROM t WHERE day > %s", []string{"490", "491", "-490", "-491", "495"}, []bool{false, true, false, true, true}},
		{"SELECT max(pad) FROM t WHERE day BETWEEN %s AND 400", []string{"395", "396", "-400", "-401"}, []bool{false, true, false, true}},
		{"SELECT max(pad) FROM t WHERE state IN ('none', %s)", []string{"'lost'", "'gone'", "'done'"}, []bool{false, true, false}},
		{"SELECT max(pad) FROM t WHERE state = x'00' AND day = %s", []string{"5", "6"}, []bool{false, true}},
	} {
		for i, fill := range s.fills {
			text := fmt.Sprintf(s.text, fill)
			if got := c.known(text) != nil; got != s.shared[i] {
				t.Errorf("%s: shared %t, want %t", text, got, s.shared[i])
			}
			if _, err := c.Exec(context.Background(), text); err != nil {
				t.Fatal(err)
			}
		}
	}
}
