package vm

import (
	"strconv"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// indexStats executes IndexStats: the number of entries of an index, and for
// each number of its first columns how many entries share their values, on
// average and rounded up, as SQLite writes them into sqlite_stat1.
//
// With a limit the scan stops after so many entries, or, where all of them had
// one value in the first column, goes on behind that value. Behind a value of a
// unique index of one column all are taken as different, NULLs too.
func (m *Machine) indexStats(in *Instr) error {
	c, limit := &m.cursors[in.P1], int64(m.session.AnalysisLimit)
	cols := c.key.Cols[:len(c.key.Cols)-c.key.Suffix]
	more := make([]int64, len(cols)) // Changes of the first columns: distinct values but the first.
	last := m.keyBuf[:0]
	rows, skips := int64(0), int64(0)
	unique, distinct := in.P5&StatsUnique != 0, false
	var first value.Value
	ok, err := c.bt.First()
	for ; ok && err == nil; ok, err = c.bt.Next() {
		if rows%pollEvery == pollEvery-1 {
			if err := m.poll(); err != nil {
				return err
			}
		}
		key, err := c.bt.Key()
		if err != nil {
			return err
		}
		if rows > 0 {
			same := 0
			if !distinct {
				if same, err = m.commonColumns(c, last, key, len(cols)); err != nil {
					return err
				}
			}
			for i := same; i < len(cols); i++ {
				more[i]++
			}
		}
		last = append(last[:0], key...)
		if unique && !distinct {
			if _, err := record.DecodeKeyValue(last, cols[0], &first); err != nil {
				return m.malformed(c)
			}
			distinct = !first.IsNull()
		}
		if rows++; limit == 0 || rows <= limit*(skips+1) {
			continue
		}
		if skips++; more[0] > 0 {
			break
		}
		rest, err := record.SkipKeyValue(last, cols[0])
		if err != nil {
			return m.malformed(c)
		}
		c.bound = append(append(c.bound[:0], last[:len(last)-len(rest)]...), record.KeySuccessor)
		if ok, err = c.bt.SeekGE(c.bound); err != nil {
			return err
		} else if !ok {
			break
		}
	}
	m.keyBuf = last
	if err != nil {
		return err
	}
	m.out.SetNull()
	if rows > 0 || in.P5&StatsPartial != 0 {
		total := rows
		if skips > 0 {
			if total, err = m.count(c); err != nil {
				return err
			}
		}
		b := strconv.AppendInt(nil, total, 10)
		for _, n := range more {
			n++
			share := (rows + n - 1) / n
			if share == 2 && rows*10 <= n*11 {
				share = 1
			}
			b = strconv.AppendInt(append(b, ' '), share, 10)
		}
		m.out.SetText(b)
	}
	return m.setResult(in.P2)
}

// commonColumns counts the first columns, up to n, that two keys share.
func (m *Machine) commonColumns(c *cursor, a, b []byte, n int) (int, error) {
	rest := b
	for i := range n {
		var err error
		if rest, err = record.SkipKeyValue(rest, c.key.Cols[i]); err != nil {
			return 0, m.malformed(c)
		}
		if c.key.startsWith(a, b[:len(b)-len(rest)]) != 0 {
			return i, nil
		}
	}
	return n, nil
}
