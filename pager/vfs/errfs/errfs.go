package errfs

import (
	"errors"
	"fmt"
	"sync"

	"github.com/rustlite/rustlite/pager/vfs"
)

// ErrInjected is what a failed operation answers, wrapped in its name.
var ErrInjected = errors.New("injected fault")

// Kind is a set of kinds of operations.
type Kind uint16

// The kinds of operations.
const (
	Read Kind = 1 << iota // ReadAt, Populate
	Write
	Sync // files and directories
	Truncate
	Reserve
	Lock
	Open
	Remove
	Rename
	Map
	List
	Size
	All Kind = 1<<iota - 1
)

// String names one kind.
func (k Kind) String() string {
	names := [...]string{"read", "write", "sync", "truncate", "reserve", "lock", "open", "remove", "rename", "map", "list", "size"}
	s := ""
	for i, n := range names {
		if k&(1<<i) != 0 {
			s += "+" + n
		}
	}
	if s == "" {
		return "nothing"
	}
	return s[1:]
}

// Plan says what fails.
type Plan struct {
	Kinds   Kind
	N       int   // the first operation that fails, from 1; 0 = none
	Forever bool  // also all after it
	Err     error // what it answers beside ErrInjected, nil = nothing
}

// FS injects faults into another file system.
type FS struct {
	vfs.FS
	mu    sync.Mutex
	plan  Plan
	count int
	fired int
}

// New makes a file system that passes everything through until a plan is set.
func New(inner vfs.FS) *FS { return &FS{FS: inner} }

// SetPlan starts counting anew.
func (e *FS) SetPlan(p Plan) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.plan, e.count, e.fired = p, 0, 0
}

// Fired is the number of faults injected since the plan was set.
func (e *FS) Fired() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fired
}

// Count is the number of operations of the plan's kinds since it was set.
func (e *FS) Count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.count
}

func (e *FS) hit(k Kind, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.plan.Kinds&k == 0 {
		return nil
	}
	e.count++
	if e.plan.N == 0 || e.count < e.plan.N || e.count > e.plan.N && !e.plan.Forever {
		return nil
	}
	e.fired++
	if e.plan.Err != nil {
		return fmt.Errorf("%v %s: %w: %w", k, name, ErrInjected, e.plan.Err)
	}
	return fmt.Errorf("%v %s: %w", k, name, ErrInjected)
}

// Open opens a file whose operations may fail.
func (e *FS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	if err := e.hit(Open, name); err != nil {
		return nil, err
	}
	f, err := e.FS.Open(name, mode)
	if err != nil {
		return nil, err
	}
	return &file{File: f, fs: e}, nil
}

// Temp opens a nameless file whose operations may fail.
func (e *FS) Temp() (vfs.File, error) {
	if err := e.hit(Open, "(temp)"); err != nil {
		return nil, err
	}
	f, err := e.FS.Temp()
	if err != nil {
		return nil, err
	}
	return &file{File: f, fs: e}, nil
}

// Remove removes a name, or fails.
func (e *FS) Remove(name string) error {
	if err := e.hit(Remove, name); err != nil {
		return err
	}
	return e.FS.Remove(name)
}

// Rename renames, or fails.
func (e *FS) Rename(from, to string) error {
	if err := e.hit(Rename, from); err != nil {
		return err
	}
	return e.FS.Rename(from, to)
}

// List lists, or fails.
func (e *FS) List(prefix string) ([]string, error) {
	if err := e.hit(List, prefix); err != nil {
		return nil, err
	}
	return e.FS.List(prefix)
}

// SyncDir syncs, or fails.
func (e *FS) SyncDir(name string) error {
	if err := e.hit(Sync, name); err != nil {
		return err
	}
	return e.FS.SyncDir(name)
}

type file struct {
	vfs.File
	fs *FS
}

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	if err := f.fs.hit(Read, f.Name()); err != nil {
		return 0, err
	}
	return f.File.ReadAt(b, off)
}

func (f *file) WriteAt(b []byte, off int64) (int, error) {
	if err := f.fs.hit(Write, f.Name()); err != nil {
		n := 0
		if f.fs.Fired()%2 == 1 {
			n, _ = f.File.WriteAt(b[:len(b)/2], off) // The fault is what is reported.
		}
		return n, err
	}
	return f.File.WriteAt(b, off)
}

func (f *file) Size() (int64, error) {
	if err := f.fs.hit(Size, f.Name()); err != nil {
		return 0, err
	}
	return f.File.Size()
}

func (f *file) Truncate(size int64) error {
	if err := f.fs.hit(Truncate, f.Name()); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *file) Reserve(off, n int64) error {
	if err := f.fs.hit(Reserve, f.Name()); err != nil {
		return err
	}
	return f.File.Reserve(off, n)
}

func (f *file) Sync() error {
	if err := f.fs.hit(Sync, f.Name()); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *file) Lock(kind vfs.LockKind) error {
	if err := f.fs.hit(Lock, f.Name()); err != nil {
		return err
	}
	return f.File.Lock(kind)
}

func (f *file) Map(off int64, n int) (vfs.Map, error) {
	if err := f.fs.hit(Map, f.Name()); err != nil {
		return nil, err
	}
	m, err := f.File.Map(off, n)
	if err != nil {
		return nil, err
	}
	return &fileMap{Map: m, fs: f.fs, name: f.Name()}, nil
}

type fileMap struct {
	vfs.Map
	fs   *FS
	name string
}

func (m *fileMap) Populate(off, n int) error {
	if err := m.fs.hit(Read, m.name); err != nil {
		return err
	}
	return m.Map.Populate(off, n)
}
