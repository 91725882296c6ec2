package vm

import (
	"errors"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
)

// noteWrite begins a new epoch for a change through c (M3).
func (m *Machine) noteWrite(c *cursor) {
	c.rowAt, c.keyAt = 0, 0
	if !c.ephemeral {
		m.changed = true
		m.epoch++
	}
}

// mayChange refuses a change of a pinned tree through another cursor.
func (m *Machine) mayChange(c *cursor) error {
	if p := m.pinned; p != nil && p != c && p.tx == c.tx && p.root == c.root {
		return errPinned
	}
	return nil
}

// makeRecord executes MakeRecord.
func (m *Machine) makeRecord(in *Instr) error {
	if in.P4 >= 0 {
		m.affinities(in.P1, m.prog.Strings[in.P4])
	}
	b := record.AppendRecord(m.scratch[:0], m.regs[in.P1:in.P1+in.P2])
	if len(b) > m.lengthMax {
		return errTooBig
	}
	m.setScratch(in.P3, b)
	m.regs[in.P3].SetBlob(b)
	return nil
}

// patchRecord executes PatchRecord.
func (m *Machine) patchRecord(in *Instr) error {
	c := &m.cursors[in.P1]
	if c.flags&deferred != 0 {
		if err := m.finishSeek(c); err != nil {
			return err
		}
	}
	if c.rowAt != m.epoch {
		if ok, err := m.loadRow(c); err != nil {
			return err
		} else if !ok {
			_ = c.row.Reset(nil) // It is gone.
		}
	}
	if c.partial {
		if err := m.loadWhole(c); err != nil {
			return err
		}
	}
	p := m.prog.Objects[in.P4].(*RecordPatch)
	b, err := record.AppendPatched(m.scratch[:0], &c.row, m.regs[in.P2:in.P2+p.Width], p.Columns)
	if err != nil {
		return m.malformed(c)
	}
	if len(b) > m.lengthMax {
		return errTooBig
	}
	m.setScratch(in.P3, b)
	m.regs[in.P3].SetBlob(b)
	return nil
}

// RecordPatch says which columns of a record of some width change.
type RecordPatch struct {
	Width   int32
	Columns []int32 // Ascending.
}

// setScratch makes b, built in the scratch buffer, the own buffer of register
// r, whose old buffer becomes the scratch: operands may have borrowed it.
func (m *Machine) setScratch(r Reg, b []byte) { m.bufs[r], m.scratch = b, m.bufs[r] }

const maxRowid = 1<<63 - 1

// newRowid executes NewRowid.
func (m *Machine) newRowid(c *cursor, in *Instr) error {
	last, random := c.last, false
	if c.lastAt != m.tableWrites || c.lastAt == 0 {
		c.moved()
		ok, err := c.bt.Last()
		if err != nil {
			return err
		}
		last = 0
		if ok {
			last = c.bt.IntKey()
		}
		c.last = last
		if m.tableWrites == 0 {
			m.tableWrites = 1
		}
		c.lastAt = m.tableWrites
	}
	if last == maxRowid {
		random = true
	}
	id := last + 1
	if in.P3 > 0 {
		// AUTOINCREMENT.
		most := &m.root().regs[in.P3]
		used := most.AsInt()
		if random || used == maxRowid {
			return errFull
		}
		id = max(id, used+1)
		most.SetInt(id)
	} else if random {
		var err error
		if id, err = m.randomRowid(c); err != nil {
			return err
		}
	}
	m.regs[in.P2].SetInt(id)
	return nil
}

func (m *Machine) randomRowid(c *cursor) (int64, error) {
	for range 100 {
		id := int64(m.session.Rand()&(maxRowid>>1)) + 1
		c.moved()
		ok, err := c.bt.SeekInt(id)
		if err != nil {
			return 0, err
		}
		if !ok {
			return id, nil
		}
	}
	return 0, errFull
}

// insert executes Insert.
func (m *Machine) insert(c *cursor, in *Instr) error {
	if m.pinned != nil {
		if err := m.mayChange(c); err != nil {
			return err
		}
	}
	id := m.regs[in.P3].Int()
	var data []byte
	if v := &m.regs[in.P2]; v.Kind() >= value.Text {
		data = v.Bytes()
	}
	known := c.lastAt == m.tableWrites && c.lastAt != 0
	if err := c.bt.InsertInt(id, data); err != nil {
		return err
	}
	c.flags = 0
	m.noteWrite(c)
	m.tableWrites++
	if known {
		c.last, c.lastAt = max(c.last, id), m.tableWrites
	}
	if in.P5&InsertCount != 0 {
		m.changes++
	}
	if in.P5&InsertLastID != 0 {
		m.session.LastInsertID = id
	}
	return nil
}

// remove executes Delete.
func (m *Machine) remove(c *cursor, in *Instr) error {
	if m.pinned != nil {
		if err := m.mayChange(c); err != nil {
			return err
		}
	}
	if c.flags&deferred != 0 {
		if err := m.finishSeek(c); err != nil {
			return err
		}
	}
	if c.flags&onNullRow != 0 {
		return nil
	}
	if err := c.bt.Delete(); err != nil && !errors.Is(err, btree.ErrNoEntry) {
		return err
	}
	m.noteWrite(c)
	m.tableWrites++
	if in.P5&InsertCount != 0 {
		m.changes++
	}
	return nil
}

// idxInsert executes IdxInsert.
func (m *Machine) idxInsert(c *cursor, in *Instr) error {
	if m.pinned != nil {
		if err := m.mayChange(c); err != nil {
			return err
		}
	}
	c.bound = m.appendKey(c.bound[:0], c.key, in.P2, in.P3)
	var payload []byte
	if !c.key.PayloadRecord {
		c.payBuf = m.appendFixups(c.payBuf[:0], c.key, in.P2, in.P3)
		payload = c.payBuf
	} else if in.P4 > 0 {
		payload = m.regs[in.P4].Bytes()
	}
	if c.waiting != nil {
		m.changed = true
		return c.waiting.insert(c.bound, payload)
	}
	if in.P5&IdxLater != 0 {
		return m.later(c).come.Add(c.bound, payload)
	}
	c.flags = 0
	m.noteWrite(c)
	if in.P5&IdxCount != 0 {
		m.changes++
	}
	if c.kind == setCursor {
		if !c.keys.walking() && c.keys.insert(c.bound, payload) {
			return nil
		}
		if err := m.toTree(c); err != nil {
			return err
		}
	}
	return c.bt.Insert(c.bound, payload)
}

// idxDelete executes IdxDelete.
func (m *Machine) idxDelete(c *cursor, in *Instr) error {
	if m.pinned != nil {
		if err := m.mayChange(c); err != nil {
			return err
		}
	}
	c.bound = m.appendKey(c.bound[:0], c.key, in.P2, in.P3)
	if c.waiting != nil {
		m.changed = true
		return c.waiting.remove(c.bound)
	}
	if in.P5&IdxLater != 0 {
		return m.later(c).gone.Add(c.bound, nil)
	}
	c.flags = 0
	m.noteWrite(c)
	if c.kind == setCursor {
		if !c.keys.walking() {
			if c.keys.remove(c.bound) || in.P5&1 != 0 {
				return nil
			}
			return &fileformat.CorruptError{What: "a private index lacks an entry"}
		}
		if err := m.toTree(c); err != nil {
			return err
		}
	}
	ok, err := c.bt.Seek(c.bound)
	if err != nil {
		return err
	}
	if ok {
		return c.bt.Delete()
	}
	if in.P5&1 != 0 {
		return nil
	}
	return lacksEntry(c.root, c.key.Name)
}

func lacksEntry(root pager.PageNo, name string) error {
	return &fileformat.CorruptError{PageNo: root, What: "index " + name + " lacks the entry of a row"}
}

// idxChanges are the changes of an index that wait for IdxApply.
type idxChanges struct {
	open       bool
	gone, come sorter.Sorter
	// rows are rows whose entries go, beside those that gone has the keys of, once those are goneMax.
	rows    rowBits
	goneMax int64
}

func (l *idxChanges) close() {
	if l != nil && l.open {
		l.open = false
		l.gone.Close()
		l.come.Close()
		l.rows.reset()
	}
}

// later is where changes of the index of c wait.
func (m *Machine) later(c *cursor) *idxChanges {
	if c.later == nil {
		c.later = new(idxChanges)
	}
	l := c.later
	if !l.open {
		l.open = true
		o := sorter.Options{FS: m.env.TempFS(), BytesMax: m.session.SortBytesMax, Compare: c.key.Compare, Poll: m.asked()}
		if o.BytesMax <= 0 {
			o.BytesMax = sorter.BytesMaxDefault
		}
		o.BytesMax /= 2
		l.gone.Open(o)
		l.come.Open(o)
		l.goneMax = -1
	}
	return l
}

// From a goneShare-th of an index's entries on, and goneMin, it is cheaper to walk all of them and see
// whether their rows go than to make and sort the keys of those that do.
const (
	goneShare = 16
	goneMin   = 1024
)

// idxRow executes IdxRow.
func (m *Machine) idxRow(c *cursor, id int64) (bool, error) {
	l := m.later(c)
	n := l.gone.Len()
	if n < goneMin {
		return false, nil
	}
	if l.goneMax < 0 {
		all, err := btree.Count(c.tx, c.root)
		if err != nil {
			return false, err
		}
		l.goneMax = max(all/goneShare, goneMin)
	}
	return n >= l.goneMax && l.rows.add(id), m.mayChange(c)
}

// goes reports whether the row of an index key is one whose entries go.
func (l *idxChanges) goes(m *Machine, c *cursor, key []byte) (bool, error) {
	var err error
	for _, col := range c.key.Cols {
		if key, err = record.SkipKeyValue(key, col); err != nil {
			return false, m.malformed(c)
		}
	}
	id, err := record.KeyRowID(key)
	if err != nil {
		return false, m.malformed(c)
	}
	return l.rows.has(id), nil
}

// idxApply executes IdxApply.
func (m *Machine) idxApply(c *cursor) error {
	l := c.later
	if l == nil || !l.open {
		return nil
	}
	m.noteWrite(c)
	ch := &btree.Changes{Gone: &l.gone, Come: &l.come, Poll: m.asked()}
	rows := l.rows.n
	if rows > 0 {
		ch.Goes = func(key []byte) (bool, error) { return l.goes(m, c, key) }
	}
	err := btree.Apply(c.tx, c.root, c.key.Compare, ch)
	l.close()
	if errors.Is(err, btree.ErrNoEntry) || err == nil && ch.Went != rows {
		return lacksEntry(c.root, c.key.Name)
	}
	return err
}

// clear executes Clear.
func (m *Machine) clear(in *Instr) error {
	tx, root := (*pager.Tx)(nil), pager.PageNo(in.P1)
	if in.P1 < 0 {
		c := &m.cursors[-1-in.P1]
		if c.kind == setCursor {
			if err := m.toTree(c); err != nil {
				return err
			}
		}
		tx, root = c.tx, c.root
	} else {
		tx = m.tx(in.P2)
		if err := m.mayChange(&cursor{tx: tx, root: root}); err != nil {
			return err
		}
		m.changed = true
	}
	n, err := btree.Count(tx, root)
	if err != nil {
		return err
	}
	if in.P3 > 0 {
		r := &m.regs[in.P3]
		r.SetInt(r.AsInt() + n)
	}
	if in.P5&InsertCount != 0 {
		m.changes += n
	}
	m.epoch++
	m.tableWrites++
	return btree.Clear(tx, root)
}

func (m *Machine) createTree(in *Instr) error {
	kind := btree.IntKey
	if in.P3 == 1 {
		kind = btree.ByteKey
	}
	root, err := btree.Create(m.tx(in.P1), kind)
	if err != nil {
		return err
	}
	m.changed = true
	m.regs[in.P2].SetInt(int64(root))
	return nil
}

func (m *Machine) destroyTree(in *Instr) error {
	root := int64(in.P1)
	if in.P5&1 != 0 {
		root = m.regs[in.P1].Int()
	}
	m.changed = true
	m.epoch++
	m.tableWrites++
	return btree.Drop(m.tx(in.P2), pager.PageNo(root))
}

// bulkBuild executes BulkBuild.
func (m *Machine) bulkBuild(in *Instr) error {
	c, s := &m.cursors[in.P1], m.cursors[in.P2].sorter
	b, err := btree.NewBuilder(c.tx, c.root, btree.ByteKey, c.key.Compare, 0)
	if err != nil {
		return err
	}
	m.changed = true
	ok, err := s.Sort()
	last := m.keyBuf[:0]
	for n := 0; ok && err == nil; n++ {
		if n%pollEvery == pollEvery-1 {
			if err = m.poll(); err != nil {
				break
			}
		}
		key := s.Key()
		if in.P5&1 != 0 {
			var same bool
			if same, err = m.sameColumns(c, last, key); err != nil {
				break
			}
			if same {
				return &Error{Info: m.prog.Errors[in.P4], Action: ActionAbort}
			}
			last = append(last[:0], key...)
		}
		if err = b.Append(key, s.Payload()); err != nil {
			break
		}
		ok, err = s.Next()
	}
	m.keyBuf = last
	if err != nil {
		return err
	}
	m.epoch++
	_, err = b.Finish()
	return err
}

// sameColumns reports whether two whole index keys have the same columns but
// for the row id, none of them NULL.
func (m *Machine) sameColumns(c *cursor, a, b []byte) (bool, error) {
	if len(a) == 0 {
		return false, nil
	}
	rest, cols := b, c.key.Cols[:len(c.key.Cols)-c.key.Suffix]
	for _, col := range cols {
		var err error
		if rest, err = record.SkipKeyValue(rest, col); err != nil {
			return false, m.malformed(c)
		}
	}
	if c.key.startsWith(a, b[:len(b)-len(rest)]) != 0 {
		return false, nil
	}
	rest = b
	for _, col := range cols {
		var v value.Value
		var err error
		if rest, err = record.DecodeKeyValue(rest, col, &v); err != nil {
			return false, m.malformed(c)
		}
		if v.IsNull() {
			return false, nil
		}
	}
	return true, nil
}
