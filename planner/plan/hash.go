package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
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
			ok = ok && calmCall(x)
		}
		ok = ok && x.Query == nil
		return ok
	})
	return ok
}

// calmCall reports whether a call does not fail: that of a calm function, or of
// LIKE or GLOB with a constant pattern that is good.
func calmCall(e *Expr) bool {
	if e.Func.Prepare == nil {
		return e.Func.Flags&fn.Calm != 0
	}
	args := make([]value.Value, len(e.List))
	for i, x := range e.List {
		if x.Op == resolve.OpConst {
			args[i] = x.Val
		} else if i != 1 {
			return false
		}
	}
	_, err := e.Func.Prepare(&fn.Context{}, args)
	return err == nil
}
