package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
)

// ThisTable, in the place of a column, says that a name means the table itself.
const ThisTable = RowidColumn - 1

// Named hears, while a text is bound, of each name in it that means a table or a
// column of one, and of each string in double quotes (then t is nil). It may
// hear of a name more than once. The row id is the column that is its alias.
type Named func(n *ast.Name, t *catalog.Table, column int)

// named tells of a name, unless it stands in another text: a view's, or the
// definition of a table that is read.
func (r *resolver) named(n *ast.Name, t *catalog.Table, column int) {
	if r.env.Named == nil || r.aside > 0 || len(r.views) > r.base {
		return
	}
	if column == RowidColumn && t != nil && t.RowidAlias >= 0 {
		column = t.RowidAlias
	}
	r.env.Named(n, t, column)
}

// namedColumn tells of the names in a column that was found to be e.
func (r *resolver) namedColumn(n *ast.Column, e *Expr) {
	if r.env.Named == nil {
		return
	}
	e = e.origin()
	if e.Op != OpColumn && e.Op != OpParam || e.Source == nil || e.Source.Query != nil || e.Source.Table == nil {
		return
	}
	src := e.Source
	r.named(n.Name, src.Table, e.Index)
	if n.Table != nil && !src.hasAlias && e.Op == OpColumn && src.Table.Name != "" {
		r.named(n.Table, src.Table, ThisTable)
	}
}

// origin is the column that a column of a nested FROM shows.
func (e *Expr) origin() *Expr {
	for e.Op == OpColumn && e.Source.nested && e.Index >= 0 {
		e = e.Source.Query.Cores[0].Results[e.Index].Expr
	}
	return e
}

// namedAll binds the common table expressions that nothing reads: their names
// count too, their errors do not.
func (r *resolver) namedAll(w *withScope) {
	if r.env.Named == nil {
		return
	}
	for _, c := range w.ctes {
		if w.uses[c] == nil {
			saved := r.with
			r.with = w
			_, _ = r.cte(&scope{}, &ast.TableName{Name: c.Name})
			r.with = saved
		}
	}
}

// ViewNames binds the text of a view for env.Named.
func ViewNames(env Env, v *catalog.Table) error {
	r := &resolver{env: env, views: []*catalog.Table{v}, base: 1}
	_, err := r.query(nil, v.View.Select)
	return err
}

// IndexNames binds the text of an index for env.Named.
func IndexNames(env Env, x *catalog.Index) error {
	r := &resolver{env: env}
	_, err := r.indexed(x, r.plainRow(x.Table))
	return err
}
