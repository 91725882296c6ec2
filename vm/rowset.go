package vm

import "slices"

// rowSet collects row ids and hands them out in ascending order, each once.
type rowSet struct {
	ids    []int64
	next   int
	sorted bool // ids is sorted and without duplicates from next on.
}

func (s *rowSet) reset() {
	s.ids, s.next, s.sorted = s.ids[:0], 0, true
	if cap(s.ids) > keepBytesMax {
		s.ids = nil
	}
}

func (s *rowSet) add(id int64) {
	if n := len(s.ids); n > 0 && id <= s.ids[n-1] {
		if id == s.ids[n-1] {
			return
		}
		s.sorted = false
	}
	s.ids = append(s.ids, id)
}

// read takes the smallest id out.
func (s *rowSet) read() (int64, bool) {
	if !s.sorted {
		rest := s.ids[s.next:]
		slices.Sort(rest)
		s.ids = s.ids[:s.next+len(slices.Compact(rest))]
		s.sorted = true
	}
	if s.next == len(s.ids) {
		s.reset()
		return 0, false
	}
	s.next++
	return s.ids[s.next-1], true
}
