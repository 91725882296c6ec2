package btree

import (
	"bytes"
)

// Byte keys: search in a page, descent, and keys put together from prefix, head, cell and overflow pages.

// fenceHead is the head, as the page with prefix length pos above would store it, of a fence that
// consists of prefix and rest.
func fenceHead(prefix, rest []byte, pos int) uint32 {
	if pos == len(prefix) {
		return headOf(rest)
	}
	var b [4]byte
	n := 0
	if pos < len(prefix) {
		n = copy(b[:], prefix[pos:])
		pos = len(prefix)
	}
	if at := pos - len(prefix); n < 4 && at < len(rest) {
		copy(b[n:], rest[at:])
	}
	return headOf(b[:])
}

// fencesMeet reports whether the high fence of a is the low fence of b.
func fencesMeet(a, b *view) bool {
	if (a.flags|b.flags)&flagPlain != 0 && a.flags&flagPlain != b.flags&flagPlain {
		return false
	}
	if a.flags&flagNoHigh != 0 || b.flags&flagNoLow != 0 || (a.flags&flagHighCut != 0) != (b.flags&flagLowCut != 0) {
		return false
	}
	if a.pre+a.high != b.pre+b.low {
		return false
	}
	x := b.lowFence()
	return bytes.Equal(x[:a.pre], a.prefix()) && bytes.Equal(x[a.pre:], a.highRest())
}

// within checks that key lies between the fences of a page (B4). It is a necessary condition alone
// where a fence is cut.
func (c *Cursor) within(v *view, key []byte) (bool, error) {
	if v.plain() {
		return c.withinHook(v, key), nil
	}
	if len(key) < v.pre || !bytes.Equal(key[:v.pre], v.prefix()) {
		// Only the last page of a level has a prefix that its fences do not prove.
		if v.flags&flagNoHigh == 0 || bytes.Compare(key, v.lowFence()) < 0 {
			return false, nil
		}
		return true, nil
	}
	rest := key[v.pre:]
	if v.flags&flagNoLow == 0 && bytes.Compare(rest, v.lowRest()) < 0 {
		return false, nil
	}
	if v.flags&flagNoHigh != 0 {
		return true, nil
	}
	switch x := bytes.Compare(rest, v.highRest()); {
	case x < 0:
		return true, nil
	case v.flags&flagHighCut == 0:
		return false, nil
	default:
		// The fence goes on behind what is stored; a key that begins like it may be below it.
		return bytes.HasPrefix(rest, v.highRest()), nil
	}
}

func (c *Cursor) withinHook(v *view, key []byte) bool {
	if v.flags&(flagNoLow|flagLowCut) == 0 && c.cmp(key, v.lowRest()) < 0 {
		return false
	}
	return v.flags&(flagNoHigh|flagHighCut) != 0 || c.cmp(key, v.highRest()) < 0
}

// enterKey steps from the interior page in the view, at level d, to its child j, and checks the
// child's fences against the separators left and right of it: by their heads, which are at hand.
// Check compares them whole.
func (c *Cursor) enterKey(d, j int) error {
	c.path[d].slot = int32(j)
	up := c.v
	if err := c.setPage(d+1, up.child(j)); err != nil {
		return err
	}
	v := &c.v
	var ok bool
	if j == 0 {
		ok = (up.flags^v.flags)&(flagNoLow|flagLowCut) == 0 && up.pre+up.low == v.pre+v.low
	} else {
		ok = v.flags&flagNoLow == 0
		if up.kw != 0 {
			ok = ok && fenceHead(v.prefix(), v.lowRest(), up.pre) == up.head(j-1)
		}
	}
	if !ok {
		return corrupt(v.no, offLow, "low fence is not the separator of the page above")
	}
	if j == up.n {
		ok = (up.flags^v.flags)&(flagNoHigh|flagHighCut) == 0 && (v.flags&flagNoHigh != 0 || up.pre+up.high == v.pre+v.high)
	} else {
		ok = v.flags&flagNoHigh == 0
		if up.kw != 0 {
			ok = ok && fenceHead(v.prefix(), v.highRest(), up.pre) == up.head(j)
		}
	}
	if !ok {
		return corrupt(v.no, offHigh, "high fence is not the separator of the page above")
	}
	return nil
}

// descendKey is descendInt for byte keys.
func (c *Cursor) descendKey(key []byte) (bool, error) {
	c.rootBounds()
	if err := c.setPage(0, c.root); err != nil {
		return false, err
	}
	for d := 0; ; d++ {
		if ok, err := c.within(&c.v, key); err != nil {
			return false, err
		} else if !ok {
			return false, corrupt(c.v.no, offLow, "key lies outside the fences of its page")
		}
		slot, eq, err := c.searchKey(&c.v, key)
		if err != nil {
			return false, err
		}
		if c.v.leaf() {
			c.depth, c.slot = d+1, slot
			return eq, nil
		}
		if eq {
			slot++
		}
		if err := c.enterKey(d, slot); err != nil {
			return false, err
		}
	}
}

// searchKey is the first slot whose key is not less than key, and whether it is equal.
func (c *Cursor) searchKey(v *view, key []byte) (int, bool, error) {
	if v.plain() {
		return c.searchHook(v, key)
	}
	if len(key) < v.pre || v.pre > 0 && v.flags&flagNoHigh != 0 && !bytes.Equal(key[:v.pre], v.prefix()) {
		// The last leaf's keys share a prefix and this key is not below them (within).
		if bytes.Compare(key, v.prefix()) < 0 {
			return 0, false, nil
		}
		return v.n, false, nil
	}
	rest := key[v.pre:]
	h := headOf(rest)
	lo, hi := v.headsOf(h)
	if hi < 0 {
		return 0, false, v.disorder(lo)
	}
	one := hi-lo == 1
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if !one && v.head(m) != h {
			return 0, false, v.disorder(m)
		}
		x, err := c.compareCell(v, m, rest)
		if err != nil {
			return 0, false, err
		}
		if x < 0 {
			lo = m + 1
		} else if x > 0 {
			hi = m
		} else {
			return m, true, nil
		}
	}
	return lo, false, nil
}

func (c *Cursor) searchHook(v *view, key []byte) (int, bool, error) {
	lo, hi := 0, v.n
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		var err error
		if c.probe, err = c.appendKey(c.probe[:0], v, m); err != nil {
			return 0, false, err
		}
		x := c.cmp(c.probe, key)
		if x < 0 {
			lo = m + 1
		} else if x > 0 {
			hi = m
		} else {
			return m, true, nil
		}
	}
	return lo, false, nil
}

// compareCell compares key i of a page with a key whose bytes after the prefix are rest, when their
// heads are equal.
func (c *Cursor) compareCell(v *view, i int, rest []byte) (int, error) {
	x, ok := decodeBlob(v.cell(i), 4)
	if !ok {
		return 0, v.badCell(i)
	}
	if x.total < 4 || len(rest) < 4 {
		// Equal heads: the shorter key is a prefix of the longer one, as zeros stand behind it.
		return x.total - len(rest), nil
	}
	rest = rest[4:]
	if x.run == 0 {
		return bytes.Compare(x.local, rest), nil
	}
	if len(rest) <= len(x.local) {
		if r := bytes.Compare(x.local, rest); r != 0 {
			return r, nil
		}
		return 1, nil
	}
	if r := bytes.Compare(x.local, rest[:len(x.local)]); r != 0 {
		return r, nil
	}
	return compareOverflow(c.tx, x.run, x.total-4-len(x.local), rest[len(x.local):])
}

// appendLocalKey appends the part of key i that lies in the page, prefix and head included, and
// returns the decoded blob beside it.
func (v *view) appendLocalKey(dst []byte, i int) ([]byte, blob, error) {
	b := v.cell(i)
	x, ok := decodeBlob(b, v.kw)
	if !ok || v.pre+x.total > maxBlob {
		return dst, x, v.badCell(i)
	}
	if v.kw == 0 {
		return append(dst, x.local...), x, nil
	}
	dst = append(dst, v.prefix()...)
	h := v.head(i)
	dst = append(dst, byte(h>>24), byte(h>>16), byte(h>>8), byte(h))
	if x.total < 4 {
		// Zeros stand behind a short key; anything else was a longer one, and
		// searches have gone by it.
		if h<<(8*x.total) != 0 {
			return dst, x, v.badCell(i)
		}
		return dst[:len(dst)-4+x.total], x, nil
	}
	return append(dst, x.local...), x, nil
}

// appendKey appends the whole key i.
func (c *Cursor) appendKey(dst []byte, v *view, i int) ([]byte, error) {
	dst, x, err := v.appendLocalKey(dst, i)
	if err != nil || x.run == 0 {
		return dst, err
	}
	return appendOverflow(dst, c.tx, x.run, x.total-v.kw-len(x.local))
}

// loadKey puts K, the key of the entry the state speaks of, into c.key.
func (c *Cursor) loadKey() error {
	i := c.slot
	if c.state == passed {
		i--
	}
	if i < 0 || i >= c.v.n {
		return corrupt(c.v.no, offN, "page lost entries under a cursor")
	}
	var err error
	c.key, err = c.appendKey(c.key[:0], &c.v, i)
	c.keyKnown = err == nil
	return err
}

// Key is the whole key of the entry of a byte-key tree. Borrowed until the cursor moves.
func (c *Cursor) Key() ([]byte, error) {
	if c.kind != ByteKey {
		return nil, ErrKind
	}
	if err := c.restore(); err != nil {
		return nil, err
	}
	if c.state != onEntry {
		return nil, ErrNoEntry
	}
	if !c.keyKnown {
		if err := c.loadKey(); err != nil {
			return nil, c.fail(err)
		}
	}
	return c.key, nil
}
