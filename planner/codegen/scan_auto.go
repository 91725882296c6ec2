package codegen

import (
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Transient indexes and hash tables of a join: they are built when their loop is entered first.

func autoColumn(l *plan.Level, k int) string {
	c := keyOperand(l.Access.Eq[k].Term, l.Source)
	if c.Index < 0 {
		return "rowid"
	}
	return l.Source.Columns[c.Index].Name
}

// enterAuto fills a table of rows by their keys once and probes it.
func (g *gen) enterAuto(l *plan.Level, cont, brk label) func() {
	if l.Right {
		return g.enterAutoRight(l, brk)
	}
	src, a := l.Source, l.Access
	if l.Sub != nil || !g.bindings[src].records {
		g.buildAuto(l)
	}
	if l.Sub != nil {
		g.tally(src, vm.TallyLoop)
	}
	auto := g.bindings[src].cursor
	base := g.fixed(len(a.Eq))
	for k, eq := range a.Eq {
		g.keyValue(eq.Expr, eq.Term, base+reg(k))
		g.emit(vm.OpIsNull, int32(base)+int32(k), int32(brk), 0)
	}
	g.emit(vm.OpHashProbe, auto, int32(brk), int32(base))
	top := int32(len(g.code))
	return func() { g.emit(vm.OpHashNext, auto, top, 0) }
}

// buildAuto puts the rows of a level into a table by the values that they are
// looked for by.
func (g *gen) buildAuto(l *plan.Level) {
	src, a := l.Source, l.Access
	auto := g.cursor()
	key := &vm.KeyInfo{PayloadRecord: true}
	cols := make([]*expr, len(a.Eq))
	affs := make([]value.Affinity, len(a.Eq))
	for k, eq := range a.Eq {
		cols[k] = keyOperand(eq.Term, src)
		affs[k] = termAffinity(eq.Term)
		key.Cols = append(key.Cols, record.KeyColumn{Collation: resolve.CompareCollation(eq.Term.L, eq.Term.R)})
	}
	if l.Sub != nil && l.Source.Use.Kept() {
		g.subTable(l)
	}
	filled := g.newLabel()
	if l.Sub == nil || !l.Sub.Correlated {
		g.once(filled)
	}
	g.emit4(vm.OpHashOpen, auto, 0, 0, g.key(key))
	kept := keptColumns(l)
	fill := func() {
		next := g.newLabel()
		for _, t := range a.Build {
			g.jumpIf(t, next, false, true)
		}
		mark := g.top
		keys := g.regs(len(cols))
		for k, c := range cols {
			g.exprTo(c, keys+reg(k))
			g.emit(vm.OpIsNull, int32(keys)+int32(k), int32(next), 0)
		}
		g.applyAffinity(keys, affs)
		row := g.regs(len(kept))
		for place, col := range kept {
			g.exprTo(resolve.Column(src, col), row+reg(place))
		}
		rec := g.temp()
		g.emit4(vm.OpMakeRecord, int32(row), int32(len(kept)), int32(rec), -1)
		g.emit4(vm.OpHashInsert, auto, int32(keys), int32(len(cols)), int32(rec))
		g.release(mark)
		g.bind(next)
	}
	if l.Sub != nil && !l.Source.Use.Kept() {
		id, t := g.explainCounted("MATERIALIZE " + g.subName(src))
		up := g.under(id)
		g.count(t, vm.TallyLoop, 0)
		g.query(l.Sub, g.counting(t, func(base reg) {
			g.realColumns(l, base)
			g.bindings[src] = &binding{regs: base, index: -1}
			fill()
		}))
		up()
		g.explainLoop(describe(l), src)
	} else if !g.buildByBatches(l, auto, cols, kept, affs, fill) {
		end := g.newLabel()
		step := g.scanAll(g.bindings[src].cursor, false, end)
		fill()
		step()
		g.bind(end)
	}
	g.bind(filled)
	b := &binding{cursor: auto, records: true, index: -1, places: make(map[int]int, len(kept))}
	for place, col := range kept {
		b.places[col] = place
	}
	g.bindings[src] = b
}

// buildByBatches makes the rows of a transient index from vectors, where all that
// they are made of is stored and all terms have kernels; one is for each row of
// a batch with overflow pages. It reports whether it did.
func (g *gen) buildByBatches(l *plan.Level, auto int32, cols []*expr, kept []int, affs []value.Affinity, one func()) bool {
	src := l.Source
	if !g.selects || !l.Access.BuildBatched {
		return false
	}
	for _, c := range cols {
		if src.Virtual(c.Index) != nil {
			return false
		}
	}
	for _, col := range kept {
		if src.Virtual(col) != nil {
			return false
		}
	}
	scan := &plan.Level{Source: src, Access: &plan.Access{Kind: plan.AccessScan}}
	g.batchLoop(scan, l.Access.Build, g.newLabel(), func(v *vectors) {
		entry := &vm.VectorEntry{Affinities: affs}
		for _, c := range cols {
			entry.Key = append(entry.Key, v.value(c))
		}
		for _, col := range kept {
			entry.Record = append(entry.Record, v.value(resolve.Column(src, col)))
		}
		g.emit4(vm.OpVHashInsert, auto, 0, 0, g.object(entry))
	}, one)
	return true
}

// noteAhead lets the batches of the outermost loop look into the transient index
// of a level.
func (g *gen) noteAhead(l *plan.Level) {
	if l.Ahead {
		g.ahead = append(g.ahead, probe{l.Access.Eq[0].Expr, g.bindings[l.Source].cursor})
	}
}

// keptColumns are the columns that the records of a transient index have, in
// their order.
func keptColumns(l *plan.Level) []int {
	var list []int
	for col := range l.Source.Columns {
		if l.Reads(col) {
			list = append(list, col)
		}
	}
	if l.Source.HasRowid() && l.Reads(resolve.RowidColumn) {
		list = append(list, resolve.RowidColumn)
	}
	return list
}
