package house_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// The import stairs: every import of every room is compared with layers.txt.

const (
	root   = "../.."
	module = "github.com/rustlite/rustlite"
)

type stairs struct {
	direct map[string][]string
	others map[string][]string
}

func readStairs(t *testing.T) *stairs {
	text, err := os.ReadFile("layers.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := &stairs{direct: map[string][]string{}, others: map[string][]string{}}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		into := s.direct
		if rest, ok := strings.CutPrefix(line, "@ "); ok {
			into, line = s.others, rest
		}
		room, list, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("layers.txt: %q", line)
		}
		into[room] = strings.Fields(list)
	}
	return s
}

// below lists the rooms that room may import: the named ones and theirs.
func (s *stairs) below(room string) map[string]bool {
	all := map[string]bool{}
	var visit func(string)
	visit = func(r string) {
		for _, x := range s.direct[r] {
			if !all[x] {
				all[x] = true
				visit(x)
			}
		}
	}
	visit(room)
	return all
}

// rooms lists the folders of the main module that hold Go files.
func rooms(t *testing.T) map[string][]string {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			name := d.Name()
			if rel != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "bin") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && rel != "." {
				return filepath.SkipDir // A module of its own.
			}
			return nil
		}
		if strings.HasSuffix(rel, ".go") {
			found[path.Dir(rel)] = append(found[path.Dir(rel)], rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestStairs(t *testing.T) {
	s := readStairs(t)
	for room, files := range rooms(t) {
		if strings.HasPrefix(room, "fuzz/tools/") {
			continue // Generators look into every room.
		}
		if _, ok := s.direct[room]; !ok {
			t.Errorf("room %s is not in layers.txt", room)
			continue
		}
		allowed := s.below(room)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
			if err != nil {
				t.Error(err)
				continue
			}
			for _, spec := range f.Imports {
				p, _ := strconv.Unquote(spec.Path.Value)
				checkImport(t, s, room, file, p, allowed)
			}
		}
	}
}

func checkImport(t *testing.T, s *stairs, room, file, imported string, allowed map[string]bool) {
	if imported == module || strings.HasPrefix(imported, module+"/") {
		rel := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
		if rel == "" {
			rel = "."
		}
		if !allowed[rel] {
			t.Errorf("%s: %s may not import %s", file, room, rel)
		}
		return
	}
	if !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return // The standard library.
	}
	for _, m := range s.others[room] {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return
		}
	}
	t.Errorf("%s: %s may not import %s", file, room, imported)
}

// Every room has a doc.go that begins with a package comment.
func TestDocs(t *testing.T) {
	var missing []string
	for room, files := range rooms(t) {
		has, product := false, false
		for _, f := range files {
			has = has || path.Base(f) == "doc.go"
			product = product || !strings.HasSuffix(f, "_test.go")
		}
		if product && !has && !strings.HasPrefix(room, "fuzz/tools") {
			missing = append(missing, room)
		}
	}
	sort.Strings(missing)
	for _, room := range missing {
		t.Errorf("%s has no doc.go", room)
	}
}
