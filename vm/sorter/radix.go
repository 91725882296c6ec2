package sorter

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	// radixMin is the number of entries from which on the radix sort pays.
	radixMin = 192
	// depthMax bounds the recursion of the fix-up; beyond it entries are
	// compared.
	depthMax = 64
)

// Place is an entry in an order of keys: Ref says which, Prefix is eight bytes of
// its key, while they are sorted.
type Place struct{ Prefix, Ref uint64 }

// Keys are what an order sorts by.
type Keys interface{ KeyOf(ref uint64) []byte }

// Order brings places into the order of the bytes of their keys, equal keys into
// that of their refs.
type Order struct {
	Keys Keys
	Poll func() error // Asked now and then whether to go on; nil: do.

	other []Place // The radix sort's second array.
	// stopped is what Poll answered when it ended a sort; what was being sorted
	// is in no order then.
	stopped error
}

// goOn asks whether to go on.
func (o *Order) goOn() bool {
	if o.stopped == nil && o.Poll != nil {
		o.stopped = o.Poll()
	}
	return o.stopped == nil
}

// Sort sorts places whose refs ascend and whose keys agree in their first common
// bytes.
func (o *Order) Sort(list []Place, common int) error {
	o.sortRange(list, common, 0)
	return o.stopped
}

// SortPrefixes sorts places by their prefixes alone.
func (o *Order) SortPrefixes(list []Place) error {
	low, high, last, sorted := ^uint64(0), uint64(0), uint64(0), true
	for i := range list {
		p := list[i].Prefix
		low, high = low&p, high|p
		sorted = sorted && p >= last
		last = p
	}
	switch {
	case sorted:
	case len(list) < radixMin:
		slices.SortStableFunc(list, func(a, b Place) int { return cmp.Compare(a.Prefix, b.Prefix) })
	default:
		o.radix(list, Place{Prefix: low ^ high})
	}
	return o.stopped
}

// arena is a sorter by the places of its entries.
type arena Sorter

// KeyOf is the key of the entry at ref.
func (a *arena) KeyOf(ref uint64) []byte { return (*Sorter)(a).key(ref) }

// sortArena sorts the entries of the arena.
func (s *Sorter) sortArena() error {
	s.order.Keys, s.order.Poll = (*arena)(s), s.o.Poll
	if s.inline {
		return s.order.sortInline(s.entries)
	}
	if s.o.Compare == nil {
		return s.order.Sort(s.entries, s.common)
	}
	n := 0
	slices.SortFunc(s.entries, func(a, b Place) int {
		if n++; n%pollEvery == 0 {
			s.order.goOn()
		}
		if s.order.stopped != nil {
			return cmp.Compare(a.Ref, b.Ref)
		}
		if c := s.o.Compare(s.key(a.Ref), s.key(b.Ref)); c != 0 {
			return c
		}
		return cmp.Compare(a.Ref, b.Ref)
	})
	return s.order.stopped
}

// sortRange sorts places whose keys agree in their first skip bytes.
func (o *Order) sortRange(list []Place, skip, depth int) {
	if len(list) < 2 {
		return
	}
	low, high, long := ^uint64(0), uint64(0), false
	sorted := true
	last := uint64(0)
	for i := range list {
		if i%pollEvery == pollEvery-1 && !o.goOn() {
			return
		}
		k := o.Keys.KeyOf(list[i].Ref)
		long = long || len(k) > skip+8
		p := prefixAt(k, skip)
		list[i].Prefix = p
		low, high = low&p, high|p
		sorted = sorted && p >= last
		last = p
	}
	differ := low ^ high
	switch {
	case len(list) < radixMin || depth == depthMax:
		o.compareSort(list, skip)
		return
	case sorted:
	default:
		o.radix(list, Place{Prefix: differ})
	}
	// Keys with equal prefixes: what is behind decides, or, when the prefix
	// reaches to the end, the length: zeros were added to the short ones.
	for i := 0; i < len(list) && o.stopped == nil; {
		j := i + 1
		for j < len(list) && list[j].Prefix == list[i].Prefix {
			j++
		}
		if j-i > 1 {
			if long {
				o.sortEqual(list[i:j], skip+8, depth+1)
			} else if list[i].Prefix&0xff == 0 && !o.sameLength(list[i:j]) {
				o.compareSort(list[i:j], skip)
			}
		}
		i = j
	}
}

func (o *Order) sameLength(list []Place) bool {
	n := len(o.Keys.KeyOf(list[0].Ref))
	for i := range list {
		if len(o.Keys.KeyOf(list[i].Ref)) != n {
			return false
		}
	}
	return true
}

// sortEqual sorts places whose keys agree in skip bytes, zeros added.
func (o *Order) sortEqual(list []Place, skip, depth int) {
	if len(list) < radixMin {
		// Each key is looked at once here, and again only for those whose next eight bytes are equal.
		for i := range list {
			list[i].Prefix = prefixAt(o.Keys.KeyOf(list[i].Ref), skip)
		}
		o.compareSort(list, skip-8)
		return
	}
	// Keys that end before skip differ from each other by their length alone,
	// and are few among distinct ones: leave such ranges to comparison.
	first := o.Keys.KeyOf(list[0].Ref)
	common := len(first)
	for i := range list {
		k := o.Keys.KeyOf(list[i].Ref)
		if len(k) < skip {
			o.compareSort(list, skip-8)
			return
		}
		if len(k) < common || !bytes.Equal(k[skip:common], first[skip:common]) {
			common = skip + commonPrefix(k[skip:], first[skip:common])
		}
	}
	o.sortRange(list, common, depth)
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
func (o *Order) compareSort(list []Place, skip int) {
	slices.SortFunc(list, func(a, b Place) int {
		if a.Prefix != b.Prefix {
			return cmp.Compare(a.Prefix, b.Prefix)
		}
		x, y := o.Keys.KeyOf(a.Ref), o.Keys.KeyOf(b.Ref)
		if c := bytes.Compare(x[min(skip, len(x)):], y[min(skip, len(y)):]); c != 0 {
			return c
		}
		return cmp.Compare(a.Ref, b.Ref)
	})
}

// radix sorts over the bytes in which prefixes, and refs of places that are keys, differ. It is stable.
func (o *Order) radix(list []Place, differ Place) {
	if cap(o.other) < len(list) {
		o.other = make([]Place, len(list))
	}
	o.digits(list, o.other[:len(list)], differ, false)
}

const (
	// nearMax is how many places are near the processor: more are dealt out by their highest digit first,
	// and each part is sorted from the lowest one up, where no store misses the caches.
	nearMax = 1 << 14
	// shiftMax is the number of places up to which each is put between those before it.
	shiftMax = 24
)

// digits sorts a over the bytes of differ. b is as long; with over, what is sorted goes there.
func (o *Order) digits(a, b []Place, differ Place, over bool) {
	switch n := len(a); {
	case n > nearMax && differ != Place{}:
		d := differ.top()
		var ends [256]int
		deal(a, b, d, &ends)
		differ = differ.without(d)
		if n > pollEvery && !o.goOn() {
			return
		}
		from := 0
		for _, end := range ends {
			if end > from {
				o.digits(b[from:end], a[from:end], differ, !over)
				from = end
			}
		}
		return
	case n <= shiftMax:
		shift(a, differ.Ref != 0)
	default:
		for d := 0; d < 16; d++ {
			if differ.digit(d) != 0 {
				var ends [256]int
				deal(a, b, d, &ends)
				a, b, over = b, a, !over
			}
		}
	}
	if over {
		copy(b, a)
	}
}

// digit is byte d of a place: from 0 on those of the ref, from 8 on those of the prefix.
func (p Place) digit(d int) byte {
	if d < 8 {
		return byte(p.Ref >> (8 * d))
	}
	return byte(p.Prefix >> (8 * (d - 8)))
}

// top is the highest digit that is not 0.
func (p Place) top() int {
	if p.Prefix != 0 {
		return 7 + (bits.Len64(p.Prefix)+7)/8
	}
	return (bits.Len64(p.Ref)+7)/8 - 1
}

// without clears digit d.
func (p Place) without(d int) Place {
	if d < 8 {
		p.Ref &^= 0xff << (8 * d)
	} else {
		p.Prefix &^= 0xff << (8 * (d - 8))
	}
	return p
}

// deal moves places by one digit, those with equal ones in their order. ends is where each digit ends.
func deal(from, to []Place, d int, ends *[256]int) {
	count(from, d, ends)
	to = to[:len(from)]
	by := 8 * uint(d&7)
	if d < 8 {
		for i := range from {
			n := &ends[byte(from[i].Ref>>by)]
			to[*n] = from[i]
			*n++
		}
	} else {
		for i := range from {
			n := &ends[byte(from[i].Prefix>>by)]
			to[*n] = from[i]
			*n++
		}
	}
}

// count is where the places with each digit begin in their order.
func count(list []Place, d int, at *[256]int) {
	by := 8 * uint(d&7)
	if d < 8 {
		for i := range list {
			at[byte(list[i].Ref>>by)]++
		}
	} else {
		for i := range list {
			at[byte(list[i].Prefix>>by)]++
		}
	}
	sum := 0
	for i, n := range at {
		at[i] = sum
		sum += n
	}
}

// shift sorts few places by insertion, by their refs too if asked to.
func shift(list []Place, refs bool) {
	for i := 1; i < len(list); i++ {
		p, j := list[i], i
		for ; j > 0 && (p.Prefix < list[j-1].Prefix || refs && p.Prefix == list[j-1].Prefix && p.Ref < list[j-1].Ref); j-- {
			list[j] = list[j-1]
		}
		list[j] = p
	}
}
