package vm

import (
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// VectorEntry says of which vectors an entry of a sorter, or of a table of rows
// by keys, is made; there the columns of the key get affinities.
type VectorEntry struct {
	Key        []int32
	Record     []int32
	Affinities []value.Affinity
	Index      bool // The entry is one of an index: in the place of a record it has what its key does not give back.
}

// vectorSort executes VSorterInsert.
func (m *Machine) vectorSort(in *Instr) error {
	s, c := &m.vec, &m.cursors[in.P1]
	entry := m.prog.Objects[in.P4].(*VectorEntry)
	from := entry.Record
	if entry.Index {
		from = entry.Key[:min(len(entry.Key), len(c.key.Cols))]
	}
	if n := len(from); n > len(s.values) {
		s.values = append(s.values, make([]value.Value, n-len(s.values))...)
	}
	row := s.values[:len(from)]
	exact := entry.Index && s.exact(c.key, from)
	ints := exact
	for k, r := range entry.Key {
		v := &s.v[r]
		ints = ints && v.seen == record.LaneInt && !v.constant && !c.key.keyColumn(k).Desc
	}
	for i := range s.sel {
		key := m.keyBuf[:0]
		if ints {
			for _, r := range entry.Key {
				key = record.AppendKeyInt(key, s.v[r].bits[i])
			}
			if m.keyBuf = key; !c.sorter.Away(key) {
				if err := c.sorter.Add(key, nil); err != nil {
					return err
				}
			}
			continue
		}
		for k, r := range entry.Key {
			col := c.key.keyColumn(k)
			if v := &s.v[r]; v.seen == record.LaneInt && !v.constant && !col.Desc {
				key = record.AppendKeyInt(key, v.bits[i])
			} else {
				v.lane(s.sel, i, &s.x)
				key = record.AppendKeyValue(key, &s.x, col)
			}
		}
		m.keyBuf = key
		if c.sorter.Away(key) {
			continue
		}
		m.scratch = m.scratch[:0]
		if !exact {
			for k, r := range from {
				s.v[r].lane(s.sel, i, &row[k])
			}
			if entry.Index {
				m.scratch = record.AppendFixups(m.scratch, row, c.key.Cols)
			} else {
				m.scratch = record.AppendRecord(m.scratch, row)
			}
		}
		if err := c.sorter.Add(key, m.scratch); err != nil {
			return err
		}
	}
	return nil
}

// exact reports whether the keys of all lanes of columns give back their values.
func (s *vectors) exact(key *KeyInfo, cols []int32) bool {
	for k, r := range cols {
		if kinds := s.v[r].seen; kinds&record.LaneReal != 0 || kinds&record.LaneText != 0 && !key.Cols[k].Collation.IsBinary() {
			return false
		}
	}
	return true
}
