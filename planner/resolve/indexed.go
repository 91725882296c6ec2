package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/fn"
)

// Indexed is what an index computes from a row beside its columns, bound over
// the source that gives the row.
type Indexed struct {
	Columns []*Expr // By key column; nil where it is a column of the table.
	Where   *Expr   // The condition of a partial index, or nil.
	// reads are the columns of the table that the index depends on.
	reads map[int]bool
}

// Reads reports whether the index depends on column col of its table.
func (x *Indexed) Reads(col int) bool { return x.reads[col] }

// Key is the expression of key column k of index x over the rows of s.
func (s *Source) Key(x *catalog.Index, k int) *Expr {
	if c := x.Columns[k].Column; c != catalog.ExprColumn {
		if c == s.Table.RowidAlias {
			c = RowidColumn
		}
		return Column(s, c)
	}
	return s.Indexed[x].Columns[k]
}

// Where is the condition of index x over the rows of s; nil when it has every
// row.
func (s *Source) Where(x *catalog.Index) *Expr {
	if x.Where == nil {
		return nil
	}
	return s.Indexed[x].Where
}

// bindIndexes binds the expressions and conditions of the indexes of a table
// over s, under whatever name s goes.
func (r *resolver) bindIndexes(s *Source) error {
	for _, x := range s.Table.Indexes {
		if !x.Computed() {
			continue
		}
		in, err := r.indexed(x, s)
		if err != nil {
			return err
		}
		if s.Indexed == nil {
			s.Indexed = map[*catalog.Index]*Indexed{}
		}
		s.Indexed[x] = in
	}
	return nil
}

// indexed binds one index over s.
func (r *resolver) indexed(x *catalog.Index, s *Source) (*Indexed, error) {
	row := r.plainRow(x.Table)
	in := &Indexed{Columns: make([]*Expr, len(x.Columns)), reads: map[int]bool{}}
	see := func(e *Expr) *Expr {
		e = moved(e, row, s)
		s.columnsOf(e, in.reads)
		return e
	}
	var wrong error
	if x.Where != nil {
		e, err := r.expr(&scope{sources: []*Source{row}, kind: inPartialIndex}, x.Where)
		if wrong = err; err == nil {
			in.Where = see(e)
		}
	}
	for k, c := range x.Columns {
		if c.Column != catalog.ExprColumn {
			in.reads[c.Column] = true
		} else {
			e, err := r.expr(&scope{sources: []*Source{row}, kind: inIndex}, c.Expr)
			if wrong == nil || err != nil && isTold(c.Expr) {
				wrong = err
			}
			if err == nil {
				in.Columns[k] = see(e)
			}
		}
		if wrong != nil {
			break
		}
	}
	for _, c := range x.Suffix {
		in.reads[c.Column] = true
	}
	return in, wrong
}

// columnsOf notes in set the columns of s that e reads; the row id as the
// column that is its alias, too.
func (s *Source) columnsOf(e *Expr, set map[int]bool) {
	Walk(e, func(y *Expr) bool {
		if y.Op == OpColumn && y.Source == s {
			set[y.Index] = true
			if y.Index == RowidColumn && s.Table.RowidAlias >= 0 {
				set[s.Table.RowidAlias] = true
			}
		}
		return true
	})
}

// moved returns e, bound over row, bound over s instead.
func moved(e *Expr, row, s *Source) *Expr {
	if row == s {
		return e
	}
	return Map(e, func(x *Expr) *Expr {
		if x.Op != OpColumn || x.Source != row {
			return x
		}
		c := *x
		c.Source = s
		return &c
	})
}

// NewIndex makes the picture of a CREATE INDEX statement on t, and a source that
// stands for a row of t with what the index computes. The reference looks at the
// condition first, then at the columns in their order.
func NewIndex(env Env, def *ast.CreateIndex, t *catalog.Table) (*catalog.Index, *Source, error) {
	x, err := catalog.NewIndex(def, t, env.Collations)
	if x == nil {
		return nil, nil, err
	}
	row, before := IndexRow(env, x)
	if _, collate := def.Columns[0].Expr.(*ast.Collate); before != nil && (err == nil || len(x.Columns) > 0 || collate) {
		err = before
	}
	return x, row, err
}

// IndexRow returns a source that stands for a row of the table of an index
// that is being made, with what the index computes.
func IndexRow(env Env, x *catalog.Index) (*Source, error) {
	r := &resolver{env: env}
	r.env.Strings = min(env.Strings, StringsInTables) // The table exists, the index does not.
	s := r.plainRow(x.Table)
	if err := r.bindGenerated(s, nil); err != nil {
		return nil, err
	}
	r.env.Strings = env.Strings
	in, err := r.indexed(x, s)
	s.Indexed = map[*catalog.Index]*Indexed{x: in}
	return s, err
}

// Implies reports whether p true implies q true for sure, by the reference's
// rules (sqlite3ExprImpliesExpr): they are the same, q is an OR with a side
// that p implies, or q says that something is not NULL without which p is not
// true.
func Implies(p, q *Expr) bool {
	switch {
	case Equal(p, q):
		return true
	case q.Op == OpOr:
		return Implies(p, q.L) || Implies(p, q.R)
	case q.Op == OpNotNull:
		return impliesNotNull(p, q.L, false)
	}
	return false
}

// impliesNotNull reports whether x is not NULL when p is true or, with seen,
// when p is not NULL.
func impliesNotNull(p, x *Expr, seen bool) bool {
	if p == nil {
		return false
	}
	if Equal(p, x) {
		return p.Op != OpConst || !p.isNull()
	}
	switch p.Op {
	case OpIn:
		if (seen || p.Not) && (p.Query != nil || len(p.List) == 0) {
			return false // NULL NOT IN () is true.
		}
		return impliesNotNull(p.L, x, true)
	case OpBetween:
		return !seen && !p.Not && (impliesNotNull(p.List[0], x, true) || impliesNotNull(p.List[1], x, true) || impliesNotNull(p.L, x, true))
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe, OpAdd, OpSub, OpBitOr, OpShiftLeft, OpShiftRight, OpConcat:
		return impliesNotNull(p.R, x, true) || impliesNotNull(p.L, x, true)
	case OpMul, OpRem, OpBitAnd, OpDiv:
		return impliesNotNull(p.R, x, seen) || impliesNotNull(p.L, x, seen)
	case OpCollate, OpPlus, OpNegate:
		return impliesNotNull(p.L, x, seen)
	case OpTruth:
		return !seen && !p.Not && impliesNotNull(p.L, x, true)
	case OpNot, OpBitNot:
		return impliesNotNull(p.L, x, true)
	}
	return false
}

// HasSubtype reports whether the value of e may carry a subtype (JSON), which
// an index does not keep.
func (e *Expr) HasSubtype() bool {
	return e.Op == OpFunc && e.Func.Flags&fn.Inline == 0 && len(e.Func.Name) > 3 && e.Func.Name[:4] == "json"
}
