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

// Number removes the digit separators of a number and says whether it is a Float or an Integer. When a
// separator does not stand between two digits, the kind is Illegal and the text is what SQLite
// quotes in its complaint: separators before the last bad one are overwritten in place, so it is not
// always the source.
func Number(text string) (string, Kind) {
	hex := len(text) > 1 && (text[1] == 'x' || text[1] == 'X')
	isOK, kind, bad := isDigit, Integer, ""
	if hex {
		isOK = isHex
	}
	b := []byte(text)
	n := 0
	for i := range len(text) {
		c := text[i]
		if c == '_' {
			if i == 0 || !isOK(text[i-1]) || !isOK(at(text, i+1)) {
				bad = string(b)
			}
			continue
		}
		if !hex && (c == '.' || c == 'e' || c == 'E') {
			kind = Float
		}
		b[n] = c
		n++
	}
	if bad != "" {
		return bad, Illegal
	}
	return string(b[:n]), kind
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
