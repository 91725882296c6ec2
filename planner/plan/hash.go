package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// hashable reports whether the groups of a block can be found by hashing while
// its rows come in any order, or what DISTINCT has seen, all at once. Aggregates
// then see their rows before the first group goes out, and rows are told apart
// before the first one does, so that nothing in them may fail: the reference
// hands out groups and rows before the one that fails. Nor is DISTINCT to read
// on behind a limit.
func (p *Physical) hashable(s *Select) bool {
	switch {
	case p.IsAgg && len(p.GroupBy) > 0:
		return !p.Grouped && hashKeys(p.GroupBy) && (p.calmAggregates(false) || p.retriable())
	case p.IsAgg:
		return !p.FirstRowOnly && !s.readsColumns() && p.calmAggregates(true)
	}
	if !p.Distinct || p.Limit != nil && (p.Ordered || len(p.OrderBy) == 0) || len(p.Levels) == 0 || !hashKeys(p.Results) {
		return false
	}
	for _, o := range p.OrderBy {
		if o.Col < 0 {
			return false
		}
	}
	return allCalm(p.Results)
}

// hashKeys reports whether the values of list can be keys.
func hashKeys(list []*Expr) bool {
	for _, e := range list {
		if c := e.Collation(); c != nil && c.AppendKey == nil && !c.IsBinary() {
			return false
		}
	}
	return true
}

// calmAggregates reports whether the aggregates step without fail, none of them
// with DISTINCT, or one at least.
func (p *Physical) calmAggregates(distinct bool) bool {
	some := false
	for _, a := range p.Aggs {
		if a.Distinct && (!distinct || !hashKeys(a.Args)) || len(a.OrderBy) > 0 || a.Func.Flags&fn.Calm == 0 ||
			a.Filter != nil && !calm(a.Filter) || !allCalm(a.Args) {
			return false
		}
		some = some || a.Distinct
	}
	return some == distinct
}

// retriable reports whether groups may be hashed although the arguments of their
// aggregates can fail, because all can be done again: the block reads one table,
// and nothing but it, by functions whose results depend on their arguments. It
// sets Retried.
func (p *Physical) retriable() bool {
	if len(p.Levels) != 1 || p.Levels[0].Sub != nil || p.Levels[0].Source.Table == nil || p.Levels[0].Source.Table.Module != nil {
		return false
	}
	pure := func(list ...*Expr) bool {
		ok := true
		for _, e := range list {
			resolve.Walk(e, func(x *Expr) bool {
				ok = ok && x.Query == nil && x.Op != resolve.OpRaise && (x.Op != resolve.OpFunc || x.Func.Flags&fn.Deterministic != 0)
				return ok
			})
		}
		return ok
	}
	for _, a := range p.Aggs {
		if a.Distinct || len(a.OrderBy) > 0 || a.Func.Flags&fn.Calm == 0 || !pure(a.Args...) || a.Filter != nil && !pure(a.Filter) {
			return false
		}
	}
	p.Retried = pure(p.GroupBy...) && pure(p.Levels[0].Terms...) && pure(p.Levels[0].On...)
	return p.Retried
}

func allCalm(list []*Expr) bool {
	for _, e := range list {
		if !calm(e) {
			return false
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
			args[i] = *x.Value()
		} else if i != 1 {
			return false
		}
	}
	_, err := e.Func.Prepare(&fn.Context{}, args)
	return err == nil
}
