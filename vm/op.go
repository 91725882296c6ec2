package vm

// Op is an opcode.
type Op uint8

// P4Kind says what an instruction's P4 is an index into.
type P4Kind uint8

// The kinds of P4.
const (
	P4None  P4Kind = iota
	P4Int          // The operand itself.
	P4Const        // Program.Consts
	P4Str          // Program.Strings
	P4Key          // Program.Keys (a *KeyInfo)
	P4Coll         // Program.Colls, or -1 for BINARY
	P4Call         // Program.Calls (a FuncCall)
	P4Table        // Program.Tables (a *TableInfo)
	P4Error        // Program.Errors (a *ErrorInfo)
	P4Obj          // Program.Objects (any, for schema and pragma opcodes)
)

// Flags of an opcode: which operands jump, and which name registers.
type opFlags uint8

const (
	jumpP2 opFlags = 1 << iota // P2 is an address.
	inP1                       // P1 is a register that is read.
	inP2
	inP3
	outP2 // P2 is a register that is written.
	outP3
)

// Comparison flags in P5 of Eq, Ne, Lt, Le, Gt, Ge. The low byte holds the
// affinity letter (value.Affinity) to apply to both operands first, or 0.
const (
	CmpAffMask    = 0x00ff
	CmpJumpIfNull = 0x0100 // Jump when an operand is NULL.
	CmpStore      = 0x0200 // Store the truth value in register P2 instead of jumping.
	CmpNullEq     = 0x0400 // NULL is a value equal to itself (IS, IS NOT); never unknown.
)

// Flags in P5 of Insert and Delete.
const (
	InsertCount  = 0x01 // Count the change (Result.RowsAffected).
	InsertLastID = 0x02 // Note the row id (last_insert_rowid).
	IdxCount     = 0x04 // Of IdxInsert: count the change.
	IdxLater     = 0x08 // Of IdxInsert and IdxDelete: IdxApply makes the change.
	// OpenWait of OpenWrite: nothing but IdxInsert and IdxDelete is asked of the index, so the changes may
	// wait for whoever reads it, or for the end of the transaction.
	OpenWait = 0x02
)

// Flags in P5 of IndexStats.
const (
	StatsPartial = 0x01 // An empty index has statistics too.
	StatsUnique  = 0x02 // A unique index of one column.
)

// Flags in P5 of Column.
const (
	// ColumnDefault: P4 is the constant for rows shorter than the column number.
	ColumnDefault = 0x01
	// ColumnOwn: the register keeps a copy of its bytes (set where the row may
	// change or be left before the register is used).
	ColumnOwn = 0x02
)

// opInfo is what the table tells about one opcode.
type opInfo struct {
	name  string
	flags opFlags
	p4    P4Kind
	short string // One line, r[X] being register X.
	long  string // The paragraph.
}

// The opcodes. Names follow SQLite's where the meaning does.
const (
	// Control.
	OpInit Op = iota
	OpGoto
	OpGosub
	OpReturn
	OpInitCoroutine
	OpYield
	OpEndCoroutine
	OpOnce
	OpHalt
	OpHaltIfNull
	OpExplain
	OpProgram

	// Constants, moves.
	OpInteger
	OpConst
	OpNull
	OpVariable
	OpParam
	OpCopy
	OpSCopy
	OpOwn
	OpResultRow

	// Arithmetic and logic.
	OpAdd
	OpSubtract
	OpMultiply
	OpDivide
	OpRemainder
	OpConcat
	OpBitAnd
	OpBitOr
	OpShiftLeft
	OpShiftRight
	OpBitNot
	OpNegate
	OpAnd
	OpOr
	OpNot
	OpIsTrue
	OpAddImm
	OpMemMax
	OpCast
	OpAffinity
	OpRealAffinity
	OpTypeCheck
	OpGetSubtype
	OpSetSubtype
	OpMustBeInt

	// Jumps.
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpIf
	OpIfNot
	OpIsNull
	OpNotNull
	OpIfPos
	OpDecrJumpZero
	OpOffsetLimit
	OpCompare
	OpJump

	// Functions and aggregates.
	OpFunction
	OpAggReset
	OpAggStep
	OpAggFinal

	// Cursors.
	OpTransaction
	OpOpenRead
	OpOpenWrite
	OpOpenEphemeral
	OpOpenDup
	OpOpenModule
	OpModuleFilter
	OpSorterOpen
	OpClose
	OpNullRow

	// Positions.
	OpRewind
	OpLast
	OpNext
	OpPrev
	OpSeekRowid
	OpNotExists
	OpSeekRowidGE
	OpSeekRowidGT
	OpSeekRowidLE
	OpSeekRowidLT
	OpSeekGE
	OpSeekGT
	OpSeekLE
	OpSeekLT
	OpIdxGE
	OpIdxGT
	OpIdxLE
	OpIdxLT
	OpFound
	OpNotFound
	OpNoConflict
	OpDeferredSeek
	OpIfEmpty

	// Reading rows.
	OpColumn
	OpRowid
	OpIdxRowid
	OpCount
	OpSequence

	// Building and changing rows.
	OpMakeRecord
	OpPatchRecord
	OpNewRowid
	OpInsert
	OpDelete
	OpIdxInsert
	OpIdxRow
	OpIdxDelete
	OpIdxApply
	OpClear
	OpPin
	OpFkCounter
	OpFkIfZero
	OpFkCheck
	OpResetChanges

	// Sorters and row sets.
	OpSorterInsert
	OpSorterAway
	OpSorterSort
	OpSorterNext
	OpSorterSkip
	OpHashOpen
	OpHashInsert
	OpHashProbe
	OpHashNext
	OpGroupOpen
	OpGroupTry
	OpGroupFind
	OpGroupAdd
	OpGroupSort
	OpGroupNext
	OpGroupStep
	OpRowSetAdd
	OpRowSetRead

	// Transactions and the schema.
	OpAutoCommit
	OpSavepoint
	OpCreateTree
	OpDestroyTree
	OpBulkBuild
	OpReadMeta
	OpSetMeta
	OpReloadSchema
	OpReport
	OpPragma
	OpAttach
	OpDetach
	OpVacuum
	OpIndexStats

	// Batches: vector registers are v[X].
	OpVOpen
	OpTally
	OpSplit
	OpJoin
	OpVNext
	OpVRow
	OpVRowNext
	OpVColumn
	OpVRowid
	OpVReg
	OpVCompare
	OpVArith
	OpVNegate
	OpVAnd
	OpVOr
	OpVNot
	OpVIsNull
	OpVTruth
	OpVBool
	OpVChoose
	OpVIn
	OpVProbe
	OpVHashInsert
	OpVFunction
	OpVFilter
	OpVAway
	OpVAgg
	OpVGroup
	OpVSorterInsert
	OpVGroupAgg
	OpVRangeEnd

	opCount
)

var ops = [opCount]opInfo{
	OpInit:          {"Init", jumpP2, P4None, "start at P2", "The first instruction. Jumps to P2 when P2 is not zero."},
	OpGoto:          {"Goto", jumpP2, P4None, "goto P2", "Jumps to P2."},
	OpGosub:         {"Gosub", jumpP2, P4None, "r[P1]=pc; goto P2", "Stores the current address in r[P1] and jumps to P2."},
	OpReturn:        {"Return", inP1, P4None, "goto r[P1]+1", "Jumps to the instruction after the address in r[P1]. With P3=1, falls through when r[P1] is not an integer."},
	OpInitCoroutine: {"InitCoroutine", jumpP2, P4None, "r[P1]=P3-1; goto P2", "Makes r[P1] the entry of a co-routine whose body starts at P3, and jumps to P2."},
	OpYield:         {"Yield", jumpP2 | inP1, P4None, "swap(pc, r[P1])", "Swaps the program counter with r[P1]. When the co-routine has ended, jumps to P2 instead."},
	OpEndCoroutine:  {"EndCoroutine", inP1, P4None, "end co-routine r[P1]", "Returns to the caller's Yield, which then jumps to its P2; further Yields do so too."},
	OpOnce:          {"Once", jumpP2, P4None, "goto P2 unless first time", "Falls through the first time it is reached in a run and jumps to P2 at any later time."},
	OpHalt:          {"Halt", 0, P4Error, "halt", "Ends the program; a sub-program goes back to its caller. P1=0: success (P2=4 in a sub-program: the caller goes on at the P2 of its Program). Otherwise an error: P4 names it (or P4=-1: P1 is its code and r[P3] holds its text), P2 is the conflict action (Action*)."},
	OpHaltIfNull:    {"HaltIfNull", inP3, P4Error, "if r[P3]=NULL halt", "Halts like Halt when r[P3] is NULL."},
	OpExplain:       {"Explain", 0, P4Str, "P4", "Does nothing; carries a line of EXPLAIN QUERY PLAN: P1 is its id, P2 its parent's."},
	OpProgram:       {"Program", jumpP2, P4None, "call sub-program P3", "Runs number P3 of the program's sub-programs, whose parameters are the registers from P1 on, and goes on behind, or at P2 when it says so by RAISE(IGNORE). P5=1: does nothing while a program of the same trigger is active."},

	OpInteger:   {"Integer", outP2, P4None, "r[P2]=P1", "Stores the integer P1."},
	OpConst:     {"Const", outP2, P4Const, "r[P2]=P4", "Stores a constant of any kind; text and blobs borrow from the program."},
	OpNull:      {"Null", 0, P4None, "r[P2..P3]=NULL", "Stores NULL in registers P2 up to P3 (only P2 when P3<=P2)."},
	OpVariable:  {"Variable", outP2, P4None, "r[P2]=parameter(P1)", "Stores parameter number P1 (from 1)."},
	OpParam:     {"Param", outP2, P4None, "r[P2]=argument(P1)", "Stores parameter number P1 (from 0) of a sub-program, a register of its caller."},
	OpCopy:      {"Copy", 0, P4None, "r[P2@P3+1]=r[P1@P3+1]", "Copies P3+1 registers and owns the copies' bytes."},
	OpSCopy:     {"SCopy", inP1 | outP2, P4None, "r[P2]=r[P1]", "Shallow copy: the bytes stay borrowed."},
	OpOwn:       {"Own", 0, P4None, "own r[P1@P2]", "Lets P2 registers from P1 on keep copies of their bytes, so that they outlive a write or a move of the cursor that they were read from."},
	OpResultRow: {"ResultRow", 0, P4None, "output=r[P1@P2]", "Hands out one row of P2 columns and suspends the machine until the next step."},

	OpAdd:          {"Add", inP1 | inP2 | outP3, P4None, "r[P3]=r[P1]+r[P2]", "Adds; integer overflow gives a real; NULL if one is NULL."},
	OpSubtract:     {"Subtract", inP1 | inP2 | outP3, P4None, "r[P3]=r[P2]-r[P1]", "Subtracts r[P1] from r[P2]."},
	OpMultiply:     {"Multiply", inP1 | inP2 | outP3, P4None, "r[P3]=r[P1]*r[P2]", "Multiplies."},
	OpDivide:       {"Divide", inP1 | inP2 | outP3, P4None, "r[P3]=r[P2]/r[P1]", "Divides r[P2] by r[P1]; NULL for a zero divisor."},
	OpRemainder:    {"Remainder", inP1 | inP2 | outP3, P4None, "r[P3]=r[P2]%r[P1]", "Integer remainder; NULL for a zero divisor."},
	OpConcat:       {"Concat", inP1 | inP2 | outP3, P4None, "r[P3]=r[P2]||r[P1]", "Joins the texts (r[P2] first)."},
	OpBitAnd:       {"BitAnd", inP1 | inP2 | outP3, P4None, "r[P3]=r[P1]&r[P2]", ""},
	OpBitOr:        {"BitOr", inP1 | inP2 | outP3, P4None, "r[P3]=r[P1]|r[P2]", ""},
	OpShiftLeft:    {"ShiftLeft", inP1 | inP2 | outP3, P4None, "r[P3]=r[P2]<<r[P1]", "Shifts left; a negative count shifts right."},
	OpShiftRight:   {"ShiftRight", inP1 | inP2 | outP3, P4None, "r[P3]=r[P2]>>r[P1]", "Arithmetic shift right; a negative count shifts left."},
	OpBitNot:       {"BitNot", inP1 | outP2, P4None, "r[P2]=~r[P1]", ""},
	OpNegate:       {"Negate", inP1 | outP2, P4None, "r[P2]=-r[P1]", "0 - r[P1]."},
	OpAnd:          {"And", inP1 | inP2 | outP3, P4None, "r[P3]=r[P1]&&r[P2]", "Three-valued AND; the result is 0, 1 or NULL."},
	OpOr:           {"Or", inP1 | inP2 | outP3, P4None, "r[P3]=r[P1]||r[P2]", "Three-valued OR."},
	OpNot:          {"Not", inP1 | outP2, P4None, "r[P2]=!r[P1]", "Three-valued NOT."},
	OpIsTrue:       {"IsTrue", inP1 | outP2, P4Int, "r[P2]=coalesce(r[P1]==TRUE,P3)^P4", "r[P1] IS [NOT] TRUE/FALSE: P3 is the answer for NULL, P4 inverts."},
	OpAddImm:       {"AddImm", inP1, P4None, "r[P1]=r[P1]+P2", "Adds the constant P2 to the integer in r[P1]."},
	OpMemMax:       {"MemMax", inP2, P4None, "root[P1]=max(root[P1],r[P2])", "Raises the integer in register P1 of the statement's own program to that in r[P2]."},
	OpCast:         {"Cast", inP1, P4None, "affinity(r[P1])=P2", "CAST in place; P2 is the affinity letter."},
	OpAffinity:     {"Affinity", 0, P4Str, "affinity(r[P1@P2])", "Applies the affinity letters in P4 to P2 registers from P1 on."},
	OpRealAffinity: {"RealAffinity", inP1, P4None, "", "Turns an integer in r[P1] into a real."},
	OpTypeCheck:    {"TypeCheck", 0, P4Table, "typecheck(r[P1@P2])", "Fails unless each register holds NULL or a value of the type that column of table P4 has (TableInfo.Types: a STRICT table); columns without a type pass. P3=1: generated columns pass too. P3>=2: r[P1] alone, as column P3-2."},
	OpGetSubtype:   {"GetSubtype", inP1 | outP2, P4None, "r[P2]=subtype(r[P1])", "Stores the mark that a function has set on r[P1], NULL for none."},
	OpSetSubtype:   {"SetSubtype", inP1 | outP2, P4None, "subtype(r[P2])=r[P1]", "Marks r[P2], unless r[P1] is NULL."},
	OpMustBeInt:    {"MustBeInt", jumpP2 | inP1, P4None, "", "Turns r[P1] into an integer without loss, or jumps to P2, or (P2=0) fails with 'datatype mismatch'."},

	OpEq:           {"Eq", jumpP2 | inP1 | inP3, P4Coll, "if r[P3]==r[P1] goto P2", "Compares r[P3] with r[P1] (note the order) under collation P4 and the affinity in P5, and jumps or stores by the Cmp flags in P5."},
	OpNe:           {"Ne", jumpP2 | inP1 | inP3, P4Coll, "if r[P3]!=r[P1] goto P2", "Like Eq."},
	OpLt:           {"Lt", jumpP2 | inP1 | inP3, P4Coll, "if r[P3]<r[P1] goto P2", "Like Eq."},
	OpLe:           {"Le", jumpP2 | inP1 | inP3, P4Coll, "if r[P3]<=r[P1] goto P2", "Like Eq."},
	OpGt:           {"Gt", jumpP2 | inP1 | inP3, P4Coll, "if r[P3]>r[P1] goto P2", "Like Eq."},
	OpGe:           {"Ge", jumpP2 | inP1 | inP3, P4Coll, "if r[P3]>=r[P1] goto P2", "Like Eq."},
	OpIf:           {"If", jumpP2 | inP1, P4None, "if r[P1] goto P2", "Jumps when r[P1] is true; when it is NULL, if P3 is not zero."},
	OpIfNot:        {"IfNot", jumpP2 | inP1, P4None, "if !r[P1] goto P2", "Jumps when r[P1] is false; when it is NULL, if P3 is not zero."},
	OpIsNull:       {"IsNull", jumpP2 | inP1, P4None, "if r[P1..]==NULL goto P2", "Jumps when r[P1], or one of P3 registers from P1 on, is NULL."},
	OpNotNull:      {"NotNull", jumpP2 | inP1, P4None, "if r[P1]!=NULL goto P2", ""},
	OpIfPos:        {"IfPos", jumpP2 | inP1, P4None, "if r[P1]>0 then r[P1]-=P3, goto P2", ""},
	OpDecrJumpZero: {"DecrJumpZero", jumpP2 | inP1, P4None, "if (--r[P1])==0 goto P2", ""},
	OpOffsetLimit:  {"OffsetLimit", inP1 | inP3 | outP2, P4None, "if r[P1]>0 then r[P2]=r[P1]+max(0,r[P3]) else r[P2]=-1", ""},
	OpCompare:      {"Compare", 0, P4Key, "r[P1@P3] <-> r[P2@P3]", "Compares two lists of P3 registers under the key P4 and keeps the outcome for the Jump that follows."},
	OpJump:         {"Jump", 0, P4None, "", "Jumps to P1, P2 or P3 when the last Compare was less, equal, greater. Zero addresses fall through."},

	OpFunction: {"Function", 0, P4Call, "r[P3]=func(r[P2@NArg])", "Calls the scalar function of call P4 with its arguments from r[P2] on. P1: 1 when the result is constant for the run (arguments constant)."},
	OpAggReset: {"AggReset", 0, P4None, "reset accumulators P1@P2", "Makes P2 accumulators from number P1 on empty."},
	OpAggStep:  {"AggStep", 0, P4Call, "acc[P3].step(r[P2@NArg])", "Feeds one row to accumulator P3 of the aggregate in call P4; arguments from r[P2] on. P1=1: the inverse step (windows). P5>0: r[P5] becomes 1 when min or max took the row (fn.MinMaxer), else 0."},
	OpAggFinal: {"AggFinal", 0, P4Call, "r[P2]=acc[P1].final()", "Stores the result of accumulator P1 in r[P2]. P3=1: the value so far, without ending it (windows)."},

	OpTransaction:   {"Transaction", 0, P4None, "begin P1 write=P2", "Makes sure that a transaction on database P1 is open, for writing when P2 is not zero, and that the program was compiled for the transaction's catalogue (else the run ends with ErrSchemaChanged and is compiled again)."},
	OpOpenRead:      {"OpenRead", 0, P4Key, "cursor P1 on root P2 of db P3", "Opens cursor P1 for reading. P4=-1: a table (integer keys, records); otherwise an index with this key. P5 bit 0: root is in r[P2]."},
	OpOpenWrite:     {"OpenWrite", 0, P4Key, "cursor P1 on root P2 of db P3", "Like OpenRead, for changing. P5 OpenWait: nothing but IdxInsert and IdxDelete is asked of the index; in a transaction that goes on their changes may wait until somebody opens the tree."},
	OpOpenDup:       {"OpenDup", 0, P4None, "cursor P1 on the private tree of P2", "Opens cursor P1 for reading the table that OpenEphemeral has opened as cursor P2; each has its own position."},
	OpOpenEphemeral: {"OpenEphemeral", 0, P4Key, "cursor P1 on a private tree", "Opens cursor P1 on a fresh private tree that ends with the run: P4=-1 a table of records, otherwise an index with this key. Opened again, the tree is emptied. KeyInfo.PayloadRecord: entries carry a record that Column reads."},
	OpSorterOpen:    {"SorterOpen", 0, P4Key, "sorter P1", "Opens a sorter: entries are (key, record), ordered by key, equal keys in order of arrival. P3>0: keep only the first r[P3] entries (top-N), when r[P3] is positive."},
	OpOpenModule:    {"OpenModule", 0, P4Obj, "cursor P1 on a module", "Opens cursor P1 on the rows of module P4 (a *vtab.Module). Column, Rowid, Next and NullRow work on it."},
	OpModuleFilter:  {"ModuleFilter", jumpP2, P4Int, "first row for r[P3@P4] or goto P2", "Lets cursor P1 walk the rows that its module has for P4 arguments from register P3 on."},
	OpClose:         {"Close", 0, P4None, "close cursor P1", ""},
	OpNullRow:       {"NullRow", 0, P4None, "cursor P1 reads NULLs", "Until moved, every Column and Rowid of P1 is NULL."},

	OpRewind:       {"Rewind", jumpP2, P4None, "first row or goto P2", "Moves to the first entry; jumps to P2 when there is none."},
	OpLast:         {"Last", jumpP2, P4None, "last row or goto P2", ""},
	OpNext:         {"Next", jumpP2, P4None, "next row: goto P2", "Moves to the next entry and jumps to P2, or falls through at the end."},
	OpPrev:         {"Prev", jumpP2, P4None, "previous row: goto P2", ""},
	OpSeekRowid:    {"SeekRowid", jumpP2 | inP3, P4None, "to row id r[P3] or goto P2", "r[P3] may be any value: one that is no integer without loss is not found."},
	OpNotExists:    {"NotExists", jumpP2 | inP3, P4None, "to row id r[P3] or goto P2", "Like SeekRowid; r[P3] is an integer."},
	OpSeekRowidGE:  {"SeekRowidGE", jumpP2 | inP3, P4None, "first row id >= r[P3] or goto P2", "r[P3] may be any value, compared as a row id column compares with it (a real between two ids, text above all numbers when it is no number, NULL: goto P2)."},
	OpSeekRowidGT:  {"SeekRowidGT", jumpP2 | inP3, P4None, "first row id > r[P3] or goto P2", ""},
	OpSeekRowidLE:  {"SeekRowidLE", jumpP2 | inP3, P4None, "last row id <= r[P3] or goto P2", ""},
	OpSeekRowidLT:  {"SeekRowidLT", jumpP2 | inP3, P4None, "last row id < r[P3] or goto P2", ""},
	OpSeekGE:       {"SeekGE", jumpP2, P4Int, "first key >= r[P3@P4] or goto P2", "On an index: the bound is the first P4 key columns, in r[P3] on; keys that begin with the bound count as equal to it."},
	OpSeekGT:       {"SeekGT", jumpP2, P4Int, "first key > r[P3@P4] or goto P2", "Skips all keys that begin with the bound."},
	OpSeekLE:       {"SeekLE", jumpP2, P4Int, "last key <= r[P3@P4] or goto P2", "The last key that begins with the bound or is less."},
	OpSeekLT:       {"SeekLT", jumpP2, P4Int, "last key < r[P3@P4] or goto P2", ""},
	OpIdxGE:        {"IdxGE", jumpP2, P4Int, "if key >= r[P3@P4] goto P2", "Compares the current key's first P4 columns with the registers. The encoded bound is kept between steps as long as P5 bit 0 is set (registers do not change during the loop)."},
	OpIdxGT:        {"IdxGT", jumpP2, P4Int, "if key > r[P3@P4] goto P2", ""},
	OpIdxLE:        {"IdxLE", jumpP2, P4Int, "if key <= r[P3@P4] goto P2", ""},
	OpIdxLT:        {"IdxLT", jumpP2, P4Int, "if key < r[P3@P4] goto P2", ""},
	OpFound:        {"Found", jumpP2, P4Int, "if a key begins with r[P3@P4] goto P2", "Leaves the cursor on it."},
	OpNotFound:     {"NotFound", jumpP2, P4Int, "if no key begins with r[P3@P4] goto P2", "Otherwise leaves the cursor on it."},
	OpNoConflict:   {"NoConflict", jumpP2, P4Int, "if no key begins with r[P3@P4] goto P2", "Like NotFound, and jumps when one of the registers is NULL."},
	OpDeferredSeek: {"DeferredSeek", 0, P4None, "table P3 follows index P1", "Notes that table cursor P3 belongs on the row id that ends the current key of index P1; the seek happens when a column of P3 that the index lacks is first read. P4 Obj: none; covering columns are compiled as reads of the index."},
	OpIfEmpty:      {"IfEmpty", jumpP2, P4None, "if P1 has no entry goto P2", ""},

	OpColumn:   {"Column", outP3, P4Const, "r[P3]=P1.column(P2)", "Reads column P2 of cursor P1's row: from the record of a table or sorter, from key and fix-ups of an index (its row id is the column after the last). P5: Column flags."},
	OpRowid:    {"Rowid", outP2, P4None, "r[P2]=P1.rowid", "Row id of the table cursor P1 (NULL on a null row)."},
	OpIdxRowid: {"IdxRowid", outP2, P4None, "r[P2]=row id that ends P1's key", ""},
	OpCount:    {"Count", outP2, P4None, "r[P2]=entries of P1", "The kept count, without a scan."},
	OpSequence: {"Sequence", outP2, P4None, "r[P2]=P1.sequence++", "A number that grows with each call, per cursor."},

	OpPatchRecord:  {"PatchRecord", outP3, P4Obj, "r[P3]=record of P1's row with some of r[P2...]", "Encodes the row of table cursor P1 with other values in the columns that P4 (a *RecordPatch) lists; r[P2] is that of the row's first column. The registers of the other columns are lost."},
	OpMakeRecord:   {"MakeRecord", outP3, P4Str, "r[P3]=record(r[P1@P2])", "Applies the affinities P4 (or none, -1) to the registers, then encodes them as a record."},
	OpNewRowid:     {"NewRowid", outP2, P4None, "r[P2]=new row id for P1", "One more than the largest row id; at the largest possible, a random unused one (SQLITE_FULL after many tries). P3>0: AUTOINCREMENT, r[P3] holds the largest ever used and is updated; SQLITE_FULL at the end."},
	OpInsert:       {"Insert", 0, P4Table, "P1[r[P3]]=r[P2]", "Stores the record r[P2] under row id r[P3], in the place of one that is there. P5: Insert flags."},
	OpDelete:       {"Delete", 0, P4Table, "delete P1's row", "Deletes the row that P1 is on; Next and Prev then continue as if it were there. P5: InsertCount."},
	OpIdxInsert:    {"IdxInsert", 0, P4None, "insert r[P2@P3] into index P1", "Encodes the registers (key columns and row id) by the cursor's KeyInfo and stores them with their fix-ups. With KeyInfo.PayloadRecord, P4>=0 names the register of the record. P5 bit 0: the key is known to be new; IdxCount: the entry is a row of a WITHOUT ROWID table, a change to count; IdxLater: IdxApply stores it."},
	OpIdxRow:       {"IdxRow", jumpP2, P4None, "many go from index P1: note r[P3], goto P2", "Once many entries of index P1 have been deleted for IdxApply, it is enough to say of further rows that they go: notes the row id r[P3] and jumps to P2, past the making of the key and its IdxDelete."},
	OpIdxDelete:    {"IdxDelete", 0, P4None, "delete r[P2@P3] from index P1", "Finds the entry and deletes it; a missing entry is corruption, unless P5 bit 0 is set. P5 IdxLater: IdxApply does so."},
	OpIdxApply:     {"IdxApply", 0, P4None, "make the changes of index P1 that wait", "In the order of keys: one by one where they are few, else by building the tree anew."},
	OpClear:        {"Clear", 0, P4None, "empty the tree of root P1 of db P2", "P3>0: adds the number of entries to r[P3]; P5: InsertCount. P1<0: the ephemeral tree of cursor -1-P1."},
	OpFkCounter:    {"FkCounter", 0, P4None, "broken[P1]+=P2", "Adds P2 to the count of children without a parent: P1=0 of the statement, which fails when it ends with any, P1=1 and 2 of the transaction, by deferred keys and by those put off."},
	OpFkCheck:      {"FkCheck", 0, P4None, "", "Fails when a child lacks a parent by an immediate foreign key."},
	OpFkIfZero:     {"FkIfZero", jumpP2, P4None, "if broken[P1]==0 goto P2", "Jumps when no child lacks a parent: P1=1 of the transaction, else of the statement and by keys put off."},
	OpPin:          {"Pin", 0, P4None, "pin the tree of cursor P1", "Lets changes of the tree of cursor P1 through other cursors fail, or no more when P2 is 0."},
	OpResetChanges: {"ResetChanges", 0, P4None, "", "Publishes the statement's count of changes."},

	OpSorterAway:   {"SorterAway", jumpP2, P4Int, "goto P2 if sorter P1 turns key r[P3@P4] away", "Jumps when the limit leaves no place for an entry with that key, so that its record need not be made."},
	OpSorterInsert: {"SorterInsert", 0, P4None, "sorter P1: key r[P2@P3], record r[P4]", "P4 is a register that holds a record, or -1: the entry carries the fix-ups of its key, as an index entry does."},
	OpSorterSort:   {"SorterSort", jumpP2, P4None, "sort P1; goto P2 if empty", ""},
	OpSorterNext:   {"SorterNext", jumpP2, P4None, "next of P1: goto P2", ""},
	OpSorterSkip:   {"SorterSkip", jumpP2 | inP3, P4None, "pass r[P3] entries of P1; goto P2 at the end", "Makes the register 0. None is passed where it is not positive."},
	OpHashOpen:     {"HashOpen", 0, P4Key, "rows P1 by keys", "Opens a table of records that are found by equal keys."},
	OpHashInsert:   {"HashInsert", 0, P4None, "rows P1: key r[P2@P3], record r[P4]", ""},
	OpHashProbe:    {"HashProbe", jumpP2, P4None, "if P1 has no row of key r[P3..] goto P2", "Leaves the cursor on the first one: rows of one key come in the order of their insertion."},
	OpHashNext:     {"HashNext", jumpP2, P4None, "next row of the same key in P1: goto P2", ""},
	OpGroupOpen:    {"GroupOpen", 0, P4Obj, "groups P1 with acc[P3@P2]", "Opens a table of groups (P4 is a *GroupInfo), each with P2 accumulators, which stand in P3.. while the group is the current one. Column reads the record of a group."},
	OpGroupTry:     {"GroupTry", jumpP2, P4None, "on error goto P2", "Until the groups of P1 are sorted or closed, an error of an expression does not end the run but goes on at P2, where all is done again in another way."},
	OpGroupFind:    {"GroupFind", jumpP2, P4None, "if P1 has the group of key r[P3..] goto P2", "The group becomes the current one. Otherwise GroupAdd comes next."},
	OpGroupAdd:     {"GroupAdd", jumpP2 | inP3, P4None, "new group of P1 with record r[P3]; goto P2 if full", "The group of the key that GroupFind did not find becomes the current one. When the groups take more memory than a sorter may, nothing is done."},
	OpGroupSort:    {"GroupSort", jumpP2, P4None, "first group of P1; goto P2 if none", "Sorts the groups by their keys; P3=1: leaves them in the order in which they came."},
	OpGroupNext:    {"GroupNext", jumpP2, P4None, "next group of P1: goto P2", ""},
	OpGroupStep:    {"GroupStep", 0, P4Call, "acc[P3].step(keys of groups P1)", "Feeds the keys of all groups of P1, of one column, to accumulator P3, in the order in which they came. Nothing but Close follows."},
	OpRowSetAdd:    {"RowSetAdd", 0, P4None, "rowset P1 += r[P2]", "Adds an integer to a set of row ids (sets are numbered like cursors)."},
	OpRowSetRead:   {"RowSetRead", jumpP2 | outP3, P4None, "r[P3]=smallest of rowset P1 or goto P2", "Takes the smallest out."},

	OpAutoCommit:   {"AutoCommit", 0, P4None, "autocommit=P1 rollback=P2", "BEGIN (P1=0), COMMIT (P1=1), ROLLBACK (P1=1,P2=1). P3: for BEGIN, 0 deferred, 1 immediate, 2 exclusive."},
	OpSavepoint:    {"Savepoint", 0, P4Str, "P1: 0 open, 1 release, 2 rollback to", "P4 is the name."},
	OpCreateTree:   {"CreateTree", outP2, P4None, "r[P2]=root of a new tree in db P1", "P3: 0 integer keys, 1 byte keys."},
	OpDestroyTree:  {"DestroyTree", 0, P4None, "free the tree of root P1 in db P2", "P5 bit 0: the root is in r[P1]."},
	OpBulkBuild:    {"BulkBuild", 0, P4Error, "fill index P1 from sorter P2", "Takes the entries of a sorted sorter, whose keys are whole index keys, and builds the empty tree of index cursor P1 from them. P5 bit 0: the index is unique; two entries equal but for the row id, none of their columns NULL, fail with error P4."},
	OpReadMeta:     {"ReadMeta", outP2, P4None, "r[P2]=meta(P1,P3)", "Reads field P3 (Meta*) of database P1."},
	OpSetMeta:      {"SetMeta", inP3, P4None, "meta(P1,P2)=r[P3]", "Writes field P2 (Meta*); MetaSchemaCookie adds one instead."},
	OpReloadSchema: {"ReloadSchema", 0, P4Str, "read the catalogue of db P1", "The transaction's catalogue is built again from its schema table; an error there fails the statement, and is told with the words of P4, where there are any. P2 1: so does a name in a view or trigger that means nothing; 2: and a string in double quotes."},
	OpReport:       {"Report", outP2, P4Obj, "r[P2]=line number r[P3] of a report on db P1", "Asks the connection for a report once, then hands out its lines one by one (NULL at the end). P4 says which: the tables for integrity_check, or what PRAGMA optimize is to do."},
	OpPragma:       {"Pragma", outP2, P4Obj, "r[P2]=pragma P4 (r[P3])", "Asks the connection to answer or set one of its settings; P1 is the database. P3>0: the argument."},
	OpAttach:       {"Attach", inP1 | inP2, P4None, "attach file r[P1] as r[P2]", "Adds a database to the connection. NULL is the empty text."},
	OpDetach:       {"Detach", inP1, P4None, "detach r[P1]", "Takes a database from the connection."},
	OpVacuum:       {"Vacuum", 0, P4Obj, "rebuild db P1", "Rebuilds the database in dense pages, in a transaction of its own, which it commits; P2>0: writes the copy to the new file r[P2] instead. P4 lists the tables."},
	OpIndexStats:   {"IndexStats", outP2, P4None, "r[P2]=statistics of index P1", "The text of sqlite_stat1: the number of entries, and for each number of first columns how many share their values. P5 StatsPartial: not NULL for an empty index; StatsUnique: an index of one unique column."},

	OpVOpen:         {"VOpen", 0, P4Int, "batches of cursor P1, vectors P4@P2", "Prepares the lanes of cursor P1, which stands on the first row of the batches. P3: the most rows of a batch (0: the default, 1024). The loop has P2 vector registers from P4 on for its own."},
	OpTally:         {"Tally", 0, P4None, "count for line P1", "Counts for EXPLAIN ANALYZE (Tally*, P2); P3 is a cursor. The time since the last one belongs to the line of that."},
	OpSplit:         {"Split", 0, P4Obj, "let helpers run the loop over P1", "Once, when the first batches have told how many groups there are: where cursor P1 has many rows before it, and processors are free, other machines run what follows up to Join over the later ones of them. P4 (a *SplitInfo) as for Join."},
	OpJoin:          {"Join", jumpP2, P4Obj, "merge what helpers did", "Merges groups or accumulators, as P4 (a *SplitInfo) says, in the order of the rows. Where that cannot be done, goto P2, and the loop runs whole."},
	OpVNext:         {"VNext", jumpP2, P4None, "next batch of P1 or goto P2", "Loads the next run of rows, beginning with the one that the cursor is on, and selects them all. P3: address of the row-by-row twin, which takes a batch with overflow pages."},
	OpVRow:          {"VRow", jumpP2, P4None, "first selected lane of P1's batch; goto P2 if none", "Lets Column and Rowid of P1 read the rows of the selected lanes, one after the other. P3=1: goto P2 if there is one. The selection is the cursor's own from here on."},
	OpVRowNext:      {"VRowNext", jumpP2, P4None, "next lane of P1: goto P2", "Where the leaf has been changed since, there is none: the next batch begins behind the last lane that was read."},
	OpVColumn:       {"VColumn", 0, P4Const, "v[P3]=P1.column(P2)", "Decodes a column of the selected lanes; where v[P3] holds the column from before a VFilter, it is only narrowed. P4 and P5 as for Column."},
	OpVRowid:        {"VRowid", 0, P4None, "v[P3]=P1.rowid", ""},
	OpVReg:          {"VReg", inP1, P4None, "v[P3]=r[P1]", "A vector of one value, from a register that does not change in the loop."},
	OpVCompare:      {"VCompare", 0, P4Coll, "v[P3]=v[P1] op v[P2]", "P5: affinity and flags as for Eq in its low bits, the comparison (an Op Eq..Ge minus OpEq) in bits 12..14. The result is a truth vector."},
	OpVArith:        {"VArith", 0, P4Int, "v[P3]=v[P1] op v[P2]", "P4 is the Op (Add..Remainder, BitAnd..ShiftRight), operands in reading order. Lanes that have no kernel (texts, mixed kinds, overflow) are computed one by one."},
	OpVNegate:       {"VNegate", 0, P4None, "v[P3]=-v[P1]", ""},
	OpVAnd:          {"VAnd", 0, P4None, "v[P3]=v[P1] AND v[P2]", ""},
	OpVOr:           {"VOr", 0, P4None, "v[P3]=v[P1] OR v[P2]", ""},
	OpVNot:          {"VNot", 0, P4None, "v[P3]=NOT v[P1]", ""},
	OpVIsNull:       {"VIsNull", 0, P4None, "v[P3]=v[P1] IS NULL", "P2=1: IS NOT NULL."},
	OpVTruth:        {"VTruth", 0, P4None, "v[P3]=v[P1] is true", "A truth vector of values, NULL being unknown."},
	OpVBool:         {"VBool", 0, P4None, "v[P3]=1, 0 or NULL by v[P1]", "Values of a truth vector."},
	OpVChoose:       {"VChoose", 0, P4Int, "v[P3]=v[P1] ? v[P2] : v[P4]", "Takes lanes of v[P2] where the truth vector v[P1] is true, of v[P4] elsewhere: CASE, coalesce, FILTER."},
	OpVIn:           {"VIn", 0, P4Obj, "v[P3]=v[P1] IN P4", "P4 is an *InList: registers that do not change in the loop. The result is a truth vector."},
	OpVProbe:        {"VProbe", 0, P4None, "v[P3]=P1 may have rows of key v[P2]", "A truth vector: false where the rows P1 by keys, which are complete, have none of the lane's value, for certain."},
	OpVHashInsert:   {"VHashInsert", 0, P4Obj, "rows P1: the lanes", "Adds a row for each selected lane whose key has no NULL; P4 (a *VectorEntry) lists the vectors of its key, with their affinities, and of its record."},
	OpVFunction:     {"VFunction", 0, P4Obj, "v[P3]=P4", "Calls a function for each lane (P4 is a *VectorCall). No lane makes it fail where another does not: it is calm, or it is LIKE or GLOB, whose pattern is bad for all or none."},
	OpVFilter:       {"VFilter", 0, P4None, "keep lanes where v[P1]", "Narrows the selection to the lanes that are true."},
	OpVAway:         {"VAway", 0, P4None, "v[P3]=sorter P1 may take v[P2]", "A truth vector: false where sorter P1 turns away every key that begins with the lane's value."},
	OpVAgg:          {"VAgg", 0, P4Call, "acc[P3].step(v[P1])", "Feeds the selected lanes to accumulator P3 (count, sum, total, avg, min, max); P1<0: count(*)."},
	OpVSorterInsert: {"VSorterInsert", 0, P4Obj, "sorter P1: the lanes", "Adds an entry for each selected lane; P4 (a *VectorEntry) lists the vectors of its key and of its record, or says that the entry is one of an index."},
	OpVGroup:        {"VGroup", jumpP2, P4Obj, "groups of the lanes in P1; goto P2 if full", "Finds the group in P1 of each selected lane, or makes it. P4 lists vectors: the columns of the key, then what a group keeps of its first row. P2 is taken when the groups take more memory than a sorter may."},
	OpVGroupAgg:     {"VGroupAgg", 0, P4Call, "step accumulators P3 of P2's groups with v[P1]", "Feeds each selected lane to aggregate P3 of the group that VGroup found; P1<0: count(*)."},
	OpVRangeEnd:     {"VRangeEnd", inP3, P4None, "last row id of P1's batches is r[P3]", "Ends the batches of P1 behind row id r[P3] (P2=1: before it)."},
}

// JumpsP2 reports whether P2 of op is an address.
func JumpsP2(op Op) bool { return ops[op].flags&jumpP2 != 0 }

// String returns the opcode's name.
func (op Op) String() string {
	if int(op) < len(ops) {
		return ops[op].name
	}
	return "?"
}
