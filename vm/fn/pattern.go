package fn

import (
	"bytes"

	"github.com/rustlite/rustlite/vm/value"
)

func patternFuncs() []*Func {
	return []*Func{
		matching("like", 2, "Whether the second argument matches the pattern: % any text, _ any character.", likeSyntax),
		matching("like", 3, "As like, with an escape character before what stands for itself.", likeSyntax),
		matching("glob", 2, "Whether the second argument matches the pattern: * any text, ? any character, [...] a set.", globSyntax),
	}
}

func matching(name string, nArg int, doc string, of func(*Context) syntax) *Func {
	f := pure(name, nArg, doc, func(c *Context, args []value.Value, out *value.Value) error {
		return match(c, args, out, of(c))
	})
	f.Prepare = func(c *Context, args []value.Value) (*Pattern, error) { return prepare(c, args, of(c)) }
	return numeric(f)
}

// patternMax is the longest pattern in bytes.
const patternMax = 50000

var (
	errPattern = newError("LIKE or GLOB pattern too complex")
	errEscChar = newError("ESCAPE expression must be a single character")
)

func likeSyntax(c *Context) syntax { return syntax{any: '%', one: '_', fold: !c.LikeCase} }

func globSyntax(*Context) syntax { return syntax{any: '*', one: '?', special: '[', sets: true} }

func match(c *Context, args []value.Value, out *value.Value, s syntax) error {
	p, err := prepare(c, args, s)
	if err != nil {
		return err
	}
	if p == nil || args[1].IsNull() {
		out.SetNull()
		return nil
	}
	var buf [textScratch]byte
	out.SetBool(p.Matches(textOf(&args[1], buf[:0])))
	return nil
}

// prepare compiles the pattern of args, nil for NULL, or finds it in c.Aux.
func prepare(c *Context, args []value.Value, s syntax) (*Pattern, error) {
	var buf, escape [textScratch]byte
	// The length counts even when a NULL makes the result NULL.
	src := textOf(&args[0], buf[:0])
	if len(src) > patternMax {
		return nil, errPattern
	}
	if len(args) == 3 {
		if args[2].IsNull() {
			return nil, nil
		}
		esc := untilNUL(textOf(&args[2], escape[:0]))
		if len(esc) == 0 || skipChar(esc, 0) != len(esc) {
			return nil, errEscChar
		}
		s.special, _ = readChar(esc, 0)
		if s.special == s.any {
			s.any = 0
		}
		if s.special == s.one {
			s.one = 0
		}
	}
	if args[0].IsNull() {
		return nil, nil
	}
	var p *Pattern
	if c.Aux != nil {
		p, _ = (*c.Aux).(*Pattern)
	}
	if p != nil && p.syntax == s && bytes.Equal(p.src, src) {
		return p, nil // Most often the pattern is a constant.
	}
	if p == nil {
		p = &Pattern{}
		if c.Aux != nil {
			*c.Aux = p
		}
	}
	p.compile(src, s)
	return p, nil
}

// syntax says what is special in a pattern; 0 is nothing.
type syntax struct {
	any, one uint32
	special  uint32 // The escape character, or what opens a set.
	sets     bool
	fold     bool // ASCII letters match in both cases.
}

// Pattern is a compiled pattern. Most patterns are ASCII without wildcards
// for one character: those become literal pieces between wildcards, which
// match bytes, as no byte below 0x80 is ever part of another character. The
// others are matched as they stand.
type Pattern struct {
	syntax
	src    []byte // Its own copy.
	text   []byte // src up to its first zero byte.
	pieces [][]byte
	rare   []int  // Of each piece: where its rarest letter stands.
	plain  bool   // pieces say it all.
	cased  bool   // Letters stand in them that match in both cases.
	store  []byte // Bytes of the pieces.
}

// compile sets p to the pattern src, reusing its memory.
func (p *Pattern) compile(src []byte, s syntax) {
	p.syntax = s
	p.src = append(p.src[:0], src...)
	p.text = untilNUL(p.src)
	p.pieces, p.store, p.plain = p.pieces[:0], p.store[:0], false
	if cap(p.store) < len(p.text) {
		p.store = make([]byte, 0, len(p.text))
	}
	start := 0
	for i := 0; i < len(p.text); i++ {
		x := uint32(p.text[i])
		switch {
		case x >= 0x80, x == s.one, x == s.special && s.sets:
			return
		case x == s.any:
			p.pieces = append(p.pieces, p.store[start:])
			start = len(p.store)
		case x == s.special && s.special != 0:
			i++
			if i == len(p.text) || p.text[i] >= 0x80 {
				return
			}
			p.store = append(p.store, p.text[i])
		default:
			p.store = append(p.store, p.text[i])
		}
	}
	p.cased = false
	p.rare = p.rare[:0]
	if s.fold {
		for i, x := range p.store {
			p.store[i] = lowerASCII[x]
			p.cased = p.cased || p.store[i]-'a' < 26
		}
	}
	p.pieces = append(p.pieces, p.store[start:])
	p.plain = true
	for _, piece := range p.pieces {
		k := 0
		for i, x := range piece {
			if rarity[x] > rarity[piece[k]] {
				k = i
			}
		}
		p.rare = append(p.rare, k)
	}
}

// rarity orders lower-case letters and others by how seldom texts have them,
// roughly.
var rarity = func() (t [256]byte) {
	for i := range t {
		t[i] = 20
	}
	for i, x := range []byte(" etaoinsrhldcumfpgwybvkxjqz") {
		t[x] = byte(i)
	}
	return t
}()

// lowerASCII folds ASCII letters.
var lowerASCII = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if t[i]-'A' < 26 {
			t[i] |= 0x20
		}
	}
	return t
}()

// Matches reports whether all of text up to its first zero byte matches.
func (p *Pattern) Matches(text []byte) bool {
	if last := len(p.pieces) - 1; p.plain && last > 0 && len(p.pieces[last]) == 0 {
		// What stands behind a zero byte makes no mismatch of a match: most texts need not be searched for one.
		return p.matchesPieces(text) && (bytes.IndexByte(text, 0) < 0 || p.matchesPieces(untilNUL(text)))
	}
	if text = untilNUL(text); p.plain {
		return p.matchesPieces(text)
	}
	m := matcher{p.syntax, p.text, text}
	return m.run(0, 0) == matched
}

// matchesPieces reports whether text has the pieces, one after the other.
func (p *Pattern) matchesPieces(text []byte) bool {
	last := len(p.pieces) - 1
	if last == 0 {
		return len(text) == len(p.pieces[0]) && p.startsWith(text, p.pieces[0])
	}
	if !p.startsWith(text, p.pieces[0]) {
		return false
	}
	text = text[len(p.pieces[0]):]
	end := len(text) - len(p.pieces[last])
	if end < 0 || !p.startsWith(text[end:], p.pieces[last]) {
		return false
	}
	text = text[:end]
	for k, piece := range p.pieces[1:last] {
		i := p.index(text, piece, p.rare[1+k])
		if i < 0 {
			return false
		}
		text = text[i+len(piece):]
	}
	return true
}

// startsWith reports whether text starts with the piece.
func (p *Pattern) startsWith(text, piece []byte) bool {
	if len(text) < len(piece) {
		return false
	}
	if !p.cased {
		return string(text[:len(piece)]) == string(piece)
	}
	for i, x := range piece {
		if lowerASCII[text[i]] != x {
			return false
		}
	}
	return true
}

// index finds the piece in text, by its byte at rare in both cases.
func (p *Pattern) index(text, piece []byte, rare int) int {
	if !p.cased || len(piece) == 0 {
		return bytes.Index(text, piece)
	}
	if len(text) < len(piece) {
		return -1
	}
	places := text[rare : len(text)-len(piece)+rare+1]
	next := func(x byte, from int) int {
		if i := bytes.IndexByte(places[from:], x); i >= 0 {
			return from + i
		}
		return len(places)
	}
	lower, upper := piece[rare], piece[rare]
	low, up := next(lower, 0), len(places)
	if lower-'a' < 26 {
		upper &^= 0x20
		up = next(upper, 0)
	}
	for {
		i := min(low, up)
		if i == len(places) {
			return -1
		}
		if p.startsWith(text[i:], piece) {
			return i
		}
		if i == low {
			low = next(lower, i+1)
		} else {
			up = next(upper, i+1)
		}
	}
}

// matcher compares by code points. Its results tell a mismatch behind a
// wildcard for any text from others: no earlier wildcard can mend it, which
// keeps the work polynomial.
type matcher struct {
	syntax
	pat, text []byte
}

type outcome uint8

const (
	matched outcome = iota
	mismatch
	hopeless // A mismatch behind a wildcard.
)

// run matches the rest of the pattern from i against the rest of the text
// from j.
func (m *matcher) run(i, j int) outcome {
	escaped := -1 // Where the pattern goes on after an escaped character.
	for i < len(m.pat) {
		var c uint32
		c, i = readChar(m.pat, i)
		if c == m.any {
			return m.runAny(i, j)
		}
		if c == m.special && m.special != 0 {
			if m.sets {
				var ok bool
				if i, j, ok = m.set(i, j); !ok {
					return mismatch
				}
				continue
			}
			if i == len(m.pat) {
				return mismatch
			}
			c, i = readChar(m.pat, i)
			escaped = i
		}
		var x uint32
		x, j = readChar(m.text, j)
		switch {
		case c == x:
		case m.fold && c < 0x80 && x < 0x80 && lowerASCII[c] == lowerASCII[x]:
		case c == m.one && i != escaped && x != 0:
		default:
			return mismatch
		}
	}
	if j < len(m.text) {
		return mismatch
	}
	return matched
}

// runAny matches behind a wildcard for any text, i being after it.
func (m *matcher) runAny(i, j int) outcome {
	start := i
	var c uint32
	for {
		if i == len(m.pat) {
			return matched
		}
		start = i
		c, i = readChar(m.pat, i)
		if c == m.any {
			continue
		}
		if c != m.one || m.one == 0 {
			break
		}
		if j >= len(m.text) {
			return hopeless
		}
		_, j = readChar(m.text, j)
	}
	if c == m.special && m.special != 0 {
		if m.sets {
			for j < len(m.text) {
				if r := m.run(start, j); r != mismatch {
					return r
				}
				j = skipChar(m.text, j)
			}
			return hopeless
		}
		if i == len(m.pat) {
			return hopeless
		}
		c, i = readChar(m.pat, i)
	}
	// Try each place in the text where the literal character c stands.
	for j < len(m.text) {
		var x uint32
		if c < 0x80 {
			x = uint32(m.text[j])
			j++
			if m.fold {
				x, c = uint32(lowerASCII[x]), uint32(lowerASCII[c])
			}
		} else {
			x, j = readChar(m.text, j)
		}
		if x != c {
			continue
		}
		if r := m.run(i, j); r != mismatch {
			return r
		}
	}
	return hopeless
}

// set matches one character of the text against the set whose opening bracket
// is before i.
func (m *matcher) set(i, j int) (int, int, bool) {
	if j >= len(m.text) {
		return i, j, false
	}
	var c, x, prior uint32
	x, j = readChar(m.text, j)
	seen, invert := false, false
	c, i = readChar(m.pat, i)
	if c == '^' {
		invert = true
		c, i = readChar(m.pat, i)
	}
	if c == ']' {
		seen = x == ']'
		c, i = readChar(m.pat, i)
	}
	for c != 0 && c != ']' {
		if c == '-' && i < len(m.pat) && m.pat[i] != ']' && prior > 0 {
			c, i = readChar(m.pat, i)
			seen = seen || prior <= x && x <= c
			prior = 0
		} else {
			seen = seen || x == c
			prior = c
		}
		c, i = readChar(m.pat, i)
	}
	return i, j, c != 0 && seen != invert
}
