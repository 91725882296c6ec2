package sqltest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/sqltest"
)

// Real data through the shell: the music store Chinook as its script, and
// OpenFlights as CSV files; then questions whose answers the reference gave
// (fuzz/oracle, command record, with the same data).

func sharedFolder(t *testing.T) string {
	dir := os.Getenv("RUSTLITE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		t.Skip("the shared data is not here")
	}
	return dir
}

// shell runs the shell on a new file with a script and returns the file.
func shell(t *testing.T, script string) string {
	dir := t.TempDir()
	bin, file := filepath.Join(dir, "rustlite"), filepath.Join(dir, "data.rldb")
	if out, err := exec.Command("go", "build", "-o", bin, "../../cmd/rustlite").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.Command(bin, file)
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("shell: %v: %s", err, out)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Fatalf("the shell left %v beside the file (%v)", entries, err)
	}
	return file
}

func answers(t *testing.T, file, corpus string) {
	for name, opts := range map[string]*rustlite.Options{"batch": nil, "rows": {BatchRows: -1}, "pread": {NoMap: true}} {
		t.Run(name, func(t *testing.T) {
			path := file + "." + name
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, data, 0o644); err != nil {
				t.Fatal(err)
			}
			db, err := rustlite.Open(path, opts)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			conn, err := db.Conn(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			rep, err := sqltest.RunFile(sqltest.On(conn), filepath.Join("shared", corpus), "rustlite")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range rep.Failures {
				t.Error(f)
			}
			if rep.Passed != rep.Records {
				t.Errorf("%d of %d records passed", rep.Passed, rep.Records)
			}
		})
	}
}

func TestChinook(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(sharedFolder(t), "data", "chinook.sql"))
	if err != nil {
		t.Fatal(err)
	}
	answers(t, shell(t, string(script)), "chinook.test")
}

func TestFlights(t *testing.T) {
	data := filepath.Join(sharedFolder(t), "data")
	tables, err := os.ReadFile(filepath.Join("shared", "flights.sql"))
	if err != nil {
		t.Fatal(err)
	}
	script := string(tables)
	for _, name := range []string{"airports", "routes", "airlines"} {
		script += ".import --csv " + filepath.Join(data, name+".csv") + " " + name + "\n"
	}
	answers(t, shell(t, script), "flights.test")
}
