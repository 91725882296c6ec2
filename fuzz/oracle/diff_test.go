package oracle

// The families of cmd/exprdiff on a few thousand cases each, the registry
// against the reference's list of functions, and the alarm itself. A found
// seed is repeated with the command that the failure prints.

import (
	"slices"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

const seed = 20

func cases(t *testing.T) uint64 {
	if testing.Short() {
		return 3_000
	}
	return 30_000
}

func TestFamilies(t *testing.T) {
	for _, family := range Families() {
		t.Run(family, func(t *testing.T) {
			d := open(t)
			for i := range cases(t) {
				c := Random(family, seed, i)
				if a, b := d.Check(c); !Same(a, b) {
					c = d.Shrink(c)
					a, b = d.Check(c)
					t.Fatalf("%s\nreference: %v\nours:      %v\nrepeat: go run ./cmd/exprdiff -family %s -seed %d -first %d -n 1",
						c.SQL(), a, b, family, seed, i)
				}
			}
		})
	}
}

func open(t *testing.T) *Differ {
	t.Helper()
	d, err := NewDiffer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// TestAlarm breaks one function on purpose.
func TestAlarm(t *testing.T) {
	d := open(t)
	d.registry = fn.NewRegistry(fn.Builtin().All(), []*fn.Func{{
		Name: "length", NArg: 1,
		Scalar: func(_ *fn.Context, args []value.Value, out *value.Value) error {
			out.SetInt(int64(len(args[0].TextBytes())))
			return nil
		},
	}})
	for i := range uint64(5000) {
		c := Random("text", seed, i)
		if a, b := d.Check(c); !Same(a, b) {
			c = d.Shrink(c)
			if c.Op != "length" || c.Args[0].Len() > 2 {
				t.Errorf("shrunk to %s", c.SQL())
			}
			return
		}
	}
	t.Error("a broken length() was not noticed")
}

// mathNames are functions that the reference has only when it is built with them,
// which the pinned one is not.
var mathNames = []string{"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos", "cosh", "degrees", "exp", "floor",
	"ln", "log", "log10", "log2", "mod", "pi", "pow", "power", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"}

// elsewhere are functions that the registry of vm/fn does not hold: those over
// JSON, which cmd/compare looks at, and those of the reference's virtual tables
// and of the Go driver.
func elsewhere(name string) bool {
	return strings.HasPrefix(name, "json") || strings.HasPrefix(name, "auth") || strings.HasPrefix(name, "rtree") ||
		slices.Contains([]string{"->", "->>", "fts3_tokenizer", "matchinfo", "offsets", "optimize", "snippet"}, name)
}

// TestRegistry asks both sides about every name with 0 to 5 arguments.
func TestRegistry(t *testing.T) {
	d := open(t)
	names := map[string]bool{"sqlite_nothing": true, "median": true, "soundex": true}
	for _, f := range d.registry.All() {
		names[f.Name] = true
	}
	s, _, err := d.conn.Prepare("SELECT DISTINCT name FROM pragma_function_list")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Run(func(row []value.Value) error { names[row[0].Str()] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	for name := range names {
		if elsewhere(name) || slices.Contains(mathNames, name) || strings.HasPrefix(name, "current_") { // Those are words, not calls.
			continue
		}
		for n := range 6 {
			sql := Case{Op: name}.sql(slices.Repeat([]string{"0.5"}, n))
			want := ""
			s, _, err := d.conn.Prepare(sql)
			if err != nil {
				want = err.Error()
			} else {
				s.Close()
			}
			f, known := d.registry.Lookup(name, n)
			got := ""
			switch {
			case f == nil && known:
				got = "wrong number of arguments to function " + name + "()"
			case f == nil:
				got = "no such function: " + name
			case f.Flags&fn.WindowOnly != 0:
				got = "misuse of window function " + name + "()"
			}
			if want != got {
				t.Errorf("%s: reference %q, ours %q", sql, want, got)
			}
		}
	}
}

// TestFlags compares what the reference says of functions: deterministic or
// not, aggregate or scalar.
func TestFlags(t *testing.T) {
	d := open(t)
	s, _, err := d.conn.Prepare("SELECT name, narg, type, flags FROM pragma_function_list WHERE builtin")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const constant = 0x800
	err = s.Run(func(row []value.Value) error {
		name, n, class, flags := row[0].Str(), int(row[1].Int()), row[2].Str(), row[3].Int()
		if elsewhere(name) || slices.Contains(mathNames, name) {
			return nil
		}
		if n < 0 {
			n = max(-n-2, 0)
			if class == "s" {
				n = max(n, 2) // min and max of one argument are the aggregates.
			}
		}
		f, _ := d.registry.Lookup(name, n)
		if f == nil {
			t.Errorf("%s of %d arguments is missing", name, n)
			return nil
		}
		if got, want := f.Flags&fn.Deterministic != 0, flags&constant != 0; got != want {
			t.Errorf("%s: deterministic %v, in the reference %v", name, got, want)
		}
		if got, want := f.Flags&(fn.Aggregate|fn.WindowOnly) != 0, class == "w"; got != want {
			t.Errorf("%s: aggregate %v, in the reference %v", name, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
