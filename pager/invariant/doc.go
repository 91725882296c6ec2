// Package invariant holds the assertions of the house. They cost nothing when they are off; the
// build tag "invariants" turns them on, and so does the race detector.
//
// An assertion is for a mistake of ours: what a foreign file, a foreign caller or a disk does
// wrong is an error, never a panic. Numbered rules (P1, J2, C3 ...) stand in the doc.go of the
// room that keeps them and are cited in the text of each check.
//
// On a hot path, guard with "if invariant.Enabled {" so that arguments are not even built.
// Start reading at Check.
package invariant
