package memfs

import (
	"fmt"
	"io"
	"io/fs"
	"math/rand"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/rustlite/rustlite/pager/vfs"
)

// FS is a file system in memory. Make one with New.
type FS struct {
	clock vfs.Clock
	pid   int

	mu      sync.Mutex
	rand    *rand.Rand
	names   map[string]*inode
	nextID  uint64
	journal []op
	sealed  int   // journal entries that a crash began with
	space   int64 // bytes that files may take in all; 0 = no limit
}

var _ vfs.FS = (*FS)(nil)

// inode is one file. All under the lock of its FS.
type inode struct {
	id    uint64
	data  []byte
	maps  []*memMap
	locks map[*file]vfs.LockKind
}

// New makes an empty file system whose chance follows the seed. Its clock is the system's.
func New(seed int64) *FS {
	return &FS{
		clock: vfs.SystemClock(), pid: 1000, rand: rand.New(rand.NewSource(seed)),
		names: map[string]*inode{}, nextID: 1,
	}
}

// SetClock replaces the clock, before the file system is used.
func (m *FS) SetClock(c vfs.Clock) { m.clock = c }

// SetSpace limits the bytes that all files together may take; 0 = no limit.
func (m *FS) SetSpace(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.space = n
}

// Clock is the clock of this file system.
func (m *FS) Clock() vfs.Clock { return m.clock }

// ProcessID is a number that never changes.
func (m *FS) ProcessID() int { return m.pid }

// Random fills b by seed.
func (m *FS) Random(b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rand.Read(b)
}

func notExist(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// Open opens or makes a file.
func (m *FS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	name = path.Clean(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.names[name]
	switch {
	case node != nil && mode == vfs.CreateNew:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrExist}
	case node == nil && mode != vfs.Create && mode != vfs.CreateNew:
		return nil, notExist("open", name)
	case node == nil:
		node = m.newNode()
		m.names[name] = node
		m.journal = append(m.journal, op{kind: opLink, node: node.id, name: name})
	}
	return &file{fs: m, node: node, name: name, readOnly: mode == vfs.ReadOnly}, nil
}

func (m *FS) newNode() *inode {
	node := &inode{id: m.nextID, locks: map[*file]vfs.LockKind{}}
	m.nextID++
	return node
}

// Temp opens a nameless file.
func (m *FS) Temp() (vfs.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &file{fs: m, node: m.newNode(), name: "(temp)"}, nil
}

// Remove takes a name away. Open files stay usable.
func (m *FS) Remove(name string) error {
	name = path.Clean(name)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names[name] == nil {
		return notExist("remove", name)
	}
	delete(m.names, name)
	m.journal = append(m.journal, op{kind: opUnlink, name: name})
	return nil
}

// Rename gives a file another name.
func (m *FS) Rename(from, to string) error {
	from, to = path.Clean(from), path.Clean(to)
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.names[from]
	if node == nil {
		return notExist("rename", from)
	}
	delete(m.names, from)
	m.names[to] = node
	m.journal = append(m.journal, op{kind: opRename, node: node.id, name: from, to: to})
	return nil
}

// List gives the names that begin with prefix.
func (m *FS) List(prefix string) ([]string, error) {
	prefix = path.Clean(prefix)
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for name := range m.names {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// SyncDir makes all names durable (M2): there is one directory.
func (m *FS) SyncDir(string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.journal = append(m.journal, op{kind: opSyncDir})
	return nil
}

// Identity names the file at a path.
func (m *FS) Identity(name string) (vfs.FileID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.names[path.Clean(name)]
	if node == nil {
		return vfs.FileID{}, notExist("stat", name)
	}
	return vfs.FileID{Device: 1, Inode: node.id}, nil
}

// FullPath cleans a name.
func (m *FS) FullPath(name string) (string, error) { return path.Clean(name), nil }

// ReadFile gives a copy of a file's bytes, for tests.
func (m *FS) ReadFile(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	node := m.names[path.Clean(name)]
	if node == nil {
		return nil, notExist("read", name)
	}
	return slices.Clone(node.data), nil
}

// WriteFile makes or replaces a file, for tests.
func (m *FS) WriteFile(name string, data []byte) error {
	f, err := m.Open(name, vfs.Create)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt(data, 0); err != nil {
		return err
	}
	return f.Close()
}

type file struct {
	fs       *FS
	node     *inode
	name     string
	readOnly bool
}

var _ vfs.File = (*file)(nil)

func (f *file) Name() string { return f.name }

func (f *file) ReadAt(b []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if off >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.node.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *file) WriteAt(b []byte, off int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.readOnly {
		return 0, &fs.PathError{Op: "write", Path: f.name, Err: fs.ErrPermission}
	}
	if err := f.spaceLocked(off + int64(len(b))); err != nil {
		return 0, err
	}
	f.node.write(b, off)
	f.fs.journal = append(f.fs.journal, op{kind: opWrite, node: f.node.id, off: off, data: slices.Clone(b)})
	return len(b), nil
}

// spaceLocked refuses to grow the file past the space there is.
func (f *file) spaceLocked(size int64) error {
	grow := size - int64(len(f.node.data))
	if f.fs.space == 0 || grow <= 0 {
		return nil
	}
	var used int64
	for _, n := range f.fs.names {
		used += int64(len(n.data))
	}
	if used+grow > f.fs.space {
		return &fs.PathError{Op: "write", Path: f.name, Err: vfs.ErrNoSpace}
	}
	return nil
}

func (n *inode) write(b []byte, off int64) {
	end := off + int64(len(b))
	if end > int64(len(n.data)) {
		n.resize(end)
	}
	copy(n.data[off:], b)
	for _, m := range n.maps {
		m.update(b, off)
	}
}

func (n *inode) resize(size int64) {
	if old := int64(len(n.data)); size <= old {
		for _, m := range n.maps {
			m.update(make([]byte, old-size), size)
		}
		n.data = n.data[:size]
		return
	}
	if size <= int64(cap(n.data)) {
		old := len(n.data)
		n.data = n.data[:size]
		clear(n.data[old:])
		return
	}
	grown := make([]byte, size, size+size/2)
	copy(grown, n.data)
	n.data = grown
}

func (f *file) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	delete(f.node.locks, f)
	return nil
}

func (f *file) Size() (int64, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return int64(len(f.node.data)), nil
}

func (f *file) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.readOnly {
		return &fs.PathError{Op: "truncate", Path: f.name, Err: fs.ErrPermission}
	}
	if err := f.spaceLocked(size); err != nil {
		return err
	}
	f.node.resize(size)
	f.fs.journal = append(f.fs.journal, op{kind: opTruncate, node: f.node.id, off: size})
	return nil
}

func (f *file) Reserve(off, n int64) error {
	size, err := f.Size()
	if err != nil || off+n <= size {
		return err
	}
	return f.Truncate(off + n)
}

// Overwrites has nothing to make cheap.
func (f *file) Overwrites(int64) {}

func (f *file) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.fs.journal = append(f.fs.journal, op{kind: opSync, node: f.node.id})
	return nil
}

func (f *file) Lock(kind vfs.LockKind) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	for other, k := range f.node.locks {
		if other != f && (kind == vfs.LockExclusive || k == vfs.LockExclusive) {
			return &fs.PathError{Op: "lock", Path: f.name, Err: vfs.ErrLocked}
		}
	}
	f.node.locks[f] = kind
	return nil
}

func (f *file) Unlock() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	delete(f.node.locks, f)
	return nil
}

func (f *file) Map(off int64, n int) (vfs.Map, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	memory, err := vfs.AllocMemory(n) // Untouched pages of it cost nothing.
	if err != nil {
		return nil, err
	}
	m := &memMap{node: f.node, fs: f.fs, off: off, bytes: memory}
	if off < int64(len(f.node.data)) {
		copy(m.bytes, f.node.data[off:])
	}
	f.node.maps = append(f.node.maps, m)
	return m, nil
}

// memMap is a copy of a piece of the file that every write reaches as well, so that the race
// detector sees a page that is overwritten while somebody reads it through the map.
type memMap struct {
	node  *inode
	fs    *FS
	off   int64
	bytes []byte
}

func (m *memMap) update(b []byte, off int64) {
	at := off - m.off
	if at < 0 {
		if -at >= int64(len(b)) {
			return
		}
		b, at = b[-at:], 0
	}
	if at < int64(len(m.bytes)) {
		copy(m.bytes[at:], b)
	}
}

func (m *memMap) Bytes() []byte { return m.bytes }

func (m *memMap) Populate(off, n int) error {
	m.fs.mu.Lock()
	defer m.fs.mu.Unlock()
	if m.off+int64(off+n) > int64(len(m.node.data)) {
		return fmt.Errorf("populate past the end of the file: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

func (m *memMap) Unmap() error {
	m.fs.mu.Lock()
	defer m.fs.mu.Unlock()
	m.node.maps = slices.DeleteFunc(m.node.maps, func(o *memMap) bool { return o == m })
	return vfs.FreeMemory(m.bytes)
}
