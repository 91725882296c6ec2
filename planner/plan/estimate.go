package plan

import (
	"math"

	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
)

// How many rows there are, how many pass a term, how many are equal: from the
// trees' own counts of their entries, what ANALYZE found, keys that are unique,
// and, where none of these tell, samples. A column that is compared with a unique key is thought to hold values
// of that key, as a foreign key does, each as often as any other.

// Shares of rows that pass a term of which nothing is known.
const (
	shareEqual = 0.2
	shareRange = 0.4
	shareLike  = 0.1
	shareOther = 0.75
	shareLeast = 0.001 // Of what a sample has not met.
)

// equalRows is how many rows equality with a value of k columns of an index is
// thought to leave, by the reference's guess.
func equalRows(k int) float64 { return float64(11 - min(k, 5)) }

// indexRows is the number of entries of an index of source i.
func (p *planner) indexRows(i int, x *catalog.Index) float64 {
	n := p.at[i].rows
	if x.Where == nil {
		return n
	}
	if x.Stats != nil {
		return math.Min(n, x.Stats.Rows)
	}
	return math.Max(1, n*partialShare)
}

// share is how many of n entries of an index have the same first k columns; 0
// when ANALYZE did not tell. Where there were more or fewer entries then, the
// share has changed as far as it was one: a key stays a key, and what half of
// the rows have half of them have still.
func share(x *catalog.Index, k int, n float64) float64 {
	if x.Stats == nil {
		return 0
	}
	s, rows := x.Stats.Share[k-1], x.Stats.Rows
	if n == rows || rows <= 1 {
		return math.Min(s, n)
	}
	return math.Pow(n, math.Log(s)/math.Log(rows))
}

// distinct is the number of different values in column col of source i, 0 when
// nothing tells.
func (p *planner) distinct(i, col int) float64 {
	at := &p.at[i]
	switch {
	case at.sub != nil:
		return at.sub.distinct(col)
	case at.Table == nil || at.Table.Module != nil || at.Current != nil:
		return 0
	case col == resolve.RowidColumn || col >= 0 && col == at.Table.RowidAlias:
		return at.rows
	}
	for _, x := range at.Table.Indexes {
		if x.Where != nil || p.keyColumn(i, x, 0) != col {
			continue
		}
		if x.Unique && len(x.Columns) == 1 {
			return at.rows
		}
		if s := share(x, 1, at.rows); s > 0 {
			return at.rows / s
		}
	}
	return 0
}

// distinct is the number of different values in a result column, 0 when
// nothing tells.
func (p *Physical) distinct(col int) float64 {
	if p.IsAgg && len(p.GroupBy) == 1 && resolve.Equal(p.Results[col], p.GroupBy[0]) || p.Distinct && len(p.Results) == 1 {
		return math.Max(p.OutRows, 1)
	}
	return 0
}

// values is the number of different values in an operand of an equality, of
// any source. Where nothing tells of a column by itself it is that of the least
// key that the terms hold it equal to.
func (p *planner) values(e *Expr) float64 {
	i, col, ok := p.placeOf(e.SkipCollate())
	if !ok {
		return 0
	}
	if d := p.distinct(i, col); d > 0 {
		return d
	}
	c := p.classOf(i, col)
	least := 0.0
	for _, m := range p.members {
		if c > 0 && m.class == c {
			if d := p.keys(m.src, m.col); d > 0 && (least == 0 || d < least) {
				least = d
			}
		}
	}
	if least == 0 {
		if s := p.sample(i, col); s != nil && (len(p.at) > 1 || !s.skewed()) {
			return s.Distinct // What is looked for alone is rarely what is common.
		}
	}
	return math.Min(least, p.at[i].rows)
}

// keys is the number of rows of source i if column col is its key and it has
// rows, else 0. Small tables count as they are: what leans on them does so now.
func (p *planner) keys(i, col int) float64 {
	at := &p.at[i]
	if at.live == 0 || at.Table == nil {
		return 0
	}
	if col == resolve.RowidColumn || col >= 0 && col == at.Table.RowidAlias {
		return at.live
	}
	for _, x := range at.Table.Indexes {
		if x.Unique && x.Where == nil && len(x.Columns) == 1 && p.keyColumn(i, x, 0) == col {
			return at.live
		}
	}
	return 0
}

// passes is the share of rows that pass a term.
func (p *planner) passes(t *term) float64 {
	if t.share == 0 {
		t.share = p.estimate(t)
		for _, part := range t.parts {
			t.share = math.Min(1, t.share/p.passes(part))
		}
	}
	return t.share
}

func (p *planner) estimate(t *term) float64 {
	if s, ok := p.spreadShare(t); ok {
		t.sampled = true
		return s
	}
	t.sampled = t.expr.Op == resolve.OpIsNull && p.sampleOf(t.expr.L) != nil
	return p.estimateExpr(t.expr, t.mask)
}

// estimateExpr is the share of rows of the sources in mask for which e is true.
func (p *planner) estimateExpr(e *Expr, mask uint64) float64 {
	switch e.Op {
	case resolve.OpAnd:
		return p.estimateExpr(e.L, mask) * p.estimateExpr(e.R, mask)
	case resolve.OpOr:
		l, r := p.estimateExpr(e.L, mask), p.estimateExpr(e.R, mask)
		return l + r - l*r
	case resolve.OpNot:
		return 1 - p.estimateExpr(e.L, mask)
	case resolve.OpEq, resolve.OpIs:
		if e.L.Width() > 1 {
			return shareEqual
		}
		most := math.Max(p.values(e.L), p.values(e.R))
		switch {
		case most > 0:
			return 1 / most
		case mask&(mask-1) != 0: // Of sources of which nothing is known.
			return math.Min(shareEqual, equalRows(1)/p.largest(mask))
		}
		return shareEqual
	case resolve.OpIsNull, resolve.OpNotNull:
		nulls := shareEqual
		if s := p.sampleOf(e.L); s != nil {
			nulls = math.Max(s.Nulls, shareLeast)
		}
		if e.Op == resolve.OpNotNull {
			return math.Max(1-nulls, shareLeast)
		}
		return nulls
	case resolve.OpIn:
		if d := p.values(e.L); d > 0 && !e.Not && e.L.Width() == 1 {
			return math.Min(shareRange, inRows(e)/d)
		}
		return shareRange
	case resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe:
		return shareRange
	case resolve.OpBetween:
		if e.Not {
			return 1 - shareRange*shareRange
		}
		return shareRange * shareRange
	case resolve.OpFunc:
		if e.Func.Prepare != nil { // LIKE and GLOB.
			return shareLike
		}
	}
	return shareOther
}

// largest is the number of rows of the largest of some sources.
func (p *planner) largest(mask uint64) float64 {
	n := 1.0
	for i := range p.at {
		if mask&(1<<i) != 0 {
			n = math.Max(n, p.at[i].rows)
		}
	}
	return n
}

// residual is the share of rows that pass the terms which become testable
// with source i and are not implied by its access. Of terms that hold the same
// columns equal the most telling one counts.
func (p *planner) residual(i int, mask uint64, a *Access) float64 {
	f := 1.0
	var told uint64 // The classes of equal columns that have counted.
	for _, t := range p.at[i].terms {
		if t.class > 0 && implied(a, t.expr) {
			told |= 1 << t.class
		}
	}
	for _, t := range p.at[i].terms {
		if t.mask&^mask != 0 || implied(a, t.expr) || t.class > 0 && told&(1<<t.class) != 0 {
			continue
		}
		if t.class > 0 {
			told |= 1 << t.class
		}
		f *= p.passes(t)
	}
	return f
}

// equalIn is how many of n entries of index x a value has for each of the
// columns that eqs bind.
func (p *planner) equalIn(i int, x *catalog.Index, eqs []EqTerm, n float64) float64 {
	k := len(eqs)
	rows := p.equalOnAverage(i, x, eqs, n)
	t := eqs[0].of
	if t == nil || t.mask&(t.mask-1) != 0 {
		return rows
	}
	told := p.passes(t)
	if !t.sampled {
		return rows
	}
	if eqs[0].In != nil {
		told /= math.Max(1, inRows(eqs[0].In))
	}
	first := n * told
	if k > 1 {
		first *= rows / p.equalOnAverage(i, x, eqs[:1], n) // As many times as few as on average.
	}
	return math.Max(1, math.Min(first, n))
}

func (p *planner) equalOnAverage(i int, x *catalog.Index, eqs []EqTerm, n float64) float64 {
	k := len(eqs)
	if s := share(x, k, n); s > 0 {
		return s
	}
	rows := math.Min(n, equalRows(k))
	if d := p.values(keySide(eqs[0].Term, p.at[i].Source)); d > 0 {
		rows = n / d
		if k > 1 {
			rows = math.Min(rows, equalRows(k))
		}
	}
	return math.Max(1, rows)
}

// keySide is the side of an equality, or of an IN, that reads source src.
func keySide(t *Expr, src *Source) *Expr {
	if t.Op == resolve.OpEq && t.R.SkipCollate().Op == resolve.OpColumn && t.R.SkipCollate().Source == src {
		return t.R
	}
	return t.L
}
