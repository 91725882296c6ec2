package vfs

import (
	"errors"
	"io"
	"io/fs"
	"time"
)

// Errors that callers ask for by errors.Is.
var (
	ErrLocked   = errors.New("file is locked")
	ErrNoMap    = errors.New("this file cannot be mapped")
	ErrNoSpace  = errors.New("no space left on device")
	ErrNotExist = fs.ErrNotExist
	ErrExist    = fs.ErrExist
)

// Mode says how a file is opened.
type Mode uint8

// The modes of Open. ReadWrite alone wants the file to exist.
const (
	ReadOnly Mode = iota
	ReadWrite
	Create    // ReadWrite; made when it does not exist
	CreateNew // ReadWrite; must not exist
)

// LockKind is shared or exclusive.
type LockKind uint8

// The kinds of locks.
const (
	LockShared LockKind = iota
	LockExclusive
)

// FileID names a file independently of its path: device and inode.
type FileID struct{ Device, Inode uint64 }

// FS is one file system with its clock and its source of chance.
type FS interface {
	Open(name string, mode Mode) (File, error)
	Remove(name string) error
	Rename(from, to string) error
	// List gives the full names of the files whose name begins with prefix (a path), sorted.
	List(prefix string) ([]string, error)
	// SyncDir makes the creation, renaming and removal of names beside name durable.
	SyncDir(name string) error
	// Temp opens a nameless file that goes away when it is closed.
	Temp() (File, error)
	// Identity names the file at a path; ErrNotExist when there is none.
	Identity(name string) (FileID, error)
	// FullPath makes a name absolute.
	FullPath(name string) (string, error)
	Clock() Clock
	// Random fills b with unpredictable bytes (predictable ones in a simulation).
	Random(b []byte)
	// ProcessID is the number of this process.
	ProcessID() int
}

// File is an open file. Its methods are safe for concurrent use.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Name() string
	Size() (int64, error)
	Truncate(size int64) error
	// Reserve asks the system for disk space for n bytes at off, extending the file when they
	// pass its end. ErrNoSpace when there is none.
	Reserve(off, n int64) error
	// Overwrites tells that many small writes follow below end, where the file has been written or
	// reserved. The system may make them cheap; nothing else changes.
	Overwrites(end int64)
	// Sync makes everything written durable, the size included.
	Sync() error
	// Lock takes or changes the lock of the file without waiting (V4).
	Lock(kind LockKind) error
	Unlock() error
	// Map maps n bytes from off, which may pass the end of the file; ErrNoMap when the file
	// system has no maps. Bytes past the end must not be touched.
	Map(off int64, n int) (Map, error)
}

// Map is a read-only view of a piece of a file. It keeps its address until Unmap.
type Map interface {
	Bytes() []byte
	// Populate brings n bytes at off into memory by a system call, so that a touch neither blocks
	// a thread in a page fault nor meets an error of the disk.
	Populate(off, n int) error
	Unmap() error
}

// Clock tells and waits for time.
type Clock interface {
	Now() time.Time
	// After is a timer; stop ends it early and is to be called in any case.
	After(d time.Duration) (c <-chan time.Time, stop func())
}
