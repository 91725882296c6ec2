package vfs

import (
	"errors"
	"io/fs"
	"os"

	"github.com/edsrzf/mmap-go"
	"golang.org/x/sys/windows"
)

// Mapped files cannot grow or shrink freely here; the pread path serves instead.
const (
	canMap         = false
	canMapWritable = false
)

const anonymousProt = mmap.RDWR

func isNoSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

// Locks of this system are mandatory, so the locked byte lies where no data ever is.
const lockOffsetHigh = 0x4000_0000

func lockFile(f *os.File, kind LockKind) error {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if kind == LockExclusive {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: lockOffsetHigh})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrLocked
	}
	return err
}

func unlockFile(f *os.File) error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, &windows.Overlapped{OffsetHigh: lockOffsetHigh})
}

func syncFile(f *os.File) error { return f.Sync() }

// syncDir has no counterpart here: the file system's journal keeps names in order.
func syncDir(string) error { return nil }

func reserve(*os.File, int64, int64) (bool, error) { return false, nil }

func populate([]byte) bool { return false }

func openTemp() (File, error) {
	f, err := os.CreateTemp("", "rustlite-*")
	if err != nil {
		return nil, noSpace(err)
	}
	return &systemFile{f: f, temp: true}, nil
}

func identity(name string) (FileID, error) {
	f, err := os.Open(name)
	if err != nil {
		return FileID{}, err
	}
	defer f.Close()
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return FileID{}, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return FileID{
		Device: uint64(info.VolumeSerialNumber),
		Inode:  uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow),
	}, nil
}
