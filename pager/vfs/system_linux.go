package vfs

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// A sync of the file writes what was changed through a map, too. Elsewhere that takes calls of its
// own (msync, FlushViewOfFile). 32-bit systems lack the addresses.
const canMapWritable = canMap

// syncFile uses fdatasync: it makes the size durable when that is needed to read the data back,
// and leaves times alone.
func syncFile(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return &fs.PathError{Op: "sync", Path: f.Name(), Err: err}
		}
		return nil
	}
}

// reserve says whether the system could do it.
func reserve(f *os.File, off, n int64) (bool, error) {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, off, n)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
			return false, nil
		default:
			return false, &fs.PathError{Op: "reserve", Path: f.Name(), Err: err}
		}
	}
}

func populate(b []byte) bool {
	return len(b) == 0 || unix.Madvise(b, unix.MADV_POPULATE_READ) == nil
}
