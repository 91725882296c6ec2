// Package oracle runs the reference, C SQLite 3.54.1, beside our own code.
//
// It is a module of its own, so that the reference and cgo never enter the
// product's go.mod. The reference is linked in by mattn/go-sqlite3; the thin
// binding here calls it directly, because a database/sql driver turns values
// by the declared types of columns and hides offsets and extended codes.
//
// cmd/oracle runs SQL of standard input on it; answers in our test corpora are
// recorded with it, never from ourselves. cmd/exprdiff compares functions,
// conversions and comparisons of vm/fn and vm/value with it on random values;
// package random and its command do so with whole programs, and cmd/scriptdiff
// compares the two on a script, to the names of columns and the offsets of
// errors. Package driver does so with sessions over database/sql.
//
// Start reading at Conn.
package oracle
