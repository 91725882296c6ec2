package fn

import "github.com/rustlite/rustlite/vm/value"

func extremeFuncs() []*Func {
	f := func(name string, sign int, doc string) *Func {
		return &Func{Name: name, NArg: 1, Flags: Aggregate | MinMax | AnyOrder | NeedsCollation | Calm | Merges, Doc: doc,
			NewAggregate: func() Accumulator { return &extreme{sign: sign} },
			NewAggregates: func() Accumulators {
				list := new(extremes)
				list.empty.sign = sign
				return list
			},
			Moving: &Func{Name: name, NArg: 1, Flags: Aggregate,
				NewAggregate: func() Accumulator { return &movingExtreme{sign: sign} }}}
	}
	return []*Func{f("min", 1, "The least value of the group."), f("max", -1, "The greatest value of the group.")}
}

// extreme keeps the least value (sign 1) or the greatest (sign -1); of equal
// ones the first.
type extreme struct {
	best value.Value // Owns its bytes, in buf.
	buf  []byte
	sign int
	took bool
}

// Step looks at a row.
func (a *extreme) Step(c *Context, args []value.Value) error {
	v := &args[0]
	if v.IsNull() {
		// Bare columns come from a row with NULL while there is no better.
		a.took = a.best.IsNull()
		return nil
	}
	a.took = a.best.IsNull() || value.Compare(&a.best, v, c.Collation)*a.sign > 0
	if a.took {
		a.best.Set(v)
		a.buf = a.best.OwnInto(a.buf)
	}
	return nil
}

// TookRow reports whether the last row became the extreme.
func (a *extreme) TookRow() bool { return a.took }

// Merge looks at a later extreme.
func (a *extreme) Merge(c *Context, later Accumulator) bool {
	return a.Step(c, []value.Value{later.(*extreme).best}) == nil
}

// Final writes the extreme, NULL when no row had a value.
func (a *extreme) Final(_ *Context, out *value.Value) error {
	*out = a.best.Own() // The buffer serves the next group.
	return nil
}

// Reset makes the accumulator empty.
func (a *extreme) Reset() {
	a.best.SetNull()
	a.took = false
}

var _ MinMaxer = (*extreme)(nil)
