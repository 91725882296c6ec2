// Package rustlite is an embedded SQL database in pure Go: one file, SQLite's
// language, readers that never wait.
//
//	db, err := rustlite.Open("app.rldb", nil)
//	_, err = db.Exec(ctx, "INSERT INTO t(a, b) VALUES (?, ?)", 1, "x")
//	for row, err := range db.All(ctx, "SELECT a, b FROM t") {
//		fmt.Println(row.Int64(0), row.Text(1))
//	}
//
// # Objects
//
// A DB is safe for any number of goroutines. Its statements run on
// connections that it lends out; a Tx, a Rows and a Conn are for one goroutine
// at a time. One file has one engine in a process: opening it again shares it.
//
// # Transactions
//
// Every statement outside of a transaction is one of its own. Readers see the
// newest commit of the moment they start and never wait; writers take turns,
// first come first served, until the context or the busy timeout ends the
// wait. A busy timeout that nobody set is 5 seconds, and counts only where the
// context has no deadline. A transaction that has read, and then changes
// something after another has committed, answers ErrBusySnapshot: it must
// start again.
//
// # Time and values
//
// Arguments may be nil, integers, floats, bool, string, []byte, time.Time,
// and what implements driver.Valuer. A time.Time is stored as text in the
// form 2006-01-02 15:04:05.999999999-07:00.
//
// # Errors
//
// Every error of the database is an *Error: its text is SQLite's, its codes
// are SQLite's numbers. errors.Is(err, rustlite.ErrConstraintUnique) asks for
// a code.
//
// Start reading the source at DB in rustlite.go, then Conn in conn.go, then
// run in run.go, where a program meets its transaction.
package rustlite
