package fuzz

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// forest is a database in memory with a tree of each flavour; every input damages it inside of a
// transaction that is rolled back.
type forest struct {
	p     *pager.Pager
	roots [2]pager.PageNo // integer keys, byte keys
}

var kinds = [2]btree.Kind{btree.IntKey, btree.ByteKey}

var plant = sync.OnceValues(func() (*forest, error) {
	p, err := pager.OpenMemory(&pager.Options{PageSize: 1024})
	if err != nil {
		return nil, err
	}
	tx, err := p.BeginWrite(ctx)
	if err != nil {
		return nil, err
	}
	f := &forest{p: p}
	for i, kind := range kinds {
		if f.roots[i], err = btree.Create(tx, kind); err != nil {
			return nil, err
		}
		var c btree.Cursor
		if err := c.Open(tx, f.roots[i], kind, nil); err != nil {
			return nil, err
		}
		for k := range int64(200) {
			payload := bytes.Repeat([]byte{byte(k)}, int(k*7%40))
			if k%50 == 7 {
				payload = make([]byte, 3000) // Overflow pages.
			}
			if kind == btree.IntKey {
				err = c.InsertInt(k*3, payload)
			} else {
				key := fmt.Appendf(nil, "key/%04d", k*3)
				if k%60 == 9 {
					key = append(key, make([]byte, 1500)...)
				}
				err = c.Insert(key, payload)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return f, tx.Commit(ctx)
})

// FuzzPage damages pages of trees, as a disk does whose checksum happens to hold, and uses them:
// every call ends with an answer or an error. What Check finds sound must be consistent.
func FuzzPage(f *testing.F) {
	f.Add([]byte{})
	for kind := range byte(2) {
		for field := range byte(40) {
			f.Add([]byte{kind, 0, 0, 1, field % 3, field, 0, 0, 0xff})
		}
		f.Add([]byte{kind, 3, 0, 2, 0, 6, 0, 0, 0, 1, 40, 0, 0, 3, 2, 64, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		trees, err := plant()
		if err != nil {
			t.Fatal(err)
		}
		s := script(input)
		which := int(s.byte() % 2)
		root, kind := trees.roots[which], kinds[which]
		tx, err := trees.p.BeginWrite(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		var pages []pager.PageNo
		if bad := btree.Check(tx, root, kind, nil, func(no pager.PageNo) bool { pages = append(pages, no); return true }); len(bad) > 0 {
			t.Fatal(bad)
		}
		for range 4 {
			if len(s) == 0 {
				break
			}
			page, err := tx.Write(pages[s.below(len(pages))])
			if err != nil {
				t.Fatal(err)
			}
			part := script(s.bytes(int(s.byte())))
			part.damage(page[:fileformat.UsableSize(len(page))])
		}
		u := treeUser{t: t, tx: tx, root: root, kind: kind}
		u.use(&s)
	})
}

// treeUser does everything with a tree.
type treeUser struct {
	t    *testing.T
	tx   *pager.Tx
	root pager.PageNo
	kind btree.Kind
	c    btree.Cursor
}

// allowed accepts the errors that damage may cause.
func (u *treeUser) allowed(err error) bool {
	u.t.Helper()
	if err == nil {
		return true
	}
	if !errors.Is(err, fileformat.ErrCorrupt) && !errors.Is(err, btree.ErrNoEntry) && !errors.Is(err, pager.ErrFull) {
		u.t.Fatalf("unexpected error: %v", err)
	}
	return false
}

func (u *treeUser) use(s *script) {
	bad := btree.Check(u.tx, u.root, u.kind, nil, nil)
	for _, err := range bad {
		u.allowed(err)
	}
	btree.Draw(u.tx, u.root, btree.DrawOptions{PageNos: true, Payloads: true, Max: 10})
	n, err := btree.Count(u.tx, u.root)
	if !u.allowed(err) || !u.allowed(u.c.Open(u.tx, u.root, u.kind, nil)) {
		return
	}
	forward, ok := u.scan(u.c.First, u.c.Next, 1)
	back, okBack := u.scan(u.c.Last, u.c.Prev, -1)
	u.batches()
	if len(bad) == 0 {
		for i := range forward {
			if i >= len(back) || forward[i] != back[len(back)-1-i] {
				u.t.Fatal("Check finds nothing, and the two directions differ")
			}
		}
		if !ok || !okBack || int64(len(forward)) != n || len(back) != len(forward) {
			u.t.Fatalf("Check finds nothing: %d entries, %d forward (%v), %d back (%v)", n, len(forward), ok, len(back), okBack)
		}
	}
	for range 8 {
		u.seek(s)
	}
	for range 3 {
		sp := u.tx.Savepoint()
		u.write(s)
		if s.byte()%4 == 0 {
			u.allowed(btree.Drop(u.tx, u.root))
		}
		if err := u.tx.RollbackTo(sp); err != nil {
			u.t.Fatal(err)
		}
		u.tx.Release(sp)
	}
}

// place is the key of the entry that the cursor is on.
func (u *treeUser) place() (string, error) {
	if u.kind == btree.IntKey {
		return orderly(u.c.IntKey()), nil
	}
	key, err := u.c.Key()
	return string(key), err
}

// orderly spells an integer key so that texts have its order.
func orderly(k int64) string { return fmt.Sprintf("%016x", uint64(k)^1<<63) }

// scan reads all entries in one direction, and says whether it came to the end. Keys ascend (way 1)
// or descend (way -1), or an error says why not.
func (u *treeUser) scan(begin, step func() (bool, error), way int) (entries []string, whole bool) {
	last, whole := "", true
	ok, err := begin()
	for ; ok && err == nil; ok, err = step() {
		var key string
		if key, err = u.place(); err != nil {
			break
		}
		if len(entries) > 0 && cmp.Compare(key, last) != way {
			u.t.Fatalf("a scan came from %q to %q", last, key)
		}
		last = key
		payload, perr := u.c.Payload()
		if !u.allowed(perr) {
			whole = false
		}
		entries = append(entries, key+"="+string(payload))
	}
	return entries, u.allowed(err) && whole
}

// batches reads all entries by batches: they ascend too.
func (u *treeUser) batches() {
	var b btree.Batch
	last, some := "", false
	ok, err := u.c.First()
	for n := 1; ok && err == nil && n > 0; {
		n, err = u.c.NextBatch(&b, 7)
		for i := range n {
			var key string
			if u.kind == btree.IntKey {
				key = orderly(b.IntKeys[i])
			} else {
				key = string(b.Keys[i])
			}
			if some && key <= last {
				u.t.Fatalf("batches came from %q to %q", last, key)
			}
			last, some = key, true
		}
	}
	u.allowed(err)
}

// seek lands on the key, or on its neighbour on the right side, or says that it cannot; a step from
// there goes on in order.
func (u *treeUser) seek(s *script) {
	k := int64(s.uint16()) % 700
	want, key := orderly(k), []byte(nil)
	if u.kind == btree.ByteKey {
		key = fmt.Appendf(nil, "key/%04d", k)
		want = string(key)
	}
	for _, way := range []int{0, 1, -1} {
		var found bool
		var err error
		step, direction := u.c.Next, 1
		if way < 0 {
			step, direction = u.c.Prev, -1
		}
		switch {
		case key == nil && way == 0:
			found, err = u.c.SeekInt(k)
		case key == nil && way > 0:
			found, err = u.c.SeekIntGE(k)
		case key == nil:
			found, err = u.c.SeekIntLE(k)
		case way == 0:
			found, err = u.c.Seek(key)
		case way > 0:
			found, err = u.c.SeekGE(key)
		default:
			found, err = u.c.SeekLE(key)
		}
		if !u.allowed(err) || !found {
			continue
		}
		got, err := u.place()
		if !u.allowed(err) {
			continue
		}
		if x := cmp.Compare(got, want); x != 0 && x != way {
			u.t.Fatalf("a seek for %q (%d) found %q", want, way, got)
		}
		if found, err = step(); !u.allowed(err) || !found {
			continue
		}
		if next, err := u.place(); u.allowed(err) && cmp.Compare(next, got) != direction {
			u.t.Fatalf("a step (%d) from %q came to %q", way, got, next)
		}
	}
}

func (u *treeUser) write(s *script) {
	if !u.allowed(u.c.Open(u.tx, u.root, u.kind, nil)) {
		return
	}
	for range 12 {
		k := int64(s.uint16()) % 700
		if s.byte()%2 == 0 {
			u.seek(s)
			u.allowed(u.c.Delete())
			_, err := u.c.Next()
			u.allowed(err)
			continue
		}
		payload := make([]byte, s.uint16()%600)
		if u.kind == btree.IntKey {
			u.allowed(u.c.InsertInt(k, payload))
		} else {
			u.allowed(u.c.Insert(fmt.Appendf(nil, "key/%04d", k), payload))
		}
	}
}
