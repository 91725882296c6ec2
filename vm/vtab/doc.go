// Package vtab is the contract between the machine and tables that are no
// trees: table-valued functions now, and virtual tables of extensions.
//
// Words: a module is a kind of table with its columns; a hidden column is an
// argument of the table-valued function, not shown by *; a cursor is a walk
// over the rows that some arguments give.
//
// Invariants:
//
//	W1  A cursor is for one statement at a time. Filter begins a new walk and
//	    may be called any number of times.
//	W2  Values that Column gives are borrowed until the cursor moves.
//	W3  Arguments are borrowed for the call of Filter; a cursor that needs them
//	    later keeps a copy.
//
// The package holds the contract alone. Start reading at Module.
package vtab
