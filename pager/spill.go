package pager

import (
	"errors"
	"slices"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
)

// Spilling (P6): new pages of a large transaction go to their home before its commit, so that they
// take no memory and are written once. What lies behind the end of the main file is no part of the
// database, so that nothing is lost when the transaction is; its commit syncs the main file first and
// then has an entry without a body for each of them. Where the file is home ends at home.end; what lies
// between that and its size are leftovers of transactions that came to nothing.

// reach is how far the main file was written for a transaction that may not be home yet: a checkpoint
// of an older commit cuts nothing off before that.
type reach struct {
	commit CommitNo
	end    int64
}

// Spill writes new pages home when the private pages take more than Options.PrivateBytes, those that
// were not changed for longest, and gives their memory back. All bytes of private pages that are
// borrowed are void after it. It leaves them where they are when the disk is full.
func (tx *Tx) Spill() error {
	w := &tx.p.w
	if !tx.writable || tx.p.memory || len(w.touched)-w.spilled <= w.spillAt {
		return nil
	}
	if err := tx.canWrite(); err != nil {
		return err
	}
	limit := int(tx.p.opts.PrivateBytes >> tx.p.pageShift)
	err := tx.spill()
	w.spillAt = max(limit, len(w.touched)-w.spilled+limit/2)
	if errors.Is(err, vfs.ErrNoSpace) {
		return nil
	}
	return err
}

// spill writes the older half of what can be written.
func (tx *Tx) spill() error {
	p, w := tx.p, &tx.p.w
	h := &p.home
	h.resize.Lock()
	defer h.resize.Unlock()
	if w.spillFrom == 0 {
		w.spillFrom = max(fileformat.PageOffset(tx.snap.pageCount+1, p.pageSize), h.end)
		w.reach = h.reach
	}
	var pages []PageNo
	var stamps []uint64
	for _, no := range w.touched {
		if e := tx.entry(no); e.frame != 0 && fileformat.PageOffset(no, p.pageSize) >= w.spillFrom && p.table.head(no) == 0 {
			pages, stamps = append(pages, no), append(stamps, e.stamp)
		}
	}
	if len(pages) == 0 {
		return nil
	}
	slices.Sort(stamps)
	youngest := stamps[len(stamps)/2]
	pages = slices.DeleteFunc(pages, func(no PageNo) bool { return tx.entry(no).stamp > youngest })
	slices.Sort(pages)

	next := tx.cur.commit + 1
	out := homeWriter{p: p}
	end := fileformat.PageOffset(pages[len(pages)-1]+1, p.pageSize)
	h.reach = reach{next, max(h.reach.end, end)}
	for _, no := range pages {
		e := tx.entry(no)
		page := p.arena.bytes(e.frame)
		e.sum = uint32(fileformat.SealPageAhead(page, no, next))
		if err := out.add(no, page); err != nil {
			return err
		}
	}
	if err := out.flush(); err != nil {
		return err
	}
	h.extendedLocked(end)
	for _, no := range pages {
		e := tx.entry(no)
		p.arena.give(e.frame)
		w.stamp++
		e.frame, e.gen, e.spilled, e.stamp = 0, 0, e.gen, w.stamp
	}
	w.spilled += len(pages)
	return nil
}

// reload brings a spilled page back.
func (tx *Tx) reload(no PageNo, e *privEntry) error {
	p := tx.p
	f, err := p.arena.take()
	if err != nil {
		return err
	}
	page := p.arena.bytes(f)
	if _, err = p.home.readPage(no, page); err == nil && uint32(fileformat.PageSum(page)) != e.sum {
		err = p.badSum(page, no)
	}
	if err != nil {
		p.arena.give(f)
		return err
	}
	p.arena.meta(f).fresh = true
	e.frame, e.gen = f, e.spilled
	tx.unspill(e)
	return nil
}

// pageSpilled gives the bytes of a page that was spilled.
func (tx *Tx) pageSpilled(no PageNo, e *privEntry) ([]byte, error) {
	if err := tx.reload(no, e); err != nil {
		return nil, err
	}
	return tx.p.arena.bytes(e.frame), nil
}

// unspill forgets the home of a page that is about to be in memory, or free.
func (tx *Tx) unspill(e *privEntry) {
	if e.spilled != 0 {
		e.spilled = 0
		tx.p.w.spilled--
	}
}

// syncSpilled makes what was spilled durable, before anything says that it is part of a commit.
func (tx *Tx) syncSpilled() error {
	if tx.p.w.spilled == 0 {
		return nil
	}
	if err := tx.p.disk.main.Sync(); err != nil {
		return tx.p.fail(err)
	}
	return nil
}

// keepSpilled makes what was spilled a part of the home.
func (tx *Tx) keepSpilled() {
	if w, h := &tx.p.w, &tx.p.home; w.spillFrom > 0 {
		h.resize.Lock()
		h.end = max(h.end, h.reach.end)
		h.resize.Unlock()
	}
}

// dropSpilled lets the next checkpoint cut off what was spilled.
func (tx *Tx) dropSpilled() {
	if tx.p.w.spillFrom > 0 {
		tx.p.home.resize.Lock()
		tx.p.home.reach = tx.p.w.reach
		tx.p.home.resize.Unlock()
	}
}

// keptLocked is how long the main file must stay for what was spilled by commits after target.
func (h *home) keptLocked(target CommitNo) int64 {
	if h.reach.commit <= target {
		h.reach = reach{}
	}
	return h.reach.end
}

// carried notes that a checkpoint wrote the main file up to end.
func (h *home) carried(end int64) {
	h.resize.Lock()
	defer h.resize.Unlock()
	h.end = max(h.end, end)
	h.extendedLocked(end)
}

// extendedLocked notes that the main file was written up to end.
func (h *home) extendedLocked(end int64) { h.size.Store(max(h.size.Load(), end)) }
