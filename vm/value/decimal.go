package value

import (
	"math"
	"math/bits"
)

// Decimal is a real in decimal digits: 0.d1d2d3... * 10^Point. It needs no
// memory of its own and may be set again.
type Decimal struct {
	Neg   bool // Below zero; not for negative zero.
	Inf   bool // Without digits.
	Point int  // Where the point is, counted from the first digit.

	start, n int
	buf      [decimalBuf]byte
}

const decimalBuf = 24 // 20 digits, and room to carry into.

// Digits returns the significant digits, at least one, without zeros at the
// end. They are borrowed until the next Set.
func (d *Decimal) Digits() []byte { return d.buf[d.start : d.start+d.n] }

// SetDigits sets d to f rounded to n significant digits, or to most if that
// is less.
func (d *Decimal) SetDigits(f float64, n, most int) {
	if d.special(f) {
		return
	}
	want := 18
	if n < 18 {
		want = n + 1
	}
	exp := d.expand(f, want)
	d.shorten(math.Abs(f), n, most, exp)
}

// SetPlaces sets d to f rounded to n places after the point, or to most
// significant digits if that is less.
func (d *Decimal) SetPlaces(f float64, n, most int) {
	if d.special(f) {
		return
	}
	exp := d.expand(f, 18)
	n += d.Point
	if n == 0 && d.buf[d.start] >= '5' {
		// It rounds up to a digit before its first.
		n = 1
		d.start--
		d.buf[d.start] = '0'
		d.n++
		d.Point++
	}
	d.shorten(math.Abs(f), n, most, exp)
}

// special deals with what has no mantissa.
func (d *Decimal) special(f float64) bool {
	d.Neg, d.Inf = f < 0, math.IsInf(f, 0)
	switch {
	case d.Inf:
		d.start, d.n, d.Point = 0, 0, 0
	case f == 0:
		d.start, d.n, d.Point = 0, 1, 1
		d.buf[0] = '0'
	default:
		return false
	}
	return true
}

// SetHuge sets d to a number beyond all doubles, of the same sign: what
// infinity is shown as in a literal.
func (d *Decimal) SetHuge() {
	d.Inf = false
	d.start, d.n, d.Point = 0, 1, 1000
	d.buf[0] = '9'
}

// expand writes want digits of f or some more, not rounded, and returns the
// exponent of the last.
func (d *Decimal) expand(f float64, want int) int {
	b := math.Float64bits(f)
	m, e := b&(1<<52-1), int(b>>52&0x7ff)
	if e == 0 {
		lead := bits.LeadingZeros64(m)
		m <<= lead
		e = -1074 - lead
	} else {
		m = m<<11 | 1<<63
		e -= 1086
	}
	v, exp := toDecimal(m, e, want)
	i := decimalBuf
	for v >= 10 {
		q := v / 10
		i--
		d.buf[i] = byte('0' + v - q*10)
		v = q
	}
	i--
	d.buf[i] = byte('0' + v)
	d.start, d.n = i, decimalBuf-i
	d.Point = d.n + exp
	return exp
}

// shorten rounds the digits to keep of them, at most most, and cuts zeros.
// exp is the exponent of the last digit, f the number without its sign.
func (d *Decimal) shorten(f float64, keep, most, exp int) {
	if keep > 0 && (keep < d.n || d.n > most) {
		keep = min(keep, most)
		if keep == 17 {
			keep = d.roundTrip(f, exp)
		}
		d.round(keep)
	}
	z := d.Digits()
	for z[d.n-1] == '0' {
		d.n--
	}
}

// roundTrip returns fewer than 17 digits when f ends in a run of nines or
// zeros and the number without the run reads as f: 49.47 is not shown as
// 49.469999999999999.
func (d *Decimal) roundTrip(f float64, exp int) int {
	z := d.Digits()
	head := 0
	up := uint64(0)
	switch {
	case z[14] == '9' && z[15] == '9':
		for head = 14; head > 0 && z[head-1] == '9'; head-- {
		}
		up = 1
	case d.Point >= d.n || z[13] == '0' && z[14] == '0' && z[15] == '0':
		for head = 13; z[head-1] == '0'; head-- {
		}
	default:
		return 17
	}
	var v uint64
	for _, c := range z[:head] {
		v = v*10 + uint64(c-'0')
	}
	if decimalToReal(v+up, exp+d.n-head) == f {
		return head + 1
	}
	return 17
}

// round cuts the digits after the first keep, rounding halves up.
func (d *Decimal) round(keep int) {
	z := d.Digits()
	d.n = keep
	if z[keep] < '5' {
		return
	}
	for i := keep - 1; i >= 0; i-- {
		if z[i] < '9' {
			z[i]++
			return
		}
		z[i] = '0'
	}
	d.start--
	d.buf[d.start] = '1'
	d.n++
	d.Point++
}

// RoundPlaces rounds f to n places after the point, by its decimal digits.
func RoundPlaces(f float64, n int) float64 {
	var d Decimal
	d.SetPlaces(f, n, 20)
	var m uint64
	exp := d.Point
	for i, c := range d.Digits() {
		// Digits beyond the places are there only when all are.
		if i >= d.Point+n || m >= mantissaFull {
			break
		}
		m = m*10 + uint64(c-'0')
		exp--
	}
	r := decimalToReal(m, exp)
	if d.Neg {
		r = -r
	}
	return r
}
