package vm

import (
	"cmp"
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

// holds has a bit for each outcome (less, equal, greater) under which the
// comparisons from Eq on are true.
var holds = [6]uint8{0b010, 0b101, 0b001, 0b011, 0b100, 0b110}

// collation is the collation that P4 names; nil is BINARY.
func (m *Machine) collation(p4 int32) *value.Collation {
	if p4 < 0 {
		return nil
	}
	return m.prog.Colls[p4]
}

// truth of a comparison.
type truth int8

const (
	isFalse truth = iota
	isTrue
	isNull
)

// compare finds the truth of r[P3] op r[P1] for the opcodes Eq to Ge. The
// registers stay as they are: affinities work on copies.
func (m *Machine) compare(in *Instr) truth {
	return m.compareValues(in, &m.regs[in.P3], &m.regs[in.P1])
}

// compareValues finds the truth of a op b, by the flags and the collation of
// in.
func (m *Machine) compareValues(in *Instr, a, b *value.Value) truth {
	var order int
	if a.IsNull() || b.IsNull() {
		if in.P5&CmpNullEq == 0 {
			return isNull
		}
		order = cmp.Compare(b2i(!a.IsNull()), b2i(!b.IsNull()))
	} else {
		if aff := value.Affinity(in.P5 & CmpAffMask); aff != 0 {
			a, b = m.compareAs(a, b, aff)
		}
		order = cmp.Compare(value.Compare(a, b, m.collation(in.P4)), 0)
	}
	return truth(holds[in.Op-OpEq] >> uint(order+1) & 1)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// compareAs gives both operands the affinity of a comparison: a numeric one
// turns texts that look like numbers into numbers, TEXT turns a number into
// text when the other operand is text.
func (m *Machine) compareAs(a, b *value.Value, aff value.Affinity) (x, y *value.Value) {
	switch {
	case aff.IsNumeric():
		if a.Kind() == value.Text {
			m.cmpVals[0] = *a
			a = &m.cmpVals[0]
			a.ApplyCompareAffinity()
		}
		if b.Kind() == value.Text {
			m.cmpVals[1] = *b
			b = &m.cmpVals[1]
			b.ApplyCompareAffinity()
		}
	case aff == value.AffText && a.Kind() == value.Text && b.IsNumber():
		b = m.textOf(b, 1)
	case aff == value.AffText && b.Kind() == value.Text && a.IsNumber():
		a = m.textOf(a, 0)
	}
	return a, b
}

// textOf is a number as text, in one of the machine's two places for it.
func (m *Machine) textOf(v *value.Value, place int) *value.Value {
	m.cmpBufs[place] = v.AppendText(m.cmpBufs[place][:0])
	x := &m.cmpVals[place]
	x.SetText(m.cmpBufs[place])
	return x
}

// compareLists executes Compare.
func (m *Machine) compareLists(in *Instr) {
	k := m.prog.Keys[in.P4]
	m.ordering = 0
	for i := int32(0); i < in.P3; i++ {
		a, b := &m.regs[in.P1+i], &m.regs[in.P2+i]
		col := k.keyColumn(int(i))
		order := value.Compare(a, b, col.Collation)
		if order == 0 {
			continue
		}
		// BigNull sorts NULL as the largest value, before the direction.
		if col.BigNull && (a.IsNull() || b.IsNull()) {
			order = -order
		}
		if col.Desc {
			order = -order
		}
		m.ordering = order
		return
	}
}

// affinities applies one affinity letter to each register from r on.
func (m *Machine) affinities(r Reg, letters string) {
	for i := 0; i < len(letters); i++ {
		m.affinity(r+Reg(i), value.Affinity(letters[i]))
	}
}

func (m *Machine) affinity(r Reg, a value.Affinity) {
	v := &m.regs[r]
	if a == value.AffText && v.IsNumber() {
		m.bufs[r] = v.AppendText(m.bufs[r][:0])
		v.SetText(m.bufs[r])
		return
	}
	v.ApplyAffinity(a)
}

func (m *Machine) cast(r Reg, a value.Affinity) {
	v := &m.regs[r]
	if v.IsNumber() && (a == value.AffText || a == value.AffBlob) {
		m.bufs[r] = v.AppendText(m.bufs[r][:0])
		v.SetText(m.bufs[r])
	}
	v.Cast(a)
}

// mustBeInt turns r into an integer if that loses nothing.
func (m *Machine) mustBeInt(r Reg) bool {
	v := &m.regs[r]
	switch v.Kind() {
	case value.Int:
		return true
	case value.Real:
		if v.Real() == math.MinInt64 { // No affinity turns it, but here it counts.
			v.SetInt(math.MinInt64)
			return true
		}
	}
	v.ApplyAffinity(value.AffNumeric)
	return v.Kind() == value.Int
}
