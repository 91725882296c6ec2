package fn

import (
	"math"
	"math/bits"

	"github.com/rustlite/rustlite/vm/value"
)

// The methods of this file take many rows at once, with the same result as
// Step one by one; the machine's batches look for them
// (vm.BatchCounter, vm.BatchAdder, vm.GroupCounter, vm.GroupAdder).

// StepCount counts n rows whose argument is not NULL.
func (a *count) StepCount(n int64) { a.n += n }

// StepInts adds integers.
func (a *accumulation) StepInts(v []int64) {
	if !a.isReal {
		s, wide := a.exact, int64(0)
		for _, x := range v {
			wide |= x ^ x>>63
			s += x
		}
		if bits.Len64(uint64(wide))+bits.Len(uint(len(v))) < 62 && uint64(a.exact+1<<62) < 1<<63 {
			a.exact = s
			a.wide |= wide
			a.count += int64(len(v))
			return
		}
	}
	a.count += int64(len(v))
	for _, x := range v {
		a.addInt(x)
	}
}

// StepReals adds reals, in their order.
func (a *accumulation) StepReals(v []float64) {
	if len(v) == 0 {
		return
	}
	a.count += int64(len(v))
	a.addReal(v[0])
	if len(v) > 1 {
		a.overflow = false // As addReal says of a real that follows a real.
	}
	s, lost := a.rough, a.lost
	for _, f := range v[1:] {
		t := s + f
		if math.Abs(s) > math.Abs(f) {
			lost += (s - t) + f
		} else {
			lost += (f - t) + s
		}
		s = t
	}
	a.rough, a.lost = s, lost
}

// The kinds of numbers among many.
const (
	anInteger uint8 = 1 << value.Int
	aReal     uint8 = 1 << value.Real
)

// StepMixed adds integers and reals, in their order.
func (a *accumulation) StepMixed(v []int64, kinds []uint8) {
	for i, x := range v {
		a.addNumber(x, kinds[i])
	}
}

func (a *accumulation) addNumber(x int64, kind uint8) {
	switch kind {
	case anInteger:
		a.count++
		a.addInt(x)
	case aReal:
		a.count++
		a.addReal(math.Float64frombits(uint64(x)))
	}
}

// StepInts looks at integers.
func (a *extreme) StepInts(v []int64) {
	if len(v) == 0 {
		return
	}
	best := v[0]
	if a.sign > 0 {
		for _, x := range v {
			best = min(best, x)
		}
	} else {
		for _, x := range v {
			best = max(best, x)
		}
	}
	x := value.FromInt(best)
	a.takeNumber(&x)
}

// StepReals looks at reals.
func (a *extreme) StepReals(v []float64) {
	if len(v) == 0 {
		return
	}
	best := v[0]
	for _, x := range v {
		if a.sign > 0 && x < best || a.sign < 0 && x > best {
			best = x // The first of equal ones stays: 0.0 and -0.0 are equal.
		}
	}
	x := value.FromReal(best)
	a.takeNumber(&x)
}

// StepMixed looks at integers and reals.
func (a *extreme) StepMixed(v []int64, kinds []uint8) {
	for i, x := range v {
		a.seeNumber(x, kinds[i])
	}
}

func (a *extreme) seeNumber(x int64, kind uint8) {
	v := value.FromInt(x)
	switch kind {
	case anInteger:
	case aReal:
		v = value.FromReal(math.Float64frombits(uint64(x)))
	default:
		return
	}
	a.takeNumber(&v)
}

func (a *extreme) takeNumber(v *value.Value) {
	a.took = a.best.IsNull() || value.Compare(&a.best, v, nil)*a.sign > 0
	if a.took {
		a.best.Set(v)
	}
}

// StepGroups counts a row of each of groups.
func (c *counts) StepGroups(groups []int32) {
	for _, g := range groups {
		c.at(g).n++
	}
}

// StepGroupInts adds v[i] to number groups[i].
func (s *accumulations) StepGroupInts(groups []int32, v []int64) {
	for i, g := range groups {
		a := s.at(g)
		a.count++
		a.addInt(v[i])
	}
}

// StepGroupReals adds v[i] to number groups[i].
func (s *accumulations) StepGroupReals(groups []int32, v []float64) {
	for i, g := range groups {
		a := s.at(g)
		a.count++
		a.addReal(v[i])
	}
}

// StepGroupMixed adds v[i], of kinds[i], to number groups[i].
func (s *accumulations) StepGroupMixed(groups []int32, v []int64, kinds []uint8) {
	for i, g := range groups {
		s.at(g).addNumber(v[i], kinds[i])
	}
}

// StepGroupInts shows v[i] to number groups[i].
func (s *extremes) StepGroupInts(groups []int32, v []int64) {
	for i, g := range groups {
		a := s.at(g)
		if a.best.Kind() == value.Int && (v[i] >= a.best.Int()) == (a.sign > 0) {
			continue
		}
		x := value.FromInt(v[i])
		a.takeNumber(&x)
	}
}

// StepGroupReals shows v[i] to number groups[i].
func (s *extremes) StepGroupReals(groups []int32, v []float64) {
	for i, g := range groups {
		x := value.FromReal(v[i])
		s.at(g).takeNumber(&x)
	}
}

// StepGroupMixed shows v[i], of kinds[i], to number groups[i].
func (s *extremes) StepGroupMixed(groups []int32, v []int64, kinds []uint8) {
	for i, g := range groups {
		s.at(g).seeNumber(v[i], kinds[i])
	}
}
