package codegen

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Settings are the pragmas that programs are compiled for.
type Settings struct {
	// RecursiveTriggers lets triggers fire themselves, and REPLACE fire those
	// of DELETE.
	RecursiveTriggers bool
	// ForeignKeys lets changes obey foreign keys, DeferForeignKeys all of them
	// at the end of the transaction only.
	ForeignKeys, DeferForeignKeys bool
	// LegacyAlter leaves views and triggers alone when a table is renamed.
	LegacyAlter bool
	// IgnoreChecks leaves CHECK constraints alone.
	IgnoreChecks bool
	// NoStrings refuses texts in double quotes, but where they stand in the
	// definition of a table or an index already.
	NoStrings bool
	// FullNames and LongNames are as in resolve.Env, Backwards as in plan.Env.
	FullNames, LongNames, Backwards bool
}

// Env is what compiling needs to know.
type Env struct {
	Resolve resolve.Env
	Plan    *plan.Env
	Scratch *Scratch
	// Tallies: the program counts what its operators do, for EXPLAIN ANALYZE.
	Tallies bool
	Settings
}

// defining is the environment of what a statement defines.
func (env *Env) defining() resolve.Env {
	e := env.Resolve
	if env.NoStrings {
		e.Strings = resolve.StringsNowhere
	}
	return e
}

// Scratch is memory for the generators of programs. It serves one statement at a
// time.
type Scratch struct {
	gens []*gen
	used int
}

// Reset takes back the memory of the last statement.
func (m *Scratch) Reset() {
	for _, g := range m.gens[:m.used] {
		if cap(g.code) > codeKept {
			g.code, g.labels, g.consts = nil, nil, nil
		}
		clear(g.consts)
		clear(g.bindings)
		*g = gen{code: g.code[:0], labels: g.labels[:0], consts: g.consts[:0], bindings: g.bindings}
	}
	m.used = 0
}

func (m *Scratch) gen() *gen {
	if m.used == len(m.gens) {
		m.gens = append(m.gens, &gen{bindings: map[*resolve.Source]*binding{}})
	}
	m.used++
	return m.gens[m.used-1]
}

type (
	reg   = vm.Reg
	label int32 // Negative: -1-index into gen.labels.
	expr  = resolve.Expr
)

// gen compiles one statement.
type gen struct {
	env    *Env
	prog   *vm.Program
	unit   *unit
	depth  int               // Sub-programs around this one.
	params []*resolve.Source // OLD and NEW, in a sub-program.
	code   []vm.Instr
	labels []int32 // Address, or -1 while unbound.

	top, most  reg // Registers in use, and ever.
	persistent reg // Registers up to this one are never released.
	cursors    int32
	accums     int32
	vectors    int32

	consts    []hoisted
	bindings  map[*resolve.Source]*binding
	computed  []*resolve.Source // Those read through an index that holds expressions.
	overrides []*override
	rights    map[*plan.Level]*rightJoin
	currents  map[*resolve.Recursion]reg // The row at hand of recursive CTEs.
	kept      map[*resolve.CTEUse]keptTable
	rowSubs   map[*resolve.Query]rowSubroutine // Subqueries of several columns.
	// Databases, a bit for each.
	reads, writes uint64

	explainParent int32
	pureIn        string // What is being compiled must depend on the row alone: see vm.FuncCall.
	inOuter       bool   // It is an ON clause of an outer join: see simplified.
	subqueries    int
	tallied       map[*resolve.Source]int32 // The tally of a source's loop.
	split         *plan.Level               // The outermost loop of a block, which may be split,
	splits        int32                     // and the object that says what its rows go into.
	ahead         []probe                   // Of the blocks that are being compiled.
	merges        []merge                   // Of them, too.
	selects       bool                      // The statement is a SELECT: nothing changes below what it reads.
	asking        float64                   // Rows that are thought to come to what is being compiled.
	dropping      bool                      // The rows of a table are deleted that is dropped.
	afresh        bool                      // Subqueries run again for each row, for the rows before it change their table.
	passing       *resolve.Source           // Its rows are read by the cursor that changes them.
	err           error
	gives         bool // err gives way to a key that names no parent: see foreignKeys.
}

// hoisted is a literal or parameter that the preamble loads.
type hoisted struct {
	e   *expr
	reg reg
}

// codeKept is the most room for instructions that is kept for the next
// statement.
const codeKept = 1 << 10

// put enters a value into a map that most programs do without.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

func newGen(env *Env) *gen {
	g := env.Scratch.gen()
	g.env, g.prog, g.unit = env, &vm.Program{ReadOnly: true}, &unit{root: g}
	g.emit(vm.OpInit, 0, 0, 0)
	return g
}

// finish appends the preamble and returns the program.
func (g *gen) finish() (*vm.Program, error) {
	if g.err != nil {
		return nil, g.err
	}
	g.emit4(vm.OpHalt, 0, 0, 0, -1)
	g.code[0].P2 = int32(len(g.code))
	for m := g.reads | g.writes; m != 0; m &= m - 1 {
		db := bits.TrailingZeros64(m)
		g.emit(vm.OpTransaction, int32(db), int32(g.writes>>db&1), 0)
	}
	for _, h := range g.consts {
		g.load(h.e, h.reg)
	}
	if g == g.unit.root {
		g.beginAutoincrements()
	}
	g.emit(vm.OpGoto, 0, 1, 0)
	for i := range g.code {
		in := &g.code[i]
		if in.P2 < 0 && vm.JumpsP2(in.Op) {
			in.P2 = g.address(in.P2)
		}
		switch in.Op {
		case vm.OpJump:
			in.P1, in.P2, in.P3 = g.address(in.P1), g.address(in.P2), g.address(in.P3)
		case vm.OpInitCoroutine, vm.OpVNext:
			in.P3 = g.address(in.P3)
		}
	}
	p := g.prog
	p.Code = slices.Clone(g.code)
	p.Registers, p.Cursors, p.Accums, p.Vectors = int(g.most), int(g.cursors), int(g.accums), int(g.vectors)
	return p, nil
}

func (g *gen) address(p int32) int32 {
	if p >= 0 {
		return p
	}
	return g.labels[-1-p]
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

// fail notes the first error; compiling goes on harmlessly.
func (g *gen) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

func (g *gen) notYet(feature string) { g.fail(resolve.NotYet(feature)) }

// emit appends an instruction and returns its address.
func (g *gen) emit(op vm.Op, p1, p2, p3 int32) int32 {
	g.code = append(g.code, vm.Instr{Op: op, P1: p1, P2: p2, P3: p3})
	return int32(len(g.code) - 1)
}

func (g *gen) emit4(op vm.Op, p1, p2, p3, p4 int32) int32 {
	a := g.emit(op, p1, p2, p3)
	g.code[a].P4 = p4
	return a
}

// p5 sets P5 of the last instruction.
func (g *gen) p5(v uint16) { g.code[len(g.code)-1].P5 = v }

func (g *gen) newLabel() label {
	g.labels = append(g.labels, -1)
	return label(-len(g.labels))
}

// bind gives a label the address of the next instruction.
func (g *gen) bind(l label) { g.labels[-1-int32(l)] = int32(len(g.code)) }

// once jumps to done at every time but the first of a run; never where all is
// to be evaluated afresh for each row.
func (g *gen) once(done label) {
	if !g.afresh {
		g.emit(vm.OpOnce, 0, int32(done), 0)
	}
}

func (g *gen) jump(l label) { g.emit(vm.OpGoto, 0, int32(l), 0) }

// regs allocates n consecutive registers.
func (g *gen) regs(n int) reg {
	r := g.top + 1
	g.top += reg(n)
	if g.top > g.most {
		g.most = g.top
	}
	return r
}

func (g *gen) temp() reg { return g.regs(1) }

// release gives back the registers allocated since mark, but for those that
// hold hoisted values.
func (g *gen) release(mark reg) {
	if mark < g.persistent {
		mark = g.persistent
	}
	if mark < g.top {
		g.top = mark
	}
}

// fixed allocates registers that nothing else uses before or after: for what
// is written once and read in later rounds of a loop around, where a register
// that served as a temporary would be overwritten.
func (g *gen) fixed(n int) reg {
	g.top = g.most
	r := g.regs(n)
	g.persistent = g.top
	return r
}

func (g *gen) cursor() int32 {
	g.cursors++
	return g.cursors - 1
}

func (g *gen) constIndex(v value.Value) int32 {
	g.prog.Consts = append(g.prog.Consts, v.Own())
	return int32(len(g.prog.Consts) - 1)
}

func (g *gen) str(s string) int32 {
	g.prog.Strings = append(g.prog.Strings, s)
	return int32(len(g.prog.Strings) - 1)
}

func (g *gen) key(k *vm.KeyInfo) int32 {
	for _, c := range k.Cols {
		g.checkCollation(c.Collation)
	}
	k.Compare = record.Comparer(k.Cols)
	g.prog.Keys = append(g.prog.Keys, k)
	return int32(len(g.prog.Keys) - 1)
}

// checkCollation refuses a collation that a schema names and nobody knows.
func (g *gen) checkCollation(c *value.Collation) {
	if c.IsUndefined() {
		g.fail(resolve.NoCollation(c.Name))
	}
}

// coll returns the index of a collation; -1 for BINARY.
func (g *gen) coll(c *value.Collation) int32 {
	if c.IsBinary() {
		return -1
	}
	g.checkCollation(c)
	for i, x := range g.prog.Colls {
		if x == c {
			return int32(i)
		}
	}
	g.prog.Colls = append(g.prog.Colls, c)
	return int32(len(g.prog.Colls) - 1)
}

func (g *gen) call(f *fn.Func, n int, c *value.Collation) int32 {
	g.checkCollation(c)
	call := vm.FuncCall{Func: f, NArg: n, Coll: c}
	if f.Flags&fn.Deterministic != 0 {
		call.PureIn = g.pureIn // The others may vary; where they must not stand was told before.
	}
	g.prog.Calls = append(g.prog.Calls, call)
	return int32(len(g.prog.Calls) - 1)
}

// inIndex is where the expressions of indexes stand, for pure.
const inIndex = "an index"

// pure lets what is compiled until the returned function is called depend on
// the row alone.
func (g *gen) pure(in string) func() {
	saved := g.pureIn
	g.pureIn = in
	return func() { g.pureIn = saved }
}

func (g *gen) table(t *catalog.Table) int32 {
	for i, x := range g.prog.Tables {
		if x.Name == t.Name && x.Database == t.Schema {
			return int32(i)
		}
	}
	info := &vm.TableInfo{Database: t.Schema, Name: t.Name, Columns: t.Names}
	if t.Strict {
		for _, c := range t.Columns {
			info.Types = append(info.Types, strings.ToUpper(c.DeclType))
			info.Generated = append(info.Generated, c.Generated != nil)
		}
	}
	g.prog.Tables = append(g.prog.Tables, info)
	return int32(len(g.prog.Tables) - 1)
}

func (g *gen) errorInfo(e *vm.ErrorInfo) int32 {
	g.prog.Errors = append(g.prog.Errors, e)
	return int32(len(g.prog.Errors) - 1)
}

func (g *gen) object(o any) int32 {
	g.prog.Objects = append(g.prog.Objects, o)
	return int32(len(g.prog.Objects) - 1)
}

// use notes that the program reads or writes a database.
func (g *gen) use(db int, write bool) {
	g = g.unit.root // A transaction is the whole statement's.
	g.reads |= 1 << db
	if write {
		g.writes |= 1 << db
		g.prog.ReadOnly = false
	}
}

func (g *gen) loadConst(v *value.Value, r reg) {
	switch {
	case v.IsNull():
		g.emit(vm.OpNull, 0, int32(r), 0)
	case v.Kind() == value.Int && v.Int() == int64(int32(v.Int())):
		g.emit(vm.OpInteger, int32(v.Int()), int32(r), 0)
	default:
		g.emit4(vm.OpConst, 0, int32(r), 0, g.constIndex(*v))
	}
}

// loadLiteral loads a constant of the text. One that may have another value in
// a text that shares the program stands among the constants by itself.
func (g *gen) loadLiteral(e *expr, r reg) {
	lit, v := e.Given()
	if lit == nil || g != g.unit.root {
		g.loadConst(e.Value(), r)
		return
	}
	k := g.constIndex(v)
	g.emit4(vm.OpConst, 0, int32(r), 0, k)
	g.prog.Literals = append(g.prog.Literals, vm.Literal{At: int(lit.At), Const: k, Negative: lit.Negative})
}

// hoist returns the register in which the preamble leaves a literal or
// parameter.
func (g *gen) hoist(e *expr) reg {
	for _, h := range g.consts {
		if h.e.Op == e.Op && h.e.Index == e.Index && h.e.Source == e.Source && (e.Op == resolve.OpParam || sameConst(h.e, e)) {
			return h.reg
		}
	}
	r := g.fixed(1)
	g.consts = append(g.consts, hoisted{e, r})
	return r
}

// load loads a literal or parameter.
func (g *gen) load(e *expr, r reg) {
	switch {
	case e.Op == resolve.OpConst:
		g.loadLiteral(e, r)
	case e.Source != nil:
		g.emit(vm.OpParam, g.param(e), int32(r), 0)
		if e.Index >= 0 && e.Source.Columns[e.Index].Affinity == value.AffReal && e.Source.Table.View != nil {
			g.emit(vm.OpRealAffinity, int32(r), 0, 0) // Rows of tables hold reals already.
		}
	default:
		g.emit(vm.OpVariable, int32(e.Index), int32(r), 0)
	}
}

func sameConst(x, y *expr) bool {
	l, a := x.Given()
	m, b := y.Given()
	switch {
	case l != nil || m != nil:
		return l == m
	case a.Kind() != b.Kind():
		return false
	case a.Kind() == value.Real:
		return a.Real() == b.Real() && a.Real() != 0
	}
	return value.Compare(&a, &b, nil) == 0
}

// affinityString is the P4 of Affinity; -1 when it would change nothing.
func (g *gen) affinityString(affs []value.Affinity) int32 {
	var b strings.Builder
	changes := false
	for _, a := range affs {
		if a < value.AffBlob {
			a = value.AffBlob
		}
		changes = changes || a > value.AffBlob
		b.WriteByte(byte(a))
	}
	if !changes {
		return -1
	}
	return g.str(b.String())
}

func (g *gen) applyAffinity(base reg, affs []value.Affinity) {
	if s := g.affinityString(affs); s >= 0 {
		g.emit4(vm.OpAffinity, int32(base), int32(len(affs)), 0, s)
	}
}

// explain notes a line of EXPLAIN QUERY PLAN under the current parent and
// returns its id.
func (g *gen) explain(text string) int32 {
	a := g.emit4(vm.OpExplain, 0, g.explainParent, 0, g.str(text))
	g.code[a].P1 = a + 1
	return a + 1
}

// under explains lines below id until the returned function is called.
func (g *gen) under(id int32) func() {
	saved := g.explainParent
	g.explainParent = id
	return func() { g.explainParent = saved }
}

// indexKey describes the keys of an index.
func indexKey(x *catalog.Index) *vm.KeyInfo {
	k := &vm.KeyInfo{Unique: x.Unique, Name: x.Name}
	for _, c := range x.Columns {
		k.Cols = append(k.Cols, record.KeyColumn{Collation: c.Collation, Desc: c.Desc})
	}
	for _, c := range x.Suffix {
		k.Cols = append(k.Cols, record.KeyColumn{Collation: c.Collation, Desc: c.Desc})
	}
	k.Suffix, k.PayloadRecord = len(x.Suffix), x == x.Table.Key
	k.Compare = record.Comparer(k.Cols)
	return k
}

// tableKey is the P4 with which the tree of t is opened.
func (g *gen) tableKey(t *catalog.Table) int32 {
	if t.Key == nil {
		return -1
	}
	return g.key(indexKey(t.Key))
}
