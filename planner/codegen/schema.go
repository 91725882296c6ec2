package codegen

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// DDLError is an error of a schema statement, with SQLite's text.
func ddlError(text string) error { return &catalog.Error{Text: text} }

func unknownDatabase(n *ast.Name) error {
	return &catalog.Error{Text: "unknown database " + quoteIfNeeded(n), At: n.Pos()}
}

// tempDB is the number of the temporary database.
const tempDB = 1

// sequenceSQL is the text of the table that AUTOINCREMENT needs.
const sequenceSQL = "CREATE TABLE sqlite_sequence(name,seq)"

// newName checks the name of a new object and finds its database. exists
// tells that nothing is to be done (IF NOT EXISTS).
func newName(env *Env, n *ast.ObjectName, temp, ifNotExists bool) (db int, exists bool, err error) {
	cat := env.Resolve.Catalog
	if n.Schema != nil {
		if db = cat.Database(n.Schema.Text); db < 0 {
			return 0, false, unknownDatabase(n.Schema)
		}
		if temp && db != tempDB {
			return 0, false, ddlError("temporary table name must be unqualified")
		}
	}
	if temp {
		db = tempDB
	}
	name := n.Name.Text
	if err := reserved(name); err != nil {
		return 0, false, err
	}
	s := cat.Schemas[db]
	if t := s.Table(value.Lower(name)); t != nil {
		if ifNotExists {
			return db, true, nil
		}
		what := "table"
		if t.View != nil {
			what = "view"
		}
		return 0, false, &resolve.NameError{Text: what + " " + quoteIfNeeded(n.Name) + " already exists", Pos: n.Name.Pos()}
	}
	if s.Index(value.Lower(name)) != nil {
		return 0, false, ddlError("there is already an index named " + name)
	}
	return db, false, nil
}

func reserved(name string) error {
	if len(name) >= 7 && value.EqualFold(name[:7], "sqlite_") {
		return ddlError("object name reserved for internal use: " + name)
	}
	return nil
}

// newIndexName checks the name of a new index on table t.
func newIndexName(env *Env, name string, t *catalog.Table, ifNotExists bool) (exists bool, err error) {
	s := env.Resolve.Catalog.Schemas[t.DB]
	if err := reserved(name); err != nil {
		return false, err
	}
	if s.Table(value.Lower(name)) != nil {
		return false, ddlError("there is already a table named " + name)
	}
	if s.Index(value.Lower(name)) != nil && !ifNotExists {
		return false, ddlError("index " + name + " already exists")
	}
	return s.Index(value.Lower(name)) != nil, nil
}

// quoteIfNeeded gives a name as the statement wrote it.
func quoteIfNeeded(n *ast.Name) string {
	switch n.Quote {
	case token.Double:
		return `"` + strings.ReplaceAll(n.Text, `"`, `""`) + `"`
	case token.Bracket:
		return "[" + n.Text + "]"
	case token.Backtick:
		return "`" + strings.ReplaceAll(n.Text, "`", "``") + "`"
	case token.Single:
		return "'" + strings.ReplaceAll(n.Text, "'", "''") + "'"
	default:
		return n.Text
	}
}

// nothing is the program of a statement that has nothing to do.
func nothing(env *Env) (*vm.Program, error) { return newGen(env).finish() }

// schemaColumns is how many columns sqlite_schema has. The records of rows that
// the engine writes have one more, the seal: it says that the text is sound.
const schemaColumns = 5

// schemaWriter inserts rows into sqlite_schema.
type schemaWriter struct {
	g      *gen
	db     int
	cursor int32
}

func (g *gen) openSchema(db int) *schemaWriter {
	g.use(db, true)
	s := &schemaWriter{g: g, db: db, cursor: g.cursor()}
	g.emit4(vm.OpOpenWrite, s.cursor, catalog.SchemaRoot, int32(db), -1)
	return s
}

// add inserts a row; root is a register, 0 for an object without a tree.
func (s *schemaWriter) add(typ, name, table string, root reg, sql string) {
	g := s.g
	row := g.regs(schemaColumns + 1)
	text := func(i int, v string) { g.loadConst(ptr(value.FromString(v)), row+reg(i)) }
	text(0, typ)
	text(1, name)
	text(2, table)
	if root != 0 {
		g.emit(vm.OpSCopy, int32(root), int32(row)+3, 0)
	} else {
		g.emit(vm.OpInteger, 0, int32(row)+3, 0)
	}
	if sql != "" {
		text(4, sql)
	} else {
		g.emit(vm.OpNull, 0, int32(row)+4, 0)
	}
	g.emit(vm.OpInteger, 1, int32(row)+schemaColumns, 0) // The seal.
	rec, id := g.temp(), g.temp()
	g.emit4(vm.OpMakeRecord, int32(row), schemaColumns+1, int32(rec), -1)
	g.emit(vm.OpNewRowid, s.cursor, int32(id), 0)
	g.emit4(vm.OpInsert, s.cursor, int32(rec), int32(id), -1)
}

// changed moves the schema cookie on and reads the catalogue again.
func (s *schemaWriter) changed() { s.changedBy("", vm.CheckNothing) }

// changedBy is changed by a statement that answers for the texts it leaves: an
// error in one is told with the words of when.
func (s *schemaWriter) changedBy(when string, check int32) {
	s.g.emit(vm.OpSetMeta, int32(s.db), vm.MetaSchemaCookie, 0)
	p4 := int32(-1)
	if when != "" {
		p4 = s.g.str(when)
	}
	s.g.emit4(vm.OpReloadSchema, int32(s.db), check, 0, p4)
}

// remove deletes the rows for which match jumps not to next.
func (s *schemaWriter) remove(match func(next label)) {
	g := s.g
	end, next := g.newLabel(), g.newLabel()
	step := g.scanAll(s.cursor, false, end)
	match(next)
	g.emit4(vm.OpDelete, s.cursor, 0, 0, -1)
	g.bind(next)
	step()
	g.bind(end)
}

// where jumps to next unless column col of the row equals text.
func (s *schemaWriter) where(col int, text string, next label) {
	g := s.g
	r := g.temp()
	g.emit4(vm.OpColumn, s.cursor, int32(col), int32(r), -1)
	g.emit4(vm.OpNe, int32(g.hoist(resolve.Const(value.FromString(text)))), int32(next), int32(r), g.coll(value.NoCase))
	g.p5(vm.CmpJumpIfNull)
}

// CreateTable compiles CREATE TABLE.
func CreateTable(env *Env, def *ast.CreateTable) (*vm.Program, error) {
	db, exists, err := newName(env, def.Name, def.Temp, def.IfNotExists)
	if err != nil {
		return nil, err
	}
	if exists {
		return nothing(env)
	}
	if def.As != nil {
		return createTableAs(env, def, db)
	}
	t, err := catalog.NewTable(def, env.Resolve.Catalog.Schemas[db].Name, db, env.Resolve.Collations)
	if err != nil {
		return nil, err
	}
	if err := resolve.CheckTable(env.defining(), t); err != nil {
		return nil, err
	}
	g := newGen(env)
	g.prog.Statement = true
	s := g.openSchema(db)
	root := g.temp()
	g.emit(vm.OpCreateTree, int32(db), int32(root), b2i(t.Key != nil))
	s.add("table", t.Name, t.Name, root, t.SQL)
	for _, x := range t.Indexes {
		if x == t.Key {
			continue // The table itself.
		}
		r := g.temp()
		g.emit(vm.OpCreateTree, int32(db), int32(r), 1)
		s.add("index", x.Name, t.Name, r, "")
	}
	if t.Autoincrement && env.Resolve.Catalog.Schemas[db].Table("sqlite_sequence") == nil {
		r := g.temp()
		g.emit(vm.OpCreateTree, int32(db), int32(r), 0)
		s.add("table", "sqlite_sequence", "sqlite_sequence", r, sequenceSQL)
	}
	s.changed()
	return g.finish()
}

// createTableAs compiles CREATE TABLE AS: the columns are those of the query.
func createTableAs(env *Env, def *ast.CreateTable, db int) (*vm.Program, error) {
	q, err := resolve.Select(env.Resolve, def.As)
	if err != nil {
		return nil, err
	}
	cols := resolve.TableColumns(q)
	name := def.Name.Name.Text
	g := newGen(env)
	g.prog.Statement = true
	s := g.openSchema(db)
	root := g.fixed(1)
	g.emit(vm.OpCreateTree, int32(db), int32(root), 0)
	c := g.cursor()
	g.emit4(vm.OpOpenWrite, c, int32(root), int32(db), -1)
	g.p5(1)
	affs := make([]value.Affinity, len(cols))
	for i := range cols {
		affs[i] = cols[i].Affinity
		if affs[i] == value.AffFlexnum {
			affs[i] = value.AffNumeric
		}
	}
	p := plan.Query(env.Plan, q)
	g.query(p, func(base reg) {
		rec, id := g.temp(), g.temp()
		g.emit4(vm.OpMakeRecord, int32(base), int32(len(cols)), int32(rec), g.affinityString(affs))
		g.emit(vm.OpNewRowid, c, int32(id), 0)
		g.emit4(vm.OpInsert, c, int32(rec), int32(id), -1)
	})
	s.add("table", name, name, root, createTableText(name, cols))
	s.changed()
	return g.finish()
}

// createTableText is the text that SQLite makes for a table made from a query.
func createTableText(name string, cols []resolve.SourceColumn) string {
	n := identLength(name)
	for _, c := range cols {
		n += identLength(c.Name) + 5
	}
	sep, sep2, end := "\n  ", ",\n  ", "\n)"
	if n < 50 {
		sep, sep2, end = "", ",", ")"
	}
	var b strings.Builder
	b.WriteString("CREATE TABLE " + quoteIdent(name) + "(")
	for _, c := range cols {
		b.WriteString(sep)
		sep = sep2
		b.WriteString(quoteIdent(c.Name))
		switch c.Affinity {
		case value.AffText:
			b.WriteString(" TEXT")
		case value.AffNumeric, value.AffFlexnum:
			b.WriteString(" NUM")
		case value.AffInteger:
			b.WriteString(" INT")
		case value.AffReal:
			b.WriteString(" REAL")
		case value.AffNone, value.AffBlob:
		}
	}
	return b.String() + end
}

func identLength(s string) int { return len(s) + strings.Count(s, `"`) + 2 }

// quoteIdent quotes a name that is not a plain identifier.
func quoteIdent(s string) string {
	plain := s != "" && !(s[0] >= '0' && s[0] <= '9')
	for i := 0; i < len(s) && plain; i++ {
		c := s[i]
		plain = c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	if plain {
		if kind, end := token.Scan(s, 0); end == token.Pos(len(s)) && !kind.Keyword() {
			return s
		}
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// CreateIndex compiles CREATE INDEX: the entries are sorted and the tree is
// built from them.
func CreateIndex(env *Env, def *ast.CreateIndex) (*vm.Program, error) {
	cat := env.Resolve.Catalog
	schema := ""
	if def.Name.Schema != nil {
		schema = def.Name.Schema.Text
	}
	if schema != "" && cat.Database(schema) < 0 {
		return nil, unknownDatabase(def.Name.Schema)
	}
	if schema == "" {
		// An index belongs to the file of its table: of a temporary table, else
		// of one in main.
		schema = "main"
		if _, db := cat.FindTable("", def.Table.Text); db == tempDB {
			schema = "temp"
		}
	}
	name := schema + "." + def.Table.Text
	if cat.Database(schema) == tempDB {
		// The temporary database may name tables of others, but not here.
		schema, name = "", def.Table.Text
	}
	t, db := cat.FindTable(schema, def.Table.Text)
	switch {
	case t == nil:
		return nil, ddlError("no such table: " + name)
	case schema == "" && db != tempDB:
		return nil, ddlError(`cannot create a TEMP index on non-TEMP table "` + t.Name + `"`)
	case reserved(t.Name) != nil:
		return nil, ddlError("table " + t.Name + " may not be indexed")
	case t.View != nil:
		return nil, ddlError("views may not be indexed")
	}
	exists, err := newIndexName(env, def.Name.Name.Text, t, def.IfNotExists)
	if err != nil {
		return nil, err
	}
	if exists {
		return nothing(env)
	}
	x, row, err := resolve.NewIndex(env.defining(), def, t)
	if err != nil {
		return nil, err
	}
	g := newGen(env)
	g.prog.Statement = true
	s := g.openSchema(db)
	root := g.fixed(1)
	g.emit(vm.OpCreateTree, int32(db), int32(root), 1)
	g.fillIndex(x, row, db, root)
	s.add("index", x.Name, t.Name, root, x.SQL)
	s.changed()
	return g.finish()
}

// fillIndex builds the tree of index x, whose root is in a register, from the
// rows of its table, for which src stands: by batches, on several processors,
// where all that is computed has kernels.
func (g *gen) fillIndex(x *catalog.Index, src *resolve.Source, db int, root reg) {
	table, index, s := g.cursor(), g.cursor(), g.cursor()
	key := g.key(indexKey(x))
	g.emit4(vm.OpOpenRead, table, int32(x.Table.Root), int32(db), g.tableKey(x.Table))
	g.bindings[src] = &binding{cursor: table, index: -1}
	defer g.pure(inIndex)()
	where, cols, end := src.Where(x), indexExprs(x, src), g.newLabel()
	one := func() {
		mark, next := g.top, g.newLabel()
		if where != nil {
			g.jumpIf(where, next, false, true)
		}
		keys := g.indexRegs(x, src)
		g.emit4(vm.OpSorterInsert, s, int32(keys), int32(x.Width()), -1)
		g.release(mark)
		g.bind(next)
	}
	p, join := plan.IndexRows(g.env.Plan, src, where, cols), func() {}
	if p.Split {
		join = g.splitLoop(p.Levels[0], &vm.SplitInfo{Sorters: []int32{s}})
	}
	g.emit4(vm.OpSorterOpen, s, 0, 0, key)
	if p.Batch {
		g.batchLoop(p.Levels[0], p.Levels[0].Terms, end, func(v *vectors) {
			g.emit4(vm.OpVSorterInsert, s, 0, 0, g.object(v.indexEntry(cols)))
		}, one)
	} else {
		step := g.scanAll(table, false, end)
		one()
		step()
		g.bind(end)
	}
	join()
	g.emit4(vm.OpOpenWrite, index, int32(root), int32(db), key)
	g.p5(1)
	g.emit4(vm.OpBulkBuild, index, s, 0, g.errorInfo(UniqueError(x)))
	g.p5(uint16(b2i(x.Unique)))
	g.emit(vm.OpClose, index, 0, 0)
}

// CreateView compiles CREATE VIEW. The query is not bound before it is used,
// as in SQLite.
func CreateView(env *Env, def *ast.CreateView) (*vm.Program, error) {
	if len(ast.Params(def)) > 0 {
		return nil, ddlError("parameters are not allowed in views")
	}
	db, exists, err := newName(env, def.Name, def.Temp, def.IfNotExists)
	if err != nil {
		return nil, err
	}
	if exists {
		return nothing(env)
	}
	if err := ownDatabase(env, def, "view", quoteIfNeeded(def.Name.Name), db); err != nil {
		return nil, err
	}
	g := newGen(env)
	g.prog.Statement = true
	s := g.openSchema(db)
	name := def.Name.Name.Text
	s.add("view", name, name, 0, def.SchemaSQL)
	s.changed()
	return g.finish()
}

// ownDatabase refuses a definition that names tables of another database than
// its own; one in the temporary database may.
func ownDatabase(env *Env, def ast.Node, kind, name string, db int) (err error) {
	if db == tempDB {
		return nil
	}
	ast.Walk(def, func(n ast.Node) bool {
		if t, ok := n.(*ast.TableName); ok && t.Schema != nil && err == nil && env.Resolve.Catalog.Database(t.Schema.Text) != db {
			err = elsewhere(kind, name, t.Schema.Text)
		}
		return err == nil
	})
	return err
}

func elsewhere(kind, name, database string) error {
	return ddlError(kind + " " + name + " cannot reference objects in database " + database)
}

// Attach compiles ATTACH.
func Attach(env *Env, n *ast.Attach) (*vm.Program, error) {
	list := []ast.Expr{n.File, n.Schema}
	if n.Key != nil {
		list = append(list, n.Key)
	}
	return onDatabases(env, vm.OpAttach, list...)
}

// Detach compiles DETACH.
func Detach(env *Env, n *ast.Detach) (*vm.Program, error) {
	return onDatabases(env, vm.OpDetach, n.Schema)
}

// onDatabases compiles a statement that changes the list of databases.
func onDatabases(env *Env, op vm.Op, list ...ast.Expr) (*vm.Program, error) {
	g := newGen(env)
	var args [3]reg
	for i, n := range list {
		e, err := resolve.AttachExpr(env.Resolve, n)
		if err != nil {
			return nil, err
		}
		args[i] = g.temp()
		g.exprTo(e, args[i])
	}
	g.emit(op, int32(args[0]), int32(args[1]), 0)
	return g.finish()
}

// Drop compiles DROP TABLE, VIEW, INDEX and TRIGGER.
func Drop(env *Env, def *ast.Drop) (*vm.Program, error) {
	schema, name := def.Name.Schema.String(), def.Name.Name.Text
	full := name
	if schema != "" {
		full = schema + "." + name
	}
	cat := env.Resolve.Catalog
	missing := func(kind string) (*vm.Program, error) {
		if def.IfExists {
			return nothing(env)
		}
		return nil, ddlError("no such " + kind + ": " + full)
	}
	switch def.Kind {
	case ast.DropIndex:
		x, db := cat.FindIndex(schema, name)
		if x == nil {
			return missing("index")
		}
		if x.Origin != 'c' {
			return nil, ddlError("index associated with UNIQUE or PRIMARY KEY constraint cannot be dropped")
		}
		g := newGen(env)
		s := g.openSchema(db)
		s.remove(func(next label) {
			s.where(1, x.Name, next)
			s.where(0, "index", next)
		})
		g.emit(vm.OpDestroyTree, int32(x.Root), int32(db), 0)
		g.forgetStats(db, statIndex, x.Name)
		s.changed()
		return g.finish()
	case ast.DropTrigger:
		tr := cat.FindTrigger(schema, name)
		if tr == nil {
			return missing("trigger")
		}
		g := newGen(env)
		g.dropTriggers(tr.DB, tr)
		return g.finish()
	case ast.DropTable, ast.DropView:
	}
	t, db := cat.FindTable(schema, name)
	if t == nil {
		return missing(map[ast.DropKind]string{ast.DropTable: "table", ast.DropView: "view"}[def.Kind])
	}
	switch {
	case t.Root == catalog.SchemaRoot || reserved(t.Name) != nil && !isStats(t):
		return nil, ddlError("table " + t.Name + " may not be dropped")
	case def.Kind == ast.DropTable && t.View != nil:
		return nil, ddlError("use DROP VIEW to delete view " + t.Name)
	case def.Kind == ast.DropView && t.View == nil:
		return nil, ddlError("use DROP TABLE to delete table " + t.Name)
	}
	g := newGen(env)
	g.dropRows(t)
	var guests []*catalog.Trigger
	for _, tr := range cat.TriggersOf(t) {
		if tr.DB != db {
			guests = append(guests, tr)
		}
	}
	if len(guests) > 0 {
		g.dropTriggers(tempDB, guests...)
	}
	s := g.openSchema(db)
	s.remove(func(next label) {
		s.where(2, t.Name, next)
		for _, tr := range cat.Schemas[db].Guests { // Those on a table of that name elsewhere stay.
			drop := g.newLabel()
			s.isTrigger(tr, drop)
			g.jump(next)
			g.bind(drop)
		}
	})
	if t.View == nil {
		for _, x := range t.Indexes {
			if x == t.Key {
				continue
			}
			g.emit(vm.OpDestroyTree, int32(x.Root), int32(db), 0)
		}
		g.emit(vm.OpDestroyTree, int32(t.Root), int32(db), 0)
		if t.Autoincrement {
			g.forgetSequence(t, db)
		}
		g.forgetStats(db, statTable, t.Name)
	}
	s.changed()
	return g.finish()
}

// isTrigger jumps to other unless the row is that of a trigger.
func (s *schemaWriter) isTrigger(tr *catalog.Trigger, other label) {
	s.where(1, tr.Name, other)
	s.where(0, "trigger", other)
}

// dropTriggers deletes triggers of one database.
func (g *gen) dropTriggers(db int, list ...*catalog.Trigger) {
	s := g.openSchema(db)
	for _, tr := range list {
		s.remove(func(next label) { s.isTrigger(tr, next) })
	}
	s.changed()
}

// CreateTrigger compiles CREATE TRIGGER. Its body is bound where it fires, as in
// SQLite.
func CreateTrigger(env *Env, def *ast.CreateTrigger) (*vm.Program, error) {
	cat := env.Resolve.Catalog
	db := 0
	switch schema := def.Name.Schema; {
	case def.Temp && schema != nil:
		return nil, ddlError("temporary trigger may not have qualified name")
	case def.Temp:
		db = tempDB
	case schema != nil:
		if db = cat.Database(schema.Text); db < 0 {
			return nil, unknownDatabase(schema)
		}
	}
	on := def.Table
	if t, tdb := cat.FindTable(on.Schema.String(), on.Name.Text); t != nil && tdb == tempDB && def.Name.Schema == nil {
		db = tempDB // The trigger of a temporary table is one itself.
	}
	schema := on.Schema.String()
	if db != tempDB {
		if on.Schema != nil && cat.Database(schema) != db {
			err := elsewhere("trigger", quoteIfNeeded(def.Name.Name), schema)
			return nil, &resolve.NameError{Text: err.Error(), Pos: def.Name.Name.Pos()}
		}
		schema = cat.Schemas[db].Name
	}
	t, _ := cat.FindTable(schema, on.Name.Text)
	name := def.Name.Name.Text
	full := on.Name.Text
	if schema != "" {
		full = schema + "." + full
	}
	if t == nil {
		return nil, ddlError("no such table: " + full)
	}
	if err := reserved(name); err != nil {
		return nil, err
	}
	if cat.Schemas[db].Trigger(value.Lower(name)) != nil {
		if def.IfNotExists {
			return nothing(env)
		}
		return nil, &resolve.NameError{Text: "trigger " + quoteIfNeeded(def.Name.Name) + " already exists", Pos: def.Name.Name.Pos()}
	}
	if db != tempDB {
		full = on.Name.Text
	}
	switch isView, instead := t.View != nil, def.Time == ast.TriggerInsteadOf; {
	case reserved(t.Name) != nil:
		return nil, ddlError("cannot create trigger on system table")
	case isView && !instead:
		when := "BEFORE"
		if def.Time == ast.TriggerAfter {
			when = "AFTER"
		}
		return nil, ddlError("cannot create " + when + " trigger on view: " + full)
	case !isView && instead:
		return nil, ddlError("cannot create INSTEAD OF trigger on table: " + full)
	}
	if err := triggerBody(env, def, db); err != nil {
		return nil, err
	}
	g := newGen(env)
	g.prog.Statement = true
	s := g.openSchema(db)
	s.add("trigger", name, on.Name.Text, 0, def.SchemaSQL)
	s.changed()
	return g.finish()
}

// triggerBody refuses what may not stand in the body of a trigger.
func triggerBody(env *Env, def *ast.CreateTrigger, db int) error {
	for _, n := range def.Body {
		if t := changedTable(n); t != nil && t.Schema != nil && db != tempDB {
			return ddlError("qualified table names are not allowed on INSERT, UPDATE, and DELETE statements within triggers")
		}
	}
	for _, n := range def.Body {
		if err := ownDatabase(env, n, "trigger", def.Name.Name.Text, db); err != nil {
			return err
		}
	}
	if def.When != nil {
		if err := ownDatabase(env, def.When, "trigger", def.Name.Name.Text, db); err != nil {
			return err
		}
	}
	if len(ast.Params(def)) > 0 {
		return ddlError("trigger cannot use variables")
	}
	return nil
}

// changedTable is what a statement names as its target.
func changedTable(n ast.Stmt) *ast.TableName {
	switch n := n.(type) {
	case *ast.Insert:
		return n.Table
	case *ast.Update:
		return n.Table
	case *ast.Delete:
		return n.Table
	}
	return nil
}

// forgetSequence deletes the AUTOINCREMENT entry of a table.
func (g *gen) forgetSequence(t *catalog.Table, db int) {
	seq := g.env.Resolve.Catalog.Schemas[db].Table("sqlite_sequence")
	if seq == nil {
		return
	}
	s := &schemaWriter{g: g, db: db, cursor: g.cursor()}
	g.emit4(vm.OpOpenWrite, s.cursor, int32(seq.Root), int32(db), -1)
	s.remove(func(next label) { s.where(0, t.Name, next) })
}
