package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// minMax turns a lone min(x) or max(x) without GROUP BY into the search for
// the first row in the order of x, where an index or the row id gives it.
func (p *planner) minMax(out *Physical) {
	s := p.s
	if !s.IsAgg || len(s.GroupBy) > 0 || len(s.Aggs) != 1 || len(s.From) != 1 {
		return
	}
	a := s.Aggs[0]
	if a.Func.Flags&fn.MinMax == 0 || len(a.Args) != 1 || a.Filter != nil {
		return
	}
	x := a.Args[0]
	if x.Op != resolve.OpColumn || x.Source != s.From[0].Source {
		return
	}
	desc := a.Func.Name == "max"
	probe := *s
	probe.IsAgg = false
	probe.OrderBy = []OrderTerm{{Expr: x, Desc: desc, NullsLast: desc, Collation: x.Collation(), Col: -1}}
	saved := p.s
	p.s = &probe
	defer func() { p.s = saved; p.at[0].memo = nil }()
	best, _ := p.best(0, 0, true, 1, 0)
	if best == nil {
		return
	}
	// NULLs come first in the order of min: they must be skipped, which the
	// machine does by going on until min has a value.
	out.FirstRowOnly = true
	p.force = best
}

// special notes shortcuts that need no loop at all or other machinery.
func (p *planner) special(out *Physical) {
	s := p.s
	out.Late = out.late()
	if len(s.From) != 1 || s.From[0].Table == nil || s.From[0].Sub != nil || !s.IsAgg && !out.Late && !out.Hashed && !out.sortsAll() || len(s.GroupBy) > 0 && !out.Hashed {
		return
	}
	if s.IsAgg && len(s.GroupBy) == 0 && len(s.Terms) == 0 && len(s.Aggs) == 1 && len(s.Having) == 0 {
		a := s.Aggs[0]
		if s.From[0].Table.Module == nil && a.Func.Name == "count" && len(a.Args) == 0 && a.Filter == nil && !a.Distinct && !s.readsColumns() {
			out.CountOnly = true
			return
		}
	}
	if p.env.BatchRows >= 0 && !out.FirstRowOnly {
		out.Batch = p.batchable(out)
	}
}

// OrderKey is term i of ORDER BY.
func (p *Physical) OrderKey(i int) *Expr {
	if col := p.OrderBy[i].Col; col >= 0 {
		return p.Results[col]
	}
	return p.OrderBy[i].Expr
}

// late reports whether the rows of a block go through a sorter with a limit,
// before their results are known.
func (p *Physical) late() bool {
	if p.Limit == nil || len(p.OrderBy) == 0 || p.Ordered || p.IsAgg || p.Distinct {
		return false
	}
	keys := map[int]bool{}
	for _, o := range p.OrderBy {
		keys[o.Col] = true
	}
	for i, e := range p.Results {
		if !keys[i] && !calm(e) {
			return false
		}
	}
	return true
}

// sortsAll reports whether all rows of a block go through a sorter.
func (p *Physical) sortsAll() bool {
	return len(p.OrderBy) > 0 && !p.Ordered && !p.IsAgg && !p.Distinct && p.Limit == nil
}

// batchable reports whether the block can run over vectors: one table read by
// row id order, terms and arguments of the kinds that have kernels, and
// aggregates that have them.
func (p *planner) batchable(out *Physical) bool {
	l := out.Levels[0]
	if l.Access.Kind != AccessScan && l.Access.Kind != AccessRowRange || l.Access.Reverse {
		return false
	}
	src := p.at[0].Source
	for _, t := range l.Terms {
		if !batchTerm(alwaysCalled(t), src) {
			return false
		}
	}
	keyed := out.Late || out.sortsAll()
	for i := range out.OrderBy {
		keyed = keyed && batchValue(out.OrderKey(i), src)
	}
	if out.Late {
		out.LateBatch = keyed
		for _, e := range out.Results {
			out.LateBatch = out.LateBatch && batchValue(e, src)
		}
		return batchValue(out.OrderKey(0), src) && p.readsRowsOf(src)
	}
	if out.sortsAll() && !keyed {
		return false
	}
	for _, a := range p.s.Aggs {
		if a.Distinct && !out.Hashed || a.Filter != nil && !batchTerm(a.Filter, src) || len(a.OrderBy) > 0 || len(a.Args) > 1 {
			return false
		}
		switch a.Func.Name {
		case "count", "sum", "total", "avg", "min", "max":
		default:
			return false
		}
		for _, e := range a.Args {
			if !batchValue(e, src) || !a.Coll.IsBinary() && !a.Distinct {
				return false
			}
		}
	}
	if out.IsAgg && len(p.s.GroupBy) == 0 {
		return !p.s.readsColumns()
	}
	keys := p.s.GroupBy
	if !out.IsAgg {
		keys = p.s.Results
	}
	for _, e := range keys {
		if !batchValue(e, src) {
			return false
		}
	}
	return p.readsRowsOf(src)
}

// readsRowsOf reports whether all columns that are read of single rows, beside
// the aggregates of their groups, are stored ones of src.
func (p *planner) readsRowsOf(src *Source) bool {
	ok := true
	see := func(e *Expr) {
		resolve.Walk(e, func(x *Expr) bool {
			ok = ok && x.Query == nil && (x.Op != resolve.OpColumn || batchValue(x, src))
			return ok
		})
	}
	p.s.groupExprs(see)
	return ok
}

// readsColumns reports whether columns are read beside the aggregates; they
// come from single rows of the group.
func (s *Select) readsColumns() bool {
	bare := false
	see := func(e *Expr) {
		resolve.Walk(e, func(x *Expr) bool {
			bare = bare || x.Op == resolve.OpColumn || x.Query != nil
			return true
		})
	}
	for _, e := range s.Results {
		see(e)
	}
	for _, e := range s.Having {
		see(e)
	}
	for _, o := range s.OrderBy {
		see(o.Expr)
	}
	return bare
}

// alwaysCalled is what has to have kernels of a term that is a LIKE or GLOB: its
// text. A pattern that is no good fails for the first row that comes to it, as
// it does in the reference.
func alwaysCalled(t *Expr) *Expr {
	x := t
	for x.Op == resolve.OpNot {
		x = x.L
	}
	if x.Op != resolve.OpFunc || x.Func.Prepare == nil {
		return t
	}
	for i, e := range x.List {
		if i != 1 && e.Op != resolve.OpConst && e.Op != resolve.OpParam {
			return t
		}
	}
	return resolve.Unary(resolve.OpNotNull, x.List[1])
}

// batchTerm reports whether a condition has kernels: comparisons of values,
// NULL tests, AND, OR, NOT, BETWEEN, IN of constants, and values as such.
func batchTerm(e *Expr, src *Source) bool {
	switch e.Op {
	case resolve.OpAnd, resolve.OpOr:
		return batchTerm(e.L, src) && batchTerm(e.R, src)
	case resolve.OpNot:
		return batchTerm(e.L, src)
	case resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe, resolve.OpIs, resolve.OpIsNot:
		return batchValue(e.L, src) && batchValue(e.R, src) && resolve.CompareCollation(e.L, e.R).IsBinary()
	case resolve.OpBetween:
		return batchValue(e.L, src) && batchValue(e.List[0], src) && batchValue(e.List[1], src) &&
			resolve.CompareCollation(e.L, e.List[0]).IsBinary() && resolve.CompareCollation(e.L, e.List[1]).IsBinary()
	case resolve.OpIsNull, resolve.OpNotNull:
		return batchValue(e.L, src)
	case resolve.OpIn:
		if e.Query != nil || !batchValue(e.L, src) || !e.L.Collation().IsBinary() {
			return false
		}
		for _, x := range e.List {
			if x.Op != resolve.OpConst && x.Op != resolve.OpParam {
				return false
			}
		}
		return true
	}
	return batchValue(e, src)
}

// batchValue reports whether a value has kernels: columns, constants,
// parameters, arithmetic, CASE and calls of calm functions on them, and
// conditions.
func batchValue(e *Expr, src *Source) bool {
	switch e.Op {
	case resolve.OpConst, resolve.OpParam:
		return true
	case resolve.OpColumn:
		return e.Source == src && src.Virtual(e.Index) == nil
	case resolve.OpAdd, resolve.OpSub, resolve.OpMul, resolve.OpDiv, resolve.OpRem,
		resolve.OpBitAnd, resolve.OpBitOr, resolve.OpShiftLeft, resolve.OpShiftRight:
		return batchValue(e.L, src) && batchValue(e.R, src)
	case resolve.OpNegate, resolve.OpPlus:
		return batchValue(e.L, src)
	case resolve.OpCase:
		return batchCase(e, src)
	case resolve.OpFunc:
		return batchCall(e, src)
	case resolve.OpAnd, resolve.OpOr, resolve.OpNot, resolve.OpEq, resolve.OpNe, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe,
		resolve.OpIs, resolve.OpIsNot, resolve.OpBetween, resolve.OpIsNull, resolve.OpNotNull, resolve.OpIn:
		return batchTerm(e, src)
	}
	return false
}

func batchCase(e *Expr, src *Source) bool {
	if e.R != nil && !batchValue(e.R, src) {
		return false
	}
	for i := 0; i < len(e.List); i += 2 {
		cond := e.List[i]
		if e.L != nil {
			cond = resolve.Binary(resolve.OpEq, e.L, cond)
		}
		if !batchTerm(cond, src) || !batchValue(e.List[i+1], src) {
			return false
		}
	}
	return true
}

// constMax is the longest constant that a call may put into the text of every
// lane.
const constMax = 100

func batchCall(e *Expr, src *Source) bool {
	if !calmCall(e) || e.Func.Flags&fn.Inline == 0 && e.Func.Scalar == nil {
		return false
	}
	texts := e.Func.Flags&(fn.Number|fn.Inline) == 0
	for _, x := range e.List {
		if !batchValue(x, src) || texts && (x.Op == resolve.OpParam || x.Op == resolve.OpConst && x.Kind() >= value.Text && x.Value().Len() > constMax) {
			return false
		}
	}
	return true
}

// AccessOnly plans the reading of the one table of an UPDATE or DELETE.
func AccessOnly(env *Env, src *Source, where *Expr, results []*Expr) *Physical {
	s := env.Scratch.selects.New()
	s.alone = true
	s.From, s.Terms, s.Results = []From{{Source: src}}, resolve.Conjuncts(nil, where), results
	Rewrite(s)
	return Choose(env, s)
}
