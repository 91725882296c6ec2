package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// exprAt is the place that the reference reports for an error in expression n.
// Only names, literals, parameters and calls know their place there; an
// operator stands for its left operand, and what has none is nowhere.
func exprAt(n ast.Expr) token.Pos {
	for {
		if _, isLiteral := n.(*ast.Literal); !isLiteral {
			if _, _, folded := constant(n); folded {
				return -1
			}
		}
		switch x := n.(type) {
		case *ast.Literal, *ast.Column, *ast.Param, *ast.FuncCall:
			return n.Pos()
		case *ast.Like:
			return x.Word.Pos()
		case *ast.Unary:
			n = x.X
		case *ast.Binary:
			n = x.Left
		case *ast.Between:
			n = x.X
		case *ast.In:
			n = x.X
		case *ast.IsNull:
			n = x.X
		case *ast.Cast:
			n = x.X
		case *ast.Collate:
			n = x.X
		case *ast.Case:
			if x.Operand == nil {
				return -1
			}
			n = x.Operand
		default:
			return -1
		}
	}
}
