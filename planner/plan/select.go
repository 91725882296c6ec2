package plan

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Expr is a bound expression.
type Expr = resolve.Expr

// Source is a term of FROM.
type Source = resolve.Source

// Select is the logical form of a query: one block, or a compound of them.
type Select struct {
	// A block, when Left is nil.
	From     []From  // A join chain from the left.
	Terms    []*Expr // Conjuncts of WHERE and of inner joins' ON.
	GroupBy  []*Expr
	Aggs     []*resolve.Agg
	IsAgg    bool
	Having   []*Expr
	Window   *Window // The rows of the one source go through it.
	feeds    bool    // The block is the source of a window.
	Results  []*Expr
	Rows     [][]*Expr // VALUES
	Distinct bool

	// A compound, when Left is not nil.
	Left, Right *Select
	Op          ast.CompoundOp
	// Recursion: Right makes more rows of each row, beginning with those of
	// Left; OrderBy is the order in which they take their turn.
	Recursion *resolve.Recursion

	OrderBy []OrderTerm
	Limit   *Expr
	Offset  *Expr
	first   bool // Only the first row is asked for.
	alone   bool // No source may join the one of the block.

	Columns     []resolve.OutColumn
	Collations  []*value.Collation // Of a compound's columns, for comparing rows.
	Correlated  bool
	Materialize ast.MaterializedHint
}

// From is one source of a block.
type From struct {
	*Source
	Join resolve.JoinType
	// On are the conjuncts of ON of LEFT, RIGHT and FULL JOINs, and of all joins
	// where one of them is a RIGHT or FULL JOIN.
	On  []*Expr
	Sub *Select // The plan of a source that is a query.
	// Semi: the source comes from EXISTS, its first row is as good as all.
	Semi bool
	// Anti: only rows around for which no row of it passes On go on, with NULLs in
	// its columns. Join is a LEFT JOIN.
	Anti bool
}

// OrderTerm is one term of ORDER BY.
type OrderTerm = resolve.OrderTerm

// Width is the number of result columns.
func (s *Select) Width() int {
	switch {
	case s.Left != nil:
		return s.Left.Width()
	case s.Rows != nil:
		return len(s.Rows[0])
	default:
		return len(s.Results)
	}
}

// Stats tells what is known about a table.
type Stats interface {
	// Rows is the number of entries of the tree with that root.
	Rows(db int, root uint32) int64
	// Sample is what a sample of a table says of a stored column; nil for nothing.
	Sample(t *catalog.Table, col int) *Sample
	// Lean is told what a plan made of literals by a sample.
	Lean(l *Lean)
}

// Env is what planning needs to know.
type Env struct {
	Stats Stats
	// BatchRows is the most rows of a batch: 0 as many as the machine takes,
	// negative none, so that all runs row by row.
	BatchRows int
	// Backwards reads tables backwards where no order is wanted.
	Backwards bool
	Scratch   *Scratch
}

// rowsMin is the least number of rows that a table is planned for.
const rowsMin = 1000

// rows is the number of rows that a table is planned for, and of those that it
// has, 0 when nobody knows. Plans are kept while tables grow: a small one is
// planned for as if it had some rows, so that it is seeked where it can be.
func (env *Env) rows(t *catalog.Table) (plan, live float64) {
	if t.Module != nil {
		return rowsModule, 0
	}
	if env.Stats == nil {
		return 1 << 20, 0
	}
	live = float64(env.Stats.Rows(t.DB, t.Root))
	return max(rowsMin, live), live
}

// Build makes the logical form of a bound query.
func Build(env *Env, q *resolve.Query) *Select {
	compound := func(l, r *Select, op ast.CompoundOp) *Select {
		s := env.Scratch.selects.New()
		s.Left, s.Right, s.Op = l, r, op
		for k := 0; k < s.Width(); k++ {
			s.Collations = append(s.Collations, q.ColumnCollation(k))
		}
		return s
	}
	var s, setup *Select
	for i, c := range q.Cores {
		b := env.buildCore(c)
		if len(q.Cores) > 1 {
			b.windowed(c.Windows)
		}
		switch {
		case i == 0:
			s = b
		case q.Recursion != nil && i == q.Setup:
			s, setup = b, s
		case setup != nil:
			s = compound(s, b, ast.UnionAll) // Equal rows are found when they queue.
		default:
			s = compound(s, b, q.Ops[i-1])
		}
	}
	if setup != nil {
		s = compound(setup, s, q.Ops[len(q.Ops)-1])
		s.Recursion = q.Recursion
	}
	s.OrderBy = q.OrderBy
	s.Limit, s.Offset = q.Limit, q.Offset
	if len(q.Cores) == 1 {
		s.windowed(q.Cores[0].Windows)
	}
	s.Columns = q.Columns
	s.Correlated = q.Correlated
	s.Materialize = q.Materialize
	return s
}

func (env *Env) buildCore(c *resolve.Core) *Select {
	m := env.Scratch
	s := m.selects.New()
	*s = Select{
		Distinct: c.Distinct, Rows: c.Rows, IsAgg: c.IsAgg, Aggs: c.Aggs,
		From:    m.from.Slice(len(c.Sources)),
		Having:  resolve.Conjuncts(nil, c.Having),
		GroupBy: c.GroupBy,
		Results: m.lists.Slice(len(c.Results)),
	}
	for i, r := range c.Results {
		s.Results[i] = r.Expr
	}
	right := false
	for _, src := range c.Sources {
		right = right || src.Join.Right()
	}
	for i, src := range c.Sources {
		f := &s.From[i]
		f.Source, f.Join = src, src.Join
		if src.Query != nil {
			f.Sub = Build(env, src.Query)
		}
		if src.Join.Left() || right {
			f.On = resolve.Conjuncts(nil, src.On)
		} else {
			s.Terms = resolve.Conjuncts(s.Terms, src.On)
		}
	}
	s.Terms = resolve.Conjuncts(s.Terms, c.Where)
	return s
}

// lastRight is the index of the last source that a RIGHT or FULL JOIN adds, -1
// for none. Up to it the chain keeps its order: a term of WHERE must not be
// tested before, since it would make rows of the right side seem unmatched.
func (s *Select) lastRight() int {
	for i := len(s.From) - 1; i >= 0; i-- {
		if s.From[i].Join.Right() {
			return i
		}
	}
	return -1
}

// from finds src among the sources of the block; nil when it is none.
func (s *Select) from(src *Source) *From {
	for i := range s.From {
		if s.From[i].Source == src {
			return &s.From[i]
		}
	}
	return nil
}

// mapExprs replaces every expression of the block (not of its subqueries in
// FROM) by what change gives.
func (s *Select) mapExprs(change func(*Expr) *Expr) {
	list := func(l []*Expr) []*Expr {
		if l == nil {
			return nil
		}
		out := make([]*Expr, len(l))
		for i, e := range l {
			out[i] = change(e)
		}
		return out
	}
	if s.Left != nil {
		return
	}
	for i := range s.From {
		s.From[i].On = list(s.From[i].On)
	}
	s.Terms = list(s.Terms)
	s.GroupBy = list(s.GroupBy)
	s.Having = list(s.Having)
	s.Results = list(s.Results)
	for i := range s.Rows {
		s.Rows[i] = list(s.Rows[i])
	}
	order := make([]OrderTerm, len(s.OrderBy))
	for i, o := range s.OrderBy {
		order[i] = o
		if o.Expr != nil {
			order[i].Expr = change(o.Expr)
		}
	}
	s.OrderBy = order
	for _, a := range s.Aggs {
		a.Change(change)
	}
	if s.Window != nil {
		for _, a := range s.Window.Calls {
			a.Args = list(a.Args)
		}
	}
}
