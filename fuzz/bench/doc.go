// Command bench runs the same work on RustLite, on mattn/go-sqlite3 (C SQLite
// through cgo) and on modernc.org/sqlite (C SQLite translated to Go), and
// prints medians and their ratio to mattn.
//
// Each round runs every rival once, in turn, on a fresh file; the answers of
// all rivals must agree. Durability is equal: WAL and synchronous=NORMAL for
// the rivals, level normal for RustLite. Start reading at main.
package main
