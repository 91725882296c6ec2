package codegen

import (
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// The result of a correlated subquery holds as long as the columns from outside
// that it reads have the values that they had: rows of a join that come together
// with one row of its outer loop mostly do.

// memoKeysMax bounds the columns that are compared before a subquery runs again.
const memoKeysMax = 3

// ownRegister is the Index of a constant whose register is written later, so that
// it serves for no other.
const ownRegister = -1

// memoised evaluates a correlated subquery into target, by body if the last
// result does not hold.
func (g *gen) memoised(q *resolve.Query, target reg, body func(r reg)) {
	keys := g.memoKeys(q)
	if keys == nil {
		body(target)
		return
	}
	known, last, r := g.fixed(1), g.fixed(len(keys)), g.fixed(1)
	g.consts = append(g.consts, hoisted{&expr{Op: resolve.OpConst, Index: ownRegister}, known}) // NULL at first.
	now := make([]reg, len(keys))
	for k, e := range keys {
		now[k] = g.expr(e)
	}
	again, after := g.newLabel(), g.newLabel()
	g.emit(vm.OpIfNot, int32(known), int32(again), 1)
	for k := range keys {
		g.emit4(vm.OpNe, int32(now[k]), int32(again), int32(last)+int32(k), -1)
		g.p5(vm.CmpNullEq)
	}
	g.jump(after)
	g.bind(again)
	g.emit(vm.OpInteger, 0, int32(known), 0)
	for k := range keys {
		g.emit(vm.OpCopy, int32(now[k]), int32(last)+int32(k), 0)
	}
	body(r)
	g.emit(vm.OpInteger, 1, int32(known), 0)
	g.bind(after)
	g.emit(vm.OpSCopy, int32(r), int32(target), 0)
}

// memoKeys are the columns from outside that a subquery reads; nil where its
// result may depend on more, or columns may hold different values that compare
// as equal: those of reals and without a type.
func (g *gen) memoKeys(q *resolve.Query) (keys []*expr) {
	if !g.selects || g.afresh {
		return nil
	}
	ok := true
	var inside []*resolve.Source
	var aggs []*resolve.Agg
	var query func(q *resolve.Query)
	column := func(x *expr) {
		if slices.Contains(inside, x.Source) || slices.ContainsFunc(keys, func(k *expr) bool { return resolve.Equal(k, x) }) {
			return
		}
		t := x.Source.Table
		ok = ok && t != nil && t.View == nil && t.Module == nil && x.Source.Query == nil && x.Source.Current == nil && x.Source.Virtual(x.Index) == nil &&
			(x.Affinity() == value.AffInteger || x.Affinity() == value.AffText)
		ok = ok && g.has(x)
		keys = append(keys, x)
	}
	see := func(e *expr) {
		resolve.Walk(e, func(x *expr) bool {
			if ok = ok && !g.replaced(x); !ok {
				return false
			}
			switch x.Op {
			case resolve.OpColumn:
				column(x)
			case resolve.OpAgg:
				ok = ok && slices.Contains(aggs, x.Agg)
			case resolve.OpFunc:
				ok = ok && x.Func.Flags&(fn.Deterministic|fn.Inline) != 0
			case resolve.OpWindow, resolve.OpRaise, resolve.OpReg, resolve.OpParam:
				ok = ok && x.Op == resolve.OpParam && x.Source == nil
			}
			if x.Query != nil {
				query(x.Query)
			}
			return ok
		})
	}
	query = func(q *resolve.Query) {
		ok = ok && q.Recursion == nil
		for _, c := range q.Cores {
			ok = ok && len(c.Windows) == 0
			aggs = append(aggs, c.Aggs...)
			for _, s := range c.Sources {
				inside = append(inside, s)
				ok = ok && s.Table != nil && s.Table.Module == nil && s.Query == nil && s.Current == nil
			}
		}
		if ok {
			q.Exprs(func(e *expr) {
				if e != nil {
					see(e)
				}
			})
		}
	}
	query(q)
	if !ok || len(keys) > memoKeysMax {
		return nil
	}
	return keys
}
