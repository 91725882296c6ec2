package btree

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// Goal: many changes made at once leave the tree that they leave one by one, for every kind of key and
// page size, and no page behind. Method: some entries of the model go, some come, some are replaced;
// then Check, which finds lost pages too, a scan, and ordinary changes.

// listed are entries in any order.
type listed struct {
	es  []modelEntry
	cmp Compare
	at  int
}

func (l *listed) Len() int64 { return int64(len(l.es)) }

func (l *listed) Sort() (bool, error) {
	slices.SortStableFunc(l.es, func(x, y modelEntry) int {
		if l.cmp != nil {
			return l.cmp(x.key, y.key)
		}
		return bytes.Compare(x.key, y.key)
	})
	l.at = 0
	return len(l.es) > 0, nil
}

func (l *listed) Next() (bool, error) {
	l.at++
	return l.at < len(l.es), nil
}

func (l *listed) Key() []byte     { return l.es[l.at].key }
func (l *listed) Payload() []byte { return l.es[l.at].payload }

// toggle lets an entry that is not there come, go, come again... and returns what is there in the end.
func (w *world) toggle(e *modelEntry, gone, come *listed) []modelEntry {
	for {
		e.payload = w.randomPayload()
		come.es = append(come.es, *e)
		if w.r.IntN(3) > 0 {
			return []modelEntry{*e}
		}
		gone.es = append(gone.es, *e)
		if w.r.IntN(2) > 0 {
			return nil
		}
	}
}

func TestApplyModel(t *testing.T) {
	seeds := 160
	if testing.Short() {
		seeds = 60
	}
	if *stepsFlag != 0 {
		seeds = *stepsFlag
	}
	eachSeed(t, seeds, applyModel)
}

func applyModel(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 12))
	w := newWorld(t, r, 100000)
	if w.kind != ByteKey {
		return
	}
	w.note("replay: go test ./btree -run TestApplyModel -seed %d; %s", seed, w)
	var err error
	w.root, err = Create(w.tx, w.kind)
	w.must(err)
	c := &held{}
	w.must(c.c.Open(w.tx, w.root, w.kind, w.hook))
	for range []int{0, 1, 70, 3000}[r.IntN(4)] {
		e := w.randomKey()
		if i, found := w.m.find(&e); !found {
			e.payload = w.randomPayload()
			w.m.es = slices.Insert(w.m.es, i, e)
			w.must(c.c.Insert(e.key, e.payload))
		}
	}
	for range 3 {
		gone, come := &listed{cmp: w.hook}, &listed{cmp: w.hook}
		var back []modelEntry
		var goes map[string]bool // By their keys alone; nil = none do.
		if r.IntN(3) == 0 {
			goes = map[string]bool{}
		}
		share := []int{1, 2, 10, 15, 1000}[r.IntN(5)]
		stay := w.m.es[:0:0]
		for _, e := range w.m.es {
			switch {
			case r.IntN(share) > 0:
				stay = append(stay, e)
			case goes != nil && r.IntN(3) > 0:
				goes[string(e.key)] = true
				if r.IntN(3) == 0 { // It changes.
					e.payload = w.randomPayload()
					come.es = append(come.es, e)
					back = append(back, e)
				}
			default:
				gone.es = append(gone.es, e)
				if r.IntN(3) == 0 {
					back = append(back, w.toggle(&e, gone, come)...)
				}
			}
		}
		w.m.es = stay
		for _, e := range back {
			i, _ := w.m.find(&e)
			w.m.es = slices.Insert(w.m.es, i, e)
		}
		for range r.IntN(len(stay)/[]int{1, 30}[r.IntN(2)] + 5) {
			e := w.randomKey()
			if i, found := w.m.find(&e); !found {
				for _, e := range w.toggle(&e, gone, come) {
					w.m.es = slices.Insert(w.m.es, i, e)
				}
			}
		}
		r.Shuffle(len(gone.es), func(i, j int) { gone.es[i], gone.es[j] = gone.es[j], gone.es[i] })
		ch := &Changes{Gone: gone, Come: come}
		if goes != nil {
			ch.Goes = func(key []byte) (bool, error) { return goes[string(key)], nil }
		}
		w.must(Apply(w.tx, w.root, w.hook, ch))
		if ch.Went != int64(len(goes)) {
			w.fatalf("%d entries went, not %d", ch.Went, len(goes))
		}
		w.check()
	}
	h := w.walk()
	w.cursors = []*held{h}
	w.run(200)
	w.must(Drop(w.tx, w.root))
	pages := w.tx.PageCount()
	if _, err := w.tx.AllocateRun(int(pages) - 1); err != nil || w.tx.PageCount() != pages {
		w.fatalf("pages were lost: %v", err)
	}
}

// What goes must be there, whichever way the changes are made.
func TestApplyMissing(t *testing.T) {
	for _, n := range []int{10, 1000} {
		tx := writeTx(t, 4096)
		root, _ := Create(tx, ByteKey)
		var c Cursor
		if err := c.Open(tx, root, ByteKey, nil); err != nil {
			t.Fatal(err)
		}
		gone := &listed{}
		for i := range n {
			key := []byte{byte(i >> 8), byte(i), 1}
			if err := c.Insert(key, nil); err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				gone.es = append(gone.es, modelEntry{key: key})
			}
		}
		gone.es[len(gone.es)/2].key = []byte{0, 3, 2}
		if err := Apply(tx, root, nil, &Changes{Gone: gone, Come: &listed{}}); !errors.Is(err, ErrNoEntry) {
			t.Errorf("%d entries: %v", n, err)
		}
		tx.Rollback()
	}
}

// arranged are n keys in order, step apart.
type arranged struct {
	from, step, n, at uint64
	key               []byte
}

func (l *arranged) Len() int64 { return int64(l.n) }

func (l *arranged) Sort() (bool, error) {
	l.at = 0
	return l.move()
}

func (l *arranged) Next() (bool, error) {
	l.at++
	return l.move()
}

func (l *arranged) move() (bool, error) {
	x := l.from + l.step*l.at // A number and a row id, as an index has them.
	l.key = binary.BigEndian.AppendUint64(l.key[:0], 0x72<<56|x<<32|0x72<<24|x*977&0xffffff)
	return l.at < l.n, nil
}

func (l *arranged) Key() []byte     { return l.key }
func (l *arranged) Payload() []byte { return nil }

// BenchmarkApply replaces a fifth of the entries of a tree; a figure is for one entry of it.
func BenchmarkApply(b *testing.B) {
	const n = 200_000
	tx := writeTx(b, 0)
	root := tree(b, tx, ByteKey, nil).root
	all := &arranged{n: n, step: 2}
	if err := Apply(tx, root, nil, &Changes{Gone: &arranged{}, Come: all}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	x := uint64(0)
	for b.Loop() {
		ch := &Changes{Gone: &arranged{from: x, step: 10, n: n / 5}, Come: &arranged{from: 1 - x, step: 10, n: n / 5}}
		if err := Apply(tx, root, nil, ch); err != nil {
			b.Fatal(err)
		}
		x = 1 - x
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
}
