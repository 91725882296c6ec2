package vm

import (
	"bytes"
	"math"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// topBar is the bar of a sorter with a limit as numbers: which of them, as the
// first column of a key, come before it. Keys grow with their numbers, so there
// is one number for each kind from which on they do not.
type topBar struct {
	key    []byte // The bar.
	col    record.KeyColumn
	single bool // Nothing follows the column: its equals are turned away too.
	known  uint8
	ints   int64
	reals  float64
	// none of the integers or reals passes.
	noInts, noReals bool
	buf             []byte
}

// passes reports whether the sorter may take a key that begins with x.
func (t *topBar) passes(x *value.Value) bool {
	t.buf = record.AppendKeyValue(t.buf[:0], x, t.col)
	order := bytes.Compare(t.buf, t.key)
	return order < 0 || order == 0 && !t.single
}

// set makes t the bar of a sorter whose key is k; that it is known for goes on
// while it is the same.
func (t *topBar) set(bar []byte, k *KeyInfo) {
	col, single := k.keyColumn(0), len(k.Cols) == 1
	if bytes.Equal(t.key, bar) && t.col == col && t.single == single {
		return
	}
	t.key, t.col, t.single, t.known = append(t.key[:0], bar...), col, single, 0
}

// findInts finds the last integer that passes.
func (t *topBar) findInts() {
	if t.known&record.LaneInt != 0 {
		return
	}
	t.known |= record.LaneInt
	t.noInts, t.ints = t.last(math.MinInt64, math.MaxInt64, value.FromInt)
}

// findReals finds the last real that passes.
func (t *topBar) findReals() {
	if t.known&record.LaneReal != 0 {
		return
	}
	t.known |= record.LaneReal
	real := func(i int64) value.Value {
		return value.FromReal(math.Float64frombits(uint64(i ^ i>>63&math.MaxInt64)))
	}
	ordered := func(f float64) int64 { i := int64(math.Float64bits(f)); return i ^ i>>63&math.MaxInt64 }
	none, last := t.last(ordered(math.Inf(-1)), ordered(math.Inf(1)), real)
	x := real(last)
	t.noReals, t.reals = none, x.Real()
}

// last searches low..high, whose numbers pass up to one of them, or in a
// descending order from one of them on.
func (t *topBar) last(low, high int64, number func(int64) value.Value) (none bool, last int64) {
	for span := uint64(high) - uint64(low); span > 0; span = uint64(high) - uint64(low) {
		// The half that begins at middle is not empty, nor is the other one.
		middle := int64(uint64(low) + span/2 + 1)
		x := number(middle)
		if t.col.Desc {
			x = number(middle - 1)
		}
		if t.passes(&x) != t.col.Desc {
			low = middle
		} else {
			high = middle - 1
		}
	}
	x := number(low)
	return !t.passes(&x), low
}

// vectorAway executes VAway.
func (m *Machine) vectorAway(in *Instr) {
	s, c := &m.vec, &m.cursors[in.P1]
	v, out := &s.v[in.P2], s.v[in.P3].truths(len(s.sel))
	bar := c.sorter.Bar()
	if bar == nil {
		fill(out, laneTrue)
		return
	}
	t := &s.top
	t.set(bar, c.key)
	op := OpLe
	if t.col.Desc {
		op = OpGe
	}
	none := false
	switch kind := v.seen &^ record.LaneNull; {
	case v.constant || kind != record.LaneInt && kind != record.LaneReal:
		for i := range out {
			v.lane(s.sel, i, &s.x)
			out[i] = uint8(b2i(t.passes(&s.x)))
		}
		return
	case kind == record.LaneInt:
		t.findInts()
		none = t.noInts
		compareConst(op, v.bits, t.ints, out)
	default:
		t.findReals()
		none = t.noReals
		compareConst(op, s.realsOf(0, v, len(out)), t.reals, out)
	}
	if none {
		fill(out, laneFalse)
	}
	if v.seen&record.LaneNull != 0 {
		null := value.Value{}
		passes := uint8(b2i(t.passes(&null)))
		for i, k := range v.kinds[:len(out)] {
			if k == record.LaneNull {
				out[i] = passes
			}
		}
	}
}
