package vm

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand"
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
	c := &cursor{hash: h, key: &KeyInfo{}}
	rec := func(i int) []byte { return fmt.Appendf(nil, "record %*d", i%50, i) }
	all := func() error {
		h.reset()
		h.fs, h.bytesMax = fs, 500
		for i := range 300 {
			x := value.FromInt(int64(i % 40))
			k := c.hashKey([]value.Value{x})
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

// A key has the same number however its kind, and the short cut of integers, have come about; it is found
// by all that equals it.
func TestHashKeys(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	draw := func(ints bool) value.Value {
		n := rng.Int63n(30) - 5
		switch kind := rng.Intn(6); {
		case ints || kind < 2:
			return value.FromInt(n << (rng.Intn(2) * 58))
		case kind < 4:
			return value.FromReal(float64(n<<(rng.Intn(2)*58)) / float64(1+rng.Intn(2)))
		case kind == 4:
			return value.FromString(fmt.Sprint(n))
		}
		return value.FromBlob([]byte{byte(n)})
	}
	for range 300 {
		c := &cursor{hash: new(hashRows), key: &KeyInfo{Cols: make([]record.KeyColumn, 1)}}
		c.hash.reset()
		c.hash.bytesMax = 1 << 20
		numbers := map[string]int32{}
		mixed := rng.Intn(3) // Never, from the beginning, later.
		for i := range 60 {
			x := draw(mixed == 0 || mixed == 2 && i < 30)
			key := string(record.AppendKeyValue(nil, &x, record.KeyColumn{}))
			want, ok := numbers[key]
			if !ok {
				want = int32(len(numbers))
				numbers[key] = want
			}
			if k := c.hashKey([]value.Value{x}); k != want {
				t.Fatalf("key %v has number %d, want %d", x, k, want)
			}
			c.hash.arena = append(c.hash.arena, byte(i))
			if err := c.hash.add(want); err != nil {
				t.Fatal(err)
			}
		}
		m := &Machine{}
		for range 100 {
			m.regs = []value.Value{draw(false)}
			want, ok := numbers[string(record.AppendKeyValue(nil, &m.regs[0], record.KeyColumn{}))]
			if got := m.hashProbe(c, &Instr{}); got != ok || ok && c.hash.cur != int(c.hash.chains[want].first) {
				t.Fatalf("%v: %v, want %v", m.regs[0], got, ok)
			}
		}
	}
}
