package sqltest_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/fuzz/sqltest"
)

const compatibilityPath = "../../docs/compatibility.md"

// notYet is the beginning of our error for what does not run.
const notYet = "1: not supported yet: "

// feature is a row of the document.
type feature struct {
	name          string
	cases, errors int
}

// TestCompatibility makes docs/compatibility.md from the tags of the corpus.
func TestCompatibility(t *testing.T) {
	var features []*feature
	var missing, differences []string
	byName := map[string]*feature{}
	for _, path := range files(t, "testdata") {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		records, err := sqltest.Parse(f, "sqlite", "rustlite")
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i, rec := range records {
			if rec.Feature == "" {
				t.Fatalf("%s:%d: no feature", path, rec.Line)
			}
			if rec.Difference != "" {
				differences = append(differences, difference(rec, records[i+1]))
				continue
			}
			if rec.Error && len(rec.Want) > 0 && strings.HasPrefix(rec.Want[0], notYet) {
				missing = append(missing, "- `"+oneLine(rec.SQL)+"`")
				continue
			}
			row := byName[rec.Feature]
			if row == nil {
				row = &feature{name: rec.Feature}
				byName[rec.Feature] = row
				features = append(features, row)
			}
			row.cases++
			if rec.Error {
				row.errors++
			}
		}
	}
	slices.SortFunc(features, func(a, b *feature) int { return strings.Compare(a.name, b.name) })
	var b strings.Builder
	b.WriteString(compatibilityHead)
	total := feature{}
	for _, f := range features {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", f.name, f.cases, f.errors)
		total.cases += f.cases
		total.errors += f.errors
	}
	fmt.Fprintf(&b, "| all | %d | %d |\n\n## Not supported yet\n\nThese answer `not supported yet` and the name of what is missing.\n\n%s\n\n"+
		"## Differences on purpose\n\n%s\n", total.cases, total.errors, strings.Join(missing, "\n"), strings.Join(differences, "\n"))
	if os.Getenv("RUSTLITE_UPDATE") != "" {
		if err := os.WriteFile(compatibilityPath, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(compatibilityPath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("docs/compatibility.md is not what the corpus says (-corpus +document):\n%s\nRUSTLITE_UPDATE=1 go test ./fuzz/sqltest -run TestCompatibility writes it anew", diff)
	}
}

const compatibilityHead = `# Compatibility

What of the reference's language, that of C SQLite 3.54.1, runs here: made from the tags of the corpus in
` + "`fuzz/sqltest/testdata`, by `RUSTLITE_UPDATE=1 go test ./fuzz/sqltest -run TestCompatibility`" + `. A case is a statement whose rows,
or whose extended code and text of error, were recorded from the reference and are ours too, under each of five
configurations.

## What runs

| feature | cases | of them errors |
| --- | ---: | ---: |
`

// difference shows a record of the reference beside ours.
func difference(reference, ours *sqltest.Record) string {
	return fmt.Sprintf("- %s\n  `%s`: the reference %s, RustLite %s.", reference.Difference, oneLine(reference.SQL), shown(reference), shown(ours))
}

func shown(rec *sqltest.Record) string {
	switch {
	case rec.Error:
		return "fails with `" + strings.Join(rec.Want, " ") + "`"
	case rec.Kind == sqltest.Statement:
		return "runs it"
	case len(rec.Want) == 0:
		return "gives no row"
	}
	return "gives `" + strings.Join(rec.Want, " ") + "`"
}

func oneLine(sql string) string { return strings.Join(strings.Fields(sql), " ") }
