package pager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rustlite/rustlite/journal"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
)

// segmentNames lists the files beside the database that are named like log segments.
func (p *Pager) segmentNames() ([]string, error) {
	prefix := p.path + fileformat.LogSuffix
	names, err := p.disk.fs.List(prefix)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(names, func(name string) bool {
		slot := strings.TrimPrefix(name, prefix)
		return slot == "" || strings.Trim(slot, "0123456789") != ""
	}), nil
}

// foundSegment is a readable segment of this database.
type foundSegment struct {
	journal.Segment
	file vfs.File
}

// findSegments opens the segments that carry this database's id (J5). Unreadable ones are left
// out: when they are needed, the log is incomplete.
func (p *Pager) findSegments() ([]foundSegment, error) {
	names, err := p.segmentNames()
	if err != nil {
		return nil, err
	}
	var found []foundSegment
	for _, name := range names {
		mode := vfs.ReadWrite // For the sync before pages go home.
		if p.readOnly {
			mode = vfs.ReadOnly
		}
		f, err := p.disk.fs.Open(name, mode)
		if err != nil {
			closeSegments(found)
			return nil, err
		}
		seg, ok, err := p.readSegment(f)
		if err != nil || !ok {
			_ = f.Close()
		}
		if err != nil {
			closeSegments(found)
			return nil, err
		}
		if ok {
			found = append(found, foundSegment{Segment: seg, file: f})
		}
	}
	return found, nil
}

func closeSegments(found []foundSegment) {
	for _, s := range found {
		_ = s.file.Close() // Only read from, or synced.
	}
}

func (p *Pager) readSegment(f vfs.File) (journal.Segment, bool, error) {
	var s journal.Segment
	size, err := f.Size()
	if err != nil {
		return s, false, err
	}
	b := make([]byte, fileformat.SegmentHeaderSize)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		if err == nil || errors.Is(err, io.EOF) {
			return s, false, nil
		}
		return s, false, err
	}
	h, err := journal.DecodeSegmentHeader(b)
	if errors.Is(err, ErrNewerFormat) {
		return s, false, err
	}
	if err != nil || h.DatabaseID != p.disk.fixed.ID || h.PageSize != p.pageSize {
		return s, false, nil
	}
	return journal.Segment{Header: h, Reader: f, Size: size, Name: f.Name()}, true, nil
}

// rebuilt is a page as the log has it.
type rebuilt struct {
	frame  frameNo
	page   []byte // the bytes of frame, nil while there is none
	commit CommitNo
	err    error // why the deltas could not be followed; a later image heals it
}

// rebuild assembles pages from entries in commit order (J3).
type rebuild struct {
	p     *Pager
	pages map[PageNo]*rebuilt
	only  PageNo // 0 = all
}

func (b *rebuild) visit(h journal.BatchHeader, e journal.Entry) error {
	if b.only != 0 && e.Page != b.only {
		return nil
	}
	r := b.pages[e.Page]
	if r == nil {
		r = &rebuilt{}
		b.pages[e.Page] = r
	}
	switch e.Kind {
	case fileformat.EntryNewPageHome:
		return b.visitHome(r, h, e)
	case fileformat.EntryImage:
		if r.page == nil {
			if err := b.take(r); err != nil {
				return err
			}
		}
		copy(r.page, e.Body)
		r.commit, r.err = h.Commit, nil
		if !fileformat.VerifyPage(r.page, e.Page) || fileformat.PageCommit(r.page) != h.Commit {
			return b.p.corrupt(e.Page, 0, fmt.Sprintf("the log's image of commit %d is damaged", h.Commit))
		}
		return nil
	}
	if r.err != nil {
		return nil
	}
	if r.page == nil {
		if err := b.readHome(r, e.Page); err != nil || r.err != nil {
			return err
		}
	}
	switch {
	case r.commit >= h.Commit:
		return nil // The whole copy is newer than this delta.
	case r.commit != e.Base:
		r.err = b.p.corrupt(e.Page, 0, fmt.Sprintf("the log's delta of commit %d starts from commit %d, the page is of %d",
			h.Commit, e.Base, r.commit))
		return nil
	}
	if err := e.Apply(r.page); err != nil {
		r.err = b.p.corrupt(e.Page, 0, fmt.Sprintf("the log's delta of commit %d: %v", h.Commit, err))
		return nil
	}
	r.commit = h.Commit
	if sum := fileformat.SealPage(r.page, e.Page, h.Commit); uint32(sum) != e.Sum && e.Kind != fileformat.EntryCounter {
		r.err = b.p.corrupt(e.Page, 0, fmt.Sprintf("the page after the log's delta of commit %d has checksum %08x, expected %08x",
			h.Commit, uint32(sum), e.Sum))
	}
	return nil
}

// readHome takes the whole copy of a page in the main file.
func (b *rebuild) readHome(r *rebuilt, no PageNo) error {
	if r.page == nil {
		if err := b.take(r); err != nil {
			return err
		}
	}
	_, err := b.p.home.readPage(no, r.page)
	switch {
	case err == nil:
		r.commit, r.err = fileformat.PageCommit(r.page), nil
	case errors.Is(err, fileformat.ErrCorrupt):
		r.err = err
	default:
		return err
	}
	return nil
}

// visitHome takes a page that a commit wrote home itself (P6). It is not kept in memory.
func (b *rebuild) visitHome(r *rebuilt, h journal.BatchHeader, e journal.Entry) error {
	if err := b.readHome(r, e.Page); err != nil {
		return err
	}
	if r.err == nil && (r.commit < h.Commit || r.commit == h.Commit && uint32(fileformat.PageSum(r.page)) != e.Sum) {
		r.err = b.p.corrupt(e.Page, int64(b.p.pageSize-fileformat.PageTrailerSize),
			fmt.Sprintf("page is of commit %d and has checksum %08x, the log says commit %d and %08x",
				r.commit, uint32(fileformat.PageSum(r.page)), h.Commit, e.Sum))
	}
	b.p.arena.give(r.frame)
	r.frame, r.page = 0, nil
	return nil
}

// take gives a page its frame: pages are assembled where they will stay.
func (b *rebuild) take(r *rebuilt) error {
	f, err := b.p.arena.take()
	if err == nil {
		r.frame, r.page = f, b.p.arena.bytes(f)
	}
	return err
}

// recover finds the newest committed state (J3) and publishes it. Opened for writing, it brings
// everything home and starts a log with a new salt, so that nothing is ever appended to a log that
// was cut: when it says that it recovered, the caller starts that log, once it has the free list.
func (p *Pager) recover(ctx context.Context) (recovered bool, err error) {
	home := make([]byte, p.pageSize)
	_, homeErr := p.home.readPage(1, home)
	if homeErr != nil && !errors.Is(homeErr, fileformat.ErrCorrupt) {
		return false, homeErr
	}
	found, err := p.findSegments()
	if err != nil {
		return false, err
	}
	defer closeSegments(found)
	for _, s := range found {
		p.disk.log.found = append(p.disk.log.found, s.Header.LogID)
	}
	rewrite := false
	if homeErr != nil {
		// The header was being written. Whichever log has its newest copy is, or names, the live one.
		if home, err = p.headerFromLogs(found); err != nil {
			return false, err
		}
		if home == nil {
			return false, homeErr
		}
		rewrite = true
	}
	h, err := fileformat.DecodeHeader(home)
	if err != nil {
		return false, err
	}
	if h.LogID == 0 {
		return false, p.startClean(home, h, rewrite)
	}
	live := slices.DeleteFunc(slices.Clone(found), func(s foundSegment) bool { return s.Header.LogID != h.LogID })
	err = p.replay(ctx, home, live)
	if errors.Is(err, journal.ErrIncomplete) {
		if !p.opts.IgnoreMissingLog {
			return false, fmt.Errorf("%w: %s: %w", ErrLogMissing, p.path, err)
		}
		p.opts.Logger.Warn("opened without its log, as told", "path", p.path)
		return true, p.startWithout(home, h)
	}
	return true, err
}

// headerFromLogs gives the newest copy of page 1 that a log of this database holds, nil if none.
func (p *Pager) headerFromLogs(found []foundSegment) ([]byte, error) {
	byLog := map[uint64][]journal.Segment{}
	for _, s := range found {
		byLog[s.Header.LogID] = append(byLog[s.Header.LogID], s.Segment)
	}
	var best rebuilt
	for _, id := range slices.Sorted(maps.Keys(byLog)) {
		b := rebuild{p: p, pages: map[PageNo]*rebuilt{}, only: 1}
		_, err := journal.Recover(byLog[id], b.visit)
		if err != nil && !errors.Is(err, journal.ErrIncomplete) && !errors.Is(err, fileformat.ErrCorrupt) {
			return nil, err
		}
		if r := b.pages[1]; r != nil && r.err == nil && err == nil && r.page != nil && r.commit > best.commit {
			best = rebuilt{page: slices.Clone(r.page), commit: r.commit}
		}
	}
	return best.page, nil
}

// startClean starts from a main file that names no log: everything is home.
func (p *Pager) startClean(page []byte, h fileformat.Header, rewrite bool) error {
	if size, want := p.home.size.Load(), int64(h.PageCount)*int64(p.pageSize); size < want {
		return p.corrupt(PageNo(size/int64(p.pageSize))+1, size%int64(p.pageSize),
			fmt.Sprintf("the file is truncated: it has %d bytes, expected %d", size, want))
	}
	f, err := p.adopt(1, page, h.Commit)
	if err != nil {
		return err
	}
	p.start(stateOf(h))
	setHead(p.table.entry(1), f, 0)
	if p.readOnly {
		return nil
	}
	if rewrite {
		if err := p.writeHeaderHome(f); err != nil {
			return err
		}
	}
	if h.Commit == 0 {
		// The process that made the file may have been killed before it synced it. Once a log stands
		// beside it, a torn header is no longer the mark of an interrupted creation.
		if err := p.disk.main.Sync(); err != nil {
			return err
		}
		if err := p.disk.fs.SyncDir(p.path); err != nil {
			return err
		}
	}
	names, err := p.segmentNames()
	if err != nil || len(names) == 0 {
		return err
	}
	// A process was killed between writing the header that names no log and syncing it: what we
	// read may be in the system's cache only, and must not outlive the log that way.
	if err := p.disk.main.Sync(); err != nil {
		return err
	}
	return p.removeLogFiles(nil)
}

// adopt puts a page into a frame.
func (p *Pager) adopt(no PageNo, page []byte, commit CommitNo) (frameNo, error) {
	f, err := p.arena.take()
	if err != nil {
		return 0, err
	}
	copy(p.arena.bytes(f), page)
	m := p.arena.meta(f)
	m.page, m.commit = no, commit
	return f, nil
}

// replay rebuilds the versions that the log holds. It only does so in memory; then the ordinary
// way home follows, and a new log.
func (p *Pager) replay(ctx context.Context, home []byte, live []foundSegment) error {
	b := rebuild{p: p, pages: map[PageNo]*rebuilt{}}
	segs := make([]journal.Segment, len(live))
	for i, s := range live {
		segs[i] = s.Segment
	}
	rec, err := journal.Recover(segs, b.visit)
	if err != nil {
		return err
	}
	if r := b.pages[1]; r != nil && r.err == nil {
		home = r.page
	}
	h, err := fileformat.DecodeHeader(home)
	if err != nil {
		return err
	}
	st := stateOf(h)
	st.commit = max(st.commit, rec.Last)
	p.start(st)
	f, err := p.adopt(1, home, fileformat.PageCommit(home))
	if err != nil {
		return err
	}
	setHead(p.table.entry(1), f, 0)
	pages, err := p.adoptAll(b.pages, st)
	if err != nil {
		return err
	}
	p.opts.Logger.Info("recovered", "path", p.path, "commit", uint64(st.commit), "pages", len(pages))
	p.counters.recovered.Store(uint64(rec.Batches))
	if p.readOnly {
		return nil
	}
	// What a killed process left may be in the system's cache only (C1).
	for _, s := range live {
		if err := s.file.Sync(); err != nil {
			return err
		}
	}
	p.disk.behind = pages
	if err := p.catchUp(ctx); !errors.Is(err, ErrFull) {
		return err
	}
	p.opts.Logger.Warn("no room for what was recovered", "path", p.path, "error", err)
	return nil // It can be read; who writes tries again.
}

// catchUp brings home what was recovered, and was not home yet for want of room. It is for the holder of the
// writer's turn.
func (p *Pager) catchUp(ctx context.Context) error {
	if p.disk == nil || len(p.disk.behind) == 0 {
		return nil
	}
	p.disk.ckpt.Lock()
	defer p.disk.ckpt.Unlock()
	_, err := p.carryHome(ctx, p.disk.behind, p.w.last.commit)
	if err == nil {
		p.disk.behind = nil
	}
	return err
}

// adoptAll makes a version of every rebuilt page that is not home already.
func (p *Pager) adoptAll(built map[PageNo]*rebuilt, st *state) ([]PageNo, error) {
	pages := slices.Sorted(maps.Keys(built))
	onDisk := make([]byte, p.pageSize)
	var adopted []PageNo
	for _, no := range pages {
		r := built[no]
		if no > st.pageCount { // A later commit has cut it off (P7).
			if r.frame != 0 {
				p.arena.give(r.frame)
			}
			continue
		}
		if r.err != nil {
			return nil, r.err
		}
		if no == 1 {
			adopted = append(adopted, no)
			continue // Adopted before all others.
		}
		_, err := p.home.readPage(no, onDisk)
		switch {
		case err != nil && !errors.Is(err, fileformat.ErrCorrupt):
			return nil, err
		case err == nil && r.page != nil && fileformat.PageAhead(onDisk):
			// It came to nothing (the page is free, or another transaction's), or is older.
		case err == nil && fileformat.PageCommit(onDisk) == r.commit:
			if r.frame != 0 {
				p.arena.give(r.frame)
			}
			continue
		case err == nil && fileformat.PageCommit(onDisk) > r.commit:
			return nil, p.corrupt(no, int64(p.pageSize-fileformat.PageTrailerSize),
				fmt.Sprintf("page is of commit %d, the log knows it up to %d", fileformat.PageCommit(onDisk), r.commit))
		}
		if r.frame == 0 {
			return nil, p.corrupt(no, 0, fmt.Sprintf("the log says that the page of commit %d is home", r.commit))
		}
		m := p.arena.meta(r.frame)
		m.page, m.commit = no, r.commit
		setHead(p.table.entry(no), r.frame, 0)
		adopted = append(adopted, no)
	}
	return adopted, nil
}

// renewLog starts a log with a new id by a commit of its own, and removes the old one.
func (p *Pager) renewLog(ctx context.Context) error {
	tx := new(Tx)
	if err := p.beginWrite(ctx, tx, p.opts.BusyTimeout); err != nil {
		return err
	}
	if err := tx.commitDisk(); err != nil {
		return err
	}
	l := &p.disk.log
	keep := map[string]bool{}
	l.mu.Lock()
	for _, s := range l.mu.live {
		keep[s.name] = true
	}
	l.mu.Unlock()
	return p.removeLogFiles(keep)
}

// startWithout opens a database whose log is lost, because the caller insists.
func (p *Pager) startWithout(page []byte, h fileformat.Header) error {
	f, err := p.adopt(1, page, h.Commit)
	if err != nil {
		return err
	}
	p.start(stateOf(h))
	setHead(p.table.entry(1), f, 0)
	return nil
}
