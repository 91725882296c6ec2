package plan

import (
	"math"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Lean is what a plan made of constants by the spread of a column: the class of
// the share of rows that they choose. Nothing of the plan depends on more of it,
// so that a text with other literals has the same plan as long as the class is
// the same.
type Lean struct {
	Operands []Operand
	sample   *Sample
	affinity value.Affinity // Of the comparison.
	how      leanHow
	above    [2]bool // The cut of an end lies behind the values that are equal to it.
	class    int
}

// Operand is a constant that was looked up.
type Operand struct {
	// Literal: it stands at At in the text, Negative with a minus of its own.
	Literal  bool
	At       int
	Negative bool
	Value    value.Value
}

type leanHow uint8

const (
	leanAmong   leanHow = iota // Equal to one of the operands.
	leanFrom                   // From the operand on.
	leanTo                     // Up to it.
	leanBetween                // From the first to the second.
)

// classesMax bounds the classes: shares below are alike.
const classesMax = 60

// shareOf is the share that stands for a class; two classes are a factor of two.
func shareOf(class int) float64 { return math.Exp2(-float64(class) / 2) }

func classOf(share float64) int {
	if share <= 0 {
		return classesMax
	}
	return int(math.Min(math.Max(math.Round(-2*math.Log2(share)), 0), classesMax))
}

// Holds reports whether values in the place of the operands give the same class.
func (l *Lean) Holds(values []value.Value) bool { return l.classify(values) == l.class }

func (l *Lean) classify(values []value.Value) int {
	s := l.sample
	at := func(i int) value.Value {
		v := l.Operands[i].Value
		if values != nil {
			v = values[i]
		}
		v.ApplyAffinity(l.affinity)
		return v
	}
	cut := func(i int) float64 {
		v := at(i)
		return s.below(&v, l.above[i])
	}
	share, least := 0.0, 1/float64(2*len(s.values))
	switch l.how {
	case leanAmong:
		for i := range l.Operands {
			v := at(i)
			share += s.equal(&v)
		}
		least = 0
	case leanFrom:
		share = 1 - cut(0)
	case leanTo:
		share = cut(0)
	case leanBetween:
		share = cut(1) - cut(0)
	}
	return classOf(math.Max(share, least) * (1 - s.Nulls))
}

// lean classifies the operands, of the first of which l tells how, and makes the
// choice known when it is one of literals.
func (p *planner) lean(l Lean, operands ...*Expr) float64 {
	literals := false
	for _, e := range operands {
		lit, v := e.Given()
		o := Operand{Value: v}
		if lit != nil {
			o.Literal, o.At, o.Negative, literals = true, int(lit.At), lit.Negative, true
		}
		l.Operands = append(l.Operands, o)
	}
	l.class = l.classify(nil)
	if literals {
		for i := range l.Operands {
			o := &l.Operands[i]
			o.Value = o.Value.Own()
		}
		p.env.Stats.Lean(&l)
	}
	return shareOf(l.class)
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

// above reports whether the range ends, or begins, behind the values that are
// equal to its bound.
func (r *ranged) above() bool { return r.op == resolve.OpGt || r.op == resolve.OpLe }

// spreadShare is the share of rows that pass a comparison of a column with
// constants of which its spread tells.
func (p *planner) spreadShare(t *term) (share float64, ok bool) {
	if r, ok := rangedOf(t.expr); ok {
		return p.rangeShare(t, r)
	}
	e := t.expr
	switch {
	case (e.Op == resolve.OpEq || e.Op == resolve.OpIs) && e.L.Width() == 1:
		column, bound := e.L, e.R
		if bound.Op != resolve.OpConst {
			column, bound = bound, column
		}
		if bound.Op != resolve.OpConst || bound.Kind() == value.Null || !resolve.CompareCollation(e.L, e.R).IsBinary() {
			return 0, false
		}
		if s := p.spreadOf(column); s != nil && s.skewed() {
			return p.lean(Lean{sample: s, affinity: resolve.CompareAffinity(e.L.Affinity(), e.R.Affinity())}, bound), true
		}
	case e.Op == resolve.OpIn && !e.Not && e.Query == nil && e.L.Width() == 1 && e.L.Collation().IsBinary():
		for _, x := range e.List {
			if x.Op != resolve.OpConst || x.Kind() == value.Null {
				return 0, false
			}
		}
		if s := p.spreadOf(e.L); s != nil && s.skewed() {
			return p.lean(Lean{sample: s, affinity: e.L.Affinity()}, e.List...), true
		}
	}
	return 0, false
}

// rangeShare is that of a range. Of one with two ends the second one's share is of
// what the first leaves.
func (p *planner) rangeShare(t *term, r ranged) (share float64, ok bool) {
	s := p.spreadOf(r.column)
	if s == nil {
		return 0, false
	}
	l := Lean{sample: s, how: leanTo, above: [2]bool{r.above()}, affinity: resolve.CompareAffinity(t.expr.L.Affinity(), t.expr.R.Affinity())}
	if r.from() {
		l.how = leanFrom
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
		l.how, l.above = leanBetween, [2]bool{low.above(), high.above()}
		return math.Min(1, p.lean(l, low.bound, high.bound)/p.passes(o)), true
	}
	return p.lean(l, r.bound), true
}
