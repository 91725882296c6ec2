// Package catalog is the schema as an immutable picture: tables, columns,
// indexes, views, triggers of the databases that a connection sees.
//
// Words: a Schema is the picture of one file; a Catalog is the list of
// schemas in the order of name lookup. DDL never changes a Schema: it makes a
// new one from the rows of sqlite_schema, which the root reads, parses and
// hands here (this package knows the tree of a statement, not its text).
//
// Invariants:
//
//	C1  A published Schema never changes, but that tables nobody has asked for
//	    are made when somebody does, once for all (lazy.go).
//	C2  Names are found without regard to the case of ASCII letters and shown
//	    as they were written.
//	C3  Every error of a definition is found here, with SQLite's text, before
//	    anything is written; every error of rows without a seal, when they
//	    are read.
//
// Start reading at Schema and Table, then NewTable in table.go.
package catalog
