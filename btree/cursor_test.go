package btree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Goal: the promises of single calls that the model test does not state by name.

// writeTx opens a fresh memory database and a writing transaction on it.
func writeTx(t testing.TB, pageSize int) *pager.Tx {
	t.Helper()
	p, err := pager.OpenMemory(&pager.Options{PageSize: pageSize})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	tx, err := p.BeginWrite(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tx.Rollback)
	return tx
}

// tree opens a cursor on a fresh tree.
func tree(t testing.TB, tx *pager.Tx, kind Kind, hook Compare) *Cursor {
	t.Helper()
	root, err := Create(tx, kind)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cursor{}
	if err := c.Open(tx, root, kind, hook); err != nil {
		t.Fatal(err)
	}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeletedUnderCursor(t *testing.T) {
	tx := writeTx(t, 1024)
	c := tree(t, tx, IntKey, nil)
	for i := range int64(100) {
		must(t, c.InsertInt(i*10, []byte("payload")))
	}
	var other Cursor
	must(t, other.Open(tx, c.root, IntKey, nil))
	for _, c := range []*Cursor{c, &other} {
		if ok, err := c.SeekInt(500); !ok || err != nil {
			t.Fatal(ok, err)
		}
	}
	must(t, other.Delete())
	if !c.Valid() {
		t.Error("Valid is false before a move")
	}
	if ok, err := c.Exists(); ok || err != nil {
		t.Error("the entry exists:", err)
	}
	if _, err := c.Payload(); !errors.Is(err, ErrNoEntry) {
		t.Error("payload of a deleted entry:", err)
	}
	if err := c.Delete(); !errors.Is(err, ErrNoEntry) {
		t.Error("delete of a deleted entry:", err)
	}
	if ok, err := c.Next(); !ok || err != nil || c.IntKey() != 510 {
		t.Error("next of a deleted entry:", ok, err, c.IntKey())
	}
	if ok, err := other.Prev(); !ok || err != nil || other.IntKey() != 490 {
		t.Error("prev after Delete:", ok, err, other.IntKey())
	}
}

// A cursor of a reading transaction goes on when the transaction becomes the writer.
func TestUpgrade(t *testing.T) {
	p, err := pager.OpenMemory(&pager.Options{PageSize: 1024})
	must(t, err)
	defer p.Close()
	ctx := context.Background()
	tx, err := p.BeginWrite(ctx)
	must(t, err)
	c := tree(t, tx, ByteKey, nil)
	key := func(i int) []byte { return fmt.Appendf(nil, "%s/%03d", strings.Repeat("k", 500), i) }
	for i := range 60 {
		must(t, c.Insert(key(i), nil))
	}
	must(t, tx.Commit(ctx))
	rd, err := p.BeginRead()
	must(t, err)
	defer rd.Rollback()
	var a, b Cursor
	must(t, a.Open(rd, c.root, ByteKey, nil))
	if ok, err := a.Seek(key(30)); !ok || err != nil {
		t.Fatal(ok, err)
	}
	must(t, a.SaveKey())
	must(t, p.Upgrade(ctx, rd))
	must(t, b.Open(rd, c.root, ByteKey, nil))
	for i := 25; i < 45; i++ {
		if ok, err := b.Seek(key(i)); !ok || err != nil {
			t.Fatal(ok, err)
		}
		must(t, b.Delete())
	}
	if ok, err := a.Next(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if got, err := a.Key(); err != nil || !bytes.Equal(got, key(45)) {
		t.Fatalf("next after the upgrade: %q, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	tx := writeTx(t, 4096)
	ints, keys := tree(t, tx, IntKey, nil), tree(t, tx, ByteKey, nil)
	_, e1 := ints.Seek(nil)
	_, e2 := keys.SeekInt(1)
	_, e3 := ints.Key()
	for i, err := range []error{e1, e2, e3, ints.Insert(nil, nil), keys.InsertInt(1, nil), ints.Open(tx, ints.root, IntKey, bytes.Compare)} {
		if !errors.Is(err, ErrKind) {
			t.Errorf("call %d of the wrong kind: %v", i, err)
		}
	}
	keys = tree(t, tx, ByteKey, nil)
	if _, err := keys.Payload(); !errors.Is(err, ErrNoEntry) {
		t.Error("payload without a place:", err)
	}
	if unsafe.Sizeof(0) == 8 {
		if err := keys.Insert(make([]byte, fileformat.KeyBytesMax+1), nil); !errors.Is(err, ErrTooBig) {
			t.Error("key past the limit:", err)
		}
		past := int64(maxBlob) // No constant: it would not fit 32 bits.
		past++
		if err := ints.InsertInt(1, make([]byte, past)); !errors.Is(err, ErrTooBig) {
			t.Error("payload past the limit:", err)
		}
	}
	must(t, keys.Insert([]byte("k"), nil))
	var c Cursor
	must(t, c.Open(tx, keys.root, ByteKey, foldCompare))
	if _, err := c.First(); !errors.Is(err, fileformat.ErrCorrupt) {
		t.Error("tree opened with a hook that it was made without:", err)
	}
	must(t, c.Open(tx, keys.root, IntKey, nil))
	if _, err := c.First(); !errors.Is(err, fileformat.ErrCorrupt) {
		t.Error("tree opened as the other kind:", err)
	}
}

// Loads in common orders fill their pages.
func TestFill(t *testing.T) {
	const n = 20000
	payload := bytes.Repeat([]byte("p"), 50)
	r := rand.New(rand.NewPCG(1, 1))
	for _, test := range []struct {
		name  string
		least float64 // share of the pages' bytes, integer keys
		keys  float64 // the same, byte keys: prefixes that appear when a page is split leave gaps
		key   func(i int) int64
	}{
		{"ascending", 0.97, 0.90, func(i int) int64 { return int64(i) }},
		{"descending", 0.95, 0.70, func(i int) int64 { return int64(-i) }},
		{"ascending runs", 0.80, 0.75, func(i int) int64 { return int64(i%20)<<32 + int64(i) }},
		{"ascending runs, one after the other", 0.90, 0.85, func(i int) int64 { return int64((i/1000)*7%20)<<32 + int64(i) }},
		{"random", 0.62, 0.50, func(i int) int64 { return r.Int64() }},
	} {
		tx := writeTx(t, 4096)
		c, k := tree(t, tx, IntKey, nil), tree(t, tx, ByteKey, nil)
		leaves := [2]int{}
		for i := range n {
			key := test.key(i)
			must(t, c.InsertInt(key, payload))
			must(t, k.Insert(fmt.Appendf(nil, "%020d", uint64(key)+1<<63), payload))
		}
		for i, c := range []*Cursor{c, k} {
			for _, err := range Check(tx, c.root, c.kind, nil, func(pager.PageNo) bool { leaves[i]++; return true }) {
				t.Fatal(err)
			}
			bytesIn := n * (51 + 6)
			if i == 1 {
				bytesIn = n * (51 + 7) // and what is left of the keys
			}
			if got := float64(bytesIn) / float64(leaves[i]*4064); got < []float64{test.least, test.keys}[i] {
				t.Errorf("%s, kind %d: pages are %.0f %% full", test.name, c.kind, 100*got)
			}
		}
	}
}

// The hot paths do not allocate.
func TestAllocs(t *testing.T) {
	p, err := pager.OpenMemory(&pager.Options{})
	must(t, err)
	defer p.Close()
	ctx := context.Background()
	tx, err := p.BeginWrite(ctx)
	must(t, err)
	c, k := tree(t, tx, IntKey, nil), tree(t, tx, ByteKey, nil)
	payload := make([]byte, 60)
	var key []byte
	for i := range int64(20000) {
		must(t, c.InsertInt(i, payload))
		key = indexKey(key, uint64(i))
		must(t, k.Insert(key, payload))
	}
	row := int64(20000)
	got := map[string]float64{}
	got["replace int"] = testing.AllocsPerRun(1000, func() { must(t, c.InsertInt(row%20000, payload)); row += 7 })
	got["replace key"] = testing.AllocsPerRun(1000, func() {
		key = indexKey(key, uint64(row%20000))
		must(t, k.Insert(key, payload))
		row += 7
	})
	must(t, tx.Commit(ctx))
	rd, err := p.BeginRead()
	must(t, err)
	defer rd.Rollback()
	must(t, c.Open(rd, c.root, IntKey, nil))
	must(t, k.Open(rd, k.root, ByteKey, nil))
	b := Batch{Leaves: 16}
	step := func(name string, f func() (bool, error)) {
		got[name] = testing.AllocsPerRun(1000, func() {
			if ok, err := f(); !ok || err != nil {
				t.Fatal(name, ok, err)
			}
		})
	}
	step("seek int", func() (bool, error) { row += 1234; return c.SeekInt(row % 20000) })
	c.First()
	step("next int", c.Next)
	step("payload", func() (bool, error) { _, err := c.Payload(); return true, err })
	step("prev int", c.Prev)
	step("batch", func() (bool, error) {
		n, err := c.NextBatch(&b, 1000)
		if n == 0 {
			return c.First()
		}
		return true, err
	})
	step("seek key", func() (bool, error) { row += 1234; key = indexKey(key, uint64(row%20000)); return k.Seek(key) })
	k.First()
	step("next key", k.Next)
	step("key", func() (bool, error) { _, err := k.Key(); return true, err })
	want := map[string]float64{}
	for name := range got {
		want[name] = 0
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("allocations (-want +got):\n%s", diff)
	}
}

func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 20000 {
		n := 1 + r.IntN(60)
		keys := map[uint32]bool{}
		spread := uint32(1) << (1 + r.IntN(31))
		base := r.Uint32()
		for range n {
			if r.IntN(20) == 0 {
				keys[r.Uint32()] = true
			} else {
				keys[base+r.Uint32N(spread)] = true
			}
		}
		var ks []uint32
		for key := range keys {
			ks = append(ks, key)
		}
		sort.Slice(ks, func(i, j int) bool { return ks[i] < ks[j] })
		narrow, wide := make([]byte, 4*len(ks)), make([]byte, 8*len(ks))
		for i, key := range ks {
			put32(narrow[4*i:], key)
			put64(wide[8*i:], uint64(key)<<17)
		}
		for _, d := range []uint32{ks[r.IntN(len(ks))], r.Uint32(), base + r.Uint32N(spread), 0, math.MaxUint32} {
			want := sort.Search(len(ks), func(i int) bool { return ks[i] >= d })
			if got := lower32(unsafe.Pointer(&narrow[0]), len(ks), d); got != want {
				t.Fatalf("lower32(%v, %d) = %d, want %d", ks, d, got, want)
			}
			if got := lower64(unsafe.Pointer(&wide[0]), len(ks), uint64(d)<<17); got != want {
				t.Fatalf("lower64(%v, %d) = %d, want %d", ks, d, got, want)
			}
		}
	}
}

func TestBlob(t *testing.T) {
	for _, total := range []int{0, 1, 3, 4, 5, 127, 128, 129, 8191, 8192, 20000} {
		for _, skip := range []int{0, 4} {
			for _, over := range []bool{false, true} {
				if over && total < 129 {
					continue
				}
				whole := bytes.Repeat([]byte{'x'}, total)
				local, run := whole, pager.PageNo(0)
				if over {
					local, run = whole[:100], 77
				}
				b := appendBlob(nil, total, local, skip, run)
				if len(b) != blobSize(total, len(local), skip, over) {
					t.Errorf("blobSize(%d, %d, %v) is not %d", total, skip, over, len(b))
				}
				x, ok := decodeBlob(append(b, "more"...), skip)
				if !ok || x.total != total || x.run != run || x.size != len(b) || !bytes.Equal(x.local, local[min(skip, len(local)):]) {
					t.Errorf("blob of %d bytes, skip %d, comes back as %+v %v", total, skip, x, ok)
				}
				for n := range len(b) {
					if _, ok := decodeBlob(b[:n], skip); ok {
						t.Errorf("blob of %d bytes decodes from %d of %d", total, n, len(b))
					}
				}
			}
		}
	}
}

// A value may lie in several runs of overflow pages.
func TestOverflowRuns(t *testing.T) {
	tx := writeTx(t, 1024)
	data := make([]byte, 50000)
	for i := range data {
		data[i] = byte(i * 31 >> 3)
	}
	before := tx.PageCount()
	for _, runMax := range []int{1, 3, 7, 1000} {
		run, err := writeOverflow(tx, data, runMax)
		must(t, err)
		got, err := appendOverflow(nil, tx, run, len(data))
		must(t, err)
		if !bytes.Equal(got, data) {
			t.Fatalf("runs of %d pages bring other bytes", runMax)
		}
		longer, smaller := append(bytes.Clone(data), 0), bytes.Clone(data)
		smaller[40000]--
		for want, key := range map[int][]byte{0: data, -1: longer, 1: smaller} {
			if c, err := compareOverflow(tx, run, len(data), key); c != want || err != nil {
				t.Errorf("compare: %d, %v, want %d", c, err, want)
			}
		}
		if c, err := compareOverflow(tx, run, len(data), data[:30000]); c != 1 || err != nil {
			t.Errorf("compare with a prefix: %d, %v", c, err)
		}
		for _, n := range []int{len(data) - 1, len(data) + 1, len(data) - 2000, len(data) + 2000} {
			if _, err := appendOverflow(nil, tx, run, n); !errors.Is(err, fileformat.ErrCorrupt) {
				t.Errorf("reading %d bytes of %d: %v", n, len(data), err)
			}
		}
		must(t, freeOverflow(tx, run, len(data)))
	}
	if after := tx.PageCount(); after > before+60 {
		t.Errorf("freed pages were not used again: %d pages", after-before)
	}
}

// One cursor deletes, and changes the lengths of entries, in turn in a few pages that are nearly full: the
// hole that a cell has left belongs to its page as it was then, to no other and to no later picture of it.
func TestHoles(t *testing.T) {
	const keys = 120
	for seed := range uint64(30) {
		for _, kind := range []Kind{IntKey, ByteKey} {
			r := rand.New(rand.NewPCG(seed, 7))
			tx := writeTx(t, 1024)
			c := tree(t, tx, kind, nil)
			want := map[int64]string{}
			name := func(k int64) []byte { return fmt.Appendf(nil, "%03d", k) }
			for step := range 1500 {
				k := r.Int64N(keys)
				if kind == IntKey {
					_, err := c.SeekInt(k)
					must(t, err)
				} else {
					_, err := c.Seek(name(k))
					must(t, err)
				}
				old, found := want[k]
				switch n := len(old); {
				case found && r.IntN(5) == 0:
					must(t, c.Delete())
					delete(want, k)
					continue
				case found && r.IntN(2) == 0:
					n = max(0, n+r.IntN(9)-4)
					old = strings.Repeat(string(rune('a'+step%26)), n)
				default:
					old = strings.Repeat(string(rune('a'+step%26)), r.IntN(40))
				}
				want[k] = old
				if kind == IntKey {
					must(t, c.InsertInt(k, []byte(old)))
				} else {
					must(t, c.Insert(name(k), []byte(old)))
				}
			}
			for k, text := range want {
				ok, err := false, error(nil)
				if kind == IntKey {
					ok, err = c.SeekInt(k)
				} else {
					ok, err = c.Seek(name(k))
				}
				got, perr := c.Payload()
				if !ok || err != nil || perr != nil || string(got) != text {
					t.Fatalf("seed %d, %v, key %d: got %q %v %v, want %q", seed, kind, k, got, err, perr, text)
				}
			}
			if wrong := Check(tx, c.root, kind, nil, nil); len(wrong) > 0 {
				t.Fatalf("seed %d: %v", seed, wrong)
			}
		}
	}
}
