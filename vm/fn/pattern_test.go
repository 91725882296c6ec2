package fn

import (
	"math/rand"
	"testing"
)

// Goal: patterns in pieces match as they do character by character, up to the first zero byte.
func TestPatternPieces(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	draw := func(from string, n int) []byte {
		b := make([]byte, rng.Intn(n))
		for i := range b {
			b[i] = from[rng.Intn(len(from))]
		}
		return b
	}
	var p Pattern
	for range 200000 {
		s := syntax{any: '%', one: '_', fold: rng.Intn(3) > 0}
		p.compile(draw("%%aAb@g", 8), s)
		text := draw("aaAbbg@\x00", 30)
		m := matcher{s, p.text, untilNUL(text)}
		if got, want := p.Matches(text), m.run(0, 0) == matched; got != want {
			t.Fatalf("%q like %q: %v", text, p.src, got)
		}
	}
}
