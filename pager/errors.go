package pager

import (
	"errors"

	"github.com/rustlite/rustlite/pager/fileformat"
)

// The errors of this room. Wrapped ones carry a detail; ask with errors.Is. Damage is
// fileformat.ErrCorrupt, as *fileformat.CorruptError with page and offset.
var (
	ErrBusy         = errors.New("database is locked")
	ErrBusySnapshot = errors.New("database is locked: the snapshot is not the newest")
	ErrReadOnly     = errors.New("attempt to write a readonly database")
	ErrFull         = errors.New("database or disk is full")
	ErrFailed       = errors.New("the database takes no writes until it is opened again")
	ErrNotADB       = fileformat.ErrNotADB
	ErrNewerFormat  = fileformat.ErrNewerFormat
	ErrCantOpen     = errors.New("unable to open database file")
	ErrLogMissing   = errors.New("the log that the database names is missing or unreadable")
	ErrTxDone       = errors.New("the transaction is over")
	ErrClosed       = errors.New("the database is closed")
	ErrNoMemory     = errors.New("out of memory")
)
