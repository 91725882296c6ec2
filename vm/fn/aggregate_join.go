package fn

import "github.com/rustlite/rustlite/vm/value"

func joinFuncs() []*Func {
	f := func() Accumulator { return &joiner{} }
	return []*Func{
		{Name: "group_concat", NArg: 1, Flags: Aggregate, Doc: "The group's texts with commas between them.", NewAggregate: f},
		{Name: "group_concat", NArg: 2, Flags: Aggregate, Doc: "The group's texts with the second argument between them.", NewAggregate: f},
		{Name: "string_agg", NArg: 2, Flags: Aggregate, Doc: "Another name of group_concat.", NewAggregate: f},
	}
}

// joiner collects texts. The separator of a row stands before its text, so
// lengths of separators are kept for rows that leave a window's frame.
type joiner struct {
	b     []byte
	texts int
	seps  []int // Length of the separator before each text but the first.
}

// Step appends a row's text.
func (a *joiner) Step(c *Context, args []value.Value) error {
	if args[0].IsNull() {
		return nil
	}
	if a.texts > 0 {
		n := len(a.b)
		if len(args) == 1 {
			a.b = append(a.b, ',')
		} else {
			a.b = args[1].AppendText(a.b)
		}
		if n = len(a.b) - n; n != 1 || a.seps != nil {
			a.keepSep(n)
		}
	}
	a.texts++
	a.b = args[0].AppendText(a.b)
	return c.room(int64(len(a.b)))
}

// keepSep remembers lengths from the first separator on that is not one byte.
func (a *joiner) keepSep(n int) {
	for len(a.seps) < a.texts-1 {
		a.seps = append(a.seps, 1)
	}
	a.seps = append(a.seps, n)
}

// Inverse takes the first text away, and the separator after it.
func (a *joiner) Inverse(_ *Context, args []value.Value) error {
	if args[0].IsNull() {
		return nil
	}
	var buf [textScratch]byte
	n := len(textOf(&args[0], buf[:0]))
	a.texts--
	switch {
	case len(a.seps) > 0:
		n += a.seps[0]
		a.seps = a.seps[1:]
	case a.texts > 0:
		n++
	}
	a.b = a.b[min(n, len(a.b)):]
	if a.texts == 0 {
		a.Reset()
	}
	return nil
}

// Final writes the text, NULL when no row had one.
func (a *joiner) Final(_ *Context, out *value.Value) error {
	if a.texts == 0 {
		out.SetNull()
		return nil
	}
	out.SetText(append(make([]byte, 0, len(a.b)), a.b...))
	return nil
}

// Value writes the text so far.
func (a *joiner) Value(c *Context, out *value.Value) error { return a.Final(c, out) }

// Reset makes the accumulator empty.
func (a *joiner) Reset() { a.b, a.texts, a.seps = a.b[:0], 0, nil }

var _ Windowed = (*joiner)(nil)
