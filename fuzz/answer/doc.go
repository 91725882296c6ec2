// Package answer reads what fuzz/oracle has recorded of the reference: pairs of
// lines, a statement and its answer "class:literal", and the literals of both.
// Tests of vm/value and vm/fn compare with them bit by bit.
package answer
