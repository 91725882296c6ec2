package pager

import (
	"sync"

	"github.com/rustlite/rustlite/journal"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/invariant"
)

// piece says that a page's image follows entries[..end].
type piece struct {
	end   int
	image frameNo
}

// request is one thing for the leader to do: a commit, a mark, or only a sync.
type request struct {
	segment *logSegment // nil: only a sync
	offset  int64
	logID   uint64
	header  journal.BatchHeader
	entries []byte
	pieces  []piece

	state *state // to publish; nil for marks and syncs
	pages []commitPage
	sync  bool
	owes  bool // a sync a little later (level normal)
	// starts: the first batch of a log. The header names the log on disk before this commit is
	// published (J5).
	starts bool

	done bool
	err  error
}

// requests are those of commits that are done, with their memory, for others to come.
var requests = sync.Pool{New: func() any { return new(request) }}

// The most memory that a request waits with.
const (
	requestBytesMax = 64 << 10
	requestPagesMax = 1 << 10
)

// reuse gives a request back that is done, and that nobody else holds.
func (r *request) reuse() {
	if cap(r.entries) > requestBytesMax || cap(r.pages) > requestPagesMax {
		return
	}
	*r = request{entries: r.entries[:0], pieces: r.pieces[:0], pages: r.pages[:0]}
	requests.Put(r)
}

// group is group commit by leader and followers: whoever finds no leader appends and syncs for
// all that wait.
type group struct {
	mu struct {
		sync.Mutex
		cond    *sync.Cond
		queue   []*request
		spare   []*request // memory for the next queue
		leading bool
	}
}

func (g *group) init() { g.mu.cond = sync.NewCond(&g.mu) }

// enqueue puts a request behind all others. For batches the caller holds log.mu, so that the
// queue's order is that of the reservations.
func (g *group) enqueue(r *request) {
	g.mu.Lock()
	g.mu.queue = append(g.mu.queue, r)
	g.mu.Unlock()
}

// await returns when the request is done, by this goroutine as the leader or by another.
func (p *Pager) await(r *request) error {
	g := &p.group
	g.mu.Lock()
	for !r.done {
		if g.mu.leading {
			g.mu.cond.Wait()
			continue
		}
		g.mu.leading = true
		batch := g.mu.queue
		g.mu.queue, g.mu.spare = g.mu.spare, nil
		g.mu.Unlock()
		err := p.lead(batch)
		var late []*request
		if err != nil {
			late = p.dropUnpublished(batch)
		}
		g.mu.Lock()
		for _, q := range append(batch, late...) {
			q.done, q.err = true, err
		}
		clear(batch)
		g.mu.spare = batch[:0]
		g.mu.leading = false
		g.mu.cond.Broadcast()
	}
	g.mu.Unlock()
	return r.err
}

// lead appends, syncs and publishes a group of requests in order.
func (p *Pager) lead(batch []*request) error {
	if p.isFailed.Load() {
		return p.failure()
	}
	l := &p.disk.log
	needSync := false
	for _, r := range batch {
		needSync = needSync || r.sync
		if r.owes {
			l.owes.Store(true)
		}
		if r.segment == nil {
			continue
		}
		if err := l.append(r); err != nil {
			return p.fail(err)
		}
		if r.starts {
			needSync = true
		}
	}
	if err := l.app.Flush(); err != nil {
		return p.fail(err)
	}
	if needSync {
		if err := l.sync(); err != nil {
			return p.fail(err)
		}
		p.counters.syncs.Add(1)
	}
	for _, r := range batch {
		if r.starts {
			if err := p.nameLog(r); err != nil {
				return p.fail(err)
			}
		}
		if r.state == nil {
			continue
		}
		for _, pg := range r.pages {
			r.segment.pages = append(r.segment.pages, pg.no)
		}
		p.publish(r.state, r.pages)
		p.counters.commits.Add(1)
	}
	p.announce()
	return nil
}

// announce tells the root's goroutine when there is work.
func (p *Pager) announce() {
	if p.NeedsCheckpoint() || p.NeedsSync() {
		p.signal()
	}
}

// nameLog writes page 1 home after its image was synced, so that the main file names the log
// before any commit in it is acknowledged (J5). Page 1 is always in a frame: nobody reads it
// through the map.
func (p *Pager) nameLog(r *request) error {
	for _, pg := range r.pages {
		if pg.no == 1 {
			return p.writeHeaderHome(pg.frame)
		}
	}
	invariant.Check(false, "J5: the first batch of a log holds page 1")
	return nil
}

func (p *Pager) writeHeaderHome(f frameNo) error {
	page := p.arena.bytes(f)
	invariant.Check(fileformat.VerifyPage(page, 1), "C1: what goes home is sealed")
	if _, err := p.disk.main.WriteAt(page, 0); err != nil {
		return err
	}
	return p.disk.main.Sync()
}

// dropUnpublished unlinks what was linked and will never be published (K2), newest first, and
// returns the requests that had queued up meanwhile.
func (p *Pager) dropUnpublished(batch []*request) []*request {
	// With log.mu held nobody is between linking and queueing; the pager has failed, so nobody
	// will be.
	l := &p.disk.log
	l.mu.Lock()
	defer l.mu.Unlock()
	p.group.mu.Lock()
	late := p.group.mu.queue
	p.group.mu.queue = nil
	p.group.mu.Unlock()
	all := append(batch[:len(batch):len(batch)], late...)
	var gone []frameNo
	published := p.pub.Load().commit
	p.chains.Lock()
	for i := len(all) - 1; i >= 0; i-- {
		for _, pg := range all[i].pages {
			e := p.table.entry(pg.no)
			m := p.arena.meta(pg.frame)
			if m.commit <= published {
				continue
			}
			invariant.Check(frameNo(e.Load()&entryFrameMask) == pg.frame, "K2: unpublished versions are the newest")
			setHead(e, frameNo(m.prev.Load()), 0)
			gone = append(gone, pg.frame)
		}
	}
	p.chains.Unlock()
	p.arena.retire(gone)
	return late
}

// SyncLog makes every commit published so far durable.
func (p *Pager) SyncLog() error {
	if p.disk == nil || p.readOnly {
		return nil
	}
	if p.isFailed.Load() {
		return p.failure()
	}
	r := &request{sync: true}
	p.group.enqueue(r)
	return p.await(r)
}

// NeedsSync says whether commits at level normal wait for a sync.
func (p *Pager) NeedsSync() bool {
	return p.disk != nil && p.disk.log.owes.Load() && !p.isFailed.Load()
}
