package oracle

import (
	"strconv"

	"github.com/rustlite/rustlite/vm/value"
)

// Show returns v so that values of different classes never look alike:
// integer:1, real:1.0, text:'1', blob:x'31', null.
func Show(v *value.Value) string {
	if v.IsNull() {
		return "null"
	}
	return v.Kind().String() + ":" + Literal(v)
}

// Literal returns v as an expression of SQL that both sides read as exactly
// v: texts with control characters or malformed bytes are casts of blobs.
func Literal(v *value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "NULL"
	case value.Int:
		if v.Int() == -1<<63 {
			return "(-9223372036854775807-1)"
		}
		return strconv.FormatInt(v.Int(), 10)
	case value.Real:
		return literalReal(v.Real())
	case value.Blob:
		return hexLiteral(v.Bytes())
	}
	q := []byte{'\''}
	for _, c := range v.Bytes() {
		if c < 0x20 || c >= 0x7f {
			return "CAST(" + hexLiteral(v.Bytes()) + " AS TEXT)"
		}
		if c == '\'' {
			q = append(q, c)
		}
		q = append(q, c)
	}
	return string(append(q, '\''))
}

// literalReal prints 17 digits by Go's own conversion: the oracle does not
// lean on what it checks.
func literalReal(f float64) string {
	switch {
	case f > 1.7976931348623157e308:
		return "9e999"
	case f < -1.7976931348623157e308:
		return "-9e999"
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	for _, c := range s {
		if c == '.' || c == 'e' {
			return s
		}
	}
	return s + ".0"
}

func hexLiteral(b []byte) string {
	const digits = "0123456789abcdef"
	h := []byte("x'")
	for _, c := range b {
		h = append(h, digits[c>>4], digits[c&15])
	}
	return string(append(h, '\''))
}

// Any returns v as Go programs know it: nil, int64, float64, string or []byte.
func Any(v *value.Value) any {
	switch v.Kind() {
	case value.Null:
		return nil
	case value.Int:
		return v.Int()
	case value.Real:
		return v.Real()
	case value.Text:
		return v.Str()
	default:
		return v.Bytes()
	}
}

// FromAny is the value that Any shows as x.
func FromAny(x any) value.Value {
	switch x := x.(type) {
	case int64:
		return value.FromInt(x)
	case float64:
		return value.FromReal(x)
	case string:
		return value.FromString(x)
	case []byte:
		return value.FromBlob(x)
	default:
		return value.Value{}
	}
}
