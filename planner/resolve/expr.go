package resolve

import (
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Op is the operator of a bound expression.
type Op uint8

// The operators.
const (
	OpConst  Op = iota // Value
	OpParam            // Index: number of the parameter; with Source, a column of OLD or NEW in a trigger
	OpColumn           // Source, Index: column of the source, RowidColumn for the row id
	OpNegate           // L
	OpPlus             // L; drops affinity only
	OpBitNot           // L
	OpNot              // L
	OpAdd              // L, R, and so on
	OpSub
	OpMul
	OpDiv
	OpRem
	OpConcat
	OpBitAnd
	OpBitOr
	OpShiftLeft
	OpShiftRight
	OpAnd
	OpOr
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpIs     // L IS R
	OpIsNot  // L IS NOT R
	OpIsNull // L
	OpNotNull
	OpTruth   // L IS [NOT] TRUE/FALSE: Index is the truth asked for (0, 1), Not inverts
	OpBetween // L BETWEEN List[0] AND List[1]
	OpIn      // L IN List, or L IN Query; Not
	OpCase    // L operand or nil; List: when, then, when, then ..., R else or nil
	OpCast    // L; Affinity
	OpCollate // L; Coll
	OpFunc    // Func, List
	OpAgg     // Agg: the result of an aggregate of the core that holds it
	OpWindow  // Agg, with Over: the result of a window function
	OpExists  // Query
	OpScalar  // Query: its first row, of one column; of several only where a row value may stand
	OpRow     // List: a row value, the operand of a comparison, BETWEEN, IN or CASE
	OpField   // L: an OpScalar of several columns; Index: which of them
	OpRaise   // L: the text, nil for IGNORE; Index: the conflict action
	OpReg     // Index: a register that codegen filled; made by plan and codegen
)

// RowidColumn is the Index of an OpColumn that reads the row id.
const RowidColumn = -1

// Expr is a bound expression. It is immutable (N2).
type Expr struct {
	Op    Op
	Not   bool
	L, R  *Expr
	List  []*Expr
	val   value.Value
	lit   *Literal // Whose value val is; nil where no other text may have another.
	Index int
	// Source is the term of FROM that a column comes from.
	Source *Source
	Func   *fn.Func
	Agg    *Agg
	Query  *Query
	Coll   *value.Collation
	Cast   value.Affinity
	Type   string // Of CAST, as written.
	Pos    token.Pos

	hasCollate bool // A COLLATE operator stands in it, outside subqueries.
	aff        value.Affinity
	affFixed   bool
	collFixed  bool // Coll is the expression's collation, whatever its parts say.
}

// Agg is one call of an aggregate or window function of a core.
type Agg struct {
	Name     string // As written.
	Func     *fn.Func
	Args     []*Expr
	Star     bool
	Distinct bool
	Filter   *Expr
	OrderBy  []OrderTerm // In which it takes its rows; Col is -1.
	Coll     *value.Collation
	Over     *Window // Of a window function.
}

// Exprs calls f for every expression of the call.
func (a *Agg) Exprs(f func(*Expr)) {
	for _, e := range a.Args {
		f(e)
	}
	for _, o := range a.OrderBy {
		f(o.Expr)
	}
	if a.Filter != nil {
		f(a.Filter)
	}
	if a.Over != nil {
		a.Over.exprs(f)
	}
}

// Change replaces every expression of the call by what change gives.
func (a *Agg) Change(change func(*Expr) *Expr) {
	a.Args, a.OrderBy = changeList(a.Args, change), changeTerms(a.OrderBy, change)
	if a.Filter != nil {
		a.Filter = change(a.Filter)
	}
	if a.Over != nil {
		a.Over = a.Over.changed(change)
	}
}

func changeList(list []*Expr, change func(*Expr) *Expr) []*Expr {
	out := make([]*Expr, len(list))
	for i, e := range list {
		out[i] = change(e)
	}
	return out
}

func changeTerms(list []OrderTerm, change func(*Expr) *Expr) []OrderTerm {
	out := make([]OrderTerm, len(list))
	for i, o := range list {
		out[i] = o
		out[i].Expr = change(o.Expr)
	}
	return out
}

// Const returns a constant expression.
func Const(v value.Value) *Expr { return &Expr{Op: OpConst, val: v} }

// Width is the number of columns of e: more than one for a row value.
func (e *Expr) Width() int {
	switch e.Op {
	case OpRow:
		return len(e.List)
	case OpScalar:
		return e.Query.Cores[0].Width()
	}
	return 1
}

// Field returns column i of a row value.
func (e *Expr) Field(i int) *Expr {
	switch {
	case e.Op == OpRow:
		return e.List[i]
	case e.Width() > 1:
		return &Expr{Op: OpField, L: e, Index: i, hasCollate: e.Query.Compared(i).hasCollate, Pos: e.Pos}
	}
	return e
}

// Row returns a row value.
func Row(list []*Expr) *Expr { return withParts(&Expr{Op: OpRow, List: list, Pos: list[0].Pos}) }

// RowMisused is the error for a row value where only a value may stand.
func RowMisused(e *Expr) error {
	if e.Op == OpScalar {
		return errorf("sub-select returns %d columns - expected 1", e.Width())
	}
	return errorf("row value misused")
}

// Binary returns L op R.
func Binary(op Op, l, r *Expr) *Expr {
	e := binary(op, l, r)
	return &e
}

// NotFalse is e IS NOT FALSE.
func NotFalse(e *Expr) *Expr {
	return &Expr{Op: OpTruth, L: e, Not: true, hasCollate: e.hasCollate, Pos: e.Pos}
}

func binary(op Op, l, r *Expr) Expr {
	return Expr{Op: op, L: l, R: r, hasCollate: l.hasCollate || r != nil && r.hasCollate, Pos: l.Pos}
}

// Unary returns op L.
func Unary(op Op, l *Expr) *Expr {
	e := unary(op, l)
	return &e
}

func unary(op Op, l *Expr) Expr { return Expr{Op: op, L: l, hasCollate: l.hasCollate, Pos: l.Pos} }

// Column returns a reference to column i of s.
func Column(s *Source, i int) *Expr { return &Expr{Op: OpColumn, Source: s, Index: i} }

// Reg returns a reference to a register that stands for e, with e's affinity
// and collation.
func Reg(reg int, e *Expr) *Expr {
	return &Expr{Op: OpReg, Index: reg, aff: e.Affinity(), affFixed: true, Coll: e.Collation(), hasCollate: e.hasCollate, Pos: e.Pos}
}

// Conjuncts splits e at its ANDs and appends the parts to dst.
func Conjuncts(dst []*Expr, e *Expr) []*Expr {
	if e == nil {
		return dst
	}
	if e.Op == OpAnd {
		return Conjuncts(Conjuncts(dst, e.L), e.R)
	}
	return append(dst, e)
}

// Affinity is the affinity of the expression: a column's, a CAST's, or
// AffNone.
func (e *Expr) Affinity() value.Affinity {
	for {
		if e.affFixed {
			return e.aff
		}
		switch e.Op {
		case OpColumn:
			if e.Index == RowidColumn {
				return value.AffInteger
			}
			return e.Source.Columns[e.Index].Affinity
		case OpCast:
			return e.Cast
		case OpScalar:
			e = e.Query.Compared(0)
		case OpField:
			e = e.L.Query.Compared(e.Index)
		case OpCollate:
			e = e.L
		default:
			return value.AffNone
		}
	}
}

// Collation is the collation of the expression, nil when it has none: then
// the other operand's, or BINARY, counts.
func (e *Expr) Collation() *value.Collation {
	for e != nil {
		if e.collFixed {
			return e.Coll
		}
		switch e.Op {
		case OpReg:
			return e.Coll
		case OpColumn, OpParam:
			if e.Source == nil || e.Index == RowidColumn {
				return nil
			}
			return e.Source.Columns[e.Index].Collation
		case OpField:
			e = e.L.Query.Compared(e.Index)
			continue
		case OpCast, OpPlus:
			e = e.L
			continue
		case OpCollate:
			return e.Coll
		case OpRow: // Its first column speaks for it.
			e = e.List[0]
			continue
		}
		if !e.hasCollate {
			return nil
		}
		switch {
		case e.L != nil && e.L.hasCollate:
			e = e.L
		case e.R != nil && e.R.hasCollate:
			e = e.R
		default:
			next := (*Expr)(nil)
			for _, x := range e.List {
				if x.hasCollate {
					next = x
					break
				}
			}
			e = next
		}
	}
	return nil
}

// CompareCollation is the collation of the comparison of l with r.
func CompareCollation(l, r *Expr) *value.Collation {
	switch {
	case l.hasCollate:
		return l.Collation()
	case r != nil && r.hasCollate:
		return r.Collation()
	}
	if c := l.Collation(); c != nil {
		return c
	}
	if r != nil {
		return r.Collation()
	}
	return nil
}

// CompareAffinity is the affinity that a comparison applies to both operands
// first.
func CompareAffinity(l, r value.Affinity) value.Affinity {
	if l > value.AffNone && r > value.AffNone {
		if l.IsNumeric() || r.IsNumeric() {
			return value.AffNumeric
		}
		return value.AffBlob
	}
	if l <= value.AffNone {
		return r
	}
	return l
}

func isHint(f *fn.Func) bool {
	return f.Flags&fn.Inline != 0 && (f.Name == "likely" || f.Name == "unlikely" || f.Name == "likelihood")
}

// SkipCollate returns e without the COLLATE operators, and the likely() and its
// like, around it.
func (e *Expr) SkipCollate() *Expr {
	for {
		switch {
		case e.Op == OpCollate:
			e = e.L
		case e.Op == OpFunc && isHint(e.Func):
			e = e.List[0]
		default:
			return e
		}
	}
}

// Walk calls visit for e and, where it answers true, for its parts. It does
// not enter subqueries; visit sees them as OpIn, OpExists, OpScalar nodes.
func Walk(e *Expr, visit func(*Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	Walk(e.L, visit)
	Walk(e.R, visit)
	for _, x := range e.List {
		Walk(x, visit)
	}
}

// Map returns e with every part replaced by what change makes of it, bottom
// up; unchanged parts are shared.
func Map(e *Expr, change func(*Expr) *Expr) *Expr {
	if e == nil {
		return nil
	}
	l, r := Map(e.L, change), Map(e.R, change)
	list := e.List
	for i, x := range e.List {
		if y := Map(x, change); y != x {
			if &list[0] == &e.List[0] {
				list = append([]*Expr(nil), e.List...)
			}
			list[i] = y
		}
	}
	if l != e.L || r != e.R || len(list) > 0 && &list[0] != &e.List[0] {
		c := *e
		c.L, c.R, c.List = l, r, list
		c.hasCollate = c.Op == OpCollate || l != nil && l.hasCollate || r != nil && r.hasCollate
		for _, x := range list {
			c.hasCollate = c.hasCollate || x.hasCollate
		}
		e = &c
	}
	return change(e)
}

// Equal reports whether two expressions are the same for sure: same shape,
// same columns, same constants. Calls of functions that may change are never
// equal.
func Equal(a, b *Expr) bool {
	if a == b {
		return a == nil || !volatile(a)
	}
	if a == nil || b == nil || a.Op != b.Op || a.Not != b.Not || a.Index != b.Index || a.Source != b.Source ||
		a.Func != b.Func || a.Query != b.Query || a.Coll != b.Coll || a.Cast != b.Cast || len(a.List) != len(b.List) {
		return false
	}
	switch a.Op {
	case OpConst:
		if !sameConstant(a, b) {
			return false
		}
	case OpFunc:
		if a.Func.Flags&(fn.Deterministic|fn.SlowChange|fn.Inline) == 0 {
			return false
		}
	case OpAgg, OpWindow:
		return a.Agg == b.Agg
	case OpIn, OpExists, OpScalar:
		if a.Query != nil {
			return false
		}
	}
	if !Equal(a.L, b.L) || !Equal(a.R, b.R) {
		return false
	}
	for i := range a.List {
		if !Equal(a.List[i], b.List[i]) {
			return false
		}
	}
	return true
}

func volatile(e *Expr) bool {
	v := false
	Walk(e, func(x *Expr) bool {
		if x.Op == OpRaise || x.Op == OpFunc && x.Func.Flags&(fn.Deterministic|fn.SlowChange|fn.Inline) == 0 {
			v = true
		}
		return !v
	})
	return v
}

// IsVolatile reports whether evaluating e twice may give two results.
func (e *Expr) IsVolatile() bool { return volatile(e) }

// References calls f for every source of an enclosing or the same core that e
// reads, also from within its subqueries.
func (e *Expr) References(f func(*Source)) {
	Walk(e, func(x *Expr) bool {
		switch {
		case x.Op == OpColumn:
			f(x.Source)
		case x.Agg != nil:
			x.Agg.Exprs(func(e *Expr) { e.References(f) })
		}
		if x.Query != nil {
			x.Query.References(f)
		}
		return true
	})
}

// IsConstant reports whether e reads no column and calls nothing volatile:
// its value is the same for the whole run of the statement. Subqueries count
// as not constant.
func (e *Expr) IsConstant() bool {
	ok := true
	Walk(e, func(x *Expr) bool {
		switch x.Op {
		case OpColumn, OpAgg, OpWindow, OpReg, OpExists, OpScalar, OpRaise:
			ok = false
		case OpIn:
			ok = ok && x.Query == nil
		case OpFunc:
			if x.Func.Flags&(fn.Deterministic|fn.SlowChange|fn.Inline) == 0 {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// CanBeNull reports whether e may be NULL; false is certain.
func (e *Expr) CanBeNull() bool {
	switch e.Op {
	case OpConst:
		return e.isNull()
	case OpColumn:
		if e.Source.Nullable {
			return true
		}
		if e.Index == RowidColumn {
			return false
		}
		t := e.Source.Table
		return t == nil || t.View != nil || !t.Columns[e.Index].NotNull && t.RowidAlias != e.Index
	case OpCollate, OpPlus:
		return e.L.CanBeNull()
	case OpIsNull, OpNotNull, OpIs, OpIsNot, OpTruth, OpExists:
		return false
	default:
		return true
	}
}

// DataType is a guess of the classes that e can give: bit 0 numbers, bit 1
// text, bit 2 blobs.
func (e *Expr) DataType() int {
	for {
		switch e.Op {
		case OpCollate, OpPlus:
			e = e.L
		case OpConst:
			switch e.Kind() {
			case value.Null:
				return 0
			case value.Text:
				return 2
			case value.Blob:
				return 4
			default:
				return 1
			}
		case OpConcat:
			return 6
		case OpParam, OpAgg, OpWindow, OpFunc:
			return 7
		case OpColumn, OpScalar, OpField, OpCast:
			switch a := e.Affinity(); {
			case a.IsNumeric():
				return 5
			case a == value.AffText:
				return 6
			default:
				return 7
			}
		case OpCase:
			t := 0
			for i := 1; i < len(e.List); i += 2 {
				t |= e.List[i].DataType()
			}
			if e.R != nil {
				t |= e.R.DataType()
			}
			return t
		default:
			return 1
		}
	}
}

// Origin follows a column to the table it comes from; nil for expressions. Of
// a compound subquery it is the last SELECT that counts, as in SQLite.
func (e *Expr) Origin() (t *catalog.Table, col int) {
	for {
		switch e.Op {
		case OpColumn:
			s := e.Source
			if s.Query == nil {
				if e.Index == RowidColumn && s.Table != nil {
					return s.Table, s.Table.RowidAlias
				}
				return s.Table, e.Index
			}
			if e.Index < 0 {
				return nil, 0
			}
			e = s.Query.Cores[len(s.Query.Cores)-1].Result(e.Index)
		case OpScalar:
			e = e.Query.Cores[len(e.Query.Cores)-1].Result(0)
		default:
			return nil, 0
		}
	}
}

// DeclType is the declared type of the column that e is, or "".
func (e *Expr) DeclType() string {
	t, col := e.Origin()
	if t == nil {
		return ""
	}
	if col < 0 {
		return "INTEGER"
	}
	if col >= len(t.Columns) {
		return ""
	}
	return t.Columns[col].DeclType
}

// isRowid: a row id is never text, and what is never text needs no collation.
func (e *Expr) isRowid() bool { return e.Op == OpColumn && e.Index == RowidColumn }

// AsColumn returns e in the place of a subquery's column col: an explicit
// COLLATE in e becomes the column's own, implicit one.
func AsColumn(e, col *Expr) *Expr {
	if !e.hasCollate && e.Affinity() == col.Affinity() && (e.Collation() == col.Collation() || e.isRowid() || e.DataType()&2 == 0) {
		return e
	}
	return &Expr{Op: OpPlus, L: e, aff: col.Affinity(), affFixed: true, Coll: col.Collation(), collFixed: true, Pos: col.Pos}
}

// MapQuery returns q with every expression, also of its subqueries in FROM,
// replaced by what change gives. Sources stay the same objects but for those
// whose queries change, which keep their identity and get the new query.
func MapQuery(q *Query, change func(*Expr) *Expr) *Query {
	n := *q
	n.Cores = make([]*Core, len(q.Cores))
	apply := func(e *Expr) *Expr {
		if e == nil {
			return nil
		}
		return change(e)
	}
	list := func(l []*Expr) []*Expr {
		if l == nil {
			return nil
		}
		out := make([]*Expr, len(l))
		for i, e := range l {
			out[i] = apply(e)
		}
		return out
	}
	for i, c := range q.Cores {
		m := *c
		for _, s := range m.Sources {
			s.On = apply(s.On)
			if s.Query != nil {
				s.Query = MapQuery(s.Query, change)
			}
		}
		for _, a := range m.Aggs {
			a.Change(apply)
		}
		for _, a := range m.Windows {
			a.Change(apply)
		}
		m.Where, m.GroupBy, m.Having = apply(m.Where), list(m.GroupBy), apply(m.Having)
		m.Results = append([]ResultItem(nil), m.Results...)
		for k := range m.Results {
			m.Results[k].Expr = apply(m.Results[k].Expr)
		}
		if m.Rows != nil {
			rows := make([][]*Expr, len(m.Rows))
			for k := range rows {
				rows[k] = list(m.Rows[k])
			}
			m.Rows = rows
		}
		n.Cores[i] = &m
	}
	n.OrderBy = append([]OrderTerm(nil), q.OrderBy...)
	for k := range n.OrderBy {
		n.OrderBy[k].Expr = apply(n.OrderBy[k].Expr)
	}
	n.Limit, n.Offset = apply(q.Limit), apply(q.Offset)
	return &n
}
