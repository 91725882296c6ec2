package btree

import (
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// Changes within one page. All of them work on a view of a page that tx.Write gave out, keep the
// view right, and leave alone what a delta in the log would otherwise have to carry.

// capStep is by how many entries the arrays grow: an append then writes into a gap instead of moving
// the arrays behind the key array, which keeps log deltas short.
const capStep = 8

// setCap gives the arrays room for newCap >= n entries. The caller has checked that they fit.
func (v *view) setCap(newCap int) {
	p, n := v.p, v.n
	c := v.k + v.kw*newCap
	o := c
	if !v.leaf() {
		o += 4 * (newCap + 1)
	}
	// Growing arrays move from the last to the first, shrinking ones the other way round, so that
	// none runs over the next.
	if v.hasCells() && newCap > v.cap {
		copy(p[o:o+2*n], p[v.o:v.o+2*n])
	}
	if !v.leaf() {
		copy(p[c:c+4*(n+1)], p[v.c:v.c+4*(n+1)])
	}
	if v.hasCells() && newCap <= v.cap {
		copy(p[o:o+2*n], p[v.o:v.o+2*n])
	}
	v.c, v.o, v.end = c, o, o
	if v.hasCells() {
		v.end += 2 * newCap
	}
	v.cap = newCap
	put16(p[offCap:], newCap)
}

// fits makes room for one more entry with a cell of size bytes, without rewriting the page, and
// reports whether it could.
func (v *view) fits(size int) bool {
	if v.n < v.cap && v.start-v.end >= size {
		return true
	}
	e := v.entrySize()
	room := v.start - v.end + (v.cap-v.n)*e // behind arrays that are just full
	if v.hasCells() && v.n == v.cap && room >= capStep*e+size {
		v.setCap(v.n + capStep)
		return true
	}
	if !v.hasCells() && v.n == v.cap && room >= 4*capStep*e {
		v.setCap(v.n + 4*capStep)
		return true
	}
	if room >= e+size {
		v.setCap(v.n + 1)
		return true
	}
	return false
}

// place puts an entry into slot, when fits has made room. key is the element of the key array.
func (v *view) place(slot int, key uint64, child pager.PageNo, cell []byte) {
	p, n := v.p, v.n
	if invariant.Enabled {
		invariant.Check(0 <= slot && slot <= n && n < v.cap, "B1: an entry goes into a slot that there is")
		invariant.Check(v.start-v.end >= len(cell), "B1: cells do not reach into the arrays")
	}
	if v.kw == 4 {
		at := v.k + 4*slot
		copy(p[at+4:v.k+4*n+4], p[at:])
		put32(p[at:], uint32(key))
	} else if v.kw == 8 {
		at := v.k + 8*slot
		copy(p[at+8:v.k+8*n+8], p[at:])
		put64(p[at:], key)
	}
	if !v.leaf() {
		at := v.c + 4*(slot+1)
		copy(p[at+4:v.c+4*n+8], p[at:])
		put32(p[at:], uint32(child))
	}
	if v.hasCells() {
		at := v.o + 2*slot
		copy(p[at+2:v.o+2*n+2], p[at:])
		v.start -= len(cell)
		copy(p[v.start:], cell)
		put16(p[at:], v.start)
		put16(p[offStart:], v.start)
	}
	v.n = n + 1
	put16(p[offN:], v.n)
}

// remove takes entry slot out, and with it child slot+1 of an interior page. size is the cell's.
func (v *view) remove(slot, size int) {
	p, n := v.p, v.n
	if v.hasCells() {
		off := v.offset(slot)
		if off == v.start {
			v.start += size
			put16(p[offStart:], v.start)
		} else {
			put16(p[offGarbage:], v.garbage()+size)
		}
		copy(p[v.o+2*slot:v.o+2*n-2], p[v.o+2*slot+2:])
	}
	if v.kw > 0 {
		copy(p[v.k+v.kw*slot:v.k+v.kw*(n-1)], p[v.k+v.kw*(slot+1):])
	}
	if !v.leaf() {
		copy(p[v.c+4*(slot+1):v.c+4*n], p[v.c+4*(slot+2):])
	}
	v.n = n - 1
	put16(p[offN:], v.n)
	if v.n == 0 && v.hasCells() {
		v.start = v.usable
		put16(p[offStart:], v.start)
		put16(p[offGarbage:], 0)
	}
}

// shrink gives the first less bytes of cell i back.
func (v *view) shrink(i, less int) {
	off := v.offset(i)
	put16(v.p[v.o+2*i:], off+less)
	if off == v.start {
		v.start += less
		put16(v.p[offStart:], v.start)
	} else {
		put16(v.p[offGarbage:], v.garbage()+less)
	}
}

// noteInsert remembers where the last insert went and how long the run of neighbouring inserts is:
// positive when each came behind the one before it, negative when each came in front of it. Splits
// look at it. It is a hint; nothing else depends on it.
func (v *view) noteInsert(slot int) {
	last, run := le16(v.p[offLast:]), int(int8(v.p[offRun]))
	switch {
	case slot == last+1 && v.n > 1:
		run = min(max(run, 0)+1, 100)
	case slot == last && v.n > 1:
		run = max(min(run, 0)-1, -100)
	default:
		run = 0
	}
	put16(v.p[offLast:], slot)
	v.p[offRun] = byte(int8(run))
}

// runMin is from which length on a run counts as a habit.
const runMin = 3

// bias is +1 when entries come in ascending order at slot, -1 when descending, 0 otherwise.
func (v *view) bias(slot int) int {
	last, run := le16(v.p[offLast:]), int(int8(v.p[offRun]))
	switch {
	case slot == last+1 && run >= runMin:
		return 1
	case slot == last && run <= -runMin:
		return -1
	}
	return 0
}

// rebase changes base and width of an integer page so that key fits too, and reports whether there
// was room for the wider keys.
func (v *view) rebase(key int64) bool {
	if v.kw == 8 {
		return true // wide pages hold any key
	}
	low, high := key, key
	if v.n > 0 {
		low, high = min(low, v.intKey(0)), max(high, v.intKey(v.n-1))
	}
	span := uint64(high) - uint64(low)
	if span <= 1<<32-1 {
		base := low
		// Slack below spares descending inserts the next rebase.
		if slack := int64(1 << 16); v.n > 0 && key == low && span <= 1<<32-1-uint64(slack) && low >= minInt64+slack {
			base -= slack
		}
		shift := v.base - uint64(base) // modulo 2^64; the sums fit 32 bits, as span does
		for i := range v.n {
			at := v.p[v.k+4*i:]
			put32(at, le32(at)+uint32(shift))
		}
		v.base = uint64(base)
		put64(v.p[offBase:], v.base)
		return true
	}
	return v.widen()
}

// wideBase is the base of pages with 8-byte keys: no key is below it.
const (
	minInt64 = -1 << 63
	wideBase = uint64(1) << 63
)

// widen turns 4-byte keys into 8-byte ones and reports whether there was room.
func (v *view) widen() bool {
	n, grow := v.n, 4*v.n
	if v.start-v.end+(v.cap-n)*v.entrySize() < grow {
		return false
	}
	v.setCap(n)
	arrays := v.k + 4*n // what lies behind the keys moves up
	copy(v.p[arrays+grow:v.end+grow], v.p[arrays:v.end])
	// From the last to the first: key i is read before 8-byte keys from i on reach it.
	for i := n - 1; i >= 0; i-- {
		put64(v.p[v.k+8*i:], v.base+v.delta(i)-wideBase)
	}
	v.kw, v.base = 8, wideBase
	v.flags |= flagWide
	v.p[offFlags] = v.flags
	put64(v.p[offBase:], wideBase)
	v.c, v.o, v.end = v.c+grow, v.o+grow, v.end+grow
	return true
}

// holds reports whether the deltas of an integer page can express key.
func (v *view) holds(key int64) bool {
	return v.kw == 8 || key >= int64(v.base) && uint64(key)-v.base <= 1<<32-1
}

// cellSize is the size of cell i; a corruption error when it does not fit the page.
func (v *view) cellSize(i int) (int, error) {
	b := v.cell(i)
	if v.kind == fileformat.KindIntLeaf {
		if len(b) > 0 && b[0] < 128 && int(b[0]) < len(b) {
			return 1 + int(b[0]), nil
		}
		if x, ok := decodeBlob(b, 0); ok {
			return x.size, nil
		}
		return 0, v.badCell(i)
	}
	x, ok := decodeBlob(b, v.kw)
	if !ok {
		return 0, v.badCell(i)
	}
	if !v.leaf() {
		return x.size, nil
	}
	y, ok := decodeBlob(b[x.size:], 0)
	if !ok {
		return 0, v.badCell(i)
	}
	return x.size + y.size, nil
}

// badCell is the error for cell i.
func (v *view) badCell(i int) error {
	return corrupt(v.no, int64(v.offset(i)), "cell does not fit its page")
}

// hole is where a cell has lain, among others; size 0 = nowhere.
type hole struct{ off, size int }

// hole is where cell i of size bytes leaves a hole when it goes.
func (v *view) hole(i, size int) hole {
	if off := v.offset(i); v.n > 1 && off > v.start {
		return hole{off, size}
	}
	return hole{}
}

// closeHole gives a hole to the free bytes before the cells.
func (v *view) closeHole(h hole) {
	copy(v.p[v.start+h.size:h.off+h.size], v.p[v.start:h.off])
	for o := v.p[v.o : v.o+2*v.n]; len(o) >= 2; o = o[2:] {
		if at := le16(o); at < h.off {
			put16(o, at+h.size)
		}
	}
	v.start += h.size
	put16(v.p[offStart:], v.start)
	put16(v.p[offGarbage:], v.garbage()-h.size)
}

// defragment packs the cells at the end of the page, so that all free bytes lie together. scratch
// has the size of a page.
func (v *view) defragment(scratch []byte) error {
	copy(scratch, v.p)
	old := *v
	old.p = scratch
	start := v.usable
	for i := range v.n {
		size, err := old.cellSize(i)
		if err != nil {
			return err
		}
		start -= size
		if start < v.end {
			return corrupt(v.no, offStart, "cells overlap")
		}
		off := old.offset(i)
		copy(v.p[start:start+size], scratch[off:off+size])
		put16(v.p[v.o+2*i:], start)
	}
	v.start = start
	put16(v.p[offStart:], start)
	put16(v.p[offGarbage:], 0)
	return nil
}
