package codegen

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// returning collects the rows of RETURNING: they go out after all changes are
// done.
type returning struct {
	row    *resolve.Source
	query  *resolve.Query
	cursor int32
}

// openReturning prepares for the rows of q; nil without RETURNING.
func (g *gen) openReturning(q *resolve.Query) *returning {
	if q == nil {
		return nil
	}
	r := &returning{row: q.Cores[0].Sources[0], query: q, cursor: g.cursor()}
	g.emit4(vm.OpOpenEphemeral, r.cursor, 0, 0, -1)
	g.prog.Columns = Columns(q)
	g.unit.root.prog.Statement = true // An expression may fail after its row has changed.
	return r
}

// returnRow notes what RETURNING gives of the row in w's registers.
func (g *gen) returnRow(w *writer) {
	r := w.returns
	if r == nil {
		return
	}
	g.bindings[r.row] = &binding{regs: w.base + 1, rowidReg: w.base, index: -1}
	mark := g.top
	list := r.query.Cores[0].Results
	base := g.regs(len(list))
	for i := range list {
		g.afresh = exprReads(list[i].Expr, w.t)
		g.exprTo(list[i].Expr, base+reg(i))
		if w.isView() && list[i].Expr.Affinity() == value.AffReal {
			g.emit(vm.OpRealAffinity, int32(base)+int32(i), 0, 0) // No table has made it one.
		}
	}
	g.afresh = false
	rec, id := g.temp(), g.temp()
	g.emit4(vm.OpMakeRecord, int32(base), int32(len(list)), int32(rec), -1)
	g.emit(vm.OpNewRowid, r.cursor, int32(id), 0)
	g.emit4(vm.OpInsert, r.cursor, int32(rec), int32(id), -1)
	g.release(mark)
}

// oldRow loads the row that the table cursor is on into the registers of the
// new one, where triggers and RETURNING of a DELETE look for it.
func (g *gen) oldRow(w *writer, handle reg) {
	if w.returns == nil && !w.hooked() {
		return
	}
	g.bindOld(w)
	if w.t.Key == nil && !w.isView() {
		g.emit(vm.OpSCopy, int32(handle), int32(w.base), 0)
	}
	for i := range w.t.Columns {
		g.exprTo(resolve.Column(w.row, i), w.base+1+reg(i))
	}
	g.own(w)
}

// endChanges publishes the count of changes and hands out the rows of
// RETURNING.
func (g *gen) endChanges(r *returning) {
	if g == g.unit.root {
		g.endAutoincrements()
	}
	g.emit(vm.OpResetChanges, 0, 0, 0)
	if r == nil {
		return
	}
	if g.env.ForeignKeys {
		g.emit(vm.OpFkCheck, 0, 0, 0)
	}
	n := len(r.query.Cores[0].Results)
	end := g.newLabel()
	step := g.scanAll(r.cursor, false, end)
	base := g.regs(n)
	for i := range n {
		g.emit4(vm.OpColumn, r.cursor, int32(i), int32(base)+int32(i), -1)
	}
	g.emit(vm.OpResultRow, int32(base), int32(n), 0)
	step()
	g.bind(end)
}
