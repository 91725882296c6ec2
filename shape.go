package rustlite

import (
	"math"

	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/vm/value"
)

// textShape is a text without the values of its literals: each stands as a mark and
// its kind. Texts of one shape have the same tree but for these values; so most
// programs for one of them serve all, as if the literals were parameters.
type textShape struct {
	sql      string // What was read last,
	ok       bool   // and whether it has a shape with literals.
	text     []byte
	literals []literalToken
}

type literalToken struct {
	from, to int
	kind     byte
	integer  int64
}

// Limits of texts whose shape is looked for.
const (
	shapeBytesMax    = 64 << 10
	shapeLiteralsMax = 4096
	digitsMax        = 18 // Of an integer that is one with and without a minus.
)

// The mark of a literal is no token, and is followed by one of its kinds: 32-bit
// integers may be numbers of columns.
const (
	literalMark = 1
	literalInt  = 'i'
	literalLong = 'l'
	literalReal = 'r'
	literalText = 't'
)

// read finds the shape of a text of one statement that reads or changes rows,
// and reports whether there is one.
func (s *textShape) read(sql string) bool {
	if len(sql) > shapeBytesMax {
		return false
	}
	if s.sql != sql || sql == "" {
		s.sql, s.ok = sql, s.scan(sql)
	}
	return s.ok
}

func (s *textShape) scan(sql string) bool {
	s.text, s.literals = s.text[:0], s.literals[:0]
	copied, ended, begun := 0, false, false
	for at := 0; ; {
		kind, next := token.Scan(sql, token.Pos(at))
		from, to := at, int(next)
		at = to
		switch {
		case kind == token.EOF:
			s.text = append(s.text, sql[copied:]...)
			return from == len(sql) && len(s.literals) > 0
		case kind == token.Space || kind == token.Comment:
			continue
		case kind == token.Semicolon && begun:
			ended = true
			continue
		case ended || kind == token.Illegal:
			return false
		case !begun:
			switch kind {
			case token.KwSelect, token.KwInsert, token.KwUpdate, token.KwDelete, token.KwReplace, token.KwWith, token.KwValues:
				begun = true
			default:
				return false
			}
			continue
		}
		l := literalToken{from: from, to: to}
		switch kind {
		case token.Integer:
			if !l.number(sql[from:to]) {
				continue
			}
		case token.Float:
			l.kind = literalReal
		case token.String:
			l.kind = literalText
		default:
			continue
		}
		if len(s.literals) == shapeLiteralsMax {
			return false
		}
		s.literals = append(s.literals, l)
		s.text = append(append(s.text, sql[copied:from]...), literalMark, l.kind)
		copied = to
	}
}

// number reads a decimal integer of few digits.
func (l *literalToken) number(t string) bool {
	if len(t) > digitsMax {
		return false
	}
	for i := range len(t) {
		if t[i] < '0' || t[i] > '9' {
			return false
		}
		l.integer = l.integer*10 + int64(t[i]-'0')
	}
	l.kind = literalInt
	if l.integer > math.MaxInt32 {
		l.kind = literalLong
	}
	return true
}

// literal is the text of literal i.
func (s *textShape) literal(i int) string { return s.sql[s.literals[i].from:s.literals[i].to] }

// value is the value of literal i, or of it with a minus before it.
func (s *textShape) value(i int, negative bool) value.Value {
	l := &s.literals[i]
	switch l.kind {
	case literalReal:
		x := value.ParseNumber([]byte(s.literal(i))).Real
		if negative {
			x = -x
		}
		return value.FromReal(x)
	case literalText:
		t, _ := token.Unquote(s.literal(i))
		v := value.FromString(t)
		return v.Own() // Whoever is handed its bytes must not reach the text.
	}
	if negative {
		return value.FromInt(-l.integer)
	}
	return value.FromInt(l.integer)
}
