package vm

import (
	"context"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
)

// privateTrees are the trees that end with a run: pages of an in-memory pager
// that one endless writing transaction changes. A savepoint at its beginning
// makes forgetting them cheap.
type privateTrees struct {
	pager *pager.Pager
	tx    *pager.Tx
	start pager.Savepoint
	used  bool
}

// privatePagesMax is how many pages of private trees a machine keeps between runs.
const privatePagesMax = 4096

func (t *privateTrees) open(env Env) error {
	if t.tx != nil {
		t.used = true
		return nil
	}
	p, err := pager.OpenMemory(&pager.Options{FS: env.TempFS()})
	if err != nil {
		return err
	}
	tx, err := p.BeginWrite(context.Background())
	if err != nil {
		p.Close()
		return err
	}
	t.pager, t.tx, t.start, t.used = p, tx, tx.Savepoint(), true
	return nil
}

// reset drops all trees.
func (t *privateTrees) reset() {
	if !t.used {
		return
	}
	t.used = false
	if t.tx.PageCount() > privatePagesMax || t.tx.RollbackTo(t.start) != nil {
		t.close()
	}
}

func (t *privateTrees) close() {
	if t.tx != nil {
		t.tx.Rollback()
		t.pager.Close()
	}
	*t = privateTrees{}
}

// openEphemeral opens c on a fresh private tree, or empties the one it has. An
// index begins as a set.
func (m *Machine) openEphemeral(c *cursor, key *KeyInfo) error {
	m.epoch++
	m.tableWrites++
	if key != nil && !key.PayloadRecord && key.Compare == nil {
		c.close()
		if c.keys == nil {
			c.keys = new(keySet)
		}
		c.keys.reset()
		c.keys.poll = m.asked()
		c.kind, c.key, c.ephemeral, c.seq = setCursor, key, true, 0
		c.moved()
		return nil
	}
	if err := m.trees.open(m.env); err != nil {
		return err
	}
	if c.kind != closedCursor && c.ephemeral && c.kind != setCursor && (c.key == nil) == (key == nil) && c.sameOrder(key) {
		if err := btree.Clear(c.tx, c.root); err != nil {
			return err
		}
		return c.open(c.tx, c.root, key, true)
	}
	c.close()
	kind := btree.IntKey
	if key != nil {
		kind = btree.ByteKey
	}
	root, err := btree.Create(m.trees.tx, kind)
	if err != nil {
		return err
	}
	return c.open(m.trees.tx, root, key, true)
}

// sameOrder reports whether the cursor's private tree may serve for a key: the
// pages of a tree with an order of its own are different ones.
func (c *cursor) sameOrder(key *KeyInfo) bool {
	return key == nil || (c.key.Compare == nil) == (key.Compare == nil)
}
