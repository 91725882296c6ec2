package btree_test

import (
	"context"
	"testing"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
)

// Goal: the parts that Cut makes hold all entries between them, in order, each
// once, and are of about the same size; entries is close to the truth.
func TestCut(t *testing.T) {
	p, err := pager.OpenMemory(&pager.Options{PageSize: 1024})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	tx, err := p.BeginWrite(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, n := range []int64{0, 1, 2, 10, 1000, 30000} {
		root, err := btree.Create(tx, btree.IntKey)
		if err != nil {
			t.Fatal(err)
		}
		var c btree.Cursor
		if err := c.Open(tx, root, btree.IntKey, nil); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := c.InsertInt(3*i-n, []byte("some payload")); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range [][2]int64{{-1 << 63, 1<<63 - 1}, {-n, 0}, {5, 5}, {n / 2, n}} {
			count := int64(0)
			for i := range n {
				if k := 3*i - n; k >= r[0] && k <= r[1] {
					count++
				}
			}
			for _, most := range []int{1, 2, 3, 8} {
				cuts, entries, err := c.Cut(r[0], r[1], most)
				if err != nil {
					t.Fatal(err)
				}
				if len(cuts) >= most || len(cuts) < most-1 && count >= 100 {
					t.Errorf("%d entries from %d to %d: %d cuts for %d parts", count, r[0], r[1], len(cuts), most)
				}
				if d := entries - count; d < -10-n/20 || d > 10+n/20 {
					t.Errorf("%d entries from %d to %d: told %d", count, r[0], r[1], entries)
				}
				last := r[0]
				for _, k := range append(cuts, r[1]) {
					if k < last || k > r[1] || k == r[0] && r[0] != r[1] {
						t.Errorf("cuts %d from %d to %d", cuts, r[0], r[1])
					}
					part := min(k, 2*n) - max(last, -n)
					if all := min(r[1], 2*n) - max(r[0], -n); n >= 1000 && len(cuts) > 0 && float64(part) > 1.3*float64(all)/float64(most)+300 {
						t.Errorf("a part of %d keys of %d, for %d parts", part, all, most)
					}
					last = k
				}
			}
		}
	}
}
