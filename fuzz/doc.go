// Package fuzz holds the targets for go test -fuzz, one file for each kind of input. The other kinds of tests have
// packages of their own below it.
//
// Invariant: a target's seeds run with every go test, and no input makes any package panic.
package fuzz
