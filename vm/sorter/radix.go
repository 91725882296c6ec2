package sorter

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

const (
	// radixMin is the number of entries from which on the radix sort pays.
	radixMin = 192
	// depthMax bounds the recursion of the fix-up; beyond it entries are
	// compared.
	depthMax = 64
)

// sortArena sorts the entries of the arena.
func (s *Sorter) sortArena() error {
	if s.o.Compare != nil {
		n := 0
		slices.SortFunc(s.entries, func(a, b entry) int {
			if n++; n%pollEvery == 0 {
				s.goOn()
			}
			if s.stopped != nil {
				return cmp.Compare(a.ref, b.ref)
			}
			if c := s.o.Compare(s.key(a.ref), s.key(b.ref)); c != 0 {
				return c
			}
			return cmp.Compare(a.ref, b.ref)
		})
		return s.stopped
	}
	s.sortRange(s.entries, s.common, 0)
	return s.stopped
}

// sortRange sorts entries whose keys agree in their first skip bytes.
func (s *Sorter) sortRange(list []entry, skip, depth int) {
	if len(list) < 2 {
		return
	}
	low, high, long := ^uint64(0), uint64(0), false
	sorted := true
	last := uint64(0)
	for i := range list {
		if i%pollEvery == pollEvery-1 && !s.goOn() {
			return
		}
		k := s.key(list[i].ref)
		long = long || len(k) > skip+8
		p := prefixAt(k, skip)
		list[i].prefix = p
		low, high = low&p, high|p
		sorted = sorted && p >= last
		last = p
	}
	differ := low ^ high
	switch {
	case len(list) < radixMin || depth == depthMax:
		s.compareSort(list, skip)
		return
	case sorted:
	default:
		s.radix(list, differ)
	}
	// Keys with equal prefixes: what is behind decides, or, when the prefix
	// reaches to the end, the length: zeros were added to the short ones.
	for i := 0; i < len(list) && s.stopped == nil; {
		j := i + 1
		for j < len(list) && list[j].prefix == list[i].prefix {
			j++
		}
		if j-i > 1 {
			if long {
				s.sortEqual(list[i:j], skip+8, depth+1)
			} else if list[i].prefix&0xff == 0 && !s.sameLength(list[i:j]) {
				s.compareSort(list[i:j], skip)
			}
		}
		i = j
	}
}

func (s *Sorter) sameLength(list []entry) bool {
	n := len(s.key(list[0].ref))
	for i := range list {
		if len(s.key(list[i].ref)) != n {
			return false
		}
	}
	return true
}

// sortEqual sorts entries whose keys agree in skip bytes, zeros added.
func (s *Sorter) sortEqual(list []entry, skip, depth int) {
	if len(list) < radixMin {
		s.compareSort(list, skip-8)
		return
	}
	// Keys that end before skip differ from each other by their length alone,
	// and are few among distinct ones: leave such ranges to comparison.
	first := s.key(list[0].ref)
	common := len(first)
	for i := range list {
		k := s.key(list[i].ref)
		if len(k) < skip {
			s.compareSort(list, skip-8)
			return
		}
		if len(k) < common || !bytes.Equal(k[skip:common], first[skip:common]) {
			common = skip + commonPrefix(k[skip:], first[skip:common])
		}
	}
	s.sortRange(list, common, depth)
}

// prefixAt is the integer of the eight bytes of k from skip on; zeros stand
// for what is not there.
func prefixAt(k []byte, skip int) uint64 {
	k = k[min(skip, len(k)):]
	if len(k) >= 8 {
		return binary.BigEndian.Uint64(k)
	}
	var p uint64
	for i, c := range k {
		p |= uint64(c) << (56 - 8*i)
	}
	return p
}

// compareSort sorts by comparison, ties by arrival (S1).
func (s *Sorter) compareSort(list []entry, skip int) {
	slices.SortFunc(list, func(a, b entry) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		x, y := s.key(a.ref), s.key(b.ref)
		if c := bytes.Compare(x[min(skip, len(x)):], y[min(skip, len(y)):]); c != 0 {
			return c
		}
		return cmp.Compare(a.ref, b.ref)
	})
}

// radix sorts by prefix, over the bytes in which prefixes differ, from the
// lowest to the highest. It is stable.
func (s *Sorter) radix(list []entry, differ uint64) {
	if cap(s.other) < len(list) {
		s.other = make([]entry, len(list))
	}
	from, to := list, s.other[:len(list)]
	var counts [256]int
	for shift := 0; shift < 64; shift += 8 {
		if differ>>shift&0xff == 0 {
			continue
		}
		clear(counts[:])
		for i := range from {
			counts[byte(from[i].prefix>>shift)]++
		}
		sum := 0
		for i, n := range counts {
			counts[i] = sum
			sum += n
		}
		for i := range from {
			b := byte(from[i].prefix >> shift)
			to[counts[b]] = from[i]
			counts[b]++
		}
		from, to = to, from
		if len(list) > pollEvery && !s.goOn() {
			return
		}
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
}
