package pager

import (
	"context"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// commitPage is one changed page of a commit.
type commitPage struct {
	no    PageNo
	frame frameNo
}

// Commit publishes the private pages as the newest version of the database and ends the
// transaction. A transaction that changed nothing just ends. After an error nothing is published;
// errors that are ErrFailed leave the outcome unknown until the database is opened again (K2).
func (tx *Tx) Commit(ctx context.Context) error {
	switch {
	case tx.done:
		return ErrTxDone
	case !tx.writable:
		tx.end()
		return nil
	}
	p := tx.p
	if err := tx.canWrite(); err != nil {
		tx.Rollback()
		return err
	}
	if err := ctx.Err(); err != nil {
		tx.Rollback()
		return err
	}
	if !tx.changed() {
		tx.Rollback()
		return nil
	}
	for len(p.w.points) > 0 {
		tx.Release(Savepoint{gen: p.w.points[0].gen})
	}
	return tx.commitMemory()
}

// changed says whether there is anything to commit.
func (tx *Tx) changed() bool {
	if tx.cur != *tx.snap || tx.p.w.free.Mark() > 0 {
		return true
	}
	for _, no := range tx.p.w.touched {
		if tx.entry(no).frame != 0 {
			return true
		}
	}
	return false
}

func (tx *Tx) commitMemory() error {
	p := tx.p
	tx.cur.freeCount = p.w.free.Count()
	next := tx.cur
	next.commit++
	header, err := tx.Write(1)
	if err != nil {
		tx.Rollback()
		return err
	}
	fileformat.PutHeader(header, next.header())
	pages := tx.takePages(next.commit)
	p.link(pages)
	p.w.last = &next
	tx.leaveWriter()
	tx.end()
	p.publish(&next, pages)
	p.turn.release()
	return nil
}

// takePages turns the private pages into versions of commit c. They belong to nobody until they
// are linked.
func (tx *Tx) takePages(c CommitNo) []commitPage {
	w := &tx.p.w
	pages := make([]commitPage, 0, len(w.touched))
	for _, no := range w.touched {
		e := tx.entry(no)
		if e.frame == 0 {
			continue
		}
		m := tx.p.arena.meta(e.frame)
		m.commit, m.page, m.fresh = c, no, false
		pages = append(pages, commitPage{no: no, frame: e.frame})
		e.frame = 0
	}
	return pages
}

// link makes the frames the newest versions of their pages. Readers pass over them until their
// commit is published.
func (p *Pager) link(pages []commitPage) {
	p.chains.Lock()
	defer p.chains.Unlock()
	for _, pg := range pages {
		e := p.table.entry(pg.no)
		m, head := p.arena.meta(pg.frame), frameNo(e.Load()&entryFrameMask)
		invariant.Check(head == 0 || p.arena.meta(head).commit < m.commit, "P3: a chain descends")
		m.prev.Store(uint32(head))
		setHead(e, pg.frame, 0)
	}
}

// publish makes a commit the newest that readers see, and drops the versions that it took out of
// every snapshot's sight.
func (p *Pager) publish(st *state, pages []commitPage) {
	p.pub.Store(st)
	p.prune(pages)
}

// heldSweepMin is how many pages of the held list a publication looks at, at least.
const heldSweepMin = 64

// prune drops invisible versions of the given pages, and of some pages that kept several versions
// for a reader that may have ended since (P3).
func (p *Pager) prune(pages []commitPage) {
	var gone []frameNo
	var liveBuf [16]CommitNo
	p.chains.Lock()
	live := p.snapshots(liveBuf[:0])
	gone = p.sweepLocked(min(len(p.held), max(heldSweepMin, 2*len(pages))), live, gone)
	for _, pg := range pages {
		gone = p.pruneHeldLocked(pg.no, live, gone)
	}
	p.chains.Unlock()
	p.arena.retire(gone)
}

// sweepLocked prunes the first n pages of the held list; those that still keep several versions
// go to its end.
func (p *Pager) sweepLocked(n int, live []CommitNo, gone []frameNo) []frameNo {
	swept := p.held[:n]
	p.held = p.held[n:]
	for _, no := range swept {
		p.table.entry(no).And(^uint64(entryHeld))
		gone = p.pruneHeldLocked(no, live, gone)
	}
	return gone
}

func (p *Pager) pruneHeldLocked(no PageNo, live []CommitNo, gone []frameNo) []frameNo {
	gone, several := p.pruneLocked(no, live, gone)
	if several {
		if e := p.table.entry(no); e.Load()&entryHeld == 0 {
			e.Or(entryHeld)
			p.held = append(p.held, no)
		}
	}
	return gone
}
