package journal

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/rustlite/rustlite/pager/fileformat"
)

// equalBlock is how many bytes are compared at once while nothing differs.
const equalBlock = 128

// AppendDelta appends the ranges in which after differs from before, without the pages' trailers,
// and says how many there are. false when they would take more than limit bytes: then an image is
// better. Ranges that stand closer than a word are joined, because a range costs 4 bytes.
func AppendDelta(dst, before, after []byte, limit int) (_ []byte, ranges int, ok bool) {
	usable := fileformat.UsableSize(len(after))
	before, after = before[:usable], after[:usable]
	start := len(dst)
	le := binary.LittleEndian
	for at := 0; at < usable; {
		// Most of a page is equal; compare it in blocks, at the speed of memory.
		for at+equalBlock <= usable && bytes.Equal(before[at:at+equalBlock], after[at:at+equalBlock]) {
			at += equalBlock
		}
		if at == usable {
			break
		}
		x := le.Uint64(before[at:]) ^ le.Uint64(after[at:])
		if x == 0 {
			at += 8
			continue
		}
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
