package fuzz

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const canary = "the canary"

// FuzzCanary fails for every input but its seed: it tests the alarm. TestCanary runs it.
func FuzzCanary(f *testing.F) {
	f.Add(canary)
	f.Fuzz(func(t *testing.T, s string) {
		if s != canary {
			t.Fatalf("alarm: %q", s)
		}
	})
}

// TestCanary fuzzes FuzzCanary: the run must fail, and keep the input that failed.
func TestCanary(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$", "-test.fuzz=^FuzzCanary$", "-test.fuzztime=20s", "-test.parallel=1",
		"-test.fuzzcachedir="+filepath.Join(dir, "cache"))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "alarm: ") {
		t.Fatalf("the canary is alive: %v\n%s", err, out)
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "testdata", "fuzz", "FuzzCanary", "*")); len(kept) != 1 {
		t.Fatalf("inputs kept: %v\n%s", kept, out)
	}
}
