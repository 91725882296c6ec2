package ast

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWalkOrder checks that Walk has a case for every node, in the order in which the files declare them.
func TestWalkOrder(t *testing.T) {
	fset := token.NewFileSet()
	var declared []string
	for _, name := range []string{"node.go", "stmt.go", "query.go", "table.go", "expr.go"} {
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok || len(s.Fields.List) == 0 || spec.Name.Name == "Name" {
				return false
			}
			if id, ok := s.Fields.List[0].Type.(*ast.Ident); ok && len(s.Fields.List[0].Names) == 0 && id.Name == "Span" {
				declared = append(declared, spec.Name.Name)
			}
			return false
		})
	}
	file, err := parser.ParseFile(fset, "walk.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var cases []string
	ast.Inspect(file, func(n ast.Node) bool {
		if c, ok := n.(*ast.CaseClause); ok {
			for _, x := range c.List {
				if star, ok := x.(*ast.StarExpr); ok {
					cases = append(cases, star.X.(*ast.Ident).Name)
				}
			}
		}
		return true
	})
	if diff := cmp.Diff(declared, cases); diff != "" {
		t.Errorf("declared nodes and cases of Walk differ (-declared +cases):\n%s", diff)
	}
}

func TestParams(t *testing.T) {
	n := &RowValue{Elems: []Expr{&Param{Number: 1}, &Param{Name: ":a", Number: 4}, &Param{Name: "?2", Number: 2}}}
	if diff := cmp.Diff([]string{"", "?2", "", ":a"}, Params(n)); diff != "" {
		t.Error(diff)
	}
}
