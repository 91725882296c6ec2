package vm

import (
	"math"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
)

// tx is the open transaction of a database.
func (m *Machine) tx(db int32) *pager.Tx {
	if int(db) < len(m.txs) && m.txs[db] != nil {
		return m.txs[db]
	}
	return m.setTx(int(db))
}

func (m *Machine) setTx(db int) *pager.Tx {
	for len(m.txs) <= db {
		m.txs = append(m.txs, nil)
	}
	m.txs[db] = m.env.Tx(db)
	return m.txs[db]
}

// keyInfo is the key that P4 of an open instruction names, or nil.
func (m *Machine) keyInfo(p4 int32) *KeyInfo {
	if p4 < 0 {
		return nil
	}
	return m.prog.Keys[p4]
}

// openTree executes OpenRead and OpenWrite.
func (m *Machine) openTree(in *Instr) error {
	c := &m.cursors[in.P1]
	if c.kind != closedCursor {
		c.close()
	}
	root := int64(in.P2)
	if in.P5&1 != 0 {
		root = m.regs[in.P2].Int()
	}
	tx, key := m.tx(in.P3), m.keyInfo(in.P4)
	if in.P5&OpenWait != 0 && m.env.MayWait() {
		return m.openWaiting(c, tx, pager.PageNo(root), key)
	}
	return c.open(tx, pager.PageNo(root), key, false)
}

func (m *Machine) openSorter(in *Instr) {
	c := &m.cursors[in.P1]
	c.close()
	if c.sorter == nil {
		c.sorter = new(sorter.Sorter)
	}
	limit := int64(0)
	if in.P3 > 0 {
		limit = max(m.regs[in.P3].Int(), 0)
	}
	c.sorter.Open(sorter.Options{FS: m.env.TempFS(), BytesMax: m.session.SortBytesMax, Limit: limit,
		Compare: m.prog.Keys[in.P4].Compare, Poll: m.asked()})
	c.kind, c.key = sortCursor, m.prog.Keys[in.P4]
	c.moved()
}

// nullRow lets the cursor read NULLs until it is moved.
func (m *Machine) nullRow(c *cursor) {
	c.moved()
	c.flags = onNullRow
}

// edge executes Rewind and Last.
func (c *cursor) edge(last bool) (bool, error) {
	c.moved()
	c.stopPC = -1
	switch {
	case c.kind == setCursor:
		return c.keys.edge(last)
	case c.kind != tableCursor && c.kind != indexCursor:
		return false, nil
	case last:
		return c.bt.Last()
	default:
		return c.bt.First()
	}
}

// stepSlow moves a cursor with flags, or one that is no tree's.
func (m *Machine) stepSlow(c *cursor, back bool) (bool, error) {
	if c.flags&onNullRow == 0 && c.kind == setCursor {
		c.moved()
		if c.keys.walking() {
			return c.keys.step(back), nil
		}
		if err := m.toTree(c); err != nil {
			return false, err
		}
	}
	if c.flags&onNullRow != 0 {
		return false, nil
	}
	if c.kind == moduleCursor {
		if err := c.module.Next(); err != nil {
			return false, functionError(err)
		}
		return !c.module.EOF(), nil
	}
	if c.kind != tableCursor && c.kind != indexCursor {
		return false, nil
	}
	if c.flags&deferred != 0 {
		if err := m.finishSeek(c); err != nil || c.flags != 0 {
			return false, err
		}
	}
	c.moved()
	if back {
		return c.bt.Prev()
	}
	return c.bt.Next()
}

// seekRowid moves to the row whose id is v, if v is an integer without loss.
func (m *Machine) seekRowid(c *cursor, v *value.Value) (bool, error) {
	c.moved()
	if v.Kind() == value.Int {
		return c.bt.SeekInt(v.Int())
	}
	x := *v
	x.ApplyAffinity(value.AffNumeric)
	if x.Kind() == value.Real && x.Real() == math.MinInt64 {
		x.SetInt(math.MinInt64) // As in MustBeInt.
	}
	if x.Kind() != value.Int {
		// No place: a Next must not find rows from an earlier one.
		c.flags = onNullRow
		return false, nil
	}
	return c.bt.SeekInt(x.Int())
}

// seekRowRange executes SeekRowidGE, GT, LE and LT, with any value.
func (m *Machine) seekRowRange(c *cursor, op Op, v *value.Value) (bool, error) {
	c.moved()
	c.stopPC = -1
	x := *v
	x.ApplyCompareAffinity()
	switch x.Kind() {
	case value.Null:
		return false, nil
	case value.Text, value.Blob: // Above all numbers.
		if op == OpSeekRowidGE || op == OpSeekRowidGT {
			return false, nil
		}
		return c.bt.Last()
	}
	key := x.AsInt()
	if x.Kind() == value.Real {
		// key is the bound cut to an integer: correct the operator for the
		// part that is lost.
		switch d := value.CompareIntReal(key, x.Real()); {
		case d > 0 && op == OpSeekRowidGT:
			op = OpSeekRowidGE
		case d > 0 && op == OpSeekRowidLE:
			op = OpSeekRowidLT
		case d < 0 && op == OpSeekRowidLT:
			op = OpSeekRowidLE
		case d < 0 && op == OpSeekRowidGE:
			op = OpSeekRowidGT
		}
	}
	switch op {
	case OpSeekRowidGE:
		return c.bt.SeekIntGE(key)
	case OpSeekRowidLE:
		return c.bt.SeekIntLE(key)
	case OpSeekRowidGT:
		if _, err := c.bt.SeekInt(key); err != nil {
			return false, err
		}
		return c.bt.Next()
	default:
		if _, err := c.bt.SeekInt(key); err != nil {
			return false, err
		}
		return c.bt.Prev()
	}
}

// seekKey executes SeekGE, GT, LE and LT. The bound is a prefix of keys: what
// begins with it is equal to it, so GT and LE look from behind all of those
// (record.KeySuccessor).
func (m *Machine) seekKey(c *cursor, in *Instr) (bool, error) {
	if c.kind == setCursor {
		if err := m.toTree(c); err != nil {
			return false, err
		}
	}
	c.moved()
	c.stopPC = -1
	c.bound = m.appendKey(c.bound[:0], c.key, in.P3, in.P4)
	switch in.Op {
	case OpSeekGE:
		return c.bt.SeekGE(c.bound)
	case OpSeekGT:
		c.bound = append(c.bound, record.KeySuccessor)
		return c.bt.SeekGE(c.bound)
	case OpSeekLE:
		c.bound = append(c.bound, record.KeySuccessor)
		return c.bt.SeekLE(c.bound)
	default:
		if _, err := c.bt.Seek(c.bound); err != nil {
			return false, err
		}
		return c.bt.Prev()
	}
}

// compareKey orders the current key against a bound for IdxGE to IdxLT; ok is
// false when the entry is gone.
func (m *Machine) compareKey(c *cursor, in *Instr, pc int32) (order int, ok bool, err error) {
	if c.flags&onNullRow != 0 {
		return 0, false, nil
	}
	if c.stopPC != pc || in.P5&1 == 0 {
		c.stop = m.appendKey(c.stop[:0], c.key, in.P3, in.P4)
		c.stopPC = pc
	}
	if ok, err := m.loadKey(c); !ok || err != nil {
		return 0, ok, err
	}
	return c.key.startsWith(c.keyBytes, c.stop), true, nil
}

// probe moves to the first key that begins with r[P3@P4] and reports whether
// there is one.
func (m *Machine) probe(c *cursor, in *Instr) (bool, error) {
	c.moved()
	c.bound = m.appendKey(c.bound[:0], c.key, in.P3, in.P4)
	if c.kind == setCursor {
		if int(in.P4) == len(c.key.Cols) {
			c.keys.cur, c.keys.pos = c.keys.find(c.bound), -1
			return c.keys.cur >= 0, nil
		}
		if err := m.toTree(c); err != nil {
			return false, err
		}
	}
	ok, err := c.bt.SeekGE(c.bound)
	if !ok || err != nil {
		return false, err
	}
	ok, err = m.loadKey(c)
	if !ok || err != nil {
		return false, err
	}
	return c.key.startsWith(c.keyBytes, c.bound) == 0, nil
}

func (m *Machine) anyNull(r, n int32) bool {
	for i := range m.regs[r : r+n] {
		if m.regs[r+int32(i)].IsNull() {
			return true
		}
	}
	return false
}

func (m *Machine) deferSeek(in *Instr) error {
	x, c := &m.cursors[in.P1], &m.cursors[in.P3]
	c.moved()
	if x.flags&onNullRow != 0 {
		c.flags = onNullRow
		return nil
	}
	id, ok, err := m.keyRowid(x)
	if err != nil {
		return err
	}
	c.rowid, c.flags = id, deferred
	if !ok {
		c.flags = onNullRow
	}
	return nil
}

// loadRowid executes Rowid.
func (m *Machine) loadRowid(c *cursor, v *value.Value) error {
	switch {
	case c.flags&deferred != 0:
		v.SetInt(c.rowid)
	case c.flags&onLane != 0:
		v.SetInt(c.lanes.batch.IntKeys[c.lanes.at])
	case c.flags&onNullRow != 0 || c.kind == closedCursor:
		v.SetNull()
	case c.kind == indexCursor || c.kind == setCursor:
		return m.idxRowid(c, v)
	case c.kind == moduleCursor:
		v.SetInt(c.module.Rowid())
	default:
		v.SetInt(c.bt.IntKey())
	}
	return nil
}

func (m *Machine) idxRowid(c *cursor, v *value.Value) error {
	v.SetNull()
	if c.flags&onNullRow != 0 {
		return nil
	}
	id, ok, err := m.keyRowid(c)
	if ok && err == nil {
		v.SetInt(id)
	}
	return err
}

func (m *Machine) count(c *cursor) (int64, error) {
	if c.kind == setCursor {
		return c.keys.n, nil
	}
	return btree.Count(c.tx, c.root)
}
