package vm

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Rows that lie in a temporary file are those that went in, by key and in their
// order, also for a second reader; every fault of the file is told.
func TestHashRowsSpill(t *testing.T) {
	fs := errfs.New(memfs.New(1))
	h := new(hashRows)
	rec := func(i int) []byte { return fmt.Appendf(nil, "record %*d", i%50, i) }
	all := func() error {
		h.reset()
		h.fs, h.bytesMax = fs, 500
		for i := range 300 {
			x := value.FromInt(int64(i % 40))
			k, _ := h.keyOfInt(&x, true)
			if k < 0 {
				k, _ = h.keyOf(record.AppendKeyInt(nil, x.Int()), &x, true)
			}
			h.arena = append(h.arena, rec(i)...)
			if err := h.add(k); err != nil {
				return err
			}
		}
		second := h.reader()
		for key := range 40 {
			h.cur = int(h.chains[h.ints.find(int64(key))].first)
			for i := key; i < 300; i += 40 {
				second.cur = i
				got, err := h.record()
				again, errAgain := second.record()
				if err = errors.Join(err, errAgain); err != nil {
					return err
				}
				if !bytes.Equal(got, rec(i)) || !bytes.Equal(again, rec(i)) {
					t.Fatalf("key %d: %q and %q, want %q", key, got, again, rec(i))
				}
				h.cur = int(h.rows[h.cur].next)
			}
			if h.cur >= 0 {
				t.Fatalf("key %d has more rows", key)
			}
		}
		return nil
	}
	for n := 1; ; n++ {
		fs.SetPlan(errfs.Plan{Kinds: errfs.All, N: n})
		err := all()
		if fs.Fired() == 0 {
			if err != nil || n < 10 {
				t.Fatalf("%v after %d operations", err, n)
			}
			break
		}
		if !errors.Is(err, errfs.ErrInjected) {
			t.Fatalf("fault %d: got %v", n, err)
		}
	}
	h.reset()
}
