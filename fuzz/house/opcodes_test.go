package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/vm"
)

// Every opcode is emitted by the code generator: one that is not is dead code
// in the machine, with tests that keep it alive. An opcode counts as emitted
// where it is named as a value; a case clause or a comparison only asks for it.
func TestOpcodesAreEmitted(t *testing.T) {
	const room = root + "/planner/codegen"
	entries, err := os.ReadDir(room)
	if err != nil {
		t.Fatal(err)
	}
	emitted := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(room, e.Name()), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool { return emits(n, emitted) })
	}
	for op := vm.Op(0); op.String() != "?"; op++ {
		if !emitted["Op"+op.String()] {
			t.Errorf("opcode %s is emitted by nobody in planner/codegen", op)
		}
	}
}

// emits notes the opcode that n names, and says whether to look below n.
func emits(n ast.Node, emitted map[string]bool) bool {
	switch n := n.(type) {
	case *ast.CaseClause:
		for _, s := range n.Body {
			ast.Inspect(s, func(n ast.Node) bool { return emits(n, emitted) })
		}
		return false
	case *ast.BinaryExpr:
		return n.Op != token.EQL && n.Op != token.NEQ
	case *ast.SelectorExpr:
		if p, ok := n.X.(*ast.Ident); ok && p.Name == "vm" {
			emitted[n.Sel.Name] = true
		}
	}
	return true
}
