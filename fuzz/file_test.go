package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

var ctx = context.Background()

// files are the files of a database: closed, and as a killed process leaves it, with its log. states
// are what its tables held after each step, the newest last: rows by query.
type files struct {
	closed, killed map[string][]byte
	states         []map[string][]string
}

const fileSchema = `
CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, x REAL);
CREATE INDEX a_x ON a (x DESC, name);
CREATE TABLE b (body);`

const (
	orderedByX    = "SELECT id FROM a ORDER BY x DESC, name"
	orderedByName = "SELECT id FROM a ORDER BY name"
)

var queries = []string{
	orderedByX, orderedByName,
	"SELECT type, name, tbl_name, sql FROM sqlite_schema", "SELECT * FROM a", "SELECT rowid, body FROM b",
	"SELECT name, x FROM a ORDER BY x DESC, name", "SELECT id FROM a WHERE name >= 'name 3' ORDER BY name", "SELECT count(*), sum(id) FROM a",
}

var makeFiles = sync.OnceValues(func() (*files, error) {
	fs := memfs.New(1)
	db, err := rustlite.Open("/db", &rustlite.Options{FS: fs, PageSize: 1024, NoBackground: true})
	if err != nil {
		return nil, err
	}
	f := &files{}
	// Much of it goes home, some stays in the log as images and deltas, some pages are free.
	steps := []func() error{
		func() error { _, err := db.Exec(ctx, fileSchema); return err },
		func() error { return fill(db, 0, 60) },
		func() error { _, err := db.Exec(ctx, "DELETE FROM b WHERE rowid % 3 = 1"); return err },
		func() error { return db.Checkpoint(ctx) },
		func() error { return fill(db, 60, 70) },
		func() error { return fill(db, 70, 72) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
		rows, err := readAll(db)
		if err != nil {
			return nil, err
		}
		f.states = append(f.states, rows)
	}
	if f.killed, err = readFiles(fs.Crash(memfs.KeepAll, 1)); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	f.closed, err = readFiles(fs)
	return f, err
})

func fill(db *rustlite.DB, from, to int) error {
	return db.Update(ctx, func(tx *rustlite.Tx) error {
		for i := from; i < to; i++ {
			if _, err := tx.Exec(ctx, "INSERT INTO a VALUES (?, ?, ?)", i+1, fmt.Sprintf("Name %d", i), float64(i%7)/2); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO b VALUES (?)", strings.Repeat("long ", i%13*25)); err != nil {
				return err
			}
		}
		return nil
	})
}

func readFiles(fs *memfs.FS) (map[string][]byte, error) {
	names, err := fs.List("/")
	files := map[string][]byte{}
	for _, name := range names {
		if err == nil {
			files[name], err = fs.ReadFile(name)
		}
	}
	return files, err
}

func readAll(db *rustlite.DB) (map[string][]string, error) {
	rows := map[string][]string{}
	for _, sql := range queries {
		if err := readRows(db, sql, func(s string) { rows[sql] = append(rows[sql], s) }); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func readRows(db *rustlite.DB, sql string, add func(string)) error {
	for row, err := range db.All(ctx, sql) {
		if err != nil {
			return err
		}
		var b strings.Builder
		for i := range row.Len() {
			fmt.Fprintf(&b, "%v|", row.Any(i))
		}
		add(b.String())
	}
	return nil
}

// FuzzFile damages a database and the files of its log anywhere, opens it and reads everything:
// there are errors, or the rows are those that were written, up to a commit when the log was cut.
// What a query met, integrity_check finds as well.
func FuzzFile(f *testing.F) {
	f.Add([]byte{})
	for i := range byte(60) {
		f.Add([]byte{i % 4, 0, i % 5, i * 4, i, 0, 0x40 + i})
	}
	f.Add([]byte{1, 7, 10, 0, 0})
	for i := range byte(40) { // Single bytes of the log.
		f.Add([]byte{1, 1, 0, 1, i * 6, i, 0, 3})
	}
	for i := range byte(60) { // Behind good checksums: headers of the first pages.
		f.Add([]byte{24 + i%2, 0, i % 5, 0, i, 4 * (1 + i%6), 0, 0x11 * i, 0, i * 3, 4, 0, 0xff})
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		whole, err := makeFiles()
		if err != nil {
			t.Fatal(err)
		}
		s := script(input)
		mode := s.byte()
		set := whole.closed
		if mode&1 != 0 {
			set = whole.killed
		}
		fs := memfs.New(1)
		o := &rustlite.Options{FS: fs, NoBackground: true, NoMap: mode&2 != 0, ReadOnly: mode&4 != 0}
		names := []string{"/db", "/db-log2", "/db-log1"} // The second is the live log.
		for name, data := range set {
			if err := fs.WriteFile(name, data); err != nil {
				t.Fatal(err)
			}
		}
		lost := damageFile(t, fs, names[int(s.byte())%min(len(set), len(names))], &s)
		forged := mode&24 == 24
		if forged {
			sealFile(t, fs)
		}
		db, err := rustlite.Open("/db", o)
		if err != nil {
			if !forged {
				knownError(t, err)
			}
			return
		}
		if forged {
			readForged(db)
			return
		}
		readDamaged(t, db, whole.states[max(0, len(whole.states)-1-lost):])
		if err := db.Close(); err != nil {
			knownError(t, err)
		}
	})
}

// damageFile says how many commits may be lost without an error: none in the main file; the last
// when a small piece of the log is hit, because it may look like one that a power failure tore; any
// when it was cut or hit at large.
func damageFile(t *testing.T, fs *memfs.FS, name string, s *script) (lost int) {
	data, err := fs.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(data)
	if s.byte()%8 == 7 {
		// An empty file is a new database, as it is for SQLite.
		data = data[:max(1, s.below(len(data)+1))]
	} else {
		s.damage(data)
	}
	if err := fs.WriteFile(name, data); err != nil {
		t.Fatal(err)
	}
	if name == "/db" {
		return 0
	}
	first, last := 0, len(before)
	for first < len(data) && data[first] == before[first] {
		first++
	}
	for len(data) == len(before) && last > first && data[last-1] == before[last-1] {
		last--
	}
	if last <= first/8*8+8 { // Batches begin at multiples of 8.
		return 1
	}
	return math.MaxInt / 2
}

// sealFile makes the checksums of all pages good again.
func sealFile(t *testing.T, fs *memfs.FS) {
	data, err := fs.ReadFile("/db")
	if err != nil {
		t.Fatal(err)
	}
	for no := fileformat.PageNo(1); int(no)*1024 <= len(data); no++ {
		page := data[fileformat.PageOffset(no, 1024):][:1024]
		fileformat.SealPage(page, no, fileformat.PageCommit(page))
	}
	if err := fs.WriteFile("/db", data); err != nil {
		t.Fatal(err)
	}
}

// readForged reads and changes a database whose damage no checksum shows: anything may come out, but
// no panic, and it ends.
func readForged(db *rustlite.DB) {
	for _, sql := range append([]string{"PRAGMA integrity_check"}, queries...) {
		_ = readRows(db, sql, func(string) {})
	}
	for _, sql := range []string{
		"INSERT INTO a VALUES (NULL, 'forged', 1.5)", "UPDATE a SET name = name || 'x' WHERE id % 3 = 0", "DELETE FROM b WHERE rowid > 20",
		"CREATE INDEX b_body ON b (body)", "DROP TABLE a",
	} {
		_, _ = db.Exec(ctx, sql)
	}
	_ = db.Close()
}

func knownError(t *testing.T, err error) {
	t.Helper()
	for _, code := range []rustlite.Code{rustlite.ErrCorrupt, rustlite.ErrNotADB, rustlite.ErrCantOpen} {
		if errors.Is(err, code) {
			return
		}
	}
	t.Fatalf("unexpected error: %v", err)
}

// readDamaged reads everything. All the rows that come without an error must be those of one state.
func readDamaged(t *testing.T, db *rustlite.DB, states []map[string][]string) {
	met := false
	for _, sql := range queries {
		var got []string
		err := readRows(db, sql, func(s string) { got = append(got, s) })
		if err != nil {
			knownError(t, err)
			met = true
			continue
		}
		var still []map[string][]string
		for _, want := range states {
			if slices.Equal(got, want[sql]) {
				still = append(still, want)
			}
		}
		if len(still) == 0 {
			t.Fatalf("%s gives wrong rows without an error:\n%s\nwant\n%s", sql, strings.Join(got, "\n"),
				strings.Join(states[len(states)-1][sql], "\n"))
		}
		states = still
	}
	var found []string
	err := readRows(db, "PRAGMA integrity_check", func(s string) { found = append(found, s) })
	if err != nil {
		knownError(t, err)
	} else if ok := len(found) == 1 && found[0] == "ok|"; met && ok {
		t.Fatal("a query met damage that integrity_check does not find")
	}
}
