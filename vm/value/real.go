package value

import (
	"math"
	"strconv"
)

// realDigits is how many significant digits a real is shown with.
const realDigits = 17

// AppendReal appends f as SQL shows a real: up to 17 significant digits,
// fewer when the number without its last nines or zeros is the same, always
// with a fraction or an exponent.
func AppendReal(dst []byte, f float64) []byte {
	if i := int64(f); float64(i) == f && i > -1e15 && i < 1e15 {
		return append(strconv.AppendInt(dst, i, 10), ".0"...)
	}
	var d Decimal
	d.SetDigits(f, realDigits, realDigits)
	if d.Inf {
		if d.Neg {
			return append(dst, "-Inf"...)
		}
		return append(dst, "Inf"...)
	}
	return d.append(dst)
}

// AppendRealLiteral appends f as a literal of SQL: AppendReal, with infinity
// as a number too large for a double.
func AppendRealLiteral(dst []byte, f float64) []byte {
	if !math.IsInf(f, 0) {
		return AppendReal(dst, f)
	}
	if f < 0 {
		dst = append(dst, '-')
	}
	return append(dst, "9.0e+999"...)
}

// append appends the decimal number, with an exponent when it is very large
// or small.
func (d *Decimal) append(dst []byte) []byte {
	if d.Neg {
		dst = append(dst, '-')
	}
	z := d.Digits()
	exp := d.Point - 1
	switch {
	case exp < -4 || exp >= realDigits:
		dst = append(dst, z[0], '.')
		dst = appendFraction(dst, z[1:])
		return AppendExponent(append(dst, 'e'), exp)
	case exp < 0:
		dst = append(dst, "0."...)
		dst = append(dst, "000"[:-d.Point]...)
		return append(dst, z...)
	case len(z) <= d.Point:
		dst = append(dst, z...)
		for i := len(z); i < d.Point; i++ {
			dst = append(dst, '0')
		}
		return append(dst, ".0"...)
	default:
		dst = append(append(dst, z[:d.Point]...), '.')
		return append(dst, z[d.Point:]...)
	}
}

func appendFraction(dst, z []byte) []byte {
	if len(z) == 0 {
		return append(dst, '0')
	}
	return append(dst, z...)
}

// AppendExponent appends the sign and at least two digits of an exponent.
func AppendExponent(dst []byte, exp int) []byte {
	if exp < 0 {
		dst = append(dst, '-')
		exp = -exp
	} else {
		dst = append(dst, '+')
	}
	if exp < 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(exp), 10)
}
