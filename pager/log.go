package pager

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/rustlite/rustlite/journal"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
	"github.com/rustlite/rustlite/pager/vfs"
)

// Segments are grown by this much ahead of use, with zeros: overwriting costs half of growing at
// each sync (J4). The first step is small, for small databases.
const (
	growFirst = 128 << 10
	growStep  = 1 << 20
)

// spareSegments is how many dead segment files are kept to be written over.
const spareSegments = 2

// logSegment is one file of the log.
type logSegment struct {
	file   vfs.File
	name   string
	number uint32
	salt   uint64

	// Under log.mu:
	first, last CommitNo // commits reserved in it; last 0 = none yet
	size        int64    // of the file
	end         int64    // reserved up to here

	pages []PageNo // pages of its published commits; the leader's, then the checkpoint's
}

// log is the chain of live segments. Reservation, and with it the order of everything that is
// appended, is guarded by mu; appending itself belongs to the leader of the group.
type log struct {
	p  *Pager
	mu struct {
		sync.Mutex
		live   []*logSegment // ascending; the last one takes the batches
		spare  []*logSegment // dead, to be written over
		next   uint32        // number of the next segment
		last   CommitNo      // last commit reserved
		oldest uint32        // oldest segment needed (J7)
	}
	// found are the ids of the logs that lay beside the database when it was opened. A new log has
	// none of them: a source of chance may repeat itself, as in a copy of a machine, and a file that
	// could not be removed must not be taken for a part of the new log.
	found []uint64

	id       atomic.Uint64 // 0 = not started; set under mu
	bytes    atomic.Int64  // reserved in all live segments
	active   atomic.Int64  // reserved in the newest
	unsynced atomic.Bool   // something was appended since the last sync
	owes     atomic.Bool   // something of it waits for a sync (level normal)
	carried  atomic.Uint64 // the commit that the last checkpoint reached

	// The leader's alone.
	app    journal.Appender
	cur    *logSegment
	link   uint64
	synced journal.Position
}

func (l *log) init(p *Pager) { l.p = p }

func (l *log) started() bool { return l.id.Load() != 0 }

func (l *log) activeLocked() *logSegment { return l.mu.live[len(l.mu.live)-1] }

// openSegment makes the file of a new segment, or takes a spare one. Of the first segment of a log
// the header is written with the first batch; a later one is begun before.
func (l *log) openSegmentLocked() (*logSegment, error) {
	var s *logSegment
	if n := len(l.mu.spare); n > 0 {
		s = l.mu.spare[n-1]
		l.mu.spare = l.mu.spare[:n-1]
	} else {
		f, name, err := l.createSlot()
		if err != nil {
			return nil, fullOr(err)
		}
		if err := l.p.disk.fs.SyncDir(name); err != nil {
			return nil, errors.Join(err, f.Close(), l.p.disk.fs.Remove(name))
		}
		s = &logSegment{file: f, name: name}
	}
	var salt [8]byte
	l.p.disk.fs.Random(salt[:])
	*s = logSegment{
		file: s.file, name: s.name, size: s.size,
		number: l.mu.next, salt: binary.LittleEndian.Uint64(salt[:]),
		end: fileformat.SegmentHeaderSize,
	}
	return s, nil
}

// createSlot makes the file with the lowest number that no file has, live or left over.
func (l *log) createSlot() (vfs.File, string, error) {
	for slot := 1; ; slot++ {
		name := l.p.path + fileformat.LogSuffix + strconv.Itoa(slot)
		f, err := l.p.disk.fs.Open(name, vfs.CreateNew)
		if !errors.Is(err, vfs.ErrExist) {
			return f, name, err
		}
	}
}

// fullOr marks a full disk as ErrFull.
func fullOr(err error) error {
	if errors.Is(err, vfs.ErrNoSpace) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// reserveLocked gives the place of a batch of n bytes, with disk space under it (K1). After an
// error nothing is reserved, and only this commit fails.
func (l *log) reserveLocked(n int64) (*logSegment, int64, error) {
	s := l.activeLocked()
	if need := s.end + n; need > s.size {
		if err := s.growTo(need); err != nil {
			return nil, 0, fullOr(err)
		}
	}
	off := s.end
	s.end += n
	l.bytes.Add(n)
	l.active.Store(s.end)
	return s, off, nil
}

// growTo makes the segment's file at least need bytes long: in steps, or when the disk has no room for
// a step, to what is needed.
func (s *logSegment) growTo(need int64) error {
	err := s.grow(need)
	s.file.Overwrites(s.size)
	return err
}

func (s *logSegment) grow(need int64) error {
	step := int64(growStep)
	if s.size == 0 {
		step = growFirst
	}
	if need-s.size <= step {
		err := vfs.WriteZeros(s.file, s.size, s.size+step)
		if err == nil {
			s.size += step
			return nil
		}
		if !errors.Is(err, vfs.ErrNoSpace) || need-s.size == step {
			return err
		}
	}
	// Zeros under a batch larger than a step would only be written twice.
	if err := s.file.Reserve(s.size, need-s.size); err != nil {
		return err
	}
	s.size = need
	return nil
}

// switchLocked makes s the segment that takes the batches from now on.
func (l *log) switchLocked(s *logSegment) {
	invariant.Check(s.number == l.mu.next, "J1: segments are numbered densely")
	l.mu.next++
	l.mu.live = append(l.mu.live, s)
	l.bytes.Add(fileformat.SegmentHeaderSize)
	l.active.Store(s.end)
}

// begin writes the header of a segment that is to follow another, and syncs it, before anything
// says that it is there (J4). logID and next are as of a moment ago, when log.mu was held.
func (l *log) begin(s *logSegment, logID uint64, next CommitNo) error {
	if s.size < growFirst {
		if err := s.growTo(growFirst); err != nil {
			return fullOr(err)
		}
	}
	if _, err := s.file.WriteAt(l.segmentHeader(s, logID, next), 0); err != nil {
		return fullOr(err)
	}
	if err := s.file.Sync(); err != nil {
		return l.p.fail(err)
	}
	return nil
}

func (l *log) segmentHeader(s *logSegment, logID uint64, next CommitNo) []byte {
	return journal.AppendSegmentHeader(nil, journal.SegmentHeader{
		PageSize: l.p.pageSize, DatabaseID: l.p.disk.fixed.ID, LogID: logID,
		Number: s.number, Salt: s.salt, FirstCommit: next,
	})
}

// append writes one request's batch into the appender. The leader's.
func (l *log) append(r *request) error {
	if r.segment != l.cur {
		if l.cur != nil {
			// J4: a segment is synced to its end before the next takes a batch.
			if err := l.app.Flush(); err != nil {
				return err
			}
			if err := l.cur.file.Sync(); err != nil {
				return err
			}
			l.synced = journal.Position{Segment: l.cur.number, Offset: l.app.Offset()}
		}
		if l.cur == nil {
			l.app.Reset(r.segment.file, r.segment.salt, 0)
			l.app.Raw(l.segmentHeader(r.segment, r.logID, r.header.Commit))
		} else {
			l.app.Reset(r.segment.file, r.segment.salt, fileformat.SegmentHeaderSize)
		}
		l.cur = r.segment
	}
	invariant.Check(l.app.Offset() == r.offset, "K1: batches lie where they were reserved")
	h := r.header
	h.Link, h.Synced = l.link, l.synced
	l.app.Begin(h)
	at := 0
	for _, piece := range r.pieces {
		if err := l.app.Write(r.entries[at:piece.end]); err != nil {
			return err
		}
		at = piece.end
		if err := l.app.Write(l.p.arena.bytes(piece.image)); err != nil {
			return err
		}
	}
	if err := l.app.Write(r.entries[at:]); err != nil {
		return err
	}
	l.link = l.app.End()
	l.unsynced.Store(true)
	return nil
}

// sync makes everything flushed durable. The leader's.
func (l *log) sync() error {
	if l.cur == nil || !l.unsynced.Load() {
		l.owes.Store(false)
		return nil
	}
	if err := l.cur.file.Sync(); err != nil {
		return err
	}
	l.synced = journal.Position{Segment: l.cur.number, Offset: l.app.Offset()}
	l.unsynced.Store(false)
	l.owes.Store(false)
	return nil
}

func (l *log) closeFiles() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range append(l.mu.live, l.mu.spare...) {
		_ = s.file.Close() // Everything that matters was synced.
	}
	l.mu.live, l.mu.spare = nil, nil
}
