package token

import "strings"

// Unquote returns the content of a quoted token, and how it was quoted. Other text is returned as it is.
func Unquote(text string) (string, Quote) {
	if len(text) < 2 {
		return text, Bare
	}
	var quote Quote
	switch text[0] {
	case '"':
		quote = Double
	case '`':
		quote = Backtick
	case '\'':
		quote = Single
	case '[':
		return text[1 : len(text)-1], Bracket
	default:
		return text, Bare
	}
	inner, mark := text[1:len(text)-1], text[:1]
	if strings.Contains(inner, mark) {
		inner = strings.ReplaceAll(inner, mark+mark, mark)
	}
	return inner, quote
}

// Number removes the digit separators of a number. It reports false when one does not stand
// between two digits, and whether the number is a Float or an Integer.
func Number(text string) (digits string, kind Kind, ok bool) {
	hex := len(text) > 1 && (text[1] == 'x' || text[1] == 'X')
	isOK, kind := isDigit, Integer
	if hex {
		isOK = isHex
	}
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c == '_' {
			if i == 0 || !isOK(text[i-1]) || !isOK(at(text, i+1)) {
				return "", Illegal, false
			}
			continue
		}
		if !hex && (c == '.' || c == 'e' || c == 'E') {
			kind = Float
		}
		b.WriteByte(c)
	}
	return b.String(), kind, true
}

// BlobBytes returns the bytes of a Blob token, as a string.
func BlobBytes(text string) string {
	if len(text) < 3 {
		return ""
	}
	digits := text[2 : len(text)-1]
	b := make([]byte, len(digits)/2)
	for i := range b {
		b[i] = nibble(digits[2*i])<<4 | nibble(digits[2*i+1])
	}
	return string(b)
}

func nibble(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c&0x0f + 9
}
