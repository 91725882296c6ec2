package vfs

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/edsrzf/mmap-go"
)

// System is the file system of the operating system.
func System() FS { return systemFS{} }

// SystemClock is the real clock.
func SystemClock() Clock { return systemClock{} }

type systemFS struct{}

var _ FS = systemFS{}

func (systemFS) Clock() Clock   { return systemClock{} }
func (systemFS) ProcessID() int { return os.Getpid() }

func (systemFS) Random(b []byte) {
	_, _ = rand.Read(b) // Never fails, says its documentation: the program ends instead.
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}

func (systemFS) Open(name string, mode Mode) (File, error) {
	flag := os.O_RDWR
	switch mode {
	case ReadOnly:
		flag = os.O_RDONLY
	case Create:
		flag |= os.O_CREATE
	case CreateNew:
		flag |= os.O_CREATE | os.O_EXCL
	case ReadWrite:
	}
	f, err := os.OpenFile(name, flag, 0o644)
	if err != nil {
		return nil, noSpace(err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_ = f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.EISDIR}
	}
	return &systemFile{f: f}, nil
}

func (systemFS) Remove(name string) error             { return os.Remove(name) }
func (systemFS) Rename(from, to string) error         { return noSpace(os.Rename(from, to)) }
func (systemFS) SyncDir(name string) error            { return syncDir(filepath.Dir(name)) }
func (systemFS) Temp() (File, error)                  { return openTemp() }
func (systemFS) Identity(name string) (FileID, error) { return identity(name) }

func (systemFS) List(prefix string) ([]string, error) {
	dir, base := filepath.Split(prefix)
	if dir == "" {
		dir = "."
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), base) {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(names)
	return names, nil
}

// linksMax bounds how many symbolic links lead to a file, as systems do.
const linksMax = 40

// FullPath also follows symbolic links: the log lies beside the file itself, whatever name it was
// opened by.
func (systemFS) FullPath(name string) (string, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	for range linksMax {
		if real, err := filepath.EvalSymlinks(full); err == nil {
			return real, nil
		}
		target, err := os.Readlink(full) // A link to a file that is not made yet.
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(full), target)
		}
		full = target
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		return filepath.Join(dir, filepath.Base(full)), nil
	}
	return full, nil
}

// systemFile keeps the *os.File alive as long as itself: its finalizer would close the descriptor
// under a map.
type systemFile struct {
	f      *os.File
	temp   bool // remove at close
	closed atomic.Bool
	over   overwriter
}

func (s *systemFile) Name() string { return s.f.Name() }

func (s *systemFile) ReadAt(b []byte, off int64) (int, error) { return s.f.ReadAt(b, off) }

func (s *systemFile) WriteAt(b []byte, off int64) (int, error) {
	if done, err := s.overwrite(b, off); done {
		if err != nil {
			return 0, err
		}
		return len(b), nil
	}
	n, err := s.f.WriteAt(b, off)
	return n, noSpace(err)
}

func (s *systemFile) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.over.close()
	err := s.f.Close()
	if s.temp {
		_ = os.Remove(s.f.Name()) // Where the name could not go while the file was open.
	}
	return err
}

func (s *systemFile) Size() (int64, error) {
	info, err := s.f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (s *systemFile) Truncate(size int64) error {
	s.over.truncate(size)
	return noSpace(s.f.Truncate(size))
}

func (s *systemFile) Sync() error { return noSpace(syncFile(s.f)) }

func (s *systemFile) Reserve(off, n int64) error {
	if n <= 0 {
		return nil
	}
	done, err := reserve(s.f, off, n)
	if done || err != nil {
		return noSpace(err)
	}
	size, err := s.Size()
	if err != nil {
		return err
	}
	return WriteZeros(s, max(off, size), off+n)
}

// WriteZeros writes zeros to [from, to) of a file.
func WriteZeros(w io.WriterAt, from, to int64) error {
	zeros := make([]byte, min(1<<18, max(to-from, 0)))
	for from < to {
		n, err := w.WriteAt(zeros[:min(int64(len(zeros)), to-from)], from)
		if err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}

func (s *systemFile) Lock(kind LockKind) error {
	if err := lockFile(s.f, kind); err != nil {
		return &fs.PathError{Op: "lock", Path: s.f.Name(), Err: err}
	}
	return nil
}

func (s *systemFile) Unlock() error {
	if err := unlockFile(s.f); err != nil {
		return &fs.PathError{Op: "unlock", Path: s.f.Name(), Err: err}
	}
	return nil
}

func (s *systemFile) Map(off int64, n int) (Map, error) {
	if !canMap {
		return nil, ErrNoMap
	}
	m, err := mmap.MapRegion(s.f, n, mmap.RDONLY, 0, off)
	if err != nil {
		return nil, &fs.PathError{Op: "map", Path: s.f.Name(), Err: err}
	}
	return &systemMap{file: s, off: off, m: m}, nil
}

type systemMap struct {
	file *systemFile
	off  int64
	m    mmap.MMap
}

func (m *systemMap) Bytes() []byte { return m.m }

func (m *systemMap) Unmap() error {
	if m.m == nil {
		return nil
	}
	return m.m.Unmap()
}

// Populate asks the system to map the pages in; where it cannot, or says only that something went
// wrong, a plain read does the same work and has a real error.
func (m *systemMap) Populate(off, n int) error {
	mask := os.Getpagesize() - 1
	from := off &^ mask
	to := min((off+n+mask)&^mask, len(m.m))
	if populate(m.m[from:to]) {
		return nil
	}
	buf := make([]byte, min(n, 1<<16))
	for at := off; at < off+n; at += len(buf) {
		piece := buf[:min(len(buf), off+n-at)]
		if got, err := m.file.ReadAt(piece, m.off+int64(at)); got < len(piece) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return &fs.PathError{Op: "populate", Path: m.file.Name(), Err: err}
		}
	}
	return nil
}

// noSpace marks the errors that mean a full disk.
func noSpace(err error) error {
	if err != nil && isNoSpace(err) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
