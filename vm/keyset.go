package vm

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/rustlite/rustlite/btree"
)

// keySet is a private index that has not become a tree: the keys of an IN
// list, of DISTINCT, of one side of a compound. Most of these are only asked
// whether they hold a key, or walked once in order when they are complete; a
// hash table and a sorted list of numbers serve for that. What asks for more
// (a seek, a change in the middle of a walk) makes a tree of it (Machine.toTree).
type keySet struct {
	arena []byte // Keys and fix-ups.
	list  []keyEntry
	table []uint32     // Entry number + 1 by hash, open addressing; 0 = free.
	n     int64        // Entries that are not deleted.
	order []keyPlace   // Entries by key, when sorted.
	poll  func() error // Whether to go on; nil: do.
	// sorted: order is right. cur is the current entry, pos its place in
	// order when the set is being walked, else -1.
	sorted bool
	cur    int
	pos    int
}

type keyEntry struct {
	hash    uint32
	off     uint32
	klen    uint32
	plen    uint32
	deleted bool
}

// keyPlace is an entry in the order of keys.
type keyPlace struct {
	prefix uint64
	entry  uint32
}

// keySetBytesMax is the size from which on a tree keeps the keys.
const keySetBytesMax = 1 << 30

func (s *keySet) reset() {
	if cap(s.arena) > keepBytesMax || len(s.table) > keepBytesMax/4 {
		*s = keySet{}
	}
	s.arena, s.list, s.order = s.arena[:0], s.list[:0], s.order[:0]
	clear(s.table)
	s.n, s.sorted, s.cur, s.pos = 0, false, -1, -1
}

// hashKey mixes eight bytes at a time, the last ones of which may have been
// mixed before.
func hashKey(k []byte) uint32 {
	const m1, m2 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	n := len(k)
	h := uint64(n) * m2
	tail := uint64(0)
	switch {
	case n >= 8:
		tail = binary.LittleEndian.Uint64(k[n-8:])
		for ; len(k) > 8; k = k[8:] {
			hi, lo := bits.Mul64(h^binary.LittleEndian.Uint64(k), m1)
			h = hi ^ lo
		}
	case n >= 4:
		tail = uint64(binary.LittleEndian.Uint32(k)) | uint64(binary.LittleEndian.Uint32(k[n-4:]))<<32
	case n > 0:
		tail = uint64(k[0]) | uint64(k[n/2])<<8 | uint64(k[n-1])<<16
	}
	hi, lo := bits.Mul64(h^tail, m1)
	hi, lo = bits.Mul64(hi^lo, m2)
	return uint32(hi ^ lo)
}

func (s *keySet) key(i int) []byte {
	e := &s.list[i]
	return s.arena[e.off : e.off+e.klen : e.off+e.klen]
}

func (s *keySet) payload(i int) []byte {
	e := &s.list[i]
	at := e.off + e.klen
	return s.arena[at : at+e.plen : at+e.plen]
}

// find returns the number of the entry with key, or -1.
func (s *keySet) find(key []byte) int {
	if len(s.table) == 0 {
		return -1
	}
	h := hashKey(key)
	mask := uint32(len(s.table) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		i := int(s.table[at]) - 1
		if i < 0 {
			return -1
		}
		if e := &s.list[i]; e.hash == h && !e.deleted && bytes.Equal(s.key(i), key) {
			return i
		}
	}
}

// insert adds key, or gives it another payload; the entry becomes the current
// one. False = the set is full.
func (s *keySet) insert(key, payload []byte) bool {
	if i := s.find(key); i >= 0 {
		if bytes.Equal(s.payload(i), payload) {
			s.cur, s.pos = i, -1
			return true
		}
		s.list[i].deleted = true // Its new self comes at the end.
		s.n--
	}
	if len(s.arena)+len(key)+len(payload) > keySetBytesMax {
		return false
	}
	if len(s.list)*2 >= len(s.table) {
		s.grow()
	}
	h := hashKey(key)
	e := keyEntry{hash: h, off: uint32(len(s.arena)), klen: uint32(len(key)), plen: uint32(len(payload))}
	s.arena = append(append(s.arena, key...), payload...)
	s.list = append(s.list, e)
	s.put(h, uint32(len(s.list)))
	s.n++
	s.sorted, s.cur, s.pos = false, len(s.list)-1, -1
	return true
}

func (s *keySet) put(h, number uint32) {
	mask := uint32(len(s.table) - 1)
	at := h & mask
	for s.table[at] != 0 {
		at = (at + 1) & mask
	}
	s.table[at] = number
}

func (s *keySet) grow() {
	s.table = make([]uint32, max(32, 2*len(s.table)))
	for i := range s.list {
		s.put(s.list[i].hash, uint32(i+1))
	}
}

// remove deletes key and reports whether it was there.
func (s *keySet) remove(key []byte) bool {
	i := s.find(key)
	if i < 0 {
		return false
	}
	s.list[i].deleted = true
	s.n--
	s.sorted, s.cur, s.pos = false, -1, -1
	return true
}

// edge moves to the first or last entry.
func (s *keySet) edge(last bool) (bool, error) {
	if !s.sorted {
		if err := s.sort(); err != nil {
			return false, err
		}
	}
	s.pos = 0
	if last {
		s.pos = len(s.order) - 1
	}
	return s.at(), nil
}

// asTheyCame begins a walk over the entries in the order of their insertion;
// none has been deleted.
func (s *keySet) asTheyCame() bool {
	s.order, s.sorted, s.pos = s.order[:0], false, 0
	for i := range s.list {
		s.order = append(s.order, keyPlace{entry: uint32(i)})
	}
	return s.at()
}

// sortPollEvery is how many keys are compared between two questions whether to
// go on.
const sortPollEvery = 1 << 13

// sort puts the entries in order, by eight bytes of each key behind those that
// all have in common, then by their keys.
func (s *keySet) sort() error {
	s.order = s.order[:0]
	for i := range s.list {
		if !s.list[i].deleted {
			s.order = append(s.order, keyPlace{entry: uint32(i)})
		}
	}
	if len(s.order) > 0 {
		first := s.key(int(s.order[0].entry))
		common := len(first)
		for _, p := range s.order {
			k := s.key(int(p.entry))
			common = min(common, len(k))
			for !bytes.Equal(k[:common], first[:common]) {
				common--
			}
		}
		for i := range s.order {
			var t [8]byte
			copy(t[:], s.key(int(s.order[i].entry))[common:])
			s.order[i].prefix = binary.BigEndian.Uint64(t[:])
		}
	}
	var err error
	compared := 0
	slices.SortFunc(s.order, func(a, b keyPlace) int {
		if compared++; compared%sortPollEvery == 0 && err == nil && s.poll != nil {
			err = s.poll()
		}
		switch {
		case err != nil:
			return 0 // The rest goes fast, and nobody sees it.
		case a.prefix != b.prefix:
			return cmp.Compare(a.prefix, b.prefix)
		}
		return bytes.Compare(s.key(int(a.entry)), s.key(int(b.entry)))
	})
	s.sorted = err == nil
	return err
}

// step moves to the next or previous entry of a walk.
func (s *keySet) step(back bool) bool {
	if back {
		s.pos--
	} else {
		s.pos++
	}
	return s.at()
}

func (s *keySet) at() bool {
	s.cur = -1
	if s.pos < 0 || s.pos >= len(s.order) {
		return false
	}
	s.cur = int(s.order[s.pos].entry)
	return true
}

// walking reports whether the current place is one of an ordered walk.
func (s *keySet) walking() bool { return s.sorted && s.pos >= 0 }

// toTree makes a private tree of the cursor's set, at the same place.
func (m *Machine) toTree(c *cursor) error {
	s := c.keys
	if err := m.trees.open(m.env); err != nil {
		return err
	}
	var place []byte
	if s.cur >= 0 {
		place = append(place, s.key(s.cur)...)
	}
	b, err := btree.NewBuilder(m.trees.tx, 0, btree.ByteKey, nil, 70)
	if err != nil {
		return err
	}
	ok, err := s.edge(false)
	if err != nil {
		return err
	}
	for ; ok; ok = s.step(false) {
		if err := b.Append(s.key(s.cur), s.payload(s.cur)); err != nil {
			return err
		}
	}
	root, err := b.Finish()
	if err != nil {
		return err
	}
	seq := c.seq
	if err := c.open(m.trees.tx, root, c.key, true); err != nil {
		return err
	}
	c.seq = seq
	s.reset()
	if place != nil {
		_, err = c.bt.Seek(place)
	}
	return err
}
