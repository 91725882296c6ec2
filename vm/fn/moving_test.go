package fn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rustlite/rustlite/vm/value"
)

// Goal: min and max of a moving frame equal those of its rows, without allocation per row. Method: random
// frames against slices.

func TestMovingExtreme(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for sign, best := range map[int]func([]int64) int64{1: slices.Min[[]int64], -1: slices.Max[[]int64]} {
		a := &movingExtreme{sign: sign}
		var frame []int64
		for range 10000 {
			if len(frame) > 0 && r.IntN(20) < 9 {
				must(t, a.Inverse(&Context{}, []value.Value{value.FromInt(frame[0])}))
				frame = frame[1:]
			} else {
				frame = append(frame, int64(r.IntN(50)))
				must(t, a.Step(&Context{}, []value.Value{value.FromInt(frame[len(frame)-1])}))
			}
			var got value.Value
			must(t, a.Value(&Context{}, &got))
			if len(frame) == 0 && !got.IsNull() || len(frame) > 0 && got.Int() != best(frame) {
				t.Fatalf("sign %d: %v of %v", sign, got, frame)
			}
		}
	}
	a, c := &movingExtreme{sign: 1}, &Context{}
	args := []value.Value{value.FromString("some text")}
	for range 10 {
		must(t, a.Step(c, args))
	}
	if n := testing.AllocsPerRun(100, func() { _ = a.Inverse(c, args); _ = a.Step(c, args) }); n > 0 {
		t.Errorf("%v allocations a row", n)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
