package ast

import "github.com/rustlite/rustlite/parser/token"

// Node is any node of the tree.
type Node interface {
	// Pos is the offset of the node's first byte.
	Pos() token.Pos
	// End is the offset of the byte after the node's last.
	End() token.Pos
	node()
}

// Stmt is a statement.
type Stmt interface {
	Node
	stmtNode()
}

// Core is one operand of a compound query: *SelectCore or *Values.
type Core interface {
	Node
	coreNode()
}

// TableExpr is what may stand in a FROM clause: *TableName, *TableFunc, *TableSubquery, *TableParen or *Join.
type TableExpr interface {
	Node
	tableExprNode()
}

// Expr is an expression.
type Expr interface {
	Node
	exprNode()
}

// ColumnConstraint is a constraint written inside a column definition.
type ColumnConstraint interface {
	Node
	columnConstraintNode()
}

// TableConstraint is a constraint written after the column definitions.
type TableConstraint interface {
	Node
	tableConstraintNode()
}

// Span is a range of bytes in the source; every node embeds one.
type Span struct {
	From, To token.Pos
}

// Pos returns the offset of the first byte.
func (s Span) Pos() token.Pos { return s.From }

// End returns the offset after the last byte.
func (s Span) End() token.Pos { return s.To }

// Text returns the bytes of the span in the source it was parsed from.
func (s Span) Text(sql string) string {
	if s.From < 0 || s.To < s.From || int(s.To) > len(sql) {
		return ""
	}
	return sql[s.From:s.To]
}

func (s Span) node() {}

// Name is an identifier. Optional names are nil pointers.
// Walk does not visit names: they are parts of the node that holds them.
type Name struct {
	Span
	// Text is the name without quotes, doubled quotes made single.
	Text  string
	Quote token.Quote
}

// String returns the name's text, or "" for no name.
func (n *Name) String() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// ObjectName names a table, index, view, trigger or database-wide thing: [schema.]name.
type ObjectName struct {
	Span
	Schema *Name // may be nil
	Name   *Name
}

// Conflict is the answer to a failed constraint.
type Conflict uint8

// The conflict clauses; ConflictNone means that none was written.
const (
	ConflictNone Conflict = iota
	ConflictRollback
	ConflictAbort
	ConflictFail
	ConflictIgnore
	ConflictReplace
)

// SortOrder is an explicit ASC or DESC.
type SortOrder uint8

// The sort orders; SortNone means that none was written.
const (
	SortNone SortOrder = iota
	SortAsc
	SortDesc
)

// NullsOrder is an explicit NULLS FIRST or NULLS LAST.
type NullsOrder uint8

// The places of NULLs; NullsNone means that none was written.
const (
	NullsNone NullsOrder = iota
	NullsFirst
	NullsLast
)
