package pager

import (
	"sync/atomic"

	"github.com/rustlite/rustlite/pager/invariant"
)

// The page table: page number to the newest version's frame, and what is known of the home.
// An entry is one word: the frame in the low half, flags above.
const (
	entryVerified  = 1 << 32 // the home's checksum was verified
	entryPopulated = 1 << 33 // the home was brought into memory once
	entryHeld      = 1 << 34 // the page is in the held list (P3)
	entryFrameMask = 1<<32 - 1

	leafBits = 10
	leafSize = 1 << leafBits
)

type tableLeaf [leafSize]atomic.Uint64

// table is a two-level array. The directory is replaced as a whole when it grows; leaves never
// move. Whoever holds a directory that reaches its snapshot's page count needs no newer one.
type table struct {
	dir atomic.Pointer[[]*tableLeaf]
}

func (t *table) init() { t.dir.Store(&[]*tableLeaf{}) }

// grow makes the table reach page no. One caller at a time (the writer, or recovery).
func (t *table) grow(no PageNo) {
	old := *t.dir.Load()
	need := int(no>>leafBits) + 1
	if need <= len(old) {
		return
	}
	dir := make([]*tableLeaf, need, max(need, len(old)*2))
	copy(dir, old)
	for i := len(old); i < need; i++ {
		dir[i] = new(tableLeaf)
	}
	t.dir.Store(&dir)
}

func (t *table) entry(no PageNo) *atomic.Uint64 {
	return &(*t.dir.Load())[no>>leafBits][no&(leafSize-1)]
}

func (t *table) head(no PageNo) frameNo {
	return frameNo(t.entry(no).Load() & entryFrameMask)
}

// setHead replaces the head of a chain and clears the given flags. The caller holds p.chains;
// readers only set flags.
func setHead(e *atomic.Uint64, f frameNo, clearFlags uint64) {
	for {
		old := e.Load()
		if e.CompareAndSwap(old, old&^entryFrameMask&^clearFlags|uint64(f)) {
			return
		}
	}
}

// version walks a chain to the newest version that snapshot s may see.
func (p *Pager) version(head frameNo, s CommitNo) frameNo {
	for f := head; f != 0; {
		m := p.arena.meta(f)
		if m.commit <= s {
			return f
		}
		f = frameNo(m.prev.Load())
	}
	return 0
}

// pruneLocked unlinks the versions of page no that no snapshot can see (P3): all but the
// unpublished ones, and for each live snapshot the newest not newer than it. live is descending
// and begins with the newest published commit, which sees nothing of a page that was cut off (P7).
// Unlinked frames are appended to gone. It says whether more may go later.
func (p *Pager) pruneLocked(no PageNo, live []CommitNo, gone []frameNo) (_ []frameNo, later bool) {
	newest := live[0]
	st := p.pub.Load()
	cut := st.commit == newest && no > st.pageCount
	if cut {
		live = live[1:]
	}
	var kept *frameMeta // nil: the head of the chain
	f := p.table.head(no)
	for f != 0 && p.arena.meta(f).commit > newest {
		kept = p.arena.meta(f)
		f = frameNo(kept.prev.Load())
	}
	for n := 0; f != 0; n++ {
		first := f
		for f != 0 && (len(live) == 0 || p.arena.meta(f).commit > live[0]) {
			gone = append(gone, f)
			f = frameNo(p.arena.meta(f).prev.Load())
		}
		switch {
		case f == first:
		case kept != nil:
			kept.prev.Store(uint32(f))
		default:
			setHead(p.table.entry(no), f, 0)
		}
		if f == 0 {
			break
		}
		later = later || cut || n > 0
		invariant.Check(kept == nil || p.arena.meta(f).commit < kept.commit, "P3: a chain descends")
		kept = p.arena.meta(f)
		for len(live) > 0 && live[0] >= kept.commit {
			live = live[1:] // These snapshots see the version kept last.
		}
		f = frameNo(kept.prev.Load())
	}
	return gone, later
}
