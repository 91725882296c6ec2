package fn

import (
	"bytes"

	"github.com/rustlite/rustlite/vm/value"
)

func blobFuncs() []*Func {
	return []*Func{
		pure("hex", 1, "The bytes of its argument in hexadecimal.", hex),
		pure("unhex", 1, "The blob that hexadecimal text stands for, NULL when it is none.", unhex),
		pure("unhex", 2, "As unhex(X), letting the characters of the second argument stand between bytes.", unhex),
		pure("zeroblob", 1, "A blob of so many zero bytes.", zeroBlob),
	}
}

const hexDigits = "0123456789ABCDEF"

func hex(c *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() {
		out.SetString("")
		return nil
	}
	var buf [textScratch]byte
	b := textOf(&args[0], buf[:0])
	if err := c.room(2*int64(len(b)) + 1); err != nil {
		return err
	}
	out.SetText(appendHex(make([]byte, 0, 2*len(b)), b))
	return nil
}

func appendHex(dst, b []byte) []byte {
	for _, x := range b {
		dst = append(dst, hexDigits[x>>4], hexDigits[x&15])
	}
	return dst
}

// hexDigit returns the value of a hexadecimal digit.
func hexDigit(c byte) (byte, bool) {
	switch {
	case c-'0' < 10:
		return c - '0', true
	case c|0x20-'a' < 6:
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func unhex(_ *Context, args []value.Value, out *value.Value) error {
	out.SetNull()
	if args[0].IsNull() || len(args) == 2 && args[1].IsNull() {
		return nil
	}
	var buf0, buf1 [textScratch]byte
	b := untilNUL(textOf(&args[0], buf0[:0]))
	var between []byte
	if len(args) == 2 {
		between = textOf(&args[1], buf1[:0])
	}
	result := make([]byte, 0, len(b)/2)
	for i := 0; i < len(b); {
		high, ok := hexDigit(b[i])
		if !ok {
			x, next := readChar(b, i)
			if !containsChar(between, x) {
				return nil
			}
			i = next
			continue
		}
		if i+1 == len(b) {
			return nil
		}
		low, ok := hexDigit(b[i+1])
		if !ok {
			return nil
		}
		result = append(result, high<<4|low)
		i += 2
	}
	out.SetBlob(result)
	return nil
}

func containsChar(set []byte, x uint32) bool {
	if x < 0x80 {
		return bytes.IndexByte(set, byte(x)) >= 0
	}
	for i := 0; i < len(set); {
		y, next := readChar(set, i)
		if y == x {
			return true
		}
		i = next
	}
	return false
}

func zeroBlob(c *Context, args []value.Value, out *value.Value) error {
	n := max(0, args[0].AsInt())
	if err := c.room(n); err != nil {
		return err
	}
	out.SetBlob(make([]byte, n))
	return nil
}
