package vm

import (
	"errors"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

type cursorKind uint8

const (
	closedCursor cursorKind = iota
	tableCursor             // An integer-key tree of records.
	indexCursor             // A byte-key tree: keys with fix-ups, or with records.
	sortCursor              // The entries of a sorter.
	setCursor               // A private index that is no tree yet (keySet).
	moduleCursor            // The rows of a module.
	groupCursor             // The groups of a GROUP BY.
	hashCursor              // Rows by equal keys.
)

// Flags of a cursor that take its moves and reads off the fast path.
const (
	onNullRow uint8 = 1 << iota
	deferred        // The row id is known, the seek has not been done.
	onLane          // Column and Rowid read a lane of the cursor's batch.
)

// bigRowBytes is the size from which on rows of a table are read by their
// head first, so that overflow pages are not put together for a column that
// does not need them.
const bigRowBytes = 1024

// cursor is one cursor of a program. What it has decoded of its entry is
// valid while rowAt or keyAt equals the machine's epoch (M3).
type cursor struct {
	kind      cursorKind
	flags     uint8
	ephemeral bool
	big       bool // Rows of this table have been large.
	partial   bool // row holds the record's head only.
	fixKnown  bool
	rowAt     uint64
	keyAt     uint64
	row       record.Row
	key       *KeyInfo // Of an index or sorter.
	bt        btree.Cursor

	tx       *pager.Tx
	root     pager.PageNo
	keyBytes []byte   // The current key, borrowed from bt or the sorter.
	offs     []uint32 // Where its columns start.
	walked   int      // How many of offs are known.
	fixups   []byte

	bound  []byte // A key on its way into a seek or a tree.
	payBuf []byte
	stop   []byte // The bound of the Idx test at stopPC.
	stopPC int32

	rowid  int64 // The deferred seek's.
	seq    int64
	last   int64 // Largest row id, when lastAt equals the machine's tableWrites.
	lastAt uint64

	sorter *sorter.Sorter
	later  *idxChanges
	// waiting is where changes of the index go, which nobody reads through the cursor; nil: its tree.
	waiting *waitingIndex
	set     *rowSet
	keys    *keySet
	groups  *groups
	hash    *hashRows
	module  vtab.Cursor
	lanes   *lanes
}

// open puts the cursor on a tree; key is nil for a table.
func (c *cursor) open(tx *pager.Tx, root pager.PageNo, key *KeyInfo, ephemeral bool) error {
	c.kind, c.key, c.tx, c.root, c.ephemeral = tableCursor, key, tx, root, ephemeral
	c.seq, c.lastAt, c.big = 0, 0, false
	c.moved()
	c.stopPC = -1
	if key == nil {
		return c.bt.Open(tx, root, btree.IntKey, nil)
	}
	c.kind = indexCursor
	return c.bt.Open(tx, root, btree.ByteKey, key.Compare)
}

// moved forgets what was decoded and what the cursor was told of its row.
func (c *cursor) moved() { c.flags, c.rowAt, c.keyAt = 0, 0, 0 }

// close ends the cursor's use; buffers stay.
func (c *cursor) close() {
	if c.set != nil {
		c.set.reset()
	}
	if c.kind == closedCursor {
		c.flags = 0
		return
	}
	switch c.kind {
	case sortCursor:
		c.sorter.Close()
	case setCursor:
		c.keys.reset()
	case groupCursor:
		c.groups.close()
	case hashCursor:
		c.hash.reset()
	case moduleCursor:
		c.module = nil
	case closedCursor, tableCursor, indexCursor:
	}
	c.later.close()
	c.waiting = nil
	// The tree's cursor keeps stale pages, which nobody reads before it is
	// opened again.
	c.moved()
	c.kind, c.tx, c.key, c.keyBytes, c.fixups = closedCursor, nil, nil, nil, nil
	if c.lanes != nil {
		c.lanes.release()
	}
}

// hasRecord reports whether Column reads a record.
func (c *cursor) hasRecord() bool {
	switch c.kind {
	case tableCursor:
		return true
	case indexCursor, sortCursor, groupCursor, hashCursor:
		return c.key != nil && c.key.PayloadRecord
	default:
		return false
	}
}

// keyColumn is how column i of the cursor's key sorts.
func (k *KeyInfo) keyColumn(i int) record.KeyColumn {
	if i < len(k.Cols) {
		return k.Cols[i]
	}
	return record.KeyColumn{}
}

// appendKey encodes n registers from r on as columns of a key.
func (m *Machine) appendKey(dst []byte, k *KeyInfo, r, n int32) []byte {
	vals := m.regs[r : r+n]
	for i := range vals {
		dst = record.AppendKeyValue(dst, &vals[i], k.keyColumn(i))
	}
	return dst
}

// appendFixups encodes what the key of these registers does not give back.
func (m *Machine) appendFixups(dst []byte, k *KeyInfo, r, n int32) []byte {
	n = min(n, int32(len(k.Cols)))
	return record.AppendFixups(dst, m.regs[r:r+n], k.Cols)
}

// loadRow lets c.row read the record of the cursor's entry. It reports false
// when the entry is gone, deleted through another cursor.
func (m *Machine) loadRow(c *cursor) (bool, error) {
	var data []byte
	var err error
	c.partial = false
	switch c.kind {
	case tableCursor, indexCursor:
		if c.flags&onLane != 0 {
			data, err = c.bt.BatchPayload(&c.lanes.batch, c.lanes.at)
		} else if c.big {
			var total int
			if data, total, err = c.bt.PayloadHead(); err == nil && total > len(data) {
				c.partial = true
				if c.row.Reset(data) == nil {
					c.rowAt = m.epoch
					return true, nil
				}
				return true, m.loadWhole(c)
			}
		} else if data, err = c.bt.Payload(); len(data) > bigRowBytes {
			c.big = true
		}
	case sortCursor:
		data = c.sorter.Payload()
	case hashCursor:
		data, err = c.hash.record()
	case groupCursor:
		data = c.groups.keys.record()
	default:
		return false, nil
	}
	if err != nil {
		if errors.Is(err, btree.ErrNoEntry) {
			return false, nil
		}
		return false, err
	}
	if err := c.row.Reset(data); err != nil {
		return false, m.malformed(c)
	}
	c.rowAt = m.epoch
	return true, nil
}

// quickRow is loadRow for the rows of most tables; what it cannot load is
// left to loadRow, but for an error of the tree, which a second look might not
// meet again.
func (c *cursor) quickRow(epoch uint64) (bool, error) {
	if c.kind != tableCursor || c.big {
		return false, nil
	}
	data, err := c.bt.Payload()
	if err != nil {
		if errors.Is(err, btree.ErrNoEntry) {
			err = nil
		}
		return false, err
	}
	if len(data) > bigRowBytes || c.row.Reset(data) != nil {
		return false, nil
	}
	c.rowAt, c.partial = epoch, false
	return true, nil
}

// loadWhole reads the record again with its overflow pages.
func (m *Machine) loadWhole(c *cursor) error {
	c.partial = false
	data, err := c.bt.Payload()
	if err != nil {
		return err
	}
	if err := c.row.Reset(data); err != nil {
		return m.malformed(c)
	}
	c.rowAt = m.epoch
	return nil
}

// malformed is the error of a record or key that cannot be read.
func (m *Machine) malformed(c *cursor) error {
	return &fileformat.CorruptError{PageNo: c.root, What: "malformed record in the tree of this root"}
}

// loadKey fetches the current key of an index or sorter.
func (m *Machine) loadKey(c *cursor) (bool, error) {
	if c.keyAt == m.epoch {
		return true, nil
	}
	switch c.kind {
	case sortCursor:
		c.keyBytes = c.sorter.Key()
	case setCursor:
		if c.keys.cur < 0 {
			return false, nil
		}
		c.keyBytes = c.keys.key(c.keys.cur)
	default:
		k, err := c.bt.Key()
		if err != nil {
			if errors.Is(err, btree.ErrNoEntry) {
				return false, nil
			}
			return false, err
		}
		c.keyBytes = k
	}
	c.keyAt, c.walked, c.fixKnown = m.epoch, 0, false
	return true, nil
}

// keyFrom returns the current key from column i on; empty behind its end.
func (c *cursor) keyFrom(i int) ([]byte, error) {
	if c.walked == 0 {
		c.offs = append(c.offs[:0], 0)
		c.walked = 1
	}
	for c.walked <= i {
		at := c.offs[c.walked-1]
		rest, err := record.SkipKeyValue(c.keyBytes[at:], c.key.keyColumn(c.walked-1))
		if err != nil {
			return nil, err
		}
		c.offs = append(c.offs, uint32(len(c.keyBytes)-len(rest)))
		c.walked++
	}
	return c.keyBytes[c.offs[i]:], nil
}

// keyValue reads column i of the current key into v.
func (m *Machine) keyValue(c *cursor, i int, v *value.Value) error {
	b, err := c.keyFrom(i)
	if err != nil {
		return m.malformed(c)
	}
	if len(b) == 0 {
		v.SetNull()
		return nil
	}
	col := c.key.keyColumn(i)
	if x, ok := record.KeyInt(b); ok && !col.Desc {
		v.SetInt(x)
	} else if _, err := record.DecodeKeyValue(b, col, v); err != nil {
		return m.malformed(c)
	}
	if i >= len(c.key.Cols) || !(v.Kind() == value.Int || v.Kind() == value.Text && !col.Collation.IsBinary()) {
		return nil
	}
	if !c.fixKnown {
		switch c.kind {
		case sortCursor:
			c.fixups = c.sorter.Payload()
		case setCursor:
			c.fixups = c.keys.payload(c.keys.cur)
		default:
			if c.fixups, err = c.bt.Payload(); err != nil {
				return err
			}
		}
		c.fixKnown = true
	}
	if len(c.fixups) > 0 {
		if err := record.ApplyFixup(c.fixups, i, v); err != nil {
			return m.malformed(c)
		}
	}
	return nil
}

// keyRowid reads the row id behind the columns of an index key; false when
// the entry is gone.
func (m *Machine) keyRowid(c *cursor) (int64, bool, error) {
	ok, err := m.loadKey(c)
	if !ok || err != nil {
		return 0, false, err
	}
	b, err := c.keyFrom(len(c.key.Cols))
	if err != nil {
		return 0, false, m.malformed(c)
	}
	id, err := record.KeyRowID(b)
	if err != nil {
		return 0, false, m.malformed(c)
	}
	return id, true, nil
}

// finishSeek does a deferred seek.
func (m *Machine) finishSeek(c *cursor) error {
	c.flags &^= deferred
	ok, err := c.bt.SeekInt(c.rowid)
	if err != nil || ok {
		return err
	}
	if c.tx.Writable() {
		c.flags |= onNullRow // Deleted by another statement meanwhile.
		return nil
	}
	return &fileformat.CorruptError{PageNo: c.root, What: "the table lacks a row that an index has"}
}

// column reads column i of the cursor's row into r[out].
func (m *Machine) column(c *cursor, in *Instr) error {
	i, v := int(in.P2), &m.regs[in.P3]
	if c.flags&deferred != 0 {
		if err := m.finishSeek(c); err != nil {
			return err
		}
	}
	if c.flags&onNullRow != 0 || c.kind == closedCursor {
		v.SetNull()
		return nil
	}
	if c.kind == moduleCursor {
		return m.moduleColumn(c, i, in.P3)
	}
	if c.kind == groupCursor && !c.groups.keys.keeps {
		c.groups.keys.value(c.groups.keys.current(), v)
	} else if !c.hasRecord() {
		if ok, err := m.loadKey(c); !ok || err != nil {
			v.SetNull()
			return err
		}
		if err := m.keyValue(c, i, v); err != nil {
			return err
		}
	} else if err := m.recordColumn(c, i, in, v); err != nil {
		return err
	}
	if in.P5&ColumnOwn != 0 {
		m.own(in.P3)
	}
	return nil
}

func (m *Machine) recordColumn(c *cursor, i int, in *Instr, v *value.Value) error {
	if c.rowAt != m.epoch {
		if ok, err := m.loadRow(c); !ok || err != nil {
			v.SetNull()
			return err
		}
	}
	ok, err := c.row.Column(i, v)
	if err != nil && c.partial {
		if err = m.loadWhole(c); err == nil {
			ok, err = c.row.Column(i, v)
		}
	}
	switch {
	case errors.Is(err, record.ErrMalformed):
		return m.malformed(c)
	case err != nil:
		return err
	case ok:
	case in.P5&ColumnDefault != 0:
		v.Set(&m.prog.Consts[in.P4])
	default:
		v.SetNull()
	}
	return nil
}

// own lets register r keep a copy of its bytes.
func (m *Machine) own(r Reg) { m.bufs[r] = m.regs[r].OwnInto(m.bufs[r]) }
