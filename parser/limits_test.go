package parser_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/parser"
)

// Each limit is tried at its value and one past it. The texts with fixed counts are those at which the reference
// changes its answer too.
func TestLimits(t *testing.T) {
	rep := strings.Repeat
	join := func(s, sep string, n int) string { return strings.TrimSuffix(rep(s+sep, n), sep) }
	tests := []struct {
		name string
		sql  func(n int) string
		at   int
		want string
	}{
		{"parentheses", func(n int) string { return "SELECT " + rep("(", n) + "1" + rep(")", n) }, 2493, "Recursion limit"},
		{"subqueries", func(n int) string {
			return "SELECT * FROM " + rep("(SELECT * FROM ", n) + "t" + rep(")", n)
		}, 415, "Recursion limit"},
		{"calls", func(n int) string { return "SELECT " + rep("abs(", n) + "1" + rep(")", n) }, 831, "Recursion limit"},
		{"cases", func(n int) string {
			return "SELECT " + rep("CASE WHEN 1 THEN ", n) + "1" + rep(" END", n)
		}, 498, "Recursion limit"},
		{"chain", func(n int) string { return "SELECT 1" + rep("+1", n) }, 999,
			"Expression tree is too large (maximum depth 1000)"},
		{"nots", func(n int) string { return "SELECT " + rep("NOT ", n) + "1" }, 999,
			"Expression tree is too large (maximum depth 1000)"},
		{"cores", func(n int) string { return join("SELECT 1", " UNION ", n) }, 500, "too many terms in compound SELECT"},
		{"tables", func(n int) string { return "SELECT 1 FROM " + join("t", ",", n) }, 200,
			"too many FROM clause terms, max: 200"},
		{"arguments", func(n int) string { return "SELECT max(" + join("1", ",", n) + ")" }, 1000,
			"too many arguments on function max"},
		{"variables", func(n int) string { return "SELECT " + join("?", ",", n) }, 32766, "too many SQL variables"},
		{"assignments", func(n int) string { return "UPDATE t SET " + join("a=1", ",", n) }, 2000,
			"too many columns in set list"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, _, err := parser.ParseNext(test.sql(test.at), 0); err != nil {
				t.Errorf("%d: %v", test.at, err)
			}
			_, _, err := parser.ParseNext(test.sql(test.at+1), 0)
			if err == nil || err.Error() != test.want {
				t.Errorf("%d: %v, want %s", test.at+1, err, test.want)
			}
			if _, _, err = parser.ParseNext(test.sql(200_000), 0); err == nil {
				t.Error("200,000 pass")
			}
		})
	}
}

func TestSQLBytes(t *testing.T) {
	l := parser.Limits{SQLBytes: 8}
	if _, _, err := l.ParseNext("SELECT 1", 0); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if _, _, err := l.ParseNext("SELECT 12", 0); !errors.Is(err, parser.ErrTooBig) {
		t.Errorf("past the limit: %v", err)
	}
	const two = "SELECT 1;SELECT 2"
	if _, _, err := l.ParseNext(two, 9); err != nil {
		t.Errorf("a second statement of that length: %v", err)
	}
}
