package plan

import "github.com/rustlite/rustlite/planner/resolve"

// BETWEEN to range: column BETWEEN low AND high becomes two terms, either of
// which may bound an index.
func betweenToRange(s *Select) bool {
	changed := splitBetween(&s.Terms)
	for src, on := range s.Ons {
		if splitBetween(&on) {
			s.Ons[src] = on
			changed = true
		}
	}
	return changed
}

func splitBetween(terms *[]*Expr) bool {
	changed := false
	var out []*Expr
	for _, t := range *terms {
		if t.Op == resolve.OpBetween && !t.Not && t.L.SkipCollate().Op == resolve.OpColumn {
			out = append(out, resolve.Binary(resolve.OpGe, t.L, t.List[0]), resolve.Binary(resolve.OpLe, t.L, t.List[1]))
			changed = true
			continue
		}
		out = append(out, t)
	}
	*terms = out
	return changed
}
