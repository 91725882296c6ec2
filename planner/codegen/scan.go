package codegen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

func itoa(i int) string { return strconv.Itoa(i) }

// loops emits the nested loops of a plan; body is compiled where all levels
// have a row and may jump to next for the following one, or to end.
func (g *gen) loops(p *plan.Physical, body func(next, end label)) {
	end := g.newLabel()
	for _, t := range p.Before {
		g.jumpIf(t, end, false, true)
	}
	for _, l := range p.Levels {
		g.open(l)
		if l.Right {
			g.openRight(l)
		}
	}
	if len(p.Levels) == 0 {
		_, t := g.explainCounted("SCAN CONSTANT ROW")
		g.count(t, vm.TallyLoop, 0)
		g.count(t, vm.TallyRow, 0)
	}
	ahead, merges := len(g.ahead), len(g.merges)
	for _, l := range p.Levels {
		if l.Access.Merge && g.selects {
			g.openMerge(l)
		}
		if l.Access.Kind == plan.AccessAuto && (g.split == p.Levels[0] || l.Ahead && g.selects) {
			g.buildAuto(l) // Helpers share it.
			g.noteAhead(l)
		}
	}
	g.level(p.Levels, end, end, body)
	g.ahead, g.merges = g.ahead[:ahead], g.merges[:merges]
	for k, l := range p.Levels {
		if l.Right {
			g.unmatched(p.Levels[:k], g.rights[l])
		}
	}
	g.bind(end)
}

// unsolved refuses a plan that has no way to read a source: INDEXED BY names
// an index that cannot serve.
func (g *gen) unsolved(p *plan.Physical) bool {
	if p.Unsolved {
		g.fail(&resolve.NameError{Text: "no query solution", Pos: -1})
	}
	return p.Unsolved
}

// open opens the cursors of a level, or fills what it reads from.
func (g *gen) open(l *plan.Level) {
	if l.Sub != nil {
		if l.Right {
			g.subTable(l)
		}
		return // Others are made when the level is entered.
	}
	src, a := l.Source, l.Access
	if a.Kind == plan.AccessCurrent {
		g.bindings[src] = &binding{regs: g.fixed(len(src.Columns)), index: -1}
		g.explain(describe(l))
		return
	}
	if src == g.passing {
		g.explainLoop(describe(l), src, g.bindings[src].cursor)
		return
	}
	g.use(src.DB, false)
	b := &binding{cursor: g.cursor(), index: -1}
	g.bindings[src] = b
	if a.Kind == plan.AccessModule {
		g.emit4(vm.OpOpenModule, b.cursor, 0, 0, g.object(src.Table.Module))
		g.explainLoop(describe(l), src)
		return
	}
	if a.Kind == plan.AccessIndex && a.Index == src.Table.Key {
		b.index, b.seek, b.covering = b.cursor, b.cursor, true
		g.emit4(vm.OpOpenRead, b.cursor, int32(src.Table.Root), int32(src.DB), g.tableKey(src.Table))
		g.explainLoop(describe(l), src, b.cursor)
		return
	}
	if a.Kind == plan.AccessIndex {
		b.index = g.cursor()
		b.seek = b.index
		b.covering = a.Covering
		b.indexCols = map[int]int{}
		for k, c := range a.Index.Columns {
			if _, dup := b.indexCols[c.Column]; !dup {
				b.indexCols[c.Column] = k
			}
		}
		for k, c := range a.Index.Suffix {
			if _, dup := b.indexCols[c.Column]; !dup {
				b.indexCols[c.Column] = len(a.Index.Columns) + k
			}
		}
		if b.computed = plan.IndexExprs(src, a.Index); l.Right {
			b.computed = nil
		} else if b.computed != nil {
			g.computed = append(g.computed, src)
		}
		g.emit4(vm.OpOpenRead, b.seek, int32(a.Index.Root), int32(src.DB), g.key(indexKey(a.Index)))
	}
	if l.Right {
		b.index = -1 // Its rows come by the table's cursor alone in the end.
	}
	if !b.covering {
		g.emit4(vm.OpOpenRead, b.cursor, int32(src.Table.Root), int32(src.DB), g.tableKey(src.Table))
	}
	cursors := []int32{b.cursor, b.seek}
	if b.seek == b.cursor || a.Kind != plan.AccessIndex {
		cursors = cursors[:1]
	}
	g.explainLoop(describe(l), src, cursors...)
}

// describe is the level's line in EXPLAIN QUERY PLAN.
func describe(l *plan.Level) string {
	a := l.Access
	name := l.Source.Name
	switch {
	case l.Semi:
		name += " EXISTS"
	case l.Anti:
		name += " NOT EXISTS"
	}
	var b strings.Builder
	switch a.Kind {
	case plan.AccessScan, plan.AccessSub, plan.AccessCurrent:
		b.WriteString("SCAN " + name)
	case plan.AccessModule:
		// The number is that of the reference's plan: a bit for each argument.
		b.WriteString("SCAN " + name + " VIRTUAL TABLE INDEX " + itoa(1<<len(a.Eq)-1) + ":")
	case plan.AccessRowid, plan.AccessRowRange:
		b.WriteString("SEARCH " + name + " USING INTEGER PRIMARY KEY (")
		switch {
		case a.Kind == plan.AccessRowid:
			b.WriteString("rowid=?")
		case a.Low != nil && a.High != nil:
			b.WriteString("rowid>? AND rowid<?")
		case a.Low != nil:
			b.WriteString("rowid>?")
		default:
			b.WriteString("rowid<?")
		}
		b.WriteByte(')')
	case plan.AccessIndex, plan.AccessAuto:
		terms := []string{}
		col := func(k int) string {
			if a.Index == nil {
				return strconv.Itoa(k)
			}
			c := a.Index.Columns[k].Column
			if c == catalog.ExprColumn {
				return "<expr>"
			}
			if c < 0 {
				return "rowid"
			}
			return a.Index.Table.Columns[c].Name
		}
		for k := range a.Eq {
			if a.Eq[k].Each {
				terms = append(terms, "ANY("+col(k)+")")
				continue
			}
			if a.Kind == plan.AccessAuto {
				terms = append(terms, autoColumn(l, k)+"=?")
				continue
			}
			terms = append(terms, col(k)+"=?")
		}
		bound := func(b *plan.Bound, op string) {
			if b == nil {
				return
			}
			names, marks := col(len(a.Eq)), "?"
			for i := range b.More {
				names, marks = names+","+col(len(a.Eq)+1+i), marks+",?"
			}
			if len(b.More) > 0 {
				names, marks = "("+names+")", "("+marks+")"
			}
			terms = append(terms, names+op+marks)
		}
		bound(a.Low, ">")
		bound(a.High, "<")
		if a.Like != nil {
			terms = append(terms, col(len(a.Eq))+">?", col(len(a.Eq))+"<?")
		}
		verb := "SEARCH "
		if len(terms) == 0 {
			verb = "SCAN "
		}
		b.WriteString(verb + name)
		primary := a.Index != nil && a.Index == a.Index.Table.Key
		if primary && len(terms) == 0 {
			break // A scan of the table itself.
		}
		b.WriteString(" USING ")
		switch {
		case primary:
			b.WriteString("PRIMARY KEY")
		case a.Kind == plan.AccessAuto:
			b.WriteString("AUTOMATIC COVERING INDEX")
		case a.Covering:
			b.WriteString("COVERING INDEX " + a.Index.Name)
		default:
			b.WriteString("INDEX " + a.Index.Name)
		}
		if len(terms) > 0 {
			b.WriteString(" (" + strings.Join(terms, " AND ") + ")")
		}
	}
	if l.Left && !l.Right && !l.Anti {
		b.WriteString(" LEFT-JOIN")
	}
	if a.Merge {
		b.WriteString(" BY MERGE")
	}
	if l.InBatches {
		b.WriteString(" IN BATCHES")
	}
	return b.String()
}

// keyOperand returns the column side of an equality of source src.
func keyOperand(t *expr, src *resolve.Source) *expr {
	if c := t.L.SkipCollate(); c.Op == resolve.OpColumn && c.Source == src {
		return c
	}
	return t.R.SkipCollate()
}

// level emits one loop and, within it, the rest. next continues the loop
// around, end leaves all loops.
func (g *gen) level(levels []*plan.Level, next, end label, body func(next, end label)) {
	if len(levels) == 0 {
		body(next, end)
		return
	}
	l := levels[0]
	if l.Anti {
		g.antiLevel(levels, next, end, body)
		return
	}
	var matched reg
	if l.Left {
		matched = g.fixed(1)
		g.emit(vm.OpInteger, 0, int32(matched), 0)
	}
	cont, brk := g.newLabel(), g.newLabel()
	inner := g.newLabel()
	terms := l.Terms
	if l.Sub == nil {
		g.tally(l.Source, vm.TallyLoop)
	}
	var loop func()
	if g.selects && (l.Batched > 0 || l.Probes || g.split == l) {
		loop, terms = g.enterBatches(l, cont, brk), l.Terms[l.Batched:]
	} else {
		loop = g.enter(l, cont, brk)
		g.tally(l.Source, vm.TallyRow)
	}
	g.inOuter = true
	for _, t := range l.On {
		g.jumpIf(t, cont, false, true)
	}
	g.inOuter = false
	var right *rightJoin
	if l.Right {
		right = g.rights[l]
		g.markMatched(right)
	}
	if l.Left {
		g.bind(inner)
		g.emit(vm.OpInteger, 1, int32(matched), 0)
	}
	rest := func(cont label) {
		for _, t := range terms {
			g.asking = l.Rows
			g.jumpIf(t, cont, false, true)
		}
		if !l.Semi {
			g.level(levels[1:], cont, end, body)
			return
		}
		through := g.newLabel()
		g.level(levels[1:], through, end, body)
		g.bind(through)
		g.jump(brk)
	}
	if right != nil {
		// Rows without a match come by here as well.
		g.emit(vm.OpGosub, int32(right.back), int32(right.rest), 0)
		g.jump(cont)
		g.bind(right.rest)
		done := g.newLabel()
		rest(done)
		g.bind(done)
		g.emit(vm.OpReturn, int32(right.back), 0, 0)
	} else {
		rest(cont)
	}
	g.bind(cont)
	loop()
	g.bind(brk)
	if l.Left {
		after := g.newLabel()
		g.emit(vm.OpIfPos, int32(matched), int32(after), 0)
		g.nullRow(l)
		g.jump(inner)
		g.bind(after)
	}
}

// antiLevel is level for one that only lets rows through for which it has none.
func (g *gen) antiLevel(levels []*plan.Level, next, end label, body func(next, end label)) {
	l := levels[0]
	cont, brk := g.newLabel(), g.newLabel()
	if l.Sub == nil {
		g.tally(l.Source, vm.TallyLoop)
	}
	loop := g.enter(l, cont, brk)
	g.tally(l.Source, vm.TallyRow)
	g.inOuter = true
	for _, t := range l.On {
		g.jumpIf(t, cont, false, true)
	}
	g.inOuter = false
	g.jump(next)
	g.bind(cont)
	loop()
	g.bind(brk)
	g.nullRow(l)
	for _, t := range l.Terms {
		g.jumpIf(t, next, false, true)
	}
	g.level(levels[1:], next, end, body)
}

// nullRow lets the cursors of a level read NULLs; the step to its next row
// then finds none.
func (g *gen) nullRow(l *plan.Level) {
	b := g.bindings[l.Source]
	if l.Access.Merge {
		g.forgetMerges() // The place is lost.
	}
	if b.regs != 0 {
		g.emit(vm.OpNull, 0, int32(b.regs), int32(b.regs)+int32(len(l.Source.Columns))-1)
		return
	}
	if l.Access.Kind == plan.AccessIndex || l.Access.Kind == plan.AccessAuto && l.Right {
		g.emit(vm.OpNullRow, b.seek, 0, 0)
	}
	if !b.covering {
		g.emit(vm.OpNullRow, b.cursor, 0, 0)
	}
}

// enter emits the start of a level's loop up to the place where a row is
// read, and returns what emits the step to the next row.
func (g *gen) enter(l *plan.Level, cont, brk label) (step func()) {
	a := l.Access
	if a.Merge && g.selects {
		return g.enterMerge(l, cont, brk)
	}
	switch a.Kind {
	case plan.AccessSub:
		return g.enterSub(l, cont, brk)
	case plan.AccessScan:
		return g.scanAll(g.bindings[l.Source].cursor, a.Reverse, brk)
	case plan.AccessRowid:
		return g.enterRowid(l, cont, brk)
	case plan.AccessRowRange:
		return g.enterRowRange(l, brk)
	case plan.AccessAuto:
		return g.enterAuto(l, cont, brk)
	case plan.AccessModule:
		return g.enterModule(l, brk)
	case plan.AccessCurrent:
		// A copy, for a row of NULLs may take its place.
		n := len(l.Source.Columns)
		g.emit(vm.OpCopy, int32(g.currents[l.Source.Current]), int32(g.bindings[l.Source].regs), int32(n-1))
		return func() {}
	default:
		return g.enterIndex(l, cont, brk)
	}
}

func (g *gen) scanAll(cursor int32, reverse bool, brk label) func() {
	first, next := vm.OpRewind, vm.OpNext
	if reverse {
		first, next = vm.OpLast, vm.OpPrev
	}
	g.emit(first, cursor, int32(brk), 0)
	top := int32(len(g.code))
	return func() { g.emit(next, cursor, top, 0) }
}

// enterModule calls a module, once for each combination of the arguments that
// IN gives.
func (g *gen) enterModule(l *plan.Level, brk label) func() {
	c, n := g.bindings[l.Source].cursor, len(l.Access.Eq)
	base := g.fixed(n + 1)
	var leave []func() // The ends of the loops around the module's, outermost first.
	for k, eq := range l.Access.Eq {
		if eq.In == nil {
			g.exprTo(eq.Expr, base+reg(k))
			continue
		}
		set, _ := g.inSet(eq.In)
		step, over := g.scanAll(set, false, brk), g.newLabel()
		g.emit4(vm.OpColumn, set, 0, int32(base)+int32(k), -1)
		leave = append(leave, func() {
			g.bind(over)
			step()
		})
		brk = over
	}
	g.emit4(vm.OpModuleFilter, c, int32(brk), int32(base), int32(n))
	top := int32(len(g.code))
	return func() {
		g.emit(vm.OpNext, c, top, 0)
		for _, f := range slices.Backward(leave) {
			f()
		}
	}
}

func (g *gen) enterRowid(l *plan.Level, cont, brk label) func() {
	b, eq := g.bindings[l.Source], l.Access.Eq[0]
	if eq.In != nil {
		set, _ := g.inSet(eq.In)
		step := g.scanAll(set, l.Access.Reverse, brk)
		r := g.fixed(1)
		g.emit4(vm.OpColumn, set, 0, int32(r), -1)
		g.emit(vm.OpSeekRowid, b.cursor, int32(cont), int32(r))
		return step
	}
	g.emit(vm.OpSeekRowid, b.cursor, int32(brk), int32(g.expr(eq.Expr)))
	return func() {}
}

// pinned evaluates e into a register that stays valid through the loop.
func (g *gen) pinned(e *expr) reg {
	if e.Op == resolve.OpConst || e.Op == resolve.OpParam {
		return g.hoist(e)
	}
	r := g.fixed(1)
	g.exprTo(e, r)
	return r
}

func (g *gen) enterRowRange(l *plan.Level, brk label) func() {
	a, c := l.Access, g.bindings[l.Source].cursor
	var low, high reg
	if a.Low != nil {
		low = g.pinned(a.Low.Expr)
	}
	if a.High != nil {
		high = g.pinned(a.High.Expr)
	}
	start, stop := a.Low, a.High
	startReg, stopReg := low, high
	seek := map[bool]vm.Op{true: vm.OpSeekRowidGE, false: vm.OpSeekRowidGT}
	past := map[bool]vm.Op{true: vm.OpGt, false: vm.OpGe}
	first, next := vm.OpRewind, vm.OpNext
	if a.Reverse {
		start, stop, startReg, stopReg = stop, start, high, low
		seek = map[bool]vm.Op{true: vm.OpSeekRowidLE, false: vm.OpSeekRowidLT}
		past = map[bool]vm.Op{true: vm.OpLt, false: vm.OpLe}
		first, next = vm.OpLast, vm.OpPrev
	}
	if stop != nil {
		g.emit(vm.OpIsNull, int32(stopReg), int32(brk), 0)
	}
	if start != nil {
		g.emit(seek[start.Inclusive], c, int32(brk), int32(startReg))
	} else {
		g.emit(first, c, int32(brk), 0)
	}
	top := int32(len(g.code))
	if stop != nil {
		r := g.temp()
		g.emit(vm.OpRowid, c, int32(r), 0)
		g.emit4(past[stop.Inclusive], int32(stopReg), int32(brk), int32(r), -1)
		g.p5(uint16(value.AffNumeric))
	}
	return func() { g.emit(next, c, top, 0) }
}

// termAffinity is the affinity of the comparison that a key term makes.
func termAffinity(t *expr) value.Affinity {
	var aff value.Affinity
	switch {
	case t.Op == resolve.OpIn:
		aff = inAffinity(t, 0)
	case t.R == nil:
		return value.AffBlob // IS NULL
	default:
		aff = resolve.CompareAffinity(t.L.Affinity(), t.R.Affinity())
	}
	return aff
}

// keyValue evaluates one key column of a seek into r.
func (g *gen) keyValue(e, t *expr, r reg) {
	g.exprTo(e, r)
	g.applyAffinity(r, []value.Affinity{termAffinity(t)})
}

func (g *gen) enterIndex(l *plan.Level, cont, brk label) func() {
	a, b := l.Access, g.bindings[l.Source]
	x := b.seek
	n := len(a.Eq)
	base := g.fixed(n + a.BoundWidth())
	stopBase := base
	// The loops over IN sets nest outside of the index's own.
	var steps []func()
	brkHere := brk
	conts := []label{}
	sets := map[*expr]int32{}
	if a.Skips() > 0 {
		skipped := g.newLabel()
		steps, conts, brkHere = append(steps, g.skip(a, x, base, brk)), append(conts, skipped), skipped
	}
	for k := range a.Eq {
		eq := &a.Eq[k]
		if eq.Each {
			continue
		}
		if eq.In != nil {
			set, open := sets[eq.In]
			if !open {
				set, _ = g.inSet(eq.In)
				sets[eq.In] = set
				steps = append(steps, g.scanAll(set, a.Index.Columns[k].Desc != a.Reverse, brkHere))
				brkHere = g.newLabel()
				conts = append(conts, brkHere)
			}
			g.emit4(vm.OpColumn, set, int32(eq.Field), int32(base)+int32(k), -1)
			g.p5(vm.ColumnOwn)
			if eq.In.L.Width() > 1 {
				g.emit(vm.OpIsNull, int32(base)+int32(k), int32(brkHere), 0)
			}
			continue
		}
		g.keyValue(eq.Expr, eq.Term, base+reg(k))
		if !eq.Null {
			g.emit(vm.OpIsNull, int32(base)+int32(k), int32(brkHere), 0)
		}
	}
	var step func()
	if a.Like != nil {
		step = g.likeRanges(a, x, base, brkHere)
	} else {
		step = g.indexRange(a, x, base, &stopBase, brkHere)
	}
	if !b.covering {
		g.followIndex(a.Index, x, b.cursor, cont)
	}
	return func() {
		step()
		for i := len(steps) - 1; i >= 0; i-- {
			g.bind(conts[i])
			steps[i]()
		}
	}
}

// skip emits the start of a loop over the values of the columns that a skip-scan
// skips, which come into the registers from base on; step goes on behind them.
func (g *gen) skip(a *plan.Access, x int32, base reg, brk label) (step func()) {
	n := a.Skips()
	first, behind := vm.OpRewind, vm.OpSeekGT
	if a.Reverse {
		first, behind = vm.OpLast, vm.OpSeekLT
	}
	g.emit(first, x, int32(brk), 0)
	top := int32(len(g.code))
	for k := range n {
		g.emit4(vm.OpColumn, x, int32(k), int32(base)+int32(k), -1)
		g.p5(vm.ColumnOwn)
	}
	return func() {
		g.emit4(behind, x, int32(brk), int32(base), int32(n))
		g.emit(vm.OpGoto, 0, top, 0)
	}
}

// followIndex puts the table cursor on the row of index entry; with a row id
// only when a column of it is read.
func (g *gen) followIndex(x *catalog.Index, index, table int32, missing label) {
	t := x.Table
	if t.Key == nil {
		g.emit(vm.OpDeferredSeek, index, 0, table)
		return
	}
	mark, n := g.top, len(t.Key.Columns)
	key := g.regs(n)
	for k := range t.Key.Columns {
		g.emit4(vm.OpColumn, index, int32(x.KeyPlace(k)), int32(key)+int32(k), -1)
	}
	g.emit4(vm.OpNotFound, table, int32(missing), int32(key), int32(n))
	g.release(mark)
}

// indexRange emits seek, stop test and step of a loop over the entries whose
// first columns equal the registers from base on and whose next column lies
// within the bounds of a.
func (g *gen) indexRange(a *plan.Access, x int32, base reg, stopBase *reg, brk label) func() {
	n := len(a.Eq)
	ranged := a.Low != nil || a.High != nil
	desc := ranged && a.Index.Columns[n].Desc
	start, stop := a.Low, a.High // In key order.
	if desc {
		start, stop = stop, start
	}
	// A range never holds NULL, which sorts at the start, or at the end of a
	// descending column.
	nullStart, nullStop := ranged && start == nil && !desc, ranged && stop == nil && desc
	if (start != nil || nullStart) && (stop != nil || nullStop) {
		*stopBase = g.fixed(n + a.BoundWidth())
		if n > 0 {
			g.emit(vm.OpCopy, int32(base), int32(*stopBase), int32(n-1))
		}
	}
	set := func(b *plan.Bound, null bool, at reg) {
		r := at + reg(n)
		if null {
			g.emit(vm.OpNull, 0, int32(r), 0)
			return
		}
		if b != nil {
			g.keyValue(b.Expr, b.Term, r)
			g.emit(vm.OpIsNull, int32(r), int32(brk), 0)
			for i, x := range b.More {
				g.keyValue(x.Expr, x.Term, r+1+reg(i))
			}
		}
	}
	set(start, nullStart, base)
	set(stop, nullStop, *stopBase)
	width := func(b *plan.Bound, null bool) int32 {
		switch {
		case b != nil:
			return int32(n + 1 + len(b.More))
		case null:
			return int32(n + 1)
		}
		return int32(n)
	}
	inclusive := func(b *plan.Bound, null bool) bool { return !null && (b == nil || b.Inclusive) }
	first, next := vm.OpRewind, vm.OpNext
	seekIn, seekOut, pastIn, pastOut := vm.OpSeekGE, vm.OpSeekGT, vm.OpIdxGT, vm.OpIdxGE
	startReg, stopReg := base, *stopBase
	if a.Reverse {
		first, next = vm.OpLast, vm.OpPrev
		seekIn, seekOut, pastIn, pastOut = vm.OpSeekLE, vm.OpSeekLT, vm.OpIdxLT, vm.OpIdxLE
		start, stop, nullStart, nullStop = stop, start, nullStop, nullStart
		startReg, stopReg = stopReg, startReg
	}
	if w := width(start, nullStart); w > 0 {
		op := seekIn
		if !inclusive(start, nullStart) {
			op = seekOut
		}
		g.emit4(op, x, int32(brk), int32(startReg), w)
	} else {
		g.emit(first, x, int32(brk), 0)
	}
	top := int32(len(g.code))
	if w := width(stop, nullStop); w > 0 {
		op := pastIn
		if !inclusive(stop, nullStop) {
			op = pastOut
		}
		g.emit4(op, x, int32(brk), int32(stopReg), w)
		g.p5(1)
	}
	return func() { g.emit(next, x, top, 0) }
}

// likeRanges emits the loop over the two ranges of a LIKE, first those entries
// that come first in the order of reading.
func (g *gen) likeRanges(a *plan.Access, x int32, base reg, brk label) func() {
	n := len(a.Eq)
	// Low begins and is part of the range in an ascending index, High ends it
	// and is not.
	low, high := base, g.fixed(n+1)
	if n > 0 {
		g.emit(vm.OpCopy, int32(base), int32(high), int32(n-1))
	}
	load := func(blobs bool) {
		from, to := &a.Like.TextLow, &a.Like.TextHigh
		if blobs {
			from, to = &a.Like.BlobLow, &a.Like.BlobHigh
		}
		g.loadConst(from, low+reg(n))
		g.loadConst(to, high+reg(n))
	}
	desc := a.Index.Columns[n].Desc
	seek, start, past, stop := vm.OpSeekGE, low, vm.OpIdxGE, high
	switch {
	case desc && a.Reverse:
		seek, start, past, stop = vm.OpSeekLE, low, vm.OpIdxLE, high
	case desc:
		seek, start, past, stop = vm.OpSeekGT, high, vm.OpIdxGT, low
	case a.Reverse:
		seek, start, past, stop = vm.OpSeekLT, high, vm.OpIdxLT, low
	}
	next := vm.OpNext
	if a.Reverse {
		next = vm.OpPrev
	}
	blobsFirst := desc != a.Reverse
	left := g.fixed(1) // Ranges to be read after this one.
	end := g.newLabel()
	load(blobsFirst)
	g.emit(vm.OpInteger, 1, int32(left), 0)
	again := int32(len(g.code))
	g.emit4(seek, x, int32(end), int32(start), int32(n+1))
	top := int32(len(g.code))
	g.emit4(past, x, int32(end), int32(stop), int32(n+1))
	g.p5(1)
	return func() {
		g.emit(next, x, top, 0)
		g.bind(end)
		// The row of NULLs of a LEFT JOIN comes by here too, with none left.
		second := g.newLabel()
		g.emit(vm.OpIfPos, int32(left), int32(second), 1)
		g.jump(brk)
		g.bind(second)
		load(!blobsFirst)
		g.emit(vm.OpGoto, 0, again, 0)
	}
}

// probe is a value of the outermost loop that is looked for in a transient index.
type probe struct {
	key    *expr
	cursor int32
}

// enterSub reads a subquery in FROM: as a co-routine, or from a private table.
func (g *gen) enterSub(l *plan.Level, cont, brk label) func() {
	if l.Right {
		return g.scanAll(g.bindings[l.Source].cursor, false, brk)
	}
	src := l.Source
	n := l.Sub.Width()
	if l.Coroutine {
		name := g.subName(src)
		id, t := g.explainCounted("CO-ROUTINE " + name)
		up := g.under(id)
		co := g.fixed(1)
		row := g.fixed(n)
		start, after := g.newLabel(), g.newLabel()
		g.emit(vm.OpInitCoroutine, int32(co), int32(after), int32(start))
		g.bind(start)
		g.count(t, vm.TallyLoop, 0)
		g.query(l.Sub, g.counting(t, func(base reg) {
			g.emit(vm.OpCopy, int32(base), int32(row), int32(n-1))
			g.realColumns(l, row)
			g.emit(vm.OpYield, int32(co), 0, 0)
		}))
		g.emit(vm.OpEndCoroutine, int32(co), 0, 0)
		g.bind(after)
		up()
		g.bindings[src] = &binding{regs: row, index: -1}
		g.explainSource(l)
		top := int32(len(g.code))
		g.emit(vm.OpYield, int32(co), int32(brk), 0)
		return func() { g.emit(vm.OpGoto, 0, top, 0) }
	}
	g.subTable(l)
	return g.scanAll(g.bindings[src].cursor, false, brk)
}

// keptTable is a private table with the rows of a CTE that several sources
// read: filled by a subroutine the first time that one of them is entered.
type keptTable struct {
	cursor int32
	back   reg
	start  label
}

// subTable makes a private table of a subquery in FROM and binds it.
func (g *gen) subTable(l *plan.Level) {
	c, use := g.cursor(), l.Source.Use
	name := g.subName(l.Source)
	shared := use != nil && use.Sources > 1 && !l.Sub.Correlated
	k, done := g.kept[use]
	switch {
	case shared && done:
		g.emit(vm.OpGosub, int32(k.back), int32(k.start), 0)
		g.emit(vm.OpOpenDup, c, k.cursor, 0)
	case shared:
		k = keptTable{cursor: c, back: g.fixed(1), start: g.newLabel()}
		over := g.newLabel()
		g.emit(vm.OpGosub, int32(k.back), int32(k.start), 0)
		g.jump(over)
		g.bind(k.start)
		g.fillSub(l, c, name)
		g.emit(vm.OpReturn, int32(k.back), 0, 0)
		g.bind(over)
		put(&g.kept, use, k)
	default:
		g.fillSub(l, c, name)
	}
	g.bindings[l.Source] = &binding{cursor: c, records: true, rowid: -1, index: -1}
	g.explainSource(l)
}

// fillSub fills a private table with the rows of a subquery, once when it
// reads nothing from outside.
func (g *gen) fillSub(l *plan.Level, c int32, name string) {
	filled := g.newLabel()
	if !l.Sub.Correlated {
		g.once(filled)
	}
	id, t := g.explainCounted("MATERIALIZE " + name)
	up := g.under(id)
	g.count(t, vm.TallyLoop, 0)
	g.materialize(l.Sub, c, g.counting(t, func(base reg) { g.realColumns(l, base) }))
	up()
	g.bind(filled)
}

// subName is the name of a subquery in EXPLAIN QUERY PLAN.
func (g *gen) subName(src *resolve.Source) string {
	if src.Name == "" {
		g.subqueries++
		src.Name = "(subquery-" + itoa(g.subqueries) + ")"
	}
	return src.Name
}

// realColumns makes reals of the integers that a compound gives for columns of
// REAL affinity, which is its first side's.
func (g *gen) realColumns(l *plan.Level, base reg) {
	if l.Sub.Left == nil {
		return
	}
	for i, c := range l.Source.Columns {
		if c.Affinity == value.AffReal {
			g.emit(vm.OpRealAffinity, int32(base)+int32(i), 0, 0)
		}
	}
}

// materialize fills a private table with the rows of a plan, after change has
// seen them.
func (g *gen) materialize(p *plan.Physical, c int32, change sink) {
	n := p.Width()
	g.emit4(vm.OpOpenEphemeral, c, 0, 0, -1)
	g.query(p, func(base reg) {
		change(base)
		rec, id := g.temp(), g.temp()
		g.emit4(vm.OpMakeRecord, int32(base), int32(n), int32(rec), -1)
		g.emit(vm.OpNewRowid, c, int32(id), 0)
		g.emit4(vm.OpInsert, c, int32(rec), int32(id), -1)
	})
}

// indexRegs loads the key of index x for the row of src, with its row id,
// into consecutive registers.
func (g *gen) indexRegs(x *catalog.Index, src *resolve.Source) reg {
	base := g.regs(x.Width())
	for k, e := range indexExprs(x, src) {
		g.exprTo(e, base+reg(k))
	}
	return base
}

// indexExprs are the columns of the key of index x, over the rows of src.
func indexExprs(x *catalog.Index, src *resolve.Source) []*expr {
	list := make([]*expr, 0, x.Width())
	for k := range x.Columns {
		list = append(list, src.Key(x, k))
	}
	for _, c := range x.Suffix {
		list = append(list, resolve.Column(src, c.Column))
	}
	if x.Table.Key == nil {
		list = append(list, resolve.Column(src, resolve.RowidColumn))
	}
	return list
}
