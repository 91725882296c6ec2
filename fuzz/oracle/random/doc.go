// Package random compares RustLite with the reference on random programs.
//
// A Program is a list of statements made from one seed: a schema of several
// tables with everything that a table may have, rows, then queries, changes,
// definitions and transactions. It runs on both sides, each in a fresh
// database in memory, statement by statement: the names and declared types of
// columns, rows, changes, last row ids, error codes and texts must be equal,
// and after what may have changed something the schema and the content of all
// tables (pair.go). The reference's answers steer the generator, so that later
// statements fit the schema; the same seed gives the same program always.
//
// What SQL leaves open is not compared: the order of rows where ORDER BY does
// not settle it, and which of several equal values stands for them (1 or 1.0,
// 'a' or 'A' under NOCASE) in a Statement that is Loose. That and the rest of
// what is left out, each with its reason, stands in exceptions.go.
//
// A program that differs is made small by Shrink before anybody looks at it.
//
// Start reading at Run.
package random
