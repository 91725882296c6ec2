package sorter

import "math"

// Several sorters that have each been sorted by a processor of its own are merged as they are read: a
// part is what one of them had in memory.

// part is a sorted list of entries, while Next goes through several of them.
type part struct {
	list []Place
	base uint64 // What refs of its arena are short of, in this one.
	at   int
	key  []byte // Of the entry at,
	head uint64 // and the eight bytes behind the common prefix.
}

// Arrange sorts the entries in memory, as Sort would, before the sorter absorbs others or is absorbed.
// No entry is added then.
func (s *Sorter) Arrange() error {
	if err := s.sortArena(); err != nil || len(s.entries) == 0 {
		return err
	}
	s.parts = append(s.parts[:0], part{list: s.entries})
	return nil
}

// inMemory is the number of entries in memory.
func (s *Sorter) inMemory() int {
	if len(s.parts) == 0 {
		return len(s.entries)
	}
	n := 0
	for i := range s.parts {
		n += len(s.parts[i].list)
	}
	return n
}

// flatten makes one list of the entries of several parts.
func (s *Sorter) flatten() {
	if len(s.parts) == 0 {
		return
	}
	all := make([]Place, 0, s.inMemory())
	for _, p := range s.parts {
		for _, e := range p.list {
			all = append(all, Place{e.Prefix, e.Ref + p.base})
		}
	}
	clear(s.parts)
	s.entries, s.parts = all, s.parts[:0]
}

// firstOfParts moves to the first entry of all parts.
func (s *Sorter) firstOfParts() bool {
	for i := range s.parts {
		p := &s.parts[i]
		p.at = 0
		s.enter(p)
	}
	return s.least()
}

// nextOfParts moves to the entry after the current one.
func (s *Sorter) nextOfParts() bool {
	p := &s.parts[s.now]
	p.at++
	s.enter(p)
	return s.least()
}

// skipParts moves to the entry n after the current one. The first step entries of a part, of which each of k
// parts has as many at most that come before the last of these, are among the first k*step of all.
func (s *Sorter) skipParts(n int64) bool {
	for k := int64(len(s.parts)); n >= k; {
		step := int(min(n/k, math.MaxInt32))
		best := -1
		for i := range s.parts {
			if p := &s.parts[i]; len(p.list)-p.at >= step && (best < 0 || s.comesBefore(p, &s.parts[best], step-1)) {
				best = i
			}
		}
		if best < 0 {
			return false
		}
		s.parts[best].at += step
		n -= int64(step)
	}
	for i := range s.parts {
		s.enter(&s.parts[i])
	}
	ok := s.least()
	for ; n > 0 && ok; n-- {
		ok = s.nextOfParts()
	}
	return ok
}

// comesBefore is before for the entries so far ahead of those where p and q are.
func (s *Sorter) comesBefore(p, q *part, ahead int) bool {
	x, y := &p.list[p.at+ahead], &q.list[q.at+ahead]
	if s.inline {
		return x.less(y)
	}
	return s.o.compare(s.key(x.Ref+p.base), s.key(y.Ref+q.base)) < 0
}

// enter notes the key of the entry that p is at.
func (s *Sorter) enter(p *part) {
	if p.at >= len(p.list) {
		return
	}
	if s.inline {
		return
	}
	if p.at%touchAhead == 0 {
		s.touch(p.list[p.at:], p.base)
	}
	p.key = s.key(p.list[p.at].Ref + p.base)
	if s.o.Compare == nil {
		p.head = prefixAt(p.key, s.common)
	}
}

// least moves to the first of the parts' entries, of equal ones to the earlier.
func (s *Sorter) least() bool {
	best := -1
	for i := range s.parts {
		if p := &s.parts[i]; p.at < len(p.list) && (best < 0 || s.before(p, &s.parts[best])) {
			best = i
		}
	}
	s.now = max(best, 0)
	return best >= 0
}

// before reports whether the entry of p comes before that of q, which came earlier.
func (s *Sorter) before(p, q *part) bool {
	if s.inline {
		return p.list[p.at].less(&q.list[q.at])
	}
	if p.head != q.head {
		return p.head < q.head
	}
	return s.o.compare(p.key, q.key) < 0
}
