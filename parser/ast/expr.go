package ast

// Literal is a constant.
type Literal struct {
	Span
	Kind LiteralKind
	// Text is the number as written but without digit separators, the content of a string, or the
	// bytes of a blob; empty for the others.
	Text string
	// Own: it stands in the text of a statement that is to be run, at Span, and in
	// no text of the schema.
	Own bool
}

// LiteralKind is the kind of a literal.
type LiteralKind uint8

// The kinds of literals. TRUE and FALSE are columns to the parser.
const (
	LiteralNull LiteralKind = iota
	LiteralInteger
	LiteralFloat
	LiteralString
	LiteralBlob
	LiteralCurrentTime
	LiteralCurrentDate
	LiteralCurrentTimestamp
)

// Column is name, table.name or schema.table.name. A lone name may turn out to be TRUE, FALSE or, when double-quoted,
// a string.
type Column struct {
	Span
	Schema *Name // may be nil
	Table  *Name // may be nil
	Name   *Name
}

// Param is a parameter of the statement.
type Param struct {
	Span
	// Name is the parameter as written (?1, :a, @a, $a), or "" for a lone question mark.
	Name string
	// Number is the parameter's index from 1; the parser gives it as SQLite does.
	Number int
}

// Unary is an operator before its operand.
type Unary struct {
	Span
	Op UnaryOp
	X  Expr
}

// UnaryOp is the operator of a Unary.
type UnaryOp uint8

// The unary operators.
const (
	OpNot UnaryOp = iota
	OpNegate
	OpPlus
	OpBitNot
)

// Binary is an operator between its operands.
type Binary struct {
	Span
	Op    BinaryOp
	Left  Expr
	Right Expr
}

// BinaryOp is the operator of a Binary.
type BinaryOp uint8

// The binary operators, loosest first.
const (
	OpOr BinaryOp = iota
	OpAnd
	OpEq
	OpNe
	OpIs
	OpIsNot
	OpIsDistinctFrom
	OpIsNotDistinctFrom
	OpLt
	OpLe
	OpGt
	OpGe
	OpBitAnd
	OpBitOr
	OpShiftLeft
	OpShiftRight
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMod
	OpConcat
	OpExtract     // ->
	OpExtractText // ->>
)

// Between is x [NOT] BETWEEN low AND high.
type Between struct {
	Span
	Not  bool
	X    Expr
	Low  Expr
	High Expr
}

// In is x [NOT] IN set. The set is Select, or Table, or else List, which may be empty.
type In struct {
	Span
	Not    bool
	X      Expr
	List   []Expr
	Select *Select   // may be nil
	Table  TableExpr // nil, *TableName or *TableFunc
}

// Like is x [NOT] LIKE pattern [ESCAPE escape], and its relatives.
type Like struct {
	Span
	Not     bool
	Op      LikeOp
	Word    *Name // The operator as written: the function that it calls.
	X       Expr
	Pattern Expr
	Escape  Expr // may be nil
}

// LikeOp is the operator of a Like.
type LikeOp uint8

// The pattern operators; each calls the function of its name.
const (
	OpLike LikeOp = iota
	OpGlob
	OpRegexp
	OpMatch
)

// IsNull is x ISNULL, x NOTNULL or x NOT NULL. (x IS NULL is a Binary.)
type IsNull struct {
	Span
	Not bool
	X   Expr
}

// Case is CASE.
type Case struct {
	Span
	Operand Expr // may be nil
	Whens   []*When
	Else    Expr // may be nil
}

// When is one branch of a Case.
type When struct {
	Span
	Cond   Expr
	Result Expr
}

// Cast is CAST(x AS type).
type Cast struct {
	Span
	X    Expr
	Type *TypeName // nil for the empty type, which SQLite accepts
}

// Collate is x COLLATE name.
type Collate struct {
	Span
	X         Expr
	Collation *Name
}

// FuncCall is a call of a scalar, aggregate or window function.
type FuncCall struct {
	Span
	Name     *Name
	Distinct bool
	Star     bool // f(*)
	Args     []Expr
	OrderBy  []*OrderTerm
	Filter   Expr // may be nil
	// Over is OVER (...) and OverName is OVER name; at most one is set.
	Over     *Window
	OverName *Name
}

// Exists is EXISTS (select).
type Exists struct {
	Span
	Select *Select
}

// Subquery is a query used as a value, or as a row of values.
type Subquery struct {
	Span
	Select *Select
}

// RowValue is (a, b, ...): two or more values.
type RowValue struct {
	Span
	Elems []Expr
}

// Raise is RAISE(...) in a trigger.
type Raise struct {
	Span
	// Action is ConflictIgnore, ConflictRollback, ConflictAbort or ConflictFail.
	Action  Conflict
	Message Expr // nil for IGNORE
}
