package fileformat

import (
	"bytes"
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// PageNo numbers a page of one file; 0 means "no page".
type PageNo uint32

// CommitNo numbers a commit of one database, densely from 1. 0 means "before every commit".
type CommitNo uint64

// Kind is the first byte of a page (section 3).
type Kind uint8

// The kinds of pages.
const (
	KindNone         Kind = 0    // a page that nobody has filled
	KindFreeTrunk    Kind = 1    // free list trunk
	KindOverflow     Kind = 2    // overflow page
	KindIntLeaf      Kind = 3    // leaf of an integer-key tree
	KindIntInterior  Kind = 4    // interior page of an integer-key tree
	KindByteLeaf     Kind = 5    // leaf of a byte-key tree
	KindByteInterior Kind = 6    // interior page of a byte-key tree
	KindHeader       Kind = 0x52 // page 1: the 'R' of the magic
)

// String names a kind of page in the words of fileformat.md.
func (k Kind) String() string {
	switch k {
	case KindNone:
		return "none"
	case KindFreeTrunk:
		return "free list trunk"
	case KindOverflow:
		return "overflow"
	case KindIntLeaf:
		return "int leaf"
	case KindIntInterior:
		return "int interior"
	case KindByteLeaf:
		return "byte leaf"
	case KindByteInterior:
		return "byte interior"
	case KindHeader:
		return "header"
	default:
		return "unknown kind"
	}
}

// PageTrailerSize is the size of the trailer at the end of every page. Rooms that fill pages use
// the bytes before it; it also gives readers of cells 8 bytes of slack for wide loads.
const PageTrailerSize = 16

// A page may keep a counter: a number that many commits change and nothing else of the page with it.
const (
	PageCounterOffset = 16
	PageCounterSize   = 8
)

// Offsets inside the trailer, counted back from the page's end.
const (
	trailerCommit = 16
	trailerSum    = 8
)

// trailerAhead marks the commit of a page that went home ahead of its commit, by the transaction
// itself.
const trailerAhead = 1 << 63

// UsableSize is the number of bytes of a page before its trailer.
func UsableSize(pageSize int) int { return pageSize - PageTrailerSize }

// PageKind is the kind of a page; KindNone for an empty slice.
func PageKind(page []byte) Kind {
	if len(page) == 0 {
		return KindNone
	}
	return Kind(page[0])
}

// PageCommit is the commit number in a page's trailer.
func PageCommit(page []byte) CommitNo {
	return CommitNo(binary.LittleEndian.Uint64(page[len(page)-trailerCommit:]) &^ trailerAhead)
}

// PageAhead says whether a page went home ahead of its commit, which may have come to nothing: it
// counts if the log says so, or knows nothing of it.
func PageAhead(page []byte) bool {
	return binary.LittleEndian.Uint64(page[len(page)-trailerCommit:])&trailerAhead != 0
}

// PageSum is the checksum in a page's trailer.
func PageSum(page []byte) uint64 {
	return binary.LittleEndian.Uint64(page[len(page)-trailerSum:])
}

// Checksum is the checksum that page no ought to carry: xxh3-64 over all bytes but the last 8,
// seeded with the page's number so that a page at another page's place is found out.
func Checksum(page []byte, no PageNo) uint64 {
	return xxh3.HashSeed(page[:len(page)-trailerSum], uint64(no))
}

// StampPage writes the commit of a page's trailer, and leaves its checksum as it was.
func StampPage(page []byte, commit CommitNo) {
	binary.LittleEndian.PutUint64(page[len(page)-trailerCommit:], uint64(commit))
}

// SameButCounter says whether two pages differ in nothing but their counters, and their trailers.
func SameButCounter(a, b []byte) bool {
	end := UsableSize(len(a))
	return bytes.Equal(a[:PageCounterOffset], b[:PageCounterOffset]) &&
		bytes.Equal(a[PageCounterOffset+PageCounterSize:end], b[PageCounterOffset+PageCounterSize:end])
}

// SealPage writes the trailer of page no and returns the checksum.
func SealPage(page []byte, no PageNo, commit CommitNo) uint64 {
	StampPage(page, commit)
	sum := Checksum(page, no)
	binary.LittleEndian.PutUint64(page[len(page)-trailerSum:], sum)
	return sum
}

// SealPageAhead is SealPage for a page that goes home ahead of its commit.
func SealPageAhead(page []byte, no PageNo, commit CommitNo) uint64 {
	return SealPage(page, no, commit|trailerAhead)
}

// VerifyPage says whether the trailer's checksum is that of the page's bytes.
func VerifyPage(page []byte, no PageNo) bool {
	return PageSum(page) == Checksum(page, no)
}

// PageOffset is where page no lies in the main file.
func PageOffset(no PageNo, pageSize int) int64 {
	return (int64(no) - 1) * int64(pageSize)
}
