package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Constant folding: a term that is a constant truth disappears; one that is
// false or NULL stays, alone, and is tested once before the loops. Only
// literals are folded: a function may raise an error, which must not appear
// where SQLite would not evaluate it.
func foldConstants(s *Select) bool {
	var kept []*Expr
	for _, t := range s.Terms {
		if t.Op == resolve.OpConst && t.Val.Truth() == value.True {
			continue
		}
		kept = append(kept, t)
	}
	if len(kept) == len(s.Terms) {
		return false
	}
	s.Terms = kept
	return true
}
