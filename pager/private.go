package pager

import (
	"fmt"

	"github.com/rustlite/rustlite/freelist"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

const (
	privBits = 9
	privSize = 1 << privBits
	privMask = privSize - 1

	genBase = 1 // generation of a transaction without savepoints
)

// privEntry is what the writer knows of one page: its private frame (0 = none), the savepoint
// generation of that frame (0 = none), the stamp of the last change. A page that is spilled has no
// frame; its generation is kept aside, with the low half of its checksum. So is that of a page of which
// the counter alone was written, until Write asks for it.
type privEntry struct {
	frame   frameNo
	gen     uint32
	stamp   uint64
	spilled uint32 // generation of a spilled page, else 0
	sum     uint32
	counted uint32 // generation of a page that differs from the committed one in its counter, else 0
}

type privLeaf [privSize]privEntry

// undo is the state of a page before its first change in a generation.
type undo struct {
	no    PageNo
	frame frameNo
	gen   uint32
}

// savepoint is an open undo point (P4).
type savepoint struct {
	gen      uint32
	undoMark int
	freeMark int
	cur      state
}

// Savepoint names an undo point of one transaction.
type Savepoint struct{ gen uint32 }

// writer is the state that belongs to whoever holds the writer's turn.
type writer struct {
	last       *state // the newest commit, published or not
	free       *freelist.List
	trunks     []trunkRef // the trunk pages of the newest commit, by range
	trunkDirty map[int]bool
	span       int // pages covered by one trunk

	priv    []*privLeaf
	touched []PageNo // pages whose privEntry is not zero
	undo    []undo
	points  []savepoint
	genNext uint32
	stamp   uint64

	spilled   int   // how many pages are (P6)
	spillAt   int   // how many private frames there may be before the next
	spillFrom int64 // what lies from here on in the main file is for spilling; 0 = nothing was spilled
	reach     reach // before the first was
}

func (tx *Tx) becomeWriter() {
	w := &tx.p.w
	invariant.Check(len(w.touched) == 0 && len(w.undo) == 0 && len(w.points) == 0 && w.free.Mark() == 0,
		"P4: the last writer left nothing behind")
	tx.writable = true
	tx.cur = *tx.snap
	tx.priv = w.priv
	if tx.priv == nil {
		tx.priv = []*privLeaf{}
	}
	w.genNext = genBase
	tx.gen = genBase
	w.spilled, w.spillFrom = 0, 0
	w.spillAt = int(tx.p.opts.PrivateBytes >> tx.p.pageShift)
}

// leaveWriter clears the writer's state. Frames have been given away or dropped before.
func (tx *Tx) leaveWriter() {
	w := &tx.p.w
	for _, no := range w.touched {
		*tx.entry(no) = privEntry{}
	}
	if cap(w.touched) > 1<<16 {
		w.touched, w.priv = nil, nil // A giant has passed; let its tables go.
	} else {
		w.touched, w.priv = w.touched[:0], tx.priv
	}
	w.undo = w.undo[:0]
	w.points = w.points[:0]
	w.free.Forget()
	clear(w.trunkDirty)
}

// dropPrivate gives back every private frame.
func (tx *Tx) dropPrivate() {
	w := &tx.p.w
	tx.dropSpilled()
	for _, u := range w.undo {
		if u.frame != 0 {
			tx.p.arena.give(u.frame)
		}
	}
	w.undo = w.undo[:0]
	for _, no := range w.touched {
		if e := tx.entry(no); e.frame != 0 {
			tx.p.arena.give(e.frame)
			e.frame = 0
		}
	}
}

// entry is the private entry of a page, made when there is none.
func (tx *Tx) entry(no PageNo) *privEntry {
	i := int(no >> privBits)
	if i >= len(tx.priv) {
		grown := make([]*privLeaf, i+1, max(i+1, 2*len(tx.priv)))
		copy(grown, tx.priv)
		tx.priv = grown
	}
	if tx.priv[i] == nil {
		tx.priv[i] = new(privLeaf)
	}
	return &tx.priv[i][no&privMask]
}

// Write gives the private copy of a page, in the present savepoint generation, for changing. The
// bytes are borrowed until the page is freed or rolled back, or written in a newer generation.
// The last 16 bytes belong to the pager.
func (tx *Tx) Write(no PageNo) ([]byte, error) {
	if i := uint(no >> privBits); i < uint(len(tx.priv)) {
		if l := tx.priv[i]; l != nil {
			if e := &l[no&privMask]; e.gen >= tx.gen {
				tx.p.w.stamp++
				e.stamp = tx.p.w.stamp
				return tx.p.arena.bytes(e.frame), nil
			}
		}
	}
	return tx.writeSlow(no)
}

func (tx *Tx) writeSlow(no PageNo) ([]byte, error) {
	if err := tx.canWrite(); err != nil {
		return nil, err
	}
	switch e := tx.entry(no); {
	case e.spilled != 0:
		if err := tx.reload(no, e); err != nil {
			return nil, err
		}
		return tx.Write(no)
	case e.counted >= tx.gen:
		e.gen, e.counted = e.counted, 0
		return tx.Write(no)
	}
	before, err := tx.Page(no)
	if err != nil {
		return nil, err
	}
	invariant.Check(!tx.p.w.free.Contains(no), "P5: a free page is not written")
	f, err := tx.p.arena.take()
	if err != nil {
		return nil, err
	}
	after := tx.p.arena.bytes(f)
	copy(after, before)
	e := tx.entry(no)
	if e.frame != 0 {
		tx.p.arena.meta(f).fresh = tx.p.arena.meta(e.frame).fresh
	}
	tx.replace(no, e, f)
	return after, nil
}

// WriteCounter is Write for somebody who changes nothing but the counter of a page, the 8 bytes at
// fileformat.PageCounterOffset. A commit that changes no more of a page neither compares nor seals it.
func (tx *Tx) WriteCounter(no PageNo) ([]byte, error) {
	e := tx.entry(no)
	if e.counted >= tx.gen {
		tx.p.w.stamp++
		e.stamp = tx.p.w.stamp
		return tx.p.arena.bytes(e.frame), nil
	}
	committed := e.frame == 0 && e.spilled == 0
	page, err := tx.Write(no)
	if err == nil && committed {
		e = tx.entry(no)
		e.counted, e.gen = e.gen, 0
	}
	return page, err
}

// replace makes f the private frame of a page (0 = none any more) and keeps what was before for
// the open savepoints.
func (tx *Tx) replace(no PageNo, e *privEntry, f frameNo) {
	w := &tx.p.w
	if e.stamp == 0 {
		w.touched = append(w.touched, no)
	}
	switch {
	case e.gen >= tx.gen: // Changed in this generation already: nobody wants the old frame back.
		tx.p.arena.give(e.frame)
	case len(w.points) > 0:
		w.undo = append(w.undo, undo{no: no, frame: e.frame, gen: e.gen})
	case e.frame != 0:
		tx.p.arena.give(e.frame)
	}
	w.stamp++
	tx.unspill(e)
	e.frame, e.stamp = f, w.stamp
	e.gen, e.counted = 0, 0
	if f != 0 {
		e.gen = tx.gen
	}
}

// Stamp is 0 for a page that this transaction has not written; otherwise a number that changes
// with every Write, Free and rollback that touches the page.
func (tx *Tx) Stamp(no PageNo) uint64 {
	if i := uint(no >> privBits); i < uint(len(tx.priv)) {
		if l := tx.priv[i]; l != nil {
			return l[no&privMask].stamp
		}
	}
	return 0
}

// Allocate gives a zeroed private page: the lowest free one, or a new one at the end.
func (tx *Tx) Allocate() (PageNo, []byte, error) {
	no, err := tx.AllocateRun(1)
	if err != nil {
		return 0, nil, err
	}
	return no, tx.p.arena.bytes(tx.entry(no).frame), nil
}

// AllocateRun gives n consecutive pages, all private and zeroed, and returns the first.
func (tx *Tx) AllocateRun(n int) (PageNo, error) {
	if err := tx.canWrite(); err != nil {
		return 0, err
	}
	if n <= 0 || int64(n) > int64(fileformat.PageNoMax) {
		return 0, fmt.Errorf("allocate %d pages: %w", n, ErrFull)
	}
	w := &tx.p.w
	countBefore, mark := tx.cur.pageCount, w.free.Mark()
	first, ok := w.free.TakeRun(n)
	if ok {
		w.touchTrunk(freelist.Extent{First: first, N: uint32(n)})
	} else {
		if int64(tx.cur.pageCount)+int64(n) > int64(tx.p.pageCountMax()) {
			return 0, ErrFull
		}
		first = tx.cur.pageCount + 1
		tx.setPageCount(tx.cur.pageCount + PageNo(n))
	}
	for i := range n {
		no := first + PageNo(i)
		f, err := tx.p.arena.take()
		if err != nil {
			for j := range i {
				tx.replace(first+PageNo(j), tx.entry(first+PageNo(j)), 0)
			}
			w.free.RollbackTo(mark, w.touchTrunk)
			tx.setPageCount(countBefore)
			return 0, err
		}
		clear(tx.p.arena.bytes(f))
		tx.p.arena.meta(f).fresh = true
		tx.replace(no, tx.entry(no), f)
	}
	return first, nil
}

// setPageCount changes the writer's page count and makes the page table reach it.
func (tx *Tx) setPageCount(n PageNo) {
	tx.cur.pageCount, tx.pageCount = n, n
	if int(n>>leafBits) >= len(tx.dir) {
		tx.p.table.grow(n)
		tx.dir = *tx.p.table.dir.Load()
	}
}

// Empty leaves the writer no page but the header, before it has changed any: what it fills from here
// on, from page 2 up, is the whole database, and the commit cuts off what lies behind (P7). Before
// still reads what there was.
func (tx *Tx) Empty() error {
	if err := tx.canWrite(); err != nil {
		return err
	}
	w := &tx.p.w
	invariant.Check(len(w.touched) == 0 && len(w.points) == 0 && w.free.Mark() == 0, "P7: a transaction is emptied first of all")
	w.free.TakeAll()
	tx.emptied = true
	tx.cur.trunk = 0
	tx.setPageCount(1)
	return nil
}

// Free gives a page back. Its number may be allocated again at once.
func (tx *Tx) Free(no PageNo) error { return tx.FreeRun(no, 1) }

// FreeRun gives n consecutive pages back.
func (tx *Tx) FreeRun(no PageNo, n int) error {
	if err := tx.canWrite(); err != nil {
		return err
	}
	if no <= 1 || n <= 0 || int64(no)+int64(n)-1 > int64(tx.cur.pageCount) {
		return tx.p.corrupt(no, 0, fmt.Sprintf("%d pages to free of %d", n, tx.cur.pageCount))
	}
	w := &tx.p.w
	if len(w.points) > 0 && w.spilled > 0 { // A rollback wants them back.
		for i := range n {
			if e := tx.entry(no + PageNo(i)); e.spilled != 0 {
				if err := tx.reload(no+PageNo(i), e); err != nil {
					return err
				}
			}
		}
	}
	if err := w.free.Free(no, n); err != nil {
		return tx.p.named(err)
	}
	w.touchTrunk(freelist.Extent{First: no, N: uint32(n)})
	for i := range n {
		tx.replace(no+PageNo(i), tx.entry(no+PageNo(i)), 0)
	}
	return nil
}

// Savepoint opens a generation: changes from here on are made on copies. Nothing is copied until
// a page is changed.
func (tx *Tx) Savepoint() Savepoint {
	if tx.canWrite() != nil || tx.Settle() != nil {
		return Savepoint{}
	}
	return tx.openSavepoint()
}

// StatementSavepoint is Savepoint for a statement, unless one is open: what is pending waits on.
func (tx *Tx) StatementSavepoint() Savepoint {
	if tx.pending == nil || tx.marked != 0 || tx.broken != nil || tx.canWrite() != nil {
		return tx.Savepoint()
	}
	sp := tx.openSavepoint()
	tx.pending.Mark()
	tx.marked = sp.gen
	return sp
}

func (tx *Tx) openSavepoint() Savepoint {
	w := &tx.p.w
	w.genNext++
	tx.gen = w.genNext
	w.points = append(w.points, savepoint{
		gen: tx.gen, undoMark: len(w.undo), freeMark: w.free.Mark(), cur: tx.cur,
	})
	return Savepoint{gen: tx.gen}
}

func (w *writer) find(sp Savepoint) int {
	for i := len(w.points) - 1; i >= 0; i-- {
		if w.points[i].gen == sp.gen {
			return i
		}
	}
	return -1
}

// RollbackTo makes pages, page count, free list and meta what they were at sp. sp stays open,
// newer savepoints are gone.
func (tx *Tx) RollbackTo(sp Savepoint) error {
	if tx.done || !tx.writable {
		return ErrTxDone
	}
	w := &tx.p.w
	i := w.find(sp)
	if i < 0 {
		return fmt.Errorf("roll back to a savepoint that is not open: %w", ErrTxDone)
	}
	tx.dropTo(sp)
	point := &w.points[i]
	for j := len(w.undo) - 1; j >= point.undoMark; j-- {
		u := w.undo[j]
		e := tx.entry(u.no)
		if e.frame != 0 {
			tx.p.arena.give(e.frame)
		}
		tx.unspill(e)
		w.stamp++
		*e = privEntry{frame: u.frame, gen: u.gen, stamp: w.stamp}
	}
	w.undo = w.undo[:point.undoMark]
	w.free.RollbackTo(point.freeMark, w.touchTrunk)
	tx.cur = point.cur
	tx.pageCount = tx.cur.pageCount
	w.points = w.points[:i+1]
	// Every entry is now older than sp's generation, so that the same number serves again.
	tx.gen = point.gen
	return nil
}

// Release merges sp and all newer savepoints into the one before it.
func (tx *Tx) Release(sp Savepoint) {
	if tx.done || !tx.writable {
		return
	}
	w := &tx.p.w
	i := w.find(sp)
	if i < 0 {
		return
	}
	if tx.marked >= sp.gen {
		tx.pending.Unmark()
		tx.marked = 0
	}
	mark := w.points[i].undoMark
	parent := uint32(genBase)
	if i > 0 {
		parent = w.points[i-1].gen
	}
	// What the parent changed itself needs no undo inside of it; without a parent nothing does.
	kept := w.undo[:mark]
	for _, u := range w.undo[mark:] {
		if i > 0 && u.gen < parent {
			kept = append(kept, u)
		} else if u.frame != 0 {
			tx.p.arena.give(u.frame)
		}
	}
	w.undo = kept
	w.points = w.points[:i]
	tx.gen = parent
}
