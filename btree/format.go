package btree

import (
	"encoding/binary"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Header of a tree page; doc.go has the picture and fileformat.md the table.
const (
	offKind    = 0                            // u8, page kind
	offLevel   = 1                            // u8, 0 = leaf
	offFlags   = 2                            // u8, flag bits below
	offRun     = 3                            // i8, length of the run of neighbouring inserts, < 0 descending
	offN       = 4                            // u16, entries
	offCap     = 6                            // u16, entries the arrays have room for
	offStart   = 8                            // u16, lowest byte of the cell area
	offGarbage = 10                           // u16, bytes in the cell area that belong to no cell
	offLast    = 12                           // u16, slot of the last insert
	offPrefix  = 14                           // u16, byte pages: length of the common prefix
	offCount   = fileformat.PageCounterOffset // u64, entries of the whole tree, root page only
	offBase    = 24                           // i64, integer pages: what the keys are deltas from
	offLow     = 24                           // u16, byte pages: length of the low fence after the prefix
	offHigh    = 26                           // u16, byte pages: length of the high fence after the prefix
	headerSize = 32
)

// Flag bits of a tree page.
const (
	flagWide    = 1 << 0 // integer pages: keys take 8 bytes
	flagPlain   = 1 << 1 // byte pages of a tree with a compare hook: no heads, prefix or cut separators
	flagNoLow   = 1 << 2 // byte pages: no low fence, the page begins the tree
	flagNoHigh  = 1 << 3 // byte pages: no high fence, the page ends the tree
	flagLowCut  = 1 << 4 // byte pages: the low fence is longer than what is stored
	flagHighCut = 1 << 5 // byte pages: the high fence is longer than what is stored
	flagsKnown  = 1<<6 - 1
)

// maxDepth bounds a path. A page has at least two children, in practice dozens.
const maxDepth = fileformat.TreeDepthMax

// Sizes that follow from the page size. Readers do not depend on them: a cell says itself what lies
// in overflow pages. Writers keep to them, so that any page splits into two that fit (B7).
type sizes struct {
	pageSize int
	usable   int // bytes of the page before the trailer
	fence    int // stored bytes of a fence
	intCell  int // bytes of a cell in an integer leaf
	byteCell int // bytes of a cell in a byte leaf
	key      int // a key up to this is kept whole in a byte leaf
	keyHead  int // stored bytes of a longer one
	sep      int // a separator up to this is kept whole in an interior page
	head     int // least stored bytes of a payload that goes to overflow pages
	overflow int // bytes of content in an overflow page
}

func sizesOf(pageSize int) sizes {
	u := pageSize - fileformat.PageTrailerSize
	s := sizes{pageSize: pageSize, usable: u, fence: u / 16, head: u / 16, overflow: u - overflowHeader}
	s.intCell = (u-headerSize)/2 - 10
	s.byteCell = (u-headerSize-4*s.fence-8)/2 - 10
	s.key = s.byteCell / 2
	s.keyHead = s.fence + 8
	s.sep = u / 8
	return s
}

func le16(b []byte) int        { return int(binary.LittleEndian.Uint16(b)) }
func le32(b []byte) uint32     { return binary.LittleEndian.Uint32(b) }
func le64(b []byte) uint64     { return binary.LittleEndian.Uint64(b) }
func put16(b []byte, v int)    { binary.LittleEndian.PutUint16(b, uint16(v)) }
func put32(b []byte, v uint32) { binary.LittleEndian.PutUint32(b, v) }
func put64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

// view is the parsed header of one tree page: where its arrays lie. It is filled once when a page
// comes into a cursor, and what it says has been checked against the page's size (B1), so array
// accesses need no further checks. Cells are checked one by one when they are read.
type view struct {
	p      []byte
	no     pager.PageNo // for errors
	n, cap int
	k      int // offset of the key array (heads, deltas)
	c      int // offset of the child array, interior pages
	o      int // offset of the cell-offset array, pages with cells
	end    int // end of the arrays
	start  int // lowest byte of the cell area
	usable int
	base   uint64 // integer pages
	pre    int    // byte pages: prefix length
	low    int    // byte pages: low fence, bytes after the prefix
	high   int    // byte pages: high fence, bytes after the prefix
	kw     int    // bytes of an element of the key array: 0, 4 or 8
	kind   fileformat.Kind
	level  uint8
	flags  uint8
}

func (v *view) leaf() bool { return v.level == 0 }

// ints reports a page with integer keys.
func (v *view) ints() bool {
	return v.kind == fileformat.KindIntLeaf || v.kind == fileformat.KindIntInterior
}

func (v *view) plain() bool { return v.flags&flagPlain != 0 }

// hasCells is false for integer interior pages alone.
func (v *view) hasCells() bool { return v.kind != fileformat.KindIntInterior }

// parse fills the view from p and reports whether the header is sound (B1). Use trouble for the
// reason when it is not.
func (v *view) parse(p []byte) bool {
	if len(p) < 512 {
		return false
	}
	h := p[:headerSize:headerSize]
	v.p = p
	v.kind = fileformat.Kind(h[offKind])
	v.level = h[offLevel]
	v.flags = h[offFlags]
	v.n = le16(h[offN:])
	v.cap = le16(h[offCap:])
	v.start = le16(h[offStart:])
	v.usable = len(p) - fileformat.PageTrailerSize
	if v.n > v.cap || v.start > v.usable || v.flags&^flagsKnown != 0 {
		return false
	}
	switch v.kind {
	case fileformat.KindIntLeaf:
		v.k = headerSize
		v.base = le64(h[offBase:])
		v.kw = 4 + int(v.flags&flagWide)<<2
		v.c = v.k + v.kw*v.cap
		v.o = v.c
		v.end = v.o + 2*v.cap
		return v.level == 0 && v.flags&^flagWide == 0 && v.end <= v.start
	case fileformat.KindIntInterior:
		v.k = headerSize
		v.base = le64(h[offBase:])
		v.kw = 4 + int(v.flags&flagWide)<<2
		v.c = v.k + v.kw*v.cap
		v.o = v.c + 4*(v.cap+1)
		v.end = v.o
		return v.level != 0 && v.flags&^flagWide == 0 && v.end <= v.start
	case fileformat.KindByteLeaf, fileformat.KindByteInterior:
		return v.parseByte(h)
	default:
		return false
	}
}

func (v *view) parseByte(h []byte) bool {
	v.pre, v.low, v.high = le16(h[offPrefix:]), le16(h[offLow:]), le16(h[offHigh:])
	v.k = (headerSize + v.pre + v.low + v.high + 3) &^ 3
	v.kw = 4
	if v.flags&flagPlain != 0 {
		v.kw = 0
	}
	if v.flags&flagWide != 0 {
		return false
	}
	v.c = v.k + v.kw*v.cap
	v.o = v.c
	if v.kind == fileformat.KindByteInterior {
		if v.level == 0 {
			return false
		}
		v.o += 4 * (v.cap + 1)
	} else if v.level != 0 {
		return false
	}
	v.end = v.o + 2*v.cap
	return v.end <= v.start
}

// trouble says why parse refused p, as an offset and words.
func trouble(p []byte) (int64, string) {
	if len(p) < 512 {
		return 0, "page too short"
	}
	switch fileformat.Kind(p[offKind]) {
	case fileformat.KindIntLeaf, fileformat.KindIntInterior, fileformat.KindByteLeaf, fileformat.KindByteInterior:
	default:
		return offKind, "not a tree page"
	}
	leafKind := fileformat.Kind(p[offKind]) == fileformat.KindIntLeaf || fileformat.Kind(p[offKind]) == fileformat.KindByteLeaf
	switch {
	case leafKind != (p[offLevel] == 0):
		return offLevel, "level does not fit the page kind"
	case le16(p[offN:]) > le16(p[offCap:]):
		return offN, "more entries than the arrays hold"
	case le16(p[offStart:]) > len(p)-fileformat.PageTrailerSize:
		return offStart, "cell area begins behind the page"
	case p[offFlags]&^flagsKnown != 0:
		return offFlags, "unknown flags"
	}
	return offCap, "arrays overlap the cell area"
}

func corrupt(no pager.PageNo, off int64, what string) error {
	return &fileformat.CorruptError{PageNo: no, Offset: off, What: what}
}

// corruptHeader is the error for a page that parse refused.
func corruptHeader(no pager.PageNo, p []byte) error {
	off, what := trouble(p)
	return corrupt(no, off, what)
}

// delta is element i of the key array of an integer page.
func (v *view) delta(i int) uint64 {
	if v.kw == 4 {
		return uint64(le32(v.p[v.k+4*i:]))
	}
	return le64(v.p[v.k+8*i:])
}

// intKey is key i of an integer page.
func (v *view) intKey(i int) int64 { return int64(v.base + v.delta(i)) }

// head is element i of the key array of a byte page.
func (v *view) head(i int) uint32 { return le32(v.p[v.k+4*i:]) }

// child is child i, 0 <= i <= n, of an interior page.
func (v *view) child(i int) pager.PageNo { return pager.PageNo(le32(v.p[v.c+4*i:])) }

// offset is the offset of cell i, not yet checked.
func (v *view) offset(i int) int { return le16(v.p[v.o+2*i:]) }

// cell is the bytes from the beginning of cell i to the end of the usable page, or nil when its
// offset lies outside the cell area.
func (v *view) cell(i int) []byte {
	off := v.offset(i)
	if off < v.start || off >= v.usable {
		return nil
	}
	return v.p[off:v.usable]
}

// Fences of a byte page: the prefix first, then what follows it in the low and the high one (B4).
func (v *view) prefix() []byte   { return v.p[headerSize : headerSize+v.pre] }
func (v *view) lowFence() []byte { return v.p[headerSize : headerSize+v.pre+v.low] }
func (v *view) lowRest() []byte  { return v.p[headerSize+v.pre : headerSize+v.pre+v.low] }
func (v *view) highRest() []byte {
	return v.p[headerSize+v.pre+v.low : headerSize+v.pre+v.low+v.high]
}

// entrySize is what an entry takes in the arrays.
func (v *view) entrySize() int {
	switch v.kind {
	case fileformat.KindIntInterior:
		return v.kw + 4
	case fileformat.KindByteInterior:
		return v.kw + 6
	default:
		return v.kw + 2
	}
}

// garbage is the number of bytes in the cell area that belong to no cell.
func (v *view) garbage() int { return le16(v.p[offGarbage:]) }

// free is what a rewrite of the page would leave for new entries.
func (v *view) free() int {
	return v.start - v.end + v.garbage() + (v.cap-v.n)*v.entrySize()
}

// format makes p an empty page: fences and base are up to the caller.
func format(p []byte, kind fileformat.Kind, level, flags uint8) {
	clear(p[:headerSize])
	p[offKind], p[offLevel], p[offFlags] = byte(kind), level, flags
	put16(p[offStart:], len(p)-fileformat.PageTrailerSize)
}
