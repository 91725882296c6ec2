package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
)

// noteBatched finds the leading terms of the outermost loop that have kernels,
// so that these are tested for a batch of rows at once. The others come after
// them in any case: none is tested that would not have been, and kernels never
// fail.
func (p *planner) noteBatched(out *Physical) {
	if out.Batch || !p.inBatches(out) {
		return
	}
	l := out.Levels[0]
	for _, t := range l.Terms {
		if !batchTerm(t, l.Source) {
			break
		}
		l.Batched++
	}
}

// inBatches reports whether the outermost loop can take its rows by batches.
func (p *planner) inBatches(out *Physical) bool {
	if p.env.BatchRows < 0 || out.FirstRowOnly || len(out.Levels) == 0 || p.s.lastRight() >= 0 {
		return false
	}
	l := out.Levels[0]
	src := l.Source
	return l.Sub == nil && !l.Left && src.Table != nil && src.Table.Module == nil && src.Table.Key == nil && len(l.On) == 0 &&
		(l.Access.Kind == AccessScan || l.Access.Kind == AccessRowRange) && !l.Access.Reverse
}

// splits reports whether the outermost loop may be split among processors: its
// rows go into aggregates that can be merged, or into a sorter, and nothing on the
// way there is left to chance, or comes from outside of the block. What fails there
// fails for the first row that does: the parts are waited for in their order.
func (p *planner) splits(out *Physical) bool {
	if !out.gathers() || out.IsAgg && len(out.GroupBy) == 0 && p.s.readsColumns() || !p.inBatches(out) {
		return false
	}
	for i := range out.OrderBy {
		if !out.IsAgg && !out.alone(out.OrderKey(i)) {
			return false
		}
	}
	for _, a := range out.Aggs {
		if a.Distinct && !out.Hashed || len(a.OrderBy) > 0 || a.Func.Flags&fn.Merges == 0 || a.Filter != nil && !out.alone(a.Filter) || !out.allAlone(a.Args) {
			return false
		}
	}
	for i, l := range out.Levels {
		if i > 0 && (l.Sub != nil || l.Source.Table == nil || l.Source.Table.Module != nil) || !out.allAlone(l.On) || !out.allAlone(l.Terms) {
			return false
		}
		if x := l.Access.Index; x != nil {
			for _, c := range x.Columns {
				if !c.Collation.Own() {
					return false
				}
			}
		}
		for _, eq := range l.Access.Eq {
			if eq.Expr != nil && !out.alone(eq.Expr) || eq.In != nil && !out.alone(eq.In) {
				return false
			}
		}
		for _, b := range []*Bound{l.Access.Low, l.Access.High} {
			if i > 0 && b != nil && (!out.alone(b.Expr) || len(b.More) > 0) {
				return false
			}
		}
	}
	return out.allAlone(out.GroupBy) && (out.IsAgg || out.allAlone(out.Results))
}

// gathers reports whether no row of the block goes out before all are read.
func (p *Physical) gathers() bool {
	if p.IsAgg {
		return !p.CountOnly && (len(p.GroupBy) == 0 || p.Hashed)
	}
	return p.Hashed || len(p.OrderBy) > 0 && !p.Ordered && !p.Distinct
}

func (p *Physical) allAlone(list []*Expr) bool {
	for _, e := range list {
		if !p.alone(e) {
			return false
		}
	}
	return true
}

// alone reports whether the value of e is found from the rows of the block alone,
// and without functions of the user, which may not like to be called by several
// goroutines.
func (p *Physical) alone(e *Expr) bool {
	ok := true
	resolve.Walk(e, func(x *Expr) bool {
		ok = ok && x.Query == nil && x.Collation().Own()
		switch x.Op {
		case resolve.OpRaise:
			ok = false
		case resolve.OpColumn:
			own := false
			for _, l := range p.Levels {
				own = own || l.Source == x.Source
			}
			ok = ok && own && x.Source.Virtual(x.Index) == nil
		case resolve.OpFunc:
			ok = ok && x.Func.Flags&(fn.Deterministic|fn.SlowChange) != 0 && x.Func.UserData == nil
		}
		return ok
	})
	return ok
}

// IndexRows plans the reading of all rows of src for which a condition, nil = none, is true, for the
// keys of an index.
func IndexRows(env *Env, src *Source, where *Expr, key []*Expr) *Physical {
	l := &Level{Source: src, Access: &Access{Kind: AccessScan}}
	p := &Physical{Levels: []*Level{l}, Batch: env.BatchRows >= 0 && src.Table.Key == nil}
	if where != nil {
		l.Terms = []*Expr{where}
		p.Batch = p.Batch && batchTerm(where, src)
	}
	for _, e := range key {
		p.Batch = p.Batch && batchValue(e, src)
	}
	p.Split = p.Batch && p.allAlone(l.Terms) && p.allAlone(key)
	return p
}
