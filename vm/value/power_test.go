package value

// The tables of powers of ten are computed anew with math/big, and the
// conversions built on them compared with strconv where both must agree.

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
)

// bigPower returns 10^p rounded to 96 bits: the first 64 and the next 32.
func bigPower(p int) (uint64, uint32) {
	f := new(big.Float).SetPrec(2000).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(p, -p))), nil))
	if p < 0 {
		f.Quo(big.NewFloat(1).SetPrec(2000), f)
	}
	f.SetMode(big.ToNearestEven).SetPrec(96)
	f.SetMantExp(f, 96-f.MantExp(nil))
	i, _ := f.Int(nil)
	low := new(big.Int).And(i, big.NewInt(math.MaxUint32))
	return i.Rsh(i, 32).Uint64(), uint32(low.Uint64())
}

func TestPowersOfTen(t *testing.T) {
	for p, have := range powersNear {
		if want, low := bigPower(p); have != want || low != 0 {
			t.Errorf("10^%d is %#x, want %#x", p, have, want)
		}
	}
	for i, have := range powersFar {
		p := 27 * (i - 13)
		if hi, lo := bigPower(p); have.hi != hi || have.lo != lo {
			t.Errorf("10^%d is %#x %#x, want %#x %#x", p, have.hi, have.lo, hi, lo)
		}
	}
	for p := powerMin; p <= powerMax; p++ {
		hi, lo := powerOfTen(p)
		wantHi, wantLo := bigPower(p)
		// The last of the 96 bits may be off by the product's rounding.
		got := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(hi), 32), big.NewInt(int64(lo)))
		want := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(wantHi), 32), big.NewInt(int64(wantLo)))
		if d := new(big.Int).Sub(got, want); d.CmpAbs(big.NewInt(3)) > 0 {
			t.Errorf("10^%d is off by %v", p, d)
		}
	}
}

// TestRealText: what AppendReal writes reads as the same real to within the
// 17 digits that it promises, and 19 digits read as strconv reads them.
func TestRealText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		f := math.Float64frombits(rng.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		s := AppendReal(nil, f)
		if g, err := strconv.ParseFloat(string(s), 64); err != nil || g != f {
			t.Fatalf("%v is shown as %s, which is %v", f, s, g)
		}
		d, p := rng.Uint64()>>rng.IntN(60), rng.IntN(700)-350
		want, _ := strconv.ParseFloat(strconv.FormatUint(d, 10)+"e"+strconv.Itoa(p), 64)
		got := decimalToReal(d, p)
		if p < powerMin || p > powerMax {
			continue // Beyond the table all is 0 or infinity, whatever d is.
		}
		if got != want {
			t.Fatalf("%de%d is %v, want %v", d, p, got, want)
		}
	}
}

func TestRealAllocs(t *testing.T) {
	buf := make([]byte, 0, 64)
	text := []byte("123.456e-7")
	if n := testing.AllocsPerRun(100, func() {
		buf = AppendReal(buf[:0], 0.1)
		buf = AppendReal(buf[:0], 1e300)
		_ = ParseNumber(text)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNoCaseKey(t *testing.T) {
	texts := []string{"", "a", "A", "ab", "aB", "a\x00", "A\x00", "a\x00b", "a\x00B", "a\x00c", "a\x00bc", "a\x00\x00", "b", "\x00", "\x00a", "a\x01"}
	sign := func(n int) int { return min(1, max(-1, n)) }
	for _, a := range texts {
		for _, b := range texts {
			want := sign(NoCase.CompareText([]byte(a), []byte(b)))
			got := sign(Binary.CompareText(NoCase.AppendKey(nil, []byte(a)), NoCase.AppendKey(nil, []byte(b))))
			if got != want {
				t.Errorf("%q and %q compare as %d, their keys as %d", a, b, want, got)
			}
		}
	}
}
