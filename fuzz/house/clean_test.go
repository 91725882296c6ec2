package house_test

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// files calls f for every file of the project, the nested modules included.
func files(t *testing.T, f func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(p)
		if err == nil {
			f(p, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFormatted(t *testing.T) {
	files(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, ".go") {
			return
		}
		if want, err := format.Source(text); err != nil || !bytes.Equal(want, text) {
			t.Errorf("%s is not as gofmt has it: %v", path, err)
		}
	})
}

// No file tells where it was written.
func TestNoMachinePaths(t *testing.T) {
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	bad := []string{here, "/." + "library"}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 3 {
		bad = append(bad, filepath.Join(home, "go"))
	}
	files(t, func(path string, text []byte) {
		for _, b := range bad {
			if bytes.Contains(text, []byte(b)) {
				t.Errorf("%s names a path of this machine, %s", path, b)
			}
		}
	})
}

var generateRE = regexp.MustCompile(`(?m)^//go:generate go run (\S+) (\S+)$`)

// Every line "//go:generate go run TOOL FILE" says how FILE is made: it must be up to date. A line of
// another form fails, so that none escapes.
func TestGenerated(t *testing.T) {
	seen := 0
	files(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, ".go") || strings.HasPrefix(filepath.Base(path), "clean_test") {
			return
		}
		lines := generateRE.FindAllSubmatch(text, -1)
		if n := bytes.Count(text, []byte("\n//go:generate")); n != len(lines) {
			t.Errorf("%s: %d of %d go:generate lines are understood", path, len(lines), n)
		}
		for _, m := range lines {
			seen++
			generated(t, filepath.Dir(path), string(m[1]), string(m[2]))
		}
	})
	if seen == 0 {
		t.Error("no go:generate line was found")
	}
}

func generated(t *testing.T, dir, tool, file string) {
	t.Helper()
	fresh := filepath.Join(t.TempDir(), file)
	cmd := exec.Command("go", "run", tool, fresh)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: go run %s: %v\n%s", dir, tool, err, out)
		return
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Error(err)
		return
	}
	if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stale: make generate (%v)", filepath.Join(dir, file), err)
	}
}
