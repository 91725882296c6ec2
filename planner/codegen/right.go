package codegen

import (
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// rightJoin is a level of a RIGHT or FULL JOIN. Its loop notes the row ids of
// the rows that found a match; what comes after the ON clause is a subroutine.
// When all loops are done, the rows that were not noted go through it once
// more, with NULLs for all sources to the left.
type rightJoin struct {
	level   *plan.Level
	matched int32 // Set of row ids, or of primary keys.
	back    reg
	rest    label
}

// openRight opens the set of a right join's level, before all loops.
func (g *gen) openRight(l *plan.Level) {
	r := &rightJoin{level: l, matched: g.cursor(), back: g.fixed(1), rest: g.newLabel()}
	put(&g.rights, l, r)
	key := &vm.KeyInfo{Cols: []record.KeyColumn{{}}}
	if k := rightKey(l); k != nil {
		key.Cols = key.Cols[:0]
		for _, c := range k.Columns {
			key.Cols = append(key.Cols, record.KeyColumn{Collation: c.Collation})
		}
	}
	g.emit4(vm.OpOpenEphemeral, r.matched, 0, 0, g.key(key))
}

// rightRow loads what tells the row of a right join's level from its others:
// the row id, or the primary key.
func (g *gen) rightRow(l *plan.Level) (base reg, n int) {
	b := g.bindings[l.Source]
	if b.regs != 0 {
		base = g.temp()
		g.emit(vm.OpInteger, 1, int32(base), 0) // The one row of a recursive CTE.
		return base, 1
	}
	if k := rightKey(l); k != nil {
		base = g.regs(len(k.Columns))
		for i, c := range k.Columns {
			g.exprTo(resolve.Column(l.Source, c.Column), base+reg(i))
		}
		return base, len(k.Columns)
	}
	base = g.temp()
	g.emit(vm.OpRowid, b.cursor, int32(base), 0)
	return base, 1
}

// rightKey is the primary key of a source without row ids, else nil.
func rightKey(l *plan.Level) *catalog.Index {
	if t := l.Source.Table; l.Sub == nil && t != nil {
		return t.Key
	}
	return nil
}

func (g *gen) markMatched(r *rightJoin) {
	known := g.newLabel()
	id, n := g.rightRow(r.level)
	g.emit4(vm.OpFound, r.matched, int32(known), int32(id), int32(n))
	g.emit4(vm.OpIdxInsert, r.matched, int32(id), int32(n), -1)
	g.p5(1)
	g.bind(known)
}

// unmatched emits the loop over the rows of a right join without a match.
func (g *gen) unmatched(before []*plan.Level, r *rightJoin) {
	up := g.under(g.explain("RIGHT-JOIN " + r.level.Source.Name))
	g.explain("SCAN " + r.level.Source.Name)
	up()
	for _, l := range before {
		g.nullRow(l)
	}
	b := g.bindings[r.level.Source]
	next, end := g.newLabel(), g.newLabel()
	for _, t := range r.level.Before {
		g.jumpIf(t, end, false, true)
	}
	var step func()
	switch r.level.Access.Kind {
	case plan.AccessModule, plan.AccessCurrent:
		step = g.enter(r.level, next, end)
	default:
		step = g.scanAll(b.cursor, false, end)
	}
	id, n := g.rightRow(r.level)
	g.emit4(vm.OpFound, r.matched, int32(next), int32(id), int32(n))
	g.emit(vm.OpGosub, int32(r.back), int32(r.rest), 0)
	g.bind(next)
	step()
	g.bind(end)
}

// enterAutoRight seeks a transient index that tells row ids only, so that
// rows are always read by the cursor of the table.
func (g *gen) enterAutoRight(l *plan.Level, brk label) func() {
	src, a, b := l.Source, l.Access, g.bindings[l.Source]
	auto := g.cursor()
	b.seek = auto
	key := &vm.KeyInfo{PayloadRecord: true}
	n := len(a.Eq)
	affs := make([]value.Affinity, n)
	for k, eq := range a.Eq {
		affs[k] = termAffinity(eq.Term)
		key.Cols = append(key.Cols, record.KeyColumn{Collation: resolve.CompareCollation(eq.Term.L, eq.Term.R)})
	}
	filled := g.newLabel()
	if l.Sub == nil || !l.Sub.Correlated {
		g.emit(vm.OpOnce, 0, int32(filled), 0)
	}
	g.emit4(vm.OpOpenEphemeral, auto, 0, 0, g.key(key))
	end, next := g.newLabel(), g.newLabel()
	step := g.scanAll(b.cursor, false, end)
	keys := g.regs(n + 1)
	for k, eq := range a.Eq {
		g.exprTo(keyOperand(eq.Term, src), keys+reg(k))
		g.emit(vm.OpIsNull, int32(keys)+int32(k), int32(next), 0)
	}
	g.applyAffinity(keys, affs)
	id, _ := g.rightRow(l)
	rec := g.temp()
	g.emit(vm.OpSCopy, int32(id), int32(keys)+int32(n), 0)
	g.emit4(vm.OpMakeRecord, int32(id), 1, int32(rec), -1)
	g.emit4(vm.OpIdxInsert, auto, int32(keys), int32(n+1), int32(rec))
	g.bind(next)
	step()
	g.bind(end)
	g.bind(filled)
	base := g.fixed(n + 1)
	for k, eq := range a.Eq {
		g.keyValue(eq.Expr, eq.Term, base+reg(k))
		g.emit(vm.OpIsNull, int32(base)+int32(k), int32(brk), 0)
	}
	g.emit4(vm.OpSeekGE, auto, int32(brk), int32(base), int32(n))
	top := int32(len(g.code))
	g.emit4(vm.OpIdxGT, auto, int32(brk), int32(base), int32(n))
	g.p5(1)
	g.emit4(vm.OpColumn, auto, 0, int32(base)+int32(n), -1)
	g.emit(vm.OpSeekRowid, b.cursor, int32(brk), int32(base)+int32(n))
	return func() { g.emit(vm.OpNext, auto, top, 0) }
}
