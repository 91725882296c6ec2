package ast

// Select is a whole query: WITH, one core or several combined, ORDER BY and LIMIT.
type Select struct {
	Span
	With *With // may be nil
	// Cores are combined from left to right; Ops[i] stands between Cores[i] and Cores[i+1].
	Cores   []Core
	Ops     []CompoundOp
	OrderBy []*OrderTerm
	Limit   *Limit // may be nil
}

// CompoundOp combines two queries.
type CompoundOp uint8

// The compound operators.
const (
	Union CompoundOp = iota
	UnionAll
	Except
	Intersect
)

// With is a WITH clause.
type With struct {
	Span
	Recursive bool
	CTEs      []*CTE
}

// CTE is one common table expression.
type CTE struct {
	Span
	Name         *Name
	Columns      []*Name
	Materialized MaterializedHint
	Select       *Select
}

// MaterializedHint is the word between AS and the query of a CTE.
type MaterializedHint uint8

// The hints.
const (
	MaterializedAny MaterializedHint = iota
	MaterializedYes
	MaterializedNo
)

// SelectCore is SELECT ... up to and including its WINDOW clause.
type SelectCore struct {
	Span
	Distinct bool
	Columns  []*ResultColumn
	From     TableExpr // may be nil
	Where    Expr      // may be nil
	GroupBy  []Expr
	Having   Expr // may be nil; may stand without GROUP BY
	Windows  []*Window
}

// Values is VALUES (...), (...): a core of its own.
type Values struct {
	Span
	// Rows all have the same length, which is at least one.
	Rows [][]Expr
}

// ResultColumn is one result of a SELECT or a RETURNING clause: an expression, * or table.*.
type ResultColumn struct {
	Span
	// Expr is nil for * and table.*.
	Expr  Expr
	Table *Name // of table.*; else nil
	Alias *Name // may be nil
	// Text is the expression's source up to the next token, trimmed: the name of a column that has
	// no alias and is not a plain column reference.
	Text string
}

// Star reports whether the column is * or table.*.
func (c *ResultColumn) Star() bool { return c.Expr == nil }

// OrderTerm is one term of ORDER BY, of an index, of a key, or of a conflict target.
type OrderTerm struct {
	Span
	Expr  Expr
	Order SortOrder
	Nulls NullsOrder
}

// Limit is LIMIT and OFFSET.
type Limit struct {
	Span
	Limit  Expr
	Offset Expr // may be nil
}

// Window is a window's definition: in a WINDOW clause with its Name, in OVER (...) without.
type Window struct {
	Span
	Name        *Name // of a WINDOW clause; else nil
	Base        *Name // the window it starts from; may be nil
	PartitionBy []Expr
	OrderBy     []*OrderTerm
	Frame       *Frame // may be nil
}

// Frame is the frame of a window.
type Frame struct {
	Span
	Unit  FrameUnit
	Start FrameBound
	// Stop is CURRENT ROW also when the frame is written without BETWEEN.
	Stop    FrameBound
	Exclude FrameExclude
}

// FrameUnit is ROWS, RANGE or GROUPS.
type FrameUnit uint8

// The frame units.
const (
	FrameRange FrameUnit = iota
	FrameRows
	FrameGroups
)

// FrameBound is one end of a frame.
type FrameBound struct {
	Kind BoundKind
	Expr Expr // of BoundPreceding and BoundFollowing; else nil
}

// BoundKind is the kind of a frame bound.
type BoundKind uint8

// The kinds of bounds, from first to last.
const (
	BoundUnboundedPreceding BoundKind = iota
	BoundPreceding
	BoundCurrentRow
	BoundFollowing
	BoundUnboundedFollowing
)

// FrameExclude says which rows near the current one leave the frame.
type FrameExclude uint8

// The EXCLUDE clauses; ExcludeNone means that none was written and acts as NO OTHERS.
const (
	ExcludeNone FrameExclude = iota
	ExcludeNoOthers
	ExcludeCurrentRow
	ExcludeGroup
	ExcludeTies
)
