package btree

import (
	"bytes"
	"math"

	"github.com/rustlite/rustlite/pager/invariant"
)

// InsertInt puts key with payload into an integer-key tree, in place of an entry with that key if
// there is one, and moves the cursor to it. payload must not lie in a page of the tree.
//
// After an error other than ErrKind and ErrTooBig the tree may be half changed: the caller rolls back
// to a savepoint or ends the transaction. This holds for every write here.
func (c *Cursor) InsertInt(key int64, payload []byte) error {
	if c.kind != IntKey {
		return ErrKind
	}
	if len(payload) > maxBlob {
		return ErrTooBig
	}
	found, err := c.findInt(key)
	if err != nil {
		return c.fail(err)
	}
	c.ikey = key
	e := entry{ikey: key}
	if c.cellBuf, err = c.payloadBlob(c.cellBuf[:0], payload, c.sizes.intCell); err != nil {
		return c.fail(err)
	}
	e.cell = c.cellBuf
	return c.put(&e, found)
}

// findInt moves to the place of key, by way of the remembered leaf if key lies within its bounds: an
// ascending load never walks down. The pages above must be as they were, as a new neighbour narrows the
// bounds of a leaf that is not written for it.
func (c *Cursor) findInt(key int64) (found bool, err error) {
	if c.state == onEntry && c.ikey == key && c.leafFresh() {
		return true, nil
	}
	if !c.leafFresh() || key < c.leafPath().lo || key > c.leafPath().hi || !c.pathFresh() {
		return c.descendInt(key)
	}
	if v := &c.v; v.n > 0 && key > v.intKey(v.n-1) {
		c.slot = v.n
	} else {
		c.slot, found = v.searchInt(key)
	}
	return found, nil
}

// Insert puts key with payload into a byte-key tree, in place of an entry with an equal key if there
// is one, and moves the cursor to it. Neither may lie in a page of the tree.
func (c *Cursor) Insert(key, payload []byte) error {
	if c.kind != ByteKey {
		return ErrKind
	}
	if len(payload) > maxBlob || len(key) > keyMax {
		return ErrTooBig
	}
	found, err := c.findLeaf(key)
	if err != nil {
		return c.fail(err)
	}
	c.key, c.keyKnown = append(c.key[:0], key...), true
	e := entry{key: c.key, klen: len(key)}
	if len(key) > c.sizes.key {
		if e.krun, err = writeOverflow(c.tx, key[c.sizes.keyHead:], runPagesMax); err != nil {
			return c.fail(err)
		}
		e.key = e.key[:c.sizes.keyHead]
	}
	room := c.sizes.byteCell - keyCellSize(&e, 0, 0)
	if c.cellBuf, err = c.payloadBlob(c.cellBuf[:0], payload, room); err != nil {
		return c.fail(err)
	}
	e.cell = c.cellBuf
	return c.put(&e, found)
}

// findLeaf moves to the place of key, by way of the remembered leaf if key lies between its fences.
func (c *Cursor) findLeaf(key []byte) (found bool, err error) {
	v := &c.v
	if c.leafFresh() && v.n > 0 && v.flags&flagHighCut == 0 && v.flags&flagLowCut == 0 {
		// A fence that is stored whole answers exactly.
		ok, err := c.within(v, key)
		if err != nil {
			return false, err
		}
		if ok {
			c.slot, found, err = c.searchKey(v, key)
			return found, err
		}
	}
	return c.descendKey(key)
}

// payloadBlob appends the blob of payload, with its tail in overflow pages when it takes more than
// room bytes. As much stays in the cell as makes the overflow pages full.
func (c *Cursor) payloadBlob(dst, payload []byte, room int) ([]byte, error) {
	n := len(payload)
	if n < 128 && n < room || blobSize(n, n, 0, false) <= room {
		return appendBlob(dst, n, payload, 0, 0), nil
	}
	room -= blobVarintMax + 6
	head := min(c.sizes.head, room)
	if full := head + (n-head)%c.sizes.overflow; full <= room {
		head = full
	}
	run, err := writeOverflow(c.tx, payload[head:], runPagesMax)
	if err != nil {
		return dst, err
	}
	return appendBlob(dst, n, payload[:head], 0, run), nil
}

// put stores e at the cursor's slot, in place of the entry there if found.
func (c *Cursor) put(e *entry, found bool) error {
	l := c.leafPath()
	// The hole is of this page, as it is now, and of no later picture of it.
	var h hole
	if c.left.size > 0 && c.left.no == l.no && c.left.stamp == c.tx.Stamp(l.no) {
		h = c.left.hole
	}
	c.left.size = 0
	p, err := c.tx.Write(l.no)
	if err != nil {
		return c.fail(err)
	}
	l.page, c.v.p = p, p
	if c.v.n == 0 {
		c.adoptHook()
	}
	if found {
		var done bool
		if h, done, err = c.replace(e); done || err != nil {
			return err
		}
	}
	done, err := c.putInPage(e, h)
	if err != nil {
		return c.fail(err)
	}
	if !done {
		bias := c.v.bias(c.slot)
		if err := c.split(e, found); err != nil {
			return c.fail(err)
		}
		if err := c.keepRun(bias); err != nil {
			return c.fail(err)
		}
	} else if !found {
		c.v.noteInsert(c.slot)
	}
	if !found {
		if err := c.addCount(1); err != nil {
			return c.fail(err)
		}
	}
	return c.wrote()
}

// keepRun tells the leaf that holds the entry after a split that the run of inserts goes on there.
func (c *Cursor) keepRun(bias int) error {
	if bias == 0 {
		return nil
	}
	l := c.leafPath()
	p, err := c.tx.Write(l.no)
	if err != nil {
		return err
	}
	l.page, c.v.p = p, p
	put16(p[offLast:], c.slot)
	p[offRun] = byte(int8(bias * runMin))
	return nil
}

// wrote ends a change: the cursor is on an entry of a leaf that it has changed itself.
func (c *Cursor) wrote() error {
	c.state = onEntry
	l := c.leafPath()
	l.stamp = c.tx.Stamp(l.no)
	if invariant.Enabled {
		c.assertPlace()
	}
	return nil
}

// assertPlace checks the entry that has just been written. Its neighbours may be foreign bytes, on
// which no assertion may rest.
func (c *Cursor) assertPlace() {
	v, i := &c.v, c.slot
	invariant.Check(i < v.n && v.end <= v.start, "B1: the new entry lies in its page")
	invariant.Check(c.kind == ByteKey || v.intKey(i) == c.ikey, "B9: the cursor is on the entry that it has written")
}

// adoptHook makes the empty root of a byte-key tree a plain page, or not, as the cursor wants it: a
// tree is told about its hook by its first entry.
func (c *Cursor) adoptHook() {
	if v := &c.v; c.kind == ByteKey && v.plain() != (c.cmp != nil) {
		v.p[offFlags] ^= flagPlain
		put16(v.p[offCap:], 0)
		v.parse(v.p)
	}
}

// replace puts e over the entry at slot when it takes no more space, or takes that entry out, which
// leaves a hole.
func (c *Cursor) replace(e *entry) (h hole, done bool, err error) {
	v := &c.v
	size, err := v.cellSize(c.slot)
	if err != nil {
		return h, false, c.fail(err)
	}
	if err := freeCell(c.tx, &c.v, c.slot); err != nil {
		return h, false, c.fail(err)
	}
	less := size - c.entryCellSize(e)
	if less < 0 {
		h = v.hole(c.slot, size)
		v.remove(c.slot, size)
		return h, false, nil
	}
	if less > 0 {
		v.shrink(c.slot, less)
	}
	if c.kind == ByteKey {
		e.cell = c.wholeCell(e)
		if v.kw > 0 {
			put32(v.p[v.k+4*c.slot:], headOf(e.key[v.pre:]))
		}
	}
	copy(v.p[v.offset(c.slot):], e.cell)
	return h, true, c.wrote()
}

// entryCellSize is the size of the cell that e makes in the cursor's leaf.
func (c *Cursor) entryCellSize(e *entry) int {
	if c.kind == IntKey {
		return len(e.cell)
	}
	if len(e.key) < c.v.pre {
		return math.MaxInt32
	}
	return keyCellSize(e, c.v.pre, c.v.kw) + len(e.cell)
}

// wholeCell is the cell that e makes in the cursor's leaf, key and payload.
func (c *Cursor) wholeCell(e *entry) []byte {
	n := len(c.cellBuf) // the payload's blob lies in the same buffer
	c.cellBuf = appendBlob(c.cellBuf, e.klen-c.v.pre, e.key[c.v.pre:], c.v.kw, e.krun)
	c.cellBuf = append(c.cellBuf, e.cell...)
	return c.cellBuf[n:]
}

// putInPage stores e at slot of the leaf if the page has room for it, with that of h.
func (c *Cursor) putInPage(e *entry, h hole) (bool, error) {
	v := &c.v
	var key uint64
	if c.kind == IntKey {
		if !v.holds(e.ikey) && !v.rebase(e.ikey) {
			return false, nil
		}
		key = uint64(e.ikey) - v.base
	} else {
		if v.pre > 0 && (len(e.key) < v.pre || !bytes.Equal(e.key[:v.pre], v.prefix())) {
			return false, nil
		}
		if v.kw > 0 {
			key = uint64(headOf(e.key[v.pre:]))
		}
	}
	size := c.entryCellSize(e)
	if invariant.Enabled && invariant.Sometimes(3) && v.n > 0 {
		if err := v.defragment(c.space().scratch[0]); err != nil {
			return false, err
		}
		h = hole{}
	}
	if !v.fits(size) {
		if v.free() < v.entrySize()+size {
			return false, nil
		}
		if h.size > 0 {
			v.closeHole(h)
		}
		if !v.fits(size) {
			if err := v.defragment(c.space().scratch[0]); err != nil {
				return false, err
			}
		}
		if !v.fits(size) {
			return false, corrupt(v.no, offGarbage, "wrong number of free bytes")
		}
	}
	cell := e.cell
	if c.kind == ByteKey {
		cell = c.wholeCell(e)
	}
	v.place(c.slot, key, 0, cell)
	return true, nil
}

// addCount changes the entry count in the root page (B6).
func (c *Cursor) addCount(d int64) error {
	p := c.v.p
	if c.depth > 1 || c.leafPath().no != c.root {
		l, err := &c.path[0], error(nil)
		fresh := l.no == c.root && l.stamp == c.tx.Stamp(c.root)
		if p, err = c.tx.WriteCounter(c.root); err != nil {
			return err
		}
		if fresh { // The count is no part of the way down.
			l.page, l.stamp = p, c.tx.Stamp(c.root)
		}
	}
	n := le64(p[offCount:]) + uint64(d)
	if int64(n) < 0 {
		return corrupt(c.root, offCount, "entry count is wrong")
	}
	put64(p[offCount:], n)
	return nil
}

// Delete removes the entry the cursor is on. Next goes to the entry after it then, Prev to the one
// before. ErrNoEntry when it is on none.
func (c *Cursor) Delete() error {
	if err := c.restore(); err != nil {
		return err
	}
	if c.state != onEntry {
		return ErrNoEntry
	}
	if c.kind == ByteKey && !c.keyKnown {
		if err := c.loadKey(); err != nil {
			return c.fail(err)
		}
	}
	l := c.leafPath()
	p, err := c.tx.Write(l.no)
	if err != nil {
		return c.fail(err)
	}
	l.page, c.v.p = p, p
	size, err := c.v.cellSize(c.slot)
	if err != nil {
		return c.fail(err)
	}
	if err := freeCell(c.tx, &c.v, c.slot); err != nil {
		return c.fail(err)
	}
	h := c.v.hole(c.slot, size)
	c.v.remove(c.slot, size)
	if err := c.addCount(-1); err != nil {
		return c.fail(err)
	}
	c.state = between
	l.stamp = c.tx.Stamp(l.no)
	c.left = leftHole{no: l.no, stamp: l.stamp, hole: h}
	if c.depth > 1 && c.v.underfull() {
		if err := c.mend(); err != nil {
			return c.fail(err)
		}
	}
	return nil
}

// underfull reports a page that is less than 40 % full: it is merged or balanced with a neighbour.
func (v *view) underfull() bool { return v.n == 0 || v.free() > (v.usable-headerSize)*6/10 }
