package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
)

// updated tells the constraints which parts of an existing row change; nil for
// a new row.
type updated struct {
	old     reg  // Handle of the row before.
	key     bool // The row id or the primary key may change.
	columns []bool
	all     bool // The row is deleted and inserted anew.
}

// newUpdated says what an UPDATE changes; its rows' handles go to old.
func newUpdated(up *resolve.Update, old reg) *updated {
	t := up.Target.Table
	info := &updated{old: old, key: up.Rowid != nil, columns: make([]bool, len(t.Columns))}
	for i, e := range up.Set {
		info.columns[i] = e != nil
	}
	if a := t.RowidAlias; a >= 0 {
		info.columns[a] = info.key
	}
	up.Row.Changed(info.columns)
	if t.Key != nil {
		for _, c := range t.Key.Columns {
			info.key = info.key || info.columns[c.Column]
		}
	}
	return info
}

// readBy reports whether e, an expression over w.row, reads what changes.
func (up *updated) readBy(e *expr, w *writer) bool {
	found := false
	resolve.Walk(e, func(x *expr) bool {
		if x.Op == resolve.OpColumn && x.Source == w.row {
			found = found || x.Index >= 0 && up.columns[x.Index] || x.Index < 0 && up.key
		}
		return !found
	})
	return found
}

// touches reports whether an update may change the entry of index x.
func (up *updated) touches(x *catalog.Index, w *writer) bool {
	if up.key || up.all {
		return true
	}
	if in := w.row.Indexed[x]; in != nil {
		for i, changes := range up.columns {
			if changes && in.Reads(i) {
				return true
			}
		}
		return false
	}
	for _, c := range x.Columns {
		if c.Column >= 0 && up.columns[c.Column] {
			return true
		}
	}
	return false
}

// Update compiles an UPDATE. Each row is read, its new values are computed and
// tested, and the row is changed: on the way through the table where no change
// leads to a row anew or hides one (onePass), else after the rows to change have
// been collected.
func Update(env *Env, up *resolve.Update) (*vm.Program, error) {
	g := newGen(env)
	g.prog.CountRows = true
	g.update(up)
	return g.finish()
}

func (g *gen) update(up *resolve.Update) {
	var rows *rowList
	var p *plan.Physical
	switch {
	case up.From != nil:
		rows, up = g.collectFrom(up)
	case up.Row.Table.View != nil:
		rows = g.collectView(up.Target, up.Where, nil, nil)
	default:
		p = g.planRows(up.Target, up.Where)
	}
	info := newUpdated(up, g.fixed(handleWidth(up.Row.Table)))
	w := g.openWriter(up.Row, change{db: up.DB, event: ast.TriggerUpdate, triggers: up.Triggers, or: up.Or, up: info})
	info.all = w.foreign != nil && w.foreign.rewrites
	w.checks = up.Checks
	w.returns = g.openReturning(up.Returning)
	one := p != nil && !p.Unsolved && oneRow(p.Levels[0].Access, w.t)
	if !one || w.mayDelete() {
		g.unit.root.prog.Statement = true
	}
	w.later = !one && !info.key && g.mayPutOff(w, up.Set)
	w.anew = w.later && up.Where == nil && up.From == nil && !w.resolves(vm.ActionIgnore)
	if one && !info.key && w.returns == nil && g.mayPutOff(w, append(up.Set[:len(up.Set):len(up.Set)], up.Where)) {
		g.mayWait(w)
	}
	g.patches(w, up, info)
	body := func() {
		g.bindings[up.Target] = &binding{cursor: w.cursor, index: -1, own: true, records: w.isView()}
		g.updateRow(w, up, info)
	}
	if p != nil && !p.Unsolved && !info.key && g.onePass(w, p, one, false, up.Where) {
		g.passRows(w, p, info.old, body)
	} else {
		if p != nil {
			rows = g.collectRows(p, up.Target)
		}
		g.eachRow(rows, w, info.old, body)
	}
	g.applyLater(w, info)
	g.endChanges(w.returns)
}

// patches notes in w when the records of rows keep all columns but those that are set, and nobody asks for
// the whole new row.
func (g *gen) patches(w *writer, up *resolve.Update, info *updated) {
	t := w.t
	if t.Key != nil || t.Strict || w.isView() || w.hooked() || w.returns != nil || info.key || info.all || w.mayDelete() || len(w.row.GeneratedOrder) > 0 {
		return
	}
	patch, read := &vm.RecordPatch{Width: int32(len(t.Columns))}, make([]bool, len(t.Columns))
	for i, c := range t.Columns {
		if c.Place != i {
			return
		}
		if read[i] = up.Set[i] != nil && i != t.RowidAlias; read[i] {
			patch.Columns = append(patch.Columns, int32(i))
		}
	}
	for _, e := range w.checks {
		if info.readBy(e, w) {
			w.readsOf(e, read)
		}
	}
	for _, x := range t.Indexes {
		switch {
		case !info.touches(x, w):
		case x.Computed():
			return
		case !w.rebuilds(x):
			for _, c := range x.Columns {
				if c.Column >= 0 {
					read[c.Column] = true
				}
			}
		}
	}
	if a := t.RowidAlias; a >= 0 {
		read[a] = false // It is the row id.
	}
	w.patch, w.read = patch, read
}

// readsOf notes the columns of the new row that e reads.
func (w *writer) readsOf(e *expr, read []bool) {
	resolve.Walk(e, func(x *expr) bool {
		if x.Op == resolve.OpColumn && x.Source == w.row && x.Index >= 0 {
			read[x.Index] = true
		}
		return true
	})
}

// updateRow changes the row that w's table cursor is on, whose handle is in
// info.old and for which up.Target stands.
func (g *gen) updateRow(w *writer, up *resolve.Update, info *updated) {
	t := w.t
	if w.old != 0 {
		g.loadOld(w, up, info)
	}
	set := g.fieldsOnce(append(up.Set[:len(t.Columns):len(t.Columns)], up.Rowid))
	for i := range t.Columns {
		r := w.base + 1 + reg(i)
		switch {
		case i == t.RowidAlias:
			g.emit(vm.OpNull, 0, int32(r), 0)
		case t.Columns[i].Generated != nil:
			// Computed from the others.
		case set[i] != nil:
			g.exprTo(set[i], r)
		case w.patch != nil && !w.read[i]:
		default:
			g.exprTo(resolve.Column(up.Target, i), r)
		}
	}
	switch {
	case up.Rowid != nil:
		g.exprTo(set[len(t.Columns)], w.base)
		g.emit(vm.OpMustBeInt, int32(w.base), 0, 0)
	case t.Key == nil:
		g.emit(vm.OpSCopy, int32(info.old), int32(w.base), 0)
	}
	if !w.isView() || w.fires(true) {
		g.applyTableAffinity(w)
		g.generate(w)
	}
	if g.before(w) && !w.isView() {
		g.unchanged(w, up, info)
	}
	if !w.isView() {
		g.own(w)
		g.constraints(w, info)
		g.rewriteRow(w, info)
	}
	g.after(w)
}

// loadOld loads the row before the change into the registers of OLD.
func (g *gen) loadOld(w *writer, up *resolve.Update, info *updated) {
	if w.t.Key == nil && !w.isView() {
		g.emit(vm.OpSCopy, int32(info.old), int32(w.old), 0)
	}
	for i := range w.t.Columns {
		g.exprTo(resolve.Column(up.Target, i), w.old+1+reg(i))
	}
	g.emit(vm.OpOwn, int32(w.old), int32(len(w.t.Columns)+1), 0)
}

// unchanged reads what an UPDATE does not set again, for a trigger may have
// changed it; the row may be gone as well.
func (g *gen) unchanged(w *writer, up *resolve.Update, info *updated) {
	g.seekRow(w, info.old, w.skip)
	for i, c := range w.t.Columns {
		if up.Set[i] == nil && i != w.t.RowidAlias && c.Generated == nil {
			g.exprTo(resolve.Column(up.Target, i), w.base+1+reg(i))
		}
	}
	g.generate(w)
}

// rowList is where the handles of the rows to change wait.
type rowList struct {
	one bool // At most one row, whose handle is in r.
	set int32
	r   reg
	// records: the entries of set carry records with the new values, which go
	// to the registers from values on; then, without row ids, the handle.
	records bool
	values  reg
	n       int
	view    bool // The entries of set are the rows of a view, then such values.
}

// handleOf lists the columns of a handle of the rows of src.
func handleOf(src *resolve.Source) []*expr {
	t := src.Table
	if t.Key == nil {
		return []*expr{resolve.Column(src, resolve.RowidColumn)}
	}
	var list []*expr
	for _, c := range t.Key.Columns {
		list = append(list, resolve.Column(src, c.Column))
	}
	return list
}

// handleKey sorts the handles of a WITHOUT ROWID table as its tree does.
func handleKey(t *catalog.Table) *vm.KeyInfo {
	key := &vm.KeyInfo{}
	for _, c := range t.Key.Columns {
		key.Cols = append(key.Cols, record.KeyColumn{Collation: c.Collation, Desc: c.Desc})
	}
	return key
}

// collectFrom finds the rows that an UPDATE FROM changes, with their new
// values: of several for one row the last counts. The Update that it returns
// reads them from registers.
func (g *gen) collectFrom(up *resolve.Update) (*rowList, *resolve.Update) {
	src := up.Target
	t := src.Table
	if t.View != nil {
		return g.collectFromView(up)
	}
	handle := handleOf(src)
	c := *up.From
	c.Sources = append([]*resolve.Source{src}, up.From.Sources...)
	c.Where = up.Where
	for _, e := range handle {
		c.Results = append(c.Results, resolve.ResultItem{Expr: e})
	}
	l := &rowList{set: g.cursor(), records: true}
	list := append([]*expr(nil), up.Set...)
	list = append(list, up.Rowid)
	for _, e := range list {
		if e != nil {
			c.Results = append(c.Results, resolve.ResultItem{Expr: e})
			l.n++
		}
	}
	p := plan.Query(g.env.Plan, &resolve.Query{Cores: []*resolve.Core{&c}})
	n := len(handle)
	var fill sink
	if t.Key == nil {
		g.emit4(vm.OpOpenEphemeral, l.set, 0, 0, -1)
		fill = func(base reg) {
			rec := g.temp()
			g.emit4(vm.OpMakeRecord, int32(base)+1, int32(l.n), int32(rec), -1)
			g.emit4(vm.OpInsert, l.set, int32(rec), int32(base), -1)
		}
	} else {
		key := handleKey(t)
		key.PayloadRecord = true
		g.emit4(vm.OpOpenEphemeral, l.set, 0, 0, g.key(key))
		fill = func(base reg) {
			rec := g.temp()
			row := g.regs(l.n + n)
			if l.n > 0 {
				g.emit(vm.OpCopy, int32(base)+int32(n), int32(row), int32(l.n-1))
			}
			g.emit(vm.OpCopy, int32(base), int32(row)+int32(l.n), int32(n-1))
			g.emit4(vm.OpMakeRecord, int32(row), int32(l.n+n), int32(rec), -1)
			g.emit4(vm.OpIdxInsert, l.set, int32(base), int32(n), int32(rec))
		}
	}
	g.query(p, fill)
	l.values = g.fixed(max(l.n, 1))
	return l, fromRegisters(up, l.values)
}

// collectFromView is collectFrom for a view, whose rows have no handle.
func (g *gen) collectFromView(up *resolve.Update) (*rowList, *resolve.Update) {
	var values []*expr
	for _, e := range append(up.Set[:len(up.Set):len(up.Set)], up.Rowid) {
		if e != nil {
			values = append(values, e)
		}
	}
	l := g.collectView(up.Target, up.Where, up.From, values)
	return l, fromRegisters(up, l.values)
}

// fromRegisters is an Update that reads its new values from registers.
func fromRegisters(up *resolve.Update, values reg) *resolve.Update {
	changed := *up
	changed.Set = make([]*expr, len(up.Set))
	next := values
	take := func(e *expr) *expr {
		if e == nil {
			return nil
		}
		next++
		return resolve.Reg(int(next-1), e)
	}
	for i, e := range up.Set {
		changed.Set[i] = take(e)
	}
	changed.Rowid = take(up.Rowid)
	return &changed
}

// planRows plans how the rows that WHERE selects are found. The rows themselves
// are read later on, so no index can spare the way to them.
func (g *gen) planRows(src *resolve.Source, where *expr) *plan.Physical {
	read := handleOf(src)
	if src.Table.Key == nil {
		for i := range src.Table.Columns {
			read = append(read, resolve.Column(src, i))
		}
	}
	p := plan.AccessOnly(g.env.Plan, src, where, read)
	g.unsolved(p)
	return p
}

// onePass reports whether the rows of p may change, or go, while the table's cursor goes
// through them: it reads the table alone, by keys that do not change, and no
// program or subquery moves it or looks at rows that have changed too early.
func (g *gen) onePass(w *writer, p *plan.Physical, one, goes bool, where *expr) bool {
	a := p.Levels[0].Access
	switch {
	case w.t.Key != nil && (one || !goes) || len(p.Levels) != 1 || a.Reverse:
		return false
	case one:
		return a.Kind == plan.AccessRowid && !w.hooked() && len(w.upserts) == 0 && !w.mayDelete()
	default:
		all := a.Kind == plan.AccessScan || a.Kind == plan.AccessRowRange ||
			w.t.Key != nil && a.Kind == plan.AccessIndex && a.Index == w.t.Key && len(a.Eq) == 0 && a.Low == nil && a.High == nil && a.Like == nil
		return w.later && all && (where == nil || !exprReads(where, w.t))
	}
}

// passRows emits the loop over the rows of p by the cursor that changes them; body
// is compiled where it is on one, whose row id is in r. w.skip continues the loop.
func (g *gen) passRows(w *writer, p *plan.Physical, r reg, body func()) {
	src := p.Levels[0].Source
	if p.Levels[0].Access.Kind == plan.AccessIndex { // All of the key's.
		l, q := *p.Levels[0], *p
		l.Access, q.Levels = &plan.Access{Kind: plan.AccessScan}, []*plan.Level{&l}
		p = &q
	}
	g.bindings[src], g.passing = &binding{cursor: w.cursor, index: -1}, src
	g.loops(p, func(next, end label) {
		if w.t.Key == nil {
			g.emit(vm.OpRowid, w.cursor, int32(r), 0)
		} // Else the row goes, and nobody asks for its handle.
		w.skip = next
		body()
	})
}

// collectRows finds the rows of p.
func (g *gen) collectRows(p *plan.Physical, src *resolve.Source) *rowList {
	t := src.Table
	handle := handleOf(src)
	l := &rowList{r: g.fixed(len(handle))}
	if p.Unsolved {
		return l
	}
	if oneRow(p.Levels[0].Access, t) {
		l.one = true
		g.emit(vm.OpNull, 0, int32(l.r), 0)
		g.loops(p, func(next, end label) {
			for k, e := range handle {
				g.exprTo(e, l.r+reg(k))
			}
			if t.Key != nil {
				g.emit(vm.OpOwn, int32(l.r), int32(len(handle)), 0)
			}
		})
		return l
	}
	l.set = g.cursor()
	if t.Key == nil {
		g.loops(p, func(next, end label) {
			g.emit(vm.OpRowSetAdd, l.set, int32(g.expr(handle[0])), 0)
		})
		return l
	}
	g.emit4(vm.OpOpenEphemeral, l.set, 0, 0, g.key(handleKey(t)))
	g.loops(p, func(next, end label) {
		mark := g.top
		g.emit4(vm.OpIdxInsert, l.set, int32(g.exprs(handle)), int32(len(handle)), -1)
		g.release(mark)
	})
	return l
}

// oneRow reports whether an access finds at most one row by the table's key.
func oneRow(a *plan.Access, t *catalog.Table) bool {
	switch {
	case a.Kind == plan.AccessRowid:
		return a.Eq[0].In == nil
	case t.Key == nil || a.Kind != plan.AccessIndex || a.Index != t.Key || len(a.Eq) < len(t.Key.Columns):
		return false
	}
	for _, eq := range a.Eq {
		if eq.In != nil || eq.Null || eq.Each {
			return false
		}
	}
	return true
}

// eachRow emits the loop over the collected rows: the table cursor is put on
// each, its handle into r, where body is compiled. w.skip continues the loop.
func (g *gen) eachRow(l *rowList, w *writer, r reg, body func()) {
	done := g.newLabel()
	w.skip = g.newLabel()
	n := handleWidth(w.t)
	load := func(from int, to reg, n int) {
		for k := range n {
			g.emit4(vm.OpColumn, l.set, int32(from+k), int32(to)+int32(k), -1)
			g.p5(vm.ColumnOwn)
		}
	}
	switch {
	case l.one:
		g.emit(vm.OpIsNull, int32(l.r), int32(done), 0)
		for k := range n {
			g.emit(vm.OpSCopy, int32(l.r)+int32(k), int32(r)+int32(k), 0)
		}
		g.seekRow(w, r, done)
		body()
		g.bind(w.skip)
	case l.view:
		w.cursor = l.set
		step := g.scanAll(l.set, false, done)
		load(len(w.t.Columns), l.values, l.n)
		body()
		g.bind(w.skip)
		step()
	case l.records:
		step := g.scanAll(l.set, false, done)
		load(0, l.values, l.n)
		if w.t.Key == nil {
			g.emit(vm.OpRowid, l.set, int32(r), 0)
		} else {
			load(l.n, r, n)
		}
		g.seekRow(w, r, w.skip)
		body()
		g.bind(w.skip)
		step()
	case w.t.Key == nil:
		top := int32(len(g.code))
		g.emit(vm.OpRowSetRead, l.set, int32(done), int32(r))
		g.seekRow(w, r, w.skip)
		body()
		g.bind(w.skip)
		g.emit(vm.OpGoto, 0, top, 0)
	default:
		step := g.scanAll(l.set, false, done)
		load(0, r, n)
		g.seekRow(w, r, w.skip)
		body()
		g.bind(w.skip)
		step()
	}
	g.bind(done)
}

// Delete compiles a DELETE.
func Delete(env *Env, del *resolve.Delete) (*vm.Program, error) {
	g := newGen(env)
	g.prog.CountRows = true
	g.delete(del)
	return g.finish()
}

func (g *gen) delete(del *resolve.Delete) {
	t := del.Target.Table
	if del.Where == nil && del.Target.Index == nil && del.Returning == nil && len(del.Triggers) == 0 && !g.keysMatter(t, nil) {
		g.clearTable(t, del.DB)
		g.endChanges(nil)
		return
	}
	var rows *rowList
	var p *plan.Physical
	if t.View != nil {
		rows = g.collectView(del.Target, del.Where, nil, nil)
	} else {
		p = g.planRows(del.Target, del.Where)
	}
	one := p != nil && !p.Unsolved && oneRow(p.Levels[0].Access, t)
	w := g.openWriter(del.Row, change{db: del.DB, event: ast.TriggerDelete, triggers: del.Triggers})
	r := g.fixed(handleWidth(t))
	w.returns = g.openReturning(del.Returning)
	w.later = !one && g.mayPutOff(w, nil)
	if one && w.returns == nil && g.mayPutOff(w, []*expr{del.Where}) {
		g.mayWait(w)
	}
	body := func() { g.removeRow(w, r, vm.InsertCount) }
	if p != nil && !p.Unsolved && g.onePass(w, p, one, true, del.Where) {
		g.passRows(w, p, r, body)
	} else {
		if p != nil {
			rows = g.collectRows(p, del.Target)
		}
		g.eachRow(rows, w, r, body)
	}
	g.applyLater(w, nil)
	g.endChanges(w.returns)
}

// clearTable deletes all rows at once.
func (g *gen) clearTable(t *catalog.Table, db int) {
	g.use(db, true)
	count := g.fixed(1)
	g.emit(vm.OpInteger, 0, int32(count), 0)
	for _, x := range t.Indexes {
		if x != t.Key {
			g.emit(vm.OpClear, int32(x.Root), int32(db), 0)
		}
	}
	g.emit(vm.OpClear, int32(t.Root), int32(db), int32(count))
	g.p5(vm.InsertCount)
}
