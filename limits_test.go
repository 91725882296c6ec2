package rustlite_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
)

// Goal: a limit that SQL meets behind the parser answers at its value and
// fails one past it, with the reference's text. docs/limits.md lists them;
// parser/limits_test.go has those of the text.

// numbered is n copies of format, each with its number, joined.
func numbered(n int, format, sep string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(sep)
		}
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// deep is a query over a table or view in n-1 others.
func deep(n int, table string) string {
	return strings.Repeat("SELECT max(a) AS a FROM (", n-1) + "SELECT a FROM " + table + strings.Repeat(")", n-1)
}

// deepViews are views over views, 100 queries deep each.
func deepViews() string {
	sql := "CREATE TABLE t(a); CREATE VIEW v0 AS " + deep(100, "t")
	for i := range 8 {
		sql += fmt.Sprintf("; CREATE VIEW v%d AS %s", i+1, deep(100, fmt.Sprintf("v%d", i)))
	}
	return sql
}

type limitCase struct {
	name  string
	setup string
	sql   func(n int) string
	at    int
	code  error
	want  string
}

var limitCases = []limitCase{
	{"tables of a join", "CREATE TABLE t(a)", func(n int) string { return "SELECT count(*) FROM " + numbered(n, "t AS t%d", ", ") },
		64, rustlite.ErrError, "at most 64 tables in a join"},
	{"queries in queries", deepViews(), func(n int) string { return deep(n-900, "v8") }, 1000, rustlite.ErrError, "VIEWs and/or subqueries nested too deep"},
	{"columns of a table", "", func(n int) string { return "CREATE TABLE c(" + numbered(n, "c%d", ", ") + ")" },
		2000, rustlite.ErrError, "too many columns on c"},
	{"columns of an index", "CREATE TABLE t(a)", func(n int) string {
		return "CREATE INDEX i ON t(" + strings.TrimSuffix(strings.Repeat("a, ", n), ", ") + ")"
	}, 2000, rustlite.ErrError, "too many columns in index"},
	{"columns of a result", "", func(n int) string { return "SELECT " + numbered(n, "%d", ", ") }, 2000, rustlite.ErrError,
		"too many columns in result set"},
	{"terms of GROUP BY", "CREATE TABLE t(a)", func(n int) string { return "SELECT 1 FROM t GROUP BY " + numbered(n, "a + %d", ", ") },
		2000, rustlite.ErrError, "too many terms in GROUP BY clause"},
	{"terms of ORDER BY", "CREATE TABLE t(a)", func(n int) string { return "SELECT 1 FROM t ORDER BY " + numbered(n, "a + %d", ", ") },
		2000, rustlite.ErrError, "too many terms in ORDER BY clause"},
	{"bytes of a pattern", "", func(n int) string { return "SELECT 'a' LIKE '" + strings.Repeat("a", n) + "'" },
		50000, rustlite.ErrError, "LIKE or GLOB pattern too complex"},
	{"bytes of a value", "", func(n int) string { return fmt.Sprintf("SELECT length(zeroblob(%d))", n) },
		1_000_000_000, rustlite.ErrTooBig, "string or blob too big"},
}

func TestLimits(t *testing.T) {
	ctx := context.Background()
	for _, c := range limitCases {
		t.Run(c.name, func(t *testing.T) {
			if c.at > 1<<29 && testing.Short() {
				c.at = 0 // The memory for it is left to the long tests.
			}
			db := openMemory(t)
			if c.setup != "" {
				exec(t, db, c.setup)
			}
			if _, err := db.Exec(ctx, c.sql(c.at+1)); c.at > 0 && (!errors.Is(err, c.code) || err.Error() != c.want) {
				t.Errorf("%d: %v, want %s", c.at+1, err, c.want)
			}
			if _, err := db.Exec(ctx, c.sql(c.at)); err != nil {
				t.Errorf("%d: %v", c.at, err)
			}
		})
	}
}

func TestPageSizes(t *testing.T) {
	for size, ok := range map[int]bool{512: false, 1000: false, 1024: true, 3000: false, 65536: true, 131072: false} {
		db, err := rustlite.Open(":memory:", &rustlite.Options{PageSize: size})
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "is not a power of two from 1024 to 65536") {
			t.Errorf("pages of %d: %v", size, err)
		}
		if err == nil {
			db.Close()
		}
	}
}
