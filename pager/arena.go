package pager

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/rustlite/rustlite/pager/invariant"
	"github.com/rustlite/rustlite/pager/vfs"
)

// frameNo is the index of a frame; 0 = no frame.
type frameNo uint32

// frameMeta is what is known about the bytes of one frame. All but prev is written before the
// frame can be reached and constant from then on.
type frameMeta struct {
	commit   CommitNo      // the version's commit
	prev     atomic.Uint32 // next older version of the page, a frameNo
	page     PageNo
	segment  uint32 // number of the log segment that holds this version, 0 = none (J6)
	fresh    bool   // private: the page was allocated by this transaction; log it whole
	home     bool   // the bytes are those of the page's home (pread path)
	unsealed bool   // the trailer's checksum is not that of the bytes
}

const arenaChunkBytes = 1 << 20

type arenaChunk struct {
	bytes []byte
	meta  []frameMeta
}

type retiredFrame struct {
	epoch uint64
	frame frameNo
}

// reclaimMin is how many retired frames are worth looking at the readers: few, so that small commits go
// round in frames that the processor's caches still have.
const reclaimMin = 16

// arena hands out page-sized frames from chunks outside of the Go heap (P2). Chunks are added,
// never moved; frames are addressed by index.
type arena struct {
	pageShift  uint
	chunkShift uint // log2 of frames per chunk
	chunks     atomic.Pointer[[]arenaChunk]
	epoch      atomic.Uint64
	// oldestEpoch is the lowest epoch that a live reader registered at.
	oldestEpoch func() uint64

	mu struct {
		sync.Mutex
		free    []frameNo
		retired []retiredFrame // ascending by epoch, from head on
		head    int
		held    int     // retired ones that readers held when they were looked at last
		next    frameNo // first frame never handed out
		inUse   int
	}
}

func (a *arena) init(pageShift uint, oldestEpoch func() uint64) {
	a.pageShift = pageShift
	a.chunkShift = 4
	for 1<<(a.chunkShift+pageShift) < arenaChunkBytes {
		a.chunkShift++
	}
	a.oldestEpoch = oldestEpoch
	a.chunks.Store(&[]arenaChunk{})
	a.mu.next = 1 // frame 0 is "none"
	a.epoch.Store(1)
}

// bytes are the page's bytes in frame f.
func (a *arena) bytes(f frameNo) []byte {
	c := &(*a.chunks.Load())[f>>a.chunkShift]
	off := uint(f&(1<<a.chunkShift-1)) << a.pageShift
	end := off + 1<<a.pageShift
	return c.bytes[off:end:end]
}

func (a *arena) meta(f frameNo) *frameMeta {
	c := &(*a.chunks.Load())[f>>a.chunkShift]
	return &c.meta[f&(1<<a.chunkShift-1)]
}

// take hands out a frame with stale bytes and clean meta.
func (a *arena) take() (frameNo, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.mu.retired) - a.mu.head; n > 2*a.mu.held+reclaimMin || n > 0 && len(a.mu.free) == 0 {
		a.reclaimLocked()
	}
	var f frameNo
	if n := len(a.mu.free); n > 0 {
		f = a.mu.free[n-1]
		a.mu.free = a.mu.free[:n-1]
		m := a.meta(f)
		m.prev.Store(0)
		m.commit, m.page, m.segment, m.fresh, m.home, m.unsealed = 0, 0, 0, false, false, false
	} else {
		f = a.mu.next
		if int(f>>a.chunkShift) == len(*a.chunks.Load()) {
			if err := a.growLocked(); err != nil {
				return 0, err
			}
		}
		a.mu.next++
	}
	a.mu.inUse++
	return f, nil
}

func (a *arena) growLocked() error {
	b, err := vfs.AllocMemory(1 << (a.chunkShift + a.pageShift))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoMemory, err)
	}
	old := *a.chunks.Load()
	chunks := append(old[:len(old):len(old)], arenaChunk{bytes: b, meta: make([]frameMeta, 1<<a.chunkShift)})
	a.chunks.Store(&chunks)
	return nil
}

// give takes back a frame that nobody else can have seen (a private page's).
func (a *arena) give(f frameNo) {
	if invariant.Enabled {
		invariant.Mangle(a.bytes(f))
	}
	a.mu.Lock()
	a.mu.free = append(a.mu.free, f)
	a.mu.inUse--
	a.mu.Unlock()
}

// retire takes back frames that can no longer be reached, but may still be held by readers that
// registered before now (P2).
func (a *arena) retire(frames []frameNo) {
	if len(frames) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	epoch := a.epoch.Add(1) - 1
	for _, f := range frames {
		a.mu.retired = append(a.mu.retired, retiredFrame{epoch: epoch, frame: f})
	}
	if invariant.Enabled {
		a.reclaimLocked() // As early as the rule allows, to catch late readers.
	}
}

// reclaimLocked makes retired frames free whose epoch no live reader shares.
func (a *arena) reclaimLocked() {
	if a.mu.head == len(a.mu.retired) {
		return
	}
	oldest := a.oldestEpoch()
	for a.mu.head < len(a.mu.retired) && a.mu.retired[a.mu.head].epoch < oldest {
		f := a.mu.retired[a.mu.head].frame
		if invariant.Enabled {
			invariant.Mangle(a.bytes(f))
		}
		a.mu.free = append(a.mu.free, f)
		a.mu.inUse--
		a.mu.head++
	}
	a.mu.held = len(a.mu.retired) - a.mu.head
	switch {
	case a.mu.held == 0:
		a.mu.retired, a.mu.head = a.mu.retired[:0], 0
	case a.mu.head > 1024 && a.mu.head > len(a.mu.retired)/2:
		n := copy(a.mu.retired, a.mu.retired[a.mu.head:])
		a.mu.retired, a.mu.head = a.mu.retired[:n], 0
	}
}

// usage gives the number of frames in use (retired ones included) and of all frames.
func (a *arena) usage() (inUse, all int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.mu.inUse, len(*a.chunks.Load()) << a.chunkShift
}

// close gives all memory back. No frame may be in anybody's hands.
func (a *arena) close() {
	for _, c := range *a.chunks.Load() {
		_ = vfs.FreeMemory(c.bytes) // A failed unmap leaks address space and nothing else.
	}
	a.chunks.Store(&[]arenaChunk{})
}
