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
}

// vectorSort executes VSorterInsert.
func (m *Machine) vectorSort(in *Instr) error {
	s, c := &m.vec, &m.cursors[in.P1]
	entry := m.prog.Objects[in.P4].(*VectorEntry)
	if n := len(entry.Record); n > len(s.values) {
		s.values = append(s.values, make([]value.Value, n-len(s.values))...)
	}
	row := s.values[:len(entry.Record)]
	for i := range s.sel {
		m.keyBuf = m.keyBuf[:0]
		for k, r := range entry.Key {
			s.v[r].lane(s.sel, i, &s.x)
			m.keyBuf = record.AppendKeyValue(m.keyBuf, &s.x, c.key.keyColumn(k))
		}
		if c.sorter.Away(m.keyBuf) {
			continue
		}
		for k, r := range entry.Record {
			s.v[r].lane(s.sel, i, &row[k])
		}
		m.scratch = record.AppendRecord(m.scratch[:0], row)
		if err := c.sorter.Add(m.keyBuf, m.scratch); err != nil {
			return err
		}
	}
	return nil
}
