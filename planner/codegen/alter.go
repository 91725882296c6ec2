package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// alterable finds the table of an ALTER TABLE.
func alterable(env *Env, n *ast.ObjectName) (*catalog.Table, error) {
	t, _ := env.Resolve.Catalog.FindTable(n.Schema.String(), n.Name.Text)
	if t == nil {
		name := n.Name.Text
		if n.Schema != nil {
			name = n.Schema.Text + "." + name
		}
		return nil, ddlError("no such table: " + name)
	}
	return t, nil
}

// system refuses the tables that are not for users to change.
func system(t *catalog.Table) error {
	if reserved(t.Name) != nil {
		return ddlError("table " + t.Name + " may not be altered")
	}
	return nil
}

// AddColumn compiles ALTER TABLE ADD COLUMN. The column's text is put behind
// that of the last one. Rows get the default at once: no record is shorter than
// its table, but for columns that are NULL.
func AddColumn(env *Env, n *ast.AlterAddColumn) (*vm.Program, error) {
	t, err := alterable(env, n.Table)
	if err != nil {
		return nil, err
	}
	if t.View != nil {
		return nil, ddlError("Cannot add a column to a view")
	}
	if err := system(t); err != nil {
		return nil, err
	}
	added, isKey, isUnique := *n.Column, false, false
	added.Constraints = nil
	for _, con := range n.Column.Constraints {
		switch con.(type) {
		case *ast.ColumnPrimaryKey:
			isKey = true
		case *ast.ColumnUnique:
			isUnique = true
		default:
			added.Constraints = append(added.Constraints, con)
		}
	}
	def := *t.Def
	def.Strict = false // Its errors come when the new text is read.
	def.Columns = append(def.Columns[:len(def.Columns):len(def.Columns)], &added)
	if _, err := catalog.NewTable(&def, t.Schema, t.DB, env.Resolve.Collations); err != nil {
		return nil, err
	}
	name := added.Name.Text
	switch {
	case isKey:
		return nil, ddlError("Cannot add a PRIMARY KEY column")
	case isUnique:
		return nil, ddlError("Cannot add a UNIQUE column")
	case t.HasRowid() && catalog.IsRowidName(name):
		return nil, ddlError("cannot add rowid alias: " + name)
	}
	def.Strict = t.Strict
	to, err := remade(env, t, &def)
	if err != nil {
		return nil, after(err, "table", t.Name, afterAdd)
	}
	g := newGen(env)
	g.prog.Statement = true
	s := g.openSchema(t.DB)
	a := &alteration{g: g, from: t, to: to, added: to.Columns[len(to.Columns)-1]}
	if err := a.addedColumn(); err != nil {
		return nil, err
	}
	for i := range g.prog.Calls {
		g.prog.Calls[i].Func = wordless(g.prog.Calls[i].Func)
	}
	at := endOfColumns(t)
	s.rewrite("table", t.Name, t.SQL[:at]+", "+n.Text+t.SQL[at:])
	s.changedBy(afterAdd, vm.CheckNothing)
	return g.finish()
}

// remade is a table by its changed definition, with the tree that it has.
func remade(env *Env, t *catalog.Table, def *ast.CreateTable) (*catalog.Table, error) {
	to, err := catalog.NewTable(def, t.Schema, t.DB, env.Resolve.Collations)
	if err != nil {
		return nil, err
	}
	to.Name, to.Root, to.Triggers = t.Name, t.Root, t.Triggers
	return to, resolve.CheckTable(env.Resolve, to)
}

// When an object of the schema is found to be wrong.
const (
	afterAdd    = " after add column"
	afterDrop   = " after drop column"
	afterRename = " after rename"
)

// after tells which object of the schema an error is about.
func after(err error, typ, name, when string) error {
	return ddlError("error in " + typ + " " + name + when + ": " + err.Error())
}

// endOfColumns is where the text of a table's columns ends: at the comma before
// its constraints, or at the parenthesis.
func endOfColumns(t *catalog.Table) token.Pos {
	last := t.Def.Columns[len(t.Def.Columns)-1]
	at := last.To
	for {
		kind, end := token.Scan(t.SQL, at)
		if kind == token.Comma || kind == token.RightParen || end <= at {
			return at
		}
		at = end
	}
}

// alteration changes the rows of a table.
type alteration struct {
	g        *gen
	from, to *catalog.Table
	added    *catalog.Column // nil when a column is dropped.
	dropped  int
}

// addedColumn tests the rows against the constraints of the new column and
// stores its default.
func (a *alteration) addedColumn() error {
	g, c := a.g, a.added
	dflt, err := resolve.ColumnDefault(g.env.Resolve, c)
	if err != nil {
		return err
	}
	isNull := dflt.Op == resolve.OpConst && dflt.Kind() == value.Null
	none := ""
	switch {
	case c.Generated != nil && c.Place >= 0:
		none = "cannot add a STORED column"
	case c.Generated != nil:
	case g.env.ForeignKeys && len(a.to.ForeignKeys) > len(a.from.ForeignKeys) && !isNull:
		none = "Cannot add a REFERENCES column with non-NULL default value"
	case c.NotNull && isNull:
		none = "Cannot add a NOT NULL column with default value NULL"
	case !resolve.IsLiteral(dflt):
		none = "Cannot add a column with non-constant default"
	}
	if none != "" {
		g.names("raise(ABORT,'" + none + "')") // The query that the reference tests it with.
	}
	checks := len(a.to.Checks) > len(a.from.Checks) || a.to.Strict || c.Generated != nil && c.NotNull
	if none == "" && isNull && !checks {
		return nil
	}
	return a.rows(func(row *resolve.Source, base reg) error {
		mark := g.top
		refuse := func(text string) {
			g.emit4(vm.OpHalt, 1, vm.ActionAbort, 0, g.errorInfo(&vm.ErrorInfo{Code: 1, Text: text}))
		}
		if none != "" {
			refuse(none)
			return nil
		}
		list, err := resolve.RowChecks(g.env.Resolve, row)
		if err != nil {
			return err
		}
		for i, e := range list {
			if !isNewCheck(a.from, a.to.Checks[i]) {
				continue
			}
			ok := g.newLabel()
			pure := g.pure("a CHECK constraint")
			g.jumpIf(e, ok, true, true)
			pure()
			refuse("CHECK constraint failed")
			g.bind(ok)
		}
		if last := len(a.to.Columns) - 1; c.Generated != nil && c.NotNull {
			ok, r := g.newLabel(), g.temp()
			g.exprTo(resolve.Column(row, last), r)
			g.emit(vm.OpNotNull, int32(r), int32(ok), 0)
			refuse("NOT NULL constraint failed")
			g.bind(ok)
		}
		if a.to.Strict && c.Generated == nil && !isNull && !fits(dflt.Value(), c) {
			refuse("type mismatch on DEFAULT")
		}
		g.release(mark)
		return nil
	}, dflt, c.Place >= 0 && !isNull)
}

// fits reports whether a STRICT column may hold a default.
func fits(v *value.Value, c *catalog.Column) bool {
	w := v.Own()
	w.ApplyAffinity(c.Affinity)
	switch c.Affinity {
	case value.AffInteger:
		return w.Kind() == value.Int
	case value.AffReal:
		return w.Kind() == value.Real || w.Kind() == value.Int
	case value.AffText:
		return w.Kind() == value.Text
	default:
		return value.EqualFold(c.DeclType, "ANY") || w.Kind() == value.Blob
	}
}

// wordless is a function as ADD COLUMN calls it: the reference tests the rows by
// a query within a query, through which an error comes without its text.
func wordless(f *fn.Func) *fn.Func {
	w := *f
	w.Scalar = func(c *fn.Context, args []value.Value, out *value.Value) error {
		err := f.Scalar(c, args, out)
		if c, ok := err.(interface{ Code() int }); err != nil && (!ok || c.Code() == 1) {
			return ddlError("SQL logic error")
		}
		return err
	}
	return &w
}

func isNewCheck(t *catalog.Table, c *catalog.Check) bool {
	for _, old := range t.Checks {
		if old.Expr == c.Expr {
			return false
		}
	}
	return true
}

// rows goes through the rows of the table. test is called with a source whose
// values are those of the new row, in registers from base on; the rows are
// stored anew when store is set.
func (a *alteration) rows(test func(row *resolve.Source, base reg) error, dflt *expr, store bool) error {
	g := a.g
	old, err := resolve.RowSource(g.env.Resolve, a.from)
	if err != nil {
		return err
	}
	row, err := resolve.RowSource(g.env.Resolve, a.to)
	if err != nil {
		return err
	}
	cursor, end := g.cursor(), g.newLabel()
	base := g.fixed(len(a.to.Columns) + 1)
	w := &writer{t: a.to, base: base, cursor: cursor, row: row}
	g.emit4(vm.OpOpenWrite, cursor, int32(a.from.Root), int32(a.from.DB), g.tableKey(a.from))
	step := g.scanAll(cursor, false, end)
	g.bindings[old] = &binding{cursor: cursor, index: -1, own: true}
	g.bindings[row] = &binding{regs: base + 1, rowidReg: base, index: -1}
	if a.from.HasRowid() {
		g.emit(vm.OpRowid, cursor, int32(base), 0)
	}
	for i, c := range a.to.Columns {
		from, target := i, base+1+reg(i)
		if a.added == nil && i >= a.dropped {
			from++
		}
		if c == a.added {
			if c.Generated == nil {
				g.exprTo(dflt, target)
				g.applyAffinity(target, []value.Affinity{c.Affinity})
			}
			continue
		}
		g.exprTo(resolve.Column(old, from), target)
	}
	if c := a.added; c != nil && c.Generated != nil {
		how := row.Virtual(len(a.to.Columns) - 1)
		if how != nil {
			g.exprTo(how, base+reg(len(a.to.Columns)))
			g.applyAffinity(base+reg(len(a.to.Columns)), []value.Affinity{c.Affinity})
		}
	}
	if test != nil {
		if err := test(row, base); err != nil {
			return err
		}
	}
	if store {
		if k := a.to.RowidAlias; k >= 0 {
			g.emit(vm.OpNull, 0, int32(base)+1+int32(k), 0)
		}
		mark := g.top
		g.storeRow(w, 0)
		g.release(mark)
	}
	step()
	g.bind(end)
	g.emit(vm.OpClose, cursor, 0, 0)
	return nil
}

// rewrite gives an object another text.
func (s *schemaWriter) rewrite(typ, name, sql string) {
	s.edit(typ, name, map[int]string{schemaSQL: sql})
}

// Columns of sqlite_schema.
const (
	schemaName  = 1
	schemaTable = 2
	schemaSQL   = 4
)

// edit changes columns of an object's row.
func (s *schemaWriter) edit(typ, name string, set map[int]string) {
	s.update(schemaColumns, set, func(next label) {
		s.where(0, typ, next)
		s.where(schemaName, name, next)
	})
}

// update changes columns of the rows, of so many, for which match jumps not to
// next.
func (s *schemaWriter) update(columns int, set map[int]string, match func(next label)) {
	g := s.g
	end, next := g.newLabel(), g.newLabel()
	step := g.scanAll(s.cursor, false, end)
	mark := g.top
	match(next)
	row := g.regs(columns)
	for i := range columns {
		if text, ok := set[i]; ok {
			g.loadConst(ptr(value.FromString(text)), row+reg(i))
			continue
		}
		g.emit4(vm.OpColumn, s.cursor, int32(i), int32(row)+int32(i), -1)
		g.p5(vm.ColumnOwn)
	}
	rec, id := g.temp(), g.temp()
	g.emit4(vm.OpMakeRecord, int32(row), int32(columns), int32(rec), -1)
	g.emit(vm.OpRowid, s.cursor, int32(id), 0)
	g.emit4(vm.OpInsert, s.cursor, int32(rec), int32(id), -1)
	g.release(mark)
	g.bind(next)
	step()
	g.bind(end)
}

// DropColumn compiles ALTER TABLE DROP COLUMN: its text goes, and the rows are
// stored without it.
func DropColumn(env *Env, n *ast.AlterDropColumn) (*vm.Program, error) {
	t, err := alterable(env, n.Table)
	if err != nil {
		return nil, err
	}
	if err := system(t); err != nil {
		return nil, err
	}
	name := n.Column.Text
	if t.View != nil {
		return nil, ddlError(`cannot drop column from view "` + t.Name + `"`)
	}
	i := t.ColumnIndex(name)
	switch {
	case i < 0:
		return nil, noColumn(n.Column)
	case t.HasRowid() && catalog.IsRowidName(name):
		return nil, ddlError("cannot drop rowid alias: " + name)
	case t.Columns[i].PK > 0:
		return nil, ddlError(`cannot drop PRIMARY KEY column: "` + name + `"`)
	case hasConstraint[*ast.ColumnUnique](t.Def.Columns[i]):
		return nil, ddlError(`cannot drop UNIQUE column: "` + name + `"`)
	case len(t.Columns) == 1:
		return nil, ddlError(`cannot drop column "` + name + `": no other columns exist`)
	}
	if err := CheckSchema(env, t.DB, ""); err != nil {
		return nil, err
	}
	def := *t.Def
	def.Columns = append(append([]*ast.ColumnDef(nil), def.Columns[:i]...), def.Columns[i+1:]...)
	to, err := remade(env, t, &def)
	if err != nil {
		return nil, after(err, "table", t.Name, afterDrop)
	}
	for _, x := range t.Indexes {
		if x.Def == nil {
			continue
		}
		if _, _, err := resolve.NewIndex(env.Resolve, x.Def, to); err != nil {
			return nil, after(err, "index", x.Name, afterDrop)
		}
	}
	g := newGen(env)
	g.prog.Statement = true
	g.use(t.DB, true)
	from, end := t.Def.Columns[i].From, endOfColumns(t)
	if i < len(t.Columns)-1 {
		end = t.Def.Columns[i+1].From
	} else {
		from = t.Def.Columns[i-1].To
		for {
			kind, next := token.Scan(t.SQL, from)
			if kind == token.Comma {
				break
			}
			from = next
		}
	}
	if t.Columns[i].Place >= 0 {
		a := &alteration{g: g, from: t, to: to, dropped: i}
		if err := a.rows(nil, nil, true); err != nil {
			return nil, err
		}
	}
	r := &renaming{env: env, t: t, column: noName, when: afterDrop, cut: ast.Span{From: from, To: end}}
	if err := r.everywhere(g, vm.CheckStrings, nil); err != nil {
		return nil, err
	}
	return g.finish()
}

func noColumn(n *ast.Name) error {
	return &catalog.Error{Text: `no such column: "` + quoteIfNeeded(n) + `"`, At: n.Pos()}
}

func hasConstraint[T ast.ColumnConstraint](def *ast.ColumnDef) bool {
	for _, con := range def.Constraints {
		if _, ok := con.(T); ok {
			return true
		}
	}
	return false
}

// CheckSchema binds all that stands in a database and in the temporary one, and
// tells of the first that is wrong, also of names in what is a constant
// whatever they mean. Strings in double quotes are refused in tables and
// indexes only; legacy_alter_table looks at nothing else.
func CheckSchema(env *Env, db int, when string) error {
	list := []int{db}
	if db != tempDB {
		list = append(list, tempDB)
	}
	strict := env.Resolve
	strict.Whole = true
	lenient := strict
	lenient.Strings = resolve.StringsAnywhere
	for _, db := range list {
		for _, o := range env.Resolve.Catalog.Schemas[db].Objects() {
			var typ, name string
			var err error
			switch t, x, tr := o.Table, o.Index, o.Trigger; {
			case x != nil && x.Def != nil:
				typ, name, err = "index", x.Name, resolve.IndexNames(strict, x)
			case x != nil, t != nil && t.View == nil && t.Def == nil: // Without a text.
			case t != nil && t.View == nil:
				typ, name, err = "table", t.Name, resolve.CheckTable(strict, t)
			case env.LegacyAlter:
			case tr != nil:
				typ, name, err = "trigger", tr.Name, resolve.CheckTrigger(lenient, tr)
			default:
				typ, name, err = "view", t.Name, resolve.ViewNames(lenient, t) // Not how many columns it names.
			}
			if err != nil {
				return after(err, typ, name, when)
			}
		}
	}
	return nil
}
