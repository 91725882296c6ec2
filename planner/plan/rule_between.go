package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
)

// BETWEEN to range: column BETWEEN low AND high becomes two terms, either of
// which may bound an index.
func betweenToRange(s *Select) bool {
	changed := splitBetween(&s.Terms)
	for i := range s.From {
		changed = splitBetween(&s.From[i].On) || changed
	}
	return changed
}

func splitBetween(terms *[]*Expr) bool {
	return splitTerms(terms, func(t *Expr) bool {
		return t.Op == resolve.OpBetween && !t.Not && t.L.SkipCollate().Op == resolve.OpColumn
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
