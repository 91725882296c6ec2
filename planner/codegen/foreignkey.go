package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Foreign keys are tested as in the reference (fkey.c): what a change breaks and
// mends is counted, and the counts must be zero in the end, that of immediate
// keys at the end of the statement, that of deferred ones at the end of the
// transaction. Actions are triggers that are made here.

const codeForeignKey = 787

const foreignKeyFailed = "FOREIGN KEY constraint failed"

// foreignKeys are those that the changes of a table have to do with.
type foreignKeys struct {
	own  []*ownKey             // Of the table.
	refs []*catalog.ForeignKey // Of its children.
	// rewrites: an update deletes the old row before the new one is tested, for
	// keys of the table name rows of itself, or actions look at it.
	rewrites bool
	// once: one row is inserted, so that a missing parent is an error at once.
	once bool
}

type ownKey struct {
	*catalog.ForeignKey
	parent *catalog.ParentKey // nil where a table is dropped whose parent is missing.
	cursor int32
}

// tested are the child's columns that the parent's index is asked for: one that
// has a column twice leaves others out.
func (k *ownKey) tested() []int {
	if k.parent == nil {
		return k.Columns
	}
	return k.parent.From
}

// foreignKeys finds what foreign keys ask of changes of t, nil for nothing; up
// tells which columns an UPDATE changes.
func (g *gen) foreignKeys(t *catalog.Table, event ast.TriggerEvent, up *updated, once bool) *foreignKeys {
	if !g.keysMatter(t, up) {
		return nil
	}
	s := g.env.Resolve.Catalog.Schemas[t.DB]
	f := &foreignKeys{once: once}
	var own []*catalog.ForeignKey
	for i := len(t.ForeignKeys) - 1; i >= 0; i-- {
		k := t.ForeignKeys[i]
		self, changes := value.EqualFold(k.Ref.Table.Text, t.Name), up == nil || k.ChildChanges(up.columns)
		f.rewrites = f.rewrites || self && changes
		if self || changes {
			own = append(own, k)
		}
	}
	for _, k := range s.References(t) {
		if up != nil && !k.ParentChanges(t, up.columns) {
			continue
		}
		f.rewrites = f.rewrites || k.Ref.OnUpdate > ast.RefNoAction
		if !once || k.Deferred || g.env.DeferForeignKeys {
			f.refs = append(f.refs, k)
		}
	}
	before, err := g.fault(f, s, t, own, event)
	gives := err == nil
	if gives {
		err = before
	}
	if err != nil && !g.dropping {
		if g.err == nil || g.gives { // As in the reference, it goes before what is wrong in triggers.
			g.err, g.gives = err, gives
		}
		return f
	}
	for _, k := range own {
		g.ownKey(f, s, k)
	}
	if !once {
		g.unit.root.prog.Statement = true
	}
	return f
}

// fault finds the keys that name no parent. Of several errors it is the one that
// the reference meets last: it looks at the keys of children before an UPDATE or
// DELETE (before), and when it comes to a row, behind those that REPLACE deletes,
// at the keys that the change tests up to the first that is wrong, and at the
// actions.
func (g *gen) fault(f *foreignKeys, s *catalog.Schema, t *catalog.Table, own []*catalog.ForeignKey, event ast.TriggerEvent) (before, last error) {
	look := func(k *catalog.ForeignKey, parent *catalog.Table) bool {
		err := error(nil)
		if parent == nil {
			err = ddlError("no such table: " + s.Name + "." + k.Ref.Table.Text)
		} else {
			_, err = k.In(parent)
		}
		if err != nil {
			last = err
		}
		return err == nil
	}
	if event != ast.TriggerInsert {
		for _, k := range s.References(t) {
			look(k, t)
		}
		before, last = last, nil
	}
	sound := true
	for i := 0; i < len(own) && sound; i++ {
		sound = look(own[i], own[i].Parent(s))
	}
	for i := 0; i < len(f.refs) && sound; i++ {
		sound = look(f.refs[i], t)
	}
	if event != ast.TriggerInsert {
		for _, k := range f.refs {
			if g.acts(k, event == ast.TriggerUpdate) {
				look(k, t)
			}
		}
	}
	return before, last
}

// ownKey opens the parent of a key. A parent that is missing has no rows, and a
// key that it does not have is not tested: tables that are dropped may have such.
func (g *gen) ownKey(f *foreignKeys, s *catalog.Schema, k *catalog.ForeignKey) {
	o := &ownKey{ForeignKey: k}
	if parent := k.Parent(s); parent != nil {
		p, err := k.In(parent)
		if err != nil {
			return
		}
		o.parent, o.cursor = p, g.cursor()
		g.openParent(o.cursor, p)
	}
	f.own = append(f.own, o)
}

// openParent opens a cursor on the key that rows name in a parent.
func (g *gen) openParent(cursor int32, p *catalog.ParentKey) {
	root, key := p.Table.Root, g.tableKey(p.Table)
	if x := p.Index; x != nil && x != p.Table.Key {
		root, key = x.Root, g.key(indexKey(x))
	}
	g.emit4(vm.OpOpenRead, cursor, int32(root), int32(p.Table.DB), key)
}

// checkKeys counts what the row in registers from base on breaks or mends: as a
// new row, or as one that goes.
func (g *gen) checkKeys(w *writer, base reg, isNew bool) {
	f := w.foreign
	if f == nil {
		return
	}
	for _, k := range f.own {
		g.checkParent(w, k, base, isNew)
	}
	for _, k := range f.refs {
		if p, err := k.In(w.t); err == nil {
			g.checkChildren(k, p, base, isNew)
		}
	}
}

// keyCounter is the number of the counter of a key.
func (g *gen) keyCounter(k *catalog.ForeignKey) int32 {
	switch {
	case k.Deferred:
		return vm.KeysDeferred
	case g.env.DeferForeignKeys:
		return vm.KeysPutOff
	default:
		return vm.KeysImmediate
	}
}

// checkParent looks for the parent of a row: a new row without one breaks the
// key, and one that goes mends it.
func (g *gen) checkParent(w *writer, k *ownKey, base reg, isNew bool) {
	mark, ok := g.top, g.newLabel()
	column := func(i int) reg {
		if i == w.t.RowidAlias {
			return base
		}
		return base + 1 + reg(i)
	}
	if !isNew {
		g.emit(vm.OpFkIfZero, b2i(k.Deferred), int32(ok), 0)
	}
	for _, c := range k.tested() {
		g.emit(vm.OpIsNull, int32(column(c)), int32(ok), 0)
	}
	if p := k.parent; p != nil {
		missing := g.newLabel()
		key := g.regs(len(p.From))
		for i, c := range p.From {
			g.emit(vm.OpSCopy, int32(column(c)), int32(key)+int32(i), 0)
		}
		self := isNew && p.Table == w.t
		if p.Index == nil {
			g.emit(vm.OpMustBeInt, int32(key), int32(missing), 0)
			if self {
				g.emit4(vm.OpEq, int32(base), int32(ok), int32(key), -1)
			}
			g.emit(vm.OpNotExists, k.cursor, int32(missing), int32(key))
			g.jump(ok)
		} else {
			if self {
				other := g.newLabel()
				for i, c := range p.Columns {
					g.emit4(vm.OpNe, int32(column(p.From[i])), int32(other), int32(column(c)), -1)
					g.p5(vm.CmpJumpIfNull)
				}
				g.jump(ok)
				g.bind(other)
			}
			affs := make([]value.Affinity, len(p.Columns))
			for i, c := range p.Columns {
				affs[i] = p.Table.Columns[c].Affinity
			}
			g.applyAffinity(key, affs)
			g.emit4(vm.OpFound, k.cursor, int32(ok), int32(key), int32(len(p.From)))
		}
		g.bind(missing)
	}
	switch {
	case !isNew:
		g.emit(vm.OpFkCounter, g.keyCounter(k.ForeignKey), -1, 0)
	case w.foreign.once && g.keyCounter(k.ForeignKey) == vm.KeysImmediate:
		g.failKeys()
	default:
		g.emit(vm.OpFkCounter, g.keyCounter(k.ForeignKey), 1, 0)
	}
	g.bind(ok)
	g.release(mark)
}

// failKeys ends the statement for a foreign key that fails.
func (g *gen) failKeys() {
	g.emit4(vm.OpHalt, 1, vm.ActionAbort, 0, g.errorInfo(&vm.ErrorInfo{Code: codeForeignKey, Text: foreignKeyFailed}))
}

// checkChildren looks for the children of a row: one that goes leaves them
// without a parent, a new one is the parent that they lack.
func (g *gen) checkChildren(k *catalog.ForeignKey, p *catalog.ParentKey, base reg, isNew bool) {
	mark, done := g.top, g.newLabel()
	by := int32(1)
	if isNew {
		by = -1
		g.emit(vm.OpFkIfZero, b2i(k.Deferred), int32(done), 0)
	}
	child, err := resolve.RowSource(g.env.Resolve, k.Table)
	if err != nil {
		g.fail(err)
		return
	}
	where := resolve.Children(child, p, int(base), !isNew && k.Table == p.Table)
	g.loops(plan.AccessOnly(g.env.Plan, child, where, nil), func(next, end label) {
		g.emit(vm.OpFkCounter, g.keyCounter(k), by, 0)
	})
	g.bind(done)
	g.release(mark)
}

// keyActions runs what foreign keys say to the children of a row that was
// changed or deleted.
func (g *gen) keyActions(w *writer, up *updated) {
	if w.foreign == nil {
		return
	}
	for _, k := range w.foreign.refs {
		if !g.acts(k, up != nil) {
			continue
		}
		tr := g.keyAction(k, w.t, up != nil)
		if tr == nil {
			continue
		}
		after := g.newLabel()
		g.emit(vm.OpProgram, int32(w.args()), int32(after), g.sub(g.trigger(tr, w.t, vm.ActionAbort)))
		g.bind(after)
	}
}

// acts reports whether a key has an action.
func (g *gen) acts(k *catalog.ForeignKey, update bool) bool {
	act := k.Action(update)
	return act > ast.RefNoAction && !(act == ast.RefRestrict && g.env.DeferForeignKeys)
}

// actionKey names the action of a foreign key on DELETE or UPDATE of a parent.
type actionKey struct {
	key    *catalog.ForeignKey
	update bool
}

// keyAction makes the trigger that is the action of a foreign key, for example
//
//	CREATE TRIGGER ... AFTER DELETE ON parent BEGIN
//		DELETE FROM child WHERE old.id = child.parent;
//	END
func (g *gen) keyAction(k *catalog.ForeignKey, t *catalog.Table, update bool) *catalog.Trigger {
	name := actionKey{k, update}
	if tr := g.unit.actions[name]; tr != nil {
		return tr
	}
	p, err := k.In(t)
	if err != nil {
		return nil
	}
	column := func(table, name string) ast.Expr {
		c := &ast.Column{Name: &ast.Name{Text: name}}
		if table != "" {
			c.Table = &ast.Name{Text: table}
		}
		return c
	}
	and := func(a, b ast.Expr) ast.Expr {
		if a == nil {
			return b
		}
		return &ast.Binary{Op: ast.OpAnd, Left: a, Right: b}
	}
	act := k.Action(update)
	var where, same ast.Expr
	var set []*ast.Assignment
	for i, c := range p.Columns {
		child, parent := k.Table.Columns[p.From[i]], t.Columns[c].Name
		where = and(where, &ast.Binary{Op: ast.OpEq, Left: column("old", parent), Right: column("", child.Name)})
		same = and(same, &ast.Binary{Op: ast.OpIs, Left: column("old", parent), Right: column("new", parent)})
		var to ast.Expr = &ast.Literal{Kind: ast.LiteralNull}
		switch {
		case act == ast.RefCascade:
			to = column("new", parent)
		case act == ast.RefSetDefault && child.Default != nil:
			to = resolve.DefaultExpr(child.Default)
		}
		set = append(set, &ast.Assignment{Columns: []*ast.Name{{Text: child.Name}}, Value: to})
	}
	def := &ast.CreateTrigger{Time: ast.TriggerAfter, Event: ast.TriggerDelete, Table: &ast.ObjectName{Name: &ast.Name{Text: t.Name}}}
	if update {
		def.Event, def.When = ast.TriggerUpdate, &ast.Unary{Op: ast.OpNot, X: same}
	}
	table := &ast.TableName{Name: &ast.Name{Text: k.Table.Name}}
	switch {
	case act == ast.RefRestrict:
		raise := &ast.Raise{Action: ast.ConflictAbort, Message: &ast.Literal{Kind: ast.LiteralString, Text: foreignKeyFailed}}
		def.Body = []ast.Stmt{&ast.Select{Cores: []ast.Core{&ast.SelectCore{Columns: []*ast.ResultColumn{{Expr: raise}}, From: table, Where: where}}}}
	case act == ast.RefCascade && !update:
		def.Body = []ast.Stmt{&ast.Delete{Table: table, Where: where}}
	default:
		def.Body = []ast.Stmt{&ast.Update{Table: table, Set: set, Where: where}}
	}
	tr := &catalog.Trigger{Schema: t.Schema, DB: t.DB, Table: t.Name, Def: def}
	put(&g.unit.actions, name, tr)
	return tr
}

// dropRows deletes the rows of a table that is dropped, where foreign keys ask
// for it: it is a parent, or a child whose broken keys this mends.
func (g *gen) dropRows(t *catalog.Table) {
	if !g.env.ForeignKeys || t.View != nil {
		return
	}
	skip := g.newLabel()
	if len(g.env.Resolve.Catalog.Schemas[t.DB].References(t)) == 0 {
		deferred := false
		for _, k := range t.ForeignKeys {
			deferred = deferred || k.Deferred || g.env.DeferForeignKeys
		}
		if !deferred {
			return
		}
		g.emit(vm.OpFkIfZero, 1, int32(skip), 0)
	}
	g.prog.CountRows = true
	target, err := resolve.RowSource(g.env.Resolve, t)
	if err != nil {
		g.fail(err)
		return
	}
	row, err := resolve.RowSource(g.env.Resolve, t)
	if err != nil {
		g.fail(err)
		return
	}
	g.dropping = true
	g.delete(&resolve.Delete{Target: target, DB: t.DB, Row: row})
	g.dropping = false
	if !g.env.DeferForeignKeys {
		ok := g.newLabel()
		g.emit(vm.OpFkIfZero, 0, int32(ok), 0)
		g.failKeys()
		g.bind(ok)
	}
	g.bind(skip)
}

// foreignKeyCheck hands out the rows without a parent: of one table, or of all
// tables of a database.
func (g *gen) foreignKeyCheck(db int, schema, name string) {
	g.names("table", "rowid", "parent", "fkid")
	cat := g.env.Resolve.Catalog
	list := cat.Schemas[db].HashOrder()
	if name != "" {
		t, _ := cat.FindTable(schema, name)
		if t == nil {
			if schema != "" {
				name = schema + "." + name
			}
			g.fail(ddlError("no such table: " + name))
			return
		}
		list = []*catalog.Table{t}
	}
	for _, t := range list {
		if t.View == nil && len(t.ForeignKeys) > 0 {
			g.checkTable(t)
		}
	}
}

// checkTable hands out the rows of a table that lack a parent.
func (g *gen) checkTable(t *catalog.Table) {
	row, err := resolve.RowSource(g.env.Resolve, t)
	if err != nil {
		g.fail(err)
		return
	}
	g.use(t.DB, false)
	w := &writer{t: t, cursor: g.cursor()}
	g.emit4(vm.OpOpenRead, w.cursor, int32(t.Root), int32(t.DB), g.tableKey(t))
	f := &foreignKeys{}
	for i := len(t.ForeignKeys) - 1; i >= 0; i-- {
		k := t.ForeignKeys[i]
		if parent := k.Parent(g.env.Resolve.Catalog.Schemas[t.DB]); parent != nil {
			if _, err := k.In(parent); err != nil {
				g.fail(err)
			}
		}
		g.ownKey(f, g.env.Resolve.Catalog.Schemas[t.DB], k)
	}
	g.bindings[row] = &binding{cursor: w.cursor, index: -1}
	end := g.newLabel()
	step := g.scanAll(w.cursor, false, end)
	for i, k := range f.own {
		g.reportOrphan(row, k, int64(i))
	}
	step()
	g.bind(end)
}

// reportOrphan hands out the row that src is on when it lacks the parent of
// key number id.
func (g *gen) reportOrphan(src *resolve.Source, k *ownKey, id int64) {
	mark, ok, missing := g.top, g.newLabel(), g.newLabel()
	from := k.tested()
	key := g.regs(len(from))
	for i, c := range from {
		g.exprTo(resolve.Column(src, c), key+reg(i))
		g.emit(vm.OpIsNull, int32(key)+int32(i), int32(ok), 0)
	}
	switch p := k.parent; {
	case p == nil:
	case p.Index == nil:
		g.emit(vm.OpSeekRowid, k.cursor, int32(missing), int32(key))
		g.jump(ok)
	default:
		affs := make([]value.Affinity, len(p.Columns))
		for i, c := range p.Columns {
			affs[i] = p.Table.Columns[c].Affinity
		}
		g.applyAffinity(key, affs)
		g.emit4(vm.OpFound, k.cursor, int32(ok), int32(key), int32(len(from)))
	}
	g.bind(missing)
	out := g.regs(4)
	g.loadConst(ptr(value.FromString(k.Table.Name)), out)
	if k.Table.HasRowid() {
		g.exprTo(resolve.Column(src, resolve.RowidColumn), out+1)
	} else {
		g.emit(vm.OpNull, 0, int32(out)+1, 0)
	}
	g.loadConst(ptr(value.FromString(k.Ref.Table.Text)), out+2)
	g.loadConst(ptr(value.FromInt(id)), out+3)
	g.emit(vm.OpResultRow, int32(out), 4, 0)
	g.bind(ok)
	g.release(mark)
}

// keysMatter reports whether foreign keys ask anything of changes of t; up tells
// which columns an UPDATE changes.
func (g *gen) keysMatter(t *catalog.Table, up *updated) bool {
	if !g.env.ForeignKeys || t.View != nil {
		return false
	}
	for _, k := range t.ForeignKeys {
		if up == nil || k.ChildChanges(up.columns) {
			return true
		}
	}
	for _, k := range g.env.Resolve.Catalog.Schemas[t.DB].References(t) {
		if up == nil || k.ParentChanges(t, up.columns) {
			return true
		}
	}
	return false
}
