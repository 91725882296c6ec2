package codegen

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/record"
)

// recursive compiles a recursive CTE. Rows wait in a queue: first those of the
// setup; then the first row of the queue goes out, and the step puts those that
// it makes of that row at the queue's end, or, with ORDER BY, in their place.
// With UNION a row that came before is not queued.
func (g *gen) recursive(p *plan.Physical, lim limiter, end label, out sink) {
	n, m := p.Width(), len(p.OrderBy)
	current := g.fixed(n)
	put(&g.currents, p.Recursion, current)
	queue, seen := g.cursor(), int32(-1)
	if p.Op == ast.Union {
		seen = g.rowSet(p)
	}
	if m > 0 {
		key := orderKey(p.OrderBy)
		key.Cols = append(key.Cols, record.KeyColumn{}) // The order of arrival.
		g.emit4(vm.OpOpenEphemeral, queue, 0, 0, g.key(key))
	} else {
		g.emit4(vm.OpOpenEphemeral, queue, 0, 0, -1)
	}
	put := func(base reg) {
		mark, known := g.top, g.newLabel()
		if seen >= 0 {
			g.emit4(vm.OpFound, seen, int32(known), int32(base), int32(n))
			g.emit4(vm.OpIdxInsert, seen, int32(base), int32(n), -1)
			g.p5(1)
		}
		// A record of an ordered queue ends with its key.
		row, rec := g.regs(n+m+1), g.temp()
		g.emit(vm.OpCopy, int32(base), int32(row), int32(n-1))
		if m > 0 {
			for i, o := range p.OrderBy {
				g.emit(vm.OpSCopy, int32(base)+int32(o.Col), int32(row)+int32(n+i), 0)
			}
			g.emit(vm.OpSequence, queue, int32(row)+int32(n+m), 0)
			g.emit4(vm.OpMakeRecord, int32(row), int32(n+m+1), int32(rec), -1)
			g.emit4(vm.OpIdxInsert, queue, int32(row)+int32(n), int32(m+1), int32(rec))
		} else {
			g.emit4(vm.OpMakeRecord, int32(row), int32(n), int32(rec), -1)
			g.emit(vm.OpNewRowid, queue, int32(row), 0)
			g.emit4(vm.OpInsert, queue, int32(rec), int32(row), -1)
		}
		g.bind(known)
		g.release(mark)
	}
	up := g.under(g.explain("SETUP"))
	g.query(p.Left, put)
	up()
	top := int32(len(g.code))
	g.emit(vm.OpRewind, queue, int32(end), 0)
	key := g.fixed(m + 1)
	for i := 0; i < n; i++ {
		g.emit4(vm.OpColumn, queue, int32(i), int32(current)+int32(i), -1)
		g.p5(vm.ColumnOwn)
	}
	if m > 0 {
		for i := 0; i <= m; i++ {
			g.emit4(vm.OpColumn, queue, int32(n+i), int32(key)+int32(i), -1)
			g.p5(vm.ColumnOwn)
		}
		g.emit(vm.OpIdxDelete, queue, int32(key), int32(m+1))
	} else {
		g.emit(vm.OpDelete, queue, 0, 0)
	}
	skip := g.newLabel()
	if lim.offset != 0 {
		g.emit(vm.OpIfPos, int32(lim.offset), int32(skip), 1)
	}
	out(current)
	if lim.limit != 0 {
		g.emit(vm.OpDecrJumpZero, int32(lim.limit), int32(end), 0)
	}
	g.bind(skip)
	up = g.under(g.explain("RECURSIVE STEP"))
	g.query(p.Right, put)
	up()
	g.emit(vm.OpGoto, 0, top, 0)
}
