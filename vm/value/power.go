package value

import (
	"math"
	"math/bits"
)

// Conversions between binary and decimal after Russ Cox, "Floating-Point
// Printing and Parsing Can Be Simple And Fast": one multiplication by a power
// of ten of 96 bits. The powers are those of the reference, with its rounding,
// because the last digit of what a user sees depends on them.

// The powers of ten that a double can need.
const (
	powerMin = -348
	powerMax = 347
)

// log2Pow10 is the floor of log2(10^p), log10Pow2 that of log10(2^e).
func log2Pow10(p int) int { return p * 108853 >> 15 }
func log10Pow2(e int) int { return e * 78913 >> 18 }

// powerOfTen returns the first 96 bits of 10^p, the highest at bit 63 of hi.
func powerOfTen(p int) (hi uint64, lo uint32) {
	if p >= 0 && p < len(powersNear) {
		return powersNear[p], 0
	}
	if p == -1 {
		return 0xcccccccccccccccc, 0xcccccccc
	}
	// 10^p is a far power times a near one.
	g := p / 27
	n := p % 27
	if n < 0 {
		g--
		n += 27
	}
	far := powersFar[g+13]
	if n == 0 {
		return far.hi, far.lo
	}
	near := powersNear[n]
	hi, mid := bits.Mul64(far.hi, near)
	h, l := bits.Mul64(uint64(far.lo), near)
	mid, carry := bits.Add64(mid, h<<32|l>>32, 0)
	hi += carry
	lo = uint32(mid >> 32)
	if hi>>63 == 0 {
		hi = hi<<1 | uint64(lo>>31)
		lo = lo<<1 | 1 // What is shifted in is unknown, and not zero.
	}
	return hi, lo
}

// toDecimal turns m * 2^e, the highest bit of m set, into d * 10^p with at
// least n significant digits, n from 1 to 18; rounded for 18, else cut.
func toDecimal(m uint64, e, n int) (d uint64, p int) {
	p = n - 1 - log10Pow2(e+63)
	power, _ := powerOfTen(p)
	d, _ = bits.Mul64(m, power)
	shift := -(e + log2Pow10(p) + 1)
	if n < 18 {
		return d >> shift, -p
	}
	// One more bit, to round halves up.
	d >>= shift - 1
	return (d + d&1) >> 1, -p
}

// decimalToReal returns the double nearest to d * 10^p.
func decimalToReal(d uint64, p int) float64 {
	if d == 0 || p < powerMin {
		return 0
	}
	if p > powerMax {
		return math.Inf(1)
	}
	lead := bits.LeadingZeros64(d)
	lp := log2Pow10(p)
	e := 53 - (64 - lead) - lp // The result is about m * 2^-e, m of 53 bits.
	if e > 1074 {
		if e >= 1130 {
			return 0
		}
		e = 1074 // Subnormal: fewer bits.
	}
	shift := lead - e - lp - 3
	hi, lo := powerOfTen(p)
	if lo != 0 {
		// Go from above: hi+1 less the rest.
		hi++
		lo = ^lo
	}
	x := d << lead
	top, next := bits.Mul64(x, hi)
	sticky := uint64(1)
	if top&(1<<shift-1) == 0 {
		// Only now the lower bits of the power matter.
		mid := uint32(next >> 32)
		less, _ := bits.Mul64(x, uint64(lo)<<32)
		low := uint32(less >> 32)
		if mid-low <= 1 {
			sticky = 0
		}
		if mid < low {
			top--
		}
	}
	// u has two bits more than the mantissa, the lowest sticky.
	u := top>>shift | sticky
	if u >= 1<<55-2 {
		u = u>>1 | u&1
		e--
	}
	m := (u + 1 + u>>2&1) >> 2 // To nearest, halves to even.
	if e <= -972 {
		return math.Inf(1)
	}
	if m&(1<<52) != 0 {
		m = m&^(1<<52) | uint64(1075-e)<<52
	}
	return math.Float64frombits(m)
}
