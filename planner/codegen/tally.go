package codegen

import (
	"github.com/rustlite/rustlite/planner/plan"
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

// explainSource notes the line of a loop over a subquery, and that it begins.
func (g *gen) explainSource(l *plan.Level) {
	g.explainLoop(describe(l), l.Source)
	g.tally(l.Source, vm.TallyLoop)
}

func (g *gen) newTally(id int32, cursors []int32) int32 {
	g.prog.Tallies = append(g.prog.Tallies, vm.TallyInfo{Line: id, Cursors: cursors})
	return int32(len(g.prog.Tallies) - 1)
}

// counted is the tally of a line, below 0 for none.
type counted int32

// explainCounted notes a line that count counts for.
func (g *gen) explainCounted(text string) (id int32, t counted) {
	id = g.explain(text)
	if !g.env.Tallies || g != g.unit.root {
		return id, -1
	}
	if g.cursors == 0 {
		g.cursor() // Tally names one.
	}
	return id, counted(g.newTally(id, nil))
}

func (g *gen) count(t counted, what int32, cursor int32) {
	if t >= 0 {
		g.emit(vm.OpTally, int32(t), what, cursor)
	}
}

// counting lets a sink count the rows that it takes.
func (g *gen) counting(t counted, to sink) sink {
	return func(base reg) {
		g.count(t, vm.TallyRow, 0)
		to(base)
	}
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
