package house_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/limits.md is true: the constants that it names have the values that it
// gives, its tests exist, and no limit of the format or the parser is left out.
func TestLimitsDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs", "limits.md"))
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[string]*types.Scope{}
	constants := func(room string) *types.Scope {
		if rooms[room] == nil {
			rooms[room] = scope(t, room)
		}
		return rooms[room]
	}
	listed := map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		f := strings.Split(line, " | ")
		if len(f) != 5 || !strings.Contains(f[2], "`") {
			continue
		}
		name := strings.Trim(f[2], "`")
		listed[name] = true
		room, id := cut(name)
		c, ok := constants(room).Lookup(id).(*types.Const)
		if !ok {
			t.Errorf("limits.md: no constant %s", name)
		} else if got := constant.ToInt(c.Val()).ExactString(); got != f[1] {
			t.Errorf("limits.md: %s is %s, not %s", name, got, f[1])
		}
		if room, test := cut(strings.Trim(f[4], " |`")); !hasTest(t, room, test) {
			t.Errorf("limits.md: %s has no %s", room, test)
		}
	}
	for _, m := range regexp.MustCompile("`([a-z/]*\\.[A-Za-z]+)`").FindAllStringSubmatch(string(text), -1) {
		if room, id := cut(m[1]); !strings.HasPrefix(id, "Test") && constants(room).Lookup(id) == nil {
			t.Errorf("limits.md: no constant %s", m[1])
		}
	}
	for _, room := range []string{"pager/fileformat", "parser"} {
		f := parsed(t, filepath.Join(root, room, "limits.go"))
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					if !listed[room+"."+id.Name] {
						t.Errorf("limits.md leaves out %s.%s", room, id.Name)
					}
				}
			}
		}
	}
}

// cut splits room.name; the root's is empty.
func cut(name string) (room, id string) {
	i := strings.LastIndexByte(name, '.')
	return name[:i], name[i+1:]
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// sources lists the Go files of a room, tests or others.
func sources(t *testing.T, room string, tests bool) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(root, room, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, path := range all {
		if strings.HasSuffix(path, "_test.go") == tests {
			list = append(list, path)
		}
	}
	return list
}

// scope is what a room declares. Its imports are not looked at, so only
// constants that need none have their values.
func scope(t *testing.T, room string) *types.Scope {
	t.Helper()
	fset := token.NewFileSet()
	var list []*ast.File
	for _, path := range sources(t, room, false) {
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	conf := types.Config{Error: func(error) {}, IgnoreFuncBodies: true}
	p, _ := conf.Check(room, fset, list, nil)
	return p.Scope()
}

func hasTest(t *testing.T, room, name string) bool {
	t.Helper()
	for _, path := range sources(t, room, true) {
		if o := parsed(t, path).Scope; o != nil && o.Lookup(name) != nil {
			return true
		}
	}
	return false
}
