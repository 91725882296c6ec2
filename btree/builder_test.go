package btree

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Goal: a bulk load makes a sound tree of full pages, for every kind of key and page size.
// Method: the keys of the model test, sorted, go through a Builder; then Check and a scan.

func TestBuilderModel(t *testing.T) {
	seeds := 120
	if testing.Short() {
		seeds = 40
	}
	if *stepsFlag != 0 {
		seeds = *stepsFlag
	}
	eachSeed(t, seeds, buildModel)
}

func buildModel(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 11))
	w := newWorld(t, r, 100000)
	w.note("replay: go test ./btree -run TestBuilderModel -seed %d; %s", seed, w)
	n := []int{0, 1, 2, 50, 3000}[r.IntN(5)]
	for range n {
		e := w.randomKey()
		if i, found := w.m.find(&e); !found {
			e.payload = w.randomPayload()
			w.m.es = slices.Insert(w.m.es, i, e)
		}
	}
	var err error
	w.root = 0
	if r.IntN(2) == 0 {
		w.root, err = Create(w.tx, w.kind)
		w.must(err)
	}
	b, err := NewBuilder(w.tx, w.root, w.kind, w.hook, []int{0, 70, 100}[r.IntN(3)])
	w.must(err)
	for i := range w.m.es {
		e := &w.m.es[i]
		if w.kind == IntKey {
			w.must(b.AppendInt(e.ikey, e.payload))
		} else {
			w.must(b.Append(e.key, e.payload))
		}
	}
	root, err := b.Finish()
	w.must(err)
	if w.root != 0 && w.root != root {
		w.fatalf("the root moved from %d to %d", w.root, root)
	}
	w.root = root
	w.check()
	h := w.walk()
	// The tree takes changes like any other.
	w.cursors = []*held{h}
	w.run(600)
}

func TestBuilderFill(t *testing.T) {
	for _, kind := range []Kind{IntKey, ByteKey} {
		for fill, most := range map[int]float64{100: 1.04, 70: 1.5} {
			tx := writeTx(t, 4096)
			root, _ := Create(tx, kind)
			b, err := NewBuilder(tx, root, kind, nil, fill)
			if err != nil {
				t.Fatal(err)
			}
			before := tx.PageCount()
			bytesIn := 0
			for i := range 20000 {
				key := fmt.Appendf(nil, "customer/%08d", i)
				if kind == IntKey {
					err = b.AppendInt(int64(i), key)
					bytesIn += 1 + 6 + len(key)
				} else {
					err = b.Append(key, key)
					bytesIn += 6 + 2 + 4 + len(key) // the prefix takes the rest of the key
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Finish(); err != nil {
				t.Fatal(err)
			}
			pages := float64(tx.PageCount()-before) * 4096
			if ratio := pages / float64(bytesIn); ratio > most || fill == 70 && ratio < 1.2 {
				t.Errorf("kind %d fill %d: %.2f bytes of pages per byte", kind, fill, ratio)
			}
			tx.Rollback()
		}
	}
}

func TestBuilderRefuses(t *testing.T) {
	tx := writeTx(t, 4096)
	root, _ := Create(tx, ByteKey)
	b, err := NewBuilder(tx, root, ByteKey, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Append([]byte("b"), nil); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b"} {
		if err := b.Append([]byte(key), nil); !errors.Is(err, ErrOrder) {
			t.Errorf("key %q after b: %v", key, err)
		}
	}
	if err := b.AppendInt(1, nil); !errors.Is(err, ErrKind) {
		t.Errorf("integer in a byte tree: %v", err)
	}
	if _, err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := b.Append([]byte("c"), nil); !errors.Is(err, ErrOrder) {
		t.Errorf("append after finish: %v", err)
	}
	if _, err := NewBuilder(tx, root, ByteKey, nil, 0); !errors.Is(err, ErrOrder) {
		t.Errorf("builder on a tree with entries: %v", err)
	}
}
