package fn

import "github.com/rustlite/rustlite/vm/value"

// movingExtreme is min (sign 1) or max (sign -1) of a frame that loses rows at
// its start: a queue of the values that may yet become the extreme, each
// better than those behind it, the extreme first. Of equal ones the last
// counts, as in the reference. A row costs O(1) on average.
type movingExtreme struct {
	queue []queued
	sign  int
	in    int64 // Values that have come,
	out   int64 // and gone.
}

type queued struct {
	v  value.Value // Owns its bytes.
	no int64
}

// Step takes a row in.
func (a *movingExtreme) Step(c *Context, args []value.Value) error {
	v := &args[0]
	if v.IsNull() {
		return nil
	}
	n := len(a.queue)
	for n > 0 && value.Compare(&a.queue[n-1].v, v, c.Collation)*a.sign >= 0 {
		n--
	}
	a.queue = append(a.queue[:n], queued{v.Own(), a.in})
	a.in++
	return nil
}

// Inverse takes the first row back.
func (a *movingExtreme) Inverse(_ *Context, args []value.Value) error {
	if args[0].IsNull() {
		return nil
	}
	if a.queue[0].no == a.out {
		a.queue = a.queue[1:]
	}
	a.out++
	return nil
}

// Value writes the extreme, NULL when no row has a value.
func (a *movingExtreme) Value(_ *Context, out *value.Value) error {
	if len(a.queue) > 0 {
		out.Set(&a.queue[0].v)
	} else {
		out.SetNull()
	}
	return nil
}

// Final is Value.
func (a *movingExtreme) Final(c *Context, out *value.Value) error { return a.Value(c, out) }

// Reset makes the accumulator empty.
func (a *movingExtreme) Reset() { *a = movingExtreme{sign: a.sign, queue: a.queue[:0]} }

var _ Windowed = (*movingExtreme)(nil)
