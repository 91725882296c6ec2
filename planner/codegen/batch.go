package codegen

import (
	"slices"

	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// batch feeds the accumulators of an ungrouped aggregate over one table with
// vectors.
func (g *gen) batch(a *aggregation) {
	p := a.p
	calls := g.calls(p.Aggs)
	join := g.splitting(p, &vm.SplitInfo{Accums: a.accums, Calls: calls})
	g.resetGroup(a)
	g.batches(p, func(v *vectors) {
		args := v.arguments(p.Aggs)
		for i := range p.Aggs {
			g.emit4(vm.OpVAgg, args[i], 0, a.accums+int32(i), calls[i])
		}
	}, func() { g.stepGroup(a) })
	join()
}

// batches compiles a loop over one table with vectors: a leaf of rows at a time
// is decoded column by column, filtered, and handed to all. Beside the vector
// loop stands its row-by-row twin, which takes a batch of which some rows go on
// in overflow pages; one is for each of its rows.
func (g *gen) batches(p *plan.Physical, all func(*vectors), one func()) {
	l, end := p.Levels[0], g.newLabel()
	for _, t := range p.Before {
		g.jumpIf(t, end, false, true)
	}
	g.open(l)
	g.tally(l.Source, vm.TallyLoop)
	g.batchLoop(l, l.Terms, end, all, func() {
		next := g.newLabel()
		for _, t := range l.Terms {
			g.jumpIf(t, next, false, true)
		}
		one()
		g.bind(next)
	})
}

// batchLoop is batches over an open table; one tests the terms itself. It binds
// end.
func (g *gen) batchLoop(l *plan.Level, terms []*expr, end label, all func(*vectors), one func()) {
	twin, c := g.newLabel(), g.bindings[l.Source].cursor
	loop := g.filtered(l, terms, end, twin, all)
	g.emit(vm.OpVRow, c, int32(loop), 0)
	top := int32(len(g.code))
	one()
	g.emit(vm.OpVRowNext, c, top, 0)
	g.jump(loop)
	g.bind(end)
}

// splitting begins what is done anew when the loop over p, split, has come to
// nothing; info says where its rows go. It returns what emits the end of the
// loop.
func (g *gen) splitting(p *plan.Physical, info *vm.SplitInfo) (join func()) {
	if !p.Split || !g.selects || g.env.Tallies {
		return func() {}
	}
	return g.splitLoop(p.Levels[0], info)
}

// splitLoop is splitting for the loop over l.
func (g *gen) splitLoop(l *plan.Level, info *vm.SplitInfo) (join func()) {
	object := g.object(info)
	g.split, g.splits = l, object
	again := int32(len(g.code))
	return func() {
		g.split = nil
		info.Slow = slices.ContainsFunc(g.code[again:], func(in vm.Instr) bool { return in.Op == vm.OpFunction && in.P1 == 0 })
		g.emit4(vm.OpJoin, 0, again, 0, object)
	}
}

// filtered compiles the vector part of a loop: all takes the lanes for which the
// terms are true, and the next batch comes at the label that is returned. Behind
// it the row part begins, at twin.
func (g *gen) filtered(l *plan.Level, terms []*expr, end, twin label, all func(*vectors)) (loop label) {
	c := g.bindings[l.Source].cursor
	loop = g.newLabel()
	g.batchStart(l, c, end)
	v, first := &vectors{g: g, cursor: c, cols: map[int]int32{}, fresh: map[int]bool{}}, g.vectors
	open := g.emit4(vm.OpVOpen, c, 0, int32(g.env.Plan.BatchRows), first)
	if h := l.Access.High; h != nil {
		g.emit(vm.OpVRangeEnd, c, b2i(!h.Inclusive), int32(g.pinned(h.Expr)))
	}
	g.bind(loop)
	if g.split == l {
		g.emit4(vm.OpSplit, c, 0, 0, g.splits)
		g.forgetMerges() // The cursors of a helper stand nowhere.
	}
	g.emit(vm.OpVNext, c, int32(end), int32(twin))
	g.tally(l.Source, vm.TallyBatch)
	for _, t := range terms {
		g.emit(vm.OpVFilter, v.truth(t), 0, 0)
		clear(v.fresh)
	}
	for _, p := range g.ahead {
		if p.key.Source == l.Source {
			found := v.next()
			g.emit(vm.OpVProbe, p.cursor, v.value(p.key), found)
			g.emit(vm.OpVFilter, found, 0, 0)
			clear(v.fresh)
		}
	}
	all(v)
	g.jump(loop)
	g.code[open].P2 = g.vectors - first
	g.bind(twin)
	g.tally(l.Source, vm.TallyBatch)
	return loop
}

// enterBatches begins the outermost loop over a table whose first terms are
// tested for many rows at once; what is left is read row by row. Rows of a batch
// with overflow pages come as they are and are tested one by one.
func (g *gen) enterBatches(l *plan.Level, cont, brk label) (step func()) {
	c := g.bindings[l.Source].cursor
	untested := g.fixed(1)
	twin, row, tested := g.newLabel(), g.newLabel(), g.newLabel()
	terms := l.Terms[:l.Batched]
	loop := g.filtered(l, terms, brk, twin, func(*vectors) {
		g.emit(vm.OpInteger, 0, int32(untested), 0)
		g.emit(vm.OpVRow, c, int32(row), 1)
	})
	g.emit(vm.OpInteger, 1, int32(untested), 0)
	g.emit(vm.OpVRow, c, int32(loop), 0)
	g.bind(row)
	g.emit(vm.OpIfNot, int32(untested), int32(tested), 0)
	for _, t := range terms {
		g.jumpIf(t, cont, false, true)
	}
	g.bind(tested)
	return func() {
		g.emit(vm.OpVRowNext, c, int32(row), 0)
		g.jump(loop)
	}
}

// batchStart puts the cursor on the first row of the range.
func (g *gen) batchStart(l *plan.Level, c int32, end label) {
	a := l.Access
	if a.High != nil {
		g.emit(vm.OpIsNull, int32(g.pinned(a.High.Expr)), int32(end), 0)
	}
	switch {
	case a.Low == nil:
		g.emit(vm.OpRewind, c, int32(end), 0)
	case a.Low.Inclusive:
		g.emit(vm.OpSeekRowidGE, c, int32(end), int32(g.pinned(a.Low.Expr)))
	default:
		g.emit(vm.OpSeekRowidGT, c, int32(end), int32(g.pinned(a.Low.Expr)))
	}
}

// vectors compiles expressions to vector registers.
type vectors struct {
	g      *gen
	cursor int32
	cols   map[int]int32 // The register of a column.
	fresh  map[int]bool  // It holds the lanes that are selected now.
}

// next is a vector register of the loop's own: loops may stand within loops.
func (v *vectors) next() int32 {
	v.g.vectors++
	return v.g.vectors - 1
}

// arguments are the vectors of the aggregates' arguments, -1 for none.
func (v *vectors) arguments(aggs []*resolve.Agg) []int32 {
	args := make([]int32, len(aggs))
	for i, x := range aggs {
		args[i] = -1
		switch {
		case x.Filter != nil: // All of these aggregates leave NULLs out.
			one := resolve.Const(value.FromInt(1))
			if len(x.Args) > 0 {
				one = x.Args[0]
			}
			args[i] = v.choose(v.truth(x.Filter), v.value(one), v.value(null))
		case len(x.Args) > 0:
			args[i] = v.value(x.Args[0])
		}
	}
	return args
}

// entry is what a row of p is in a sorter: its keys, and its results, unless the keys give them back.
func (v *vectors) entry(p *plan.Physical, keyed bool) *vm.VectorEntry {
	x := &vm.VectorEntry{Index: keyed}
	for _, e := range p.Results {
		x.Record = append(x.Record, v.value(e))
	}
	for i, o := range p.OrderBy {
		if o.Col >= 0 {
			x.Key = append(x.Key, x.Record[o.Col])
		} else {
			x.Key = append(x.Key, v.value(p.OrderKey(i)))
		}
	}
	return x
}

// indexEntry is the entry of an index with that key in a sorter.
func (v *vectors) indexEntry(key []*expr) *vm.VectorEntry {
	x := &vm.VectorEntry{Index: true}
	for _, e := range key {
		x.Key = append(x.Key, v.value(e))
	}
	return x
}

func (v *vectors) value(e *expr) int32 {
	g := v.g
	switch e.Op {
	case resolve.OpConst, resolve.OpParam:
		r := v.next()
		g.emit(vm.OpVReg, int32(g.hoist(e)), 0, r)
		return r
	case resolve.OpColumn:
		col := e.Index
		if t := e.Source.Table; col == t.RowidAlias {
			col = resolve.RowidColumn
		}
		r, ok := v.cols[col]
		if v.fresh[col] {
			return r
		}
		if !ok {
			r = v.next()
			v.cols[col] = r
		}
		v.fresh[col] = true
		if col == resolve.RowidColumn {
			g.emit(vm.OpVRowid, v.cursor, 0, r)
		} else {
			g.emit4(vm.OpVColumn, v.cursor, int32(e.Source.Table.Columns[col].Place), r, -1)
		}
		return r
	case resolve.OpPlus:
		return v.value(e.L)
	case resolve.OpCase:
		return v.caseOf(e.L, e.List, e.R)
	case resolve.OpFunc:
		return v.call(e)
	case resolve.OpNegate:
		x := v.value(e.L)
		r := v.next()
		g.emit(vm.OpVNegate, x, 0, r)
		return r
	case resolve.OpAdd, resolve.OpSub, resolve.OpMul, resolve.OpDiv, resolve.OpRem,
		resolve.OpBitAnd, resolve.OpBitOr, resolve.OpShiftLeft, resolve.OpShiftRight:
		x, y := v.value(e.L), v.value(e.R)
		r := v.next()
		g.emit4(vm.OpVArith, x, y, r, int32(arithmetic[e.Op]))
		return r
	default:
		x := v.truth(e)
		r := v.next()
		g.emit(vm.OpVBool, x, 0, r)
		return r
	}
}

// null is the value of a CASE without ELSE.
var null = resolve.Const(value.Value{})

// choose is then where truth is true, otherwise elsewhere.
func (v *vectors) choose(truth, then, otherwise int32) int32 {
	r := v.next()
	v.g.emit4(vm.OpVChoose, truth, then, r, otherwise)
	return r
}

// caseOf compiles CASE. All of its branches are computed, which nobody sees of
// calm expressions, and the first condition has the last word.
func (v *vectors) caseOf(operand *expr, list []*expr, otherwise *expr) int32 {
	x := int32(-1)
	if operand != nil {
		x = v.value(operand)
	}
	if otherwise == nil {
		otherwise = null
	}
	r := v.value(otherwise)
	for i := len(list) - 2; i >= 0; i -= 2 {
		var cond int32
		if operand != nil {
			cond = v.compare(resolve.Binary(resolve.OpEq, operand, list[i]), x, v.value(list[i]))
		} else {
			cond = v.truth(list[i])
		}
		r = v.choose(cond, v.value(list[i+1]), r)
	}
	return r
}

// call compiles a call of a function.
func (v *vectors) call(e *expr) int32 {
	g := v.g
	if e.Func.Flags&fn.Inline == 0 {
		site := &vm.VectorCall{}
		for _, x := range e.List {
			site.Args = append(site.Args, v.value(x))
		}
		site.Call = g.call(e.Func, len(e.List), callCollation(e))
		r := v.next()
		g.emit4(vm.OpVFunction, 0, 0, r, g.object(site))
		return r
	}
	switch n := len(e.List); e.Func.Name {
	case "coalesce", "ifnull":
		r := v.value(e.List[n-1])
		for i := n - 2; i >= 0; i-- {
			x, some := v.value(e.List[i]), v.next()
			g.emit(vm.OpVIsNull, x, 1, some)
			r = v.choose(some, x, r)
		}
		return r
	case "iif", "if":
		if n%2 == 0 {
			return v.caseOf(nil, e.List, nil)
		}
		return v.caseOf(nil, e.List[:n-1], e.List[n-1])
	default: // likely and its like.
		return v.value(e.List[0])
	}
}

func (v *vectors) truth(e *expr) int32 {
	g := v.g
	switch e.Op {
	case resolve.OpAnd, resolve.OpOr:
		x, y := v.truth(e.L), v.truth(e.R)
		r := v.next()
		op := vm.OpVAnd
		if e.Op == resolve.OpOr {
			op = vm.OpVOr
		}
		g.emit(op, x, y, r)
		return r
	case resolve.OpNot:
		x := v.truth(e.L)
		r := v.next()
		g.emit(vm.OpVNot, x, 0, r)
		return r
	case resolve.OpIsNull, resolve.OpNotNull:
		x := v.value(e.L)
		r := v.next()
		g.emit(vm.OpVIsNull, x, b2i(e.Op == resolve.OpNotNull), r)
		return r
	case resolve.OpBetween:
		low := resolve.Binary(resolve.OpGe, e.L, e.List[0])
		high := resolve.Binary(resolve.OpLe, e.L, e.List[1])
		both := resolve.Binary(resolve.OpAnd, low, high)
		if e.Not {
			both = resolve.Unary(resolve.OpNot, both)
		}
		return v.truth(both)
	case resolve.OpIn:
		x := v.value(e.L)
		list := &vm.InList{Affinity: inAffinity(e, 0), Not: e.Not}
		for _, c := range e.List {
			list.Regs = append(list.Regs, int32(g.hoist(c)))
		}
		r := v.next()
		g.emit4(vm.OpVIn, x, 0, r, g.object(list))
		return r
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe, resolve.OpIs, resolve.OpIsNot:
		return v.compare(e, v.value(e.L), v.value(e.R))
	default:
		x := v.value(e)
		r := v.next()
		g.emit(vm.OpVTruth, x, 0, r)
		return r
	}
}

// compare compiles comparison e of two vectors.
func (v *vectors) compare(e *expr, x, y int32) int32 {
	r := v.next()
	aff := resolve.CompareAffinity(e.L.Affinity(), e.R.Affinity())
	if aff <= value.AffBlob {
		aff = 0
	}
	flags := uint16(0)
	if e.Op == resolve.OpIs || e.Op == resolve.OpIsNot {
		flags = vm.CmpNullEq
	}
	v.g.emit4(vm.OpVCompare, x, y, r, -1)
	v.g.p5(flags | uint16(aff) | uint16(comparison[e.Op]-vm.OpEq)<<12)
	return r
}
