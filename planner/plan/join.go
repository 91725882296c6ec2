package plan

import (
	"math"
	"slices"
	"sort"

	"github.com/rustlite/rustlite/planner/resolve"
)

// statesMax bounds the join orders kept at each step of a search over n
// sources. Few sources are searched whole, by the dynamic programming of
// Selinger et al. (Access Path Selection in a Relational Database Management
// System, 1979); past twelve only a handful of the cheapest go on.
func statesMax(n int) int {
	switch {
	case n <= 8:
		return 1 << 8
	case n <= 12:
		return 128
	default:
		return 12
	}
}

// path is a partial join order: its last step, behind the path before it.
type path struct {
	mask       uint64
	before     *path // nil for the empty path.
	step       step
	cost, rows float64
	ordered    bool
	rises      order
	share      float64 // Of a processor's time that a step behind this one costs.
	batches    uint64  // The source whose rows come by batches, if the first step's do.
}

type step struct {
	src    int
	access *Access
}

// frontier are the cheapest paths over one number of sources, one for each set
// of sources with and without the order that is wanted, or another one that may
// serve to merge; the cheapest first.
type frontier struct {
	paths []*path
	most  int
}

// before orders paths by cost, equal ones so that the search gives one answer.
func before(a, b *path) bool {
	if a.cost != b.cost {
		return a.cost < b.cost
	}
	if a.mask != b.mask {
		return a.mask < b.mask
	}
	return a.ordered && !b.ordered
}

// hopeless reports whether a path of that cost cannot enter.
func (f *frontier) hopeless(cost float64) bool {
	return len(f.paths) == f.most && cost > f.paths[f.most-1].cost
}

// add enters a path unless a cheaper one does the same.
func (f *frontier) add(p *path) {
	for i, old := range f.paths {
		if old.mask == p.mask && old.ordered == p.ordered && old.rises == p.rises {
			if old.cost <= p.cost {
				return
			}
			f.paths = slices.Delete(f.paths, i, i+1)
			break
		}
	}
	at := sort.Search(len(f.paths), func(i int) bool { return before(p, f.paths[i]) })
	if at == f.most {
		return
	}
	if len(f.paths) == f.most {
		f.paths = f.paths[:f.most-1]
	}
	f.paths = slices.Insert(f.paths, at, p)
}

// Choose makes the physical plan of a logical one.
func Choose(env *Env, s *Select) *Physical {
	p := env.Scratch.physicals.New()
	*p = Physical{OrderBy: s.OrderBy, Limit: s.Limit, Offset: s.Offset, Columns: s.Columns, Correlated: s.Correlated}
	if s.Left != nil {
		p.Left, p.Right, p.Op, p.Collations = Choose(env, s.Left), Choose(env, s.Right), s.Op, s.Collations
		p.Recursion = s.Recursion
		p.Cost, p.OutRows = p.Left.Cost+p.Right.Cost, p.Left.OutRows+p.Right.OutRows
		return p
	}
	p.Rows = s.Rows
	if s.Rows != nil {
		p.Results = s.Rows[0]
		p.OutRows = float64(len(s.Rows))
		p.Cost = p.OutRows
		return p
	}
	p.IsAgg, p.GroupBy, p.Aggs, p.Having, p.Results, p.Distinct = s.IsAgg, s.GroupBy, s.Aggs, s.Having, s.Results, s.Distinct
	if w := s.Window; w != nil {
		p.Window, p.Input = w, Choose(env, s.From[0].Sub)
		p.Ordered = len(s.OrderBy) > 0 && w.sorted(s.OrderBy)
		p.Cost, p.OutRows = 2*p.Input.Cost, p.Input.OutRows
		return p
	}
	pl := newPlanner(env, s)
	pl.minMax(p)
	pl.hashed = len(s.GroupBy) > 0 && p.hashable(s) && s.anyOrder()
	pl.split = pl.maySplit(p)
	best := pl.search()
	if best == nil {
		p.Unsolved = true
		return p
	}
	pl.levels(p, best)
	p.Cost, p.OutRows = best.cost, best.rows
	if best.ordered && pl.wanted() {
		if s.IsAgg {
			p.Grouped = true
		} else {
			p.Ordered = true
		}
	}
	if s.IsAgg {
		p.OutRows = 1
		if len(s.GroupBy) > 0 {
			p.OutRows = math.Max(1, best.rows/10)
		}
	}
	p.sortGroups()
	p.Hashed = p.hashable(s)
	if env.Backwards && !pl.wanted() && !s.Distinct && !p.FirstRowOnly && s.lastRight() < 0 {
		p.backwards()
	}
	pl.special(p)
	pl.noteBatched(p)
	pl.noteProbes(p)
	p.Split = pl.splits(p)
	if len(p.Levels) > 0 {
		l := p.Levels[0]
		l.InBatches = p.Batch || l.Batched > 0 || l.Probes || p.Split
	}
	return p
}

// backwards turns the directions in which trees are read, as PRAGMA
// reverse_unordered_selects wants where no order is.
func (p *Physical) backwards() {
	for _, l := range p.Levels {
		switch l.Access.Kind {
		case AccessScan, AccessRowid, AccessRowRange, AccessIndex:
			l.Access.Reverse = !l.Access.Reverse
		default:
		}
	}
}

// search finds the cheapest order of all sources.
func (p *planner) search() *path {
	n := len(p.at)
	most := statesMax(n)
	m := p.env.Scratch
	start := m.paths.New()
	start.rows, start.ordered, start.share, start.rises = 1, n == 0, 1, noOrder
	states := m.frontiers.New()
	states.paths = append(states.paths, start)
	for k := 0; k < n; k++ {
		next := m.frontiers.New()
		next.most = most
		for _, from := range states.paths {
			for i := 0; i < n; i++ {
				if from.mask&(1<<i) != 0 || p.at[i].before&^from.mask != 0 {
					continue
				}
				p.extend(next, from, i, false)
				if k == 0 && p.wanted() {
					p.extend(next, from, i, true)
				}
				if k == 0 {
					p.extendByScan(next, from, i)
				}
			}
		}
		states = next
	}
	var best *path
	for _, s := range states.paths {
		if !s.ordered && p.wanted() {
			s.cost += p.sortCost(s.rows)
		}
		if best == nil || s.cost < best.cost {
			best = s
		}
	}
	return best
}

// sortCost is the cost of bringing rows into the order that is wanted, or their
// groups together.
func (p *planner) sortCost(rows float64) float64 {
	if p.hashed {
		return rows * costHash
	}
	return rows * math.Log2(rows+1) * 0.5
}

func (p *planner) extend(next *frontier, from *path, i int, want bool) {
	a, each := p.best(i, from.mask, want, from.rows, from.batches)
	if a == nil {
		return
	}
	ordered := from.ordered || want
	if from.before != nil {
		ordered = from.ordered
	} else if !want {
		ordered = p.wanted() && p.ordered(i, a)
	}
	p.follow(next, from, i, a, each, ordered)
}

// extendByScan begins with a scan of the table although the entries of a covering
// index are fewer bytes: where that serves to merge, and where nobody sees the order
// of the rows, for stepping through pages of a table costs less, all the more in
// batches.
func (p *planner) extendByScan(next *frontier, from *path, i int) {
	at := &p.at[i]
	if p.force != nil || at.live < mergeRowsMin || at.Table == nil || at.Table.Key != nil || at.Source.Index != nil {
		return
	}
	if a, _ := p.best(i, 0, false, 1, 0); a == nil || a.Kind != AccessIndex || len(a.Eq) > 0 || a.ranged() {
		return
	}
	a := p.try(AccessScan, at.rows)
	each := a.cost * costCovered / costBatch
	switch {
	case p.env.BatchRows >= 0 && p.s.IsAgg && p.s.anyOrder() && !at.used.empty():
		each = math.Min(each, at.rows*(costBatchRow+p.rowBytes(i)*costBatchByte))
	case p.rises(i, a) == noOrder:
		return
	}
	c := p.env.Scratch.accesses.New()
	*c = *a
	c.Eq, c.used, c.cost = nil, nil, each
	p.follow(next, from, i, c, each, p.wanted() && p.ordered(i, c))
}

// rowBytes is the size of a row of source i.
func (p *planner) rowBytes(i int) float64 {
	for _, x := range p.at[i].Table.Indexes {
		if s := p.sampleAny(i, p.keyColumn(i, x, 0)); s != nil && p.at[i].live >= spreadRowsMin {
			return s.Bytes
		}
	}
	return rowBytesGuess
}

// follow adds the path that goes on behind from with source i, at that cost for
// each of its rows.
func (p *planner) follow(next *frontier, from *path, i int, a *Access, each float64, ordered bool) {
	rises := from.rises
	if from.before == nil {
		rises = p.rises(i, a)
	} else if from.rises.src >= 0 {
		if l := p.seeking(i, from); l != nil {
			if merge := p.mergeCost(i, l, from.rows); from.rows*merge+p.setup(i, l) < from.rows*each+p.setup(i, a) {
				a, each = l, merge
			}
		}
	}
	share, batches := from.share, from.batches
	if from.before == nil && a.Kind == AccessScan && len(p.at) > 1 && p.env.BatchRows >= 0 {
		each *= costBatch
		batches = 1 << i
		if p.split && p.at[i].live >= rowsSplit {
			share = costSplit
		}
	}
	cost := from.cost + share*from.rows*each + p.setup(i, a)
	if next.hopeless(cost) {
		return
	}
	mask := from.mask | 1<<i
	rows := from.rows * a.rows * p.residual(i, mask, a)
	if p.at[i].Semi {
		rows = math.Min(rows, from.rows)
	}
	switch j := p.at[i].Join; {
	case p.at[i].Anti:
		rows = from.rows * from.rows / (from.rows + rows) // The more partners, the fewer have none.
	case j.Left() || j.Right():
		rows = math.Max(rows, from.rows)
	}
	to := p.env.Scratch.paths.New()
	*to = path{mask: mask, cost: cost, rows: math.Max(rows, 1e-3), ordered: ordered, rises: rises, share: share, batches: batches, before: from, step: step{i, a}}
	next.add(to)
}

// seeking is the access to source i behind a path that can be merged with it, nil
// for none.
func (p *planner) seeking(i int, from *path) *Access {
	at := &p.at[i]
	known := from.mask & at.leans
	for k := range at.memo {
		m := &at.memo[k]
		if m.known != known || m.first || m.want || m.lasting == nil || !p.mergeable(i, m.lasting, from.rises) {
			continue
		}
		c := p.env.Scratch.accesses.New()
		*c = *m.lasting
		c.Merge = true
		return c
	}
	return nil
}

// maySplit reports whether a large scan as the outermost loop would be split
// among processors, as far as that does not depend on the plan.
func (p *planner) maySplit(out *Physical) bool {
	if p.env.BatchRows < 0 || !p.s.IsAgg || len(p.s.GroupBy) > 0 && !out.hashable(p.s) {
		return false
	}
	for i := range p.at {
		if p.at[i].sub != nil || p.at[i].Current != nil || p.at[i].Table.Module != nil {
			return false
		}
	}
	return true
}

// steps lists the paths that a whole one goes on from, and itself, the first one
// first.
func (p *path) steps() []*path {
	var list []*path
	for ; p.before != nil; p = p.before {
		list = append(list, p)
	}
	slices.Reverse(list)
	return list
}

// implied reports whether the access path tests e, so that it need not be
// tested again: seeks compare as the term does.
func implied(a *Access, e *Expr) bool {
	for _, u := range a.used {
		if u == e {
			return true
		}
	}
	return false
}

// levels makes the loops of a path and gives every term its place (O2).
func (p *planner) levels(out *Physical, best *path) {
	for k := range p.terms {
		t := &p.terms[k]
		if t.mask == 0 && t.on == nil {
			out.Before = append(out.Before, t.expr)
			t.placed = true
		}
	}
	var mask uint64
	right := p.s.lastRight()
	for k, upTo := range best.steps() {
		st := upTo.step
		at := &p.at[st.src]
		src := at.Source
		l := p.env.Scratch.levels.New()
		*l = Level{Source: src, Access: st.access, Left: at.Join.Left(), Right: at.Join.Right(), Semi: at.Semi, Anti: at.Anti, Sub: at.sub, reads: &at.used}
		l.Rows = upTo.before.rows * st.access.rows
		if st.access.Kind == AccessAuto && !l.Right {
			l.reads = p.kept(st.src, st.access)
		}
		l.Source.Nullable = l.Left || st.src < right
		l.Coroutine = l.Sub != nil && k == 0 && st.access.Kind == AccessSub && !src.Use.Kept()
		mask |= 1 << st.src
		at.place(st.access)
		for k := range p.terms {
			t := &p.terms[k]
			if t.placed || t.mask&^mask != 0 || t.on != nil && t.on != src || t.on == nil && st.src < right {
				continue
			}
			told := t.class > 0 && p.tells(t) || t.whole != nil && t.whole.mask&^mask == 0
			if t.placed = true; told {
				continue
			}
			if t.on != nil {
				l.On = append(l.On, t.expr)
				continue
			}
			l.Terms = append(l.Terms, t.expr)
			if st.src == right && t.mask&(1<<right) == 0 && !hasSubquery(t.expr) && !t.expr.IsVolatile() {
				l.Before = append(l.Before, t.expr)
			}
		}
		costlyLast(l.On)
		costlyLast(l.Terms)
		out.Levels = append(out.Levels, l)
	}
}

// place notes which terms an access implies.
func (at *place) place(a *Access) {
	for _, t := range at.terms {
		t.placed = t.placed || implied(a, t.expr)
	}
}

// costlyLast puts the terms with correlated subqueries behind the others, as
// the reference does: they cost most, and may raise errors that a cheaper term
// keeps away.
func costlyLast(terms []*Expr) {
	slices.SortStableFunc(terms, func(a, b *Expr) int { return b2i(correlated(a)) - b2i(correlated(b)) })
}

func correlated(e *Expr) bool {
	found := false
	resolve.Walk(e, func(x *Expr) bool {
		found = found || x.Query != nil && x.Query.Correlated
		return !found
	})
	return found
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Query plans a bound query from end to end.
func Query(env *Env, q *resolve.Query) *Physical {
	s := Build(env, q)
	Rewrite(s)
	return Choose(env, s)
}
