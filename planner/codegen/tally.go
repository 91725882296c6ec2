package codegen

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// What EXPLAIN ANALYZE tells is counted by Tally instructions, which only such
// programs have.

// explainLoop notes the line of a loop over src, whose pages are read by cursors.
func (g *gen) explainLoop(text string, src *resolve.Source, cursors ...int32) {
	id := g.explain(text)
	if !g.env.Tallies || g != g.unit.root {
		return
	}
	if g.tallied == nil {
		g.tallied = map[*resolve.Source]int32{}
	}
	if t, ok := g.tallied[src]; ok { // Compiled once more, for a way that takes less memory.
		x := &g.prog.Tallies[t]
		x.Cursors = append(x.Cursors, cursors...)
		return
	}
	g.tallied[src] = g.newTally(id, cursors)
}

func (g *gen) newTally(id int32, cursors []int32) int32 {
	g.prog.Tallies = append(g.prog.Tallies, vm.TallyInfo{Line: id, Cursors: cursors})
	return int32(len(g.prog.Tallies) - 1)
}

// tally counts for the loop over src.
func (g *gen) tally(src *resolve.Source, what int32) {
	if t, ok := g.tallied[src]; ok {
		g.emit(vm.OpTally, t, what, max(g.bindings[src].cursor, 0))
	}
}

// explainKept notes the line of what keeps rows in cursor c, which are complete
// now.
func (g *gen) explainKept(text string, c, what int32) {
	id := g.explain(text)
	if g.env.Tallies && g == g.unit.root {
		g.emit(vm.OpTally, g.newTally(id, nil), what, c)
	}
}
