package json

import "bytes"

func isDigit(c byte) bool { return c-'0' < 10 }

func isAlpha(c byte) bool { return c|0x20-'a' < 26 }

func isAlnum(c byte) bool { return isDigit(c) || isAlpha(c) }

func isHex(c byte) bool { return isDigit(c) || c|0x20-'a' < 6 }

// hexValue is the value of a hexadecimal digit.
func hexValue(c byte) uint32 {
	return uint32((c + 9*(c>>6&1)) & 0x0f)
}

// isSpace: the blanks of JSON itself.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// startsName and inName tell what a label without quotes may hold.
func startsName(c byte) bool { return isAlpha(c) || c == '_' || c == '$' || c >= 0x80 }
func inName(c byte) bool     { return startsName(c) || isDigit(c) }

// isPlain reports whether a byte of a text needs no second look: neither a
// control character nor a quote nor a backslash.
func isPlain(c byte) bool { return c >= ' ' && c != '"' && c != '\\' && c != '\'' }

// wideBlanks are the blanks of JSON5 that are no ASCII.
var wideBlanks = [][]byte{
	[]byte("\u00a0"), []byte("\u1680"), []byte("\u2000"), []byte("\u2001"), []byte("\u2002"), []byte("\u2003"), []byte("\u2004"),
	[]byte("\u2005"), []byte("\u2006"), []byte("\u2007"), []byte("\u2008"), []byte("\u2009"), []byte("\u200a"), []byte("\u2028"),
	[]byte("\u2029"), []byte("\u202f"), []byte("\u205f"), []byte("\u3000"), []byte("\ufeff"),
}

// isLineEnd reports whether z begins with one of Unicode's line ends, which a
// backslash may stand before.
func isLineEnd(z []byte) bool {
	return len(z) >= 3 && z[0] == 0xe2 && z[1] == 0x80 && (z[2] == 0xa8 || z[2] == 0xa9)
}

// blanks is the length of the blanks and comments of JSON5 at the start of z.
func blanks(z []byte) int {
	n := 0
	for n < len(z) {
		switch c := z[n]; {
		case c == ' ' || c-'\t' < 5:
			n++
		case c == '/':
			k := comment(z[n:])
			if k == 0 {
				return n
			}
			n += k
		case c >= 0x80:
			k := wideBlank(z[n:])
			if k == 0 {
				return n
			}
			n += k
		default:
			return n
		}
	}
	return n
}

func wideBlank(z []byte) int {
	for _, b := range wideBlanks {
		if bytes.HasPrefix(z, b) {
			return len(b)
		}
	}
	return 0
}

// comment is the length of the comment at the start of z, 0 for none.
func comment(z []byte) int {
	switch {
	case len(z) < 2:
		return 0
	case z[1] == '*' && len(z) > 2:
		// The reference looks for the end from the fourth byte on.
		for j := 3; j < len(z); j++ {
			if z[j] == '/' && z[j-1] == '*' {
				return j + 1
			}
		}
	case z[1] == '/':
		for j := 2; j < len(z); j++ {
			if z[j] == '\n' || z[j] == '\r' {
				return j + 1
			}
			if isLineEnd(z[j:]) {
				return j + 3
			}
		}
		return len(z)
	}
	return 0
}

// noChar stands for an escape that means nothing.
const noChar = 0x99999

// unescape reads the escape at the start of z, and the character it stands
// for, and returns its length.
func unescape(z []byte) (c uint32, n int) {
	if len(z) < 2 {
		return noChar, len(z)
	}
	switch z[1] {
	case 'u':
		if len(z) < 6 {
			return noChar, len(z)
		}
		c = hex4(z[2:])
		if c&0xfc00 == 0xd800 && len(z) >= 12 && z[6] == '\\' && z[7] == 'u' {
			if low := hex4(z[8:]); low&0xfc00 == 0xdc00 {
				return (c&0x3ff)<<10 + low&0x3ff + 0x10000, 12
			}
		}
		return c, 6
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'v':
		return '\v', 2
	case '0':
		if len(z) > 2 && isDigit(z[2]) {
			return noChar, 2
		}
		return 0, 2
	case '\'', '"', '/', '\\':
		return uint32(z[1]), 2
	case 'x':
		if len(z) < 4 {
			return noChar, len(z)
		}
		return hexValue(z[2])<<4 | hexValue(z[3]), 4
	case 0xe2, '\r', '\n':
		skip := joins(z)
		switch {
		case skip == 0:
			return noChar, len(z)
		case skip == len(z):
			return 0, skip
		case z[skip] == '\\':
			c, n = unescape(z[skip:])
		default:
			c, n = readChar(z[skip:])
		}
		return c, skip + n
	}
	return noChar, 2
}

// joins is the length of the escaped line ends at the start of z, which stand
// for nothing.
func joins(z []byte) int {
	i := 0
	for i+1 < len(z) && z[i] == '\\' {
		switch {
		case z[i+1] == '\n':
			i += 2
		case z[i+1] == '\r' && i+2 < len(z) && z[i+2] == '\n':
			i += 3
		case z[i+1] == '\r':
			i += 2
		case isLineEnd(z[i+1:]):
			i += 4
		default:
			return i
		}
	}
	return i
}

func hex4(z []byte) uint32 {
	return hexValue(z[0])<<12 | hexValue(z[1])<<8 | hexValue(z[2])<<4 | hexValue(z[3])
}

func isHex4(z []byte) bool {
	return len(z) >= 4 && isHex(z[0]) && isHex(z[1]) && isHex(z[2]) && isHex(z[3])
}

// readChar reads a code point of a text that need not be valid UTF-8: a lead
// byte takes up to three continuation bytes.
func readChar(z []byte) (uint32, int) {
	c := uint32(z[0])
	if c < 0xc0 {
		return c, 1
	}
	switch {
	case c < 0xe0:
		c &= 0x1f
	case c < 0xf0:
		c &= 0x0f
	case c < 0xf8:
		c &= 0x07
	case c < 0xfc:
		c &= 0x03
	case c < 0xfe:
		c &= 0x01
	default:
		c = 0
	}
	n := 1
	for n < len(z) && n < 4 && z[n]&0xc0 == 0x80 {
		c = c<<6 + uint32(z[n]&0x3f)
		n++
	}
	return c, n
}

// appendChar appends c in UTF-8, whatever c is.
func appendChar(dst []byte, c uint32) []byte {
	switch {
	case c < 0x80:
		return append(dst, byte(c))
	case c < 0x800:
		return append(dst, 0xc0|byte(c>>6), 0x80|byte(c&0x3f))
	case c < 0x10000:
		return append(dst, 0xe0|byte(c>>12), 0x80|byte(c>>6&0x3f), 0x80|byte(c&0x3f))
	default:
		return append(dst, 0xf0|byte(c>>18), 0x80|byte(c>>12&0x3f), 0x80|byte(c>>6&0x3f), 0x80|byte(c&0x3f))
	}
}
