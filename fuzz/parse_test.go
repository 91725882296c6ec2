package fuzz

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/parser/ast"
)

// FuzzParse parses any text, statement by statement. No text may panic; what parses must print as
// text that parses to the same tree and prints the same again.
func FuzzParse(f *testing.F) {
	for _, sql := range parseSeeds(f) {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		parser.Complete(sql)
		for offset := 0; ; {
			stmt, next, err := parser.ParseNext(sql, offset)
			if err != nil || stmt == nil {
				return
			}
			if next <= offset || next > len(sql) {
				t.Fatalf("from offset %d to %d of %d", offset, next, len(sql))
			}
			offset = next
			printed := ast.Format(stmt)
			again, _, err := parser.ParseNext(printed, 0)
			if err != nil {
				t.Fatalf("printed text does not parse: %v\nsource:  %q\nprinted: %q", err, sql, printed)
			}
			if a, b := ast.Dump(stmt), ast.Dump(again); a != b {
				t.Fatalf("another tree\nsource:  %q\nprinted: %q\n%s\nand\n%s", sql, printed, a, b)
			}
			if second := ast.Format(again); second != printed {
				t.Fatalf("another text\nsource: %q\nfirst:  %q\nsecond: %q", sql, printed, second)
			}
		}
	})
}

// parseSeeds returns the lines of the parser's own tests.
func parseSeeds(f *testing.F) []string {
	paths, err := filepath.Glob("../parser/testdata/*.test")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	var seeds []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if line != "" && line != "----" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, " ") {
				seeds = append(seeds, line)
			}
		}
	}
	return seeds
}
