package pager

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/rustlite/rustlite/journal"
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
	if err := tx.Settle(); err != nil {
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
	if p.memory {
		return tx.commitMemory()
	}
	return tx.commitDisk()
}

// changed says whether there is anything to commit.
func (tx *Tx) changed() bool {
	if tx.cur != *tx.snap || tx.p.w.free.Mark() > 0 {
		return true
	}
	for _, no := range tx.p.w.touched {
		if e := tx.entry(no); e.frame != 0 || e.spilled != 0 {
			return true
		}
	}
	return false
}

func (tx *Tx) commitMemory() error {
	p := tx.p
	trunks, err := tx.writeTrunks()
	if err != nil {
		tx.Rollback()
		return err
	}
	next := tx.cur
	next.commit++
	header, err := tx.Write(1)
	if err != nil {
		tx.Rollback()
		return err
	}
	fileformat.PutHeader(header, next.header())
	pages := tx.takePages(nil, next.commit, 0)
	p.link(pages)
	p.w.last, p.w.trunks = &next, trunks
	tx.leaveWriter()
	tx.end()
	p.publish(&next, pages)
	p.turn.release()
	tx.made = next.commit
	return nil
}

// deltaBytesMax bounds the bytes of deltas that one commit gathers; past it pages are logged as
// images, which stream from their frames without a copy.
const deltaBytesMax = 4 << 20

// commitDisk seals the private pages, reserves and queues their batch, lets the next writer in
// (K1), and waits until the batch is written and published.
func (tx *Tx) commitDisk() error {
	p := tx.p
	trunks, err := tx.writeTrunks()
	if err != nil {
		tx.Rollback()
		return err
	}
	starts := !p.disk.log.started()
	if starts {
		var id [8]byte
		for tx.cur.logID == 0 || tx.cur.logID == tx.snap.logID || slices.Contains(p.disk.log.found, tx.cur.logID) {
			p.disk.fs.Random(id[:])
			tx.cur.logID = binary.LittleEndian.Uint64(id[:])
		}
	}
	return tx.commitState(trunks, starts)
}

// commitState commits with the header fields as they stand in tx.cur.
func (tx *Tx) commitState(trunks []trunkRef, starts bool) error {
	p := tx.p
	next := tx.cur
	next.commit++
	if tx.cur != *tx.snap || starts {
		page, err := tx.Write(1)
		if err != nil {
			tx.Rollback()
			return err
		}
		fileformat.PutHeader(page, next.header())
	}
	if err := tx.syncSpilled(); err != nil {
		tx.Rollback()
		return err
	}
	l := &p.disk.log
	l.mu.Lock()
	r, err := tx.queueLocked(&next, starts)
	l.mu.Unlock()
	if err != nil {
		tx.Rollback()
		return err
	}
	p.w.trunks = trunks
	p.w.last = &next
	tx.keepSpilled()
	tx.leaveWriter()
	tx.end()
	p.turn.release()
	if err := p.await(r); err != nil {
		return err
	}
	r.reuse()
	tx.made = next.commit
	p.pace()
	return nil
}

// queueLocked encodes, reserves, links and queues the commit, in one piece under log.mu: then the
// queue has the order of the reservations, and no switch of segments comes in between. After an
// error the private pages are still the transaction's.
func (tx *Tx) queueLocked(next *state, starts bool) (*request, error) {
	p := tx.p
	l := &p.disk.log
	if p.isFailed.Load() {
		return nil, p.failure()
	}
	if starts {
		l.mu.next = 1
		s, err := l.openSegmentLocked()
		if err != nil {
			return nil, err
		}
		l.switchLocked(s)
	}
	r, err := tx.encodeLocked(next)
	if err == nil {
		r.segment, r.offset, err = l.reserveLocked(r.header.Size)
	}
	if err != nil {
		if starts {
			l.mu.spare, l.mu.live = append(l.mu.spare, l.mu.live...), nil
			l.bytes.Store(0)
			l.active.Store(0)
		}
		return nil, err
	}
	if starts {
		l.id.Store(next.logID)
		l.mu.oldest = 1
		l.cur, l.link, l.synced = nil, 0, journal.Position{} // No leader can be at work.
	}
	if r.segment.last == 0 {
		r.segment.first = next.commit
	}
	r.segment.last, l.mu.last = next.commit, next.commit
	r.header.Oldest, r.logID = l.mu.oldest, l.id.Load()
	r.starts, r.sync, r.state = starts, tx.sync == SyncFull, next
	r.owes = tx.sync == SyncNormal
	r.pages = tx.takePages(r.pages, next.commit, r.segment.number)
	p.link(r.pages)
	p.group.enqueue(r)
	return r, nil
}

// encodeLocked seals every private page and encodes its entry (J6). A page of which the counter alone
// has changed is sealed when it goes home.
func (tx *Tx) encodeLocked(next *state) (*request, error) {
	p := tx.p
	segment := p.disk.log.activeLocked().number
	r := requests.Get().(*request)
	size, count := int64(0), 0
	for _, no := range p.w.touched {
		e := tx.entry(no)
		if e.spilled != 0 {
			count++
			r.entries = journal.AppendEntryHead(r.entries, journal.Entry{Kind: fileformat.EntryNewPageHome, Page: no, Sum: e.sum}, 0)
			size += fileformat.EntryHeaderSize
		}
		if e.frame == 0 {
			continue
		}
		count++
		after := p.arena.bytes(e.frame)
		entry := journal.Entry{Page: no}
		head := p.table.head(no)
		delta := head != 0 && !p.arena.meta(e.frame).fresh && p.arena.meta(head).segment == segment && len(r.entries) < deltaBytesMax
		if delta && e.counted != 0 {
			invariant.Check(fileformat.SameButCounter(p.arena.bytes(head), after), "J6: a counter alone was written")
			fileformat.StampPage(after, next.commit)
			p.arena.meta(e.frame).unsealed = true
			entry.Kind, entry.Base = fileformat.EntryCounter, p.arena.meta(head).commit
			r.entries = journal.AppendEntryHead(r.entries, entry, fileformat.PageCounterSize)
			r.entries = journal.AppendCounter(r.entries, after)
			size += fileformat.EntryHeaderSize + fileformat.PageCounterSize
			continue
		}
		entry.Sum = uint32(fileformat.SealPage(after, no, next.commit))
		if delta {
			at := len(r.entries)
			entry.Kind, entry.Base = fileformat.EntryDelta, p.arena.meta(head).commit
			r.entries = journal.AppendEntryHead(r.entries, entry, 0)
			body, ranges, ok := journal.AppendDelta(r.entries, p.arena.bytes(head), after, p.pageSize*3/4)
			if ok {
				r.entries = body
				entry.Ranges = ranges
				n := len(r.entries) - at - fileformat.EntryHeaderSize
				journal.AppendEntryHead(r.entries[:at], entry, n)
				size += int64(fileformat.EntryHeaderSize + n)
				continue
			}
			r.entries = r.entries[:at]
		}
		entry.Kind, entry.Base = fileformat.EntryImage, 0
		r.entries = journal.AppendEntryHead(r.entries, entry, p.pageSize)
		r.pieces = append(r.pieces, piece{end: len(r.entries), image: e.frame})
		size += int64(fileformat.EntryHeaderSize + p.pageSize)
	}
	r.header = journal.BatchHeader{
		Kind: fileformat.BatchCommit, Commit: next.commit, Size: journal.BatchSize(size), Entries: count,
	}
	return r, nil
}

// pace slows commits down in proportion when the log has passed twice its limit, unless it is a
// reader that holds the checkpoint back.
func (p *Pager) pace() {
	over := p.disk.log.bytes.Load() - 2*p.opts.LogLimitBytes
	if over <= 0 || p.heldBack.Load() || p.isFailed.Load() {
		return
	}
	c, stop := p.clock.After(min(paceMax, paceStep*time.Duration(1+over/p.opts.LogLimitBytes)))
	<-c
	stop()
}

const (
	paceStep = 500 * time.Microsecond
	paceMax  = 5 * time.Millisecond
)

// takePages turns the private pages into versions of commit c, and appends them. They belong to nobody
// until they are linked.
func (tx *Tx) takePages(pages []commitPage, c CommitNo, segment uint32) []commitPage {
	w := &tx.p.w
	pages = slices.Grow(pages, len(w.touched))
	for _, no := range w.touched {
		e := tx.entry(no)
		if e.frame == 0 {
			continue
		}
		m := tx.p.arena.meta(e.frame)
		m.commit, m.page, m.segment, m.fresh = c, no, segment, false
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
	if !p.memory {
		p.counts.publish(st)
	}
	before := p.pub.Swap(st)
	for no := st.pageCount + 1; no <= before.pageCount; no++ {
		pages = append(pages, commitPage{no: no}) // Cut off (P7).
	}
	p.prune(pages)
}

// heldSweepMin is how many pages of the held list a publication looks at, at least.
const heldSweepMin = 64

// prune drops invisible versions of the given pages, and of some pages that kept several versions
// for a reader that may have ended since (P3).
func (p *Pager) prune(pages []commitPage) {
	var goneBuf [32]frameNo
	var liveBuf [16]CommitNo
	p.chains.Lock()
	live := p.snapshots(liveBuf[:0])
	gone := p.sweepLocked(min(len(p.held), max(heldSweepMin, 2*len(pages))), live, goneBuf[:0])
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
	gone, later := p.pruneLocked(no, live, gone)
	if later {
		if e := p.table.entry(no); e.Load()&entryHeld == 0 {
			e.Or(entryHeld)
			p.held = append(p.held, no)
		}
	}
	return gone
}
