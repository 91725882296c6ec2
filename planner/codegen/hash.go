package codegen

import (
	"slices"

	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
)

// hashed are rows that are found by hashing: the groups of a GROUP BY, or what
// DISTINCT has seen.
type hashed struct {
	cursor int32
	key    []*expr
	kept   []*expr // What the first row of a key leaves beside it.
	full   label   // There is no room for another key.
}

// openHashed opens a table of rows by key, with accumulators for calls from first
// on. The columns of the key sort as cols says.
func (g *gen) openHashed(h *hashed, cols []record.KeyColumn, first int32, calls []int32) {
	h.cursor = g.cursor()
	info := &vm.GroupInfo{Key: &vm.KeyInfo{Cols: cols, PayloadRecord: true}, Kept: len(h.kept), Calls: calls}
	g.emit4(vm.OpGroupOpen, h.cursor, int32(len(calls)), first, g.object(info))
}

// row finds the current row's, or makes it.
func (h *hashed) row(g *gen) {
	mark, n := g.top, len(h.key)
	base := g.regs(n + len(h.kept))
	for i, e := range h.key {
		g.exprTo(e, base+reg(i))
	}
	known := g.newLabel()
	g.emit(vm.OpGroupFind, h.cursor, int32(known), int32(base))
	for i, e := range h.kept {
		g.exprTo(e, base+reg(n+i))
	}
	rec := g.temp()
	g.emit4(vm.OpMakeRecord, int32(base), int32(n+len(h.kept)), int32(rec), -1)
	g.emit(vm.OpGroupAdd, h.cursor, int32(h.full), int32(rec))
	g.bind(known)
	g.release(mark)
}

// lanes finds those of the selected lanes, or makes them.
func (h *hashed) lanes(g *gen, v *vectors) {
	var list []int32
	for _, e := range append(h.key[:len(h.key):len(h.key)], h.kept...) {
		list = append(list, v.value(e))
	}
	g.emit4(vm.OpVGroup, h.cursor, int32(h.full), 0, g.object(list))
}

// visit compiles a loop over the rows, by their keys or in the order in which
// they came.
func (h *hashed) visit(g *gen, sorted bool, key, kept reg, row func()) {
	end := g.newLabel()
	g.emit(vm.OpGroupSort, h.cursor, int32(end), b2i(!sorted))
	loop := int32(len(g.code))
	for i := range h.key {
		g.emit4(vm.OpColumn, h.cursor, int32(i), int32(key)+int32(i), -1)
	}
	for i := range h.kept {
		g.emit4(vm.OpColumn, h.cursor, int32(len(h.key)+i), int32(kept)+int32(i), -1)
	}
	row()
	g.emit(vm.OpGroupNext, h.cursor, loop, 0)
	g.bind(end)
}

// otherwise compiles the way that needs less memory than h. What EXPLAIN tells
// has been told.
func (h *hashed) otherwise(g *gen, way func()) {
	g.bind(h.full)
	g.emit(vm.OpClose, h.cursor, 0, 0)
	told := len(g.code)
	way()
	for i := range g.code[told:] {
		if in := &g.code[told+i]; in.Op == vm.OpExplain {
			*in = vm.Instr{Op: vm.OpGoto, P2: int32(told + i + 1)}
		}
	}
}

// groupByHash finds the group of each row by hashing and hands the groups out in
// the order of their keys. When they take too much memory, all is forgotten and
// done again by sorting.
func (g *gen) groupByHash(a *grouping, end label) {
	p := a.p
	h := &hashed{key: p.GroupBy, full: g.newLabel()}
	for _, k := range a.bare {
		h.kept = append(h.kept, resolve.Column(k.src, k.col))
	}
	calls := g.calls(p.Aggs)
	info := &vm.SplitInfo{}
	join := g.splitting(p, info)
	g.openHashed(h, a.key.Cols, a.accums, calls)
	try := int32(len(g.code))
	if p.Retried {
		g.emit(vm.OpGroupTry, h.cursor, int32(h.full), 0)
	}
	info.Groups = []int32{h.cursor}
	row := func() {
		h.row(g)
		g.stepAggregates(a.aggregation)
	}
	if p.Batch {
		g.batches(p, func(v *vectors) {
			h.lanes(g, v)
			args := v.arguments(p.Aggs)
			for i := range p.Aggs {
				g.emit4(vm.OpVGroupAgg, args[i], h.cursor, int32(i), calls[i])
			}
		}, row)
	} else {
		g.loops(p, func(_, _ label) { row() })
	}
	join()
	if p.Retried && slices.ContainsFunc(g.code[try:], func(in vm.Instr) bool { return in.Op == vm.OpOnce }) {
		// What is done once a run may be what fails, and would not be done again.
		g.code[try] = vm.Instr{Op: vm.OpGoto, P2: int32(h.full)}
	}
	g.explainKept("USE TEMP B-TREE FOR GROUP BY", h.cursor, vm.TallyGroups)
	g.emit(vm.OpInteger, 1, int32(a.used), 0)
	h.visit(g, true, a.current, a.bareRegs, func() { g.emit(vm.OpGosub, int32(a.back), int32(a.output), 0) })
	g.jump(end)
	h.otherwise(g, func() { g.groupBySorting(a) })
}

// distinctHash collects the different rows by hashing, then hands them out in the
// order in which they came. When they take too much memory, all is forgotten, and
// each goes out when it comes.
func (g *gen) distinctHash(p *plan.Physical, out sink) {
	n := len(p.Results)
	h := &hashed{key: p.Results, full: g.newLabel()}
	row, back := g.fixed(n), g.fixed(1)
	send, done := g.newLabel(), g.newLabel()
	info := &vm.SplitInfo{}
	join := g.splitting(p, info)
	_, t := g.explainCounted("USE TEMP B-TREE FOR DISTINCT")
	g.openHashed(h, resultKey(p), 0, nil)
	info.Groups = []int32{h.cursor}
	if p.Batch {
		g.batches(p, func(v *vectors) { h.lanes(g, v) }, func() { h.row(g) })
	} else {
		g.loops(p, func(_, _ label) { h.row(g) })
	}
	join()
	g.count(t, vm.TallyGroups, h.cursor)
	h.visit(g, false, row, 0, func() { g.emit(vm.OpGosub, int32(back), int32(send), 0) })
	g.jump(done)
	h.otherwise(g, func() {
		each := g.distinct(p, func(base reg) {
			g.emit(vm.OpCopy, int32(base), int32(row), int32(n-1))
			g.emit(vm.OpGosub, int32(back), int32(send), 0)
		})
		g.loops(p, func(_, _ label) { each(g.results(p)) })
	})
	g.jump(done)
	g.bind(send)
	out(row)
	g.emit(vm.OpReturn, int32(back), 0, 0)
	g.bind(done)
}

// aggregateHash collects the different arguments of aggregates with DISTINCT by
// hashing and feeds them to the accumulators in the end. When they take too much
// memory, all is forgotten and each is stepped when it comes.
func (g *gen) aggregateHash(a *aggregation) {
	p := a.p
	full, done := g.newLabel(), g.newLabel()
	calls := g.calls(p.Aggs)
	info := &vm.SplitInfo{Accums: a.accums, Calls: calls}
	join := g.splitting(p, info)
	g.emit(vm.OpAggReset, a.accums, int32(len(p.Aggs)), 0)
	sets, counts := make([]*hashed, len(p.Aggs)), make([]counted, len(p.Aggs))
	for i, x := range p.Aggs {
		if x.Distinct {
			sets[i] = &hashed{key: x.Args, full: full}
			g.openHashed(sets[i], []record.KeyColumn{{Collation: x.Args[0].Collation()}}, 0, nil)
			info.Groups = append(info.Groups, sets[i].cursor)
			_, counts[i] = g.explainCounted("USE TEMP B-TREE FOR " + x.Func.Name + "(DISTINCT)")
		}
	}
	row := func() {
		for i, x := range p.Aggs {
			skip := g.newLabel()
			if x.Filter != nil {
				g.jumpIf(x.Filter, skip, false, true)
			}
			if sets[i] != nil {
				sets[i].row(g)
			} else {
				mark := g.top
				g.emit4(vm.OpAggStep, 0, int32(g.exprs(x.Args)), a.accums+int32(i), calls[i])
				g.release(mark)
			}
			g.bind(skip)
		}
	}
	if p.Batch {
		g.batches(p, func(v *vectors) {
			args := v.arguments(p.Aggs)
			for i := range p.Aggs {
				if sets[i] != nil {
					g.emit4(vm.OpVGroup, sets[i].cursor, int32(full), 0, g.object([]int32{args[i]}))
				} else {
					g.emit4(vm.OpVAgg, args[i], 0, a.accums+int32(i), calls[i])
				}
			}
		}, row)
	} else {
		g.loops(p, func(_, _ label) { row() })
	}
	join()
	var last *hashed
	for i, h := range sets {
		if h != nil {
			last = h
			g.count(counts[i], vm.TallyGroups, h.cursor)
			g.emit4(vm.OpGroupStep, h.cursor, 0, a.accums+int32(i), calls[i])
		}
	}
	g.jump(done)
	last.otherwise(g, func() {
		for _, h := range sets {
			if h != nil && h != last {
				g.emit(vm.OpClose, h.cursor, 0, 0)
			}
		}
		g.aggregateRows(a)
	})
	g.bind(done)
}
