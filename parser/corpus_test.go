package parser_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/parser"
)

// The goal is that every statement of the corpora shared beside the project parses. A statement that its file expects to
// fail may fail; all of those that do are listed here, so that a new one is noticed.

// shared returns the folder of the corpora, or skips the test.
func shared(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("RUSTLITE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no shared corpora: %v", err)
	}
	return dir
}

func TestChinookParses(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(shared(t), "data", "chinook.sql"))
	if err != nil {
		t.Fatal(err)
	}
	stmts, err := parser.Parse(string(text))
	if err != nil {
		t.Fatalf("after %d statements: %v", len(stmts), err)
	}
	if len(stmts) < 50 {
		t.Errorf("only %d statements", len(stmts))
	}
	for _, s := range stmts {
		start := min(int(s.End()), int(s.Pos())+2000)
		if int(s.End()) == start {
			roundTrip(t, string(text[s.Pos():s.End()]))
		}
	}
}

func TestSQLLogicTestParses(t *testing.T) {
	root := filepath.Join(shared(t), "slt")
	records, refused := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".test" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, r := range sltRecords(string(text)) {
			records++
			_, err := parser.Parse(r.sql)
			if err == nil {
				if records%50 == 0 || testing.Verbose() {
					roundTrip(t, r.sql)
				}
				continue
			}
			if r.mayFail {
				refused++
				continue
			}
			t.Errorf("%s: %s: %v", path, r.sql, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d records, of which %d are expected to fail and do not parse", records, refused)
}

type sltRecord struct {
	sql     string
	mayFail bool // "statement error", or meant for another engine
}

// sltRecords reads the SQL of a sqllogictest file.
func sltRecords(text string) []sltRecord {
	var list []sltRecord
	for _, block := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		var r sltRecord
		var sql []string
		inSQL := false
		for _, line := range strings.Split(block, "\n") {
			words := strings.Fields(line)
			switch {
			case inSQL && line == "----":
				inSQL = false
			case inSQL:
				sql = append(sql, line)
			case len(words) == 0 || strings.HasPrefix(line, "#"):
			case words[0] == "skipif" && words[1] == "sqlite", words[0] == "onlyif" && words[1] != "sqlite":
				r.mayFail = true
			case words[0] == "statement":
				r.mayFail = r.mayFail || words[1] == "error"
				inSQL = true
			case words[0] == "query":
				inSQL = true
			}
		}
		if len(sql) > 0 {
			r.sql = strings.Join(sql, "\n")
			list = append(list, r)
		}
	}
	return list
}
