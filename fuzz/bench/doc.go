// Command bench measures RustLite beside mattn/go-sqlite3 (C SQLite through
// cgo), modernc.org/sqlite (C SQLite translated to Go) and, in analytic work,
// DuckDB. It prints medians, their spread and their ratio to mattn, with what
// we want that ratio to be beside it.
//
//	go run .                              the whole table
//	go run . -list                        the workloads
//	go run . -run 'group|top' -rounds 3   some of them
//	go run -tags duckdb . -run tpch       with DuckDB, a large library
//	go run . -from a.json -run rank -json a.json -doc
//	go run . -from a.json -run '^$' -cpu  the same by the processor's time
//
// # What is measured
//
// A workload is a value of type workload: a name, the data set that it runs
// on, and a function that does the work through the interfaces of engine.go.
// Its time is that of the function given to T.Time or T.Repeat: files are
// opened, statements prepared and arguments boxed before. Workloads that read
// run once untimed, so that every cache is warm, then for a third of a second.
// The processor's time, of all threads, is measured beside it: -cpu shows it.
//
// Each run of a workload on an engine is a process of its own: no heap, no
// collector and no cache meets another's. Every round runs each engine once,
// in an order that rotates. Data sets are built once for a file format; a
// workload that changes its file gets a copy, on disk before it starts.
//
// # What is equal
//
// Pages are of 4 KiB. SQLite has a log (WAL), a busy timeout of 30 s and
// 256 MiB of cache, which holds all data sets of a million rows, as the system's
// cache holds them for RustLite's map; its own map stays off, its default. The
// levels FULL, NORMAL and OFF mean the same on all: a commit waits for the disk,
// for nobody, or leaves it to the system. All files lie in one folder. ANALYZE
// has been run on all data sets. Text becomes a Go string on every side, also
// through our native API, which could lend its bytes.
//
// mattn is run as it comes and with _mutex=no; the better of the two counts.
//
// # Answers
//
// Each workload folds its rows into an Answer: their number and a hash, of their
// order where SQL promises one, with floats rounded to nine digits. Engines that
// differ are an error that names the workload and shows both.
//
// Start reading at workload in workload.go and at run in run.go. A workload is
// added in its family's file: insert.go, lookup.go, commit.go, analytic.go,
// sort.go, tpch.go, change.go, json.go, prepare.go.
package main
