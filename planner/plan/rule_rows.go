package plan

import "github.com/rustlite/rustlite/planner/resolve"

// Row values to terms: (a, b) = (c, d) becomes a = c and b = d, and IS
// likewise, each of which may seek an index. A subquery on one side runs once
// for all of its columns when it reads nothing from outside; one that does,
// and a comparison of two subqueries, stay whole. (a, b) BETWEEN low AND high
// becomes its two comparisons, whose first columns may bound an index.
func splitRows(s *Select) bool {
	changed := splitRowTerms(&s.Terms)
	for i := range s.From {
		changed = splitRowTerms(&s.From[i].On) || changed
	}
	return changed
}

func splitRowTerms(terms *[]*Expr) bool {
	return splitTerms(terms, rowSplits, func(out []*Expr, t *Expr) []*Expr {
		if t.Op == resolve.OpBetween {
			return append(out, resolve.Binary(resolve.OpGe, t.L, t.List[0]), resolve.Binary(resolve.OpLe, t.L, t.List[1]))
		}
		for i := 0; i < t.L.Width(); i++ {
			out = append(out, resolve.Binary(t.Op, t.L.Field(i), t.R.Field(i)))
		}
		return out
	})
}

func rowSplits(t *Expr) bool {
	switch t.Op {
	case resolve.OpEq, resolve.OpIs:
		return fieldwise(t.L, t.R)
	case resolve.OpBetween:
		return !t.Not && isColumns(t.L)
	}
	return false
}

// fieldwise reports whether two row values may be compared field by field.
func fieldwise(l, r *Expr) bool {
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
