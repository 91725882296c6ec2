package vfs

// The promises of vfs, on the system's files. memfs keeps the same ones in its own tests.

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSystemFile(t *testing.T) {
	s, name := System(), filepath.Join(t.TempDir(), "a")
	if _, err := s.Open(name, ReadWrite); !errors.Is(err, ErrNotExist) {
		t.Fatalf("open of nothing: %v", err)
	}
	f, err := s.Open(name, CreateNew)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := s.Open(name, CreateNew); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("create twice: %v", err)
	}
	if _, err := f.WriteAt([]byte("hello"), 10); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if n, err := f.ReadAt(b, 8); n != 7 || !errors.Is(err, io.EOF) || string(b[:n]) != "\x00\x00hello" {
		t.Fatalf("read past the end: %d, %v, %q", n, err, b)
	}
	if err := f.Reserve(0, 1<<16); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Size(); n != 1<<16 || err != nil {
		t.Fatalf("reserved size %d, %v", n, err)
	}
	if err := errors.Join(f.Sync(), s.SyncDir(name), f.Truncate(3), f.Sync()); err != nil {
		t.Fatal(err)
	}
	if err := s.Rename(name, name+"2"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.List(name); err != nil || cmp.Diff([]string{name + "2"}, got) != "" {
		t.Fatal(got, err)
	}
	one, err := s.Identity(name + "2")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Link(name+"2", name+"3"); err == nil {
		if two, err := s.Identity(name + "3"); err != nil || one != two {
			t.Fatalf("two names of one file: %v, %v, %v", one, two, err)
		}
	}
	if _, err := s.Identity(name); !errors.Is(err, ErrNotExist) {
		t.Fatal(err)
	}
	if _, err := s.Open(t.TempDir(), ReadOnly); err == nil {
		t.Fatal("a directory opens as a file")
	}
}

func TestFullPathFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	got, err := System().FullPath(link)
	want, _ := System().FullPath(target)
	if err != nil || got != want {
		t.Fatalf("%s, want %s, %v", got, want, err)
	}
}

// A lock belongs to the open file: another one of the same process meets it, and closing that
// other one does not drop it.
func TestSystemLock(t *testing.T) {
	s, name := System(), filepath.Join(t.TempDir(), "a")
	open := func() File {
		f, err := s.Open(name, Create)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, b := open(), open()
	if err := a.Lock(LockExclusive); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []LockKind{LockShared, LockExclusive} {
		if err := b.Lock(kind); !errors.Is(err, ErrLocked) {
			t.Fatalf("lock %d beside an exclusive one: %v", kind, err)
		}
	}
	b.Close()
	c := open()
	if err := c.Lock(LockShared); !errors.Is(err, ErrLocked) {
		t.Fatalf("closing another file dropped the lock: %v", err)
	}
	if err := a.Unlock(); err != nil {
		t.Fatal(err)
	}
	d := open()
	if err := errors.Join(c.Lock(LockShared), d.Lock(LockShared)); err != nil {
		t.Fatal(err)
	}
	if err := a.Lock(LockExclusive); !errors.Is(err, ErrLocked) {
		t.Fatalf("exclusive beside shared: %v", err)
	}
	for _, f := range []File{a, c, d} {
		f.Close()
	}
}

// A lock goes away with its process.
func TestLockOfAnotherProcess(t *testing.T) {
	if name := os.Getenv("VFS_LOCK_CHILD"); name != "" {
		f, err := System().Open(name, Create)
		if err != nil || f.Lock(LockExclusive) != nil {
			os.Exit(3)
		}
		os.Stdout.WriteString("x")
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}
	name := filepath.Join(t.TempDir(), "a")
	child := exec.Command(os.Args[0], "-test.run", "^TestLockOfAnotherProcess$")
	child.Env = append(os.Environ(), "VFS_LOCK_CHILD="+name)
	in, _ := child.StdinPipe()
	out, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	f, err := System().Open(name, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Lock(LockShared); !errors.Is(err, ErrLocked) {
		t.Fatalf("lock held by another process: %v", err)
	}
	child.Process.Kill()
	in.Close()
	child.Wait()
	if err := f.Lock(LockExclusive); err != nil {
		t.Fatalf("after the other process was killed: %v", err)
	}
}

// A map reaches over the end of the file and shows what is written later.
func TestSystemMap(t *testing.T) {
	s, name := System(), filepath.Join(t.TempDir(), "a")
	f, err := s.Open(name, Create)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := f.Map(0, 1<<20)
	if errors.Is(err, ErrNoMap) && (strconv.IntSize == 32 || runtime.GOOS == "windows") {
		return // No maps here: the pager reads by pread.
	}
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Repeat([]byte("abcdefgh"), 8192)
	if _, err := f.WriteAt(data, 0); err != nil {
		t.Fatal(err)
	}
	if err := m.Populate(4096, len(data)-4096); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Bytes()[:len(data)], data) {
		t.Fatal("V5: the map does not show the write")
	}
	if err := m.Populate(0, 1<<20); err == nil {
		t.Fatal("populating past the end of the file gives no error")
	}
	if !Contains(m.Bytes(), addressOf(m.Bytes()[77:])) || Contains(m.Bytes(), addressOf(data)) {
		t.Fatal("Contains is wrong")
	}
	if err := m.Unmap(); err != nil {
		t.Fatal(err)
	}
}

func TestTempAndMemory(t *testing.T) {
	f, err := System().Temp()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte("x"), 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := AllocMemory(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	b[0], b[1<<20-1] = 1, 1
	if err := FreeMemory(b); err != nil {
		t.Fatal(err)
	}
}

// Writes that go through a map of the file are like others to everybody, wherever its end is.
func TestOverwrites(t *testing.T) {
	s, name := System(), filepath.Join(t.TempDir(), "a")
	f, err := s.Open(name, CreateNew)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	other, err := s.Open(name, ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	want := []byte{}
	write := func(off, n int, c byte) {
		t.Helper()
		b := bytes.Repeat([]byte{c}, n)
		if got, err := f.WriteAt(b, int64(off)); got != n || err != nil {
			t.Fatal(got, err)
		}
		if grow := off + n - len(want); grow > 0 {
			want = append(want, make([]byte, grow)...)
		}
		copy(want[off:], b)
		for _, r := range []File{f, other} {
			got := make([]byte, len(want)+1)
			if k, err := r.ReadAt(got, 0); k != len(want) || !errors.Is(err, io.EOF) || !bytes.Equal(got[:k], want) {
				t.Fatalf("after %d bytes at %d: %d of %d bytes, %v", n, off, k, len(want), err)
			}
		}
	}
	const size = 1 << 17
	if err := WriteZeros(f, 0, size); err != nil {
		t.Fatal(err)
	}
	want = make([]byte, size)
	write(10, 20, 'a') // Before it is mapped.
	f.Overwrites(size)
	write(15, 5000, 'b')
	write(size-3, 3, 'c')
	write(size-3, 30, 'd') // Across the end.
	write(40, overwriteMax+1, 'e')
	write(size+100, 7, 'f')
	f.Overwrites(int64(len(want)))
	write(size+100, 7, 'g')
	if _, err := other.WriteAt([]byte("by another"), 100); err != nil {
		t.Fatal(err)
	}
	copy(want[100:], "by another")
	write(105, 2, 'h')
	if err := f.Truncate(50); err != nil {
		t.Fatal(err)
	}
	want = want[:50]
	write(45, 20, 'i')
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{1}, 0); err == nil {
		t.Fatal("a closed file is written")
	}
}

// A write to a block that another program took away is an error, and not the end of the program.
func TestOverwritesOfCutFile(t *testing.T) {
	s, name := System(), filepath.Join(t.TempDir(), "a")
	f, err := s.Open(name, CreateNew)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := WriteZeros(f, 0, 1<<20); err != nil {
		t.Fatal(err)
	}
	f.Overwrites(1 << 20)
	if err := os.Truncate(name, 0); err != nil {
		t.Fatal(err)
	}
	n, err := f.WriteAt([]byte("x"), 1<<19)
	switch {
	case !canMapWritable && err != nil:
		t.Fatal(err)
	case canMapWritable && (n != 0 || !errors.Is(err, syscall.EIO)):
		t.Fatalf("%d bytes written, %v", n, err)
	}
}
