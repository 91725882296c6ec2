package catalog

import (
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/vm/value"
)

// ColumnsMax is the most columns of a table, an index or a result.
const ColumnsMax = 2000

// Collations finds a collation by name; nil means the built-in ones.
type Collations func(name string) *value.Collation

func (f Collations) find(name string) (*value.Collation, error) {
	if f == nil {
		f = value.BuiltinCollation
	}
	if c := f(name); c != nil {
		return c, nil
	}
	return nil, &Error{Text: "no such collation sequence: " + name, Code: codeMissingCollation}
}

// NewTable makes the picture of a CREATE TABLE statement with its automatic
// indexes, whose root pages are still 0. It finds the errors of the
// definition. CREATE TABLE AS is not for it.
func NewTable(def *ast.CreateTable, schema string, db int, collations Collations) (*Table, error) {
	b := tableBuilder{
		t: &Table{
			Schema: schema, DB: db, Name: def.Name.Name.Text, RowidAlias: -1,
			WithoutRowid: def.WithoutRowid, Strict: def.Strict, SQL: def.SchemaSQL, Def: def,
			Columns: make([]*Column, 0, len(def.Columns)),
		},
		collations: collations,
		columns:    make([]Column, len(def.Columns)),
	}
	if len(def.Columns) > ColumnsMax {
		return nil, errorf("too many columns on %s", b.t.Name)
	}
	for _, c := range def.Columns {
		if err := b.column(c); err != nil {
			return nil, err
		}
	}
	for _, c := range def.Constraints {
		if err := b.constraint(c); err != nil {
			return nil, err
		}
	}
	if b.autoincrement && !b.t.Autoincrement {
		return nil, errorf("AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY")
	}
	if t := b.t; t.HasGenerated && !plainColumn(t) {
		return nil, errorf("must have at least one non-generated column")
	}
	b.places()
	if def.Strict {
		for i, c := range b.t.Columns {
			if err := b.strictType(c); err != nil {
				return nil, err
			}
			if i != b.t.RowidAlias && c.PK > 0 && !c.NotNull {
				c.NotNull = true
			}
		}
	}
	if def.WithoutRowid {
		if b.t.Autoincrement {
			return nil, errorf("AUTOINCREMENT not allowed on WITHOUT ROWID tables")
		}
		if !b.hasPK {
			return nil, errorf("PRIMARY KEY missing on table %s", b.t.Name)
		}
		if b.lateKey != nil {
			if err := b.lateKey(); err != nil {
				return nil, err
			}
		}
		b.keyed()
	}
	b.t.show()
	return b.t, nil
}

type tableBuilder struct {
	t             *Table
	columns       []Column // Memory of its columns.
	collations    Collations
	hasPK         bool
	autoincrement bool
	lateKey       func() error // Makes the index of a WITHOUT ROWID table's INTEGER PRIMARY KEY.
}

func (b *tableBuilder) column(def *ast.ColumnDef) error {
	t := b.t
	c := &b.columns[len(t.Columns)]
	c.Name, c.Collation, c.Affinity = def.Name.Text, value.Binary, value.AffBlob
	if def.Type != nil {
		c.DeclType, c.HasType = normalType(def.Type.Text), true
		c.Affinity = value.AffinityOf(c.DeclType)
	}
	if t.ColumnIndex(c.Name) >= 0 {
		return errorf("duplicate column name: %s", c.Name)
	}
	t.addColumn(c)
	col := len(t.Columns) - 1
	for _, con := range def.Constraints {
		switch con := con.(type) {
		case *ast.ColumnPrimaryKey:
			term := indexTerm{col: col, desc: con.Order == ast.SortDesc}
			if err := b.primaryKey([]indexTerm{term}, con.OnConflict, con.Autoincrement, con.Order == ast.SortDesc); err != nil {
				return err
			}
		case *ast.ColumnNotNull:
			c.NotNull, c.NotNullConflict = true, con.OnConflict
		case *ast.ColumnUnique:
			if err := b.unique([]indexTerm{{col: col}}, con.OnConflict, 'u'); err != nil {
				return err
			}
		case *ast.ColumnCheck:
			b.check(con.Name, con.Text, con.Expr, ast.ConflictNone)
		case *ast.ColumnDefault:
			if c.Generated != nil {
				return errorf("cannot use DEFAULT on a generated column")
			}
			if !constantDefault(con.Expr) {
				return errorf("default value of column [%s] is not constant", c.Name)
			}
			c.Default, c.DefaultText = con.Expr, con.Text
		case *ast.ColumnCollate:
			coll, err := b.collations.find(con.Collation.Text)
			if err != nil {
				return err
			}
			c.Collation = coll
			for _, x := range t.Indexes { // UNIQUE or PRIMARY KEY written before COLLATE.
				for i := range x.Columns {
					if x.Columns[i].Column == col {
						x.Columns[i].Collation = coll
					}
				}
			}
		case *ast.ColumnReferences:
			if n := len(con.References.Columns); n > 1 {
				return errorf("foreign key on %s should reference only one column of table %s", c.Name, con.References.Table.Text)
			}
			t.ForeignKeys = append(t.ForeignKeys, &ForeignKey{Table: t, Columns: []int{col}, Ref: con.References})
		case *ast.ColumnDeferrable:
			if n := len(t.ForeignKeys); n > 0 {
				t.ForeignKeys[n-1].Deferred = con.Deferral == ast.DeferInitiallyDeferred
			}
		case *ast.ColumnGenerated:
			if err := b.generated(c, con); err != nil {
				return err
			}
		case *ast.ColumnNull:
		}
	}
	return nil
}

// generated makes a column a generated one.
func (b *tableBuilder) generated(c *Column, def *ast.ColumnGenerated) error {
	stored := false
	switch kind := def.Kind.String(); {
	case c.Default != nil, def.Kind != nil && !value.EqualFold(kind, "stored") && !value.EqualFold(kind, "virtual"):
		return errorf("error in generated column \"%s\"", c.Name)
	default:
		stored = value.EqualFold(kind, "stored")
	}
	if c.PK > 0 {
		return errGeneratedKey
	}
	c.Generated = def.Expr
	if !stored {
		c.Place = -1
	}
	b.t.HasGenerated = true
	return nil
}

var errGeneratedKey = errorf("generated columns cannot be part of the PRIMARY KEY")

func plainColumn(t *Table) bool {
	for _, c := range t.Columns {
		if c.Generated == nil {
			return true
		}
	}
	return false
}

// places gives every column that records hold its place in them.
func (b *tableBuilder) places() {
	for _, c := range b.t.Columns {
		if !c.Virtual() {
			c.Place = b.t.Stored
			b.t.Stored++
		}
	}
}

// standardTypes are the declared types that SQLite keeps as a number instead
// of the text: they are shown in this form, however they were written.
var standardTypes = [...]string{"ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT"}

// normalType is a declared type as table_info and result columns show it: the
// source text with its spaces kept, but for the standard types.
func normalType(s string) string {
	for _, t := range standardTypes {
		if value.EqualFold(s, t) {
			return t
		}
	}
	return s
}

func (b *tableBuilder) constraint(con ast.TableConstraint) error {
	switch con := con.(type) {
	case *ast.TablePrimaryKey:
		terms, err := b.terms(con.Columns)
		if err != nil {
			return err
		}
		return b.primaryKey(terms, con.OnConflict, con.Autoincrement, false)
	case *ast.TableUnique:
		terms, err := b.terms(con.Columns)
		if err != nil {
			return err
		}
		return b.unique(terms, con.OnConflict, 'u')
	case *ast.TableCheck:
		b.check(con.Name, con.Text, con.Expr, con.OnConflict)
	case *ast.TableForeignKey:
		if n := len(con.References.Columns); n > 0 && n != len(con.Columns) {
			return errorf("number of columns in foreign key does not match the number of columns in the referenced table")
		}
		key := &ForeignKey{Table: b.t, Ref: con.References, Deferred: con.References.Deferral == ast.DeferInitiallyDeferred}
		for _, c := range con.Columns {
			col := b.t.ColumnIndex(c.Text)
			if col < 0 {
				return errorf("unknown column %q in foreign key definition", c.Text)
			}
			key.Columns = append(key.Columns, col)
		}
		b.t.ForeignKeys = append(b.t.ForeignKeys, key)
	}
	return nil
}

// keyed makes the primary key the key of a WITHOUT ROWID table.
func (b *tableBuilder) keyed() {
	t := b.t
	for _, x := range t.Indexes {
		if x.Origin == 'p' {
			t.Key = x
		}
	}
	cols := t.Key.Columns[:0]
	for _, c := range t.Key.Columns {
		dup := false
		for _, d := range cols {
			dup = dup || d.Column == c.Column && d.Collation == c.Collation
		}
		if !dup {
			cols = append(cols, c)
		}
	}
	t.Key.Columns = cols
	for _, x := range t.Indexes {
		x.endWithKey()
	}
}

type indexTerm struct {
	col  int
	coll *value.Collation
	desc bool
}

// terms binds the columns of a PRIMARY KEY or UNIQUE constraint.
func (b *tableBuilder) terms(list []*ast.OrderTerm) ([]indexTerm, error) {
	var terms []indexTerm
	for _, o := range list {
		term := indexTerm{desc: o.Order == ast.SortDesc}
		e := o.Expr
		if c, ok := e.(*ast.Collate); ok {
			coll, err := b.collations.find(c.Collation.Text)
			if err != nil {
				return nil, err
			}
			term.coll, e = coll, c.X
		}
		name, ok := columnName(e)
		if !ok {
			return nil, errorf("expressions prohibited in PRIMARY KEY and UNIQUE constraints")
		}
		if o.Nulls == ast.NullsLast || o.Nulls == ast.NullsFirst {
			return nil, errorf("unsupported use of NULLS %s", map[bool]string{true: "FIRST", false: "LAST"}[o.Nulls == ast.NullsFirst])
		}
		if term.col = b.t.ColumnIndex(name); term.col < 0 {
			return nil, &Error{Text: "no such column: " + name, At: e.Pos()}
		}
		terms = append(terms, term)
	}
	return terms, nil
}

// columnName gives the name when e is a plain column, or a string in its
// place, which SQLite takes as a name here.
func columnName(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Column:
		if e.Table == nil {
			return e.Name.Text, true
		}
	case *ast.Literal:
		if e.Kind == ast.LiteralString {
			return e.Text, true
		}
	}
	return "", false
}

func (b *tableBuilder) primaryKey(terms []indexTerm, conflict ast.Conflict, autoinc, columnDesc bool) error {
	t := b.t
	if b.hasPK {
		return errorf("table %q has more than one primary key", t.Name)
	}
	b.hasPK = true
	for i, term := range terms {
		c := t.Columns[term.col]
		if c.Generated != nil {
			return errGeneratedKey
		}
		if c.PK == 0 {
			c.PK = i + 1
		}
		t.PrimaryKey = append(t.PrimaryKey, term.col)
	}
	b.autoincrement = b.autoincrement || autoinc
	integer := len(terms) == 1 && !columnDesc && strings.EqualFold(t.Columns[terms[0].col].DeclType, "INTEGER")
	if t.WithoutRowid {
		for _, term := range terms {
			t.Columns[term.col].NotNull = true
		}
		t.Autoincrement = integer && autoinc
		if integer {
			// SQLite makes its index when it finds the table to be WITHOUT
			// ROWID, behind all others.
			terms[0].coll = nil // It takes the column alone for the key.
			b.lateKey = func() error { return b.unique(terms, conflict, 'p') }
			return nil
		}
	}
	// A single INTEGER column is the row id itself, unless DESC is written
	// with the column (a quirk that SQLite keeps).
	if integer {
		t.RowidAlias, t.RowidConflict, t.Autoincrement = terms[0].col, conflict, autoinc
		return nil
	}
	return b.unique(terms, conflict, 'p')
}

// unique adds an automatic index, unless one with the same columns exists.
func (b *tableBuilder) unique(terms []indexTerm, conflict ast.Conflict, origin byte) error {
	t := b.t
	x := &Index{Table: t, Unique: true, Conflict: conflict, Origin: origin}
	for _, term := range terms {
		coll := term.coll
		if coll == nil {
			coll = t.Columns[term.col].Collation
		}
		x.Columns = append(x.Columns, IndexColumn{Column: term.col, Collation: coll, Desc: term.desc})
	}
	for _, y := range t.Indexes {
		if sameKey(x, y) {
			switch {
			case y.Conflict == ast.ConflictNone:
				y.Conflict = conflict
			case conflict != ast.ConflictNone && conflict != y.Conflict:
				return errorf("conflicting ON CONFLICT clauses specified")
			}
			if origin == 'p' {
				y.Origin = 'p'
			}
			return nil
		}
	}
	x.Name = "sqlite_autoindex_" + t.Name + "_" + strconv.Itoa(len(t.Indexes)+1)
	t.Indexes = append(t.Indexes, x)
	return nil
}

func sameKey(x, y *Index) bool {
	if len(x.Columns) != len(y.Columns) {
		return false
	}
	for i := range x.Columns {
		if x.Columns[i].Column != y.Columns[i].Column || x.Columns[i].Collation != y.Columns[i].Collation {
			return false
		}
	}
	return true
}

func (b *tableBuilder) check(name *ast.Name, text string, e ast.Expr, conflict ast.Conflict) {
	c := &Check{Name: text, Expr: e, Conflict: conflict}
	if name != nil {
		c.Name = name.Text
	}
	b.t.Checks = append(b.t.Checks, c)
}

// constantDefault reports whether a DEFAULT expression has no columns,
// parameters or subqueries. A double-quoted name counts as a string.
func constantDefault(e ast.Expr) bool {
	ok := true
	ast.Walk(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Column:
			if n.Table != nil || n.Name.Quote == token.Bare && !isBoolName(n.Name.Text) ||
				n.Name.Quote == token.Bracket || n.Name.Quote == token.Backtick {
				ok = false
			}
		case *ast.FuncCall:
			ok = ok && n.Over == nil && n.OverName == nil
		case *ast.Param, *ast.Subquery, *ast.Exists:
			ok = false
		case *ast.In:
			if n.Select != nil || n.Table != nil {
				ok = false
			}
		}
		return ok
	})
	return ok
}

func isBoolName(s string) bool {
	return value.EqualFold(s, "true") || value.EqualFold(s, "false")
}

func (b *tableBuilder) strictType(c *Column) error {
	if !c.HasType {
		return errorf("missing datatype for %s.%s", b.t.Name, c.Name)
	}
	switch strings.ToUpper(c.DeclType) {
	case "INT", "INTEGER", "REAL", "TEXT", "BLOB":
	case "ANY":
		c.Affinity = value.AffBlob
	default:
		return errorf("unknown datatype for %s.%s: %q", b.t.Name, c.Name, c.DeclType)
	}
	return nil
}
