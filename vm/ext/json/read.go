package json

import (
	"bytes"
	"math"
	"strconv"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// form is how a function shows an array or object.
type form uint8

const (
	formText form = iota
	formBinary
)

// coded is an error with a result code.
type coded struct {
	text string
	code int
}

func (e *coded) Error() string { return e.text }

// Code returns the result code.
func (e *coded) Code() int { return e.code }

var errTooBig error = &coded{"string or blob too big", 18}

// lengthMax is the limit of a result.
func lengthMax(c *fn.Context) int {
	if c.LengthMax > 0 {
		return c.LengthMax
	}
	return 1_000_000_000
}

// read makes a document of an argument; nil for NULL. editable asks for bytes
// that may be changed.
func read(c *fn.Context, v *value.Value, editable bool) (*document, error) {
	e, ok, err := memoOf(c).open(v)
	if !ok || err != nil {
		return nil, err
	}
	switch {
	case e.o != nil:
		return &document{b: e.o.appendBinary(make([]byte, 0, len(e.o.text)), 0, 1)}, nil
	case editable:
		return &document{b: append(make([]byte, 0, len(e.b)+64), e.b...)}, nil
	}
	return &document{b: e.b}, nil
}

// appendArgument appends the element that an argument is as a value: a text of
// JSON's subtype is JSON, any other a text.
func appendArgument(dst []byte, v *value.Value) ([]byte, error) {
	switch v.Kind() {
	case value.Blob:
		if !isDocument(v.Bytes()) {
			return nil, errBlob
		}
		return append(dst, v.Bytes()...), nil
	case value.Text:
		if v.Subtype() != subtype {
			return appendElement(dst, kindTextRaw, v.Bytes()), nil
		}
		b, ok, _ := parse(dst, asText(v))
		if !ok {
			return nil, errMalformed
		}
		return b, nil
	case value.Real:
		switch f := v.Real(); {
		case math.IsInf(f, 1):
			return appendElement(dst, kindFloat, hugePayload), nil
		case math.IsInf(f, -1):
			return appendElement(dst, kindFloat, "-"+hugePayload), nil
		}
		return appendElement(dst, kindFloat, v.TextBytes()), nil
	case value.Int:
		return appendElement(dst, kindInt, v.TextBytes()), nil
	default:
		return append(dst, byte(kindNull)), nil
	}
}

// appendText appends an argument as text of JSON.
func appendText(c *fn.Context, dst []byte, v *value.Value) ([]byte, error) {
	switch v.Kind() {
	case value.Null:
		return append(dst, "null"...), nil
	case value.Real:
		return value.AppendRealLiteral(dst, v.Real()), nil
	case value.Int:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case value.Text:
		if v.Subtype() == subtype {
			return append(dst, v.Bytes()...), nil
		}
		return appendQuoted(dst, v.Bytes()), nil
	}
	if !isDocument(v.Bytes()) {
		return nil, errBlob
	}
	w := writer{b: v.Bytes(), out: dst, max: lengthMax(c)}
	_, err := w.element(0)
	return w.out, err
}

// show makes the element at b[i] a result as JSON.
func show(c *fn.Context, b []byte, i int, f form, out *value.Value) error {
	if f == formBinary {
		n, size := header(b, i)
		if n == 0 {
			return errMalformed
		}
		out.SetBlob(b[i : i+n+size])
		return nil
	}
	w := writer{b: b, max: lengthMax(c)}
	if _, err := w.element(i); err != nil {
		return err
	}
	out.SetText(w.out)
	out.SetSubtype(subtype)
	return nil
}

// showText makes text of JSON a result. Text that is no JSON, because a
// damaged document went into it, is an error where the reference gives the half
// that it could read.
func showText(text []byte, f form, out *value.Value) error {
	if f == formBinary {
		b, ok, _ := parse(nil, text)
		if !ok {
			return errMalformed
		}
		out.SetBlob(b)
		return nil
	}
	out.SetText(text)
	out.SetSubtype(subtype)
	return nil
}

// give makes the element at b[i] a value of SQL; an array or object is shown
// as JSON, without its subtype.
func give(c *fn.Context, b []byte, i int, f form, out *value.Value) error {
	n, size := header(b, i)
	if n == 0 {
		return errMalformed
	}
	if k := kindAt(b, i); k == kindArray || k == kindObject {
		if err := show(c, b, i, f, out); err != nil {
			return err
		}
		out.SetSubtype(0)
		return nil
	}
	return giveScalar(kindAt(b, i), b[i+n:i+n+size], out)
}

// giveScalar makes an element that holds no others a value of SQL.
func giveScalar(k kind, payload []byte, out *value.Value) error {
	switch k {
	case kindNull, kindTrue, kindFalse:
		if len(payload) != 0 {
			return errMalformed
		}
		out.SetNull()
		if k != kindNull {
			out.SetBool(k == kindTrue)
		}
	case kindInt, kindInt5:
		return giveInt(payload, out)
	case kindFloat, kindFloat5:
		return giveReal(payload, out)
	case kindText, kindTextRaw:
		out.SetText(payload)
	case kindTextJ, kindText5:
		out.SetText(appendUnescaped(make([]byte, 0, len(payload)), payload))
	default:
		return errMalformed
	}
	return nil
}

func giveInt(z []byte, out *value.Value) error {
	digits := z
	negative := len(z) > 0 && z[0] == '-'
	if negative {
		digits = z[1:]
	}
	if len(digits) == 0 {
		return errMalformed
	}
	var u uint64
	if len(digits) > 2 && digits[0] == '0' && digits[1]|0x20 == 'x' {
		var err error
		if u, err = strconv.ParseUint(string(digits[2:]), 16, 64); err != nil {
			return errMalformed
		}
	} else {
		huge := false
		for _, c := range digits {
			if !isDigit(c) {
				return errMalformed
			}
			huge = huge || u > (1<<63-9)/10
			u = u*10 + uint64(c-'0')
		}
		if huge {
			var err error
			u, err = strconv.ParseUint(string(digits), 10, 64)
			switch {
			case err == nil && u == 1<<63 && negative:
				out.SetInt(math.MinInt64)
				return nil
			case err != nil || u >= 1<<63:
				return giveReal(z, out)
			}
		}
	}
	switch {
	case u >= 1<<63 && negative:
		out.SetReal(-float64(u))
	case u >= 1<<63:
		out.SetReal(float64(u))
	case negative:
		out.SetInt(-int64(u))
	default:
		out.SetInt(int64(u))
	}
	return nil
}

func giveReal(z []byte, out *value.Value) error {
	n := value.ParseNumber(z)
	if !n.Whole {
		return errMalformed
	}
	if n.IsInt {
		out.SetReal(float64(n.Int))
	} else {
		out.SetReal(n.Real)
	}
	return nil
}

// appendUnescaped appends a text with its escapes undone.
func appendUnescaped(dst, z []byte) []byte {
	for len(z) > 0 {
		i := bytes.IndexByte(z, '\\')
		if i < 0 {
			return append(dst, z...)
		}
		dst = append(dst, z[:i]...)
		c, n := unescape(z[i:])
		if c != noChar {
			dst = appendChar(dst, c)
		}
		z = z[i+n:]
	}
	return dst
}
