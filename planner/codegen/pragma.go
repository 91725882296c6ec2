package codegen

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

// Setting is the object of a Pragma instruction: a setting of the connection
// that the root answers.
type Setting struct{ Name string }

// TableTrees tells Report and Vacuum what belongs to one table.
type TableTrees struct {
	Table   *catalog.Table
	Indexes []*vm.KeyInfo
	NotNull []int // Columns.
}

// Integrity is the object of a Report on tables, and with File on all pages.
type Integrity struct {
	Tables []*TableTrees
	File   bool
}

// settings are the pragmas of the connection: the column that a query shows,
// and whether setting one shows a row too.
var settings = map[string]struct {
	column   string
	showsSet bool
}{
	"journal_mode": {"journal_mode", true}, "synchronous": {"synchronous", false}, "busy_timeout": {"timeout", true},
	"cache_size": {"cache_size", false}, "page_size": {"page_size", false}, "foreign_keys": {"foreign_keys", false},
	"encoding": {"encoding", false}, "wal_autocheckpoint": {"wal_autocheckpoint", true},
	"case_sensitive_like": {"", false}, "locking_mode": {"locking_mode", true}, "temp_store": {"temp_store", false},
	"query_only": {"query_only", false}, "analysis_limit": {"analysis_limit", true},
	"recursive_triggers": {"recursive_triggers", false},
	"defer_foreign_keys": {"defer_foreign_keys", false},
	"data_version":       {"data_version", true}, "max_page_count": {"max_page_count", true},
	"full_column_names": {"full_column_names", false}, "short_column_names": {"short_column_names", false},
	"ignore_check_constraints": {"ignore_check_constraints", false}, "legacy_alter_table": {"legacy_alter_table", false},
	"reverse_unordered_selects": {"reverse_unordered_selects", false},
	// Those of the reference's inner workings change nothing here and are only
	// kept.
	"automatic_index": {"automatic_index", false}, "cell_size_check": {"cell_size_check", false},
	"checkpoint_fullfsync": {"checkpoint_fullfsync", false}, "fullfsync": {"fullfsync", false},
	"read_uncommitted": {"read_uncommitted", false}, "trusted_schema": {"trusted_schema", false},
	"auto_vacuum": {"auto_vacuum", false}, "cache_spill": {"cache_spill", false}, "empty_result_callbacks": {"empty_result_callbacks", false},
	"hard_heap_limit": {"hard_heap_limit", true}, "soft_heap_limit": {"soft_heap_limit", true},
	"journal_size_limit": {"journal_size_limit", true}, "mmap_size": {"mmap_size", true}, "secure_delete": {"secure_delete", true},
	"temp_store_directory": {"temp_store_directory", false}, "threads": {"threads", true}, "writable_schema": {"writable_schema", false},
}

// metas are the pragmas that are fields of the file's header.
var metas = map[string]struct {
	field    int32
	writable bool
}{
	"user_version": {vm.MetaUserVersion, true}, "application_id": {vm.MetaApplicationID, true},
	"page_count": {vm.MetaPageCount, false}, "freelist_count": {vm.MetaFreePages, false},
	"schema_version": {vm.MetaSchemaCookie, false},
}

// Pragma compiles a PRAGMA; unknown ones do nothing.
func Pragma(env *Env, n *ast.Pragma) (*vm.Program, error) {
	name := value.Lower(n.Name.Text)
	cat := env.Resolve.Catalog
	db := 0
	if n.Schema != nil {
		if db = cat.Database(n.Schema.Text); db < 0 {
			return nil, unknownDatabase(n.Schema)
		}
	}
	g := newGen(env)
	arg := ""
	if n.Value != nil {
		arg = n.Value.Text
	}
	if m, ok := metas[name]; ok {
		g.meta(db, name, m.field, m.writable, n.Value)
		return g.finish()
	}
	if s, ok := settings[name]; ok {
		switch {
		case name == "data_version":
			g.use(db, false)
		case name == "locking_mode" && n.Schema == nil:
			db = AllDatabases
		}
		g.setting(db, name, s.column, s.showsSet, n.Value)
		return g.finish()
	}
	switch name {
	case "table_info", "table_xinfo":
		return g.tableInfo(arg, n.Schema.String(), name == "table_xinfo")
	case "table_list":
		g.tableList(arg, n.Schema.String())
	case "index_list":
		g.indexList(arg, n.Schema.String())
	case "index_info", "index_xinfo":
		g.indexInfo(arg, n.Schema.String(), name == "index_xinfo")
	case "foreign_key_check":
		g.foreignKeyCheck(db, n.Schema.String(), arg)
	case "foreign_key_list":
		g.foreignKeyList(arg, n.Schema.String())
	case "database_list":
		g.names("seq", "name", "file")
		for i, s := range cat.Schemas {
			if s == nil {
				continue
			}
			row := g.regs(3)
			g.emit(vm.OpInteger, int32(i), int32(row), 0)
			g.loadConst(ptr(value.FromString(s.Name)), row+1)
			g.emit4(vm.OpPragma, int32(i), int32(row)+2, 0, g.object(&Setting{"database_file"}))
			next := g.newLabel()
			g.emit(vm.OpIsNull, int32(row)+2, int32(next), 0) // temp before its first use.
			g.emit(vm.OpResultRow, int32(row), 3, 0)
			g.bind(next)
		}
	case "collation_list":
		g.names("seq", "name")
		for i, c := range []string{"RTRIM", "NOCASE", "BINARY"} {
			g.row(int64(i), c)
		}
	case "wal_checkpoint":
		g.walCheckpoint(db, n)
	case "module_list":
		g.names("name")
		for _, name := range slices.Sorted(maps.Keys(env.Resolve.Modules)) {
			if !strings.HasPrefix(name, "pragma_") {
				g.row(name)
			}
		}
	case "function_list":
		g.functionList()
	case "pragma_list":
		g.names("name")
		for _, name := range pragmaNames() {
			g.row(name)
		}
	case "optimize":
		g.optimize(db, n)
	case "integrity_check", "quick_check":
		if err := g.integrityCheck(db, n.Schema.String(), name, arg, n.Value); err != nil {
			return nil, err
		}
	}
	return g.finish()
}

// PragmaInt reads a whole number, decimal or hexadecimal.
func PragmaInt(s string) (int64, error) {
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		n, err := strconv.ParseUint(s[2:], 16, 64)
		return int64(n), err
	}
	return strconv.ParseInt(s, 10, 64)
}

// names declares the result columns.
func (g *gen) names(list ...string) {
	for _, n := range list {
		g.prog.Columns = append(g.prog.Columns, vm.Column{Name: n})
	}
}

// row emits a result row of constants: int64, string, bool or nil.
func (g *gen) row(vals ...any) {
	base := g.regs(len(vals))
	for i, v := range vals {
		var x value.Value
		switch v := v.(type) {
		case int64:
			x = value.FromInt(v)
		case int:
			x = value.FromInt(int64(v))
		case string:
			x = value.FromString(v)
		case bool:
			x = value.FromBool(v)
		}
		g.loadConst(&x, base+reg(i))
	}
	g.emit(vm.OpResultRow, int32(base), int32(len(vals)), 0)
}

func (g *gen) meta(db int, name string, field int32, writable bool, v *ast.PragmaValue) {
	if v != nil && field == vm.MetaSchemaCookie {
		return // Not for users to choose: pictures of the schema are known by it.
	}
	if v != nil && writable {
		g.use(db, true)
		num := value.ParseNumber([]byte(v.Text))
		r := g.temp()
		// A number that does not fit is none, and none is 0.
		if num.Int != int64(int32(num.Int)) {
			num.Int = 0
		}
		g.loadConst(ptr(value.FromInt(num.Int)), r)
		g.emit(vm.OpSetMeta, int32(db), field, int32(r))
		return
	}
	g.use(db, false)
	g.names(name)
	r := g.temp()
	g.emit(vm.OpReadMeta, int32(db), int32(r), field)
	g.emit(vm.OpResultRow, int32(r), 1, 0)
}

func (g *gen) setting(db int, name, column string, showsSet bool, v *ast.PragmaValue) {
	r := g.temp()
	arg := int32(0)
	if v != nil {
		a := g.temp()
		g.loadConst(ptr(value.FromString(v.Text)), a)
		arg = int32(a)
	}
	g.emit4(vm.OpPragma, int32(db), int32(r), arg, g.object(&Setting{name}))
	if column != "" && (v == nil || showsSet) {
		g.names(column)
		none := g.newLabel()
		if mayBeUnset[name] {
			g.emit(vm.OpIsNull, int32(r), int32(none), 0)
		}
		g.emit(vm.OpResultRow, int32(r), 1, 0)
		g.bind(none)
	}
}

// mayBeUnset are the settings that show no row when there is nothing to show.
var mayBeUnset = map[string]bool{"mmap_size": true, "temp_store_directory": true}

// The bits of a function that function_list shows.
const (
	shownDeterministic = 0x800
	shownSubtypes      = 0x100000
	shownInnocuous     = 0x200000
)

// functionList shows the functions, one row for each number of arguments.
func (g *gen) functionList() {
	g.names("name", "builtin", "type", "enc", "narg", "flags")
	for _, f := range g.env.Resolve.Functions.All() {
		kind, n, flags := "s", f.NArg, 0
		if f.Flags&(fn.Aggregate|fn.WindowOnly) != 0 {
			kind = "w"
			if f.NewAggregate != nil && f.Flags&fn.WindowOnly == 0 {
				if _, ok := f.NewAggregate().(fn.Windowed); !ok && f.Moving == nil {
					kind = "a"
				}
			}
		}
		if n < 0 && f.Min > 0 {
			n = -2 - f.Min
		}
		if f.UserData == nil {
			flags |= shownInnocuous
		}
		if kind == "s" && f.Flags&fn.Deterministic != 0 {
			flags |= shownDeterministic
		}
		if f.Flags&fn.Subtypes != 0 {
			flags |= shownSubtypes
		}
		g.row(f.Name, f.UserData == nil, kind, "utf8", n, flags)
	}
}

// pragmaNames lists the pragmas that do something or show something.
func pragmaNames() []string {
	list := strings.Fields(`collation_list database_list foreign_key_check foreign_key_list function_list incremental_vacuum index_info index_list index_xinfo
		integrity_check module_list optimize pragma_list quick_check shrink_memory table_info table_list table_xinfo wal_checkpoint`)
	for name := range settings {
		list = append(list, name)
	}
	for name := range metas {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// walCheckpoint carries the log home and shows what that did.
func (g *gen) walCheckpoint(db int, n *ast.Pragma) {
	if n.Schema == nil {
		db = AllDatabases
	}
	g.names("busy", "log", "checkpointed")
	row, mode := g.regs(3), int32(0)
	if n.Value != nil {
		a := g.temp()
		g.loadConst(ptr(value.FromString(n.Value.Text)), a)
		mode = int32(a)
	}
	g.prog.ReadOnly = false
	for i, name := range g.prog.Columns {
		g.emit4(vm.OpPragma, int32(db), int32(row)+int32(i), mode, g.object(&Setting{"wal_" + name.Name}))
	}
	g.emit(vm.OpResultRow, int32(row), 3, 0)
}

// AllDatabases, as the database of a Pragma instruction, means every one.
const AllDatabases = -1

func (g *gen) tableInfo(name, schema string, extended bool) (*vm.Program, error) {
	g.names("cid", "name", "type", "notnull", "dflt_value", "pk")
	if extended {
		g.names("hidden")
	}
	t, _ := g.env.Resolve.Catalog.FindTable(schema, name)
	if t == nil {
		if m := g.env.Resolve.Modules[value.Lower(name)]; m != nil {
			g.moduleInfo(m, extended)
		}
		return g.finish()
	}
	if t.View != nil {
		cols, err := resolve.ViewColumns(g.env.Resolve, t)
		if err != nil {
			return nil, err
		}
		for i, c := range cols {
			vals := []any{i, c.Name, c.DeclType, 0, nil, 0}
			if extended {
				vals = append(vals, 0)
			}
			g.row(vals...)
		}
		return g.finish()
	}
	cid := 0
	for _, c := range t.Columns {
		hidden := 0
		if c.Generated != nil {
			if !extended {
				continue
			}
			hidden = 3 - int(b2i(c.Virtual()))
		}
		var dflt any
		if c.Default != nil {
			dflt = c.DefaultText
		}
		vals := []any{cid, c.Name, c.DeclType, c.NotNull, dflt, c.PK}
		if extended {
			vals = append(vals, hidden)
		}
		g.row(vals...)
		cid++
	}
	return g.finish()
}

// moduleInfo shows the columns of a table-valued function; hidden ones are its
// arguments.
func (g *gen) moduleInfo(m *vtab.Module, extended bool) {
	for i, c := range m.Columns {
		switch {
		case extended:
			g.row(i, c.Name, c.DeclType, 0, nil, 0, c.Hidden)
		case !c.Hidden:
			g.row(i, c.Name, c.DeclType, 0, nil, 0)
		}
	}
}

// tableList shows the tables and views, or those of one name.
func (g *gen) tableList(name, schema string) {
	g.names("schema", "name", "type", "ncol", "wr", "strict")
	for _, s := range g.env.Resolve.Catalog.Schemas {
		if s == nil || schema != "" && !value.EqualFold(schema, s.Name) {
			continue
		}
		for _, t := range s.HashOrder() {
			shown := t.Name
			if t.Root == catalog.SchemaRoot {
				shown = strings.Replace(shown, "master", "schema", 1)
			}
			if name != "" && !value.EqualFold(name, shown) {
				continue
			}
			kind, n := "table", len(t.Columns)
			if t.View != nil {
				cols, err := resolve.ViewColumns(g.env.Resolve, t)
				if err != nil {
					continue
				}
				kind, n = "view", len(cols)
			}
			g.row(s.Name, shown, kind, n, t.WithoutRowid, t.Strict)
		}
	}
}

func (g *gen) indexList(name, schema string) {
	g.names("seq", "name", "unique", "origin", "partial")
	t, _ := g.env.Resolve.Catalog.FindTable(schema, name)
	if t == nil {
		return
	}
	for i, k := range t.IndexOrder() {
		x := t.Indexes[k]
		origin := map[byte]string{'c': "c", 'u': "u", 'p': "pk"}[x.Origin]
		g.row(i, x.Name, x.Unique, origin, x.Where != nil)
	}
}

func (g *gen) indexInfo(name, schema string, extended bool) {
	g.names("seqno", "cid", "name")
	if extended {
		g.names("desc", "coll", "key")
	}
	x, _ := g.env.Resolve.Catalog.FindIndex(schema, name)
	if x == nil {
		return
	}
	for i, c := range x.Columns {
		var col any
		if c.Column >= 0 {
			col = x.Table.Columns[c.Column].Name
		}
		vals := []any{i, c.Column, col}
		if extended {
			vals = append(vals, c.Desc, c.Collation.Name, 1)
		}
		g.row(vals...)
	}
	if !extended {
		return
	}
	n := len(x.Columns)
	switch t := x.Table; {
	case t.Key == nil:
		g.row(n, -1, nil, 0, "BINARY", 0)
	case t.Key == x:
		for i, c := range t.Columns {
			if inKey := x.Has(i); !inKey && !c.Virtual() {
				g.row(n, i, c.Name, 0, "BINARY", 0)
				n++
			}
		}
	default:
		for _, c := range x.Suffix {
			g.row(n, c.Column, t.Columns[c.Column].Name, c.Desc, c.Collation.Name, 0)
			n++
		}
	}
}

// foreignKeyList shows the foreign keys of a table, the one written last first.
func (g *gen) foreignKeyList(name, schema string) {
	g.names("id", "seq", "table", "from", "to", "on_update", "on_delete", "match")
	t, _ := g.env.Resolve.Catalog.FindTable(schema, name)
	if t == nil {
		return
	}
	for i := range t.ForeignKeys {
		key := t.ForeignKeys[len(t.ForeignKeys)-1-i]
		for k, c := range key.Columns {
			var to any // NULL: the parent's primary key.
			if len(key.Ref.Columns) > 0 {
				to = key.Ref.Columns[k].Text
			}
			g.row(i, k, key.Ref.Table.Text, t.Columns[c].Name, to, shownAction(key.Ref.OnUpdate), shownAction(key.Ref.OnDelete), "NONE")
		}
	}
}

// shownAction is the action that a foreign key takes.
func shownAction(a ast.RefAction) string {
	if a == ast.RefNone {
		a = ast.RefNoAction
	}
	return a.String()
}

// integrityCheck hands out the problems of a database, or "ok".
func (g *gen) integrityCheck(db int, schema, name, arg string, v *ast.PragmaValue) error {
	g.names(name)
	most := int64(100)
	var only *catalog.Table
	switch n := value.ParseNumber([]byte(arg)); {
	case v == nil:
	case !v.Number:
		if only, _ = g.env.Resolve.Catalog.FindTable(schema, arg); only == nil {
			if schema != "" {
				arg = schema + "." + arg
			}
			return &catalog.Error{Text: "no such table: " + arg}
		}
	case n.Whole && n.IsInt && n.Int > 0:
		most = n.Int
	}
	p := &problems{left: g.fixed(1), found: g.fixed(1), end: g.newLabel()}
	g.emit(vm.OpInteger, 0, int32(p.found), 0)
	g.loadConst(ptr(value.FromInt(most)), p.left)
	for i, s := range g.env.Resolve.Catalog.Schemas {
		if schema != "" && i != db || i == tempDB && len(s.Order()) == 1 {
			continue // The temporary database need not exist.
		}
		if only != nil && i != only.DB {
			continue
		}
		g.use(i, false)
		list := g.trees(i)
		if only != nil {
			list = slices.DeleteFunc(list, func(it *TableTrees) bool { return it.Table != only })
		}
		g.lines(i, g.object(&Integrity{list, only == nil}), func(r reg) { g.report(p, r) })
		for _, it := range list {
			g.checkRows(it.Table, i, p)
			if name == "integrity_check" {
				g.checkComputed(it.Table, i, p)
			}
		}
	}
	g.emit(vm.OpIf, int32(p.found), int32(p.end), 0)
	g.row("ok")
	g.bind(p.end)
	return nil
}

// lines hands out the lines of a report.
func (g *gen) lines(db int, obj int32, out func(r reg)) {
	n, r, end := g.fixed(1), g.fixed(1), g.newLabel()
	g.emit(vm.OpInteger, 0, int32(n), 0)
	top := int32(len(g.code))
	g.emit4(vm.OpReport, int32(db), int32(r), int32(n), obj)
	g.emit(vm.OpIsNull, int32(r), int32(end), 0)
	out(r)
	g.emit(vm.OpAddImm, int32(n), 1, 0)
	g.emit(vm.OpGoto, 0, top, 0)
	g.bind(end)
}

// Optimize is the object of a Report that does what PRAGMA optimize asks for.
type Optimize struct {
	Databases []int
	Mask      int64
}

// The bits of PRAGMA optimize.
const (
	OptimizeShow    = 0x01    // Only say what would be done.
	OptimizeAnalyze = 0x02    // Run ANALYZE where it helps.
	OptimizeLimit   = 0x10    // Bound what it looks at.
	OptimizeAll     = 0x10000 // Look at all tables, not those alone that lack statistics.

	optimizeDefault = 0xfffe
)

// optimize compiles PRAGMA optimize.
func (g *gen) optimize(db int, n *ast.Pragma) {
	g.names("optimize")
	o := &Optimize{Mask: optimizeDefault}
	if n.Value != nil {
		o.Mask, _ = PragmaInt(n.Value.Text)
	}
	if o.Mask&OptimizeAnalyze == 0 {
		return
	}
	for i := range g.env.Resolve.Catalog.Schemas {
		if i != tempDB && (n.Schema == nil || i == db) {
			o.Databases = append(o.Databases, i)
		}
	}
	g.prog.ReadOnly = false
	g.lines(db, g.object(o), func(r reg) { g.emit(vm.OpResultRow, int32(r), 1, 0) })
}

// trees lists the tables of a database with their trees, in the order of the
// reference.
func (g *gen) trees(db int) []*TableTrees {
	var list []*TableTrees
	for _, t := range g.env.Resolve.Catalog.Schemas[db].HashOrder() {
		if t.View != nil {
			continue
		}
		it := &TableTrees{Table: t}
		for _, x := range t.Indexes {
			for _, c := range x.Columns {
				g.checkCollation(c.Collation)
			}
			it.Indexes = append(it.Indexes, indexKey(x))
		}
		for i, c := range t.Columns {
			if c.NotNull && i != t.RowidAlias && !c.Virtual() {
				it.NotNull = append(it.NotNull, i)
			}
		}
		list = append(list, it)
	}
	return list
}

// Transaction compiles BEGIN, COMMIT, ROLLBACK, SAVEPOINT and RELEASE.
func Transaction(env *Env, n ast.Stmt) (*vm.Program, error) {
	g := newGen(env)
	switch n := n.(type) {
	case *ast.Begin:
		g.emit(vm.OpAutoCommit, 0, 0, int32(n.Mode))
	case *ast.Commit:
		g.emit(vm.OpAutoCommit, 1, 0, 0)
	case *ast.Rollback:
		if n.To != nil {
			g.emit4(vm.OpSavepoint, 2, 0, 0, g.str(n.To.Text))
		} else {
			g.emit(vm.OpAutoCommit, 1, 1, 0)
		}
	case *ast.Savepoint:
		g.emit4(vm.OpSavepoint, 0, 0, 0, g.str(n.Name.Text))
	case *ast.Release:
		g.emit4(vm.OpSavepoint, 1, 0, 0, g.str(n.Name.Text))
	}
	return g.finish()
}
