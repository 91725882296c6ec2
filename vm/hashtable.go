package vm

import "math/bits"

// Hash tables by open addressing, of integers and of texts, to numbers.

// touchMin is the number of places from which on those of a batch are touched
// before they are used: of so many some are in no near cache.
const touchMin = 1 << 12

// intTable maps integers to numbers; it is never more than half full.
type intTable struct {
	slots   []intSlot
	n       int
	touched int32 // Keeps the loads of touch from being left out.
}

type intSlot struct {
	key   int64
	value int32 // Number + 1; 0 = free.
}

func (t *intTable) reset() {
	if len(t.slots) > keepBytesMax/16 {
		t.slots = nil
	}
	clear(t.slots)
	t.n = 0
}

// intHome is where the search for a key begins, in a table of n places.
func intHome(key int64, n int) int {
	return int(uint64(key) * 0x9e3779b97f4a7c15 >> (64 - bits.TrailingZeros(uint(n))))
}

// find returns the number of key, or -1.
func (t *intTable) find(key int64) int32 {
	if len(t.slots) == 0 {
		return -1
	}
	for at := intHome(key, len(t.slots)); ; at = (at + 1) & (len(t.slots) - 1) {
		if s := &t.slots[at]; s.key == key || s.value == 0 {
			return s.value - 1
		}
	}
}

// put enters a key that is not there.
func (t *intTable) put(key int64, number int32) {
	t.n++
	t.slots = enter(roomy(t.slots, t.n), intSlot{key, number + 1})
}

// touch loads the places where the search for keys begins: the misses of loads
// that do not depend on each other overlap.
func (t *intTable) touch(keys []int64) {
	if len(t.slots) < touchMin {
		return
	}
	sum := int32(0)
	for _, x := range keys {
		sum += t.slots[intHome(x, len(t.slots))].value
	}
	t.touched = sum
}

// findAll tells which of v are keys.
func (t *intTable) findAll(v []int64, out []uint8) {
	v = v[:len(out)]
	if len(t.slots) == 0 {
		fill(out, laneFalse)
		return
	}
	t.touch(v)
	for i, x := range v {
		at := intHome(x, len(t.slots))
		s := &t.slots[at]
		for s.key != x && s.value != 0 {
			at = (at + 1) & (len(t.slots) - 1)
			s = &t.slots[at]
		}
		out[i] = uint8(b2i(s.value != 0))
	}
}

func (s intSlot) home(n int) int { return intHome(s.key, n) }
func (s intSlot) taken() bool    { return s.value != 0 }

// hashSlot is a place of a table of what is found by hash first.
type hashSlot struct {
	hash  uint32
	value uint32 // Number + 1; 0 = free.
}

func (s hashSlot) home(n int) int { return hashHome(s.hash, n) }
func (s hashSlot) taken() bool    { return s.value != 0 }

// hashHome is where the search for a hash begins, in a table of n places.
func hashHome(hash uint32, n int) int {
	return int(hash >> (32 - bits.TrailingZeros(uint(n))))
}

// tableSlot is a place of a table with open addressing. Its home grows with the
// high bits of a hash, so that a table goes over to a larger one in the order of
// both.
type tableSlot interface {
	home(n int) int // Where the search for it begins, in a table of n places.
	taken() bool
}

// roomy gives slots that are never more than half full of n entries.
func roomy[S tableSlot](slots []S, n int) []S {
	if 2*n <= len(slots) {
		return slots
	}
	size := max(64, 2*len(slots))
	if len(slots) < touchMin {
		size = max(64, 4*len(slots))
	}
	more := make([]S, size)
	for _, s := range slots {
		if s.taken() {
			enter(more, s)
		}
	}
	return more
}

// enter puts s into the first place that is free for it.
func enter[S tableSlot](slots []S, s S) []S {
	at := s.home(len(slots))
	for slots[at].taken() {
		at = (at + 1) & (len(slots) - 1)
	}
	slots[at] = s
	return slots
}
