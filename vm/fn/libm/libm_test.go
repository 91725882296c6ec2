package libm_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/rustlite/rustlite/vm/fn/libm"
)

// Goal: results are the correctly rounded ones. Method: series of 300 bits at random arguments; an inverse function is
// right when its argument lies between the images of the midpoints around its result.

const (
	precision = 300
	rounds    = 2000
	seed      = 1
)

func of(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func op(f func(z, x, y *big.Float) *big.Float, x, y *big.Float) *big.Float {
	return f(new(big.Float).SetPrec(precision), x, y)
}

// series adds x^n/n! for n = from, from+step ..., with alternating signs for
// step 2.
func series(x *big.Float, from, step int) *big.Float {
	s, t := of(0), of(1)
	for n := 1; n < 400; n++ {
		if (n-1)%step == from%step && n > from {
			if step == 2 && (n-1)/2%2 == 1 {
				s = op((*big.Float).Sub, s, t)
			} else {
				s = op((*big.Float).Add, s, t)
			}
		}
		t = op((*big.Float).Quo, op((*big.Float).Mul, t, x), of(float64(n)))
	}
	return s
}

func exp(x *big.Float) *big.Float { return series(x, 0, 1) }
func sin(x *big.Float) *big.Float { return series(x, 1, 2) }
func cos(x *big.Float) *big.Float { return series(x, 0, 2) }
func tan(x *big.Float) *big.Float { return op((*big.Float).Quo, sin(x), cos(x)) }

func TestRounding(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 0))
	for _, c := range []struct {
		name  string
		f     func(float64) float64
		exact func(*big.Float) *big.Float
		most  float64
	}{{"exp", libm.Exp, exp, 40}, {"sin", libm.Sin, sin, 30}, {"cos", libm.Cos, cos, 30}, {"tan", libm.Tan, tan, 30}} {
		for range rounds / 10 {
			x := (r.Float64()*2 - 1) * c.most
			if want, _ := c.exact(of(x)).Float64(); c.f(x) != want {
				t.Errorf("%s(%v) = %v, want %v (seed %d)", c.name, x, c.f(x), want, seed)
			}
		}
	}
}

func TestInverses(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 1))
	for _, c := range []struct {
		name   string
		f      func(float64) float64
		image  func(*big.Float) *big.Float
		low    float64
		high   float64
		ascend bool
	}{
		{"log", libm.Log, exp, 0.01, 1000, true}, {"atan", libm.Atan, tan, -50, 50, true},
		{"asin", libm.Asin, sin, -1, 1, true}, {"acos", libm.Acos, cos, -1, 1, false},
	} {
		for range rounds / 10 {
			x := c.low + r.Float64()*(c.high-c.low)
			y := c.f(x)
			middle := func(to float64) *big.Float {
				return op((*big.Float).Quo, op((*big.Float).Add, of(y), of(math.Nextafter(y, to))), of(2))
			}
			below, above := c.image(middle(math.Inf(-1))), c.image(middle(math.Inf(1)))
			if !c.ascend {
				below, above = above, below
			}
			if below.Cmp(of(x)) > 0 || above.Cmp(of(x)) < 0 {
				t.Errorf("%s(%v) = %v is not the nearest (seed %d)", c.name, x, y, seed)
			}
		}
	}
}

func TestPowers(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 2))
	for range rounds {
		x, n := math.Ldexp(float64(r.IntN(1<<30)+1), -20), r.IntN(20)+1
		want := of(1)
		want.SetPrec(2000)
		for range n {
			want = new(big.Float).SetPrec(2000).Mul(want, of(x))
		}
		if w, _ := want.Float64(); libm.Pow(x, float64(n)) != w || libm.Pow(-x, float64(n)) != w*float64(1-n%2*2) {
			t.Errorf("pow(%v, %d) = %v, want %v (seed %d)", x, n, libm.Pow(x, float64(n)), w, seed)
		}
	}
}

// Large angles against what a series of 3,000 bits cannot reach: known values.
func TestKnown(t *testing.T) {
	for _, c := range []struct{ got, want float64 }{
		{libm.Sin(1e22), -0.8522008497671888}, {libm.Cos(1e22), 0.523214785395139},
		{libm.Sin(math.MaxFloat64), 0.004961954789184062}, {libm.Exp(-745), 5e-324}, {libm.Exp(710), math.Inf(1)},
		{libm.Exp(-746), 0}, {libm.Exp(1), math.E}, {libm.Log(math.SmallestNonzeroFloat64), -744.4400719213812},
		{libm.Log2(8), 3}, {libm.Log10(1000), 3}, {libm.Pow(2, -1074), 5e-324}, {libm.Pow(-8, 1.0/3), math.NaN()},
		{libm.Atan2(math.Copysign(0, -1), -1), -math.Pi}, {libm.Sinh(710), 1.1169973830808557e308}, {libm.Tanh(0.1), 0.09966799462495582},
	} {
		if c.got != c.want && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}
