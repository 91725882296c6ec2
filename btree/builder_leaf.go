package btree

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/rustlite/rustlite/pager"
)

// leafRun collects the entries of the leaves of a byte tree: those of a page, and some more, until
// they certainly do not fit it. Then the page takes as many of them as do with the fence that the next
// one makes; how much that fence and the page's prefix spare is known only now.
type leafRun struct {
	es    []leafEntry
	arena []byte // the bytes of the entries
	low   entry  // separator that begins the page, from the second page on
	buf   []byte // the bytes of low
	raw   int    // bytes of the entries without a prefix and without heads
	long  bool   // an entry's key has overflow pages, or a length of two bytes
	least int    // length of the shortest key
	spare int    // the page spares at most so many bytes of each key
	pages int    // pages written
}

// leafEntry is an entry of a leafRun: where its key and its payload's blob lie in the arena.
type leafEntry struct {
	at, key, end uint32
	klen         uint32       // length of the whole key
	krun         pager.PageNo // overflow pages with the rest of it
}

// entry is entry i as reshaping knows it.
func (l *leafRun) entry(i int) entry {
	e := &l.es[i]
	return entry{key: l.arena[e.at:e.key], klen: int(e.klen), krun: e.krun, cell: l.arena[e.key:e.end]}
}

// weigh adds an entry, among those at hand, to what is known of them all.
func (l *leafRun) weigh(e *leafEntry) {
	l.least = min(l.least, int(e.klen))
	if e.krun == 0 && e.klen <= blobPlainMax {
		l.raw += 7 + int(e.end-e.at)
		return
	}
	l.long = true
	l.raw += 6 + blobSize(int(e.klen), int(e.key-e.at), 0, e.krun != 0) + int(e.end-e.key)
}

// weighNone forgets it.
func (l *leafRun) weighNone() { l.raw, l.long, l.least = 0, false, math.MaxInt }

// spareAtMost bounds what a page that ends with the last entry spares of each key.
func (b *Builder) spareAtMost() int {
	if b.c.cmp != nil {
		return 0
	}
	l := &b.leaves
	e := &l.es[len(l.es)-1]
	return 4 + commonPrefix(l.low.key, l.arena[e.at:e.key])
}

// addLeafEntry takes an entry whose bytes are the arena's last: the local part of its key from at to
// end, then its payload's blob. key is the whole key, with its rest in run.
func (b *Builder) addLeafEntry(at, end int, key []byte, run pager.PageNo) error {
	l := &b.leaves
	if run != 0 {
		b.last = append(b.last[:0], key...)
	}
	b.count++
	if len(l.es) == 0 && l.pages == 0 {
		l.begin()
	}
	// Made in its place: a copy would read at once what was just written in pieces.
	n := len(l.es)
	l.es = slices.Grow(l.es, 1)[:n+1]
	e := &l.es[n]
	e.at, e.key, e.end, e.klen, e.krun = uint32(at), uint32(end), uint32(len(l.arena)), uint32(len(key)), run
	l.weigh(e)
	return b.closeFull()
}

// begin makes the run that of a tree's first leaf.
func (l *leafRun) begin() {
	l.low.klen = -1
	l.spare = 4
	l.weighNone()
}

// closeFull writes a leaf when there are certainly more entries than fit one.
func (b *Builder) closeFull() error {
	l := &b.leaves
	for len(l.es) > 1 && headerSize+l.raw-len(l.es)*l.spare > b.limit {
		if s := b.spareAtMost(); s < l.spare {
			l.spare = s
			continue
		}
		if err := b.closeLeaf(b.leafCut()); err != nil {
			return err
		}
	}
	return nil
}

// leafCut is how many entries, at least one and not all, the next leaf takes.
func (b *Builder) leafCut() int {
	most := len(b.leaves.es) - 1
	n := most
	for n > 1 { // One always fits a page (B7).
		size := b.cutBytes(n)
		if size <= b.limit {
			break
		}
		n = max(1, min(n-1, n*b.limit/size))
	}
	for n < most && b.cutBytes(n+1) <= b.limit {
		n++
	}
	return n
}

// cutBytes is what a leaf of the first n entries takes.
func (b *Builder) cutBytes(n int) int {
	high, err := b.leafFence(n)
	if err != nil {
		return b.limit + 1 // closeLeaf meets the error again.
	}
	spec := b.keyPage(0, &b.leaves.low, &high)
	return b.leafBytes(&spec, n)
}

// leafFence is the separator in front of entry n > 0.
func (b *Builder) leafFence(n int) (entry, error) {
	b.c.work.arena = b.c.work.arena[:0]
	left, right := b.leaves.entry(n-1), b.leaves.entry(n)
	return b.c.separator(&left, &right, 0)
}

// leafBytes is pageBytes for a leaf of the first n entries.
func (b *Builder) leafBytes(spec *pageSpec, n int) int {
	l := &b.leaves
	pre := b.c.sizes.prefixLen(spec, l.entry(n-1).key)
	per, skip := 6, 4
	if spec.plain {
		per, skip = 2, 0
	}
	sum := spec.fencesEnd(pre) + per*n
	if !l.long && l.least >= pre+skip {
		return sum + int(l.es[n-1].end-l.es[0].at) - n*(pre+skip-1)
	}
	for i := range l.es[:n] {
		e := &l.es[i]
		if rest := int(e.klen) - pre; e.krun == 0 && rest <= blobPlainMax {
			sum += 1 + max(rest-skip, 0)
		} else {
			sum += blobSize(rest, int(e.key-e.at)-pre, skip, e.krun != 0)
		}
		sum += int(e.end - e.key)
	}
	return sum
}

// closeLeaf writes the first n entries, not all, as a page.
func (b *Builder) closeLeaf(n int) error {
	l := &b.leaves
	high, err := b.leafFence(n)
	if err != nil {
		return err
	}
	if err := b.c.storeSeparator(&high); err != nil {
		return err
	}
	if err := b.writeLeaf(&high, n); err != nil {
		return err
	}
	l.buf = append(l.buf[:0], high.key...)
	l.low = entry{key: l.buf, klen: high.klen, krun: high.krun}
	from := l.es[n].at
	l.arena = l.arena[:copy(l.arena, l.arena[from:])]
	l.es = l.es[:copy(l.es, l.es[n:])]
	l.weighNone()
	for i := range l.es {
		e := &l.es[i]
		e.at, e.key, e.end = e.at-from, e.key-from, e.end-from
		l.weigh(e)
	}
	l.spare = b.spareAtMost()
	return nil
}

// writeLeaf writes the first n entries as a page, which high, nil = none, ends, and puts it under the
// level above.
func (b *Builder) writeLeaf(high *entry, n int) error {
	l, s := &b.leaves, &b.c.sizes
	no, p, err := b.c.tx.Allocate()
	if err != nil {
		return err
	}
	spec := b.keyPage(0, &l.low, high)
	format(p, spec.kind, 0, 0)
	s.buildFences(p, &spec, l.entry(n-1).key)
	put16(p[offCap:], n)
	v := view{no: no}
	if b.leafBytes(&spec, n) > s.usable || !v.parse(p) {
		return corrupt(no, offStart, "entries do not fit their page")
	}
	prefix := v.prefix()
	for _, e := range []*leafEntry{&l.es[0], &l.es[n-1]} { // The others lie between them.
		if !bytes.HasPrefix(l.arena[e.at:e.key], prefix) {
			return corrupt(no, offPrefix, "key lies outside the fences of its page")
		}
	}
	short := !l.long && v.kw > 0 && l.least >= v.pre+v.kw
	for i := range l.es[:n] {
		e := &l.es[i]
		if short {
			// A cell is the length, the key behind prefix and head, and the payload as it is.
			key := l.arena[int(e.at)+v.pre : e.end]
			v.start -= len(key) - 3
			p[v.start] = byte(int(e.klen) - v.pre)
			copy(p[v.start+1:], key[4:])
			put16(p[v.o+2*i:], v.start)
			binary.LittleEndian.PutUint32(p[v.k+4*i:], binary.BigEndian.Uint32(key))
			continue
		}
		key := l.arena[int(e.at)+v.pre : e.key]
		total := int(e.klen) - v.pre
		v.start -= blobSize(total, len(key), v.kw, e.krun != 0) + int(e.end-e.key)
		cell := appendBlob(p[v.start:v.start], total, key, v.kw, e.krun)
		copy(p[v.start+len(cell):], l.arena[e.key:e.end])
		put16(p[v.o+2*i:], v.start)
		if v.kw > 0 {
			put32(p[v.k+4*i:], headOf(key))
		}
	}
	put16(p[offN:], n)
	put16(p[offStart:], v.start)
	l.pages++
	return b.addPage(1, l.pages, &l.low, no)
}

// finishLeaves writes the entries that are left. Without a fence behind it the last page may have a
// shorter prefix than one before another.
func (b *Builder) finishLeaves() error {
	for {
		n := len(b.leaves.es)
		spec := b.keyPage(0, &b.leaves.low, nil)
		if n == 1 || b.leafBytes(&spec, n) <= b.c.sizes.usable {
			return b.writeLeaf(nil, n)
		}
		if err := b.closeLeaf(b.leafCut()); err != nil {
			return err
		}
	}
}
