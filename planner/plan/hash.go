package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
)

// hashable reports whether the groups of a block can be found by hashing while
// its rows come in any order. Its aggregates then see their rows before the
// first group goes out, so that nothing in them may fail: the reference, which
// sorts the rows, hands out the groups before the one that fails.
func (p *Physical) hashable() bool {
	if !p.IsAgg || len(p.GroupBy) == 0 || p.Grouped {
		return false
	}
	for _, e := range p.GroupBy {
		if c := e.Collation(); c != nil && c.AppendKey == nil && !c.IsBinary() {
			return false
		}
	}
	for _, a := range p.Aggs {
		if a.Distinct || len(a.OrderBy) > 0 || a.Func.Flags&fn.Calm == 0 || a.Filter != nil && !calm(a.Filter) {
			return false
		}
		for _, e := range a.Args {
			if !calm(e) {
				return false
			}
		}
	}
	return true
}

// calm reports whether the value of e is found without fail.
func calm(e *Expr) bool {
	ok := true
	resolve.Walk(e, func(x *Expr) bool {
		switch x.Op {
		case resolve.OpConcat, resolve.OpExists, resolve.OpScalar, resolve.OpRaise:
			ok = false
		case resolve.OpFunc:
			ok = ok && x.Func.Flags&fn.Calm != 0
		}
		ok = ok && x.Query == nil
		return ok
	})
	return ok
}
