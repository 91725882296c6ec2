package fn

import (
	"github.com/rustlite/rustlite/vm/value"
)

// call is the type of Func.Scalar.
type call = func(c *Context, args []value.Value, out *value.Value) error

// textScratch is what a number needs at most as text.
const textScratch = 40

// textOf returns v as text: borrowed for texts and blobs, in buf for numbers.
// The caller has dealt with NULL.
func textOf(v *value.Value, buf []byte) []byte {
	if v.Kind() >= value.Text {
		return v.Bytes()
	}
	return v.AppendText(buf)
}

// pure makes a scalar function whose result depends on its arguments alone.
func pure(name string, nArg int, doc string, f call) *Func {
	return &Func{Name: name, NArg: nArg, Flags: Deterministic, Doc: doc, Scalar: f}
}

// calm marks a function that no arguments make fail.
func calm(f *Func) *Func {
	f.Flags |= Calm
	return f
}

// numeric marks a function that gives numbers or NULL.
func numeric(f *Func) *Func {
	f.Flags |= Number
	return f
}

// inline makes a function that the planner compiles itself.
func inline(name string, nArg, least int, doc string) *Func {
	return &Func{Name: name, NArg: nArg, Min: least, Flags: Deterministic | Inline, Doc: doc}
}

func generalFuncs() []*Func {
	return []*Func{
		calm(inline("coalesce", -1, 2, "The first argument that is not NULL.")),
		calm(inline("ifnull", 2, 0, "The first of two arguments that is not NULL.")),
		calm(inline("iif", -1, 2, "The value after the first true condition, or the last argument.")),
		calm(inline("if", -1, 2, "Another name of iif.")),
		calm(inline("likely", 1, 0, "Its argument; the planner takes it to be mostly true.")),
		calm(inline("unlikely", 1, 0, "Its argument; the planner takes it to be mostly false.")),
		calm(inline("likelihood", 2, 0, "Its first argument; the second tells how often it is true.")),
		{Name: "nullif", NArg: 2, Flags: Deterministic | NeedsCollation | Calm, Scalar: nullIf,
			Doc: "NULL when the arguments are equal, else the first."},
		{Name: "min", NArg: -1, Min: 2, Flags: Deterministic | NeedsCollation | Calm, Scalar: least,
			Doc: "The least argument; NULL when one is NULL."},
		{Name: "max", NArg: -1, Min: 2, Flags: Deterministic | NeedsCollation | Calm, Scalar: greatest,
			Doc: "The greatest argument; NULL when one is NULL."},
		calm(pure("typeof", 1, "The storage class of its argument.", typeOf)),
		pure("subtype", 1, "The subtype that a function gave its result.", subtype),
	}
}

func nullIf(c *Context, args []value.Value, out *value.Value) error {
	if value.Compare(&args[0], &args[1], c.Collation) == 0 {
		out.SetNull()
	} else {
		out.Set(&args[0])
	}
	return nil
}

// least takes the last of equal arguments and greatest the first, so that
// min(1, 1.0) and max(1.0, 1) are real.
func least(c *Context, args []value.Value, out *value.Value) error {
	best := 0
	for i := range args {
		if args[i].IsNull() {
			out.SetNull()
			return nil
		}
		if i > 0 && value.Compare(&args[best], &args[i], c.Collation) >= 0 {
			best = i
		}
	}
	out.Set(&args[best])
	return nil
}

func greatest(c *Context, args []value.Value, out *value.Value) error {
	best := 0
	for i := range args {
		if args[i].IsNull() {
			out.SetNull()
			return nil
		}
		if i > 0 && value.Compare(&args[best], &args[i], c.Collation) < 0 {
			best = i
		}
	}
	out.Set(&args[best])
	return nil
}

func typeOf(_ *Context, args []value.Value, out *value.Value) error {
	out.SetString(args[0].Kind().String())
	return nil
}

func subtype(_ *Context, args []value.Value, out *value.Value) error {
	out.SetInt(int64(args[0].Subtype()))
	return nil
}
