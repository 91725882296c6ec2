package btree

import (
	"github.com/rustlite/rustlite/pager"
)

// Builder fills an empty tree with entries that come in ascending order of their keys, by writing its
// pages from left to right: CREATE INDEX, VACUUM, import. Nothing else may touch the tree, and no
// savepoint be opened, between NewBuilder and Finish. After an error the tree is rolled back by the
// caller.
type Builder struct {
	c      Cursor // for its sizes, buffers and separators; it has no place
	count  int64
	limit  int // bytes that a page is filled to
	ints   []intLevel
	leaves leafRun     // byte trees
	keys   []*keyLevel // byte trees: the levels above the leaves
	last   []byte      // byte trees: the key before, where the leaves do not have it whole
	ilast  int64
	done   bool
	goes   func(key []byte) (bool, error) // nil, or says which entries of another tree are left out:
	went   int64                          // how many of them were.
}

// NewBuilder begins to fill the empty tree at root; root 0 is a new tree, whose root Finish tells.
// Pages are filled to fill percent, 0 = 100.
func NewBuilder(tx *pager.Tx, root pager.PageNo, kind Kind, cmp Compare, fill int) (*Builder, error) {
	b := &Builder{}
	if err := b.c.Open(tx, root, kind, cmp); err != nil {
		return nil, err
	}
	if root != 0 {
		if n, err := Count(tx, root); err != nil {
			return nil, err
		} else if n > 0 {
			return nil, ErrOrder
		}
	}
	if fill <= 0 || fill > 100 {
		fill = 100
	}
	b.limit = b.c.sizes.usable * max(fill, 50) / 100
	b.c.space()
	return b, nil
}

// AppendInt adds an entry to an integer-key tree. Its key must be greater than the one before.
func (b *Builder) AppendInt(key int64, payload []byte) error {
	switch {
	case b.c.kind != IntKey:
		return ErrKind
	case b.done || b.count > 0 && key <= b.ilast:
		return ErrOrder
	case len(payload) > maxBlob:
		return ErrTooBig
	}
	c := &b.c
	var err error
	if c.cellBuf, err = c.payloadBlob(c.cellBuf[:0], payload, c.sizes.intCell); err != nil {
		return err
	}
	b.ilast = key
	b.count++
	if len(b.ints) > 0 && b.ints[0].add(key, 0, c.cellBuf, b.limit) {
		return nil
	}
	l, err := b.newIntPage(0, 0)
	if err != nil {
		return err
	}
	first := b.count == 1
	if !l.add(key, 0, c.cellBuf, b.limit) {
		return corrupt(l.v.no, offStart, "cell does not fit an empty page")
	}
	if first {
		return nil
	}
	return b.addIntChild(1, key, l.v.no)
}

// intLevel is the page of one level that is being filled.
type intLevel struct {
	first pager.PageNo // leftmost page of the level
	v     view
}

// add puts an entry behind the others if there is room.
func (l *intLevel) add(key int64, child pager.PageNo, cell []byte, limit int) bool {
	v := &l.v
	if v.n > 0 && v.usable-v.free()+v.entrySize()+len(cell) > limit {
		return false
	}
	if !v.holds(key) && !v.rebase(key) || !v.fits(len(cell)) {
		return false
	}
	v.place(v.n, uint64(key)-v.base, child, cell)
	return true
}

// newIntPage begins a fresh page of a level.
func (b *Builder) newIntPage(level int, child pager.PageNo) (*intLevel, error) {
	no, p, err := b.c.tx.Allocate()
	if err != nil {
		return nil, err
	}
	spec := pageSpec{kind: b.c.leafKind(), level: uint8(level)}
	if level > 0 {
		spec.kind = b.c.interiorKind()
	}
	v, err := b.c.sizes.build(no, p, &spec, child, nil)
	if err != nil {
		return nil, err
	}
	if level == len(b.ints) {
		b.ints = append(b.ints, intLevel{first: no})
	}
	b.ints[level].v = v
	return &b.ints[level], nil
}

// addIntChild puts a finished or growing page under the level above.
func (b *Builder) addIntChild(level int, key int64, child pager.PageNo) error {
	if level >= maxDepth {
		return corrupt(b.c.root, offLevel, "tree is too deep")
	}
	if level == len(b.ints) {
		if _, err := b.newIntPage(level, b.ints[level-1].first); err != nil {
			return err
		}
	}
	l := &b.ints[level]
	if l.add(key, child, nil, b.limit) {
		return nil
	}
	// The last separator moves up, so that the new page begins with one separator, not none.
	v := &l.v
	up, upChild := v.intKey(v.n-1), v.child(v.n)
	v.remove(v.n-1, 0)
	l, err := b.newIntPage(level, upChild)
	if err != nil {
		return err
	}
	if !l.add(key, child, nil, b.limit) {
		return corrupt(l.v.no, offStart, "separator does not fit an empty page")
	}
	return b.addIntChild(level+1, up, l.v.no)
}

// Finish completes the tree and returns its root.
func (b *Builder) Finish() (pager.PageNo, error) {
	if b.done {
		return 0, ErrOrder
	}
	b.done = true
	c := &b.c
	if b.count == 0 {
		if c.root != 0 {
			return c.root, nil
		}
		return Create(c.tx, c.kind)
	}
	top := pager.PageNo(0)
	if c.kind == IntKey {
		top = b.ints[len(b.ints)-1].v.no
	} else {
		var err error
		if top, err = b.finishKeys(); err != nil {
			return 0, err
		}
	}
	// The topmost page is the root, or becomes it where the number is given.
	root := c.root
	if root == 0 {
		root = top
	}
	tp, err := c.tx.Page(top)
	if err != nil {
		return 0, err
	}
	rp, err := c.tx.Write(root)
	if err != nil {
		return 0, err
	}
	if root != top {
		copy(rp[:c.sizes.usable], tp)
	}
	put64(rp[offCount:], uint64(b.count))
	if root != top {
		err = c.tx.Free(top)
	}
	return root, err
}
