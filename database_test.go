package rustlite_test

// Several databases of one connection: files that others have open too, what each of them keeps when
// the other is rolled back, whose plans are shared. The language itself is in the corpus, folder databases.

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rustlite/rustlite"
)

func conn(t *testing.T, db *rustlite.DB) *rustlite.Conn {
	t.Helper()
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func run(t *testing.T, c *rustlite.Conn, list ...string) {
	t.Helper()
	for _, sql := range list {
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// texts are the rows of a query, columns joined by |.
func texts(t *testing.T, c querier, sql string) string {
	t.Helper()
	rows, err := c.Query(ctx, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one []string
		for i := range rows.Columns() {
			one = append(one, rows.Text(i))
		}
		all = append(all, strings.Join(one, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return strings.Join(all, " ")
}

func wantText(t *testing.T, c *rustlite.Conn, sql, want string) {
	t.Helper()
	if got := texts(t, c, sql); got != want {
		t.Errorf("%s: %q, want %q", sql, got, want)
	}
}

func refused(t *testing.T, c *rustlite.Conn, sql, text string, code rustlite.Code) {
	t.Helper()
	_, err := c.Exec(ctx, sql)
	var e *rustlite.Error
	if !errors.As(err, &e) || !strings.HasPrefix(e.Error(), text) || e.ExtendedCode() != int(code) {
		t.Errorf("%s: %v, want %q %d", sql, err, text, code)
	}
}

func openAt(t *testing.T, path string) *rustlite.DB {
	t.Helper()
	db, err := rustlite.Open(path, &rustlite.Options{BusyTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// A file attached is the same file for those who have it as main: they see its commits, wait for
// its writer, and hear of its changes of schema.
func TestAttachedFile(t *testing.T) {
	dir := t.TempDir()
	aux := filepath.Join(dir, "aux.db")
	other := conn(t, openAt(t, aux))
	run(t, other, "CREATE TABLE t(a)", "INSERT INTO t VALUES (1)")
	c := conn(t, openAt(t, filepath.Join(dir, "main.db")))
	run(t, c, "ATTACH '"+aux+"' AS aux", "CREATE TABLE m(a)")
	wantText(t, c, "SELECT a FROM t", "1")

	run(t, other, "CREATE TABLE u(b)", "INSERT INTO u VALUES (2)")
	wantText(t, c, "SELECT a, b FROM t, u", "1|2")

	run(t, c, "BEGIN", "INSERT INTO t VALUES (3)", "INSERT INTO m VALUES (3)", "CREATE TABLE aux.w(x)")
	refused(t, other, "INSERT INTO t VALUES (4)", "database is locked", rustlite.ErrBusy)
	refused(t, c, "DETACH aux", "database aux is locked", rustlite.ErrError)
	wantText(t, other, "SELECT a FROM t", "1")
	run(t, c, "COMMIT")
	wantText(t, other, "SELECT a FROM t, w", "")
	wantText(t, other, "SELECT a FROM t", "1 3")

	run(t, c, "BEGIN", "INSERT INTO t VALUES (5)", "INSERT INTO m VALUES (5)", "DROP TABLE w", "ROLLBACK")
	wantText(t, other, "SELECT count(*) FROM w", "0")
	wantText(t, c, "SELECT (SELECT max(a) FROM t), (SELECT max(a) FROM m)", "3|3")

	rows, err := c.Query(ctx, "SELECT a FROM aux.t")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	refused(t, c, "DETACH aux", "database aux is locked", rustlite.ErrError)
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, c, "DETACH aux")
	refused(t, c, "SELECT a FROM t", "no such table: t", rustlite.ErrError)
	run(t, other, "INSERT INTO t VALUES (6)")
}

// BEGIN IMMEDIATE takes the writer's turn of every file.
func TestImmediateOverFiles(t *testing.T) {
	dir := t.TempDir()
	aux := filepath.Join(dir, "aux.db")
	other := conn(t, openAt(t, aux))
	run(t, other, "CREATE TABLE t(a)")
	c := conn(t, openAt(t, filepath.Join(dir, "main.db")))
	run(t, c, "ATTACH '"+aux+"' AS aux", "BEGIN IMMEDIATE")
	refused(t, other, "INSERT INTO t VALUES (1)", "database is locked", rustlite.ErrBusy)
	run(t, c, "COMMIT")
	run(t, other, "BEGIN IMMEDIATE")
	refused(t, c, "BEGIN IMMEDIATE", "database is locked", rustlite.ErrBusy)
	run(t, c, "BEGIN", "CREATE TABLE m(a)", "COMMIT")
}

// The files of ATTACH: what cannot be opened, what is no database, what is only to be read.
func TestAttachErrors(t *testing.T) {
	dir := t.TempDir()
	c := conn(t, openAt(t, filepath.Join(dir, "main.db")))
	missing := filepath.Join(dir, "no", "such.db")
	refused(t, c, "ATTACH '"+missing+"' AS a", "unable to open database: "+missing, rustlite.ErrCantOpen)
	path := filepath.Join(dir, "ro.db")
	run(t, c, "ATTACH '"+path+"' AS a", "CREATE TABLE a.t(x)", "DETACH a", "ATTACH 'file:"+path+"?mode=ro' AS a")
	wantText(t, c, "SELECT count(*) FROM a.t", "0")
	refused(t, c, "INSERT INTO a.t VALUES (1)", "attempt to write a readonly database", rustlite.ErrReadOnly)
	run(t, c, "CREATE TABLE t(x)", "BEGIN IMMEDIATE", "INSERT INTO main.t VALUES (1)", "COMMIT")
}

// Temporary objects are one connection's, and vanish with it; programs over them are not shared.
func TestTemporaryOfEachConnection(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "main.db"))
	one, two := conn(t, db), conn(t, db)
	run(t, one, "CREATE TABLE t(a)", "INSERT INTO t VALUES ('main')")
	for i, c := range []*rustlite.Conn{one, two} {
		name := []string{"one", "two"}[i]
		run(t, c, "CREATE TEMP TABLE t(a, b)", "INSERT INTO t VALUES ('"+name+"', 1)")
		wantText(t, c, "SELECT * FROM t", name+"|1")
	}
	wantText(t, one, "SELECT * FROM t", "one|1")
	wantText(t, conn(t, db), "SELECT * FROM t", "main")
	run(t, two, "BEGIN", "DROP TABLE t", "ROLLBACK")
	wantText(t, two, "SELECT * FROM t", "two|1")
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, "CREATE TEMP TABLE t(c)"); err != nil {
		t.Fatal(err)
	}
	wantText(t, conn(t, db), "SELECT * FROM t", "main")
}

// A connection that only reads has a temporary database that it writes.
func TestTemporaryReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.db")
	db := openAt(t, path)
	if _, err := db.Exec(ctx, "CREATE TABLE t(a); INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	ro, err := rustlite.Open(path, &rustlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	c := conn(t, ro)
	run(t, c, "CREATE TEMP TABLE u AS SELECT a + 1 AS a FROM t", "BEGIN", "INSERT INTO u SELECT * FROM t", "COMMIT")
	wantText(t, c, "SELECT a FROM u", "2 1")
	refused(t, c, "INSERT INTO t SELECT * FROM u", "attempt to write a readonly database", rustlite.ErrReadOnly)
}

// Where the meaning of a collation changes, REINDEX makes its indexes fit again.
func TestReindexCollation(t *testing.T) {
	db := openAt(t, filepath.Join(t.TempDir(), "main.db"))
	order := func(sign int) {
		t.Helper()
		if err := db.CreateCollation("mine", func(a, b string) int { return sign * strings.Compare(a, b) }); err != nil {
			t.Fatal(err)
		}
	}
	order(1)
	c := conn(t, db)
	run(t, c, "CREATE TABLE t(a)", "CREATE INDEX i ON t(a COLLATE mine)", "INSERT INTO t VALUES ('b'), ('a'), ('c')")
	wantText(t, c, "SELECT a FROM t ORDER BY a COLLATE mine", "a b c")
	order(-1)
	run(t, c, "REINDEX mine")
	wantText(t, c, "SELECT a FROM t INDEXED BY i WHERE a COLLATE mine > 'b'", "a")
	wantText(t, c, "SELECT a FROM t ORDER BY a COLLATE mine", "c b a")
	wantText(t, c, "PRAGMA integrity_check", "ok")
}

func TestAttachedMax(t *testing.T) {
	c := conn(t, openAt(t, filepath.Join(t.TempDir(), "main.db")))
	for i := range 10 {
		run(t, c, "ATTACH ':memory:' AS a"+string(rune('0'+i)))
	}
	refused(t, c, "ATTACH ':memory:' AS more", "too many attached databases - max 10", rustlite.ErrError)
	run(t, c, "DETACH a3", "ATTACH ':memory:' AS more", "CREATE TABLE more.t(a)", "CREATE TABLE a9.t(a)")
	wantText(t, c, "SELECT count(*) FROM more.t, a9.t", "0")
}
