package value_test

// Casts against answers recorded from the reference: testdata/casts.txt was
// written by
//
//	go run ./cmd/oracle -echo <casts.sql
//
// in fuzz/oracle, and is never written by us. Random values beyond these are
// compared by fuzz/oracle itself.

import (
	"encoding/hex"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/vm/value"
)

var affinities = map[string]value.Affinity{
	"INTEGER": value.AffInteger, "REAL": value.AffReal, "NUMERIC": value.AffNumeric, "TEXT": value.AffText, "BLOB": value.AffBlob,
}

func TestCasts(t *testing.T) {
	b, err := os.ReadFile("testdata/casts.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		sql, want := lines[i], lines[i+1]
		v, rest := literal(t, strings.TrimPrefix(sql, "SELECT CAST("))
		aff, ok := affinities[strings.TrimSuffix(strings.TrimPrefix(rest, " AS "), ");")]
		if !ok {
			t.Fatalf("cannot read %s", sql)
		}
		v.Cast(aff)
		if same := sameAs(t, &v, want); !same {
			t.Errorf("%s: %s %q, want %s", sql, v.Kind(), v.TextBytes(), want)
		}
	}
}

// sameAs compares v with an answer "class:literal", bit by bit.
func sameAs(t *testing.T, v *value.Value, want string) bool {
	class, lit, _ := strings.Cut(want, ":")
	if v.Kind().String() != class {
		return false
	}
	if v.IsNull() {
		return true
	}
	w, _ := literal(t, lit)
	switch v.Kind() {
	case value.Int:
		return v.Int() == w.Int()
	case value.Real:
		if w.Kind() == value.Int {
			return false
		}
		return math.Float64bits(v.Real()) == math.Float64bits(w.Real())
	default:
		return v.Str() == w.Str()
	}
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
