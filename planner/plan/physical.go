package plan

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Physical is an executable plan of one block or compound.
type Physical struct {
	Levels []*Level // Nested loops, outermost first.
	// Before holds the terms without sources: tested once.
	Before []*Expr

	Rows [][]*Expr // VALUES

	IsAgg   bool
	GroupBy []*Expr
	// GroupDesc tells which of GroupBy are sorted descending, when they are
	// sorted; nil for none.
	GroupDesc []bool
	Aggs      []*resolve.Agg
	Having    []*Expr
	// Window computes window functions of the rows of Input.
	Window *Window
	Input  *Physical
	// Grouped: the levels deliver the rows group by group already. Hashed: groups,
	// or what DISTINCT has seen, are found by hashing, as far as memory goes.
	Grouped, Hashed bool
	// Retried: arguments of the aggregates of hashed groups may fail. Then all is
	// done again by sorting, which hands out the groups before the one that fails.
	Retried bool
	Results []*Expr

	Distinct bool
	OrderBy  []OrderTerm
	// Ordered: the levels (or the groups) deliver the order already.
	Ordered bool
	Limit   *Expr
	Offset  *Expr

	Left, Right *Physical
	Op          ast.CompoundOp
	Recursion   *resolve.Recursion
	Collations  []*value.Collation

	Columns    []resolve.OutColumn
	Correlated bool
	// Batch: levels, filters, and aggregates or the first term of the order, run
	// over vectors.
	Batch bool
	// Late: the results of rows that the limit of a sort turns away need not be
	// computed, as nothing in them may fail, or be seen otherwise.
	Late bool
	// LateBatch: a Batch computes all keys and results of the other rows as well.
	LateBatch bool
	// Split: the outermost loop may be split among processors.
	Split bool
	// CountOnly: the only result is count(*) of one whole table.
	CountOnly bool
	// MinMax: at most the first row that is delivered counts (min or max by
	// index order).
	FirstRowOnly bool

	// Unsolved: arguments of table-valued functions lean on one another in a
	// circle.
	Unsolved bool

	Cost, OutRows float64
}

// Width is the number of result columns.
func (p *Physical) Width() int {
	switch {
	case p.Left != nil:
		return p.Left.Width()
	case p.Rows != nil:
		return len(p.Rows[0])
	default:
		return len(p.Results)
	}
}

// AccessKind is how a level reads its source.
type AccessKind uint8

// The access kinds.
const (
	AccessScan     AccessKind = iota // All rows, in row id order.
	AccessRowid                      // One row, or one for each of IN.
	AccessRowRange                   // A range of row ids.
	AccessIndex                      // An index: equalities, then a range.
	AccessAuto                       // A transient index made for this join.
	AccessSub                        // A subquery in FROM: co-routine or materialised.
	AccessCurrent                    // The row at hand of a recursive CTE.
	AccessModule                     // A module: Eq are the arguments that are given.
)

// Access is one way to read a source.
type Access struct {
	Kind  AccessKind
	Index *catalog.Index
	// Eq are the equalities on the first key columns (or on the row id).
	Eq []EqTerm
	// Low and High bound the next key column (or the row id).
	Low, High *Bound
	Like      *LikeRange // In place of Low and High.
	Covering  bool       // The index alone answers.
	Reverse   bool       // Read backwards.
	Merge     bool       // Keys come in rising order, so that the next row is near.
	// Build are tested before a row comes into a transient index; BuildBatched:
	// for many rows at once.
	Build        []*Expr
	BuildBatched bool

	used  []*Expr // Terms that the access path implies.
	cost  float64
	rows  float64
	kept  float64 // Rows of a transient index.
	leans uint64  // The sources of its keys.
}

// ranged reports whether the access is bounded beside its equalities.
func (a *Access) ranged() bool { return a.Low != nil || a.High != nil || a.Like != nil }

// Skips is how many columns of the index are skipped.
func (a *Access) Skips() int {
	n := 0
	for n < len(a.Eq) && a.Eq[n].Each {
		n++
	}
	return n
}

// BoundWidth is the most key columns that a bound tells of.
func (a *Access) BoundWidth() int {
	n := 1
	for _, b := range []*Bound{a.Low, a.High} {
		if b != nil {
			n = max(n, 1+len(b.More))
		}
	}
	return n
}

// EqTerm is an equality on a key column: one value, or any of an IN.
type EqTerm struct {
	Expr *Expr // The value.
	In   *Expr // The OpIn expression; then Expr is nil.
	// Field is the column of In's rows: those of one In stand for all of its
	// columns.
	Field int
	Null  bool // IS: NULL is a value too.
	// Each: no equality, but one loop for each value that the column has, and the
	// columns before it: a skip-scan. They come first.
	Each bool
	Term *Expr
	of   *term // That Term is of.
}

// Bound is one end of a range.
type Bound struct {
	Expr      *Expr
	Inclusive bool
	Term      *Expr
	// More bound the key columns that follow, in a comparison of row values.
	More []*Bound
	of   *term // That Term is of; nil for a part of one.
}

// Level is one loop.
type Level struct {
	Source *Source
	Access *Access
	Left   bool // A row of NULLs stands for no match: LEFT and FULL JOIN.
	Right  bool // Rows without a match come after all others: RIGHT and FULL JOIN.
	Semi   bool // The loop ends behind the first row that comes through.
	Anti   bool // Only where no row passes On goes it on, with a row of NULLs.
	// On are the terms of ON that the access does not imply; of an inner join
	// only where a RIGHT or FULL JOIN follows.
	On []*Expr
	// Terms are tested here, after On; the first Batched of them for many rows at
	// once, where the level is the outermost.
	Terms   []*Expr
	Batched int
	// InBatches: rows come by batches, where the level is the outermost of a SELECT.
	InBatches bool
	// Ahead: rows of the outermost loop that have none in this level's transient
	// index are turned away while they come by batches. Probes: some level does so
	// with the rows of this one.
	Ahead, Probes bool
	// Before are those of Terms that do not read the source of the last RIGHT or
	// FULL JOIN: where they fail for NULLs, no row of it without a match remains.
	Before []*Expr
	// Sub is the plan of a source that is a query; Coroutine when it is read
	// once from start to end.
	Sub       *Physical
	Coroutine bool
	reads     *columnSet // Columns that the block reads.
	// Rows is how many rows are thought to come to the terms of the level.
	Rows float64
}

// Reads reports whether the block reads a column of the level's source; RowidColumn
// for the row id, which may also go by its alias.
func (l *Level) Reads(col int) bool {
	if t := l.Source.Table; t != nil && t.RowidAlias >= 0 && (col == t.RowidAlias || col == resolve.RowidColumn) {
		return l.reads.has(t.RowidAlias) || l.reads.has(resolve.RowidColumn)
	}
	return l.reads.has(col)
}
