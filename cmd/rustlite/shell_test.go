package main

// Every script in testdata runs in a shell on a database in memory; what it prints, with its errors in
// place, and whether it failed, are in the golden beside it. RUSTLITE_UPDATE=1 writes them anew; read
// the difference.

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rustlite/rustlite"
)

func TestScripts(t *testing.T) {
	t.Chdir("testdata")
	scripts, err := filepath.Glob("*.sql")
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	for _, name := range scripts {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := runScript(t, string(text))
			golden := strings.TrimSuffix(name, ".sql") + ".golden"
			if os.Getenv("RUSTLITE_UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// runScript gives standard output and standard error in the order of their lines.
func runScript(t *testing.T, text string) string {
	t.Helper()
	db, err := rustlite.Open(":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	s, err := newShell(db, &out, &out)
	if err != nil {
		t.Fatal(err)
	}
	s.goOn = true
	s.script(lines(text), "")
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%sfailed: %v\n", out.String(), s.failed)
}

// A line may be of any length, and the last one need not end.
func TestLongLine(t *testing.T) {
	const n = 3_000_000
	got := runScript(t, "SELECT length('"+strings.Repeat("x", n)+"')")
	if want := fmt.Sprintf("%d\nfailed: false\n", n); got != want {
		t.Errorf("got %.100q", got)
	}
}
