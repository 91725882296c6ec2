package parser_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
)

// roundTrip parses, prints and parses again: the trees must be equal and the second print the same as the first.
func roundTrip(t *testing.T, sql string) {
	t.Helper()
	stmt, _, err := parser.ParseNext(sql, 0)
	if err != nil || stmt == nil {
		return
	}
	printed := ast.Format(stmt)
	again, _, err := parser.ParseNext(printed, 0)
	if err != nil {
		t.Errorf("printed text does not parse: %v\nsource:  %s\nprinted: %s", err, sql, printed)
		return
	}
	if diff := cmp.Diff(ast.Dump(stmt), ast.Dump(again)); diff != "" {
		t.Errorf("another tree\nsource:  %s\nprinted: %s\n%s", sql, printed, diff)
	}
	if second := ast.Format(again); second != printed {
		t.Errorf("another text\nsource: %s\nfirst:  %s\nsecond: %s", sql, printed, second)
	}
	checkSpans(t, sql, stmt)
}

// checkSpans checks A1 and A2 of package ast.
func checkSpans(t *testing.T, sql string, root ast.Node) {
	t.Helper()
	var parents []ast.Node
	ast.Walk(root, func(n ast.Node) bool {
		for len(parents) > 0 && n.Pos() >= parents[len(parents)-1].End() {
			parents = parents[:len(parents)-1]
		}
		if n.Pos() < 0 || n.End() < n.Pos() || int(n.End()) > len(sql) {
			t.Errorf("%T has the span %d:%d in %s", n, n.Pos(), n.End(), sql)
		}
		if n.Pos() == n.End() {
			t.Errorf("%T has an empty span at %d in %s", n, n.Pos(), sql)
		}
		if len(parents) > 0 && n.End() > parents[len(parents)-1].End() {
			t.Errorf("%T %d:%d leaves %T %d:%d in %s", n, n.Pos(), n.End(),
				parents[len(parents)-1], parents[len(parents)-1].Pos(), parents[len(parents)-1].End(), sql)
		}
		parents = append(parents, n)
		return true
	})
}

func TestRoundTrip(t *testing.T) {
	for _, c := range statements(t) {
		roundTrip(t, c)
	}
}

// TestParseSeveral checks G5: a bad statement is found when its turn comes.
func TestParseSeveral(t *testing.T) {
	const sql = " ; SELECT 1; /* c */ SELECT 2 ;SELECT FROM; SELECT 3"
	stmt, next, err := parser.ParseNext(sql, 0)
	if err != nil || stmt == nil || sql[:next] != " ; SELECT 1;" {
		t.Fatalf("first: %v, %d, %v", stmt, next, err)
	}
	stmt, next, err = parser.ParseNext(sql, next)
	if err != nil || ast.Format(stmt) != "SELECT 2" || int(stmt.Pos()) != strings.Index(sql, "SELECT 2") {
		t.Fatalf("second: %v, %d, %v", stmt, next, err)
	}
	_, at, err := parser.ParseNext(sql, next)
	if err == nil || err.Error() != `near "FROM": syntax error` || at != strings.Index(sql, "FROM") {
		t.Fatalf("third: %d, %v", at, err)
	}
	list, err := parser.Parse(sql)
	if len(list) != 2 || err == nil {
		t.Fatalf("Parse gave %d statements and %v", len(list), err)
	}
	stmt, next, err = parser.ParseNext("  -- nothing\n;", 0)
	if stmt != nil || err != nil || next != 14 {
		t.Fatalf("nothing: %v, %d, %v", stmt, next, err)
	}
}
