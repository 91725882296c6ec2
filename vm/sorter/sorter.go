package sorter

import (
	"bytes"
	"slices"

	"github.com/rustlite/rustlite/pager/vfs"
)

// Options of a sort.
type Options struct {
	FS       vfs.FS // Where runs that do not fit in memory go.
	BytesMax int    // Memory before a run is written; 0: a default.
	Limit    int64  // Keep only the first Limit entries; 0: all.
}

type entry struct {
	off        int
	klen, plen int
}

// Sorter sorts entries.
type Sorter struct {
	o       Options
	arena   []byte
	entries []entry
	at      int
	sorted  bool
}

// Open makes the sorter empty.
func (s *Sorter) Open(o Options) {
	s.o, s.arena, s.entries, s.at, s.sorted = o, s.arena[:0], s.entries[:0], 0, false
}

// Add copies an entry in.
func (s *Sorter) Add(key, payload []byte) error {
	s.entries = append(s.entries, entry{len(s.arena), len(key), len(payload)})
	s.arena = append(append(s.arena, key...), payload...)
	return nil
}

// Sort sorts and moves to the first entry.
func (s *Sorter) Sort(poll func() error) (bool, error) {
	slices.SortStableFunc(s.entries, func(a, b entry) int {
		return bytes.Compare(s.arena[a.off:a.off+a.klen], s.arena[b.off:b.off+b.klen])
	})
	if s.o.Limit > 0 && int64(len(s.entries)) > s.o.Limit {
		s.entries = s.entries[:s.o.Limit]
	}
	s.at, s.sorted = 0, true
	return len(s.entries) > 0, nil
}

// Next moves to the next entry.
func (s *Sorter) Next() (bool, error) {
	s.at++
	return s.at < len(s.entries), nil
}

// Key is the entry's key.
func (s *Sorter) Key() []byte {
	e := s.entries[s.at]
	return s.arena[e.off : e.off+e.klen : e.off+e.klen]
}

// Payload is the entry's payload.
func (s *Sorter) Payload() []byte {
	e := s.entries[s.at]
	return s.arena[e.off+e.klen : e.off+e.klen+e.plen : e.off+e.klen+e.plen]
}

// Close gives back what is large.
func (s *Sorter) Close() {}
