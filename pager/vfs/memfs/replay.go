package memfs

import (
	"maps"
	"math/rand"
	"slices"

	"github.com/rustlite/rustlite/pager/vfs"
)

type opKind uint8

const (
	opWrite opKind = iota
	opTruncate
	opSync
	opLink
	opUnlink
	opRename
	opSyncDir
)

// op is one change in the journal.
type op struct {
	kind opKind
	node uint64
	off  int64 // of a write; the size of a truncation
	data []byte
	name string
	to   string
}

// sectorSize is what a disk writes whole or not at all (M3).
const sectorSize = 512

// Policy says what a crash leaves of the changes that were not synced.
type Policy uint8

// The policies. All is what a killed process leaves, the others what a power failure may.
const (
	KeepAll    Policy = iota // every change stays
	KeepNone                 // every change vanishes
	KeepSome                 // each change stays or vanishes, at random
	KeepTorn                 // each sector of each change stays or vanishes, at random
	KeepPrefix               // changes stay up to a random one, the last of them torn
	policyCount
)

// Policies lists all of them.
func Policies() []Policy {
	var all []Policy
	for p := range policyCount {
		all = append(all, p)
	}
	return all
}

// String names a policy.
func (p Policy) String() string {
	return [...]string{"all", "none", "some", "torn", "prefix"}[p]
}

// Ops is the number of changes in the journal so far.
func (m *FS) Ops() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.journal)
}

// Crash is the file system after a crash now.
func (m *FS) Crash(policy Policy, seed int64) *FS {
	r := m.Replay()
	for r.Next() {
	}
	return r.Crash(policy, seed)
}

// Replay walks the journal of a file system that was made by New; files that a crash left belong
// to its beginning.
type Replay struct {
	fs      *FS
	at      int
	nodes   map[uint64][]byte // durable bytes
	names   map[string]uint64 // durable names
	pending map[uint64][]op   // changes of files since their last sync
	dirOps  []op              // changes of names since the last sync
}

// Replay starts before the first change.
func (m *FS) Replay() *Replay {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Replay{
		fs: m, nodes: map[uint64][]byte{}, names: map[string]uint64{}, pending: map[uint64][]op{},
	}
}

// At is the number of changes passed.
func (r *Replay) At() int { return r.at }

// Next passes one change; false at the end of the journal.
func (r *Replay) Next() bool {
	r.fs.mu.Lock()
	if r.at == len(r.fs.journal) {
		r.fs.mu.Unlock()
		return false
	}
	o := r.fs.journal[r.at]
	r.fs.mu.Unlock()
	r.at++
	switch o.kind {
	case opWrite, opTruncate:
		r.pending[o.node] = append(r.pending[o.node], o)
	case opSync:
		for _, w := range r.pending[o.node] {
			r.nodes[o.node] = apply(r.nodes[o.node], w)
		}
		delete(r.pending, o.node)
	case opLink, opUnlink, opRename:
		r.dirOps = append(r.dirOps, o)
	case opSyncDir:
		for _, d := range r.dirOps {
			rename(r.names, d)
		}
		r.dirOps = nil
	}
	return true
}

// Quiet says whether nothing is pending: all policies give the same file system.
func (r *Replay) Quiet() bool { return len(r.pending) == 0 && len(r.dirOps) == 0 }

func apply(data []byte, o op) []byte {
	if o.kind == opTruncate {
		if o.off <= int64(len(data)) {
			return data[:o.off]
		}
		return append(data, make([]byte, o.off-int64(len(data)))...)
	}
	if end := o.off + int64(len(o.data)); end > int64(len(data)) {
		data = append(data, make([]byte, end-int64(len(data)))...)
	}
	copy(data[o.off:], o.data)
	return data
}

func rename(names map[string]uint64, o op) {
	switch o.kind {
	case opLink:
		names[o.name] = o.node
	case opUnlink:
		delete(names, o.name)
	case opRename:
		if names[o.name] == o.node {
			delete(names, o.name)
		}
		names[o.to] = o.node
	case opWrite, opTruncate, opSync, opSyncDir:
	}
}

// Crash makes the file system that a crash here could have left. It may be called many times.
// After KeepAll, the end of a process, what was not synced is still not synced: a later crash of
// the new file system may take it away.
func (r *Replay) Crash(policy Policy, seed int64) *FS {
	rnd := rand.New(rand.NewSource(seed))
	names := maps.Clone(r.names)
	kept := keep(policy, rnd, len(r.dirOps))
	for i, d := range r.dirOps {
		if i < len(kept) && kept[i] {
			rename(names, d)
		}
	}
	out := New(seed)
	out.clock = r.fs.clock
	out.nextID = 1 << 32
	// In order of numbers, so that a seed means the same crash every time.
	byNode := map[uint64]*inode{}
	for _, id := range slices.Sorted(maps.Values(names)) {
		if byNode[id] != nil {
			continue
		}
		data := slices.Clone(r.nodes[id])
		writes := r.pending[id]
		kept := keep(policy, rnd, len(writes))
		for i, w := range writes {
			switch {
			case policy == KeepTorn && w.kind == opWrite:
				data = tear(data, w, rnd)
			case kept[i] && policy == KeepPrefix && w.kind == opWrite && (i+1 == len(writes) || !kept[i+1]):
				data = tear(data, w, rnd)
			case kept[i]:
				data = apply(data, w)
			}
		}
		byNode[id] = &inode{id: id, data: data, locks: map[*file]vfs.LockKind{}}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out.names[name] = byNode[names[name]]
	}
	if policy == KeepAll {
		out.sealPending(r)
	} else {
		out.seal()
	}
	out.sealed = len(out.journal)
	return out
}

// keep chooses which of n changes stay.
func keep(policy Policy, rnd *rand.Rand, n int) []bool {
	kept := make([]bool, n)
	cut := 0
	if policy == KeepPrefix {
		cut = rnd.Intn(n + 1)
	}
	for i := range kept {
		switch policy {
		case KeepAll:
			kept[i] = true
		case KeepSome, KeepTorn:
			kept[i] = rnd.Intn(2) == 0
		case KeepPrefix:
			kept[i] = i < cut
		case KeepNone, policyCount:
		}
	}
	return kept
}

// tear applies a random subset of the sectors of a write.
func tear(data []byte, w op, rnd *rand.Rand) []byte {
	for at := int64(0); at < int64(len(w.data)); {
		end := min((w.off+at)/sectorSize*sectorSize+sectorSize-w.off, int64(len(w.data)))
		if rnd.Intn(2) == 0 {
			data = apply(data, op{kind: opWrite, off: w.off + at, data: w.data[at:end]})
		}
		at = end
	}
	return data
}

// seal enters what the files hold into the journal as durable, so that the new file system can be
// replayed and crashed in its turn.
func (m *FS) seal() {
	for _, name := range slices.Sorted(maps.Keys(m.names)) {
		node := m.names[name]
		m.journal = append(m.journal,
			op{kind: opLink, node: node.id, name: name},
			op{kind: opWrite, node: node.id, data: slices.Clone(node.data)},
			op{kind: opSync, node: node.id})
	}
	m.journal = append(m.journal, op{kind: opSyncDir})
}

// sealPending enters what was durable, and then the changes that were not.
func (m *FS) sealPending(r *Replay) {
	durable := New(0)
	for _, name := range slices.Sorted(maps.Keys(r.names)) {
		id := r.names[name]
		durable.names[name] = &inode{id: id, data: r.nodes[id]}
	}
	durable.seal()
	// A file whose name is not durable yet may have durable bytes all the same.
	for _, id := range slices.Sorted(maps.Keys(r.nodes)) {
		durable.journal = append(durable.journal,
			op{kind: opWrite, node: id, data: slices.Clone(r.nodes[id])}, op{kind: opSync, node: id})
	}
	m.journal = append(durable.journal, r.dirOps...)
	for _, id := range slices.Sorted(maps.Keys(r.pending)) {
		m.journal = append(m.journal, r.pending[id]...)
	}
}

// SealedOps is the number of changes at the beginning of the journal that only say what a crash
// left.
func (m *FS) SealedOps() int { return m.sealed }
