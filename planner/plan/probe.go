package plan

import (
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// noteProbes finds what batches do for transient indexes: their rows come by
// batches where the terms that keep rows out have kernels, and rows of the
// outermost loop for which an index has none go no further than their batch (a
// semi-join ahead of the join; others put a Bloom filter there).
func (p *planner) noteProbes(out *Physical) {
	if p.env.BatchRows < 0 || out.FirstRowOnly {
		return
	}
	ahead := !out.Batch && p.inBatches(out)
	for k, l := range out.Levels {
		if l.Access.Kind != AccessAuto || l.Right || l.Sub != nil || l.Source.Table.Module != nil || l.Source.Table.Key != nil {
			continue
		}
		l.Access.BuildBatched = true
		for _, t := range l.Access.Build {
			l.Access.BuildBatched = l.Access.BuildBatched && batchTerm(t, l.Source)
		}
		if first := out.Levels[0]; ahead && k > 0 && !l.Left && len(l.Access.Eq) == 1 {
			eq := l.Access.Eq[0]
			l.Ahead = eq.Expr.Op == resolve.OpColumn && batchValue(eq.Expr, first.Source) &&
				resolve.CompareAffinity(eq.Term.L.Affinity(), eq.Term.R.Affinity()) != value.AffText
			first.Probes = first.Probes || l.Ahead
		}
	}
}
