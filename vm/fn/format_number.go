package fn

import (
	"strconv"

	"github.com/rustlite/rustlite/vm/value"
)

// integer renders %d %i (signed), %u %x %X %o %p (not) and %r (an ordinal
// number of English).
func (f *formatter) integer(verb byte, s *spec) {
	v := f.int()
	u := uint64(v)
	var sign byte
	if verb == 'd' || verb == 'i' || verb == 'r' {
		sign = s.sign
		if v < 0 {
			sign, u = '-', -u
		}
	}
	base, prefix := 10, ""
	switch verb {
	case 'x':
		base, prefix = 16, "0x"
	case 'X':
		base, prefix = 16, "0X"
	case 'p':
		base, prefix = 16, "0x"
	case 'o':
		base, prefix = 8, "0"
	}
	if u == 0 || !s.alt {
		prefix = ""
	}
	prec := s.prec
	if s.zero {
		room := s.width
		if sign != 0 {
			room--
		}
		prec = max(prec, room)
	}
	thousands := s.thousands && (verb == 'd' || verb == 'i' || verb == 'u')
	if prec >= 37 { // More than the reference's buffer holds: it checks first.
		n := prec + 10
		if thousands {
			n += prec / 3
		}
		if !f.fitsAlone(n) {
			return
		}
	}
	var buf [32]byte
	digits := strconv.AppendUint(buf[:0], u, base)
	if verb == 'X' || verb == 'p' {
		for i, c := range digits {
			if c >= 'a' {
				digits[i] = c - 0x20
			}
		}
	}
	if verb == 'r' {
		digits = append(digits, ordinal(u)...)
	}
	zeros := max(0, prec-int64(len(digits)))
	total := zeros + int64(len(digits))
	n := total + int64(len(prefix))
	if thousands {
		n += (total - 1) / 3
	}
	if sign != 0 {
		n++
	}
	if !f.fits(max(n, s.width)) {
		return
	}
	if !s.left {
		f.fill(s.width-n, ' ')
	}
	f.out = append(f.out, prefix...)
	if sign != 0 {
		f.out = append(f.out, sign)
	}
	for i := int64(0); i < total; i++ {
		if thousands && i > 0 && (total-i)%3 == 0 {
			f.out = append(f.out, ',')
		}
		if i < zeros {
			f.out = append(f.out, '0')
		} else {
			f.out = append(f.out, digits[i-zeros])
		}
	}
	if s.left {
		f.fill(s.width-n, ' ')
	}
}

// ordinal returns the letters after a number: 1st, 2nd, 3rd, 11th.
func ordinal(u uint64) string {
	if x := u % 10; x < 4 && u/10%10 != 1 {
		return [...]string{"th", "st", "nd", "rd"}[x]
	}
	return "th"
}

// realPrecMax is the highest precision of a real.
const realPrecMax = 100_000_000

// real renders %f, %e, %E, %g and %G.
func (f *formatter) real(verb byte, s *spec) {
	var r float64
	if v := f.arg(); v != nil {
		r = v.AsReal()
	}
	f.appendReal(r, verb, s)
}

func (f *formatter) appendReal(r float64, verb byte, s *spec) {
	prec := s.prec
	if prec < 0 {
		prec = 6
	}
	prec = min(prec, realPrecMax)
	// As many digits as are shown by default, or all with the flag !.
	most := 16
	if s.long {
		most = 20
	}
	var d value.Decimal
	switch verb {
	case 'f':
		d.SetPlaces(r, int(prec), most)
	case 'g', 'G':
		prec = max(prec, 1)
		d.SetDigits(r, int(prec), most)
	default:
		d.SetDigits(r, int(prec)+1, most)
	}
	if d.Inf && !s.zero {
		f.infinity(d.Neg, s)
		return
	}
	if d.Inf {
		d.SetHuge()
	}
	sign := s.sign
	if d.Neg {
		sign = '-'
		if s.alt && s.sign == 0 && verb == 'f' && int64(d.Point) <= -prec {
			sign = 0 // Shown as zero.
		}
	}
	exp := d.Point - 1
	exponential := verb|0x20 == 'e'
	trim := s.long // Zeros at the end.
	if verb|0x20 == 'g' {
		prec--
		trim = !s.alt
		if exp < -4 || int64(exp) > prec {
			exponential = true
		} else {
			prec -= int64(exp)
		}
	}
	whole := d.Point // Digits before the point.
	if exponential {
		whole = 1
	}
	need := int64(max(whole-1, 0)) + prec + s.width + 10
	if s.thousands && whole > 1 {
		need += int64(whole+1) / 3
	}
	if !f.fits(need) {
		return
	}
	start := len(f.out)
	if sign != 0 {
		f.out = append(f.out, sign)
	}
	f.decimal(&d, whole, prec, s, trim)
	if exponential {
		letter := byte('e')
		if verb < 'a' {
			letter = 'E'
		}
		f.out = value.AppendExponent(append(f.out, letter), exp)
	}
	f.justify(start, sign != 0, s)
}

func (f *formatter) infinity(neg bool, s *spec) {
	switch {
	case neg:
		f.pad([]byte("-Inf"), s)
	case s.sign != 0:
		f.pad([]byte{s.sign, 'I', 'n', 'f'}, s)
	default:
		f.pad([]byte("Inf"), s)
	}
}

// decimal writes the digits of d: whole before the point (0 or fewer: zeros
// come after it) and prec after.
func (f *formatter) decimal(d *value.Decimal, whole int, prec int64, s *spec, trim bool) {
	z := d.Digits()
	if whole <= 0 {
		f.out = append(f.out, '0')
	}
	for i := whole; i > 0; i-- {
		c := byte('0')
		if len(z) > 0 {
			c, z = z[0], z[1:]
		}
		f.out = append(f.out, c)
		if s.thousands && i%3 == 1 && i > 2 {
			f.out = append(f.out, ',')
		}
	}
	point := prec > 0 || s.alt || s.long
	if point {
		f.out = append(f.out, '.')
	}
	for ; whole < 0 && prec > 0; whole++ {
		f.out = append(f.out, '0')
		prec--
	}
	for ; len(z) > 0 && prec > 0; prec-- {
		f.out = append(f.out, z[0])
		z = z[1:]
	}
	if !trim {
		for ; prec > 0; prec-- {
			f.out = append(f.out, '0')
		}
		return
	}
	if !point {
		return
	}
	n := len(f.out)
	for f.out[n-1] == '0' {
		n--
	}
	f.out = f.out[:n]
	if f.out[n-1] == '.' {
		if s.long {
			f.out = append(f.out, '0')
		} else {
			f.out = f.out[:n-1]
		}
	}
}

// justify brings what was written from start on to the width of s.
func (f *formatter) justify(start int, signed bool, s *spec) {
	n := s.width - int64(len(f.out)-start)
	if n <= 0 {
		return
	}
	end := len(f.out)
	f.fill(n, ' ')
	if s.left || f.full {
		return
	}
	pad := byte(' ')
	if s.zero {
		pad = '0'
		if signed {
			start++
		}
	}
	copy(f.out[start+int(n):], f.out[start:end])
	for i := start; i < start+int(n); i++ {
		f.out[i] = pad
	}
}
