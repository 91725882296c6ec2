package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

// Query is a bound SELECT or VALUES with all its cores.
type Query struct {
	Cores   []*Core
	Ops     []ast.CompoundOp // Ops[i] stands between Cores[i] and Cores[i+1].
	OrderBy []OrderTerm
	Limit   *Expr
	Offset  *Expr
	Columns []OutColumn
	// Correlated: it reads columns of an enclosing query.
	Correlated bool
	// Materialize is the hint of a CTE.
	Materialize ast.MaterializedHint
	// Recursion is that of a recursive CTE: its first Setup cores make the
	// first rows, the others more of each row that comes.
	Recursion *Recursion
	Setup     int
}

// CTEUse is shared by all sources that are the same common table expression.
type CTEUse struct {
	Sources int
	Hint    ast.MaterializedHint
}

// Kept reports whether the CTE's rows are made once and kept: the hint says
// so, or it is used several times and the hint does not say otherwise.
func (u *CTEUse) Kept() bool {
	return u != nil && (u.Hint == ast.MaterializedYes || u.Sources > 1 && u.Hint != ast.MaterializedNo)
}

// Recursion is the table that the terms of a recursive CTE read: one row at a
// time.
type Recursion struct {
	Columns []SourceColumn
	scope   *scope // Of the term that is being bound; nil before the first.
	setup   int
	finish  func(*Query) error // Names the columns when the setup is bound.
}

// Core is one SELECT or VALUES.
type Core struct {
	Distinct bool
	Sources  []*Source
	Where    *Expr
	GroupBy  []*Expr
	Having   *Expr
	Aggs     []*Agg
	IsAgg    bool   // Has GROUP BY or an aggregate.
	Windows  []*Agg // Calls of window functions, in the order in which they were met.
	Results  []ResultItem
	Rows     [][]*Expr // Of VALUES; then Results is empty.
}

// Result returns the i-th result expression (of the first row of VALUES).
func (c *Core) Result(i int) *Expr {
	if c.Rows != nil {
		return c.Rows[0][i]
	}
	return c.Results[i].Expr
}

// Compared returns the expression whose affinity and collation column i has
// where the query is an operand: the last row's of its last core, as in the
// reference.
func (q *Query) Compared(i int) *Expr {
	c := q.Cores[len(q.Cores)-1]
	if c.Rows != nil {
		return c.Rows[len(c.Rows)-1][i]
	}
	return c.Results[i].Expr
}

// Width is the number of result columns.
func (c *Core) Width() int {
	if c.Rows != nil {
		return len(c.Rows[0])
	}
	return len(c.Results)
}

// ResultItem is one result of a core.
type ResultItem struct {
	Expr  *Expr
	Alias string // Of AS; the name of a column expanded from *.
	Text  string // Source text of the expression.
	// Written is true when Alias was written with AS, or comes from *.
	Written bool
	// Ident is the name as the expression writes it, when it is a column.
	Ident  string
	Star   bool // Of *.
	NoStar bool // Hidden from * of an outer query (a USING column's twin).
}

// OrderTerm is one term of a bound ORDER BY.
type OrderTerm struct {
	Expr *Expr
	// Col is the result column that the term equals, or -1. On a compound
	// query it always names one.
	Col       int
	Desc      bool
	NullsLast bool // As they come out: after all other values.
	Collation *value.Collation
}

// OutColumn names one result column.
type OutColumn struct {
	Name string
}

// JoinType is how a source is joined to those before it.
type JoinType uint8

// The joins.
const (
	JoinInner JoinType = iota
	JoinLeft
	JoinCross // Inner, but the order is kept.
	JoinRight
	JoinFull
)

// Left reports whether a row of the left side without a match stays.
func (j JoinType) Left() bool { return j == JoinLeft || j == JoinFull }

// Right reports whether a row of the right side without a match stays.
func (j JoinType) Right() bool { return j == JoinRight || j == JoinFull }

// Source is one term of FROM.
type Source struct {
	Name   string // Alias or name, as it may qualify columns.
	Schema string
	Table  *catalog.Table // A real table, or the view that Query comes from.
	DB     int
	Query  *Query // A subquery, view or CTE.
	CTE    bool   // Query comes from a WITH clause.
	Use    *CTEUse
	// Current: the row at hand of a recursive CTE, in one of its terms.
	Current *Recursion
	Columns []SourceColumn

	Join       JoinType
	On         *Expr
	Using      []string // Columns of USING or NATURAL, lower case.
	Nullable   bool     // May be a row of NULLs (right side of a LEFT JOIN, left of a RIGHT JOIN).
	Index      *catalog.Index
	NotIndexed bool
	// Generated holds the generated columns, nil for the others; it is nil when
	// there are none. GeneratedOrder is the order in which to compute them.
	Generated      []*Expr
	GeneratedOrder []int
	// Indexed holds what the indexes of Table compute from a row; nil when they
	// have columns alone.
	Indexed map[*catalog.Index]*Indexed
	on      ast.Expr   // ON, until it is bound.
	args    []ast.Expr // Of a table-valued function, until they are bound.
	// nested: a parenthesised join; columns know the tables they come from.
	nested   bool
	hasAlias bool
	// Place is where the source stands in the block that is being planned, which
	// notes it there.
	Place int
	// beforeRight: a RIGHT or FULL JOIN follows in the FROM clause.
	beforeRight bool
}

// SourceColumn is a column as the sources show it.
type SourceColumn = catalog.SourceColumn

// HasRowid reports whether the source's rows have a row id.
func (s *Source) HasRowid() bool {
	return s.Query == nil && s.Table != nil && s.Table.HasRowid()
}

// RowProbe is a column that is NULL only in a row of NULLs that stands in for
// a row of the table of s.
func (s *Source) RowProbe() int {
	if s.Table.WithoutRowid {
		return s.Table.PrimaryKey[0]
	}
	return RowidColumn
}

// isModule reports whether the source is no tree but a module.
func (s *Source) isModule() bool { return s.Table != nil && s.Table.Module != nil }

// References calls f for every source outside q that q reads.
func (q *Query) References(f func(*Source)) {
	inside := map[*Source]bool{}
	for _, c := range q.Cores {
		for _, s := range c.Sources {
			inside[s] = true
		}
	}
	outer := func(s *Source) {
		if !inside[s] {
			f(s)
		}
	}
	q.Exprs(func(e *Expr) { e.References(outer) })
	for _, c := range q.Cores {
		for _, s := range c.Sources {
			if s.Query != nil {
				s.Query.References(outer)
			}
		}
	}
}

// Exprs calls f for every expression of q's own cores and clauses (not of the
// subqueries in FROM).
func (q *Query) Exprs(f func(*Expr)) {
	call := func(e *Expr) {
		if e != nil {
			f(e)
		}
	}
	for _, c := range q.Cores {
		c.Exprs(call)
	}
	for _, o := range q.OrderBy {
		call(o.Expr)
	}
	call(q.Limit)
	call(q.Offset)
}

// Exprs calls f for every expression of the core, nil ones too.
func (c *Core) Exprs(f func(*Expr)) {
	for _, s := range c.Sources {
		f(s.On)
	}
	f(c.Where)
	for _, e := range c.GroupBy {
		f(e)
	}
	f(c.Having)
	for _, r := range c.Results {
		f(r.Expr)
	}
	for _, row := range c.Rows {
		for _, e := range row {
			f(e)
		}
	}
	for _, a := range c.Aggs {
		a.Exprs(f)
	}
	for _, a := range c.Windows {
		a.Exprs(f)
	}
}

// Insert is a bound INSERT.
type Insert struct {
	Table *catalog.Table
	DB    int
	Or    ast.Conflict
	// From[i] is the column of the query that gives table column i, or -1 for
	// its default; Rowid is the one that gives the row id, or -1.
	From     []int
	Rowid    int
	Query    *Query // nil: DEFAULT VALUES
	Defaults []*Expr
	Row      *Source // Stands for the new row in Checks.
	Checks   []*Expr // One per Table.Checks.
	Upserts  []*Upsert
	Triggers []*catalog.Trigger // That it fires, in this order.
	// Returning is what RETURNING gives of Row, as a query of one core; or nil.
	Returning *Query
}

// Update is a bound UPDATE.
type Update struct {
	Target *Source
	DB     int
	Or     ast.Conflict
	// Set[i] is the new value of column i, nil when it keeps the old.
	Set    []*Expr
	Rowid  *Expr // New row id, or nil.
	Where  *Expr
	Row    *Source // Stands for the new row in Checks.
	Checks []*Expr
	// From holds the sources of UPDATE FROM beside Target; or nil.
	From      *Core
	Triggers  []*catalog.Trigger
	Returning *Query
}

// Delete is a bound DELETE.
type Delete struct {
	Target    *Source
	DB        int
	Where     *Expr
	Row       *Source // Stands for the row to delete in what indexes compute.
	Triggers  []*catalog.Trigger
	Returning *Query
}

// Env is what binding needs to know.
type Env struct {
	Catalog    *catalog.Catalog
	Functions  *fn.Registry
	Collations catalog.Collations
	// Modules are the tables that are no trees, by lower-case name.
	Modules map[string]*vtab.Module
	// FullNames and LongNames are how results are called that no AS names: see
	// shownNames.
	FullNames, LongNames bool
	Named                Named // Hears of names, if it is not nil.
	Strings              Strings
	// Whole looks for names also in what the reference's parser makes a constant
	// of, as it does while it alters a table.
	Whole bool
	// Body is that of the trigger whose parts are being bound; or nil.
	Body    *Body
	Scratch *Scratch
	// Shares: the program may serve texts with other literals: see Literal.
	Shares bool
}

// Strings says where a name in double quotes that means no column is a text.
type Strings uint8

// The places, from all to none.
const (
	StringsAnywhere Strings = iota
	StringsInTables         // In definitions of tables and indexes that exist.
	StringsNowhere
)

// WalkQuery calls f for every expression of q and of its subqueries in FROM.
func WalkQuery(q *Query, f func(*Expr)) {
	q.Exprs(f)
	for _, c := range q.Cores {
		for _, s := range c.Sources {
			if s.Query != nil {
				WalkQuery(s.Query, f)
			}
		}
	}
}
