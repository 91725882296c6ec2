package fn

import (
	"bytes"
	"strconv"

	"github.com/rustlite/rustlite/vm/value"
)

func quoteFuncs() []*Func {
	return []*Func{
		pure("quote", 1, "Its argument as a literal of SQL.", quote),
		pure("unistr_quote", 1, "As quote, with control characters as escapes of unistr.", unistrQuote),
		pure("unistr", 1, "A text with its \\XXXX, \\+XXXXXX, \\uXXXX and \\UXXXXXXXX replaced by characters.", unistr),
	}
}

func quote(c *Context, args []value.Value, out *value.Value) error {
	return quoted(c, &args[0], false, out)
}

func unistrQuote(c *Context, args []value.Value, out *value.Value) error {
	return quoted(c, &args[0], true, out)
}

func quoted(c *Context, v *value.Value, escapes bool, out *value.Value) error {
	switch v.Kind() {
	case value.Null:
		out.SetString("NULL")
	case value.Int:
		out.SetText(strconv.AppendInt(nil, v.Int(), 10))
	case value.Real:
		out.SetText(value.AppendRealLiteral(nil, v.Real()))
	case value.Blob:
		if err := c.room(2*int64(v.Len()) + 5); err != nil {
			return err
		}
		b := append(make([]byte, 0, 2*v.Len()+3), "X'"...)
		out.SetText(append(appendHex(b, v.Bytes()), '\''))
	default:
		b := untilNUL(v.Bytes())
		if err := c.room(int64(len(b)) + 3); err != nil {
			return err
		}
		q := appendQuoted(make([]byte, 0, len(b)+2), b, escapes)
		if err := c.room(int64(len(q)) + 1); err != nil {
			return err
		}
		out.SetText(q)
	}
	return nil
}

// appendQuoted appends a text as a literal. With escapes, one that holds
// control characters becomes a call of unistr.
func appendQuoted(dst, b []byte, escapes bool) []byte {
	if escapes && hasControl(b) {
		dst = append(dst, "unistr('"...)
		return append(appendEscaped(dst, b, '\''), "')"...)
	}
	dst = append(dst, '\'')
	return append(appendDoubled(dst, b, '\''), '\'')
}

func hasControl(b []byte) bool {
	for _, x := range b {
		if x < 0x20 {
			return true
		}
	}
	return false
}

// appendDoubled appends b with every q twice.
func appendDoubled(dst, b []byte, q byte) []byte {
	for {
		i := bytes.IndexByte(b, q)
		if i < 0 {
			return append(dst, b...)
		}
		dst = append(append(dst, b[:i+1]...), q)
		b = b[i+1:]
	}
}

// appendEscaped appends b with q and backslashes twice and control characters
// as unistr reads them.
func appendEscaped(dst, b []byte, q byte) []byte {
	for _, x := range b {
		switch {
		case x == q || x == '\\':
			dst = append(dst, x, x)
		case x < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', '0'+x>>4, hexLower[x&15])
		default:
			dst = append(dst, x)
		}
	}
	return dst
}

const hexLower = "0123456789abcdef"

var errEscape = newError("invalid Unicode escape")

func unistr(_ *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() {
		out.SetNull()
		return nil
	}
	b := args[0].TextBytes()
	var result []byte
	for {
		i := bytes.IndexByte(untilNUL(b), '\\')
		if i < 0 {
			break
		}
		if result == nil {
			result = make([]byte, 0, len(b))
		}
		result = append(result, b[:i]...)
		b = b[i+1:]
		if len(b) > 0 && b[0] == '\\' {
			result = append(result, '\\')
			b = b[1:]
			continue
		}
		prefix, digits := 1, 0
		switch {
		case len(b) == 0:
		case b[0] == '+':
			digits = 6
		case b[0] == 'u':
			digits = 4
		case b[0] == 'U':
			digits = 8
		default:
			prefix, digits = 0, 4
		}
		x, ok := readHex(b[min(prefix, len(b)):], digits)
		if !ok {
			return errEscape
		}
		result = appendChar(result, x)
		b = b[prefix+digits:]
	}
	if result != nil {
		b = append(result, b...)
	}
	out.SetText(b)
	return nil
}

// readHex reads n hexadecimal digits, at least one.
func readHex(b []byte, n int) (uint32, bool) {
	if n == 0 || len(b) < n {
		return 0, false
	}
	var x uint32
	for _, c := range b[:n] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		x = x<<4 | uint32(d)
	}
	return x, true
}
