package vm

import "time"

// TallyInfo says what a tally counts for: a line of the plan, by its number, and
// the cursors that read pages for it.
type TallyInfo struct {
	Line    int32
	Cursors []int32
}

// What Tally counts, in P2.
const (
	TallyLoop   int32 = iota // The loop begins.
	TallyRow                 // It has a row.
	TallyBatch               // It has the batch of cursor P3.
	TallySorted              // The entries of sorter P3.
	TallyGroups              // The groups of P3.
)

// Tally is what an operator did in a run.
type Tally struct {
	Loops, Rows, Pages int64
	Time               time.Duration // Until the next operator went on.
}

// tallies are the tallies of a run, and which of them the time belongs to.
type tallies struct {
	list []Tally
	now  int
	at   time.Time
}

// startTallies begins to count.
func (m *Machine) startTallies() {
	t := &m.tallies
	t.list = append(t.list[:0], make([]Tally, 1+len(m.prog.Tallies))...)
	t.now, t.at = len(m.prog.Tallies), time.Now()
	for i := range m.cursors[:m.prog.Cursors] {
		m.cursors[i].bt.TakePages()
	}
}

// tally executes Tally.
func (m *Machine) tally(in *Instr) {
	t := &m.tallies
	now := time.Now()
	t.list[t.now].Time += now.Sub(t.at)
	t.now, t.at = int(in.P1), now
	x, c := &t.list[in.P1], &m.cursors[in.P3]
	switch in.P2 {
	case TallyLoop:
		x.Loops++
	case TallyRow:
		x.Rows++
	case TallyBatch:
		x.Rows += int64(c.lanes.batch.N)
	case TallySorted:
		x.Loops++
		x.Rows += c.sorter.Len()
	case TallyGroups:
		x.Loops++
		x.Rows += int64(c.groups.keys.n)
	}
}

// Tallies is what the run has done so far: by Program.Tallies, and behind them
// the rest of it, which belongs to no line.
func (m *Machine) Tallies() []Tally {
	t := &m.tallies
	now := time.Now()
	t.list[t.now].Time += now.Sub(t.at)
	t.at = now
	for i := range m.prog.Tallies {
		for _, c := range m.prog.Tallies[i].Cursors {
			t.list[i].Pages += m.cursors[c].bt.TakePages()
		}
	}
	rest := &t.list[len(m.prog.Tallies)]
	for i := range m.cursors[:m.prog.Cursors] {
		rest.Pages += m.cursors[i].bt.TakePages()
	}
	return t.list
}
