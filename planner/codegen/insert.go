package codegen

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Insert compiles an INSERT.
func Insert(env *Env, ins *resolve.Insert) (*vm.Program, error) {
	g := newGen(env)
	g.prog.CountRows = true
	g.insert(ins)
	return g.finish()
}

func (g *gen) insert(ins *resolve.Insert) {
	var p *plan.Physical
	single := true
	if ins.Query != nil {
		p = plan.Query(g.env.Plan, ins.Query)
		single = p.Left == nil && len(p.Rows) == 1 && p.Limit == nil && len(p.OrderBy) == 0
	}
	one := g == g.unit.root && single && len(ins.Triggers) == 0 && ins.Returning == nil && g.addsOnly(ins)
	w := g.openWriter(ins.Row, change{db: ins.DB, event: ast.TriggerInsert, triggers: ins.Triggers, or: ins.Or, one: one})
	w.checks, w.upserts = ins.Checks, ins.Upserts
	w.returns = g.openReturning(ins.Returning)
	w.numbered = ins.Rowid < 0
	if ins.Table.Autoincrement {
		w.auto = g.autoincrement(ins.Table, ins.DB)
	}
	w.later = p != nil && p.Rows == nil && g.mayPutOff(w, nil)
	if (single || p.Left == nil && p.Rows != nil) && w.returns == nil && (ins.Query == nil || !readsTable(ins.Query, ins.Table)) && g.mayPutOff(w, nil) {
		g.mayWait(w)
	}
	insert := func(src reg) {
		w.skip = g.newLabel()
		g.insertRowOf(w, ins, src)
		g.bind(w.skip)
	}
	if p == nil {
		insert(0)
	} else {
		if !single || w.mayDelete() {
			g.unit.root.prog.Statement = true
		}
		g.feed(p, !single && len(w.triggers) > 0 || readsTable(ins.Query, ins.Table), single, insert)
	}
	g.applyLater(w, nil)
	g.endChanges(w.returns)
}

// mayDelete reports whether REPLACE may remove rows on the way, so that even
// one row can fail after a change.
func (w *writer) mayDelete() bool {
	if w.or != vm.ActionNone {
		return w.or == vm.ActionReplace
	}
	if int(w.t.RowidConflict) == vm.ActionReplace {
		return true
	}
	for _, x := range w.t.Indexes {
		if int(x.Conflict) == vm.ActionReplace {
			return true
		}
	}
	return false
}

// addsOnly reports whether no conflict that an INSERT can meet leads to changes
// of several rows: to REPLACE, or to a DO UPDATE that triggers or keys look at.
// A row id that the table chooses meets none.
func (g *gen) addsOnly(ins *resolve.Insert) bool {
	w := &writer{t: ins.Table, or: int(ins.Or), upserts: ins.Upserts}
	adds := func(x *catalog.Index) bool {
		act, u := w.conflict(x)
		return act != vm.ActionReplace && (u == nil || len(u.Update.Triggers) == 0 && !g.keysMatter(ins.Table, newUpdated(u.Update, 0)))
	}
	for _, x := range ins.Table.Indexes {
		if x.Unique && !adds(x) {
			return false
		}
	}
	return ins.Rowid < 0 || adds(nil)
}

// feed compiles the rows of a plan for a consumer that changes tables: when
// the plan reads the changed table the rows are collected first; code that
// would be repeated for several rows runs as a co-routine.
func (g *gen) feed(p *plan.Physical, collect, single bool, one sink) {
	n := p.Width()
	switch {
	case collect:
		c := g.cursor()
		g.materialize(p, c, func(reg) {})
		end := g.newLabel()
		step := g.scanAll(c, false, end)
		row := g.fixed(n)
		for i := 0; i < n; i++ {
			g.emit4(vm.OpColumn, c, int32(i), int32(row)+int32(i), -1)
		}
		one(row)
		step()
		g.bind(end)
	case single:
		g.query(p, one)
	default:
		co, row := g.fixed(1), g.fixed(n)
		start, after, end := g.newLabel(), g.newLabel(), g.newLabel()
		g.emit(vm.OpInitCoroutine, int32(co), int32(after), int32(start))
		g.bind(start)
		if p.Rows != nil && len(p.OrderBy) == 0 && p.Limit == nil {
			for _, list := range p.Rows {
				mark := g.top
				for i, e := range list {
					g.exprTo(e, row+reg(i))
				}
				g.emit(vm.OpYield, int32(co), 0, 0)
				g.release(mark)
			}
		} else {
			g.query(p, func(base reg) {
				g.emit(vm.OpCopy, int32(base), int32(row), int32(n-1))
				g.emit(vm.OpYield, int32(co), 0, 0)
			})
		}
		g.emit(vm.OpEndCoroutine, int32(co), 0, 0)
		g.bind(after)
		top := int32(len(g.code))
		g.emit(vm.OpYield, int32(co), int32(end), 0)
		one(row)
		g.emit(vm.OpGoto, 0, top, 0)
		g.bind(end)
	}
}

// readsTable reports whether a query reads the tree of t anywhere.
func readsTable(q *resolve.Query, t *catalog.Table) bool {
	found := false
	var visit func(q *resolve.Query)
	visit = func(q *resolve.Query) {
		for _, c := range q.Cores {
			for _, s := range c.Sources {
				if s.Query != nil {
					visit(s.Query)
				} else if s.Table != nil && s.Table.Root == t.Root && s.Table.DB == t.DB {
					found = true
				}
			}
		}
		q.Exprs(func(e *expr) { found = found || exprReads(e, t) })
	}
	visit(q)
	return found
}

// exprReads reports whether a subquery of e reads the tree of t.
func exprReads(e *expr, t *catalog.Table) bool {
	found := false
	resolve.Walk(e, func(x *expr) bool {
		found = found || x.Query != nil && readsTable(x.Query, t)
		return !found
	})
	return found
}

// insertRowOf brings the values in registers from src on into the row of w
// and inserts it.
func (g *gen) insertRowOf(w *writer, ins *resolve.Insert, src reg) {
	mark := g.top
	t := w.t
	for i := range t.Columns {
		r := int32(w.base) + 1 + int32(i)
		switch {
		case i == t.RowidAlias:
			g.emit(vm.OpNull, 0, r, 0)
		case t.Columns[i].Generated != nil:
			// Computed from the others.
		case ins.From[i] >= 0:
			g.emit(vm.OpSCopy, int32(src)+int32(ins.From[i]), r, 0)
		default:
			g.exprTo(ins.Defaults[i], reg(r))
		}
	}
	if w.fires(true) || w.isView() {
		g.beforeInsert(w, ins, src)
	}
	if !w.isView() {
		if t.Key == nil {
			g.newRowid(w, ins, src)
		}
		g.applyTableAffinity(w)
		g.generate(w)
		if w.hooked() {
			g.own(w)
		}
		g.constraints(w, nil)
		g.addRow(w)
	}
	g.after(w)
	g.release(mark)
}

// beforeInsert fires the triggers that come before a new row, whose row id is
// -1 where it has none yet.
func (g *gen) beforeInsert(w *writer, ins *resolve.Insert, src reg) {
	g.emit(vm.OpInteger, -1, int32(w.base), 0)
	if ins.Rowid >= 0 {
		none := g.newLabel()
		given := int32(src) + int32(ins.Rowid)
		g.emit(vm.OpIsNull, given, int32(none), 0)
		g.emit(vm.OpSCopy, given, int32(w.base), 0)
		g.emit(vm.OpMustBeInt, int32(w.base), 0, 0)
		g.bind(none)
	}
	if !w.isView() {
		g.applyTableAffinity(w)
		g.generate(w)
	}
	g.before(w)
}

// newRowid chooses the row id of a new row.
func (g *gen) newRowid(w *writer, ins *resolve.Insert, src reg) {
	auto := int32(0)
	if w.auto != nil {
		auto = int32(w.auto.max)
	}
	if ins.Rowid < 0 {
		g.emit(vm.OpNewRowid, w.cursor, int32(w.base), auto)
		return
	}
	given, done := g.newLabel(), g.newLabel()
	g.emit(vm.OpSCopy, int32(src)+int32(ins.Rowid), int32(w.base), 0)
	g.emit(vm.OpNotNull, int32(w.base), int32(given), 0)
	g.emit(vm.OpNewRowid, w.cursor, int32(w.base), auto)
	g.jump(done)
	g.bind(given)
	g.emit(vm.OpMustBeInt, int32(w.base), 0, 0)
	if w.auto != nil {
		// A larger row id moves the sequence on.
		g.emit(vm.OpMemMax, int32(w.auto.max), int32(w.base), 0)
	}
	g.bind(done)
}

func (g *gen) applyTableAffinity(w *writer) {
	affs := make([]value.Affinity, len(w.t.Columns))
	for i, c := range w.t.Columns {
		affs[i] = c.Affinity
		if i == w.t.RowidAlias || c.Generated != nil {
			affs[i] = value.AffBlob // NULL stands in its place, or nothing yet.
		}
		if w.patch != nil && !slices.Contains(w.patch.Columns, int32(i)) {
			affs[i] = value.AffBlob // As it has been stored.
		}
	}
	g.applyAffinity(w.base+1, affs)
}

// autoincrement keeps the registers of AUTOINCREMENT: the largest row id ever
// used, and where sqlite_sequence keeps it. They are those of the statement's
// own program, for its triggers may insert into the same table.
type autoincrement struct {
	table  string
	seq    *catalog.Table
	db     int
	name   reg
	max    reg
	rowid  reg // Of the entry in sqlite_sequence, NULL when there is none yet.
	cursor int32
}

// autoincrement finds or makes the registers of a table.
func (g *gen) autoincrement(t *catalog.Table, db int) *autoincrement {
	u := g.unit
	if a := u.autos[t]; a != nil {
		return a
	}
	seq := g.env.Resolve.Catalog.Schemas[db].Table("sqlite_sequence")
	if seq == nil {
		g.fail(resolve.NotYet("AUTOINCREMENT without sqlite_sequence"))
		return &autoincrement{}
	}
	a := &autoincrement{table: t.Name, seq: seq, db: db, cursor: u.root.cursor()}
	a.name = u.root.fixed(3)
	a.max, a.rowid = a.name+1, a.name+2
	put(&u.autos, t, a)
	u.order = append(u.order, a)
	return a
}

// beginAutoincrements reads the sequences before the statement begins.
func (g *gen) beginAutoincrements() {
	for _, a := range g.unit.order {
		g.beginAutoincrement(a)
	}
}

func (g *gen) beginAutoincrement(a *autoincrement) {
	g.emit4(vm.OpOpenWrite, a.cursor, int32(a.seq.Root), int32(a.db), -1)
	g.loadConst(ptr(value.FromString(a.table)), a.name)
	g.emit(vm.OpInteger, 0, int32(a.max), 0)
	g.emit(vm.OpNull, 0, int32(a.rowid), 0)
	end, next := g.newLabel(), g.newLabel()
	step := g.scanAll(a.cursor, false, end)
	r := g.temp()
	g.emit4(vm.OpColumn, a.cursor, 0, int32(r), -1)
	g.emit4(vm.OpNe, int32(a.name), int32(next), int32(r), -1)
	g.emit(vm.OpRowid, a.cursor, int32(a.rowid), 0)
	g.emit4(vm.OpColumn, a.cursor, 1, int32(a.max), -1)
	g.emit(vm.OpCast, int32(a.max), int32(value.AffInteger), 0)
	g.emit(vm.OpAddImm, int32(a.max), 0, 0)
	g.jump(end)
	g.bind(next)
	step()
	g.bind(end)
}

// endAutoincrements stores the sequences when all rows are in.
func (g *gen) endAutoincrements() {
	for _, a := range g.unit.order {
		g.endAutoincrement(a)
	}
}

func (g *gen) endAutoincrement(a *autoincrement) {
	have := g.newLabel()
	g.emit(vm.OpNotNull, int32(a.rowid), int32(have), 0)
	g.emit(vm.OpNewRowid, a.cursor, int32(a.rowid), 0)
	g.bind(have)
	rec := g.temp()
	g.emit4(vm.OpMakeRecord, int32(a.name), 2, int32(rec), -1)
	g.emit4(vm.OpInsert, a.cursor, int32(rec), int32(a.rowid), -1)
}

func ptr[T any](v T) *T { return &v }
