// Package model compares a database with the simplest thing that keeps the same promises: an ordered
// map (google/btree) that is cloned at every savepoint.
//
// Words: the truth is the map; an operation changes database and truth alike.
//
// Invariants: what a query answers is what the truth says, after every operation; an undone
// operation leaves both as they were; closing and opening changes nothing.
//
// Start reading at Truth; model_test.go drives it.
package model
