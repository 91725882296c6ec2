package plan

import "github.com/rustlite/rustlite/planner/resolve"

// Outer-join simplification: when a term of WHERE cannot be true for the row
// of NULLs of a LEFT JOIN's right side, the join is an inner join, its ON
// clause joins the other terms, and the source can be reordered and seeked. In
// the same way a term that rejects a row of NULLs of any source to the left
// takes the RIGHT from a RIGHT or FULL JOIN.
func simplifyOuterJoins(s *Select) bool {
	changed := false
	rejected := false // A term rejects NULLs of a source so far.
	for i := range s.From {
		f := &s.From[i]
		j := f.Join
		if rejected && j.Right() {
			j = map[resolve.JoinType]resolve.JoinType{resolve.JoinRight: resolve.JoinInner, resolve.JoinFull: resolve.JoinLeft}[j]
		}
		here := !f.Anti && s.rejectsNull(f.Source)
		rejected = rejected || here
		if here && j.Left() {
			j = map[resolve.JoinType]resolve.JoinType{resolve.JoinLeft: resolve.JoinInner, resolve.JoinFull: resolve.JoinRight}[j]
		}
		changed = changed || j != f.Join
		f.Join = j
	}
	if s.lastRight() >= 0 {
		return changed // ON clauses stay with their joins.
	}
	for i := range s.From {
		if f := &s.From[i]; f.Join != resolve.JoinLeft {
			s.Terms = append(s.Terms, f.On...)
			f.On = nil
		}
	}
	return changed
}

func (s *Select) rejectsNull(src *Source) bool {
	for _, t := range s.Terms {
		if rejectsNull(t, src) {
			return true
		}
	}
	return false
}

// rejectsNull reports whether e is false or NULL for certain when every
// column of src is NULL.
func rejectsNull(e *Expr, src *Source) bool {
	switch e.Op {
	case resolve.OpAnd:
		return rejectsNull(e.L, src) || rejectsNull(e.R, src)
	case resolve.OpOr:
		return rejectsNull(e.L, src) && rejectsNull(e.R, src)
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe:
		return isNullFor(e.L, src) || isNullFor(e.R, src)
	case resolve.OpNotNull:
		return isNullFor(e.L, src)
	case resolve.OpBetween:
		return !e.Not && isNullFor(e.L, src)
	case resolve.OpIn:
		// NULL NOT IN (empty list) is true.
		return !e.Not && isNullFor(e.L, src)
	case resolve.OpNot:
		return isNullFor(e, src)
	}
	return isNullFor(e, src)
}

// isNullFor reports whether e is NULL for certain when src's columns are.
func isNullFor(e *Expr, src *Source) bool {
	switch e.Op {
	case resolve.OpColumn:
		return e.Source == src
	case resolve.OpNegate, resolve.OpPlus, resolve.OpBitNot, resolve.OpCast, resolve.OpCollate, resolve.OpNot:
		return isNullFor(e.L, src)
	case resolve.OpAdd, resolve.OpSub, resolve.OpMul, resolve.OpDiv, resolve.OpRem, resolve.OpConcat,
		resolve.OpBitAnd, resolve.OpBitOr, resolve.OpShiftLeft, resolve.OpShiftRight,
		resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe:
		return isNullFor(e.L, src) || isNullFor(e.R, src)
	}
	return false
}
