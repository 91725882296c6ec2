package vm

import (
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Addr is the address of an instruction, its index in Program.Code.
type Addr = int32

// Reg is the number of a register; 0 is never used.
type Reg = int32

// Instr is one instruction. Its meaning stands in OPCODES.md.
type Instr struct {
	Op             Op
	P5             uint16
	P1, P2, P3, P4 int32
}

// Program is what the planner hands to the machine: immutable, printable, and
// shared by all runs of the statement.
type Program struct {
	Code    []Instr
	Consts  []value.Value
	Strings []string
	Keys    []*KeyInfo
	Colls   []*value.Collation
	Calls   []FuncCall
	Tables  []*TableInfo
	Errors  []*ErrorInfo
	Objects []any
	// Subs are the programs that this one calls: those of triggers. One may
	// call itself, directly or not.
	Subs []*Program

	Registers int // Registers 1..Registers exist.
	Cursors   int // Cursors 0..Cursors-1.
	Accums    int // Accumulators 0..Accums-1.
	Vectors   int // Vector registers 0..Vectors-1.

	// Of a sub-program: how many registers it reads of its caller, and the
	// trigger that it belongs to, shared by all programs of that trigger; nil
	// for an action of a foreign key.
	Args    int
	Trigger *TriggerInfo

	// Literals are the constants that stand as literals in the statement's text and
	// decided nothing of the program.
	Literals []Literal

	Params  []Param  // Parameters by number-1.
	Columns []Column // Result columns; empty for a statement without rows.

	ReadOnly bool // Changes nothing in the file.
	// Statement opens a savepoint of its own at its first write: the statement
	// can fail after a change and must then leave nothing behind.
	Statement bool
	Explain   uint8 // 0, or Explain*.
	Tallies   []TallyInfo
	CountRows bool // Result.RowsAffected is set by it.

	// Comments by address, for EXPLAIN; nil in programs that were not asked.
	Comments []string
}

// Literal is a constant that stands as a literal in the text of a statement: with
// the constants of another text in their place the program is that text's.
type Literal struct {
	At       int // In the text that was compiled.
	Const    int32
	Negative bool // The constant is what the literal is with a minus before it.
}

// WithConsts is the program with other constants.
func (p *Program) WithConsts(consts []value.Value) *Program {
	q := *p
	q.Consts = consts
	return &q
}

// Param is one parameter of a statement.
type Param struct {
	Name string // With its prefix (":a", "?5"), empty for a plain "?".
}

// Column describes one result column.
type Column struct {
	Name     string
	DeclType string // Declared type of the table column it comes from, or "".
	Database string // Origin, empty for expressions.
	Table    string
	Origin   string // Column name in the table.
	NotNull  bool
}

// KeyInfo describes the keys of an index, a sorter or an ephemeral tree.
type KeyInfo struct {
	Cols []record.KeyColumn // Without the row id that may follow.
	// PayloadRecord: Column reads from a record in the payload, by its column
	// numbers, and not from the key.
	PayloadRecord bool
	// Suffix counts the columns at the end that only tell entries apart: the
	// primary key of a WITHOUT ROWID table.
	Suffix int
	// Unique and Names serve the errors and checks of indexes.
	Unique bool
	Name   string
	// Compare orders the keys where their bytes do not; nil where they do.
	Compare func(a, b []byte) int
}

// startsWith reports how key compares with the columns of bound: 0 when it
// starts with them.
func (k *KeyInfo) startsWith(key, bound []byte) int {
	if k.Compare != nil {
		return record.CompareCustomPrefix(k.Cols, key, bound)
	}
	return record.ComparePrefix(key, bound)
}

// FuncCall is one call site of a function.
type FuncCall struct {
	Func *fn.Func
	NArg int
	Coll *value.Collation // For functions that compare their arguments.
	// PureIn names the place of a call that must depend on its arguments
	// alone; see fn.Context.
	PureIn string
}

// TableInfo names a table for changes and errors.
type TableInfo struct {
	Database string
	Name     string
	Columns  []string
	// Types are the types of a STRICT table's columns, by their standard names;
	// nil for other tables.
	Types     []string
	Generated []bool // Of a STRICT table: the generated columns.
}

// TriggerInfo is the identity of a trigger.
type TriggerInfo struct {
	Name string
}

// Conflict actions of Halt and of constraints; the numbers are SQLite's.
const (
	ActionNone     = 0
	ActionRollback = 1
	ActionAbort    = 2
	ActionFail     = 3
	ActionIgnore   = 4
	ActionReplace  = 5
)

// ErrorInfo is an error that a program raises by Halt.
type ErrorInfo struct {
	Code       int    // Extended code, such as 2067 for SQLITE_CONSTRAINT_UNIQUE.
	Text       string // The message, whole.
	Table      string
	Columns    []string
	Constraint string
}

// Meta fields of ReadMeta and SetMeta.
const (
	MetaSchemaCookie = iota
	MetaUserVersion
	MetaApplicationID
	MetaPageSize
	MetaPageCount
	MetaFreePages
	MetaCommitNo
)
