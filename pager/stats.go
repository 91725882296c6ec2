package pager

import "sync/atomic"

type counters struct {
	commits, syncs, checkpoints, pagesHome, recovered atomic.Uint64
}

// Stats are plain counters of a pager.
type Stats struct {
	Commits, Syncs, Checkpoints, PagesHome uint64
	RecoveredBatches                       uint64
	FramesInUse, Frames                    int
	LogBytes                               int64
	LiveTransactions                       int64
	PageCount                              PageNo
	FreePages                              uint32
	Commit                                 CommitNo
}

// Stats gives the counters as they stand.
func (p *Pager) Stats() Stats {
	st := p.pub.Load()
	s := Stats{
		Commits: p.counters.commits.Load(), Syncs: p.counters.syncs.Load(),
		Checkpoints: p.counters.checkpoints.Load(), PagesHome: p.counters.pagesHome.Load(),
		RecoveredBatches: p.counters.recovered.Load(),
		LiveTransactions: p.readers.live(),
		PageCount:        st.pageCount, FreePages: st.freeCount, Commit: st.commit,
	}
	s.FramesInUse, s.Frames = p.arena.usage()
	if p.disk != nil {
		s.LogBytes = p.disk.log.bytes.Load()
	}
	return s
}
