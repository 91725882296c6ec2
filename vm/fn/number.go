package fn

import (
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

func numberFuncs() []*Func {
	return []*Func{
		pure("abs", 1, "The absolute value of a number.", abs),
		numeric(calm(pure("round", 1, "A number rounded to an integer, as a real.", round))),
		numeric(calm(pure("round", 2, "A number rounded to some digits after the point.", round))),
		numeric(calm(pure("sign", 1, "-1, 0 or 1 by the sign of a number; NULL for what is no number.", sign))),
		{Name: "random", NArg: 0, Scalar: random, Doc: "A random integer."},
		{Name: "randomblob", NArg: 1, Scalar: randomBlob, Doc: "A blob of random bytes."},
	}
}

func abs(_ *Context, args []value.Value, out *value.Value) error {
	v := &args[0]
	switch v.Kind() {
	case value.Null:
		out.SetNull()
	case value.Int:
		i := v.Int()
		if i == math.MinInt64 {
			return errOverflow
		}
		if i < 0 {
			i = -i
		}
		out.SetInt(i)
	default:
		f := v.AsReal()
		if f < 0 {
			f = -f
		}
		out.SetReal(f)
	}
	return nil
}

var errOverflow = newError("integer overflow")

func round(_ *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() || len(args) == 2 && args[1].IsNull() {
		out.SetNull()
		return nil
	}
	digits := int64(0)
	if len(args) == 2 {
		digits = max(0, min(args[1].AsInt(), 30))
	}
	f := args[0].AsReal()
	switch {
	case f < -1<<52 || f > 1<<52:
		// No fraction is left to round.
	case digits == 0:
		if f < 0 {
			f = float64(int64(f - 0.5))
		} else {
			f = float64(int64(f + 0.5))
		}
	default:
		// By way of decimal text: 2.675 is shown as 2.675, so it must round
		// up although the nearest double is below.
		f = value.RoundPlaces(f, int(digits))
	}
	out.SetReal(f)
	return nil
}

func sign(_ *Context, args []value.Value, out *value.Value) error {
	v := args[0]
	v.ApplyCompareAffinity()
	if !v.IsNumber() {
		out.SetNull()
		return nil
	}
	f := v.AsReal()
	switch {
	case f < 0:
		out.SetInt(-1)
	case f > 0:
		out.SetInt(1)
	default:
		out.SetInt(0)
	}
	return nil
}

func random(c *Context, _ []value.Value, out *value.Value) error {
	// Never the least integer, so that abs(random()) never fails.
	i := int64(c.random())
	if i < 0 {
		i = -(i & math.MaxInt64)
	}
	out.SetInt(i)
	return nil
}

func (c *Context) random() uint64 {
	if c.Rand == nil {
		return 0
	}
	return c.Rand()
}

func randomBlob(c *Context, args []value.Value, out *value.Value) error {
	n := max(1, args[0].AsInt())
	if err := c.room(n); err != nil {
		return err
	}
	b := make([]byte, 0, n+7)
	for int64(len(b)) < n {
		x := c.random()
		b = append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24), byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56))
	}
	out.SetBlob(b[:n])
	return nil
}
