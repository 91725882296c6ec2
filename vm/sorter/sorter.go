package sorter

import (
	"bytes"
	"encoding/binary"

	"github.com/rustlite/rustlite/pager/vfs"
)

// Options of a sort.
type Options struct {
	FS       vfs.FS                // Where runs that do not fit in memory go (vfs.FS.Temp).
	BytesMax int                   // Memory before a run is written; 0: BytesMaxDefault.
	Limit    int64                 // Keep only the first Limit entries; 0: all.
	Compare  func(a, b []byte) int // Order of keys; nil: that of their bytes.
	Poll     func() error          // Asked now and then whether to go on; nil: do.
}

const (
	// BytesMaxDefault is the budget of a sorter that is not given one.
	BytesMaxDefault = 64 << 20

	entryHead     = 8  // Lengths of key and payload, 4 bytes each, before the key.
	entryBytes    = 16 // Of a Place.
	chunkBytesMin = 16 << 10
	chunkBytesMax = 1 << 20
	// pollEvery is how many entries are looked at between two questions
	// whether to go on: about a millisecond.
	pollEvery = 1 << 14
	// cutMin is how many entries beyond the limit come together before a cut.
	cutMin = 1024
)

// Sorter sorts entries. The zero Sorter is ready for Open; it is meant to be
// opened again, as it keeps some of its memory.
type Sorter struct {
	o       Options
	chunks  [][]byte
	spare   [][]byte // Chunks that a cut has emptied.
	entries []Place  // Their refs: chunk number << 32 | offset.
	order   Order
	added   int64 // Entries, those of runs too.
	used    int   // Bytes of chunks in use.

	// common is how many bytes all keys begin with; first is the first key.
	common int
	first  []byte
	// bar is the key of the Limit-th entry after a cut; keys not below it are
	// turned away.
	bar    []byte
	hasBar bool

	runs     runs
	at       int
	parts    []part // What is in memory, once it has been arranged; now is the one that Next is in.
	now      int
	left     int64 // Entries still to be handed out, under a limit.
	sorted   bool
	perEntry int                             // Bytes of an entry beside the arena, the radix sort's second array among them.
	inline   bool                            // The places are the keys (inline.go).
	short    [entryHead + inlineMax + 1]byte // An entry out of its place.
	touched  byte                            // Keeps the loads of touch from being left out.
}

// Open makes the sorter empty.
func (s *Sorter) Open(o Options) {
	s.Close()
	s.setOptions(o)
}

func (s *Sorter) setOptions(o Options) {
	if o.BytesMax <= 0 {
		o.BytesMax = BytesMaxDefault
	}
	s.o, s.runs.order = o, &s.o
	s.setInline(true)
}

// Reopen is Open for about as many entries as before: it keeps the memory.
func (s *Sorter) Reopen(o Options) {
	s.Restart()
	s.setOptions(o)
}

// Resume lets entries be added again after Sort.
func (s *Sorter) Resume() { s.sorted = false }

// Close forgets all entries, removes temporary files and gives back memory,
// but for what a small sort needs.
func (s *Sorter) Close() {
	s.runs.close()
	s.clear()
	if cap(s.entries) > chunkBytesMin/entryBytes {
		s.entries, s.order.other = nil, nil
	}
	if len(s.chunks) > 1 || len(s.chunks) == 1 && cap(s.chunks[0]) > chunkBytesMin {
		s.chunks = nil
	}
	s.spare = nil
	s.hasBar, s.sorted, s.at, s.added, s.order.stopped = false, false, 0, 0, nil
}

// Restart makes the sorter empty and keeps its options, and memory for as many entries again.
func (s *Sorter) Restart() {
	if s.added == 0 && !s.sorted {
		return
	}
	s.runs.close()
	s.runs.order = &s.o
	s.clear()
	s.hasBar, s.sorted, s.at, s.added, s.order.stopped = false, false, 0, 0, nil
	s.setInline(true)
}

// clear empties the arena.
func (s *Sorter) clear() {
	clear(s.parts)
	s.entries, s.used, s.first, s.parts = s.entries[:0], 0, s.first[:0], s.parts[:0]
	for i := range s.chunks {
		s.chunks[i] = s.chunks[i][:0]
	}
	if len(s.chunks) > 1 {
		// The largest one first: the next run fills the same chunks again.
		s.spare = append(s.spare, s.chunks...)
		s.chunks = s.chunks[:0]
	}
}

// compare orders two keys.
func (o *Options) compare(a, b []byte) int {
	if o.Compare != nil {
		return o.Compare(a, b)
	}
	return bytes.Compare(a, b)
}

// Add copies an entry in.
func (s *Sorter) Add(key, payload []byte) error {
	if s.Away(key) {
		return nil
	}
	if s.inline && !fits(key, payload) {
		if err := s.outline(); err != nil {
			return err
		}
	}
	n := entryHead + len(key) + len(payload)
	if s.inline {
		n = 0
	}
	if len(s.entries) > 0 && s.used+n+(len(s.entries)+1)*s.perEntry > s.o.BytesMax {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if len(s.entries) == cap(s.entries) {
		// Twice as many: append itself adds a quarter, and copies each entry four times.
		n := max(2*len(s.entries), chunkBytesMin/entryBytes)
		if most := s.o.BytesMax / s.perEntry; n > most && len(s.entries) < most {
			n = most
		}
		s.entries = append(make([]Place, 0, n), s.entries...)
	}
	s.added++
	if s.inline {
		s.entries = append(s.entries, inlined(key))
	} else {
		s.agree(key, len(s.entries) == 0)
		s.entries = append(s.entries, Place{Ref: s.store(key, payload, n)})
	}
	if s.o.Limit > 0 && int64(len(s.entries))-s.o.Limit >= max(s.o.Limit, cutMin) {
		return s.cut()
	}
	return nil
}

// agree notes what a key that comes, the first or not, has in common with those before it.
func (s *Sorter) agree(key []byte, first bool) {
	if first {
		s.first, s.common = append(s.first[:0], key...), len(key)
	} else if len(key) < s.common || !bytes.Equal(key[:s.common], s.first[:s.common]) {
		s.common = commonPrefix(key, s.first[:s.common])
	}
}

// Bytes is about how much memory the entries take.
func (s *Sorter) Bytes() int { return s.used + len(s.entries)*s.perEntry }

// Len is how many entries have been added, without a limit.
func (s *Sorter) Len() int64 { return s.added }

// Away reports whether Add turns key away, as there are Limit entries before it.
func (s *Sorter) Away(key []byte) bool { return s.hasBar && s.o.compare(key, s.bar) >= 0 }

// Bar is the key from which on entries are turned away, borrowed until the next
// Add; nil when there is none, or keys are not ordered as bytes.
func (s *Sorter) Bar() []byte {
	if !s.hasBar || s.o.Compare != nil {
		return nil
	}
	return s.bar
}

// store puts an entry of n bytes into the arena.
func (s *Sorter) store(key, payload []byte, n int) uint64 {
	i := len(s.chunks) - 1
	if i < 0 || cap(s.chunks[i])-len(s.chunks[i]) < n {
		s.chunks = append(s.chunks, s.chunk(n))
		i++
	}
	c := s.chunks[i]
	ref := uint64(i)<<32 | uint64(len(c))
	c = binary.LittleEndian.AppendUint32(c, uint32(len(key)))
	c = binary.LittleEndian.AppendUint32(c, uint32(len(payload)))
	c = append(c, key...)
	s.chunks[i] = append(c, payload...)
	s.used += n
	return ref
}

// chunk gives an empty chunk with room for n bytes. Chunks double in size, so
// that a small sort stays small.
func (s *Sorter) chunk(n int) []byte {
	for i := len(s.spare) - 1; i >= 0; i-- {
		if c := s.spare[i]; cap(c) >= n {
			s.spare = append(s.spare[:i], s.spare[i+1:]...)
			return c[:0]
		}
	}
	size := chunkBytesMin << min(len(s.chunks), 6)
	return make([]byte, 0, max(n, min(size, chunkBytesMax)))
}

// key is the key of the entry at ref.
func (s *Sorter) key(ref uint64) []byte {
	c := s.chunks[ref>>32][uint32(ref):]
	return c[entryHead : entryHead+binary.LittleEndian.Uint32(c)]
}

// raw is the whole entry at ref, with its head.
func (s *Sorter) raw(ref uint64) []byte {
	c := s.chunks[ref>>32][uint32(ref):]
	n := entryHead + int(binary.LittleEndian.Uint32(c)) + int(binary.LittleEndian.Uint32(c[4:]))
	return c[:n:n]
}

// rawOf is the whole entry at e, borrowed until the next call.
func (s *Sorter) rawOf(e Place) []byte {
	if !s.inline {
		return s.raw(e.Ref)
	}
	key := e.appendKey(s.short[:entryHead])
	binary.LittleEndian.PutUint64(key, uint64(len(key)-entryHead))
	return key
}

// split returns the key and payload of a raw entry.
func split(raw []byte) (key, payload []byte) {
	n := entryHead + binary.LittleEndian.Uint32(raw)
	return raw[entryHead:n:n], raw[n:]
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// cut keeps the first Limit entries, and their N-th key as the bar.
func (s *Sorter) cut() error {
	if err := s.sortArena(); err != nil {
		return err
	}
	n := int(s.o.Limit)
	kept := s.entries[:n]
	s.hasBar = true
	if s.inline {
		s.entries, s.bar = kept, kept[n-1].appendKey(s.bar[:0])
		return nil
	}
	s.bar = append(s.bar[:0], s.key(kept[n-1].Ref)...)
	// Copy the survivors, in order, so that refs grow again (S1).
	old := s.chunks
	s.chunks, s.used = nil, 0
	from := Sorter{chunks: old}
	for i := range kept {
		raw := from.raw(kept[i].Ref)
		key, payload := split(raw)
		kept[i].Ref = s.store(key, payload, len(raw))
	}
	s.entries = kept
	s.spare = append(s.spare[:0], old...)
	s.first = append(s.first[:0], s.key(kept[0].Ref)...)
	s.common = commonPrefix(s.first, s.bar)
	return nil
}

// spill makes room: by a cut when a limit allows, else by writing a run.
func (s *Sorter) spill() error {
	if s.o.Limit > 0 && int64(len(s.entries)) > s.o.Limit {
		return s.cut()
	}
	return s.writeRun()
}

// writeRun writes the arena as a run and empties it.
func (s *Sorter) writeRun() error {
	s.flatten()
	if err := s.sortArena(); err != nil {
		return err
	}
	w, err := s.runs.begin(s.o.FS)
	if err != nil {
		return err
	}
	for i := range s.entries {
		if i%pollEvery == 0 && !s.order.goOn() {
			return s.order.stopped
		}
		if err := w.write(s.rawOf(s.entries[i])); err != nil {
			return err
		}
	}
	if err := w.end(); err != nil {
		return err
	}
	s.clear()
	return nil
}

// Sort sorts the entries and moves to the first one; false = there is none.
func (s *Sorter) Sort() (bool, error) {
	if s.sorted {
		return s.rewind()
	}
	s.sorted = true
	if len(s.runs.list) > 0 {
		if s.inMemory() > 0 {
			if err := s.writeRun(); err != nil {
				return false, err
			}
		}
		s.chunks, s.entries, s.order.other, s.spare, s.parts = nil, nil, nil, nil, nil
		if err := s.runs.reduce(s.o.FS, s.o.BytesMax, s.o.Poll); err != nil {
			return false, err
		}
	} else if len(s.parts) == 0 {
		if err := s.sortArena(); err != nil {
			return false, err
		}
	}
	return s.rewind()
}

// rewind moves to the first entry.
func (s *Sorter) rewind() (bool, error) {
	s.left = s.o.Limit
	if len(s.runs.list) > 0 {
		return s.runs.first(s.o.BytesMax)
	}
	if len(s.parts) > 0 {
		return s.firstOfParts(), nil
	}
	s.at = 0
	if !s.inline {
		s.touch(s.entries, 0)
	}
	return len(s.entries) > 0, nil
}

// touchAhead is how many entries are brought into the cache at once.
const touchAhead = 32

// touch reads a byte of each of the next entries, list: they lie all over the arena, and the misses of
// loads that do not depend on each other overlap.
func (s *Sorter) touch(list []Place, base uint64) {
	sum := byte(0)
	for _, e := range list[:min(touchAhead, len(list))] {
		sum += s.chunks[(e.Ref+base)>>32][uint32(e.Ref)]
	}
	s.touched = sum
}

// Next moves to the next entry; false = there is none.
func (s *Sorter) Next() (bool, error) {
	if !s.sorted {
		return false, nil
	}
	if s.o.Limit > 0 {
		if s.left--; s.left <= 0 {
			return false, nil
		}
	}
	if len(s.runs.list) > 0 {
		return s.runs.next()
	}
	if len(s.parts) > 0 {
		return s.nextOfParts(), nil
	}
	s.at++
	if !s.inline && s.at < len(s.entries) && s.at%touchAhead == 0 {
		s.touch(s.entries[s.at:], 0)
	}
	return s.at < len(s.entries), nil
}

// Skip moves n entries on, at least one; false = there is none.
func (s *Sorter) Skip(n int64) (ok bool, err error) {
	if s.o.Limit > 0 {
		if s.left -= n; s.left <= 0 {
			return false, nil
		}
	}
	switch {
	case len(s.runs.list) > 0:
		for ok = true; n > 0 && ok && err == nil; n-- {
			if n%pollEvery == 0 && s.o.Poll != nil {
				if err = s.o.Poll(); err != nil {
					break
				}
			}
			ok, err = s.runs.next()
		}
		return ok && err == nil, err
	case len(s.parts) > 0:
		return s.skipParts(n), nil
	}
	if n >= int64(len(s.entries)-s.at) {
		s.at = len(s.entries)
		return false, nil
	}
	s.at += int(n)
	if !s.inline {
		s.touch(s.entries[s.at:], 0)
	}
	return true, nil
}

// Key is the entry's key, borrowed until the next move.
func (s *Sorter) Key() []byte {
	if s.inline && len(s.runs.list) == 0 {
		return s.place().appendKey(s.short[:0])
	}
	key, _ := split(s.current())
	return key
}

// Payload is the entry's payload, borrowed until the next move.
func (s *Sorter) Payload() []byte {
	if s.inline && len(s.runs.list) == 0 {
		return nil
	}
	_, payload := split(s.current())
	return payload
}

// place is where the entry stands in memory, its ref as its part knows it.
func (s *Sorter) place() Place {
	if len(s.parts) > 0 {
		p := &s.parts[s.now]
		return p.list[p.at]
	}
	return s.entries[s.at]
}

func (s *Sorter) current() []byte {
	switch {
	case len(s.runs.list) > 0:
		return s.runs.current()
	case len(s.parts) > 0:
		return s.raw(s.place().Ref + s.parts[s.now].base)
	}
	return s.raw(s.place().Ref)
}
