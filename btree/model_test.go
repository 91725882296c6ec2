package btree

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/pager"
)

// Goal: random operations on a tree equal the same operations on a sorted slice, for both kinds of
// tree, all page sizes, keys and payloads of all sizes, the compare hook, several cursors held over
// each other's writes, and savepoints. Check runs now and then and at the end.
// Method: one seed makes everything; a failure prints the command that replays it.

var (
	seedFlag  = flag.Uint64("seed", 0, "seed of the model test; 0 runs the standard seeds")
	stepsFlag = flag.Int("steps", 0, "steps of the model test; 0 is the standard number")
)

type modelEntry struct {
	ikey    int64
	key     []byte
	payload []byte
}

type model struct {
	es  []modelEntry
	cmp func(a, b *modelEntry) int
}

func (m *model) find(e *modelEntry) (int, bool) {
	return slices.BinarySearchFunc(m.es, e, func(a modelEntry, b *modelEntry) int { return m.cmp(&a, b) })
}

// world is a tree, its model, and cursors with the places that the model gives them.
type world struct {
	t       *testing.T
	r       *rand.Rand
	tx      *pager.Tx
	root    pager.PageNo
	kind    Kind
	hook    Compare
	m       model
	cursors []*held
	saves   []saved
	keyMax  int
	payMax  int
	style   int
	next    int64
	ops     []string
}

type saved struct {
	sp pager.Savepoint
	es []modelEntry
}

// held is a cursor and where it must be: K, and on which side of the entry K it stands if it is on none.
type held struct {
	c     Cursor
	k     modelEntry
	valid bool // has a place
	on    bool // moved onto an entry with key k
}

func foldCompare(a, b []byte) int { return bytes.Compare(bytes.ToLower(a), bytes.ToLower(b)) }

// newWorld is an empty world of a page size, a kind of tree and an order that r chooses; its tree is
// still to be made.
func newWorld(t *testing.T, r *rand.Rand, payMax int) *world {
	pageSize := 1024 << r.IntN(7)
	w := &world{t: t, r: r, tx: writeTx(t, pageSize), kind: Kind(1 + r.IntN(2)), style: r.IntN(5)}
	w.keyMax = []int{10, 100, 1000, 3 * pageSize}[r.IntN(4)]
	w.payMax = []int{10, 200, 4 * pageSize, payMax}[r.IntN(4)]
	w.setOrder(r.IntN(4) == 0)
	return w
}

func (w *world) String() string {
	return fmt.Sprintf("page %d, kind %d, style %d, keys to %d, payloads to %d, hook %v",
		w.tx.PageSize(), w.kind, w.style, w.keyMax, w.payMax, w.hook != nil)
}

// setOrder gives the model the order of the world's tree.
func (w *world) setOrder(hook bool) {
	if w.kind == IntKey {
		w.m.cmp = func(a, b *modelEntry) int {
			if a.ikey < b.ikey {
				return -1
			} else if a.ikey > b.ikey {
				return 1
			}
			return 0
		}
		return
	}
	cmp := bytes.Compare
	if hook {
		w.hook, cmp = foldCompare, foldCompare
	}
	w.m.cmp = func(a, b *modelEntry) int { return cmp(a.key, b.key) }
}

func (w *world) fatalf(format string, args ...any) {
	w.t.Helper()
	n := max(len(w.ops)-15, 0)
	w.t.Fatalf("%s\nlast operations:\n%s", fmt.Sprintf(format, args...), strings.Join(w.ops[n:], "\n"))
}

func (w *world) note(format string, args ...any) { w.ops = append(w.ops, fmt.Sprintf(format, args...)) }

func (w *world) randomKey() modelEntry {
	var e modelEntry
	if w.kind == IntKey {
		switch w.style {
		case 0:
			e.ikey = w.r.Int64N(2000)
		case 1:
			e.ikey = int64(w.r.Uint64())
		case 2:
			w.next++
			e.ikey = w.next - w.r.Int64N(3)*w.r.Int64N(100)
		case 3:
			w.next--
			e.ikey = w.next
		default:
			e.ikey = w.r.Int64N(5)<<40 + w.r.Int64N(300)
		}
		return e
	}
	switch w.style {
	case 0:
		e.key = fmt.Appendf(nil, "%d", w.r.IntN(3000))
	case 1:
		e.key = make([]byte, w.r.IntN(12))
		for i := range e.key {
			e.key[i] = "\x00a\xffB"[w.r.IntN(4)]
		}
	case 2:
		w.next++
		e.key = fmt.Appendf(nil, "sequence/%08d", w.next)
	case 3:
		e.key = append(bytes.Repeat([]byte{'p'}, w.r.IntN(4)*w.keyMax/4), fmt.Appendf(nil, "%d", w.r.IntN(500))...)
	default:
		e.key = make([]byte, w.r.IntN(w.keyMax+1))
		for i := range e.key {
			e.key[i] = byte(w.r.IntN(2)) + 'a'
		}
		if w.r.IntN(3) == 0 && len(e.key) > 8 { // differ late
			for i := range e.key[:len(e.key)-8] {
				e.key[i] = 'x'
			}
		}
	}
	return e
}

func (w *world) randomPayload() []byte {
	n := w.r.IntN(40)
	switch w.r.IntN(12) {
	case 0:
		n = 0
	case 1:
		n = w.r.IntN(w.payMax + 1)
	case 2:
		n = w.r.IntN(min(w.payMax, 3000) + 1)
	}
	b := make([]byte, n)
	x := byte(w.r.Uint32())
	for i := range b {
		b[i] = x + byte(i*7)
	}
	return b
}

func keyText(k Kind, e *modelEntry) string {
	if k == IntKey {
		return fmt.Sprint(e.ikey)
	}
	if len(e.key) > 40 {
		return fmt.Sprintf("%q...(%d)", e.key[:40], len(e.key))
	}
	return fmt.Sprintf("%q", e.key)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.fatalf("error: %v", err)
	}
}

func (w *world) check() {
	w.t.Helper()
	errs := Check(w.tx, w.root, w.kind, w.hook, nil)
	if len(errs) > 0 {
		w.fatalf("check: %v", errs)
	}
	n, err := Count(w.tx, w.root)
	w.must(err)
	if n != int64(len(w.m.es)) {
		w.fatalf("count %d, model has %d", n, len(w.m.es))
	}
}

// same compares the entry under a cursor with a model entry.
func (w *world) same(h *held, e *modelEntry) {
	w.t.Helper()
	if w.kind == IntKey {
		if h.c.IntKey() != e.ikey {
			w.fatalf("cursor on %d, model on %d", h.c.IntKey(), e.ikey)
		}
	} else {
		key, err := h.c.Key()
		w.must(err)
		if !bytes.Equal(key, e.key) {
			w.fatalf("cursor on %q, model on %q", key, e.key)
		}
	}
	p, err := h.c.Payload()
	w.must(err)
	if !bytes.Equal(p, e.payload) {
		w.fatalf("payload of %s: %d bytes, model has %d", keyText(w.kind, e), len(p), len(e.payload))
	}
	head, total, err := h.c.PayloadHead()
	w.must(err)
	if total != len(p) || !bytes.HasPrefix(p, head) {
		w.fatalf("payload head of %s is wrong", keyText(w.kind, e))
	}
}

func (w *world) place(h *held, i int, ok bool) {
	w.t.Helper()
	want := i >= 0 && i < len(w.m.es)
	if ok != want {
		w.fatalf("move says %v, model %v", ok, want)
	}
	if ok {
		h.k, h.valid, h.on = w.m.es[i], true, true
		w.same(h, &w.m.es[i])
	} else {
		h.on = false
	}
}

func (w *world) put(h *held) {
	e := w.randomKey()
	e.payload = w.randomPayload()
	w.note("put %s %d bytes", keyText(w.kind, &e), len(e.payload))
	if w.kind == IntKey {
		w.must(h.c.InsertInt(e.ikey, e.payload))
	} else {
		w.must(h.c.Insert(e.key, e.payload))
	}
	i, found := w.m.find(&e)
	if found {
		w.m.es[i] = e
	} else {
		w.m.es = slices.Insert(w.m.es, i, e)
	}
	h.k, h.valid, h.on = e, true, true
	if w.r.IntN(4) == 0 {
		w.same(h, &e)
	}
}

func (w *world) delete(h *held) {
	w.note("delete %v %s", h.on, keyText(w.kind, &h.k))
	i, found := w.m.find(&h.k)
	err := h.c.Delete()
	// A cursor at the place of a missing entry is on it when the entry comes back.
	if !h.valid || !found || h.ahead() || h.passed() {
		if !errors.Is(err, ErrNoEntry) {
			w.fatalf("delete without an entry: %v", err)
		}
		return
	}
	w.must(err)
	w.m.es = slices.Delete(w.m.es, i, i+1)
}

func (w *world) seek(h *held) {
	e := w.randomKey()
	if w.r.IntN(2) == 0 && len(w.m.es) > 0 {
		e = w.m.es[w.r.IntN(len(w.m.es))]
	}
	i, found := w.m.find(&e)
	var ok bool
	var err error
	mode := w.r.IntN(3)
	w.note("seek%d %s", mode, keyText(w.kind, &e))
	h.k, h.valid = e, true
	switch mode {
	case 0:
		if w.kind == IntKey {
			ok, err = h.c.SeekInt(e.ikey)
		} else {
			ok, err = h.c.Seek(e.key)
		}
		w.must(err)
		if ok != found {
			w.fatalf("seek says %v, model %v", ok, found)
		}
		h.on = found
		if ok {
			w.same(h, &w.m.es[i])
		}
	case 1:
		if w.kind == IntKey {
			ok, err = h.c.SeekIntGE(e.ikey)
		} else {
			ok, err = h.c.SeekGE(e.key)
		}
		w.must(err)
		w.place(h, i, ok)
	case 2:
		if !found {
			i--
		}
		if w.kind == IntKey {
			ok, err = h.c.SeekIntLE(e.ikey)
		} else {
			ok, err = h.c.SeekLE(e.key)
		}
		w.must(err)
		w.place(h, i, ok)
	}
}

func (w *world) step(h *held) {
	n := 1 + w.r.IntN(20)
	forward := w.r.IntN(2) == 0
	w.note("step %v %d", forward, n)
	for range n {
		if !h.valid {
			ok, err := h.c.Next()
			w.must(err)
			if ok {
				w.fatalf("next without a place")
			}
			return
		}
		i, found := w.m.find(&h.k)
		var ok bool
		var err error
		if forward {
			if found && !h.ahead() {
				i++
			}
			ok, err = h.c.Next()
		} else {
			if !found || !h.passed() {
				i--
			}
			ok, err = h.c.Prev()
		}
		w.must(err)
		w.place(h, i, ok)
		if !ok {
			return
		}
	}
}

func (h *held) ahead() bool  { return h.c.state == ahead }
func (h *held) passed() bool { return h.c.state == passed }

func (w *world) edge(h *held) {
	last := w.r.IntN(2) == 0
	w.note("edge %v", last)
	var ok bool
	var err error
	i := 0
	if last {
		i = len(w.m.es) - 1
		ok, err = h.c.Last()
	} else {
		ok, err = h.c.First()
	}
	w.must(err)
	h.valid = false
	w.place(h, i, ok)
}

func (w *world) batch(h *held, b *Batch) {
	w.note("batch")
	if !h.valid {
		return
	}
	i, found := w.m.find(&h.k)
	if found && h.passed() {
		i++
	}
	b.Leaves = w.r.IntN(5)
	n, err := h.c.NextBatch(b, 1+w.r.IntN(300))
	w.must(err)
	if n == 0 {
		if i < len(w.m.es) {
			w.fatalf("batch is empty at entry %d of %d", i, len(w.m.es))
		}
		h.on = false
		return
	}
	for j := range n {
		e := &w.m.es[i+j]
		if w.kind == IntKey && b.IntKeys[j] != e.ikey || w.kind == ByteKey && !bytes.Equal(b.Keys[j], e.key) {
			w.fatalf("batch entry %d has the wrong key", j)
		}
		p, err := h.c.BatchPayload(b, j)
		w.must(err)
		if !bytes.Equal(p, e.payload) || b.Whole && len(b.Payloads[j]) != len(e.payload) {
			w.fatalf("batch entry %d has the wrong payload", j)
		}
	}
	h.k, h.on = w.m.es[i+n-1], false
}

func (w *world) savepoint() {
	switch {
	case len(w.saves) < 3 && w.r.IntN(2) == 0:
		w.note("savepoint")
		w.saves = append(w.saves, saved{w.tx.Savepoint(), slices.Clone(w.m.es)})
	case len(w.saves) > 0 && w.r.IntN(3) == 0:
		w.note("release")
		s := w.saves[len(w.saves)-1]
		w.saves = w.saves[:len(w.saves)-1]
		w.tx.Release(s.sp)
	case len(w.saves) > 0:
		w.note("rollback")
		s := &w.saves[len(w.saves)-1]
		w.must(w.tx.RollbackTo(s.sp))
		w.m.es = slices.Clone(s.es)
	}
}

func (w *world) run(steps int) {
	var b Batch
	grow := 70
	for i := range steps {
		if i%400 == 399 {
			grow = 20 + w.r.IntN(70)
		}
		h := w.cursors[w.r.IntN(len(w.cursors))]
		switch x := w.r.IntN(100); {
		case x < grow:
			w.put(h)
		case x < grow/2+50:
			for range 1 + w.r.IntN(12) {
				if h.valid && h.on {
					w.delete(h)
					w.step1(h)
				} else {
					w.seek(h)
				}
			}
		default:
			switch w.r.IntN(8) {
			case 0:
				w.delete(h)
			case 1, 2:
				w.seek(h)
			case 3, 4:
				w.step(h)
			case 5:
				w.edge(h)
			case 6:
				w.batch(h, &b)
			case 7:
				if w.r.IntN(4) == 0 {
					w.savepoint()
				}
			}
		}
		if i%97 == 0 {
			w.check()
		}
	}
	w.check()
}

func (w *world) step1(h *held) {
	i, found := w.m.find(&h.k)
	if found {
		i++
	}
	ok, err := h.c.Next()
	w.must(err)
	w.place(h, i, ok)
}

func runModel(t *testing.T, seed uint64, steps int) {
	r := rand.New(rand.NewPCG(seed, 7))
	w := newWorld(t, r, 300000)
	t.Logf("replay: go test ./btree -run 'TestModel$' -seed %d -steps %d  (%s)", seed, steps, w)
	var err error
	empty := w.tx.PageCount()
	w.root, err = Create(w.tx, w.kind)
	w.must(err)
	for range 3 {
		h := &held{}
		w.must(h.c.Open(w.tx, w.root, w.kind, w.hook))
		w.cursors = append(w.cursors, h)
	}
	w.run(steps)
	w.must(Clear(w.tx, w.root))
	w.m.es = nil
	w.check()
	w.must(Drop(w.tx, w.root))
	w.noLeak(empty)
}

// noLeak checks that all pages but the first ones are free: they can be had without the file's growing.
func (w *world) noLeak(empty pager.PageNo) {
	w.t.Helper()
	most := w.tx.PageCount()
	for n := empty; n < most; n++ {
		_, _, err := w.tx.Allocate()
		w.must(err)
	}
	if got := w.tx.PageCount(); got != most {
		w.fatalf("%d of %d pages were not given back", got-most, most-empty)
	}
}

func TestModel(t *testing.T) {
	steps := *stepsFlag
	if steps == 0 {
		steps = 2000
	}
	seeds := 60
	if testing.Short() {
		seeds = 20
	}
	eachSeed(t, seeds, func(t *testing.T, seed uint64) { runModel(t, seed, steps) })
}

// walk scans the whole tree with a cursor of its own, which stays behind the last entry.
func (w *world) walk() *held {
	h := &held{}
	w.must(h.c.Open(w.tx, w.root, w.kind, w.hook))
	ok, err := h.c.First()
	for i := range w.m.es {
		w.must(err)
		w.place(h, i, ok)
		ok, err = h.c.Next()
	}
	if ok || err != nil {
		w.fatalf("scan goes on behind the last entry: %v", err)
	}
	return h
}

// eachSeed runs f with the seeds 1 to n, or with that of -seed alone.
func eachSeed(t *testing.T, n int, f func(t *testing.T, seed uint64)) {
	first, last := uint64(1), uint64(n)
	if *seedFlag != 0 {
		first, last = *seedFlag, *seedFlag
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { f(t, seed) })
	}
}
