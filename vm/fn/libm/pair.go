package libm

import "math"

// pair is the value h + l, where h is the value rounded.
type pair struct{ h, l float64 }

// sum adds two floats without loss (Knuth).
func sum(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

// ordered is sum for |a| >= |b| (Dekker).
func ordered(a, b float64) pair {
	s := a + b
	return pair{s, b - (s - a)}
}

// product multiplies two floats without loss.
func product(a, b float64) pair {
	p := float64(a * b)
	return pair{p, math.FMA(a, b, -p)}
}

func (a pair) add(b pair) pair {
	s, t := sum(a.h, b.h), sum(a.l, b.l)
	s = ordered(s.h, s.l+t.h)
	return ordered(s.h, s.l+t.l)
}

func (a pair) plus(b float64) pair {
	s := sum(a.h, b)
	return ordered(s.h, s.l+a.l)
}

func (a pair) neg() pair { return pair{-a.h, -a.l} }

func (a pair) mul(b pair) pair {
	p := product(a.h, b.h)
	return ordered(p.h, p.l+(float64(a.h*b.l)+float64(a.l*b.h)))
}

func (a pair) times(b float64) pair {
	p := product(a.h, b)
	return ordered(p.h, math.FMA(a.l, b, p.l))
}

// scale multiplies by a power of two.
func (a pair) scale(f float64) pair { return pair{a.h * f, a.l * f} }

func (a pair) div(b pair) pair {
	q := a.h / b.h
	r := a.add(b.times(q).neg())
	q2 := r.h / b.h
	r = r.add(b.times(q2).neg())
	return ordered(q, q2).plus(r.h / b.h)
}

// sqrt is the square root of a positive pair.
func (a pair) sqrt() pair {
	s := math.Sqrt(a.h)
	if s == 0 {
		return pair{}
	}
	r := a.add(product(s, s).neg())
	return ordered(s, r.h/(2*s))
}

// inverse holds 1/n!.
var inverse = func() (list [28]pair) {
	list[0] = pair{1, 0}
	for n := 1; n < len(list); n++ {
		list[n] = list[n-1].div(pair{float64(n), 0})
	}
	return list
}()
