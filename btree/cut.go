package btree

// Cut divides the entries of an integer tree with keys from lo to hi, both inclusive, into most parts
// of about the same size, and returns the keys at which all but the first of them begin, in ascending
// order: fewer when there are not so many. entries is about how many there are, from the kept
// count and the shape of the pages on the way to lo and hi. The cursor loses its place.
func (c *Cursor) Cut(lo, hi int64, most int) (cuts []int64, entries int64, err error) {
	if c.kind != IntKey {
		return nil, 0, ErrKind
	}
	defer func() { c.state, c.depth = unset, 0 }()
	n, err := Count(c.tx, c.root)
	if err != nil {
		return nil, 0, err
	}
	var at [2]float64
	for i, key := range []int64{lo, hi} {
		if _, err := c.descendInt(key); err != nil {
			return nil, 0, err
		}
		at[i] = c.fraction()
	}
	entries = int64((at[1] - at[0]) * float64(n))
	for i := 1; i < most; i++ {
		key, err := c.keyAt(at[0] + (at[1]-at[0])*float64(i)/float64(most))
		if err != nil {
			return nil, 0, err
		}
		if key > lo && key <= hi && (len(cuts) == 0 || key > cuts[len(cuts)-1]) {
			cuts = append(cuts, key)
		}
	}
	return cuts, entries, nil
}

// fraction is the part of the tree that lies before the cursor's place, if all pages of a level were
// equally full.
func (c *Cursor) fraction() float64 {
	f, width := 0.0, 1.0
	for i := range c.path[:c.depth-1] {
		l := &c.path[i]
		width /= float64(le16(l.page[offN:]) + 1)
		f += width * float64(l.slot)
	}
	if c.v.n > 0 {
		f += width * float64(c.slot) / float64(c.v.n)
	}
	return f
}

// keyAt is the key before which that part of the tree lies.
func (c *Cursor) keyAt(f float64) (int64, error) {
	c.rootBounds()
	if err := c.setPage(0, c.root); err != nil {
		return 0, err
	}
	d := 0
	for ; !c.v.leaf(); d++ {
		f *= float64(c.v.n + 1)
		j := min(int(f), c.v.n)
		f -= float64(j)
		if err := c.enterInt(d, j); err != nil {
			return 0, err
		}
	}
	if c.v.n == 0 {
		return c.path[d].lo, nil
	}
	return c.v.intKey(min(int(f*float64(c.v.n)), c.v.n-1)), nil
}
