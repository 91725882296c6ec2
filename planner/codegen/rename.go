package codegen

import (
	"maps"
	"slices"
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// renaming gives a table, or a column of it, another name in all texts of the
// schema. A text changes at the tokens that mean the object and stays byte for
// byte elsewhere; but where columns change, strings get single quotes, so that
// none becomes a name or takes the place of one.
type renaming struct {
	env    *Env
	t      *catalog.Table
	column int // resolve.ThisTable: the table; noName: only strings change.
	to     string
	quote  bool // The new name is written in quotes everywhere.
	when   string
	cut    ast.Span // Leaves the text of the table.
}

const noName = resolve.ThisTable - 1

// rewriter edits one text.
type rewriter struct {
	*renaming
	sql   string
	edits map[token.Pos]edit
}

// edit replaces a piece of a text.
type edit struct {
	to   token.Pos
	text string
}

func (r *renaming) edit(sql string) *rewriter {
	return &rewriter{renaming: r, sql: sql, edits: map[token.Pos]edit{}}
}

// done is the text after the edits.
func (w *rewriter) done() string {
	places := make([]token.Pos, 0, len(w.edits))
	for at := range w.edits {
		places = append(places, at)
	}
	slices.Sort(places)
	var b strings.Builder
	last := token.Pos(0)
	for _, at := range places {
		b.WriteString(w.sql[last:at])
		b.WriteString(w.edits[at].text)
		last = w.edits[at].to
	}
	b.WriteString(w.sql[last:])
	return b.String()
}

// name puts the new name in the place of one that means the object. It gets
// quotes where the old one had some.
func (w *rewriter) name(at ast.Span) {
	text := w.to
	if w.quote || !identByte(w.sql[at.From]) {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"` + w.gap(at, '"')
	}
	w.edits[at.From] = edit{at.To, text}
}

// str writes a string in single quotes.
func (w *rewriter) str(n *ast.Name) {
	w.edits[n.From] = edit{n.To, "'" + strings.ReplaceAll(n.Text, "'", "''") + "'" + w.gap(n.Span, '\'')}
}

// gap keeps a new quote apart from one that follows.
func (w *rewriter) gap(at ast.Span, quote byte) string {
	if int(at.To) < len(w.sql) && w.sql[at.To] == quote {
		return " "
	}
	return ""
}

// identByte reports whether a name without quotes may begin, or go on, with c.
func identByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// named edits the name that was found to mean a column, or a table.
func (w *rewriter) named(n *ast.Name, t *catalog.Table, column int) {
	switch {
	case t == w.t && column == w.column:
		w.name(n.Span)
	case t == nil && w.column != resolve.ThisTable:
		w.str(n)
	}
}

// names edits those of a list that are the column's name.
func (w *rewriter) names(list []*ast.Name) {
	for _, n := range list {
		if w.isColumn(n.Text) {
			w.name(n.Span)
		}
	}
}

func (w *rewriter) isColumn(name string) bool {
	return w.column >= 0 && value.EqualFold(name, w.t.Columns[w.column].Name)
}

func (w *rewriter) isTable(name string) bool { return value.EqualFold(name, w.t.Name) }

// terms edits the columns of a key or an index.
func (w *rewriter) terms(list []*ast.OrderTerm) {
	for _, o := range list {
		e := o.Expr
		for {
			c, ok := e.(*ast.Collate)
			if !ok {
				break
			}
			e = c.X
		}
		switch e := e.(type) {
		case *ast.Column:
			if e.Table == nil && w.isColumn(e.Name.Text) {
				w.name(e.Name.Span)
			}
		case *ast.Literal:
			if e.Kind == ast.LiteralString && w.isColumn(e.Text) {
				w.name(e.Span)
			}
		}
	}
}

// listening is the environment that tells w of names, but of those that a
// table's new name leaves as they were.
func (w *rewriter) listening() resolve.Env {
	env := w.env.Resolve
	env.Whole = true
	if w.column != resolve.ThisTable || !w.env.LegacyAlter {
		env.Named = w.named
	}
	return env
}

// table is the new text of a table.
func (r *renaming) table(t *catalog.Table) (string, error) {
	w := r.edit(t.SQL)
	own := t == r.t
	refs := func(n *ast.References) {
		switch {
		case !w.isTable(n.Table.Text):
		case w.column != resolve.ThisTable:
			w.names(n.Columns)
		case !w.env.LegacyAlter || w.env.ForeignKeys:
			w.name(n.Table.Span)
		}
	}
	for i, c := range t.Def.Columns {
		if own && i == w.column {
			w.name(c.Name.Span)
		}
		for _, con := range c.Constraints {
			if con, ok := con.(*ast.ColumnReferences); ok {
				refs(con.References)
			}
		}
	}
	for _, con := range t.Def.Constraints {
		switch con := con.(type) {
		case *ast.TablePrimaryKey:
			if own {
				w.terms(con.Columns)
			}
		case *ast.TableUnique:
			if own {
				w.terms(con.Columns)
			}
		case *ast.TableForeignKey:
			if own {
				w.names(con.Columns)
			}
			refs(con.References)
		}
	}
	if own && w.column == resolve.ThisTable {
		w.name(t.Def.Name.Name.Span)
	}
	if err := resolve.CheckTable(w.listening(), t); err != nil {
		return "", after(err, "table", t.Name, "")
	}
	if own && w.cut.To > 0 {
		maps.DeleteFunc(w.edits, func(at token.Pos, _ edit) bool { return w.cut.From <= at && at < w.cut.To })
		w.edits[w.cut.From] = edit{to: w.cut.To}
	}
	return w.done(), nil
}

// index is the new text of an index.
func (r *renaming) index(x *catalog.Index) (string, error) {
	w := r.edit(x.SQL)
	if x.Table == r.t {
		if w.column == resolve.ThisTable {
			w.name(x.Def.Table.Span)
		}
		w.terms(x.Def.Columns)
	}
	if err := resolve.IndexNames(w.listening(), x); err != nil {
		return "", after(err, "index", x.Name, "")
	}
	return w.done(), nil
}

// view is the new text of a view.
func (r *renaming) view(v *catalog.Table) (string, error) {
	w := r.edit(v.SQL)
	if w.column == resolve.ThisTable && w.env.LegacyAlter {
		return v.SQL, nil
	}
	if err := resolve.ViewNames(w.listening(), v); err != nil {
		return "", after(err, "view", v.Name, "")
	}
	return w.done(), nil
}

// trigger is the new text of a trigger.
func (r *renaming) trigger(tr *catalog.Trigger) (string, error) {
	w := r.edit(tr.SQL)
	on := w.env.Resolve.Catalog.TableOf(tr)
	when := ""
	if w.column == resolve.ThisTable {
		if tr.DB != r.t.DB && w.isTable(tr.Def.Table.Name.Text) {
			when = afterRename // The reference asks for the table's name first.
		}
		if on == w.t {
			w.name(tr.Def.Table.Name.Span)
		}
		if w.env.LegacyAlter {
			return w.done(), nil
		}
	} else if on == w.t {
		w.names(tr.Def.UpdateOf)
	}
	if err := resolve.CheckTrigger(w.listening(), tr); err != nil {
		return "", after(err, "trigger", tr.Name, when)
	}
	for _, n := range tr.Def.Body {
		w.step(tr, n)
	}
	return w.done(), nil
}

// step edits the names of a trigger's statement that stand for columns of its
// target.
func (w *rewriter) step(tr *catalog.Trigger, n ast.Stmt) {
	target := func(table *ast.TableName) bool {
		if w.column == resolve.ThisTable || !w.isTable(table.Name.Text) {
			return false
		}
		t, _ := w.env.Resolve.Catalog.FindTable("", table.Name.Text)
		return t == w.t || tr.DB == w.t.DB
	}
	set := func(list []*ast.Assignment) {
		for _, a := range list {
			w.names(a.Columns)
		}
	}
	switch n := n.(type) {
	case *ast.Insert:
		if target(n.Table) {
			w.names(n.Columns)
			for _, u := range n.Upserts {
				set(u.Set)
			}
		}
	case *ast.Update:
		if target(n.Table) {
			set(n.Set)
		}
	}
}

// run emits the changes of all texts in a database, by s.
func (r *renaming) run(s *schemaWriter) (changed bool, err error) {
	put := func(typ, name, old string, text func() (string, error)) {
		if err != nil {
			return
		}
		var sql string
		if sql, err = text(); err == nil && sql != old {
			s.rewrite(typ, name, sql)
			changed = true
		}
	}
	here := r.env.Resolve.Catalog.Schemas[s.db]
	ours := s.db == r.t.DB
	for _, o := range here.Objects() {
		t, x, tr := o.Table, o.Index, o.Trigger
		switch {
		case tr != nil:
			put("trigger", tr.Name, tr.SQL, func() (string, error) { return r.trigger(tr) })
		case x != nil && (x.Table == r.t || r.column != resolve.ThisTable):
			put("index", x.Name, x.SQL, func() (string, error) { return r.index(x) })
		case x != nil:
		case t.View != nil:
			put("view", t.Name, t.SQL, func() (string, error) { return r.view(t) })
		case t.Def == nil || reserved(t.Name) != nil:
		case ours || r.column != resolve.ThisTable:
			put("table", t.Name, t.SQL, func() (string, error) { return r.table(t) })
		}
	}
	return changed, err
}

// everywhere emits the changes in the database of the table and in the temporary
// one, and what more there is.
func (r *renaming) everywhere(g *gen, check int32, more func(s *schemaWriter)) error {
	s := g.openSchema(r.t.DB)
	_, err := r.run(s)
	if more != nil {
		more(s)
	}
	if err == nil && r.t.DB != tempDB {
		err = r.temporary(g)
	}
	if err != nil && r.env.LegacyAlter && r.column != resolve.ThisTable {
		err = ddlError("SQL logic error") // The reference has no words for it then.
	}
	s.changedBy(r.when, check)
	return err
}

// temporary emits the changes in the temporary database, which need not exist
// where there are none.
func (r *renaming) temporary(g *gen) error {
	code, reads, writes := len(g.code), g.reads, g.writes
	s := g.openSchema(tempDB)
	changed, err := r.run(s)
	if err != nil {
		return err
	}
	for _, o := range r.env.Resolve.Catalog.Schemas[tempDB].Objects() {
		if tr := o.Trigger; tr != nil && r.column == resolve.ThisTable && r.env.Resolve.Catalog.TableOf(tr) == r.t {
			s.edit("trigger", tr.Name, map[int]string{schemaTable: r.to})
			changed = true
		}
	}
	if changed {
		s.changed()
		return nil
	}
	g.code, g.reads, g.writes = g.code[:code], reads, writes
	return nil
}

// RenameTable compiles ALTER TABLE RENAME TO.
func RenameTable(env *Env, n *ast.AlterRenameTable) (*vm.Program, error) {
	t, err := alterable(env, n.Table)
	if err != nil {
		return nil, err
	}
	to := n.To.Text
	schema := env.Resolve.Catalog.Schemas[t.DB]
	if schema.Table(value.Lower(to)) != nil || schema.Index(value.Lower(to)) != nil {
		return nil, ddlError("there is already another table or index with this name: " + to)
	}
	if err := system(t); err != nil {
		return nil, err
	}
	if err := reserved(to); err != nil {
		return nil, err
	}
	if t.View != nil {
		return nil, ddlError("view " + t.Name + " may not be altered")
	}
	g := newGen(env)
	g.prog.Statement = true
	r := &renaming{env: env, t: t, column: resolve.ThisTable, to: to, quote: true, when: afterRename}
	err = r.everywhere(g, vm.CheckNames, func(s *schemaWriter) {
		s.edit("table", t.Name, map[int]string{schemaName: to, schemaTable: to})
		for _, x := range t.Indexes {
			set := map[int]string{schemaTable: to}
			if x.Def == nil {
				set[schemaName] = autoindex + to + x.Name[len(autoindex)+len(t.Name):]
			}
			s.edit("index", x.Name, set)
		}
		for _, tr := range t.Triggers {
			s.edit("trigger", tr.Name, map[int]string{schemaTable: to})
		}
		if seq := schema.Table("sqlite_sequence"); seq != nil {
			w := &schemaWriter{g: g, db: t.DB, cursor: g.cursor()}
			g.emit4(vm.OpOpenWrite, w.cursor, int32(seq.Root), int32(t.DB), -1)
			w.update(2, map[int]string{0: to}, func(next label) { w.where(0, t.Name, next) })
		}
	})
	if err != nil {
		return nil, err
	}
	return g.finish()
}

// autoindex begins the names of the indexes that constraints make.
const autoindex = "sqlite_autoindex_"

// RenameColumn compiles ALTER TABLE RENAME COLUMN.
func RenameColumn(env *Env, n *ast.AlterRenameColumn) (*vm.Program, error) {
	t, err := alterable(env, n.Table)
	if err != nil {
		return nil, err
	}
	if err := system(t); err != nil {
		return nil, err
	}
	if t.View != nil {
		return nil, ddlError(`cannot rename columns of view "` + t.Name + `"`)
	}
	i := t.ColumnIndex(n.Column.Text)
	switch {
	case i < 0:
		return nil, noColumn(n.Column)
	case t.HasRowid() && catalog.IsRowidName(n.Column.Text):
		return nil, ddlError("cannot rename from rowid alias: " + n.Column.Text)
	case t.HasRowid() && catalog.IsRowidName(n.To.Text):
		return nil, ddlError("cannot rename to rowid alias: " + n.To.Text)
	}
	if err := CheckSchema(env, t.DB, ""); err != nil {
		return nil, err
	}
	g := newGen(env)
	g.prog.Statement = true
	r := &renaming{env: env, t: t, column: i, to: n.To.Text, quote: n.To.Quote != token.Bare, when: afterRename}
	if err := r.everywhere(g, vm.CheckStrings, nil); err != nil {
		return nil, err
	}
	return g.finish()
}
