package btree

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"testing"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Goal: no bytes in a page make the tree panic or run for ever (habit 5).
// Method: a sound tree is built, random bytes of its pages are overwritten behind its back (in a real
// file the checksum would notice), then everything is done with it: each step ends with an answer or
// an error. Check must not panic either. -seed runs one seed, -steps that many.

func TestDamage(t *testing.T) {
	seeds := 3000
	if testing.Short() {
		seeds = 400
	}
	if *stepsFlag != 0 {
		seeds = *stepsFlag
	}
	eachSeed(t, seeds, damage)
}

// damageTree makes a tree of a few hundred entries.
func damageTree(t *testing.T, r *rand.Rand, tx *pager.Tx) (pager.PageNo, Kind, Compare) {
	kind := Kind(1 + r.IntN(2))
	var hook Compare
	if kind == ByteKey && r.IntN(4) == 0 {
		hook = foldCompare
	}
	root, err := Create(tx, kind)
	if err != nil {
		t.Fatal(err)
	}
	var c Cursor
	if err := c.Open(tx, root, kind, hook); err != nil {
		t.Fatal(err)
	}
	for i := range 50 + r.IntN(1500) {
		payload := make([]byte, r.IntN(30))
		if r.IntN(40) == 0 {
			payload = make([]byte, r.IntN(8000))
		}
		if kind == IntKey {
			err = c.InsertInt(int64(i)*int64(1+r.IntN(5)), payload)
		} else {
			key := fmt.Appendf(nil, "key/%06d", r.IntN(1000000))
			if r.IntN(40) == 0 {
				key = append(key, bytes.Repeat([]byte{'k'}, r.IntN(4000))...)
			}
			err = c.Insert(key, payload)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root, kind, hook
}

func damage(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	p, err := pager.OpenMemory(&pager.Options{PageSize: 1024 << r.IntN(3)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	tx, err := p.BeginWrite(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	root, kind, hook := damageTree(t, r, tx)
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("seed %d: panic: %v\n%s\nreplay: go test ./btree -run TestDamage -seed %d", seed, p, debug.Stack(), seed)
		}
	}()
	var pages []pager.PageNo
	Check(tx, root, kind, hook, func(no pager.PageNo) bool { pages = append(pages, no); return true })
	for range 1 + r.IntN(4) {
		p, err := tx.Write(pages[r.IntN(len(pages))])
		if err != nil {
			t.Fatal(err)
		}
		at := r.IntN(len(p) - fileformat.PageTrailerSize)
		if r.IntN(2) == 0 {
			at = r.IntN(64) // header, fences and the first of the arrays
		}
		switch r.IntN(3) {
		case 0:
			p[at] = byte(r.Uint32())
		case 1:
			p[at] ^= 1 << r.IntN(8)
		default:
			for i := at; i < min(at+r.IntN(16), len(p)-fileformat.PageTrailerSize); i++ {
				p[i] = byte(r.Uint32())
			}
		}
	}
	u := user{t: t, r: r, tx: tx, root: root, kind: kind, hook: hook, seed: seed}
	u.read()
	for range 4 {
		sp := tx.Savepoint()
		u.write()
		if r.IntN(3) == 0 {
			u.err(Drop(tx, root))
		}
		u.rollback(sp)
	}
	// Readers have short ways of their own.
	if err := tx.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	reader, err := p.BeginRead()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Rollback()
	u.tx = reader
	u.read()
}

// user does everything with a damaged tree.
type user struct {
	t    *testing.T
	r    *rand.Rand
	tx   *pager.Tx
	root pager.PageNo
	kind Kind
	hook Compare
	seed uint64
	c    Cursor
}

// err accepts the errors that damage may cause.
func (u *user) err(err error) bool {
	u.t.Helper()
	if err == nil {
		return true
	}
	if !errors.Is(err, fileformat.ErrCorrupt) && !errors.Is(err, ErrNoEntry) && !errors.Is(err, pager.ErrFull) {
		u.t.Fatalf("seed %d: unexpected error: %v", u.seed, err)
	}
	return false
}

func (u *user) rollback(sp pager.Savepoint) {
	u.t.Helper()
	if err := u.tx.RollbackTo(sp); err != nil {
		u.t.Fatal(err)
	}
	u.tx.Release(sp)
}

func (u *user) seek() {
	var found bool
	var err error
	var want place
	way := u.r.IntN(3)
	if u.kind == IntKey {
		want.key = u.r.Int64N(6000) - 100
		found, err = []func(int64) (bool, error){u.c.SeekInt, u.c.SeekIntGE, u.c.SeekIntLE}[way](want.key)
	} else {
		want.bytes = fmt.Appendf(nil, "key/%06d", u.r.IntN(1000000))
		found, err = []func([]byte) (bool, error){u.c.Seek, u.c.SeekGE, u.c.SeekLE}[way](want.bytes)
	}
	if !u.err(err) || !found {
		return
	}
	if got, ok := u.place(); ok {
		if x := u.compare(got, want); x != 0 && x != []int{0, 1, -1}[way] {
			u.t.Fatalf("seed %d: seek %d for %v found %v", u.seed, way, want, got)
		}
	}
}

// place is a key of either kind.
type place struct {
	key   int64
	bytes []byte
}

func (u *user) compare(a, b place) int {
	switch {
	case u.kind == IntKey:
		return cmp.Compare(a.key, b.key)
	case u.hook != nil:
		return u.hook(a.bytes, b.bytes)
	}
	return bytes.Compare(a.bytes, b.bytes)
}

// place is the key of the cursor's entry.
func (u *user) place() (place, bool) {
	if u.kind == IntKey {
		return place{key: u.c.IntKey()}, true
	}
	key, err := u.c.Key()
	return place{bytes: bytes.Clone(key)}, u.err(err)
}

// read scans in both directions and in batches, seeks, checks and draws. What a scan or a seek
// answers is in the order of keys, so scans end.
func (u *user) read() {
	if !u.err(u.c.Open(u.tx, u.root, u.kind, u.hook)) {
		return
	}
	for _, move := range []struct {
		begin, step func() (bool, error)
		way         int
	}{{u.c.First, u.c.Next, 1}, {u.c.Last, u.c.Prev, -1}} {
		ok, err := move.begin()
		var last place
		for known := false; u.err(err) && ok; ok, err = move.step() {
			at, readable := u.place()
			if known && readable && u.compare(at, last) != move.way {
				u.t.Fatalf("seed %d: a step (%d) came from %v to %v", u.seed, move.way, last, at)
			}
			last, known = at, readable
			_, err = u.c.Payload()
			u.err(err)
		}
	}
	b := Batch{Leaves: u.r.IntN(5)}
	_, err := u.c.First()
	u.err(err)
	var last place
	for known := false; ; {
		n, err := u.c.NextBatch(&b, 100)
		if !u.err(err) || n == 0 {
			break
		}
		for i := range n {
			var at place
			if u.kind == IntKey {
				at.key = b.IntKeys[i]
			} else {
				at.bytes = bytes.Clone(b.Keys[i])
			}
			if known && u.compare(at, last) <= 0 {
				u.t.Fatalf("seed %d: a batch came from %v to %v", u.seed, last, at)
			}
			last, known = at, true
		}
		_, err = u.c.BatchPayload(&b, u.r.IntN(n))
		u.err(err)
	}
	for range 30 {
		u.seek()
	}
	for _, err := range Check(u.tx, u.root, u.kind, u.hook, nil) {
		u.err(err)
	}
	Draw(u.tx, u.root, DrawOptions{PageNos: true, Payloads: true})
	_, err = Count(u.tx, u.root)
	u.err(err)
}

func (u *user) write() {
	if !u.err(u.c.Open(u.tx, u.root, u.kind, u.hook)) {
		return
	}
	for range 150 {
		switch u.r.IntN(3) {
		case 0:
			u.seek()
			for range u.r.IntN(20) {
				u.err(u.c.Delete())
				_, err := u.c.Next()
				u.err(err)
			}
		default:
			payload := make([]byte, u.r.IntN(200))
			if u.kind == IntKey {
				u.err(u.c.InsertInt(u.r.Int64N(6000)-100, payload))
			} else {
				u.err(u.c.Insert(fmt.Appendf(nil, "key/%06d", u.r.IntN(1000000)), payload))
			}
		}
	}
}
