package plan

import (
	"slices"
	"sort"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// What nobody has counted is guessed from a sample of the rows: how many
// different values a column has, how many rows have none, and how its values
// spread. That is asked only where several sources are joined, whose order is
// worth a look. A literal at which a spread is looked up decides
// (resolve.Literal), which only large tables are worth.

// The least rows of a table that is sampled, and of one whose spreads count.
const (
	sampleRowsMin = 20
	spreadRowsMin = 10_000
)

// Sample is what a sample of a table says of one of its columns.
type Sample struct {
	Distinct float64 // Different values in the table, NULL not among them.
	Nulls    float64 // The share of rows that have NULL.
	values   []value.Value
}

// NewSample makes the sample of a column from values of so many of n rows. It
// keeps the values, which must be owned.
func NewSample(values []value.Value, n float64) *Sample {
	s := &Sample{}
	all := float64(len(values))
	values = slices.DeleteFunc(values, func(v value.Value) bool { return v.IsNull() })
	if len(values) == 0 {
		s.Nulls = 1
		return s
	}
	s.Nulls, s.values = 1-float64(len(values))/all, values
	slices.SortFunc(values, func(a, b value.Value) int { return value.Compare(&a, &b, nil) })
	distinct, once := 0.0, 0.0
	for i := 0; i < len(values); {
		j := i + 1
		for j < len(values) && value.Compare(&values[i], &values[j], nil) == 0 {
			j++
		}
		distinct++
		if j == i+1 {
			once++
		}
		i = j
	}
	// The estimator Duj1 of Haas and Stokes: what was met once only stands for what
	// was not met.
	rows := float64(len(values))
	n *= 1 - s.Nulls
	s.Distinct = min(rows*distinct/(rows-once+once*rows/n), n)
	return s
}

// below is the share of the values that are less than v, or are equal to it
// with equal.
func (s *Sample) below(v *value.Value, equal bool) float64 {
	k := sort.Search(len(s.values), func(i int) bool {
		c := value.Compare(&s.values[i], v, nil)
		return c > 0 || c == 0 && !equal
	})
	return float64(k) / float64(len(s.values))
}

// sample is that of column col of source i, nil when there is none.
func (p *planner) sample(i, col int) *Sample {
	at := &p.at[i]
	if len(p.at) < 2 || at.live < sampleRowsMin || at.Table == nil || at.Table.Key != nil || at.Table.Module != nil ||
		col < 0 || col == at.Table.RowidAlias || at.Source.Virtual(col) != nil {
		return nil
	}
	return p.env.Stats.Sample(at.Table, col)
}

// sampleOf is the sample of the column that e is.
func (p *planner) sampleOf(e *Expr) *Sample {
	i, col, ok := p.placeOf(e.SkipCollate())
	if !ok {
		return nil
	}
	return p.sample(i, col)
}

// ranged is a term that compares a column with a literal by order, in the order
// of bytes.
type ranged struct {
	column *Expr
	op     resolve.Op // Of column op literal.
	bound  *Expr
}

func rangedOf(e *Expr) (r ranged, ok bool) {
	if e.Op < resolve.OpLt || e.Op > resolve.OpGe || e.L.Width() > 1 || !resolve.CompareCollation(e.L, e.R).IsBinary() {
		return r, false
	}
	r = ranged{e.L, e.Op, e.R}
	if r.bound.Op != resolve.OpConst {
		r = ranged{e.R, commute(e.Op), e.L}
	}
	return r, r.bound.Op == resolve.OpConst && r.column.Op == resolve.OpColumn
}

// from reports whether the range is one from its bound on.
func (r *ranged) from() bool { return r.op == resolve.OpGt || r.op == resolve.OpGe }

// cut is the share of the values that come before the place of the bound.
func (r *ranged) cut(s *Sample) float64 {
	return s.below(r.bound.Value(), r.op == resolve.OpGt || r.op == resolve.OpLe)
}

// rangeShare is the share of rows that pass a comparison by order of which a
// sample tells. Of a range with two ends the second one's share is of what the
// first leaves.
func (p *planner) rangeShare(t *term) (share float64, ok bool) {
	r, ok := rangedOf(t.expr)
	if !ok {
		return 0, false
	}
	s := p.sampleOf(r.column)
	if s == nil || len(s.values) == 0 || p.at[r.column.Source.Place].live < spreadRowsMin {
		return 0, false
	}
	least := 1 / float64(2*len(s.values))
	pass := func(r *ranged) float64 {
		if r.from() {
			return max(1-r.cut(s), least)
		}
		return max(r.cut(s), least)
	}
	for k := range p.terms {
		o := &p.terms[k]
		if o == t {
			break
		}
		x, ok := rangedOf(o.expr)
		if !ok || x.from() == r.from() || x.column.Source != r.column.Source || x.column.Index != r.column.Index || o.on != t.on {
			continue
		}
		low, high := &r, &x
		if x.from() {
			low, high = &x, &r
		}
		return max(high.cut(s)-low.cut(s), least) / pass(&x), true
	}
	return pass(&r) * (1 - s.Nulls), true
}
