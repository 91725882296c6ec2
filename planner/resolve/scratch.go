package resolve

import (
	"github.com/rustlite/rustlite/planner/arena"
	"github.com/rustlite/rustlite/vm/value"
)

// Scratch is memory for what binding makes. It serves one statement at a time:
// nothing that was bound before Reset may be used after it.
type Scratch struct {
	exprs   arena.Of[Expr]
	lists   arena.Of[*Expr]
	sources arena.Of[Source]
	queries arena.Of[Query]
	cores   arena.Of[Core]
	scopes  arena.Of[scope]
	items   arena.Of[ResultItem]
	// literals are those that the statement has bound of its text, in its order.
	literals []*Literal
	given    arena.Of[Literal]
}

// Reset takes back the memory of the last statement.
func (m *Scratch) Reset() {
	m.exprs.Reset()
	m.lists.Reset()
	m.sources.Reset()
	m.queries.Reset()
	m.cores.Reset()
	m.scopes.Reset()
	m.items.Reset()
	clear(m.literals)
	if m.literals = m.literals[:0]; cap(m.literals) > literalsKept {
		m.literals = nil
	}
	m.given.Reset()
}

// keep puts an expression into the memory of the statement.
func (m *Scratch) keep(e Expr) *Expr {
	p := m.exprs.New()
	*p = e
	return p
}

func (m *Scratch) source(s Source) *Source {
	p := m.sources.New()
	*p = s
	return p
}

func (m *Scratch) scope(s scope) *scope {
	p := m.scopes.New()
	*p = s
	return p
}

func (m *Scratch) list(n int) []*Expr { return m.lists.Slice(n) }

func (m *Scratch) query() *Query { return m.queries.New() }

func (m *Scratch) core() *Core { return m.cores.New() }

// results is an empty list with room for n results.
func (m *Scratch) results(n int) []ResultItem { return m.items.Slice(n)[:0] }

// The makers of expressions that binding uses; Const, Column, Unary and Binary
// make the same on the heap.

func (r *resolver) keep(e Expr) *Expr { return r.env.Scratch.keep(e) }

func (r *resolver) constant(v value.Value) *Expr { return r.keep(Expr{Op: OpConst, val: v}) }

func (r *resolver) columnOf(s *Source, i int) *Expr {
	return r.keep(Expr{Op: OpColumn, Source: s, Index: i})
}

func (r *resolver) unaryOf(op Op, l *Expr) *Expr { return r.keep(unary(op, l)) }

func (r *resolver) binaryOf(op Op, left, right *Expr) *Expr { return r.keep(binary(op, left, right)) }
