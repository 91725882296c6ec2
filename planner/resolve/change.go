package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
)

// target finds the table that a statement changes, and what changing it fires;
// set are the columns that an UPDATE sets. A view is changed by its triggers
// alone; the reference counts RETURNING among them, but not when it is the only
// one.
func (r *resolver) target(n *ast.TableName, event ast.TriggerEvent, set []string, returns bool) (*catalog.Table, []*catalog.Trigger, error) {
	schema := r.home(n.Schema.String())
	t, _ := r.env.Catalog.FindTable(schema, n.Name.Text)
	if m := r.module(n.Schema, n.Name); t == nil && m != nil {
		return nil, nil, errorf("table %s may not be modified", m.Name)
	}
	if t == nil {
		name := n.Name.Text
		switch {
		case n.Schema != nil:
			name = n.Schema.Text + "." + name
		case schema != "":
			name = schema + "." + name
		}
		return nil, nil, errorAt(-1, "no such table: %s", name)
	}
	if t.Root == catalog.SchemaRoot {
		return nil, nil, errorf("table %s may not be modified", t.Name)
	}
	fired := Fired(r.env, t, event, set)
	if t.View == nil {
		return t, fired, nil
	}
	view, err := r.viewTable(t)
	if err == nil && len(fired) == 0 && !(returns && len(r.env.Catalog.TriggersOf(t)) > 0) {
		err = errorf("cannot modify %s because it is a view", t.Name)
	}
	return view, fired, err
}

// viewTable is a view as a table with columns.
func (r *resolver) viewTable(t *catalog.Table) (*catalog.Table, error) {
	src := &Source{Name: t.Name}
	if err := r.view(src, t); err != nil {
		return nil, err
	}
	var cols []*catalog.Column
	for i, c := range src.Columns {
		cols = append(cols, &catalog.Column{Name: c.Name, DeclType: c.DeclType, Affinity: c.Affinity, Collation: c.Collation, Place: i})
	}
	return catalog.ViewTable(t, cols), nil
}

// RowSource returns a source that stands for one row of t, with what its
// indexes compute.
func RowSource(env Env, t *catalog.Table) (*Source, error) {
	r := &resolver{env: env}
	return r.rowSource(t)
}

func (r *resolver) rowSource(t *catalog.Table) (*Source, error) {
	s := r.plainRow(t)
	return s, r.bindRow(s)
}

// plainRow is a row of t without its indexes.
func (r *resolver) plainRow(t *catalog.Table) *Source {
	return r.env.Scratch.source(Source{Name: t.Name, Schema: t.Schema, Table: t, Columns: t.Shown})
}

// RowChecks binds the CHECK constraints of a row's table over it.
func RowChecks(env Env, row *Source) ([]*Expr, error) {
	r := &resolver{env: env}
	return r.checks(row)
}

// IsLiteral reports whether e is a literal, perhaps with signs before it or
// cast to a type.
func IsLiteral(e *Expr) bool {
	for e.Op == OpNegate || e.Op == OpPlus || e.Op == OpCast {
		e = e.L
	}
	return e.Op == OpConst
}

// checks binds the CHECK constraints of t over a row.
func (r *resolver) checks(row *Source) ([]*Expr, error) {
	if len(row.Table.Checks) == 0 {
		return nil, nil
	}
	sc := &scope{sources: []*Source{row}, kind: inCheck}
	var list []*Expr
	for _, c := range row.Table.Checks {
		e, err := r.expr(sc, c.Expr)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// ColumnDefault binds the DEFAULT of a column; NULL when it has none.
func ColumnDefault(env Env, c *catalog.Column) (*Expr, error) {
	if c.Default == nil {
		return Const(value.Value{}), nil
	}
	r := &resolver{env: env}
	return r.expr(&scope{kind: inDefault}, DefaultExpr(c.Default))
}

// DefaultExpr turns a bare name, which DEFAULT takes for a string, into one.
func DefaultExpr(n ast.Expr) ast.Expr {
	if c, ok := n.(*ast.Column); ok && c.Table == nil {
		if _, isBool := boolName(c); !isBool {
			return &ast.Literal{Span: c.Span, Kind: ast.LiteralString, Text: c.Name.Text}
		}
	}
	return n
}

// AttachExpr binds an argument of ATTACH or DETACH, where a name stands for its
// text.
func AttachExpr(env Env, n ast.Expr) (*Expr, error) {
	if c, ok := n.(*ast.Column); ok && c.Table == nil {
		return Const(value.FromString(c.Name.Text)), nil
	}
	return FreeExpr(env, n)
}

// FreeExpr binds an expression that stands in no query.
func FreeExpr(env Env, n ast.Expr) (*Expr, error) {
	r := &resolver{env: env}
	return r.expr(&scope{}, n)
}

// BindInsert binds an INSERT.
func BindInsert(env Env, n *ast.Insert) (*Insert, error) {
	r := &resolver{env: env}
	if err := r.pushWith(n.With); err != nil {
		return nil, err
	}
	t, fired, err := r.target(n.Table, ast.TriggerInsert, nil, len(n.Returning) > 0)
	if err != nil {
		return nil, err
	}
	ins := &Insert{Table: t, DB: t.DB, Triggers: fired, Or: n.Or, Rowid: -1, From: make([]int, len(t.Columns)), Row: r.plainRow(t)}
	if err := r.bindRow(ins.Row); err != nil {
		return nil, err
	}
	for i := range ins.From {
		ins.From[i] = -1
	}
	width := 0
	if n.Source != nil {
		r.inserted = n.Source
		if ins.Query, err = r.query(nil, n.Source); err != nil {
			return nil, err
		}
		width = ins.Query.Cores[0].Width()
	}
	if err := ins.columns(n, width); err != nil {
		return nil, err
	}
	ins.Defaults = env.Scratch.list(len(t.Columns))
	null := r.constant(value.Value{})
	for i, c := range t.Columns {
		if ins.Defaults[i] = null; c.Default != nil {
			if ins.Defaults[i], err = ColumnDefault(env, c); err != nil {
				return nil, err
			}
		}
	}
	if ins.Checks, err = r.checks(ins.Row); err != nil {
		return nil, err
	}
	if err := r.upserts(ins, n); err != nil {
		return nil, err
	}
	ins.Returning, err = r.returning(ins.Row.Table, n.Returning)
	return ins, err
}

// columns maps the columns of the query to those of the table.
func (ins *Insert) columns(n *ast.Insert, width int) error {
	t := ins.Table
	if len(n.Columns) == 0 {
		if ins.Query == nil {
			return nil
		}
		given := 0
		for i, c := range t.Columns {
			if c.Generated != nil {
				continue
			}
			if i == t.RowidAlias {
				ins.Rowid = given
			}
			ins.From[i] = given
			given++
		}
		if width != given {
			return errorf("table %s has %d columns but %d values were supplied", tableName(n.Table), given, width)
		}
	}
	for i, c := range n.Columns {
		k := t.ColumnIndex(c.Text)
		switch {
		case k >= 0 && t.Columns[k].Generated != nil:
			return errorf("cannot INSERT into generated column \"%s\"", t.Columns[k].Name)
		case k >= 0:
			if ins.From[k] < 0 {
				ins.From[k] = i
			}
			if k == t.RowidAlias {
				ins.Rowid = i // Of several names of the row id the last counts.
			}
		case t.HasRowid() && catalog.IsRowidName(c.Text):
			ins.Rowid = i
		default:
			return errorf("table %s has no column named %s", tableName(n.Table), c.Text)
		}
	}
	if ins.Query != nil && len(n.Columns) > 0 && width != len(n.Columns) {
		return errorf("%d values for %d columns", width, len(n.Columns))
	}
	return nil
}

// tableName is the name as the statement writes it.
func tableName(n *ast.TableName) string {
	if n.Schema != nil {
		return n.Schema.Text + "." + n.Name.Text
	}
	return n.Name.Text
}

func (r *resolver) pushWith(n *ast.With) error {
	if n == nil {
		return nil
	}
	var err error
	r.with, err = newWith(r.with, n)
	return err
}

// targetSource binds the table of an UPDATE or DELETE as a source.
func (r *resolver) targetSource(n *ast.TableName, t *catalog.Table) (*Source, error) {
	saved := r.with
	r.with = nil // The target is never a CTE.
	src, err := r.tableName(&scope{}, n)
	r.with = saved
	if err != nil {
		return nil, err
	}
	src.Table = t
	return src, nil
}

// setNames lists the columns that assignments name.
func setNames(list []*ast.Assignment) []string {
	var names []string
	for _, a := range list {
		for _, n := range a.Columns {
			names = append(names, n.Text)
		}
	}
	return names
}

// BindUpdate binds an UPDATE.
func BindUpdate(env Env, n *ast.Update) (*Update, error) {
	r := &resolver{env: env}
	if err := r.pushWith(n.With); err != nil {
		return nil, err
	}
	t, fired, err := r.target(n.Table, ast.TriggerUpdate, setNames(n.Set), len(n.Returning) > 0)
	if err != nil {
		return nil, err
	}
	src, err := r.targetSource(n.Table, t)
	if err != nil {
		return nil, err
	}
	up := &Update{Target: src, DB: t.DB, Triggers: fired, Or: n.Or, Set: make([]*Expr, len(t.Columns)), Row: r.plainRow(t)}
	if err := r.bindRow(up.Row); err != nil {
		return nil, err
	}
	sc := &scope{sources: []*Source{src}}
	if n.From != nil {
		up.From = &Core{}
		if err := r.updateFrom(sc, up.From, n.From); err != nil {
			return nil, err
		}
	}
	if err := r.set(sc, up, n.Set); err != nil {
		return nil, err
	}
	if n.Where != nil {
		if up.Where, err = r.expr(sc, n.Where); err != nil {
			return nil, err
		}
	}
	if up.Checks, err = r.checks(up.Row); err != nil {
		return nil, err
	}
	if up.From != nil {
		if err := r.bindOns(sc, up.From); err != nil {
			return nil, err
		}
		for _, s := range up.From.Sources {
			if s.Table == t && s.Query == nil && s.hasAlias == src.hasAlias && value.EqualFold(s.Name, src.Name) {
				return nil, errorf("target object/alias may not appear in FROM clause: %s", src.Name)
			}
		}
	}
	up.Returning, err = r.returning(up.Row.Table, n.Returning)
	return up, err
}

// updateFrom binds the FROM clause of an UPDATE beside its target.
func (r *resolver) updateFrom(sc *scope, c *Core, from ast.TableExpr) error {
	if err := r.from(&scope{}, c, from); err != nil {
		return err
	}
	sc.sources = append(sc.sources, c.Sources...)
	return nil
}

// set binds the assignments of an UPDATE or DO UPDATE; of several to one
// column the last counts.
func (r *resolver) set(sc *scope, up *Update, list []*ast.Assignment) error {
	for _, a := range list {
		values, err := r.assigned(sc, a)
		if err != nil {
			return err
		}
		for i, name := range a.Columns {
			if err := up.assign(name.Text, values[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// assigned binds the values of an assignment, one for each of its columns.
func (r *resolver) assigned(sc *scope, a *ast.Assignment) ([]*Expr, error) {
	if row, ok := a.Value.(*ast.RowValue); ok && a.Tuple {
		return r.exprs(sc, row.Elems...)
	}
	sub, ok := a.Value.(*ast.Subquery)
	if !ok || !a.Tuple {
		e, err := r.expr(sc, a.Value)
		return []*Expr{e}, err
	}
	q, err := r.subquery(sc, sub.Select)
	if err != nil {
		return nil, err
	}
	if w := q.Cores[0].Width(); w != len(a.Columns) {
		return nil, errorf("%d columns assigned %d values", len(a.Columns), w)
	}
	row := &Expr{Op: OpScalar, Query: q}
	values := make([]*Expr, len(a.Columns))
	for i := range values {
		values[i] = row.Field(i)
	}
	return values, nil
}

// assign notes the new value of a column.
func (up *Update) assign(name string, e *Expr) error {
	t := up.Row.Table
	k := t.ColumnIndex(name)
	switch {
	case k >= 0 && t.Columns[k].Generated != nil:
		return errorf("cannot UPDATE generated column \"%s\"", t.Columns[k].Name)
	case k >= 0 && k == t.RowidAlias:
		up.Rowid = e
	case k >= 0:
		up.Set[k] = e
	case t.HasRowid() && catalog.IsRowidName(name):
		up.Rowid = e
	default:
		return errorf("no such column: %s", name)
	}
	return nil
}

// BindDelete binds a DELETE.
func BindDelete(env Env, n *ast.Delete) (*Delete, error) {
	r := &resolver{env: env}
	if err := r.pushWith(n.With); err != nil {
		return nil, err
	}
	t, fired, err := r.target(n.Table, ast.TriggerDelete, nil, len(n.Returning) > 0)
	if err != nil {
		return nil, err
	}
	src, err := r.targetSource(n.Table, t)
	if err != nil {
		return nil, err
	}
	del := &Delete{Target: src, DB: t.DB, Triggers: fired, Row: r.plainRow(src.Table)}
	if err := r.bindRow(del.Row); err != nil {
		return nil, err
	}
	if n.Where != nil {
		if del.Where, err = r.expr(&scope{sources: []*Source{src}}, n.Where); err != nil {
			return nil, err
		}
	}
	del.Returning, err = r.returning(del.Row.Table, n.Returning)
	return del, err
}
