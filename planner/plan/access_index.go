package plan

import (
	"math"
	"slices"

	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
)

// Access by an index, and what its entries give: columns, expressions, and the rows
// that a partial one has.

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
// arguments of aggregates behind GROUP BY have columns alone. A query within is
// not planned yet: the terms of its WHERE may come apart, or turn into others.
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
	var see, seeWithin func(e *Expr, given []*Expr)
	see = func(e *Expr, given []*Expr) {
		resolve.Walk(e, func(y *Expr) bool {
			if slices.ContainsFunc(given, func(k *Expr) bool { return resolve.Equal(y, k) }) {
				return false
			}
			if y.Op == resolve.OpColumn && y.Source == src {
				set.add(y.Index)
			}
			if y.Query != nil {
				resolve.WalkQuery(y.Query, func(e *Expr) { seeWithin(e, given) })
			}
			return true
		})
	}
	seeWithin = func(e *Expr, given []*Expr) {
		switch {
		case e == nil:
		case e.Op == resolve.OpAnd || e.Op == resolve.OpOr:
			seeWithin(e.L, given)
			seeWithin(e.R, given)
		case e.Op == resolve.OpNot || e.Op == resolve.OpBetween:
			see(e, nil)
		default:
			see(e, given)
		}
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

// indexAccess tries index x: equalities on its first columns, then a range on
// the next; or its whole length, when it covers the query or gives the order.
func (p *planner) indexAccess(i int, x *catalog.Index, mask uint64, found *memoised) {
	if x.Where != nil && !p.impliesWhere(i, p.at[i].Where(x)) {
		return
	}
	a, seeks, nullFree := p.indexTerms(i, x, mask, 0)
	n := p.indexRows(i, x)
	switch {
	case len(a.Eq) == len(x.Columns) && x.Unique && nullFree:
		a.rows = seeks
	case len(a.Eq) > 0:
		a.rows = p.equalIn(i, x, a.Eq, n) * seeks
		if a.ranged() {
			a.rows = p.rangeRows(a, a.rows)
		}
	case a.ranged():
		a.rows = p.rangeRows(a, n)
	}
	a.rows = math.Min(a.rows, n)
	a.cost = a.rows * p.entryCost(a)
	if len(a.Eq) > 0 || a.ranged() {
		a.cost += seeks * seekCost(n)
	}
	served := len(a.Eq) > 0 || a.ranged()
	p.offer(i, a, found)
	if !served {
		p.skipScan(i, x, mask, found)
	}
}

// entryCost is the cost of a row that an index gives.
func (p *planner) entryCost(a *Access) float64 {
	switch {
	case a.Index == a.Index.Table.Key:
		return 1
	case a.Covering && (len(a.Eq) > 0 || a.ranged() || narrower(a.Index)):
		return costCovered
	case a.Covering:
		return 1 + costCovered // It holds no less than the table.
	}
	return 1 + costIndexRow
}

// skipScan tries index x for terms on a column behind those that none bind: its
// entries are looked for once with each of the values that these have, where
// statistics say that there are few.
func (p *planner) skipScan(i int, x *catalog.Index, mask uint64, found *memoised) {
	if at := &p.at[i]; at.Join.Left() || at.Join.Right() || at.live < skipRowsMin || x.Stats != nil && x.Stats.Unordered {
		return
	}
	n := p.indexRows(i, x)
	for skip := 1; skip < len(x.Columns); skip++ {
		asked := false
		p.usable(i, p.keyColumn(i, x, skip), mask, func(*term, *use) { asked = true })
		if !asked {
			continue
		}
		each := p.prefixes(i, x, skip, n)
		if each == 0 || n/each < skipShareMin {
			return
		}
		a, seeks, _ := p.indexTerms(i, x, mask, skip)
		if len(a.Eq) <= skip && !a.ranged() {
			continue
		}
		a.rows = n
		if k := len(a.Eq); k > skip {
			if s := share(x, k, n); s > 0 {
				a.rows = each * s * seeks
			} else {
				for _, eq := range a.Eq[skip:] {
					a.rows *= p.passesColumn(i, eq)
				}
			}
		}
		if a.ranged() {
			a.rows = p.rangeRows(a, a.rows)
		}
		a.rows = math.Min(math.Max(a.rows, 1), n)
		a.cost = a.rows*p.entryCost(a) + each*(costSkip+seeks*seekCost(n))
		p.offer(i, a, found)
	}
}

// prefixes is how many different values the first k columns of an index have, 0
// when nothing tells.
func (p *planner) prefixes(i int, x *catalog.Index, k int, n float64) float64 {
	if s := share(x, k, n); s > 0 {
		return n / s
	}
	if k > 1 || x.Where != nil || x.Table.Key != nil {
		return 0
	}
	if s := p.sampleAny(i, p.keyColumn(i, x, 0)); s != nil {
		return math.Max(s.Distinct, 1) + 1 // NULL may be one.
	}
	return 0
}

// passesColumn is the share of rows that an equality leaves, by a sample of its
// column.
func (p *planner) passesColumn(i int, eq EqTerm) float64 {
	share := p.passes(eq.of)
	if eq.of.sampled {
		return share
	}
	side := keySide(eq.Term, p.at[i].Source).SkipCollate()
	if side.Op != resolve.OpColumn {
		return share
	}
	if s := p.sampleAny(i, side.Index); s != nil && s.Distinct > 0 {
		many := 1.0
		if eq.In != nil {
			many = inRows(eq.In)
		}
		return math.Min(1, many/s.Distinct)
	}
	return share
}

// indexTerms begins an access by index x, behind so many columns that are
// skipped: with the equalities on the next columns, how many seeks these are, and
// whether none finds NULL; then with a range on the one behind.
func (p *planner) indexTerms(i int, x *catalog.Index, mask uint64, skip int) (a *Access, seeks float64, nullFree bool) {
	a = p.try(AccessIndex, p.indexRows(i, x))
	a.Index, a.Covering = x, p.covers(i, x) && !p.at[i].Join.Right()
	seeks, nullFree = 1, true
	for range skip {
		a.Eq = append(a.Eq, EqTerm{Each: true})
		p.eqs = a.Eq
	}
	for k := skip; k < len(x.Columns); k++ {
		col := &x.Columns[k]
		place := p.keyColumn(i, x, k)
		aff := p.columnAffinity(i, place)
		var eq EqTerm // Its Term is nil until there is one.
		next := func(t *term, u *use) {
			if !sameCollation(u.coll, col.Collation) || !AffinityFits(u.aff, aff) {
				return
			}
			switch u.op {
			case resolve.OpEq:
				if eq.Term == nil || eq.In != nil || eq.Null || isGiven(u.value) {
					eq = EqTerm{Expr: u.value, Term: t.expr, of: t}
				}
			case resolve.OpIs:
				if eq.Term == nil {
					eq = EqTerm{Expr: u.value, Null: true, Term: t.expr, of: t}
				}
			case resolve.OpIn:
				if eq.Term == nil {
					eq = EqTerm{In: t.expr, Field: u.field, Term: t.expr, of: t}
				}
			}
		}
		p.usable(i, place, mask, next)
		if eq.Term == nil {
			if x.Stats != nil && x.Stats.Unordered {
				break
			}
			p.usable(i, place, mask, func(t *term, u *use) {
				if sameCollation(u.coll, col.Collation) && AffinityFits(u.aff, aff) {
					p.addBound(a, t, u)
				}
			})
			p.usable(i, place, mask, func(_ *term, u *use) {
				if u.like != nil && a.Low == nil && a.High == nil && sameCollation(u.coll, col.Collation) {
					a.Like = u.like
				}
			})
			break
		}
		nullFree = nullFree && !eq.Null
		if eq.In != nil && !implied(a, eq.Term) {
			seeks *= inRows(eq.In)
		}
		p.seek(a, eq)
	}
	a.wholeRows()
	return a, seeks, nullFree
}

// wholeRows ends the equalities before the first column of an IN of row values
// that are not all among them: its set may hold such a part of a row twice.
func (a *Access) wholeRows() {
	for k := range a.Eq {
		in := a.Eq[k].In
		if in == nil || in.L.Width() == 1 {
			continue
		}
		fields := map[int]bool{}
		for _, eq := range a.Eq {
			if eq.In == in {
				fields[eq.Field] = true
			}
		}
		if len(fields) < in.L.Width() {
			a.Eq, a.Low, a.High, a.Like, a.used = a.Eq[:k], nil, nil, nil, a.used[:k]
			return
		}
	}
}

// narrower reports whether an entry of the index is smaller than a row of its
// table, by the reference's guess from the declared types.
func narrower(x *catalog.Index) bool {
	t := x.Table
	row, entry := 0, 1
	for _, c := range t.Columns {
		row += c.Width()
	}
	if t.RowidAlias < 0 && t.Key == nil {
		row++
	}
	for _, c := range x.Suffix {
		entry += t.Columns[c.Column].Width()
	}
	for _, c := range x.Columns {
		if c.Column >= 0 {
			entry += t.Columns[c.Column].Width()
		} else if c.Column == catalog.ExprColumn {
			entry++
		}
	}
	return entry < row
}
