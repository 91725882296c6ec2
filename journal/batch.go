package journal

import (
	"encoding/binary"
	"fmt"

	"github.com/zeebo/xxh3"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// PageNo is the format's.
type PageNo = fileformat.PageNo

// CommitNo is the format's.
type CommitNo = fileformat.CommitNo

// SegmentHeader begins a segment (J5).
type SegmentHeader struct {
	PageSize    int
	DatabaseID  fileformat.DatabaseID
	LogID       uint64
	Number      uint32 // ascending within a log, from 1
	Salt        uint64
	FirstCommit CommitNo
}

// AppendSegmentHeader appends the 128 bytes of a segment header.
func AppendSegmentHeader(dst []byte, h SegmentHeader) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, fileformat.SegmentHeaderSize)...)
	b := dst[start:]
	le := binary.LittleEndian
	copy(b, fileformat.SegmentMagic)
	le.PutUint32(b[fileformat.SegmentVersionOffset:], fileformat.FormatVersion)
	le.PutUint32(b[fileformat.SegmentPageSizeOffset:], uint32(h.PageSize))
	copy(b[fileformat.SegmentDatabaseIDOffset:], h.DatabaseID[:])
	le.PutUint64(b[fileformat.SegmentLogIDOffset:], h.LogID)
	le.PutUint32(b[fileformat.SegmentNumberOffset:], h.Number)
	le.PutUint64(b[fileformat.SegmentSaltOffset:], h.Salt)
	le.PutUint64(b[fileformat.SegmentFirstCommitOffset:], uint64(h.FirstCommit))
	le.PutUint64(b[fileformat.SegmentSumOffset:], xxh3.Hash(b[:fileformat.SegmentSumOffset]))
	return dst
}

// DecodeSegmentHeader reads a segment header.
func DecodeSegmentHeader(b []byte) (SegmentHeader, error) {
	var h SegmentHeader
	bad := func(off int64, what string) error {
		return &fileformat.CorruptError{Offset: off, What: what}
	}
	if len(b) < fileformat.SegmentHeaderSize {
		return h, bad(int64(len(b)), "log segment ends inside its header")
	}
	le := binary.LittleEndian
	if string(b[:len(fileformat.SegmentMagic)]) != fileformat.SegmentMagic {
		return h, bad(fileformat.SegmentMagicOffset, "not a log segment")
	}
	if le.Uint64(b[fileformat.SegmentSumOffset:]) != xxh3.Hash(b[:fileformat.SegmentSumOffset]) {
		return h, bad(fileformat.SegmentSumOffset, "checksum of the log segment's header")
	}
	if v := le.Uint32(b[fileformat.SegmentVersionOffset:]); v != fileformat.FormatVersion {
		return h, fmt.Errorf("log segment of version %d: %w", v, fileformat.ErrNewerFormat)
	}
	h.PageSize = int(le.Uint32(b[fileformat.SegmentPageSizeOffset:]))
	copy(h.DatabaseID[:], b[fileformat.SegmentDatabaseIDOffset:])
	h.LogID = le.Uint64(b[fileformat.SegmentLogIDOffset:])
	h.Number = le.Uint32(b[fileformat.SegmentNumberOffset:])
	h.Salt = le.Uint64(b[fileformat.SegmentSaltOffset:])
	h.FirstCommit = CommitNo(le.Uint64(b[fileformat.SegmentFirstCommitOffset:]))
	if !fileformat.ValidPageSize(h.PageSize) {
		return h, bad(fileformat.SegmentPageSizeOffset, fmt.Sprintf("page size %d", h.PageSize))
	}
	return h, nil
}

// Position is a place in the log.
type Position struct {
	Segment uint32
	Offset  int64
}

// After says whether p lies behind q.
func (p Position) After(q Position) bool {
	return p.Segment > q.Segment || p.Segment == q.Segment && p.Offset > q.Offset
}

// BatchHeader begins a batch.
type BatchHeader struct {
	Kind    fileformat.BatchKind
	Commit  CommitNo // of a mark: the commit before it
	Size    int64    // of the whole batch, a multiple of BatchAlign
	Entries int
	Oldest  uint32   // oldest segment still needed (J7)
	Synced  Position // everything before it was known synced (J2)
	Link    uint64   // checksum of the batch before, 0 for the first of a log
	Next    uint32   // of a mark that ends its segment: the one that follows (J4), else 0
}

// BatchSize is the size of a batch whose entries take n bytes.
func BatchSize(n int64) int64 {
	const align = fileformat.BatchAlign
	return (fileformat.BatchHeaderSize+n+align-1)/align*align + fileformat.BatchSumSize
}

// AppendBatchHeader appends the 64 bytes of a batch header.
func AppendBatchHeader(dst []byte, h BatchHeader, salt uint64) []byte {
	invariant.Check(h.Size%fileformat.BatchAlign == 0, "J2: batches are aligned")
	start := len(dst)
	dst = append(dst, make([]byte, fileformat.BatchHeaderSize)...)
	b := dst[start:]
	le := binary.LittleEndian
	le.PutUint32(b, fileformat.BatchMagic)
	b[fileformat.BatchKindOffset] = byte(h.Kind)
	le.PutUint64(b[fileformat.BatchCommitOffset:], uint64(h.Commit))
	le.PutUint64(b[fileformat.BatchSizeOffset:], uint64(h.Size))
	le.PutUint32(b[fileformat.BatchEntriesOffset:], uint32(h.Entries))
	le.PutUint32(b[fileformat.BatchOldestOffset:], h.Oldest)
	le.PutUint32(b[fileformat.BatchSyncedSegmentOffset:], h.Synced.Segment)
	le.PutUint32(b[fileformat.BatchNextOffset:], h.Next)
	le.PutUint64(b[fileformat.BatchSyncedOffsetOffset:], uint64(h.Synced.Offset))
	le.PutUint64(b[fileformat.BatchLinkOffset:], h.Link)
	le.PutUint64(b[fileformat.BatchHeaderSumOffset:], xxh3.HashSeed(b[:fileformat.BatchHeaderSumOffset], salt))
	return dst
}

// DecodeBatchHeader reads a batch header; false when there is none of this salt. room is the
// number of bytes from the batch's start to the segment's end.
func DecodeBatchHeader(b []byte, salt uint64, room int64) (BatchHeader, bool) {
	var h BatchHeader
	le := binary.LittleEndian
	if len(b) < fileformat.BatchHeaderSize || le.Uint32(b) != fileformat.BatchMagic {
		return h, false
	}
	if le.Uint64(b[fileformat.BatchHeaderSumOffset:]) != xxh3.HashSeed(b[:fileformat.BatchHeaderSumOffset], salt) {
		return h, false
	}
	h.Kind = fileformat.BatchKind(b[fileformat.BatchKindOffset])
	h.Commit = CommitNo(le.Uint64(b[fileformat.BatchCommitOffset:]))
	size := le.Uint64(b[fileformat.BatchSizeOffset:])
	h.Entries = int(le.Uint32(b[fileformat.BatchEntriesOffset:]))
	h.Oldest = le.Uint32(b[fileformat.BatchOldestOffset:])
	h.Synced.Segment = le.Uint32(b[fileformat.BatchSyncedSegmentOffset:])
	h.Synced.Offset = int64(le.Uint64(b[fileformat.BatchSyncedOffsetOffset:]))
	h.Link = le.Uint64(b[fileformat.BatchLinkOffset:])
	h.Next = le.Uint32(b[fileformat.BatchNextOffset:])
	if size > uint64(max(room, 0)) || size%fileformat.BatchAlign != 0 || size < uint64(BatchSize(0)) {
		return h, false
	}
	h.Size = int64(size)
	return h, true
}

// Entry is one page in a batch. Body aliases the bytes it was decoded from.
type Entry struct {
	Kind   fileformat.EntryKind
	Page   PageNo
	Ranges int      // of a delta
	Sum    uint32   // low half of the after-image's page checksum
	Base   CommitNo // of a delta: the commit of the version it starts from
	Body   []byte
}

// AppendEntryHead appends the head of an entry whose body, of size bytes, follows.
func AppendEntryHead(dst []byte, e Entry, size int) []byte {
	var b [fileformat.EntryHeaderSize]byte
	le := binary.LittleEndian
	b[fileformat.EntryKindOffset] = byte(e.Kind)
	le.PutUint16(b[fileformat.EntryRangesOffset:], uint16(e.Ranges))
	le.PutUint32(b[fileformat.EntryPageOffset:], uint32(e.Page))
	le.PutUint32(b[fileformat.EntrySizeOffset:], uint32(size))
	le.PutUint32(b[fileformat.EntrySumOffset:], e.Sum)
	le.PutUint64(b[fileformat.EntryBaseOffset:], uint64(e.Base))
	return append(dst, b[:]...)
}

// DecodeEntryHead reads the head of an entry and the size of its body.
func DecodeEntryHead(b []byte, pageSize int) (Entry, int, error) {
	var e Entry
	bad := func(off int64, what string) (Entry, int, error) {
		return e, 0, &fileformat.CorruptError{Offset: off, What: what}
	}
	if len(b) < fileformat.EntryHeaderSize {
		return bad(0, "log entry ends inside its head")
	}
	le := binary.LittleEndian
	e.Kind = fileformat.EntryKind(b[fileformat.EntryKindOffset])
	e.Ranges = int(le.Uint16(b[fileformat.EntryRangesOffset:]))
	e.Page = PageNo(le.Uint32(b[fileformat.EntryPageOffset:]))
	size := le.Uint32(b[fileformat.EntrySizeOffset:])
	e.Sum = le.Uint32(b[fileformat.EntrySumOffset:])
	e.Base = CommitNo(le.Uint64(b[fileformat.EntryBaseOffset:]))
	if e.Page == 0 || e.Page > fileformat.PageNoMax {
		return bad(fileformat.EntryPageOffset, fmt.Sprintf("log entry of page %d", e.Page))
	}
	switch e.Kind {
	case fileformat.EntryImage:
		if size != uint32(pageSize) {
			return bad(fileformat.EntrySizeOffset, fmt.Sprintf("page image of %d bytes", size))
		}
	case fileformat.EntryDelta:
		if size > uint32(pageSize) {
			return bad(fileformat.EntrySizeOffset, fmt.Sprintf("page delta of %d bytes", size))
		}
	case fileformat.EntryNewPageHome:
		if size != 0 {
			return bad(fileformat.EntrySizeOffset, fmt.Sprintf("entry of a page that is home with %d bytes", size))
		}
	case fileformat.EntryCounter:
		if size != fileformat.PageCounterSize {
			return bad(fileformat.EntrySizeOffset, fmt.Sprintf("page counter of %d bytes", size))
		}
	case fileformat.EntryLogical, fileformat.EntryPrepared, fileformat.EntryCoordinator:
		return bad(fileformat.EntryKindOffset, fmt.Sprintf("log entry of reserved kind %d", e.Kind))
	default:
		return bad(fileformat.EntryKindOffset, fmt.Sprintf("log entry of kind %d", e.Kind))
	}
	return e, int(size), nil
}
