package btree

import (
	"errors"
	"math"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/invariant"
)

// Kind tells what a tree's keys are.
type Kind uint8

const (
	// IntKey trees have int64 keys: tables by row id.
	IntKey Kind = iota + 1
	// ByteKey trees have byte strings as keys: indexes, WITHOUT ROWID tables, buckets.
	ByteKey
)

// Compare orders keys: negative, zero or positive as a is less than, equal to or greater than b.
// It must be a total order and the same for the life of the tree.
type Compare func(a, b []byte) int

// Errors of this package. Damage is reported as *fileformat.CorruptError.
var (
	// ErrNoEntry answers a read at a cursor that is on no entry, or whose entry was deleted by
	// another cursor of the transaction.
	ErrNoEntry = errors.New("btree: the cursor is on no entry")
	// ErrKind answers a call for the other kind of key.
	ErrKind = errors.New("btree: wrong kind of key for this tree")
	// ErrTooBig answers a key or payload beyond the limits.
	ErrTooBig = errors.New("btree: key or payload too big")
	// ErrOrder answers a Builder that is given keys out of order.
	ErrOrder = errors.New("btree: keys must come in ascending order")
)

// state of a cursor. In every state but unset the cursor has a place K, the key of its entry or the
// key that was sought: Next goes to the first entry greater than K, Prev to the last one smaller.
type state uint8

const (
	unset   state = iota // no place: not moved yet, an empty tree, or an error
	onEntry              // on the entry at slot
	gone                 // on an entry that has been deleted meanwhile: K lies before slot
	between              // on no entry: K lies before slot
	passed               // on no entry: K is the key of slot-1 (after a batch, at the end)
	ahead                // on no entry: K is the key at slot, the first of the tree
)

// level is one page of a cursor's path.
type level struct {
	page   []byte
	stamp  uint64 // tx.Stamp when the page was read; 0 in a reading transaction
	lo, hi int64  // integer trees: the keys that belong below this page, inclusive
	no     pager.PageNo
	slot   int32 // interior pages: which child is next on the path
}

// stampNever is a stamp that no page has: the path must be walked again before it is used.
const stampNever = ^uint64(0)

// Cursor is a position in a tree. The zero Cursor is ready for Open; a cursor is meant to be kept and
// opened again, as it owns buffers. It is for one goroutine at a time.
//
// A cursor survives writes of its own transaction, by itself and by other cursors: before it is used
// it compares the stamp of its page and seeks its key again when the page has changed (B9).
//
// The overlay of an optimistic transaction will join at the exported moves (Next, Prev, Seek...):
// each is one call of its unexported twin below, which knows pages alone.
type Cursor struct {
	v          view // the leaf
	tx         *pager.Tx
	cmp        Compare
	slot       int
	ikey       int64  // integer trees: K
	key        []byte // byte trees: K when keyKnown
	depth      int    // pages on the path, 0 = no path
	root       pager.PageNo
	kind       Kind
	state      state
	keyKnown   bool
	joint      bool // the last batch is of several leaves
	allowEmpty bool // a leaf without entries is on its way out (descendBroken)
	sizes      sizes
	pay        []byte // a payload put together from overflow pages
	probe      []byte // a key put together for a comparison
	cellBuf    []byte // a cell on its way into a page
	work       *workspace
	left       leftHole
	pages      int64 // Visited since TakePages.
	splits     int64 // Leaves that were divided since Open.
	path       [maxDepth]level
}

// leftHole is where the last Delete has taken a cell from, while its page is as that left it: an insert
// beside it, as when an indexed column changes a little, finds its room there.
type leftHole struct {
	no    pager.PageNo
	stamp uint64
	hole
}

// Open puts the cursor on the tree at root, at no place yet. cmp is nil for the order of
// bytes.Compare; the same hook must be given every time the tree is opened.
func (c *Cursor) Open(tx *pager.Tx, root pager.PageNo, kind Kind, cmp Compare) error {
	if kind != IntKey && kind != ByteKey || kind == IntKey && cmp != nil {
		return ErrKind
	}
	if err := settle(tx, root); err != nil {
		return err
	}
	// What a statement of the transaction has written, the next one may write beside. No other page has its stamp.
	if kind == ByteKey || c.tx != tx || c.root != root || c.kind != kind || !tx.Writable() || c.depth == 0 ||
		c.leafPath().stamp == 0 || !c.leafFresh() {
		c.depth = 0
	}
	c.tx, c.root, c.kind, c.cmp = tx, root, kind, cmp
	c.state, c.keyKnown = unset, false
	c.left, c.splits = leftHole{}, 0
	if u := tx.PageSize(); c.sizes.pageSize != u {
		c.sizes = sizesOf(u)
	}
	return nil
}

// Close ends the cursor's use; it keeps its buffers and may be opened again.
func (c *Cursor) Close() {
	c.tx, c.state, c.depth = nil, unset, 0
	c.v = view{}
	for i := range c.path {
		c.path[i].page = nil
	}
}

// TakePages is how many pages of trees the cursor has come to since the last call, each visit
// counted; it is kept beyond Close.
func (c *Cursor) TakePages() int64 {
	n := c.pages
	c.pages = 0
	return n
}

// Valid reports whether the last move ended on an entry. It stays true when another cursor deletes
// that entry; Key and Payload answer ErrNoEntry then, and Next and Prev go on from its place.
func (c *Cursor) Valid() bool { return c.state == onEntry || c.state == gone }

// Exists reports whether the cursor is on an entry that is still there.
func (c *Cursor) Exists() (bool, error) {
	if err := c.restore(); err != nil {
		return false, err
	}
	return c.state == onEntry, nil
}

// SaveKey makes a reading cursor ready for its transaction's becoming a writer: its place then no
// longer depends on pages. Cursors of a writing transaction save their place by themselves.
func (c *Cursor) SaveKey() error {
	if c.state == unset || c.kind == IntKey || c.keyKnown {
		return nil
	}
	return c.loadKey()
}

// fail forgets the place, as the path may be half walked, and passes err on.
func (c *Cursor) fail(err error) error {
	c.state, c.depth = unset, 0
	return err
}

// leafPath is the level of the leaf.
func (c *Cursor) leafPath() *level { return &c.path[c.depth-1] }

// Fresh reports whether what was borrowed of the cursor's leaf, a batch too, is as it was: no, when
// the cursor's own transaction has changed the leaf since, or may have changed one of those of the batch.
func (c *Cursor) Fresh() bool { return c.leafFresh() && !(c.joint && c.tx.Writable()) }

// leafFresh reports whether the leaf is as it was when the cursor read it.
func (c *Cursor) leafFresh() bool {
	if c.depth == 0 {
		return false
	}
	if !c.tx.Writable() {
		return true
	}
	l := c.leafPath()
	return c.tx.Stamp(l.no) == l.stamp
}

// pathFresh reports the same for the pages above the leaf.
func (c *Cursor) pathFresh() bool {
	if c.depth == 0 {
		return false
	}
	if c.tx.Writable() {
		for i := range c.path[:c.depth-1] {
			if l := &c.path[i]; c.tx.Stamp(l.no) != l.stamp {
				return false
			}
		}
	}
	return true
}

// restore brings a place back whose leaf has changed.
func (c *Cursor) restore() error {
	if c.state == unset || c.leafFresh() {
		return nil
	}
	return c.reseek()
}

// reseek walks to the place again from the root.
func (c *Cursor) reseek() error {
	was := c.state
	if c.kind == ByteKey && !c.keyKnown {
		// Only a page that was not private when the cursor came can be behind this: its bytes stay
		// as they were until the transaction ends.
		if err := c.loadKey(); err != nil {
			return c.fail(err)
		}
	}
	found, err := c.descendPlace()
	switch {
	case err != nil:
		return c.fail(err)
	case found && was == passed:
		c.slot++
	case found && was == ahead:
	case found:
		c.state = onEntry
	case was == onEntry:
		c.state = gone
	case was == passed || was == ahead:
		c.state = between
	}
	return nil
}

// descendPlace walks to K.
func (c *Cursor) descendPlace() (bool, error) {
	if c.kind == IntKey {
		return c.descendInt(c.ikey)
	}
	return c.descendKey(c.key)
}

// setPage reads page no into level d of the path and into the view, and checks its header against
// the level above.
func (c *Cursor) setPage(d int, no pager.PageNo) error {
	if d == maxDepth {
		return corrupt(no, offLevel, "tree is too deep")
	}
	p, err := c.tx.Page(no)
	if err != nil {
		return err
	}
	c.pages++
	above := c.v.level
	v := &c.v
	v.no = no
	if !v.parse(p) {
		return corruptHeader(no, p)
	}
	if v.ints() != (c.kind == IntKey) {
		return corrupt(no, offKind, "page of the other kind of tree")
	}
	if d > 0 && v.level != above-1 {
		return corrupt(no, offLevel, "level does not follow from the page above")
	}
	if v.n == 0 && d > 0 && !c.allowEmpty {
		return corrupt(no, offN, "page without entries")
	}
	if v.n == 0 && v.level > 0 {
		return corrupt(no, offN, "root with one child")
	}
	if v.plain() != (c.cmp != nil) && v.n > 0 {
		return corrupt(no, offFlags, "tree and cursor disagree about the compare hook")
	}
	l := &c.path[d]
	l.page, l.no, l.stamp = p, no, 0
	if c.tx.Writable() {
		l.stamp = c.tx.Stamp(no)
	}
	return nil
}

// rootBounds begins a path.
func (c *Cursor) rootBounds() {
	c.depth = 0
	c.path[0].lo, c.path[0].hi = math.MinInt64, math.MaxInt64
}

// enterInt steps from the interior page in the view, at level d, to its child j.
func (c *Cursor) enterInt(d, j int) error {
	v, l := &c.v, &c.path[d]
	l.slot = int32(j)
	lo, hi := l.lo, l.hi
	if j > 0 {
		lo = v.intKey(j - 1)
	}
	if j < v.n {
		hi = v.intKey(j) - 1
	}
	if lo < l.lo || hi > l.hi || lo > hi {
		return corrupt(v.no, int64(v.k+v.kw*j), "separators out of order")
	}
	if d+1 < maxDepth {
		c.path[d+1].lo, c.path[d+1].hi = lo, hi
	}
	if err := c.setPage(d+1, v.child(j)); err != nil {
		return err
	}
	// n > 0: setPage refuses empty pages below the root.
	if v.n > 0 && (v.intKey(0) < lo || v.intKey(v.n-1) > hi) {
		return corrupt(v.no, int64(v.k), "keys outside the range that the page above gives")
	}
	return nil
}

// descendInt walks from the root to the leaf for key, sets slot to the first entry not less than
// it, and reports whether that is key itself.
func (c *Cursor) descendInt(key int64) (bool, error) {
	c.rootBounds()
	if err := c.setPage(0, c.root); err != nil {
		return false, err
	}
	d := 0
	for ; !c.v.leaf(); d++ {
		j, eq := c.v.searchInt(key)
		if eq {
			j++
		}
		if err := c.enterInt(d, j); err != nil {
			return false, err
		}
	}
	c.depth = d + 1
	var found bool
	c.slot, found = c.v.searchInt(key)
	return found, nil
}

// enter steps to child j for either kind.
func (c *Cursor) enter(d, j int) error {
	if c.kind == IntKey {
		return c.enterInt(d, j)
	}
	return c.enterKey(d, j)
}

// descendEdge goes on from the interior page at level d to child j and from there to the first or
// the last leaf.
func (c *Cursor) descendEdge(d, j int, last bool) error {
	for {
		if err := c.enter(d, j); err != nil {
			return err
		}
		d++
		if c.v.leaf() {
			c.depth = d + 1
			return nil
		}
		j = 0
		if last {
			j = c.v.n
		}
	}
}

// settle puts the cursor on the entry at slot of its leaf.
func (c *Cursor) settle(slot int) (bool, error) {
	if invariant.Enabled {
		invariant.Check(0 <= slot && slot < c.v.n, "B9: a cursor is on an entry of its leaf")
	}
	c.slot, c.state = slot, onEntry
	if c.kind == IntKey {
		c.ikey = c.v.intKey(slot)
		return true, nil
	}
	c.keyKnown = false
	if c.tx.Writable() {
		if err := c.loadKey(); err != nil {
			return false, c.fail(err)
		}
	}
	return true, nil
}
