package vm_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
)

// Goal: a run finds nothing of what ran on its machine before: no constant's
// lanes, no bound of a seek, no set, accumulator, sorter or flag. Method: the
// planner compiles random statements over two tables, with batches of every
// size, and each runs on a machine of its own; then all of them again, several
// times in shuffled order, on one machine and on a few that are picked at
// random, some left in the middle while others run, some given up. Every row
// and error must be the same. -seed runs one seed.

var seedFlag = flag.Uint64("seed", 0, "seed of the random tests; 0 runs the standard seeds")

const reuseSchema = `
CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b REAL, c TEXT COLLATE NOCASE, d);
CREATE INDEX t_a ON t(a);
CREATE INDEX t_cb ON t(c, b DESC);
CREATE TABLE u(x, y);
`

// compiler compiles statements over trees of an env.
type compiler struct {
	e   *testEnv
	env planner.Env
}

func newCompiler(t *testing.T) *compiler {
	c := &compiler{e: newEnv(t)}
	c.e.create(btree.IntKey) // In the place of sqlite_schema.
	stmts, err := parser.Parse(reuseSchema)
	if err != nil {
		t.Fatal(err)
	}
	var entries []catalog.Entry
	for _, stmt := range stmts {
		x := catalog.Entry{Def: stmt}
		switch n := stmt.(type) {
		case *ast.CreateTable:
			x.Type, x.Name, x.Table, x.Root = "table", n.Name.Name.Text, n.Name.Name.Text, uint32(c.e.create(btree.IntKey))
		case *ast.CreateIndex:
			x.Type, x.Name, x.Table, x.Root = "index", n.Name.Name.Text, n.Table.Text, uint32(c.e.create(btree.ByteKey))
		}
		entries = append(entries, x)
	}
	schema, err := catalog.NewSchema("main", 0, 1, entries, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.env = planner.Env{Catalog: &catalog.Catalog{Schemas: []*catalog.Schema{schema}, ID: 1}, Functions: fn.Builtin(), Stats: manyRows{}}
	return c
}

type manyRows struct{}

func (manyRows) Rows(int, uint32) int64 { return 1000 }

func (manyRows) Sample(*catalog.Table, int) *plan.Sample { return nil }

func (manyRows) Lean(*plan.Lean) {}

func (c *compiler) compile(t *testing.T, sql string, batchRows int) *vm.Program {
	t.Helper()
	stmt, _, err := parser.ParseNext(sql, 0)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	env := c.env
	env.BatchRows = batchRows
	p, err := planner.Compile(&env, stmt)
	if err == nil {
		err = vm.Verify(p)
	}
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return p
}

// phrase makes random SQL.
type phrase struct{ *rand.Rand }

func (r phrase) of(list ...string) string { return list[r.IntN(len(list))] }

func (r phrase) number(depth int) string {
	switch x := r.IntN(10); {
	case depth == 0 || x < 4:
		return r.of("a", "b", "id", "a", "d", "c")
	case x < 6:
		return r.of("0", "1", "-7", "2.5", "NULL", "-0.0", "9007199254740993", "9223372036854775807", "'12'", "'x'", "100", "0.0")
	default:
		return "(" + r.number(depth-1) + r.of(" + ", " - ", " * ", " / ", " % ", " & ", " | ", " << ", " >> ") + r.number(depth-1) + ")"
	}
}

func (r phrase) truth(depth int) string {
	switch x := r.IntN(12); {
	case depth == 0 || x < 5:
		return r.number(1) + r.of(" < ", " <= ", " = ", " <> ", " > ", " >= ", " IS ") + r.number(1)
	case x < 6:
		return r.number(1) + r.of(" IS NULL", " NOT NULL", " BETWEEN 5 AND 40", " IN (1, 5, 'row 7', NULL, 2.5)")
	case x < 7:
		return "a IN (SELECT x FROM u WHERE y > " + r.of("1", "5", "50") + ")"
	case x < 8:
		return "c " + r.of("= 'ROW 7'", "> 'row 3'", "LIKE 'row 1%'", "BETWEEN 'row 2' AND 'row 4'")
	case x < 9:
		return r.of("id ", "a ") + r.of("> 40", "BETWEEN 10 AND 90", "= 17", "< 25.5")
	case x < 10:
		return "NOT (" + r.truth(depth-1) + ")"
	default:
		return "(" + r.truth(depth-1) + r.of(" AND ", " OR ") + r.truth(depth-1) + ")"
	}
}

func (r phrase) aggregate() string {
	return r.of("sum(", "total(", "avg(", "min(", "max(", "count(", "group_concat(", "sum(DISTINCT ") + r.number(2) + ")"
}

// plain and compare are what has kernels.
func (r phrase) plain() string {
	return r.of("sum(", "total(", "avg(", "min(", "max(", "count(") + r.number(1) + ")"
}

func (r phrase) compare() string {
	column := r.of("a", "b", "d")
	switch r.IntN(6) {
	case 0:
		return column + r.of(" IS NULL", " IS NOT NULL")
	case 3:
		return "NOT " + column + " BETWEEN " + r.of("1", "NULL", "2.5") + " AND 40"
	case 1, 2:
		column = r.number(1)
	}
	l, x := column, r.of("NULL", "5", "-3.5", "0.0", "20", r.number(1))
	if r.IntN(3) == 0 {
		l, x = x, l
	}
	return l + r.of(" < ", " <= ", " = ", " <> ", " > ", " >= ") + x
}

func (r phrase) statement() string {
	where := r.of("", " WHERE "+r.truth(2), " WHERE "+r.truth(2), " WHERE "+r.truth(1))
	switch k := r.IntN(24); {
	case k >= 14:
		return "SELECT count(*), " + r.plain() + ", " + r.plain() + " FROM t WHERE " + r.compare() + r.of(" AND ", " OR ") + r.compare()
	case k < 5:
		return "SELECT count(*), " + r.aggregate() + ", " + r.aggregate() + " FROM t" + where
	case k == 5:
		return "SELECT a % 7, count(*), " + r.aggregate() + " FROM t" + where + " GROUP BY 1 HAVING count(*) > 2"
	case k == 6:
		return "SELECT id, " + r.number(2) + " FROM t" + where + " ORDER BY 2" + r.of("", " DESC", " LIMIT 5", ", a LIMIT 3 OFFSET 2")
	case k == 7:
		return "SELECT DISTINCT " + r.of("c", "a % 5", "typeof(d)") + " FROM t" + where
	case k == 8:
		return "SELECT a FROM t" + where + r.of(" UNION ", " EXCEPT ", " INTERSECT ", " UNION ALL ") + "SELECT x FROM u ORDER BY 1"
	case k == 9:
		return "SELECT t.id, u.y FROM t " + r.of("JOIN", "LEFT JOIN") + " u ON u.x = t.a" + where
	case k == 10:
		return "SELECT id, (SELECT max(y) FROM u WHERE x <= t.a) FROM t" + where
	case k == 11:
		return "SELECT a, c FROM t WHERE c " + r.of("= 'row 7'", "> 'row 8'", ">= 'ROW 5'") + r.of("", " ORDER BY b", " ORDER BY c, b DESC")
	case k == 12:
		return "SELECT sum(n), max(m) FROM (SELECT a AS n, b * 2 AS m FROM t" + where + ")"
	default:
		return "SELECT id, upper(c) || a, abs(" + r.number(1) + ") FROM t" + where // abs may overflow.
	}
}

// fill gives t rows of every kind, and u some.
func (c *compiler) fill(t *testing.T, r *rand.Rand) {
	c.e.auto = false
	for i := range 120 {
		a, b, d := fmt.Sprint(r.IntN(60)-5), fmt.Sprint(float64(r.IntN(400))/8-10), "NULL"
		if r.IntN(9) == 0 {
			a = "NULL"
		}
		switch r.IntN(5) {
		case 0:
			d = fmt.Sprint(r.IntN(100))
		case 1:
			d = "'text " + fmt.Sprint(r.IntN(9)) + "'"
		case 2:
			d = "2.25"
		case 3:
			d = "x'00ff'"
		}
		c.run(t, fmt.Sprintf("INSERT INTO t VALUES(%d, %s, %s, 'Row %d', %s)", i+1, a, b, r.IntN(10), d))
	}
	// A late overflow, and a row with overflow pages.
	c.run(t, "INSERT INTO t VALUES(121, -9223372036854775808, 0.5, 'row 7', 9223372036854775807)")
	c.run(t, "INSERT INTO t SELECT 122, 17, -0.0, 'row 3', group_concat(hex(c) || hex(c) || hex(c) || hex(c) || hex(c)) || hex(zeroblob(3000)) FROM t")
	for i := range 20 {
		c.run(t, fmt.Sprintf("INSERT INTO u VALUES(%d, %d)", i*2, i*i%13))
	}
	c.e.auto = true
	c.e.end(nil)
	c.e.auto = false
}

func (c *compiler) run(t *testing.T, sql string) {
	t.Helper()
	if out := c.e.exec(c.compile(t, sql, 0), nil); out != "" {
		t.Fatalf("%s: %s", sql, out)
	}
}

// runner is a run of a program in steps.
type runner struct {
	e   *testEnv
	m   *vm.Machine
	out strings.Builder
}

// step makes at most n steps and reports whether there are more.
func (r *runner) step(n int) bool {
	for range n {
		more, err := r.m.Step()
		if err != nil {
			fmt.Fprintf(&r.out, "error: %s\n", err)
		}
		if !more {
			r.m.Reset()
			return false
		}
		r.out.WriteString(printRow(r.m.Row()) + "\n")
	}
	return true
}

func (c *compiler) start(m *vm.Machine, p *vm.Program) *runner {
	m.Start(p, c.e, nil)
	return &runner{e: c.e, m: m}
}

const toEnd = 1 << 30

func TestMachineReuse(t *testing.T) {
	if *seedFlag != 0 {
		reuse(t, *seedFlag)
		return
	}
	seeds := uint64(12)
	if testing.Short() {
		seeds = 4
	}
	for seed := uint64(1); seed <= seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { reuse(t, seed) })
	}
}

func reuse(t *testing.T, seed uint64) {
	t.Logf("replay: go test ./vm -run TestMachineReuse -seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	c := newCompiler(t)
	c.fill(t, r)
	type run struct {
		sql  string
		p    *vm.Program
		want string
	}
	runs := make([]run, 200)
	batches := 0
	for i := range runs {
		sql := phrase{r}.statement()
		p := c.compile(t, sql, []int{0, 1, 7, 1024, -1}[r.IntN(5)])
		var fresh vm.Machine
		x := c.start(&fresh, p)
		x.step(toEnd)
		fresh.Close()
		runs[i] = run{sql, p, x.out.String()}
		for _, in := range p.Code {
			if in.Op == vm.OpVOpen {
				batches++
			}
		}
	}
	if batches == 0 {
		t.Error("no program runs by batch")
	}
	check := func(how string, i int, x *runner) {
		t.Helper()
		if got := x.out.String(); got != runs[i].want {
			t.Errorf("%s: %s\n got %s\nwant %s", how, runs[i].sql, got, runs[i].want)
		}
	}
	pool := make([]vm.Machine, 4)
	busy := make([]*runner, len(pool)) // Runs that were left in the middle.
	doing := make([]int, len(pool))
	for range 3 {
		for _, i := range r.Perm(len(runs)) {
			x := c.start(&c.e.machine, runs[i].p)
			x.step(toEnd)
			check("one machine", i, x)
		}
		for _, i := range r.Perm(len(runs)) {
			k := r.IntN(len(pool))
			if busy[k] != nil && r.IntN(3) > 0 {
				busy[k].step(toEnd)
				check("a machine of the pool", doing[k], busy[k])
			} // Else the run is given up.
			busy[k], doing[k] = c.start(&pool[k], runs[i].p), i
			if !busy[k].step(1 + r.IntN(20)) {
				check("a machine of the pool", i, busy[k])
				busy[k] = nil
			}
		}
	}
	for k := range pool {
		pool[k].Close()
	}
}
