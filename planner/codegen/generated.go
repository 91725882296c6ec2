package codegen

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// inGenerated is where the expressions of generated columns stand, for pure.
const inGenerated = "a generated column"

// generate computes the generated columns of the new row, each after those
// that it reads.
func (g *gen) generate(w *writer) {
	if len(w.row.GeneratedOrder) == 0 {
		return
	}
	if w.t.Strict {
		g.emit4(vm.OpTypeCheck, int32(w.base)+1, int32(len(w.t.Columns)), 1, g.table(w.t))
	}
	g.bindNew(w)
	defer g.pure(inGenerated)()
	for _, i := range w.row.GeneratedOrder {
		mark := g.top
		r := w.base + 1 + reg(i)
		g.exprTo(w.row.Generated[i], r)
		g.applyAffinity(r, []value.Affinity{w.t.Columns[i].Affinity})
		if w.t.Strict && w.t.Columns[i].Virtual() {
			g.emit4(vm.OpTypeCheck, int32(r), 1, int32(i)+2, g.table(w.t))
		}
		g.release(mark)
	}
}

// virtual computes a virtual column of the row that the source is on.
func (g *gen) virtual(e, how *expr, b *binding, target reg) {
	done := g.newLabel()
	if e.Source.Nullable {
		// A row of NULLs that stands in has no values to compute from.
		g.emit(vm.OpNull, 0, int32(target), 0)
		probe := g.temp()
		g.exprTo(resolve.Column(e.Source, e.Source.RowProbe()), probe)
		g.emit(vm.OpIsNull, int32(probe), int32(done), 0)
	}
	pure := g.pure(inGenerated)
	g.exprTo(how, target)
	pure()
	g.applyAffinity(target, []value.Affinity{e.Affinity()})
	if b.own {
		g.emit(vm.OpOwn, int32(target), 1, 0)
	}
	g.bind(done)
}

// record makes the record of the new row, the values of the columns that have
// a place in it.
func (g *gen) record(w *writer) reg {
	rec := g.temp()
	base, n := w.base+1, len(w.t.Columns)
	if w.patch != nil {
		g.emit4(vm.OpPatchRecord, w.cursor, int32(base), int32(rec), g.object(w.patch))
		return rec
	}
	if w.t.Stored < n {
		base, n = g.regs(w.t.Stored), w.t.Stored
		for i, c := range w.t.Columns {
			if c.Place >= 0 {
				g.emit(vm.OpSCopy, int32(w.base)+1+int32(i), int32(base)+int32(c.Place), 0)
			}
		}
	}
	g.emit4(vm.OpMakeRecord, int32(base), int32(n), int32(rec), -1)
	return rec
}
