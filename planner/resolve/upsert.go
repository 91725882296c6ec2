package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
)

// Upsert is one bound ON CONFLICT clause of an INSERT.
type Upsert struct {
	// Any: the clause has no target and answers every conflict that no other
	// does. Else Index is the unique index that it names, nil for the row id.
	Any   bool
	Index *catalog.Index
	// Update is what DO UPDATE does to the row in the way; nil for DO NOTHING.
	Update *Update
	// Excluded stands for the row that could not be inserted, in Update.
	Excluded *Source
}

// upserts binds the ON CONFLICT clauses of an INSERT.
func (r *resolver) upserts(ins *Insert, n *ast.Insert) error {
	if len(n.Upserts) == 0 {
		return nil
	}
	if ins.Table.View != nil {
		return errorf("cannot UPSERT a view")
	}
	src, err := r.targetSource(n.Table, ins.Table)
	if err != nil {
		return err
	}
	for i, u := range n.Upserts {
		b := &Upsert{Any: len(u.Target) == 0, Excluded: r.plainRow(ins.Table)}
		which := ""
		if len(n.Upserts) > 1 {
			which = ordinal(i+1) + " "
		}
		if !b.Any {
			if err := r.conflictTarget(b, src, u, which); err != nil {
				return err
			}
		}
		ins.Upserts = append(ins.Upserts, b)
	}
	for i, u := range n.Upserts {
		if u.DoNothing {
			continue
		}
		b := ins.Upserts[i]
		if b.Update, err = r.upsertUpdate(ins, src, b.Excluded, u); err != nil {
			return err
		}
	}
	return nil
}

// upsertUpdate binds what DO UPDATE does.
func (r *resolver) upsertUpdate(ins *Insert, src, excluded *Source, u *ast.Upsert) (*Update, error) {
	t := ins.Table
	up := &Update{Target: src, DB: ins.DB, Or: ast.ConflictAbort, Triggers: Fired(r.env, t, ast.TriggerUpdate, setNames(u.Set)), Set: make([]*Expr, len(t.Columns)), Row: r.plainRow(t)}
	if err := r.bindRow(up.Row); err != nil {
		return nil, err
	}
	sc := &scope{sources: []*Source{src}, excluded: excluded}
	if err := r.set(sc, up, u.Set); err != nil {
		return nil, err
	}
	var err error
	if u.Where != nil {
		if up.Where, err = r.expr(sc, u.Where); err != nil {
			return nil, err
		}
	}
	up.Checks, err = r.checks(up.Row)
	return up, err
}

// conflictTarget finds the row id or the unique index that a clause names.
func (r *resolver) conflictTarget(b *Upsert, src *Source, u *ast.Upsert, which string) error {
	sc := &scope{sources: []*Source{src}}
	terms := make([]*Expr, len(u.Target))
	for i, o := range u.Target {
		e, err := r.expr(sc, o.Expr)
		if err != nil {
			return err
		}
		terms[i] = e
	}
	var where *Expr
	if u.TargetWhere != nil {
		var err error
		if where, err = r.expr(sc, u.TargetWhere); err != nil {
			return err
		}
	}
	if len(terms) == 1 && terms[0].isRowid() {
		return nil
	}
	for _, k := range src.Table.IndexOrder() {
		if x := src.Table.Indexes[k]; x.Unique && targets(src, x, terms, where) {
			b.Index = x
			return nil
		}
	}
	return errorf("%sON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint", which)
}

// targets reports whether the terms and the condition of a clause are those of
// index x.
func targets(src *Source, x *catalog.Index, terms []*Expr, where *Expr) bool {
	if len(terms) != len(x.Columns) {
		return false
	}
	if w := src.Where(x); w != nil && (where == nil || !Equal(where, w)) {
		return false
	}
	for k := range x.Columns {
		if c := x.Columns[k].Column; c >= 0 && c == src.Table.RowidAlias {
			return false // The reference takes the row id for no column of an index here.
		}
		key := src.Key(x, k)
		found := false
		for _, t := range terms {
			found = found || sameTerm(t, key, x.Columns[k].Collation)
		}
		if !found {
			return false
		}
	}
	return true
}

// sameTerm reports whether t names a key column; a COLLATE, when it is there,
// must be the index's.
func sameTerm(t, key *Expr, coll *value.Collation) bool {
	for t.Op == OpCollate {
		if t.Coll != coll && !(t.Coll.IsBinary() && coll.IsBinary()) {
			return false
		}
		t = t.L
	}
	for key.Op == OpCollate {
		key = key.L
	}
	return Equal(t, key)
}
