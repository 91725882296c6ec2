package rustlite_test

// Goal: VACUUM keeps everything that a database means, makes its file as small as a fresh load,
// disturbs no reader, and leaves the old or the new database after a fault.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// content is everything that a database shows.
func content(t *testing.T, db *rustlite.DB) string {
	t.Helper()
	var out strings.Builder
	ctx := context.Background()
	show := func(sql string) (names []string) {
		for row, err := range db.All(ctx, sql) {
			if err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
			names = append(names, row.Text(0))
			for i := range row.Len() {
				out.WriteString(row.Text(i) + "|")
			}
			out.WriteByte('\n')
		}
		return names
	}
	for _, pragma := range []string{"user_version", "application_id", "integrity_check"} {
		show("PRAGMA " + pragma)
	}
	show("SELECT name, type, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2")
	for _, name := range show("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1") {
		show(fmt.Sprintf("SELECT * FROM %q", name))
	}
	return out.String()
}

// same tells where two contents differ.
func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	t.Fatalf("%s: %d bytes, want %d; from %d on\n%.200q, want\n%.200q", what, len(got), len(want), i, got[max(i-40, 0):], want[max(i-40, 0):])
}

func TestVacuumShrinks(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	load := func(path, where string) *rustlite.DB {
		db, err := rustlite.Open(path, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		for _, sql := range []string{
			"CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b UNIQUE)",
			"CREATE TABLE w(k TEXT COLLATE NOCASE, v, PRIMARY KEY(k DESC)) WITHOUT ROWID",
			"CREATE TABLE empty(x)",
			"CREATE VIEW both AS SELECT a FROM t UNION SELECT k FROM w",
			"CREATE INDEX ta ON t(a COLLATE NOCASE, b DESC) WHERE b > 10",
			"CREATE INDEX wv ON w(v, lower(k))",
			"PRAGMA user_version = 7",
			"PRAGMA application_id = -3",
			`WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 30000)
				INSERT INTO t(id, a, b) SELECT i, hex(zeroblob(20 + i % 3000 * (i % 97 = 0))) || i, i FROM c WHERE ` + where,
			"INSERT INTO w SELECT 'Key ' || id, a FROM t WHERE id % 4 < 2",
			"INSERT INTO t(id, a) VALUES (50000, 'gone')",
			"DELETE FROM t WHERE id = 50000",
		} {
			if _, err := db.Exec(ctx, sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		return db
	}
	path, fresh := filepath.Join(dir, "old.rldb"), filepath.Join(dir, "fresh.rldb")
	db := load(path, "true")
	half := load(fresh, "i % 2 = 0")
	for _, sql := range []string{"DELETE FROM t WHERE id % 2 = 1", "DELETE FROM w WHERE substr(k, 5) % 2 = 1"} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	before := content(t, db)
	same(t, "the fresh load", content(t, half), before)

	// A reader on another connection sees its snapshot to the end, and holds the file's size.
	reader, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := reader.Query(ctx, "SELECT count(*), a FROM t GROUP BY id")
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	if _, err := db.Exec(ctx, "VACUUM"); err != nil {
		t.Fatal(err)
	}
	n := 1
	for rows.Next() {
		n++
	}
	if n != 15000 || rows.Err() != nil {
		t.Fatalf("the reader saw %d rows, %v", n, rows.Err())
	}
	rows.Close()
	reader.Close()
	same(t, "after VACUUM", content(t, db), before)
	if free := integer(t, db, "PRAGMA freelist_count"); free != 0 {
		t.Fatalf("%d free pages after VACUUM", free)
	}
	if _, err := db.Exec(ctx, "INSERT INTO t(a) VALUES ('next')"); err != nil {
		t.Fatal(err)
	}
	if id := integer(t, db, "SELECT max(id) FROM t"); id != 50001 {
		t.Fatalf("AUTOINCREMENT goes on with %d", id)
	}
	if _, err := db.Exec(ctx, "DELETE FROM t WHERE id = 50001"); err != nil {
		t.Fatal(err)
	}

	before = content(t, db)
	copied := filepath.Join(dir, "copy.rldb")
	if _, err := db.Exec(ctx, "VACUUM INTO ?", copied); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*rustlite.DB{db, half} {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{path, copied} {
		got, want := fileSize(t, path), fileSize(t, fresh)
		t.Logf("%s: %d bytes, a fresh load has %d", filepath.Base(path), got, want)
		if got > want {
			t.Errorf("%s has %d bytes, a fresh load %d", path, got, want)
		}
		db, err := rustlite.Open(path, &rustlite.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		same(t, path, content(t, db), before)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A VACUUM that fails has changed nothing, and one that has changed the database
// does not fail: the error of its checkpoint is the next one's.
func TestVacuumFaults(t *testing.T) {
	home, failed, late := memfs.New(1), 0, 0
	db := open(t, "/db", &rustlite.Options{FS: home, NoBackground: true, NoMap: true, PageSize: 1024})
	exec(t, db, "CREATE TABLE t(a, b); CREATE INDEX ta ON t(a)")
	exec(t, db, "WITH c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 300) INSERT INTO t SELECT i, zeroblob(200) FROM c")
	exec(t, db, "DELETE FROM t WHERE a % 3 > 0")
	want, before := content(t, db), integer(t, db, "PRAGMA page_count")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		crashed := home.Crash(memfs.KeepAll, 1)
		faults := errfs.New(crashed)
		db, err := rustlite.Open("/db", &rustlite.Options{FS: faults, NoBackground: true, NoMap: true})
		if err != nil {
			t.Fatal(err)
		}
		faults.SetPlan(errfs.Plan{Kinds: errfs.All, N: n})
		_, err = db.Exec(ctx, "VACUUM")
		fired := faults.Fired()
		faults.SetPlan(errfs.Plan{})
		// What is published is seen before what the disk has.
		after := integer(t, db, "PRAGMA page_count")
		if (err == nil) != (after < before) {
			t.Fatalf("operation %d failed: VACUUM says %v, and of %d pages there are %d", n, err, before, after)
		}
		same(t, fmt.Sprintf("after the fault of operation %d", n), content(t, db), want)
		if err == nil && fired > 0 {
			late++
			if err := db.Checkpoint(ctx); err != nil && !errors.Is(err, rustlite.ErrIO) {
				t.Fatal(err)
			}
		}
		_ = db.Close() // Fails where a sync has failed.
		again := open(t, "/db", &rustlite.Options{FS: crashed, NoBackground: true, NoMap: true})
		same(t, fmt.Sprintf("opened again after the fault of operation %d", n), content(t, again), want)
		if fired == 0 {
			break
		}
		if err != nil {
			failed++
		}
	}
	t.Logf("%d faults before the commit, %d behind it", failed, late)
	if failed == 0 || late == 0 {
		t.Fatalf("%d faults before the commit, %d behind it", failed, late)
	}
}

// VACUUM waits for nobody's rows but those of its own connection.
func TestVacuumBesideRows(t *testing.T) {
	ctx := context.Background()
	db := open(t, filepath.Join(t.TempDir(), "a.rldb"), nil)
	c := conn(t, db)
	if _, err := c.Exec(ctx, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)"); err != nil {
		t.Fatal(err)
	}
	rows, err := c.Query(ctx, "SELECT a FROM t")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	const text = "cannot VACUUM - SQL statements in progress"
	if _, err := c.Exec(ctx, "VACUUM"); err == nil || err.Error() != text {
		t.Fatalf("%v, want %s", err, text)
	}
	if _, err := db.Exec(ctx, "VACUUM"); err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "VACUUM"); err != nil {
		t.Fatal(err)
	}
}

// A reader holds the pages that it sees; when it has ended, the file shrinks by itself.
func TestVacuumShrinksAfterReaders(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "a.rldb")
	db, err := rustlite.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(ctx, `CREATE TABLE t(a);
		WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 3000) INSERT INTO t SELECT zeroblob(1000) FROM c`); err != nil {
		t.Fatal(err)
	}
	if err := db.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin(ctx, &rustlite.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, "DELETE FROM t WHERE rowid > 30"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(ctx, "VACUUM"); err != nil {
		t.Fatal(err)
	}
	for row, err := range tx.All(ctx, "SELECT count(*), sum(length(a)) FROM t") {
		if err != nil || row.Int64(0) != 3000 || row.Int64(1) != 3000*1000 {
			t.Fatalf("the reader sees %d rows, %v", row.Int64(0), err)
		}
	}
	if n := fileSize(t, path); n < 3000*1000 {
		t.Fatalf("%d bytes while a reader wants the old pages", n)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if fileSize(t, path) < 100_000 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("the file has %d bytes still", fileSize(t, path))
}

// A copy that cannot be opened is told as ATTACH tells it.
func TestVacuumIntoNowhere(t *testing.T) {
	db, err := rustlite.Open(":memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), "none", "a.rldb")
	_, err = db.Exec(context.Background(), "VACUUM INTO ?", path)
	if want := "unable to open database: " + path; !errors.Is(err, rustlite.ErrCantOpen) || err.Error() != want {
		t.Fatalf("%v, want %s", err, want)
	}
}

// A copy takes the page size that was asked for, and what cannot be finished is not left behind.
func TestVacuumInto(t *testing.T) {
	ctx := context.Background()
	fs := memfs.New(1)
	db := open(t, "/a", &rustlite.Options{FS: fs})
	c := conn(t, db)
	if _, err := c.Exec(ctx, `CREATE TABLE t(a, b UNIQUE);
		WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 3000) INSERT INTO t SELECT zeroblob(100), i FROM c`); err != nil {
		t.Fatal(err)
	}
	before := content(t, db)
	if _, err := c.Exec(ctx, "PRAGMA page_size = 16384; VACUUM INTO '/b'"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(ctx, "VACUUM INTO '/b'"); err == nil || err.Error() != "output file already exists" {
		t.Fatal(err)
	}
	b, err := rustlite.Open("/b", &rustlite.Options{FS: fs})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the copy", content(t, b), before)
	if n := integer(t, b, "PRAGMA page_size"); n != 16384 {
		t.Fatalf("the copy has pages of %d bytes", n)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for space := int64(1000); ; space += 100_000 {
		fs.SetSpace(space)
		_, err := c.Exec(ctx, "VACUUM INTO '/c'")
		fs.SetSpace(0)
		names, _ := fs.List("/c")
		if err == nil {
			if len(names) != 1 {
				t.Fatalf("beside the copy: %v", names)
			}
			break
		}
		if !errors.Is(err, rustlite.ErrFull) {
			t.Fatalf("%d bytes of space: %v", space, err)
		}
		for _, name := range names { // An empty file, which the next one takes.
			f, err := fs.Open(name, vfs.ReadOnly)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.Size(); n != 0 || err != nil {
				t.Fatalf("%d bytes of space: left behind %s of %d bytes, %v", space, name, n, err)
			}
			f.Close()
		}
		failed++
	}
	if failed < 3 {
		t.Fatalf("the disk was full %d times", failed)
	}
	same(t, "after all", content(t, db), before)
}

func integer(t *testing.T, db *rustlite.DB, sql string) (n int64) {
	t.Helper()
	for row, err := range db.All(context.Background(), sql) {
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		n = row.Int64(0)
	}
	return n
}
