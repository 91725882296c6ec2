// Package errfs is a file system that fails the n-th operation of chosen kinds, once or for ever,
// over any other one. A fault loop runs a workload with n = 1, 2, 3 ... until a run meets no
// fault, and asks Fired after each, so that a loop that injects nothing is noticed.
//
// Rules:
//
//	E1  Operations of the chosen kinds are counted in the order they begin, from 1.
//	E2  A failed write has written the first half of its bytes or nothing, by turns.
//	E3  A failed sync has synced nothing. Every other failed operation has done nothing.
//
// Start reading at errfs.go.
package errfs
