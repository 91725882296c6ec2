package plan

import (
	"slices"

	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
)

// What the entries of an index give: columns, expressions, and the rows that a
// partial one has.

// covers reports whether every column that the block reads is in the index.
func (p *planner) covers(i int, x *catalog.Index) bool {
	if x == x.Table.Key {
		return true
	}
	for col := range p.reads(i, x).all {
		if !p.holds(i, x, col) {
			return false
		}
	}
	return true
}

// holds reports whether the entries of index x give column col of source i, or
// all that a virtual column is computed from.
func (p *planner) holds(i int, x *catalog.Index, col int) bool {
	src := p.at[i].Source
	if col == resolve.RowidColumn || col == src.Table.RowidAlias {
		return true
	}
	for _, c := range x.Columns {
		if c.Column == col {
			return true
		}
	}
	for _, c := range x.Suffix {
		if c.Column == col {
			return true
		}
	}
	how := src.Virtual(col)
	ok := how != nil
	resolve.Walk(how, func(e *Expr) bool {
		ok = ok && (e.Op != resolve.OpColumn || p.holds(i, x, e.Index))
		return ok
	})
	return ok
}

// reads are the columns of source i that the block reads when the expressions
// of index x are at hand. What is computed of a whole group, outside of its
// aggregates, has kept columns of one row, and the expressions of GROUP BY; the
// arguments of aggregates behind GROUP BY have columns alone.
func (p *planner) reads(i int, x *catalog.Index) *columnSet {
	src := p.at[i].Source
	list := IndexExprs(src, x)
	if len(list) == 0 {
		return &p.at[i].used
	}
	var atHand []*Expr
	for _, k := range list {
		atHand = append(atHand, k.Expr)
	}
	set := &columnSet{}
	var see func(e *Expr, given []*Expr)
	see = func(e *Expr, given []*Expr) {
		resolve.Walk(e, func(y *Expr) bool {
			if slices.ContainsFunc(given, func(k *Expr) bool { return resolve.Equal(y, k) }) {
				return false
			}
			if y.Op == resolve.OpColumn && y.Source == src {
				set.add(y.Index)
			}
			if y.Query != nil {
				resolve.WalkQuery(y.Query, func(e *Expr) { see(e, given) })
			}
			return true
		})
	}
	p.s.allExprs(func(e *Expr) { see(e, atHand) })
	if p.s.IsAgg {
		p.s.groupExprs(func(e *Expr) { see(e, p.s.GroupBy) })
	}
	if len(p.s.GroupBy) > 0 { // Rows may be sorted between.
		for _, a := range p.s.Aggs {
			a.Exprs(func(e *Expr) { see(e, nil) })
		}
	}
	return set
}

// IndexExpr is an expression that the entries of an index hold.
type IndexExpr struct {
	Expr   *Expr
	Column int // Key column.
}

// IndexExprs lists the expressions that may be read from the entries of index
// x instead of being computed. Where a row of NULLs may stand in for a row of
// the source there are none, for an expression of NULLs is not always NULL;
// a constant is not the source's own, and of likely(c) the table has the column.
func IndexExprs(src *Source, x *catalog.Index) []IndexExpr {
	in := src.Indexed[x]
	if in == nil || src.Nullable {
		return nil
	}
	var list []IndexExpr
	for k, e := range in.Columns {
		if e == nil || e.HasSubtype() || e.IsConstant() {
			continue
		}
		if e = e.SkipCollate(); e.Op != resolve.OpColumn {
			list = append(list, IndexExpr{e, k})
		}
	}
	return list
}

// partialShare is the share of a table's rows that a partial index is thought
// to have.
const partialShare = 0.5

// impliesWhere reports whether the terms that choose rows of source i imply
// each part of a partial index's condition.
func (p *planner) impliesWhere(i int, where *Expr) bool {
	src := p.at[i].Source
	left := p.at[i].Join == resolve.JoinLeft
	for _, part := range resolve.Conjuncts(nil, where) {
		found := false
		for _, t := range p.at[i].terms {
			if left == (t.on == src) && (left || t.on == nil) &&
				(resolve.Implies(t.expr, part) || resolve.Implies(commuted(t.expr), part) || t.matches(i, part)) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// commuted turns a comparison of a constant with something around.
func commuted(e *Expr) *Expr {
	switch e.Op {
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe:
		if e.L.IsConstant() {
			return resolve.Binary(commute(e.Op), e.R, e.L)
		}
	}
	return e
}
