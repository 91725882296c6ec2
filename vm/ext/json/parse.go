package json

import "bytes"

// parser turns text into a document, the wider syntax of JSON5 as well. Plain
// JSON does not come here: an outline reads it.
type parser struct {
	z     []byte // The text, without a zero byte.
	b     []byte // The document so far.
	depth int
	// errAt is where in z the last trouble was: a misplaced mark, or an error.
	errAt int
}

// What value returns instead of the index behind a value: the marks that stand
// where a value should be, with errAt at them.
const (
	atEnd     = -iota // Nothing but blanks.
	failed            // An error at errAt.
	atBrace           // }
	atBracket         // ]
	atComma
	atColon
)

// parse turns text into a document, appended to dst. ok is false for a text
// that is no JSON; then errAt is where the trouble is.
func parse(dst, text []byte) (doc []byte, ok bool, errAt int) {
	var o outline
	if o.read(text) {
		return o.appendBinary(dst, 0, 1), true, 0
	}
	return parseWide(dst, text)
}

// parseWide is parse by the parser, which knows JSON5 and where errors are.
func parseWide(dst, text []byte) (doc []byte, ok bool, errAt int) {
	p := parser{z: text, b: dst}
	i := p.value(0)
	if i <= 0 {
		return nil, false, p.errAt
	}
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	if i < len(text) {
		if i += blanks(text[i:]); i < len(text) {
			return nil, false, p.errAt
		}
	}
	return p.b, true, 0
}

// at is the byte at z[i], 0 behind the end.
func (p *parser) at(i int) byte {
	if i < len(p.z) {
		return p.z[i]
	}
	return 0
}

// fail notes where an error is.
func (p *parser) fail(at int) int {
	p.errAt = at
	return failed
}

// mark notes a mark that stands in place of a value.
func (p *parser) mark(at, which int) int {
	p.errAt = at
	return which
}

// value reads the value at z[i], with blanks before it, and returns the index
// behind it.
func (p *parser) value(i int) int {
	for {
		switch c := p.at(i); c {
		case '{':
			return p.object(i)
		case '[':
			return p.array(i)
		case '"', '\'':
			return p.text(i)
		case 't':
			return p.word(i, "true", kindTrue)
		case 'f':
			return p.word(i, "false", kindFalse)
		case '+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			return p.number(i)
		case '}':
			return p.mark(i, atBrace)
		case ']':
			return p.mark(i, atBracket)
		case ',':
			return p.mark(i, atComma)
		case ':':
			return p.mark(i, atColon)
		case 0:
			return atEnd
		case ' ', '\n', '\r', '\t':
			for i++; isSpace(p.at(i)); i++ {
			}
		case '\v', '\f', '/', 0xc2, 0xe1, 0xe2, 0xe3, 0xef:
			n := blanks(p.z[i:])
			if n == 0 {
				return p.fail(i)
			}
			i += n
		default:
			return p.name(i)
		}
	}
}

// word reads true or false.
func (p *parser) word(i int, word string, k kind) int {
	if !bytes.HasPrefix(p.z[i:], []byte(word)) || isAlnum(p.at(i+len(word))) {
		return p.fail(i)
	}
	p.b = append(p.b, byte(k))
	return i + len(word)
}

// floatNames are JSON5's words for numbers that are none.
var floatNames = []struct {
	name string
	k    kind
}{{"inf", kindFloat}, {"infinity", kindFloat}, {"nan", kindNull}, {"qnan", kindNull}, {"snan", kindNull}}

// hugePayload is how infinity is written.
const hugePayload = "9e999"

// name reads null, and JSON5's words for infinity and for no number.
func (p *parser) name(i int) int {
	if p.at(i) == 'n' && bytes.HasPrefix(p.z[i:], []byte("null")) && !isAlnum(p.at(i+4)) {
		p.b = append(p.b, byte(kindNull))
		return i + 4
	}
	for _, f := range floatNames {
		n := len(f.name)
		if len(p.z)-i < n || !bytes.EqualFold(p.z[i:i+n], []byte(f.name)) || isAlnum(p.at(i+n)) {
			continue
		}
		if f.k == kindFloat {
			p.b = appendElement(p.b, kindFloat, hugePayload)
		} else {
			p.b = append(p.b, byte(kindNull))
		}
		return i + n
	}
	return p.fail(i)
}

// open begins a container and returns where its header stands; the payload
// follows, and close makes room for the size.
func (p *parser) open(k kind, i int) (at int, ok bool) {
	at = len(p.b)
	p.b = append(p.b, byte(k))
	p.depth++
	if p.depth > depthMax {
		p.errAt = i
		return at, false
	}
	return at, true
}

func (p *parser) close(at int) {
	p.b, _ = resize(p.b, at, len(p.b)-at-1)
	p.depth--
}

func (p *parser) array(i int) int {
	at, ok := p.open(kindArray, i)
	if !ok {
		return failed
	}
	for j := i + 1; ; j++ {
		x := p.value(j)
		if x <= 0 {
			if x == atBracket {
				j = p.errAt
				p.close(at)
				return j + 1
			}
			if x != failed {
				p.errAt = j
			}
			return failed
		}
		var more, done bool
		if j, more, done = p.separator(x, ']', atBracket); done {
			p.close(at)
			return j + 1
		} else if !more {
			return p.fail(j)
		}
	}
}

// separator reads what stands behind an element: a comma (more) or the end of
// the container (done). It returns where that is.
func (p *parser) separator(j int, end byte, atEndMark int) (at int, more, done bool) {
	for isSpace(p.at(j)) {
		j++
	}
	switch p.at(j) {
	case ',':
		return j, true, false
	case end:
		return j, false, true
	}
	switch p.value(j) {
	case atComma:
		return p.errAt, true, false
	case atEndMark:
		return p.errAt, false, true
	}
	return j, false, false
}

func (p *parser) object(i int) int {
	at, ok := p.open(kindObject, i)
	if !ok {
		return failed
	}
	for j := i + 1; ; j++ {
		label := len(p.b)
		x := p.value(j)
		if x == atBrace {
			j = p.errAt
			p.close(at)
			return j + 1
		}
		if x <= 0 {
			j += blanks(p.z[min(j, len(p.z)):])
			end := p.bareLabel(j)
			if end == j {
				if x != failed {
					p.errAt = j
				}
				return failed
			}
			x = end
		}
		if !kindAt(p.b, label).isLabel() {
			return p.fail(j)
		}
		if j = p.colon(x); j < 0 {
			return failed
		}
		if x = p.value(j); x <= 0 {
			if x != failed {
				p.errAt = j
			}
			return failed
		}
		var more, done bool
		if j, more, done = p.separator(x, '}', atBrace); done {
			p.close(at)
			return j + 1
		} else if !more {
			return p.fail(j)
		}
	}
}

// bareLabel reads JSON5's label without quotes; it returns j when there is
// none.
func (p *parser) bareLabel(j int) int {
	k := j
	label := kindText
	escape := func() bool {
		if p.at(k) == '\\' && p.at(k+1) == 'u' && isHex4(p.z[min(k+2, len(p.z)):]) {
			label = kindTextJ
			return true
		}
		return false
	}
	if !startsName(p.at(k)) && !escape() {
		return j
	}
	for k++; inName(p.at(k)) && blanks(p.z[k:]) == 0 || escape(); k++ {
	}
	p.b = appendElement(p.b, label, p.z[j:k])
	return k
}

// colon reads the colon behind a label and returns the index behind it, -1
// for an error.
func (p *parser) colon(j int) int {
	for isSpace(p.at(j)) {
		j++
	}
	if p.at(j) == ':' {
		return j + 1
	}
	switch p.value(j) {
	case atColon:
		return p.errAt + 1
	case failed:
	default:
		p.errAt = j
	}
	return -1
}

// text reads a text in quotes.
func (p *parser) text(i int) int {
	quote := p.z[i]
	k := kindText
	for j := i + 1; ; j++ {
		for isPlain(p.at(j)) {
			j++
		}
		switch c := p.at(j); {
		case c == quote && j < len(p.z):
			p.b = appendElement(p.b, k, p.z[i+1:j])
			return j + 1
		case c == '\\':
			j++
			plain, n := p.escape(j)
			switch {
			case n < 0:
				return p.fail(j)
			case plain && k == kindText:
				k = kindTextJ
			case !plain:
				k = kindText5
			}
			j += n
		case c == 0:
			return p.fail(j)
		case c < ' ':
			k = kindText5
		case c == '"':
			k = kindText5
		}
	}
}

// escape looks at what follows a backslash: whether plain JSON has it, and how
// many bytes behind its first must not be looked at; -1 for what is no escape.
func (p *parser) escape(j int) (plain bool, n int) {
	switch c := p.at(j); {
	case c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't':
		return true, 0
	case c == 'u' && isHex4(p.z[j+1:]):
		return true, 0
	case c == '\'' || c == 'v' || c == '\n' || c == '0' && !isDigit(p.at(j+1)) || isLineEnd(p.z[min(j, len(p.z)):]):
		return false, 0
	case c == 'x' && isHex(p.at(j+1)) && isHex(p.at(j+2)):
		return false, 0
	case c == '\r' && p.at(j+1) == '\n':
		return false, 1
	case c == '\r':
		return false, 0
	}
	return false, -1
}

// number reads a number: JSON's, or JSON5's with a plus, hexadecimal digits,
// a bare point, or infinity.
func (p *parser) number(i int) int {
	var odd, float bool // JSON5's form; with fraction or exponent.
	seenE := false
	c := p.z[i]
	switch {
	case c == '.':
		if !isDigit(p.at(i + 1)) {
			return p.fail(i)
		}
		odd, float = true, true
	case c == '0':
		if p.at(i+1)|0x20 == 'x' && isHex(p.at(i+2)) {
			return p.hex(i, i+3)
		}
		if isDigit(p.at(i + 1)) {
			return p.fail(i + 1)
		}
	case c == '+' || c == '-':
		next := p.at(i + 1)
		switch {
		case !isDigit(next):
			if n := p.infinity(i); n > 0 {
				return n
			}
			if next != '.' {
				return p.fail(i)
			}
			odd = true
		case next == '0' && isDigit(p.at(i+2)):
			return p.fail(i + 1)
		case next == '0' && p.at(i+2)|0x20 == 'x' && isHex(p.at(i+3)):
			return p.hex(i, i+4)
		}
	}
	j := i + 1
	for ; ; j++ {
		c := p.at(j)
		switch {
		case isDigit(c):
			continue
		case c == '.':
			if float {
				return p.fail(j)
			}
			float = true
			continue
		case c|0x20 == 'e':
			if p.at(j-1) < '0' {
				if !p.bareFraction(i, j) {
					return p.fail(j)
				}
				odd = true
			}
			if seenE {
				return p.fail(j)
			}
			float, seenE = true, true
			if s := p.at(j + 1); s == '+' || s == '-' {
				j++
			}
			if !isDigit(p.at(j + 1)) {
				return p.fail(j)
			}
			continue
		}
		break
	}
	if p.at(j-1) < '0' {
		if !p.bareFraction(i, j) {
			return p.fail(j)
		}
		odd = true
	}
	k := kindInt
	if float {
		k = kindFloat
	}
	if odd {
		k++
	}
	if p.z[i] == '+' {
		i++
	}
	p.b = appendElement(p.b, k, p.z[i:j])
	return j
}

// bareFraction reports whether z[j] follows a point that digits stand before.
func (p *parser) bareFraction(i, j int) bool {
	return p.at(j-1) == '.' && j-2 >= i && isDigit(p.at(j-2))
}

// hex reads the rest of a hexadecimal number from j on.
func (p *parser) hex(i, j int) int {
	for isHex(p.at(j)) {
		j++
	}
	if p.z[i] == '+' {
		i++
	}
	p.b = appendElement(p.b, kindInt5, p.z[i:j])
	return j
}

// infinity reads infinity behind the sign at z[i]; 0 when it is none.
func (p *parser) infinity(i int) int {
	rest := p.z[i+1:]
	if len(rest) < 3 || !bytes.EqualFold(rest[:3], []byte("inf")) {
		return 0
	}
	payload := hugePayload
	if p.z[i] == '-' {
		payload = "-" + hugePayload
	}
	p.b = appendElement(p.b, kindFloat, payload)
	if len(rest) >= 8 && bytes.EqualFold(rest[3:8], []byte("inity")) {
		return i + 9
	}
	return i + 4
}
