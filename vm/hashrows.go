package vm

import (
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// hashRows are the rows of one side of a join, found by equal keys: what a
// transient index serves for where nobody asks for an order. The rows of a key
// come in the order in which they went in. Records beyond the memory of a sort lie
// in a temporary file; keys, and places of records, stay in memory.
type hashRows struct {
	ints   intTable // Keys of one integer, by it.
	list   []int64  // The integers by key, while all keys are such.
	mixed  bool     // Some key is something else: keys has them all.
	keys   keySet
	chains []chain // By key.
	rows   []hashRow
	arena  []byte // The newest records.
	end    int    // Of the records of rows, in arena.
	cur    int    // The row that the cursor is on.

	bytesMax int // Of arena.
	fs       vfs.FS
	file     vfs.File // The records before those of arena; nil for none.
	filed    int      // Their size.
	buf      []byte   // The current record, if it is in the file.
}

// chain is the list of a key's rows, by their numbers.
type chain struct{ first, last int32 }

type hashRow struct {
	off  int
	size int32
	next int32 // The next row of the same key, -1 for none.
}

// hashRowsMax bounds the rows of one table.
const hashRowsMax = 1<<31 - 1

func (h *hashRows) reset() {
	if h.file != nil {
		h.file.Close()
	}
	if cap(h.arena) > keepBytesMax || cap(h.rows) > keepBytesMax/16 || cap(h.list) > keepBytesMax/8 || cap(h.buf) > keepBytesMax {
		*h = hashRows{}
	}
	h.keys.reset()
	h.ints.reset()
	h.list = h.list[:0]
	h.chains, h.rows, h.arena, h.end, h.mixed, h.cur = h.chains[:0], h.rows[:0], h.arena[:0], 0, false, -1
	h.fs, h.file, h.filed = nil, nil, 0
}

// record is that of the current row, borrowed until the cursor moves.
func (h *hashRows) record() ([]byte, error) {
	r := &h.rows[h.cur]
	if at := r.off - h.filed; at >= 0 {
		return h.arena[at : at+int(r.size) : at+int(r.size)], nil
	}
	h.buf = resize(h.buf, int(r.size))
	if n, err := h.file.ReadAt(h.buf, int64(r.off)); n < len(h.buf) {
		return nil, err
	}
	return h.buf, nil
}

// spill moves the records from the arena to the file.
func (h *hashRows) spill() (err error) {
	if h.file == nil {
		if h.file, err = h.fs.Temp(); err != nil {
			return err
		}
	}
	if _, err := h.file.WriteAt(h.arena, int64(h.filed)); err != nil {
		return err
	}
	h.filed += len(h.arena)
	h.arena, h.end = h.arena[:0], 0
	return nil
}

// openHash executes HashOpen.
func (m *Machine) openHash(in *Instr) {
	c := &m.cursors[in.P1]
	c.close()
	if c.hash == nil {
		c.hash = new(hashRows)
	}
	c.hash.reset()
	c.hash.fs, c.hash.bytesMax = m.env.TempFS(), m.sortBytesMax()
	c.kind, c.key = hashCursor, m.prog.Keys[in.P4]
	c.moved()
}

// hashInsert executes HashInsert.
func (m *Machine) hashInsert(c *cursor, in *Instr) error {
	k := c.hashKey(m.regs[in.P2 : in.P2+in.P3])
	if k < 0 {
		return pager.ErrNoMemory
	}
	h := c.hash
	h.arena = append(h.arena, m.regs[in.P4].Bytes()...)
	return h.add(k)
}

// vectorHash executes VHashInsert.
func (m *Machine) vectorHash(in *Instr) error {
	s, c := &m.vec, &m.cursors[in.P1]
	h, entry := c.hash, m.prog.Objects[in.P4].(*VectorEntry)
	keys, width := len(entry.Key), len(entry.Key)+len(entry.Record)
	if width > len(s.values) {
		s.values = append(s.values, make([]value.Value, width-len(s.values))...)
	}
	key, row := s.values[:keys], s.values[keys:width]
lanes:
	for i := range s.sel {
		for n, r := range entry.Key {
			s.v[r].lane(s.sel, i, &key[n])
			if key[n].IsNull() {
				continue lanes
			}
			key[n].ApplyAffinity(entry.Affinities[n])
		}
		k := c.hashKey(key)
		if k < 0 {
			return pager.ErrNoMemory
		}
		for n, r := range entry.Record {
			s.v[r].lane(s.sel, i, &row[n])
		}
		h.arena = record.AppendRecord(h.arena, row)
		if err := h.add(k); err != nil {
			return err
		}
	}
	return nil
}

// hashKey is the number of a key of the rows of c, a new one if need be; -1 when there is no room for it.
func (c *cursor) hashKey(key []value.Value) int32 {
	h, isInt := c.hash, len(key) == 1 && key[0].Kind() == value.Int
	if isInt {
		if k := h.ints.find(key[0].Int()); k >= 0 {
			return k
		}
	}
	if !h.mixed {
		if isInt {
			h.list = append(h.list, key[0].Int())
			return h.newKey(key)
		}
		if h.mixed = true; !h.encode() {
			return -1
		}
	}
	c.bound = c.bound[:0]
	for i := range key {
		c.bound = record.AppendKeyValue(c.bound, &key[i], c.key.keyColumn(i))
	}
	k := int32(h.keys.find(c.bound))
	switch {
	case k < 0 && !h.keys.insert(c.bound, nil):
		return -1
	case k < 0:
		return h.newKey(key)
	case isInt: // A real has brought the key.
		h.ints.put(key[0].Int(), k)
	}
	return k
}

// newKey is the number of a key that is new.
func (h *hashRows) newKey(key []value.Value) int32 {
	k := int32(len(h.chains))
	h.chains = append(h.chains, chain{-1, -1})
	if len(key) == 1 && key[0].Kind() == value.Int {
		h.ints.put(key[0].Int(), k)
	}
	return k
}

// encode brings the integers into keys; false when there is no room.
func (h *hashRows) encode() bool {
	var key []byte
	for _, x := range h.list {
		if key = record.AppendKeyInt(key[:0], x); !h.keys.insert(key, nil) {
			return false
		}
	}
	h.list = h.list[:0]
	return true
}

// add makes what has been appended to the arena a row of key k.
func (h *hashRows) add(k int32) error {
	n := int32(len(h.rows))
	if n == hashRowsMax {
		return pager.ErrNoMemory
	}
	h.rows = append(h.rows, hashRow{off: h.filed + h.end, size: int32(len(h.arena) - h.end), next: -1})
	h.end = len(h.arena)
	of := &h.chains[k]
	if of.last >= 0 {
		h.rows[of.last].next = n
	} else {
		of.first = n
	}
	of.last = n
	if len(h.arena) > h.bytesMax {
		return h.spill()
	}
	return nil
}

// hashProbe executes HashProbe.
func (m *Machine) hashProbe(c *cursor, in *Instr) bool {
	h, x := c.hash, &m.regs[in.P3]
	c.moved()
	k := int32(-1)
	if len(c.key.Cols) == 1 {
		switch x.Kind() {
		case value.Int:
			k = h.ints.find(x.Int())
		case value.Real:
			if f := x.Real(); f >= -1<<63 && f < 1<<63 && float64(int64(f)) == f {
				k = h.ints.find(int64(f))
			}
		default:
		}
	}
	if k < 0 && h.mixed {
		c.bound = m.appendKey(c.bound[:0], c.key, in.P3, int32(len(c.key.Cols)))
		k = int32(h.keys.find(c.bound))
	}
	if k < 0 {
		return false
	}
	h.cur = int(h.chains[k].first)
	return true
}

// hashNext executes HashNext.
func (m *Machine) hashNext(c *cursor) bool {
	null := c.flags != 0 // The row of NULLs of a LEFT JOIN stands alone.
	c.moved()
	if null || c.hash.rows[c.hash.cur].next < 0 {
		return false
	}
	c.hash.cur = int(c.hash.rows[c.hash.cur].next)
	return true
}

// probe tells for which lanes of v the rows h may have one: integers are looked
// for where all keys are such, of everything else nothing is known.
func (s *vectors) probe(h *hashRows, v *vector, out []uint8) {
	if h == nil || h.mixed || v.constant || v.seen&^record.LaneNull != record.LaneInt {
		fill(out, laneTrue)
		return
	}
	h.ints.findAll(v.bits, out)
	v.markUnknown(out) // NULL equals nothing.
}
