package resolve

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

var binaryOps = map[ast.BinaryOp]Op{
	ast.OpOr: OpOr, ast.OpAnd: OpAnd, ast.OpEq: OpEq, ast.OpNe: OpNe, ast.OpIs: OpIs, ast.OpIsNot: OpIsNot,
	ast.OpIsNotDistinctFrom: OpIs, ast.OpIsDistinctFrom: OpIsNot,
	ast.OpLt: OpLt, ast.OpLe: OpLe, ast.OpGt: OpGt, ast.OpGe: OpGe,
	ast.OpBitAnd: OpBitAnd, ast.OpBitOr: OpBitOr, ast.OpShiftLeft: OpShiftLeft, ast.OpShiftRight: OpShiftRight,
	ast.OpAdd: OpAdd, ast.OpSub: OpSub, ast.OpMul: OpMul, ast.OpDiv: OpDiv, ast.OpMod: OpRem, ast.OpConcat: OpConcat,
}

// expr binds an expression.
func (r *resolver) expr(sc *scope, n ast.Expr) (*Expr, error) {
	e, err := r.bind(sc, n)
	if err != nil {
		return nil, err
	}
	if e.Pos == 0 {
		e.Pos = n.Pos()
	}
	return e, nil
}

func (r *resolver) bind(sc *scope, n ast.Expr) (*Expr, error) {
	if n, ok := n.(*ast.Literal); ok {
		return r.literal(sc, n)
	}
	if v, _, ok := constant(n); ok && (!r.env.Whole || isNowhere(n)) {
		return r.constant(value.FromInt(v)), nil
	}
	switch n := n.(type) {
	case *ast.Column:
		return r.column(sc, n)
	case *ast.Param:
		if sc.kind != inQuery {
			return nil, sc.errorAt(n.Pos(), "parameters prohibited in %s", sc.kind)
		}
		return r.keep(Expr{Op: OpParam, Index: n.Number}), nil
	case *ast.Unary:
		return r.unary(sc, n)
	case *ast.Binary:
		return r.binary(sc, n)
	case *ast.Between:
		if err := sc.sameWidth(n, n.X, n.Low, n.High); err != nil {
			return nil, err
		}
		list, err := r.exprs(sc, n.X, n.Low, n.High)
		if err != nil {
			return nil, err
		}
		if err := sameWidths(list...); err != nil {
			return nil, err
		}
		return withParts(&Expr{Op: OpBetween, Not: n.Not, L: list[0], List: list[1:]}), nil
	case *ast.In:
		return r.in(sc, n)
	case *ast.Like:
		return r.like(sc, n)
	case *ast.IsNull:
		x, err := r.expr(sc, n.X)
		if err != nil {
			return nil, err
		}
		if n.Not {
			return r.unaryOf(OpNotNull, x), nil
		}
		return r.unaryOf(OpIsNull, x), nil
	case *ast.Case:
		return r.caseExpr(sc, n)
	case *ast.Cast:
		x, err := r.expr(sc, n.X)
		if err != nil {
			return nil, err
		}
		e := r.unaryOf(OpCast, x)
		e.Cast = value.AffNumeric // CAST(x AS), unlike a column without a type.
		if n.Type != nil {
			e.Cast, e.Type = value.AffinityOf(n.Type.Text), n.Type.Text
		}
		return e, nil
	case *ast.Collate:
		x, err := r.expr(sc, n.X)
		if err != nil {
			return nil, err
		}
		coll := r.collation(n.Collation.Text)
		if coll == nil {
			return nil, NoCollation(n.Collation.Text)
		}
		e := r.unaryOf(OpCollate, x)
		e.Coll, e.hasCollate = coll, true
		return e, nil
	case *ast.FuncCall:
		return r.call(sc, n)
	case *ast.Exists:
		q, err := r.subquery(sc, n.Select)
		if err != nil {
			return nil, err
		}
		return &Expr{Op: OpExists, Query: q}, nil
	case *ast.Subquery:
		q, err := r.subquery(sc, n.Select)
		if err != nil {
			return nil, err
		}
		return &Expr{Op: OpScalar, Query: q}, nil
	case *ast.RowValue:
		list, err := r.exprs(sc, n.Elems...)
		if err != nil {
			return nil, err
		}
		return Row(list), nil
	case *ast.Raise:
		return r.raise(sc, n)
	}
	return nil, errorf("unknown expression")
}

func (r *resolver) exprs(sc *scope, list ...ast.Expr) ([]*Expr, error) {
	out := r.env.Scratch.list(len(list))
	for i, n := range list {
		var err error
		if out[i], err = r.expr(sc, n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sameWidth refuses to compare expressions of different numbers of columns as
// far as these can be counted before names are bound.
func (sc *scope) sameWidth(n ast.Expr, parts ...ast.Expr) error {
	w := 0
	for _, x := range parts {
		k := width(x)
		if w == 0 {
			w = k
		}
		if k != 0 && k != w {
			return sc.errorAt(exprAt(n), "row value misused")
		}
	}
	return nil
}

// sameWidths is sameWidth for bound expressions.
func sameWidths(list ...*Expr) error {
	for _, e := range list[1:] {
		if e.Width() != list[0].Width() {
			return errorf("row value misused")
		}
	}
	return nil
}

// width is the number of columns of an expression as it is written, 0 when a
// star hides it.
func width(n ast.Expr) int {
	switch n := n.(type) {
	case *ast.RowValue:
		return len(n.Elems)
	case *ast.Subquery:
		switch c := n.Select.Cores[0].(type) {
		case *ast.SelectCore:
			for _, col := range c.Columns {
				if col.Star() {
					return 0
				}
			}
			return len(c.Columns)
		case *ast.Values:
			return len(c.Rows[0])
		}
	}
	return 1
}

// withParts sets what an expression inherits from its parts.
func withParts(e *Expr) *Expr {
	if e.L != nil && e.L.hasCollate || e.R != nil && e.R.hasCollate {
		e.hasCollate = true
	}
	for _, x := range e.List {
		e.hasCollate = e.hasCollate || x.hasCollate
	}
	return e
}

func (r *resolver) collation(name string) *value.Collation {
	if r.env.Collations != nil {
		return r.env.Collations(name)
	}
	return value.BuiltinCollation(name)
}

func (r *resolver) literal(sc *scope, n *ast.Literal) (*Expr, error) {
	switch n.Kind {
	case ast.LiteralInteger:
		v, err := integerLiteral(n, false)
		if err != nil {
			return nil, err
		}
		return r.given(n, v, false), nil
	case ast.LiteralFloat:
		return r.given(n, value.FromReal(value.ParseNumber([]byte(n.Text)).Real), false), nil
	case ast.LiteralString:
		return r.given(n, value.FromString(n.Text), false), nil
	case ast.LiteralBlob:
		return r.constant(value.FromBlob([]byte(n.Text))), nil
	case ast.LiteralCurrentTime, ast.LiteralCurrentDate, ast.LiteralCurrentTimestamp:
		name := map[ast.LiteralKind]string{ast.LiteralCurrentTime: "current_time", ast.LiteralCurrentDate: "current_date",
			ast.LiteralCurrentTimestamp: "current_timestamp"}[n.Kind]
		f, _ := r.env.Functions.Lookup(name, 0)
		if f == nil {
			return nil, sc.errorAt(n.Pos(), "no such function: %s", name)
		}
		if sc.mustBePure(f) {
			return nil, sc.errorAt(n.Pos(), "non-deterministic functions prohibited in %s", sc.kind)
		}
		return &Expr{Op: OpFunc, Func: f}, nil
	default:
		return r.constant(value.Value{}), nil
	}
}

// integerLiteral reads decimal and hexadecimal integers; a decimal too large
// for 64 bits is a real, a hexadecimal one an error.
func integerLiteral(n *ast.Literal, negative bool) (value.Value, error) {
	t := n.Text
	if len(t) > 2 && t[0] == '0' && t[1]|0x20 == 'x' {
		digits := strings.TrimLeft(t[2:], "0")
		if len(digits) > 16 {
			sign := ""
			if negative {
				sign = "-"
			}
			return value.Value{}, errorAt(n.Pos(), "hex literal too big: %s%s", sign, t)
		}
		u, _ := strconv.ParseUint("0"+digits, 16, 64)
		return value.FromInt(int64(u)), nil
	}
	num := value.ParseNumber([]byte(t))
	if num.IsInt {
		return value.FromInt(num.Int), nil
	}
	return value.FromReal(num.Real), nil
}

var unaryOps = [...]Op{ast.OpNot: OpNot, ast.OpNegate: OpNegate, ast.OpPlus: OpPlus, ast.OpBitNot: OpBitNot}

func (r *resolver) unary(sc *scope, n *ast.Unary) (*Expr, error) {
	if lit, ok := n.X.(*ast.Literal); ok && n.Op == ast.OpNegate && (lit.Kind == ast.LiteralInteger || lit.Kind == ast.LiteralFloat) {
		if _, err := integerLiteral(lit, true); err != nil && lit.Kind == ast.LiteralInteger {
			return nil, err
		}
		// -9223372036854775808 is an integer although its digits alone are not.
		if lit.Kind == ast.LiteralInteger && !strings.HasPrefix(strings.ToLower(lit.Text), "0x") {
			if num := value.ParseNumber([]byte("-" + lit.Text)); num.IsInt {
				return r.given(lit, value.FromInt(num.Int), true), nil
			}
		}
		if lit.Kind == ast.LiteralFloat {
			return r.given(lit, value.FromReal(-value.ParseNumber([]byte(lit.Text)).Real), true), nil
		}
	}
	x, err := r.expr(sc, n.X)
	if err != nil {
		return nil, err
	}
	return r.unaryOf(unaryOps[n.Op], x), nil
}

func (r *resolver) binary(sc *scope, n *ast.Binary) (*Expr, error) {
	if n.Op == ast.OpExtract || n.Op == ast.OpExtractText {
		name := "->"
		if n.Op == ast.OpExtractText {
			name = "->>"
		}
		return r.function(sc, &ast.Name{Span: n.Span, Text: name}, []ast.Expr{n.Left, n.Right})
	}
	op := binaryOps[n.Op]
	if op == OpIs || op == OpIsNot {
		if truth, ok := r.truthWord(sc, skipCollate(n.Right)); ok {
			x, err := r.expr(sc, n.Left)
			if err != nil {
				return nil, err
			}
			e := r.unaryOf(OpTruth, x)
			e.Index, e.Not = truth, op == OpIsNot
			return e, nil
		}
	}
	if op >= OpEq && op <= OpIsNot {
		if err := sc.sameWidth(n, n.Left, n.Right); err != nil {
			return nil, err
		}
	}
	if col, ok := skipCollate(n.Right).(*ast.Column); ok && col.Table == nil && (op == OpIs || op == OpIsNot) {
		// The reference asks first whether it is one of the words above, so that of two wrong names this one shows.
		if _, err := r.expr(sc, col); err != nil {
			return nil, err
		}
	}
	list, err := r.exprs(sc, n.Left, n.Right)
	if err != nil {
		return nil, err
	}
	if op == OpAnd {
		for _, x := range []ast.Expr{n.Left, n.Right} {
			if _, ok := x.(*ast.Literal); ok {
				r.decided(x) // See constant.
			}
		}
	}
	if op >= OpEq && op <= OpIsNot {
		if err := sameWidths(list...); err != nil {
			return nil, err
		}
	}
	// x IS NULL is not a comparison.
	if op == OpIs && isNullConst(list[1]) {
		return r.unaryOf(OpIsNull, list[0]), nil
	}
	if op == OpIsNot && isNullConst(list[1]) {
		return r.unaryOf(OpNotNull, list[0]), nil
	}
	return r.binaryOf(op, list[0], list[1]), nil
}

func isRow(n ast.Expr) bool {
	_, ok := n.(*ast.RowValue)
	return ok
}

func isNullConst(e *Expr) bool { return e.Op == OpConst && e.isNull() }

// truthWord reports whether n is TRUE or FALSE: x IS TRUE asks for truth. A
// column named true counts first.
func (r *resolver) truthWord(sc *scope, n ast.Expr) (int, bool) {
	if v, truth, ok := constant(n); ok && truth {
		return int(v), true
	}
	v, ok := boolName(n)
	if !ok {
		return 0, false
	}
	e, err := r.column(sc, n.(*ast.Column))
	return v, err == nil && e.Op == OpConst
}

func boolName(n ast.Expr) (int, bool) {
	c, ok := n.(*ast.Column)
	if !ok || c.Table != nil || c.Name.Quote != 0 {
		return 0, false
	}
	if value.EqualFold(c.Name.Text, "true") {
		return 1, true
	}
	return 0, value.EqualFold(c.Name.Text, "false")
}

func (r *resolver) in(sc *scope, n *ast.In) (*Expr, error) {
	x, err := r.expr(sc, n.X)
	if err != nil {
		// Of two errors the reference tells that of a query on the right.
		if set, e := members(n); e != nil {
			return nil, e
		} else if set != nil {
			if _, e := r.subquery(sc, set); e != nil {
				return nil, e
			}
		}
		return nil, err
	}
	if len(n.List) == 1 && isComparison(n.List[0]) {
		// The reference's parser makes an equality of it, whose right side's
		// collation counts.
		y, err := r.expr(sc, n.List[0])
		if err != nil {
			return nil, err
		}
		if y.hasCollate {
			eq := r.binaryOf(OpEq, x, r.unaryOf(OpPlus, y))
			if n.Not {
				eq = r.unaryOf(OpNot, eq)
			}
			return eq, nil
		}
	}
	if isEmptyIn(n) {
		// With a call in x, which may be an aggregate: false AND x, true OR x.
		return r.binaryOf(map[bool]Op{false: OpAnd, true: OpOr}[n.Not], r.constant(value.FromBool(n.Not)), x), nil
	}
	set, err := members(n)
	if err != nil {
		return nil, err
	}
	e := &Expr{Op: OpIn, Not: n.Not, L: x}
	if set == nil {
		e.List, err = r.exprs(sc, n.List...)
	} else {
		e.Query, err = r.subquery(sc, set)
	}
	if err != nil {
		return nil, err
	}
	if e.Query != nil {
		if w := e.Query.Cores[0].Width(); w != x.Width() {
			return nil, errorf("sub-select returns %d columns - expected %d", w, x.Width())
		}
	} else if x.Width() > 1 {
		return nil, RowMisused(x)
	}
	return withParts(e), nil
}

// members is the query that the right side of IN is, nil for a list of values.
func members(n *ast.In) (*ast.Select, error) {
	if len(n.List) == 1 {
		if q, ok := n.List[0].(*ast.Subquery); ok {
			return q.Select, nil // IN ((SELECT ...)) looks at all its rows.
		}
	}
	switch {
	case n.Select != nil:
		return n.Select, nil
	case n.Table != nil:
		// x IN table is x IN (SELECT * FROM table).
		return &ast.Select{Cores: []ast.Core{&ast.SelectCore{
			Columns: []*ast.ResultColumn{{Span: ast.Span{From: n.Pos(), To: n.End()}}}, From: n.Table}}}, nil
	case !isRow(n.X) || isEmptyIn(n):
		return nil, nil
	}
	rows := &ast.Values{}
	for _, y := range n.List {
		w := width(y)
		if w == 0 || !isRow(y) {
			w = 1
		}
		if want := width(n.X); w != want {
			s := "s"
			if w == 1 {
				s = ""
			}
			return nil, errorf("IN(...) element has %d term%s - expected %d", w, s, want)
		}
		rows.Rows = append(rows.Rows, y.(*ast.RowValue).Elems)
	}
	return &ast.Select{Cores: []ast.Core{rows}}, nil
}

func (r *resolver) like(sc *scope, n *ast.Like) (*Expr, error) {
	args := []ast.Expr{n.Pattern, n.X}
	if n.Escape != nil {
		args = append(args, n.Escape)
	}
	e, err := r.function(sc, n.Word, args)
	if err != nil || !n.Not {
		return e, err
	}
	return r.unaryOf(OpNot, e), nil
}

func (r *resolver) caseExpr(sc *scope, n *ast.Case) (*Expr, error) {
	e := &Expr{Op: OpCase}
	var err error
	if n.Operand != nil {
		if e.L, err = r.expr(sc, n.Operand); err != nil {
			return nil, err
		}
	}
	for _, w := range n.Whens {
		pair, err := r.exprs(sc, w.Cond, w.Result)
		if err != nil {
			return nil, err
		}
		if e.L != nil {
			if err := sameWidths(e.L, pair[0]); err != nil {
				return nil, err
			}
		}
		e.List = append(e.List, pair...)
	}
	if n.Else != nil {
		if e.R, err = r.expr(sc, n.Else); err != nil {
			return nil, err
		}
	}
	return withParts(e), nil
}

// function binds a call of a scalar function by name.
func (r *resolver) function(sc *scope, word *ast.Name, args []ast.Expr) (*Expr, error) {
	f, err := r.lookupFunction(sc, word, len(args))
	if err != nil {
		return nil, r.orInside(sc, err, args)
	}
	list, err := r.exprs(sc, args...)
	if err != nil {
		return nil, err
	}
	return withParts(&Expr{Op: OpFunc, Func: f, List: list}), nil
}

// mustBePure reports whether f may not stand in the scope because its results
// vary.
func (sc *scope) mustBePure(f *fn.Func) bool {
	return f.Flags&(fn.Deterministic|fn.Inline) == 0 && (sc.kind == inIndex || sc.kind == inPartialIndex || sc.kind == inGenerated)
}

func (r *resolver) lookupFunction(sc *scope, word *ast.Name, n int) (*fn.Func, error) {
	f, known := r.env.Functions.Lookup(word.Text, n)
	switch {
	case f != nil:
		return f, nil
	case known:
		return nil, sc.errorAt(word.Pos(), "wrong number of arguments to function %s()", word.Text)
	default:
		return nil, sc.errorAt(word.Pos(), "no such function: %s", word.Text)
	}
}

// orInside returns the error of a call's arguments if they have one, else err:
// the reference looks at the arguments of a wrong call too, and the last error
// that it meets counts.
func (r *resolver) orInside(sc *scope, err error, args []ast.Expr) error {
	if _, inside := r.exprs(sc, args...); inside != nil {
		return inside
	}
	return err
}

func (r *resolver) call(sc *scope, n *ast.FuncCall) (*Expr, error) {
	name := n.Name.Text
	f, err := r.lookupFunction(sc, n.Name, len(n.Args))
	if err != nil {
		return nil, r.orInside(sc, err, n.Args)
	}
	if n.Over != nil || n.OverName != nil {
		if f.Flags&(fn.Aggregate|fn.WindowOnly) == 0 {
			return nil, sc.errorAt(n.Pos(), "%s() may not be used as a window function", name)
		}
		return r.window(sc, n, f)
	}
	if f.Flags&fn.WindowOnly != 0 {
		return nil, sc.errorAt(n.Pos(), "misuse of window function %s()", name)
	}
	if f.Flags&fn.Aggregate != 0 {
		return r.aggregate(sc, n, f)
	}
	switch {
	case n.Filter != nil:
		return nil, sc.errorAt(n.Pos(), "FILTER may not be used with non-aggregate %s()", name)
	case len(n.OrderBy) > 0:
		return nil, sc.errorAt(n.Pos(), "ORDER BY may not be used with non-aggregate %s()", name)
	case sc.mustBePure(f):
		return nil, sc.errorAt(n.Pos(), "non-deterministic functions prohibited in %s", sc.kind)
	}
	list, err := r.exprs(sc, n.Args...)
	if err != nil {
		return nil, err
	}
	if name := f.Name; name == "likelihood" && len(list) == 2 {
		p := list[1]
		if p.Op != OpConst || p.Kind() != value.Real || math.Signbit(p.Value().Real()) || p.Value().Real() > 1 {
			return nil, sc.errorAt(n.Pos(), "second argument to likelihood() must be a constant between 0.0 and 1.0")
		}
	}
	return withParts(&Expr{Op: OpFunc, Func: f, List: list}), nil
}

// aggregate binds a call of an aggregate function and finds the core that it
// belongs to: the nearest whose columns it reads, or this one.
func (r *resolver) aggregate(sc *scope, n *ast.FuncCall, f *fn.Func) (*Expr, error) {
	if !sc.allowAgg {
		return nil, r.orInside(sc, sc.errorAt(n.Pos(), "misuse of aggregate function %s()", n.Name.Text), n.Args)
	}
	inner := *sc
	inner.allowAgg, inner.allowWindow, inner.clause = false, false, clauseWhere
	args, err := r.exprs(&inner, n.Args...)
	if err != nil {
		return nil, err
	}
	a := &Agg{Name: n.Name.Text, Func: f, Args: args, Star: n.Star, Distinct: n.Distinct}
	if n.Filter != nil {
		if a.Filter, err = r.expr(&inner, n.Filter); err != nil {
			return nil, err
		}
	}
	if len(args) > 0 { // Else the reference forgets the ORDER BY.
		for _, o := range n.OrderBy {
			t := newOrderTerm(o)
			if t.Expr, err = r.expr(&inner, o.Expr); err != nil {
				return nil, err
			}
			t.Collation = t.Expr.Collation()
			a.OrderBy = append(a.OrderBy, t)
		}
	}
	if a.Distinct && len(args) != 1 {
		return nil, errorf("DISTINCT aggregates must have exactly one argument")
	}
	if len(args) > 0 {
		a.Coll = args[0].Collation()
	}
	home := sc
	if len(args) > 0 || a.Filter != nil {
		for s := sc; s != nil; s = s.outer {
			if s.reads(a) {
				home = s
				break
			}
		}
	}
	for t := sc; t != home; t = t.outer {
		if t.query != nil {
			t.query.Correlated = true
		}
	}
	if home.core == nil {
		return nil, sc.errorAt(n.Pos(), "misuse of aggregate: %s()", n.Name.Text)
	}
	e := &Expr{Op: OpAgg, Agg: a}
	if sc.on {
		e.Pos = -1
	}
	switch home.clause {
	case clauseGroupBy:
		home.aggInGroupBy = true
	case clauseWhere:
		return e, nil // Misuse, which is an error when it is compiled.
	case clauseOrderBy:
		if !home.core.IsAgg {
			return e, nil
		}
	}
	for _, b := range home.core.Aggs {
		if sameAgg(a, b) {
			e.Agg = b
			return e, nil
		}
	}
	home.core.Aggs = append(home.core.Aggs, a)
	return e, nil
}

// reads reports whether an argument of a reads a source of the scope.
func (s *scope) reads(a *Agg) bool {
	found := false
	see := func(src *Source) {
		for _, own := range s.sources {
			found = found || own == src
		}
	}
	a.Exprs(func(e *Expr) { e.References(see) })
	return found
}

func sameAgg(a, b *Agg) bool {
	return a.Func == b.Func && a.Distinct == b.Distinct && Equal(a.Filter, b.Filter) &&
		slices.EqualFunc(a.Args, b.Args, Equal) && slices.EqualFunc(a.OrderBy, b.OrderBy, SameTerm)
}

// SameTerm reports whether two terms sort alike.
func SameTerm(a, b OrderTerm) bool {
	return Equal(a.Expr, b.Expr) && a.Desc == b.Desc && a.NullsLast == b.NullsLast && a.Collation == b.Collation
}
