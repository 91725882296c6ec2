package vm

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/vm/sorter"
)

// keySet is a private index that has not become a tree: the keys of an IN
// list, of DISTINCT, of one side of a compound. Most of these are only asked
// whether they hold a key, or walked once in order when they are complete; a
// hash table and a sorted list of numbers serve for that. What asks for more
// (a seek, a change in the middle of a walk) makes a tree of it (Machine.toTree).
type keySet struct {
	arena  []byte // Keys and fix-ups.
	list   []keyEntry
	table  []hashSlot     // Entries by hash.
	n      int64          // Entries that are not deleted.
	order  []sorter.Place // Entries by key, when sorted.
	poll   func() error   // Whether to go on; nil: do.
	sorter sorter.Order
	// sorted: order is right. cur is the current entry, pos its place in
	// order when the set is being walked, else -1.
	sorted bool
	cur    int
	pos    int
}

type keyEntry struct {
	off     uint32
	klen    uint32
	plen    uint32
	deleted bool
}

// keySetBytesMax is the size from which on a tree keeps the keys.
const keySetBytesMax = 1 << 30

func (s *keySet) reset() {
	if cap(s.arena) > keepBytesMax || len(s.table) > keepBytesMax/8 {
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
func (s *keySet) find(key []byte) int { return s.look(hashKey(key), key) }

// look is find for a key whose hash is known.
func (s *keySet) look(hash uint32, key []byte) int {
	if len(s.table) == 0 {
		return -1
	}
	for at := hashHome(hash, len(s.table)); ; at = (at + 1) & (len(s.table) - 1) {
		switch t := s.table[at]; {
		case t.value == 0:
			return -1
		case t.hash == hash:
			i := int(t.value) - 1
			if !s.list[i].deleted && bytes.Equal(s.key(i), key) {
				return i
			}
		}
	}
}

// touch loads what look reads for keys of these hashes, step by step: the misses
// of loads that do not depend on each other overlap. room has one place for each.
func (s *keySet) touch(hashes []uint32, room []int32) (sum byte) {
	if len(s.list) < touchMin { // The table may be a larger set's of before.
		return 0
	}
	for i, h := range hashes {
		room[i] = max(0, int32(s.table[hashHome(h, len(s.table))].value)-1)
	}
	return s.touchKeys(room)
}

// touchKeys loads the keys of entries.
func (s *keySet) touchKeys(entries []int32) (sum byte) {
	for i, e := range entries {
		entries[i] = int32(s.list[e].off)
	}
	for _, off := range entries {
		if int(off) < len(s.arena) {
			sum += s.arena[off]
		}
	}
	return sum
}

// insert adds key, or gives it another payload; the entry becomes the current
// one. False = the set is full.
func (s *keySet) insert(key, payload []byte) bool {
	h := hashKey(key)
	if i := s.look(h, key); i >= 0 {
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
	s.add(h, key, payload)
	return true
}

// add appends an entry whose key is not there.
func (s *keySet) add(hash uint32, key, payload []byte) {
	s.append(key, payload)
	s.table = enter(roomy(s.table, len(s.list)), hashSlot{hash, uint32(len(s.list))})
	s.n++
	s.sorted, s.cur, s.pos = false, len(s.list)-1, -1
}

// addLoose appends an entry that is not found by a key.
func (s *keySet) addLoose(payload []byte) { s.append(nil, payload) }

func (s *keySet) append(key, payload []byte) {
	n := len(key) + len(payload)
	if n > cap(s.arena)-len(s.arena) { // Twice as much: append itself adds a quarter.
		s.arena = slices.Grow(s.arena, max(n, len(s.arena)))
	}
	if len(s.list) == cap(s.list) {
		s.list = slices.Grow(s.list, max(len(s.list), 16))
	}
	s.list = append(s.list, keyEntry{off: uint32(len(s.arena)), klen: uint32(len(key)), plen: uint32(len(payload))})
	s.arena = append(append(s.arena, key...), payload...)
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

// sort puts the entries in order.
func (s *keySet) sort() error {
	s.order = s.order[:0]
	for i := range s.list {
		if !s.list[i].deleted {
			s.order = append(s.order, sorter.Place{Ref: uint64(i)})
		}
	}
	err := s.sortPlaces(&s.sorter, s.order)
	s.sorted = err == nil
	return err
}

// KeyOf is the key of an entry, for sorter.Order.
func (s *keySet) KeyOf(ref uint64) []byte { return s.key(int(ref)) }

// sortPlaces brings places of entries into the order of their keys.
func (s *keySet) sortPlaces(o *sorter.Order, list []sorter.Place) error {
	if len(list) == 0 {
		return nil
	}
	first := s.key(int(list[0].Ref))
	common := len(first)
	for _, p := range list {
		k := s.key(int(p.Ref))
		common = min(common, len(k))
		for !bytes.Equal(k[:common], first[:common]) {
			common--
		}
	}
	o.Keys, o.Poll = s, s.poll
	return o.Sort(list, common)
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
	s.cur = int(s.order[s.pos].Ref)
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
