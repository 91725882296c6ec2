package sorter

// Options are those that the sorter was opened with.
func (s *Sorter) Options() Options { return s.o }

// Absorb takes over the entries of another sorter with the same order, as if
// they had been added after its own. Both have been arranged, neither has been sorted. The other one
// is empty then.
func (s *Sorter) Absorb(later *Sorter) error {
	s.added += later.added
	if err := s.agreeInline(later); err != nil {
		return err
	}
	n := s.inMemory()
	if n > 0 && (len(later.runs.list) > 0 || s.used+later.used+(n+later.inMemory())*s.perEntry > s.o.BytesMax) {
		if err := s.writeRun(); err != nil {
			return err
		}
	}
	s.runs.list = append(s.runs.list, later.runs.list...)
	s.runs.files = append(s.runs.files, later.runs.files...)
	later.runs = runs{order: later.runs.order}
	if len(later.parts) == 0 {
		return nil
	}
	if len(s.parts) == 0 {
		s.first, s.common = append(s.first[:0], later.first...), later.common
	} else {
		most := min(s.common, later.common)
		s.common = commonPrefix(s.first[:most], later.first[:most])
	}
	base := uint64(len(s.chunks)) << 32
	if s.inline {
		base = 0
	}
	for _, p := range later.parts {
		s.parts = append(s.parts, part{list: p.list, base: p.base + base})
	}
	clear(later.parts)
	s.chunks = append(s.chunks, later.chunks...)
	s.used += later.used
	later.chunks, later.entries, later.parts, later.used = nil, nil, later.parts[:0], 0
	return nil
}

// agreeInline makes the places of two sorters keys, or those of neither.
func (s *Sorter) agreeInline(later *Sorter) error {
	switch {
	case s.inline == later.inline || later.inMemory() == 0:
		return nil
	case s.inMemory() == 0:
		s.setInline(later.inline)
		return nil
	case s.inline:
		return s.outline()
	}
	return later.outline()
}
