package catalog

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

// SchemaRoot is the root page of every file's sqlite_schema tree.
const SchemaRoot = 2

// Catalog is what one connection sees: main, temp, then attached files.
type Catalog struct {
	Schemas []*Schema // Index = database number; 0 main, 1 temp (may be nil).
	ID      uint64    // Unique per picture; part of the plan cache's key.
}

// Schema is the picture of one file.
type Schema struct {
	Name   string
	Cookie uint32
	// Analyses counts the pictures of one cookie: those that ANALYZE made.
	Analyses uint32
	tables   map[string]*Table // By lower-case name; views too.
	indexes  map[string]*Index
	triggers map[string]*Trigger
	order    []*Table
	objects  []Object
	// pending is what has not been looked at yet; nil once all has been.
	pending atomic.Pointer[pending]
	broken  atomic.Pointer[Error]
	// Guests are the triggers of the temporary database on tables of others,
	// oldest first.
	Guests []*Trigger
}

// Object is a table or view, an index, or a trigger: one of them is not nil.
type Object struct {
	Table   *Table
	Index   *Index
	Trigger *Trigger
}

// Trigger is a trigger's definition. Its body is bound where it fires.
type Trigger struct {
	Name   string
	Schema string
	DB     int
	Table  string // As the definition names it.
	Def    *ast.CreateTrigger
	SQL    string
}

// Before reports whether the trigger fires before its row changes, or in the
// place of the change.
func (t *Trigger) Before() bool { return t.Def.Time != ast.TriggerAfter }

// Table is a table or a view.
type Table struct {
	Schema  string // "main", "temp", ...
	DB      int
	Name    string
	Root    uint32
	Columns []*Column
	Shown   []SourceColumn // Columns as the sources of queries show them.
	Names   []string       // Of the columns.
	// RowidAlias is the column that is the row id (INTEGER PRIMARY KEY), or -1.
	RowidAlias    int
	RowidConflict ast.Conflict // ON CONFLICT of that key.
	Autoincrement bool
	WithoutRowid  bool
	Strict        bool
	HasGenerated  bool
	Stored        int   // Columns that records hold; the virtual ones are not among them.
	PrimaryKey    []int // Columns of the primary key, in its order.
	Indexes       []*Index
	// Key is the index of the primary key of a WITHOUT ROWID table, one of
	// Indexes: its tree is the table's, with the rows as payloads. Else nil.
	Key         *Index
	Checks      []*Check
	ForeignKeys []*ForeignKey    // In the order written.
	Def         *ast.CreateTable // nil for a view and for what is no table of the file.
	View        *ast.CreateView  // Not nil for a view.
	Module      *vtab.Module     // Not nil for a table that is no tree.
	Triggers    []*Trigger       // Those of its own database, newest first.
	SQL         string
	System      bool           // sqlite_schema, sqlite_sequence: not for users to change.
	colByName   map[string]int // nil while there are few columns.
}

// SourceColumn is a column as a source of a query shows it.
type SourceColumn struct {
	Name      string
	Affinity  value.Affinity
	Hidden    bool // Not part of *.
	Using     bool // Of a nested FROM: a column of USING.
	Collation *value.Collation
	DeclType  string
	// Of a nested FROM: where the column comes from, and the name that * shows
	// when another column has its own.
	Schema, Table, Shown string
}

// show fills Shown and Names.
func (t *Table) show() {
	t.Shown, t.Names = make([]SourceColumn, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		t.Names[i] = c.Name
		t.Shown[i] = SourceColumn{Name: c.Name, Affinity: c.Affinity, Collation: c.Collation, DeclType: c.DeclType,
			Hidden: t.Module != nil && t.Module.Columns[i].Hidden}
	}
}

// Column is one column of a table.
type Column struct {
	Name            string
	DeclType        string
	HasType         bool
	Affinity        value.Affinity
	Collation       *value.Collation
	NotNull         bool
	NotNullConflict ast.Conflict
	Default         ast.Expr // nil: NULL
	DefaultText     string   // As table_info shows it.
	PK              int      // Place in the primary key from 1, or 0.
	Generated       ast.Expr
	Place           int // In the record; -1 for a virtual column, which is computed as it is read.
}

// Virtual reports whether the column is computed as it is read.
func (c *Column) Virtual() bool { return c.Place < 0 }

// Width guesses the size of the column's values in units of four bytes, as
// the reference does: from the length that a text type declares.
func (c *Column) Width() int {
	if !c.HasType || c.Affinity >= value.AffNumeric {
		return 1
	}
	n := 16
	if i := strings.IndexByte(c.DeclType, '('); i >= 0 {
		if num := value.IntPrefix([]byte(c.DeclType[i+1:])); num > 0 && num < 1000 {
			n = int(num)
		}
	}
	return min(n/4+1, 255)
}

// Check is a CHECK constraint.
type Check struct {
	Name     string // Its name, or the text of its expression.
	Expr     ast.Expr
	Conflict ast.Conflict
}

// Index is an index.
type Index struct {
	Name    string
	Table   *Table
	Root    uint32
	Columns []IndexColumn
	// Suffix are the columns of a WITHOUT ROWID table's primary key that the
	// index lacks; they end its keys, as the row id ends those of other tables.
	Suffix   []IndexColumn
	Unique   bool
	Conflict ast.Conflict
	Origin   byte // 'c' CREATE INDEX, 'u' UNIQUE, 'p' PRIMARY KEY
	Where    ast.Expr
	Def      *ast.CreateIndex // nil for automatic ones.
	SQL      string
	Stats    *Stats // nil before ANALYZE.
}

// ExprColumn is the Column of a key column that is an expression.
const ExprColumn = -2

// Computed reports whether the index holds what records do not: expressions or
// virtual columns, or has a condition.
func (x *Index) Computed() bool {
	for i := range x.Columns {
		if c := x.Columns[i].Column; c >= 0 && x.Table.Columns[c].Virtual() {
			return true
		}
	}
	return x.Where != nil || x.HasExpr()
}

// HasExpr reports whether a key column is an expression.
func (x *Index) HasExpr() bool {
	for i := range x.Columns {
		if x.Columns[i].Column == ExprColumn {
			return true
		}
	}
	return false
}

// Width is the number of columns of an entry's key, with the row id or primary
// key at its end.
func (x *Index) Width() int {
	if x.Table.Key == nil {
		return len(x.Columns) + 1
	}
	return len(x.Columns) + len(x.Suffix)
}

// Has reports whether a key column of x is column col of its table.
func (x *Index) Has(col int) bool {
	for i := range x.Columns {
		if x.Columns[i].Column == col {
			return true
		}
	}
	return false
}

// KeyPlace is the column of an entry's key that holds column k of the primary
// key of a WITHOUT ROWID table.
func (x *Index) KeyPlace(k int) int {
	want := x.Table.Key.Columns[k]
	for i, c := range x.Columns {
		if c.Column == want.Column && c.Collation == want.Collation {
			return i
		}
	}
	for i, c := range x.Suffix {
		if c.Column == want.Column && c.Collation == want.Collation {
			return len(x.Columns) + i
		}
	}
	return -1
}

// endWithKey gives the keys of x the columns of the primary key that they
// lack.
func (x *Index) endWithKey() {
	if x.Table.Key == nil || x.Table.Key == x {
		return
	}
	x.Suffix = nil
	for k, c := range x.Table.Key.Columns {
		if x.KeyPlace(k) < 0 {
			c.Desc = false
			x.Suffix = append(x.Suffix, c)
		}
	}
}

// IndexColumn is one key column of an index.
type IndexColumn struct {
	Column    int // Column of the table, -1 the row id, ExprColumn an expression.
	Expr      ast.Expr
	Collation *value.Collation
	Desc      bool
}

// ColumnIndex finds a column by name, -1 when there is none.
func (t *Table) ColumnIndex(name string) int {
	if t.colByName == nil {
		for i, c := range t.Columns {
			if len(c.Name) == len(name) && value.EqualFold(c.Name, name) {
				return i
			}
		}
		return -1
	}
	if i, ok := t.colByName[value.Lower(name)]; ok {
		return i
	}
	return -1
}

// columnsFew is how many columns are found without a map.
const columnsFew = 12

// addColumn appends a column. Of several with one name the first is found.
func (t *Table) addColumn(c *Column) {
	t.Columns = append(t.Columns, c)
	switch n := len(t.Columns); {
	case n == columnsFew+1:
		t.colByName = make(map[string]int, 2*n)
		for i := n - 1; i >= 0; i-- {
			t.colByName[value.Lower(t.Columns[i].Name)] = i
		}
	case n > columnsFew:
		if key := value.Lower(c.Name); t.ColumnIndex(key) < 0 {
			t.colByName[key] = n - 1
		}
	}
}

// HasRowid reports whether rowid, oid and _rowid_ name the table's key.
func (t *Table) HasRowid() bool { return !t.WithoutRowid && t.View == nil }

// IndexOrder lists the positions of the table's indexes in the order in which
// SQLite goes through them: the newest first, those that REPLACE last.
func (t *Table) IndexOrder() []int {
	var first, last []int
	for k := len(t.Indexes) - 1; k >= 0; k-- {
		if t.Indexes[k].Conflict == ast.ConflictReplace {
			last = append(last, k)
		} else {
			first = append(first, k)
		}
	}
	return append(first, last...)
}

// ModuleTable is the table that a module is under its own name: a table-valued
// function.
func ModuleTable(m *vtab.Module) *Table {
	t := &Table{Name: m.Name, RowidAlias: -1, System: true, Module: m}
	for i, c := range m.Columns {
		t.addColumn(&Column{Name: c.Name, DeclType: c.DeclType, HasType: c.DeclType != "",
			Affinity: value.AffinityOf(c.DeclType), Collation: value.Binary, Place: i})
	}
	t.show()
	return t
}

// ViewTable is a view as a table with columns, for changes that its triggers
// make in the place of the statement.
func ViewTable(view *Table, columns []*Column) *Table {
	t := *view
	t.Columns, t.Stored = nil, len(columns)
	for _, c := range columns {
		t.addColumn(c)
	}
	t.show()
	return &t
}

// IsRowidName reports whether name is one of the names of the row id.
func IsRowidName(name string) bool {
	return value.EqualFold(name, "rowid") || value.EqualFold(name, "_rowid_") || value.EqualFold(name, "oid")
}

// Error is an error of a definition, with SQLite's text.
type Error struct {
	Text string
	Code int // Extended result code, or 0 for SQLITE_ERROR.
	// Object and Cause are those of a row of sqlite_schema that is wrong.
	Object, Cause string
	// At is the offset of the name at fault; 0 when there is none, for no
	// definition begins with a name.
	At token.Pos
}

// codeMissingCollation is SQLITE_ERROR_MISSING_COLLSEQ.
const codeMissingCollation = 257

// Error returns the text.
func (e *Error) Error() string { return e.Text }

func errorf(format string, args ...any) error {
	return &Error{Text: fmt.Sprintf(format, args...)}
}

// FindTable finds a table or view by name, in one schema when that is named,
// else in temp, main and the attached files in this order. It returns the
// database number.
func (c *Catalog) FindTable(schema, name string) (*Table, int) {
	for _, db := range c.lookupOrder() {
		s := c.Schemas[db]
		if s == nil || schema != "" && !value.EqualFold(schema, s.Name) {
			continue
		}
		n := value.Lower(name)
		if n == "sqlite_master" || n == "sqlite_schema" && s.Table(n) == nil {
			n = "sqlite_schema"
		}
		if db == 1 && (n == "sqlite_temp_master" || n == "sqlite_temp_schema") {
			n = "sqlite_schema"
		}
		if db == 1 && schema == "" && n == "sqlite_schema" {
			if l := value.Lower(name); l == "sqlite_master" || l == "sqlite_schema" {
				continue // The unqualified name is main's.
			}
		}
		if t := s.Table(n); t != nil {
			return t, db
		}
	}
	return nil, -1
}

// TriggersOf lists the triggers on a table or view in the order in which they
// fire: those of the temporary database on a table of another one first, from
// the oldest to the newest while they are few, else by SQLite's hash table, then
// the table's own from the newest to the oldest.
func (c *Catalog) TriggersOf(t *Table) []*Trigger {
	var list []*Trigger
	if len(c.Schemas) > 1 && c.Schemas[1] != nil && len(c.Schemas[1].Guests) > 0 {
		temp := c.Schemas[1]
		var order []*Trigger
		for _, o := range temp.Objects() {
			if o.Trigger != nil {
				order = append(order, o.Trigger)
			}
		}
		order = hashOrder(order, func(tr *Trigger) string { return tr.Name })
		slices.Reverse(order)
		for _, tr := range order {
			if slices.Contains(temp.Guests, tr) && value.EqualFold(tr.Table, t.Name) && c.guestOf(tr) == t.DB {
				list = append(list, tr)
			}
		}
	}
	return append(list, t.Triggers...)
}

// guestOf is the database of the table that a trigger of the temporary database
// is on, -1 when there is none. A temporary table of that name is younger.
func (c *Catalog) guestOf(tr *Trigger) int {
	schema := tr.Def.Table.Schema.String()
	for db, s := range c.Schemas {
		if s != nil && (schema == "" && db != 1 || value.EqualFold(schema, s.Name)) && s.Table(value.Lower(tr.Table)) != nil {
			return db
		}
	}
	return -1
}

// TableOf is the table or view that a trigger is on, nil when there is none.
func (c *Catalog) TableOf(tr *Trigger) *Table {
	db := tr.DB
	if slices.Contains(c.Schemas[db].Guests, tr) {
		if db = c.guestOf(tr); db < 0 {
			return nil
		}
	}
	return c.Schemas[db].Table(value.Lower(tr.Table))
}

// FindTrigger finds a trigger by name, as FindTable does.
func (c *Catalog) FindTrigger(schema, name string) *Trigger {
	for _, db := range c.lookupOrder() {
		s := c.Schemas[db]
		if s == nil || schema != "" && !value.EqualFold(schema, s.Name) {
			continue
		}
		if t := s.Trigger(value.Lower(name)); t != nil {
			return t
		}
	}
	return nil
}

// FindIndex finds an index by name, as FindTable does.
func (c *Catalog) FindIndex(schema, name string) (*Index, int) {
	for _, db := range c.lookupOrder() {
		s := c.Schemas[db]
		if s == nil || schema != "" && !value.EqualFold(schema, s.Name) {
			continue
		}
		if x := s.Index(value.Lower(name)); x != nil {
			return x, db
		}
	}
	return nil, -1
}

// Database finds a database by name, -1 when there is none.
func (c *Catalog) Database(name string) int {
	for i, s := range c.Schemas {
		if s != nil && value.EqualFold(s.Name, name) {
			return i
		}
	}
	return -1
}

func (c *Catalog) lookupOrder() []int {
	order := make([]int, 0, len(c.Schemas))
	if len(c.Schemas) > 1 {
		order = append(order, 1)
	}
	order = append(order, 0)
	for i := 2; i < len(c.Schemas); i++ {
		order = append(order, i)
	}
	return order
}
