package btree

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/rustlite/rustlite/pager"
)

// keyLevel collects the separators of one interior page of a byte tree. A page's prefix depends on the
// fence behind its last entry, which is known only when the next one comes. So each arrival answers
// whether the separators so far would fit one page with it as the fence. As long as they do, it joins
// them; when they do not, the page is closed one separator earlier, where they did.
type keyLevel struct {
	es    []entry
	arena [2][]byte    // the bytes of the entries; one is copied to the other when a page is closed
	low   entry        // separator that begins the page; klen -1 = none
	buf   []byte       // the bytes of low
	child pager.PageNo // child 0
	pages int          // pages written
}

// Append adds an entry to a byte-key tree. Its key must be greater than the one before.
func (b *Builder) Append(key, payload []byte) error {
	c := &b.c
	switch {
	case c.kind != ByteKey:
		return ErrKind
	case b.done || b.count > 0 && c.order(key, b.lastKey()) <= 0:
		return ErrOrder
	case len(payload) > maxBlob || len(key) > keyMax:
		return ErrTooBig
	}
	local, run := key, pager.PageNo(0)
	var err error
	if len(key) > c.sizes.key {
		local = key[:c.sizes.keyHead]
		if run, err = writeOverflow(c.tx, key[c.sizes.keyHead:], runPagesMax); err != nil {
			return err
		}
	}
	l := &b.leaves
	at := len(l.arena)
	l.arena = append(l.arena, local...)
	end := len(l.arena)
	room := c.sizes.byteCell - blobSize(len(key), len(local), 0, run != 0)
	if l.arena, err = c.payloadBlob(l.arena, payload, room); err != nil {
		return err
	}
	return b.addLeafEntry(at, end, key, run)
}

// appendOld adds an entry of another leaf as it stands there, with its overflow pages. key is whole.
func (b *Builder) appendOld(e *entry, key []byte) error {
	if b.count > 0 && b.c.order(key, b.lastKey()) <= 0 {
		return ErrOrder
	}
	l := &b.leaves
	at := len(l.arena)
	l.arena = append(l.arena, e.key...)
	end := len(l.arena)
	l.arena = append(l.arena, e.cell...)
	return b.addLeafEntry(at, end, key, e.krun)
}

// appendRun adds entries from..to-1 of a leaf in order, as appendOld would, while they are ordinary: local
// and with a head greater than the one before. It returns how many it has added.
func (b *Builder) appendRun(v *view, from, to int) (int, error) {
	if b.c.cmp != nil || from >= to {
		return 0, nil
	}
	l, prefix, last, first := &b.leaves, v.prefix(), uint32(0), b.count > 0
	if len(l.es) == 0 && l.pages == 0 {
		l.begin()
	}
	l.es = slices.Grow(l.es, to-from)
	l.arena = slices.Grow(l.arena, (to-from)*(v.pre+4)+v.usable-v.start)
	for i := from; i < to; i++ {
		key, cell := v.ordinary(i)
		head := v.head(i)
		if cell == nil || i > from && head <= last {
			return i - from, nil
		}
		last = head
		at := len(l.arena)
		l.arena = append(l.arena, prefix...)
		l.arena = binary.BigEndian.AppendUint32(l.arena, head)
		l.arena = append(l.arena, cell...)
		whole := l.arena[at : at+v.pre+key]
		if b.goes != nil {
			if gone, err := b.takesOut(whole); err != nil {
				return 0, err
			} else if gone {
				l.arena = l.arena[:at]
				continue
			}
		}
		if first && bytes.Compare(whole, b.lastKey()) <= 0 {
			return 0, ErrOrder
		}
		first = false
		l.es = l.es[:len(l.es)+1]
		e := &l.es[len(l.es)-1]
		e.at, e.key, e.end, e.klen, e.krun = uint32(at), uint32(at+v.pre+key), uint32(len(l.arena)), uint32(v.pre+key), 0
		l.weigh(e)
		b.count++
		if err := b.closeFull(); err != nil {
			return 0, err
		}
	}
	return to - from, nil
}

// takesOut asks whether an entry with that key is left out.
func (b *Builder) takesOut(key []byte) (bool, error) {
	gone, err := b.goes(key)
	if gone {
		b.went++
	}
	return gone, err
}

// ordinary is, of entry i of a byte leaf, the length of its key behind the prefix, and the bytes of its cell
// behind the head: where key and payload are local, of less than 128 bytes, and the key fills the head; else nil.
func (v *view) ordinary(i int) (int, []byte) {
	b := v.cell(i)
	if len(b) < 2 || b[0] < 4 || b[0] > blobPlainMax {
		return 0, nil
	}
	key := int(b[0])
	at := key - 3 // Of the payload's blob.
	if at >= len(b) || b[at] > blobPlainMax {
		return 0, nil
	}
	end := at + 1 + int(b[at])
	if end > len(b) {
		return 0, nil
	}
	return key, b[1:end]
}

// lastKey is the whole key of the entry that came last.
func (b *Builder) lastKey() []byte {
	l := &b.leaves
	if e := &l.es[len(l.es)-1]; e.krun == 0 {
		return l.arena[e.at:e.key]
	}
	return b.last
}

// order compares two whole keys.
func (c *Cursor) order(x, y []byte) int {
	if c.cmp != nil {
		return c.cmp(x, y)
	}
	return bytes.Compare(x, y)
}

// keyPage is a page of a level that begins with low, klen -1 = none, and that high, nil = none, ends.
func (b *Builder) keyPage(level int, low, high *entry) pageSpec {
	spec := pageSpec{kind: b.c.leafKind(), level: uint8(level), plain: b.c.cmp != nil}
	if level > 0 {
		spec.kind = b.c.interiorKind()
	}
	spec.low.no, spec.high.no = low.klen < 0, high == nil
	if !spec.low.no {
		spec.low = b.c.sizes.fenceOf(low)
	}
	if high != nil {
		spec.high = b.c.sizes.fenceOf(high)
	}
	return spec
}

// addKey adds a separator, and the child right of it, to the pages of a level above the leaves. What
// it points to is copied.
func (b *Builder) addKey(level int, e *entry) error {
	if level >= maxDepth {
		return corrupt(b.c.root, offLevel, "tree is too deep")
	}
	l := b.keys[level-1]
	if n := len(l.es); n > 1 {
		spec := b.keyPage(level, &l.low, e)
		if b.c.sizes.pageBytes(&spec, l.es) > b.limit {
			if err := b.closeEarly(level, n-1); err != nil {
				return err
			}
		}
	}
	l.keep(e, b.c.sizes.usable)
	return nil
}

// keep copies e to the level's entries.
func (l *keyLevel) keep(e *entry, room int) {
	x := *e
	a := l.arena[0]
	if a == nil {
		a = make([]byte, 0, 2*room)
	}
	at := len(a)
	a = append(a, e.key...)
	l.arena[0] = a
	x.key = a[at:len(a):len(a)]
	l.es = append(l.es, x)
}

// closeEarly writes the level's first n separators as a page; the one behind them moves up. The rest
// begins the next page.
func (b *Builder) closeEarly(level, n int) error {
	l := b.keys[level-1]
	high := l.es[n]
	no, p, err := b.c.tx.Allocate()
	if err != nil {
		return err
	}
	spec := b.keyPage(level, &l.low, &high)
	if err := b.closeInterior(level, no, p, &spec, l.es[:n]); err != nil {
		return err
	}
	l.buf = append(l.buf[:0], high.key...)
	l.low = entry{key: l.buf, klen: high.klen, krun: high.krun}
	l.child = high.child
	rest := l.es[n+1:]
	l.arena[0], l.arena[1] = l.arena[1][:0], l.arena[0]
	l.es = l.es[:0]
	for i := range rest {
		l.keep(&rest[i], 0)
	}
	return nil
}

// closeInterior writes a page of a level above the leaves and puts it under the one above.
func (b *Builder) closeInterior(level int, no pager.PageNo, p []byte, spec *pageSpec, es []entry) error {
	l := b.keys[level-1]
	if _, err := b.c.sizes.build(no, p, spec, l.child, es); err != nil {
		return err
	}
	l.pages++
	return b.addPage(level+1, l.pages, &l.low, no)
}

// addPage puts a page, the n-th of its level, under level. low is the separator that it begins with.
func (b *Builder) addPage(level, n int, low *entry, no pager.PageNo) error {
	if n == 1 {
		b.keys = append(b.keys, &keyLevel{low: entry{klen: -1}, child: no})
		return nil
	}
	up := *low
	up.child = no
	return b.addKey(level, &up)
}

// finishKeys writes what the levels still hold and returns the topmost page.
func (b *Builder) finishKeys() (pager.PageNo, error) {
	if err := b.finishLeaves(); err != nil || b.leaves.pages == 1 {
		return b.keys[0].child, err
	}
	for level := 1; ; level++ {
		l := b.keys[level-1]
		spec := b.keyPage(level, &l.low, nil)
		if b.c.sizes.pageBytes(&spec, l.es) > b.c.sizes.usable {
			// Without a fence behind it the page has a shorter prefix.
			n := len(l.es) - 2
			if n < 1 {
				return 0, corrupt(b.c.root, offStart, "page cannot be divided")
			}
			if err := b.closeEarly(level, n); err != nil {
				return 0, err
			}
			spec = b.keyPage(level, &l.low, nil)
		}
		no, p, err := b.c.tx.Allocate()
		if err != nil {
			return 0, err
		}
		if err := b.closeInterior(level, no, p, &spec, l.es); err != nil {
			return 0, err
		}
		if l.pages == 1 {
			return no, nil
		}
	}
}
