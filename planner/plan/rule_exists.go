package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
)

// EXISTS to semi-join: a term EXISTS (SELECT ... FROM t WHERE ...) that leans on
// the block becomes a source of it, whose loop ends at the first row that its
// terms leave. It is then joined by whatever serves best, an index or hashing,
// and runs in the order that costs least, behind what it leans on. One that does
// not lean on the block runs once as it is.
//
// NOT EXISTS becomes an anti-join likewise: the loop goes on with the row around
// when no row was left. So does a LEFT JOIN of which WHERE wants the rows without
// a match.
func existsToJoin(s *Select) bool {
	if s.alone || s.Window != nil || s.lastRight() >= 0 {
		return false
	}
	for i, t := range s.Terms {
		not := t.Op == resolve.OpNot && t.L.Op == resolve.OpExists
		if not {
			t = t.L
		}
		if t.Op != resolve.OpExists || !s.mayJoin(t.Query) {
			continue
		}
		c := t.Query.Cores[0]
		f := From{Source: c.Sources[0], Semi: !not, Anti: not}
		s.Terms = slices.Delete(slices.Clone(s.Terms), i, i+1)
		if not {
			f.Join, f.On = resolve.JoinLeft, resolve.Conjuncts(nil, c.Where)
		} else {
			s.Terms = resolve.Conjuncts(s.Terms, c.Where)
		}
		s.From = append(slices.Clip(s.From), f)
		return true
	}
	return s.unmatchedToAnti()
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
	}
	return false
}

// mayJoin reports whether the query of an EXISTS selects from one table alone
// and leans on the block; not on what itself comes from an EXISTS, whose loop
// goes on until the query within has a row.
func (s *Select) mayJoin(q *resolve.Query) bool {
	c := q.Cores[0]
	if len(q.Cores) > 1 || q.Limit != nil || q.Offset != nil || c.IsAgg || c.Rows != nil || len(c.Windows) > 0 || len(c.Sources) != 1 || len(s.From) >= 63 {
		return false
	}
	src := c.Sources[0]
	if src.Query != nil || src.Current != nil || src.Table == nil || src.Table.Module != nil || s.from(src) != nil {
		return false
	}
	leans, nested := false, false
	if c.Where != nil {
		c.Where.References(func(x *Source) {
			f := s.from(x)
			leans, nested = leans || f != nil, nested || f != nil && f.Semi
		})
	}
	return leans && !nested
}
