package value

import (
	"math"
	"strconv"
)

// decimalToReal returns the double nearest to d * 10^p.
func decimalToReal(d uint64, p int) float64 {
	if d == 0 {
		return 0
	}
	var buf [40]byte
	b := strconv.AppendUint(buf[:0], d, 10)
	b = append(b, 'e')
	b = strconv.AppendInt(b, int64(p), 10)
	f, _ := strconv.ParseFloat(string(b), 64) // Out of range gives +-Inf or 0, as wanted.
	return f
}

// AppendReal appends f as SQLite shows a real: up to 17 significant digits,
// always with a fraction or an exponent.
func AppendReal(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) {
		if f < 0 {
			return append(dst, "-Inf"...)
		}
		return append(dst, "Inf"...)
	}
	var buf [32]byte
	s := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	i := len(s) - 1
	for s[i] != 'e' {
		i--
	}
	exp, _ := strconv.Atoi(string(s[i+1:]))
	if exp < -4 || exp > 16 {
		mant := s[:i]
		dst = append(dst, mant...)
		if len(mant) == 1 || mant[0] == '-' && len(mant) == 2 {
			dst = append(dst, ".0"...)
		}
		dst = append(dst, 'e')
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
	o := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, c := range dst[o:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

// AppendRealLiteral appends f as a literal of SQL: AppendReal, with infinity
// as a number too large for a double.
func AppendRealLiteral(dst []byte, f float64) []byte {
	if math.IsInf(f, 0) {
		if f < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "9.0e+999"...)
	}
	return AppendReal(dst, f)
}

// RoundDecimal rounds f to n digits after the point.
func RoundDecimal(f float64, n int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', n, 64), 64)
	return r
}
