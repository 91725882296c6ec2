package codegen

import (
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// Update compiles an UPDATE. The row ids of the rows to change are collected
// first (a changed row might otherwise be met again), then each row is read,
// its new values are computed and tested, and the row is changed.
func Update(env *Env, up *resolve.Update) (*vm.Program, error) {
	g := newGen(env)
	g.prog.CountRows = true
	t := up.Target.Table
	rows := g.collectRows(up.Target, up.Where)
	w := g.openWriter(up.Row, up.DB)
	w.checks, w.or = up.Checks, int(up.Or)
	g.prog.Statement = !rows.one || w.mayDelete()
	info := &updated{old: g.fixed(1), rowid: up.Rowid != nil, columns: make([]bool, len(t.Columns))}
	for i, e := range up.Set {
		info.columns[i] = e != nil
	}
	if a := t.RowidAlias; a >= 0 {
		info.columns[a] = info.rowid
	}
	up.Row.Changed(info.columns)
	w.skip = g.newLabel()
	done := g.newLabel()
	top := g.eachRow(rows, w, info.old, done, w.skip)

	g.bindings[up.Target] = &binding{cursor: w.cursor, index: -1, own: true}
	for i := range t.Columns {
		r := w.base + 1 + reg(i)
		switch {
		case i == t.RowidAlias:
			g.emit(vm.OpNull, 0, int32(r), 0)
		case t.Columns[i].Generated != nil:
			// Computed from the others.
		case up.Set[i] != nil:
			g.exprTo(up.Set[i], r)
		default:
			g.exprTo(resolve.Column(up.Target, i), r)
		}
	}
	if up.Rowid != nil {
		g.exprTo(up.Rowid, w.base)
		g.emit(vm.OpMustBeInt, int32(w.base), 0, 0)
	} else {
		g.emit(vm.OpSCopy, int32(info.old), int32(w.base), 0)
	}
	g.applyTableAffinity(w)
	g.generate(w)
	g.emit(vm.OpOwn, int32(w.base), int32(len(t.Columns)+1), 0)
	g.constraints(w, info)
	g.rewrite(w, info)
	g.bind(w.skip)
	g.jump(top)
	g.bind(done)
	g.emit(vm.OpResetChanges, 0, 0, 0)
	return g.finish()
}

// rewrite replaces the row that the table cursor is on by the row of w.
func (g *gen) rewrite(w *writer, up *updated) {
	if up.rowid {
		// The test of the new row id has moved the cursor.
		g.emit(vm.OpNotExists, w.cursor, int32(w.skip), int32(up.old))
	}
	for k, x := range w.t.Indexes {
		if up.touches(x, w) {
			g.deleteKey(w, k, x, up.old)
		}
	}
	if up.rowid {
		g.emit4(vm.OpDelete, w.cursor, 0, 0, g.table(w.t))
	}
	for k, x := range w.t.Indexes {
		if up.touches(x, w) {
			g.addEntry(w, k)
		}
	}
	rec := g.record(w)
	g.emit4(vm.OpInsert, w.cursor, int32(rec), int32(w.base), g.table(w.t))
	g.p5(vm.InsertCount)
}

// rowList is where the row ids to change wait.
type rowList struct {
	one bool // At most one row, in r.
	set int32
	r   reg
}

// collectRows finds the rows that WHERE selects.
func (g *gen) collectRows(src *resolve.Source, where *expr) *rowList {
	rowid := resolve.Column(src, resolve.RowidColumn)
	p := plan.AccessOnly(g.env.Plan, src, where, []*expr{rowid})
	l := &rowList{r: g.fixed(1)}
	if g.unsolved(p) {
		return l
	}
	if a := p.Levels[0].Access; a.Kind == plan.AccessRowid && a.Eq[0].In == nil {
		l.one = true
		g.emit(vm.OpNull, 0, int32(l.r), 0)
		g.loops(p, func(next, end label) { g.exprTo(rowid, l.r) })
		return l
	}
	l.set = g.cursor()
	g.loops(p, func(next, end label) {
		g.emit(vm.OpRowSetAdd, l.set, int32(g.expr(rowid)), 0)
	})
	return l
}

// eachRow emits the start of the loop over the collected rows: the table
// cursor is put on each, its row id into r. It returns the label that
// continues the loop.
func (g *gen) eachRow(l *rowList, w *writer, r reg, done, skip label) label {
	if l.one {
		g.emit(vm.OpIsNull, int32(l.r), int32(done), 0)
		g.emit(vm.OpSCopy, int32(l.r), int32(r), 0)
		g.emit(vm.OpNotExists, w.cursor, int32(done), int32(r))
		return done // One row ends the loop.
	}
	top := g.newLabel()
	g.bind(top)
	g.emit(vm.OpRowSetRead, l.set, int32(done), int32(r))
	g.emit(vm.OpNotExists, w.cursor, int32(skip), int32(r))
	return top
}

// Delete compiles a DELETE.
func Delete(env *Env, del *resolve.Delete) (*vm.Program, error) {
	g := newGen(env)
	g.prog.CountRows = true
	t := del.Target.Table
	if del.Where == nil {
		g.use(del.DB, true)
		count := g.fixed(1)
		g.emit(vm.OpInteger, 0, int32(count), 0)
		for _, x := range t.Indexes {
			g.emit(vm.OpClear, int32(x.Root), int32(del.DB), 0)
		}
		g.emit(vm.OpClear, int32(t.Root), int32(del.DB), int32(count))
		g.p5(vm.InsertCount)
		g.emit(vm.OpResetChanges, 0, 0, 0)
		return g.finish()
	}
	rows := g.collectRows(del.Target, del.Where)
	w := g.openWriter(del.Row, del.DB)
	r := g.fixed(1)
	done, skip := g.newLabel(), g.newLabel()
	top := g.eachRow(rows, w, r, done, skip)
	g.deleteRow(w, r, vm.InsertCount)
	g.bind(skip)
	g.jump(top)
	g.bind(done)
	g.emit(vm.OpResetChanges, 0, 0, 0)
	return g.finish()
}
