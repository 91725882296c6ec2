package rustlite_test

// What a hostile or careless caller does: nil where something is wanted, use after the end, ends in
// the wrong order. The answer is an error, never a panic, never a wait without end, and the file is
// free again when the last use of it is over.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

// alone checks that the file is there without log and lock file, and opens at once.
func alone(t *testing.T, path string) {
	t.Helper()
	names, err := filepath.Glob(path + "*")
	if err != nil || len(names) != 1 {
		t.Errorf("beside the database: %v, %v", names, err)
	}
	db, err := rustlite.Open(path, &rustlite.Options{BusyTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// What is open when the DB is closed goes on; the last of it ends the use of the file.
func TestCloseWhileOpen(t *testing.T) {
	openings := map[string]func(t *testing.T, db *rustlite.DB) (use func() error, end func() error){
		"rows": func(t *testing.T, db *rustlite.DB) (func() error, func() error) {
			rows, err := db.Query(ctx, "SELECT a FROM t")
			if err != nil {
				t.Fatal(err)
			}
			return func() error {
				if !rows.Next() {
					return errors.Join(errors.New("no row"), rows.Err())
				}
				return nil
			}, rows.Close
		},
		"transaction": func(t *testing.T, db *rustlite.DB) (func() error, func() error) {
			tx := begin(t, db, nil)
			return func() error {
				_, err := tx.Exec(ctx, "INSERT INTO t VALUES (4)")
				return err
			}, func() error { return tx.Commit(ctx) }
		},
		"connection": func(t *testing.T, db *rustlite.DB) (func() error, func() error) {
			c, err := db.Conn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return func() error {
				_, err := c.Exec(ctx, "INSERT INTO t VALUES (4)")
				return err
			}, c.Close
		},
	}
	for name, open1 := range openings {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.rldb")
			db, err := rustlite.Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)")
			use, end := open1(t, db)
			for range 2 {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := db.Exec(ctx, "SELECT 1"); !errors.Is(err, rustlite.ErrMisuse) {
				t.Errorf("use after close: %v", err)
			}
			if err := use(); err != nil {
				t.Errorf("what was open: %v", err)
			}
			// The engine lives, so an Open shares it.
			again, err := rustlite.Open(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			want(t, query(t, again, "SELECT count(*) >= 3 FROM t"), row{int64(1)})
			if err := again.Close(); err != nil {
				t.Error(err)
			}
			if err := end(); err != nil {
				t.Error(err)
			}
			alone(t, path)
		})
	}
}

func TestDriverCloseWhileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rldb")
	db, err := sql.Open("rustlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)"); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT a FROM t")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for rows.Next() {
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Error(err)
	}
	alone(t, path)
	// Without a connector a connection has a database of its own.
	c, err := db.Driver().Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.(driver.Pinger).Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.(driver.Pinger).Ping(ctx); err == nil {
		t.Error("a ping of a closed connection")
	}
	alone(t, path)
}

func TestConnAfterClose(t *testing.T) {
	db := openMemory(t)
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, "BEGIN")
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	other, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, err = c.Exec(ctx, "CREATE TABLE t(a)")
	wantCode(t, err, rustlite.ErrMisuse)
	_, err = c.Query(ctx, "SELECT 1")
	wantCode(t, err, rustlite.ErrMisuse)
	_, err = c.Begin(ctx, nil)
	wantCode(t, err, rustlite.ErrMisuse)
	_, _, err = c.QueryFirst(ctx, "SELECT 1")
	wantCode(t, err, rustlite.ErrMisuse)
}

// A nil context never ends.
func TestNilContext(t *testing.T) {
	var none context.Context
	db := open(t, filepath.Join(t.TempDir(), "a.rldb"), nil)
	exec2 := func(x execer) error {
		_, err := x.Exec(none, "SELECT 1")
		return err
	}
	c, err := db.Conn(none)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, err := db.Prepare(none, "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	_, stErr := st.Exec(none)
	rows, err := db.Query(none, "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range db.All(none, "SELECT 1") {
		if err != nil {
			t.Error(err)
		}
	}
	err = errors.Join(exec2(db), exec2(c), stErr, rows.Close(), db.Checkpoint(none), db.Sync(none),
		db.View(none, func(tx *rustlite.Tx) error { return exec2(tx) }),
		db.Update(none, func(tx *rustlite.Tx) error { return exec2(tx) }))
	if err != nil {
		t.Error(err)
	}
	wantCode(t, db.View(ctx, nil), rustlite.ErrMisuse)
	wantCode(t, db.Update(ctx, nil), rustlite.ErrMisuse)
}

type itself struct{}

func (v itself) Value() (driver.Value, error) { return v, nil }

func TestBadArguments(t *testing.T) {
	db := openMemory(t)
	type loop *loop
	var p loop
	p = &p
	for _, x := range []any{p, itself{}, make(chan int), struct{}{}, []int{1}} {
		_, err := db.Exec(ctx, "SELECT ?", x)
		wantCode(t, err, rustlite.ErrMismatch)
	}
	rows, err := db.Query(ctx, "SELECT 1, 'x'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	var n *int64
	var s *string
	var b *[]byte
	var a *any
	var scanner *sql.NullString
	for _, dest := range []any{n, s, b, a, scanner, nil, 1, "x"} {
		if err := rows.Scan(new(int), dest); err == nil {
			t.Errorf("scanned into %T", dest)
		}
	}
	if err := new(rustlite.Rows).Close(); err != nil {
		t.Error(err)
	}
	_, err = rustlite.Open(":memory:", &rustlite.Options{Sync: 7})
	wantCode(t, err, rustlite.ErrMisuse)
}

// The row of ended rows shows nothing: its bytes went with the statement.
func TestRowAfterEnd(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.rldb"), nil)
	exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES ('text'), ('more')")
	rows, err := db.Query(ctx, "SELECT a FROM t")
	if err != nil || !rows.Next() || rows.Text(0) != "text" {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if got := rows.Text(0) + string(rows.Raw(0)) + rows.Row().Text(0); got != "" {
		t.Errorf("closed rows show %q", got)
	}
}

// Every Open of a file has its own options, though they share the engine.
func TestOptionsOfEachOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rldb")
	writer := open(t, path, nil)
	exec(t, writer, "CREATE TABLE t(a)")
	reader := open(t, path, &rustlite.Options{ReadOnly: true})
	for _, text := range []string{"INSERT INTO t VALUES (1)", "BEGIN IMMEDIATE", "BEGIN; SELECT * FROM t; INSERT INTO t VALUES (1)",
		"PRAGMA user_version = 3", "DROP TABLE t"} {
		_, err := reader.Exec(ctx, text)
		wantCode(t, err, rustlite.ErrReadOnly)
	}
	wantCode(t, reader.Update(ctx, func(*rustlite.Tx) error { return nil }), rustlite.ErrReadOnly)
	hasty := open(t, path, &rustlite.Options{BusyTimeout: -1, Sync: rustlite.SyncNormal})
	tx := begin(t, writer, &rustlite.TxOptions{Immediate: true})
	start := time.Now()
	_, err := hasty.Exec(ctx, "INSERT INTO t VALUES (1)")
	wantCode(t, err, rustlite.ErrBusy)
	if waited := time.Since(start); waited > 2*time.Second {
		t.Errorf("waited %v", waited)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, query(t, hasty, "PRAGMA synchronous"), row{int64(1)})
	want(t, query(t, writer, "PRAGMA synchronous"), row{int64(2)})
}

// A wait may be longer than the default of the file's first Open, too.
func TestLongerBusyTimeout(t *testing.T) {
	db := open(t, ":memory:", &rustlite.Options{BusyTimeout: time.Millisecond})
	exec(t, db, "CREATE TABLE t(a)")
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	exec(t, c, "PRAGMA busy_timeout = 60000")
	tx := begin(t, db, &rustlite.TxOptions{Immediate: true})
	ended := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() {
		tx.Rollback()
		close(ended)
	})
	exec(t, c, "INSERT INTO t VALUES (1)")
	<-ended
}

// PRAGMA synchronous is the connection's own: what it commits at FULL survives a power failure, and
// takes along what others committed before at OFF.
func TestSynchronousOfAConnection(t *testing.T) {
	fs := memfs.New(1)
	db := open(t, "/db", &rustlite.Options{FS: fs, NoBackground: true})
	exec(t, db, "CREATE TABLE t(a)")
	lazy, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer lazy.Close()
	exec(t, lazy, "PRAGMA synchronous = OFF")
	count := func() any {
		crashed := open(t, "/db", &rustlite.Options{FS: fs.Crash(memfs.KeepNone, 1), NoBackground: true})
		return query(t, crashed, "SELECT count(*) FROM t")[0][0]
	}
	exec(t, lazy, "INSERT INTO t VALUES (1)")
	if n := count(); n != int64(0) {
		t.Errorf("at OFF: %v rows after a power failure", n)
	}
	exec(t, db, "INSERT INTO t VALUES (2)")
	if n := count(); n != int64(2) {
		t.Errorf("at FULL: %v rows after a power failure", n)
	}
	exec(t, lazy, "INSERT INTO t VALUES (3)")
	if n := count(); n != int64(2) {
		t.Errorf("at OFF again: %v rows after a power failure", n)
	}
}

// The file is cut under rows that are open: the bytes that they show are there, the next ones are an
// error. Reading them never ends the program.
func TestCutFileUnderRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rldb")
	db := open(t, path, nil)
	exec(t, db, "CREATE TABLE t(a)")
	for range 40 {
		exec(t, db, "INSERT INTO t VALUES (printf('%.*c', 2000, 'x'))")
	}
	if err := db.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(ctx, "SELECT a FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n == 3 {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(rows.Text(0)) + len(rows.Raw(0)) + len(rows.Bytes(0)); got != 6000 {
			t.Fatalf("row %d has %d bytes", n, got)
		}
	}
	wantCode(t, rows.Err(), rustlite.ErrIO)
	// So that the close finds a file of the right size.
	if err := os.Truncate(path, info.Size()); err != nil {
		t.Fatal(err)
	}
}

// Another database is put in the place of one that is open: the close of the first leaves the second
// one's log alone.
func TestReplacedFile(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "a.rldb"), filepath.Join(dir, "b.rldb")
	make1 := func(path string) *rustlite.DB {
		db := open(t, path, nil)
		exec(t, db, "CREATE TABLE t(a)")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return open(t, path, nil)
	}
	if err := make1(other).Close(); err != nil {
		t.Fatal(err)
	}
	first := make1(path)
	exec(t, first, "INSERT INTO t VALUES (1)")
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	second := open(t, path, nil)
	exec(t, second, "INSERT INTO t VALUES (2), (3)")
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	// As a killed process would leave it.
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err == nil {
			err = os.WriteFile(filepath.Join(copied, filepath.Base(name)), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want(t, query(t, open(t, filepath.Join(copied, "a.rldb"), nil), "SELECT count(*) FROM t"), row{int64(2)})
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	alone(t, path)
}

// The log lies beside the file itself, also when a link led to a file that was not made yet.
func TestLinkToNothing(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Symlink("b", filepath.Join(dir, "a")), os.Symlink(filepath.Join(dir, "real.rldb"), filepath.Join(dir, "b"))); err != nil {
		t.Fatal(err)
	}
	db := open(t, filepath.Join(dir, "a"), nil)
	exec(t, db, "CREATE TABLE t(a)")
	if names, err := filepath.Glob(filepath.Join(dir, "real.rldb-log*")); err != nil || len(names) != 1 {
		t.Errorf("logs beside the file: %v, %v", names, err)
	}
	want(t, query(t, open(t, filepath.Join(dir, "real.rldb"), nil), "SELECT count(*) FROM t"), row{int64(0)})
}
