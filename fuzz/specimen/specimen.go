package specimen

import (
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
)

// Schema is the text of the schema.
const Schema = `
CREATE TABLE t(id INTEGER PRIMARY KEY, a INT, b TEXT, c REAL, d BLOB);
CREATE INDEX t_a ON t(a);
CREATE INDEX t_bc ON t(b, c);
CREATE INDEX t_n ON t(b COLLATE NOCASE);
CREATE TABLE u(id INTEGER PRIMARY KEY, t_id INT NOT NULL, name TEXT COLLATE NOCASE, n NUMERIC, UNIQUE(name));
CREATE INDEX u_t ON u(t_id, n DESC);
CREATE TABLE w(x, y, z);
CREATE VIEW v AS SELECT id, a + 1 AS a1, b FROM t WHERE a > 0;
CREATE VIEW g AS SELECT a, count(*) AS n FROM t GROUP BY a;
CREATE TABLE parent(id INTEGER PRIMARY KEY, n);
CREATE TABLE child(p INTEGER REFERENCES parent ON DELETE CASCADE);
CREATE INDEX child_p ON child(p);
CREATE TABLE log(what, n);
CREATE TRIGGER logged BEFORE UPDATE OF n ON parent WHEN new.n > 0 BEGIN INSERT INTO log VALUES('n', old.n); SELECT RAISE(IGNORE) WHERE new.n > 9; END;
CREATE TRIGGER again AFTER INSERT ON log BEGIN INSERT INTO log VALUES(new.what, new.n - 1); END;
`

// Catalog makes the picture of Schema. The roots of its trees are 10, 20, 30
// and so on in the order of the statements; the automatic index of u comes
// one after its table.
func Catalog(t testing.TB) *catalog.Catalog {
	t.Helper()
	stmts, err := parser.Parse(Schema)
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
		case *ast.CreateTrigger:
			e.Type, e.Name, e.Table = "trigger", n.Name.Name.Text, n.Table.Name.Text
		case *ast.CreateView:
			e.Type, e.Name, e.Table = "view", n.Name.Name.Text, n.Name.Name.Text
		}
		entries = append(entries, e)
		if e.Name == "u" {
			entries = append(entries, catalog.Entry{Type: "index", Name: "sqlite_autoindex_u_1", Table: "u", Root: e.Root + 1})
		}
	}
	s, err := catalog.NewSchema("main", 0, 1, entries, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &catalog.Catalog{Schemas: []*catalog.Schema{s}, ID: 1}
}

// Parse reads the one statement of a case.
func Parse(t testing.TB, c *datadriven.Case) ast.Stmt {
	t.Helper()
	stmt, _, err := parser.ParseNext(c.Input, 0)
	if err != nil {
		t.Fatalf("%s: %v", c.Place, err)
	}
	return stmt
}
