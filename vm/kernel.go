package vm

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Kernels. Each has loops for vectors of integers and of reals, NULLs among
// them or not, written so that the compiler makes no branch of a lane's
// outcome; everything else (texts, mixed kinds, overflow) goes lane by lane
// through the functions of the row opcodes, so the answers cannot differ.

// Lanes of a truth vector.
const (
	laneFalse   = 0
	laneTrue    = 1
	laneUnknown = 2
)

// truthAnd and truthOr by a<<2|b, truthNot by a.
var (
	truthAnd = [16]uint8{
		0, 0, 0, 0,
		0, 1, 2, 0,
		0, 2, 2, 0,
	}
	truthOr = [16]uint8{
		0, 1, 2, 0,
		1, 1, 1, 0,
		2, 1, 2, 0,
	}
	truthNot = [4]uint8{1, 0, 2, 0}
)

func combine(table *[16]uint8, a, b, out []uint8) {
	a, b = a[:len(out)], b[:len(out)]
	for i := range out {
		out[i] = table[(a[i]<<2|b[i])&15]
	}
}

func invert(a, out []uint8) {
	a = a[:len(out)]
	for i := range out {
		out[i] = truthNot[a[i]&3]
	}
}

// isNull executes VIsNull; not = IS NOT NULL.
func (v *vector) isNull(n int, not bool, out []uint8) {
	flip := uint8(b2i(not))
	if v.constant || v.seen&(v.seen-1) == 0 {
		fill(out, v.seen&record.LaneNull^flip)
		return
	}
	for i, k := range v.kinds[:n] {
		out[i] = k&record.LaneNull ^ flip
	}
}

// truthOf executes VTruth.
func (v *vector) truthOf(s *vectors, out []uint8) {
	switch {
	case v.constant:
		fill(out, uint8(v.val.Truth()))
		return
	case v.seen&^record.LaneNull == record.LaneInt:
		compareConst(OpNe, v.bits, 0, out)
	case v.seen&^record.LaneNull == record.LaneReal:
		compareConst(OpNe, s.realsOf(0, v, len(out)), 0, out)
	default:
		for i := range out {
			v.lane(s.sel, i, &s.x)
			out[i] = uint8(s.x.Truth())
		}
		return
	}
	v.markUnknown(out)
}

// setTruths makes v a vector of 1, 0 and NULL.
func (v *vector) setTruths(truth []uint8) {
	v.open(len(truth))
	v.seen = 0
	for i, t := range truth {
		v.bits[i] = int64(t & laneTrue)
		v.kinds[i] = record.LaneInt >> (t >> 1)
		v.seen |= v.kinds[i]
	}
}

// texts reports whether texts or blobs are among the lanes.
func (v *vector) texts() bool { return v.seen&(record.LaneText|record.LaneBlob) != 0 }

// choose executes VChoose: lanes of a where truth is true, of b elsewhere.
func (s *vectors) choose(truth []uint8, a, b, out *vector) {
	n := len(s.sel)
	truth = truth[:n]
	var lanes *lanes // Of the texts.
	switch {
	case a.texts() && !a.constant:
		lanes = a.lanes
	case b.texts() && !b.constant:
		lanes = b.lanes
	}
	if a.texts() && (lanes == nil || a.lanes != lanes) || b.texts() && (lanes == nil || b.lanes != lanes) {
		s.chooseCopies(truth, a, b, out)
		return
	}
	x, y := a.number(n), b.number(n)
	out.open(n)
	out.lanes = lanes
	for i, t := range truth {
		out.bits[i] = y[i] ^ (x[i]^y[i])&-int64(t&laneTrue)
	}
	if out.seen = a.seen | b.seen; out.seen&(out.seen-1) == 0 {
		return
	}
	out.seen = 0
	for i, t := range truth {
		ka, kb := a.kind(i), b.kind(i)
		k := kb ^ (ka^kb)&-(t&laneTrue)
		out.kinds[i] = k
		out.seen |= k
	}
}

// chooseCopies is choose for texts of several places: they are copied, that of
// a constant once.
func (s *vectors) chooseCopies(truth []uint8, a, b, out *vector) {
	out.open(len(truth))
	out.seen = 0
	stored := [2]int{-1, -1} // The lanes that hold the constants.
	for i, t := range truth {
		v := b
		if t == laneTrue {
			v = a
		}
		if first := &stored[t&laneTrue]; v.constant && *first >= 0 {
			out.bits[i], out.kinds[i] = out.bits[*first], out.kinds[*first]
			continue
		} else if v.constant {
			*first = i
		}
		v.lane(s.sel, i, &s.x)
		out.seen |= out.store(i, &s.x)
	}
}

func fill(out []uint8, x uint8) {
	for i := range out {
		out[i] = x
	}
}

// exactReal: integers up to it are exact as reals, so comparing as either is
// the same.
const exactReal = 1 << 53

// vectorCompare executes VCompare.
func (m *Machine) vectorCompare(in *Instr) {
	s := &m.vec
	n := len(s.sel)
	a, b := &s.v[in.P1], &s.v[in.P2]
	out := s.v[in.P3].truths(n)
	op := OpEq + Op(in.P5>>12&7)
	flags := in.P5 & 0xfff
	if a.constant && !b.constant {
		a, b, op = b, a, mirrored[op-OpEq]
	}
	ka, kb := a.seen&^record.LaneNull, b.seen&^record.LaneNull
	if b.constant && flags&CmpNullEq == 0 && !a.constant {
		b = s.alike(ka, b)
		kb = b.seen
	}
	switch {
	case flags&CmpNullEq != 0 || a.constant:
		m.compareLanes(a, b, op, in, out)
		return
	case ka|kb == 0 || kb == record.LaneNull || kb == 0:
		// One side is NULL throughout.
		fill(out, laneUnknown)
		return
	case ka == 0:
		fill(out, laneUnknown)
		return
	case ka == record.LaneInt && kb == record.LaneInt:
		if b.constant {
			compareConst(op, a.bits[:n], b.val.Int(), out)
		} else {
			compareBoth(op, a.bits[:n], b.bits[:n], out)
		}
	case ka == record.LaneReal && kb == record.LaneReal:
		x := s.realsOf(0, a, n)
		if b.constant {
			compareConst(op, x, b.val.Real(), out)
		} else {
			compareBoth(op, x, s.realsOf(1, b, n), out)
		}
	case ka == record.LaneText && kb == record.LaneText && !value.Affinity(flags&CmpAffMask).IsNumeric() && b.constant && in.P4 < 0:
		s.compareTexts(a, b.val.Bytes(), op, out)
	default:
		m.compareLanes(a, b, op, in, out)
		return
	}
	a.markUnknown(out)
	b.markUnknown(out)
}

// mirrored is the comparison with its operands swapped.
var mirrored = [6]Op{OpEq, OpNe, OpGt, OpGe, OpLt, OpLe}

// alike gives a constant that a column of kind is compared with as the same
// kind, when that is exact.
func (s *vectors) alike(kind uint8, c *vector) *vector {
	switch {
	case kind == record.LaneReal && c.val.Kind() == value.Int:
		if i := c.val.Int(); i >= -exactReal && i <= exactReal {
			s.same.setConst(ptrTo(value.FromReal(float64(i))))
			return &s.same
		}
	case kind == record.LaneInt && c.val.Kind() == value.Real:
		if f := c.val.Real(); f == math.Trunc(f) && math.Abs(f) <= exactReal {
			s.same.setConst(ptrTo(value.FromInt(int64(f))))
			return &s.same
		}
	}
	return c
}

func ptrTo(v value.Value) *value.Value { return &v }

// markUnknown makes lanes unknown where v is NULL.
func (v *vector) markUnknown(out []uint8) {
	if v.constant || v.seen&record.LaneNull == 0 {
		return
	}
	kinds := v.kinds[:len(out)]
	for i, t := range out {
		null := kinds[i] & record.LaneNull
		out[i] = t&^null | null<<1
	}
}

// realsOf gives the lanes of a vector of reals as reals, in one of two places.
func (s *vectors) realsOf(place int, v *vector, n int) []float64 {
	s.real[place] = resize(s.real[place], n)
	out := s.real[place]
	for i, x := range v.bits[:n] {
		out[i] = math.Float64frombits(uint64(x))
	}
	return out
}

// compareConst compares lanes with a constant. NE, GE and LE are the inverse
// of EQ, LT and GT: there is no NaN (V2).
func compareConst[T int64 | float64](op Op, a []T, c T, out []uint8) {
	a = a[:len(out)]
	flip := uint8(b2i(op == OpNe || op == OpGe || op == OpLe))
	switch op {
	case OpEq, OpNe:
		for i, x := range a {
			var t uint8
			if x == c {
				t = 1
			}
			out[i] = t ^ flip
		}
	case OpLt, OpGe:
		for i, x := range a {
			var t uint8
			if x < c {
				t = 1
			}
			out[i] = t ^ flip
		}
	default:
		for i, x := range a {
			var t uint8
			if x > c {
				t = 1
			}
			out[i] = t ^ flip
		}
	}
}

// compareBoth compares lanes with lanes.
func compareBoth[T int64 | float64](op Op, a, b []T, out []uint8) {
	a, b = a[:len(out)], b[:len(out)]
	flip := uint8(b2i(op == OpNe || op == OpGe || op == OpLe))
	switch op {
	case OpEq, OpNe:
		for i, x := range a {
			var t uint8
			if x == b[i] {
				t = 1
			}
			out[i] = t ^ flip
		}
	case OpLt, OpGe:
		for i, x := range a {
			var t uint8
			if x < b[i] {
				t = 1
			}
			out[i] = t ^ flip
		}
	default:
		for i, x := range a {
			var t uint8
			if x > b[i] {
				t = 1
			}
			out[i] = t ^ flip
		}
	}
}

// compareTexts compares texts, or NULLs, with a constant text, as bytes.
func (s *vectors) compareTexts(v *vector, c []byte, op Op, out []uint8) {
	mask := holds[op-OpEq]
	for i := range out {
		if v.kind(i) != record.LaneText {
			out[i] = laneUnknown
			continue
		}
		out[i] = mask >> uint(1+bytes.Compare(v.place(s.sel, i), c)) & 1
	}
}

// compareLanes compares lane by lane, as the row opcodes do.
func (m *Machine) compareLanes(a, b *vector, op Op, in *Instr, out []uint8) {
	s := &m.vec
	row := Instr{Op: op, P4: in.P4, P5: in.P5 & 0xfff}
	for i := range out {
		a.lane(s.sel, i, &s.x)
		b.lane(s.sel, i, &s.y)
		out[i] = uint8(m.compareValues(&row, &s.x, &s.y))
	}
}

// vectorNegate computes 0 - v.
func (m *Machine) vectorNegate(v, out *vector) {
	s := &m.vec
	zero := value.FromInt(0)
	if !v.constant && v.seen&^record.LaneNull == record.LaneReal {
		zero.SetReal(0)
	}
	s.zero.setConst(&zero)
	m.vectorArith(OpSubtract, &s.zero, v, out)
}

// vectorArith computes a op b, lane by lane.
func (m *Machine) vectorArith(op Op, a, b, out *vector) {
	s := &m.vec
	n := len(s.sel)
	if a.constant && b.constant {
		var x value.Value
		arithOrBits(op, &a.val, &b.val, &x)
		out.setConst(&x)
		return
	}
	ka, kb := a.seen&^record.LaneNull, b.seen&^record.LaneNull
	ok := false
	switch {
	case ka == 0 || kb == 0:
		out.setConst(new(value.Value))
		return
	case ka == record.LaneInt && kb == record.LaneInt:
		x, y := a.number(n), b.number(n)
		out.open(n)
		ok = intKernel(op, x, y, out.bits)
		out.seen = record.LaneInt
	case (ka|kb)&^(record.LaneInt|record.LaneReal) == 0 && op <= OpDivide && single(ka) && single(kb):
		x, y := s.asReals(0, a, ka, n), s.asReals(1, b, kb, n)
		out.open(n)
		ok = realKernel(op, x, y, out.bits)
		out.seen = record.LaneReal
	default:
		out.open(n)
	}
	if !ok {
		out.seen = 0
		var z value.Value
		for i := range n {
			a.lane(s.sel, i, &s.x)
			b.lane(s.sel, i, &s.y)
			arithOrBits(op, &s.x, &s.y, &z)
			out.seen |= out.store(i, &z)
		}
		return
	}
	if nulls := (a.seen | b.seen) & record.LaneNull; nulls != 0 {
		kind := out.seen
		for i := range out.kinds {
			null := (a.kind(i) | b.kind(i)) & record.LaneNull
			out.kinds[i] = kind&(null-1) | null
		}
		out.seen |= record.LaneNull
	}
}

func single(kind uint8) bool { return kind&(kind-1) == 0 }

func arithOrBits(op Op, a, b, out *value.Value) {
	if op == OpBitAnd || op == OpBitOr || op == OpShiftLeft || op == OpShiftRight {
		bitwise(op, a, b, out)
		return
	}
	arith(op, a, b, out)
}

// asReals gives the lanes of a vector of integers or reals as reals.
func (s *vectors) asReals(place int, v *vector, kind uint8, n int) []float64 {
	bits := v.number(n)
	s.real[place] = resize(s.real[place], n)
	out := s.real[place]
	if kind == record.LaneInt {
		for i, x := range bits {
			out[i] = float64(x)
		}
		return out
	}
	for i, x := range bits {
		out[i] = math.Float64frombits(uint64(x))
	}
	return out
}

// intKernel computes with integers; false = some lane overflows, or has a
// result that is no integer.
func intKernel(op Op, a, b, out []int64) bool {
	a, b = a[:len(out)], b[:len(out)]
	var over int64
	switch op {
	case OpAdd:
		for i, x := range a {
			y := b[i]
			z := x + y
			over |= (x ^ z) & (y ^ z)
			out[i] = z
		}
		return over >= 0
	case OpSubtract:
		for i, x := range a {
			y := b[i]
			z := x - y
			over |= (x ^ y) & (x ^ z)
			out[i] = z
		}
		return over >= 0
	case OpMultiply:
		for i, x := range a {
			y := b[i]
			hi, lo := bits.Mul64(uint64(x), uint64(y))
			over |= (int64(hi) - (x>>63)&y - (y>>63)&x) ^ int64(lo)>>63
			out[i] = int64(lo)
		}
		return over == 0
	case OpDivide, OpRemainder:
		// Zero divisors give NULL, and -1 may overflow: such batches go lane by
		// lane.
		for i, y := range b {
			if uint64(y+1) <= 1 {
				return false
			}
			if op == OpDivide {
				out[i] = a[i] / y
			} else {
				out[i] = a[i] % y
			}
		}
		return true
	case OpBitAnd:
		for i, x := range a {
			out[i] = x & b[i]
		}
		return true
	case OpBitOr:
		for i, x := range a {
			out[i] = x | b[i]
		}
		return true
	}
	return false
}

// realKernel computes with reals; false = some lane is NULL for a zero
// divisor or for being no number.
func realKernel(op Op, a, b []float64, out []int64) bool {
	a, b = a[:len(out)], b[:len(out)]
	odd := 0
	switch op {
	case OpAdd:
		for i, x := range a {
			z := x + b[i]
			odd |= b2i(z != z)
			out[i] = int64(math.Float64bits(z))
		}
	case OpSubtract:
		for i, x := range a {
			z := x - b[i]
			odd |= b2i(z != z)
			out[i] = int64(math.Float64bits(z))
		}
	case OpMultiply:
		for i, x := range a {
			z := x * b[i]
			odd |= b2i(z != z)
			out[i] = int64(math.Float64bits(z))
		}
	case OpDivide:
		for i, x := range a {
			y := b[i]
			z := x / y
			odd |= b2i(z != z) | b2i(y == 0)
			out[i] = int64(math.Float64bits(z))
		}
	default:
		return false
	}
	return odd == 0
}
