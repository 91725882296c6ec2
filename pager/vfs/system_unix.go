//go:build unix

package vfs

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/edsrzf/mmap-go"
	"golang.org/x/sys/unix"
)

// A file map beyond the end of the file becomes readable as the file grows; that is why the map
// never has to move. 32-bit systems lack the addresses.
const canMap = ^uint(0)>>32 != 0

// Private, not shared: shared anonymous memory is a nameless file of the system, and slower to
// fault in.
const anonymousProt = mmap.COPY

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// lockFile uses flock: the lock belongs to the open file description, so that closing another
// descriptor of the same file does not drop it, as it would with fcntl's older locks.
func lockFile(f *os.File, kind LockKind) error {
	how := unix.LOCK_SH
	if kind == LockExclusive {
		how = unix.LOCK_EX
	}
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EWOULDBLOCK):
			return ErrLocked
		default:
			return err
		}
	}
}

func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

func openTemp() (File, error) {
	f, err := os.CreateTemp("", "rustlite-*")
	if err != nil {
		return nil, noSpace(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, err
	}
	return &systemFile{f: f}, nil
}

func identity(name string) (FileID, error) {
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return FileID{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return FileID{Device: uint64(st.Dev), Inode: uint64(st.Ino)}, nil
}
