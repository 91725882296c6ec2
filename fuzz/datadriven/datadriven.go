package datadriven

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Case is one case of a file.
type Case struct {
	// Place is file:line of the command.
	Place    string
	Command  string
	Args     []string
	Input    string
	Expected string
}

// Arg returns the value of the argument name=value, and whether it is there. A bare name has the value "".
func (c *Case) Arg(name string) (string, bool) {
	for _, a := range c.Args {
		key, value, _ := strings.Cut(a, "=")
		if key == name {
			return value, true
		}
	}
	return "", false
}

// updating reports whether expected output is to be written anew.
func updating() bool { return os.Getenv("RUSTLITE_UPDATE") != "" }

// Walk calls f in a subtest for every .test file in dir.
func Walk(t *testing.T, dir string, f func(t *testing.T, path string)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.test"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Fatalf("no .test files in %s", dir)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".test"), func(t *testing.T) { f(t, path) })
	}
}

// Run calls f for every case of a file and compares what it returns with what is expected. Trailing newlines do
// not count.
func Run(t *testing.T, path string, f func(t *testing.T, c *Case) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, piece := range split(path, string(text)) {
		out.WriteString(piece.before)
		c := piece.test
		if c == nil {
			continue
		}
		got := strings.TrimRight(f(t, c), "\n")
		if want := strings.TrimRight(c.Expected, "\n"); got != want && !updating() {
			t.Errorf("%s: %s\n%s\n(-want +got)\n%s", c.Place, c.Command, c.Input, cmp.Diff(want, got))
		}
		out.WriteString(frame(got))
	}
	if updating() && out.String() != string(text) {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// frame returns expected output with its separators.
func frame(output string) string {
	if output == "" {
		return "----\n"
	}
	if strings.Contains(output, "\n\n") || strings.HasPrefix(output, "\n") {
		return "----\n----\n" + output + "\n----\n----\n"
	}
	return "----\n" + output + "\n"
}

// piece is text that stays as it is, and the case that it ends with, if any.
type piece struct {
	before string
	test   *Case
}

// split cuts a file into pieces.
func split(path, text string) []piece {
	lines := strings.SplitAfter(text, "\n")
	var pieces []piece
	var before strings.Builder
	for i := 0; i < len(lines); {
		line := strings.TrimRight(lines[i], "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			before.WriteString(lines[i])
			i++
			continue
		}
		words := strings.Fields(line)
		c := &Case{Place: fmt.Sprintf("%s:%d", path, i+1), Command: words[0], Args: words[1:]}
		before.WriteString(lines[i])
		i++
		var input strings.Builder
		for i < len(lines) && strings.TrimRight(lines[i], "\r\n") != "----" {
			input.WriteString(lines[i])
			i++
		}
		before.WriteString(input.String())
		c.Input = strings.TrimSuffix(input.String(), "\n")
		c.Expected, i = expected(lines, i+1)
		pieces = append(pieces, piece{before.String(), c})
		before.Reset()
	}
	return append(pieces, piece{before: before.String()})
}

// expected returns the expected output that begins at line i, and the line after it.
func expected(lines []string, i int) (string, int) {
	var b strings.Builder
	at := func(i int) string {
		if i < len(lines) {
			return strings.TrimRight(lines[i], "\r\n")
		}
		return ""
	}
	if at(i) == "----" {
		for i++; i < len(lines) && (at(i) != "----" || at(i+1) != "----"); i++ {
			b.WriteString(lines[i])
		}
		return b.String(), i + 2
	}
	for ; i < len(lines) && at(i) != ""; i++ {
		b.WriteString(lines[i])
	}
	return b.String(), i
}
