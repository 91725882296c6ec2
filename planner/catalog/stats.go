package catalog

import (
	"math"
	"slices"
	"strings"

	"github.com/rustlite/rustlite/vm/value"
)

// StatsName is the table in which ANALYZE leaves its statistics.
const StatsName = "sqlite_stat1"

// Stats is what ANALYZE found in an index. Whoever can write to the table of
// statistics can have written anything: all numbers are within bounds, and none
// decides more than a plan's cost.
type Stats struct {
	Rows float64 // Entries, at least 1.
	// Share[k] is how many entries have the same first k+1 columns, on average:
	// 1 to Rows, and never more than Share[k-1]. There are as many as columns.
	Share []float64
	// Unordered: the index serves equalities alone.
	Unordered bool
}

// statsMax bounds the numbers in the text of statistics.
const statsMax = 1e15

// Analyzed takes a row of sqlite_stat1 to the index that it tells of. A row
// without an index counts the rows of its table, which the table itself does
// as well: it says nothing new, nor does one of which nothing is there.
func (s *Schema) Analyzed(table, index, stat string) {
	if p := s.lock(); p != nil {
		defer p.Unlock()
		if name := value.Lower(table); p.of[name] != nil {
			p.stats[name] = append(p.stats[name], statsRow{index, stat})
			return
		}
	}
	s.analyzed(table, index, stat)
}

func (s *Schema) analyzed(table, index, stat string) {
	t := s.tables[value.Lower(table)]
	if t == nil || index == "" {
		return
	}
	x := s.indexes[value.Lower(index)]
	if value.EqualFold(table, index) {
		x = t.Key
	}
	if x != nil {
		x.Stats = parseStats(stat, len(x.Columns))
	}
}

// Analyzed reports whether there are statistics of an index of the table.
func (t *Table) Analyzed() bool {
	return slices.ContainsFunc(t.Indexes, func(x *Index) bool { return x.Stats != nil })
}

// parseStats reads numbers, and the words behind them, of which those that are
// not known mean nothing. What is missing of the numbers is guessed: columns
// without one halve the share before.
func parseStats(text string, columns int) *Stats {
	words := strings.Fields(text)
	st := &Stats{Rows: 1, Share: make([]float64, columns)}
	n := 0
	for ; n < len(words) && n <= columns; n++ {
		v, ok := statNumber(words[n])
		if !ok {
			break
		}
		if n == 0 {
			st.Rows = v
		} else {
			st.Share[n-1] = v
		}
	}
	if n == 0 {
		return nil
	}
	most := st.Rows
	for k := range st.Share {
		if k >= n-1 {
			st.Share[k] = most / 2
		}
		st.Share[k] = min(max(st.Share[k], 1), most)
		most = st.Share[k]
	}
	for _, w := range words[n:] {
		st.Unordered = st.Unordered || w == "unordered"
	}
	return st
}

// statNumber reads digits; what is too large is the largest.
func statNumber(w string) (v float64, ok bool) {
	for _, c := range []byte(w) {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = math.Min(v*10+float64(c-'0'), statsMax)
	}
	return math.Max(v, 1), w != ""
}
