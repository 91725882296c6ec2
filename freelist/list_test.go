package freelist

// The list against a plain map of pages, with random changes, marks and rollbacks; one seed
// replays a run.

import (
	"errors"
	"flag"
	"math/rand"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/pager/fileformat"
)

var seedFlag = flag.Int64("seed", 1, "seed of the random tests")

func extents(l *List) []Extent {
	var out []Extent
	l.Ascend(func(e Extent) bool { out = append(out, e); return true })
	return out
}

func TestExtentsMergeAndSplit(t *testing.T) {
	l := New()
	for _, e := range []Extent{{5, 2}, {10, 1}, {7, 3}} {
		if err := l.Free(e.First, int(e.N)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]Extent{{5, 6}}, extents(l)); diff != "" {
		t.Fatal(diff)
	}
	if no, ok := l.TakeRun(4); no != 5 || !ok {
		t.Fatalf("TakeRun = %d, %v", no, ok)
	}
	if err := l.Free(9, 1); !errors.Is(err, fileformat.ErrCorrupt) {
		t.Fatalf("double free = %v", err)
	}
	if err := l.Free(8, 3); !errors.Is(err, fileformat.ErrCorrupt) {
		t.Fatalf("overlapping free = %v", err)
	}
	if no, ok := l.Take(); no != 9 || !ok {
		t.Fatalf("Take = %d, %v", no, ok)
	}
	if _, ok := l.TakeRun(2); ok {
		t.Fatal("a run of two out of one page")
	}
	if l.Count() != 1 || !l.Contains(10) || l.Contains(9) || l.Contains(11) {
		t.Fatalf("count %d", l.Count())
	}
}

func TestModel(t *testing.T) {
	t.Logf("replay: go test ./freelist -run TestModel -seed %d", *seedFlag)
	r := rand.New(rand.NewSource(*seedFlag))
	const pages = 600
	l, model := New(), map[PageNo]bool{}
	type saved struct {
		mark  int
		model map[PageNo]bool
	}
	var stack []saved
	for step := 0; step < 30000; step++ {
		switch k := r.Intn(20); {
		case k < 8:
			first, n := PageNo(1+r.Intn(pages)), 1
			if r.Intn(4) == 0 {
				n = 1 + r.Intn(12)
			}
			clash := false
			for i := range n {
				clash = clash || model[first+PageNo(i)]
			}
			if err := l.Free(first, n); (err != nil) != clash {
				t.Fatalf("step %d: Free(%d,%d) = %v, clash %v", step, first, n, err, clash)
			}
			for i := range n {
				if !clash {
					model[first+PageNo(i)] = true
				}
			}
		case k < 13:
			if no, ok := l.Take(); ok {
				for p := range model {
					if p < no {
						t.Fatalf("L4: took %d, %d is free", no, p)
					}
				}
				delete(model, no)
			} else if len(model) > 0 {
				t.Fatal("Take found nothing")
			}
		case k < 16:
			n := 1 + r.Intn(8)
			if no, ok := l.TakeRun(n); ok {
				for i := range n {
					if !model[no+PageNo(i)] {
						t.Fatalf("TakeRun gave page %d, not free", no+PageNo(i))
					}
					delete(model, no+PageNo(i))
				}
			}
		case k < 18:
			copied := map[PageNo]bool{}
			for p := range model {
				copied[p] = true
			}
			stack = append(stack, saved{l.Mark(), copied})
		case len(stack) > 0:
			i := r.Intn(len(stack))
			l.RollbackTo(stack[i].mark, nil)
			model = stack[i].model
			stack = stack[:i]
		}
		if step%50 == 0 {
			if err := l.Check(pages + 20); err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			if int(l.Count()) != len(model) {
				t.Fatalf("step %d: count %d, model %d", step, l.Count(), len(model))
			}
			back := New()
			for first := PageNo(0); first < pages+20; first += 64 {
				var bitmap [8]byte
				n := l.FillBitmap(bitmap[:], first)
				if m, err := back.LoadBitmap(bitmap[:], first); err != nil || m != n {
					t.Fatalf("bitmap: %d, %d, %v", n, m, err)
				}
			}
			if diff := cmp.Diff(extents(l), extents(back)); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

func BenchmarkTakeFree(b *testing.B) {
	l := New()
	for i := range 10000 {
		l.Free(PageNo(1+3*i), 1)
	}
	for b.Loop() {
		no, _ := l.Take()
		l.Free(no, 1)
		l.Forget()
	}
}
