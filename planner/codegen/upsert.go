package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// rowidCheck stands for the row id among the numbers of indexes.
const rowidCheck = -1

// upsertOf is the ON CONFLICT clause that answers a conflict with index x, or
// with the row id when x is nil.
func (w *writer) upsertOf(x *catalog.Index) *resolve.Upsert {
	for _, u := range w.upserts {
		if u.Any || u.Index == x {
			return u
		}
	}
	return nil
}

// conflict is what a conflict with index x, or with the row id, leads to: an
// upsert, or else an action.
func (w *writer) conflict(x *catalog.Index) (act int, u *resolve.Upsert) {
	own := w.t.RowidConflict
	if x != nil {
		own = x.Conflict
	}
	u = w.upsertOf(x)
	switch {
	case u == nil:
		return w.action(int(own)), nil
	case u.Update == nil:
		return vm.ActionIgnore, nil
	default:
		return vm.ActionNone, u
	}
}

// uniqueOrder lists what must be unique in the order of its tests: the row id,
// then the indexes. A row id that alone is to REPLACE comes last; the targets
// of upserts come first, in the order of their clauses.
func (w *writer) uniqueOrder() []int {
	indexes := w.t.IndexOrder()
	var order []int
	seen := map[int]bool{rowidCheck: w.t.Key != nil}
	add := func(k int) {
		if !seen[k] {
			seen[k] = true
			order = append(order, k)
		}
	}
	targeted := false
	for _, u := range w.upserts {
		if u.Any {
			break
		}
		targeted = true
		if u.Index == nil {
			add(rowidCheck)
		}
		for k, x := range w.t.Indexes {
			if x == u.Index {
				add(k)
			}
		}
	}
	act, _ := w.conflict(nil)
	if targeted || act != vm.ActionReplace || !w.hasOtherThanReplace() {
		add(rowidCheck)
	}
	for _, k := range indexes {
		add(k)
	}
	add(rowidCheck)
	return order
}

// doUpdate does what a DO UPDATE says to the row in the way, which has that
// handle; then the row to insert is done with.
func (g *gen) doUpdate(w *writer, u *resolve.Upsert, other reg) {
	up := u.Update
	n := handleWidth(w.t)
	old := g.fixed(n)
	g.emit(vm.OpCopy, int32(other), int32(old), int32(n-1))
	g.seekRow(w, old, w.skip)
	v := *w
	v.upserts, v.auto, v.checks, v.or = nil, nil, up.Checks, int(up.Or)
	v.event, v.triggers, v.replaced = ast.TriggerUpdate, up.Triggers, 0
	g.prepare(&v)
	info := newUpdated(up, old)
	v.foreign = g.foreignKeys(w.t, ast.TriggerUpdate, info, false)
	info.all = v.foreign != nil && v.foreign.rewrites
	g.rowRegisters(&v, up.Row)
	g.bindings[up.Target] = &binding{cursor: w.cursor, index: -1, own: true}
	g.bindings[u.Excluded] = &binding{regs: w.base + 1, rowidReg: w.base, index: -1}
	if up.Where != nil {
		g.jumpIf(up.Where, w.skip, false, true)
	}
	g.updateRow(&v, up, info)
	g.jump(w.skip)
}
