package libm

import "math"

// The functions of this file compute what fdlibm computes, with the operations
// of the C library on today's processors, where a product and a sum are one
// (fused) operation. Where there is no such operation, it is emulated.

// Sinh is the hyperbolic sine.
func Sinh(x float64) float64 {
	h, a := math.Copysign(0.5, x), math.Abs(x)
	switch {
	case !(a <= math.MaxFloat64) || a < 0x1p-28:
		return x
	case a < 1:
		t := Expm1(a)
		return h * (2*t - float64(t*t)/(t+1))
	case a < 22:
		t := Expm1(a)
		return h * (t + t/(t+1))
	case a < overflows:
		return h * Exp(a)
	}
	w := Exp(0.5 * a)
	return float64(h*w) * w
}

// overflows is about where the exponential function overflows.
const overflows = 0x1.62e42p+9

// Cosh is the hyperbolic cosine.
func Cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case !(a <= math.MaxFloat64):
		return a
	case a < 0x1p-55:
		return 1
	case a < halfLn2:
		t := Expm1(a)
		w := 1 + t
		return 1 + float64(t*t)/(w+w)
	case a < 22:
		t := Exp(a)
		return float64(0.5*t) + 0.5/t
	case a < overflows:
		return 0.5 * Exp(a)
	}
	w := Exp(0.5 * a)
	return float64(0.5*w) * w
}

// Tanh is the hyperbolic tangent.
func Tanh(x float64) float64 {
	a, z := math.Abs(x), 1.0
	switch {
	case x == 0 || math.IsNaN(x):
		return x
	case a < 0x1p-55:
		return x * (1 + x)
	case a < 1:
		t := Expm1(-2 * a)
		z = -t / (t + 2)
	case a < 22:
		t := Expm1(2 * a)
		z = 1 - 2/(t+2)
	}
	return math.Copysign(z, x)
}

// Asinh is the inverse of the hyperbolic sine.
func Asinh(x float64) float64 {
	a := math.Abs(x)
	w := 0.0
	switch {
	case a < 0x1p-28 || !(a <= math.MaxFloat64):
		return x
	case a > 1<<28:
		w = Log(a) + math.Ln2
	case a > 2:
		w = Log(float64(2*a) + 1/(math.Sqrt(float64(a*a)+1)+a))
	default:
		t := float64(a * a)
		w = Log1p(a + t/(1+math.Sqrt(1+t)))
	}
	return math.Copysign(w, x)
}

// Acosh is the inverse of the hyperbolic cosine.
func Acosh(x float64) float64 {
	switch {
	case !(x > 1) || math.IsInf(x, 1):
		return math.Acosh(x)
	case x > 1<<28:
		return Log(x) + math.Ln2
	case x > 2:
		return Log(float64(2*x) - 1/(x+math.Sqrt(float64(x*x)-1)))
	}
	t := x - 1
	return Log1p(t + math.Sqrt(float64(2*t)+float64(t*t)))
}

// Atanh is the inverse of the hyperbolic tangent.
func Atanh(x float64) float64 {
	a := math.Abs(x)
	t := 0.0
	switch {
	case !(a < 1):
		return math.Atanh(x)
	case a < 0x1p-28:
		return x
	case a < 0.5:
		t = a + a
		t = 0.5 * Log1p(t+float64(t*a)/(1-a))
	default:
		t = 0.5 * Log1p((a+a)/(1-a))
	}
	return math.Copysign(t, x)
}

const (
	ln2High   = 6.93147180369123816490e-01
	ln2Low    = 1.90821492927058770002e-10
	halfLn2   = 0x1.62e43p-2 // ln 2 / 2 and 3/2 ln 2, as fdlibm compares with them.
	threeHalf = 0x1.0a2b2p+0
)

var expTerms = [...]float64{1, -3.33333333333331316428e-02, 1.58730158725481460165e-03, -7.93650757867487942473e-05,
	4.00821782732936239552e-06, -2.01099218183624371326e-07}

// Expm1 is e to the power of x, less 1.
func Expm1(x float64) float64 {
	a := math.Abs(x)
	if a >= 38 || math.IsNaN(x) || a < 0x1p-54 {
		return math.Expm1(x)
	}
	c, k := 0.0, 0
	if a >= halfLn2 {
		var high, low float64
		switch {
		case a >= threeHalf:
			k = int(float64(x*perLn2.h) + math.Copysign(0.5, x))
			t := float64(k)
			high, low = x-float64(t*ln2High), float64(t*ln2Low)
		case x > 0:
			k, high, low = 1, x-ln2High, ln2Low
		default:
			k, high, low = -1, x+ln2High, -ln2Low
		}
		x = high - low
		c = (high - x) - low
	}
	q := &expTerms
	half := float64(0.5 * x)
	z := float64(x * half)
	z2 := float64(z * z)
	r := math.FMA(z2, math.FMA(z, q[3], q[2]), math.FMA(z, q[1], 1))
	r = math.FMA(float64(z2*z2), math.FMA(z, q[5], q[4]), r)
	t := math.FMA(-r, half, 3)
	e := float64(z * ((r - t) / math.FMA(-x, t, 6)))
	if k == 0 {
		return x - math.FMA(x, e, -z)
	}
	e = math.FMA(x, e-c, -c)
	e -= z
	switch {
	case k == -1:
		return float64(0.5*(x-e)) - 0.5
	case k == 1 && x < -0.25:
		return -2 * (e - (x + 0.5))
	case k == 1:
		return 1 + 2*(x-e)
	case k <= -2 || k > 56:
		return math.Ldexp(1-(e-x), k) - 1
	case k < 20:
		return math.Ldexp((1-math.Ldexp(1, -k))-(e-x), k)
	}
	return math.Ldexp((x-(e+math.Ldexp(1, -k)))+1, k)
}

var logTerms = [...]float64{0, 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
	2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01}

// Log1p is the natural logarithm of 1 + x.
func Log1p(x float64) float64 {
	a := math.Abs(x)
	switch {
	case !(x > -1) || math.IsInf(x, 1) || x == 0:
		return math.Log1p(x)
	case a < 0x1p-54:
		return x
	case a < 0x1p-29:
		return math.FMA(-x*x, 0.5, x)
	}
	const rootHalf, rootTwo = -0x1.2bec4p-2, 0x1.a827ap-2 // Of 1/2 and 2, less 1.
	f, c, k := x, 0.0, 0
	near := false // |f| < 2^-20
	if x >= rootTwo || x <= rootHalf {
		u := x
		if a < 1<<53 {
			u = 1 + x
			_, e := math.Frexp(u)
			k = e - 1
			if k > 0 {
				c = 1 - (u - x)
			} else {
				c = x - (u - 1)
			}
			c /= u
		} else {
			_, e := math.Frexp(u)
			k = e - 1
		}
		m := math.Float64bits(u) & (1<<52 - 1)
		if m>>32 < 0x6a09e {
			u = math.Float64frombits(m | 0x3ff0000000000000)
		} else {
			k++
			u = math.Float64frombits(m | 0x3fe0000000000000)
			m = (1<<20 - m>>32) >> 2 << 32
		}
		f = u - 1
		near = m>>32 == 0
	}
	half := float64(0.5*f) * f
	n := float64(k)
	if near {
		if f == 0 {
			if k == 0 {
				return 0
			}
			return math.FMA(n, ln2High, math.FMA(n, ln2Low, c))
		}
		r := float64(half * math.FMA(-0.66666666666666666, f, 1))
		if k == 0 {
			return f - r
		}
		return math.FMA(n, ln2High, -((r - math.FMA(n, ln2Low, c)) - f))
	}
	s := f / (2 + f)
	z := float64(s * s)
	z2 := float64(z * z)
	z4, z6 := float64(z2*z2), float64(float64(z2*z2)*z2)
	p := &logTerms
	r := math.FMA(z, p[1], float64(z2*math.FMA(z, p[3], p[2])))
	r = math.FMA(z6, math.FMA(z, p[7], p[6]), math.FMA(z4, math.FMA(z, p[5], p[4]), r))
	if k == 0 {
		return f - (half - float64(s*(half+r)))
	}
	return float64(n*ln2High) - ((half - (float64(s*(half+r)) + (float64(n*ln2Low) + c))) - f)
}
