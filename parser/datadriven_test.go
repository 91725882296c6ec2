package parser_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
)

// The commands of testdata/*.test:
//
//	ok       each line parses; nothing is expected
//	errors   each line fails, with what is expected on the line of the same number. The expected texts
//	         were recorded from the reference, by preparing the same statements on it
//	format   each line is printed back, or its error is shown with the offset
//	tree     the statement's tree is drawn
//	texts    the texts that quote the source: result columns, defaults, checks, sqlite_schema
//	complete each line is complete or incomplete
func TestDatadriven(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.Run(t, path, run)
	})
}

func run(t *testing.T, c *datadriven.Case) string {
	switch c.Command {
	case "ok":
		return eachLine(c.Input, func(line string) string {
			if _, _, err := parser.ParseNext(line, 0); err != nil {
				return line + " => " + err.Error()
			}
			return ""
		})
	case "errors":
		got := eachLine(c.Input, func(line string) string {
			if _, _, err := parser.ParseNext(line, 0); err != nil {
				return err.Error()
			}
			return "no error"
		})
		compareLines(t, c, got)
		return c.Expected // an update never records our own answers
	case "format":
		return eachLine(c.Input, func(line string) string {
			stmt, _, err := parser.ParseNext(line, 0)
			if err != nil {
				return describe(err)
			}
			return ast.Format(stmt)
		})
	case "tree":
		stmt, _, err := parser.ParseNext(c.Input, 0)
		if err != nil {
			return describe(err)
		}
		return ast.Dump(stmt)
	case "texts":
		return texts(c.Input)
	case "complete":
		return eachLine(c.Input, func(line string) string {
			if parser.Complete(line) {
				return "complete"
			}
			return "incomplete"
		})
	}
	t.Fatalf("%s: unknown command %s", c.Place, c.Command)
	return ""
}

func compareLines(t *testing.T, c *datadriven.Case, got string) {
	t.Helper()
	input, want := strings.Split(c.Input, "\n"), strings.Split(strings.TrimSpace(c.Expected), "\n")
	lines := strings.Split(got, "\n")
	if len(lines) != len(want) || len(lines) != len(input) {
		t.Fatalf("%s: %d lines, %d answers, %d expected", c.Place, len(input), len(lines), len(want))
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("%s, line %d: %s\n got %s\nwant %s", c.Place, i+1, input[i], lines[i], want[i])
		}
	}
}

// eachLine calls f for every line, with \n in it read as a newline, and joins the answers that are not empty.
func eachLine(input string, f func(string) string) string {
	var out []string
	for _, line := range strings.Split(input, "\n") {
		if s := f(strings.ReplaceAll(line, `\n`, "\n")); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

func describe(err error) string {
	var s *parser.SyntaxError
	if errors.As(err, &s) {
		return fmt.Sprintf("error at %d: %s", s.Pos, s.Text)
	}
	return "error: " + err.Error()
}

func texts(sql string) string {
	stmt, _, err := parser.ParseNext(sql, 0)
	if err != nil {
		return describe(err)
	}
	var out []string
	add := func(what, text string) {
		if text != "" {
			out = append(out, fmt.Sprintf("%s: %q", what, text))
		}
	}
	ast.Walk(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ResultColumn:
			add("column", n.Text)
		case *ast.ColumnDefault:
			add("default", n.Text)
		case *ast.ColumnCheck:
			add("check", n.Text)
		case *ast.TableCheck:
			add("check", n.Text)
		case *ast.TypeName:
			add("type", n.Text)
		case *ast.CreateTable:
			add("schema", n.SchemaSQL)
		case *ast.CreateIndex:
			add("schema", n.SchemaSQL)
		case *ast.CreateView:
			add("schema", n.SchemaSQL)
		case *ast.CreateTrigger:
			add("schema", n.SchemaSQL)
		case *ast.CreateVirtualTable:
			add("schema", n.SchemaSQL)
		case *ast.AlterAddColumn:
			add("column definition", n.Text)
		case *ast.AlterAddCheck:
			add("constraint", n.Text)
		case *ast.AlterColumnNotNull:
			add("constraint", n.Text)
		}
		return true
	})
	return strings.Join(out, "\n")
}

// statements returns all lines of the cases ok and format, as a corpus for other tests.
func statements(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.test")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		taking := false
		for _, line := range strings.Split(string(text), "\n") {
			switch {
			case line == "ok" || line == "format":
				taking = true
			case line == "----":
				taking = false
			case taking:
				list = append(list, line)
			}
		}
	}
	return list
}
