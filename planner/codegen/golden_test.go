package codegen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
)

// Goal: the programs of a few statements of every shape can be read in testdata/*.test. Method: compile
// them over one schema and list the program as EXPLAIN does.

func TestGolden(t *testing.T) {
	env := &planner.Env{Catalog: newCatalog(t), Functions: fn.Builtin(), Stats: thousand{}}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			e := *env
			_, e.NoBatch = c.Arg("nobatch")
			p, err := planner.Compile(&e, parseOne(t, c))
			if err != nil {
				return "error: " + err.Error()
			}
			var b strings.Builder
			for _, r := range vm.Explain(p) {
				fmt.Fprintf(&b, "%3d %-14s %4d %4d %4d  %-12s %3d  %s", r.Addr, r.Opcode, r.P1, r.P2, r.P3, r.P4, r.P5, r.Comment)
				s := strings.TrimRight(b.String(), " ")
				b.Reset()
				b.WriteString(s + "\n")
			}
			return b.String()
		})
	})
}

// thousand says that every tree has that many rows.
type thousand struct{}

func (thousand) Rows(int, uint32) int64 { return 1000 }

const schemaSQL = `
CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL, d BLOB);
CREATE INDEX t_a ON t(a);
CREATE INDEX t_bc ON t(b, c);
CREATE INDEX t_n ON t(b COLLATE NOCASE);
CREATE TABLE u(id INTEGER PRIMARY KEY, t_id INT NOT NULL, name TEXT COLLATE NOCASE, n NUMERIC, UNIQUE(name));
CREATE INDEX u_t ON u(t_id, n DESC);
CREATE TABLE w(x, y, z);
CREATE VIEW v AS SELECT id, a + 1 AS a1, b FROM t WHERE a > 0;
CREATE VIEW g AS SELECT a, count(*) AS n FROM t GROUP BY a;
`

// newCatalog makes the picture of schemaSQL; trees are numbered in order.
func newCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	stmts, err := parser.Parse(schemaSQL)
	if err != nil {
		t.Fatal(err)
	}
	var entries []catalog.Entry
	for i, stmt := range stmts {
		e := catalog.Entry{Root: uint32(10 + 10*i), Def: stmt}
		switch n := stmt.(type) {
		case *ast.CreateTable:
			e.Type, e.Name, e.Table = "table", n.Name.Name.Text, n.Name.Name.Text
		case *ast.CreateIndex:
			e.Type, e.Name, e.Table = "index", n.Name.Name.Text, n.Table.Text
		case *ast.CreateView:
			e.Type, e.Name, e.Table = "view", n.Name.Name.Text, n.Name.Name.Text
		}
		entries = append(entries, e)
		if e.Name == "u" {
			entries = append(entries, catalog.Entry{Type: "index", Name: "sqlite_autoindex_u_1", Table: "u", Root: e.Root + 1})
		}
	}
	s, err := catalog.NewSchema("main", 0, 1, entries, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &catalog.Catalog{Schemas: []*catalog.Schema{s}, ID: 1}
}

func parseOne(t *testing.T, c *datadriven.Case) ast.Stmt {
	t.Helper()
	stmt, _, err := parser.ParseNext(c.Input, 0)
	if err != nil {
		t.Fatalf("%s: %v", c.Place, err)
	}
	return stmt
}
