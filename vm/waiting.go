package vm

import (
	"errors"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm/sorter"
)

// Changes of single rows to indexes that need not be unique wait while nobody reads the index: many
// statements of a transaction then change its tree at once, in the order of keys. Whoever opens the tree,
// a savepoint, a commit, or too many of them brings them into it (pager.Pending). Those of a statement that has
// a savepoint of its own are kept apart until it is done.

// waitingBytesMax is from how many bytes on the changes of an index wait no longer, unless a sort may
// have less.
const waitingBytesMax = 3 << 20

// waitingIndexes are the indexes of one transaction with changes that wait.
type waitingIndexes struct {
	tx      *pager.Tx
	session *Session
	list    []*waitingIndex
	marked  bool
	// failed is why changes were lost; the transaction ends with it, unless it
	// goes back to a savepoint before them.
	failed error
}

// waitingIndex is one of them.
type waitingIndex struct {
	of      *waitingIndexes
	root    pager.PageNo
	name    string
	compare btree.Compare
	changes *idxChanges
	since   *idxChanges // Those that have come since the mark.
	most    int         // From how many bytes on they wait no longer.
	// settling is set while they go into the tree, which asks for them itself; applied says that the tree has
	// those before the mark.
	settling, applied bool
}

func (w *waitingIndex) empty() bool { return w.changes.empty() && w.since.empty() }

func (l *idxChanges) empty() bool { return l.gone.Len()+l.come.Len() == 0 }
func (l *idxChanges) bytes() int  { return l.gone.Bytes() + l.come.Bytes() }

func (l *idxChanges) restart() {
	l.gone.Restart()
	l.come.Restart()
}

// openWaiting opens index cursor c for changes that wait.
func (m *Machine) openWaiting(c *cursor, tx *pager.Tx, root pager.PageNo, key *KeyInfo) error {
	all, ok := tx.Pending().(*waitingIndexes)
	if !ok {
		all = &waitingIndexes{tx: tx, session: m.session}
		tx.SetPending(all)
	}
	c.kind, c.key, c.tx, c.root, c.ephemeral = indexCursor, key, tx, root, false
	c.waiting = all.index(m, root, key)
	return nil
}

// index is the place of the index at root.
func (a *waitingIndexes) index(m *Machine, root pager.PageNo, key *KeyInfo) *waitingIndex {
	var w *waitingIndex
	for _, x := range a.list {
		if x.root == root {
			w = x
		}
	}
	if w != nil && !w.empty() {
		return w
	}
	// One without changes may be of a tree that is gone, whose root is another's now.
	if n := len(a.session.waiting); w == nil && n > 0 {
		w = a.session.waiting[n-1]
		a.session.waiting = a.session.waiting[:n-1]
		a.list = append(a.list, w)
	} else if w == nil {
		w = &waitingIndex{changes: new(idxChanges), since: new(idxChanges)}
		a.list = append(a.list, w)
	}
	w.of, w.root, w.name, w.compare = a, root, key.Name, key.Compare
	w.most = waitingBytesMax
	if n := m.session.SortBytesMax; n > 0 {
		w.most = min(w.most, n)
	}
	o := sorter.Options{FS: m.env.TempFS(), BytesMax: w.most, Compare: key.Compare}
	for _, l := range []*idxChanges{w.changes, w.since} {
		l.gone.Reopen(o)
		l.come.Reopen(o)
		l.open = true
	}
	return w
}

// now is where a change waits that comes now.
func (w *waitingIndex) now() *idxChanges {
	if w.of.marked {
		return w.since
	}
	return w.changes
}

func (w *waitingIndex) insert(key, payload []byte) error {
	if err := w.now().come.Add(key, payload); err != nil {
		return err
	}
	return w.added()
}

func (w *waitingIndex) remove(key []byte) error {
	if err := w.now().gone.Add(key, nil); err != nil {
		return err
	}
	return w.added()
}

// added ends the wait of changes that take too much memory.
func (w *waitingIndex) added() error {
	n := w.since.bytes()
	if !w.applied {
		n += w.changes.bytes()
	}
	if n < w.most {
		return nil
	}
	return w.settle()
}

// settle brings the changes into the tree. Statements may go on to add some.
func (w *waitingIndex) settle() error {
	if w.settling || w.empty() {
		return nil
	}
	w.settling = true
	defer func() { w.settling = false }()
	if !w.applied && !w.changes.empty() {
		if w.of.failed = w.apply(w.changes); w.of.marked {
			w.applied = true
		} else {
			w.changes.restart()
		}
	}
	if w.of.failed == nil && !w.since.empty() {
		w.of.failed = w.apply(w.since)
		w.since.restart()
	}
	return w.of.failed
}

func (w *waitingIndex) apply(l *idxChanges) error {
	err := btree.Apply(w.of.tx, w.root, w.compare, &btree.Changes{Gone: &l.gone, Come: &l.come})
	if errors.Is(err, btree.ErrNoEntry) {
		err = lacksEntry(w.root, w.name)
	}
	return err
}

// Settle brings what waits for the tree at root, 0 = all, into it.
func (a *waitingIndexes) Settle(root pager.PageNo) error {
	if a.failed != nil {
		return a.failed
	}
	for _, w := range a.list {
		if root == 0 || w.root == root {
			if err := w.settle(); err != nil {
				return err
			}
		}
	}
	return nil
}

// Drop forgets all changes.
func (a *waitingIndexes) Drop() {
	a.failed, a.marked = nil, false
	for _, w := range a.list {
		w.changes.restart()
		w.since.restart()
		w.applied = false
	}
}

// Mark keeps the changes apart from those that come.
func (a *waitingIndexes) Mark() { a.marked = true }

// Unmark makes all changes one again.
func (a *waitingIndexes) Unmark() {
	a.marked = false
	for _, w := range a.list {
		if w.applied {
			w.changes.restart()
			w.applied = false
		}
		switch {
		case w.since.empty():
		case w.changes.empty():
			w.changes, w.since = w.since, w.changes
		default:
			err := w.changes.add(w.since)
			w.since.restart()
			if a.failed == nil {
				a.failed = err
			}
		}
	}
}

// add adds later changes: in any order, but those of one key.
func (l *idxChanges) add(later *idxChanges) error {
	for _, x := range []struct{ to, from *sorter.Sorter }{{&l.gone, &later.gone}, {&l.come, &later.come}} {
		ok, err := x.from.Sort()
		for ok && err == nil {
			if err = x.to.Add(x.from.Key(), x.from.Payload()); err == nil {
				ok, err = x.from.Next()
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Back makes the changes those of the mark. The tree is without them.
func (a *waitingIndexes) Back() {
	a.DropNew()
	for _, w := range a.list {
		if w.applied {
			w.changes.gone.Resume()
			w.changes.come.Resume()
			w.applied = false
		}
	}
}

// DropNew forgets the changes that have come since the mark.
func (a *waitingIndexes) DropNew() {
	a.failed = nil
	for _, w := range a.list {
		w.since.restart()
	}
}

// End is told that the transaction is over.
func (a *waitingIndexes) End() {
	for _, w := range a.list {
		w.changes.close()
		w.since.close()
		w.of, w.applied = nil, false
	}
	a.session.waiting = append(a.session.waiting, a.list...)
	a.list = nil
}
