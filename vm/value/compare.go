package value

import (
	"bytes"
	"cmp"
)

// Compare orders a and b (V4), texts under c. It returns a negative number,
// zero or a positive number; two NULLs are equal here.
func Compare(a, b *Value, c *Collation) int {
	if a.kind == Int && b.kind == Int {
		return cmp.Compare(a.Int(), b.Int())
	}
	if ca, cb := class(a.kind), class(b.kind); ca != cb {
		return ca - cb
	}
	switch a.kind {
	case Null:
		return 0
	case Text:
		return c.CompareText(a.Bytes(), b.Bytes())
	case Blob:
		return bytes.Compare(a.Bytes(), b.Bytes())
	}
	switch {
	case a.kind == Int:
		return CompareIntReal(a.Int(), b.Real())
	case b.kind == Int:
		return -CompareIntReal(b.Int(), a.Real())
	default:
		return cmp.Compare(a.Real(), b.Real())
	}
}

// class maps a kind to its place in the order; numbers share one.
func class(k Kind) int {
	if k == Int {
		return int(Real)
	}
	return int(k)
}

// CompareIntReal compares an integer with a real exactly, without rounding
// the integer to 53 bits first.
func CompareIntReal(i int64, f float64) int {
	if f < -9223372036854775808.0 {
		return 1
	}
	if f >= 9223372036854775808.0 {
		return -1
	}
	y := int64(f)
	if i != y {
		return cmp.Compare(i, y)
	}
	return cmp.Compare(float64(y), f)
}
