package ast

// Explain is EXPLAIN [QUERY PLAN | ANALYZE] statement.
type Explain struct {
	Span
	QueryPlan bool
	Analyze   bool // The statement runs.
	Stmt      Stmt
}

// Insert is INSERT or REPLACE.
type Insert struct {
	Span
	With *With // may be nil
	// Replace is true for the verb REPLACE; Or is then ConflictReplace.
	Replace bool
	Or      Conflict
	// Table has no INDEXED BY.
	Table   *TableName
	Columns []*Name
	// Source is the query or VALUES; nil means DEFAULT VALUES.
	Source    *Select
	Upserts   []*Upsert
	Returning []*ResultColumn
}

// Upsert is one ON CONFLICT clause of an INSERT.
type Upsert struct {
	Span
	Target      []*OrderTerm // empty: any conflict
	TargetWhere Expr         // may be nil
	// DoNothing is true for DO NOTHING; else Set and Where are of DO UPDATE.
	DoNothing bool
	Set       []*Assignment
	Where     Expr // may be nil
}

// Assignment is column = value, or (column, ...) = value.
type Assignment struct {
	Span
	Columns []*Name
	// Tuple is true when the columns stand in parentheses, even if there is one.
	Tuple bool
	Value Expr
}

// Update is UPDATE.
type Update struct {
	Span
	With      *With // may be nil
	Or        Conflict
	Table     *TableName
	Set       []*Assignment
	From      TableExpr // may be nil
	Where     Expr      // may be nil
	Returning []*ResultColumn
}

// Delete is DELETE.
type Delete struct {
	Span
	With      *With // may be nil
	Table     *TableName
	Where     Expr // may be nil
	Returning []*ResultColumn
}

// CreateTable is CREATE TABLE with columns, or AS SELECT.
type CreateTable struct {
	Span
	Temp        bool
	IfNotExists bool
	Name        *ObjectName
	Columns     []*ColumnDef
	Constraints []TableConstraint
	// Options are written after the closing parenthesis: WITHOUT ROWID, STRICT.
	WithoutRowid bool
	Strict       bool
	As           *Select // nil unless CREATE TABLE ... AS
	// SchemaSQL is the text that sqlite_schema keeps: "CREATE TABLE " and the source from the
	// name on. It is empty for CREATE TABLE ... AS, whose text is made from the query's columns.
	SchemaSQL string
}

// ColumnDef is one column of a table.
type ColumnDef struct {
	Span
	Name        *Name
	Type        *TypeName // may be nil
	Constraints []ColumnConstraint
}

// TypeName is the declared type of a column or the target of a CAST.
type TypeName struct {
	Span
	// Text is the source text, as PRAGMA table_info shows it; of a type that begins with a quoted word, that word.
	Text string
}

// ColumnPrimaryKey is PRIMARY KEY inside a column definition.
type ColumnPrimaryKey struct {
	Span
	// Name is the newest CONSTRAINT name of this column definition, as in all column constraints; may be nil.
	Name          *Name
	Order         SortOrder
	OnConflict    Conflict
	Autoincrement bool
}

// ColumnNotNull is NOT NULL.
type ColumnNotNull struct {
	Span
	Name       *Name
	OnConflict Conflict
}

// ColumnNull is NULL, which is accepted and means nothing.
type ColumnNull struct {
	Span
	Name       *Name
	OnConflict Conflict
}

// ColumnUnique is UNIQUE.
type ColumnUnique struct {
	Span
	Name       *Name
	OnConflict Conflict
}

// ColumnCheck is CHECK (expr).
type ColumnCheck struct {
	Span
	Name *Name
	Expr Expr
	// Text is the source between the parentheses, trimmed: the name of a check that has none.
	Text string
}

// ColumnDefault is DEFAULT value.
type ColumnDefault struct {
	Span
	Name *Name
	Expr Expr
	// Paren is true for DEFAULT (expr).
	Paren bool
	// Text is the source of the value without such parentheses, as PRAGMA table_info shows it.
	Text string
}

// ColumnCollate is COLLATE name.
type ColumnCollate struct {
	Span
	Name      *Name
	Collation *Name
}

// ColumnReferences is a REFERENCES clause.
type ColumnReferences struct {
	Span
	Name       *Name
	References *References
}

// ColumnDeferrable is [NOT] DEFERRABLE inside a column definition. It changes the newest foreign key of
// the table, which need not be written in the same column.
type ColumnDeferrable struct {
	Span
	Name     *Name
	Deferral Deferral
}

// ColumnGenerated is [GENERATED ALWAYS] AS (expr).
type ColumnGenerated struct {
	Span
	Name *Name
	Expr Expr
	// Kind is the word after the parentheses: STORED, VIRTUAL or an error that the catalogue
	// reports; may be nil.
	Kind *Name
}

// References is the right side of a foreign key.
type References struct {
	Span
	Table    *Name
	Columns  []*Name
	OnDelete RefAction
	OnUpdate RefAction
	Match    *Name // may be nil; without effect
	// Deferral is set for table constraints only.
	Deferral Deferral
}

// RefAction is what a change of the parent row does to the child rows.
type RefAction uint8

// The actions; RefNone means that none was written and acts as NO ACTION.
const (
	RefNone RefAction = iota
	RefNoAction
	RefRestrict
	RefSetNull
	RefSetDefault
	RefCascade
)

// String returns the action's words, "" for RefNone.
func (a RefAction) String() string {
	return [...]string{"", "NO ACTION", "RESTRICT", "SET NULL", "SET DEFAULT", "CASCADE"}[a]
}

// Deferral says when a foreign key is checked.
type Deferral uint8

// The deferrals; only DeferInitiallyDeferred waits for the end of the transaction.
const (
	DeferNone Deferral = iota
	DeferNotDeferrable
	DeferNotDeferrableInitiallyDeferred
	DeferNotDeferrableInitiallyImmediate
	DeferDeferrable
	DeferInitiallyDeferred
	DeferInitiallyImmediate
)

// TablePrimaryKey is PRIMARY KEY (columns).
type TablePrimaryKey struct {
	Span
	Name          *Name // newest CONSTRAINT name since the last comma; may be nil
	Columns       []*OrderTerm
	Autoincrement bool
	OnConflict    Conflict
}

// TableUnique is UNIQUE (columns).
type TableUnique struct {
	Span
	Name       *Name
	Columns    []*OrderTerm
	OnConflict Conflict
}

// TableCheck is CHECK (expr) after the columns.
type TableCheck struct {
	Span
	Name *Name
	Expr Expr
	// Text is the source between the parentheses, trimmed: the name of a check that has none.
	Text       string
	OnConflict Conflict
}

// TableForeignKey is FOREIGN KEY (columns) REFERENCES.
type TableForeignKey struct {
	Span
	Name       *Name
	Columns    []*Name
	References *References
}

// CreateIndex is CREATE INDEX.
type CreateIndex struct {
	Span
	Unique      bool
	IfNotExists bool
	Name        *ObjectName
	Table       *Name
	Columns     []*OrderTerm
	Where       Expr // may be nil
	// SchemaSQL is the text that sqlite_schema keeps.
	SchemaSQL string
}

// CreateView is CREATE VIEW.
type CreateView struct {
	Span
	Temp        bool
	IfNotExists bool
	Name        *ObjectName
	Columns     []*Name
	Select      *Select
	// SchemaSQL is the text that sqlite_schema keeps.
	SchemaSQL string
}

// CreateTrigger is CREATE TRIGGER.
type CreateTrigger struct {
	Span
	Temp        bool
	IfNotExists bool
	Name        *ObjectName
	Time        TriggerTime
	Event       TriggerEvent
	UpdateOf    []*Name // columns of UPDATE OF
	Table       *ObjectName
	ForEachRow  bool // written out; triggers are always for each row
	When        Expr // may be nil
	// Body holds *Insert, *Update, *Delete and *Select.
	Body []Stmt
	// SchemaSQL is the text that sqlite_schema keeps.
	SchemaSQL string
}

// TriggerTime says when a trigger fires.
type TriggerTime uint8

// The times; TriggerNone means that none was written and acts as BEFORE.
const (
	TriggerNone TriggerTime = iota
	TriggerBefore
	TriggerAfter
	TriggerInsteadOf
)

// TriggerEvent is the change that fires a trigger.
type TriggerEvent uint8

// The events of a trigger.
const (
	TriggerDelete TriggerEvent = iota
	TriggerInsert
	TriggerUpdate
)

// CreateVirtualTable is CREATE VIRTUAL TABLE.
type CreateVirtualTable struct {
	Span
	IfNotExists bool
	Name        *ObjectName
	Module      *Name
	// Args are the source texts between the commas, trimmed.
	Args []string
	// SchemaSQL is the text that sqlite_schema keeps.
	SchemaSQL string
}

// Drop is DROP TABLE, INDEX, VIEW or TRIGGER.
type Drop struct {
	Span
	Kind     DropKind
	IfExists bool
	Name     *ObjectName
}

// DropKind says what a Drop drops.
type DropKind uint8

// The kinds of things to drop.
const (
	DropTable DropKind = iota
	DropIndex
	DropView
	DropTrigger
)

// AlterRenameTable is ALTER TABLE t RENAME TO name.
type AlterRenameTable struct {
	Span
	Table *ObjectName
	To    *Name
}

// AlterRenameColumn is ALTER TABLE t RENAME COLUMN c TO name.
type AlterRenameColumn struct {
	Span
	Table  *ObjectName
	Column *Name
	To     *Name
}

// AlterAddColumn is ALTER TABLE t ADD COLUMN.
type AlterAddColumn struct {
	Span
	Table  *ObjectName
	Column *ColumnDef
	// Text is the column definition's source, which is put into the table's text.
	Text string
}

// AlterDropColumn is ALTER TABLE t DROP COLUMN c.
type AlterDropColumn struct {
	Span
	Table  *ObjectName
	Column *Name
}

// AlterDropConstraint is ALTER TABLE t DROP CONSTRAINT name.
type AlterDropConstraint struct {
	Span
	Table      *ObjectName
	Constraint *Name
}

// AlterColumnNotNull is ALTER TABLE t ALTER COLUMN c SET NOT NULL or DROP NOT NULL.
type AlterColumnNotNull struct {
	Span
	Table      *ObjectName
	Column     *Name
	Drop       bool
	OnConflict Conflict
	// Text is the source of the constraint (NOT NULL ...), for SET.
	Text string
}

// AlterAddCheck is ALTER TABLE t ADD [CONSTRAINT name] CHECK (expr).
type AlterAddCheck struct {
	Span
	Table      *ObjectName
	Constraint *Name // may be nil
	Expr       Expr
	OnConflict Conflict
	// Text is the source of the constraint from CONSTRAINT or CHECK on.
	Text string
}

// Pragma is PRAGMA [schema.]name [= value].
type Pragma struct {
	Span
	Schema *Name // may be nil
	Name   *Name
	Value  *PragmaValue // may be nil
}

// PragmaValue is the argument of a pragma, without quotes.
type PragmaValue struct {
	Span
	// Text is the value as the pragma sees it: a name without its quotes, or a number with a leading
	// minus where one was written.
	Text   string
	Number bool
}

// Begin is BEGIN.
type Begin struct {
	Span
	Mode BeginMode
}

// BeginMode is the kind of transaction asked for.
type BeginMode uint8

// The transaction modes; BeginDeferred is also what plain BEGIN means.
const (
	BeginDeferred BeginMode = iota
	BeginImmediate
	BeginExclusive
)

// Commit is COMMIT or END.
type Commit struct {
	Span
}

// Rollback is ROLLBACK, or ROLLBACK TO savepoint.
type Rollback struct {
	Span
	To *Name // may be nil
}

// Savepoint is SAVEPOINT name.
type Savepoint struct {
	Span
	Name *Name
}

// Release is RELEASE name.
type Release struct {
	Span
	Name *Name
}

// Attach is ATTACH file AS schema [KEY key].
type Attach struct {
	Span
	File   Expr
	Schema Expr
	Key    Expr // may be nil
}

// Detach is DETACH schema.
type Detach struct {
	Span
	Schema Expr
}

// Analyze is ANALYZE [name].
type Analyze struct {
	Span
	Name *ObjectName // may be nil
}

// Reindex is REINDEX [name].
type Reindex struct {
	Span
	Name *ObjectName // may be nil
}

// Vacuum is VACUUM [schema] [INTO file].
type Vacuum struct {
	Span
	Schema *Name // may be nil
	Into   Expr  // may be nil
}
