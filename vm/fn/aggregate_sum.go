package fn

import (
	"math"
	"math/bits"

	"github.com/rustlite/rustlite/vm/value"
)

func sumFuncs() []*Func {
	f := func(name, doc string, of sumKind) *Func {
		return &Func{Name: name, NArg: 1, Flags: Aggregate | Calm | Merges, Doc: doc,
			NewAggregate: func() Accumulator { return &accumulation{of: of} },
			NewAggregates: func() Accumulators {
				list := new(accumulations)
				list.empty.of = of
				return list
			}}
	}
	return []*Func{
		f("sum", "The sum of the group's values; NULL for none.", aSum),
		f("total", "The sum of the group's values as a real; 0.0 for none.", aTotal),
		f("avg", "The mean of the group's values; NULL for none.", anAverage),
	}
}

// sumKind is what an accumulation gives in the end.
type sumKind uint8

const (
	aSum sumKind = iota
	aTotal
	anAverage
)

// accumulation adds values: integers exactly while there is nothing else and
// they fit, then reals with the compensated summation of Kahan, Babuska and
// Neumaier, whose error term makes the sum of many reals independent of
// their sizes.
type accumulation struct {
	rough    float64 // Sum, and what rounding lost of it.
	lost     float64
	exact    int64
	count    int64
	wide     int64 // All bits of the integers' magnitudes.
	isReal   bool
	overflow bool
	of       sumKind
}

// Reset makes the accumulator empty.
func (a *accumulation) Reset() { *a = accumulation{of: a.of} }

// Step adds a row.
func (a *accumulation) Step(_ *Context, args []value.Value) error {
	v := &args[0]
	switch v.Kind() {
	case value.Null:
		return nil
	case value.Int:
		a.count++
		a.addInt(v.Int())
	case value.Real:
		a.count++
		a.addReal(v.Real())
	default:
		a.count++
		w := *v
		w.ApplyCompareAffinity()
		if w.Kind() == value.Int {
			a.addInt(w.Int())
		} else {
			a.addReal(w.AsReal())
		}
	}
	return nil
}

func (a *accumulation) addInt(i int64) {
	a.wide |= i ^ i>>63
	if a.isReal {
		a.compensateInt(i)
		return
	}
	s := a.exact + i
	if (s^a.exact)&(s^i) >= 0 {
		a.exact = s
		return
	}
	a.overflow = true
	a.toReal()
	a.compensateInt(i)
}

func (a *accumulation) addReal(f float64) {
	if !a.isReal {
		a.toReal()
	} else {
		a.overflow = false // A real among the values forgives it.
	}
	a.compensate(f)
}

// Merge adds a later sum. Integers may go over to reals in the middle, which
// leaves another rounding behind, or say so as an overflow: where that might have
// happened in one pass, the sums are not merged.
func (a *accumulation) Merge(_ *Context, later Accumulator) bool {
	b := later.(*accumulation)
	n := a.count + b.count
	wide := bits.Len64(uint64(a.wide|b.wide)) + bits.Len64(uint64(n))
	if wide > 62 || a.overflow || b.overflow {
		return false
	}
	a.count, a.wide = n, a.wide|b.wide
	switch {
	case !b.isReal && !a.isReal:
		a.exact += b.exact
	case !b.isReal:
		a.compensateInt(b.exact)
	default:
		if !a.isReal {
			a.toReal()
		}
		a.compensate(b.rough)
		a.lost += b.lost
	}
	return true
}

// Inverse takes a row away that Step added before.
func (a *accumulation) Inverse(_ *Context, args []value.Value) error {
	v := args[0]
	if v.IsNull() {
		return nil
	}
	v.ApplyCompareAffinity()
	a.count--
	if !a.isReal {
		i := v.AsInt()
		s := a.exact - i
		if (s^a.exact)&(a.exact^i) >= 0 {
			a.exact = s
			return nil
		}
		a.overflow = true
		a.toReal()
	}
	switch {
	case v.Kind() != value.Int:
		a.compensate(-v.AsReal())
	case v.Int() != math.MinInt64:
		a.compensateInt(-v.Int())
	default:
		a.compensateInt(math.MaxInt64)
		a.compensateInt(1)
	}
	return nil
}

// exactMax: integers below it are exact as reals with room to add.
const exactMax = 1 << 52

// toReal goes over to reals.
func (a *accumulation) toReal() {
	a.isReal = true
	a.rough, a.lost = float64(a.exact), 0
	if a.exact <= -exactMax || a.exact >= exactMax {
		low := a.exact % 16384
		a.rough, a.lost = float64(a.exact-low), float64(low)
	}
}

func (a *accumulation) compensateInt(i int64) {
	if i <= -exactMax || i >= exactMax {
		low := i % 16384
		a.compensate(float64(i - low))
		a.compensate(float64(low))
		return
	}
	a.compensate(float64(i))
}

func (a *accumulation) compensate(f float64) {
	s := a.rough
	t := s + f
	if math.Abs(s) > math.Abs(f) {
		a.lost += (s - t) + f
	} else {
		a.lost += (f - t) + s
	}
	a.rough = t
}

// real returns the sum as a real.
func (a *accumulation) real() float64 {
	if !a.isReal {
		return float64(a.exact)
	}
	if math.IsInf(a.lost, 0) || math.IsNaN(a.lost) {
		return a.rough
	}
	return a.rough + a.lost
}

// Final writes the sum or mean.
func (a *accumulation) Final(_ *Context, out *value.Value) error {
	switch {
	case a.of == aTotal:
		out.SetReal(a.real())
	case a.count == 0:
		out.SetNull()
	case a.of == anAverage:
		out.SetReal(a.real() / float64(a.count))
	case !a.isReal:
		out.SetInt(a.exact)
	case a.overflow:
		return errOverflow
	default:
		out.SetReal(a.real())
	}
	return nil
}

// Value writes the sum or mean so far.
func (a *accumulation) Value(c *Context, out *value.Value) error { return a.Final(c, out) }

var _ Windowed = (*accumulation)(nil)
