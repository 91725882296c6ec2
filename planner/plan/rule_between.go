package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
)

// BETWEEN to range: column BETWEEN low AND high becomes two terms, either of
// which may bound an index. One about a column from outside stays whole: an index
// of the query there may hold it.
func betweenToRange(s *Select) bool {
	changed := s.splitBetween(&s.Terms)
	for i := range s.From {
		changed = s.splitBetween(&s.From[i].On) || changed
	}
	return changed
}

func (s *Select) splitBetween(terms *[]*Expr) bool {
	return splitTerms(terms, func(t *Expr) bool {
		if t.Op != resolve.OpBetween || t.Not {
			return false
		}
		c := t.L.SkipCollate()
		return c.Op == resolve.OpColumn && slices.ContainsFunc(s.From, func(f From) bool { return f.Source == c.Source })
	}, func(out []*Expr, t *Expr) []*Expr {
		return append(out, resolve.Binary(resolve.OpGe, t.L, t.List[0]), resolve.Binary(resolve.OpLe, t.L, t.List[1]))
	})
}

// splitTerms puts what split gives in the place of each term that splits.
func splitTerms(terms *[]*Expr, splits func(*Expr) bool, split func(out []*Expr, t *Expr) []*Expr) bool {
	if !slices.ContainsFunc(*terms, splits) {
		return false
	}
	var out []*Expr
	for _, t := range *terms {
		if splits(t) {
			out = split(out, t)
		} else {
			out = append(out, t)
		}
	}
	*terms = out
	return true
}
