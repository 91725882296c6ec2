package resolve

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
)

// Body is where the parts of a trigger are bound: OLD and NEW name the row that
// fires it, before and after.
type Body struct {
	Trigger  *catalog.Trigger
	Old, New *Source // nil where the event has none.
}

// NewBody makes the body of a trigger on t.
func NewBody(tr *catalog.Trigger, t *catalog.Table) *Body {
	b := &Body{Trigger: tr}
	row := func(name string) *Source {
		return &Source{Name: name, Schema: t.Schema, Table: t, Columns: t.Shown}
	}
	if tr.Def.Event != ast.TriggerInsert {
		b.Old = row("old")
	}
	if tr.Def.Event != ast.TriggerDelete {
		b.New = row("new")
	}
	return b
}

// column finds a column of OLD or NEW; nil when the name is none. It is a
// parameter of the trigger's program, with the column's collation and, as in
// the reference, without its affinity.
func (b *Body) column(table, name string) *Expr {
	if b == nil {
		return nil
	}
	for _, s := range []*Source{b.Old, b.New} {
		if s == nil || !value.EqualFold(table, s.Name) {
			continue
		}
		e := &Expr{Op: OpParam, Source: s, Index: s.Table.ColumnIndex(name)}
		switch {
		case e.Index >= 0 && e.Index != s.Table.RowidAlias:
			return e
		case e.Index >= 0 || s.HasRowid() && catalog.IsRowidName(name):
			e.Index, e.aff, e.affFixed = RowidColumn, value.AffInteger, true
			return e
		}
	}
	return nil
}

// raise binds RAISE.
func (r *resolver) raise(sc *scope, n *ast.Raise) (*Expr, error) {
	if r.env.Body == nil {
		return nil, errorf("RAISE() may only be used within a trigger-program")
	}
	e := &Expr{Op: OpRaise, Index: int(n.Action)}
	var err error
	if n.Message != nil {
		e.L, err = r.expr(sc, n.Message)
	}
	return e, err
}

// When binds the condition of the trigger of env.
func When(env Env) (*Expr, error) {
	r := &resolver{env: env}
	return r.expr(&scope{}, env.Body.Trigger.Def.When)
}

// Fired lists the triggers on t that an event fires, in this order; set are
// the columns that an UPDATE sets, as it names them.
func Fired(env Env, t *catalog.Table, event ast.TriggerEvent, set []string) []*catalog.Trigger {
	var list []*catalog.Trigger
	for _, tr := range env.Catalog.TriggersOf(t) {
		if tr.Def.Event == event && (tr.Def.UpdateOf == nil || slices.ContainsFunc(set, func(name string) bool {
			return slices.ContainsFunc(tr.Def.UpdateOf, func(n *ast.Name) bool { return value.EqualFold(n.Text, name) })
		})) {
			list = append(list, tr)
		}
	}
	return list
}

// CheckTrigger binds the parts of a trigger to find names that mean nothing, as
// the reference does when it alters a table. What statements do with the columns
// that they name is left to their compilation.
func CheckTrigger(env Env, tr *catalog.Trigger) error {
	t := env.Catalog.TableOf(tr)
	if t == nil {
		return errorf("no such table: %s", tr.Table)
	}
	r := &resolver{env: env}
	if t.View != nil {
		var err error
		if t, err = r.viewTable(t); err != nil {
			return err
		}
	}
	r.env.Body = NewBody(tr, t)
	if tr.Def.When != nil {
		if _, err := When(r.env); err != nil {
			return err
		}
	}
	for _, n := range tr.Def.Body {
		if err := r.checkStep(n); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) checkStep(n ast.Stmt) error {
	sc := &scope{}
	target := func(table *ast.TableName) error {
		src, err := r.tableName(&scope{}, table)
		sc.sources = append([]*Source{src}, sc.sources...)
		return err
	}
	where := func(e ast.Expr) error {
		if e == nil {
			return nil
		}
		_, err := r.expr(sc, e)
		return err
	}
	switch n := n.(type) {
	case *ast.Select:
		_, err := r.query(nil, n)
		return err
	case *ast.Insert:
		if n.Source != nil {
			if _, err := r.query(nil, n.Source); err != nil {
				return err
			}
		}
		if err := target(n.Table); err != nil {
			return err
		}
		for _, u := range n.Upserts {
			if err := r.checkUpsert(sc.sources[0], u); err != nil {
				return err
			}
		}
		return nil
	case *ast.Delete:
		if err := target(n.Table); err != nil {
			return err
		}
		return where(n.Where)
	case *ast.Update:
		if n.From != nil {
			if err := r.updateFrom(sc, &Core{}, n.From); err != nil {
				return err
			}
		}
		if err := target(n.Table); err != nil {
			return err
		}
		for _, a := range n.Set {
			if _, err := r.assigned(sc, a); err != nil {
				return err
			}
		}
		return where(n.Where)
	}
	return nil
}

// checkUpsert binds an ON CONFLICT clause over the target of its INSERT.
func (r *resolver) checkUpsert(src *Source, u *ast.Upsert) error {
	sc := &scope{sources: []*Source{src}, excluded: r.plainRow(src.Table)}
	for _, o := range u.Target {
		if _, err := r.expr(sc, o.Expr); err != nil {
			return err
		}
	}
	for _, a := range u.Set {
		if _, err := r.assigned(sc, a); err != nil {
			return err
		}
	}
	for _, e := range []ast.Expr{u.Where, u.TargetWhere} {
		if e == nil {
			continue
		}
		if _, err := r.expr(sc, e); err != nil {
			return err
		}
	}
	return nil
}
