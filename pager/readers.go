package pager

import (
	"slices"
	"sync/atomic"
)

// readerSlot registers one live transaction. commit is the snapshot plus one, 0 = free slot.
// The padding keeps two readers off one cache line.
type readerSlot struct {
	commit atomic.Uint64
	epoch  atomic.Uint64
	_      [48]byte
}

const slotsPerChunk = 32

type readerChunk struct {
	slots [slotsPerChunk]readerSlot
	// used bounds the slots that were ever claimed: nobody looks behind it.
	used atomic.Uint32
	next atomic.Pointer[readerChunk]
}

// readers is the registry of live transactions: chunks of slots, claimed by compare-and-swap and
// never given back, so that neither side waits for the other. What a transaction writes here is its
// own slot alone, mostly the one that it had the last time, or the first that is free, so that whoever
// visits them finds few.
type readers struct {
	first      readerChunk
	checkpoint readerSlot // of the checkpoint under way
}

// claim takes a free slot, if it can be the one that is liked, and registers snapshot s in the same
// step.
func (r *readers) claim(s CommitNo, liked *readerSlot) *readerSlot {
	if liked != nil && liked.commit.Load() == 0 && liked.commit.CompareAndSwap(0, uint64(s)+1) {
		return liked
	}
	return r.claimBehind(s, nil)
}

// claimBehind takes a free slot behind another one. Whoever visits the slots in their order then finds
// one of the two, if the other's transaction, of the same snapshot, ends only now.
func (r *readers) claimBehind(s CommitNo, other *readerSlot) *readerSlot {
	behind := other == nil
	for c := &r.first; ; {
		for i := range uint32(slotsPerChunk) {
			slot := &c.slots[i]
			if !behind || slot.commit.Load() != 0 {
				behind = behind || slot == other
				continue
			}
			// Before the claim: see register.
			for used := c.used.Load(); used <= i && !c.used.CompareAndSwap(used, i+1); used = c.used.Load() {
			}
			if slot.commit.CompareAndSwap(0, uint64(s)+1) {
				return slot
			}
		}
		next := c.next.Load()
		if next == nil {
			c.next.CompareAndSwap(nil, new(readerChunk))
			next = c.next.Load()
		}
		c = next
	}
}

func (r *readers) release(slot *readerSlot) {
	slot.commit.Store(0)
}

// each visits the slots, those of transactions and that of the checkpoint.
func (r *readers) each(f func(*readerSlot)) {
	f(&r.checkpoint)
	r.transactions(f)
}

func (r *readers) transactions(f func(*readerSlot)) {
	for c := &r.first; c != nil; c = c.next.Load() {
		for i := uint32(0); i < c.used.Load(); i++ { // Loaded each time: see claimBehind.
			f(&c.slots[i])
		}
	}
}

// live counts the open transactions.
func (r *readers) live() (n int64) {
	r.transactions(func(s *readerSlot) {
		if s.commit.Load() != 0 {
			n++
		}
	})
	return n
}

// oldestEpoch is the lowest epoch of a live transaction, or the highest number there is.
//
// A slot that was claimed and has not stored its epoch yet still shows that of its last user,
// which is older: the answer errs on the safe side.
func (r *readers) oldestEpoch() uint64 {
	oldest := ^uint64(0)
	r.each(func(s *readerSlot) {
		if s.commit.Load() != 0 {
			oldest = min(oldest, s.epoch.Load())
		}
	})
	return oldest
}

// register enters a transaction on the newest published commit (P1): it registers first, then
// reads the commit again, and moves on until the two agree. Whoever computes the live snapshots
// loads the published commit before it looks at the slots; so either it sees this slot, or the
// commit had moved and this loop goes round once more.
func (p *Pager) register(liked *readerSlot) (*readerSlot, *state) {
	st := p.pub.Load()
	slot := p.readers.claim(st.commit, liked)
	slot.epoch.Store(p.arena.epoch.Load())
	for {
		again := p.pub.Load()
		if again == st {
			return slot, st
		}
		st = again
		slot.commit.Store(uint64(st.commit) + 1)
	}
}

// snapshots appends the live snapshots in descending order, each once, beginning with the newest
// published commit. A writer may be registered above that; it is listed too.
func (p *Pager) snapshots(live []CommitNo) []CommitNo {
	newest := p.pub.Load().commit
	live = append(live, newest)
	p.readers.each(func(s *readerSlot) {
		if c := s.commit.Load(); c != 0 && CommitNo(c-1) < newest {
			live = append(live, CommitNo(c-1))
		}
	})
	slices.SortFunc(live, func(a, b CommitNo) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		default:
			return 0
		}
	})
	return slices.Compact(live)
}

// oldestSnapshot is the lowest commit that a live transaction reads, and no later than the newest
// published one.
func (p *Pager) oldestSnapshot() CommitNo {
	oldest := p.pub.Load().commit
	p.readers.each(func(s *readerSlot) {
		if c := s.commit.Load(); c != 0 {
			oldest = min(oldest, CommitNo(c-1))
		}
	})
	return oldest
}
