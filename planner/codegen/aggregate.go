package codegen

import (
	"slices"

	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// aggregation is what compiling one grouped block needs to know.
type aggregation struct {
	p      *plan.Physical
	accums int32   // First accumulator.
	sets   []int32 // Of each aggregate: the arguments seen, for DISTINCT; -1 for none.
	sorts  []int32 // Of each aggregate: its rows, for ORDER BY; -1 for none.
	// counts are the tallies of sets; stepped: what steps the aggregates is compiled.
	counts  []counted
	stepped bool
	// bare are the columns read beside the aggregates, kept from one row of
	// the group: the first, or the one with the extreme of min() or max().
	bare     []colKey
	bareRegs reg
	used     reg // 1 once the group has its bare columns.
	took     reg // What min() or max() said of the last row; 0 without them.
}

func (g *gen) newAggregation(p *plan.Physical) *aggregation {
	a := &aggregation{p: p, accums: g.accums}
	g.accums += int32(len(p.Aggs))
	seen := map[colKey]bool{}
	own := ownSources(p)
	note := func(e *expr) { collectColumns(e, own, seen, &a.bare, false) }
	for _, e := range p.Results {
		note(e)
	}
	for _, e := range p.Having {
		note(e)
	}
	for _, o := range p.OrderBy {
		if o.Expr != nil {
			note(o.Expr)
		}
	}
	if slices.ContainsFunc(p.Aggs, func(x *resolve.Agg) bool { return x.Func.Flags&fn.MinMax != 0 }) {
		a.bare = slices.DeleteFunc(a.bare, func(k colKey) bool { return a.keyColumn(k) >= 0 && settled(k) })
		if len(a.bare) > 0 {
			a.took = g.fixed(1)
		}
	} else {
		a.bare = slices.DeleteFunc(a.bare, func(k colKey) bool { return a.keyColumn(k) >= 0 })
	}
	a.bareRegs = g.fixed(len(a.bare) + 1)
	a.used = g.fixed(1)
	for _, x := range p.Aggs {
		set, sort := int32(-1), int32(-1)
		// min and max take their rows in any order.
		if len(x.OrderBy) > 0 && x.Func.Flags&fn.MinMax == 0 {
			sort = g.cursor()
		}
		if x.Distinct && !(sort >= 0 && sortedByArgument(x)) {
			set = g.cursor()
		}
		a.sets, a.sorts, a.counts = append(a.sets, set), append(a.sorts, sort), append(a.counts, -1)
	}
	return a
}

// keyColumn is the place of a column in the key of the groups, -1 if it has none.
func (a *aggregation) keyColumn(k colKey) int {
	return slices.IndexFunc(a.p.GroupBy, func(e *expr) bool {
		return e.Op == resolve.OpColumn && e.Source == k.src && e.Index == k.col
	})
}

// settled reports whether equal values of a column are the same: affinity makes
// them of one kind, and texts are told apart by their bytes.
func settled(k colKey) bool {
	t := k.src.Table
	if t == nil || k.src.Query != nil || t.Module != nil {
		return false
	}
	c := resolve.Column(k.src, k.col)
	aff := c.Affinity()
	return (aff == value.AffInteger || aff == value.AffNumeric || aff == value.AffText) && c.Collation().IsBinary()
}

// sortedByArgument: the order is that of the one argument. With DISTINCT the
// sorted rows are then the set as well, and of equal ones the last counts.
func sortedByArgument(x *resolve.Agg) bool {
	return len(x.Args) == 1 && len(x.OrderBy) == 1 && resolve.Equal(x.Args[0], x.OrderBy[0].Expr)
}

func ownSources(p *plan.Physical) map[*resolve.Source]bool {
	own := map[*resolve.Source]bool{}
	for _, l := range p.Levels {
		own[l.Source] = true
	}
	return own
}

// collectColumns lists the columns of own sources that e reads, also within
// subqueries; with aggs, also those in arguments of aggregates.
func collectColumns(e *expr, own map[*resolve.Source]bool, seen map[colKey]bool, list *[]colKey, aggs bool) {
	resolve.Walk(e, func(x *expr) bool {
		switch {
		case x.Op == resolve.OpColumn && own[x.Source]:
			k := colKey{x.Source, x.Index}
			if !seen[k] {
				seen[k] = true
				*list = append(*list, k)
			}
		case x.Agg != nil && aggs:
			x.Agg.Exprs(func(y *expr) { collectColumns(y, own, seen, list, aggs) })
		}
		if x.Query != nil {
			resolve.WalkQuery(x.Query, func(y *expr) { collectColumns(y, own, seen, list, true) })
		}
		return true
	})
}

func (g *gen) resetGroup(a *aggregation) {
	if n := len(a.p.Aggs); n > 0 {
		g.emit(vm.OpAggReset, a.accums, int32(n), 0)
	}
	g.emit(vm.OpInteger, 0, int32(a.used), 0)
	for i, x := range a.p.Aggs {
		if a.sets[i] >= 0 {
			key := &vm.KeyInfo{Cols: []record.KeyColumn{{Collation: x.Args[0].Collation()}}}
			g.emit4(vm.OpOpenEphemeral, a.sets[i], 0, 0, g.key(key))
			line := "USE TEMP B-TREE FOR " + x.Func.Name + "(DISTINCT)"
			if a.stepped {
				g.explain(line) // Its rows went by uncounted.
			} else {
				_, a.counts[i] = g.explainCounted(line)
				g.count(a.counts[i], vm.TallyLoop, 0)
			}
		}
		if s := a.sorts[i]; s >= 0 {
			key := orderKey(x.OrderBy)
			if x.Distinct && sortedByArgument(x) {
				g.emit4(vm.OpOpenEphemeral, s, 0, 0, g.key(key))
			} else {
				g.emit4(vm.OpSorterOpen, s, 0, 0, g.key(key))
			}
			g.explain("USE TEMP B-TREE FOR " + x.Func.Name + "(ORDER BY)")
		}
	}
}

// stepGroup feeds the current row to the accumulators, and keeps what the group
// keeps of one row.
func (g *gen) stepGroup(a *aggregation) {
	g.stepAggregates(a)
	if len(a.bare) == 0 {
		g.emit(vm.OpInteger, 1, int32(a.used), 0)
		return
	}
	have := g.newLabel()
	if a.took != 0 {
		g.emit(vm.OpIfNot, int32(a.took), int32(have), 0)
	} else {
		g.emit(vm.OpIf, int32(a.used), int32(have), 0)
	}
	for i, k := range a.bare {
		g.exprTo(resolve.Column(k.src, k.col), a.bareRegs+reg(i))
	}
	g.emit(vm.OpOwn, int32(a.bareRegs), int32(len(a.bare)), 0)
	g.bind(have)
	g.emit(vm.OpInteger, 1, int32(a.used), 0)
}

// stepAggregates feeds the current row to the accumulators.
func (g *gen) stepAggregates(a *aggregation) {
	a.stepped = true
	for i, x := range a.p.Aggs {
		mark := g.top
		skip := g.newLabel()
		if x.Filter != nil {
			if x.Func.Flags&fn.MinMax != 0 && a.took != 0 {
				// A row that is filtered out gives the bare columns only when it
				// is the group's first.
				g.emit(vm.OpNot, int32(a.used), int32(a.took), 0)
			}
			g.jumpIf(x.Filter, skip, false, true)
		}
		var keys reg
		if a.sorts[i] >= 0 {
			keys = g.regs(len(x.OrderBy))
			for k, o := range x.OrderBy {
				g.exprTo(o.Expr, keys+reg(k))
			}
		}
		base := g.exprs(x.Args)
		if a.sets[i] >= 0 {
			g.emit4(vm.OpFound, a.sets[i], int32(skip), int32(base), 1)
			g.emit4(vm.OpIdxInsert, a.sets[i], int32(base), 1, -1)
			g.count(a.counts[i], vm.TallyRow, 0)
			g.p5(1)
		}
		if a.sorts[i] >= 0 {
			g.sortStep(a.sorts[i], x, keys, base)
		} else {
			g.emit4(vm.OpAggStep, 0, int32(base), a.accums+int32(i), g.call(x.Func, len(x.Args), x.Coll))
			if x.Func.Flags&fn.MinMax != 0 && a.took != 0 {
				g.p5(uint16(a.took))
				if a.p.FirstRowOnly {
					// In the order of an index NULLs count once, as the first row.
					counts := g.newLabel()
					g.emit(vm.OpNotNull, int32(base), int32(counts), 0)
					g.emit(vm.OpIfNot, int32(a.used), int32(counts), 0)
					g.emit(vm.OpInteger, 0, int32(a.took), 0)
					g.bind(counts)
				}
			}
		}
		g.bind(skip)
		g.release(mark)
	}
}

// orderKey is the key of entries that are sorted by terms and carry a record.
func orderKey(terms []resolve.OrderTerm) *vm.KeyInfo {
	key := &vm.KeyInfo{PayloadRecord: true}
	for _, o := range terms {
		key.Cols = append(key.Cols, record.KeyColumn{Collation: o.Collation, Desc: o.Desc, BigNull: o.NullsLast != o.Desc})
	}
	return key
}

// sortStep keeps the arguments of an aggregate until its group is complete.
// A record knows nothing of subtypes, so these go along where there may be any.
func (g *gen) sortStep(s int32, x *resolve.Agg, keys, base reg) {
	n := len(x.Args)
	row := g.regs(2 * n)
	g.emit(vm.OpCopy, int32(base), int32(row), int32(n-1))
	for k := range x.Args {
		g.emit(vm.OpGetSubtype, int32(base)+int32(k), int32(row)+int32(n+k), 0)
	}
	rec := g.temp()
	g.emit4(vm.OpMakeRecord, int32(row), int32(2*n), int32(rec), -1)
	if x.Distinct && sortedByArgument(x) {
		g.emit4(vm.OpIdxInsert, s, int32(keys), 1, int32(rec))
	} else {
		g.emit4(vm.OpSorterInsert, s, int32(keys), int32(len(x.OrderBy)), int32(rec))
	}
}

// stepSorted feeds the kept rows of an aggregate to its accumulator in order.
func (g *gen) stepSorted(s, accum int32, x *resolve.Agg) {
	end := g.newLabel()
	next := vm.OpNext
	if x.Distinct && sortedByArgument(x) {
		g.emit(vm.OpRewind, s, int32(end), 0)
	} else {
		next = vm.OpSorterNext
		g.emit(vm.OpSorterSort, s, int32(end), 0)
	}
	top := int32(len(g.code))
	n := len(x.Args)
	base, mark := g.regs(n), g.temp()
	for k := 0; k < n; k++ {
		g.emit4(vm.OpColumn, s, int32(k), int32(base)+int32(k), -1)
		g.emit4(vm.OpColumn, s, int32(n+k), int32(mark), -1)
		g.emit(vm.OpSetSubtype, int32(mark), int32(base)+int32(k), 0)
	}
	g.emit4(vm.OpAggStep, 0, int32(base), accum, g.call(x.Func, n, x.Coll))
	g.emit(next, s, top, 0)
	g.bind(end)
}

// finishGroup computes the aggregates and lets expressions see them.
func (g *gen) finishGroup(a *aggregation, groups []exprReg) func() {
	o := &override{cols: map[colKey]reg{}, aggs: map[*resolve.Agg]reg{}, exprs: groups}
	for i, k := range a.bare {
		o.cols[k] = a.bareRegs + reg(i)
	}
	for _, x := range groups {
		// Unless the extreme of min() or max() gives the column.
		k := colKey{x.e.Source, x.e.Index}
		if _, ok := o.cols[k]; x.e.Op == resolve.OpColumn && !ok {
			o.cols[k] = x.reg
		}
	}
	base := g.fixed(len(a.p.Aggs))
	for i, x := range a.p.Aggs {
		if a.sorts[i] >= 0 {
			g.stepSorted(a.sorts[i], a.accums+int32(i), x)
		}
		g.emit4(vm.OpAggFinal, a.accums+int32(i), int32(base)+int32(i), 0, g.call(x.Func, len(x.Args), x.Coll))
		o.aggs[x] = base + reg(i)
	}
	g.overrides = append(g.overrides, o)
	return func() { g.overrides = g.overrides[:len(g.overrides)-1] }
}

// aggregate compiles a block with aggregates and no GROUP BY: one row.
func (g *gen) aggregate(p *plan.Physical, out sink) {
	a := g.newAggregation(p)
	g.emit(vm.OpNull, 0, int32(a.bareRegs), int32(a.bareRegs)+int32(len(a.bare)))
	switch {
	case p.Hashed:
		g.aggregateHash(a)
	case p.Batch:
		g.batch(a)
	default:
		join := g.splitting(p, &vm.SplitInfo{Accums: a.accums, Calls: g.calls(p.Aggs)})
		g.aggregateRows(a)
		join()
	}
	g.single(a, out)
}

// aggregateRows feeds the accumulators row by row.
func (g *gen) aggregateRows(a *aggregation) {
	p := a.p
	g.resetGroup(a)
	g.loops(p, func(next, end label) {
		g.stepGroup(a)
		if p.FirstRowOnly {
			g.emit(vm.OpNotNull, int32(g.expr(p.Aggs[0].Args[0])), int32(end), 0)
		}
	})
}

// calls are the calls of aggregates.
func (g *gen) calls(aggs []*resolve.Agg) []int32 {
	list := make([]int32, len(aggs))
	for i, x := range aggs {
		list[i] = g.call(x.Func, len(x.Args), x.Coll)
	}
	return list
}

// single hands out the one row of an aggregate without GROUP BY.
func (g *gen) single(a *aggregation, out sink) {
	done := g.finishGroup(a, nil)
	none := g.newLabel()
	for _, h := range a.p.Having {
		g.jumpIf(h, none, false, true)
	}
	out(g.results(a.p))
	g.bind(none)
	done()
}

// countOnly answers count(*) of a whole table from the tree's kept count.
func (g *gen) countOnly(p *plan.Physical, out sink) {
	src := p.Levels[0].Source
	g.use(src.DB, false)
	c := g.cursor()
	g.emit4(vm.OpOpenRead, c, int32(src.Table.Root), int32(src.DB), g.tableKey(src.Table))
	g.explain("SCAN " + src.Name)
	r := g.fixed(1)
	g.emit(vm.OpCount, c, int32(r), 0)
	g.overrides = append(g.overrides, &override{aggs: map[*resolve.Agg]reg{p.Aggs[0]: r}})
	out(g.results(p))
	g.overrides = g.overrides[:len(g.overrides)-1]
}

// grouping is what the ways of bringing rows to their groups share.
type grouping struct {
	*aggregation
	key     *vm.KeyInfo
	current reg   // Values of the group being collected.
	back    reg   // Return address of the subroutines:
	output  label // Hands out the current group.
	reset   label // Begins a group.
}

// grouped compiles GROUP BY: rows come together by an index, by hashing, or by a
// sorter, and each finished group goes out.
func (g *gen) grouped(p *plan.Physical, out sink) {
	n := len(p.GroupBy)
	a := &grouping{aggregation: g.newAggregation(p), key: &vm.KeyInfo{}, current: g.fixed(n), back: g.fixed(1), output: g.newLabel(), reset: g.newLabel()}
	for i, e := range p.GroupBy {
		a.key.Cols = append(a.key.Cols, record.KeyColumn{Collation: e.Collation(), Desc: p.GroupDesc != nil && p.GroupDesc[i]})
	}
	end := g.newLabel()
	switch {
	case p.Grouped:
		g.groupByOrder(a)
	case p.Hashed && a.took == 0:
		g.groupByHash(a, end)
	default:
		g.groupBySorting(a)
	}
	g.jump(end)

	g.bind(a.output)
	none := g.newLabel()
	g.emit(vm.OpIfNot, int32(a.used), int32(none), 0)
	var groups []exprReg
	for i, e := range p.GroupBy {
		groups = append(groups, exprReg{e, a.current + reg(i)})
	}
	done := g.finishGroup(a.aggregation, groups)
	for _, h := range p.Having {
		g.jumpIf(h, none, false, true)
	}
	out(g.results(p))
	done()
	g.bind(none)
	g.emit(vm.OpReturn, int32(a.back), 0, 0)

	g.bind(a.reset)
	g.resetGroup(a.aggregation)
	g.emit(vm.OpReturn, int32(a.back), 0, 0)
	g.bind(end)
}

// inOrder compiles the visit of rows that come group by group: when the group's
// values change, the finished group goes out. row is for each row, once its
// values of the group stand in the registers that it is given.
func (g *gen) inOrder(a *grouping, visit func(row func(), fresh reg)) {
	n := len(a.p.GroupBy)
	fresh := g.fixed(n)
	g.emit(vm.OpNull, 0, int32(a.current), int32(a.current)+int32(n)-1)
	g.emit(vm.OpGosub, int32(a.back), int32(a.reset), 0)
	visit(func() {
		same, changed := g.newLabel(), g.newLabel()
		first := g.newLabel()
		g.emit(vm.OpIfNot, int32(a.used), int32(first), 0)
		g.emit4(vm.OpCompare, int32(a.current), int32(fresh), int32(n), g.key(a.key))
		g.emit(vm.OpJump, int32(changed), int32(same), int32(changed))
		g.bind(changed)
		g.emit(vm.OpGosub, int32(a.back), int32(a.output), 0)
		g.emit(vm.OpGosub, int32(a.back), int32(a.reset), 0)
		g.bind(first)
		g.emit(vm.OpCopy, int32(fresh), int32(a.current), int32(n-1))
		g.bind(same)
		g.stepGroup(a.aggregation)
	}, fresh)
	g.emit(vm.OpGosub, int32(a.back), int32(a.output), 0)
}

// groupByOrder visits rows that the levels deliver group by group.
func (g *gen) groupByOrder(a *grouping) {
	g.inOrder(a, func(row func(), fresh reg) {
		g.loops(a.p, func(next, _ label) {
			for i, e := range a.p.GroupBy {
				g.exprTo(e, fresh+reg(i))
			}
			row()
		})
	})
}

// groupBySorting sorts the columns that the block needs by the group's
// expressions and then visits the sorted rows.
func (g *gen) groupBySorting(a *grouping) {
	p := a.p
	var need []colKey
	seen, own := map[colKey]bool{}, ownSources(p)
	for _, list := range [][]*expr{p.Results, p.Having} {
		for _, e := range list {
			collectColumns(e, own, seen, &need, true)
		}
	}
	for _, o := range p.OrderBy {
		if o.Expr != nil {
			collectColumns(o.Expr, own, seen, &need, true)
		}
	}
	for _, x := range p.Aggs {
		x.Exprs(func(e *expr) { collectColumns(e, own, seen, &need, true) })
	}
	n := len(p.GroupBy)
	s := g.cursor()
	sortKey := *a.key
	sortKey.PayloadRecord = true
	g.emit4(vm.OpSorterOpen, s, 0, 0, g.key(&sortKey))
	g.loops(p, func(next, _ label) {
		mark := g.top
		base := g.regs(n + len(need))
		for i, e := range p.GroupBy {
			g.exprTo(e, base+reg(i))
		}
		for i, k := range need {
			g.exprTo(resolve.Column(k.src, k.col), base+reg(n+i))
		}
		rec := g.temp()
		g.emit4(vm.OpMakeRecord, int32(base), int32(n+len(need)), int32(rec), -1)
		g.emit4(vm.OpSorterInsert, s, int32(base), int32(n), int32(rec))
		g.release(mark)
	})
	g.explain("USE TEMP B-TREE FOR GROUP BY")
	g.inOrder(a, func(row func(), fresh reg) {
		end := g.newLabel()
		g.emit(vm.OpSorterSort, s, int32(end), 0)
		loop := int32(len(g.code))
		for i := 0; i < n; i++ {
			g.emit4(vm.OpColumn, s, int32(i), int32(fresh)+int32(i), -1)
		}
		o := &override{cols: map[colKey]reg{}}
		base := g.fixed(len(need))
		for i, k := range need {
			g.emit4(vm.OpColumn, s, int32(n+i), int32(base)+int32(i), -1)
			o.cols[k] = base + reg(i)
		}
		g.overrides = append(g.overrides, o)
		row()
		g.overrides = g.overrides[:len(g.overrides)-1]
		g.emit(vm.OpSorterNext, s, loop, 0)
		g.bind(end)
	})
}
