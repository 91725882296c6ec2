package pager

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rustlite/rustlite/freelist"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
)

// PageNo numbers a page; 0 = no page.
type PageNo = fileformat.PageNo

// CommitNo numbers a commit.
type CommitNo = fileformat.CommitNo

// SyncLevel says when a commit is made durable (K3).
type SyncLevel uint8

// The sync levels. Full is the zero value.
const (
	SyncFull   SyncLevel = iota // Commit returns when the commit is on disk.
	SyncNormal                  // Handed to the system; SyncLog makes it durable a little later.
	SyncOff                     // Handed to the system.
)

// Options of Open and OpenMemory. Nil and zero are good defaults.
type Options struct {
	FS          vfs.FS        // default: the system's
	PageSize    int           // of a database to be created; default fileformat.PageSizeDefault
	ReadOnly    bool          // no change, shared lock
	MustExist   bool          // do not create
	BusyTimeout time.Duration // longest wait for a lock; default 5 s, below 0: no wait
	Sync        SyncLevel     // of transactions that do not say otherwise
	NoMap       bool          // read by pread into frames, also where maps work
	// LogLimitBytes starts a checkpoint when the log's newest segment passes it; default 16 MiB.
	LogLimitBytes int64
	// MapSegmentBytes is the size of one map segment, a power of two; default 256 MiB.
	MapSegmentBytes int
	// CacheBytes bounds the home pages kept in frames on the pread path; default 32 MiB.
	CacheBytes int64
	// PrivateBytes bounds what a large transaction keeps of its new pages in frames, where Spill is
	// called; default half of LogLimitBytes.
	PrivateBytes int64
	// PageCountMax bounds the database; default the format's limit.
	PageCountMax PageNo
	// IgnoreMissingLog opens a database whose log is missing or unreadable as if there had been
	// none. What the log held is lost, and pages may be of different commits.
	IgnoreMissingLog bool
	Logger           *slog.Logger
}

func (o *Options) withDefaults() *Options {
	c := Options{}
	if o != nil {
		c = *o
	}
	if c.FS == nil {
		c.FS = vfs.System()
	}
	if c.PageSize == 0 {
		c.PageSize = fileformat.PageSizeDefault
	}
	if c.BusyTimeout == 0 {
		c.BusyTimeout = 5 * time.Second
	}
	if c.LogLimitBytes <= 0 {
		c.LogLimitBytes = 16 << 20
	}
	if c.MapSegmentBytes == 0 {
		c.MapSegmentBytes = 256 << 20
	}
	if c.CacheBytes <= 0 {
		c.CacheBytes = 32 << 20
	}
	if c.PrivateBytes <= 0 {
		c.PrivateBytes = c.LogLimitBytes / 2
	}
	if c.PageCountMax == 0 || c.PageCountMax > fileformat.PageNoMax {
		c.PageCountMax = fileformat.PageNoMax
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &c
}

func (o *Options) validate() error {
	if !fileformat.ValidPageSize(o.PageSize) {
		return fmt.Errorf("page size %d: %w", o.PageSize, ErrCantOpen)
	}
	if n := o.MapSegmentBytes; n&(n-1) != 0 || n < fileformat.PageSizeMax {
		return fmt.Errorf("map segment of %d bytes: %w", n, ErrCantOpen)
	}
	return nil
}

// state is what one commit says beside its pages. Immutable once it is shared.
type state struct {
	commit    CommitNo
	pageCount PageNo
	trunk     PageNo
	freeCount uint32
	meta      Meta
	logID     uint64
}

// Pager keeps the numbered pages of one database. It is safe for concurrent use.
type Pager struct {
	opts      *Options
	path      string
	clock     vfs.Clock
	pageSize  int
	pageShift uint
	segShift  uint
	memory    bool
	readOnly  bool

	arena   arena
	table   table
	readers readers
	pub     atomic.Pointer[state] // the newest published commit
	turn    turn                  // the writer's turn; guards w
	w       writer
	chains  sync.Mutex // guards changes of version chains and the held list
	held    []PageNo   // pages with several published versions (P3)
	home    home
	counts  counts // not of a database in memory
	disk    *disk  // nil in memory
	group   group

	countMax atomic.Uint32 // of the pages
	closed   atomic.Bool
	isFailed atomic.Bool
	failedBy atomic.Pointer[error]
	heldBack atomic.Bool // a checkpoint waits for a reader to end
	work     chan struct{}
	counters counters
}

// OpenMemory makes an empty database without a file. Everything lives in frames; commits only
// publish.
func OpenMemory(opts *Options) (*Pager, error) {
	o := opts.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	p := newPager(o, ":memory:", o.PageSize)
	p.memory = true
	first := &state{pageCount: 1}
	p.table.grow(1)
	f, err := p.arena.take()
	if err != nil {
		return nil, err
	}
	page := p.arena.bytes(f)
	clear(page)
	fixed := fileformat.FixedHeader{Version: fileformat.FormatVersion, PageSize: p.pageSize}
	o.FS.Random(fixed.ID[:])
	fileformat.PutFixedHeader(page, fixed)
	fileformat.PutHeader(page, first.header())
	p.arena.meta(f).page = 1
	setHead(p.table.entry(1), f, 0)
	p.start(first)
	return p, nil
}

func newPager(o *Options, path string, pageSize int) *Pager {
	p := &Pager{
		opts: o, path: path, clock: o.FS.Clock(), pageSize: pageSize,
		pageShift: uint(bits.TrailingZeros(uint(pageSize))),
		segShift:  uint(bits.TrailingZeros(uint(o.MapSegmentBytes))),
		readOnly:  o.ReadOnly,
		work:      make(chan struct{}, 1),
	}
	p.countMax.Store(uint32(o.PageCountMax))
	p.arena.init(p.pageShift, p.readers.oldestEpoch)
	p.table.init()
	p.home.init(p)
	p.group.init()
	p.w.free = freelist.New()
	p.w.trunkDirty = map[int]bool{}
	p.w.span = fileformat.TrunkSpan(pageSize)
	return p
}

// start publishes the first state.
func (p *Pager) start(st *state) {
	p.table.grow(st.pageCount)
	p.w.last = st
	p.counts.publish(st)
	p.pub.Store(st)
}

func (st *state) header() fileformat.Header {
	return fileformat.Header{
		Commit: st.commit, PageCount: st.pageCount, FreeTrunk: st.trunk, FreeCount: st.freeCount,
		SchemaCookie: st.meta.SchemaCookie, UserVersion: st.meta.UserVersion,
		ApplicationID: st.meta.ApplicationID, LogID: st.logID,
	}
}

func stateOf(h fileformat.Header) *state {
	return &state{
		commit: h.Commit, pageCount: h.PageCount, trunk: h.FreeTrunk, freeCount: h.FreeCount,
		meta:  Meta{SchemaCookie: h.SchemaCookie, UserVersion: h.UserVersion, ApplicationID: h.ApplicationID},
		logID: h.LogID,
	}
}

// Path is the path of the main file, or ":memory:".
func (p *Pager) Path() string { return p.path }

// PageSize is the size of a page in bytes.
func (p *Pager) PageSize() int { return p.pageSize }

// ReadOnly says whether the database was opened for reading only.
func (p *Pager) ReadOnly() bool { return p.readOnly }

// SetPageCountMax changes the bound on the pages, 0 = not; it answers the one that holds, which is
// not below what there is.
func (p *Pager) SetPageCountMax(n PageNo) PageNo {
	if n > 0 {
		p.countMax.Store(uint32(min(max(n, p.pub.Load().pageCount), fileformat.PageNoMax)))
	}
	return p.pageCountMax()
}

func (p *Pager) pageCountMax() PageNo { return PageNo(p.countMax.Load()) }

// Work is signalled when background work waits: a checkpoint, or a sync at level normal. The
// root's goroutine receives and calls Checkpoint or SyncLog.
func (p *Pager) Work() <-chan struct{} { return p.work }

func (p *Pager) signal() {
	select {
	case p.work <- struct{}{}:
	default:
	}
}

// fail makes the pager refuse writes until it is opened again (K2).
func (p *Pager) fail(err error) error {
	err = fmt.Errorf("%w: %w", ErrFailed, err)
	if p.failedBy.CompareAndSwap(nil, &err) {
		p.isFailed.Store(true)
		p.opts.Logger.Error("the database takes no more writes", "path", p.path, "error", err)
	}
	return p.failure()
}

func (p *Pager) failure() error {
	if e := p.failedBy.Load(); e != nil {
		return *e
	}
	return ErrFailed
}

// named puts the file's path into a corruption error.
func (p *Pager) named(err error) error {
	var c *fileformat.CorruptError
	if errors.As(err, &c) && c.File == "" {
		c.File = p.path
	}
	return err
}

// Close ends the pager: it carries every page home, removes the log and leaves one file. It
// answers ErrBusy while transactions are open. After a failure it leaves the log for the next
// Open to recover from.
func (p *Pager) Close() error {
	if p.closed.Swap(true) {
		return nil
	}
	if p.readers.live() != 0 {
		p.closed.Store(false)
		return fmt.Errorf("close: transactions are open: %w", ErrBusy)
	}
	var err error
	if p.disk != nil {
		err = p.closeDisk(context.Background())
	}
	p.arena.close()
	return err
}
