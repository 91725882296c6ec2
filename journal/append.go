package journal

import (
	"encoding/binary"
	"io"

	"github.com/zeebo/xxh3"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// stagingBytes is how much the appender gathers before it writes: a big commit streams through it
// and is never copied as a whole.
const stagingBytes = 1 << 20

// Appender writes batches to one segment, one after the other and contiguously: what several
// commits append goes out in one write, by Flush. It is for one goroutine at a time.
type Appender struct {
	w    io.WriterAt
	salt uint64
	off  int64  // where buf belongs
	buf  []byte // not written yet

	start  int // in buf: first byte of the open batch that is not in hash
	hash   *xxh3.Hasher
	size   int64 // of the open batch, as its header says
	done   int64 // bytes of the open batch so far
	inside bool
}

// Reset makes the appender write at off of w.
func (a *Appender) Reset(w io.WriterAt, salt uint64, off int64) {
	invariant.Check(len(a.buf) == 0 && !a.inside, "J2: nothing waits when the segment changes")
	a.w, a.salt, a.off, a.hash = w, salt, off, nil
}

// Offset is where the next batch will begin.
func (a *Appender) Offset() int64 { return a.off + int64(len(a.buf)) }

// Raw appends bytes outside of a batch (a segment's header).
func (a *Appender) Raw(b []byte) { a.buf = append(a.buf, b...) }

// Begin opens a batch.
func (a *Appender) Begin(h BatchHeader) {
	invariant.Check(!a.inside, "J2: one batch at a time")
	a.inside, a.size, a.done = true, h.Size, fileformat.BatchHeaderSize
	a.start, a.hash = len(a.buf), nil
	a.buf = AppendBatchHeader(a.buf, h, a.salt)
}

// Write appends bytes of entries.
func (a *Appender) Write(b []byte) error {
	if len(a.buf)+len(b) > stagingBytes {
		if err := a.spill(); err != nil {
			return err
		}
	}
	a.buf = append(a.buf, b...)
	a.done += int64(len(b))
	return nil
}

// spill writes out what is staged, in the middle of a batch.
func (a *Appender) spill() error {
	if a.hash == nil {
		a.hash = xxh3.NewSeed(a.salt)
	}
	_, _ = a.hash.Write(a.buf[a.start:]) // Never fails.
	a.start = 0
	return a.Flush()
}

// End closes the batch and returns its checksum.
func (a *Appender) End() uint64 {
	pad := a.size - fileformat.BatchSumSize - a.done
	invariant.Check(a.inside && 0 <= pad && pad < fileformat.BatchAlign, "J2: a batch has the size it says")
	a.buf = append(a.buf, make([]byte, pad)...)
	var sum uint64
	if a.hash == nil {
		sum = xxh3.HashSeed(a.buf[a.start:], a.salt)
	} else {
		_, _ = a.hash.Write(a.buf[a.start:])
		sum = a.hash.Sum64()
	}
	a.buf = binary.LittleEndian.AppendUint64(a.buf, sum)
	a.inside = false
	return sum
}

// Flush writes everything that is staged.
func (a *Appender) Flush() error {
	if len(a.buf) == 0 {
		return nil
	}
	_, err := a.w.WriteAt(a.buf, a.off)
	a.off += int64(len(a.buf))
	a.buf = a.buf[:0]
	return err
}
