package fileformat

import (
	"encoding/binary"
	"fmt"
)

// Offsets in a free list trunk page (section 5). A trunk covers a fixed range of page numbers
// with one bit a page, so that freeing or taking a page changes one byte: a delta of a few bytes
// in the log. (Lists of numbers, as SQLite keeps them, were weighed: their order is lost at each
// rollback, and a sorted list moves all its bytes at an insert.)
const (
	TrunkKindOffset  = 0
	TrunkNextOffset  = 4
	TrunkFirstOffset = 8
	TrunkCountOffset = 12
	TrunkBitsOffset  = 16
)

// TrunkSpan is the number of pages that one trunk covers. Trunk i covers the pages from
// i*TrunkSpan on; bit 0 of its first byte is the first of them.
func TrunkSpan(pageSize int) int {
	return (UsableSize(pageSize) - TrunkBitsOffset) * 8
}

// Trunk is the head of a trunk page; Bits aliases the page.
type Trunk struct {
	Next  PageNo // next trunk page, 0 = last
	First PageNo // first page covered, a multiple of TrunkSpan
	Count uint32 // free pages among those covered
	Bits  []byte
}

// PutTrunk writes the head of a trunk page; the bits are written in place by the caller.
func PutTrunk(page []byte, t Trunk) {
	le := binary.LittleEndian
	le.PutUint32(page, uint32(KindFreeTrunk))
	le.PutUint32(page[TrunkNextOffset:], uint32(t.Next))
	le.PutUint32(page[TrunkFirstOffset:], uint32(t.First))
	le.PutUint32(page[TrunkCountOffset:], t.Count)
}

// DecodeTrunk reads the head of trunk page no.
func DecodeTrunk(page []byte, no PageNo) (Trunk, error) {
	var t Trunk
	if PageKind(page) != KindFreeTrunk {
		return t, Corrupt(no, TrunkKindOffset, fmt.Sprintf("kind %d where a free list trunk is expected", page[0]))
	}
	le := binary.LittleEndian
	t.Next = PageNo(le.Uint32(page[TrunkNextOffset:]))
	t.First = PageNo(le.Uint32(page[TrunkFirstOffset:]))
	t.Count = le.Uint32(page[TrunkCountOffset:])
	t.Bits = page[TrunkBitsOffset:UsableSize(len(page))]
	span := TrunkSpan(len(page))
	if int64(t.First)%int64(span) != 0 {
		return t, Corrupt(no, TrunkFirstOffset, fmt.Sprintf("trunk begins at page %d", t.First))
	}
	if int64(t.Count) > int64(span) {
		return t, Corrupt(no, TrunkCountOffset, fmt.Sprintf("trunk counts %d free pages", t.Count))
	}
	return t, nil
}
