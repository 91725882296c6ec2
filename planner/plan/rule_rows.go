package plan

import "github.com/rustlite/rustlite/planner/resolve"

// Row values to terms: (a, b) = (c, d) becomes a = c and b = d, and IS
// likewise, each of which may seek an index. A subquery on one side runs once
// for all of its columns when it reads nothing from outside; one that does,
// and a comparison of two subqueries, stay whole. (a, b) BETWEEN low AND high
// becomes its two comparisons, whose first columns may bound an index.
func splitRows(s *Select) bool {
	changed := splitRowTerms(&s.Terms)
	for src, on := range s.Ons {
		if splitRowTerms(&on) {
			s.Ons[src] = on
			changed = true
		}
	}
	return changed
}

func splitRowTerms(terms *[]*Expr) bool {
	changed := false
	var out []*Expr
	for _, t := range *terms {
		switch {
		case (t.Op == resolve.OpEq || t.Op == resolve.OpIs) && splits(t.L, t.R):
			for i := 0; i < t.L.Width(); i++ {
				out = append(out, resolve.Binary(t.Op, t.L.Field(i), t.R.Field(i)))
			}
			changed = true
		case t.Op == resolve.OpBetween && !t.Not && isColumns(t.L):
			out = append(out, resolve.Binary(resolve.OpGe, t.L, t.List[0]), resolve.Binary(resolve.OpLe, t.L, t.List[1]))
			changed = true
		default:
			out = append(out, t)
		}
	}
	*terms = out
	return changed
}

func splits(l, r *Expr) bool {
	if r.Op == resolve.OpRow {
		l, r = r, l
	}
	return l.Op == resolve.OpRow && (r.Op == resolve.OpRow || r.Width() > 1 && !r.Query.Correlated)
}

// isColumns reports whether e is a row value of columns.
func isColumns(e *Expr) bool {
	if e.Op != resolve.OpRow {
		return false
	}
	for _, x := range e.List {
		if x.SkipCollate().Op != resolve.OpColumn {
			return false
		}
	}
	return true
}
