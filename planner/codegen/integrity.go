package codegen

import (
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// problems hands out what integrity_check finds, up to a number of rows.
type problems struct {
	left, found reg
	end         label
}

// report hands out the text in register r.
func (g *gen) report(p *problems, r reg) {
	g.emit(vm.OpInteger, 1, int32(p.found), 0)
	g.emit(vm.OpResultRow, int32(r), 1, 0)
	g.emit(vm.OpDecrJumpZero, int32(p.left), int32(p.end), 0)
}

// checkComputed compares the indexes that compute something with the rows of
// their table: only a program can.
func (g *gen) checkComputed(t *catalog.Table, db int, p *problems) {
	row, err := resolve.RowSource(g.env.Resolve, t)
	if err != nil {
		g.fail(err)
		return
	}
	if row.Indexed == nil {
		return
	}
	table := g.cursor()
	g.emit4(vm.OpOpenRead, table, int32(t.Root), int32(db), g.tableKey(t))
	g.bindings[row] = &binding{cursor: table, index: -1}
	cursors, counts := make([]int32, len(t.Indexes)), make([]reg, len(t.Indexes))
	for k, x := range t.Indexes {
		if !x.Computed() {
			continue
		}
		cursors[k], counts[k] = g.cursor(), g.fixed(1)
		g.emit4(vm.OpOpenRead, cursors[k], int32(x.Root), int32(db), g.key(indexKey(x)))
		g.emit(vm.OpInteger, 0, int32(counts[k]), 0)
	}
	done := g.newLabel()
	step := g.scanAll(table, false, done)
	for k, x := range t.Indexes {
		if !x.Computed() {
			continue
		}
		mark, next := g.top, g.newLabel()
		if where := row.Where(x); where != nil {
			g.jumpIf(where, next, false, true)
		}
		g.emit(vm.OpAddImm, int32(counts[k]), 1, 0)
		keys := g.indexRegs(x, row)
		g.emit4(vm.OpFound, cursors[k], int32(next), int32(keys), int32(x.Width()))
		text, part := g.temp(), g.temp()
		g.loadConst(ptr(value.FromString("row ")), text)
		g.emit(vm.OpRowid, table, int32(part), 0)
		g.emit(vm.OpConcat, int32(part), int32(text), int32(text))
		g.loadConst(ptr(value.FromString(" missing from index "+x.Name)), part)
		g.emit(vm.OpConcat, int32(part), int32(text), int32(text))
		g.report(p, text)
		g.bind(next)
		g.release(mark)
	}
	step()
	g.bind(done)
	for k, x := range t.Indexes {
		if !x.Computed() {
			continue
		}
		same, r := g.newLabel(), g.temp()
		g.emit(vm.OpCount, cursors[k], int32(r), 0)
		g.emit4(vm.OpEq, int32(counts[k]), int32(same), int32(r), -1)
		g.loadConst(ptr(value.FromString("wrong # of entries in index "+x.Name)), r)
		g.report(p, r)
		g.bind(same)
	}
}

// checkRows tests the rows of a table against its CHECK constraints.
func (g *gen) checkRows(t *catalog.Table, db int, p *problems) {
	if len(t.Checks) == 0 || g.env.IgnoreChecks {
		return
	}
	row, err := resolve.RowSource(g.env.Resolve, t)
	var list []*expr
	if err == nil {
		list, err = resolve.RowChecks(g.env.Resolve, row)
	}
	if err != nil {
		g.fail(err)
		return
	}
	table := g.cursor()
	g.emit4(vm.OpOpenRead, table, int32(t.Root), int32(db), g.tableKey(t))
	g.bindings[row] = &binding{cursor: table, index: -1}
	done, next := g.newLabel(), g.newLabel()
	step := g.scanAll(table, false, done)
	mark, wrong := g.top, g.newLabel()
	pure := g.pure("a CHECK constraint")
	for _, e := range list {
		g.jumpIf(e, wrong, false, false)
	}
	pure()
	g.jump(next)
	g.bind(wrong)
	text := g.temp()
	g.loadConst(ptr(value.FromString("CHECK constraint failed in "+t.Name)), text)
	g.report(p, text)
	g.bind(next)
	g.release(mark)
	step()
	g.bind(done)
	g.emit(vm.OpClose, table, 0, 0)
}
