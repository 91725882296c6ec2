package libm

import "math"

var (
	ln2     = [...]float64{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, 0x1.7b57a079a1934p-111}
	perLn2  = pair{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56}
	log10Of = struct{ e, two, twoRest float64 }{4.34294481903251816668e-01, 3.01029995663611771306e-01, 3.69423907715893078616e-13}
)

const (
	expMax = 709.782712893384 // Beyond it the result is infinite,
	expMin = -745.1332191019412
)

// Exp is e to the power of x.
func Exp(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return math.Exp(x)
	}
	return exp(pair{x, 0})
}

func exp(x pair) float64 {
	switch {
	case x.h > expMax:
		return math.Inf(1)
	case x.h < expMin:
		return 0
	}
	k := math.Round(x.h * perLn2.h)
	r := x
	for _, part := range ln2 {
		r = r.add(product(-k, part))
	}
	return ldexp(expm1(r).plus(1), int(k))
}

// ldexp rounds p * 2^k once, also where the result is subnormal.
func ldexp(p pair, k int) float64 {
	if k >= -1020 {
		return math.Ldexp(p.h, k)
	}
	// What is below the least float goes before rounding.
	c := math.Ldexp(1, -1022-k)
	s := ordered(c, p.h)
	return math.Ldexp(s.h+(s.l+p.l)-c, k)
}

// expm1 is e^r - 1 for |r| <= ln2: r is divided by 512, which leaves ten terms
// of the series, and the result squared nine times.
func expm1(r pair) pair {
	r = r.scale(1.0 / 512)
	p := inverse[10]
	for n := 9; n >= 1; n-- {
		p = p.mul(r).add(inverse[n])
	}
	p = p.mul(r)
	for range 9 {
		p = p.mul(p).add(p.scale(2))
	}
	return p
}

// logOf splits off the exponent of x > 0 and gives the logarithm of the rest,
// which is between the roots of 1/2 and of 2: log x = l + k log 2.
func logOf(x float64) (l pair, k float64) {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	// One step of Halley's method from Go's logarithm, which is exact to 52 bits.
	y := math.Log(m)
	s := expm1(pair{y, 0})
	d := s.neg().plus(m - 1).div(s.plus(m + 1))
	return d.scale(2).plus(y), float64(e)
}

func log(x float64) pair {
	l, k := logOf(x)
	if k == 0 {
		return l
	}
	return product(k, ln2[0]).add(product(k, ln2[1])).add(l)
}

// Log is the natural logarithm.
func Log(x float64) float64 {
	if x > 0 && !math.IsInf(x, 1) {
		return log(x).h
	}
	return math.Log(x)
}

// Log2 is the logarithm to base 2.
func Log2(x float64) float64 {
	if x > 0 && !math.IsInf(x, 1) {
		l, k := logOf(x)
		return l.mul(perLn2).plus(k).h
	}
	return math.Log2(x)
}

// Log10 is the logarithm to base 10, as fdlibm computes it.
func Log10(x float64) float64 {
	if !(x > 0) || math.IsInf(x, 1) {
		return math.Log10(x)
	}
	m, e := math.Frexp(x)
	m, e = m*2, e-1
	if e < 0 {
		m, e = m/2, e+1
	}
	k := float64(e)
	return float64(float64(k*log10Of.twoRest)+float64(log10Of.e*Log(m))) + float64(k*log10Of.two)
}

// Pow is x to the power of y.
func Pow(x, y float64) float64 {
	r := math.Pow(x, y)
	if x == 0 || y == 0 || math.IsInf(x, 0) || math.IsInf(y, 0) || math.IsNaN(r) || x == 1 || x == -1 || y == 1 {
		return r
	}
	l := log(math.Abs(x))
	switch p := l.h * y; {
	case p > expMax+1, p < expMin-1, math.IsNaN(p):
		return r // Too large or too small, with the right sign.
	}
	p := 0.0
	if n := int(y); float64(n) == y && n > 0 && n <= powerMax && math.Abs(l.h*y) < powerRange {
		p = power(math.Abs(x), n)
	} else {
		p = exp(l.times(y))
	}
	if x < 0 && math.Mod(y, 2) != 0 {
		p = -p
	}
	return p
}

const (
	powerMax   = 32
	powerRange = 600 // No step overflows or is subnormal.
)

// power multiplies: a small integer power may lie in the middle of two floats
// exactly, which logarithms cannot tell.
func power(x float64, n int) float64 {
	r, square := pair{1, 0}, pair{x, 0}
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			r = r.mul(square)
		}
		square = square.mul(square)
	}
	return r.h
}
