package arena_test

import (
	"testing"

	"github.com/rustlite/rustlite/planner/arena"
)

func TestZeroAfterReset(t *testing.T) {
	var a arena.Of[int]
	for round := range 5 {
		var all []*int
		for i := range 100 {
			p := a.New()
			if *p != 0 {
				t.Fatalf("round %d: value %d is %d, not zero", round, i, *p)
			}
			*p = i + 1
			all = append(all, p)
		}
		for i, p := range all {
			if *p != i+1 {
				t.Fatalf("round %d: value %d was given out twice", round, i)
			}
		}
		a.Reset()
	}
}

func TestSlicesDoNotMeet(t *testing.T) {
	var a arena.Of[byte]
	x, y := a.Slice(3), a.Slice(3)
	x = append(x, 'x')
	if y[0] != 0 || len(x) != 4 {
		t.Fatalf("appending to one slice wrote %v into the next", y)
	}
	if n := len(a.Slice(1 << 20)); n != 1<<20 {
		t.Fatalf("%d values, want 1<<20", n)
	}
}

func TestNoGarbage(t *testing.T) {
	var a arena.Of[[4]int]
	use := func() {
		for range 50 {
			a.New()
		}
		a.Slice(20)
		a.Reset()
	}
	use()
	use()
	if n := testing.AllocsPerRun(10, use); n > 0 {
		t.Fatalf("%v allocations a round, want none", n)
	}
}
