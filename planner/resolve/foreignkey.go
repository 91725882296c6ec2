package resolve

import (
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
)

// Children binds the condition under which a row of child, a source for the
// table of a foreign key, names the row of the parent whose row id and columns
// stand in registers from base on. The collations are those of the parent. With
// others the row itself is none, where the parent is the child.
func Children(child *Source, p *catalog.ParentKey, base int, others bool) *Expr {
	in := func(col int) *Expr {
		e := &Expr{Op: OpReg, Index: base, aff: value.AffInteger, affFixed: true}
		if col != p.Table.RowidAlias {
			c := p.Table.Columns[col]
			e.Index, e.aff, e.Coll, e.hasCollate = base+1+col, c.Affinity, c.Collation, true
		}
		return e
	}
	of := func(col int) *Expr {
		if col == child.Table.RowidAlias {
			col = RowidColumn
		}
		return Column(child, col)
	}
	and := func(a, b *Expr) *Expr {
		if a == nil {
			return b
		}
		return Binary(OpAnd, a, b)
	}
	var where, same *Expr
	for i, col := range p.Columns {
		where = and(where, Binary(OpEq, in(col), of(p.From[i])))
		same = and(same, Binary(OpIs, in(col), of(col)))
	}
	switch {
	case !others:
		return where
	case child.Table.HasRowid():
		rowid := &Expr{Op: OpReg, Index: base, aff: value.AffInteger, affFixed: true}
		return and(where, Binary(OpNe, rowid, Column(child, RowidColumn)))
	}
	return and(where, Unary(OpNot, same))
}
