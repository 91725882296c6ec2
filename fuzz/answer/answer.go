package answer

import (
	"encoding/hex"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/vm/value"
)

// Each calls f for every statement of a recorded file and its answer.
func Each(t *testing.T, path string, f func(sql, want string)) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		f(lines[i], lines[i+1])
	}
}

// Is reports whether v is the answer "class:literal", bit by bit.
func Is(t testing.TB, v *value.Value, want string) bool {
	t.Helper()
	class, lit, _ := strings.Cut(want, ":")
	if v.Kind().String() != class {
		return false
	}
	if v.IsNull() {
		return true
	}
	w, _ := Literal(t, lit)
	switch v.Kind() {
	case value.Int:
		return v.Int() == w.Int()
	case value.Real:
		return w.Kind() == value.Real && math.Float64bits(v.Real()) == math.Float64bits(w.Real())
	default:
		return v.Str() == w.Str()
	}
}

// Literal reads a literal as the oracle writes it, and returns what follows.
// Reals are read by strconv, so that the test does not lean on what it tests.
func Literal(t testing.TB, s string) (value.Value, string) {
	t.Helper()
	if rest, ok := strings.CutPrefix(s, "CAST("); ok {
		v, rest := Literal(t, rest)
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
