package pager

import (
	"context"
	"fmt"
	"time"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// Meta is what a commit carries beside its pages.
type Meta struct {
	SchemaCookie  uint32
	UserVersion   int32
	ApplicationID int32
}

// Tx is a transaction: one snapshot and, when it is writable, the private pages of the writer.
// It is for one goroutine at a time.
type Tx struct {
	p    *Pager
	snap *state       // what it reads
	slot *readerSlot  // stays when the transaction has ended, for the next one in its memory
	dir  []*tableLeaf // reaches every page of the snapshot
	segs [][]byte     // map segments known to this transaction
	// pageCount is that of the snapshot, or of the writer's present state; 0 when the tx is over.
	pageCount PageNo

	writable bool
	done     bool
	sync     SyncLevel
	priv     []*privLeaf // nil for readers
	made     CommitNo    // what the commit has made of it, 0 = nothing
	emptied  bool        // the pages of the snapshot do not count (P7)
	gen      uint32      // generation of the innermost open savepoint (P4)
	cur      state       // the writer's present state; commit is not assigned yet
	pending  Pending
	marked   uint32 // generation of the savepoint that pending is marked at, 0 = none
	broken   error  // why Pending could not be settled: nothing more is written
}

// Pending is what rooms above have not yet brought into the pages of a writing transaction. A commit
// and a savepoint settle it; a rollback, to a savepoint too, drops it. Only a statement's savepoint may leave it
// waiting, told by Mark.
type Pending interface {
	// Settle brings what waits for the tree at root into its pages, root 0: all of it.
	Settle(root PageNo) error
	// Drop forgets all of it.
	Drop()
	// Mark keeps what is pending apart from what comes, until Unmark. Back makes it what it was at Mark, as
	// the pages are again; DropNew forgets what waits of that which has come since.
	Mark()
	Unmark()
	Back()
	DropNew()
	// End is told that the transaction is over.
	End()
}

// Pending is what has been set, nil for none.
func (tx *Tx) Pending() Pending { return tx.pending }

// SetPending makes p the transaction's.
func (tx *Tx) SetPending(p Pending) { tx.pending = p }

// Settle settles all that is pending. After an error the transaction can only be rolled back.
func (tx *Tx) Settle() error {
	if tx.pending != nil && tx.broken == nil {
		tx.broken = tx.pending.Settle(0)
	}
	return tx.broken
}

// dropTo makes what is pending what it was at sp.
func (tx *Tx) dropTo(sp Savepoint) {
	switch {
	case tx.pending == nil:
	case tx.marked == 0 || sp.gen < tx.marked:
		tx.pending.Drop() // It came after every savepoint that is open.
		tx.marked = 0
	case sp.gen == tx.marked:
		tx.pending.Back()
	default:
		tx.pending.DropNew()
	}
}

// BeginRead opens a snapshot of the newest published commit.
func (p *Pager) BeginRead() (*Tx, error) {
	tx := new(Tx)
	if err := p.BeginReadIn(tx); err != nil {
		return nil, err
	}
	return tx, nil
}

// BeginReadIn is BeginRead in the memory of tx, a transaction that has ended and that nobody else
// holds, or a zero Tx. It writes to nothing that other transactions write to.
func (p *Pager) BeginReadIn(tx *Tx) error {
	if p.closed.Load() {
		return ErrClosed
	}
	slot, st := p.registerFor(tx)
	if p.closed.Load() { // Close looks for live transactions after it has set closed.
		p.readers.release(slot)
		return ErrClosed
	}
	tx.set(p, slot, st)
	return nil
}

// Before opens the snapshot that a writer began with, for reading beside it.
func (tx *Tx) Before() (*Tx, error) {
	if err := tx.canWrite(); err != nil {
		return nil, err
	}
	return tx.again(), nil
}

// Clonable says whether Clone answers: tx is not over, and none of its pages is spilled, which would
// change it to read.
func (tx *Tx) Clonable() bool { return !tx.done && (!tx.writable || tx.p.w.spilled == 0) }

// Clone opens what tx reads once more, for another goroutine; nil when it is not clonable. Of a writer
// that is its private pages too, so the clone ends before tx changes a page.
func (tx *Tx) Clone() *Tx {
	if !tx.Clonable() {
		return nil
	}
	twin := tx.again()
	twin.pageCount, twin.priv = tx.pageCount, tx.priv
	return twin
}

// again opens the snapshot of tx once more: no version that tx sees can be dropped meanwhile.
func (tx *Tx) again() *Tx {
	p := tx.p
	slot := p.readers.claimBehind(tx.snap.commit, tx.slot)
	slot.epoch.Store(p.arena.epoch.Load())
	twin := new(Tx)
	twin.set(p, slot, tx.snap)
	return twin
}

func (tx *Tx) set(p *Pager, slot *readerSlot, st *state) {
	*tx = Tx{
		p: p, snap: st, slot: slot,
		dir: *p.table.dir.Load(), segs: p.home.segments(),
		pageCount: st.pageCount, gen: ^uint32(0), sync: p.opts.Sync,
	}
}

// BeginWrite waits for the writer's turn, first come first served, and opens a writing
// transaction on the newest commit. The wait ends with the context or the busy timeout of the
// options, with an error that is ErrBusy.
func (p *Pager) BeginWrite(ctx context.Context) (*Tx, error) {
	tx := new(Tx)
	if err := p.BeginWriteIn(ctx, tx, p.opts.BusyTimeout); err != nil {
		return nil, err
	}
	return tx, nil
}

// BeginWriteIn is BeginWrite with a busy timeout of the caller's, 0 or less: no wait, in the memory of
// tx, as BeginReadIn is.
func (p *Pager) BeginWriteIn(ctx context.Context, tx *Tx, wait time.Duration) error {
	if err := p.writeError(); err != nil {
		return err
	}
	if err := p.beginWrite(ctx, tx, wait); err != nil {
		return err
	}
	if p.closed.Load() {
		tx.Rollback()
		return ErrClosed
	}
	return nil
}

// beginWrite is BeginWriteIn for the pager's own commits too, which run while nobody else may.
func (p *Pager) beginWrite(ctx context.Context, tx *Tx, wait time.Duration) error {
	if err := p.turn.acquire(ctx, p.clock, wait); err != nil {
		return err
	}
	err := p.catchUp(ctx)
	if err == nil && p.isFailed.Load() {
		err = p.failure()
	}
	if err != nil {
		p.turn.release()
		return err
	}
	// Registered on the newest commit, published or not: nobody commits while the turn is ours,
	// so no version that this transaction sees can be superseded.
	slot, st := p.registerFor(tx)
	if last := p.w.last; last != st {
		st = last
		slot.commit.Store(uint64(st.commit) + 1)
	}
	tx.set(p, slot, st)
	tx.becomeWriter()
	return nil
}

// registerFor registers the next transaction in the memory of tx, in the slot that it had if it can.
func (p *Pager) registerFor(tx *Tx) (*readerSlot, *state) {
	if tx.p != p {
		return p.register(nil)
	}
	return p.register(tx.slot)
}

// Upgrade makes a reading transaction the writer, in place. It answers ErrBusySnapshot at once
// when the snapshot is not the newest commit.
func (p *Pager) Upgrade(ctx context.Context, tx *Tx) error {
	return p.UpgradeWithin(ctx, tx, p.opts.BusyTimeout)
}

// UpgradeWithin is Upgrade with a busy timeout of the caller's.
func (p *Pager) UpgradeWithin(ctx context.Context, tx *Tx, wait time.Duration) error {
	switch {
	case tx.done:
		return ErrTxDone
	case tx.writable:
		return nil
	}
	if err := p.writeError(); err != nil {
		return err
	}
	if p.pub.Load() != tx.snap {
		return ErrBusySnapshot
	}
	if err := p.turn.acquire(ctx, p.clock, wait); err != nil {
		return err
	}
	err := p.catchUp(ctx)
	if err == nil {
		err = p.writeError()
	}
	if err == nil && p.w.last != tx.snap {
		err = ErrBusySnapshot
	}
	if err != nil {
		p.turn.release()
		return err
	}
	tx.becomeWriter()
	return nil
}

// writeError says why this pager takes no writes, if so.
func (p *Pager) writeError() error {
	switch {
	case p.closed.Load():
		return ErrClosed
	case p.readOnly:
		return ErrReadOnly
	case p.isFailed.Load():
		return p.failure()
	default:
		return nil
	}
}

// SetSync says when the transaction's commit is durable (K3).
func (tx *Tx) SetSync(level SyncLevel) { tx.sync = level }

// Writable says whether the transaction may write.
func (tx *Tx) Writable() bool { return tx.writable }

// PageSize is the size of the pages, in bytes.
func (tx *Tx) PageSize() int { return tx.p.pageSize }

// PageCount is the highest page number of the snapshot, or of the writer's present state.
func (tx *Tx) PageCount() PageNo { return tx.pageCount }

// CommitNo is the commit that the transaction reads.
func (tx *Tx) CommitNo() CommitNo { return tx.snap.commit }

// Committed is the commit that the transaction has become; 0 when it changed nothing.
func (tx *Tx) Committed() CommitNo { return tx.made }

// Page gives the bytes of a whole page. They are borrowed, for reading only, until the
// transaction ends, and for the writer's private pages until the page is next written, freed or
// rolled back.
func (tx *Tx) Page(no PageNo) ([]byte, error) {
	if i := uint(no >> privBits); i < uint(len(tx.priv)) {
		if l := tx.priv[i]; l != nil {
			e := &l[no&privMask]
			if f := e.frame; f != 0 {
				return tx.p.arena.bytes(f), nil
			}
			if e.spilled != 0 {
				return tx.pageSpilled(no, e)
			}
		}
	}
	if no-1 < tx.pageCount {
		e := tx.dir[no>>leafBits][no&(leafSize-1)].Load()
		if f := frameNo(e & entryFrameMask); f != 0 {
			if f = tx.p.version(f, tx.snap.commit); f != 0 {
				if !tx.writable || !tx.p.isFailed.Load() {
					return tx.p.arena.bytes(f), nil
				}
			}
		} else if e&entryVerified != 0 {
			at := uint64(no-1) << tx.p.pageShift
			if i := at >> tx.p.segShift; i < uint64(len(tx.segs)) {
				at &= 1<<tx.p.segShift - 1
				end := at + uint64(tx.p.pageSize)
				return tx.segs[i][at:end:end], nil
			}
		}
	}
	return tx.pageSlow(no)
}

// pageSlow finds a page that has no version for this snapshot: its home, at first touch or in the
// pread path.
func (tx *Tx) pageSlow(no PageNo) ([]byte, error) {
	switch {
	case tx.done:
		return nil, ErrTxDone
	case no == 0 || no > tx.pageCount:
		return nil, tx.p.corrupt(no, 0, fmt.Sprintf("page number out of range: the database has %d pages", tx.pageCount))
	case tx.writable && tx.p.isFailed.Load():
		return nil, tx.p.failure()
	}
	return tx.p.home.read(tx, no)
}

// Meta is the snapshot's meta, or the writer's present one.
func (tx *Tx) Meta() Meta {
	if tx.writable {
		return tx.cur.meta
	}
	return tx.snap.meta
}

// SetMeta changes the meta; a rollback restores it like a page.
func (tx *Tx) SetMeta(m Meta) error {
	if err := tx.canWrite(); err != nil {
		return err
	}
	tx.cur.meta = m
	return nil
}

func (tx *Tx) canWrite() error {
	switch {
	case tx.done:
		return ErrTxDone
	case !tx.writable:
		return ErrReadOnly
	case tx.p.isFailed.Load():
		return tx.p.failure()
	default:
		return tx.broken
	}
}

// Rollback ends the transaction and drops what it wrote. It may be called again.
func (tx *Tx) Rollback() {
	if tx.done {
		return
	}
	if tx.writable {
		if tx.pending != nil {
			tx.pending.Drop()
		}
		tx.dropPrivate()
		tx.p.w.free.RollbackTo(0, tx.p.w.touchTrunk)
		tx.leaveWriter()
		tx.end()
		tx.p.turn.release()
		return
	}
	tx.end()
}

// end takes the transaction out of the registry. Borrowed bytes are void from here on.
func (tx *Tx) end() {
	invariant.Check(!tx.done, "P2: a transaction ends once")
	if tx.pending != nil {
		tx.pending.End()
	}
	tx.done, tx.writable, tx.pending, tx.marked = true, false, nil, 0
	tx.pageCount, tx.priv, tx.segs = 0, nil, nil
	p := tx.p
	p.readers.release(tx.slot)
	if p.heldBack.Load() {
		p.signal()
	}
}

func (p *Pager) corrupt(no PageNo, offset int64, what string) error {
	return &fileformat.CorruptError{File: p.path, PageNo: no, Offset: offset, What: what}
}
