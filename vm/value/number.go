package value

import (
	"math"
	"math/bits"
)

// Number is what a text reads as.
type Number struct {
	Int    int64
	Real   float64 // Always set; also for integers.
	IsInt  bool    // The text is an integer (digits alone) within int64.
	Whole  bool    // The whole text, but for spaces around it, is one number.
	Prefix bool    // At least a prefix is a number.

	// cut: a zero byte ended the text. Reals are read up to there and are
	// whole; integers are read in the whole text and find it malformed.
	cut bool
}

func isSpace(c byte) bool { return c == ' ' || c-'\t' < 5 }
func isDigit(c byte) bool { return c-'0' < 10 }

// mantissaFull: a mantissa at least so large takes no further digit.
const mantissaFull = (1<<64 - 1 - 9) / 10

// ParseNumber reads the longest numeric prefix of t: optional spaces, sign,
// digits, fraction, exponent. Hexadecimal is not a number here. Beyond 19 or
// 20 significant digits the rest only scales.
func ParseNumber(t []byte) Number {
	var n Number
	i := 0
	for i < len(t) && isSpace(t[i]) {
		i++
	}
	neg := false
	if i < len(t) && (t[i] == '-' || t[i] == '+') {
		neg = t[i] == '-'
		i++
	}
	var mant uint64
	exp10 := 0
	isInt, fits := true, true // fits: all integer digits are in mant.
	start := i
	for ; i < len(t) && isDigit(t[i]); i++ {
		if mant < mantissaFull {
			mant = mant*10 + uint64(t[i]-'0')
		} else {
			exp10++
			fits = false
		}
	}
	n.Prefix = i > start
	if i < len(t) && t[i] == '.' && (n.Prefix || i+1 < len(t) && isDigit(t[i+1])) {
		n.Prefix, isInt = true, false
		for i++; i < len(t) && isDigit(t[i]); i++ {
			if mant < mantissaFull {
				mant = mant*10 + uint64(t[i]-'0')
				exp10--
			}
		}
	}
	if !n.Prefix {
		return n
	}
	if i < len(t) && t[i]|0x20 == 'e' {
		if e, next, ok := parseExponent(t, i+1); ok {
			exp10 += e
			isInt = false
			i = next
		}
	}
	for i < len(t) && isSpace(t[i]) {
		i++
	}
	n.cut = i < len(t) && t[i] == 0
	n.Whole = i == len(t) || n.cut
	if isInt && fits && (mant <= maxInt64 || neg && mant == 1<<63) {
		n.IsInt = true
		n.Int = int64(mant)
		if neg {
			n.Int = -n.Int
		}
		n.Real = float64(n.Int)
		if neg && mant == 0 {
			n.Real = math.Copysign(0, -1)
		}
		return n
	}
	n.Real = decimalToReal(mant, exp10)
	if neg {
		n.Real = -n.Real
	}
	return n
}

// parseExponent reads a signed exponent from t[i]; ok is false when no digit
// is there.
func parseExponent(t []byte, i int) (e, next int, ok bool) {
	neg := false
	if i < len(t) && (t[i] == '-' || t[i] == '+') {
		neg = t[i] == '-'
		i++
	}
	for ; i < len(t) && isDigit(t[i]); i++ {
		ok = true
		if e < 10000 {
			e = e*10 + int(t[i]-'0')
		} else {
			e = 10000
		}
	}
	if neg {
		e = -e
	}
	return e, i, ok
}

// IntPrefix reads the leading integer of t, as CAST(text AS INTEGER) does:
// spaces, sign, digits; clamped to int64 on overflow.
func IntPrefix(t []byte) int64 {
	i := 0
	for i < len(t) && isSpace(t[i]) {
		i++
	}
	neg := false
	if i < len(t) && (t[i] == '-' || t[i] == '+') {
		neg = t[i] == '-'
		i++
	}
	var u uint64
	for ; i < len(t) && isDigit(t[i]); i++ {
		hi, lo := bits.Mul64(u, 10)
		lo, carry := bits.Add64(lo, uint64(t[i]-'0'), 0)
		if hi != 0 || carry != 0 || lo > 1<<63 {
			u = 1 << 63
			break
		}
		u = lo
	}
	switch {
	case neg && u >= 1<<63:
		return minInt64
	case neg:
		return -int64(u)
	case u > maxInt64:
		return maxInt64
	}
	return int64(u)
}

// AsInt returns v as an integer the way CAST and integer operators see it:
// reals truncate and clamp, text and blobs give their leading integer.
func (v *Value) AsInt() int64 {
	switch v.kind {
	case Int:
		return v.Int()
	case Real:
		return RealToInt(v.Real())
	case Text, Blob:
		return IntPrefix(v.Bytes())
	default:
		return 0
	}
}

// AsReal returns v as a real: integers convert, text and blobs give their
// leading number, NULL is 0.
func (v *Value) AsReal() float64 {
	switch v.kind {
	case Int:
		return float64(v.Int())
	case Real:
		return v.Real()
	case Text, Blob:
		return ParseNumber(v.Bytes()).Real
	default:
		return 0
	}
}

// RealToInt truncates towards zero and clamps to int64.
func RealToInt(f float64) int64 {
	if f <= -9223372036854775808.0 {
		return minInt64
	}
	if f >= 9223372036854775808.0 {
		return maxInt64
	}
	return int64(f)
}

// Numeric returns v as the number that arithmetic uses: Int or Real; text and
// blobs by their numeric prefix (0 when there is none). NULL stays NULL.
func (v *Value) Numeric() Value {
	switch v.kind {
	case Text, Blob:
		n := ParseNumber(v.Bytes())
		if n.IsInt && !n.cut || !n.Prefix {
			return FromInt(n.Int)
		}
		return FromReal(n.Real)
	default:
		return *v
	}
}

// Truth is a value of three-valued logic.
type Truth int8

// The three truth values.
const (
	False Truth = iota
	True
	Unknown
)

// Truth returns v as a condition: NULL is unknown, zero is false; text and
// blobs count by their numeric prefix.
func (v *Value) Truth() Truth {
	switch v.kind {
	case Null:
		return Unknown
	case Int:
		if v.num != 0 {
			return True
		}
		return False
	default:
		if v.AsReal() != 0 {
			return True
		}
		return False
	}
}
