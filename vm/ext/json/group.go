package json

import (
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

func aggregates(f form, prefix string) []*fn.Func {
	make := func(object bool) func() fn.Accumulator {
		return func() fn.Accumulator { return &collector{form: f, object: object} }
	}
	return []*fn.Func{
		{Name: prefix + "_group_array", NArg: 1, Flags: fn.Aggregate | fn.Deterministic | fn.Subtypes, Doc: "An array of the group's values.",
			NewAggregate: make(false)},
		{Name: prefix + "_group_object", NArg: 2, Flags: fn.Aggregate | fn.Deterministic | fn.Subtypes, Doc: "An object of the group's labels and values.",
			NewAggregate: make(true)},
	}
}

// collector collects a group's elements as text, with commas between them. A
// pair whose label is NULL is counted in but not shown: absent stands for it.
type collector struct {
	form   form
	object bool
	text   []byte
	some   bool // There was an element.
	gaps   bool // Some are absent.
}

const absent = '@'

// Step appends an element.
func (a *collector) Step(c *fn.Context, args []value.Value) error {
	if a.some && len(a.text) > 0 {
		a.text = append(a.text, ',')
	}
	a.some = true
	if a.object {
		if args[0].IsNull() {
			a.gaps = true
			a.text = append(a.text, absent)
			return nil
		}
		a.text = append(appendQuoted(a.text, asText(&args[0])), ':')
	}
	var err error
	if a.text, err = appendText(c, a.text, &args[len(args)-1]); err != nil {
		return err
	}
	if len(a.text) > lengthMax(c) {
		return errTooBig
	}
	return nil
}

// Inverse takes the first element away.
func (a *collector) Inverse(*fn.Context, []value.Value) error {
	if n := firstLen(a.text); n < len(a.text) {
		a.text = a.text[n+1:]
	} else {
		a.text = a.text[:0]
	}
	return nil
}

// firstLen is the length of the first element of a list.
func firstLen(text []byte) int {
	inText, depth := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inText = !inText
		case c == '\\':
			i++
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth == 0:
			return i
		}
	}
	return len(text)
}

// Final gives the whole.
func (a *collector) Final(c *fn.Context, out *value.Value) error { return a.Value(c, out) }

// Value gives what is in the frame now.
func (a *collector) Value(_ *fn.Context, out *value.Value) error {
	brackets := "[]"
	if a.object {
		brackets = "{}"
	}
	text := append(make([]byte, 0, len(a.text)+2), brackets[0])
	if a.gaps {
		for rest := a.text; len(rest) > 0; {
			n := firstLen(rest)
			if rest[0] != absent {
				if len(text) > 1 {
					text = append(text, ',')
				}
				text = append(text, rest[:n]...)
			}
			rest = rest[min(n+1, len(rest)):]
		}
	} else {
		text = append(text, a.text...)
	}
	return showText(append(text, brackets[1]), a.form, out)
}

// Reset forgets the group.
func (a *collector) Reset() {
	a.text, a.some, a.gaps = a.text[:0], false, false
}
