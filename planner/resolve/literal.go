package resolve

import (
	"cmp"
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/vm/value"
)

// Literal is a literal of the statement's own text. A program serves every text
// that differs from its own in the values of literals, not in their kinds, and
// only of those whose values have decided nothing while it was compiled. So
// whoever looks at the value of a constant is noted (N5): with Value in a bound
// tree, with decided where binding looks at literals of the text.
type Literal struct {
	At       token.Pos
	Negative bool // It has a minus of its own.
	decided  bool
}

// literalsMax bounds the literals of a statement that are told apart; in one
// with more of them all decide.
const literalsMax = 4096

// literalsKept bounds the room that is kept for the literals of the next one.
const literalsKept = 256

// given makes a constant of a literal.
func (r *resolver) given(n *ast.Literal, v value.Value, negative bool) *Expr {
	e := r.constant(v)
	m := r.env.Scratch
	if !r.env.Shares || !n.Own {
		return e
	}
	k, again := m.literalAt(n.Pos())
	switch {
	case again: // It is bound once more.
		e.lit = m.literals[k]
	case len(m.literals) < literalsMax:
		e.lit = m.given.New()
		*e.lit = Literal{At: n.Pos(), Negative: negative}
		m.literals = slices.Insert(m.literals, k, e.lit)
	}
	return e
}

// literalAt finds the literal at a place of the text, or where it would stand.
func (m *Scratch) literalAt(at token.Pos) (k int, ok bool) {
	return slices.BinarySearchFunc(m.literals, at, func(l *Literal, at token.Pos) int { return cmp.Compare(l.At, at) })
}

// decided notes that the literals in n decide.
func (r *resolver) decided(n ast.Expr) {
	for _, l := range r.env.Scratch.literals {
		l.decided = l.decided || n.Pos() <= l.At && l.At < n.End()
	}
}

// Undecided reports whether the literal at that place of the text is one whose
// value has decided nothing.
func (m *Scratch) Undecided(at token.Pos) bool {
	k, ok := m.literalAt(at)
	return ok && !m.literals[k].decided
}

// Kind is the kind of a constant.
func (e *Expr) Kind() value.Kind { return e.val.Kind() }

func (e *Expr) isNull() bool { return e.Kind() == value.Null }

// Value is the value of a constant, which decides from now on.
func (e *Expr) Value() *value.Value {
	if e.lit != nil {
		e.lit.decided = true
	}
	return &e.val
}

// Given is the literal that a constant comes from, and its value, which must be
// used as that of any other would be. It is nil for other constants.
func (e *Expr) Given() (*Literal, value.Value) { return e.lit, e.val }

// sameConstant reports whether two constants are the same in all texts that
// share their program.
func sameConstant(a, b *Expr) bool {
	return a.lit != nil && a.lit == b.lit || a.Kind() == b.Kind() && value.Compare(a.Value(), b.Value(), nil) == 0
}
