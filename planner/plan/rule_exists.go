package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// EXISTS to semi-join: a term EXISTS (SELECT ... FROM t WHERE ...) that leans on
// the block becomes a source of it, whose loop ends at the first row that its
// terms leave. It is then joined by whatever serves best, an index or hashing,
// and runs in the order that costs least, behind what it leans on. One that does
// not lean on the block runs once as it is.
//
// NOT EXISTS becomes an anti-join likewise: the loop goes on with the row around
// when no row was left. So does a LEFT JOIN of which WHERE wants the rows without
// a match, and x NOT IN (SELECT c ...), where NULL is a match as good as an equal
// value: if there may be one, only a query that leans on the block by an equality
// as well, for that is what it is sought by. A set serves the others.
func existsToJoin(s *Select) bool {
	if s.alone || s.Window != nil || s.lastRight() >= 0 {
		return false
	}
	for i, t := range s.Terms {
		not := t.Op == resolve.OpNot && t.L.Op == resolve.OpExists
		if not {
			t = t.L
		}
		in := t.Op == resolve.OpIn && t.Not && t.Query != nil && t.L.Width() == 1
		if t.Op != resolve.OpExists && !in || !s.mayJoin(t.Query, t.L) {
			continue
		}
		c := t.Query.Cores[0]
		on := resolve.Conjuncts(nil, c.Where)
		if in {
			if on = s.notIn(t.L, c); on == nil {
				continue
			}
		}
		f := From{Source: c.Sources[0], Semi: !not && !in, Anti: not || in}
		s.Terms = slices.Delete(slices.Clone(s.Terms), i, i+1)
		if f.Semi {
			s.Terms = append(s.Terms, on...)
		} else {
			f.Join, f.On = resolve.JoinLeft, on
			f.Source.Nullable = true // Before an index is thought to cover what is read of it.
		}
		s.From = append(slices.Clip(s.From), f)
		return true
	}
	return s.unmatchedToAnti()
}

// notIn is what a row of the query within must pass to keep x NOT IN from being
// true; nil where a set serves better, or where something might fail that would
// not be looked at.
func (s *Select) notIn(x *Expr, c *resolve.Core) []*Expr {
	result := c.Results[0].Expr
	if result.Op == resolve.OpCollate {
		return nil // It counts for the set alone.
	}
	on := resolve.Conjuncts(nil, c.Where)
	for _, e := range append([]*Expr{x, result}, on...) {
		if !calm(e) || e.IsVolatile() {
			return nil
		}
	}
	equal := resolve.Binary(resolve.OpEq, x, result)
	inner := From{Source: c.Sources[0], On: on}
	if result.Op == resolve.OpColumn && result.Source == inner.Source && inner.matchHas(result) && s.neverNull(x) {
		return append(on, equal)
	}
	for _, e := range on {
		if e.Op == resolve.OpEq && e.L.Width() == 1 && (e.L.Op == resolve.OpColumn && e.L.Source == inner.Source || e.R.Op == resolve.OpColumn && e.R.Source == inner.Source) &&
			!e.L.IsConstant() && !e.R.IsConstant() && e.L.Source != e.R.Source {
			return append(on, resolve.NotFalse(equal))
		}
	}
	return nil
}

// neverNull reports whether e is a column of the block that is not NULL, or another
// constant than NULL.
func (s *Select) neverNull(e *Expr) bool {
	if e.Op != resolve.OpColumn {
		return e.Op == resolve.OpConst && e.Kind() != value.Null
	}
	f := s.from(e.Source)
	return f != nil && !f.Join.Left() && f.Sub == nil && f.Table != nil && f.Table.View == nil && !e.CanBeNull()
}

func (s *Select) unmatchedToAnti() bool {
	for i, t := range s.Terms {
		if t.Op != resolve.OpIsNull || t.L.Op != resolve.OpColumn {
			continue
		}
		f := s.from(t.L.Source)
		if f == nil || f.Join != resolve.JoinLeft || f.Anti || f.Sub != nil || f.Table == nil || f.Table.Module != nil || !f.matchHas(t.L) {
			continue
		}
		f.Anti = true
		s.Terms = slices.Delete(slices.Clone(s.Terms), i, i+1)
		return true
	}
	return false
}

// matchHas reports whether a column is not NULL for certain in a row that
// passes On.
func (f *From) matchHas(col *Expr) bool {
	if col.Index == resolve.RowidColumn || col.Index == f.Table.RowidAlias || f.Table.Columns[col.Index].NotNull {
		return true
	}
	return slices.ContainsFunc(f.On, func(t *Expr) bool { return rejectsNullOf(t, col) })
}

// rejectsNullOf reports whether a comparison is not true where a column is NULL.
func rejectsNullOf(t, col *Expr) bool {
	switch t.Op {
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe:
		return resolve.Equal(t.L, col) || resolve.Equal(t.R, col)
	case resolve.OpNotNull:
		return resolve.Equal(t.L, col)
	}
	return false
}

// mayJoin reports whether the query of an EXISTS selects from one table alone
// and leans on the block, or what it is compared with does; not on what itself comes from an EXISTS, whose loop
// goes on until the query within has a row.
func (s *Select) mayJoin(q *resolve.Query, with *Expr) bool {
	c := q.Cores[0]
	if len(q.Cores) > 1 || q.Limit != nil || q.Offset != nil || c.IsAgg || c.Rows != nil || len(c.Windows) > 0 || len(c.Sources) != 1 || len(s.From) >= 63 {
		return false
	}
	src := c.Sources[0]
	if src.Query != nil || src.Current != nil || src.Table == nil || src.Table.Module != nil || s.from(src) != nil {
		return false
	}
	leans, nested := false, false
	for _, e := range []*Expr{c.Where, with} {
		if e != nil {
			e.References(func(x *Source) {
				f := s.from(x)
				leans, nested = leans || f != nil, nested || f != nil && f.Semi
			})
		}
	}
	return leans && !nested
}
