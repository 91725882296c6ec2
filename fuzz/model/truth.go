package model

import (
	"github.com/google/btree"
)

// Row is one row: a key and its value.
type Row struct {
	ID   int64
	Name string
	Body string
}

// Truth is a table as an ordered map, with savepoints. Clones share what they have in common.
type Truth struct {
	rows  *btree.BTreeG[Row]
	saved []*btree.BTreeG[Row]
}

// NewTruth is an empty table.
func NewTruth() *Truth {
	return &Truth{rows: btree.NewG(16, func(a, b Row) bool { return a.ID < b.ID })}
}

// Put inserts or replaces a row.
func (t *Truth) Put(r Row) { t.rows.ReplaceOrInsert(r) }

// Delete removes the rows from low to high, and says how many there were.
func (t *Truth) Delete(low, high int64) int64 {
	rows := t.Range(low, high)
	for _, r := range rows {
		t.rows.Delete(r)
	}
	return int64(len(rows))
}

// Get finds a row.
func (t *Truth) Get(id int64) (Row, bool) { return t.rows.Get(Row{ID: id}) }

// Range gives the rows from low to high, ascending.
func (t *Truth) Range(low, high int64) []Row {
	var rows []Row
	t.rows.AscendGreaterOrEqual(Row{ID: low}, func(r Row) bool {
		if r.ID > high {
			return false
		}
		rows = append(rows, r)
		return true
	})
	return rows
}

// Len is the number of rows.
func (t *Truth) Len() int { return t.rows.Len() }

// Last is the highest key, 0 when there is none.
func (t *Truth) Last() int64 {
	r, _ := t.rows.Max()
	return r.ID
}

// Save opens a savepoint, number Depth.
func (t *Truth) Save() { t.saved = append(t.saved, t.rows.Clone()) }

// Depth is the number of open savepoints.
func (t *Truth) Depth() int { return len(t.saved) }

// Back goes back to savepoint i, which stays open; newer ones are gone.
func (t *Truth) Back(i int) {
	t.rows = t.saved[i].Clone()
	t.saved = t.saved[:i+1]
}

// Release forgets savepoint i and the newer ones; their changes stay.
func (t *Truth) Release(i int) { t.saved = t.saved[:i] }
