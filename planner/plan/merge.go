package plan

import (
	"math"

	"github.com/rustlite/rustlite/planner/resolve"
)

// A merge join: the outermost loop comes in the order of a column that seeks in
// another source by its row id or an index. Then the next row of that one is most
// often a step ahead, and no table is built. Whoever runs it steps only while
// keys rise and few entries are passed over, and seeks otherwise: the order is
// a guess like any other (O3).

// mergeRowsMin is the least rows of both sides.
const mergeRowsMin = 4096

// Costs of merging, for each row of the outermost loop.
const (
	costMerge      = 0.35 // Comparing its key.
	costMergeStep  = 0.25 // An entry passed over.
	MergeStepsMost = 8    // So many before a seek.
)

// order is a column by which the rows of the outermost loop rise; none is below
// all columns.
type order struct{ src, col int }

var noOrder = order{src: -1}

// rises is the column by which access a to source i, as the outermost loop, makes
// rows rise, where another source may be merged with it.
func (p *planner) rises(i int, a *Access) order {
	if len(p.at) < 2 || p.at[i].live < mergeRowsMin || a.Reverse || p.s.lastRight() >= 0 || a.Like != nil {
		return noOrder
	}
	if p.s.first || p.s.Limit != nil && !p.s.IsAgg {
		return noOrder // It may end soon.
	}
	o := order{i, resolve.RowidColumn}
	switch a.Kind {
	case AccessScan, AccessRowRange:
	case AccessIndex:
		k := len(a.Eq)
		for _, eq := range a.Eq {
			if eq.In != nil || eq.Each {
				return noOrder
			}
		}
		if k < len(a.Index.Columns) {
			if o.col = p.keyColumn(i, a.Index, k); a.Index.Columns[k].Desc {
				return noOrder
			}
		}
	default:
		return noOrder
	}
	if !p.merged(o) {
		return noOrder
	}
	return o
}

// merged reports whether some other source is sought by column o.
func (p *planner) merged(o order) bool {
	for j := range p.at {
		if j == o.src || p.at[j].live < mergeRowsMin || p.at[j].Table == nil {
			continue
		}
		for _, u := range p.at[j].uses {
			if u.op == resolve.OpEq && p.isColumn(u.value, o) && (u.col == resolve.RowidColumn || p.begins(j, u.col)) {
				return true
			}
		}
	}
	return false
}

// begins reports whether an index of source i begins with column col.
func (p *planner) begins(i, col int) bool {
	for _, x := range p.at[i].Table.Indexes {
		if p.keyColumn(i, x, 0) == col && !x.Columns[0].Desc {
			return true
		}
	}
	return false
}

func (p *planner) isColumn(e *Expr, o order) bool {
	if e == nil || e.Op != resolve.OpColumn {
		return false
	}
	i, ok := p.find(e.Source)
	return ok && i == o.src && e.Index == o.col
}

// mergeable reports whether access a to source i can be stepped along with o.
func (p *planner) mergeable(i int, a *Access, o order) bool {
	return o.src >= 0 && p.at[i].live >= mergeRowsMin && len(a.Eq) == 1 && !a.ranged() && a.Eq[0].In == nil && !a.Eq[0].Null &&
		(a.Kind == AccessRowid || a.Kind == AccessIndex && a.Index != a.Index.Table.Key && !a.Index.Columns[0].Desc) && p.isColumn(a.Eq[0].Expr, o)
}

// mergeCost is what access a costs for each of so many rows when it is merged.
func (p *planner) mergeCost(i int, a *Access, runs float64) float64 {
	n := p.at[i].rows
	seek := rowidCost(n)
	if a.Kind == AccessIndex {
		n = p.indexRows(i, a.Index)
		seek = seekCost(n)
	}
	steps := n / math.Max(runs, 1)
	if steps > MergeStepsMost {
		steps = MergeStepsMost + seek/costMergeStep
	}
	return costMerge + math.Max(0, a.cost-seek) + steps*costMergeStep
}
