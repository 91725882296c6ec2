package plan

import (
	"math"
	"slices"
	"sort"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// What nobody has counted is guessed from a sample of the rows: how many
// different values a column has, how many rows have none, and how its values
// spread. That is asked only where several sources are joined, whose order is
// worth a look, and of columns with an index, which may serve few rows or most
// of them. What a plan makes of a literal by such a spread is a Lean.

// The least rows of a table that is sampled, of one whose spreads count, and of
// one that was analyzed; how often a common value is met.
const (
	sampleRowsMin   = 20
	spreadRowsMin   = 10_000
	analyzedRowsMin = 100
	skewedMin       = 8
)

// Sample is what a sample of a table says of one of its columns.
type Sample struct {
	Distinct float64 // Different values in the table, NULL not among them.
	Nulls    float64 // The share of rows that have NULL.
	Bytes    float64 // Of a row, on average.
	values   []value.Value
	// common of the values were met more than once, commonValues different ones, the
	// commonest of them mode times.
	common, commonValues, mode int
}

// NewSample makes the sample of a column from values of so many of n rows, of so many
// bytes on average. It keeps the values, which must be owned.
func NewSample(values []value.Value, n, bytes float64) *Sample {
	s := &Sample{Bytes: bytes}
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
		if n := j - i; n == 1 {
			once++
		} else {
			s.common, s.commonValues, s.mode = s.common+n, s.commonValues+1, max(s.mode, n)
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
	return float64(s.rank(v, equal)) / float64(len(s.values))
}

// rank is how many of the values met are.
func (s *Sample) rank(v *value.Value, equal bool) int {
	return sort.Search(len(s.values), func(i int) bool {
		c := value.Compare(&s.values[i], v, nil)
		return c > 0 || c == 0 && !equal
	})
}

// most is the share of the rows that the commonest value has, NULLs apart.
func (s *Sample) most() float64 { return float64(s.mode) / float64(len(s.values)) }

// skewed reports whether some value is so common that the average tells little
// of it and of the others: of a single value nothing is known of the others at all.
func (s *Sample) skewed() bool {
	return s.mode >= skewedMin && (s.most()*s.Distinct >= 1.5 || s.Distinct <= 1)
}

// equal is the share of the values that are equal to v. Those that were met once
// or never divide what the others leave; where that is nothing, a quarter of one value
// met is as much as may have been missed.
func (s *Sample) equal(v *value.Value) float64 {
	n := s.rank(v, true) - s.rank(v, false)
	if n < 2 {
		all := float64(len(s.values))
		return math.Max(1-float64(s.common)/all, 0.25/all) / math.Max(s.Distinct-float64(s.commonValues), 1)
	}
	return float64(n) / float64(len(s.values))
}

// sample is that of column col of source i, nil when there is none. Where one
// source is all, only what may serve to seek in it is worth one.
func (p *planner) sample(i, col int) *Sample {
	if len(p.at) < 2 && (!p.spreads(i) || !p.leads(i, col)) {
		return nil
	}
	return p.sampleAny(i, col)
}

// sampleAny is sample of a column that is worth one.
func (p *planner) sampleAny(i, col int) *Sample {
	at := &p.at[i]
	if at.live < sampleRowsMin || at.Table == nil || at.Table.Key != nil || at.Table.Module != nil ||
		col < 0 || col == at.Table.RowidAlias || at.Source.Virtual(col) != nil {
		return nil
	}
	s := p.env.Stats.Sample(at.Table, col)
	if s != nil && len(s.values) == 0 && s.Nulls < 1 {
		return nil
	}
	return s
}

// spreads reports whether source i is worth looking up literals.
func (p *planner) spreads(i int) bool {
	at := &p.at[i]
	return at.live >= spreadRowsMin || at.live >= analyzedRowsMin && at.Table != nil && at.Table.Analyzed()
}

// leads reports whether an index that may give many rows for one value begins
// with column col of source i.
func (p *planner) leads(i, col int) bool {
	if p.at[i].Table == nil {
		return false
	}
	for _, x := range p.at[i].Table.Indexes {
		if x.Columns[0].Column == col && !(x.Unique && len(x.Columns) == 1) {
			return true
		}
	}
	return false
}

// sampleOf is the sample of the column that e is.
func (p *planner) sampleOf(e *Expr) *Sample {
	i, col, ok := p.placeOf(e.SkipCollate())
	if !ok {
		return nil
	}
	return p.sample(i, col)
}

// spreadOf is the sample of the column that e is, where its values are worth
// looking up.
func (p *planner) spreadOf(e *Expr) *Sample {
	if e.Op != resolve.OpColumn {
		return nil
	}
	i, ok := p.find(e.Source)
	if !ok || !p.spreads(i) {
		return nil
	}
	if s := p.sample(i, e.Index); s != nil && len(s.values) > 0 {
		return s
	}
	return nil
}
