package fn

import "github.com/rustlite/rustlite/vm/value"

// movingExtreme is min (sign 1) or max (sign -1) of a frame that loses rows at
// its start: a queue of the values that may yet become the extreme, each
// better than those behind it, the extreme first. Of equal ones the last
// counts, as in the reference. A row costs O(1) on average, and no memory once
// the ring is large enough.
type movingExtreme struct {
	ring        []queued // Its size is a power of two.
	front, back int      // The queue is front..back-1, modulo the ring's size.
	sign        int
	in, out     int64 // Values that have come, and gone.
}

type queued struct {
	v   value.Value // Owns its bytes, in buf.
	buf []byte
	no  int64
}

func (a *movingExtreme) at(i int) *queued { return &a.ring[i&(len(a.ring)-1)] }

// Step takes a row in.
func (a *movingExtreme) Step(c *Context, args []value.Value) error {
	v := &args[0]
	if v.IsNull() {
		return nil
	}
	for a.back > a.front && value.Compare(&a.at(a.back-1).v, v, c.Collation)*a.sign >= 0 {
		a.back--
	}
	if a.back-a.front == len(a.ring) {
		a.grow()
	}
	q := a.at(a.back)
	q.v.Set(v)
	q.buf, q.no = q.v.OwnInto(q.buf), a.in
	a.back++
	a.in++
	return nil
}

func (a *movingExtreme) grow() {
	ring := make([]queued, max(8, 2*len(a.ring)))
	n := 0
	for ; a.front+n < a.back; n++ {
		ring[n] = *a.at(a.front + n)
	}
	a.ring, a.front, a.back = ring, 0, n
}

// Inverse takes the first row back.
func (a *movingExtreme) Inverse(_ *Context, args []value.Value) error {
	if args[0].IsNull() {
		return nil
	}
	if a.at(a.front).no == a.out {
		a.front++
	}
	a.out++
	return nil
}

// Value writes the extreme, NULL when no row has a value.
func (a *movingExtreme) Value(_ *Context, out *value.Value) error {
	if a.back > a.front {
		out.Set(&a.at(a.front).v)
	} else {
		out.SetNull()
	}
	return nil
}

// Final is Value.
func (a *movingExtreme) Final(c *Context, out *value.Value) error { return a.Value(c, out) }

// Reset makes the accumulator empty.
func (a *movingExtreme) Reset() { *a = movingExtreme{sign: a.sign, ring: a.ring} }

var _ Windowed = (*movingExtreme)(nil)
