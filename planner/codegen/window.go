package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// windowing compiles one window step. The rows of a partition are collected in
// a private table, numbered from 1, each with the number of its peer group;
// when the partition is complete they go out one by one, while cursors on the
// same table move: one on the row at hand, for each frame one on its first row
// and one behind its last. A row that enters a frame steps the accumulators of
// the frame's aggregates, one that leaves it is taken back (OpAggStep's
// inverse). Ranks, lag() and their like follow from numbers of rows alone.
//
// Sums of reals depend on the order in which rows come and go, so it is the
// reference's.
type windowing struct {
	g    *gen
	w    *plan.Window
	rows int32 // The private table; its cursor writes.

	current int32 // Cursor on the row at hand,
	row     reg   // its number,
	group   reg   // that of its peer group,
	first   reg   // and of the group's first row.
	count   reg   // Rows of the partition.

	groups  bool // A function asks for peers: records end with their group's number,
	width   int  // in this column.
	frames  []*frame
	results map[*resolve.Agg]reg
	lookups map[*resolve.Agg]int32 // Cursors of functions that read other rows.
	buckets map[*resolve.Agg]reg   // The arguments of ntile, of the partition's first row.
}

// upToPeers is the frame whose size cume_dist is about.
var upToPeers = &resolve.Window{Unit: ast.FrameGroups, Stop: resolve.FrameBound{Kind: ast.BoundCurrentRow}}

// frame is one frame of a window, and the aggregates that see it.
type frame struct {
	over  *resolve.Window
	aggs  []frameAgg
	whole bool // Its aggregates are computed anew for each row.

	start, stop place // The first row, and the row behind the last.
	low, high   reg   // The offsets of its bounds, if they have any.
	width       reg   // Their difference, for two FOLLOWING.
	changed     reg   // 1 when rows have come or gone since the last results.
	scan        place // Of aggregates that are computed anew.
}

// place is a cursor and the number of the row that it is on.
type place struct {
	cursor int32
	at     reg
}

type frameAgg struct {
	call  *resolve.Agg
	f     *fn.Func
	accum int32
}

const (
	offsetStart = "frame starting offset must be a non-negative "
	offsetStop  = "frame ending offset must be a non-negative "
	// beyond is an offset that no row comes near, and no sum overflows.
	beyond = 1 << 61
)

func (g *gen) window(p *plan.Physical, out sink) {
	n := p.Input.Width()
	w := &windowing{g: g, w: p.Window, rows: g.cursor(), current: g.cursor(), width: n,
		row: g.fixed(1), group: g.fixed(1), first: g.fixed(1), count: g.fixed(1), results: map[*resolve.Agg]reg{},
		lookups: map[*resolve.Agg]int32{}, buckets: map[*resolve.Agg]reg{}}
	for _, a := range p.Window.Calls {
		w.see(a)
	}
	g.subqueries++
	name := "(subquery-" + itoa(g.subqueries) + ")"
	id, t := g.explainCounted("CO-ROUTINE " + name)
	up := g.under(id)
	g.count(t, vm.TallyLoop, 0)
	if w.runs() {
		w.running(p, t, out)
		up()
		g.explain("SCAN " + name)
		return
	}
	back := g.fixed(1)
	flush, end := g.newLabel(), g.newLabel()
	g.emit4(vm.OpOpenEphemeral, w.rows, 0, 0, -1)
	g.emit(vm.OpInteger, 0, int32(w.count), 0)
	g.query(p.Input, g.counting(t, w.arrivals(arrival{
		rows:    w.count,
		changed: func() { g.emit(vm.OpGosub, int32(back), int32(flush), 0) },
		row:     w.collect,
	})))
	up()
	_, scan := g.explainCounted("SCAN " + name)
	g.emit(vm.OpGosub, int32(back), int32(flush), 0)
	g.jump(end)

	g.bind(flush)
	g.fixed(0) // The row of the next partition waits in registers.
	none := g.newLabel()
	g.emit(vm.OpIfNot, int32(w.count), int32(none), 0)
	w.begin()
	g.count(scan, vm.TallyLoop, 0)
	top := int32(len(g.code))
	g.count(scan, vm.TallyRow, 0)
	mark := g.top
	w.advance()
	w.give(p, on(w.current), out)
	g.release(mark)
	g.emit(vm.OpAddImm, int32(w.row), 1, 0)
	g.emit(vm.OpNext, w.current, top, 0)
	g.emit4(vm.OpOpenEphemeral, w.rows, 0, 0, -1)
	g.emit(vm.OpInteger, 0, int32(w.count), 0)
	g.bind(none)
	g.emit(vm.OpReturn, int32(back), 0, 0)
	g.bind(end)
}

// give hands out the row that a binding reads, with the results.
func (w *windowing) give(p *plan.Physical, row *binding, out sink) {
	g := w.g
	w.reading(row, func() {
		g.overrides = append(g.overrides, &override{aggs: w.results})
		out(g.results(p))
		g.overrides = g.overrides[:len(g.overrides)-1]
	})
}

// runs reports whether all results are known as soon as a row arrives.
func (w *windowing) runs() bool {
	for _, a := range w.w.Calls {
		switch name := a.Func.Name; {
		case a.Func.Flags&fn.WindowOnly == 0:
		case name == "row_number" || name == "rank" || name == "dense_rank":
		default:
			return false
		}
	}
	for _, f := range w.frames {
		o := f.over
		if o.Unit != ast.FrameRows && (o.Unit != ast.FrameGroups || !w.w.Single) || f.loses() || o.Stop.Kind != ast.BoundCurrentRow || f.whole {
			return false
		}
	}
	return true
}

// running compiles a step of which runs holds: nothing is kept.
func (w *windowing) running(p *plan.Physical, t counted, out sink) {
	g := w.g
	if w.w.Single { // The peer groups are the rows.
		w.groups, w.group, w.first = false, w.row, w.row
	}
	g.emit(vm.OpInteger, 0, int32(w.row), 0)
	g.query(p.Input, g.counting(t, w.arrivals(arrival{
		rows:    w.row,
		changed: func() { g.emit(vm.OpInteger, 0, int32(w.row), 0) },
		first: func() {
			for _, f := range w.frames {
				f.reset(g)
			}
		},
		group: func() {
			g.emit(vm.OpSCopy, int32(w.row), int32(w.first), 0)
			g.emit(vm.OpAddImm, int32(w.first), 1, 0)
		},
		row: func(base reg) {
			row := &binding{regs: base, index: -1}
			g.emit(vm.OpAddImm, int32(w.row), 1, 0)
			for _, f := range w.frames {
				for _, x := range f.aggs {
					w.step(x, row, 0)
				}
				w.finals(f)
			}
			for _, a := range w.w.Calls {
				if a.Func.Flags&fn.WindowOnly != 0 {
					w.position(a, w.results[a])
				}
			}
			w.give(p, row, out)
		},
	})))
}

// on is the binding of a step's source to a cursor on its rows.
func on(cursor int32) *binding { return &binding{cursor: cursor, records: true, rowid: -1, index: -1} }

// see prepares for one call.
func (w *windowing) see(a *resolve.Agg) {
	switch name := a.Func.Name; {
	case a.Func.Flags&fn.WindowOnly == 0:
		w.frameOf(a.Over).add(w.g, a)
	case name == "rank" || name == "dense_rank" || name == "percent_rank":
		w.groups = true
	case name == "cume_dist": // The rows up to the last peer are a frame.
		w.frameOf(upToPeers)
	case name == "first_value" || name == "last_value" || name == "nth_value":
		if f := w.frameOf(a.Over); f.over.Exclude != ast.ExcludeNone {
			f.add(w.g, a)
		} else {
			w.lookups[a] = w.g.cursor()
		}
	case name == "lag" || name == "lead":
		w.lookups[a] = w.g.cursor()
	case name == "ntile":
		w.buckets[a] = w.g.fixed(1)
	}
	w.results[a] = w.g.fixed(1)
}

// frameOf finds or makes the frame of a window.
func (w *windowing) frameOf(over *resolve.Window) *frame {
	o := *over
	if o.Unit == ast.FrameRange && o.Start.Offset == nil && o.Stop.Offset == nil {
		o.Unit = ast.FrameGroups
	}
	for _, f := range w.frames {
		if f.over.SameFrame(&o) {
			return f
		}
	}
	g := w.g
	f := &frame{over: &o, whole: o.Exclude != ast.ExcludeNone}
	f.start, f.stop = place{g.cursor(), g.fixed(1)}, place{g.cursor(), g.fixed(1)}
	f.changed = g.fixed(1)
	if o.Start.Offset != nil {
		f.low = g.fixed(1)
	}
	if o.Stop.Offset != nil {
		f.high = g.fixed(1)
	}
	if o.Unit != ast.FrameRows || o.Exclude >= ast.ExcludeGroup {
		w.groups = true
	}
	w.frames = append(w.frames, f)
	return f
}

// add lets an aggregate see the frame.
func (f *frame) add(g *gen, a *resolve.Agg) {
	x := frameAgg{call: a, f: a.Func, accum: g.accums}
	g.accums++
	if f.loses() && f.over.Exclude == ast.ExcludeNone && a.Func.Moving != nil {
		x.f = a.Func.Moving
	}
	if _, ok := x.f.NewAggregate().(fn.Windowed); !ok && x.f.Flags&fn.MinMax == 0 {
		f.whole = true
	}
	if f.whole && f.scan.at == 0 {
		f.scan = place{g.cursor(), g.fixed(1)}
	}
	f.aggs = append(f.aggs, x)
}

// reset makes the accumulators of the frame empty.
func (f *frame) reset(g *gen) {
	for _, x := range f.aggs {
		g.emit(vm.OpAggReset, x.accum, 1, 0)
	}
}

// loses reports whether rows leave the frame before the partition ends.
func (f *frame) loses() bool { return f.over.Start.Kind != ast.BoundUnboundedPreceding }

// reads reports whether the rows at the frame's ends are read.
func (f *frame) reads() bool { return f.over.Unit != ast.FrameRows || len(f.aggs) > 0 && !f.whole }

// ranges reports whether a bound of the frame is a distance of values.
func (f *frame) ranges() bool { return f.over.Unit == ast.FrameRange }

// arrival says what to do when a row comes from the input.
type arrival struct {
	rows    reg       // Rows of the partition so far.
	changed func()    // At the first row of another partition,
	first   func()    // of any partition,
	group   func()    // and of a peer group; both may be nil.
	row     func(reg) // The row is in registers from here on.
}

// arrivals finds the partitions and peer groups of the rows that come.
func (w *windowing) arrivals(a arrival) sink {
	g := w.g
	part, peer := w.listOf(w.w.Partition), w.listOf(nil)
	if w.groups {
		peer = w.listOf(orderExprs(w.w.OrderBy))
		for i, o := range w.w.OrderBy {
			peer.collations[i] = o.Collation
		}
	}
	return func(base reg) {
		mark := g.top
		same := g.newLabel()
		if len(part.columns) > 0 {
			first := g.newLabel()
			g.emit(vm.OpIfNot, int32(a.rows), int32(first), 0)
			w.compare(part, base, same)
			g.emit(vm.OpOwn, int32(base), int32(w.width), 0)
			a.changed()
			g.bind(first)
		} else {
			g.emit(vm.OpIf, int32(a.rows), int32(same), 0)
		}
		if a.first != nil {
			a.first()
		}
		w.keep(part, base)
		if w.groups {
			group, next := g.newLabel(), g.newLabel()
			g.emit(vm.OpInteger, 0, int32(w.group), 0)
			g.jump(group)
			g.bind(same)
			w.compare(peer, base, next)
			g.bind(group)
			g.emit(vm.OpAddImm, int32(w.group), 1, 0)
			if a.group != nil {
				a.group()
			}
			w.keep(peer, base)
			g.bind(next)
		} else {
			g.bind(same)
		}
		a.row(base)
		g.release(mark)
	}
}

// collect puts a row into the private table.
func (w *windowing) collect(base reg) {
	g := w.g
	n := w.width
	if w.groups {
		row := g.regs(n + 1)
		for i := 0; i < n; i++ {
			g.emit(vm.OpSCopy, int32(base)+int32(i), int32(row)+int32(i), 0)
		}
		g.emit(vm.OpSCopy, int32(w.group), int32(row)+int32(n), 0)
		base, n = row, n+1
	}
	rec := g.temp()
	g.emit(vm.OpAddImm, int32(w.count), 1, 0)
	g.emit4(vm.OpMakeRecord, int32(base), int32(n), int32(rec), -1)
	g.emit4(vm.OpInsert, w.rows, int32(rec), int32(w.count), -1)
}

// columnList are columns of the input whose values are kept, to notice when
// they change.
type columnList struct {
	columns    []int
	collations []*value.Collation
	kept       reg
}

func orderExprs(terms []resolve.OrderTerm) (list []*expr) {
	for _, o := range terms {
		list = append(list, o.Expr)
	}
	return list
}

func (w *windowing) listOf(list []*expr) columnList {
	l := columnList{kept: w.g.fixed(len(list))}
	for _, e := range list {
		l.columns, l.collations = append(l.columns, e.Index), append(l.collations, e.Collation())
	}
	return l
}

// compare jumps to same when the row at base has the values that are kept.
func (w *windowing) compare(l columnList, base reg, same label) {
	g := w.g
	changed := g.newLabel()
	for i, c := range l.columns {
		op, to := vm.OpNe, changed
		if i == len(l.columns)-1 {
			op, to = vm.OpEq, same
		}
		g.emit4(op, int32(base)+int32(c), int32(to), int32(l.kept)+int32(i), g.coll(l.collations[i]))
		g.p5(vm.CmpNullEq)
	}
	if len(l.columns) == 0 {
		g.jump(same)
	}
	g.bind(changed)
}

func (w *windowing) keep(l columnList, base reg) {
	for i, c := range l.columns {
		w.g.emit(vm.OpCopy, int32(base)+int32(c), int32(l.kept)+int32(i), 0)
	}
}

// begin puts all cursors on the first row of a complete partition.
func (w *windowing) begin() {
	g := w.g
	rewind := func(cursor int32) {
		next := g.newLabel()
		g.emit(vm.OpOpenDup, cursor, w.rows, 0)
		g.emit(vm.OpRewind, cursor, int32(next), 0)
		g.bind(next)
	}
	rewind(w.current)
	g.emit(vm.OpInteger, 1, int32(w.row), 0)
	if w.groups {
		g.emit(vm.OpInteger, 0, int32(w.group), 0)
	}
	for _, f := range w.frames {
		if f.reads() {
			rewind(f.start.cursor)
			rewind(f.stop.cursor)
		}
		if f.scan.at != 0 {
			g.emit(vm.OpOpenDup, f.scan.cursor, w.rows, 0)
		}
		for _, r := range []reg{f.start.at, f.stop.at, f.changed} {
			g.emit(vm.OpInteger, 1, int32(r), 0)
		}
		f.reset(g)
		w.offsets(f)
	}
	for _, a := range w.w.Calls {
		if c, ok := w.lookups[a]; ok {
			g.emit(vm.OpOpenDup, c, w.rows, 0)
		}
		if r, ok := w.buckets[a]; ok {
			w.reading(on(w.current), func() { g.exprTo(a.Args[0], r) })
			g.emit(vm.OpOwn, int32(r), 1, 0)
		}
	}
}

// offsets evaluates the offsets of a frame's bounds.
func (w *windowing) offsets(f *frame) {
	g := w.g
	check := func(e *expr, r reg, text string) {
		bad, ok := g.newLabel(), g.newLabel()
		g.exprTo(e, r)
		if f.ranges() {
			text += "number"
			g.applyAffinity(r, []value.Affinity{value.AffNumeric})
			g.emit4(vm.OpGe, int32(g.hoist(resolve.Const(value.FromString("")))), int32(bad), int32(r), -1)
			g.p5(vm.CmpJumpIfNull)
		} else {
			text += "integer"
			g.emit(vm.OpMustBeInt, int32(r), int32(bad), 0)
		}
		g.emit4(vm.OpGe, w.integer(0), int32(ok), int32(r), -1)
		g.bind(bad)
		w.fail(text)
		g.bind(ok)
	}
	if f.low != 0 {
		check(f.over.Start.Offset, f.low, offsetStart)
	}
	if f.high != 0 {
		check(f.over.Stop.Offset, f.high, offsetStop)
	}
	if f.ranges() || f.over.Start.Kind != f.over.Stop.Kind || f.low == 0 {
		return
	}
	// A frame that ends before it starts has no rows.
	ok := g.newLabel()
	op, none := vm.OpGe, int64(beyond)
	if f.over.Start.Kind == ast.BoundFollowing {
		op, none = vm.OpLe, -beyond
		f.width = g.fixed(1)
	}
	g.emit4(op, int32(f.high), int32(ok), int32(f.low), -1)
	g.emit(vm.OpSCopy, int32(g.hoist(resolve.Const(value.FromInt(none)))), int32(f.high), 0)
	g.bind(ok)
	if f.width != 0 {
		g.emit(vm.OpSubtract, int32(f.low), int32(f.high), int32(f.width))
	}
}

func (w *windowing) integer(n int64) int32 {
	return int32(w.g.hoist(resolve.Const(value.FromInt(n))))
}

func (w *windowing) fail(text string) {
	w.g.emit4(vm.OpHalt, 1, vm.ActionAbort, 0, w.g.errorInfo(&vm.ErrorInfo{Code: 1, Text: text}))
}

// advance moves the frames to the row at hand and computes the results.
func (w *windowing) advance() {
	g := w.g
	if w.groups {
		same := g.newLabel()
		r := g.temp()
		g.emit4(vm.OpColumn, w.current, int32(w.width), int32(r), -1)
		g.emit4(vm.OpEq, int32(r), int32(same), int32(w.group), -1)
		g.emit(vm.OpSCopy, int32(r), int32(w.group), 0)
		g.emit(vm.OpSCopy, int32(w.row), int32(w.first), 0)
		g.bind(same)
	}
	for _, f := range w.frames {
		// The reference takes rows back as soon as the row before has gone out;
		// those of a frame that starts behind its row, when it has seen the end.
		late := f.over.Start.Kind == ast.BoundFollowing || f.ranges() && f.over.Stop.Kind == ast.BoundPreceding
		if f.loses() && !late {
			w.leave(f, w.limit(f, f.over.Start, f.low))
		}
		w.enter(f)
		if f.loses() && late {
			w.leave(f, w.limit(f, f.over.Start, f.low))
		}
	}
	for _, f := range w.frames {
		w.aggregates(f)
	}
	for _, a := range w.w.Calls {
		if a.Func.Flags&fn.WindowOnly != 0 {
			w.position(a, w.results[a])
		}
	}
}

// limit is the number of the row or group that a bound of ROWS or GROUPS
// names, seen from the row at hand.
func (w *windowing) limit(f *frame, b resolve.FrameBound, offset reg) reg {
	g := w.g
	from := w.group
	if f.over.Unit == ast.FrameRows {
		from = w.row
	}
	if offset == 0 || f.ranges() {
		return from
	}
	r := g.temp()
	if b.Kind == ast.BoundPreceding {
		g.emit(vm.OpSubtract, int32(offset), int32(from), int32(r))
	} else {
		g.emit(vm.OpAdd, int32(from), int32(offset), int32(r))
	}
	return r
}

// number is what the frame counts at a place: rows or groups.
func (w *windowing) number(f *frame, p place) reg {
	if f.over.Unit == ast.FrameRows {
		return p.at
	}
	r := w.g.temp()
	w.g.emit4(vm.OpColumn, p.cursor, int32(w.width), int32(r), -1)
	return r
}

// enter steps the rows that the frame reaches.
func (w *windowing) enter(f *frame) {
	g := w.g
	done := g.newLabel()
	b := f.over.Stop
	var limit reg
	if b.Kind != ast.BoundUnboundedFollowing {
		limit = w.limit(f, b, f.high)
	}
	mark := g.top
	top := int32(len(g.code))
	g.emit4(vm.OpGt, int32(w.count), int32(done), int32(f.stop.at), -1)
	switch {
	case b.Kind == ast.BoundUnboundedFollowing:
	case f.ranges() && b.Kind == ast.BoundPreceding:
		w.within(vm.OpGt, f.stop.cursor, f.high, w.current, done)
	case f.ranges() && b.Kind == ast.BoundFollowing:
		in := g.newLabel()
		w.within(vm.OpGe, w.current, f.high, f.stop.cursor, in)
		g.jump(done)
		g.bind(in)
	default:
		at := w.number(f, f.stop)
		g.emit4(vm.OpGt, int32(limit), int32(done), int32(at), -1)
		if f.width != 0 {
			// On the way to its first frame the window is never wider than that.
			low := g.temp()
			g.emit(vm.OpSubtract, int32(f.width), int32(at), int32(low))
			w.leave(f, low)
		}
	}
	w.move(f, &f.stop, 0)
	g.release(mark)
	g.emit(vm.OpGoto, 0, top, 0)
	g.bind(done)
}

// leave takes back the rows before limit, or of RANGE before its distance.
func (w *windowing) leave(f *frame, limit reg) {
	g := w.g
	done := g.newLabel()
	mark := g.top
	top := int32(len(g.code))
	g.emit4(vm.OpGe, int32(f.stop.at), int32(done), int32(f.start.at), -1)
	switch b := f.over.Start; {
	case f.ranges() && b.Kind == ast.BoundPreceding:
		w.within(vm.OpGe, f.start.cursor, f.low, w.current, done)
	case f.ranges() && b.Kind == ast.BoundFollowing:
		w.within(vm.OpLe, w.current, f.low, f.start.cursor, done)
	default:
		g.emit4(vm.OpGe, int32(limit), int32(done), int32(w.number(f, f.start)), -1)
	}
	w.move(f, &f.start, 1)
	g.release(mark)
	g.emit(vm.OpGoto, 0, top, 0)
	g.bind(done)
}

// move feeds the row at an end of the frame to its aggregates, or takes it
// back, and goes to the next row.
func (w *windowing) move(f *frame, p *place, inverse int32) {
	g := w.g
	if !f.whole {
		for _, x := range f.aggs {
			w.step(x, on(p.cursor), inverse)
		}
	}
	next := g.newLabel()
	g.emit(vm.OpInteger, 1, int32(f.changed), 0)
	g.emit(vm.OpAddImm, int32(p.at), 1, 0)
	if f.reads() {
		g.emit(vm.OpNext, p.cursor, int32(next), 0)
	}
	g.bind(next)
}

// step feeds the row that a binding reads to an aggregate.
func (w *windowing) step(x frameAgg, row *binding, inverse int32) {
	g := w.g
	mark, skip := g.top, g.newLabel()
	w.reading(row, func() {
		if x.call.Filter != nil {
			g.jumpIf(x.call.Filter, skip, false, true)
		}
		base := g.regs(len(x.call.Args))
		for i, e := range x.call.Args {
			if i == 1 && x.f.Name == "nth_value" {
				w.reading(on(w.current), func() { g.exprTo(e, base+1) })
			} else {
				g.exprTo(e, base+reg(i))
			}
		}
		g.emit4(vm.OpAggStep, inverse, int32(base), x.accum, g.call(x.f, len(x.call.Args), x.call.Coll))
	})
	g.bind(skip)
	g.release(mark)
}

// reading compiles what reads columns of the step's source as a binding says.
func (w *windowing) reading(row *binding, f func()) {
	saved := w.g.bindings[w.w.Source]
	w.g.bindings[w.w.Source] = row
	f()
	w.g.bindings[w.w.Source] = saved
}

// aggregates gives the aggregates of a frame their results, if it has changed.
func (w *windowing) aggregates(f *frame) {
	g := w.g
	if len(f.aggs) == 0 {
		return
	}
	same := g.newLabel()
	if f.over.Exclude <= ast.ExcludeNoOthers {
		g.emit(vm.OpIfNot, int32(f.changed), int32(same), 0)
		g.emit(vm.OpInteger, 0, int32(f.changed), 0)
	}
	if f.whole {
		w.scan(f)
	}
	w.finals(f)
	g.bind(same)
}

func (w *windowing) finals(f *frame) {
	g := w.g
	for _, x := range f.aggs {
		g.emit4(vm.OpAggFinal, x.accum, int32(w.results[x.call]), b2i(!f.whole), g.call(x.f, len(x.call.Args), x.call.Coll))
	}
}

// scan steps all rows of a frame but those that EXCLUDE names.
func (w *windowing) scan(f *frame) {
	g := w.g
	done, next, keep := g.newLabel(), g.newLabel(), g.newLabel()
	f.reset(g)
	g.emit(vm.OpSCopy, int32(f.start.at), int32(f.scan.at), 0)
	g.emit4(vm.OpGe, int32(f.stop.at), int32(done), int32(f.scan.at), -1)
	g.emit(vm.OpSeekRowid, f.scan.cursor, int32(done), int32(f.scan.at))
	top := int32(len(g.code))
	mark := g.top
	peer := func() {
		r := g.temp()
		g.emit4(vm.OpColumn, f.scan.cursor, int32(w.width), int32(r), -1)
		g.emit4(vm.OpEq, int32(r), int32(next), int32(w.group), -1)
	}
	switch f.over.Exclude {
	case ast.ExcludeCurrentRow:
		g.emit4(vm.OpEq, int32(w.row), int32(next), int32(f.scan.at), -1)
	case ast.ExcludeGroup:
		peer()
	case ast.ExcludeTies:
		g.emit4(vm.OpEq, int32(w.row), int32(keep), int32(f.scan.at), -1)
		peer()
	case ast.ExcludeNone, ast.ExcludeNoOthers:
	}
	g.bind(keep)
	for _, x := range f.aggs {
		w.step(x, on(f.scan.cursor), 0)
	}
	g.bind(next)
	g.release(mark)
	g.emit(vm.OpAddImm, int32(f.scan.at), 1, 0)
	g.emit4(vm.OpGe, int32(f.stop.at), int32(done), int32(f.scan.at), -1)
	g.emit(vm.OpNext, f.scan.cursor, top, 0)
	g.bind(done)
}

// within jumps to yes when the order's value at one row, moved by a distance
// in the direction of the order, compares as op with that at another. What is
// no number is not moved; op is Ge, Gt or Le for an ascending order.
func (w *windowing) within(op vm.Op, from int32, distance reg, to int32, yes label) {
	g := w.g
	o := w.w.OrderBy[0]
	x, y := g.temp(), g.temp()
	g.emit4(vm.OpColumn, from, int32(o.Expr.Index), int32(x), -1)
	g.emit4(vm.OpColumn, to, int32(o.Expr.Index), int32(y), -1)
	done, as := g.newLabel(), g.newLabel()
	arith := vm.OpAdd
	if o.Desc {
		arith = vm.OpSubtract
		op = map[vm.Op]vm.Op{vm.OpGe: vm.OpLe, vm.OpGt: vm.OpLt, vm.OpLe: vm.OpGe}[op]
	}
	if o.NullsLast != o.Desc { // NULL is the greatest value here.
		some := g.newLabel()
		g.emit(vm.OpNotNull, int32(x), int32(some), 0)
		switch op {
		case vm.OpGe:
			g.jump(yes)
		case vm.OpGt:
			g.emit(vm.OpNotNull, int32(y), int32(yes), 0)
		case vm.OpLe:
			g.emit(vm.OpIsNull, int32(y), int32(yes), 0)
		}
		g.jump(done)
		g.bind(some)
		if op == vm.OpGt || op == vm.OpGe {
			g.emit(vm.OpIsNull, int32(y), int32(done), 0)
		} else {
			g.emit(vm.OpIsNull, int32(y), int32(yes), 0)
		}
	}
	g.emit4(vm.OpGe, int32(g.hoist(resolve.Const(value.FromString("")))), int32(as), int32(x), -1)
	if op == vm.OpGe && !o.Desc || op == vm.OpLe && o.Desc {
		g.emit4(op, int32(y), int32(yes), int32(x), -1) // Before the sum overflows.
	}
	g.emit(arith, int32(distance), int32(x), int32(x))
	g.bind(as)
	g.emit4(op, int32(y), int32(yes), int32(x), g.coll(o.Collation))
	g.p5(vm.CmpNullEq)
	g.bind(done)
}

// position computes a function of the row's place alone.
func (w *windowing) position(a *resolve.Agg, out reg) {
	g := w.g
	formula := func(args ...reg) {
		base := g.regs(len(args))
		for i, r := range args {
			g.emit(vm.OpSCopy, int32(r), int32(base)+int32(i), 0)
		}
		g.emit4(vm.OpFunction, 0, int32(base), int32(out), g.call(a.Func, len(args), nil))
	}
	switch a.Func.Name {
	case "row_number":
		g.emit(vm.OpSCopy, int32(w.row), int32(out), 0)
	case "rank":
		g.emit(vm.OpSCopy, int32(w.first), int32(out), 0)
	case "dense_rank":
		g.emit(vm.OpSCopy, int32(w.group), int32(out), 0)
	case "percent_rank":
		formula(w.first, w.count)
	case "cume_dist":
		last := g.temp()
		g.emit(vm.OpSCopy, int32(w.frameOf(upToPeers).stop.at), int32(last), 0)
		g.emit(vm.OpAddImm, int32(last), -1, 0)
		formula(last, w.count)
	case "ntile":
		formula(w.buckets[a], w.row, w.count)
	case "lag", "lead":
		w.neighbour(a, out)
	default:
		if f := w.frameOf(a.Over); f.over.Exclude == ast.ExcludeNone {
			w.nthOf(f, a, out)
		}
	}
}

// neighbour computes lag and lead: the value so many rows away.
func (w *windowing) neighbour(a *resolve.Agg, out reg) {
	g := w.g
	at, none := g.temp(), g.newLabel()
	w.reading(on(w.current), func() {
		if len(a.Args) == 3 {
			g.exprTo(a.Args[2], out)
		} else {
			g.emit(vm.OpNull, 0, int32(out), 0)
		}
		by := w.integer(1)
		if len(a.Args) > 1 {
			by = int32(g.expr(a.Args[1]))
		}
		if a.Func.Name == "lead" {
			g.emit(vm.OpAdd, int32(w.row), by, int32(at))
		} else {
			g.emit(vm.OpSubtract, by, int32(w.row), int32(at))
			if len(a.Args) > 1 {
				// The reference computes lag while rows come in: it knows the next one.
				next := g.temp()
				g.emit(vm.OpAdd, int32(w.row), w.integer(1), int32(next))
				g.emit4(vm.OpGt, int32(next), int32(none), int32(at), -1)
			}
		}
	})
	w.valueAt(a, at, out, none)
	g.bind(none)
}

// nthOf computes first_value, last_value and nth_value.
func (w *windowing) nthOf(f *frame, a *resolve.Agg, out reg) {
	g := w.g
	at, none := g.temp(), g.newLabel()
	g.emit(vm.OpNull, 0, int32(out), 0)
	switch a.Func.Name {
	case "first_value":
		g.emit(vm.OpSCopy, int32(f.start.at), int32(at), 0)
	case "last_value":
		g.emit(vm.OpSCopy, int32(f.stop.at), int32(at), 0)
		g.emit(vm.OpAddImm, int32(at), -1, 0)
	default:
		bad, ok := g.newLabel(), g.newLabel()
		w.reading(on(w.current), func() { g.exprTo(a.Args[1], at) })
		g.emit(vm.OpMustBeInt, int32(at), int32(bad), 0)
		g.emit4(vm.OpGt, w.integer(0), int32(ok), int32(at), -1)
		g.bind(bad)
		w.fail(fn.NthValueText)
		g.bind(ok)
		g.emit(vm.OpAdd, int32(at), int32(f.start.at), int32(at))
		g.emit(vm.OpAddImm, int32(at), -1, 0)
	}
	g.emit4(vm.OpGe, int32(f.stop.at), int32(none), int32(at), -1)
	g.emit4(vm.OpLt, int32(f.start.at), int32(none), int32(at), -1)
	w.valueAt(a, at, out, none)
	g.bind(none)
}

// valueAt reads the argument of a call in the row with a number, or jumps to
// none.
func (w *windowing) valueAt(a *resolve.Agg, at, out reg, none label) {
	c := w.lookups[a]
	w.g.emit(vm.OpSeekRowid, c, int32(none), int32(at))
	w.reading(on(c), func() { w.g.exprTo(a.Args[0], out) })
}
