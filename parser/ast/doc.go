// Package ast holds the syntax tree of SQL as SQLite 3.54 speaks it: pure data, one concrete struct
// for each construct, and a printer that turns any tree back into SQL.
//
// Words: a node is a pointer to one of the structs; a statement, an expression and a table
// expression are sealed families of nodes; a name is an identifier with its place and its quotes.
//
// Invariants:
//
//	A1  Every node made by the parser has a span within the text: 0 <= Pos <= End <= len(sql).
//	    Nodes made by others may have the zero span.
//	A2  Children lie within their parent's span, and siblings ascend.
//	A3  An optional child is a nil pointer or a nil interface, never an interface holding nil.
//	A4  Parentheses leave no node, except around joins, where they decide what may follow;
//	    the printer puts back those that the meaning needs.
//	A5  Text fields (ResultColumn.Text, ColumnDefault.Text, SchemaSQL ...) are substrings of the source
//	    as SQLite keeps them; the printer does not read them.
//
// The package knows nothing of schemas: TRUE is a Column whose name is TRUE, "x" is a Column whose
// name was double-quoted, and a call is a FuncCall whether or not the function exists.
//
// Start reading at node.go, then stmt.go, query.go, table.go, expr.go; walk.go visits nodes in
// the order in which those files declare them.
package ast
