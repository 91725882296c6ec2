package plan

// noteBatched finds the leading terms of the outermost loop that have kernels,
// so that these are tested for a batch of rows at once. The others come after
// them in any case: none is tested that would not have been, and kernels never
// fail.
func (p *planner) noteBatched(out *Physical) {
	if p.env.BatchRows < 0 || out.Batch || out.FirstRowOnly || len(out.Levels) == 0 || p.s.lastRight() >= 0 {
		return
	}
	l := out.Levels[0]
	src := l.Source
	if l.Sub != nil || l.Left || src.Table == nil || src.Table.Module != nil || src.Table.Key != nil || len(l.On) > 0 ||
		l.Access.Kind != AccessScan && l.Access.Kind != AccessRowRange || l.Access.Reverse {
		return
	}
	for _, t := range l.Terms {
		if !batchTerm(t, src) {
			break
		}
		l.Batched++
	}
}
