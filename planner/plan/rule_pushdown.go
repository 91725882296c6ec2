package plan

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Push-down: a term that reads one subquery of FROM alone, which could not be
// flattened, is also tested inside of it, so that fewer rows are grouped,
// compared or kept. A compound takes the term into each of its operands; a
// grouped block into HAVING only when its groups do not depend on it, so such
// blocks are left alone; a windowed one only what its partitions are made of,
// which rejects them whole. The term moves: it is not tested again outside.
func pushDown(s *Select) bool {
	if s.lastRight() >= 0 {
		return false
	}
	n := len(s.Terms)
	s.Terms = slices.DeleteFunc(s.Terms, func(t *Expr) bool {
		f := s.from(onlySource(t))
		if f == nil || f.Join == resolve.JoinLeft || f.Sub == nil || f.Use.Kept() || t.IsVolatile() || hasSubquery(t) || !canPush(f.Sub, f.Source, t) {
			return false
		}
		push(f.Sub, f.Source, t)
		return true
	})
	return len(s.Terms) < n
}

// onlySource returns the one source that e reads, nil for none or several.
func onlySource(e *Expr) *Source {
	var one *Source
	many := false
	e.References(func(s *Source) {
		if one != nil && one != s {
			many = true
		}
		one = s
	})
	if many {
		return nil
	}
	return one
}

func hasSubquery(e *Expr) bool {
	found := false
	resolve.Walk(e, func(x *Expr) bool {
		found = found || x.Query != nil
		return !found
	})
	return found
}

func canPush(s *Select, src *Source, t *Expr) bool {
	if s.Limit != nil || s.Offset != nil || s.Recursion != nil {
		return false
	}
	if s.Left != nil {
		// Both sides must show the same collation and affinity for the term
		// to mean the same inside as outside.
		for i := 0; i < s.Width(); i++ {
			l, r := columnOf(s.Left, i), columnOf(s.Right, i)
			if l == nil || r == nil || l.Affinity() != r.Affinity() || l.Collation() != r.Collation() {
				return false
			}
			// Of values that its collation holds equal, a compound that compares
			// rows shows one: the term must not choose which.
			if s.Op != ast.UnionAll && l.Collation() != nil && l.Collation() != value.Binary {
				return false
			}
		}
		return canPush(s.Left, src, t) && canPush(s.Right, src, t)
	}
	if w := s.Window; w != nil {
		sb := substitution{src: src, results: s.Results}
		below := sb.expr(t)
		return w.tellsPartitions(below) && canPush(s.From[0].Sub, w.Source, below)
	}
	return s.Rows == nil && !s.IsAgg
}

func columnOf(s *Select, i int) *Expr {
	for s.Left != nil {
		s = s.Left
	}
	if s.Rows != nil {
		return nil
	}
	return s.Results[i]
}

func push(s *Select, src *Source, t *Expr) {
	if s.Left != nil {
		push(s.Left, src, t)
		push(s.Right, src, t)
		return
	}
	sb := substitution{src: src, results: s.Results}
	t = sb.expr(t)
	if w := s.Window; w != nil {
		push(s.From[0].Sub, w.Source, t)
		return
	}
	s.Terms = append(s.Terms, t)
}
