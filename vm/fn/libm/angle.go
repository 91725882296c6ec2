package libm

import (
	"math"
	"math/bits"
)

var halfPi = [...]float64{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110, 0x1.4cf98e804177dp-164}

// reduceMax is how far angles are reduced by subtracting multiples of pi/2;
// beyond it the bits of 4/pi are multiplied (Payne and Hanek).
const reduceMax = 1 << 26

// reduce gives x - q pi/2, between -pi/4 and pi/4 or a little more, and q
// modulo 4.
func reduce(x float64) (r pair, q int) {
	if math.Abs(x) <= math.Pi/4 {
		return pair{x, 0}, 0
	}
	if math.Abs(x) < reduceMax {
		k := math.Round(x / halfPi[0])
		r = pair{x, 0}
		for _, part := range halfPi {
			r = r.add(product(-k, part))
		}
		return r, int(k) & 3
	}
	r, q = reduceLarge(math.Abs(x))
	if x < 0 {
		return r.neg(), -q & 3
	}
	return r, q
}

// fourPerPi holds the binary digits of 4/pi.
var fourPerPi = [...]uint64{
	0x0000000000000001, 0x45f306dc9c882a53, 0xf84eafa3ea69bb81, 0xb6c52b3278872083, 0xfca2c757bd778ac3,
	0x6e48dc74849ba5c0, 0x0c925dd413a32439, 0xfc3bd63962534e7d, 0xd1046bea5d768909, 0xd338e04d68befc82,
	0x7323ac7306a673e9, 0x3908bf177bf25076, 0x3ff12fffbc0b301f, 0xde5e2316b414da3e, 0xda6cfd9e4f96136e,
	0x9e8c7ecd3cbfd45a, 0xea4f758fd7cbe2f6, 0x7a0e73ef14a525d4, 0xd7f6bf623f1aba10, 0xac06608df8f6d757, 0, 0,
}

// reduceLarge multiplies the digits of 4/pi that matter by x: the product's
// three bits before the point are the octant, 189 behind it the fraction.
func reduceLarge(x float64) (r pair, q int) {
	const mantissaBits, bias = 52, 1023
	b := math.Float64bits(x)
	exponent := int(b>>mantissaBits) - bias - mantissaBits
	m := b&(1<<mantissaBits-1) | 1<<mantissaBits
	digit, shift := uint(exponent+61)/64, uint(exponent+61)%64
	var w [4]uint64
	for i := range w {
		w[i] = fourPerPi[digit+uint(i)]<<shift | fourPerPi[digit+uint(i)+1]>>(64-shift)
	}
	high3, _ := bits.Mul64(w[3], m)
	high2, low2 := bits.Mul64(w[2], m)
	high1, low1 := bits.Mul64(w[1], m)
	f2, c := bits.Add64(low2, high3, 0)
	f1, c := bits.Add64(low1, high2, c)
	f0, _ := bits.Add64(w[0]*m, high1, c)
	octant := f0 >> 61
	f0, f1, f2 = f0<<3|f1>>61, f1<<3|f2>>61, f2<<3
	r = fraction(f0, f1, f2)
	if octant&1 != 0 {
		octant++
		r = lessOne(f0, f1, f2)
	}
	return r.mul(pair{halfPi[0] / 2, halfPi[1] / 2}), int(octant/2) & 3
}

// fraction is the value of 192 bits behind the point.
func fraction(f0, f1, f2 uint64) (r pair) {
	for i, f := range [...]uint64{f2, f1, f0} {
		unit := math.Ldexp(1, 64*(i-3))
		r = r.plus(float64(f&0xffffffff) * unit).plus(float64(f>>32) * (1 << 32) * unit)
	}
	return r
}

// lessOne is the fraction less one, to as many bits however near it is to one.
func lessOne(f0, f1, f2 uint64) pair { return fraction(^f0, ^f1, ^f2).neg() }

// sincos gives sine and cosine of an angle up to about pi/4 by their series.
func sincos(r pair) (s, c pair) {
	z := r.mul(r).neg()
	s, c = inverse[27], inverse[26]
	for n := 25; n >= 1; n -= 2 {
		s, c = s.mul(z).add(inverse[n]), c.mul(z).add(inverse[n-1])
	}
	return s.mul(r), c
}

// turned gives sine and cosine of any angle.
func turned(x float64) (s, c pair) {
	r, q := reduce(x)
	s, c = sincos(r)
	switch q {
	case 1:
		return c, s.neg()
	case 2:
		return s.neg(), c.neg()
	case 3:
		return c.neg(), s
	}
	return s, c
}

// small is where sine, tangent and their inverses are the angle, rounded.
const small = 0x1p-27

// Sin is the sine.
func Sin(x float64) float64 {
	if math.Abs(x) < small || math.IsInf(x, 0) || math.IsNaN(x) {
		return smallOr(x, math.Sin)
	}
	s, _ := turned(x)
	return s.h
}

// smallOr is x for a small number, else what math says.
func smallOr(x float64, f func(float64) float64) float64 {
	if math.Abs(x) < small {
		return x
	}
	return f(x)
}

// Cos is the cosine.
func Cos(x float64) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return math.Cos(x)
	}
	_, c := turned(x)
	return c.h
}

// Tan is the tangent.
func Tan(x float64) float64 {
	if math.Abs(x) < small || math.IsInf(x, 0) || math.IsNaN(x) {
		return smallOr(x, math.Tan)
	}
	s, c := turned(x)
	return s.div(c).h
}

// angle is the angle of the point (x, y), by one step of Newton's method from
// Go's.
func angle(y, x pair) float64 {
	a := math.Atan2(y.h, x.h)
	s, c := turned(a)
	d := y.mul(c).add(x.mul(s).neg()).div(x.mul(c).add(y.mul(s)))
	return d.plus(a).h
}

// Atan is the inverse of the tangent.
func Atan(x float64) float64 {
	if math.Abs(x) < small || math.Abs(x) > 1<<60 || math.IsNaN(x) {
		return smallOr(x, math.Atan)
	}
	return angle(pair{x, 0}, pair{1, 0})
}

// Atan2 is the angle of the point (x, y).
func Atan2(y, x float64) float64 {
	if y == 0 || x == 0 || math.IsInf(x, 0) || math.IsInf(y, 0) || math.IsNaN(x) || math.IsNaN(y) {
		return math.Atan2(y, x)
	}
	_, ey := math.Frexp(y)
	_, ex := math.Frexp(x)
	if ey-ex < -900 || ey-ex > 900 {
		return math.Atan2(y, x)
	}
	// Neither overflows below.
	return angle(pair{math.Ldexp(y, -ey), 0}, pair{math.Ldexp(x, -ey), 0})
}

// other is the other side of a right triangle with the long side 1.
func other(x float64) pair {
	return product(-x, x).plus(1).sqrt()
}

// Asin is the inverse of the sine.
func Asin(x float64) float64 {
	if math.Abs(x) < small || !(math.Abs(x) < 1) {
		return smallOr(x, math.Asin)
	}
	return angle(pair{x, 0}, other(x))
}

// Acos is the inverse of the cosine.
func Acos(x float64) float64 {
	if !(math.Abs(x) < 1) || x == 0 {
		return math.Acos(x)
	}
	return angle(other(x), pair{x, 0})
}
