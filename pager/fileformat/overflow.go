package fileformat

import (
	"encoding/binary"
	"fmt"
)

// Offsets in an overflow page (section 6). Each page of a run says how many payload bytes it
// holds and which page follows, so that a run may be consecutive without having to be.
const (
	OverflowKindOffset = 0
	OverflowNextOffset = 4
	OverflowSizeOffset = 8
	OverflowDataOffset = 12
)

// OverflowCapacity is the number of payload bytes of one overflow page.
func OverflowCapacity(pageSize int) int { return UsableSize(pageSize) - OverflowDataOffset }

// Overflow is one decoded overflow page; Data aliases the page.
type Overflow struct {
	Next PageNo // next page of the run, 0 = last
	Data []byte
}

// PutOverflow writes the head of an overflow page of size payload bytes and returns the place
// for them.
func PutOverflow(page []byte, next PageNo, size int) []byte {
	le := binary.LittleEndian
	le.PutUint32(page, uint32(KindOverflow))
	le.PutUint32(page[OverflowNextOffset:], uint32(next))
	le.PutUint32(page[OverflowSizeOffset:], uint32(size))
	return page[OverflowDataOffset : OverflowDataOffset+size]
}

// DecodeOverflow reads overflow page no.
func DecodeOverflow(page []byte, no PageNo) (Overflow, error) {
	if PageKind(page) != KindOverflow {
		return Overflow{}, Corrupt(no, OverflowKindOffset, fmt.Sprintf("kind %d where an overflow page is expected", page[0]))
	}
	le := binary.LittleEndian
	size := int64(le.Uint32(page[OverflowSizeOffset:]))
	if size > int64(OverflowCapacity(len(page))) {
		return Overflow{}, Corrupt(no, OverflowSizeOffset, fmt.Sprintf("overflow page holds %d bytes", size))
	}
	return Overflow{
		Next: PageNo(le.Uint32(page[OverflowNextOffset:])),
		Data: page[OverflowDataOffset : OverflowDataOffset+int(size)],
	}, nil
}
