package vm

import (
	"errors"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm/sorter"
)

// Changes of single rows to indexes that need not be unique wait while nobody reads the index: many
// statements of a transaction then change its tree at once, in the order of keys. Whoever opens the tree,
// a savepoint, a commit, or too many of them brings them into it (pager.Pending).

// waitingBytesMax is from how many bytes on the changes of an index wait no longer, unless a sort may
// have less.
const waitingBytesMax = 4 << 20

// waitingIndexes are the indexes of one transaction with changes that wait.
type waitingIndexes struct {
	tx      *pager.Tx
	session *Session
	list    []*waitingIndex
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
	changes idxChanges
	most    int // From how many bytes on they wait no longer.
	// settling is set while they go into the tree, which asks for them itself.
	settling bool
}

func (w *waitingIndex) empty() bool { return w.changes.gone.Len()+w.changes.come.Len() == 0 }

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
		w = new(waitingIndex)
		a.list = append(a.list, w)
	}
	w.of, w.root, w.name, w.compare = a, root, key.Name, key.Compare
	w.most = waitingBytesMax
	if n := m.session.SortBytesMax; n > 0 {
		w.most = min(w.most, n)
	}
	o := sorter.Options{FS: m.env.TempFS(), BytesMax: w.most, Compare: key.Compare}
	w.changes.gone.Reopen(o)
	w.changes.come.Reopen(o)
	w.changes.open = true
	return w
}

func (w *waitingIndex) insert(key, payload []byte) error {
	if err := w.changes.come.Add(key, payload); err != nil {
		return err
	}
	return w.added()
}

func (w *waitingIndex) remove(key []byte) error {
	if err := w.changes.gone.Add(key, nil); err != nil {
		return err
	}
	return w.added()
}

// added ends the wait of changes that take too much memory.
func (w *waitingIndex) added() error {
	if w.changes.gone.Bytes()+w.changes.come.Bytes() < w.most {
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
	err := btree.Apply(w.of.tx, w.root, w.compare, &btree.Changes{Gone: &w.changes.gone, Come: &w.changes.come})
	w.changes.gone.Restart()
	w.changes.come.Restart()
	w.settling = false
	if errors.Is(err, btree.ErrNoEntry) {
		err = lacksEntry(w.root, w.name)
	}
	w.of.failed = err
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
	a.failed = nil
	for _, w := range a.list {
		w.changes.gone.Restart()
		w.changes.come.Restart()
	}
}

// End is told that the transaction is over.
func (a *waitingIndexes) End() {
	for _, w := range a.list {
		w.changes.close()
		w.of = nil
	}
	a.session.waiting = append(a.session.waiting, a.list...)
	a.list = nil
}
