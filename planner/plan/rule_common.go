package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
)

// Common terms of OR: what every side of an OR has among its conjuncts is a term
// by itself, (a AND b) OR (a AND c) is a AND (b OR c), so that it may join sources
// or seek an index. Nothing in the OR may fail, for the order of its parts
// changes.
func commonTerms(s *Select) bool {
	for i, t := range s.Terms {
		if t.Op != resolve.OpOr {
			continue
		}
		sides := orSides(nil, t)
		if !slices.ContainsFunc(sides, func(side []*Expr) bool { return len(side) > 1 }) {
			continue
		}
		common := slices.Clone(sides[0])
		for _, side := range sides[1:] {
			common = slices.DeleteFunc(common, func(e *Expr) bool { return !hasTerm(side, e) })
		}
		if len(common) == 0 || !calm(t) {
			continue
		}
		terms := slices.Concat(s.Terms[:i], common)
		if rest := without(sides, common); rest != nil {
			terms = append(terms, rest)
		}
		s.Terms = append(terms, s.Terms[i+1:]...)
		return true
	}
	return false
}

// orSides appends the conjuncts of each side of an OR.
func orSides(list [][]*Expr, e *Expr) [][]*Expr {
	if e.Op == resolve.OpOr {
		return orSides(orSides(list, e.L), e.R)
	}
	return append(list, resolve.Conjuncts(nil, e))
}

func hasTerm(list []*Expr, e *Expr) bool {
	return slices.ContainsFunc(list, func(x *Expr) bool { return resolve.Equal(x, e) })
}

// without is the OR of what the sides have beside the common terms; nil when one
// has nothing else, and so says no more.
func without(sides [][]*Expr, common []*Expr) (or *Expr) {
	for _, side := range sides {
		var and *Expr
		for _, e := range side {
			if !hasTerm(common, e) {
				and = joined(resolve.OpAnd, and, e)
			}
		}
		if and == nil {
			return nil
		}
		or = joined(resolve.OpOr, or, and)
	}
	return or
}

func joined(op resolve.Op, l, r *Expr) *Expr {
	if l == nil {
		return r
	}
	return resolve.Binary(op, l, r)
}
