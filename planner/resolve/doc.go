// Package resolve binds the names of a statement to the catalogue.
//
// Words: to resolve is to find what a name means; a Source is one term of a
// FROM clause (table, view, subquery, CTE, function); a Core is one SELECT or
// VALUES; a Query is one or several cores combined, with ORDER BY and LIMIT;
// an Expr is a bound expression: its columns point to sources, its functions
// to definitions. OLD and NEW in the body of a trigger are parameters.
//
// Invariants:
//
//	N1  A bound tree refers to catalogue objects and sources only, never to
//	    the text or its scopes.
//	N2  An Expr is never changed once it is bound; rewriting makes new ones.
//	N3  Every error has SQLite's text, and the offset of the name at fault.
//	N4  What the planner cannot run yet is refused here or in plan with
//	    "not supported yet: FEATURE", before anything is read or written.
//	N5  Whoever looks at the value of a literal of the statement notes that it
//	    decides: its program serves texts that differ in the others (literal.go).
//
// Whoever edits texts of the schema listens while they are bound: Env.Named
// hears of each name that means a table or a column (names.go).
//
// Affinity and collation of an expression follow "Datatypes In SQLite",
// sections 3 to 7. Start reading at Expr, then Query, then select.go.
package resolve
