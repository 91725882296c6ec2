package codegen

import (
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/vm"
)

// merge is a level that is stepped along with the outermost loop. Its cursor stands
// on the first entry whose key is not less than what is in last, NULL when
// it stands nowhere, or behind entries of the same key.
type merge struct {
	level *plan.Level
	last  reg
}

// openMerge makes room for the place of a level, before all loops.
func (g *gen) openMerge(l *plan.Level) {
	m := merge{l, g.fixed(1)}
	g.merges = append(g.merges, m)
	g.emit(vm.OpNull, 0, int32(m.last), 0)
}

// forgetMerges lets the next row of each merged level be sought.
func (g *gen) forgetMerges() {
	for _, m := range g.merges {
		g.emit(vm.OpNull, 0, int32(m.last), 0)
	}
}

// enterMerge enters a level by stepping to the next key while keys rise, as far
// as that is not many steps; else by a seek.
func (g *gen) enterMerge(l *plan.Level, cont, brk label) func() {
	a, b := l.Access, g.bindings[l.Source]
	var last reg
	for _, m := range g.merges {
		if m.level == l {
			last = m.last
		}
	}
	x, coll := b.cursor, int32(-1)
	index := a.Kind == plan.AccessIndex
	if index {
		x, coll = b.seek, g.coll(a.Index.Columns[0].Collation)
	}
	key, at, left := g.fixed(1), g.fixed(1), g.fixed(1)
	seek, step, ahead, have, none := g.newLabel(), g.newLabel(), g.newLabel(), g.newLabel(), g.newLabel()
	eq := a.Eq[0]
	g.keyValue(eq.Expr, eq.Term, key)
	g.emit(vm.OpIsNull, int32(key), int32(brk), 0)
	g.emit4(vm.OpGe, int32(key), int32(seek), int32(last), coll)
	g.p5(vm.CmpJumpIfNull)
	g.emit(vm.OpInteger, plan.MergeStepsMost, int32(left), 0)
	g.bind(step)
	if index {
		g.emit4(vm.OpIdxGE, x, int32(have), int32(key), 1)
	} else {
		g.emit(vm.OpRowid, x, int32(at), 0)
		g.emit4(vm.OpGe, int32(key), int32(have), int32(at), -1)
	}
	g.emit(vm.OpIfPos, int32(left), int32(ahead), 1)
	g.bind(seek)
	if index {
		g.emit4(vm.OpSeekGE, x, int32(none), int32(key), 1)
	} else {
		g.emit(vm.OpSeekRowidGE, x, int32(none), int32(key))
		g.emit(vm.OpRowid, x, int32(at), 0)
	}
	g.jump(have)
	g.bind(ahead)
	g.emit(vm.OpNext, x, int32(step), 0)
	g.bind(none)
	g.emit(vm.OpNull, 0, int32(last), 0)
	g.jump(brk)
	g.bind(have)
	g.emit(vm.OpCopy, int32(key), int32(last), 0)
	if !index {
		g.emit4(vm.OpNe, int32(key), int32(brk), int32(at), -1)
		return func() {}
	}
	// The bound that is kept is this key's: another test came before, or a seek.
	top := int32(len(g.code))
	g.emit4(vm.OpIdxGT, x, int32(brk), int32(key), 1)
	g.p5(1)
	if !b.covering {
		g.followIndex(a.Index, x, b.cursor, cont)
	}
	return func() {
		if a.Index.Unique && len(a.Index.Columns) == 1 {
			return // There is no other.
		}
		g.emit(vm.OpNext, x, top, 0)
		g.emit(vm.OpNull, 0, int32(last), 0)
	}
}
