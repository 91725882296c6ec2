package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Constant folding: a term that is a constant truth disappears; one that is
// false or NULL stays, alone, and is tested once before the loops. Only
// literals are folded: a function may raise an error, which must not appear
// where SQLite would not evaluate it.
func foldConstants(s *Select) bool {
	n := len(s.Terms)
	s.Terms = slices.DeleteFunc(s.Terms, func(t *Expr) bool { return t.Op == resolve.OpConst && t.Value().Truth() == value.True })
	return len(s.Terms) < n
}
