package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
)

// autoIndex makes a transient index on the columns that equalities with other
// sources bind, when the source is read many times.
func (p *planner) autoIndex(i int, mask uint64, found *memoised) {
	if mask == 0 && !p.s.Correlated {
		return
	}
	at := &p.at[i]
	if at.sub == nil && at.Table != nil && at.Table.Key != nil && at.Join.Right() {
		return // The index of a right join tells row ids.
	}
	a := p.try(AccessAuto, at.rows)
	first := 0
	if at.HasRowid() && !at.Join.Right() {
		first = resolve.RowidColumn
	}
	for col := first; col < len(at.Columns); col++ {
		had := len(a.Eq)
		p.usable(i, col, mask, func(t *term, u *use) {
			if u.op != resolve.OpEq || u.value.IsConstant() || len(a.Eq) > had || !AffinityFits(u.aff, p.columnAffinity(i, col)) {
				return
			}
			if u.coll != nil && u.coll.AppendKey == nil {
				return
			}
			a.rows *= p.passes(t)
			a.leans |= u.need
			p.seek(a, EqTerm{Expr: u.value, Term: t.expr})
		})
	}
	if len(a.Eq) == 0 {
		return
	}
	a.kept = at.rows
	if !at.Join.Right() {
		p.filterAuto(i, a)
	}
	a.cost = costAutoProbe + a.rows*costAutoRow
	p.offer(i, a, found)
}

// filterAuto lets only those rows into a transient index that the terms pass
// which read nothing but its source. Nothing in them may fail: other terms
// might have kept the row away.
func (p *planner) filterAuto(i int, a *Access) {
	at := &p.at[i]
	for _, t := range at.terms {
		if t.mask != 1<<i || implied(a, t.expr) || t.on != at.Source && (t.on != nil || at.Join.Left() || i < p.s.lastRight()) ||
			!calm(t.expr) || t.expr.IsVolatile() || onlySource(t.expr) != at.Source {
			continue
		}
		share := p.passes(t)
		a.kept, a.rows = a.kept*share, a.rows*share
		a.Build, a.used = append(a.Build, t.expr), append(a.used, t.expr)
		p.used = a.used
	}
}
