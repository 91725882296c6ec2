// Package vm is the register machine that runs compiled statements.
//
// Words: a Program is immutable bytecode (program.go); an Instr is an opcode
// with operands P1 to P5 (op.go holds the table, OPCODES.md is made from it).
// A Machine runs one program at a time: it owns registers (one value each),
// cursors (on trees, sorters, row sets), accumulators, and vector registers.
// A step runs until a result row, the end, or an error. The Env is the
// connection as the machine sees it. A program calls sub-programs, the bodies of
// triggers: what belongs to one activation is a frame. A batch is a run of rows of one leaf,
// or while the transaction only reads of a few; a
// lane is one of them, a kernel works on all selected lanes at once.
//
// Invariants:
//
//	M1  A program that Verify accepts never indexes beyond the machine's
//	    registers, cursors, accumulators, vectors or pools.
//	M2  A register that Column, SCopy or Const filled borrows its bytes: a
//	    page's or a cursor's until that cursor moves or its tree is written,
//	    another register's until that one is written. What Copy, Own,
//	    ColumnOwn, functions and encoders leave behind lies in a buffer that
//	    belongs to the register.
//	M3  A row or key that a cursor has decoded is used only in the epoch in
//	    which it was read; every write to a tree of the file, and every return
//	    of control to the caller, begins a new epoch.
//	M4  A statement that fails with ABORT leaves the trees as they were when
//	    it began: by its savepoints when Program.Statement, otherwise because
//	    it can fail only before its first change. When neither holds (a fault
//	    of the disk in the middle of a change) the error's action is ROLLBACK.
//	M5  A kernel never fails, but for a LIKE or GLOB whose pattern is no good
//	    for any text: a lane that it has no loop for is computed by the function
//	    of the row opcode. A batch with overflow pages is left,
//	    whole, to the row-by-row twin before anything of it has reached an
//	    accumulator. Lanes that are read as rows are those of unchanged leaves:
//	    VRowNext looks.
//	M6  Scan, filter, seek, insert and calls do not allocate per row.
//	M7  A sub-program finds its caller's registers as they were when it was
//	    called, and leaves them and the caller's cursors alone: the arguments
//	    own their bytes, and cursors seek again after a change of their tree.
//	M8  Between Split and Join a program only reads, and writes what its
//	    SplitInfo names: helpers see the registers as they were at Split, and
//	    share complete sets and hash tables.
//
// The package does not parse, plan, or commit: transactions begin and end in
// the Env. Private tables (materialised subqueries) are trees in an in-memory
// pager of the machine; private indexes (IN sets, DISTINCT) begin as hash sets
// and become such trees when they are sought or changed while being walked
// (keyset.go); the groups of a GROUP BY and the inner rows of a join without an
// index are hash tables (groups.go, groupkeys.go, hashrows.go), the former within
// the memory of a sort, their accumulators side by side (fn.Accumulators), the
// latter with records beyond it in a temporary file; sorters spill to temporary files of the Env's file system.
//
// Start reading at Machine.Step, then run in run.go; exec_*.go hold what takes
// more than five lines, batch*.go and kernel*.go the batch family, split.go how
// several machines run one loop.
package vm

//go:generate go run ../fuzz/tools/opcodes OPCODES.md
