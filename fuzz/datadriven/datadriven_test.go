package datadriven

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The goal is that an update is the identity when the output is right, and changes nothing but output when
// it is not.

const sample = `# A story.
upper
abc
def
----
ABC
DEF

# Output with a blank line.
upper flag size=3
a

b
----
----
A

B
----
----

upper
----
`

func run(t *testing.T, text string) (after string, cases []*Case) {
	path := filepath.Join(t.TempDir(), "x.test")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	Run(t, path, func(t *testing.T, c *Case) string {
		cases = append(cases, c)
		return strings.ToUpper(c.Input)
	})
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), cases
}

func TestRunReadsCases(t *testing.T) {
	t.Setenv("RUSTLITE_UPDATE", "")
	_, cases := run(t, sample)
	if len(cases) != 3 {
		t.Fatalf("got %d cases, want 3", len(cases))
	}
	if v, ok := cases[1].Arg("size"); v != "3" || !ok {
		t.Errorf("Arg(size) = %q, %v", v, ok)
	}
	if _, ok := cases[1].Arg("flag"); !ok {
		t.Error("Arg(flag) is not there")
	}
	if cases[1].Input != "a\n\nb" {
		t.Errorf("input %q", cases[1].Input)
	}
}

func TestUpdateRestoresOutput(t *testing.T) {
	t.Setenv("RUSTLITE_UPDATE", "1")
	if after, _ := run(t, sample); after != sample {
		t.Errorf("an update of right output changed the file:\n%s", after)
	}
	broken := strings.Replace(strings.Replace(sample, "ABC", "wrong", 1), "A\n\nB\n", "A\n", 1)
	if after, _ := run(t, broken); after != sample {
		t.Errorf("an update did not restore the file:\n%s", after)
	}
}
