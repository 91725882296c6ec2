package fn

import "bytes"

// Texts come from outside and need not be valid UTF-8. What a malformed text
// means is part of the language, so it is spelled out here rather than left
// to unicode/utf8: a lead byte takes all continuation bytes that follow,
// however many; a continuation byte on its own is a character by itself.

func isContinuation(c byte) bool { return c&0xc0 == 0x80 }

// replacement stands for what no encoding may say: ASCII in several bytes,
// and surrogates.
const replacement = 0xfffd

// readChar returns the code point at b[i] and where the next one begins;
// 0 at the end of b.
func readChar(b []byte, i int) (uint32, int) {
	if i >= len(b) {
		return 0, i
	}
	c := uint32(b[i])
	i++
	if c < 0xc0 {
		return c, i
	}
	c = leadBits(byte(c))
	for i < len(b) && isContinuation(b[i]) {
		c = c<<6 + uint32(b[i]&0x3f)
		i++
	}
	if c < 0x80 || c&0xfffff800 == 0xd800 {
		c = replacement
	}
	return c, i
}

// leadBits returns the bits of the code point that a lead byte holds.
func leadBits(c byte) uint32 {
	switch {
	case c < 0xe0:
		return uint32(c & 0x1f)
	case c < 0xf0:
		return uint32(c & 0x0f)
	case c < 0xf8:
		return uint32(c & 0x07)
	case c < 0xfc:
		return uint32(c & 0x03)
	case c < 0xfe:
		return uint32(c & 0x01)
	default:
		return 0
	}
}

// skipChar returns where the character after that at b[i] begins; only a
// lead byte takes continuation bytes with it.
func skipChar(b []byte, i int) int {
	c := b[i]
	i++
	if c >= 0xc0 {
		for i < len(b) && isContinuation(b[i]) {
			i++
		}
	}
	return i
}

// stepChar is skipChar for length and substr, which let any byte beyond ASCII
// take the continuation bytes after it.
func stepChar(b []byte, i int) int {
	c := b[i]
	i++
	if c >= 0x80 {
		for i < len(b) && isContinuation(b[i]) {
			i++
		}
	}
	return i
}

// appendChar appends c in UTF-8, whatever c is.
func appendChar(dst []byte, c uint32) []byte {
	switch {
	case c < 0x80:
		return append(dst, byte(c))
	case c < 0x800:
		return append(dst, 0xc0+byte(c>>6&0x1f), 0x80+byte(c&0x3f))
	case c < 0x10000:
		return append(dst, 0xe0+byte(c>>12&0x0f), 0x80+byte(c>>6&0x3f), 0x80+byte(c&0x3f))
	default:
		return append(dst, 0xf0+byte(c>>18&0x07), 0x80+byte(c>>12&0x3f), 0x80+byte(c>>6&0x3f), 0x80+byte(c&0x3f))
	}
}

// untilNUL cuts b before its first zero byte: many functions of the language
// see a text only up to there.
func untilNUL(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}
