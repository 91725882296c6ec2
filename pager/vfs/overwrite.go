package vfs

import (
	"fmt"
	"io/fs"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/edsrzf/mmap-go"
)

const (
	// overwriteMapBytes is how much of a file's beginning is mapped for overwriting. It costs
	// addresses, and memory only where it is written.
	overwriteMapBytes = 64 << 20
	// overwriteMax is the longest write that goes through the map: longer ones gain by the system's
	// own copying, which meets no page faults.
	overwriteMax = 16 << 10
)

// overwriter is a writable map of a file's beginning. A small write through it is a copy of memory, some
// tens of nanoseconds in place of a microsecond; as a write by a system call it belongs to the
// system at once, so that it outlives the process, and is durable after the next sync.
type overwriter struct {
	mu  sync.Mutex
	m   mmap.MMap
	end int64 // below it the file has blocks of its own
}

// Overwrites maps the file when it is called first. A file that cannot be mapped is written by system
// calls, as before.
func (s *systemFile) Overwrites(end int64) {
	if !canMapWritable {
		return
	}
	o := &s.over
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.end == 0 {
		if m, err := mmap.MapRegion(s.f, overwriteMapBytes, mmap.RDWR, 0, 0); err == nil {
			o.m = m
		}
	}
	first := o.end == 0
	if o.end = min(end, int64(len(o.m))); first && o.end > 0 && !s.mapAgrees() {
		_ = o.m.Unmap() // As in close.
		o.m, o.end = nil, 0
	}
}

// mapAgrees says whether a read sees at once what is written through the map: file systems over a network
// may keep the two apart. It tries the last byte, which nobody uses yet.
func (s *systemFile) mapAgrees() bool {
	at := s.over.end - 1
	var was, is [1]byte
	if _, err := s.f.ReadAt(was[:], at); err != nil {
		return false
	}
	for _, b := range []byte{^was[0], was[0]} {
		if done, err := s.over.writeLocked([]byte{b}, at); !done || err != nil {
			return false
		}
		if _, err := s.f.ReadAt(is[:], at); err != nil || is[0] != b {
			return false
		}
	}
	return true
}

// write says whether b went through the map.
func (o *overwriter) write(b []byte, off int64) (done bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.writeLocked(b, off)
}

func (o *overwriter) writeLocked(b []byte, off int64) (done bool, err error) {
	if off < 0 || off+int64(len(b)) > o.end {
		return false, nil
	}
	// A block that cannot be read or written (another program cut the file, the disk fails) is a
	// fault of memory.
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			f, ok := p.(interface{ Addr() uintptr })
			if !ok || !Contains(o.m, f.Addr()) {
				panic(p) //nolint:forbidigo // Not ours: it goes on as it came.
			}
			done, err = true, fmt.Errorf("through the map: %w", syscall.EIO)
		}
	}()
	copy(o.m[off:], b)
	return true, nil
}

func (o *overwriter) truncate(size int64) {
	o.mu.Lock()
	o.end = min(o.end, size)
	o.mu.Unlock()
}

func (o *overwriter) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.m != nil {
		_ = o.m.Unmap() // A failed unmap leaks addresses and nothing else.
	}
	o.m, o.end = nil, 0
}

// overwrite is WriteAt through the map; false when the write is not for it.
func (s *systemFile) overwrite(b []byte, off int64) (bool, error) {
	if len(b) > overwriteMax {
		return false, nil
	}
	done, err := s.over.write(b, off)
	if err != nil {
		err = &fs.PathError{Op: "write", Path: s.f.Name(), Err: err}
	}
	return done, err
}
