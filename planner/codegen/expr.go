package codegen

import (
	"math"

	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// binding says where the columns of a source are read.
type binding struct {
	cursor  int32 // Table cursor, or a cursor on records.
	records bool  // Columns are those of the records; row id is column rowid.
	rowid   int   // Column of the row id in records, or -1.
	// places are those of the source's columns in records that have some of them,
	// RowidColumn among them; nil where they have all.
	places map[int]int

	seek      int32 // Index cursor that the loop moves.
	index     int32 // Index cursor that columns may be read from, or -1.
	indexCols map[int]int
	covering  bool // The table cursor is not open: all comes from the index.

	regs     reg // Columns in registers from here on, when not 0.
	rowidReg reg
	own      bool // Column values must own their bytes.

	// computed are the expressions that the entries of the index hold.
	computed []plan.IndexExpr
}

// override replaces expressions by registers.
type override struct {
	cols  map[colKey]reg
	aggs  map[*resolve.Agg]reg // Window functions too.
	exprs []exprReg
}

type colKey struct {
	src *resolve.Source
	col int
}

type exprReg struct {
	e   *expr
	reg reg
}

// overridden finds the register that stands for e, if any.
func (g *gen) overridden(e *expr) (reg, bool) {
	for i := len(g.overrides) - 1; i >= 0; i-- {
		o := g.overrides[i]
		switch e.Op {
		case resolve.OpColumn:
			if r, ok := o.cols[colKey{e.Source, e.Index}]; ok {
				return r, true
			}
		case resolve.OpAgg, resolve.OpWindow:
			if r, ok := o.aggs[e.Agg]; ok {
				return r, true
			}
		}
		if r, ok := o.whole(e); ok {
			return r, true
		}
	}
	b, col := g.inEntry(e)
	if b == nil {
		return 0, false
	}
	r := g.temp()
	g.emit4(vm.OpColumn, b.index, int32(col), int32(r), -1)
	if b.own {
		g.p5(vm.ColumnOwn)
	}
	return r, true
}

// whole finds the register that stands for all of e.
func (o *override) whole(e *expr) (reg, bool) {
	for _, x := range o.exprs {
		if resolve.Equal(x.e, e) {
			return x.reg, true
		}
	}
	return 0, false
}

// atHand reports whether the value of e stands in a register or an index entry, and
// what it is made of perhaps nowhere.
func (g *gen) atHand(e *expr) bool {
	for i := range g.overrides {
		if _, ok := g.overrides[i].whole(e); ok {
			return true
		}
	}
	b, _ := g.inEntry(e)
	return b != nil
}

// inEntry is the column of an index entry that holds e; nil when there is none.
func (g *gen) inEntry(e *expr) (*binding, int) {
	if len(g.computed) == 0 || e.Op == resolve.OpColumn || e.Op == resolve.OpConst {
		return nil, 0
	}
	for _, src := range g.computed {
		b := g.bindings[src]
		for _, x := range b.computed {
			if resolve.Equal(x.Expr, e) && !g.readsOverridden(e) {
				return b, x.Column
			}
		}
	}
	return nil, 0
}

// replaced reports whether something stands for e, so that its columns may not be
// there.
func (g *gen) replaced(e *expr) bool {
	for _, o := range g.overrides {
		if _, ok := o.whole(e); ok {
			return true
		}
	}
	b, _ := g.inEntry(e)
	return b != nil
}

// has reports whether column e of a source can be read.
func (g *gen) has(e *expr) bool {
	for _, o := range g.overrides {
		if _, ok := o.cols[colKey{e.Source, e.Index}]; ok {
			return true
		}
	}
	b, known := g.bindings[e.Source], true
	switch {
	case b == nil:
		return false
	case b.regs == 0 && b.places != nil:
		_, known = b.places[e.Index]
	case b.regs == 0 && b.covering && e.Index != resolve.RowidColumn && e.Index != e.Source.Table.RowidAlias:
		_, known = b.indexCols[e.Index]
	}
	return known
}

// readsOverridden reports whether a column of e stands in a register: then the
// cursors are elsewhere.
func (g *gen) readsOverridden(e *expr) bool {
	found := false
	resolve.Walk(e, func(x *expr) bool {
		if x.Op == resolve.OpColumn {
			_, hit := g.overridden(x)
			found = found || hit
		}
		return !found
	})
	return found
}

// expr evaluates e and returns the register that holds it, which must not be
// written.
func (g *gen) expr(e *expr) reg {
	switch e.Op {
	case resolve.OpConst, resolve.OpParam:
		return g.hoist(e)
	case resolve.OpReg:
		return reg(e.Index)
	}
	if r, ok := g.overridden(e); ok {
		return r
	}
	if e.Op == resolve.OpCollate || e.Op == resolve.OpPlus {
		return g.expr(e.L)
	}
	if e.Op == resolve.OpColumn {
		if b := g.bindings[e.Source]; b != nil && b.regs != 0 && e.Index >= 0 {
			return b.regs + reg(e.Index)
		}
	}
	r := g.temp()
	g.exprTo(e, r)
	return r
}

// exprs evaluates a list into consecutive registers.
func (g *gen) exprs(list []*expr) reg {
	base := g.regs(len(list))
	for i, e := range list {
		g.exprTo(e, base+reg(i))
	}
	return base
}

var arithmetic = map[resolve.Op]vm.Op{
	resolve.OpAdd: vm.OpAdd, resolve.OpSub: vm.OpSubtract, resolve.OpMul: vm.OpMultiply, resolve.OpDiv: vm.OpDivide,
	resolve.OpRem: vm.OpRemainder, resolve.OpConcat: vm.OpConcat, resolve.OpBitAnd: vm.OpBitAnd, resolve.OpBitOr: vm.OpBitOr,
	resolve.OpShiftLeft: vm.OpShiftLeft, resolve.OpShiftRight: vm.OpShiftRight,
}

var comparison = map[resolve.Op]vm.Op{
	resolve.OpEq: vm.OpEq, resolve.OpNe: vm.OpNe, resolve.OpLt: vm.OpLt, resolve.OpLe: vm.OpLe, resolve.OpGt: vm.OpGt,
	resolve.OpGe: vm.OpGe, resolve.OpIs: vm.OpEq, resolve.OpIsNot: vm.OpNe,
}

// exprTo evaluates e into target.
func (g *gen) exprTo(e *expr, target reg) {
	if r, ok := g.overridden(e); ok {
		g.emit(vm.OpSCopy, int32(r), int32(target), 0)
		return
	}
	switch e.Op {
	case resolve.OpConst, resolve.OpParam:
		g.load(e, target)
	case resolve.OpRaise:
		g.raise(e)
	case resolve.OpReg:
		g.emit(vm.OpSCopy, int32(g.expr(e)), int32(target), 0)
	case resolve.OpColumn:
		g.column(e, target)
	case resolve.OpCollate, resolve.OpPlus:
		g.exprTo(e.L, target)
	case resolve.OpNegate:
		g.emit(vm.OpNegate, int32(g.expr(e.L)), int32(target), 0)
	case resolve.OpBitNot:
		g.emit(vm.OpBitNot, int32(g.expr(e.L)), int32(target), 0)
	case resolve.OpNot:
		g.emit(vm.OpNot, int32(g.expr(e.L)), int32(target), 0)
	case resolve.OpAdd, resolve.OpMul, resolve.OpBitAnd, resolve.OpBitOr:
		l, r := g.expr(e.L), g.expr(e.R)
		g.emit(arithmetic[e.Op], int32(l), int32(r), int32(target))
	case resolve.OpSub, resolve.OpDiv, resolve.OpRem, resolve.OpConcat, resolve.OpShiftLeft, resolve.OpShiftRight:
		l, r := g.expr(e.L), g.expr(e.R)
		g.emit(arithmetic[e.Op], int32(r), int32(l), int32(target))
	case resolve.OpAnd, resolve.OpOr:
		g.logic(e, target)
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe, resolve.OpIs, resolve.OpIsNot:
		if e.L.Width() > 1 {
			g.compareRows(e, target)
			return
		}
		g.compare(e, int32(target), vm.CmpStore)
	case resolve.OpIsNull, resolve.OpNotNull:
		done := g.newLabel()
		r := g.expr(e.L)
		g.emit(vm.OpInteger, 1, int32(target), 0)
		op := vm.OpIsNull
		if e.Op == resolve.OpNotNull {
			op = vm.OpNotNull
		}
		g.emit(op, int32(r), int32(done), 0)
		g.emit(vm.OpInteger, 0, int32(target), 0)
		g.bind(done)
	case resolve.OpTruth:
		g.truth(e, target)
	case resolve.OpBetween:
		low, high := g.between(e)
		g.logicTo(low, high, target)
		if e.Not {
			g.emit(vm.OpNot, int32(target), int32(target), 0)
		}
	case resolve.OpIn:
		g.inTo(e, target)
	case resolve.OpCase:
		g.caseTo(e, target)
	case resolve.OpCast:
		g.exprTo(e.L, target)
		g.emit(vm.OpCast, int32(target), int32(e.Cast), 0)
	case resolve.OpFunc:
		g.function(e, target)
	case resolve.OpExists:
		g.exists(e, target)
	case resolve.OpScalar:
		g.scalar(e, target)
	case resolve.OpField:
		g.field(e, target)
	case resolve.OpRow:
		g.fail(resolve.RowMisused(e))
	case resolve.OpAgg:
		g.fail(resolve.MisusedAgg(e)) // Else an override would stand for it.
	case resolve.OpWindow:
		g.fail(resolve.MisusedWindow(e))
	default:
		g.fail(resolve.NotYet("this expression"))
	}
}

// logic evaluates AND and OR: both sides, as the reference does, so that either
// may fail, but for a subquery that the other side leaves nothing to say.
func (g *gen) logic(e *expr, target reg) {
	if x := g.simplified(e); x != e {
		g.exprTo(x, target)
		g.emit(vm.OpAnd, int32(target), int32(target), int32(target))
		return
	}
	op, skip := vm.OpAnd, vm.OpIfNot
	if e.Op == resolve.OpOr {
		op, skip = vm.OpOr, vm.OpIf
	}
	first, second := sides(e)
	l := g.expr(first)
	if !hasQuery(e) {
		g.emit(op, int32(l), int32(g.expr(second)), int32(target))
		return
	}
	done, lt := g.newLabel(), g.temp()
	g.emit(vm.OpCopy, int32(l), int32(lt), 0)
	g.emit(vm.OpInteger, b2i(e.Op == resolve.OpOr), int32(target), 0)
	g.emit(skip, int32(lt), int32(done), 0)
	g.emit(op, int32(lt), int32(g.expr(second)), int32(target))
	g.bind(done)
}

// simplified is the side of an AND or OR that is left when the other is a
// constant, as the reference has it: what it leaves out cannot fail.
func (g *gen) simplified(e *expr) *expr {
	if g.inOuter || e.Op != resolve.OpAnd && e.Op != resolve.OpOr || g.atHand(e) {
		return e
	}
	l, r := g.simplified(e.L), g.simplified(e.R)
	switch {
	case always(l, true) || always(r, false):
		l, r = r, l
	case !always(r, true) && !always(l, false):
		return e
	}
	if e.Op == resolve.OpAnd {
		return l
	}
	return r
}

// always reports whether e is a number that is true, or one that is false; the
// reference looks at those that fit in 32 bits, without signs.
func always(e *expr, truth bool) bool {
	if e.Op != resolve.OpConst || e.Kind() != value.Int {
		return false
	}
	n := e.Value().Int()
	return n >= 0 && n <= math.MaxInt32 && (n != 0) == truth
}

// sides are the sides of an AND or OR in the order in which they are computed:
// one with a subquery last.
func sides(e *expr) (first, second *expr) {
	if hasQuery(e.L) && !hasQuery(e.R) {
		return e.R, e.L
	}
	return e.L, e.R
}

func hasQuery(e *expr) (found bool) {
	resolve.Walk(e, func(x *expr) bool {
		found = found || x.Query != nil
		return !found
	})
	return found
}

// between splits x BETWEEN a AND b into its two comparisons over one value of
// x.
func (g *gen) between(e *expr) (low, high *expr) {
	x := e.L
	if x.Width() > 1 {
		x = g.rowInRegs(x)
	} else if x.Op != resolve.OpColumn && x.Op != resolve.OpConst && x.Op != resolve.OpParam {
		x = resolve.Reg(int(g.expr(e.L)), e.L)
	}
	return resolve.Binary(resolve.OpGe, x, e.List[0]), resolve.Binary(resolve.OpLe, x, e.List[1])
}

func (g *gen) logicTo(l, r *expr, target reg) {
	a := g.temp()
	g.exprTo(l, a)
	g.exprTo(r, target)
	g.emit(vm.OpAnd, int32(a), int32(target), int32(target))
}

// compare emits a comparison: P2 is a label, or a register with CmpStore.
func (g *gen) compare(e *expr, p2 int32, flags uint16) {
	l, r := g.expr(e.L), g.expr(e.R)
	aff := resolve.CompareAffinity(e.L.Affinity(), e.R.Affinity())
	if aff <= value.AffBlob {
		aff = 0
	}
	if e.Op == resolve.OpIs || e.Op == resolve.OpIsNot {
		flags |= vm.CmpNullEq
		flags &^= vm.CmpJumpIfNull
	}
	g.emit4(comparison[e.Op], int32(r), p2, int32(l), g.coll(resolve.CompareCollation(e.L, e.R)))
	g.p5(flags | uint16(aff))
}

// truth evaluates x IS [NOT] TRUE or FALSE.
func (g *gen) truth(e *expr, target reg) {
	wantTrue := e.Index == 1
	// IsTrue gives x is true, with P3 for NULL; FALSE is its inverse but for
	// NULL, which is neither.
	invert := wantTrue == e.Not
	ifNull := int32(0)
	if !wantTrue {
		ifNull = 1
	}
	g.emit4(vm.OpIsTrue, int32(g.expr(e.L)), int32(target), ifNull, b2i(invert))
}

func (g *gen) caseTo(e *expr, target reg) {
	done := g.newLabel()
	operand := (*expr)(nil)
	if e.L != nil && e.L.Width() > 1 {
		operand = g.rowInRegs(e.L)
	} else if e.L != nil {
		r := g.temp()
		g.exprTo(e.L, r)
		operand = resolve.Reg(int(r), e.L)
	}
	for i := 0; i < len(e.List); i += 2 {
		next := g.newLabel()
		cond := e.List[i]
		if operand != nil {
			cond = resolve.Binary(resolve.OpEq, operand, cond)
		}
		g.jumpIf(cond, next, false, true)
		g.exprTo(e.List[i+1], target)
		g.jump(done)
		g.bind(next)
	}
	if e.R != nil {
		g.exprTo(e.R, target)
	} else {
		g.emit(vm.OpNull, 0, int32(target), 0)
	}
	g.bind(done)
}

// column reads a column into target.
func (g *gen) column(e *expr, target reg) {
	b := g.bindings[e.Source]
	if b == nil {
		g.fail(resolve.NotYet("a column of an enclosing query in this place"))
		return
	}
	own := uint16(0)
	if b.own {
		own = vm.ColumnOwn
	}
	if b.regs != 0 {
		r := b.rowidReg
		if e.Index >= 0 {
			r = b.regs + reg(e.Index)
		}
		g.emit(vm.OpSCopy, int32(r), int32(target), 0)
		return
	}
	col := e.Index
	t := e.Source.Table
	if b.records {
		if b.places != nil {
			col = b.places[col]
		} else if col == resolve.RowidColumn {
			col = b.rowid
		}
		g.emit4(vm.OpColumn, b.cursor, int32(col), int32(target), -1)
		g.p5(own)
		return
	}
	if t != nil && col == t.RowidAlias {
		col = resolve.RowidColumn
	}
	if col == resolve.RowidColumn {
		if b.index >= 0 {
			g.emit(vm.OpIdxRowid, b.index, int32(target), 0)
		} else {
			g.emit(vm.OpRowid, b.cursor, int32(target), 0)
		}
		return
	}
	if b.index >= 0 {
		if k, ok := b.indexCols[col]; ok {
			g.emit4(vm.OpColumn, b.index, int32(k), int32(target), -1)
			g.p5(own)
			return
		}
	}
	if how := e.Source.Virtual(col); how != nil {
		g.virtual(e, how, b, target)
		return
	}
	if t != nil {
		col = t.Columns[col].Place
	}
	g.emit4(vm.OpColumn, b.cursor, int32(col), int32(target), -1)
	g.p5(own)
}

// function compiles a call.
func (g *gen) function(e *expr, target reg) {
	if e.Func.Flags&fn.Inline != 0 {
		g.inline(e, target)
		return
	}
	base := g.exprs(e.List)
	coll := callCollation(e)
	constant := int32(1)
	for _, x := range e.List {
		if !x.IsConstant() {
			constant = 0
		}
	}
	g.emit4(vm.OpFunction, constant, int32(base), int32(target), g.call(e.Func, len(e.List), coll))
}

// callCollation is the collation that a call of a function gets.
func callCollation(e *expr) *value.Collation {
	if e.Func.Flags&fn.NeedsCollation != 0 {
		for _, x := range e.List {
			if c := x.Collation(); c != nil {
				return c
			}
		}
	}
	return nil
}

// inline compiles the functions that are control flow.
func (g *gen) inline(e *expr, target reg) {
	switch e.Func.Name {
	case "coalesce", "ifnull":
		done := g.newLabel()
		for i, x := range e.List {
			g.exprTo(x, target)
			if i < len(e.List)-1 {
				g.emit(vm.OpNotNull, int32(target), int32(done), 0)
			}
		}
		g.bind(done)
	case "iif", "if":
		c := *e
		c.Op, c.R = resolve.OpCase, nil
		if len(e.List)%2 == 1 {
			c.R, c.List = e.List[len(e.List)-1], e.List[:len(e.List)-1]
		}
		g.caseTo(&c, target)
	case "likely", "unlikely", "likelihood":
		g.exprTo(e.List[0], target)
	default:
		g.notYet(e.Func.Name + "()")
	}
}

// jumpIf jumps to l when e is true (cond) or false (not cond); onNull says
// whether NULL jumps too.
func (g *gen) jumpIf(e *expr, l label, cond, onNull bool) {
	if _, ok := g.overridden(e); ok {
		g.jumpPlain(e, l, cond, onNull)
		return
	}
	switch e.Op {
	case resolve.OpAnd, resolve.OpOr:
		if x := g.simplified(e); x != e {
			g.jumpIf(x, l, cond, onNull)
			return
		}
		first, second := sides(e)
		if cond != (e.Op == resolve.OpAnd) { // Either side may decide.
			g.jumpIf(first, l, cond, onNull)
			g.jumpIf(second, l, cond, onNull)
			return
		}
		skip := g.newLabel()
		g.jumpIf(first, skip, !cond, !onNull)
		g.jumpIf(second, l, cond, onNull)
		g.bind(skip)
	case resolve.OpNot:
		g.jumpIf(e.L, l, !cond, onNull)
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe, resolve.OpIs, resolve.OpIsNot:
		if e.L.Width() > 1 {
			g.jumpPlain(e, l, cond, onNull)
			return
		}
		c := *e
		if !cond {
			c.Op = negated[e.Op]
		}
		flags := uint16(0)
		if onNull {
			flags = vm.CmpJumpIfNull
		}
		g.compare(&c, int32(l), flags)
	case resolve.OpIsNull, resolve.OpNotNull:
		op := vm.OpIsNull
		if (e.Op == resolve.OpNotNull) == cond {
			op = vm.OpNotNull
		}
		g.emit(op, int32(g.expr(e.L)), int32(l), 0)
	case resolve.OpBetween:
		low, high := g.between(e)
		both := resolve.Binary(resolve.OpAnd, low, high)
		g.jumpIf(both, l, cond != e.Not, onNull)
	default:
		g.jumpPlain(e, l, cond, onNull)
	}
}

func (g *gen) jumpPlain(e *expr, l label, cond, onNull bool) {
	op := vm.OpIfNot
	if cond {
		op = vm.OpIf
	}
	g.emit(op, int32(g.expr(e)), int32(l), b2i(onNull))
}

var negated = map[resolve.Op]resolve.Op{
	resolve.OpEq: resolve.OpNe, resolve.OpNe: resolve.OpEq, resolve.OpLt: resolve.OpGe, resolve.OpLe: resolve.OpGt,
	resolve.OpGt: resolve.OpLe, resolve.OpGe: resolve.OpLt, resolve.OpIs: resolve.OpIsNot, resolve.OpIsNot: resolve.OpIs,
}
