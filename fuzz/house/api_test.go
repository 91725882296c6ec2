package house_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"sort"
	"strings"
	"testing"

	"golang.org/x/exp/apidiff"
)

// The public API is compared with its golden, a Go file of declarations without bodies. Every
// difference fails, the compatible ones as well: RUSTLITE_UPDATE=1 writes the golden anew, and its
// diff is reviewed.

const apiGolden = "testdata/api.golden"

func TestPublicAPI(t *testing.T) {
	imp, err := exportImporter()
	if err != nil {
		t.Fatal(err)
	}
	now, err := imp.Import(module)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("RUSTLITE_UPDATE") != "" {
		text, err := declarations(now)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(apiGolden, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, apiGolden, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: imp, IgnoreFuncBodies: true}
	golden, err := conf.Check(module, fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	report := apidiff.Changes(golden, now)
	for _, c := range report.Changes {
		kind := "an incompatible change"
		if c.Compatible {
			kind = "an addition"
		}
		t.Errorf("%s of the public API: %s", kind, c.Message)
	}
	if t.Failed() {
		t.Log("RUSTLITE_UPDATE=1 go test ./fuzz/house -run TestPublicAPI writes the golden anew")
	}
}

// exportImporter reads the export data that the toolchain has built of the root and all below it.
func exportImporter() (types.Importer, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", ".")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	files := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		name, file, _ := strings.Cut(line, "\t")
		files[name] = file
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) {
		if files[name] == "" {
			return nil, errors.New("no export data of " + name)
		}
		return os.Open(files[name])
	}), nil
}

// declarations writes the exported API of a package as Go source.
func declarations(p *types.Package) ([]byte, error) {
	imports := map[string]bool{}
	d := &declarer{qualifier: func(other *types.Package) string {
		if other == p {
			return ""
		}
		imports[other.Path()] = true
		return path.Base(other.Path())
	}}
	var body strings.Builder
	for _, name := range p.Scope().Names() {
		if obj := p.Scope().Lookup(name); obj.Exported() {
			body.WriteString(d.object(obj) + "\n")
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "// The public API, for TestPublicAPI. Written by it; do not edit.\n\npackage %s\n\nimport (\n", p.Name())
	var names []string
	for name := range imports {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&out, "%q\n", name)
	}
	out.WriteString(")\n\n" + body.String())
	return format.Source([]byte(out.String()))
}

type declarer struct{ qualifier types.Qualifier }

func (d *declarer) typ(t types.Type) string { return types.TypeString(t, d.qualifier) }

func (d *declarer) object(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Const:
		return fmt.Sprintf("const %s %s = %s", obj.Name(), d.typ(obj.Type()), obj.Val().ExactString())
	case *types.Var:
		return fmt.Sprintf("var %s %s", obj.Name(), d.typ(obj.Type()))
	case *types.Func:
		return "func " + obj.Name() + strings.TrimPrefix(d.typ(obj.Type()), "func")
	case *types.TypeName:
		return d.typeName(obj)
	default:
		return "// " + obj.String()
	}
}

func (d *declarer) typeName(obj *types.TypeName) string {
	if obj.IsAlias() {
		return fmt.Sprintf("type %s = %s", obj.Name(), d.typ(types.Unalias(obj.Type())))
	}
	named := obj.Type().(*types.Named)
	var b strings.Builder
	fmt.Fprintf(&b, "type %s ", obj.Name())
	if s, ok := named.Underlying().(*types.Struct); ok {
		b.WriteString(d.structure(s))
	} else {
		b.WriteString(d.typ(named.Underlying()))
	}
	if types.IsInterface(named) {
		return b.String()
	}
	set := types.NewMethodSet(types.NewPointer(named))
	for i := range set.Len() {
		m, ok := set.At(i).Obj().(*types.Func)
		if !ok || !m.Exported() || len(set.At(i).Index()) > 1 {
			continue
		}
		sig := m.Type().(*types.Signature)
		fmt.Fprintf(&b, "\nfunc (%s) %s%s", d.typ(sig.Recv().Type()), m.Name(),
			strings.TrimPrefix(d.typ(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())), "func"))
	}
	return b.String()
}

// structure shows exported fields; one field stands for all others, comparable when they are.
func (d *declarer) structure(s *types.Struct) string {
	var b strings.Builder
	b.WriteString("struct {\n")
	hidden, comparables := false, true
	for i := range s.NumFields() {
		f := s.Field(i)
		if f.Exported() {
			if !f.Embedded() {
				b.WriteString(f.Name() + " ")
			}
			b.WriteString(d.typ(f.Type()) + "\n")
			continue
		}
		hidden = true
		comparables = comparables && types.Comparable(f.Type())
	}
	switch {
	case hidden && comparables:
		b.WriteString("hidden int\n")
	case hidden:
		b.WriteString("hidden []int\n")
	}
	return b.String() + "}"
}
