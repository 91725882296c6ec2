package btree

import (
	"bytes"

	"github.com/rustlite/rustlite/pager"
)

// A byte page's prefix depends on the fence behind its last entry, which is known only when the next
// entry comes. So a level collects entries, and each arrival answers whether the entries so far would
// fit one page with the fence that the newcomer makes. As long as they do, the newcomer joins; when
// they do not, the page is closed one entry earlier, where they did.

// keyLevel collects the entries of one page of a level.
type keyLevel struct {
	es     []entry
	arena  [2][]byte    // the bytes of the entries; one is copied to the other when a page is closed
	low    entry        // separator that begins the page; klen -1 = none
	next   entry        // leaves: separator in front of the last entry
	bufs   [2][]byte    // the bytes of low and next
	child  pager.PageNo // interior levels: child 0
	pages  int          // pages written
	sum    int          // bytes of the entries if there were no prefix and no heads
	arrays int          // bytes of an entry in the arrays
	short  int          // the shortest key; 0 when a key is long or goes on in overflow pages
}

// Append adds an entry to a byte-key tree. Its key must be greater than the one before.
func (b *Builder) Append(key, payload []byte) error {
	c := &b.c
	switch {
	case c.kind != ByteKey:
		return ErrKind
	case b.done || b.count > 0 && c.order(key, b.last) <= 0:
		return ErrOrder
	case len(payload) > maxBlob || len(key) > keyMax:
		return ErrTooBig
	}
	e := entry{key: key, klen: len(key)}
	var err error
	if len(key) > c.sizes.key {
		if e.krun, err = writeOverflow(c.tx, key[c.sizes.keyHead:], runPagesMax); err != nil {
			return err
		}
		e.key = key[:c.sizes.keyHead]
	}
	if c.cellBuf, err = c.payloadBlob(c.cellBuf[:0], payload, c.sizes.byteCell-keyCellSize(&e, 0, 0)); err != nil {
		return err
	}
	e.cell = c.cellBuf
	b.last = append(b.last[:0], key...)
	b.count++
	if len(b.keys) == 0 {
		b.keys = append(b.keys, &keyLevel{low: entry{klen: -1}, arrays: 6})
	}
	return b.addKey(0, &e)
}

// order compares two whole keys.
func (c *Cursor) order(x, y []byte) int {
	if c.cmp != nil {
		return c.cmp(x, y)
	}
	return bytes.Compare(x, y)
}

// keyPage is the page that the level's entries es make when high, nil = none, ends it.
func (b *Builder) keyPage(level int, high *entry) pageSpec {
	l := b.keys[level]
	spec := pageSpec{kind: b.c.leafKind(), level: uint8(level), plain: b.c.cmp != nil}
	if level > 0 {
		spec.kind = b.c.interiorKind()
	}
	spec.low.no, spec.high.no = l.low.klen < 0, high == nil
	if l.low.klen >= 0 {
		spec.low = b.c.sizes.fenceOf(&l.low)
	}
	if high != nil {
		spec.high = b.c.sizes.fenceOf(high)
	}
	return spec
}

// addKey adds an entry to a level. What it points to is copied.
func (b *Builder) addKey(level int, e *entry) error {
	if level >= maxDepth {
		return corrupt(b.c.root, offLevel, "tree is too deep")
	}
	l := b.keys[level]
	if n := len(l.es); n > 0 {
		high := *e
		if level == 0 {
			var err error
			if high, err = b.c.separator(&l.es[n-1], e, 0); err != nil {
				return err
			}
		}
		spec := b.keyPage(level, &high)
		if n > 1 && !b.surelyFits(&spec, l) && b.c.sizes.pageBytes(&spec, l.es) > b.limit {
			if err := b.closeEarly(level, n-1); err != nil {
				return err
			}
		}
		if level == 0 {
			l.bufs[1] = append(l.bufs[1][:0], high.key...)
			l.next = entry{key: l.bufs[1], klen: high.klen}
		}
		b.c.work.arena = b.c.work.arena[:0]
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
	a = append(append(a, e.key...), e.cell...)
	l.arena[0] = a
	x.key, x.cell = a[at:at+len(e.key):at+len(e.key)], a[at+len(e.key):len(a):len(a)]
	switch {
	case e.krun != 0 || e.klen > blobPlainMax:
		l.short = 0
	case len(l.es) == 0 || e.klen < l.short:
		l.short = e.klen
	}
	l.es = append(l.es, x)
	l.sum += keyCellSize(e, 0, 0) + len(e.cell) + l.arrays
}

// surelyFits spares the exact sum for pages that are not full yet: every key shrinks by the prefix at least, and where
// none is shorter than that, by its head too.
func (b *Builder) surelyFits(spec *pageSpec, l *keyLevel) bool {
	less := b.c.sizes.prefixLen(spec, l.es)
	if !spec.plain && l.short >= less+4 {
		less += 4
	}
	return headerSize+8+len(spec.low.b)+len(spec.high.b)+l.sum-len(l.es)*less <= b.limit
}

// closeEarly writes the level's first n entries as a page: n leaves, or n separators of which the
// last moves up. The rest begins the next page.
func (b *Builder) closeEarly(level, n int) error {
	l := b.keys[level]
	if level > 0 {
		high := l.es[n]
		if err := b.closePage(level, l.es[:n], &high); err != nil {
			return err
		}
		l.child = high.child
		l.cut(n + 1)
		return nil
	}
	high := l.next
	if err := b.c.storeSeparator(&high); err != nil {
		return err
	}
	if err := b.closePage(level, l.es[:n], &high); err != nil {
		return err
	}
	l.cut(n)
	return nil
}

// cut drops the first n entries and moves the rest to a fresh arena.
func (l *keyLevel) cut(n int) {
	rest := l.es[n:]
	l.arena[0], l.arena[1] = l.arena[1][:0], l.arena[0]
	l.es, l.sum = l.es[:0], 0
	for i := range rest {
		l.keep(&rest[i], 0)
	}
}

// closePage writes a page and puts it under the level above. high, nil = none, begins the next page.
func (b *Builder) closePage(level int, es []entry, high *entry) error {
	l := b.keys[level]
	spec := b.keyPage(level, high)
	no, p, err := b.c.tx.Allocate()
	if err != nil {
		return err
	}
	if _, err := b.c.sizes.build(no, p, &spec, l.child, es); err != nil {
		return err
	}
	l.pages++
	if l.pages == 1 {
		b.keys = append(b.keys, &keyLevel{low: entry{klen: -1}, child: no, arrays: 10})
	} else {
		up := l.low
		up.child = no
		if err := b.addKey(level+1, &up); err != nil {
			return err
		}
	}
	if high != nil {
		l.bufs[0] = append(l.bufs[0][:0], high.key...)
		l.low = entry{key: l.bufs[0], klen: high.klen, krun: high.krun}
	}
	return nil
}

// finishKeys writes what the levels still hold and returns the topmost page.
func (b *Builder) finishKeys() (pager.PageNo, error) {
	for level := 0; ; level++ {
		l := b.keys[level]
		spec := b.keyPage(level, nil)
		if b.c.sizes.pageBytes(&spec, l.es) > b.c.sizes.usable {
			// Without a fence behind it the page has a shorter prefix.
			n := len(l.es) - 1
			if level > 0 {
				n--
			}
			if n < 1 {
				return 0, corrupt(b.c.root, offStart, "page cannot be divided")
			}
			if err := b.closeEarly(level, n); err != nil {
				return 0, err
			}
		}
		if err := b.closePage(level, l.es, nil); err != nil {
			return 0, err
		}
		if l.pages == 1 {
			return b.keys[level+1].child, nil
		}
	}
}
