package btree

import (
	"slices"

	"github.com/rustlite/rustlite/pager"
)

// mend merges or balances the cursor's leaf, which has become underfull, with a neighbour, and the
// pages above it as far as needed. The cursor's path is walked again before its next use.
func (c *Cursor) mend() error {
	if !c.pathFresh() {
		if err := c.descendBroken(); err != nil {
			return err
		}
	}
	defer func() {
		if c.depth > 0 {
			c.leafPath().stamp = stampNever
		}
	}()
	for d := c.depth - 1; d > 0; d-- {
		again, err := c.mendAt(d)
		if err != nil {
			return err
		}
		if !again {
			return nil
		}
	}
	return c.collapse()
}

// descendBroken walks to K when its leaf may be without entries, which an ordinary walk refuses. The
// leaf is known; only the pages above have changed, and a leaf that is now empty was not then.
func (c *Cursor) descendBroken() error {
	leaf, v, slot := *c.leafPath(), c.v, c.slot
	c.allowEmpty = true
	_, err := c.descendPlace()
	c.allowEmpty = false
	if err != nil {
		return err
	}
	if c.leafPath().no != leaf.no || c.slot != slot || c.v.n != v.n {
		return corrupt(leaf.no, 0, "leaf is not where its keys say")
	}
	return nil
}

// pair is two neighbouring pages below one parent.
type pair struct {
	left, right int // child indexes
}

// mendAt merges or balances the page at level d of the path and reports whether the page above needs
// the same now.
func (c *Cursor) mendAt(d int) (bool, error) {
	up := view{no: c.path[d-1].no}
	p, err := c.tx.Write(up.no)
	if err != nil {
		return false, err
	}
	c.path[d-1].page = p
	if !up.parse(p) {
		return false, corruptHeader(up.no, p)
	}
	if up.n == 0 {
		return false, corrupt(up.no, offN, "interior page with one child")
	}
	x, err := c.choosePair(&up, int(c.path[d-1].slot))
	if err != nil {
		return false, err
	}
	return c.joinPair(d, &up, x)
}

// choosePair picks the neighbour of child j: one that it can merge with if there is one.
func (c *Cursor) choosePair(up *view, j int) (pair, error) {
	own, err := c.usedBytes(up, j)
	if err != nil {
		return pair{}, err
	}
	fits := func(k int) (bool, error) {
		n, err := c.usedBytes(up, k)
		return n+own <= c.sizes.usable-headerSize, err
	}
	if j < up.n {
		ok, err := fits(j + 1)
		if ok || err != nil || j == 0 {
			return pair{j, j + 1}, err
		}
		if ok, err := fits(j - 1); ok || err != nil {
			return pair{j - 1, j}, err
		}
		return pair{j, j + 1}, nil
	}
	return pair{j - 1, j}, nil
}

// usedBytes is about what the entries of child j take.
func (c *Cursor) usedBytes(up *view, j int) (int, error) {
	v, err := c.childView(up, j)
	if err != nil {
		return 0, err
	}
	return v.usable - headerSize - v.free(), nil
}

// childView is child j of an interior page.
func (c *Cursor) childView(up *view, j int) (view, error) {
	v := view{no: up.child(j)}
	p, err := c.tx.Page(v.no)
	if err != nil {
		return v, err
	}
	if !v.parse(p) {
		return v, corruptHeader(v.no, p)
	}
	if v.level != up.level-1 || v.ints() != up.ints() {
		return v, corrupt(v.no, offLevel, "level does not follow from the page above")
	}
	return v, nil
}

// joinPair gathers two neighbours and writes them back as one page or as two of about equal size.
func (c *Cursor) joinPair(d int, up *view, x pair) (bool, error) {
	w := c.space()
	var vs [2]view
	for i, j := range []int{x.left, x.right} {
		v, err := c.childView(up, j)
		if err != nil {
			return false, err
		}
		if vs[i], err = w.picture(i, v.no, v.p); err != nil {
			return false, err
		}
	}
	left, right := &vs[0], &vs[1]
	if left.no == right.no || left.plain() != right.plain() {
		return false, corrupt(up.no, int64(up.c+4*x.right), "two children that do not go together")
	}
	if err := w.gather(left); err != nil {
		return false, err
	}
	// The separator between them comes down into interior pages; among leaves it is dropped.
	old, err := c.separatorAt(up, x.left)
	if err != nil {
		return false, err
	}
	if !left.leaf() {
		e := old
		e.child = right.child(0)
		w.es = append(w.es, e)
	}
	if err := w.gather(right); err != nil {
		return false, err
	}
	spec := pageSpec{kind: left.kind, level: left.level, plain: left.plain()}
	spec.low, _ = w.fences(left)
	_, spec.high = w.fences(right)
	var first pager.PageNo
	if !left.leaf() {
		first = left.child(0)
	}
	if c.sizes.pageBytes(&spec, w.es) <= c.sizes.usable {
		return c.merge(d, up, x, vs, &spec, first, &old)
	}
	return false, c.balance(d, up, x, vs, &spec, first, &old)
}

// separatorAt is separator i of an interior page, as an entry.
func (c *Cursor) separatorAt(up *view, i int) (entry, error) {
	e := entry{ikey: 0}
	if up.ints() {
		e.ikey = up.intKey(i)
		return e, nil
	}
	err := c.work.gatherKey(up, i, &e)
	return e, err
}

// dropSeparator takes separator i and the child right of it out of an interior page.
func (c *Cursor) dropSeparator(up *view, i int) error {
	size := 0
	if up.hasCells() {
		var err error
		if size, err = up.cellSize(i); err != nil {
			return err
		}
	}
	up.remove(i, size)
	return nil
}

// freeSeparator gives back the overflow pages of a separator that is no longer used.
func (c *Cursor) freeSeparator(e *entry) error {
	if e.krun == 0 {
		return nil
	}
	return freeOverflow(c.tx, e.krun, e.klen-len(e.key))
}

// merge writes both pages of a pair as the left one.
func (c *Cursor) merge(d int, up *view, x pair, vs [2]view, spec *pageSpec, first pager.PageNo, old *entry) (bool, error) {
	p, err := c.tx.Write(vs[0].no)
	if err != nil {
		return false, err
	}
	if _, err := c.sizes.build(vs[0].no, p, spec, first, c.work.es); err != nil {
		return false, err
	}
	if err := c.dropSeparator(up, x.left); err != nil {
		return false, err
	}
	if spec.level == 0 {
		if err := c.freeSeparator(old); err != nil {
			return false, err
		}
	}
	if err := c.tx.Free(vs[1].no); err != nil {
		return false, err
	}
	return up.underfull(), nil
}

// balance writes the entries of a pair as two pages of about equal size, if that is possible. The
// new separator may be longer than the old one, so the page above may have to be split.
func (c *Cursor) balance(d int, up *view, x pair, vs [2]view, spec *pageSpec, first pager.PageNo, old *entry) error {
	w := c.work
	es := w.es
	var m int
	var sep entry
	var rightChild pager.PageNo
	rest := 0
	if spec.level == 0 {
		var err error
		if m, sep, err = c.chooseCut(spec, es, halfOf(es), 0); err != nil {
			return err
		}
		if m == 0 {
			return nil // both have longer prefixes as they are; this never happens to an empty leaf
		}
		rest = m
	} else {
		var ok bool
		if m, ok = c.chooseUp(spec, es, halfOf(es)); !ok {
			return nil // long separators: the pages stay as they are
		}
		sep = es[m]
		rightChild, rest = sep.child, m+1
	}
	if spec.level == 0 {
		if err := c.storeSeparator(&sep); err != nil {
			return err
		}
	}
	ls, rs := *spec, *spec
	if c.kind == ByteKey {
		ls.high = c.sizes.fenceOf(&sep)
		rs.low = ls.high
	}
	for i, part := range []struct {
		spec  *pageSpec
		child pager.PageNo
		es    []entry
	}{{&ls, first, es[:m]}, {&rs, rightChild, es[rest:]}} {
		p, err := c.tx.Write(vs[i].no)
		if err != nil {
			return err
		}
		if _, err := c.sizes.build(vs[i].no, p, part.spec, part.child, part.es); err != nil {
			return err
		}
	}
	if err := c.dropSeparator(up, x.left); err != nil {
		return err
	}
	if spec.level == 0 {
		if err := c.freeSeparator(old); err != nil {
			return err
		}
	}
	sep.child = vs[1].no
	sep.key = slices.Clone(sep.key)
	return c.addChild(d-1, x.left, &sep)
}

// collapse takes the only child of a root without separators into the root, as often as there is one.
func (c *Cursor) collapse() error {
	for {
		p, err := c.tx.Write(c.root)
		if err != nil {
			return err
		}
		v := view{no: c.root}
		if !v.parse(p) {
			return corruptHeader(c.root, p)
		}
		if v.leaf() || v.n > 0 {
			return nil
		}
		child, err := c.childView(&v, 0)
		if err != nil {
			return err
		}
		count := le64(p[offCount:])
		copy(p[:c.sizes.usable], child.p[:c.sizes.usable])
		put64(p[offCount:], count)
		if err := c.tx.Free(child.no); err != nil {
			return err
		}
	}
}
