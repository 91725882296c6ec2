package vm

import (
	"bytes"
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: every kernel gives what the row opcodes give, on random vectors of
// one kind, with NULLs, of mixed kinds, with extreme numbers, with constants
// on either side, in batches of 0, 1, 7 and 1024 lanes. The seed is fixed.

type source struct {
	name string
	make func(rng *rand.Rand) value.Value
}

func pick[T any](rng *rand.Rand, list ...T) T { return list[rng.Intn(len(list))] }

func anInt(rng *rand.Rand) value.Value {
	return value.FromInt(pick(rng, rng.Int63n(10)-5, rng.Int63()-rng.Int63(), int64(0), 1, -1, 12, 127, 128, -129, 40000, 1<<40, 1<<53, 1<<53+1))
}

func aReal(rng *rand.Rand) value.Value {
	return value.FromReal(pick(rng, float64(rng.Intn(10)-5), rng.NormFloat64(), 0, math.Copysign(0, -1), 1e300, -1e300, math.Inf(1), math.Inf(-1), 1<<53, 9.3e18, 0.5))
}

func aText(rng *rand.Rand) value.Value {
	return value.FromString(pick(rng, "", "a", "b", "abc", "12", "-5", "1e3", "0.5x", string(make([]byte, 200))))
}

var sources = []source{
	{"small ints", func(rng *rand.Rand) value.Value { return value.FromInt(rng.Int63n(100)) }},
	{"ints", anInt},
	{"extreme ints", func(rng *rand.Rand) value.Value {
		return value.FromInt(pick(rng, int64(math.MinInt64), math.MaxInt64, -1, 0, 1, 2, math.MinInt64+1))
	}},
	{"reals", aReal},
	{"texts", aText},
	{"nulls", func(*rand.Rand) value.Value { return value.Value{} }},
	{"ints and nulls", func(rng *rand.Rand) value.Value { return pick(rng, anInt(rng), value.Value{}) }},
	{"reals and nulls", func(rng *rand.Rand) value.Value { return pick(rng, aReal(rng), value.Value{}) }},
	{"ints, reals and nulls", func(rng *rand.Rand) value.Value { return pick(rng, anInt(rng), aReal(rng), value.Value{}) }},
	{"texts and nulls", func(rng *rand.Rand) value.Value { return pick(rng, aText(rng), value.Value{}) }},
	{"mixed", func(rng *rand.Rand) value.Value {
		return pick(rng, anInt(rng), aReal(rng), aText(rng), value.Value{}, value.FromBlob([]byte{0, 1, 2}))
	}},
}

// bench is a machine with a batch of random rows.
type kernelBench struct {
	t    *testing.T
	m    *Machine
	rows [][]value.Value
	l    *lanes
}

// newKernelBench makes n rows whose column i is drawn from source i.
func newKernelBench(t *testing.T, rng *rand.Rand, n int, cols ...source) *kernelBench {
	b := &kernelBench{t: t, m: &Machine{frame: frame{prog: &Program{Vectors: 10}}, epoch: 1, session: &Session{}}, l: &lanes{}}
	b.m.cursors = make([]cursor, 1)
	b.m.cursors[0].lanes = b.l
	b.m.vec.v = make([]vector, 10)
	for i := range n {
		row := make([]value.Value, len(cols))
		for k := range cols {
			row[k] = cols[k].make(rng)
		}
		b.rows = append(b.rows, row)
		b.l.batch.Payloads = append(b.l.batch.Payloads, record.AppendRecord(nil, row))
		b.l.batch.IntKeys = append(b.l.batch.IntKeys, int64(i)*3)
		b.m.vec.sel = append(b.m.vec.sel, int32(i))
	}
	b.l.batch.N, b.l.batch.Whole = n, true
	b.l.decoder.Reset(b.l.batch.Payloads)
	b.m.vec.batch = 1
	return b
}

// load puts column col into vector v, or its first lane's value as constant.
func (b *kernelBench) load(col, v int, constant bool) {
	if constant {
		b.m.vec.v[v].setConst(&b.rows[0][col])
		return
	}
	if err := b.m.vectorColumn(&Instr{P2: int32(col), P3: int32(v)}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *kernelBench) operand(i, col int, constant bool) *value.Value {
	if constant {
		i = 0
	}
	return &b.rows[i][col]
}

func same(a, b *value.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	return value.Compare(a, b, nil) == 0
}

func show(v *value.Value) string { return fmt.Sprintf("%s %q", v.Kind(), v.TextBytes()) }

// pairs runs f over all pairs of sources, sizes and constant sides.
func pairs(t *testing.T, f func(t *testing.T, b *kernelBench, lc, rc bool)) {
	rng := rand.New(rand.NewSource(5))
	for _, l := range sources {
		for _, r := range sources {
			t.Run(l.name+"/"+r.name, func(t *testing.T) {
				for _, n := range []int{0, 1, 7, 1024} {
					for side := range 4 {
						if side > 0 && n == 0 {
							continue
						}
						b := newKernelBench(t, rng, n, l, r)
						b.load(0, 0, side&1 != 0)
						b.load(1, 1, side&2 != 0)
						f(t, b, side&1 != 0, side&2 != 0)
					}
				}
			})
		}
	}
}

func TestColumnKernel(t *testing.T) {
	rng := rand.New(rand.NewSource(6))
	for _, a := range sources {
		for _, c := range sources {
			b := newKernelBench(t, rng, 1024, a, c, a)
			for col := range 4 {
				b.load(col, 0, false)
				for i := range b.rows {
					var got, want value.Value
					b.m.vec.v[0].lane(b.m.vec.sel, i, &got)
					if col < 3 {
						want = b.rows[i][col]
					}
					if !same(&got, &want) {
						t.Fatalf("%s/%s column %d: got %s, want %s", a.name, c.name, col, show(&got), show(&want))
					}
				}
			}
		}
	}
}

func TestCompareKernels(t *testing.T) {
	pairs(t, func(t *testing.T, b *kernelBench, lc, rc bool) {
		for op := OpEq; op <= OpGe; op++ {
			for _, flags := range []uint16{0, uint16(value.AffNumeric), uint16(value.AffText), CmpNullEq} {
				in := &Instr{P1: 0, P2: 1, P3: 2, P4: -1, P5: flags | uint16(op-OpEq)<<12}
				b.m.vectorCompare(in)
				for i, got := range b.m.vec.v[2].truth {
					x, y := b.operand(i, 0, lc), b.operand(i, 1, rc)
					want := b.m.compareValues(&Instr{Op: op, P4: -1, P5: flags}, x, y)
					if got != uint8(want) {
						t.Fatalf("%s %s %s (flags %x): got %d, want %d", show(x), op, show(y), flags, got, want)
					}
				}
			}
		}
	})
}

func TestArithKernels(t *testing.T) {
	pairs(t, func(t *testing.T, b *kernelBench, lc, rc bool) {
		for _, op := range []Op{OpAdd, OpSubtract, OpMultiply, OpDivide, OpRemainder, OpBitAnd, OpBitOr, OpShiftLeft, OpNegate} {
			out := &b.m.vec.v[2]
			if op == OpNegate {
				b.m.vectorNegate(&b.m.vec.v[0], out)
			} else {
				b.m.vectorArith(op, &b.m.vec.v[0], &b.m.vec.v[1], out)
			}
			for i := range b.rows {
				x, y := b.operand(i, 0, lc), b.operand(i, 1, rc)
				var got, want value.Value
				if op == OpNegate {
					negate(x, &want)
				} else {
					arithOrBits(op, x, y, &want)
				}
				out.lane(b.m.vec.sel, i, &got)
				if !same(&got, &want) {
					t.Fatalf("%s %s %s: got %s, want %s", show(x), op, show(y), show(&got), show(&want))
				}
			}
			// The result is an operand like any other.
			nulls := out.truths(len(b.rows))
			out.isNull(len(b.rows), false, nulls)
			for i := range nulls {
				var x value.Value
				if out.lane(b.m.vec.sel, i, &x); x.IsNull() != (nulls[i] == laneTrue) {
					t.Fatalf("IS NULL of %s is %d", show(&x), nulls[i])
				}
			}
		}
	})
}

func TestLogicKernels(t *testing.T) {
	a := []uint8{0, 0, 0, 1, 1, 1, 2, 2, 2}
	b := []uint8{0, 1, 2, 0, 1, 2, 0, 1, 2}
	out := make([]uint8, 9)
	for _, k := range []struct {
		table *[16]uint8
		f     func(a, b value.Truth) value.Truth
	}{{&truthAnd, andTruth}, {&truthOr, orTruth}} {
		combine(k.table, a, b, out)
		for i := range out {
			if want := k.f(value.Truth(a[i]), value.Truth(b[i])); out[i] != uint8(want) {
				t.Errorf("%d, %d: got %d, want %d", a[i], b[i], out[i], want)
			}
		}
	}
	invert(a, out)
	if out[0] != 1 || out[3] != 0 || out[6] != 2 {
		t.Errorf("NOT: %v", out)
	}
	s := vectors{sel: []int32{5, 6, 7, 8, 9}}
	s.filter([]uint8{1, 2, 0, 1, 1})
	if fmt.Sprint(s.sel) != "[5 8 9]" {
		t.Errorf("filter: %v", s.sel)
	}
}

// A column that its vector holds from before some filters is narrowed to what
// decoding it again would give.
func TestNarrow(t *testing.T) {
	rng := rand.New(rand.NewSource(8))
	for _, src := range sources {
		for _, n := range []int{0, 1, 7, 1024} {
			b := newKernelBench(t, rng, n, src)
			b.load(0, 0, false)
			for again := 1; again < 6; again++ {
				for range rng.Intn(3) {
					truth := make([]uint8, len(b.m.vec.sel))
					for i := range truth {
						truth[i] = pick[uint8](rng, laneFalse, laneTrue, laneTrue, laneTrue, laneUnknown)
					}
					b.m.vec.filter(truth)
				}
				b.load(0, 0, false)
				b.load(0, again, false)
				sel := b.m.vec.sel
				for i := range sel {
					var narrowed, decoded value.Value
					b.m.vec.v[0].lane(sel, i, &narrowed)
					b.m.vec.v[again].lane(sel, i, &decoded)
					if want := &b.rows[sel[i]][0]; !same(&narrowed, &decoded) || !same(&decoded, want) {
						t.Fatalf("%s, lane %d of %d: %s, decoded %s, want %s", src.name, i, len(sel), show(&narrowed), show(&decoded), show(want))
					}
				}
			}
		}
	}
}

// Accumulators get from VAgg what they would get row by row, whether they
// take batches or not.
func TestAggKernels(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	reg := fn.Builtin()
	for _, src := range sources {
		for _, n := range []int{0, 1, 7, 1024} {
			for _, constant := range []bool{false, n > 0} {
				b := newKernelBench(t, rng, n, src)
				b.load(0, 0, constant)
				for _, name := range []string{"count", "sum", "total", "avg", "min", "max"} {
					f, _ := reg.Lookup(name, 1)
					b.m.prog.Calls = []FuncCall{{Func: f, NArg: 1}}
					b.m.accs, b.m.accFns, b.m.aux = make([]fn.Accumulator, 1), make([]*fn.Func, 1), make([]any, 1)
					// Twice, as the second batch meets what the first left.
					for range 2 {
						if err := b.m.vectorAgg(&Instr{P1: 0}); err != nil {
							t.Fatal(err)
						}
					}
					want := f.NewAggregate()
					for range 2 {
						for i := range n {
							if err := want.Step(&fn.Context{}, []value.Value{*b.operand(i, 0, constant)}); err != nil {
								t.Fatal(err)
							}
						}
					}
					var x, y value.Value
					errX := b.m.accumulator(0, &b.m.prog.Calls[0]).Final(&fn.Context{}, &x)
					errY := want.Final(&fn.Context{}, &y)
					if (errX == nil) != (errY == nil) || errX == nil && !same(&x, &y) {
						t.Fatalf("%s of %d %s: got %s %v, want %s %v", name, n, src.name, show(&x), errX, show(&y), errY)
					}
				}
			}
		}
	}
}

// Truths, choices and sets are what the values say, lane by lane.
func TestValueKernels(t *testing.T) {
	pairs(t, func(t *testing.T, b *kernelBench, lc, rc bool) {
		n := len(b.rows)
		s := &b.m.vec
		s.v[0].truthOf(s, s.v[2].truths(n))
		s.v[3].setTruths(s.v[2].truth)
		s.choose(s.v[2].truth, &s.v[0], &s.v[1], &s.v[4])
		s.choose(s.v[2].truth, &s.v[4], &s.v[0], &s.v[5]) // One of them is from an arena at times.
		for i := range n {
			x, y := *b.operand(i, 0, lc), *b.operand(i, 1, rc)
			var truth, got value.Value
			setTruth(&truth, x.Truth())
			first := y
			if x.Truth() == value.True {
				first = x
			}
			for v, want := range map[int]value.Value{3: truth, 4: first, 5: x} {
				s.v[v].lane(s.sel, i, &got)
				if !same(&got, &want) || s.v[v].seen&kindBit(&got) == 0 {
					t.Fatalf("%s, %s: vector %d is %s, want %s", show(&x), show(&y), v, show(&got), show(&want))
				}
			}
		}
	})
}

func TestInKernel(t *testing.T) {
	rng := rand.New(rand.NewSource(8))
	for _, size := range []int{0, 1, 3, 30} {
		pairs(t, func(t *testing.T, b *kernelBench, lc, _ bool) {
			aff := pick(rng, value.AffBlob, value.AffText, value.AffNumeric, value.AffInteger)
			list := &InList{Affinity: aff, Not: rng.Intn(2) == 0}
			b.m.regs = nil
			for range size {
				x := value.Value{}
				if len(b.rows) > 0 {
					x = b.rows[rng.Intn(len(b.rows))][1]
				}
				list.Regs, b.m.regs = append(list.Regs, int32(len(b.m.regs))), append(b.m.regs, x)
			}
			b.m.prog.Objects = []any{list}
			b.m.vectorIn(&Instr{P1: 0, P3: 2})
			for i, got := range b.m.vec.v[2].truth {
				x := *b.operand(i, 0, lc)
				want := isFalse
				x.ApplyAffinity(aff)
				for _, y := range b.m.regs {
					y.ApplyAffinity(aff)
					if is := b.m.compareValues(&Instr{Op: OpEq, P4: -1}, &x, &y); is == isTrue || is == isNull && want == isFalse {
						want = is
					}
				}
				if want != isNull && list.Not {
					want ^= isTrue
				}
				if got != uint8(want) {
					t.Fatalf("%s in %d values (affinity %c): got %d, want %d", show(&x), size, aff, got, want)
				}
			}
		})
	}
}

// What VAway says of a lane is what the lane's key says.
func TestAwayKernel(t *testing.T) {
	for i, col := range []record.KeyColumn{{}, {Desc: true}, {BigNull: true}, {Desc: true, BigNull: true}} {
		width := 1 + i&1
		pairs(t, func(t *testing.T, b *kernelBench, lc, _ bool) {
			if len(b.rows) < 1024 {
				return
			}
			key := &KeyInfo{Cols: []record.KeyColumn{col, {}}[:width]}
			c := &b.m.cursors[0]
			c.key = key
			var s sorter.Sorter
			defer s.Close()
			s.Open(sorter.Options{Limit: 5})
			c.sorter = &s
			for _, row := range b.rows {
				if err := s.Add(record.AppendKey(nil, row[1:2], key.Cols[:1]), nil); err != nil {
					t.Fatal(err)
				}
			}
			b.m.vectorAway(&Instr{P2: 0, P3: 2})
			for i, got := range b.m.vec.v[2].truth {
				x := *b.operand(i, 0, lc)
				enc := record.AppendKeyValue(nil, &x, col)
				want := s.Bar() == nil || bytes.Compare(enc, s.Bar()) < b2i(width > 1)
				if (got == laneTrue) != want {
					t.Fatalf("%s against % x (%v, %d columns): got %d", show(&x), s.Bar(), col, width, got)
				}
			}
		})
	}
}
