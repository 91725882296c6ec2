package pager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rustlite/rustlite/journal"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
	"github.com/rustlite/rustlite/pager/vfs"
)

// CheckpointResult tells what a checkpoint did.
type CheckpointResult struct {
	Commit   CommitNo // the home is now the state of this commit
	Pages    int      // pages written home
	Segments int      // log segments that are no longer needed
	HeldBack bool     // a reader keeps newer commits from going home
}

// NeedsCheckpoint says whether a checkpoint is due: the newest segment passed the limit, or what
// an old reader held back may go home now.
func (p *Pager) NeedsCheckpoint() bool {
	if p.disk == nil || p.readOnly || p.isFailed.Load() {
		return false
	}
	l := &p.disk.log
	if l.active.Load() >= p.opts.LogLimitBytes {
		return true
	}
	return p.heldBack.Load() && uint64(p.oldestSnapshot()) > l.carried.Load()
}

// Checkpoint carries pages home and frees log segments. Readers and commits do not wait for it.
func (p *Pager) Checkpoint(ctx context.Context) (CheckpointResult, error) {
	if p.disk == nil || p.readOnly {
		return CheckpointResult{}, nil
	}
	p.disk.ckpt.Lock()
	defer p.disk.ckpt.Unlock()
	if err := p.writeError(); err != nil {
		return CheckpointResult{}, err
	}
	return p.checkpointLocked(ctx, false)
}

// checkpointLocked does the work; all says that no writer is left, so that the newest segment is
// included.
//
// The home becomes the state of one commit T: no later than what the retired segments hold, than
// what is synced, and than the oldest snapshot (C1, C2). Every page changed up to T goes home in
// its newest version not newer than T; its image stands in a live segment, because the first
// change of a page in a segment is one (J6). A segment whose last commit is at most T is dead.
func (p *Pager) checkpointLocked(ctx context.Context, all bool) (CheckpointResult, error) {
	var res CheckpointResult
	l := &p.disk.log
	segs, end, err := l.retire(all)
	if err != nil || len(segs) == 0 {
		return res, err
	}
	if p.pub.Load().commit < end { // Let what is reserved up to end be published.
		if err := p.SyncLog(); err != nil {
			return res, err
		}
	}
	target := min(end, p.oldestSnapshot())
	// T is registered like a reader: from here on no version that T sees is dropped. What was
	// dropped before made way for a commit published before; that one is synced now, and its
	// image keeps its segment alive. (Were it not synced, a power failure could take it away after
	// the segment with the older version is gone.)
	slot := &p.readers.checkpoint
	slot.commit.Store(uint64(target) + 1)
	slot.epoch.Store(p.arena.epoch.Load())
	defer p.readers.release(slot)
	if err := p.SyncLog(); err != nil {
		return res, err
	}
	invariant.Check(target <= p.pub.Load().commit, "C1: only published and synced commits go home")

	var pages []PageNo
	for _, s := range segs {
		pages = append(pages, s.pages...)
	}
	slices.Sort(pages)
	pages = slices.Compact(pages)
	carried, err := p.carryHome(ctx, pages, target)
	if err != nil {
		return res, err
	}
	l.carried.Store(uint64(target))
	res.Commit, res.Pages, res.HeldBack = target, carried, target < end
	p.heldBack.Store(res.HeldBack)
	p.counters.checkpoints.Add(1)
	p.counters.pagesHome.Add(uint64(carried))
	if !all {
		res.Segments, err = l.bury(target)
	}
	p.opts.Logger.Debug("checkpoint", "path", p.path, "commit", uint64(target), "pages", carried, "segments", res.Segments)
	return res, err
}

// retire gives the segments that take no more batches. It starts a new one when the newest has
// something in it, unless older ones still wait for a reader and it is small.
func (l *log) retire(all bool) ([]*logSegment, CommitNo, error) {
	if !all {
		if err := l.follow(); err != nil {
			return nil, 0, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.started() {
		return nil, 0, nil
	}
	segs := slices.Clone(l.mu.live)
	if !all {
		segs = segs[:len(segs)-1]
	}
	var end CommitNo
	for _, s := range segs {
		end = max(end, s.last)
	}
	return segs, end, nil
}

// follow switches to a new segment if the newest one is to take no more batches: the new one's
// header is synced, then a mark at the end of the old one names it (J4). Checkpoints alone switch.
func (l *log) follow() error {
	l.mu.Lock()
	if !l.started() {
		l.mu.Unlock()
		return nil
	}
	active := l.activeLocked()
	waits := len(l.mu.live) > 1 && l.mu.live[len(l.mu.live)-2].last > l.p.oldestSnapshot()
	if active.last == 0 || waits && active.end < l.p.opts.LogLimitBytes/2 {
		l.mu.Unlock()
		return nil
	}
	s, err := l.openSegmentLocked()
	id, next := l.id.Load(), l.mu.last+1
	l.mu.Unlock()
	if err != nil {
		return err
	}
	err = l.begin(s, id, next)

	l.mu.Lock()
	defer l.mu.Unlock()
	r := &request{logID: l.id.Load(), header: journal.BatchHeader{
		Kind: fileformat.BatchMark, Commit: l.mu.last, Size: journal.BatchSize(0), Oldest: l.mu.oldest, Next: s.number,
	}}
	if err == nil && l.p.isFailed.Load() {
		err = l.p.failure()
	}
	if err == nil {
		r.segment, r.offset, err = l.reserveLocked(r.header.Size)
	}
	if err != nil {
		l.mu.spare = append(l.mu.spare, s)
		return err
	}
	l.p.group.enqueue(r)
	l.switchLocked(s)
	return nil
}

// bury takes the segments out of the log whose commits are all home. A mark in the newest segment
// says so and is synced before one of them is written over or removed (C3, J7).
func (l *log) bury(target CommitNo) (int, error) {
	l.mu.Lock()
	n := 0
	for n < len(l.mu.live)-1 && l.mu.live[n].last <= target {
		n++
	}
	if n == 0 {
		l.mu.Unlock()
		return 0, nil
	}
	oldest := l.mu.live[n].number
	r := &request{sync: true, logID: l.id.Load()}
	r.header = journal.BatchHeader{
		Kind: fileformat.BatchMark, Commit: l.mu.last, Size: journal.BatchSize(0), Oldest: oldest,
	}
	var err error
	if l.p.isFailed.Load() {
		err = l.p.failure()
	} else {
		r.segment, r.offset, err = l.reserveLocked(r.header.Size)
	}
	if err != nil {
		l.mu.Unlock()
		return 0, err
	}
	l.mu.oldest = oldest
	l.p.group.enqueue(r)
	l.mu.Unlock()
	if err := l.p.await(r); err != nil {
		return 0, err
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.mu.live[:n] {
		l.bytes.Add(-s.end)
		if len(l.mu.spare) < spareSegments && s.size <= 2*l.p.opts.LogLimitBytes {
			s.pages = nil
			l.mu.spare = append(l.mu.spare, s)
			continue
		}
		err = errors.Join(err, s.file.Close(), l.p.disk.fs.Remove(s.name))
	}
	l.mu.live = slices.Clone(l.mu.live[n:])
	return n, err
}

// homeRunBytes bounds one write to the main file.
const homeRunBytes = 1 << 20

// carryHome writes each of the pages, which ascend, in its newest version not newer than target,
// syncs the main file and drops what is home from memory (C1, C2, C3). The caller has made sure
// that the versions are synced in the log and that no snapshot is older than target.
func (p *Pager) carryHome(ctx context.Context, pages []PageNo, target CommitNo) (int, error) {
	invariant.Check(p.oldestSnapshot() >= target, "C2: no snapshot is older than what goes home")
	w := homeWriter{p: p, carries: true}
	count := p.counts.at(target)
	for _, no := range pages {
		f := p.version(p.table.head(no), target)
		if f == 0 || p.arena.meta(f).home || no > count {
			continue
		}
		page := p.arena.bytes(f)
		if no == 1 {
			// A header that names no log goes home last and alone (see retireLog).
			if h, err := fileformat.DecodeHeader(page); err != nil || h.LogID == 0 {
				continue
			}
		}
		m := p.arena.meta(f)
		invariant.Check(m.unsealed || fileformat.VerifyPage(page, no), "C1: what goes home is sealed")
		if err := ctx.Err(); err != nil {
			return w.count, err
		}
		if err := w.add(no, page); err != nil {
			return w.count, p.homeError(err)
		}
		if m.unsealed { // In the copy: the frame may be read just now.
			fileformat.SealPage(w.buf[len(w.buf)-p.pageSize:], no, m.commit)
		}
	}
	if err := w.flush(); err != nil {
		return w.count, p.homeError(err)
	}
	fitted, err := p.fitHome(target)
	if err != nil {
		return w.count, p.homeError(err)
	}
	if w.count > 0 || fitted {
		if err := p.disk.main.Sync(); err != nil {
			return w.count, p.fail(err)
		}
	}
	p.dropHome(pages, target)
	p.counts.forget(target)
	return w.count, nil
}

// fitHome makes the main file as long as the page count as of target says. Pages that were allocated
// and freed again have no version to be written, and a file that is too short counts as truncated.
// What lies behind is cut off (P7): the commit that cut it is synced, and no snapshot is older.
func (p *Pager) fitHome(target CommitNo) (bool, error) {
	p.home.resize.Lock()
	defer p.home.resize.Unlock()
	count := p.counts.at(target)
	want, size := int64(count)*int64(p.pageSize), p.home.size.Load()
	want = max(want, min(size, p.home.keptLocked(target)))
	if p.home.end = want; want == size {
		return false, nil
	}
	p.home.size.Store(min(want, size)) // Nobody is to touch what goes.
	if err := p.disk.main.Truncate(want); err != nil {
		return false, err
	}
	p.home.size.Store(want)
	for no, end := PageNo(want>>p.pageShift)+1, min(PageNo(size>>p.pageShift), PageNo(len(*p.table.dir.Load())<<leafBits-1)); no <= end; no++ {
		p.table.entry(no).And(^uint64(entryVerified | entryPopulated))
	}
	return true, nil
}

// homeError says what a failed write to the main file means. On a full disk everything is still
// in the log and in memory, and a later checkpoint may do better; after any other error nobody
// knows what the disk holds.
func (p *Pager) homeError(err error) error {
	if full := fullOr(err); errors.Is(full, ErrFull) {
		return fmt.Errorf("checkpoint: %w", full)
	}
	return p.fail(err)
}

// homeWriter gathers neighbouring pages into one write.
type homeWriter struct {
	p       *Pager
	carries bool // of a checkpoint: what it writes is home
	first   PageNo
	buf     []byte
	count   int
}

func (w *homeWriter) add(no PageNo, page []byte) error {
	next := w.first + PageNo(len(w.buf)>>w.p.pageShift)
	if len(w.buf) > 0 && (no != next || len(w.buf) >= homeRunBytes) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(w.buf) == 0 {
		w.first = no
	}
	w.buf = append(w.buf, page...)
	w.count++
	return nil
}

func (w *homeWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	off := fileformat.PageOffset(w.first, w.p.pageSize)
	end := off + int64(len(w.buf))
	if _, err := w.p.disk.main.WriteAt(w.buf, off); err != nil {
		return err
	}
	if w.carries {
		w.p.home.carried(end)
	}
	w.buf = w.buf[:0]
	return nil
}

// dropBatch is how many pages are dropped under one hold of the chains' lock.
const dropBatch = 512

// dropHome unlinks the versions up to target: the home has them now. On the pread path the newest
// of them stays as the frame of the home; so does page 1 always, because its home is written out
// of turn when a log starts.
func (p *Pager) dropHome(pages []PageNo, target CommitNo) {
	for len(pages) > 0 {
		n := min(dropBatch, len(pages))
		var gone []frameNo
		p.chains.Lock()
		for _, no := range pages[:n] {
			gone = p.dropLocked(no, target, gone)
		}
		p.chains.Unlock()
		p.arena.retire(gone)
		pages = pages[n:]
	}
}

func (p *Pager) dropLocked(no PageNo, target CommitNo, gone []frameNo) []frameNo {
	e := p.table.entry(no)
	var newer *frameMeta
	f := frameNo(e.Load() & entryFrameMask)
	for f != 0 && p.arena.meta(f).commit > target {
		newer = p.arena.meta(f)
		f = frameNo(newer.prev.Load())
	}
	if f == 0 {
		return gone
	}
	m := p.arena.meta(f)
	if no == 1 || !p.home.mapped {
		f = frameNo(m.prev.Swap(0))
		if !m.home && no != 1 {
			m.home = true
			if newer == nil {
				p.home.remember(no)
			}
		}
	} else if newer != nil {
		newer.prev.Store(0)
	} else {
		setHead(e, 0, entryVerified)
	}
	for f != 0 {
		gone = append(gone, f)
		f = frameNo(p.arena.meta(f).prev.Load())
	}
	return gone
}

// retireLog is the clean end of a log: everything goes home and is synced; then a commit of its
// own makes page 1 name no log; page 1 goes home alone and is synced; then the segments are
// removed. At every point in between, either the header names a log that is there, or everything
// is home. (Page 1 together with the others would be wrong: it could reach the disk first.)
func (p *Pager) retireLog(ctx context.Context) error {
	d := p.disk
	d.ckpt.Lock()
	defer d.ckpt.Unlock()
	if _, err := p.checkpointLocked(ctx, true); err != nil {
		return err
	}
	tx := new(Tx)
	if err := p.beginWrite(ctx, tx, p.opts.BusyTimeout); err != nil {
		return err
	}
	tx.sync = SyncFull
	tx.cur.logID = 0
	if err := tx.commitState(p.w.trunks, false); err != nil {
		return err
	}
	if err := p.writeHeaderHome(p.table.head(1)); err != nil {
		return p.fail(err)
	}
	l := &d.log
	l.closeFiles()
	l.mu.Lock()
	l.id.Store(0)
	l.mu.Unlock()
	return p.removeLogFiles(nil)
}

// removeLogFiles removes every segment beside the database but those in keep, and those of another
// database: its file may have been put in the place of ours while we had it open.
func (p *Pager) removeLogFiles(keep map[string]bool) error {
	names, err := p.segmentNames()
	if err != nil {
		return err
	}
	removed := false
	for _, name := range names {
		if keep[name] {
			continue
		}
		ours, err := p.ownsSegment(name)
		if err != nil {
			return err
		}
		if !ours {
			p.opts.Logger.Warn("a log segment of another database is left alone", "path", name)
			continue
		}
		if err := p.disk.fs.Remove(name); err != nil {
			return err
		}
		removed = true
	}
	if !removed {
		return nil
	}
	return p.disk.fs.SyncDir(p.path)
}

// ownsSegment says whether a file that is named like a segment of ours is one. What cannot be read as
// a segment is, where the path still names our file, whose lock we hold.
func (p *Pager) ownsSegment(name string) (bool, error) {
	f, err := p.disk.fs.Open(name, vfs.ReadOnly)
	if err != nil {
		return false, err
	}
	b := make([]byte, fileformat.SegmentHeaderSize)
	n, err := f.ReadAt(b, 0)
	if cerr := f.Close(); cerr != nil {
		return false, cerr
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if h, err := journal.DecodeSegmentHeader(b[:n]); err == nil {
		return h.DatabaseID == p.disk.fixed.ID, nil
	}
	return p.disk.inPlace(p.path), nil
}

// inPlace says whether the path still names the file that is open.
func (d *disk) inPlace(path string) bool {
	id, err := d.fs.Identity(path)
	return err == nil && id == d.id
}
