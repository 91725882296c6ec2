package fn

// Accumulators are those of one aggregate for many groups, by the groups'
// numbers.
type Accumulators interface {
	// Grow makes n of them at least; new ones are empty.
	Grow(n int)
	// At is number i, of use until Grow.
	At(i int) Accumulator
	// Touch brings those of groups, which lie anywhere, nearer: the misses of
	// loads that do not depend on each other overlap.
	Touch(groups []int32)
	// Take makes number i what number j of others is, of the same aggregate,
	// which nobody uses any more.
	Take(i int, others Accumulators, j int)
}

// NewAccumulators returns accumulators of f, none as yet.
func (f *Func) NewAccumulators() Accumulators {
	if f.NewAggregates != nil {
		return f.NewAggregates()
	}
	return &boxes{of: f}
}

// boxes are accumulators each of which lies somewhere.
type boxes struct {
	of   *Func
	list []Accumulator
}

// Grow makes n boxes at least.
func (b *boxes) Grow(n int) {
	for len(b.list) < n {
		b.list = append(b.list, b.of.NewAggregate())
	}
}

// At is box i.
func (b *boxes) At(i int) Accumulator { return b.list[i] }

// Touch does nothing: boxes lie elsewhere.
func (b *boxes) Touch([]int32) {}

// Take takes the box from the others.
func (b *boxes) Take(i int, others Accumulators, j int) { b.list[i] = others.At(j) }

// many are accumulators side by side, chunk by chunk, so that none is moved when
// there are many; the first chunk alone grows.
type many[T any, P interface {
	*T
	Accumulator
}] struct {
	chunks [][]T
	n      int
	empty  T
}

const (
	chunkBits = 10
	chunkLen  = 1 << chunkBits
)

func (m *many[T, P]) at(i int32) *T { return &m.chunks[i>>chunkBits][i&(chunkLen-1)] }

// Grow makes n accumulators at least.
func (m *many[T, P]) Grow(n int) {
	for m.n < n {
		have := m.n % chunkLen // A full chunk, or none, is followed by another.
		if have == 0 {
			m.chunks = append(m.chunks, nil)
		}
		size := chunkLen
		if m.n < chunkLen {
			size = min(chunkLen, max(8, 4*have))
		}
		last := &m.chunks[len(m.chunks)-1]
		fresh := make([]T, size)
		copy(fresh, *last)
		for i := have; i < size; i++ {
			fresh[i] = m.empty
		}
		*last = fresh
		m.n += size - have
	}
}

// At is accumulator i.
func (m *many[T, P]) At(i int) Accumulator { return P(m.at(int32(i))) }

// Take copies accumulator j of the others.
func (m *many[T, P]) Take(i int, others Accumulators, j int) { *m.at(int32(i)) = *others.At(j).(P) }

// The accumulators of count, of sum and its like, and of min and max.
type (
	counts struct {
		many[count, *count]
		touched int64 // Keeps the loads of Touch from being left out.
	}
	accumulations struct {
		many[accumulation, *accumulation]
		touched int64
	}
	extremes struct {
		many[extreme, *extreme]
		touched int
	}
)

// Touch loads numbers.
func (s *counts) Touch(groups []int32) {
	for _, g := range groups {
		s.touched += s.at(g).n
	}
}

// Touch loads sums.
func (s *accumulations) Touch(groups []int32) {
	for _, g := range groups {
		s.touched += s.at(g).count
	}
}

// Touch loads extremes.
func (s *extremes) Touch(groups []int32) {
	for _, g := range groups {
		s.touched += s.at(g).sign
	}
}
