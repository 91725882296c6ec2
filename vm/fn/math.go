package fn

import (
	"math"

	"github.com/rustlite/rustlite/vm/fn/libm"
	"github.com/rustlite/rustlite/vm/value"
)

// The functions of mathematics take numbers, and texts that are numbers from
// end to end; anything else makes NULL of them, and so does a result that is no
// number.
func mathFuncs() []*Func {
	one := func(name, doc string, f func(float64) float64) *Func { return pure(name, 1, doc, ofOne(f)) }
	two := func(name, doc string, f func(a, b float64) float64) *Func { return pure(name, 2, doc, ofTwo(f)) }
	return []*Func{
		pure("ceil", 1, "A number rounded up to an integer.", toInteger(math.Ceil)),
		pure("ceiling", 1, "Another name of ceil.", toInteger(math.Ceil)),
		pure("floor", 1, "A number rounded down to an integer.", toInteger(math.Floor)),
		pure("trunc", 1, "A number without its fraction.", toInteger(math.Trunc)),
		pure("ln", 1, "The natural logarithm.", logarithm(libm.Log)),
		pure("log", 1, "The logarithm to base 10.", logarithm(libm.Log10)),
		pure("log10", 1, "The logarithm to base 10.", logarithm(libm.Log10)),
		pure("log2", 1, "The logarithm to base 2.", logarithm(libm.Log2)),
		pure("log", 2, "The logarithm of the second argument to the base of the first.", logTo),
		one("exp", "The exponential function.", libm.Exp),
		two("pow", "The first argument to the power of the second.", libm.Pow),
		two("power", "Another name of pow.", libm.Pow),
		two("mod", "What is left of the first argument divided by the second.", math.Mod),
		one("acos", "The arc cosine, in radians.", libm.Acos), one("asin", "The arc sine, in radians.", libm.Asin),
		one("atan", "The arc tangent, in radians.", libm.Atan), two("atan2", "The angle of the point (second, first), in radians.", libm.Atan2),
		one("cos", "The cosine of an angle in radians.", libm.Cos), one("sin", "The sine of an angle in radians.", libm.Sin),
		one("tan", "The tangent of an angle in radians.", libm.Tan),
		one("cosh", "The hyperbolic cosine.", libm.Cosh), one("sinh", "The hyperbolic sine.", libm.Sinh),
		one("tanh", "The hyperbolic tangent.", libm.Tanh), one("acosh", "The inverse hyperbolic cosine.", libm.Acosh),
		one("asinh", "The inverse hyperbolic sine.", libm.Asinh), one("atanh", "The inverse hyperbolic tangent.", libm.Atanh),
		one("sqrt", "The square root.", math.Sqrt),
		one("radians", "Degrees as radians.", func(x float64) float64 { return x * (math.Pi / 180) }),
		one("degrees", "Radians as degrees.", func(x float64) float64 { return x * (180 / math.Pi) }),
		pure("pi", 0, "The ratio of a circle's circumference to its diameter.", func(_ *Context, _ []value.Value, out *value.Value) error {
			out.SetReal(math.Pi)
			return nil
		}),
	}
}

// number is v as a number, with its class; ok is false for what is none.
func number(v *value.Value) (n value.Value, ok bool) {
	n = *v
	if n.Kind() == value.Text {
		n.ApplyAffinity(value.AffNumeric)
	}
	return n, n.IsNumber()
}

func ofOne(f func(float64) float64) call {
	return func(_ *Context, args []value.Value, out *value.Value) error {
		out.SetNull()
		if x, ok := number(&args[0]); ok {
			out.SetReal(f(x.AsReal()))
		}
		return nil
	}
}

func ofTwo(f func(a, b float64) float64) call {
	return func(_ *Context, args []value.Value, out *value.Value) error {
		out.SetNull()
		a, aOK := number(&args[0])
		b, bOK := number(&args[1])
		if aOK && bOK {
			out.SetReal(f(a.AsReal(), b.AsReal()))
		}
		return nil
	}
}

// toInteger rounds reals; integers stay what they are.
func toInteger(f func(float64) float64) call {
	return func(_ *Context, args []value.Value, out *value.Value) error {
		out.SetNull()
		if x, ok := number(&args[0]); ok && x.Kind() == value.Int {
			out.SetInt(x.Int())
		} else if ok {
			out.SetReal(f(x.Real()))
		}
		return nil
	}
}

func logarithm(f func(float64) float64) call {
	return func(_ *Context, args []value.Value, out *value.Value) error {
		out.SetNull()
		if x, ok := number(&args[0]); ok && x.AsReal() > 0 {
			out.SetReal(f(x.AsReal()))
		}
		return nil
	}
}

func logTo(_ *Context, args []value.Value, out *value.Value) error {
	out.SetNull()
	base, ok := number(&args[0])
	if !ok || base.AsReal() <= 0 {
		return nil
	}
	// As in the reference a base below 1 has none, and the second argument is
	// taken for a number whatever it is.
	b, x := libm.Log(base.AsReal()), args[1].AsReal()
	if b > 0 && x > 0 {
		out.SetReal(libm.Log(x) / b)
	}
	return nil
}
