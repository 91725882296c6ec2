package plan

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Unused columns: a column of a subquery in FROM that nobody reads becomes
// NULL, as in the reference, so that errors in it do not show either. Where
// rows are grouped or compared every column counts, and a CTE keeps its own.
func dropUnusedColumns(s *Select) bool {
	changed := false
	for i := range s.From {
		src, sub := s.From[i].Source, s.From[i].Sub
		if sub == nil || s.Window != nil || src.CTE || sub.Correlated || !onlyAppends(sub) {
			continue
		}
		used := s.columnsUsed(src)
		for _, o := range sub.OrderBy {
			if o.Col >= 0 {
				used[o.Col] = true
			}
		}
		if dropColumns(sub, used) {
			changed = true
		}
	}
	return changed
}

// onlyAppends reports whether s is made of plain blocks and UNION ALL.
func onlyAppends(s *Select) bool {
	if s.Left != nil {
		return s.Op == ast.UnionAll && s.Recursion == nil && onlyAppends(s.Left) && onlyAppends(s.Right)
	}
	return !s.IsAgg && !s.Distinct && s.Rows == nil && s.Window == nil
}

func dropColumns(s *Select, used map[int]bool) bool {
	if s.Left != nil {
		left, right := dropColumns(s.Left, used), dropColumns(s.Right, used)
		return left || right
	}
	changed := false
	for i, e := range s.Results {
		if !used[i] && e.Op != resolve.OpConst {
			s.Results[i] = resolve.Const(value.Value{})
			changed = true
		}
	}
	if changed {
		dropUnusedColumns(s)
	}
	return changed
}

// columnsUsed lists the columns of src that the block reads, also within
// subqueries.
func (s *Select) columnsUsed(src *Source) map[int]bool {
	used := map[int]bool{}
	var see func(e *Expr)
	see = func(e *Expr) {
		resolve.Walk(e, func(x *Expr) bool {
			switch {
			case x.Op == resolve.OpColumn && x.Source == src:
				used[x.Index] = true
			case x.Op == resolve.OpAgg:
				x.Agg.Exprs(see)
			}
			if x.Query != nil {
				resolve.WalkQuery(x.Query, see)
			}
			return true
		})
	}
	s.allExprs(see)
	return used
}
