package ast

// TableName is a table or view by name; also the target of INSERT, UPDATE and DELETE.
type TableName struct {
	Span
	Schema     *Name // may be nil
	Name       *Name
	Alias      *Name // may be nil
	IndexedBy  *Name // may be nil
	NotIndexed bool
}

// TableFunc is a table-valued function.
type TableFunc struct {
	Span
	Schema *Name // may be nil
	Name   *Name
	Args   []Expr
	Alias  *Name // may be nil
}

// TableSubquery is a query in FROM.
type TableSubquery struct {
	Span
	Select *Select
	Alias  *Name // may be nil
}

// TableParen is a table expression in parentheses.
type TableParen struct {
	Span
	X     TableExpr
	Alias *Name // may be nil
}

// Join joins two table expressions. A chain of joins nests to the left.
type Join struct {
	Span
	Left  TableExpr
	Right TableExpr
	Type  JoinType
	On    Expr    // may be nil
	Using []*Name // empty unless USING
}

// JoinType is a set of bits.
type JoinType uint8

// The bits of a join: JoinComma alone is a comma, zero is a plain JOIN. LEFT, RIGHT and FULL carry JoinOuter
// too; FULL is LEFT and RIGHT.
const (
	JoinInner JoinType = 1 << iota
	JoinCross
	JoinNatural
	JoinLeft
	JoinRight
	JoinOuter
	JoinComma
	JoinFull = JoinLeft | JoinRight
)
