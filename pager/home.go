package pager

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
)

// touchRunBytes is how much of the file one first touch brings in.
const touchRunBytes = 64 << 10

// home reads the main file: through maps, or by pread into frames.
type home struct {
	p      *Pager
	mapped bool
	size   atomic.Int64 // of the main file
	segs   atomic.Pointer[[][]byte]

	resize sync.Mutex // held while the main file is cut, or grows by what is spilled; guards end and reach
	end    int64      // behind it are leftovers of transactions that spilled and came to nothing
	reach  reach

	mu     sync.Mutex // guards maps and the growth of segs
	maps   []vfs.Map
	cached []PageNo // pages with a frame of their home, for the clock hand (pread path)
	hand   int
}

func (h *home) init(p *Pager) {
	h.p = p
	h.segs.Store(&[][]byte{})
}

func (h *home) open() error {
	size, err := h.p.disk.main.Size()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCantOpen, err)
	}
	h.size.Store(size)
	h.end = size
	h.mapped = !h.p.opts.NoMap
	if h.mapped {
		err := h.extend(0)
		if errors.Is(err, vfs.ErrNoMap) {
			h.mapped = false
			return nil
		}
		return err
	}
	return nil
}

func (h *home) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.segs.Store(&[][]byte{})
	for _, m := range h.maps {
		_ = m.Unmap() // Nobody reads any more; a failed unmap leaks address space.
	}
	h.maps = nil
}

func (h *home) segments() [][]byte { return *h.segs.Load() }

// extend maps segments up to and including number i. Live ones never move.
func (h *home) extend(i int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.segments()) <= i {
		old := h.segments()
		n := 1 << h.p.segShift
		m, err := h.p.disk.main.Map(int64(len(old))<<h.p.segShift, n)
		if err != nil {
			return err
		}
		h.maps = append(h.maps, m)
		segs := append(old[:len(old):len(old)], m.Bytes())
		h.segs.Store(&segs)
	}
	return nil
}

// read gives the home of a page for a transaction that sees no version of it.
func (h *home) read(tx *Tx, no PageNo) ([]byte, error) {
	if h.p.memory {
		return nil, h.p.corrupt(no, 0, "page was never written")
	}
	if !h.mapped {
		f, err := h.load(tx, no)
		if err != nil {
			return nil, err
		}
		return h.p.arena.bytes(f), nil
	}
	at := fileformat.PageOffset(no, h.p.pageSize)
	if at+int64(h.p.pageSize) > h.size.Load() {
		return nil, h.p.corrupt(no, 0, "the file ends before this page")
	}
	i := int(at >> h.p.segShift)
	if i >= len(tx.segs) {
		if err := h.extend(i); err != nil {
			return nil, err
		}
		tx.segs = h.segments()
	}
	in := int(at & (1<<h.p.segShift - 1))
	page := tx.segs[i][in : in+h.p.pageSize : in+h.p.pageSize]
	e := h.p.table.entry(no)
	if e.Load()&entryVerified != 0 { // Newer versions exist that this snapshot does not see.
		return page, nil
	}
	if e.Load()&entryPopulated == 0 {
		if err := h.populate(no, i); err != nil {
			return nil, fmt.Errorf("page %d: %w", no, err)
		}
	}
	if !fileformat.VerifyPage(page, no) {
		// A checkpoint may have been at it: ask again when none can be.
		if err := h.settle(page, no); err != nil {
			return nil, err
		}
	}
	e.Or(entryVerified)
	return page, nil
}

// settle verifies a page while no checkpoint can be writing it. The read may fault, so the lock goes
// by defer.
func (h *home) settle(page []byte, no PageNo) error {
	h.p.disk.ckpt.Lock()
	defer h.p.disk.ckpt.Unlock()
	if !fileformat.VerifyPage(page, no) {
		return h.p.badSum(page, no)
	}
	return nil
}

// populate is the first touch of a run of pages, by a system call.
func (h *home) populate(no PageNo, segment int) error {
	perRun := PageNo(max(1, touchRunBytes>>h.p.pageShift))
	first := (no-1)/perRun*perRun + 1
	last := min(first+perRun-1, PageNo(h.size.Load()>>h.p.pageShift), PageNo(len(*h.p.table.dir.Load())<<leafBits-1))
	if last < no {
		last = no
	}
	h.mu.Lock()
	m := h.maps[segment]
	h.mu.Unlock()
	in := int(fileformat.PageOffset(first, h.p.pageSize) & (1<<h.p.segShift - 1))
	if err := m.Populate(in, int(last-first+1)<<h.p.pageShift); err != nil {
		if cut := PageNo(h.size.Load() >> h.p.pageShift); no <= cut && cut < last {
			return h.populate(no, segment) // The file's end was cut off just now.
		}
		return err
	}
	for n := first; n <= last; n++ {
		h.p.table.entry(n).Or(entryPopulated)
	}
	return nil
}

func (p *Pager) badSum(page []byte, no PageNo) error {
	return p.corrupt(no, int64(p.pageSize-8),
		fmt.Sprintf("page checksum is %016x, expected %016x", fileformat.PageSum(page), fileformat.Checksum(page, no)))
}

// readPage reads and verifies the home of a page by pread. missing says that the file ends before
// it.
func (h *home) readPage(no PageNo, page []byte) (missing bool, err error) {
	n, err := h.p.disk.main.ReadAt(page, fileformat.PageOffset(no, h.p.pageSize))
	if n < len(page) {
		if err == nil || errors.Is(err, io.EOF) {
			return true, h.p.corrupt(no, 0, "the file ends before this page")
		}
		return false, fmt.Errorf("page %d: %w", no, err)
	}
	if !fileformat.VerifyPage(page, no) {
		return false, h.p.badSum(page, no)
	}
	return false, nil
}

// load brings the home of a page into a frame, at the old end of its version chain.
func (h *home) load(tx *Tx, no PageNo) (frameNo, error) {
	p := h.p
	f, err := p.arena.take()
	if err != nil {
		return 0, err
	}
	page := p.arena.bytes(f)
	if _, err := h.readPage(no, page); err != nil {
		var c *fileformat.CorruptError
		if errors.As(err, &c) {
			p.disk.ckpt.Lock()
			_, err = h.readPage(no, page)
			p.disk.ckpt.Unlock()
		}
		if err != nil {
			p.arena.give(f)
			return 0, err
		}
	}
	m := p.arena.meta(f)
	m.page, m.commit, m.home = no, fileformat.PageCommit(page), true

	p.chains.Lock()
	defer p.chains.Unlock()
	e := p.table.entry(no)
	head := frameNo(e.Load() & entryFrameMask)
	if head == 0 {
		setHead(e, f, 0)
		h.remember(no)
		return f, nil
	}
	if other := p.version(head, tx.snap.commit); other != 0 { // Somebody was faster.
		p.arena.give(f)
		return other, nil
	}
	for {
		m := p.arena.meta(head)
		if next := frameNo(m.prev.Load()); next != 0 {
			head = next
			continue
		}
		m.prev.Store(uint32(f))
		return f, nil
	}
}

// remember enters a page into the cache and evicts others while it is over its budget. The caller
// holds p.chains. The hand goes round; a page that has newer versions just leaves the list,
// because its home frame goes with the chain.
func (h *home) remember(no PageNo) {
	h.cached = append(h.cached, no)
	budget := max(8, int(h.p.opts.CacheBytes>>h.p.pageShift))
	var gone []frameNo
	for len(h.cached) > budget {
		h.hand %= len(h.cached)
		victim := h.cached[h.hand]
		if victim == no {
			h.hand++
			continue
		}
		last := len(h.cached) - 1
		h.cached[h.hand] = h.cached[last]
		h.cached = h.cached[:last]
		e := h.p.table.entry(victim)
		if f := frameNo(e.Load() & entryFrameMask); f != 0 && victim != 1 && h.p.arena.meta(f).home {
			setHead(e, 0, 0)
			gone = append(gone, f)
		}
	}
	h.p.arena.retire(gone)
}

// OwnsAddress says whether an address lies in a map of the main file: a fault there is the disk's
// fault or another program's, and not ours.
func (p *Pager) OwnsAddress(addr uintptr) bool {
	for _, s := range p.home.segments() {
		if vfs.Contains(s, addr) {
			return true
		}
	}
	return false
}
