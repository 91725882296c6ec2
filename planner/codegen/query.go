package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
)

// sink consumes one row whose columns stand in consecutive registers.
type sink func(base reg)

// limiter holds the registers of LIMIT and OFFSET.
type limiter struct {
	limit, offset, both reg // 0: none.
}

// query compiles a plan and calls out where it has a row.
func (g *gen) query(p *plan.Physical, out sink) {
	if g.unsolved(p) {
		return
	}
	end := g.newLabel()
	lim := g.limits(p, end)
	if p.Recursion != nil {
		g.recursive(p, lim, end, out)
	} else if len(p.OrderBy) > 0 && !p.Ordered && !g.trivialOrder(p) {
		g.sorted(p, lim, end, out)
	} else {
		g.rows(p, func(base reg) {
			skip := g.newLabel()
			if lim.offset != 0 {
				g.emit(vm.OpIfPos, int32(lim.offset), int32(skip), 1)
			}
			out(base)
			if lim.limit != 0 {
				g.emit(vm.OpDecrJumpZero, int32(lim.limit), int32(end), 0)
			}
			g.bind(skip)
		})
	}
	g.bind(end)
}

// trivialOrder: an aggregate without GROUP BY has one row.
func (g *gen) trivialOrder(p *plan.Physical) bool {
	return p.Left == nil && p.IsAgg && len(p.GroupBy) == 0
}

func (g *gen) limits(p *plan.Physical, end label) (lim limiter) {
	if p.Limit == nil {
		return lim
	}
	load := func(e *expr) reg {
		r := g.fixed(1)
		g.exprTo(e, r)
		g.emit(vm.OpMustBeInt, int32(r), 0, 0)
		return r
	}
	lim.limit = load(p.Limit)
	g.emit(vm.OpIfNot, int32(lim.limit), int32(end), 0)
	if p.Offset != nil {
		lim.offset = load(p.Offset)
		lim.both = g.fixed(1)
		g.emit(vm.OpOffsetLimit, int32(lim.limit), int32(lim.both), int32(lim.offset))
	}
	return lim
}

// sorted sends the rows through a sorter.
func (g *gen) sorted(p *plan.Physical, lim limiter, end label, out sink) {
	n := p.Width()
	s := g.cursor()
	key := orderKey(p.OrderBy)
	cols := keyColumns(p)
	key.PayloadRecord = cols == nil
	top := lim.limit
	if lim.both != 0 {
		top = lim.both
	}
	join := func() {}
	if !p.IsAgg && !p.Distinct {
		join = g.splitting(p, &vm.SplitInfo{Sorters: []int32{s}})
	}
	g.emit4(vm.OpSorterOpen, s, 0, int32(top), g.key(key))
	insert := func(keys, base reg) {
		rec := int32(-1)
		if cols == nil {
			rec = int32(g.temp())
			g.emit4(vm.OpMakeRecord, int32(base), int32(n), rec, -1)
		}
		g.emit4(vm.OpSorterInsert, s, int32(keys), int32(len(p.OrderBy)), rec)
	}
	row := func(base reg) {
		mark := g.top
		keys := g.regs(len(p.OrderBy))
		for i, o := range p.OrderBy {
			if o.Col >= 0 {
				g.emit(vm.OpSCopy, int32(base)+int32(o.Col), int32(keys)+int32(i), 0)
			} else {
				g.exprTo(o.Expr, keys+reg(i))
			}
		}
		insert(keys, base)
		g.release(mark)
	}
	switch {
	case p.Late:
		g.lateRows(p, s, cols != nil, insert)
	case p.Batch && !p.IsAgg && !p.Distinct:
		g.batches(p, func(v *vectors) {
			g.emit4(vm.OpVSorterInsert, s, 0, 0, g.object(v.entry(p, cols != nil)))
		}, func() { row(g.results(p)) })
	default:
		g.rows(p, row)
	}
	join()
	g.explainKept("USE TEMP B-TREE FOR ORDER BY", s, vm.TallySorted)
	g.emit(vm.OpSorterSort, s, int32(end), 0)
	if lim.offset != 0 {
		g.emit(vm.OpSorterSkip, s, int32(end), int32(lim.offset))
	}
	loop := int32(len(g.code))
	base := g.regs(n)
	for i := range int32(n) {
		col := i
		if cols != nil {
			col = cols[i]
		}
		g.emit4(vm.OpColumn, s, col, int32(base)+i, -1)
	}
	out(base)
	if lim.limit != 0 {
		g.emit(vm.OpDecrJumpZero, int32(lim.limit), int32(end), 0)
	}
	g.emit(vm.OpSorterNext, s, loop, 0)
}

// keyColumns are the columns of a sort's key that give back the results of its rows, which need no record
// then; nil where some do not: results that are no keys, texts that another collation orders, and those
// in descending order, which are turned round one by one.
func keyColumns(p *plan.Physical) []int32 {
	cols := make([]int32, p.Width())
	for i := range cols {
		cols[i] = -1
		for k, o := range p.OrderBy {
			if o.Col == i && o.Collation.IsBinary() && (!o.Desc || o.Expr != nil && o.Expr.Affinity().IsNumeric()) {
				cols[i] = int32(k)
				break
			}
		}
		if cols[i] < 0 {
			return nil
		}
	}
	return cols
}

// lateRows compiles the rows of a plan that go into sorter s, which has a limit:
// those that it turns away by their keys get no results. Over vectors, the first
// column of the key tells of most rows that it does; keyed as keyColumns says.
func (g *gen) lateRows(p *plan.Physical, s int32, keyed bool, insert func(keys, base reg)) {
	one := func() {
		mark := g.top
		keys := g.regs(len(p.OrderBy))
		of := map[int]reg{} // Results that are keys.
		for i, o := range p.OrderBy {
			if r, ok := of[o.Col]; ok && o.Col >= 0 {
				g.emit(vm.OpSCopy, int32(r), int32(keys)+int32(i), 0)
				continue
			}
			if o.Col >= 0 {
				of[o.Col] = keys + reg(i)
			}
			g.exprTo(p.OrderKey(i), keys+reg(i))
		}
		away := g.newLabel()
		g.emit4(vm.OpSorterAway, s, int32(away), int32(keys), int32(len(p.OrderBy)))
		base := g.regs(len(p.Results))
		for i, e := range p.Results {
			if r, ok := of[i]; ok {
				g.emit(vm.OpSCopy, int32(r), int32(base)+int32(i), 0)
			} else {
				g.exprTo(e, base+reg(i))
			}
		}
		insert(keys, base)
		g.bind(away)
		g.release(mark)
	}
	if !p.Batch {
		g.loops(p, func(_, _ label) { one() })
		return
	}
	g.batches(p, func(v *vectors) {
		x, truth := v.value(p.OrderKey(0)), v.next()
		g.emit(vm.OpVAway, s, x, truth)
		g.emit(vm.OpVFilter, truth, 0, 0)
		if p.LateBatch {
			clear(v.fresh)
			g.emit4(vm.OpVSorterInsert, s, 0, 0, g.object(v.entry(p, keyed)))
			return
		}
		c, none := v.cursor, g.newLabel()
		g.emit(vm.OpVRow, c, int32(none), 0)
		top := int32(len(g.code))
		one()
		g.emit(vm.OpVRowNext, c, top, 0)
		g.bind(none)
	}, one)
}

// rows compiles the rows of a plan without its ORDER BY and LIMIT.
func (g *gen) rows(p *plan.Physical, out sink) {
	switch {
	case p.Left != nil:
		g.compound(p, out)
	case p.Rows != nil:
		for _, row := range p.Rows {
			out(g.exprs(row))
		}
	case p.Window != nil:
		g.window(p, g.distinct(p, out))
	case p.CountOnly:
		g.countOnly(p, out)
	case p.IsAgg && len(p.GroupBy) > 0:
		g.grouped(p, g.distinct(p, out))
	case p.IsAgg:
		g.aggregate(p, g.distinct(p, out))
	case p.Hashed:
		g.distinctHash(p, out)
	default:
		out = g.distinct(p, out)
		g.loops(p, func(next, end label) {
			out(g.results(p))
		})
	}
}

// results evaluates the result columns into consecutive registers.
func (g *gen) results(p *plan.Physical) reg { return g.exprs(p.Results) }

// resultKey is how rows are told apart.
func resultKey(p *plan.Physical) (cols []record.KeyColumn) {
	for _, e := range p.Results {
		cols = append(cols, record.KeyColumn{Collation: e.Collation()})
	}
	return cols
}

// distinct lets only the first of equal rows through.
func (g *gen) distinct(p *plan.Physical, out sink) sink {
	if !p.Distinct {
		return out
	}
	c := g.cursor()
	_, t := g.explainCounted("USE TEMP B-TREE FOR DISTINCT")
	g.emit4(vm.OpOpenEphemeral, c, 0, 0, g.key(&vm.KeyInfo{Cols: resultKey(p)}))
	g.count(t, vm.TallyLoop, 0)
	n := len(p.Results)
	return func(base reg) {
		seen := g.newLabel()
		g.emit4(vm.OpFound, c, int32(seen), int32(base), int32(n))
		g.emit4(vm.OpIdxInsert, c, int32(base), int32(n), -1)
		g.p5(1)
		g.count(t, vm.TallyRow, 0)
		out(base)
		g.bind(seen)
	}
}

// compound compiles UNION [ALL], EXCEPT and INTERSECT.
func (g *gen) compound(p *plan.Physical, out sink) {
	if p.Op == ast.UnionAll {
		// The two sides share one sink by way of a subroutine.
		n := p.Width()
		row := g.fixed(n)
		back := g.fixed(1)
		sub, done := g.newLabel(), g.newLabel()
		send := func(base reg) {
			g.emit(vm.OpCopy, int32(base), int32(row), int32(n-1))
			g.emit(vm.OpGosub, int32(back), int32(sub), 0)
		}
		g.query(p.Left, send)
		g.query(p.Right, send)
		g.jump(done)
		g.bind(sub)
		out(row)
		g.emit(vm.OpReturn, int32(back), 0, 0)
		g.bind(done)
		return
	}
	// Of rows that compare equal the reference shows the first of the left
	// side; a UNION shows the first of the right one when it has any.
	n := p.Width()
	left := g.rowSet(p)
	if p.Op == ast.Union {
		g.query(p.Right, g.insertRow(left, n))
	}
	g.query(p.Left, g.insertRow(left, n))
	end := g.newLabel()
	if p.Op != ast.Union {
		// Nor are the errors of the right side to show, which does not run then.
		g.emit(vm.OpIfEmpty, left, int32(end), 0)
	}
	if p.Op == ast.Except {
		g.query(p.Right, func(base reg) {
			g.emit(vm.OpIdxDelete, left, int32(base), int32(n))
			g.p5(1)
		})
	}
	right := int32(-1)
	if p.Op == ast.Intersect {
		right = g.rowSet(p)
		g.query(p.Right, g.insertRow(right, n))
	}
	step := g.scanAll(left, false, end)
	row := g.regs(n)
	for i := 0; i < n; i++ {
		g.emit4(vm.OpColumn, left, int32(i), int32(row)+int32(i), -1)
	}
	next := g.newLabel()
	if right >= 0 {
		g.emit4(vm.OpNotFound, right, int32(next), int32(row), int32(n))
	}
	out(row)
	g.bind(next)
	step()
	g.bind(end)
}

// rowSet opens a private index whose keys are whole rows of a compound.
func (g *gen) rowSet(p *plan.Physical) int32 {
	c := g.cursor()
	key := &vm.KeyInfo{}
	for i := 0; i < p.Width(); i++ {
		key.Cols = append(key.Cols, record.KeyColumn{Collation: p.Collations[i]})
	}
	g.emit4(vm.OpOpenEphemeral, c, 0, 0, g.key(key))
	return c
}

// insertRow puts a row into a row set that holds none equal to it.
func (g *gen) insertRow(c int32, n int) sink {
	return func(base reg) {
		seen := g.newLabel()
		g.emit4(vm.OpFound, c, int32(seen), int32(base), int32(n))
		g.emit4(vm.OpIdxInsert, c, int32(base), int32(n), -1)
		g.bind(seen)
	}
}

// Select compiles a whole SELECT.
func Select(env *Env, q *resolve.Query, p *plan.Physical) (*vm.Program, error) {
	g := newGen(env)
	g.selects = true
	n := p.Width()
	g.query(p, func(base reg) { g.emit(vm.OpResultRow, int32(base), int32(n), 0) })
	g.prog.Columns = Columns(q)
	return g.finish()
}

// Columns describes the result columns of a query.
func Columns(q *resolve.Query) []vm.Column {
	cols := make([]vm.Column, len(q.Columns))
	for i, c := range q.Columns {
		e := q.Cores[0].Result(i)
		cols[i] = vm.Column{Name: c.Name, DeclType: e.DeclType()}
		if t, col := e.Origin(); t != nil {
			cols[i].Database, cols[i].Table = t.Schema, t.Name
			switch {
			case col < 0:
				cols[i].Origin = "rowid"
			case col < len(t.Columns):
				cols[i].Origin, cols[i].NotNull = t.Columns[col].Name, t.Columns[col].NotNull
			}
		}
	}
	return cols
}
