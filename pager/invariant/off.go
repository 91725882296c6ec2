//go:build !invariants && !race

package invariant

// Enabled says whether assertions are compiled in.
const Enabled = false

// Check does nothing in this build.
func Check(bool, string) {}

// Sometimes is never true in this build.
func Sometimes(int) bool { return false }

// Mangle does nothing in this build.
func Mangle([]byte) {}
