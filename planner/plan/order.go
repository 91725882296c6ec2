package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// wanted is the order that the block would like its rows in: that of GROUP BY
// when it groups, else that of ORDER BY.
func (p *planner) wanted() bool {
	if p.s.IsAgg {
		return len(p.s.GroupBy) > 0
	}
	return len(p.s.OrderBy) > 0
}

// ordered reports whether access a to source i, as the outermost loop,
// delivers the wanted order, and notes in a.Reverse the direction to read.
func (p *planner) ordered(i int, a *Access) bool {
	if p.s.lastRight() >= 0 {
		return false // Rows without a match come last.
	}
	for _, eq := range a.Eq {
		if eq.In != nil || eq.Each {
			return false
		}
	}
	switch a.Kind {
	case AccessAuto, AccessSub, AccessCurrent, AccessModule:
		return false
	case AccessRowid:
		return p.allOn(i)
	case AccessIndex:
		if st := a.Index.Stats; st != nil && st.Unordered {
			return false
		}
	case AccessScan, AccessRowRange:
	}
	if p.s.IsAgg {
		return p.groupedBy(i, a)
	}
	return p.orderedBy(i, a)
}

// allOn reports whether all wanted expressions read source i alone, so that a
// single row of it satisfies any order.
func (p *planner) allOn(i int) bool {
	if p.s.IsAgg {
		for _, e := range p.s.GroupBy {
			if p.mask(e)&^(1<<i) != 0 || e.IsVolatile() {
				return false
			}
		}
		return true
	}
	for _, o := range p.s.OrderBy {
		if p.mask(o.Expr)&^(1<<i) != 0 || o.Expr.IsVolatile() {
			return false
		}
	}
	return true
}

// orderColumn is one column of the order in which an access delivers rows.
type orderColumn struct {
	col    int
	coll   *value.Collation
	desc   bool
	fixed  bool // Bound by an equality: the same in all rows.
	access int  // Key column of the index.
}

// delivers lists the columns by which an access path orders its rows; the list
// is good until the next one.
func (p *planner) delivers(i int, a *Access) []orderColumn {
	list := p.delivered[:0]
	defer func() { p.delivered = list }()
	if a.Kind != AccessIndex {
		list = append(list, orderColumn{col: resolve.RowidColumn})
		return list
	}
	for k, c := range a.Index.Columns {
		list = append(list, orderColumn{col: p.keyColumn(i, a.Index, k), coll: c.Collation, desc: c.Desc, fixed: k < len(a.Eq), access: k})
	}
	for _, c := range a.Index.Suffix {
		list = append(list, orderColumn{col: c.Column, coll: c.Collation, desc: c.Desc, access: -1})
	}
	if a.Index.Table.Key == nil {
		list = append(list, orderColumn{col: resolve.RowidColumn, access: -1})
	}
	return list
}

func (p *planner) orderedBy(i int, a *Access) bool {
	cols := p.delivers(i, a)
	k, reverse, decided := 0, false, false
	unique := false // The terms so far name one row of the source.
	for _, o := range p.s.OrderBy {
		e := o.Expr
		if e.IsConstant() && !calls(e) {
			continue // A call may fail, which has to show.
		}
		if unique {
			// Later terms change nothing, unless they tell apart the rows that
			// other sources join to this one.
			if p.mask(e)&^(1<<i) != 0 || e.IsVolatile() {
				return false
			}
			continue
		}
		c := e
		for c.Op == resolve.OpCollate {
			c = c.L
		}
		at, col, ok := p.placeOf(c)
		if !ok || at != i {
			return false
		}
		for k < len(cols) && cols[k].fixed && cols[k].col != col {
			k++
		}
		if fixedColumn(cols, col, o.Collation) {
			continue
		}
		if k >= len(cols) || cols[k].col != col || !cols[k].fits(o.Collation) {
			return false
		}
		// An index sorts NULL as the least value.
		back := o.Desc != cols[k].desc
		if o.NullsLast != o.Desc && e.CanBeNull() {
			return false
		}
		if decided && back != reverse {
			return false
		}
		reverse, decided = back, true
		if cols[k].col == resolve.RowidColumn {
			unique = true
		}
		k++
	}
	a.Reverse = reverse
	return true
}

func calls(e *Expr) bool {
	found := false
	resolve.Walk(e, func(x *Expr) bool {
		found = found || x.Op == resolve.OpFunc
		return !found
	})
	return found
}

func fixedColumn(cols []orderColumn, col int, want *value.Collation) bool {
	for i := range cols {
		if c := &cols[i]; c.col == col && c.fixed && c.fits(want) {
			return true
		}
	}
	return false
}

// fits reports whether the column is sorted by a collation.
func (c *orderColumn) fits(want *value.Collation) bool {
	return c.col == resolve.RowidColumn || sameCollation(c.coll, want)
}

// sortGroups lets the sort that brings groups together give the order of ORDER
// BY as well, where its terms are among those of GROUP BY: they come first.
func (p *Physical) sortGroups() {
	if !p.IsAgg || p.Grouped || len(p.OrderBy) == 0 {
		return
	}
	rest := append([]*Expr(nil), p.GroupBy...)
	var first []*Expr
	var desc []bool
	for _, o := range p.OrderBy {
		k := slices.IndexFunc(rest, func(e *Expr) bool {
			return resolve.Equal(e, o.Expr) && sameCollation(e.Collation(), o.Collation)
		})
		if k < 0 || o.NullsLast != o.Desc {
			p.turnGroups()
			return
		}
		first, desc = append(first, rest[k]), append(desc, o.Desc)
		rest = slices.Delete(rest, k, k+1)
	}
	p.GroupBy = append(first, rest...)
	p.GroupDesc = append(desc, make([]bool, len(rest))...)
	p.Ordered = true
}

// anyOrder reports whether a grouped block gives the same groups in whatever
// order its rows come, and nobody asks for the first of them alone.
func (s *Select) anyOrder() bool {
	if s.Limit != nil && len(s.OrderBy) == 0 {
		return false
	}
	for _, a := range s.Aggs {
		switch a.Func.Name {
		case "count", "sum", "total", "avg", "min", "max":
		default:
			return false
		}
	}
	bare := false
	s.groupExprs(func(e *Expr) {
		resolve.Walk(e, func(x *Expr) bool {
			if slices.ContainsFunc(s.GroupBy, func(k *Expr) bool { return resolve.Equal(x, k) }) {
				return false
			}
			bare = bare || x.Op == resolve.OpColumn || x.Query != nil
			return true
		})
	})
	return !bare
}

// turnGroups sorts the groups in the directions of as many terms of ORDER BY,
// as the reference does in the hope that the terms are the same. The groups
// that ORDER BY holds equal come out so.
func (p *Physical) turnGroups() {
	if len(p.OrderBy) != len(p.GroupBy) {
		return
	}
	p.GroupDesc = make([]bool, len(p.GroupBy))
	for i, o := range p.OrderBy {
		p.GroupDesc[i] = o.Desc
	}
}

// groupedBy reports whether rows of one group come together: the group's
// expressions are, in any order, the first columns delivered.
func (p *planner) groupedBy(i int, a *Access) bool {
	want := map[int]*value.Collation{}
	for _, e := range p.s.GroupBy {
		at, col, ok := p.placeOf(e)
		if ok && at == i && col == resolve.RowidColumn && a.Kind != AccessIndex && p.allOn(i) {
			return true // One row a group, whatever else it is grouped by.
		}
	}
	for _, e := range p.s.GroupBy {
		at, col, ok := p.placeOf(e)
		if !ok || at != i {
			return false
		}
		coll := e.Collation()
		if other, twice := want[col]; twice && !sameCollation(other, coll) {
			return false
		}
		want[col] = coll
	}
	for _, c := range p.delivers(i, a) {
		coll, asked := want[c.col]
		switch {
		case asked && c.fits(coll):
			delete(want, c.col)
		case c.fixed:
		default:
			return len(want) == 0
		}
		if len(want) == 0 {
			return true
		}
	}
	return len(want) == 0
}
