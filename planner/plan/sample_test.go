package plan

import (
	"math"
	"testing"

	"github.com/rustlite/rustlite/vm/value"
)

// Goal: what a sample says of a column is near what the whole of it is. Method: columns of known make-up, of which
// every so many rows are taken.

func sampleOf(n, every int, at func(i int) value.Value) *Sample {
	var values []value.Value
	for i := 0; i < n; i += every {
		values = append(values, at(i))
	}
	return NewSample(values, float64(n), 8)
}

func TestSampleCountsDifferentValues(t *testing.T) {
	const n = 100_000
	for name, c := range map[string]struct {
		at   func(i int) value.Value
		want float64
	}{
		"a key":       {func(i int) value.Value { return value.FromInt(int64(i)) }, n},
		"one value":   {func(int) value.Value { return value.FromInt(7) }, 1},
		"five texts":  {func(i int) value.Value { return value.FromString("abcde"[i/391%5:][:1]) }, 5},
		"150 of them": {func(i int) value.Value { return value.FromInt(int64(i/391) * 7919 % 150) }, 150},
	} {
		s := sampleOf(n, n/256, c.at)
		if s.Distinct < c.want*0.6 || s.Distinct > c.want*1.6 {
			t.Errorf("%s: %g different values, want about %g", name, s.Distinct, c.want)
		}
	}
}

func TestSampleSpreads(t *testing.T) {
	s := sampleOf(1000, 1, func(i int) value.Value {
		if i%4 == 0 {
			return value.Value{}
		}
		return value.FromInt(int64(i))
	})
	if s.Nulls != 0.25 || s.Distinct != 750 {
		t.Errorf("%g of the rows are NULL and %g values differ, want 0.25 and 750", s.Nulls, s.Distinct)
	}
	for v, want := range map[int64]float64{-1: 0, 250: 0.25, 500: 0.5, 2000: 1} {
		x := value.FromInt(v)
		if got := s.below(&x, false); math.Abs(got-want) > 0.01 {
			t.Errorf("%g of the values are below %d, want %g", got, v, want)
		}
	}
	if s := NewSample([]value.Value{{}, {}}, 10, 8); s.Nulls != 1 || s.Distinct != 0 {
		t.Errorf("a column of NULLs: %+v", s)
	}
}
