package journal

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rustlite/rustlite/pager/fileformat"
)

// ErrIncomplete says that a log lacks a segment it needs, or has no readable batch at all.
var ErrIncomplete = errors.New("the log is incomplete")

// Recovered tells what a recovery found.
type Recovered struct {
	First   CommitNo // first commit of the log
	Last    CommitNo // last good one
	Oldest  uint32   // oldest segment needed
	Newest  uint32   // segment of the last good batch
	End     Position // behind the last good batch
	Batches int
}

// Recover walks the good batches of one log, oldest first, and hands out their entries (J1, J2,
// J7). The segments are all that were found of this log, in any order.
func Recover(found []Segment, visit func(BatchHeader, Entry) error) (Recovered, error) {
	var rec Recovered
	segs := slices.Clone(found)
	slices.SortFunc(segs, func(a, b Segment) int { return int(int64(a.Header.Number) - int64(b.Header.Number)) })
	oldest, ok, err := oldestNeeded(segs)
	if err != nil {
		return rec, err
	}
	if !ok {
		return rec, fmt.Errorf("%w: no readable batch", ErrIncomplete)
	}
	segs = slices.DeleteFunc(segs, func(s Segment) bool { return s.Header.Number < oldest })
	for i := range segs {
		if want := oldest + uint32(i); segs[i].Header.Number != want {
			return rec, fmt.Errorf("%w: segment %d is missing", ErrIncomplete, want)
		}
	}
	if len(segs) == 0 {
		return rec, fmt.Errorf("%w: segment %d is missing", ErrIncomplete, oldest)
	}
	rec.Oldest = oldest
	var link uint64
	var follower uint32 // segment that the last batch says there is
	for i := range segs {
		s := &segs[i]
		off := int64(fileformat.SegmentHeaderSize)
		for {
			b, ok, err := s.ReadBatch(off)
			if err != nil {
				return rec, err
			}
			if !ok || !follows(&rec, b, link) {
				break
			}
			if rec.Batches == 0 {
				rec.First = b.Commit
			}
			if err := s.Entries(b, func(e Entry) error { return visit(b.BatchHeader, e) }); err != nil {
				return rec, err
			}
			link, off, follower = b.Sum, b.End(), b.Next
			rec.Batches++
			rec.Last, rec.Newest = b.Commit, s.Header.Number
			rec.End = Position{Segment: s.Header.Number, Offset: off}
		}
		if rec.Batches == 0 || rec.Newest != s.Header.Number {
			// No batch of this segment belongs: the log ends in the one before.
			return rec, provenTail(segs[i:], rec.tail(s), off)
		}
		if i+1 == len(segs) {
			if follower != 0 {
				return rec, fmt.Errorf("%w: segment %d is missing", ErrIncomplete, follower)
			}
			return rec, provenTail(segs[i:], rec.End, off)
		}
		next, ok, err := segs[i+1].ReadBatch(fileformat.SegmentHeaderSize)
		if err != nil {
			return rec, err
		}
		if !ok || !follows(&rec, next, link) {
			return rec, provenTail(segs[i:], rec.End, off)
		}
	}
	return rec, nil
}

// tail is where the good part ends when segment s has none of it.
func (r *Recovered) tail(s *Segment) Position {
	if r.Batches > 0 {
		return r.End
	}
	return Position{Segment: s.Header.Number, Offset: fileformat.SegmentHeaderSize}
}

// follows says whether b continues the log (J1, J2).
func follows(rec *Recovered, b Batch, link uint64) bool {
	if rec.Batches == 0 {
		return true
	}
	if b.Link != link {
		return false
	}
	if b.Kind == fileformat.BatchMark {
		return b.Commit == rec.Last
	}
	return b.Kind == fileformat.BatchCommit && b.Commit == rec.Last+1
}

// provenTail proves that the log may be cut at end: no good batch behind it knew that more had
// been synced (J2). segs begins with the segment in which to look from off on.
func provenTail(segs []Segment, end Position, off int64) error {
	for i := range segs {
		s := &segs[i]
		if i > 0 {
			off = fileformat.SegmentHeaderSize
		}
		synced, err := s.laterSynced(off)
		if err != nil {
			return err
		}
		if synced.After(end) {
			name := segs[0].Name
			return &fileformat.CorruptError{File: name, Offset: end.Offset,
				What: fmt.Sprintf("batch is damaged although it had been synced (up to segment %d, offset %d)",
					synced.Segment, synced.Offset)}
		}
	}
	return nil
}

// oldestNeeded is what the newest good batch says. segs ascend.
func oldestNeeded(segs []Segment) (uint32, bool, error) {
	for i := len(segs) - 1; i >= 0; i-- {
		off, oldest := int64(fileformat.SegmentHeaderSize), uint32(0)
		for {
			b, ok, err := segs[i].ReadBatch(off)
			if err != nil {
				return 0, false, err
			}
			if !ok {
				break
			}
			off, oldest = b.End(), b.Oldest
		}
		if oldest != 0 {
			return oldest, true, nil
		}
	}
	return 0, false, nil
}
