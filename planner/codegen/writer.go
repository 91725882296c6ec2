package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// writer is what compiling changes of one table needs to know. A row goes one
// way, whatever the statement: its new values are computed into registers
// (affinities, then generated columns); its constraints are tested, which
// leaves the keys of indexes that compute something; entries of the old row go
// away, those of the new row and the row itself are stored; RETURNING sees it.
type writer struct {
	t       *catalog.Table
	db      int
	cursor  int32
	indexes []int32 // Cursors, as t.Indexes; that of the table's own key is cursor.
	base    reg     // Row id, if the table has one, then the columns of the new row.
	old     reg     // The same of the row before an UPDATE, right before base; 0 where nobody asks.
	row     *resolve.Source
	// keys holds, for each index with expressions, where constraints leaves its
	// key for the new row; members, for a partial index, whether the row
	// belongs to it.
	keys, members []reg
	checks        []*expr
	or            int // Conflict action of the statement, ActionNone when not given.
	auto          *autoincrement
	numbered      bool // Every new row gets a row id that no other row has.
	// skip is where a row goes that is ignored.
	skip label
	// upserts says what to do about a conflict in the place of failing.
	upserts []*resolve.Upsert
	returns *returning

	// later: entries of indexes that need not be unique change when all rows have
	// (applyLater); anew: those of all rows, so the index is built again from them.
	later, anew bool
	opens       []int32 // Where the indexes are opened.

	// patch: an UPDATE leaves the other columns in the record as they are; those of
	// them that read lists stand in registers too.
	patch *vm.RecordPatch
	read  []bool

	event    ast.TriggerEvent
	triggers []*catalog.Trigger // That the change of a row fires.
	// onReplace are the triggers that a row fires which REPLACE deletes;
	// replaced is not 0 while constraints are tested that may do so, and counts
	// the rows.
	onReplace []*catalog.Trigger
	replaced  reg
	foreign   *foreignKeys // What foreign keys ask of the changes, nil for nothing.
}

// change is what a statement does to the rows of a table.
type change struct {
	db       int
	event    ast.TriggerEvent
	triggers []*catalog.Trigger
	or       ast.Conflict
	up       *updated // Of an UPDATE.
	one      bool     // One row is inserted and nothing else happens.
}

// openWriter opens the table of row and its indexes for changing.
func (g *gen) openWriter(row *resolve.Source, c change) *writer {
	t, db := row.Table, c.db
	g.use(db, true)
	w := &writer{t: t, db: db, event: c.event, triggers: c.triggers, or: int(c.or)}
	if w.isView() {
		g.rowRegisters(w, row)
		return w
	}
	if g.env.RecursiveTriggers {
		w.onReplace = resolve.Fired(g.env.Resolve, t, ast.TriggerDelete, nil)
	}
	if w.event != ast.TriggerInsert {
		g.prepare(w)
	}
	w.foreign = g.foreignKeys(t, c.event, c.up, c.one)
	w.cursor = g.cursor()
	g.emit4(vm.OpOpenWrite, w.cursor, int32(t.Root), int32(db), g.tableKey(t))
	for _, x := range t.Indexes {
		c := w.cursor
		if x != t.Key {
			c = g.cursor()
			w.opens = append(w.opens, int32(len(g.code)))
			g.emit4(vm.OpOpenWrite, c, int32(x.Root), int32(db), g.key(indexKey(x)))
		}
		w.indexes = append(w.indexes, c)
	}
	g.rowRegisters(w, row)
	return w
}

// rowRegisters gives w registers for a new row, for which row stands.
func (g *gen) rowRegisters(w *writer, row *resolve.Source) {
	w.row, w.keys, w.members, w.old = row, nil, nil, 0
	for _, x := range w.t.Indexes {
		keys, member := reg(0), reg(0)
		if x.HasExpr() {
			keys = g.fixed(x.Width())
		}
		if x.Where != nil {
			member = g.fixed(1)
		}
		w.keys, w.members = append(w.keys, keys), append(w.members, member)
	}
	n := 1 + len(w.t.Columns)
	if w.event == ast.TriggerUpdate && w.hooked() {
		w.old = g.fixed(2 * n)
		w.base = w.old + reg(n)
		return
	}
	w.base = g.fixed(n)
}

// column is the register of column i of the new row.
func (w *writer) column(i int) reg {
	if i < 0 || i == w.t.RowidAlias {
		return w.base
	}
	return w.base + 1 + reg(i)
}

// bindNew lets expressions over w.row read the new row.
func (g *gen) bindNew(w *writer) {
	g.bindings[w.row] = &binding{regs: w.base + 1, rowidReg: w.base, index: -1}
}

// bindOld lets expressions over w.row read the row that the table cursor is on.
func (g *gen) bindOld(w *writer) {
	g.bindings[w.row] = &binding{cursor: w.cursor, index: -1, records: w.isView()}
}

// A handle is a row's identity in consecutive registers: the row id, or the
// columns of the primary key.

// handleWidth is the number of registers of a handle of a row of t.
func handleWidth(t *catalog.Table) int {
	if t.Key == nil {
		return 1
	}
	return len(t.Key.Columns)
}

// newHandle is the handle of the new row.
func (g *gen) newHandle(w *writer) reg {
	if w.t.Key == nil {
		return w.base
	}
	r := g.regs(len(w.t.Key.Columns))
	for k, c := range w.t.Key.Columns {
		g.emit(vm.OpSCopy, int32(w.column(c.Column)), int32(r)+int32(k), 0)
	}
	return r
}

// entryHandle is the handle of the row of the entry that index number i is on.
func (g *gen) entryHandle(w *writer, i int) reg {
	x := w.t.Indexes[i]
	if w.t.Key == nil {
		r := g.temp()
		g.emit(vm.OpIdxRowid, w.indexes[i], int32(r), 0)
		return r
	}
	r := g.regs(len(w.t.Key.Columns))
	for k, c := range w.t.Key.Columns {
		place := x.KeyPlace(k)
		if x == w.t.Key {
			place = w.t.Columns[c.Column].Place
		}
		g.emit4(vm.OpColumn, w.indexes[i], int32(place), int32(r)+int32(k), -1)
	}
	return r
}

// seekRow puts the table cursor on the row with a handle, or jumps to missing.
func (g *gen) seekRow(w *writer, handle reg, missing label) {
	if w.t.Key == nil {
		g.emit(vm.OpNotExists, w.cursor, int32(missing), int32(handle))
		return
	}
	g.emit4(vm.OpNotFound, w.cursor, int32(missing), int32(handle), int32(len(w.t.Key.Columns)))
}

// jumpSame jumps to same when two handles are those of one row.
func (g *gen) jumpSame(w *writer, a, b reg, same label) {
	if w.t.Key == nil {
		g.emit4(vm.OpEq, int32(a), int32(same), int32(b), -1)
		return
	}
	differ := g.newLabel()
	last := len(w.t.Key.Columns) - 1
	for k, c := range w.t.Key.Columns {
		op, to := vm.OpNe, differ
		if k == last {
			op, to = vm.OpEq, same
		}
		g.emit4(op, int32(a)+int32(k), int32(to), int32(b)+int32(k), g.coll(c.Collation))
	}
	g.bind(differ)
}

// compute evaluates what index number i computes from the new row.
func (g *gen) compute(w *writer, i int) {
	x := w.t.Indexes[i]
	if !x.Computed() {
		return
	}
	g.bindNew(w)
	defer g.pure(inIndex)()
	mark, out := g.top, g.newLabel()
	if where := w.row.Where(x); where != nil {
		g.exprTo(where, w.members[i])
		if w.keys[i] != 0 {
			g.emit(vm.OpIfNot, int32(w.members[i]), int32(out), 1)
		}
	}
	if w.keys[i] != 0 {
		for k := range x.Columns {
			g.exprTo(w.row.Key(x, k), w.keys[i]+reg(k))
		}
		g.suffix(w, x, w.keys[i])
		g.emit(vm.OpOwn, int32(w.keys[i]), int32(len(x.Columns)), 0)
	}
	g.bind(out)
	g.release(mark)
}

// suffix loads the end of a key of index x for the new row.
func (g *gen) suffix(w *writer, x *catalog.Index, keys reg) {
	n := int32(keys) + int32(len(x.Columns))
	if w.t.Key == nil {
		g.emit(vm.OpSCopy, int32(w.base), n, 0)
	}
	for k, c := range x.Suffix {
		g.emit(vm.OpSCopy, int32(w.column(c.Column)), n+int32(k), 0)
	}
}

// newKey loads the key of index number i for the new row.
func (g *gen) newKey(w *writer, i int) reg {
	if w.keys[i] != 0 {
		return w.keys[i]
	}
	x := w.t.Indexes[i]
	keys := g.regs(x.Width())
	for k, c := range x.Columns {
		g.emit(vm.OpSCopy, int32(w.column(c.Column)), int32(keys)+int32(k), 0)
	}
	g.suffix(w, x, keys)
	return keys
}

// addEntry inserts the entry of index number i for the new row.
func (g *gen) addEntry(w *writer, i int) {
	if w.rebuilds(w.t.Indexes[i]) {
		return
	}
	out := g.newLabel()
	if w.members[i] != 0 {
		g.emit(vm.OpIfNot, int32(w.members[i]), int32(out), 1)
	}
	keys := g.newKey(w, i)
	g.emit4(vm.OpIdxInsert, w.indexes[i], int32(keys), int32(w.t.Indexes[i].Width()), -1)
	if w.putsOff(w.t.Indexes[i]) {
		g.p5(vm.IdxLater)
	}
	g.bind(out)
}

// putsOff reports whether the entries of index x change when all rows have.
func (w *writer) putsOff(x *catalog.Index) bool { return w.later && !x.Unique && x != w.t.Key }

// rebuilds reports whether index x is built again from all rows, when they have changed.
func (w *writer) rebuilds(x *catalog.Index) bool { return w.anew && w.putsOff(x) }

// mayPutOff reports whether nobody looks at the indexes of w's table while its
// rows change, and no row stays changed when another one fails: the entries of
// its indexes may then change all at once. exprs are evaluated on the way.
func (g *gen) mayPutOff(w *writer, exprs []*expr) bool {
	if g != g.unit.root || w.isView() || w.hooked() || len(w.upserts) > 0 || g.hookedReplace(w) || w.mayDelete() || w.resolves(vm.ActionFail) {
		return false
	}
	for _, e := range exprs {
		if e != nil && exprReads(e, w.t) {
			return false
		}
	}
	if w.returns != nil {
		for _, x := range w.returns.query.Cores[0].Results {
			if exprReads(x.Expr, w.t) {
				return false
			}
		}
	}
	return true
}

// mayWait lets the changes of indexes that one row makes wait for the end of the
// transaction.
func (g *gen) mayWait(w *writer) {
	k := 0
	for _, x := range w.t.Indexes {
		if x == w.t.Key {
			continue
		}
		if !x.Unique {
			g.code[w.opens[k]].P5 |= vm.OpenWait
		}
		k++
	}
}

// resolves reports whether a failing constraint may lead to an action.
func (w *writer) resolves(act int) bool {
	if w.or != vm.ActionNone {
		return w.or == act
	}
	found := int(w.t.RowidConflict) == act
	for _, x := range w.t.Indexes {
		found = found || int(x.Conflict) == act
	}
	for _, c := range w.t.Columns {
		found = found || c.NotNull && int(c.NotNullConflict) == act
	}
	for _, c := range w.t.Checks {
		found = found || int(c.Conflict) == act
	}
	return found
}

// applyLater makes the changes of indexes that have been put off; up as for
// constraints.
func (g *gen) applyLater(w *writer, up *updated) {
	for i, x := range w.t.Indexes {
		switch {
		case !w.putsOff(x) || up != nil && !up.touches(x, w):
		case w.anew:
			g.rebuildIndex(x, w.row, w.db)
		default:
			g.emit(vm.OpIdxApply, w.indexes[i], 0, 0)
		}
	}
}

// storeRow stores the record of the new row; flags are those of Insert.
func (g *gen) storeRow(w *writer, flags uint16) {
	rec := g.record(w)
	if w.t.Key == nil {
		g.emit4(vm.OpInsert, w.cursor, int32(rec), int32(w.base), g.table(w.t))
		g.p5(flags)
		return
	}
	g.emit4(vm.OpIdxInsert, w.cursor, int32(g.newHandle(w)), int32(len(w.t.Key.Columns)), int32(rec))
	if flags&vm.InsertCount != 0 {
		g.p5(vm.IdxCount)
	}
}

// addRow stores a new row with its entries.
func (g *gen) addRow(w *writer) {
	g.checkKeys(w, w.base, true)
	for i, x := range w.t.Indexes {
		if x != w.t.Key {
			g.addEntry(w, i)
		}
	}
	g.storeRow(w, vm.InsertCount|vm.InsertLastID)
}

// rewriteRow replaces the row that has the handle up.old by the new row.
func (g *gen) rewriteRow(w *writer, up *updated) {
	if up.key || g.hookedReplace(w) {
		// The test of the new key has moved the cursor; the row may be gone.
		g.seekRow(w, up.old, w.skip)
	}
	g.checkKeys(w, w.old, false)
	for i, x := range w.t.Indexes {
		if x != w.t.Key && up.touches(x, w) {
			g.deleteEntry(w, i, up.old)
		}
	}
	if up.key || up.all {
		g.emit4(vm.OpDelete, w.cursor, 0, 0, g.table(w.t))
	}
	g.checkKeys(w, w.base, true)
	for i, x := range w.t.Indexes {
		if x != w.t.Key && up.touches(x, w) {
			g.addEntry(w, i)
		}
	}
	g.storeRow(w, vm.InsertCount)
	g.keyActions(w, up)
}

// hookedReplace reports whether REPLACE may run programs.
func (g *gen) hookedReplace(w *writer) bool {
	return (len(w.onReplace) > 0 || g.keysMatter(w.t, nil)) && w.mayDelete()
}

// hooked reports whether programs or foreign keys look at the rows that change.
func (w *writer) hooked() bool { return len(w.triggers) > 0 || w.foreign != nil }

// removeRow deletes the row that w's table cursor is on, with what that fires;
// handle is its own.
func (g *gen) removeRow(w *writer, handle reg, flags uint16) {
	g.oldRow(w, handle)
	fired := g.before(w)
	if w.isView() {
		g.after(w)
		return
	}
	if fired {
		g.seekRow(w, handle, w.skip)
	}
	g.checkKeys(w, w.base, false)
	g.deleteRow(w, handle, flags)
	g.keyActions(w, nil)
	g.after(w)
}

// deleteRow deletes the row that w's table cursor is on; handle is its own.
func (g *gen) deleteRow(w *writer, handle reg, flags uint16) {
	for i, x := range w.t.Indexes {
		if x != w.t.Key {
			g.deleteEntry(w, i, handle)
		}
	}
	g.emit4(vm.OpDelete, w.cursor, 0, 0, g.table(w.t))
	g.p5(flags)
}

// deleteEntry deletes the entry of index number i for the row that the table
// cursor is on.
func (g *gen) deleteEntry(w *writer, i int, handle reg) {
	x := w.t.Indexes[i]
	if w.rebuilds(x) {
		return
	}
	mark, out := g.top, g.newLabel()
	g.bindOld(w)
	defer g.pure(inIndex)()
	if where := w.row.Where(x); where != nil {
		g.jumpIf(where, out, false, true)
	}
	if w.putsOff(x) && w.t.Key == nil {
		g.emit(vm.OpIdxRow, w.indexes[i], int32(out), int32(handle))
	}
	keys := g.regs(x.Width())
	for k, c := range x.Columns {
		if c.Column >= 0 && c.Column == w.t.RowidAlias {
			g.emit(vm.OpSCopy, int32(handle), int32(keys)+int32(k), 0)
			continue
		}
		g.exprTo(w.row.Key(x, k), keys+reg(k))
	}
	end := keys + reg(len(x.Columns))
	if w.t.Key == nil {
		g.emit(vm.OpSCopy, int32(handle), int32(end), 0)
	}
	for k, c := range x.Suffix {
		g.exprTo(resolve.Column(w.row, c.Column), end+reg(k))
	}
	g.emit(vm.OpIdxDelete, w.indexes[i], int32(keys), int32(x.Width()))
	if w.putsOff(x) {
		g.p5(vm.IdxLater)
	}
	g.bind(out)
	g.release(mark)
}
