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
// lengths of separators are kept for rows that leave a window's frame. When
// empty texts are all that is left in a frame, the next one counts as the
// first and gets no separator: the reference does so, and so do we.
type joiner struct {
	b       []byte
	texts   int
	sep     int   // Length of all separators while seps is nil.
	seps    []int // Length of the separator before each text but the first.
	started bool  // The next text is not the first.
	any     bool  // There was a text.
}

// Step appends a row's text.
func (a *joiner) Step(c *Context, args []value.Value) error {
	if args[0].IsNull() {
		return nil
	}
	n := len(a.b)
	switch {
	case !a.started && len(args) == 1:
		a.sep = 1
	case !a.started:
		var buf [textScratch]byte
		a.sep = len(textOf(&args[1], buf[:0]))
	case len(args) == 1:
		a.b = append(a.b, ',')
	default:
		a.b = args[1].AppendText(a.b)
		if n = len(a.b) - n; n != a.sep || a.seps != nil {
			a.keepSep(n)
		}
	}
	a.started, a.any = true, true
	a.texts++
	a.b = args[0].AppendText(a.b)
	return c.room(int64(len(a.b)) + 1)
}

// keepSep remembers the separator before the text to come.
func (a *joiner) keepSep(n int) {
	for len(a.seps) < a.texts-1 {
		a.seps = append(a.seps, a.sep)
	}
	a.seps = append(a.seps[:max(0, a.texts-1)], n)
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
	case a.seps == nil:
		n += a.sep
	case a.texts > 0:
		n += a.seps[0]
		a.seps = a.seps[1:]
	}
	if n >= len(a.b) {
		a.b, a.seps, a.started = a.b[:0], nil, false
	} else {
		a.b = a.b[n:]
	}
	return nil
}

// Final writes the text, NULL when no row had one.
func (a *joiner) Final(_ *Context, out *value.Value) error {
	a.write(a.any, out)
	return nil
}

// Value writes the text so far.
func (a *joiner) Value(_ *Context, out *value.Value) error {
	a.write(a.texts > 0, out)
	return nil
}

func (a *joiner) write(some bool, out *value.Value) {
	if some {
		out.SetText(append(make([]byte, 0, len(a.b)), a.b...))
	} else {
		out.SetNull()
	}
}

// Reset makes the accumulator empty.
func (a *joiner) Reset() { *a = joiner{b: a.b[:0]} }

var _ Windowed = (*joiner)(nil)
