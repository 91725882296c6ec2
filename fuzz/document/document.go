package document

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var rowRE = regexp.MustCompile("^\\| ([0-9]+)[ |].*\\| `([A-Za-z0-9]+)` \\|$")

// Constants compares the tables of some sections ("6", "7") with the code: every row that names a
// constant must have its value, and every constant must stand in a table.
func Constants(t *testing.T, path string, sections []string, constants map[string]int) {
	t.Helper()
	seen := map[string]bool{}
	section := ""
	for i, line := range strings.Split(read(t, path), "\n") {
		if strings.HasPrefix(line, "## ") {
			section = strings.TrimSuffix(strings.Fields(line)[1], ".")
		}
		m := rowRE.FindStringSubmatch(line)
		if m == nil || !slices.Contains(sections, section) {
			continue
		}
		want, ok := constants[m[2]]
		if !ok {
			t.Errorf("%s:%d: no constant %s", path, i+1, m[2])
		}
		if got, _ := strconv.Atoi(m[1]); got != want {
			t.Errorf("%s:%d: %s is %d in the document and %d in the code", path, i+1, m[2], got, want)
		}
		seen[m[2]] = true
	}
	for name := range constants {
		if !seen[name] {
			t.Errorf("%s: %s stands in no table of sections %v", path, name, sections)
		}
	}
}

// Example compares an example of the document with what the code makes.
func Example(t *testing.T, path, name, want string) {
	t.Helper()
	text := read(t, path)
	mark := regexp.MustCompile("<!-- example: " + name + " -->\n```[a-z]*\n").FindStringIndex(text)
	if mark == nil {
		t.Fatalf("%s: no example %s", path, name)
	}
	begin := mark[1]
	end := begin + strings.Index(text[begin:], "```\n<!-- end -->")
	if end < begin {
		t.Fatalf("%s: example %s has no end", path, name)
	}
	if os.Getenv("RUSTLITE_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(text[:begin]+want+text[end:]), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(text[begin:end], want); diff != "" {
		t.Errorf("%s: example %s (-document +code):\n%s", path, name, diff)
	}
}

// Dump is a hexdump without its lines of zeros.
func Dump(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i += 16 {
		row := b[i:min(i+16, len(b))]
		if len(bytes.Trim(row, "\x00")) > 0 {
			fmt.Fprintf(&out, "%08x%s\n", i, strings.TrimRight(hex.Dump(row)[8:], "\n"))
		}
	}
	return out.String()
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
