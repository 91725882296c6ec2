package vm

// rowBits is a set of row ids that lie near each other: a bit each, from a base on.
type rowBits struct {
	words []uint64
	base  int64
	n     int64
}

const (
	// rowBitsMin is how many words there may be whatever the number of ids, rowBitsEach how many for each.
	rowBitsMin  = 1 << 13
	rowBitsEach = 2
)

func (s *rowBits) reset() {
	s.words, s.n = s.words[:0], 0
	if cap(s.words) > keepBytesMax {
		s.words = nil
	}
}

// add reports whether it has added id: not when it is there or lies too far from the others.
func (s *rowBits) add(id int64) bool {
	if s.n == 0 {
		s.base = id
	}
	i := uint64(id-s.base) / 64
	if n := uint64(len(s.words)); id < s.base || i >= n {
		if id < s.base || i >= uint64(max(rowBitsMin, rowBitsEach*s.n)) {
			return false
		}
		s.words = append(s.words, make([]uint64, i+1-n)...)
	}
	bit := uint64(1) << (uint64(id-s.base) % 64)
	if s.words[i]&bit != 0 {
		return false
	}
	s.words[i] |= bit
	s.n++
	return true
}

func (s *rowBits) has(id int64) bool {
	i := uint64(id-s.base) / 64 // Far away where id is before the base.
	return i < uint64(len(s.words)) && s.words[i]>>(uint64(id-s.base)%64)&1 != 0
}
