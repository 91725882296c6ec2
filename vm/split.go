package vm

import (
	"errors"
	"math"
	"runtime"
	"sync/atomic"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/sorter"
)

// A loop over a large table that changes nothing can be split among processors
// (morsels of the plan, as in Leis et al., Morsel-Driven Parallelism, 2014, but
// of a fixed number): between Split and Join helpers, which are machines of
// their own on snapshots of their own, in a writing transaction with its private
// pages, run the same instructions over later ranges of row ids. What their rows
// have become, groups, accumulators or entries of sorters, is merged in the order
// of the ranges, so that nobody sees a difference; where somebody would, the loop
// runs once more, whole.

// SplitInfo tells of a loop that may be split what its rows go into.
type SplitInfo struct {
	Groups  []int32 // Cursors of groups,
	Sorters []int32 // and of sorters.
	// Accums is the first of the accumulators without groups, Calls the
	// aggregates, by their number in Program.Calls.
	Accums int32
	Calls  []int32
	// Slow: each row calls a function, so that fewer rows are worth a helper.
	Slow bool
}

const (
	// splitRowsDefault is the least number of rows that are worth a helper.
	splitRowsDefault = 1 << 15
	// splitRowsSlow is that number where each row calls a function.
	splitRowsSlow = 1 << 13
	// splitWait is how many rows come before a loop is split.
	splitWait = 1 << 12
	// helpersMax bounds the helpers of one loop.
	helpersMax = 7
)

// helpersBusy counts the helpers of all machines, which together take no more
// than the processors.
var helpersBusy atomic.Int32

// errHelped ends the run of a helper; errUnmerged says that the loop cannot be
// split.
var (
	errHelped   = errors.New("the helper's part is done")
	errUnmerged = errors.New("the helper's part cannot be merged")
)

// helpers are the machines that help another one.
type helpers struct {
	of      []*Machine
	at      int  // How many of them are at work.
	granted int  // What helpersBusy has counted for these.
	whole   bool // The run splits no more loops.
}

// helper is what a machine needs to know to help another.
type helper struct {
	up   *Machine // Whom it helps; nil when it does not.
	done chan error
	txs  [][2]*pager.Tx // Those of up, and the helper's.
}

// splitLoop executes Split.
func (m *Machine) splitLoop(in *Instr, pc int) error {
	c := &m.cursors[in.P1]
	l := c.lanes
	if l.waits < 0 {
		return nil
	}
	least := int64(m.session.SplitRows)
	switch {
	case least > 0:
	case m.prog.Objects[in.P4].(*SplitInfo).Slow:
		least = splitRowsSlow
	default:
		least = splitRowsDefault
	}
	if l.waits -= l.batch.N; l.waits > 0 && least > splitWait {
		return nil
	}
	l.waits = -1
	return m.splitNow(in, pc, least)
}

// splitNow lets helpers run the rest of the loop, but for the first part of it.
func (m *Machine) splitNow(in *Instr, pc int, least int64) error {
	c := &m.cursors[in.P1]
	l := c.lanes
	if m.helpers.whole || m.up != nil || m.depth > 0 || l.over || m.session.Workers == 1 {
		return nil
	}
	if n, err := btree.Count(c.tx, c.root); n < 2*least || err != nil || least > splitWait && m.manyGroups(in, float64(n)) {
		return err
	}
	for i := range m.cursors[:m.prog.Cursors] {
		if !m.cursors[i].sharable() {
			return nil
		}
	}
	first, last := c.bt.IntKey(), int64(math.MaxInt64)
	if l.hasEnd {
		last = l.end
	}
	if l.batch.N > 0 {
		if first++; first > last || first == math.MinInt64 {
			return nil
		}
	}
	parts := 1 + m.grant()
	defer m.giveBack()
	if parts == 1 {
		return nil
	}
	cuts, n, err := c.bt.Cut(first, last, parts)
	if err == nil && n < int64(parts)*least {
		cuts = cuts[:max(0, min(len(cuts), int(n/least)-1))]
	}
	if _, seek := c.bt.SeekInt(first); err != nil || seek != nil {
		return errors.Join(err, seek)
	}
	for i, from := range cuts {
		to, hasEnd := last, l.hasEnd
		if i+1 < len(cuts) {
			to, hasEnd = cuts[i+1]-1, true
		}
		if err := m.sendHelper(in, pc, from, to, hasEnd); err != nil {
			return err
		}
	}
	if len(cuts) > 0 {
		l.end, l.hasEnd = cuts[0]-1, true
	}
	return nil
}

// manyGroups reports whether half of the rows may make so many groups that they
// take longer to merge than to find. Of keys that come in any order as many are
// left over as the first rows let expect; those that rise are merged fast.
func (m *Machine) manyGroups(in *Instr, rows float64) bool {
	for _, c := range m.prog.Objects[in.P4].(*SplitInfo).Groups {
		k := &m.cursors[c].groups.keys
		if k.form == intForm && k.rising {
			continue
		}
		// Of g groups rows r find g*(1-e^(-r/g)): g lies between what they have
		// found and all rows.
		found := func(g, r float64) float64 { return -g * math.Expm1(-r/g) }
		low, high := float64(max(1, k.n)), rows
		for range 20 {
			if g := math.Sqrt(low * high); found(g, splitWait) < float64(k.n) {
				low = g
			} else {
				high = g
			}
		}
		if 4*found(low, rows/2) > rows/2 {
			return true
		}
	}
	return false
}

// grant takes as many helpers as the session may have and processors are free.
func (m *Machine) grant() int {
	h := &m.helpers
	if n := m.session.Workers; n > 0 {
		return min(n-1, helpersMax)
	}
	want := int32(min(runtime.GOMAXPROCS(0)-1, helpersMax))
	for {
		busy := helpersBusy.Load()
		n := min(want, int32(runtime.GOMAXPROCS(0)-1)-busy)
		if n <= 0 {
			return 0
		}
		if helpersBusy.CompareAndSwap(busy, busy+n) {
			h.granted = int(n)
			return int(n)
		}
	}
}

// giveBack lets others have the helpers that are not at work.
func (m *Machine) giveBack() {
	h := &m.helpers
	if n := h.granted - h.at; n > 0 {
		helpersBusy.Add(-int32(n))
		h.granted -= n
	}
}

// sharable reports whether a helper can have a cursor of its own in the place of
// c, or needs none.
func (c *cursor) sharable() bool {
	switch c.kind {
	case tableCursor, indexCursor:
		return !c.ephemeral && c.tx.Clonable()
	case moduleCursor:
		return false
	case closedCursor, sortCursor, setCursor, groupCursor, hashCursor:
	}
	return true
}

// sendHelper lets a helper run the loop of Split from row id from on.
func (m *Machine) sendHelper(in *Instr, pc int, from, to int64, hasEnd bool) error {
	h := &m.helpers
	if h.at == len(h.of) {
		h.of = append(h.of, &Machine{helper: helper{done: make(chan error, 1)}})
	}
	w := h.of[h.at]
	h.at++
	if err := w.follow(m); err != nil {
		w.done <- err
		return nil
	}
	l := w.cursors[in.P1].lanes
	l.end, l.hasEnd = to, hasEnd
	w.pc = pc
	go func() {
		w.done <- w.env.Guard(func() error {
			if _, err := w.cursors[in.P1].bt.SeekInt(from); err != nil {
				return err
			}
			_, err := w.run()
			if err == errHelped { //nolint:errorlint // The very error.
				return nil
			}
			return err
		})
	}()
	return nil
}

// follow makes w ready to go on where m is.
func (w *Machine) follow(m *Machine) error {
	m.prepareContext()
	w.up, w.env, w.session, w.params, w.lengthMax = m, m.env, m.session, m.params, m.lengthMax
	w.ctx, w.haveNow = m.ctx, true
	w.frame.enter(m.prog)
	copy(w.regs, m.regs[:m.prog.Registers+1])
	copy(w.once, m.once)
	w.state = running
	w.epoch++
	w.stop.Store(false)
	w.vec.active = true
	if n := m.prog.Vectors; n > len(w.vec.v) {
		w.vec.v = append(w.vec.v, make([]vector, n-len(w.vec.v))...)
	}
	for i := range m.cursors[:m.prog.Cursors] {
		from, c := &m.cursors[i], &w.cursors[i]
		switch from.kind {
		case tableCursor, indexCursor:
			if err := c.open(w.snapshot(from.tx), from.root, from.key, false); err != nil {
				return err
			}
			if from.lanes != nil {
				c.openLanes(from.lanes.max)
				c.lanes.waits = -1
			}
		case hashCursor:
			c.hash = from.hash.reader()
			c.kind, c.key = hashCursor, from.key
			c.moved()
		case setCursor:
			c.keys = from.keys.reader()
			c.keys.poll = w.asked()
			c.kind, c.key = setCursor, from.key
			c.moved()
		case groupCursor:
			w.newGroups(c, from.groups.info, from.groups.first)
		case sortCursor:
			w.follows(c, from)
		case closedCursor, moduleCursor:
		}
	}
	return nil
}

// follows opens a sorter for the entries that come after those of another one.
// Together they take the memory of one.
func (w *Machine) follows(c, from *cursor) {
	if c.sorter == nil {
		c.sorter = new(sorter.Sorter)
	}
	o := from.sorter.Options()
	o.BytesMax /= 1 + w.up.helpers.at
	o.Poll = w.asked()
	c.sorter.Open(o)
	c.kind, c.key = sortCursor, from.key
	c.moved()
}

// snapshot is w's transaction on the snapshot of tx.
func (w *Machine) snapshot(tx *pager.Tx) *pager.Tx {
	for _, t := range w.helper.txs {
		if t[0] == tx {
			return t[1]
		}
	}
	own := tx.Clone()
	w.helper.txs = append(w.helper.txs, [2]*pager.Tx{tx, own})
	return own
}

// joinLoop executes Join.
func (m *Machine) joinLoop(in *Instr, pc int) (int, error) {
	info, h := m.prog.Objects[in.P4].(*SplitInfo), &m.helpers
	if h.at == 0 && m.up == nil {
		return pc, nil
	}
	err := m.arrange(info)
	if m.up != nil {
		if err == nil {
			err = errHelped
		}
		return pc, err
	}
	if err == nil {
		err = m.await()
	}
	if err == nil {
		err = m.merge(info)
	}
	m.dismiss()
	if err == errUnmerged { //nolint:errorlint // The very error.
		h.whole = true
		return int(in.P2), nil
	}
	return pc, err
}

// arrange sorts what the rows of this machine have brought into sorters.
func (m *Machine) arrange(info *SplitInfo) error {
	for _, c := range info.Sorters {
		if err := m.cursors[c].sorter.Arrange(); err != nil {
			return err
		}
	}
	return nil
}

// await waits for the helpers. The first error ends the work of all.
func (m *Machine) await() (err error) {
	h := &m.helpers
	for _, w := range h.of[:h.at] {
		x := <-w.done
		w.done <- x // For dismiss.
		if err == nil {
			err = x
		}
		if err != nil {
			break
		}
	}
	return err
}

// dismiss ends the work of the helpers, wherever they are.
func (m *Machine) dismiss() {
	h := &m.helpers
	for _, w := range h.of[:h.at] {
		w.stop.Store(true)
	}
	for _, w := range h.of[:h.at] {
		<-w.done
		w.unfollow()
	}
	h.at = 0
	m.giveBack()
}

// unfollow makes a helper ready for the next loop.
func (w *Machine) unfollow() {
	for i := range w.cursors[:w.prog.Cursors] {
		switch c := &w.cursors[i]; c.kind { // What is shared, or has been moved, stays as it is.
		case hashCursor:
			c.hash, c.kind = nil, closedCursor
		case setCursor:
			c.keys, c.kind = nil, closedCursor
		case groupCursor:
			clear(w.accs[c.groups.first:][:len(c.groups.accs)])
		default:
		}
	}
	w.frame.close()
	w.frame.forget()
	w.vec.release()
	for _, t := range w.helper.txs {
		t[1].Rollback()
	}
	clear(w.helper.txs)
	w.helper.txs = w.helper.txs[:0]
	w.up, w.env, w.session, w.params = nil, nil, nil, nil
	w.state = idle
}

// merge takes in what the helpers have made of their rows.
func (m *Machine) merge(info *SplitInfo) error {
	h := &m.helpers
	for _, w := range h.of[:h.at] {
		for _, c := range info.Sorters {
			if err := m.cursors[c].sorter.Absorb(w.cursors[c].sorter); err != nil {
				return err
			}
		}
		for _, c := range info.Groups {
			if err := m.mergeGroups(m.cursors[c].groups, w.cursors[c].groups); err != nil {
				return err
			}
		}
		if err := m.mergeAccumulators(info, w); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) mergeAccumulators(info *SplitInfo, w *Machine) error {
	for k, site := range info.Calls {
		i := info.Accums + int32(k)
		call := &m.prog.Calls[site]
		if w.accs[i] == nil || w.accFns[i] != call.Func {
			continue // No row has come to it.
		}
		a, ok := m.accumulator(i, call).(fn.Merger)
		if !ok || !a.Merge(m.context(call, int(site)), w.accs[i]) {
			return errUnmerged
		}
	}
	return nil
}

// mergeGroups adds the groups of later rows to g.
func (m *Machine) mergeGroups(g, later *groups) error {
	k, from := &g.keys, &later.keys
	from.turnTo(k.turnTo(from.form))
	had := k.n
	into := make([]int32, from.n)
	for i := range into {
		if i%pollEvery == 0 {
			if err := m.poll(); err != nil {
				return err
			}
		}
		if k.form == intForm && i%batchRowsMax == 0 {
			k.ints.touch(from.list[i:min(i+batchRowsMax, from.n)])
		}
		var ok bool
		if into[i], ok = k.take(from, i, g.full); !ok {
			return errUnmerged
		}
	}
	g.grow()
	for n, a := range g.accs {
		site := g.info.Calls[n]
		c := m.context(&m.prog.Calls[site], int(site))
		for i, at := range into {
			if int(at) >= had {
				a.Take(int(at), later.accs[n], i)
			} else if x, ok := a.At(int(at)).(fn.Merger); !ok || !x.Merge(c, later.accs[n].At(i)) {
				return errUnmerged
			}
		}
	}
	return nil
}

// reader is a table of the same rows, which are complete, for another goroutine.
func (h *hashRows) reader() *hashRows {
	r := *h
	r.buf = nil
	return &r
}

// reader is a set of the same keys, which are complete, for another goroutine.
func (s *keySet) reader() *keySet {
	return &keySet{arena: s.arena, list: s.list, table: s.table, n: s.n, cur: -1, pos: -1}
}
