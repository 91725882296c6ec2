// Package codegen compiles physical plans and bound changes to programs of
// the machine.
//
// Words: to emit is to append an instruction; a label is an address that is
// not known yet; a sink is the code that consumes a row, given where its
// values stand; a binding says where the columns of a source are to be read
// just now (a cursor, an index that covers them, registers); an override
// replaces expressions by registers (after grouping).
//
// A trigger's body is a program of its own, made once for each conflict action
// with which it is fired (trigger.go); OLD and NEW are its parameters. The
// programs of one statement are a unit.
//
// Foreign keys count what a change breaks and mends; their actions are triggers
// that are made while compiling (foreignkey.go).
//
// A plan is compiled from the outside in: each operator emits its loop and
// calls the sink of the operator above it at the place where a row exists, so
// that no rows are handed between operators at run time (produce and consume,
// after T. Neumann, Efficiently Compiling Efficient Query Plans for Modern
// Hardware, VLDB 2011).
//
// A window step keeps the rows of a partition in a private table and moves
// cursors over it (window.go); one whose results depend on the rows before
// alone keeps nothing.
//
// ALTER TABLE edits the texts of the schema at the places of tokens and leaves
// every other byte: names where resolve says that they mean the object
// (rename.go), constraints where the reference's scanner finds them
// (alter_constraint.go). What is wrong afterwards is found when the root has read
// the new schema (CheckSchema).
//
// Invariants:
//
//	G1  A register that lives across a move of the cursor it was read from
//	    owns its bytes (Copy, Own, ColumnOwn).
//	G2  Literals and parameters are loaded once, in the preamble at the end of
//	    the program, and never written again; nor read as such, where they only
//	    begin a register (memo.go).
//	G3  Every label is bound before the program is finished.
//	G4  A program is immutable once finish has returned it.
//
// Start reading at gen in gen.go, then query in query.go, level in scan.go.
package codegen
