package token

// Scan finds the token of sql that begins at pos and returns its kind and the offset after it. A
// NUL byte ends the text, as in C.
func Scan(sql string, pos Pos) (Kind, Pos) {
	s := sql[pos:]
	k, n := scan(s)
	return k, pos + Pos(n)
}

// at returns byte i of s, or 0 past the end; so the end of the text and a NUL look alike.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

func scan(s string) (Kind, int) {
	c := at(s, 0)
	if c >= 0x80 {
		if c == 0xef && at(s, 1) == 0xbb && at(s, 2) == 0xbf {
			return Space, 3 // a byte order mark
		}
		return Ident, idEnd(s, 1)
	}
	switch c {
	case 0:
		return EOF, 0
	case ' ', '\t', '\n', '\f', '\r':
		i := 1
		for IsSpace(at(s, i)) {
			i++
		}
		return Space, i
	case '-':
		return scanMinus(s)
	case '/':
		return scanSlash(s)
	case '(':
		return LeftParen, 1
	case ')':
		return RightParen, 1
	case ';':
		return Semicolon, 1
	case '+':
		return Plus, 1
	case '*':
		return Star, 1
	case '%':
		return Percent, 1
	case ',':
		return Comma, 1
	case '&':
		return Ampersand, 1
	case '~':
		return Tilde, 1
	case '=':
		if at(s, 1) == '=' {
			return Equal, 2
		}
		return Equal, 1
	case '<':
		switch at(s, 1) {
		case '=':
			return LessEqual, 2
		case '>':
			return NotEqual, 2
		case '<':
			return ShiftLeft, 2
		}
		return Less, 1
	case '>':
		switch at(s, 1) {
		case '=':
			return GreaterEqual, 2
		case '>':
			return ShiftRight, 2
		}
		return Greater, 1
	case '!':
		if at(s, 1) == '=' {
			return NotEqual, 2
		}
		return Illegal, 1
	case '|':
		if at(s, 1) == '|' {
			return Concat, 2
		}
		return Pipe, 1
	case '\'', '"', '`':
		return scanQuoted(s)
	case '[':
		i := 1
		for {
			switch at(s, i) {
			case ']':
				return Ident, i + 1
			case 0:
				return Illegal, i
			}
			i++
		}
	case '.':
		if !isDigit(at(s, 1)) {
			return Dot, 1
		}
		return scanNumber(s)
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return scanNumber(s)
	case '?':
		i := 1
		for isDigit(at(s, i)) {
			i++
		}
		return Variable, i
	case '$', '@', ':', '#':
		return scanVariable(s)
	case 'x', 'X':
		if at(s, 1) == '\'' {
			return scanBlob(s)
		}
		return Ident, idEnd(s, 1)
	}
	if !IsIDChar(c) {
		return Illegal, 1
	}
	n := idEnd(s, 1)
	return keyword(s[:n]), n
}

func scanMinus(s string) (Kind, int) {
	switch at(s, 1) {
	case '-':
		i := 2
		for c := at(s, i); c != 0 && c != '\n'; c = at(s, i) {
			i++
		}
		return Comment, i
	case '>':
		if at(s, 2) == '>' {
			return Arrow, 3
		}
		return Arrow, 2
	}
	return Minus, 1
}

func scanSlash(s string) (Kind, int) {
	if at(s, 1) != '*' || at(s, 2) == 0 {
		return Slash, 1
	}
	// A comment that does not end runs to the end of the text.
	for i := 3; ; i++ {
		c := at(s, i-1)
		if c == 0 {
			return Comment, i - 1
		}
		if c == '*' && at(s, i) == '/' {
			return Comment, i + 1
		}
	}
}

func scanQuoted(s string) (Kind, int) {
	quote := s[0]
	for i := 1; ; i++ {
		switch at(s, i) {
		case 0:
			return Illegal, i
		case quote:
			if at(s, i+1) == quote {
				i++
				continue
			}
			if quote == '\'' {
				return String, i + 1
			}
			return Ident, i + 1
		}
	}
}

func scanNumber(s string) (Kind, int) {
	kind := Integer
	separated := false
	// digits skips digits and separators; whether the separators stand well is checked by Number.
	digits := func(i int, ok func(byte) bool) int {
		for {
			c := at(s, i)
			if c == '_' {
				separated = true
			} else if !ok(c) {
				return i
			}
			i++
		}
	}
	i := 0
	if s[0] == '0' && (at(s, 1) == 'x' || at(s, 1) == 'X') && isHex(at(s, 2)) {
		i = digits(3, isHex)
	} else {
		i = digits(0, isDigit)
		if at(s, i) == '.' {
			kind = Float
			i = digits(i+1, isDigit)
		}
		if c := at(s, i); c == 'e' || c == 'E' {
			sign := at(s, i+1)
			if isDigit(sign) || (sign == '+' || sign == '-') && isDigit(at(s, i+2)) {
				kind = Float
				i = digits(i+2, isDigit)
			}
		}
	}
	if separated {
		kind = SepNumber
	}
	if IsIDChar(at(s, i)) {
		return Illegal, idEnd(s, i)
	}
	return kind, i
}

func scanVariable(s string) (Kind, int) {
	n := 0 // characters of the name
	i := 1
	for ; ; i++ {
		c := at(s, i)
		if IsIDChar(c) {
			n++
			continue
		}
		if c == '(' && n > 0 {
			// The suffix of a Tcl array variable, $a(b).
			i++
			for c = at(s, i); c != 0 && c != ')' && !IsSpace(c); c = at(s, i) {
				i++
			}
			if c != ')' {
				return Illegal, i
			}
			return Variable, i + 1
		}
		if c == ':' && at(s, i+1) == ':' {
			i++
			continue
		}
		break
	}
	if n == 0 {
		return Illegal, i
	}
	return Variable, i
}

func scanBlob(s string) (Kind, int) {
	i := 2
	for isHex(at(s, i)) {
		i++
	}
	kind := Blob
	if at(s, i) != '\'' || i%2 != 0 {
		kind = Illegal
		for c := at(s, i); c != 0 && c != '\''; c = at(s, i) {
			i++
		}
	}
	if at(s, i) != 0 {
		i++
	}
	return kind, i
}

// idEnd returns the end of the identifier characters of s from i on.
func idEnd(s string, i int) int {
	for IsIDChar(at(s, i)) {
		i++
	}
	return i
}

// IsIDChar reports whether c may stand inside an identifier.
func IsIDChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_' || c == '$' || c >= 0x80
}

// IsSpace reports whether c is white space to SQLite.
func IsSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
