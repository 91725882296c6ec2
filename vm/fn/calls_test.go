package fn_test

// Calls against answers recorded from the reference: testdata/calls.txt was
// written by
//
//	go run ./cmd/oracle -echo -length 1000 <calls.sql
//
// in fuzz/oracle, and is never written by us. Half of the calls are chosen by
// hand, half are random. Random ones beyond these are compared by fuzz/oracle
// itself.

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

func TestCalls(t *testing.T) {
	b, err := os.ReadFile("testdata/calls.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := fn.Builtin()
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		sql, want := lines[i], lines[i+1]
		name, rest, _ := strings.Cut(strings.TrimPrefix(sql, "SELECT "), "(")
		var args []value.Value
		for rest != ");" {
			var v value.Value
			v, rest = literal(t, strings.TrimPrefix(rest, ","))
			args = append(args, v)
		}
		f, _ := r.Lookup(name, len(args))
		if f == nil {
			t.Errorf("%s: no function", sql)
			continue
		}
		var slot any
		var out value.Value
		err := f.Scalar(&fn.Context{LengthMax: 1000, Aux: &slot}, args, &out)
		if got := answer(t, &out, err, want); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
}

// answer returns want when the result is the same, else what it is.
func answer(t *testing.T, v *value.Value, err error, want string) string {
	var e *fn.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("error %d %d: %s", e.Code(), e.Code(), e.Text)
	}
	class, lit, _ := strings.Cut(want, ":")
	got := fmt.Sprintf("%s %q", v.Kind(), v.TextBytes())
	if v.Kind().String() != class {
		return got
	}
	if v.IsNull() {
		return want
	}
	w, _ := literal(t, lit)
	switch {
	case v.Kind() == value.Int && v.Int() == w.Int(),
		v.Kind() == value.Real && math.Float64bits(v.Real()) == math.Float64bits(w.Real()),
		v.Kind() >= value.Text && v.Str() == w.Str():
		return want
	}
	return got
}

// literal reads a literal as the oracle writes it, and returns what follows.
// Reals are read by strconv, so that the test does not lean on what it tests.
func literal(t *testing.T, s string) (value.Value, string) {
	t.Helper()
	if rest, ok := strings.CutPrefix(s, "CAST("); ok {
		v, rest := literal(t, rest)
		return value.FromText(v.Bytes()), strings.TrimPrefix(rest, " AS TEXT)")
	}
	if rest, ok := strings.CutPrefix(s, "(-9223372036854775807-1)"); ok {
		return value.FromInt(math.MinInt64), rest
	}
	if rest, ok := strings.CutPrefix(s, "NULL"); ok {
		return value.Value{}, rest
	}
	if rest, ok := strings.CutPrefix(s, "x'"); ok {
		digits, rest, _ := strings.Cut(rest, "'")
		b, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		return value.FromBlob(b), rest
	}
	if s != "" && s[0] == '\'' {
		var b []byte
		for i := 1; ; i++ {
			if s[i] == '\'' {
				if i++; i == len(s) || s[i] != '\'' {
					return value.FromText(b), s[i:]
				}
			}
			b = append(b, s[i])
		}
	}
	end := strings.IndexAny(s, ",) ")
	if end < 0 {
		end = len(s)
	}
	if i, err := strconv.ParseInt(s[:end], 10, 64); err == nil {
		return value.FromInt(i), s[end:]
	}
	f, err := strconv.ParseFloat(s[:end], 64)
	if err != nil && !math.IsInf(f, 0) {
		t.Fatalf("%q is no literal", s)
	}
	return value.FromReal(f), s[end:]
}
