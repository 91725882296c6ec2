package btree

import "bytes"

// The order of keys where a cursor lands and steps (B2). A search proves it of the two entries it
// ends between, as it has looked at both; a step proves it of the entry it leaves and the one it comes
// to. So whatever bytes a page holds, what a cursor answers is in the order of keys, or is
// corruption; entries that damage hides from a search are for the checksum and for Check to find.

// disorder is the error for entry i of a page.
func (v *view) disorder(i int) error {
	return corrupt(v.no, int64(v.k+v.kw*i), "keys out of order")
}

// ascends checks that entry i of the leaf is less than entry i+1.
func (c *Cursor) ascends(i int) error {
	v := &c.v
	switch {
	case c.kind == IntKey:
		if v.intKey(i) < v.intKey(i+1) {
			return nil
		}
		return v.disorder(i + 1)
	case v.kw == 0:
		return c.ascendsHook(i)
	}
	a, b := v.head(i), v.head(i+1)
	if a < b {
		return nil
	}
	if a > b {
		return v.disorder(i + 1)
	}
	return c.ascendsCell(i)
}

// ascendsCell is ascends for two byte keys with equal heads.
func (c *Cursor) ascendsCell(i int) error {
	v := &c.v
	x, ok := decodeBlob(v.cell(i), 4)
	if !ok {
		return v.badCell(i)
	}
	y, ok := decodeBlob(v.cell(i+1), 4)
	if !ok {
		return v.badCell(i + 1)
	}
	if x.total < 4 || y.total < 4 {
		ok = x.total < y.total // The shorter one is a prefix of the longer one.
	} else {
		n := len(y.local)
		if x.run != 0 || y.run != 0 {
			n = min(len(x.local), n)
		}
		r := bytes.Compare(x.local[:min(len(x.local), n)], y.local[:n])
		if r == 0 && (x.run != 0 || y.run != 0) {
			var err error
			if c.probe, err = c.appendKey(c.probe[:0], v, i+1); err != nil {
				return err
			}
			if r, err = c.compareCell(v, i, c.probe[v.pre:]); err != nil {
				return err
			}
		}
		ok = r < 0
	}
	if !ok {
		return v.disorder(i + 1)
	}
	return nil
}

// ascendsHook is ascends for a tree with a compare hook.
func (c *Cursor) ascendsHook(i int) error {
	var err error
	if c.probe, err = c.appendKey(c.probe[:0], &c.v, i); err != nil {
		return err
	}
	if c.pay, err = c.appendKey(c.pay[:0], &c.v, i+1); err != nil {
		return err
	}
	if c.cmp(c.probe, c.pay) >= 0 {
		return c.v.disorder(i + 1)
	}
	return nil
}

// follows checks that entry i of the leaf lies behind the cursor's place K, or in front of it. Leaves
// that meet at a fence do not prove it: their entries may be on its wrong side.
func (c *Cursor) follows(i int, before bool) error {
	v, r := &c.v, 0
	if c.kind == IntKey {
		switch k := v.intKey(i); {
		case k > c.ikey:
			r = 1
		case k < c.ikey:
			r = -1
		}
	} else {
		var err error
		if c.probe, err = c.appendKey(c.probe[:0], v, i); err != nil {
			return err
		}
		r = c.compare(c.probe, c.key)
	}
	if before && r >= 0 || !before && r <= 0 {
		return v.disorder(i)
	}
	return nil
}

// compare orders two whole byte keys of the tree.
func (c *Cursor) compare(a, b []byte) int {
	if c.cmp != nil {
		return c.cmp(a, b)
	}
	return bytes.Compare(a, b)
}
