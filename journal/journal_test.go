package journal

// The log as bytes: the worked example of fileformat.md, deltas against random pages, batches that
// stream, cuts and damage at every byte.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"testing"

	"github.com/rustlite/rustlite/fuzz/document"
	"github.com/rustlite/rustlite/pager/fileformat"
)

var seedFlag = flag.Int64("seed", 1, "seed of the random tests")

// memory is a file for the tests of this room.
type memory struct{ b []byte }

func (m *memory) WriteAt(b []byte, off int64) (int, error) {
	if need := int(off) + len(b); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	return copy(m.b[off:], b), nil
}

func segmentOf(h SegmentHeader, b []byte) Segment {
	return Segment{Header: h, Reader: bytes.NewReader(b), Size: int64(len(b)), Name: fmt.Sprintf("seg%d", h.Number)}
}

func image(no PageNo, commit CommitNo, fill byte) []byte {
	page := make([]byte, 1024)
	for i := range page[:1000] {
		page[i] = fill
	}
	fileformat.SealPage(page, no, commit)
	return page
}

func TestExampleBatch(t *testing.T) {
	before, after := make([]byte, 1024), make([]byte, 1024)
	copy(after[100:], "abc")
	page3 := make([]byte, 1024)
	copy(page3, []byte{1, 2, 3, 4})
	sum3 := fileformat.SealPage(page3, 3, 9)
	sum4 := fileformat.SealPage(after, 4, 9)
	body, ranges, ok := AppendDelta(nil, before, after, 512)
	if !ok || ranges != 1 {
		t.Fatal(ranges, ok)
	}
	var entries []byte
	entries = AppendEntryHead(entries, Entry{Kind: fileformat.EntryImage, Page: 3, Sum: uint32(sum3)}, len(page3))
	entries = append(entries, page3...)
	entries = AppendEntryHead(entries, Entry{Kind: fileformat.EntryDelta, Page: 4, Ranges: ranges, Sum: uint32(sum4), Base: 8}, len(body))
	entries = append(entries, body...)
	var m memory
	var a Appender
	a.Reset(&m, 7, 0)
	a.Begin(BatchHeader{
		Kind: fileformat.BatchCommit, Commit: 9, Size: BatchSize(int64(len(entries))), Entries: 2,
		Oldest: 1, Synced: Position{Segment: 1, Offset: 128}, Link: 0x1122334455667788,
	})
	if err := a.Write(entries); err != nil {
		t.Fatal(err)
	}
	a.End()
	if err := a.Flush(); err != nil {
		t.Fatal(err)
	}
	document.Example(t, "../fileformat.md", "batch", document.Dump(m.b))
	s := segmentOf(SegmentHeader{PageSize: 1024, Salt: 7}, m.b)
	b, ok, err := s.ReadBatch(0)
	if err != nil || !ok || b.Commit != 9 || b.End() != int64(len(m.b)) {
		t.Fatalf("%+v, %v, %v", b, ok, err)
	}
	var kinds []fileformat.EntryKind
	err = s.Entries(b, func(e Entry) error {
		kinds = append(kinds, e.Kind)
		if e.Kind == fileformat.EntryDelta {
			return ApplyDelta(before, e.Body, e.Ranges)
		}
		return nil
	})
	if err != nil || len(kinds) != 2 || !bytes.Equal(before[:1008], after[:1008]) {
		t.Fatal(kinds, err)
	}
}

func TestDeltaModel(t *testing.T) {
	t.Logf("replay: go test ./journal -run TestDeltaModel -seed %d", *seedFlag)
	r := rand.New(rand.NewSource(*seedFlag))
	for range 4000 {
		size := 1024 << r.Intn(7)
		before := make([]byte, size)
		r.Read(before)
		after := bytes.Clone(before)
		for range r.Intn(6) {
			from := r.Intn(size)
			r.Read(after[from:min(size, from+r.Intn(60))])
		}
		body, ranges, ok := AppendDelta([]byte("x"), before, after, size/2)
		if !ok {
			if len(body) != 1 {
				t.Fatal("a refused delta left bytes")
			}
			continue
		}
		if len(body)-1 > size/2 {
			t.Fatal("a delta passed its limit")
		}
		got := bytes.Clone(before)
		if err := ApplyDelta(got, body[1:], ranges); err != nil {
			t.Fatal(err)
		}
		if usable := fileformat.UsableSize(size); !bytes.Equal(got[:usable], after[:usable]) || !bytes.Equal(got[usable:], before[usable:]) {
			t.Fatal("a delta does not make the page")
		}
		// Foreign bytes: an error, never a panic.
		if len(body) > 1 {
			body[1+r.Intn(len(body)-1)] ^= 1 << r.Intn(8)
			_ = ApplyDelta(got, body[1:], r.Intn(9))
		}
	}
}

// story writes commits 1..n over two segments and tells what each batch held.
type story struct {
	headers [2]SegmentHeader
	files   [2]memory
	ends    [2][]int64 // ends of the batches
}

func tell(t *testing.T, synced bool) *story {
	t.Helper()
	s := &story{}
	var a Appender
	var link uint64
	var known Position
	commit := CommitNo(0)
	for i := range s.files {
		s.headers[i] = SegmentHeader{PageSize: 1024, LogID: 5, Number: uint32(i + 1), Salt: uint64(77 + i), FirstCommit: commit + 1}
		a.Reset(&s.files[i], s.headers[i].Salt, 0)
		a.Raw(AppendSegmentHeader(nil, s.headers[i]))
		for range 4 {
			commit++
			page := image(PageNo(commit), commit, byte(commit))
			entries := AppendEntryHead(nil, Entry{Kind: fileformat.EntryImage, Page: PageNo(commit)}, len(page))
			a.Begin(BatchHeader{
				Kind: fileformat.BatchCommit, Commit: commit, Size: BatchSize(int64(len(entries) + len(page))),
				Entries: 1, Oldest: 1, Link: link, Synced: known,
			})
			if err := errors.Join(a.Write(entries), a.Write(page)); err != nil {
				t.Fatal(err)
			}
			link = a.End()
			s.ends[i] = append(s.ends[i], a.Offset())
			if synced {
				known = Position{Segment: uint32(i + 1), Offset: a.Offset()}
			}
		}
		if i == 0 { // J4: the mark that names the next segment.
			a.Begin(BatchHeader{
				Kind: fileformat.BatchMark, Commit: commit, Size: BatchSize(0), Oldest: 1, Link: link, Synced: known, Next: 2,
			})
			link = a.End()
			s.ends[i] = append(s.ends[i], a.Offset())
		}
		known = Position{Segment: uint32(i + 1), Offset: a.Offset()} // J4.
		if err := a.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *story) recover() (Recovered, []PageNo, error) {
	var pages []PageNo
	var segs []Segment
	for i := range s.files {
		segs = append(segs, segmentOf(s.headers[i], s.files[i].b))
	}
	rec, err := Recover(segs, func(_ BatchHeader, e Entry) error {
		pages = append(pages, e.Page)
		return nil
	})
	return rec, pages, err
}

// A flipped bit anywhere in the first segment is corruption, because the second one proves it
// synced (J4). In the second it is a torn tail, or corruption when a later batch knew better.
func TestDamageIsNeverSilent(t *testing.T) {
	for _, synced := range []bool{false, true} {
		whole := tell(t, synced)
		if rec, pages, err := whole.recover(); err != nil || rec.Last != 8 || len(pages) != 8 {
			t.Fatalf("whole: %+v, %v, %v", rec, pages, err)
		}
		for seg := range 2 {
			for at := fileformat.SegmentHeaderSize; at < len(whole.files[seg].b); at += 13 {
				s := tell(t, synced)
				s.files[seg].b[at] ^= 0x10
				rec, pages, err := s.recover()
				batch := 0
				for int64(at) >= s.ends[seg][batch] {
					batch++
				}
				lastOne := seg == 1 && (batch == 3 || !synced)
				switch {
				case lastOne && (err != nil || int(rec.Last) != 4*seg+batch || len(pages) != int(rec.Last)):
					t.Fatalf("synced=%v segment %d byte %d: torn tail: %+v, %v", synced, seg+1, at, rec, err)
				case !lastOne && !errors.Is(err, fileformat.ErrCorrupt):
					t.Fatalf("synced=%v segment %d byte %d: damage went unnoticed: %+v, %v", synced, seg+1, at, rec, err)
				}
			}
		}
	}
}

func TestMissingSegments(t *testing.T) {
	s := tell(t, true)
	one := segmentOf(s.headers[0], s.files[0].b)
	two := segmentOf(s.headers[1], s.files[1].b)
	nothing := func(BatchHeader, Entry) error { return nil }
	if _, err := Recover([]Segment{two}, nothing); !errors.Is(err, ErrIncomplete) {
		t.Fatalf("without the first segment: %v", err)
	}
	if _, err := Recover(nil, nothing); !errors.Is(err, ErrIncomplete) {
		t.Fatalf("without any: %v", err)
	}
	if _, err := Recover([]Segment{one}, nothing); !errors.Is(err, ErrIncomplete) {
		t.Fatalf("without the newest: %v", err)
	}
	// A crash before the mark was written: the newest segment says all.
	s.files[0].b[s.ends[0][4]-1] ^= 1
	if rec, err := Recover([]Segment{segmentOf(s.headers[0], s.files[0].b)}, nothing); err != nil || rec.Last != 4 {
		t.Fatalf("without the mark: %+v, %v", rec, err)
	}
	s.files[0].b[s.ends[0][4]-1] ^= 1
	if rec, err := Recover([]Segment{two, one}, nothing); err != nil || rec.Last != 8 {
		t.Fatalf("out of order: %+v, %v", rec, err)
	}
}

// A batch larger than the staging buffer streams, and reads back the same.
func TestBigBatch(t *testing.T) {
	const pages = 3000
	var m memory
	var a Appender
	a.Reset(&m, 9, 0)
	size := int64(pages * (fileformat.EntryHeaderSize + 1024))
	a.Begin(BatchHeader{Kind: fileformat.BatchCommit, Commit: 1, Size: BatchSize(size), Entries: pages, Oldest: 1})
	for no := PageNo(1); no <= pages; no++ {
		head := AppendEntryHead(nil, Entry{Kind: fileformat.EntryImage, Page: no}, 1024)
		if err := errors.Join(a.Write(head), a.Write(image(no, 1, byte(no)))); err != nil {
			t.Fatal(err)
		}
	}
	a.End()
	if err := a.Flush(); err != nil {
		t.Fatal(err)
	}
	s := segmentOf(SegmentHeader{PageSize: 1024, Salt: 9}, m.b)
	b, ok, err := s.ReadBatch(0)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	seen := 0
	if err := s.Entries(b, func(e Entry) error {
		seen++
		if !fileformat.VerifyPage(e.Body, e.Page) {
			return fmt.Errorf("page %d is damaged", e.Page)
		}
		return nil
	}); err != nil || seen != pages {
		t.Fatal(seen, err)
	}
}

func BenchmarkAppendDelta(b *testing.B) {
	before := make([]byte, 4096)
	after := make([]byte, 4096)
	copy(after[3000:], bytes.Repeat([]byte("x"), 60))
	copy(after[20:], "ab")
	var dst []byte
	for b.Loop() {
		dst, _, _ = AppendDelta(dst[:0], before, after, 3000)
	}
}
