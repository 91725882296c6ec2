package sorter

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Most keys of indexes are a number or a short text with a row id, and have no payload. While all keys are
// so short, a place is the key itself and there is no arena: half the memory, and no sort, merge or walk
// has to look elsewhere. The first entry that does not fit a place moves them all to the arena.

// inlineMax is the longest key that fits a place: the last byte of the place is its length.
const inlineMax = 15

// inlined is the place that is key. The order of places, Prefix first, is that of their keys: zeros stand
// behind a key, and its length tells it from a longer one that ends with them.
func inlined(key []byte) Place {
	if len(key) >= 8 {
		return Place{binary.BigEndian.Uint64(key), prefixAt(key, 8) | uint64(len(key))}
	}
	return Place{prefixAt(key, 0), uint64(len(key))}
}

// appendKey appends the key that p is.
func (p Place) appendKey(dst []byte) []byte {
	n := len(dst) + int(byte(p.Ref))
	dst = binary.BigEndian.AppendUint64(dst, p.Prefix)
	dst = binary.BigEndian.AppendUint64(dst, p.Ref)
	return dst[:n]
}

// less orders places that are keys.
func (p *Place) less(q *Place) bool {
	return p.Prefix < q.Prefix || p.Prefix == q.Prefix && p.Ref < q.Ref
}

// setInline says whether the next entries are to be inline, where they may.
func (s *Sorter) setInline(on bool) {
	s.inline, s.perEntry = on && s.o.Compare == nil, 2*entryBytes
	if s.inline {
		s.perEntry = entryBytes
	}
}

// fits reports whether an entry fits a place.
func fits(key, payload []byte) bool { return len(key) <= inlineMax && len(payload) == 0 }

// outline moves the entries to the arena, from which on none is a place.
func (s *Sorter) outline() error {
	if s.inMemory()*(entryHead+inlineMax+2*entryBytes) > s.o.BytesMax {
		if err := s.writeRun(); err != nil {
			return err
		}
	}
	s.setInline(false)
	first := true
	move := func(list []Place) {
		for i := range list {
			key := list[i].appendKey(s.short[:0])
			s.agree(key, first)
			list[i].Ref = s.store(key, nil, entryHead+len(key))
			first = false
		}
	}
	if len(s.parts) == 0 {
		move(s.entries)
	}
	for i := range s.parts {
		move(s.parts[i].list)
	}
	return nil
}

// sortInline sorts places that are keys.
func (o *Order) sortInline(list []Place) error {
	if len(list) < 2 {
		return nil
	}
	low, high := list[0], list[0]
	sorted := true
	for i := 1; i < len(list); i++ {
		p := list[i]
		low.Prefix, high.Prefix = low.Prefix&p.Prefix, high.Prefix|p.Prefix
		low.Ref, high.Ref = low.Ref&p.Ref, high.Ref|p.Ref
		sorted = sorted && !p.less(&list[i-1])
	}
	switch {
	case sorted:
	case len(list) < radixMin:
		slices.SortFunc(list, func(a, b Place) int {
			if a.Prefix != b.Prefix {
				return cmp.Compare(a.Prefix, b.Prefix)
			}
			return cmp.Compare(a.Ref, b.Ref)
		})
	default:
		if n := min(len(list), nearMax); cap(o.other) < n {
			o.other = make([]Place, n)
		}
		o.inPlace(list, Place{low.Prefix ^ high.Prefix, low.Ref ^ high.Ref})
	}
	return o.stopped
}

// inPlace sorts places that are keys over the bytes of differ. As equal ones are one key, it need not be
// stable, and takes no second array for more of them than are near.
func (o *Order) inPlace(list []Place, differ Place) {
	if len(list) <= nearMax {
		o.digits(list, o.other[:len(list)], differ, false)
		return
	}
	if differ == (Place{}) || !o.goOn() {
		return
	}
	d := differ.top()
	var ends [256]int
	count(list, d, &ends)
	at := ends
	copy(ends[:], at[1:])
	ends[255] = len(list)
	for k := range at {
		for at[k] < ends[k] {
			p := list[at[k]]
			for {
				n := &at[p.digit(d)]
				p, list[*n] = list[*n], p
				*n++
				if n == &at[k] {
					break
				}
			}
		}
	}
	from := 0
	for _, end := range ends {
		if end > from {
			o.inPlace(list[from:end], differ.without(d))
			from = end
		}
	}
}
