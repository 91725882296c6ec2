package codegen

import (
	"github.com/rustlite/rustlite/planner/plan"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// rowOperand is one side of a comparison of rows: the first register of a
// subquery's row, or expressions that are evaluated as they are needed.
type rowOperand struct {
	e    *expr
	base reg
}

func (g *gen) rowOperand(e *expr) rowOperand {
	if e.Op == resolve.OpScalar {
		return rowOperand{e, g.subqueryRow(e)}
	}
	return rowOperand{e, 0}
}

// fieldOf evaluates column i. The affinity and collation are those of the
// subquery's result.
func (g *gen) fieldOf(o rowOperand, i int) *expr {
	if o.base != 0 {
		return resolve.Reg(int(o.base)+i, o.e.Field(i))
	}
	x := o.e.Field(i)
	return resolve.Reg(int(g.expr(x)), x)
}

// rowInRegs evaluates a row value once and returns one of registers.
func (g *gen) rowInRegs(e *expr) *expr {
	o := g.rowOperand(e)
	n := e.Width()
	base := g.regs(n)
	list := make([]*expr, n)
	for i := range list {
		if o.base != 0 {
			g.emit(vm.OpSCopy, int32(o.base)+int32(i), int32(base)+int32(i), 0)
		} else {
			g.exprTo(e.Field(i), base+reg(i))
		}
		list[i] = resolve.Reg(int(base)+i, e.Field(i))
	}
	return resolve.Row(list)
}

// compareRows evaluates a comparison of row values to 0, 1 or NULL, column by
// column as far as it is undecided. Columns behind the one that decides are
// not evaluated.
func (g *gen) compareRows(e *expr, target reg) {
	l, r := g.rowOperand(e.L), g.rowOperand(e.R)
	n := e.L.Width()
	done := g.newLabel()
	op, flags := e.Op, uint16(0)
	if op == resolve.OpIs || op == resolve.OpIsNot {
		flags = vm.CmpNullEq
	}
	out := g.temp()
	for i := 0; i < n; i++ {
		mark := g.top
		x, y := g.fieldOf(l, i), g.fieldOf(r, i)
		last := i == n-1
		compare := func(op resolve.Op, to label, flags uint16) {
			g.compare(resolve.Binary(op, x, y), int32(to), flags)
		}
		switch op {
		case resolve.OpEq, resolve.OpNe, resolve.OpIs, resolve.OpIsNot:
			// The first difference decides; a NULL leaves it open.
			equal := g.newLabel()
			if i == 0 {
				g.emit(vm.OpInteger, 1, int32(out), 0)
			}
			compare(map[bool]resolve.Op{true: resolve.OpIs, false: resolve.OpEq}[flags != 0], equal, 0)
			differ := g.newLabel()
			if flags == 0 {
				null := g.newLabel()
				g.emit(vm.OpIsNull, int32(x.Index), int32(null), 0)
				g.emit(vm.OpNotNull, int32(y.Index), int32(differ), 0)
				g.bind(null)
				g.emit(vm.OpNull, 0, int32(out), 0)
				g.jump(equal)
			}
			g.bind(differ)
			g.emit(vm.OpInteger, 0, int32(out), 0)
			g.jump(done)
			g.bind(equal)
		default:
			// All but the last column must be equal for the next to count.
			less := op == resolve.OpLt || op == resolve.OpLe
			strict := map[bool]resolve.Op{true: resolve.OpLt, false: resolve.OpGt}[less]
			if last {
				strict = op
			}
			g.emit(vm.OpInteger, 1, int32(out), 0)
			compare(strict, done, 0)
			next := g.newLabel()
			if !last {
				compare(resolve.OpEq, next, 0)
			}
			null := g.newLabel()
			g.emit(vm.OpInteger, 0, int32(out), 0)
			g.emit(vm.OpIsNull, int32(x.Index), int32(null), 0)
			g.emit(vm.OpNotNull, int32(y.Index), int32(done), 0)
			g.bind(null)
			g.emit(vm.OpNull, 0, int32(out), 0)
			if !last {
				g.jump(done)
			}
			g.bind(next)
		}
		g.release(mark)
	}
	g.bind(done)
	if op == resolve.OpNe || op == resolve.OpIsNot {
		g.emit(vm.OpNot, int32(out), int32(target), 0)
		return
	}
	g.emit(vm.OpSCopy, int32(out), int32(target), 0)
}

// subqueryRow evaluates a subquery to its first row, NULLs when it has none.
// One that reads nothing from outside runs once, however many expressions ask
// for its columns: they share a subroutine.
func (g *gen) subqueryRow(e *expr) reg {
	if s, ok := g.rowSubs[e.Query]; ok {
		g.emit(vm.OpGosub, int32(s.back), int32(s.start), 0)
		return s.row
	}
	p := plan.First(g.env.Plan, e.Query)
	g.subqueries++
	done, t := g.explainSub(e.Query, "SCALAR SUBQUERY")
	defer done()
	row := g.fixed(p.Width())
	if e.Query.Correlated {
		g.scalarBody(p, row, t)
		return row
	}
	s := rowSubroutine{row: row, back: g.fixed(1), start: g.newLabel()}
	over, end := g.newLabel(), g.newLabel()
	g.emit(vm.OpGosub, int32(s.back), int32(s.start), 0)
	g.jump(over)
	g.bind(s.start)
	g.once(end)
	g.scalarBody(p, row, t)
	g.bind(end)
	g.emit(vm.OpReturn, int32(s.back), 0, 0)
	g.bind(over)
	put(&g.rowSubs, e.Query, s)
	return row
}

// rowSubroutine is the code of a subquery that gives one row.
type rowSubroutine struct {
	row, back reg
	start     label
}

// fieldsOnce evaluates the subqueries of several columns among list, each
// once, and returns the list with registers in the places of their columns.
func (g *gen) fieldsOnce(list []*expr) []*expr {
	var rows map[*expr]reg
	for i, e := range list {
		if e == nil || e.Op != resolve.OpField {
			continue
		}
		if rows == nil {
			rows, list = map[*expr]reg{}, append([]*expr(nil), list...)
		}
		base, known := rows[e.L]
		if !known {
			base = g.subqueryRow(e.L)
			rows[e.L] = base
		}
		list[i] = resolve.Reg(int(base)+e.Index, e)
	}
	return list
}

// field evaluates one column of a subquery of several.
func (g *gen) field(e *expr, target reg) {
	g.emit(vm.OpSCopy, int32(g.subqueryRow(e.L))+int32(e.Index), int32(target), 0)
}

// rowInTo evaluates (a, b) [NOT] IN (...) to 0, 1 or NULL: NULL when a row of
// the set differs for certain in no column.
func (g *gen) rowInTo(e *expr, target reg) {
	n := e.L.Width()
	x := reg(g.rowInRegs(e.L).List[0].Index)
	g.applyAffinity(x, inAffinities(e))
	set, nullReg := g.inSet(e)
	done, found, search, null := g.newLabel(), g.newLabel(), g.newLabel(), g.newLabel()
	g.emit(vm.OpIsNull, int32(x), int32(search), int32(n))
	g.emit4(vm.OpFound, set, int32(found), int32(x), int32(n))
	none := g.newLabel()
	g.emit(vm.OpIfNot, int32(nullReg), int32(none), 0) // Nothing can be unknown.
	g.bind(search)
	step := g.scanAll(set, false, none)
	next := g.newLabel()
	y := g.temp()
	for k := 0; k < n; k++ {
		g.emit4(vm.OpColumn, set, int32(k), int32(y), -1)
		g.emit4(vm.OpNe, int32(y), int32(next), int32(x)+int32(k), g.coll(inCollation(e, k)))
	}
	g.jump(null)
	g.bind(next)
	step()
	g.bind(none)
	g.membership(e, target, done, found, null)
}
