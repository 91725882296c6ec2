package plan

import "github.com/rustlite/rustlite/planner/arena"

// Scratch is memory for what planning makes. It serves one statement at a time:
// no plan made before Reset may be used after it.
type Scratch struct {
	selects   arena.Of[Select]
	from      arena.Of[From]
	lists     arena.Of[*Expr]
	planners  arena.Of[planner]
	places    arena.Of[place]
	terms     arena.Of[term]
	accesses  arena.Of[Access]
	frontiers arena.Of[frontier]
	paths     arena.Of[path]
	physicals arena.Of[Physical]
	levels    arena.Of[Level]
	eqs       arena.Of[EqTerm]
	memos     arena.Of[memoised]
	uses      arena.Of[use]
	asked     arena.Of[askedBy]
	termLists arena.Of[*term]
}

// Reset takes back the memory of the last statement.
func (m *Scratch) Reset() {
	m.selects.Reset()
	m.from.Reset()
	m.lists.Reset()
	m.planners.Reset()
	m.places.Reset()
	m.terms.Reset()
	m.accesses.Reset()
	m.frontiers.Reset()
	m.paths.Reset()
	m.physicals.Reset()
	m.levels.Reset()
	m.eqs.Reset()
	m.memos.Reset()
	m.uses.Reset()
	m.asked.Reset()
	m.termLists.Reset()
}
