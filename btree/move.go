package btree

import "github.com/rustlite/rustlite/pager/fileformat"

// First moves to the first entry; false = the tree is empty.
func (c *Cursor) First() (bool, error) { return c.edge(false) }

// Last moves to the last entry; false = the tree is empty.
func (c *Cursor) Last() (bool, error) { return c.edge(true) }

func (c *Cursor) edge(last bool) (bool, error) {
	c.state = unset
	c.rootBounds()
	if err := c.setPage(0, c.root); err != nil {
		return false, c.fail(err)
	}
	c.depth = 1
	if !c.v.leaf() {
		j := 0
		if last {
			j = c.v.n
		}
		if err := c.descendEdge(0, j, last); err != nil {
			return false, c.fail(err)
		}
	}
	if c.v.n == 0 {
		c.state = unset
		return false, nil
	}
	if last {
		return c.settle(c.v.n - 1)
	}
	return c.settle(0)
}

// Next moves to the entry after the cursor's place; false = there is none. A Prev then goes back to
// the last entry.
func (c *Cursor) Next() (bool, error) {
	if c.state == onEntry && c.slot+1 < c.v.n && !c.tx.Writable() {
		slot := c.slot + 1
		if c.kind == IntKey {
			k := c.v.intKey(slot)
			if k <= c.ikey {
				return false, c.fail(c.v.disorder(slot))
			}
			c.slot, c.ikey = slot, k
			return true, nil
		}
		if c.v.kw == 0 || c.v.head(slot-1) >= c.v.head(slot) {
			if err := c.ascends(slot - 1); err != nil {
				return false, c.fail(err)
			}
		}
		c.slot, c.keyKnown = slot, false
		return true, nil
	}
	return c.next()
}

func (c *Cursor) next() (bool, error) {
	if err := c.restore(); err != nil {
		return false, err
	}
	slot := c.slot
	switch c.state {
	case unset:
		return false, nil
	case onEntry:
		slot++
	case gone, between, passed, ahead: // Already before the entry behind.
	}
	if slot < c.v.n {
		if c.kind == IntKey && c.state == onEntry {
			k := c.v.intKey(slot)
			if k <= c.ikey {
				return false, c.fail(c.v.disorder(slot))
			}
			c.slot, c.ikey = slot, k
			return true, nil
		}
		return c.step(slot)
	}
	return c.nextLeaf()
}

// step moves to the entry at slot of the leaf, the one behind the cursor's place.
func (c *Cursor) step(slot int) (bool, error) {
	if slot > 0 && (c.state == onEntry || c.state == passed) {
		if err := c.ascends(slot - 1); err != nil {
			return false, c.fail(err)
		}
	}
	return c.settle(slot)
}

// nextLeaf moves to the first entry of the leaf behind this one. At the end of the tree the cursor
// stays behind the last entry.
func (c *Cursor) nextLeaf() (bool, error) {
	if !c.pathFresh() {
		if err := c.reseek(); err != nil {
			return false, err
		}
		slot := c.slot
		if c.state == onEntry {
			slot++
		}
		if slot < c.v.n {
			return c.step(slot)
		}
	}
	d := c.depth - 2
	for d >= 0 && int(c.path[d].slot) >= le16(c.path[d].page[offN:]) {
		d--
	}
	if d < 0 {
		if c.state == onEntry {
			c.slot, c.state = c.v.n, passed
		}
		return false, nil
	}
	return c.sideLeaf(d, int(c.path[d].slot)+1, false)
}

// sideLeaf goes down from level d through child j to the nearest leaf and settles on its nearest
// entry. Leaves must follow each other without a hole or an overlap (B5): a damaged page that leads
// back is noticed, so a scan ends.
func (c *Cursor) sideLeaf(d, j int, last bool) (bool, error) {
	if c.kind == ByteKey && !c.keyKnown {
		if err := c.loadKey(); err != nil {
			return false, c.fail(err)
		}
	}
	from := c.v
	fromLevel := *c.leafPath()
	c.v.no = c.path[d].no
	if !c.v.parse(c.path[d].page) {
		return false, c.fail(corruptHeader(c.path[d].no, c.path[d].page))
	}
	if err := c.descendEdge(d, j, last); err != nil {
		return false, c.fail(err)
	}
	to := c.leafPath()
	if c.kind == IntKey {
		if !last && to.lo-1 != fromLevel.hi || last && to.hi+1 != fromLevel.lo {
			return false, c.fail(corrupt(to.no, 0, "leaf does not follow its neighbour"))
		}
	} else if !last && !fencesMeet(&from, &c.v) || last && !fencesMeet(&c.v, &from) {
		return false, c.fail(corrupt(to.no, offLow, "leaf does not follow its neighbour"))
	}
	slot := 0
	if last {
		slot = c.v.n - 1
	}
	if err := c.follows(slot, last); err != nil {
		return false, c.fail(err)
	}
	return c.settle(slot)
}

// Prev moves to the entry before the cursor's place; false = there is none. A Next then goes back to
// the first entry.
func (c *Cursor) Prev() (bool, error) {
	if err := c.restore(); err != nil {
		return false, err
	}
	if c.state == unset {
		return false, nil
	}
	if c.slot > 0 {
		return c.stepBack()
	}
	return c.prevLeaf()
}

// stepBack moves to the entry of the leaf before the cursor's place.
func (c *Cursor) stepBack() (bool, error) {
	if c.state == onEntry {
		if err := c.ascends(c.slot - 1); err != nil {
			return false, c.fail(err)
		}
	}
	return c.settle(c.slot - 1)
}

func (c *Cursor) prevLeaf() (bool, error) {
	if !c.pathFresh() {
		if err := c.reseek(); err != nil {
			return false, err
		}
		if c.slot > 0 {
			return c.stepBack()
		}
	}
	d := c.depth - 2
	for d >= 0 && c.path[d].slot == 0 {
		d--
	}
	if d < 0 {
		if c.state == onEntry {
			c.state = ahead
		}
		return false, nil
	}
	return c.sideLeaf(d, int(c.path[d].slot)-1, true)
}

// SeekInt moves to the entry with key. When there is none the cursor stands where it would be.
func (c *Cursor) SeekInt(key int64) (bool, error) {
	if c.kind != IntKey {
		return false, ErrKind
	}
	var found bool
	var err error
	if c.tx.Writable() {
		found, err = c.findInt(key)
	} else {
		found, err = c.descendInt(key)
	}
	if err != nil {
		return false, c.fail(err)
	}
	c.ikey, c.state = key, between
	if found {
		c.state = onEntry
	}
	return found, nil
}

// SeekIntGE moves to the first entry whose key is not less than key.
func (c *Cursor) SeekIntGE(key int64) (bool, error) {
	found, err := c.SeekInt(key)
	if found || err != nil {
		return found, err
	}
	return c.next()
}

// SeekIntLE moves to the last entry whose key is not greater than key.
func (c *Cursor) SeekIntLE(key int64) (bool, error) {
	found, err := c.SeekInt(key)
	if found || err != nil {
		return found, err
	}
	return c.Prev()
}

// Seek moves to the entry with key. When there is none the cursor stands where it would be.
func (c *Cursor) Seek(key []byte) (bool, error) {
	if c.kind != ByteKey {
		return false, ErrKind
	}
	found, err := c.descendKey(key)
	if err != nil {
		return false, c.fail(err)
	}
	c.state, c.keyKnown = between, true
	if found {
		c.state, c.keyKnown = onEntry, false
		if c.cmp != nil && c.tx.Writable() {
			return c.settle(c.slot) // the entry's key may be spelled differently
		}
	}
	if !found || c.tx.Writable() {
		c.key, c.keyKnown = append(c.key[:0], key...), true
	}
	return found, nil
}

// SeekGE moves to the first entry whose key is not less than key.
func (c *Cursor) SeekGE(key []byte) (bool, error) {
	found, err := c.Seek(key)
	if found || err != nil {
		return found, err
	}
	return c.next()
}

// SeekLE moves to the last entry whose key is not greater than key.
func (c *Cursor) SeekLE(key []byte) (bool, error) {
	found, err := c.Seek(key)
	if found || err != nil {
		return found, err
	}
	return c.Prev()
}

// IntKey is the key of the entry the cursor is on.
func (c *Cursor) IntKey() int64 { return c.ikey }

// Payload is the whole payload of the entry. The bytes are borrowed until the cursor moves or the
// transaction writes.
func (c *Cursor) Payload() ([]byte, error) {
	if c.state == onEntry && !c.tx.Writable() && c.v.kind == fileformat.KindIntLeaf {
		if p := c.v.wholePayload(c.slot); p != nil {
			return p, nil
		}
	}
	x, err := c.payload()
	if err != nil || x.run == 0 {
		return x.local, err
	}
	c.pay = append(c.pay[:0], x.local...)
	c.pay, err = appendOverflow(c.pay, c.tx, x.run, x.total-len(x.local))
	return c.pay, err
}

// PayloadHead is the part of the payload that lies in the leaf, and the length of the whole.
// Borrowed like Payload's.
func (c *Cursor) PayloadHead() (head []byte, total int, err error) {
	x, err := c.payload()
	return x.local, x.total, err
}

func (c *Cursor) payload() (blob, error) {
	if err := c.restore(); err != nil {
		return blob{}, err
	}
	if c.state != onEntry {
		return blob{}, ErrNoEntry
	}
	return c.v.payload(c.slot)
}

// wholePayload is the payload of entry i of an integer leaf when its length takes one or two bytes
// and all of it is there: nearly always. Otherwise nil, and payload knows the reason.
func (v *view) wholePayload(i int) []byte {
	p := v.p[:v.usable]
	off := v.offset(i)
	if off < v.start || off+2 > len(p) {
		return nil
	}
	n := int(p[off])
	off++
	if n >= 128 {
		w := n&127 | int(p[off])<<7
		if w&1 != 0 || w < 256 || p[off] >= 128 {
			return nil
		}
		n = w >> 1
		off++
	}
	if end := off + n; end <= len(p) {
		return p[off:end:end]
	}
	return nil
}

// payload decodes the payload of entry i of a leaf.
func (v *view) payload(i int) (blob, error) {
	b := v.cell(i)
	if v.kind == fileformat.KindIntLeaf {
		if x, ok := decodeBlob(b, 0); ok {
			return x, nil
		}
		return blob{}, v.badCell(i)
	}
	k, ok := decodeBlob(b, v.kw)
	if ok {
		if x, ok := decodeBlob(b[k.size:], 0); ok {
			return x, nil
		}
	}
	return blob{}, v.badCell(i)
}
