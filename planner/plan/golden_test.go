package plan_test

import (
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
)

// Goal: each rewrite rule and each choice of the planner can be read in testdata/*.test. Method: plan
// SELECTs over one schema with fixed numbers of rows and draw the tree of the stage that the command
// names: logical (as built), rewritten (after the rules) or physical.

// counts are the entries of the trees by their roots.
type counts map[uint32]int64

func (c counts) Rows(_ int, root uint32) int64 { return c[root] }

// newCounts gives every table a size, and its indexes the same.
func newCounts(cat *catalog.Catalog) counts {
	c := counts{}
	for name, n := range map[string]int64{"t": 10_000, "u": 50_000, "w": 100} {
		table := cat.Schemas[0].Tables[name]
		c[table.Root] = n
		for _, x := range table.Indexes {
			c[x.Root] = n
		}
	}
	return c
}

func TestGolden(t *testing.T) {
	cat := newCatalog(t)
	renv := resolve.Env{Catalog: cat, Functions: fn.Builtin()}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, func(t *testing.T, c *datadriven.Case) string {
			q, err := resolve.Select(renv, parseOne(t, c).(*ast.Select))
			if err != nil {
				return "error: " + err.Error()
			}
			env := &plan.Env{Stats: newCounts(cat)}
			_, env.NoBatch = c.Arg("nobatch")
			s := plan.Build(q)
			switch c.Command {
			case "logical":
				return s.String()
			case "rewritten":
				plan.Rewrite(env, s)
				return s.String()
			case "rules":
				before := s.String()
				plan.Rewrite(env, s)
				return "before\n" + before + "\nafter\n" + s.String()
			case "physical":
				return plan.Query(env, q).String()
			}
			t.Fatalf("%s: unknown command %s", c.Place, c.Command)
			return ""
		})
	})
}

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
