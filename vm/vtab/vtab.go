package vtab

import "github.com/rustlite/rustlite/vm/value"

// Module is a kind of table. It is immutable.
type Module struct {
	Name    string // Lower case.
	Columns []Column
	// Needs is the number of hidden columns, from the first, without which
	// there are no rows.
	Needs int
	// Open returns a new cursor. host is what the machine runs in; modules
	// that know it look into it.
	Open func(host any) Cursor
}

// Column is one column of a module.
type Column struct {
	Name     string
	DeclType string
	Hidden   bool
}

// Cursor is a walk over rows.
type Cursor interface {
	// Filter goes to the first row for the arguments: the values of the hidden
	// columns, in their order. Those at the end may be missing.
	Filter(args []value.Value) error
	// Next goes to the next row.
	Next() error
	// EOF reports whether the rows are over.
	EOF() bool
	// Column gives the value of column i of the row.
	Column(i int, out *value.Value) error
	// Rowid is the row's number.
	Rowid() int64
}
