// Command suites runs the test suites of the clients and prints what passed.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// suite is one client's tests.
type suite struct {
	name, version, driver string
	packages              []string
	env                   []string
	dir                   string   // Of its module, if it is not this one.
	flags                 []string // Of go test.
	args                  []string // Of the tests' own program.
	writes                string   // A module whose tests write into their own folder: they run in a copy.
}

var suites = []suite{
	{name: "goose", version: "v3.29.0", driver: "modernc", packages: []string{"github.com/pressly/goose/v3", "github.com/pressly/goose/v3/database",
		"github.com/pressly/goose/v3/lock", "github.com/pressly/goose/v3/tests/gomigrations/..."}},
	{name: "golang-migrate", version: "v4.20.1", driver: "mattn", packages: []string{"github.com/golang-migrate/migrate/v4/database/sqlite3"}},
	{name: "golang-migrate", version: "v4.20.1", driver: "modernc", packages: []string{"github.com/golang-migrate/migrate/v4/database/sqlite"}},
	{name: "sqlx", version: "v1.4.0", driver: "mattn", packages: []string{"github.com/jmoiron/sqlx/..."},
		env: []string{"SQLX_SQLITE_DSN=:memory:", "SQLX_MYSQL_DSN=skip", "SQLX_POSTGRES_DSN=skip"}},
	{name: "River's riverdrivertest", version: "v0.23.1", driver: "modernc", dir: "river", packages: []string{"github.com/riverqueue/river"},
		flags: []string{"-run=SQLite"}, writes: "github.com/riverqueue/river"},
	{name: "GORM's sqlite dialector", version: "v1.6.0", driver: "mattn", packages: []string{"gorm.io/driver/sqlite"}},
	{name: "GORM of the first generation", version: "v1.9.16", driver: "mattn", packages: []string{"github.com/jinzhu/gorm"}},
	{name: "xorm", version: "v1.4.3", driver: "mattn", packages: []string{"xorm.io/xorm/tests"},
		args: []string{"-db=sqlite3", "-conn_str=./test.db?cache=shared&mode=rwc", "-show_sql=false"}, writes: "xorm.io/xorm"},
	{name: "xorm", version: "v1.4.3", driver: "modernc", packages: []string{"xorm.io/xorm/tests"},
		args: []string{"-db=sqlite", "-conn_str=./test.db?cache=shared&mode=rwc", "-show_sql=false"}, writes: "xorm.io/xorm"},
	{name: "xorm's packages", version: "v1.4.3", driver: "both", packages: []string{"xorm.io/xorm", "xorm.io/xorm/core", "xorm.io/xorm/dialects",
		"xorm.io/xorm/migrate"}, writes: "xorm.io/xorm"},
	{name: "gorp", version: "v3.1.0", driver: "mattn", packages: []string{"github.com/go-gorp/gorp/v3"}, flags: []string{"-tags=integration"},
		env: []string{"GORP_TEST_DIALECT=sqlite", "GORP_TEST_DSN=gorp.bin"}, writes: "github.com/go-gorp/gorp/v3"},
	{name: "goqu", version: "v9.19.0", driver: "mattn", packages: []string{"github.com/doug-martin/goqu/v9/dialect/sqlite3"}},
	{name: "sql-migrate", version: "v1.8.1", driver: "mattn", packages: []string{"github.com/rubenv/sql-migrate"}},
	{name: "scs sqlite3store", version: "20251002162104", driver: "mattn", packages: []string{"github.com/alexedwards/scs/sqlite3store"}},
}

func main() {
	run := flag.String("run", "", "only suites whose name has this in it")
	flag.Parse()
	failed := false
	fmt.Println("| client | version | stands in for | passed | failed | skipped | command |\n| --- | --- | --- | --- | --- | --- | --- |")
	var failures []string
	for _, s := range suites {
		if !strings.Contains(s.name, *run) {
			continue
		}
		passed, skipped, bad, err := s.test()
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", s.name, err)
			os.Exit(2)
		}
		fmt.Printf("| %s | %s | %s | %d | %d | %d | `%s` |\n", s.name, s.version, s.driver, passed, len(bad), skipped, s.command())
		for _, t := range bad {
			failures = append(failures, s.name+": "+t)
		}
		failed = failed || len(bad) > 0
	}
	for _, f := range failures {
		fmt.Println("failed:", f)
	}
	if failed {
		os.Exit(1)
	}
}

func (s *suite) command() string {
	words := append(append([]string{}, s.env...), "go", "test", "-count=1")
	words = append(append(words, s.flags...), s.packages...)
	for _, a := range s.args {
		if strings.ContainsAny(a, "?&") {
			a = "'" + a + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// copied puts a copy of the module that the suite writes into in the place of
// the downloaded one, which is read-only, and returns the flag that says so.
func (s *suite) copied(work string) (string, error) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", s.writes)
	list.Dir = s.dir
	dir, err := list.Output()
	if err != nil {
		return "", err
	}
	to := filepath.Join(work, "module")
	if err := os.CopyFS(to, os.DirFS(strings.TrimSpace(string(dir)))); err != nil {
		return "", err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(s.dir, name))
		if err != nil {
			return "", err
		}
		if name == "go.mod" {
			text = fmt.Appendf(text, "\nreplace %s => %s\n", s.writes, to)
		}
		if err := os.WriteFile(filepath.Join(work, name), text, 0o600); err != nil {
			return "", err
		}
	}
	return "-modfile=" + filepath.Join(work, "go.mod"), nil
}

// test runs the suite and counts its tests.
func (s *suite) test() (passed, skipped int, failed []string, err error) {
	args := append([]string{"test", "-count=1", "-json"}, s.flags...)
	work, err := os.MkdirTemp("", "suites")
	if err != nil {
		return 0, 0, nil, err
	}
	defer os.RemoveAll(work)
	if s.writes != "" {
		flag, err := s.copied(work)
		if err != nil {
			return 0, 0, nil, err
		}
		args = append(args, flag)
	}
	cmd := exec.Command("go", slices.Concat(args, s.packages, s.args)...)
	cmd.Dir, cmd.Env = s.dir, append(append(os.Environ(), "TMPDIR="+work), s.env...)
	out, runErr := cmd.Output() // Fails when a test does; the lines tell.
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		switch {
		case e.Test == "" && e.Action == "fail" && len(failed) == 0:
			failed = append(failed, e.Package)
		case e.Test == "":
		case e.Action == "pass":
			passed++
		case e.Action == "skip":
			skipped++
		case e.Action == "fail":
			failed = append(failed, e.Package+" "+e.Test)
		}
	}
	if passed == 0 && len(failed) == 0 {
		return 0, 0, nil, fmt.Errorf("no tests ran: %w", runErr)
	}
	return passed, skipped, failed, lines.Err()
}
