package value

import (
	"math/bits"
)

// Number is what a text reads as.
type Number struct {
	Int    int64
	Real   float64 // Always set; also for integers.
	IsInt  bool    // The text is an integer (digits alone) within int64.
	Whole  bool    // The whole text, but for spaces around it, is one number.
	Prefix bool    // At least a prefix is a number.
}

func isSpace(c byte) bool { return c == ' ' || c-'\t' < 5 }
func isDigit(c byte) bool { return c-'0' < 10 }

// ParseNumber reads the longest numeric prefix of t as SQLite does: optional
// spaces, sign, digits, fraction, exponent. Hexadecimal is not a number here.
// Beyond about 19 significant digits the rest only scales (as in SQLite).
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
	digits := 0
	fits := true // All integer digits are in mant.
	const full = (1<<64 - 1 - 9) / 10
	for i < len(t) && isDigit(t[i]) {
		if mant < full {
			mant = mant*10 + uint64(t[i]-'0')
		} else {
			exp10++
			fits = false
		}
		digits++
		i++
	}
	isInt := true
	if i < len(t) && t[i] == '.' {
		if digits > 0 || (i+1 < len(t) && isDigit(t[i+1])) {
			isInt = false
			i++
			for i < len(t) && isDigit(t[i]) {
				if mant < full {
					mant = mant*10 + uint64(t[i]-'0')
					exp10--
				}
				digits++
				i++
			}
		}
	}
	if digits == 0 {
		return n
	}
	n.Prefix = true
	if i < len(t) && t[i]|0x20 == 'e' {
		j := i + 1
		eneg := false
		if j < len(t) && (t[j] == '-' || t[j] == '+') {
			eneg = t[j] == '-'
			j++
		}
		if j < len(t) && isDigit(t[j]) {
			e := 0
			for ; j < len(t) && isDigit(t[j]); j++ {
				if e < 10000 {
					e = e*10 + int(t[j]-'0')
				}
			}
			if eneg {
				e = -e
			}
			exp10 += e
			isInt = false
			i = j
		}
	}
	for i < len(t) && isSpace(t[i]) {
		i++
	}
	n.Whole = i == len(t)
	if isInt {
		if fits && (mant <= maxInt64 || neg && mant == 1<<63) {
			n.IsInt = true
			n.Int = int64(mant)
			if neg {
				n.Int = -n.Int
			}
			n.Real = float64(n.Int)
			return n
		}
	}
	n.Real = decimalToReal(mant, exp10)
	if neg {
		n.Real = -n.Real
	}
	return n
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
		lo2, carry := bits.Add64(lo, uint64(t[i]-'0'), 0)
		if hi != 0 || carry != 0 || lo2 > 1<<63 {
			u = 1 << 63
			for i++; i < len(t) && isDigit(t[i]); i++ {
			}
			break
		}
		u = lo2
	}
	if neg {
		if u >= 1<<63 {
			return minInt64
		}
		return -int64(u)
	}
	if u > maxInt64 {
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
		n := ParseNumber(v.Bytes())
		if n.IsInt {
			return n.Int
		}
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
		if n.IsInt || !n.Prefix {
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
