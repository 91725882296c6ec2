package pager

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
)

// disk is what a pager on a file has beside its pages: the open files, the lock and the log.
type disk struct {
	fs      vfs.FS
	main    vfs.File
	id      vfs.FileID
	fixed   fileformat.FixedHeader
	log     log
	ckpt    sync.Mutex // one checkpoint at a time; also settles a doubtful page (section "Map")
	locked  bool
	lockOwn bool // we wrote the lock file
	// behind are pages that were recovered and are not home yet, for want of room; guarded by the turn.
	behind []PageNo
}

func (p *Pager) lockName() string { return p.path + fileformat.LockSuffix }

// Open opens the database at path, makes it when it does not exist, and recovers it when it was
// not closed. Waiting for the file's lock ends with the context or the busy timeout.
func Open(ctx context.Context, path string, opts *Options) (*Pager, error) {
	o := opts.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	full, err := o.FS.FullPath(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	mode := vfs.Create
	switch {
	case o.ReadOnly:
		mode = vfs.ReadOnly
	case o.MustExist:
		mode = vfs.ReadWrite
	}
	f, err := o.FS.Open(full, mode)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	d := &disk{fs: o.FS, main: f}
	if d.id, err = o.FS.Identity(full); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrCantOpen, err), f.Close())
	}
	p, err := openLocked(ctx, full, o, d)
	if err != nil {
		return nil, errors.Join(err, d.release())
	}
	return p, nil
}

func openLocked(ctx context.Context, path string, o *Options, d *disk) (*Pager, error) {
	if err := d.lock(ctx, path, o); err != nil {
		return nil, err
	}
	fixed, isNew, err := d.readFixed(path, o)
	if err != nil {
		return nil, err
	}
	d.fixed = fixed
	p := newPager(o, path, fixed.PageSize)
	p.disk = d
	d.log.init(p)
	if fixed.ReadOnly&^fileformat.FeaturesReadOnly != 0 {
		p.readOnly = true
	}
	if err := p.load(ctx, isNew); err != nil {
		p.home.close()
		p.disk.log.closeFiles()
		p.arena.close()
		return nil, err
	}
	return p, nil
}

// load brings the pager from an open, locked file to its first published state.
func (p *Pager) load(ctx context.Context, isNew bool) error {
	if !p.readOnly {
		if err := p.writeLockFile(); err != nil {
			return err
		}
	}
	if isNew {
		if err := p.create(); err != nil {
			return err
		}
	}
	if err := p.home.open(); err != nil {
		return err
	}
	recovered, err := p.recover(ctx)
	if err == nil {
		err = p.loadFree()
	}
	if err == nil && recovered && !p.readOnly && len(p.disk.behind) == 0 {
		// A commit: it wants the free list. Without room for it the next one starts the log.
		if err = p.renewLog(ctx); errors.Is(err, ErrFull) {
			err = nil
		}
	}
	return p.named(err)
}

// pollFirst and pollLast bound the pauses between two tries for the file's lock.
const (
	pollFirst = time.Millisecond
	pollLast  = 50 * time.Millisecond
)

// lock takes the advisory lock of the main file: exclusive for writing, shared for reading.
func (d *disk) lock(ctx context.Context, path string, o *Options) error {
	kind := vfs.LockExclusive
	if o.ReadOnly {
		kind = vfs.LockShared
	}
	clock := d.fs.Clock()
	deadline := clock.Now().Add(o.BusyTimeout)
	for pause := pollFirst; ; pause = min(2*pause, pollLast) {
		err := d.main.Lock(kind)
		if err == nil {
			d.locked = true
			return nil
		}
		if !errors.Is(err, vfs.ErrLocked) {
			return fmt.Errorf("%w: %w", ErrCantOpen, err)
		}
		left := deadline.Sub(clock.Now())
		if left <= 0 {
			return fmt.Errorf("%w%s", ErrBusy, d.holder(path))
		}
		timer, stop := clock.After(min(pause, left))
		select {
		case <-timer:
			stop()
		case <-ctx.Done():
			stop()
			return fmt.Errorf("%w%s: %w", ErrBusy, d.holder(path), ctx.Err())
		}
	}
}

// holder names the process that wrote the lock file, as a detail for an error.
func (d *disk) holder(path string) string {
	f, err := d.fs.Open(path+fileformat.LockSuffix, vfs.ReadOnly)
	if err != nil {
		return ""
	}
	defer f.Close()
	var b [fileformat.LockSlotsOffset]byte
	if n, _ := f.ReadAt(b[:], 0); n < len(b) || string(b[:len(fileformat.LockMagic)]) != fileformat.LockMagic {
		return ""
	}
	return fmt.Sprintf(": held by process %d", binary.LittleEndian.Uint32(b[fileformat.LockProcessIDOffset:]))
}

// writeLockFile says who holds the lock. The lock itself is on the main file; this one is for
// people, and has room for reader slots of other processes.
func (p *Pager) writeLockFile() error {
	f, err := p.disk.fs.Open(p.lockName(), vfs.Create)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	p.disk.lockOwn = true
	b := make([]byte, fileformat.LockFileSize)
	copy(b, fileformat.LockMagic)
	le := binary.LittleEndian
	le.PutUint32(b[fileformat.LockVersionOffset:], fileformat.FormatVersion)
	le.PutUint32(b[fileformat.LockProcessIDOffset:], uint32(p.disk.fs.ProcessID()))
	_, err = f.WriteAt(b, 0)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if errors.Is(err, vfs.ErrNoSpace) {
		p.opts.Logger.Warn("no room for the lock file", "path", p.lockName(), "error", err)
		return nil // The lock is held without it; a full disk can be read, and made less full.
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	return nil
}

// release closes the main file and gives the lock up.
func (d *disk) release() error {
	var err error
	if d.lockOwn {
		d.lockOwn = false
		if err = d.fs.Remove(d.main.Name() + fileformat.LockSuffix); errors.Is(err, vfs.ErrNotExist) {
			err = nil
		}
	}
	if d.locked {
		d.locked = false
		err = errors.Join(err, d.main.Unlock())
	}
	return errors.Join(err, d.main.Close())
}

// readFixed reads what never changes of the header, or says that the database is to be made.
func (d *disk) readFixed(path string, o *Options) (fileformat.FixedHeader, bool, error) {
	fresh := fileformat.FixedHeader{Version: fileformat.FormatVersion, PageSize: o.PageSize}
	size, err := d.main.Size()
	if err != nil {
		return fresh, false, fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	if size == 0 {
		if o.ReadOnly {
			return fresh, false, fmt.Errorf("%w: the file is empty", ErrNotADB)
		}
		names, err := d.fs.List(path + fileformat.LogSuffix)
		if err != nil {
			return fresh, false, fmt.Errorf("%w: %w", ErrCantOpen, err)
		}
		if len(names) > 0 { // A log is made after the header page was synced.
			return fresh, false, &fileformat.CorruptError{File: path, PageNo: 1, What: "the file is empty, and " + names[0] + " stands beside it"}
		}
		d.fs.Random(fresh.ID[:])
		return fresh, true, nil
	}
	// Only of what is no larger than one page it matters whether its creation was interrupted.
	n := size
	if size > fileformat.PageSizeMax {
		n = fileformat.HeaderFixedSize
	}
	b := make([]byte, n)
	if _, err := d.main.ReadAt(b, 0); err != nil {
		return fresh, false, fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	h, err := fileformat.DecodeFixedHeader(b)
	if !o.ReadOnly && size <= fileformat.PageSizeMax && tornCreation(b, h, err) {
		names, lerr := d.fs.List(path + fileformat.LogSuffix)
		if lerr == nil && len(names) == 0 {
			// A crash while the file was made: nothing can have been committed into it.
			d.fs.Random(fresh.ID[:])
			return fresh, true, nil
		}
	}
	var c *fileformat.CorruptError
	if errors.As(err, &c) {
		c.File = path
	}
	if errors.Is(err, ErrNotADB) || errors.Is(err, ErrNewerFormat) {
		err = fmt.Errorf("%w: %s", err, path)
	}
	return h, false, err
}

// tornCreation says whether b, a whole file, is what a crash may leave of a header page while a
// database is being made: all zeros but for the trailer, or a good beginning of one page whose
// trailer is missing. A header with a commit was not being made.
func tornCreation(b []byte, h fileformat.FixedHeader, err error) bool {
	if err == nil {
		end := fileformat.HeaderCommitOffset + 8
		return len(b) >= end && len(b) <= h.PageSize && binary.LittleEndian.Uint64(b[fileformat.HeaderCommitOffset:end]) == 0 &&
			(len(b) < h.PageSize || !fileformat.VerifyPage(b, 1) && (fileformat.PageSum(b) == 0 || fileformat.PageCommit(b) == 0))
	}
	if !fileformat.ValidPageSize(len(b)) {
		return false
	}
	for _, x := range b[:fileformat.UsableSize(len(b))] {
		if x != 0 {
			return false
		}
	}
	return fileformat.PageCommit(b) == 0
}

// create writes the header page of a new database.
func (p *Pager) create() error {
	page := make([]byte, p.pageSize)
	fileformat.PutFixedHeader(page, p.disk.fixed)
	fileformat.PutHeader(page, (&state{pageCount: 1}).header())
	fileformat.SealPage(page, 1, 0)
	err := p.disk.main.Truncate(int64(p.pageSize))
	if err == nil {
		_, err = p.disk.main.WriteAt(page, 0)
	}
	if err == nil {
		err = p.disk.main.Sync()
	}
	if err == nil {
		err = p.disk.fs.SyncDir(p.path)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	return nil
}

// loadFree reads the free list at open.
func (p *Pager) loadFree() error {
	tx, err := p.BeginRead()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	p.w.free, p.w.trunks, err = tx.readTrunks()
	return err
}

// closeDisk is the clean close: pages home, a commit that says that no log is live, and one file
// left.
func (p *Pager) closeDisk(ctx context.Context) error {
	var err error
	switch {
	case p.isFailed.Load():
		// Reported when it happened; the log is left for recovery.
	case !p.readOnly && p.disk.log.started():
		err = p.retireLog(ctx)
	}
	p.disk.log.closeFiles()
	p.home.close()
	return errors.Join(err, p.disk.release())
}
