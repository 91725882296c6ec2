package plan

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// UNION of one row: of a UNION without ORDER BY of which only the first row is
// asked for, the first row of the left side will do; nothing is compared, and
// the right side runs only when the left one is empty. The reference does so,
// and its answer shows which row it takes.
func unionOfOne(s *Select) bool {
	if s.Op != ast.Union || s.Recursion != nil || len(s.OrderBy) > 0 || s.Offset != nil || !isOne(s.Limit) {
		return false
	}
	s.Op = ast.UnionAll
	if s.Left.Left != nil && s.Left.Limit == nil {
		s.Left.Limit = s.Limit
	}
	return true
}

func isOne(e *Expr) bool {
	return e != nil && e.Op == resolve.OpConst && e.Kind() == value.Int && e.Value().Int() == 1
}

// First plans a query of which only the first row is asked for.
func First(env *Env, q *resolve.Query) *Physical {
	s := Build(env, q)
	s.first = true
	if s.Limit == nil && s.Left != nil {
		s.Limit = resolve.Const(value.FromInt(1))
	}
	Rewrite(s)
	return Choose(env, s)
}
