package fn_test

// FUNCTIONS.md is written from the registry; RUSTLITE_UPDATE=1 writes it.

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/vm/fn"
)

var flagNames = []struct {
	flag fn.Flags
	name string
}{
	{fn.Deterministic, "deterministic"}, {fn.SlowChange, "constant in a statement"}, {fn.NeedsCollation, "collation"}, {fn.Inline, "inline"},
	{fn.Aggregate, "aggregate"}, {fn.MinMax, "extreme"}, {fn.AnyOrder, "any order"}, {fn.WindowOnly, "window"},
}

func list() string {
	var b strings.Builder
	b.WriteString("# Functions\n\nWritten from the registry by the tests of this folder; do not edit.\n\n")
	b.WriteString("| function | arguments | flags | result |\n|---|---|---|---|\n")
	for _, f := range fn.Builtin().All() {
		n := fmt.Sprint(f.NArg)
		if f.NArg < 0 {
			n = fmt.Sprintf("%d or more", f.Min)
		}
		var flags []string
		for _, x := range flagNames {
			if f.Flags&x.flag != 0 {
				flags = append(flags, x.name)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.Name, n, strings.Join(flags, ", "), f.Doc)
	}
	return b.String()
}

func TestList(t *testing.T) {
	const path = "FUNCTIONS.md"
	if os.Getenv("RUSTLITE_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(list()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(b), list()); d != "" {
		t.Errorf("%s is stale, run the test with RUSTLITE_UPDATE=1 (-have +want):\n%s", path, d)
	}
	for _, f := range fn.Builtin().All() {
		switch {
		case f.Doc == "" || !strings.HasSuffix(f.Doc, "."):
			t.Errorf("%s has no sentence", f.Name)
		case f.Flags&(fn.Inline|fn.WindowOnly) != 0:
		case f.Flags&fn.Aggregate != 0 && f.NewAggregate == nil, f.Flags&fn.Aggregate == 0 && f.Scalar == nil:
			t.Errorf("%s of %d arguments computes nothing", f.Name, f.NArg)
		}
	}
}
