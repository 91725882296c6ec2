package btree

import (
	"bytes"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// entry is one entry taken out of its page while pages are reshaped. Byte keys stand whole (as far
// as they are local), because the pages on either side have different prefixes.
type entry struct {
	ikey  int64
	key   []byte       // byte keys: the local part of the whole key
	klen  int          // byte keys: length of the whole key
	krun  pager.PageNo // byte keys: overflow pages with the rest
	child pager.PageNo // interior pages: the child right of the separator
	cell  []byte       // leaves: the payload's blob
}

// fence is a bound of the keys of a byte page (B4).
type fence struct {
	b   []byte // what is stored
	no  bool   // no bound at all
	cut bool   // the bound is longer than b
}

// pageSpec is everything of a page but its entries.
type pageSpec struct {
	kind      fileformat.Kind
	level     uint8
	plain     bool
	low, high fence
}

// workspace is what reshaping needs beside pages. A cursor keeps one from its first split on.
type workspace struct {
	es      []entry
	arena   []byte
	scratch [2][]byte
	seps    [2][]byte
}

// space returns the cursor's workspace, emptied.
func (c *Cursor) space() *workspace {
	if c.work == nil {
		c.work = &workspace{}
	}
	w := c.work
	w.es, w.arena = w.es[:0], w.arena[:0]
	for i := range w.scratch {
		if len(w.scratch[i]) != c.sizes.pageSize {
			w.scratch[i] = make([]byte, c.sizes.pageSize)
		}
	}
	return w
}

// picture copies page p to scratch number i and returns a view of the copy.
func (w *workspace) picture(i int, no pager.PageNo, p []byte) (view, error) {
	copy(w.scratch[i], p)
	v := view{no: no}
	if !v.parse(w.scratch[i]) {
		return v, corruptHeader(no, p)
	}
	return v, nil
}

// gather appends the entries of v, a view of a picture. The entries point into the picture and the
// arena.
func (w *workspace) gather(v *view) error {
	for i := range v.n {
		var e entry
		switch v.kind {
		case fileformat.KindIntInterior:
			e.ikey, e.child = v.intKey(i), v.child(i+1)
		case fileformat.KindIntLeaf:
			size, err := v.cellSize(i)
			if err != nil {
				return err
			}
			off := v.offset(i)
			e.ikey, e.cell = v.intKey(i), v.p[off:off+size]
		default:
			if err := w.gatherKey(v, i, &e); err != nil {
				return err
			}
		}
		w.es = append(w.es, e)
	}
	return nil
}

// gatherKey takes entry i out of a byte page.
func (w *workspace) gatherKey(v *view, i int, e *entry) error {
	at := len(w.arena)
	var x blob
	var err error
	if w.arena, x, err = v.appendLocalKey(w.arena, i); err != nil {
		return err
	}
	// The arena may move when it grows; what was handed out stays valid in the old one.
	e.key = w.arena[at:len(w.arena):len(w.arena)]
	e.klen, e.krun = v.pre+x.total, x.run
	if !v.leaf() {
		e.child = v.child(i + 1)
		return nil
	}
	size, err := v.cellSize(i)
	if err != nil {
		return err
	}
	off := v.offset(i)
	e.cell = v.p[off+x.size : off+size]
	return nil
}

// fences returns the fences of v; they point into its page or the arena.
func (w *workspace) fences(v *view) (low, high fence) {
	low.no, low.cut = v.flags&flagNoLow != 0, v.flags&flagLowCut != 0
	high.no, high.cut = v.flags&flagNoHigh != 0, v.flags&flagHighCut != 0
	if v.ints() {
		return low, high
	}
	low.b = v.lowFence()
	if !high.no {
		at := len(w.arena)
		w.arena = append(append(w.arena, v.prefix()...), v.highRest()...)
		high.b = w.arena[at:len(w.arena):len(w.arena)]
	}
	return low, high
}

// fenceOf is the fence that a separator makes.
func (s *sizes) fenceOf(e *entry) fence {
	return fence{b: e.key[:min(len(e.key), s.fence)], cut: e.klen > s.fence}
}

// commonPrefix is the length of the longest common prefix.
func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// prefixLen is the length of the prefix of a page with these fences and this last key: that of its
// fences, or, for the last leaf of a tree, that of its low fence and its last key. It stays four bytes
// short of a cut fence, so that a parent's head of the fence never reaches behind it.
func (s *sizes) prefixLen(spec *pageSpec, last []byte) int {
	if spec.plain || spec.low.no {
		return 0
	}
	n := 0
	if !spec.high.no {
		n = commonPrefix(spec.low.b, spec.high.b)
	} else if spec.level == 0 {
		n = commonPrefix(spec.low.b, last)
	}
	return min(n, s.fence-4)
}

// lastKey is the local part of the last entry's key, nil of none.
func lastKey(es []entry) []byte {
	if len(es) == 0 {
		return nil
	}
	return es[len(es)-1].key
}

// keyCellSize is the size of a key's blob behind prefix and head.
func keyCellSize(e *entry, pre, skip int) int {
	return blobSize(e.klen-pre, len(e.key)-pre, skip, e.krun != 0)
}

// pageBytes is how many bytes of a page spec and es take, header included.
func (s *sizes) pageBytes(spec *pageSpec, es []entry) int {
	switch spec.kind {
	case fileformat.KindIntInterior:
		return headerSize + 4 + len(es)*(intWidth(es)+4)
	case fileformat.KindIntLeaf:
		n := headerSize + len(es)*(intWidth(es)+2)
		for i := range es {
			n += len(es[i].cell)
		}
		return n
	default:
	}
	pre := s.prefixLen(spec, lastKey(es))
	n := spec.fencesEnd(pre)
	per, skip := 6, 4
	if spec.plain {
		per, skip = 2, 0
	}
	if spec.level > 0 {
		n, per = n+4, per+4
	}
	n += per * len(es)
	for i := range es {
		n += keyCellSize(&es[i], pre, skip) + len(es[i].cell)
	}
	return n
}

// fencesEnd is where the arrays of a byte page with these fences begin.
func (spec *pageSpec) fencesEnd(pre int) int {
	return (headerSize + len(spec.low.b) + max(len(spec.high.b)-pre, 0) + 3) &^ 3
}

// intWidth is the width of the keys of a page with these entries.
func intWidth(es []entry) int {
	if len(es) > 0 && uint64(es[len(es)-1].ikey)-uint64(es[0].ikey) > 1<<32-1 {
		return 8
	}
	return 4
}

// build writes a page from its parts; the entry count in p stays. child is child 0 of an interior page.
// The caller has checked with pageBytes that everything fits.
func (s *sizes) build(no pager.PageNo, p []byte, spec *pageSpec, child pager.PageNo, es []entry) (view, error) {
	count := le64(p[offCount:])
	clear(p[:s.usable]) // nothing of what was here goes to disk
	format(p, spec.kind, spec.level, 0)
	put64(p[offCount:], count)
	ints := spec.kind == fileformat.KindIntLeaf || spec.kind == fileformat.KindIntInterior
	if ints {
		s.buildInt(p, es)
	} else {
		s.buildFences(p, spec, lastKey(es))
	}
	put16(p[offCap:], len(es))
	v := view{no: no}
	if s.pageBytes(spec, es) > s.usable || !v.parse(p) {
		return v, corrupt(no, offStart, "entries do not fit their page")
	}
	if !v.leaf() {
		put32(p[v.c:], uint32(child))
	}
	buf := make([]byte, 0, 64)
	for i := range es {
		e := &es[i]
		key := uint64(e.ikey) - v.base
		cell := e.cell
		if !ints {
			if len(e.key) < v.pre || !bytes.Equal(e.key[:v.pre], spec.low.b[:v.pre]) {
				return v, corrupt(no, offPrefix, "key lies outside the fences of its page")
			}
			key = uint64(headOf(e.key[v.pre:]))
			buf = appendBlob(buf[:0], e.klen-v.pre, e.key[v.pre:], v.kw, e.krun)
			cell = append(buf, e.cell...)
			buf = cell
		}
		v.place(i, key, e.child, cell)
	}
	return v, nil
}

func (s *sizes) buildInt(p []byte, es []entry) {
	if intWidth(es) == 8 {
		p[offFlags] = flagWide
		put64(p[offBase:], wideBase)
	} else if len(es) > 0 {
		put64(p[offBase:], uint64(es[0].ikey))
	}
}

func (s *sizes) buildFences(p []byte, spec *pageSpec, last []byte) {
	flags := byte(0)
	for _, f := range []struct {
		on  bool
		bit byte
	}{{spec.plain, flagPlain}, {spec.low.no, flagNoLow}, {spec.high.no, flagNoHigh}, {spec.low.cut, flagLowCut}, {spec.high.cut, flagHighCut}} {
		if f.on {
			flags |= f.bit
		}
	}
	pre := s.prefixLen(spec, last)
	p[offFlags] = flags
	n := copy(p[headerSize:], spec.low.b)
	put16(p[offPrefix:], pre)
	put16(p[offLow:], n-pre)
	if !spec.high.no {
		put16(p[offHigh:], copy(p[headerSize+n:], spec.high.b[pre:]))
	}
}

// separator returns the shortest key s with a < s <= b, or b itself under a compare hook. keep > 0
// asks for one that shares that many bytes with a, should the shortest not.
func (c *Cursor) separator(a, b *entry, keep int) (entry, error) {
	if c.kind == IntKey {
		return entry{ikey: b.ikey}, nil
	}
	w := c.work
	if c.cmp == nil {
		n := commonPrefix(a.key, b.key)
		if n < len(b.key) && (n < len(a.key) || a.krun == 0) {
			if n < keep {
				return c.keepingSeparator(a, keep)
			}
			return c.cutSeparator(b.key[:n+1])
		}
	}
	var err error
	if w.seps[1], err = c.wholeKey(w.seps[1][:0], b); err != nil {
		return entry{}, err
	}
	if c.cmp != nil {
		return c.cutSeparator(w.seps[1])
	}
	if w.seps[0], err = c.wholeKey(w.seps[0][:0], a); err != nil {
		return entry{}, err
	}
	n := commonPrefix(w.seps[0], w.seps[1])
	if n == len(w.seps[1]) {
		return entry{}, corrupt(c.v.no, 0, "keys out of order")
	}
	return c.cutSeparator(w.seps[1][:n+1])
}

// keepingSeparator is a short key greater than a that shares its first keep bytes: a page whose
// entries need that prefix to fit keeps it. It is not greater than any key that differs from a
// within those bytes.
func (c *Cursor) keepingSeparator(a *entry, keep int) (entry, error) {
	key := a.key
	if a.krun != 0 {
		var err error
		if c.work.seps[0], err = c.wholeKey(c.work.seps[0][:0], a); err != nil {
			return entry{}, err
		}
		key = c.work.seps[0]
	}
	for i := keep; i < len(key); i++ {
		if key[i] != 0xff {
			s := append(c.work.seps[1][:0], key[:i+1]...)
			s[i]++
			c.work.seps[1] = s
			return c.cutSeparator(s)
		}
	}
	c.work.seps[1] = append(append(c.work.seps[1][:0], key...), 0)
	return c.cutSeparator(c.work.seps[1])
}

// wholeKey appends the whole key of e.
func (c *Cursor) wholeKey(dst []byte, e *entry) ([]byte, error) {
	dst = append(dst, e.key...)
	if e.krun == 0 {
		return dst, nil
	}
	return appendOverflow(dst, c.tx, e.krun, e.klen-len(e.key))
}

// cutSeparator makes an entry of a separator, copied to the arena. A long one is not yet in overflow
// pages: storeSeparator does that once the place of the cut is decided.
func (c *Cursor) cutSeparator(sep []byte) (entry, error) {
	w := c.work
	at := len(w.arena)
	w.arena = append(w.arena, sep...)
	b := w.arena[at:len(w.arena):len(w.arena)]
	return entry{key: b, klen: len(b)}, nil
}

// storeSeparator moves the tail of a long separator to overflow pages.
func (c *Cursor) storeSeparator(e *entry) error {
	if c.kind == IntKey || len(e.key) <= c.sizes.sep {
		return nil
	}
	run, err := writeOverflow(c.tx, e.key[c.sizes.keyHead:], runPagesMax)
	if err != nil {
		return err
	}
	e.key, e.krun = e.key[:c.sizes.keyHead], run
	return nil
}
