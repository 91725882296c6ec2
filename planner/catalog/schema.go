package catalog

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/vm/value"
)

// Entry is one row of sqlite_schema.
type Entry struct {
	Type, Name, Table string
	Root              uint32
	SQL               string
	// Def is the parsed text; nil for automatic indexes, whose text is NULL, and
	// for a text that is to be parsed when somebody asks for the object.
	Def ast.Stmt
	// Sealed: the engine has written the row, so that its text is sound.
	Sealed bool
}

// Wrong is the error of an entry that is none.
func (e *Entry) Wrong(err error) *Error {
	return &Error{Text: "malformed database schema (" + e.Name + ") - " + err.Error(), Object: e.Type + " " + e.Name, Cause: err.Error()}
}

// Parser reads the text of an entry.
type Parser func(sql string) (ast.Stmt, error)

// NewSchema makes the picture of a file from the rows of its sqlite_schema.
// Tables of which all rows are sealed, with what is on them, are made when
// somebody asks for them (lazy.go); what is wrong with others is found now.
func NewSchema(name string, db int, cookie uint32, entries []Entry, collations Collations, parse Parser) (*Schema, error) {
	s := &Schema{
		Name: name, Cookie: cookie,
		tables: make(map[string]*Table, len(entries)/2+2), indexes: make(map[string]*Index, len(entries)/2), triggers: map[string]*Trigger{},
	}
	s.addTable(schemaTable(name, db))
	s.tables["sqlite_schema"] = s.order[0]
	if p := newPending(entries, db); p != nil {
		p.db, p.collations, p.parse = db, collations, parse
		if err := s.postpone(p); err != nil {
			return nil, err
		}
		return s, nil
	}
	for i := range entries {
		if err := s.make(&entries[i], db, collations, parse); err != nil {
			return nil, entries[i].Wrong(err)
		}
	}
	return s, nil
}

// make adds what an entry says to the picture.
func (s *Schema) make(e *Entry, db int, collations Collations, parse Parser) (err error) {
	if e.Def == nil && e.SQL != "" {
		e.Def, err = parse(e.SQL)
	}
	if err != nil {
		return err
	}
	return s.add(e, db, collations)
}

// Definitions are the texts of the schema that were parsed, by text. Nobody
// changes them.
func (s *Schema) Definitions() map[string]ast.Stmt {
	known := map[string]ast.Stmt{}
	if p := s.lock(); p != nil {
		defer p.Unlock()
		for i := range p.entries {
			if e := &p.entries[i]; e.Def != nil {
				known[e.SQL] = e.Def
			}
		}
		return known
	}
	for _, o := range s.objects {
		switch {
		case o.Index != nil:
			known[o.Index.SQL] = o.Index.Def
		case o.Trigger != nil:
			known[o.Trigger.SQL] = o.Trigger.Def
		case o.Table.View != nil:
			known[o.Table.SQL] = o.Table.View
		case o.Table.Def != nil:
			known[o.Table.SQL] = o.Table.Def
		}
	}
	return known
}

func (s *Schema) add(e *Entry, db int, collations Collations) error {
	switch def := e.Def.(type) {
	case *ast.CreateTable:
		t, err := NewTable(def, s.Name, db, collations)
		if err != nil {
			return err
		}
		t.Name, t.Root, t.SQL = e.Name, e.Root, e.SQL
		if t.Key != nil {
			t.Key.Root = t.Root
		}
		t.System = value.EqualFold(t.Name, "sqlite_sequence")
		s.addTable(t)
	case *ast.CreateView:
		t := &Table{
			Schema: s.Name, DB: db, Name: e.Name, RowidAlias: -1, View: def, SQL: e.SQL,
		}
		s.addTable(t)
	case *ast.CreateIndex:
		t := s.tables[value.Lower(e.Table)]
		if t == nil {
			return errorf("no such table: %s.%s", s.Name, e.Table)
		}
		x, err := NewIndex(def, t, collations)
		if err != nil {
			return err
		}
		x.Name, x.Root, x.SQL = e.Name, e.Root, e.SQL
		t.Indexes = append(t.Indexes, x)
		s.indexes[value.Lower(x.Name)] = x
		s.objects = append(s.objects, Object{Index: x})
	case *ast.CreateTrigger:
		return s.addTrigger(&Trigger{Name: e.Name, Schema: s.Name, DB: db, Table: def.Table.Name.Text, Def: def, SQL: e.SQL})
	case nil:
		x := s.indexes[value.Lower(e.Name)]
		if x == nil {
			return errorf("orphan index")
		}
		x.Root = e.Root
	default:
		return errorf("not a definition")
	}
	return nil
}

// addTrigger gives a trigger to its table. One of the temporary database may be
// on a table of another, or on none that is left.
func (s *Schema) addTrigger(tr *Trigger) error {
	s.triggers[value.Lower(tr.Name)] = tr
	s.objects = append(s.objects, Object{Trigger: tr})
	t := s.tables[value.Lower(tr.Table)]
	switch on := tr.Def.Table.Schema; {
	case tr.DB == 1 && (t == nil || on != nil && !value.EqualFold(on.Text, s.Name)):
		s.Guests = append(s.Guests, tr)
	case t == nil:
		return errorf("no such table: %s.%s", s.Name, tr.Table)
	default:
		t.Triggers = append([]*Trigger{tr}, t.Triggers...)
	}
	return nil
}

func (s *Schema) addTable(t *Table) {
	s.tables[value.Lower(t.Name)] = t
	s.order = append(s.order, t)
	s.objects = append(s.objects, Object{Table: t})
	for _, x := range t.Indexes {
		s.indexes[value.Lower(x.Name)] = x
	}
}

// HashOrder gives tables and views in the order of SQLite's hash table of them,
// which ANALYZE and some pragmas show: it begins with the newest, until there
// are enough for buckets.
func (s *Schema) HashOrder() []*Table {
	return hashOrder(s.Order(), func(t *Table) string { return t.Name })
}

// hashOrder is the order in which SQLite's hash table walks what was put into it
// in the order of list.
func hashOrder[T comparable](list []T, name func(T) string) []T {
	hash := func(name string) (h uint32) {
		for i := range len(name) {
			h = (h + uint32(0xdf&name[i])) * 0x9e3779b1
		}
		return h
	}
	const bucketsMax = 64
	var order []T
	size := 0
	var heads map[int]T // The newest of each bucket, which stand together.
	insert := func(t T) {
		at := 0
		if size > 0 {
			k := int(hash(name(t)) % uint32(size))
			if head, ok := heads[k]; ok {
				at = slices.Index(order, head)
			}
			heads[k] = t
		}
		order = slices.Insert(order, at, t)
	}
	for n, t := range list {
		if n++; n >= 5 && n > 2*size && size < bucketsMax {
			old := order
			size, heads, order = min(n*3, bucketsMax), map[int]T{}, nil
			for _, t := range old {
				insert(t)
			}
		}
		insert(t)
	}
	return order
}

// schemaTable is sqlite_schema itself.
func schemaTable(schema string, db int) *Table {
	t := &Table{Schema: schema, DB: db, Name: "sqlite_master", Root: SchemaRoot, RowidAlias: -1, System: true}
	if db == 1 {
		t.Name = "sqlite_temp_master"
	}
	for i, c := range []struct {
		name, typ string
		aff       value.Affinity
	}{
		{"type", "TEXT", value.AffText}, {"name", "TEXT", value.AffText}, {"tbl_name", "TEXT", value.AffText},
		{"rootpage", "INT", value.AffInteger}, {"sql", "TEXT", value.AffText},
	} {
		t.addColumn(&Column{Name: c.name, DeclType: c.typ, HasType: true, Affinity: c.aff, Collation: value.Binary, Place: i})
	}
	t.Stored = len(t.Columns)
	t.show()
	t.SQL = "CREATE TABLE x(type text,name text,tbl_name text,rootpage int,sql text)"
	return t
}

// NewIndex makes the picture of a CREATE INDEX statement on t. With an error
// about a column comes the picture of what stands before that.
func NewIndex(def *ast.CreateIndex, t *Table, collations Collations) (*Index, error) {
	x := &Index{
		Name: def.Name.Name.Text, Table: t, Unique: def.Unique, Origin: 'c', Where: def.Where,
		Def: def, SQL: def.SchemaSQL,
	}
	if len(def.Columns) > ColumnsMax {
		return nil, errorf("too many columns in index")
	}
	for _, o := range def.Columns {
		if o.Nulls != ast.NullsNone {
			which := "LAST"
			if o.Nulls == ast.NullsFirst {
				which = "FIRST"
			}
			return nil, errorf("unsupported use of NULLS %s", which)
		}
	}
	x.Columns = make([]IndexColumn, 0, len(def.Columns))
	for _, o := range def.Columns {
		c := IndexColumn{Desc: o.Order == ast.SortDesc, Collation: value.Binary}
		e := o.Expr
		var coll *value.Collation
		var unknown error
		for {
			k, ok := e.(*ast.Collate)
			if !ok {
				break
			}
			found, err := collations.find(k.Collation.Text)
			if unknown == nil {
				unknown = err
			}
			if coll == nil { // The outermost one counts.
				coll = found
			}
			e = k.X
		}
		if name, ok := columnName(e); ok {
			c.Column = t.ColumnIndex(name)
			switch {
			case c.Column >= 0:
				c.Collation = t.Columns[c.Column].Collation
			case isQuoted(e):
				c.Column, c.Expr = ExprColumn, e
			default:
				return x, &Error{Text: "no such column: " + name, At: e.Pos()}
			}
		} else {
			c.Column, c.Expr = ExprColumn, e
		}
		if coll != nil {
			c.Collation = coll
		}
		x.Columns = append(x.Columns, c)
		if unknown != nil {
			return x, unknown
		}
	}
	x.endWithKey()
	return x, nil
}

func isQuoted(e ast.Expr) bool {
	c, ok := e.(*ast.Column)
	return ok && c.Name.Quote == token.Double
}
