package rustlite

import (
	"log/slog"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
)

// SyncLevel says when a commit is on disk.
type SyncLevel uint8

// The sync levels. All of them survive the end of the process; SyncNormal and
// SyncOff may lose the last moments in a power loss, never the order of
// commits, never integrity.
const (
	SyncFull   SyncLevel = iota // A commit returns when it is on disk.
	SyncNormal                  // Synced in the background a moment later.
	SyncOff                     // Left to the system.
)

// Options of Open. Nil and zero values are good defaults.
type Options struct {
	// PageSize in bytes of a file that is created: a power of two from 1024
	// to 65536. Default 4096.
	PageSize int
	// ReadOnly refuses all changes.
	ReadOnly bool
	// MustExist refuses to create the file.
	MustExist bool
	// BusyTimeout is the longest wait for the writer's turn or for another
	// process; negative: no wait. The default is 5 s for the other process, and
	// for the turn where the context has no deadline: one that has waits as
	// long as that. PRAGMA busy_timeout changes it for one connection.
	BusyTimeout time.Duration
	// Sync is the durability of commits; default SyncFull. It holds for this
	// DB; PRAGMA synchronous changes it for one connection.
	Sync SyncLevel
	// NoMap reads the file by system calls instead of a memory map.
	NoMap bool
	// IgnoreMissingLog opens a file whose log is gone as if it were whole:
	// commits are lost, and pages may be of different commits. For rescue.
	IgnoreMissingLog bool
	// LogLimitBytes is the size of the log that starts a checkpoint; default
	// 16 MiB.
	LogLimitBytes int64
	// SortBytesMax is the memory that one sort takes before it goes on in a
	// temporary file, and one table of rows by keys of a join; default 64 MiB.
	SortBytesMax int
	// CacheBytes is the memory for pages of the file that are read by system
	// calls (NoMap); default 32 MiB.
	CacheBytes int64
	// BatchRows is the most rows that a statement handles at once: 0 for the
	// default, 1,024; -1 runs all statements row by row.
	BatchRows int
	// Workers is the most goroutines that run one statement: a scan of a large
	// table is split among them. 0: as many as there are processors that no other
	// statement has taken so, at most eight; 1: none but the caller's.
	Workers int
	// SplitRows is the least number of rows for each of them; default 32,768, or 8,192 where each row
	// calls a function.
	SplitRows int
	// Logger gets the changes of state: open, recover, checkpoint, close,
	// corruption. Never rows or SQL text. Default: nothing.
	Logger *slog.Logger

	// FS is the file system with its clock and its source of chance; default
	// the system's. Simulations put memfs or errfs of pager/vfs here.
	FS vfs.FS
	// NoBackground starts no goroutine: checkpoints, and syncs at level
	// normal, happen when Checkpoint and Sync are called. For simulations.
	NoBackground bool
}

func (o *Options) withDefaults() *Options {
	c := Options{}
	if o != nil {
		c = *o
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.FS == nil {
		c.FS = vfs.System()
	}
	return &c
}

// busyTimeoutDefault is what mattn's driver sets.
const busyTimeoutDefault = 5 * time.Second

func (o *Options) busyTimeout() time.Duration {
	if o.BusyTimeout == 0 {
		return busyTimeoutDefault
	}
	return o.BusyTimeout
}

// synchronous is the sync level as PRAGMA synchronous numbers it.
func (o *Options) synchronous() uint8 {
	return [...]uint8{SyncFull: 2, SyncNormal: 1, SyncOff: 0}[o.Sync]
}

func (o *Options) pager() *pager.Options {
	return &pager.Options{
		FS: o.FS, PageSize: o.PageSize, ReadOnly: o.ReadOnly, MustExist: o.MustExist, BusyTimeout: o.busyTimeout(),
		Sync: pager.SyncLevel(o.Sync), NoMap: o.NoMap, IgnoreMissingLog: o.IgnoreMissingLog,
		LogLimitBytes: o.LogLimitBytes, CacheBytes: o.CacheBytes, Logger: o.Logger,
	}
}
