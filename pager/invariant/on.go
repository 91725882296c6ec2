//go:build invariants || race

package invariant

import "sync/atomic"

// Enabled says whether assertions are compiled in.
const Enabled = true

var coin atomic.Uint64

// Check panics when ok is false. The text names the rule.
func Check(ok bool, rule string) {
	if !ok {
		panic("invariant: " + rule)
	}
}

// Sometimes is true about percent times in a hundred, so that rare paths are walked often in
// invariant builds. It follows a counter and not chance: one thread sees the same answers again.
func Sometimes(percent int) bool {
	x := coin.Add(0x9e3779b97f4a7c15)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return int((x^x>>31)%100) < percent
}

// Mangle overwrites borrowed bytes whose time is over, so that a late reader fails loudly.
func Mangle(b []byte) {
	for i := range b {
		b[i] = 0xdb
	}
}
