package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// OR to IN: a = 1 OR a = 2 OR a IN (3, 4) becomes a IN (1, 2, 3, 4), which an
// index can seek. All operands must be equalities of one column with
// constants of which the comparison's affinity is the column's own.
func orToIn(s *Select) bool {
	changed := false
	for i, t := range s.Terms {
		if t.Op != resolve.OpOr {
			continue
		}
		if in := asIn(t); in != t {
			s.Terms[i], changed = in, true
		}
	}
	return changed
}

// asIn is an OR as the IN that it comes to, if it does.
func asIn(e *Expr) *Expr {
	var col *Expr
	var list []*Expr
	if collectOr(e, &col, &list) && len(list) > 1 {
		return &Expr{Op: resolve.OpIn, L: col, List: list, Pos: e.Pos}
	}
	return e
}

func collectOr(e *Expr, col **Expr, list *[]*Expr) bool {
	switch {
	case e.Op == resolve.OpOr:
		return collectOr(e.L, col, list) && collectOr(e.R, col, list)
	case e.Op == resolve.OpEq && e.L.Op == resolve.OpColumn && plainConstant(e.R):
		return sameColumn(e.L, col) && add(list, e.R)
	case e.Op == resolve.OpEq && e.R.Op == resolve.OpColumn && plainConstant(e.L):
		return sameColumn(e.R, col) && add(list, e.L)
	case e.Op == resolve.OpIn && !e.Not && e.Query == nil && e.L.Op == resolve.OpColumn:
		for _, x := range e.List {
			if !plainConstant(x) {
				return false
			}
		}
		return sameColumn(e.L, col) && add(list, e.List...)
	}
	return false
}

func add(list *[]*Expr, e ...*Expr) bool {
	*list = append(*list, e...)
	return true
}

func sameColumn(e *Expr, col **Expr) bool {
	if *col == nil {
		*col = e
	}
	return (*col).Source == e.Source && (*col).Index == e.Index
}

// plainConstant: a literal or parameter, which has no affinity of its own.
func plainConstant(e *Expr) bool {
	return (e.Op == resolve.OpConst || e.Op == resolve.OpParam) && e.Affinity() == value.AffNone
}
