package plan

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
)

// Subquery flattening: a subquery, view or CTE in FROM that only selects,
// joins and filters becomes part of the block around it: its sources take its
// place in the join chain, its terms join the others, its results replace the
// references to its columns. What groups, makes distinct or combines stays a
// subquery, and so do the right side of a LEFT JOIN and, unless the block
// around it only hands its rows on, what limits.
func flattenSubqueries(s *Select) bool {
	if s.Rows != nil {
		return false
	}
	for i := range s.From {
		if s.From[i].Sub != nil && canFlatten(s, i) {
			flatten(s, i)
			return true
		}
	}
	return false
}

func canFlatten(s *Select, i int) bool {
	sub, join := s.From[i].Sub, s.From[i].Join
	if s.Window != nil || sub.Window != nil || sub.Left != nil || sub.Rows != nil || sub.IsAgg || sub.Distinct || sub.Limit != nil && !s.onlyPasses() ||
		len(sub.From) == 0 || join.Left() || s.lastRight() >= 0 || sub.lastRight() >= 0 && len(s.From) > 1 || sub.Materialize == ast.MaterializedYes {
		return false
	}
	if len(s.From)+len(sub.From) > 64 {
		return false
	}
	if len(sub.OrderBy) > 0 && (s.IsAgg || s.feeds && len(s.OrderBy) > 0) {
		return false // Aggregates such as group_concat see the order, and windows that of equal rows.
	}
	if i > 0 && join == resolve.JoinCross && len(sub.From) > 1 {
		return false
	}
	return true
}

// onlyPasses reports whether the block hands on the rows of its one source as
// they come, so that a LIMIT may move into it.
func (s *Select) onlyPasses() bool {
	return len(s.From) == 1 && len(s.Terms) == 0 && !s.IsAgg && !s.Distinct && len(s.OrderBy) == 0 && s.Limit == nil
}

func flatten(s *Select, i int) {
	f := s.From[i]
	sub := f.Sub
	inherit := len(sub.OrderBy) > 0 && len(s.From) == 1 && !s.IsAgg && !s.Distinct && len(s.OrderBy) == 0
	sub.From[0].Join = f.Join
	s.From = slices.Concat(s.From[:i], sub.From, s.From[i+1:])
	s.Terms = append(s.Terms, sub.Terms...)
	sb := substitution{src: f.Source, results: sub.Results}
	s.mapExprs(sb.expr)
	for i := range s.From {
		if y := s.From[i].Sub; y != nil && y.Correlated {
			sb.sel(y)
		}
	}
	for k := range s.OrderBy {
		s.OrderBy[k].Col = -1
		for j, r := range s.Results {
			if resolve.Equal(r, s.OrderBy[k].Expr) {
				s.OrderBy[k].Col = j
			}
		}
	}
	if sub.Limit != nil {
		s.Limit, s.Offset = sub.Limit, sub.Offset
	}
	if inherit {
		s.OrderBy = sub.OrderBy
		for k := range s.OrderBy {
			s.OrderBy[k].Col = -1
		}
	}
	s.Correlated = s.Correlated || sub.Correlated
}

// substitution replaces the columns of src by results.
type substitution struct {
	src     *Source
	results []*Expr
}

func (sb *substitution) expr(e *Expr) *Expr {
	return resolve.Map(e, func(x *Expr) *Expr {
		switch {
		case x.Op == resolve.OpColumn && x.Source == sb.src && x.Index >= 0:
			return resolve.AsColumn(sb.results[x.Index], x)
		case x.Query != nil && readsFrom(x.Query, sb.src):
			c := *x
			c.Query = resolve.MapQuery(x.Query, sb.expr)
			return &c
		}
		return x
	})
}

func (sb *substitution) sel(s *Select) {
	if s.Left != nil {
		sb.sel(s.Left)
		sb.sel(s.Right)
		return
	}
	s.mapExprs(sb.expr)
	for i := range s.From {
		if y := s.From[i].Sub; y != nil {
			sb.sel(y)
		}
	}
}

func readsFrom(q *resolve.Query, src *Source) bool {
	found := false
	q.References(func(s *Source) { found = found || s == src })
	return found
}
