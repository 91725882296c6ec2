package journal

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/rustlite/rustlite/pager/fileformat"
)

// Most of a page is equal. It is compared in blocks, at the speed of memory, in the block that differs in
// pieces, and in the piece in words.
const (
	equalBlock = 512
	equalPiece = 64
)

// skipEqual is the first place from at on where the pages may differ, less than a piece before it.
func skipEqual(before, after []byte, at int) int {
	for end := at + equalBlock; end <= len(after) && bytes.Equal(before[at:end], after[at:end]); end += equalBlock {
		at = end
	}
	for at+equalPiece <= len(after) && samePiece(before[at:at+equalPiece], after[at:at+equalPiece]) {
		at += equalPiece
	}
	return at
}

// samePiece compares without a branch or a call for each word.
func samePiece(a, b []byte) bool {
	le := binary.LittleEndian
	x := (le.Uint64(a) ^ le.Uint64(b)) | (le.Uint64(a[8:]) ^ le.Uint64(b[8:]))
	x |= (le.Uint64(a[16:]) ^ le.Uint64(b[16:])) | (le.Uint64(a[24:]) ^ le.Uint64(b[24:]))
	x |= (le.Uint64(a[32:]) ^ le.Uint64(b[32:])) | (le.Uint64(a[40:]) ^ le.Uint64(b[40:]))
	x |= (le.Uint64(a[48:]) ^ le.Uint64(b[48:])) | (le.Uint64(a[56:]) ^ le.Uint64(b[56:]))
	return x == 0
}

// AppendDelta appends the ranges in which after differs from before, without the pages' trailers,
// and says how many there are. false when they would take more than limit bytes: then an image is
// better. Ranges that stand closer than a word are joined, because a range costs 4 bytes.
func AppendDelta(dst, before, after []byte, limit int) (_ []byte, ranges int, ok bool) {
	usable := fileformat.UsableSize(len(after))
	before, after = before[:usable], after[:usable]
	start := len(dst)
	le := binary.LittleEndian
	for at := 0; at < usable; {
		at = skipEqual(before, after, at)
		for at < usable && le.Uint64(before[at:]) == le.Uint64(after[at:]) {
			at += 8
		}
		if at == usable {
			break
		}
		x := le.Uint64(before[at:]) ^ le.Uint64(after[at:])
		from := at + bits.TrailingZeros64(x)/8
		to := 0
		for equal := 0; at < usable && equal < 2; at += 8 {
			x := le.Uint64(before[at:]) ^ le.Uint64(after[at:])
			if x == 0 {
				equal++
				continue
			}
			equal = 0
			to = at + 8 - bits.LeadingZeros64(x)/8
		}
		if len(dst)-start+fileformat.RangeHeaderSize+to-from > limit {
			return dst[:start], 0, false
		}
		dst = le.AppendUint16(dst, uint16(from))
		dst = le.AppendUint16(dst, uint16(to-from))
		dst = append(dst, after[from:to]...)
		ranges++
	}
	return dst, ranges, true
}

// AppendCounter appends the counter of a page, the body of its entry.
func AppendCounter(dst, page []byte) []byte {
	return append(dst, page[fileformat.PageCounterOffset:][:fileformat.PageCounterSize]...)
}

// Apply changes a page by the body of a delta or counter.
func (e *Entry) Apply(page []byte) error {
	if e.Kind == fileformat.EntryCounter {
		copy(page[fileformat.PageCounterOffset:], e.Body)
		return nil
	}
	return ApplyDelta(page, e.Body, e.Ranges)
}

// ApplyDelta changes a page by the body of a delta. It answers ErrCorrupt, with the offset in the
// body, for ranges outside of the page or the body.
func ApplyDelta(page, body []byte, ranges int) error {
	le := binary.LittleEndian
	at := 0
	for range ranges {
		if len(body)-at < fileformat.RangeHeaderSize {
			return &fileformat.CorruptError{Offset: int64(at), What: "page delta ends inside a range"}
		}
		from, n := int(le.Uint16(body[at:])), int(le.Uint16(body[at+2:]))
		at += fileformat.RangeHeaderSize
		if from+n > fileformat.UsableSize(len(page)) || len(body)-at < n {
			return &fileformat.CorruptError{Offset: int64(at), What: "page delta leaves the page"}
		}
		copy(page[from:], body[at:at+n])
		at += n
	}
	if at != len(body) {
		return &fileformat.CorruptError{Offset: int64(at), What: "page delta has bytes left over"}
	}
	return nil
}
