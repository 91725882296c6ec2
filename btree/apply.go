package btree

import (
	"bytes"
	"errors"

	"github.com/rustlite/rustlite/pager"
)

// Many changes of a byte tree at once, in the order of keys: one by one where they are few, else by
// merging them with the entries that there are into a tree of full pages, whose pages are given back
// as they have been read and serve again.

// Entries come in any order, are sorted and walked once, keys ascending.
type Entries interface {
	Len() int64
	// Sort moves to the first entry, Next to the one after; false = there is none.
	Sort() (bool, error)
	Next() (bool, error)
	// Key and Payload are borrowed until the next move.
	Key() []byte
	Payload() []byte
}

// Changes of a tree. A key may go and come by turns: whichever it did first says whether it is there,
// and of its new entries the last one counts.
type Changes struct {
	Gone Entries // Keys of entries that go; they must be there.
	Come Entries // New entries.
	Poll func() error
	// Goes, unless nil, says of the key of an entry that it goes as well, by what the key says itself; no new
	// entry, and none that Gone names. Went is how many did.
	Goes func(key []byte) (bool, error)
	Went int64
}

const (
	// applyBulkMin is the number of changes from which on a tree may be rebuilt for them, applyShare the part
	// of its entries from which on it is.
	applyBulkMin = 64
	applyShare   = 8
	// Of fewer the first applySample are made one by one, and tell what each of them costs: so many times as
	// much as an entry that is handed on, with as much for each leaf that it was the first in, and for each split.
	applySample = 256
	changeCost  = 7
	leafCost    = 13
	splitCost   = 800
	// applyPollEvery is how many entries go by between two questions whether to go on.
	applyPollEvery = 1 << 14
)

// Apply makes the changes. ErrNoEntry when an entry that goes is not there. After an error the caller
// rolls back.
func Apply(tx *pager.Tx, root pager.PageNo, cmp Compare, ch *Changes) error {
	n, err := Count(tx, root)
	if err != nil {
		return err
	}
	a := applier{tx: tx, root: root, cmp: cmp, ch: ch, gone: stream{list: ch.Gone}, come: stream{list: ch.Come}}
	if err := a.come.start(); err != nil {
		return err
	}
	if err := a.gone.start(); err != nil {
		return err
	}
	if err := a.next(); err != nil {
		return err
	}
	if m := ch.Come.Len() + ch.Gone.Len(); ch.Goes == nil && m < max(n/applyShare, applyBulkMin) {
		return a.each(m, n)
	}
	return a.rebuild()
}

// stream is a place in sorted entries.
type stream struct {
	list Entries
	on   bool
	key  []byte
}

func (s *stream) start() error { return s.at(s.list.Sort()) }
func (s *stream) next() error  { return s.at(s.list.Next()) }

func (s *stream) at(ok bool, err error) error {
	s.on = ok && err == nil
	if s.on {
		s.key = s.list.Key()
	}
	return err
}

type applier struct {
	tx         *pager.Tx
	root       pager.PageNo
	cmp        Compare
	gone, come stream
	ch         *Changes
	seen       int

	// What becomes of the next key that changes: how often it comes more than it goes, and the entry that
	// it came with last.
	on       bool
	net      int
	changing []byte
	payload  []byte

	b     *Builder
	pages [][]byte // pictures of the pages on the way down
	key   []byte
}

func (a *applier) order(x, y []byte) int {
	if a.cmp != nil {
		return a.cmp(x, y)
	}
	return bytes.Compare(x, y)
}

// goOn asks now and then, n entries further, whether to go on.
func (a *applier) goOn(n int) error {
	if a.seen += n; a.seen >= applyPollEvery && a.ch.Poll != nil {
		a.seen = 0
		return a.ch.Poll()
	}
	return nil
}

// next moves to the next key that changes.
func (a *applier) next() error {
	if err := a.goOn(1); err != nil {
		return err
	}
	first := &a.come
	if a.on = a.come.on || a.gone.on; !a.on {
		return nil
	} else if a.gone.on && (!a.come.on || a.order(a.gone.key, a.come.key) < 0) {
		first = &a.gone
	}
	a.changing, a.net = append(a.changing[:0], first.key...), 0
	for a.gone.on && a.order(a.gone.key, a.changing) == 0 {
		a.net--
		if err := a.gone.next(); err != nil {
			return err
		}
	}
	for a.come.on && a.order(a.come.key, a.changing) == 0 {
		a.net++
		a.changing = append(a.changing[:0], a.come.key...) // Equal under a hook may be other bytes.
		a.payload = append(a.payload[:0], a.come.list.Payload()...)
		if err := a.come.next(); err != nil {
			return err
		}
	}
	return nil
}

// each makes the changes, m of them in a tree of n entries, one by one from left to right, unless that
// turns out to cost more than to rebuild it: where they are spread over full leaves, each of which is split.
func (a *applier) each(m, n int64) error {
	var c Cursor
	if err := c.Open(a.tx, a.root, ByteKey, a.cmp); err != nil {
		return err
	}
	leaf, leaves := pager.PageNo(0), int64(0)
	for done := int64(0); a.on; done++ {
		if done == applySample && (m-done)*(changeCost+(leafCost*leaves+splitCost*c.splits)/done) > n {
			return a.rebuild()
		}
		if err := a.change(&c); err != nil {
			return err
		}
		if c.v.no != leaf {
			leaf = c.v.no
			leaves++
		}
		if err := a.next(); err != nil {
			return err
		}
	}
	return nil
}

// change makes the change at hand.
func (a *applier) change(c *Cursor) error {
	if a.net > 0 {
		return c.Insert(a.changing, a.payload)
	}
	ok, err := c.Seek(a.changing)
	switch {
	case err != nil:
		return err
	case a.net == 0 && ok:
		return c.Insert(a.changing, a.payload)
	case a.net == 0:
		return nil // It came first.
	case !ok:
		return ErrNoEntry
	}
	return c.Delete()
}

// rebuild merges the changes with the entries of the tree.
func (a *applier) rebuild() error {
	root, err := a.picture(0, a.root)
	if err != nil {
		return err
	}
	if err := CreateAt(a.tx, a.root, ByteKey); err != nil {
		return err
	}
	if a.b, err = NewBuilder(a.tx, a.root, ByteKey, a.cmp, 0); err != nil {
		return err
	}
	a.b.goes = a.ch.Goes
	if err := a.page(&root, 0); err != nil {
		return err
	}
	for a.on {
		if err := a.without(); err != nil {
			return err
		}
	}
	a.ch.Went = a.b.went
	_, err = a.b.Finish()
	return err
}

// without makes the change at hand of a key that the tree does not have.
func (a *applier) without() error {
	if a.net < 0 {
		return ErrNoEntry
	}
	if a.net > 0 {
		if err := a.b.Append(a.changing, a.payload); err != nil {
			return a.disorder(err)
		}
	}
	return a.next()
}

// disorder is the error for keys that do not ascend: the tree's do not.
func (a *applier) disorder(err error) error {
	if errors.Is(err, ErrOrder) {
		return corrupt(a.root, 0, "keys out of order")
	}
	return err
}

// picture copies page no, at a depth below the root.
func (a *applier) picture(depth int, no pager.PageNo) (view, error) {
	v := view{no: no}
	p, err := a.tx.Page(no)
	if err != nil {
		return v, err
	}
	if depth == len(a.pages) {
		a.pages = append(a.pages, make([]byte, len(p)))
	}
	copy(a.pages[depth], p)
	switch {
	case !v.parse(a.pages[depth]):
		return v, corruptHeader(no, p)
	case v.ints():
		return v, corrupt(no, offKind, "page of the other kind of tree")
	case v.n > 0 && v.plain() != (a.cmp != nil):
		return v, corrupt(no, offFlags, "tree and cursor disagree about the compare hook")
	case int(v.level) >= maxDepth:
		return v, corrupt(no, offLevel, "tree is too deep")
	}
	return v, nil
}

// page hands on the entries below the page of v, a picture, which has been given back.
func (a *applier) page(v *view, depth int) error {
	if v.leaf() {
		for i := 0; i < v.n; {
			n, err := a.some(v, i)
			if err != nil {
				return err
			}
			i += n
		}
		return nil
	}
	for j := range v.n + 1 {
		child, err := a.picture(depth+1, v.child(j))
		if err != nil {
			return err
		}
		if child.level != v.level-1 {
			return corrupt(child.no, offLevel, "level does not follow from the page above")
		}
		if err := a.tx.Free(child.no); err != nil {
			return err
		}
		if err := a.page(&child, depth+1); err != nil {
			return err
		}
		if j < v.n {
			if err := freeCell(a.tx, v, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// some hands on entries from entry i of a leaf on, or the new one before it, and returns how many it has
// dealt with.
func (a *applier) some(v *view, i int) (int, error) {
	to, behind := a.before(v, i)
	n, err := a.b.appendRun(v, i, to)
	switch {
	case err != nil:
		return 0, a.disorder(err)
	case n > 0:
		return n, a.goOn(n)
	case to == i && behind:
		return 0, a.without()
	case to == i && a.net < 0 && a.cmp == nil && v.is(i, a.changing[v.pre:]):
		return 1, a.next()
	}
	return 1, a.entry(v, i)
}

// before is where the entries of a leaf, from entry i on, may be no longer before the next key that
// changes, by their heads, and whether it is behind that key.
func (a *applier) before(v *view, i int) (to int, behind bool) {
	if !a.on {
		return v.n, false
	}
	if a.cmp != nil {
		return i, false
	}
	if !bytes.HasPrefix(a.changing, v.prefix()) {
		if bytes.Compare(a.changing, v.prefix()) > 0 {
			return v.n, false
		}
		return i, true
	}
	h := headOf(a.changing[v.pre:])
	for i < v.n && v.head(i) < h {
		i++
	}
	return i, i < v.n && v.head(i) > h
}

// is reports whether rest, behind the prefix, is the key of entry i, an ordinary one with that head.
func (v *view) is(i int, rest []byte) bool {
	n, cell := v.ordinary(i)
	return cell != nil && n == len(rest) && bytes.Equal(cell[:n-4], rest[4:])
}

// entry hands on entry i of a leaf, if it stays, behind the new ones that come before it.
func (a *applier) entry(v *view, i int) error {
	if err := a.goOn(1); err != nil {
		return err
	}
	key, x, err := v.appendLocalKey(a.key[:0], i)
	a.key = key
	if err != nil {
		return err
	}
	cell := v.cell(i)[x.size:]
	payload, ok := decodeBlob(cell, 0)
	if !ok {
		return v.badCell(i)
	}
	e := entry{key: key, klen: v.pre + x.total, krun: x.run, cell: cell[:payload.size]}
	if x.run != 0 {
		if a.key, err = appendOverflow(a.key, a.tx, x.run, e.klen-len(key)); err != nil {
			return err
		}
		key = a.key
	}
	stays := true
	if a.b.goes != nil {
		gone, err := a.b.takesOut(key)
		if err != nil {
			return err
		}
		stays = !gone
	}
	for a.on && stays {
		x := a.order(a.changing, key)
		if x > 0 {
			break
		}
		if x < 0 {
			if err := a.without(); err != nil {
				return err
			}
			continue
		}
		stays = false
		if a.net >= 0 {
			if err := a.b.Append(a.changing, a.payload); err != nil {
				return a.disorder(err)
			}
		}
		if err := a.next(); err != nil {
			return err
		}
	}
	if stays {
		return a.disorder(a.b.appendOld(&e, key))
	}
	if payload.run == 0 && e.krun == 0 {
		return nil
	}
	return freeCell(a.tx, v, i)
}
