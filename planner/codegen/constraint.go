package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Extended result codes of constraints; the numbers are SQLite's.
const (
	codeConstraint = 19
	codeCheck      = 275
	codeNotNull    = 1299
	codePrimaryKey = 1555
	codeUnique     = 2067
	codeTrigger    = 1811
	codeRowid      = 2579
)

// action is what a failed constraint does: the statement's OR clause, else
// the constraint's own ON CONFLICT, else ABORT.
func (w *writer) action(own int) int {
	switch {
	case w.or != vm.ActionNone:
		return w.or
	case own != vm.ActionNone:
		return own
	default:
		return vm.ActionAbort
	}
}

// constraints tests NOT NULL, the types of a STRICT table, CHECK, the row id and the unique indexes, in
// this order, as SQLite does.
func (g *gen) constraints(w *writer, up *updated) {
	if g.hookedReplace(w) {
		w.replaced = g.fixed(1)
		g.emit(vm.OpInteger, 0, int32(w.replaced), 0)
	}
	g.notNulls(w, up)
	typed := !w.t.Strict
	types := func() {
		if !typed {
			g.emit4(vm.OpTypeCheck, int32(w.base)+1, int32(len(w.t.Columns)), 0, g.table(w.t))
			typed = true
		}
	}
	if len(w.checks) > 0 {
		types()
	}
	g.checkConstraints(w, up)
	for _, k := range w.uniqueOrder() {
		if k == rowidCheck {
			if up == nil && !w.numbered || up != nil && up.key {
				g.uniqueRowid(w, up)
			}
			continue
		}
		x := w.t.Indexes[k]
		if up != nil && !up.touches(x, w) {
			continue
		}
		types()
		g.compute(w, k)
		if x.Unique {
			g.uniqueIndex(w, k, x, up)
		}
	}
	types()
	g.uniqueAgain(w, up)
}

// uniqueAgain tests once more what must be unique when a REPLACE has run
// programs, which may have made such a row again.
func (g *gen) uniqueAgain(w *writer, up *updated) {
	if w.replaced == 0 {
		return
	}
	ok := g.newLabel()
	g.emit(vm.OpIfNot, int32(w.replaced), int32(ok), 0)
	v := *w
	v.or, v.upserts = vm.ActionAbort, nil
	for _, k := range v.uniqueOrder() {
		switch {
		case k != rowidCheck:
			if x := w.t.Indexes[k]; x.Unique && (up == nil || up.touches(x, w)) {
				g.uniqueIndex(&v, k, x, up)
			}
		case up == nil || up.key:
			g.uniqueRowid(&v, up)
		}
	}
	g.bind(ok)
	w.replaced = 0
}

func (w *writer) hasOtherThanReplace() bool {
	for _, x := range w.t.Indexes {
		if x.Unique && w.action(int(x.Conflict)) != vm.ActionReplace {
			return true
		}
	}
	return false
}

// notNulls tests NOT NULL in two passes, as SQLite does: those that put the
// default in the place of NULL come first, and generated columns, which may
// read it, last.
func (g *gen) notNulls(w *writer, up *updated) {
	var later []int
	replaced := false
	for i, c := range w.t.Columns {
		if !c.NotNull || i == w.t.RowidAlias || up != nil && !up.columns[i] && c.Generated == nil {
			continue
		}
		switch act := w.action(int(c.NotNullConflict)); {
		case c.Generated != nil:
			later = append(later, i)
		case act == vm.ActionReplace && c.Default == nil:
			g.notNull(w, i, vm.ActionAbort)
		case act == vm.ActionReplace:
			g.replaceNull(w, i)
			replaced = true
			later = append(later, i)
		default:
			g.notNull(w, i, act)
		}
	}
	if replaced {
		g.generate(w)
	}
	for _, i := range later {
		act := w.action(int(w.t.Columns[i].NotNullConflict))
		if act == vm.ActionReplace {
			act = vm.ActionAbort
		}
		g.notNull(w, i, act)
	}
}

// replaceNull puts the default of column i in the place of NULL.
func (g *gen) replaceNull(w *writer, i int) {
	c, r := w.t.Columns[i], w.base+1+reg(i)
	d, err := resolve.ColumnDefault(g.env.Resolve, c)
	if err != nil {
		g.fail(err)
		return
	}
	ok := g.newLabel()
	g.emit(vm.OpNotNull, int32(r), int32(ok), 0)
	g.exprTo(d, r)
	g.applyAffinity(r, []value.Affinity{c.Affinity})
	g.bind(ok)
}

// notNull tests that column i is not NULL.
func (g *gen) notNull(w *writer, i, act int) {
	c, r := w.t.Columns[i], int32(w.base)+1+int32(i)
	if act == vm.ActionIgnore {
		g.emit(vm.OpIsNull, r, int32(w.skip), 0)
		return
	}
	info := &vm.ErrorInfo{Code: codeNotNull, Text: "NOT NULL constraint failed: " + w.t.Name + "." + c.Name,
		Table: w.t.Name, Columns: []string{c.Name}}
	g.emit4(vm.OpHaltIfNull, 1, int32(act), r, g.errorInfo(info))
}

// checkConstraints tests those of CHECK that read what changes.
func (g *gen) checkConstraints(w *writer, up *updated) {
	if len(w.checks) == 0 || g.env.IgnoreChecks {
		return
	}
	g.bindNew(w)
	for i, e := range w.checks {
		c := w.t.Checks[i]
		if up != nil && !up.readBy(e, w) {
			continue
		}
		mark := g.top
		ok := g.newLabel()
		pure := g.pure("a CHECK constraint")
		g.jumpIf(e, ok, true, true)
		pure()
		act := w.action(int(c.Conflict))
		if act == vm.ActionReplace {
			act = vm.ActionAbort
		}
		if act == vm.ActionIgnore {
			g.jump(w.skip)
		} else {
			g.emit4(vm.OpHalt, 1, int32(act), 0, g.errorInfo(&vm.ErrorInfo{Code: codeCheck,
				Text: "CHECK constraint failed: " + c.Name, Table: w.t.Name, Constraint: c.Name}))
		}
		g.bind(ok)
		g.release(mark)
	}
}

// uniqueRowid tests that no other row has the new row id.
func (g *gen) uniqueRowid(w *writer, up *updated) {
	ok := g.newLabel()
	if up != nil {
		g.emit4(vm.OpEq, int32(up.old), int32(ok), int32(w.base), -1)
	}
	g.emit(vm.OpNotExists, w.cursor, int32(ok), int32(w.base))
	act, upsert := w.conflict(nil)
	switch act {
	case vm.ActionNone:
		g.doUpdate(w, upsert, w.base)
	case vm.ActionIgnore:
		g.jump(w.skip)
	case vm.ActionReplace:
		g.deleteConflict(w, w.base)
		if up != nil {
			g.seekRow(w, up.old, ok)
		}
	default:
		info := &vm.ErrorInfo{Code: codeRowid, Text: "UNIQUE constraint failed: " + w.t.Name + ".rowid", Table: w.t.Name, Columns: []string{"rowid"}}
		if a := w.t.RowidAlias; a >= 0 {
			name := w.t.Columns[a].Name
			info = &vm.ErrorInfo{Code: codePrimaryKey, Text: "UNIQUE constraint failed: " + w.t.Name + "." + name, Table: w.t.Name, Columns: []string{name}}
		}
		g.emit4(vm.OpHalt, 1, int32(act), 0, g.errorInfo(info))
	}
	g.bind(ok)
}

// uniqueIndex tests that no other row has the new row's key in index x.
func (g *gen) uniqueIndex(w *writer, k int, x *catalog.Index, up *updated) {
	mark := g.top
	ok := g.newLabel()
	if w.members[k] != 0 {
		g.emit(vm.OpIfNot, int32(w.members[k]), int32(ok), 1)
	}
	keys := g.newKey(w, k)
	g.emit4(vm.OpNoConflict, w.indexes[k], int32(ok), int32(keys), int32(len(x.Columns)))
	other := g.entryHandle(w, k)
	if up != nil {
		g.jumpSame(w, up.old, other, ok)
	}
	act, upsert := w.conflict(x)
	switch act {
	case vm.ActionNone:
		g.doUpdate(w, upsert, other)
	case vm.ActionIgnore:
		g.jump(w.skip)
	case vm.ActionReplace:
		// As in the reference, what an UPDATE fires here may not change the table.
		pin := up != nil && len(w.onReplace) > 0
		if pin {
			g.emit(vm.OpPin, w.cursor, 1, 0)
		}
		g.deleteConflict(w, other)
		if pin {
			g.emit(vm.OpPin, w.cursor, 0, 0)
		}
		if up != nil {
			g.seekRow(w, up.old, ok)
		}
	default:
		g.emit4(vm.OpHalt, 1, int32(act), 0, g.errorInfo(UniqueError(x)))
	}
	g.bind(ok)
	g.release(mark)
}

// UniqueError is the error of a failed UNIQUE or PRIMARY KEY index.
func UniqueError(x *catalog.Index) *vm.ErrorInfo {
	info := &vm.ErrorInfo{Code: codeUnique, Text: "UNIQUE constraint failed: ", Table: x.Table.Name, Constraint: x.Name}
	if x.Origin == 'p' {
		info.Code = codePrimaryKey
	}
	if x.HasExpr() {
		info.Text += "index '" + x.Name + "'"
		return info
	}
	for i, c := range x.Columns {
		if i > 0 {
			info.Text += ", "
		}
		name := "rowid"
		if c.Column >= 0 {
			name = x.Table.Columns[c.Column].Name
		}
		info.Text += x.Table.Name + "." + name
		info.Columns = append(info.Columns, name)
	}
	return info
}

// deleteConflict deletes the row with the handle r, which is in the way of the
// new one.
func (g *gen) deleteConflict(w *writer, r reg) {
	mark, gone := g.top, g.newLabel()
	g.seekRow(w, r, gone)
	v := *w
	v.event, v.or, v.skip, v.returns, v.triggers, v.foreign = ast.TriggerDelete, vm.ActionReplace, gone, nil, nil, nil
	if w.replaced != 0 {
		v.triggers, v.foreign = w.onReplace, g.foreignKeys(w.t, ast.TriggerDelete, nil, false)
		n := len(w.t.Columns) + 1
		v.base = g.fixed(n)
		g.emit(vm.OpAddImm, int32(w.replaced), 1, 0)
	}
	g.removeRow(&v, r, 0)
	g.bind(gone)
	g.release(mark)
}
