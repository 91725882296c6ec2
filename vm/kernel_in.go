package vm

import (
	"bytes"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// InList is what VIn looks in: registers that do not change in the loop, and
// the affinity that both sides of IN get.
type InList struct {
	Regs     []int32
	Affinity value.Affinity
	Not      bool
}

// valueSet is the set of an IN. Integers, and reals that are integers, are
// found by their number: a few one after the other, many by hashing; a few texts
// one after the other, everything else by its key.
type valueSet struct {
	few     []int64
	texts   [][]byte
	ints    intTable
	keys    keySet
	hasNull bool
	key     []byte
}

// fewMax is the most integers, or texts, that are compared with one after the other.
const fewMax = 8

func (m *Machine) makeSet(l *InList) *valueSet {
	set := new(valueSet)
	for _, r := range l.Regs {
		x := m.regs[r]
		x.ApplyAffinity(l.Affinity)
		if x.IsNull() {
			set.hasNull = true
			continue
		}
		set.key = record.AppendKeyValue(set.key[:0], &x, record.KeyColumn{})
		if set.keys.find(set.key) >= 0 {
			continue
		}
		set.keys.insert(set.key, nil)
		if x.Kind() == value.Text {
			set.texts = append(set.texts, bytes.Clone(x.Bytes()))
		}
		i, whole := x.Int(), x.Kind() == value.Int
		if x.Kind() == value.Real {
			i, whole = value.RealAsInt(x.Real())
		}
		if whole {
			set.few = append(set.few, i)
			set.ints.put(i, 0)
		}
	}
	return set
}

// vectorIn executes VIn.
func (m *Machine) vectorIn(in *Instr) {
	s := &m.vec
	l := m.prog.Objects[in.P4].(*InList)
	v, out := &s.v[in.P1], s.v[in.P3].truths(len(s.sel))
	if len(l.Regs) == 0 {
		fill(out, uint8(b2i(l.Not)))
		return
	}
	set := s.v[in.P3].set
	if set == nil {
		set = m.makeSet(l)
		s.v[in.P3].set = set
	}
	if v.seen&^record.LaneNull == record.LaneInt && !v.constant && l.Affinity != value.AffText {
		set.findInts(v.bits, out)
		v.markUnknown(out)
	} else if v.seen&^record.LaneNull == record.LaneText && !v.constant && !l.Affinity.IsNumeric() && len(set.texts) <= fewMax {
		for i := range out {
			if v.kind(i) == record.LaneText {
				out[i] = set.findText(v.place(s.sel, i))
			} else {
				out[i] = laneUnknown
			}
		}
	} else {
		for i := range out {
			v.lane(s.sel, i, &s.x)
			out[i] = set.find(&s.x, l.Affinity)
		}
	}
	// What is not found is unknown beside a NULL.
	missing := uint8(laneFalse)
	if set.hasNull {
		missing = laneUnknown
	}
	for i, t := range out {
		out[i] = t | missing&^(t<<1|t)
	}
	if l.Not {
		invert(out, out)
	}
}

// findInts tells which of v are in the set.
func (set *valueSet) findInts(v []int64, out []uint8) {
	v = v[:len(out)]
	if len(set.few) > fewMax {
		for i, x := range v {
			out[i] = uint8(set.ints.find(x) + 1)
		}
		return
	}
	fill(out, laneFalse)
	for _, c := range set.few {
		for i, x := range v {
			var t uint8
			if x == c {
				t = 1
			}
			out[i] |= t
		}
	}
}

// findText tells whether x is one of the texts.
func (set *valueSet) findText(x []byte) uint8 {
	for _, t := range set.texts {
		if string(t) == string(x) {
			return laneTrue
		}
	}
	return laneFalse
}

// find tells whether x is in the set.
func (set *valueSet) find(x *value.Value, aff value.Affinity) uint8 {
	if x.IsNull() {
		return laneUnknown
	}
	if k := x.Kind(); k == value.Text && aff.IsNumeric() || k <= value.Real && aff == value.AffText {
		x.ApplyAffinity(aff)
	}
	set.key = record.AppendKeyValue(set.key[:0], x, record.KeyColumn{})
	return uint8(b2i(set.keys.find(set.key) >= 0))
}
