package pager

// The pager on files: the same model as in memory, with checkpoints, reopening, both ways of
// reading the home, and the life of the files beside the database.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

var ctx = context.Background()

func mustOpen(t testing.TB, path string, o *Options) *Pager {
	t.Helper()
	p, err := Open(ctx, path, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func smallOptions(fs vfs.FS, pageSize int) *Options {
	return &Options{
		FS: fs, PageSize: pageSize, LogLimitBytes: 64 << 10, MapSegmentBytes: 1 << 17,
		CacheBytes: int64(20 * pageSize), PrivateBytes: int64(4 * pageSize), BusyTimeout: -1,
	}
}

func TestModelDisk(t *testing.T) {
	for _, size := range []int{1024, 4096, 65536} {
		for _, noMap := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d/nomap=%v", size, noMap), func(t *testing.T) {
				t.Logf("replay: go test ./pager -run %s -seed %d", t.Name(), *seedFlag)
				fs := memfs.New(*seedFlag)
				o := smallOptions(fs, size)
				o.NoMap = noMap
				if size == 65536 {
					o.CacheBytes *= 10
				}
				p := mustOpen(t, "/db", o)
				m := newModelRun(t, p, *seedFlag)
				steps := 800
				if size > 4096 || invariant.Enabled {
					steps = 200
				}
				for i := range steps {
					m.step()
					if m.r.Intn(10) == 0 {
						if _, err := m.p.Checkpoint(ctx); err != nil {
							t.Fatal(err)
						}
					}
					if m.r.Intn(7) == 0 {
						m.level = SyncLevel(m.r.Intn(3))
					}
					if i%100 == 99 {
						m.endReaders()
						if err := m.p.Close(); err != nil {
							t.Fatal(err)
						}
						if names, _ := fs.List("/"); len(names) != 1 {
							t.Fatalf("after a clean close: %v", names)
						}
						m.p = mustOpen(t, "/db", o)
						checkNow(t, m.p, m.state)
					}
				}
				m.endReaders()
				if err := m.p.Close(); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

func checkNow(t testing.TB, p *Pager, want *modelState) {
	t.Helper()
	tx, err := p.BeginRead()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := checkModel(tx, want); err != nil {
		t.Fatal(err)
	}
	if err := checkPartition(tx, want); err != nil {
		t.Fatal(err)
	}
}

// put commits one page with a value, allocating pages up to it.
func put(t testing.TB, p *Pager, no PageNo, v uint64) {
	t.Helper()
	tx, err := p.BeginWrite(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for tx.PageCount() < no {
		if _, _, err := tx.Allocate(); err != nil {
			t.Fatal(err)
		}
	}
	page, err := tx.Write(no)
	if err != nil {
		t.Fatal(err)
	}
	fillPage(page, v)
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
}

func get(t testing.TB, p *Pager, no PageNo) uint64 {
	t.Helper()
	tx, err := p.BeginRead()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	page, err := tx.Page(no)
	if err != nil {
		t.Fatal(err)
	}
	v, err := pageValue(page)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSystemFiles(t *testing.T) {
	path := t.TempDir() + "/a.rldb"
	for _, noMap := range []bool{false, true} {
		o := &Options{NoMap: noMap, BusyTimeout: -1}
		p := mustOpen(t, path, o)
		for i := range uint64(50) {
			put(t, p, PageNo(2+i%7), 100+i)
		}
		if _, err := p.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		if got := get(t, p, 2); got != 149 {
			t.Fatalf("page 2 holds %d", got)
		}
		if _, err := Open(ctx, path, o); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "held by process") {
			t.Fatalf("second open: %v", err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		names, err := vfs.System().List(path)
		if err != nil || len(names) != 1 {
			t.Fatalf("after a clean close: %v, %v", names, err)
		}
	}
}

func TestLogMissing(t *testing.T) {
	fs := memfs.New(1)
	o := smallOptions(fs, 4096)
	p := mustOpen(t, "/db", o)
	put(t, p, 2, 7)
	killed := fs.Crash(memfs.KeepAll, 1)
	main, err := killed.ReadFile("/db")
	if err != nil {
		t.Fatal(err)
	}
	alone := memfs.New(2)
	if err := alone.WriteFile("/copy", main); err != nil {
		t.Fatal(err)
	}
	o.FS = alone
	if _, err := Open(ctx, "/copy", o); !errors.Is(err, ErrLogMissing) {
		t.Fatalf("open without the log: %v", err)
	}
	o.IgnoreMissingLog = true
	if p, err := Open(ctx, "/copy", o); err != nil {
		t.Fatalf("open without the log, as told: %v", err)
	} else if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	o.FS, o.IgnoreMissingLog, o.ReadOnly = killed, false, true
	before := killed.Ops()
	r := mustOpen(t, "/db", o)
	if got := get(t, r, 2); got != 7 {
		t.Fatalf("read-only after a crash: %d", got)
	}
	if err := r.Close(); err != nil || killed.Ops() != before {
		t.Fatalf("a read-only open changed something: %v", err)
	}
}

func TestBadFiles(t *testing.T) {
	fs := memfs.New(1)
	o := smallOptions(fs, 1024)
	p := mustOpen(t, "/db", o)
	for i := range uint64(10) {
		put(t, p, PageNo(2+i), i+1)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	good, _ := fs.ReadFile("/db")
	with := func(change func(b []byte) []byte) []byte { return change(append([]byte(nil), good...)) }
	for _, c := range []struct {
		name string
		data []byte
		is   error
		page PageNo
	}{
		{"text", []byte("hello, this is no database at all, just some text"), ErrNotADB, 0},
		{"short", []byte("x"), ErrNotADB, 0},
		{"header cut", good[:40], fileformat.ErrCorrupt, 1},
		{"newer", with(func(b []byte) []byte {
			h, _ := fileformat.DecodeFixedHeader(b)
			h.Version++
			fileformat.PutFixedHeader(b, h)
			return b
		}), ErrNewerFormat, 0},
		{"incompatible feature", with(func(b []byte) []byte {
			h, _ := fileformat.DecodeFixedHeader(b)
			h.Incompatible |= 1 << 9
			fileformat.PutFixedHeader(b, h)
			return b
		}), ErrNewerFormat, 0},
		{"fixed part damaged", with(func(b []byte) []byte { b[21] ^= 1; return b }), fileformat.ErrCorrupt, 1},
		{"header damaged", with(func(b []byte) []byte { b[73] ^= 1; return b }), fileformat.ErrCorrupt, 1},
		{"truncated", good[:5*1024+100], fileformat.ErrCorrupt, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := memfs.New(1)
			if err := bad.WriteFile("/db", c.data); err != nil {
				t.Fatal(err)
			}
			o := *o
			o.FS = bad
			_, err := Open(ctx, "/db", &o)
			if !errors.Is(err, c.is) {
				t.Fatalf("got %v, want %v", err, c.is)
			}
			var ce *fileformat.CorruptError
			if errors.As(err, &ce) && ce.PageNo != c.page {
				t.Fatalf("got page %d, want %d: %v", ce.PageNo, c.page, err)
			}
			if names, _ := bad.List("/"); len(names) != 1 {
				t.Fatalf("left behind: %v", names)
			}
		})
	}
	for _, noMap := range []bool{false, true} {
		bad := memfs.New(1)
		if err := bad.WriteFile("/db", with(func(b []byte) []byte { b[4*1024+77] ^= 1; return b })); err != nil {
			t.Fatal(err)
		}
		o := *o
		o.FS, o.NoMap = bad, noMap
		p := mustOpen(t, "/db", &o)
		tx, _ := p.BeginRead()
		var ce *fileformat.CorruptError
		if _, err := tx.Page(5); !errors.As(err, &ce) || ce.PageNo != 5 {
			t.Fatalf("damaged page: %v", err)
		}
		if _, err := tx.Page(4); err != nil {
			t.Fatalf("page beside a damaged one: %v", err)
		}
		tx.Rollback()
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRecoverOnFullDisk opens a database whose log has no room to go home: it can be read, nothing is written, and with
// room again all is as it was.
func TestRecoverOnFullDisk(t *testing.T) {
	for space := int64(1); ; space += 900 {
		fs := memfs.New(3)
		o := &Options{FS: fs, PageSize: 1024}
		p := mustOpen(t, "/db", o)
		for i := range 40 {
			put(t, p, PageNo(2+i%30), uint64(100+i))
		}
		fs = fs.Crash(memfs.KeepAll, 1)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		o.FS = fs
		used := int64(0)
		names, _ := fs.List("/")
		for _, name := range names {
			b, _ := fs.ReadFile(name)
			used += int64(len(b))
		}
		fs.SetSpace(used + space)
		p = mustOpen(t, "/db", o)
		tx, err := p.BeginWrite(ctx)
		if err == nil {
			tx.Rollback()
		} else if !errors.Is(err, ErrFull) {
			t.Fatalf("%d bytes of room: %v", space, err)
		}
		full := err != nil
		if !full && space == 1 {
			t.Fatal("one byte was room enough")
		}
		check := func() {
			for no := PageNo(2); no < 32; no++ {
				want := uint64(100 + no - 2)
				if no < 12 {
					want += 30
				}
				if got := get(t, p, no); got != want {
					t.Fatalf("%d bytes of room: page %d has %d, want %d", space, no, got, want)
				}
			}
		}
		check()
		if space%1800 == 1 {
			if err := p.Close(); err != nil && !errors.Is(err, ErrFull) {
				t.Fatal(err)
			}
			p = mustOpen(t, "/db", o)
			check()
		}
		fs.SetSpace(0)
		put(t, p, 33, 7)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if !full {
			return
		}
	}
}
