package codegen

import (
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Expressions with a query or a list within: scalar subqueries, EXISTS, IN.

// scalar evaluates a subquery to its first row's value, once per run when it
// reads nothing from outside.
func (g *gen) scalar(e *expr, target reg) {
	if e.Width() > 1 {
		g.fail(resolve.RowMisused(e))
		return
	}
	p := plan.First(g.env.Plan, e.Query)
	g.subqueries++
	done, t := g.explainSub(e.Query, "SCALAR SUBQUERY")
	defer done()
	if e.Query.Correlated {
		g.memoised(e.Query, target, func(r reg) { g.scalarBody(p, r, t) })
		return
	}
	r := g.fixed(1)
	after := g.newLabel()
	g.once(after)
	g.scalarBody(p, r, t)
	g.bind(after)
	g.emit(vm.OpSCopy, int32(r), int32(target), 0)
}

func (g *gen) scalarBody(p *plan.Physical, r reg, t counted) {
	end := g.newLabel()
	g.count(t, vm.TallyLoop, 0)
	n := int32(p.Width())
	g.emit(vm.OpNull, 0, int32(r), int32(r)+n-1)
	g.query(p, g.counting(t, func(base reg) {
		g.emit(vm.OpCopy, int32(base), int32(r), n-1)
		g.jump(end)
	}))
	g.bind(end)
}

func (g *gen) exists(e *expr, target reg) {
	p := plan.First(g.env.Plan, e.Query)
	g.subqueries++
	done, t := g.explainSub(e.Query, "SCALAR SUBQUERY")
	defer done()
	r := target
	after := g.newLabel()
	if !e.Query.Correlated {
		r = g.fixed(1)
		g.once(after)
	}
	end := g.newLabel()
	g.emit(vm.OpInteger, 0, int32(r), 0)
	g.count(t, vm.TallyLoop, 0)
	g.query(p, g.counting(t, func(reg) {
		g.emit(vm.OpInteger, 1, int32(r), 0)
		g.jump(end)
	}))
	g.bind(end)
	g.bind(after)
	if r != target {
		g.emit(vm.OpSCopy, int32(r), int32(target), 0)
	}
}

// inAffinity is the affinity that x IN (...) gives to both sides' column k.
func inAffinity(e *expr, k int) value.Affinity {
	aff := e.L.Field(k).Affinity()
	if e.Query != nil {
		aff = resolve.CompareAffinity(e.Query.Compared(k).Affinity(), aff)
	} else if aff == value.AffReal {
		aff = value.AffNumeric
	}
	if aff <= value.AffBlob {
		aff = value.AffBlob
	}
	return aff
}

func inAffinities(e *expr) []value.Affinity {
	affs := make([]value.Affinity, e.L.Width())
	for k := range affs {
		affs[k] = inAffinity(e, k)
	}
	return affs
}

func inCollation(e *expr, k int) *value.Collation {
	if e.Query != nil {
		return resolve.CompareCollation(e.L.Field(k), e.Query.Compared(k))
	}
	return e.L.Collation()
}

// inIndexRows is the least rows of a table whose index serves an IN in the place
// of a set, inIndexTimes how many of them there are for each row that asks.
const (
	inIndexRows  = 256
	inIndexTimes = 2
)

// inIndex opens an index that has what the query of an IN gives, in its place, and
// finds once whether there is a NULL in it. A statement that changes rows
// would see its own changes there.
func (g *gen) inIndex(e *expr) (cursor int32, nullReg reg, ok bool) {
	x, result := g.indexOfIn(e)
	if x == nil {
		return 0, 0, false
	}
	g.subqueries++
	g.explain("USING INDEX " + x.Name + " FOR IN-OPERATOR")
	cursor, nullReg = g.cursor(), g.fixed(1)
	after := g.newLabel()
	g.use(result.Source.DB, false)
	g.once(after)
	g.emit4(vm.OpOpenRead, cursor, int32(x.Root), int32(result.Source.DB), g.key(indexKey(x)))
	if result.CanBeNull() {
		null := g.temp()
		g.emit(vm.OpNull, 0, int32(null), 0)
		g.emit(vm.OpInteger, 1, int32(nullReg), 0)
		g.emit4(vm.OpFound, cursor, int32(after), int32(null), 1)
	}
	g.emit(vm.OpInteger, 0, int32(nullReg), 0)
	g.bind(after)
	return cursor, nullReg, true
}

// indexOfIn is the index that serves an IN, and the column that its query gives: of
// a whole table large enough against the rows that ask.
func (g *gen) indexOfIn(e *expr) (*catalog.Index, *expr) {
	if !g.selects || e.Query == nil || len(e.Query.Cores) > 1 || e.Query.Limit != nil || e.Query.Offset != nil || e.Query.Recursion != nil {
		return nil, nil
	}
	c := e.Query.Cores[0]
	if c.Where != nil || c.IsAgg || c.Rows != nil || len(c.Windows) > 0 || len(c.Sources) != 1 {
		return nil, nil
	}
	src, result := c.Sources[0], c.Results[0].Expr
	t := src.Table
	if t == nil || src.Query != nil || src.Current != nil || t.Module != nil || t.View != nil || g.env.Plan.Stats == nil ||
		result.Op != resolve.OpColumn || result.Source != src || result.Index < 0 || src.Virtual(result.Index) != nil {
		return nil, nil
	}
	if n := float64(g.env.Plan.Stats.Rows(t.DB, t.Root)); n < inIndexRows || n < inIndexTimes*g.asking {
		return nil, nil
	}
	for _, x := range t.Indexes {
		k := &x.Columns[0]
		if x != t.Key && x.Where == nil && k.Column == result.Index && sameCollation(k.Collation, inCollation(e, 0)) &&
			plan.AffinityFits(inAffinity(e, 0), src.Columns[result.Index].Affinity) {
			return x, result
		}
	}
	return nil, nil
}

func sameCollation(a, b *value.Collation) bool {
	return a == b || a.IsBinary() && b.IsBinary()
}

// inSet builds the set of an IN in an ephemeral index and returns its cursor,
// and a register that tells 1 when a NULL was met. The set leaves NULLs out;
// one of rows holds those with a NULL too.
func (g *gen) inSet(e *expr) (cursor int32, nullReg reg) {
	cursor = g.cursor()
	nullReg = g.fixed(1)
	n := e.L.Width()
	key := &vm.KeyInfo{}
	for k := 0; k < n; k++ {
		key.Cols = append(key.Cols, record.KeyColumn{Collation: inCollation(e, k)})
	}
	after := g.newLabel()
	constant := e.Query != nil && !e.Query.Correlated
	if e.Query == nil {
		constant = true
		for _, x := range e.List {
			constant = constant && x.IsConstant()
		}
	}
	if constant {
		g.once(after)
	}
	g.emit4(vm.OpOpenEphemeral, cursor, 0, 0, g.key(key))
	g.emit(vm.OpInteger, 0, int32(nullReg), 0)
	affs := inAffinities(e)
	insert := func(base reg) {
		r := g.regs(n)
		for k := 0; k < n; k++ {
			g.emit(vm.OpSCopy, int32(base)+int32(k), int32(r)+int32(k), 0)
		}
		g.applyAffinity(r, affs)
		if n > 1 {
			g.emit4(vm.OpIdxInsert, cursor, int32(r), int32(n), -1)
			hasNull, next := g.newLabel(), g.newLabel()
			g.emit(vm.OpIsNull, int32(r), int32(hasNull), int32(n))
			g.jump(next)
			g.bind(hasNull)
			g.emit(vm.OpInteger, 1, int32(nullReg), 0)
			g.bind(next)
			return
		}
		notNull, next := g.newLabel(), g.newLabel()
		g.emit(vm.OpNotNull, int32(r), int32(notNull), 0)
		g.emit(vm.OpInteger, 1, int32(nullReg), 0)
		g.jump(next)
		g.bind(notNull)
		g.emit4(vm.OpIdxInsert, cursor, int32(r), 1, -1)
		g.bind(next)
	}
	if e.Query != nil {
		g.subqueries++
		done, t := g.explainSub(e.Query, "LIST SUBQUERY")
		g.count(t, vm.TallyLoop, 0)
		g.query(plan.Query(g.env.Plan, e.Query), g.counting(t, insert))
		done()
	} else {
		for _, x := range e.List {
			mark := g.top
			insert(g.expr(x))
			g.release(mark)
		}
	}
	g.bind(after)
	return cursor, nullReg
}

// inTo evaluates x [NOT] IN (...) to 0, 1 or NULL.
func (g *gen) inTo(e *expr, target reg) {
	if e.L.Width() > 1 {
		g.rowInTo(e, target)
		return
	}
	no := b2i(e.Not)
	if e.Query == nil && len(e.List) == 0 {
		g.expr(e.L)
		g.emit(vm.OpInteger, no, int32(target), 0)
		return
	}
	done, found, null := g.newLabel(), g.newLabel(), g.newLabel()
	x := g.temp()
	g.exprTo(e.L, x)
	affs := inAffinities(e)
	if e.Query == nil && (len(e.List) <= 2 || !constantList(e.List)) {
		g.applyAffinity(x, affs)
		g.emit(vm.OpIsNull, int32(x), int32(null), 0)
		sawNull := g.temp()
		g.emit(vm.OpInteger, 0, int32(sawNull), 0)
		coll := g.coll(inCollation(e, 0))
		for _, y := range e.List {
			r, next := g.expr(y), g.newLabel()
			g.emit4(vm.OpEq, int32(r), int32(found), int32(x), coll)
			aff := affs[0]
			if aff <= value.AffBlob {
				aff = 0
			}
			g.p5(uint16(aff))
			if y.CanBeNull() {
				g.emit(vm.OpNotNull, int32(r), int32(next), 0)
				g.emit(vm.OpInteger, 1, int32(sawNull), 0)
			}
			g.bind(next)
		}
		g.emit(vm.OpIf, int32(sawNull), int32(null), 0)
	} else {
		set, nullReg, ok := g.inIndex(e)
		if !ok {
			set, nullReg = g.inSet(e)
		}
		g.applyAffinity(x, affs)
		empty := g.newLabel()
		g.emit(vm.OpIfEmpty, set, int32(empty), 0)
		g.emit(vm.OpIsNull, int32(x), int32(null), 0)
		g.emit4(vm.OpFound, set, int32(found), int32(x), 1)
		g.emit(vm.OpIf, int32(nullReg), int32(null), 0)
		g.emit(vm.OpInteger, no, int32(target), 0)
		g.jump(done)
		g.bind(empty) // Empty but for NULLs.
		g.emit(vm.OpIf, int32(nullReg), int32(null), 0)
	}
	g.membership(e, target, done, found, null)
}

// membership ends an IN: who comes here found no member, who jumps to found
// did, and who jumps to null cannot know.
func (g *gen) membership(e *expr, target reg, done, found, null label) {
	no := b2i(e.Not)
	g.emit(vm.OpInteger, no, int32(target), 0)
	g.jump(done)
	g.bind(found)
	g.emit(vm.OpInteger, 1-no, int32(target), 0)
	g.jump(done)
	g.bind(null)
	g.emit(vm.OpNull, 0, int32(target), 0)
	g.bind(done)
}

func constantList(list []*expr) bool {
	for _, x := range list {
		if !x.IsConstant() {
			return false
		}
	}
	return true
}

func (g *gen) explainSub(q *resolve.Query, what string) (done func(), t counted) {
	if q.Correlated {
		what = "CORRELATED " + what
	}
	id, t := g.explainCounted(what + " " + itoa(g.subqueries))
	return g.under(id), t
}
