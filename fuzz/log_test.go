package fuzz

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/zeebo/xxh3"

	"github.com/rustlite/rustlite/journal"
	"github.com/rustlite/rustlite/pager/fileformat"
)

const logPage = 1024

// segment is one file of a log under test.
type segment struct {
	header journal.SegmentHeader
	data   []byte
	starts []int // of its batches
}

func (s *segment) WriteAt(b []byte, off int64) (int, error) {
	if need := int(off) + len(b); need > len(s.data) {
		s.data = append(s.data, make([]byte, need-len(s.data))...)
	}
	return copy(s.data[off:], b), nil
}

// writeLog writes six commits and a mark into two segments.
func writeLog(t testing.TB) []*segment {
	var segs []*segment
	var link uint64
	var synced journal.Position
	commit := fileformat.CommitNo(0)
	for n := uint32(1); n <= 2; n++ {
		s := &segment{header: journal.SegmentHeader{
			PageSize: logPage, LogID: 5, Number: n, Salt: uint64(70 + n), FirstCommit: commit + 1,
		}}
		var a journal.Appender
		a.Reset(s, s.header.Salt, 0)
		a.Raw(journal.AppendSegmentHeader(nil, s.header))
		batch := func(kind fileformat.BatchKind, entries []byte, count int, next uint32) {
			s.starts = append(s.starts, int(a.Offset()))
			a.Begin(journal.BatchHeader{
				Kind: kind, Commit: commit, Size: journal.BatchSize(int64(len(entries))), Entries: count, Oldest: 1, Link: link, Synced: synced,
				Next: next,
			})
			if err := a.Write(entries); err != nil {
				t.Fatal(err)
			}
			link = a.End()
		}
		for range 3 {
			commit++
			page := make([]byte, logPage)
			copy(page[100:], "commit")
			page[106] = byte(commit)
			sum := fileformat.SealPage(page, 3, commit)
			entries := journal.AppendEntryHead(nil, journal.Entry{Kind: fileformat.EntryImage, Page: 3, Sum: uint32(sum)}, logPage)
			entries = append(entries, page...)
			body, ranges, _ := journal.AppendDelta(nil, make([]byte, logPage), page, logPage/2)
			entries = journal.AppendEntryHead(entries, journal.Entry{
				Kind: fileformat.EntryDelta, Page: 4, Ranges: ranges, Base: commit - 1,
			}, len(body))
			batch(fileformat.BatchCommit, append(entries, body...), 2, 0)
			if commit%2 == 0 {
				synced = journal.Position{Segment: n, Offset: a.Offset()}
			}
		}
		if n == 1 {
			batch(fileformat.BatchMark, nil, 0, 2)
			synced = journal.Position{Segment: n, Offset: a.Offset()}
		}
		if err := a.Flush(); err != nil {
			t.Fatal(err)
		}
		segs = append(segs, s)
	}
	return segs
}

// reseal makes the checksums of all batches good again, so that damage gets past them.
func (s *segment) reseal() {
	le := binary.LittleEndian
	for i, at := range s.starts {
		end := len(s.data)
		if i+1 < len(s.starts) {
			end = s.starts[i+1]
		}
		b := s.data[at:min(end, len(s.data))]
		if size := le.Uint64(b[fileformat.BatchSizeOffset:]); size < uint64(len(b)) {
			b = b[:max(size&^7, fileformat.BatchHeaderSize+fileformat.BatchSumSize)]
		}
		le.PutUint64(b[fileformat.BatchHeaderSumOffset:], xxh3.HashSeed(b[:fileformat.BatchHeaderSumOffset], s.header.Salt))
		le.PutUint64(b[len(b)-8:], xxh3.HashSeed(b[:len(b)-8], s.header.Salt))
	}
}

// accepted looks for a batch with good checksums that says what was handed out.
func accepted(segs []*segment, h journal.BatchHeader) bool {
	le := binary.LittleEndian
	for _, s := range segs {
		for at := fileformat.SegmentHeaderSize; at+fileformat.BatchHeaderSize+fileformat.BatchSumSize <= len(s.data); at += fileformat.BatchAlign {
			b := s.data[at:]
			size := le.Uint64(b[fileformat.BatchSizeOffset:])
			if le.Uint32(b) != fileformat.BatchMagic || le.Uint64(b[fileformat.BatchCommitOffset:]) != uint64(h.Commit) ||
				size != uint64(h.Size) || size > uint64(len(b)) || size < fileformat.BatchHeaderSize+fileformat.BatchSumSize {
				continue
			}
			if le.Uint64(b[fileformat.BatchHeaderSumOffset:]) == xxh3.HashSeed(b[:fileformat.BatchHeaderSumOffset], s.header.Salt) &&
				le.Uint64(b[size-8:]) == xxh3.HashSeed(b[:size-8], s.header.Salt) {
				return true
			}
		}
	}
	return false
}

// FuzzLog damages the segments of a log and recovers from them: nothing panics, no batch with a bad
// checksum is accepted, and without forged checksums what comes out is a beginning of what went in.
// An entry's body is also read as a delta, and the input itself as a segment.
func FuzzLog(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 2, 0, 0, 200, 0, 0, 9})
	for field := range byte(64) { // Each byte of a batch's header, with forged checksums.
		f.Add([]byte{1, 1, 0, 0, 128 + field, 0, 0, 0xff})
	}
	for field := range byte(24) { // Of an entry's head.
		f.Add([]byte{1, 1, 0, 0, 128 + 64 + field, 0, 0, 2})
	}
	f.Add(writeLog(f)[0].data)
	f.Fuzz(func(t *testing.T, input []byte) {
		_, _ = journal.DecodeSegmentHeader(input)
		page := make([]byte, logPage)
		_ = journal.ApplyDelta(page, input, len(input)/8)

		segs := writeLog(t)
		s := script(input)
		forge := s.byte()%2 == 1
		if len(input) > 0 && input[0] == 'R' { // A segment of the input's own.
			segs[0].data = append(segs[0].data[:fileformat.SegmentHeaderSize:fileformat.SegmentHeaderSize],
				input[min(len(input), fileformat.SegmentHeaderSize):]...)
			s, forge = nil, false
		}
		for range s.byte()%3 + 1 {
			which := segs[s.byte()%2]
			if s.byte()%8 == 7 {
				which.data = which.data[:max(fileformat.SegmentHeaderSize, s.below(len(which.data)))]
				continue
			}
			part := script(s.bytes(4 + int(s.byte()%32)))
			part.damage(which.data[fileformat.SegmentHeaderSize:])
		}
		if forge {
			for _, g := range segs {
				if g.starts[len(g.starts)-1]+fileformat.BatchHeaderSize+fileformat.BatchSumSize <= len(g.data) {
					g.reseal()
				}
			}
		}
		recoverLog(t, segs, forge)
	})
}

func recoverLog(t *testing.T, segs []*segment, forged bool) {
	var found []journal.Segment
	for _, s := range segs {
		found = append(found, journal.Segment{Header: s.header, Reader: bytes.NewReader(s.data), Size: int64(len(s.data)), Name: "log"})
	}
	page := make([]byte, logPage)
	var seen fileformat.CommitNo
	if _, err := journal.Recover(found[:1], func(journal.BatchHeader, journal.Entry) error { return nil }); err == nil && !forged &&
		bytes.Equal(segs[0].data, writeLog(t)[0].data) {
		t.Fatal("the log is whole without its newest segment")
	}
	rec, err := journal.Recover(found, func(h journal.BatchHeader, e journal.Entry) error {
		if !accepted(segs, h) {
			t.Fatalf("commit %d comes from no good batch", h.Commit)
		}
		switch {
		case e.Kind == fileformat.EntryDelta:
			_ = journal.ApplyDelta(page, e.Body, e.Ranges)
		case len(e.Body) != logPage:
			t.Fatalf("an image of %d bytes", len(e.Body))
		}
		if !forged {
			if h.Commit != seen && h.Commit != seen+1 {
				t.Fatalf("commit %d after %d", h.Commit, seen)
			}
			if seen = h.Commit; e.Kind == fileformat.EntryImage && (e.Body[106] != byte(h.Commit) || !fileformat.VerifyPage(e.Body, 3)) {
				t.Fatalf("commit %d has another page", h.Commit)
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, fileformat.ErrCorrupt) && !errors.Is(err, journal.ErrIncomplete) {
		t.Fatal(err)
	}
	if err == nil && !forged && rec.Last != seen {
		t.Fatalf("the last commit is %d, handed out was %d", rec.Last, seen)
	}
}
