package vm

import (
	"math"
	"math/bits"

	"github.com/rustlite/rustlite/vm/value"
)

// addInt, subInt and mulInt report false on overflow.
func addInt(a, b int64) (int64, bool) {
	c := a + b
	return c, (a^c)&(b^c) >= 0
}

func subInt(a, b int64) (int64, bool) {
	c := a - b
	return c, (a^b)&(a^c) >= 0
}

func mulInt(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	// Signed high word from the unsigned one.
	h := int64(hi) - (a>>63)&b - (b>>63)&a
	return int64(lo), h == int64(lo)>>63
}

// arith computes left op right for Add to Remainder as SQLite does: integers
// stay integers unless they overflow, texts count by their numeric prefix.
func arith(op Op, left, right, out *value.Value) {
	if left.IsNull() || right.IsNull() {
		out.SetNull()
		return
	}
	if left.IsNumber() && right.IsNumber() && op != OpRemainder && (left.Kind() == value.Real || right.Kind() == value.Real) {
		arithReals(op, left, right, out)
		return
	}
	a, b := left.Numeric(), right.Numeric()
	if a.Kind() == value.Int && b.Kind() == value.Int && arithInts(op, a.Int(), b.Int(), out) {
		return
	}
	if op == OpRemainder {
		// Of texts that are no integers the leading integer counts, not the
		// number: '1e1' is 1 here.
		remainder(left.AsInt(), right.AsInt(), out)
		return
	}
	arithReals(op, &a, &b, out)
}

// remainder of operands of which one is no integer: a real.
func remainder(x, y int64, out *value.Value) {
	switch y {
	case 0:
		out.SetNull()
	case -1:
		out.SetReal(0)
	default:
		out.SetReal(float64(x % y))
	}
}

// arithInts reports false when the result is no integer.
func arithInts(op Op, x, y int64, out *value.Value) bool {
	var z int64
	ok := true
	switch op {
	case OpAdd:
		z, ok = addInt(x, y)
	case OpSubtract:
		z, ok = subInt(x, y)
	case OpMultiply:
		z, ok = mulInt(x, y)
	case OpDivide:
		if y == 0 {
			out.SetNull()
			return true
		}
		ok = y != -1 || x != math.MinInt64
		if ok {
			z = x / y
		}
	default:
		if y == 0 {
			out.SetNull()
			return true
		}
		if y != -1 { // x % -1 is 0, and would trap for the smallest integer.
			z = x % y
		}
	}
	if ok {
		out.SetInt(z)
	}
	return ok
}

func arithReals(op Op, a, b, out *value.Value) {
	x, y := a.AsReal(), b.AsReal()
	switch op {
	case OpAdd:
		x += y
	case OpSubtract:
		x -= y
	case OpMultiply:
		x *= y
	default:
		if y == 0 {
			out.SetNull()
			return
		}
		x /= y
	}
	out.SetReal(x) // NaN becomes NULL.
}

// bitwise computes left op right for BitAnd to ShiftRight.
func bitwise(op Op, left, right, out *value.Value) {
	if left.IsNull() || right.IsNull() {
		out.SetNull()
		return
	}
	x, y := left.AsInt(), right.AsInt()
	switch op {
	case OpBitAnd:
		x &= y
	case OpBitOr:
		x |= y
	default:
		x = shift(x, y, op == OpShiftLeft)
	}
	out.SetInt(x)
}

func shift(x, n int64, left bool) int64 {
	if n < 0 {
		left = !left
		if n = -n; n < 0 {
			n = 64
		}
	}
	switch {
	case left && n >= 64:
		return 0
	case left:
		return x << uint(n)
	default:
		return x >> uint(min(n, 63))
	}
}

// negate computes 0 - v.
func negate(v, out *value.Value) {
	zero := value.FromInt(0)
	arith(OpSubtract, &zero, v, out)
}

// andTruth and orTruth are three-valued.
func andTruth(a, b value.Truth) value.Truth {
	switch {
	case a == value.False || b == value.False:
		return value.False
	case a == value.True && b == value.True:
		return value.True
	}
	return value.Unknown
}

func orTruth(a, b value.Truth) value.Truth {
	switch {
	case a == value.True || b == value.True:
		return value.True
	case a == value.False && b == value.False:
		return value.False
	}
	return value.Unknown
}

func setTruth(v *value.Value, t value.Truth) {
	if t == value.Unknown {
		v.SetNull()
		return
	}
	v.SetInt(int64(t))
}

// longText is a text that takes so long to make that it is time for a look at
// the interrupt flag.
const longText = 1 << 14

// concat executes Concat: r[P3] = r[P2] || r[P1].
func (m *Machine) concat(in *Instr) error {
	a, b := &m.regs[in.P2], &m.regs[in.P1]
	if a.IsNull() || b.IsNull() {
		m.regs[in.P3].SetNull()
		return nil
	}
	t := b.AppendText(a.AppendText(m.scratch[:0]))
	if len(t) > m.lengthMax {
		return errTooBig
	}
	if len(t) > longText {
		if err := m.poll(); err != nil {
			return err
		}
	}
	m.setScratch(in.P3, t)
	m.regs[in.P3].SetText(t)
	return nil
}

// isTrueOp executes IsTrue.
func isTrueOp(v *value.Value, ifNull, invert int32) int64 {
	t := int64(v.Truth())
	if v.Truth() == value.Unknown {
		t = int64(ifNull)
	}
	return t ^ int64(invert)
}

// copyRegs executes Copy.
func (m *Machine) copyRegs(in *Instr) {
	for i := int32(0); i <= in.P3; i++ {
		m.regs[in.P2+i].Set(&m.regs[in.P1+i])
		m.own(in.P2 + i)
	}
}

// offsetLimit executes OffsetLimit.
func (m *Machine) offsetLimit(in *Instr) {
	limit, offset := m.regs[in.P1].AsInt(), m.regs[in.P3].AsInt()
	out := &m.regs[in.P2]
	sum, ok := addInt(limit, max(offset, 0))
	if limit <= 0 || !ok {
		sum = -1
	}
	out.SetInt(sum)
}
