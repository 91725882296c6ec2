package btree

import (
	"slices"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// leafKind and interiorKind are the page kinds of the cursor's tree.
func (c *Cursor) leafKind() fileformat.Kind {
	if c.kind == IntKey {
		return fileformat.KindIntLeaf
	}
	return fileformat.KindByteLeaf
}

func (c *Cursor) interiorKind() fileformat.Kind {
	if c.kind == IntKey {
		return fileformat.KindIntInterior
	}
	return fileformat.KindByteInterior
}

// split stores e at the cursor's slot of a leaf that has no room for it, by making two pages of the
// leaf, and walks to the entry again. found says that e replaces an entry, which is out already.
func (c *Cursor) split(e *entry, found bool) error {
	if !c.pathFresh() {
		if _, err := c.descendPlace(); err != nil {
			return err
		}
		// The walk may have gone through a page that was not private before.
		l := c.leafPath()
		p, err := c.tx.Write(l.no)
		if err != nil {
			return err
		}
		l.page, c.v.p = p, p
	}
	if err := c.splitLeaf(e, found); err != nil {
		return err
	}
	ok, err := c.descendPlace()
	if err == nil && !ok {
		err = corrupt(c.v.no, offN, "entry is lost after a split")
	}
	return err
}

func (c *Cursor) splitLeaf(e *entry, found bool) error {
	c.splits++
	bias := 0
	last := c.lastAt(c.depth-1) && c.slot == c.v.n
	if !found {
		bias = c.v.bias(c.slot)
	}
	if c.kind == IntKey && c.slot == c.v.n && c.v.n > 0 && (last || bias > 0) {
		return c.appendLeaf(e)
	}
	w := c.space()
	l := c.leafPath()
	old, err := w.picture(0, l.no, l.page)
	if err != nil {
		return err
	}
	if err := w.gather(&old); err != nil {
		return err
	}
	low, high := w.fences(&old)
	w.es = slices.Insert(w.es, c.slot, *e)
	spec := pageSpec{kind: old.kind, plain: old.plain(), low: low, high: high}
	if old.pre > 0 && high.no && c.sizes.pageBytes(&spec, w.es) <= c.sizes.usable {
		// The entry did not share the prefix of the last leaf: with a shorter one there is room.
		_, err := c.sizes.build(l.no, l.page, &spec, 0, w.es)
		return err
	}
	at := c.cutAt(w.es, c.slot, bias, last)
	m, sep, err := c.chooseCut(&spec, w.es, at, old.pre)
	if err != nil {
		return err
	}
	if m == 0 {
		return corrupt(l.no, offStart, "page cannot be divided") // B7 says it can
	}
	return c.divide(c.depth-1, &spec, 0, w.es[:m], &sep, w.es[m:], 0)
}

// cutAt is where a leaf with the entries es is cut, the one at slot being new: the first entry of the
// right page. A run of neighbouring inserts is parted from the entries in its way, so that it fills
// whole pages from then on.
func (c *Cursor) cutAt(es []entry, slot, bias int, last bool) int {
	n := len(es)
	switch {
	case last:
		return n - 1
	case bias > 0 && n-slot > n/8:
		return slot + 1 // the rest of the run fills up the left page
	case bias > 0:
		return slot // a short tail is cheaper carried along than left alone
	case bias < 0 && slot > n/8:
		return slot
	case bias < 0:
		return slot + 1
	}
	return halfOf(es)
}

// halfOf is the cut that makes both sides about equal in bytes.
func halfOf(es []entry) int {
	total := 0
	weight := func(e *entry) int { return 10 + len(e.cell) + len(e.key) }
	for i := range es {
		total += weight(&es[i])
	}
	sum := 0
	for i := range es {
		if sum += weight(&es[i]); 2*sum >= total {
			return max(min(i+1, len(es)-1), 1)
		}
	}
	return 1
}

// cutWindow is how many entries to either side of a half cut are looked at for a shorter separator.
const cutWindow = 4

// chooseCut finds a cut near at whose two pages fit, and its separator. keep is the prefix that the
// page has now. The cut is 0 when there is none.
func (c *Cursor) chooseCut(spec *pageSpec, es []entry, at, keep int) (int, entry, error) {
	at = max(min(at, len(es)-1), 1)
	if c.kind == ByteKey && c.cmp == nil && at > cutWindow && at+cutWindow < len(es) {
		at = shortestCut(es, at)
	}
	mark := len(c.work.arena)
	for _, keep := range []int{0, keep} {
		for d := 0; at-d >= 1 || at+d < len(es); d++ {
			for _, m := range []int{at + d, at - d} {
				if m < 1 || m >= len(es) {
					continue
				}
				sep, err := c.separator(&es[m-1], &es[m], keep)
				if err != nil {
					return 0, sep, err
				}
				if c.cutFits(spec, es, m, &sep) {
					return m, sep, nil
				}
				c.work.arena = c.work.arena[:mark]
			}
		}
	}
	return 0, entry{}, nil
}

// cutFits reports whether both pages of a cut fit.
func (c *Cursor) cutFits(spec *pageSpec, es []entry, m int, sep *entry) bool {
	left, right := *spec, *spec
	if c.kind == ByteKey {
		left.high = c.sizes.fenceOf(sep)
		right.low = left.high
	}
	return c.sizes.pageBytes(&left, es[:m]) <= c.sizes.usable && c.sizes.pageBytes(&right, es[m:]) <= c.sizes.usable
}

// shortestCut looks around at for the cut with the shortest separator.
func shortestCut(es []entry, at int) int {
	best, bestLen := at, 1<<30
	for d := 0; d <= cutWindow; d++ {
		for _, m := range []int{at - d, at + d} {
			if n := commonPrefix(es[m-1].key, es[m].key); n < bestLen {
				best, bestLen = m, n
			}
		}
	}
	return best
}

// divide writes the page at level d of the path as two: left in its place, right in a fresh page
// behind it, with sep between them in the page above. The root stays the root: its content moves to
// a fresh page first. leftChild and rightChild are the children 0 of interior pages.
func (c *Cursor) divide(d int, spec *pageSpec, leftChild pager.PageNo, left []entry, sep *entry, right []entry, rightChild pager.PageNo) error {
	if err := c.storeSeparator(sep); err != nil {
		return err
	}
	no := c.path[d].no
	above, j := d-1, 0
	if d == 0 {
		var err error
		if no, err = c.deepen(spec); err != nil {
			return err
		}
		above = 0
	} else {
		j = int(c.path[above].slot)
	}
	rightNo, rp, err := c.tx.Allocate()
	if err != nil {
		return err
	}
	lp, err := c.tx.Write(no)
	if err != nil {
		return err
	}
	ls, rs := *spec, *spec
	if c.kind == ByteKey {
		ls.high = c.sizes.fenceOf(sep)
		rs.low = ls.high
	}
	if _, err := c.sizes.build(no, lp, &ls, leftChild, left); err != nil {
		return err
	}
	if _, err := c.sizes.build(rightNo, rp, &rs, rightChild, right); err != nil {
		return err
	}
	sep.child = rightNo
	return c.addChild(above, j, sep)
}

// deepen makes the root an interior page with one child, a fresh page whose content the caller
// writes. The root's number and entry count stay (B6).
func (c *Cursor) deepen(spec *pageSpec) (pager.PageNo, error) {
	if int(spec.level)+2 >= maxDepth {
		return 0, corrupt(c.root, offLevel, "tree is too deep")
	}
	no, p, err := c.tx.Allocate()
	if err != nil {
		return 0, err
	}
	rp, err := c.tx.Write(c.root)
	if err != nil {
		return 0, err
	}
	copy(p[:c.sizes.usable], rp[:c.sizes.usable])
	put64(p[offCount:], 0)
	root := pageSpec{kind: c.interiorKind(), level: spec.level + 1, plain: spec.plain}
	root.low.no, root.high.no = true, true
	_, err = c.sizes.build(c.root, rp, &root, no, nil)
	return no, err
}

// appendLeaf puts e alone into a fresh leaf behind the cursor's: an ascending load leaves full pages
// and does not touch them again.
func (c *Cursor) appendLeaf(e *entry) error {
	above, j := c.depth-2, 0
	if c.depth == 1 {
		if _, err := c.deepen(&pageSpec{}); err != nil {
			return err
		}
		above = 0
	} else {
		j = int(c.path[above].slot)
	}
	no, p, err := c.tx.Allocate()
	if err != nil {
		return err
	}
	spec := pageSpec{kind: c.leafKind()}
	if _, err := c.sizes.build(no, p, &spec, 0, []entry{*e}); err != nil {
		return err
	}
	return c.addChild(above, j, &entry{ikey: e.ikey, child: no})
}

// addChild puts a separator and the child right of it behind child j of the interior page at level d
// of the path.
func (c *Cursor) addChild(d, j int, e *entry) error {
	l := &c.path[d]
	p, err := c.tx.Write(l.no)
	if err != nil {
		return err
	}
	l.page = p
	v := view{no: l.no}
	if !v.parse(p) {
		return corruptHeader(l.no, p)
	}
	if done, err := c.childInPage(&v, j, e); done || err != nil {
		return err
	}
	return c.splitInterior(d, j, e)
}

// childInPage is addChild when the page has room.
func (c *Cursor) childInPage(v *view, j int, e *entry) (bool, error) {
	var key uint64
	var cell []byte
	if c.kind == IntKey {
		if !v.holds(e.ikey) && !v.rebase(e.ikey) {
			return false, nil
		}
		key = uint64(e.ikey) - v.base
	} else {
		if commonPrefix(e.key, v.prefix()) < v.pre {
			return false, corrupt(v.no, offPrefix, "separator lies outside the fences of its page")
		}
		if v.kw > 0 {
			key = uint64(headOf(e.key[v.pre:]))
		}
		cell = appendBlob(nil, e.klen-v.pre, e.key[v.pre:], v.kw, e.krun)
	}
	if !v.fits(len(cell)) {
		if !v.hasCells() || v.free() < v.entrySize()+len(cell) {
			return false, nil
		}
		if err := v.defragment(make([]byte, len(v.p))); err != nil {
			return false, err
		}
		if !v.fits(len(cell)) {
			return false, corrupt(v.no, offGarbage, "wrong number of free bytes")
		}
	}
	v.place(j, key, e.child, cell)
	return true, nil
}

// splitInterior is addChild when the page has no room: one separator moves up.
func (c *Cursor) splitInterior(d, j int, e *entry) error {
	// The entry's key lies in the arena, which is about to be emptied.
	sep := *e
	sep.key = slices.Clone(e.key)
	w := c.space()
	l := &c.path[d]
	old, err := w.picture(0, l.no, l.page)
	if err != nil {
		return err
	}
	if err := w.gather(&old); err != nil {
		return err
	}
	low, high := w.fences(&old)
	w.es = slices.Insert(w.es, j, sep)
	n := len(w.es)
	if n < 3 {
		return corrupt(l.no, offN, "interior page cannot be divided")
	}
	spec := pageSpec{kind: old.kind, level: old.level, plain: old.plain(), low: low, high: high}
	m := halfOf(w.es)
	if j == n-1 && c.lastAt(d) {
		m = n - 2
	}
	m, ok := c.chooseUp(&spec, w.es, m)
	if !ok {
		return corrupt(l.no, offStart, "page cannot be divided")
	}
	up := w.es[m]
	up.key = slices.Clone(up.key)
	return c.divide(d, &spec, old.child(0), w.es[:m], &up, w.es[m+1:], up.child)
}

// lastAt reports whether the page at level d is the last of its level.
func (c *Cursor) lastAt(d int) bool {
	for i := range c.path[:d] {
		if l := &c.path[i]; int(l.slot) != le16(l.page[offN:]) {
			return false
		}
	}
	return true
}

// chooseUp finds an entry near at that can move up: both sides keep an entry and fit.
func (c *Cursor) chooseUp(spec *pageSpec, es []entry, at int) (int, bool) {
	at = max(min(at, len(es)-2), 1)
	for d := 0; at-d >= 1 || at+d < len(es)-1; d++ {
		for _, m := range []int{at + d, at - d} {
			if m < 1 || m > len(es)-2 {
				continue
			}
			left, right := *spec, *spec
			if c.kind == ByteKey {
				left.high = c.sizes.fenceOf(&es[m])
				right.low = left.high
			}
			if c.sizes.pageBytes(&left, es[:m]) <= c.sizes.usable && c.sizes.pageBytes(&right, es[m+1:]) <= c.sizes.usable {
				return m, true
			}
		}
	}
	return 0, false
}
