// Package driver runs sessions over database/sql on the reference's driver,
// mattn/go-sqlite3, and on ours, and compares what a program sees of them:
// values and their Go types, column types, results, error texts and codes.
//
// A session is a Go function that writes a transcript. Sessions made by hand
// are in sessions_test.go, each with the lines that differ on purpose and why;
// those in random_test.go are made of a seed. sets_test.go has several
// statements in one query, functions_test.go Go functions that fail or panic
// wherever a schema calls them, pairs_test.go two connections of one file.
// `go test -sessions 20000 -seed 1` runs many of the random ones.
package driver
