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
func existsToJoin(s *Select) bool {
	if s.alone || s.Window != nil || s.lastRight() >= 0 {
		return false
	}
	for i, t := range s.Terms {
		if t.Op != resolve.OpExists || !s.mayJoin(t.Query) {
			continue
		}
		c := t.Query.Cores[0]
		s.From = append(slices.Clip(s.From), From{Source: c.Sources[0], Semi: true})
		s.Terms = resolve.Conjuncts(slices.Delete(slices.Clone(s.Terms), i, i+1), c.Where)
		return true
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
