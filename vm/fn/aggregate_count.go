package fn

import "github.com/rustlite/rustlite/vm/value"

func countFuncs() []*Func {
	f := func(nArg int, doc string) *Func {
		return &Func{Name: "count", NArg: nArg, Flags: Aggregate | AnyOrder | Calm | Merges, Doc: doc,
			NewAggregate:  func() Accumulator { return new(count) },
			NewAggregates: func() Accumulators { return new(counts) }}
	}
	return []*Func{
		f(0, "The number of rows, as count(*)."),
		f(1, "The number of rows where the argument is not NULL."),
	}
}

type count struct{ n int64 }

// Step counts a row.
func (a *count) Step(_ *Context, args []value.Value) error {
	if len(args) == 0 || !args[0].IsNull() {
		a.n++
	}
	return nil
}

// Merge adds a later number.
func (a *count) Merge(_ *Context, later Accumulator) bool {
	a.n += later.(*count).n
	return true
}

// Inverse takes a row away.
func (a *count) Inverse(_ *Context, args []value.Value) error {
	if len(args) == 0 || !args[0].IsNull() {
		a.n--
	}
	return nil
}

// Final writes the number.
func (a *count) Final(_ *Context, out *value.Value) error {
	out.SetInt(a.n)
	return nil
}

// Value writes the number so far.
func (a *count) Value(c *Context, out *value.Value) error { return a.Final(c, out) }

// Reset makes the accumulator empty.
func (a *count) Reset() { a.n = 0 }

var _ Windowed = (*count)(nil)
