package sorter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/rustlite/rustlite/pager/vfs/errfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

// Goal: the sorter equals a stable sort by comparison, whatever the keys look
// like, in memory and through runs, with and without a limit.

type pair struct{ key, payload []byte }

var shapes = map[string]func(rng *rand.Rand) []byte{
	"ints":     func(rng *rand.Rand) []byte { return binary.BigEndian.AppendUint32(nil, rng.Uint32()) },
	"few":      func(rng *rand.Rand) []byte { return []byte{byte(rng.Intn(10))} },
	"equal":    func(rng *rand.Rand) []byte { return []byte("the same long key for all of them") },
	"prefixed": func(rng *rand.Rand) []byte { return fmt.Appendf(nil, "https://example.org/path/%06d", rng.Intn(5000)) },
	"zeros":    func(rng *rand.Rand) []byte { return make([]byte, rng.Intn(30)) },
	"nested":   func(rng *rand.Rand) []byte { return bytes.Repeat([]byte("ab"), rng.Intn(200)) },
	"empty":    func(rng *rand.Rand) []byte { return nil },
	"random": func(rng *rand.Rand) []byte {
		b := make([]byte, rng.Intn(20))
		for i := range b {
			b[i] = byte(rng.Intn(3))
		}
		return b
	},
	"short": func(rng *rand.Rand) []byte {
		b := make([]byte, rng.Intn(inlineMax+1))
		for i := range b {
			b[i] = byte(rng.Intn(2) * 255)
		}
		return b
	},
	"rows": func(rng *rand.Rand) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte{9}, rng.Uint32()>>8), rng.Uint32()>>16)
	},
	"long tail": func(rng *rand.Rand) []byte {
		return append(append([]byte("0123456789abcdef"), byte(rng.Intn(3))), bytes.Repeat([]byte{byte(rng.Intn(2))}, 40+rng.Intn(2))...)
	},
}

// entries are n entries: with payloads, without, or with few, which take keys out of their places.
func entries(rng *rand.Rand, shape func(*rand.Rand) []byte, n int) []pair {
	list := make([]pair, n)
	few := rng.Intn(3)
	for i := range list {
		list[i].key = shape(rng)
		if few == 0 || few == 1 && rng.Intn(1000) == 0 {
			list[i].payload = fmt.Append(nil, i)
		}
	}
	return list
}

func fill(t *testing.T, s *Sorter, o Options, list []pair) {
	t.Helper()
	s.Open(o)
	for _, p := range list {
		if err := s.Add(p.key, p.payload); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t *testing.T, s *Sorter, o Options, list []pair) {
	t.Helper()
	fill(t, s, o, list)
	checkOrder(t, s, o, list)
}

// checkOrder sorts what s has of list, twice.
func checkOrder(t *testing.T, s *Sorter, o Options, list []pair) {
	t.Helper()
	for range 2 {
		checkOnce(t, s, o, list)
	}
}

func checkOnce(t *testing.T, s *Sorter, o Options, list []pair) {
	t.Helper()
	want := slices.Clone(list)
	slices.SortStableFunc(want, func(a, b pair) int { return bytes.Compare(a.key, b.key) })
	if o.Limit > 0 && int64(len(want)) > o.Limit {
		want = want[:o.Limit]
	}
	ok, err := s.Sort()
	i := 0
	for ; ok; ok, err = s.Next() {
		if i == len(want) {
			t.Fatalf("more than %d entries", i)
		}
		if !bytes.Equal(s.Key(), want[i].key) || !bytes.Equal(s.Payload(), want[i].payload) {
			t.Fatalf("entry %d: got %q %q, want %q %q", i, s.Key(), s.Payload(), want[i].key, want[i].payload)
		}
		i++
	}
	if err != nil || i != len(want) {
		t.Fatalf("%d entries, %v, want %d", i, err, len(want))
	}
	for _, n := range []int{1, 2, 7, len(want) / 3, len(want) - 1, len(want), len(want) + 9} {
		if n <= 0 {
			continue
		}
		if ok, err := s.Sort(); err != nil || ok != (len(want) > 0) {
			t.Fatalf("sorted once more: %v, %v", ok, err)
		} else if !ok {
			return
		}
		if ok, err := s.Skip(int64(n)); err != nil || ok != (n < len(want)) {
			t.Fatalf("%v, %v after skipping %d of %d", ok, err, n, len(want))
		}
		for i := n; i < min(n+5, len(want)); i++ {
			if !bytes.Equal(s.Key(), want[i].key) || !bytes.Equal(s.Payload(), want[i].payload) {
				t.Fatalf("entry %d after skipping %d: got %q, want %q", i, n, s.Key(), want[i].key)
			}
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSorter(t *testing.T) {
	fs := memfs.New(1)
	var s Sorter
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewSource(3))
			for _, n := range []int{0, 1, 2, 100, radixMin, 5000, 1, 100, radixMin, 5000} {
				list := entries(rng, shape, n)
				for _, budget := range []int{0, 2000, 40000} {
					for _, limit := range []int64{0, 1, 10, 3000} {
						check(t, &s, Options{FS: fs, BytesMax: budget, Limit: limit}, list)
					}
				}
			}
		})
	}
	s.Close()
}

// More entries than are near the processor are dealt out first.
func TestMany(t *testing.T) {
	var s Sorter
	rng := rand.New(rand.NewSource(5))
	for name, shape := range shapes {
		for range 2 {
			list := entries(rng, shape, 2*nearMax)
			t.Run(name, func(t *testing.T) { check(t, &s, Options{FS: memfs.New(1)}, list) })
		}
	}
	s.Close()
}

// Sorters that have been arranged are absorbed by the first, and merged.
func TestParts(t *testing.T) {
	fs := memfs.New(1)
	var parts [4]Sorter
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewSource(4))
			for _, n := range []int{0, 1, 3, 300, 5000, 3, 300, 5000} {
				list := entries(rng, shape, n)
				for _, budget := range []int{0, 2000, 40000, 200000} {
					for _, limit := range []int64{0, 10, 3000} {
						o := Options{FS: fs, BytesMax: budget, Limit: limit}
						from := 0
						for i := range parts {
							to := from + rng.Intn(n-from+1)
							if i == len(parts)-1 {
								to = n
							}
							fill(t, &parts[i], o, list[from:to])
							if err := parts[i].Arrange(); err != nil {
								t.Fatal(err)
							}
							from = to
						}
						for i := range parts[1:] {
							if err := parts[0].Absorb(&parts[i+1]); err != nil {
								t.Fatal(err)
							}
						}
						checkOrder(t, &parts[0], o, list)
					}
				}
			}
		})
	}
}

// Every fault of the temporary files surfaces, and leaves a sorter that works
// again.
func TestFaults(t *testing.T) {
	fs := errfs.New(memfs.New(1))
	var s Sorter
	sortAll := func() error {
		s.Open(Options{FS: fs, BytesMax: 4000})
		key := make([]byte, 8)
		for i := range 2000 {
			binary.BigEndian.PutUint64(key, scatter(i))
			if err := s.Add(key, key); err != nil {
				return err
			}
		}
		n := 0
		ok, err := s.Sort()
		for ; ok; ok, err = s.Next() {
			n++
		}
		if err == nil && n != 2000 {
			t.Fatalf("%d entries without an error", n)
		}
		return err
	}
	for n := 1; ; n++ {
		fs.SetPlan(errfs.Plan{Kinds: errfs.All, N: n})
		err := sortAll()
		if fs.Fired() == 0 {
			if err != nil {
				t.Fatal(err)
			}
			if n < 10 {
				t.Errorf("only %d operations", n)
			}
			break
		}
		if !errors.Is(err, errfs.ErrInjected) {
			t.Fatalf("fault %d: got %v", n, err)
		}
	}
	s.Close()
}

// Many runs are merged in several rounds; entries may be larger than the
// budget and than the buffers.
func TestManyRuns(t *testing.T) {
	rng := rand.New(rand.NewSource(4))
	list := make([]pair, 1200)
	for i := range list {
		list[i] = pair{fmt.Appendf(nil, "%04d", rng.Intn(700)), make([]byte, rng.Intn(600))}
		list[i].payload = fmt.Append(list[i].payload, i)
	}
	list[77].payload = make([]byte, 2*readBytesMax)
	list[900].key = bytes.Repeat([]byte("0500"), 100000)
	var s Sorter
	check(t, &s, Options{FS: memfs.New(1), BytesMax: 1000}, list)
	if len(s.runs.list) < 2 {
		t.Errorf("%d runs", len(s.runs.list))
	}
	s.Close()
}

func TestSortIsInterrupted(t *testing.T) {
	stop := errors.New("stop")
	backwards := func(a, b []byte) int { return bytes.Compare(b, a) }
	for name, o := range map[string]Options{
		"in memory": {}, "by comparison": {Compare: backwards}, "with runs": {BytesMax: 100}, "the first ones": {Limit: 9000},
	} {
		var s Sorter
		asked, most := 0, 1<<30
		o.FS, o.Poll = memfs.New(1), func() error {
			if asked++; asked > most {
				return stop
			}
			return nil
		}
		fill := func() (err error) {
			s.Open(o)
			asked = 0
			for i := 0; i < 50000 && err == nil; i++ {
				err = s.Add(fmt.Append(nil, i*7919%50021), nil)
			}
			if err == nil {
				_, err = s.Sort()
			}
			return err
		}
		if err := fill(); err != nil || asked == 0 {
			t.Fatalf("%s: asked %d times, %v", name, asked, err)
		}
		for most = asked - 1; most >= 0; most -= 1 + most/7 {
			if err := fill(); !errors.Is(err, stop) {
				t.Errorf("%s: stopped at question %d: %v", name, most+1, err)
			}
		}
		most = 1 << 30
		if err := fill(); err != nil || s.o.Compare == nil && string(s.Key()) != "0" {
			t.Errorf("%s: the next sort begins with %q, %v", name, s.Key(), err)
		}
		s.Close()
	}
}

func TestReuseDoesNotAllocate(t *testing.T) {
	var s Sorter
	key := make([]byte, 8)
	once := func() {
		s.Open(Options{})
		for i := range 100 {
			binary.BigEndian.PutUint64(key, uint64(i*7919%101))
			s.Add(key, key)
		}
		for ok, _ := s.Sort(); ok; ok, _ = s.Next() {
		}
	}
	once()
	if a := testing.AllocsPerRun(20, once); a > 0 {
		t.Errorf("%v allocations", a)
	}
}

func benchmark(b *testing.B, o Options, key func(dst []byte, i int) []byte) {
	const n = 1_000_000
	o.FS = memfs.New(1)
	var s Sorter
	var k []byte
	payload := []byte("some payload of a row")
	b.ReportAllocs()
	for b.Loop() {
		s.Open(o)
		for i := range n {
			k = key(k[:0], i)
			if err := s.Add(k, payload); err != nil {
				b.Fatal(err)
			}
		}
		ok, err := s.Sort()
		for ok {
			ok, err = s.Next()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
}

func scatter(i int) uint64 { return uint64(i) * 0x9e3779b97f4a7c15 }

func BenchmarkInts(b *testing.B) {
	benchmark(b, Options{BytesMax: 256 << 20}, func(k []byte, i int) []byte { return binary.BigEndian.AppendUint32(k, uint32(scatter(i)>>40)) })
}

func BenchmarkTexts(b *testing.B) {
	benchmark(b, Options{BytesMax: 256 << 20}, func(k []byte, i int) []byte {
		return binary.BigEndian.AppendUint64(append(k, "prefix "...), scatter(i))
	})
}

func BenchmarkTop10(b *testing.B) {
	benchmark(b, Options{Limit: 10}, func(k []byte, i int) []byte { return binary.BigEndian.AppendUint64(k, scatter(i)) })
}

func BenchmarkSpill(b *testing.B) {
	benchmark(b, Options{BytesMax: 8 << 20}, func(k []byte, i int) []byte { return binary.BigEndian.AppendUint64(k, scatter(i)) })
}

func BenchmarkKeys(b *testing.B) {
	const n = 1_000_000
	var s Sorter
	var k []byte
	for b.Loop() {
		s.Open(Options{BytesMax: 256 << 20})
		for i := range n {
			k = binary.BigEndian.AppendUint32(append(k[:0], 5), uint32(scatter(i)>>40))
			k = binary.BigEndian.AppendUint32(k, uint32(i))
			if err := s.Add(k, nil); err != nil {
				b.Fatal(err)
			}
		}
		sum := 0
		ok, err := s.Sort()
		for ok {
			sum += len(s.Key())
			ok, err = s.Next()
		}
		if err != nil || sum != 9*n {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
}
