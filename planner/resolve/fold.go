package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/vm/value"
)

// The reference's parser replaces a few expressions by constants as it meets
// them, before names are looked up: a literal IS NULL, x IN () and an AND with
// a constant falsehood. That shows: such a term of ORDER BY is a number of a
// column, names within it need not exist, and x IS (y NOT IN ()) asks for
// truth. Our trees keep what was written; constant finds these on the way.

// constant returns the integer that the reference's parser makes of n: an
// integer literal that fits in 32 bits, or one of the above. truth tells that
// it is the word TRUE or FALSE to it rather than a number.
func constant(n ast.Expr) (v int64, truth, ok bool) {
	switch n := n.(type) {
	case *ast.Literal:
		if n.Kind != ast.LiteralInteger {
			return 0, false, false
		}
		v, err := integerLiteral(n, false)
		if err != nil || v.Kind() != value.Int || v.Int() < 0 || v.Int() > 1<<31-1 {
			return 0, false, false
		}
		return v.Int(), false, true
	case *ast.IsNull:
		if isLiteral(n.X) {
			return b2i(n.Not), false, true
		}
	case *ast.In:
		if isEmptyIn(n) && !hasCall(n.X) {
			return b2i(n.Not), true, true
		}
	case *ast.Binary:
		switch n.Op {
		case ast.OpIs, ast.OpIsNot, ast.OpIsDistinctFrom, ast.OpIsNotDistinctFrom:
			if l, ok := n.Right.(*ast.Literal); ok && l.Kind == ast.LiteralNull && isLiteral(n.Left) {
				return b2i(n.Op == ast.OpIsNot || n.Op == ast.OpIsDistinctFrom), false, true
			}
		case ast.OpAnd:
			if (isFalse(n.Left) || isFalse(n.Right)) && !hasCall(n) {
				return 0, false, true
			}
		}
	}
	return 0, false, false
}

func isEmptyIn(n *ast.In) bool { return n.Select == nil && n.Table == nil && len(n.List) == 0 }

// isNowhere: x IN (), of which the parser keeps nothing in any case.
func isNowhere(n ast.Expr) bool {
	in, ok := n.(*ast.In)
	return ok && isEmptyIn(in)
}

func isFalse(n ast.Expr) bool {
	v, _, ok := constant(n)
	return ok && v == 0
}

// isLiteral: a literal that is not NULL, with signs before it.
func isLiteral(n ast.Expr) bool {
	for {
		u, ok := n.(*ast.Unary)
		if !ok || u.Op != ast.OpPlus && u.Op != ast.OpNegate {
			break
		}
		n = u.X
	}
	if l, ok := n.(*ast.Literal); ok {
		return l.Kind != ast.LiteralNull && l.Kind < ast.LiteralCurrentTime
	}
	_, truth, ok := constant(n)
	return ok && !truth
}

// isComparison: x IN (n) is x = n to the reference's parser, for a constant n
// in its eyes, where a function's result is none.
func isComparison(n ast.Expr) bool {
	if _, ok := n.(*ast.Collate); ok {
		return false
	}
	ok := true
	ast.Walk(n, func(x ast.Node) bool {
		switch x.(type) {
		case *ast.Column, *ast.FuncCall, *ast.Like, *ast.Select, *ast.RowValue:
			ok = false
		}
		return ok
	})
	return ok
}

// hasCall reports whether a function is called in n, subqueries aside.
func hasCall(n ast.Expr) bool {
	found := false
	ast.Walk(n, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.FuncCall, *ast.Like:
			found = true
		case *ast.Literal:
			found = found || x.Kind >= ast.LiteralCurrentTime
		case *ast.Binary:
			found = found || x.Op == ast.OpExtract || x.Op == ast.OpExtractText
		case *ast.Select:
			return false
		}
		return !found
	})
	return found
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
