package codegen

import (
	"errors"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// unit is what the programs of one statement share: its own and those of the
// triggers that it fires.
type unit struct {
	root  *gen
	subs  map[subKey]*vm.Program
	infos map[*catalog.Trigger]*vm.TriggerInfo
	autos map[*catalog.Table]*autoincrement
	order []*autoincrement
	// actions are the triggers made for foreign keys.
	actions map[actionKey]*catalog.Trigger
}

// subKey names a sub-program: a trigger's body is compiled once for each
// conflict action that the statements which fire it ask for.
type subKey struct {
	trigger *catalog.Trigger
	or      int
}

// callsMax is how deep triggers fire each other, SQLite's limit; vm has the same
// for those that fire themselves.
const callsMax = 1000

// prepare compiles the triggers of an UPDATE or DELETE in their order, whatever
// their time, as the reference does: the first error counts.
func (g *gen) prepare(w *writer) {
	for _, tr := range w.triggers {
		g.trigger(tr, w.t, w.or)
	}
}

// fire runs those of the list that are due: before the change of a row, or
// after it. args are the registers of OLD and NEW; or is the conflict action of
// the statement, which goes before those of the body; ignore is where
// RAISE(IGNORE) leads. It reports whether there were any.
func (g *gen) fire(list []*catalog.Trigger, before bool, t *catalog.Table, args reg, or int, ignore label) bool {
	fired := false
	for _, tr := range list {
		if tr.Before() != before {
			continue
		}
		fired = true
		g.unit.root.prog.Statement = true
		g.emit(vm.OpProgram, int32(args), int32(ignore), g.sub(g.trigger(tr, t, or)))
		if !g.env.RecursiveTriggers {
			g.p5(1)
		}
	}
	return fired
}

// sub is the number of a sub-program.
func (g *gen) sub(p *vm.Program) int32 {
	for i, x := range g.prog.Subs {
		if x == p {
			return int32(i)
		}
	}
	g.prog.Subs = append(g.prog.Subs, p)
	return int32(len(g.prog.Subs) - 1)
}

// trigger finds or makes the program of a trigger on t. One that is being made
// is found too: then the body fires itself.
func (g *gen) trigger(tr *catalog.Trigger, t *catalog.Table, or int) *vm.Program {
	u, key := g.unit, subKey{tr, or}
	if p := u.subs[key]; p != nil {
		return p
	}
	info := u.infos[tr]
	if info == nil && tr.Name != "" {
		info = &vm.TriggerInfo{Name: tr.Name}
		put(&u.infos, tr, info)
	}
	s := g.newSub(resolve.NewBody(tr, t))
	if s.depth > callsMax {
		g.fail(ddlError("triggers nested too deep"))
		return s.prog
	}
	s.prog.Trigger = info
	put(&u.subs, key, s.prog)
	end := s.newLabel()
	if tr.Def.When != nil {
		when, err := resolve.When(s.env.Resolve)
		if err != nil {
			s.fail(err)
		} else {
			s.jumpIf(when, end, false, true)
		}
	}
	for _, n := range tr.Def.Body {
		if s.err == nil {
			s.step(n, or)
		}
	}
	s.bind(end)
	p, err := s.finish()
	if err != nil {
		g.gives = g.gives || g.err == nil
		g.fail(unplaced(err))
		return s.prog
	}
	return p
}

// newSub begins a sub-program, whose parameters are OLD and NEW of body.
func (g *gen) newSub(body *resolve.Body) *gen {
	env, planned := *g.env, *g.env.Plan
	env.Resolve.Body, env.Plan = body, &planned
	env.Plan.BatchRows = -1 // Vectors are the statement's own.
	s := newGen(&env)
	s.unit, s.depth = g.unit, g.depth+1
	s.prog.CountRows = true
	for _, src := range []*resolve.Source{body.Old, body.New} {
		if src != nil {
			s.params = append(s.params, src)
			s.prog.Args += len(src.Columns) + 1
		}
	}
	return s
}

// param is the number of the parameter that a column of OLD or NEW is.
func (g *gen) param(e *expr) int32 {
	n := e.Index + 1
	for _, src := range g.params {
		if src == e.Source {
			break
		}
		n += len(src.Columns) + 1
	}
	return int32(n)
}

// step compiles one statement of a body.
func (g *gen) step(n ast.Stmt, or int) {
	env := g.env.Resolve
	with := func(own ast.Conflict) ast.Conflict {
		if or != vm.ActionNone {
			return ast.Conflict(or)
		}
		return own
	}
	var err error
	switch n := n.(type) {
	case *ast.Insert:
		var ins *resolve.Insert
		if ins, err = resolve.BindInsert(env, n); err == nil {
			ins.Or = with(ins.Or)
			g.insert(ins)
		}
	case *ast.Update:
		var up *resolve.Update
		if up, err = resolve.BindUpdate(env, n); err == nil {
			up.Or = with(up.Or)
			g.update(up)
		}
	case *ast.Delete:
		var del *resolve.Delete
		if del, err = resolve.BindDelete(env, n); err == nil {
			g.delete(del)
		}
	case *ast.Select:
		var q *resolve.Query
		if q, err = resolve.Select(env, n); err == nil {
			g.query(plan.Query(g.env.Plan, q), func(reg) {})
		}
	}
	if err != nil {
		g.fail(err)
	}
}

// unplaced takes the place from an error: it lies in the text of another
// statement.
func unplaced(err error) error {
	var e *resolve.NameError
	if !errors.As(err, &e) {
		return err
	}
	c := *e
	c.Pos = -1
	return &c
}

// raise compiles RAISE.
func (g *gen) raise(e *expr) {
	if e.Index == vm.ActionIgnore {
		g.emit4(vm.OpHalt, 0, vm.ActionIgnore, 0, -1)
		return
	}
	g.emit4(vm.OpHalt, codeTrigger, int32(e.Index), int32(g.expr(e.L)), -1)
}

// fires tells what the change of a row by w fires.
func (w *writer) fires(before bool) bool {
	for _, tr := range w.triggers {
		if tr.Before() == before {
			return true
		}
	}
	return false
}

// before fires the triggers that come before the change of a row, and reports
// whether there are any: then the row may have changed or gone.
func (g *gen) before(w *writer) bool {
	if !w.fires(true) {
		return false
	}
	if w.t.Strict && w.event != ast.TriggerDelete {
		g.emit4(vm.OpTypeCheck, int32(w.base)+1, int32(len(w.t.Columns)), 0, g.table(w.t))
	}
	g.own(w)
	return g.fire(w.triggers, true, w.t, w.args(), w.or, w.skip)
}

// after fires the triggers that come after the change of a row. RETURNING is
// one of them: it comes behind those of other databases, before the table's
// own, as in the reference.
func (g *gen) after(w *writer) {
	own := w.triggers
	for len(own) > 0 && own[0].DB != w.t.DB {
		own = own[1:]
	}
	guests := w.triggers[:len(w.triggers)-len(own)]
	g.fire(guests, false, w.t, w.args(), w.or, w.skip)
	g.returnRow(w)
	g.fire(own, false, w.t, w.args(), w.or, w.skip)
}

// args are the registers of OLD and NEW.
func (w *writer) args() reg {
	if w.event == ast.TriggerUpdate {
		return w.old
	}
	return w.base
}

// own lets the registers of the row keep their bytes, for programs that change
// tables run while they are in use.
func (g *gen) own(w *writer) {
	if w.patch == nil {
		g.emit(vm.OpOwn, int32(w.base), int32(len(w.t.Columns)+1), 0)
		return
	}
	for i, read := range w.read {
		if read {
			g.emit(vm.OpOwn, int32(w.column(i)), 1, 0)
		}
	}
}

// isView reports whether the rows are those of a view: their triggers are all
// that a change of them does.
func (w *writer) isView() bool { return w.t.View != nil }

// collectView keeps the rows of a view that WHERE selects, with the values of
// an UPDATE FROM behind their columns.
func (g *gen) collectView(src *resolve.Source, where *expr, from *resolve.Core, values []*expr) *rowList {
	c := &resolve.Core{}
	if from != nil {
		c.Sources = from.Sources
	}
	c.Sources = append([]*resolve.Source{src}, c.Sources...)
	c.Where = where
	for i := range src.Columns {
		c.Results = append(c.Results, resolve.ResultItem{Expr: resolve.Column(src, i)})
	}
	for _, e := range values {
		c.Results = append(c.Results, resolve.ResultItem{Expr: e})
	}
	l := &rowList{set: g.cursor(), view: true, n: len(values)}
	if l.n > 0 {
		l.values = g.fixed(l.n)
	}
	g.materialize(plan.Query(g.env.Plan, &resolve.Query{Cores: []*resolve.Core{c}}), l.set, func(reg) {})
	return l
}
