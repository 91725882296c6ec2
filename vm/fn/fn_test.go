package fn_test

// What calls alone do not show: the clock, purity, the cache of patterns,
// aggregates, allocations. Expected values are the reference's.

import (
	"testing"
	"time"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

func run(t *testing.T, c *fn.Context, name string, args ...value.Value) (value.Value, error) {
	t.Helper()
	f, _ := fn.Builtin().Lookup(name, len(args))
	if f == nil {
		t.Fatalf("no %s of %d arguments", name, len(args))
	}
	var out value.Value
	err := f.Scalar(c, args, &out)
	return out, err
}

func text(s string) value.Value { return value.FromString(s) }

func TestNow(t *testing.T) {
	c := &fn.Context{Now: time.Date(2024, 2, 29, 23, 59, 58, 765_000_000, time.UTC), Local: time.FixedZone("x", 3600)}
	for _, tt := range []struct {
		name string
		args []value.Value
		want string
	}{
		{"datetime", []value.Value{text("NOW")}, "2024-02-29 23:59:58"},
		{"datetime", nil, "2024-02-29 23:59:58"},
		{"datetime", []value.Value{text("subsec")}, "2024-02-29 23:59:58.765"},
		{"datetime", []value.Value{text("now"), text("localtime")}, "2024-03-01 00:59:58"},
		{"datetime", []value.Value{text("now"), text("localtime"), text("utc")}, "2024-02-29 23:59:58"},
		{"datetime", []value.Value{text("2024-01-01"), text("utc")}, "2023-12-31 23:00:00"},
		{"current_date", nil, "2024-02-29"},
		{"current_time", nil, "23:59:58"},
		{"current_timestamp", nil, "2024-02-29 23:59:58"},
		{"strftime", []value.Value{text("%s")}, "1709251198"},
	} {
		v, err := run(t, c, tt.name, tt.args...)
		if err != nil || string(v.TextBytes()) != tt.want {
			t.Errorf("%s%v: %q, %v, want %q", tt.name, tt.args, v.TextBytes(), err, tt.want)
		}
	}
}

func TestPure(t *testing.T) {
	c := &fn.Context{PureIn: "an index"}
	for _, args := range [][]value.Value{{text("now")}, {text("2024-01-01"), text("localtime")}, {text("2024-01-01"), text("utc")}, {}} {
		_, err := run(t, c, "date", args...)
		if err == nil || err.Error() != "non-deterministic use of date() in an index" {
			t.Errorf("%v: %v", args, err)
		}
	}
	if v, err := run(t, c, "date", text("2024-01-01")); err != nil || v.Str() != "2024-01-01" {
		t.Errorf("%v, %v", v, err)
	}
}

func TestPatternCache(t *testing.T) {
	var slot any
	c := &fn.Context{Aux: &slot}
	for _, tt := range []struct {
		pattern, text string
		want          int64
	}{{"a%", "abc", 1}, {"a%", "bac", 0}, {"%c", "abc", 1}, {"%c", "abcd", 0}, {"a%", "A", 1}, {"_", "é", 1}} {
		v, err := run(t, c, "like", text(tt.pattern), text(tt.text))
		if err != nil || v.Int() != tt.want {
			t.Errorf("%q LIKE %q: %v, %v", tt.text, tt.pattern, v.Int(), err)
		}
	}
	c.LikeCase = true
	if v, _ := run(t, c, "like", text("a%"), text("A")); v.Int() != 0 {
		t.Error("case_sensitive_like is not obeyed")
	}
}

func TestAggregates(t *testing.T) {
	null := value.Value{}
	i, f := value.FromInt, value.FromReal
	for _, tt := range []struct {
		name string
		args []value.Value
		want string
	}{
		{"sum", nil, ""},
		{"total", nil, "0.0"},
		{"avg", []value.Value{null}, ""},
		{"sum", []value.Value{i(1), null, i(2)}, "3"},
		{"sum", []value.Value{i(1), text("2")}, "3"},
		{"sum", []value.Value{i(1), text("x")}, "1.0"},
		{"sum", []value.Value{i(1<<63 - 1), i(1)}, "integer overflow"},
		{"sum", []value.Value{i(1<<63 - 1), i(1), f(1)}, "9.2233720368547758e+18"},
		{"sum", []value.Value{f(1e100), f(1), f(-1e100)}, "1.0"},
		{"total", []value.Value{i(1<<63 - 1), i(1)}, "9.2233720368547758e+18"},
		{"avg", []value.Value{i(1), i(2)}, "1.5"},
		{"count", []value.Value{i(1), null}, "1"},
		{"max", []value.Value{i(1), text("a"), null}, "a"},
		{"min", []value.Value{null, f(1), i(1)}, "1.0"},
		{"group_concat", []value.Value{i(1), null, f(2)}, "1,2.0"},
		{"group_concat", []value.Value{null}, ""},
	} {
		r := fn.Builtin()
		af, _ := r.Lookup(tt.name, 1)
		a := af.NewAggregate()
		c := &fn.Context{}
		for round := range 2 { // The second with what Reset leaves.
			for k := range tt.args {
				if err := a.Step(c, tt.args[k:k+1]); err != nil {
					t.Fatal(err)
				}
			}
			var out value.Value
			got := ""
			if err := a.Final(c, &out); err != nil {
				got = err.Error()
			} else {
				got = string(out.TextBytes())
			}
			if got != tt.want {
				t.Errorf("round %d: %s%v is %q, want %q", round, tt.name, tt.args, got, tt.want)
			}
			a.Reset()
		}
	}
}

func TestTookRow(t *testing.T) {
	f, _ := fn.Builtin().Lookup("max", 1)
	a := f.NewAggregate()
	var got []bool
	for _, v := range []value.Value{{}, {}, value.FromInt(1), {}, value.FromInt(1), value.FromInt(2)} {
		_ = a.Step(&fn.Context{}, []value.Value{v})
		got = append(got, a.(fn.MinMaxer).TookRow())
	}
	want := []bool{true, true, true, false, false, true}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// TestAllocs holds the functions of hot paths to no allocation at all.
func TestAllocs(t *testing.T) {
	var slot any
	c := &fn.Context{Aux: &slot}
	r := fn.Builtin()
	word := text("a longer text é")
	var out value.Value
	for _, tt := range []struct {
		name string
		args []value.Value
	}{
		{"length", []value.Value{word}},
		{"length", []value.Value{value.FromReal(0.1)}},
		{"abs", []value.Value{value.FromInt(-5)}},
		{"like", []value.Value{text("%ger%"), word}},
		{"like", []value.Value{text("%g_r%"), word}},
		{"glob", []value.Value{text("*[x-z]t*"), word}},
		{"like", []value.Value{text("1%"), value.FromInt(12)}},
		{"substr", []value.Value{word, value.FromInt(3), value.FromInt(4)}},
		{"trim", []value.Value{word}},
		{"instr", []value.Value{word, text("text")}},
		{"upper", []value.Value{text("ABC")}},
		{"lower", []value.Value{text("abc")}},
		{"round", []value.Value{value.FromReal(2.675), value.FromInt(2)}},
		{"min", []value.Value{value.FromInt(1), value.FromInt(2)}},
		{"nullif", []value.Value{word, value.FromInt(2)}},
		{"typeof", []value.Value{word}},
		{"unicode", []value.Value{word}},
		{"julianday", []value.Value{text("2024-01-02 03:04:05"), text("+1 day")}},
	} {
		slot = nil
		f, _ := r.Lookup(tt.name, len(tt.args))
		if n := testing.AllocsPerRun(100, func() { _ = f.Scalar(c, tt.args, &out) }); n != 0 {
			t.Errorf("%s%v: %v allocations", tt.name, tt.args, n)
		}
	}
	for _, name := range []string{"sum", "total", "avg", "count", "min", "max"} {
		f, _ := r.Lookup(name, 1)
		a := f.NewAggregate()
		rows := [][]value.Value{{value.FromInt(3)}, {value.FromReal(2.5)}, {word}, {{}}}
		if n := testing.AllocsPerRun(100, func() {
			for _, row := range rows {
				_ = a.Step(c, row)
			}
			a.Reset()
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
