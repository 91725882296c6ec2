package plan

import (
	"math"
	"math/bits"
	"slices"

	"github.com/rustlite/rustlite/planner/arena"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/value"
)

// Costs of the steps of an access, in rows of a scan.
const (
	costIndexRow    = 3.0 // A row found through an index, beyond reading the entry.
	costCovered     = 0.8 // An entry of a covering index.
	costAutoBuild   = 2.5 // A row put into a transient index, beyond reading it.
	costAutoProbe   = 1.5 // A key looked up there.
	costAutoRow     = 0.8 // A row that it has.
	costAutoReserve = 7.5
	costAhead       = 0.3  // A key of a batch looked up there.
	costSkip        = 12.0 // The next value of the columns that a skip-scan skips.
	skipShareMin    = 18.0 // The least entries of each such value, as the reference has it,
	skipRowsMin     = 1000 // and rows of the table.
	costHash        = 1.5  // A row put into its group by hashing.
	costBatch       = 0.6  // A row of the outermost loop of a join, which comes by batches.
	costBatchRow    = 0.1  // A row of a scan by batches, as against an entry of a covering index,
	costBatchByte   = 1.0 / 900
	rowBytesGuess   = 64.0
	costSplit       = 0.6 // What is behind a scan that is split among processors, in time.
	rowsSplit       = 1 << 16
	rowsKept        = 1 << 21 // The most rows of a transient index in the place of another one.
	rowsModule      = 25.0    // Rows of a table-valued function.
	// runsCorrelated is how often a correlated subquery is thought to run.
	runsCorrelated = 50.0
)

// rowidCost is the cost of a seek in a table of n rows, seekCost that in an index.
func rowidCost(n float64) float64 { return 1 + math.Log2(n+1)/20 }
func seekCost(n float64) float64  { return 2 + math.Log2(n+1)/10 }

// term is a conjunct with what the search for access paths asks of it.
type term struct {
	expr *Expr
	mask uint64 // Sources of the block that it reads.
	// uses are the ways in which an index or the row id may imply it.
	uses []use
	// on is the source whose ON clause holds it; nil for WHERE.
	on     *Source
	placed bool    // In a level of the plan.
	class  int     // Of equal columns that it tells of; 0 for none.
	parts  []*term // What follows from it alone (see restrictions),
	whole  *term   // and the term from which this one does.
	share  float64 // Of rows that pass; 0 before it is asked for.
	// sampled: share comes from a sample of the column.
	sampled bool
}

// use is one way to use a term: column op value.
type use struct {
	src   int
	col   int // Column of the source, RowidColumn for the row id.
	op    resolve.Op
	value *Expr // nil for IN
	need  uint64
	coll  *value.Collation
	aff   value.Affinity
	like  *LikeRange // With op OpFunc.
	field int        // Of a row value in an IN.
	l, r  *Expr      // As the term compares them.
	row   []*use     // The columns behind the first of a comparison of row values.
}

// place is one source of the block with what its planning found out, once: the
// search comes by many times.
type place struct {
	*From
	terms  []*term   // That read the source.
	uses   []askedBy // Of terms, that may serve it.
	leans  uint64    // The sources that these uses lean on.
	before uint64    // Sources that must come before.
	sub    *Physical // nil for tables.
	rows   float64   // At least as many as it is planned for.
	live   float64   // As many as there are now, 0 when nobody knows.
	used   columnSet // The columns that the block reads.
	// computed are the expressions of its indexes; the k-th is its column
	// exprPlace-k.
	computed []*Expr
	memo     []memoised
}

type askedBy struct {
	*term
	*use
}

// memoised are the cheapest accesses of their kinds, nil for none, and all that
// they depend on: of the sources that are known, only those that its terms lean
// on, and whether there are any.
type memoised struct {
	known              uint64
	first, want        bool
	lasting, transient *Access
}

// memosMost is how many memos most places need.
const memosMost = 4

// columnSet is a set of columns of a source, RowidColumn among them.
type columnSet struct {
	few  uint64 // Up to column 62.
	many map[int]bool
}

func (c *columnSet) add(col int) {
	switch {
	case col < 63:
		c.few |= 1 << (col + 1)
	case c.many == nil:
		c.many = map[int]bool{col: true}
	default:
		c.many[col] = true
	}
}

func (c *columnSet) has(col int) bool {
	if col < 63 {
		return c.few>>(col+1)&1 != 0
	}
	return c.many[col]
}

func (c *columnSet) empty() bool { return c.few == 0 && c.many == nil }

// all yields the columns.
func (c *columnSet) all(yield func(col int) bool) {
	for w := c.few; w != 0; w &= w - 1 {
		if !yield(bits.TrailingZeros64(w) - 1) {
			return
		}
	}
	for col := range c.many {
		if !yield(col) {
			return
		}
	}
}

// planner holds what one block's planning shares.
type planner struct {
	env   *Env
	s     *Select
	terms []term
	at    []place // By the order of FROM.
	// indexed: some source has indexes on expressions.
	indexed bool
	force   *Access // The only access to consider, when one was decided on.
	split   bool    // A large outermost loop is split among processors.
	hashed  bool    // Groups may be found by hashing, whatever order the rows come in.
	// The access that is being made up, and room for its lists.
	trial Access
	eqs   []EqTerm
	used  []*Expr
	// delivered is room for the columns of an order.
	delivered []orderColumn
	// members are the columns in classes of equal ones.
	members []member
	classes int
}

func newPlanner(env *Env, s *Select) *planner {
	m := env.Scratch
	p := m.planners.New()
	p.env, p.s, p.at = env, s, m.places.Slice(len(s.From))
	n := len(s.Terms)
	for i := range s.From {
		f := &s.From[i]
		p.at[i].From, f.Place = f, i
		n += len(f.On)
	}
	p.noteComputed()
	follow, restrict := p.noteEqual(), p.restrictions()
	p.terms = m.terms.Slice(n + len(follow) + len(restrict))[:0]
	for _, e := range s.Terms {
		p.addTerm(e, nil)
	}
	for _, e := range follow {
		p.addTerm(e, nil)
	}
	for _, r := range restrict {
		p.addTerm(r.expr, nil)
		t, part := &p.terms[r.from], &p.terms[len(p.terms)-1]
		t.parts, part.whole = append(t.parts, part), t
	}
	for i := range s.From {
		for _, e := range s.From[i].On {
			p.addTerm(e, s.From[i].Source)
		}
	}
	before, right := uint64(0), s.lastRight()
	for i := range p.at {
		f := &p.at[i]
		p.noteAsked(i)
		if f.Join == resolve.JoinLeft || f.Join == resolve.JoinCross || right >= 0 {
			f.before = before
		}
		if f.Semi || f.Anti {
			f.before = 0
			for k := range p.terms {
				if t := &p.terms[k]; t.on == f.Source || f.Semi && t.mask&(1<<i) != 0 {
					f.before |= t.mask &^ (1 << i)
				}
			}
			if f.before == 0 {
				f.before = before // It is no outermost loop: that may be split.
			}
		}
		before |= 1 << i
		switch {
		case f.Sub != nil:
			f.sub = Choose(env, f.Sub)
			f.rows = f.sub.OutRows
		case f.Current != nil:
		default:
			f.rows, f.live = env.rows(f.Table)
		}
		f.rows = math.Max(f.rows, 1)
	}
	p.noteColumns()
	return p
}

// find is the place of a source in the block.
func (p *planner) find(src *Source) (i int, ok bool) {
	i = src.Place
	return i, i < len(p.at) && p.at[i].Source == src
}

// noteColumns finds which columns of each source the block reads, to know
// which indexes cover it.
func (p *planner) noteColumns() {
	p.s.allExprs(columnsOf(func(x *Expr) {
		if i, ok := p.find(x.Source); ok {
			p.at[i].used.add(x.Index)
		}
	}))
}

// columnsOf makes what calls f for each column in an expression.
func columnsOf(f func(*Expr)) (see func(e *Expr)) {
	note := func(x *Expr) bool {
		if x.Op == resolve.OpColumn {
			f(x)
		}
		if x.Query != nil {
			resolve.WalkQuery(x.Query, see)
		}
		return true
	}
	see = func(e *Expr) { resolve.Walk(e, note) }
	return see
}

// kept are the columns of source i that are read of the rows in a transient
// index: for what it does not imply.
func (p *planner) kept(i int, a *Access) *columnSet {
	set := &columnSet{}
	see := columnsOf(func(x *Expr) {
		if x.Source == p.at[i].Source {
			set.add(x.Index)
		}
	})
	for k := range p.terms {
		if !implied(a, p.terms[k].expr) {
			see(p.terms[k].expr)
		}
	}
	p.s.valueExprs(see)
	p.s.groupExprs(see)
	return set
}

// allExprs calls f for every expression of the block.
func (s *Select) allExprs(f func(*Expr)) {
	s.rowExprs(f)
	s.groupExprs(f)
}

// rowExprs calls f for the expressions that are computed row by row.
func (s *Select) rowExprs(f func(*Expr)) {
	for i := range s.From {
		for _, e := range s.From[i].On {
			f(e)
		}
	}
	for _, e := range s.Terms {
		f(e)
	}
	s.valueExprs(f)
}

// valueExprs calls f for those that are no conditions.
func (s *Select) valueExprs(f func(*Expr)) {
	for _, e := range s.GroupBy {
		f(e)
	}
	for _, r := range s.Rows {
		for _, e := range r {
			f(e)
		}
	}
	if s.Window != nil {
		for _, a := range s.Window.Calls {
			a.Exprs(f)
		}
	}
	for _, a := range s.Aggs {
		a.Exprs(f)
	}
}

// groupExprs calls f for those that a grouped block computes of its groups.
func (s *Select) groupExprs(f func(*Expr)) {
	for _, e := range s.Having {
		f(e)
	}
	for _, e := range s.Results {
		f(e)
	}
	for _, o := range s.OrderBy {
		if o.Expr != nil {
			f(o.Expr)
		}
	}
}

// addTerm notes a conjunct with its uses. There is room for all of them: their
// addresses stay.
func (p *planner) addTerm(e *Expr, on *Source) {
	p.terms = append(p.terms, term{expr: e, on: on, mask: p.mask(e)})
	t := &p.terms[len(p.terms)-1]
	t.uses = p.env.Scratch.uses.Slice(2)[:0]
	if on == nil {
		t.class = p.classOfTerm(e)
	}
	switch e.Op {
	case resolve.OpEq, resolve.OpLt, resolve.OpLe, resolve.OpGt, resolve.OpGe, resolve.OpIs:
		if e.L.Width() > 1 {
			p.addRowUse(t, e.L, e.Op, e.R, e.L, e.R)
			p.addRowUse(t, e.R, commute(e.Op), e.L, e.L, e.R)
			break
		}
		p.addUse(t, e.L, e.Op, e.R, e.L, e.R)
		p.addUse(t, e.R, commute(e.Op), e.L, e.L, e.R)
	case resolve.OpIsNull:
		if i, col, ok := p.placeOf(e.L); ok {
			t.uses = append(t.uses, use{src: i, col: col, op: resolve.OpIs,
				value: resolve.Const(value.Value{}), coll: e.L.Collation(), aff: value.AffBlob})
		}
	case resolve.OpIn:
		if e.L.Width() > 1 {
			p.addRowIn(t)
			break
		}
		i, col, ok := p.placeOf(e.L)
		if e.Not || !ok {
			break
		}
		u := use{src: i, col: col, op: resolve.OpIn}
		if e.Query != nil {
			r := e.Query.Compared(0)
			u.coll, u.aff = resolve.CompareCollation(e.L, r), resolve.CompareAffinity(e.L.Affinity(), r.Affinity())
			u.need = p.queryMask(e.Query)
		} else {
			u.coll, u.aff = e.L.Collation(), e.L.Affinity()
			for _, x := range e.List {
				u.need |= p.mask(x)
			}
		}
		if u.need&(1<<i) == 0 {
			t.uses = append(t.uses, u)
		}
	case resolve.OpFunc:
		p.likeUse(t)
	}
}

// addRowUse notes that the comparison of row values l op r bounds the first of
// the columns in cols, and together with it those that follow. The term stays
// to be tested: a bound of several columns says nothing of NULLs.
func (p *planner) addRowUse(t *term, cols *Expr, op resolve.Op, val, l, r *Expr) {
	if op < resolve.OpLt || op > resolve.OpGe || cols.Op != resolve.OpRow || val.Op != resolve.OpRow && val.Query.Correlated {
		return
	}
	loose := map[resolve.Op]resolve.Op{resolve.OpLt: resolve.OpLe, resolve.OpLe: resolve.OpLe,
		resolve.OpGt: resolve.OpGe, resolve.OpGe: resolve.OpGe}[op]
	var part term
	for k := range cols.List {
		n := len(part.uses)
		p.addUse(&part, cols.List[k], loose, val.Field(k), l.Field(k), r.Field(k))
		if len(part.uses) == n || part.uses[n].src != part.uses[0].src || val.IsVolatile() {
			break
		}
	}
	if len(part.uses) == 0 {
		return
	}
	u := part.uses[0]
	need := p.mask(val)
	if need&(1<<u.src) != 0 {
		return
	}
	for k := range part.uses {
		x := part.uses[k]
		u.row = append(u.row, &x)
	}
	u.need = need
	t.uses = append(t.uses, u)
}

// addRowIn notes the columns of (a, b) IN (SELECT ...).
func (p *planner) addRowIn(t *term) {
	e := t.expr
	if e.Not || e.L.Op != resolve.OpRow {
		return
	}
	need := p.queryMask(e.Query)
	for k, c := range e.L.List {
		i, col, ok := p.placeOf(c)
		if !ok || need&(1<<i) != 0 || t.mask&^need != 1<<i {
			return
		}
		r := e.Query.Compared(k)
		t.uses = append(t.uses, use{src: i, col: col, op: resolve.OpIn, field: k, need: need,
			coll: resolve.CompareCollation(c, r), aff: resolve.CompareAffinity(c.Affinity(), r.Affinity())})
	}
}

func commute(op resolve.Op) resolve.Op {
	switch op {
	case resolve.OpLt:
		return resolve.OpGt
	case resolve.OpLe:
		return resolve.OpGe
	case resolve.OpGt:
		return resolve.OpLt
	case resolve.OpGe:
		return resolve.OpLe
	}
	return op
}

// exprPlace is the number of the first index expression of a source among its
// columns; the next ones count down.
const exprPlace = -2

// noteComputed lists the expressions of the indexes of all sources.
func (p *planner) noteComputed() {
	for i := range p.at {
		src := p.at[i].Source
		if src.Indexed == nil {
			continue
		}
		p.indexed = true
		for _, x := range src.Table.Indexes {
			if src.Indexed[x] == nil {
				continue
			}
			for _, e := range src.Indexed[x].Columns {
				if e != nil && p.exprColumn(i, e) == 0 {
					p.at[i].computed = append(p.at[i].computed, e.SkipCollate())
				}
			}
		}
	}
}

// exprColumn is the number of an index expression of source i; 0 when e is
// none.
func (p *planner) exprColumn(i int, e *Expr) int {
	if !p.indexed {
		return 0
	}
	e = e.SkipCollate()
	for k, x := range p.at[i].computed {
		if resolve.Equal(e, x) {
			return exprPlace - k
		}
	}
	return 0
}

// keyColumn is the number of key column k of index x of source i.
func (p *planner) keyColumn(i int, x *catalog.Index, k int) int {
	if c := x.Columns[k].Column; c != catalog.ExprColumn {
		return c
	}
	return p.exprColumn(i, p.at[i].Key(x, k))
}

// placeOf finds the source and the column, or index expression, that e is.
func (p *planner) placeOf(e *Expr) (i, col int, ok bool) {
	if e.Op == resolve.OpColumn {
		i, ok = p.find(e.Source)
		return i, e.Index, ok
	}
	if !p.indexed {
		return 0, 0, false
	}
	for i := range p.at {
		if col := p.exprColumn(i, e); col != 0 {
			return i, col, true
		}
	}
	return 0, 0, false
}

func (p *planner) addUse(t *term, col *Expr, op resolve.Op, val, l, r *Expr) {
	// A COLLATE around the column only changes the collation to match.
	c := col
	for c.Op == resolve.OpCollate {
		c = c.L
	}
	i, place, ok := p.placeOf(c)
	if !ok {
		return
	}
	need := p.mask(val)
	if need&(1<<i) != 0 || val.IsVolatile() && !p.hidden(i, place) {
		return
	}
	t.uses = append(t.uses, use{src: i, col: place, op: op, value: val, need: need,
		l: l, r: r, coll: resolve.CompareCollation(l, r), aff: resolve.CompareAffinity(l.Affinity(), r.Affinity())})
}

// compared is the comparison of one column of a comparison of row values.
func (u *use) compared() *Expr { return resolve.Binary(u.op, u.l, u.r) }

func (p *planner) mask(e *Expr) uint64 {
	var m uint64
	e.References(func(s *Source) {
		if i, ok := p.find(s); ok {
			m |= 1 << i
		}
	})
	return m
}

func (p *planner) queryMask(q *resolve.Query) uint64 {
	var m uint64
	q.References(func(s *Source) {
		if i, ok := p.find(s); ok {
			m |= 1 << i
		}
	})
	return m
}

// AffinityFits reports whether an index on a column of affinity col answers a
// comparison of affinity aff.
func AffinityFits(aff, col value.Affinity) bool {
	switch {
	case aff < value.AffText:
		return true
	case aff == value.AffText:
		return col == value.AffText
	default:
		return col.IsNumeric()
	}
}

func sameCollation(a, b *value.Collation) bool {
	return a == b || a.IsBinary() && b.IsBinary()
}

// usable lists the uses of terms on column col of source i that may be used
// when the sources in mask are known.
func (p *planner) usable(i, col int, mask uint64, f func(*term, *use)) {
	for _, a := range p.at[i].uses {
		if a.col == col && a.need&^mask == 0 {
			f(a.term, a.use)
		}
	}
}

// noteAsked finds what the terms ask of source i. A source of an outer join, or
// to the left of a RIGHT JOIN, is served by its ON clause alone, any other by
// WHERE as well.
func (p *planner) noteAsked(i int) {
	a := &p.at[i]
	where := !a.Join.Left() && i > p.s.lastRight()
	terms, uses := 0, 0
	for k := range p.terms {
		t := &p.terms[k]
		terms += int(t.mask >> i & 1)
		for k := range t.uses {
			uses += b2i(t.uses[k].src == i)
		}
	}
	a.terms, a.uses = p.env.Scratch.termLists.Slice(terms)[:0], p.env.Scratch.asked.Slice(uses)[:0]
	for k := range p.terms {
		t := &p.terms[k]
		if t.mask&(1<<i) != 0 {
			a.terms = append(a.terms, t)
		}
		if t.on != a.Source && (t.on != nil || !where) {
			continue
		}
		for k := range t.uses {
			if u := &t.uses[k]; u.src == i {
				a.uses = append(a.uses, askedBy{t, u})
				a.leans |= u.need
			}
		}
	}
}

// best is the cheapest access to source i for that many runs of its loop, when
// the sources in mask are known, and what a run costs; with want, the cheapest
// that delivers the wanted order (nil when none does). A transient index costs
// little a run but much once, so it is weighed against the best of the others
// for the runs. Less still it costs behind batches of one source, which look
// ahead into it.
func (p *planner) best(i int, mask uint64, want bool, runs float64, batches uint64) (a *Access, each float64) {
	if p.force != nil {
		return p.force, p.force.cost
	}
	at := &p.at[i]
	key := memoised{known: mask & at.leans, first: mask == 0, want: want}
	k := slices.IndexFunc(at.memo, func(m memoised) bool { return m.known == key.known && m.first == key.first && m.want == want })
	if k < 0 {
		if k = len(at.memo); k == 0 {
			at.memo = p.env.Scratch.memos.Slice(memosMost)[:0]
		}
		p.accesses(i, mask, &key)
		at.memo = append(at.memo, key)
	}
	l, t := at.memo[k].lasting, at.memo[k].transient
	if t != nil {
		each = p.toFirst(i, mask, t)
		if len(t.Eq) == 1 && t.leans == batches && !at.Join.Left() {
			each = costAhead + math.Min(1, t.rows)*t.cost
		}
		if l == nil || runs*each+p.setup(i, t)+p.reserve(l, t, runs) < runs*p.toFirst(i, mask, l)+p.setup(i, l) {
			return t, each
		}
	}
	if l == nil {
		return nil, 0
	}
	return l, p.toFirst(i, mask, l)
}

// toFirst is the cost of an access, as far as its loop goes: one that ends at the
// first row that passes goes the less far the more there are.
func (p *planner) toFirst(i int, mask uint64, a *Access) float64 {
	if at := &p.at[i]; !at.Semi && !at.Anti || len(a.Eq) == 0 {
		return a.cost
	}
	pass := a.rows * p.residual(i, mask|1<<i, a)
	return math.Min(a.cost, seekCost(p.at[i].rows)+a.cost/(1+pass))
}

// reserve weighs in that the loops around may turn out to be short: then a
// lasting index costs next to nothing, and a transient one what it costs once.
// The fewer runs there seem to be, the likelier that is; of a few rows that are
// asked for it is so. A transient index is also kept in memory, as a whole.
func (p *planner) reserve(lasting, transient *Access, runs float64) float64 {
	switch {
	case len(lasting.Eq) == 0:
		return 0
	case transient.kept > rowsKept || p.s.first || p.s.Limit != nil && !p.s.IsAgg:
		return math.Inf(1)
	}
	return transient.kept * costAutoReserve * math.Min(1, rowsMin/runs)
}

// offer takes an access when it is the cheapest of its kind so far.
func (p *planner) offer(i int, a *Access, found *memoised) {
	best := &found.lasting
	if a.Kind == AccessAuto {
		best = &found.transient
	}
	if *best != nil && a.cost >= (*best).cost || found.want && !p.ordered(i, a) {
		return
	}
	m := p.env.Scratch
	c := m.accesses.New()
	*c = *a
	c.Eq, c.used, c.Build = keep(&m.eqs, a.Eq), keep(&m.lists, a.used), keep(&m.lists, a.Build)
	*best = c
}

// keep copies a list into an arena.
func keep[T any](m *arena.Of[T], list []T) []T {
	if len(list) == 0 {
		return nil
	}
	kept := m.Slice(len(list))
	copy(kept, list)
	return kept
}

// try begins an access, which is good until the next one is begun.
func (p *planner) try(kind AccessKind, rows float64) *Access {
	p.trial = Access{Kind: kind, rows: rows, cost: rows, Eq: p.eqs[:0], used: p.used[:0]}
	return &p.trial
}

// seek adds an equality to an access that implies a term.
func (p *planner) seek(a *Access, eq EqTerm) {
	a.Eq, a.used = append(a.Eq, eq), append(a.used, eq.Term)
	p.eqs, p.used = a.Eq, a.used
}

// accesses offers every access path of source i.
func (p *planner) accesses(i int, mask uint64, found *memoised) {
	src, n := p.at[i].Source, p.at[i].rows
	if src.Query != nil {
		p.offer(i, p.try(AccessSub, n), found)
		p.autoIndex(i, mask, found)
		return
	}
	if src.Current != nil {
		p.offer(i, p.try(AccessCurrent, 1), found)
		return
	}
	if src.Table.Module != nil {
		p.moduleAccess(i, mask, found)
		return
	}
	if src.Index != nil {
		p.indexAccess(i, src.Index, mask, found)
		return
	}
	if src.Table.Key == nil {
		p.offer(i, p.try(AccessScan, n), found)
		p.rowidAccess(i, mask, found)
	}
	for _, x := range src.Table.Indexes {
		if x == src.Table.Key || !src.NotIndexed {
			p.indexAccess(i, x, mask, found)
		}
	}
	p.autoIndex(i, mask, found)
}

// moduleAccess calls a module with the arguments that equalities with its
// hidden columns give. The sources that these lean on must be known; without
// the arguments that it needs a module has no rows.
func (p *planner) moduleAccess(i int, mask uint64, found *memoised) {
	if p.at[i].leans&^mask != 0 {
		for _, u := range p.at[i].uses {
			if (u.op == resolve.OpEq || u.op == resolve.OpIn) && p.hidden(i, u.col) && u.need&^mask != 0 {
				return
			}
		}
	}
	a := p.try(AccessModule, rowsModule)
	for col := range p.at[i].Columns {
		if !p.hidden(i, col) {
			continue
		}
		given := len(a.Eq)
		p.usable(i, col, mask, func(t *term, u *use) {
			if u.op == resolve.OpEq && len(a.Eq) == given {
				p.seek(a, EqTerm{Expr: u.value, Term: t.expr})
			}
		})
		p.usable(i, col, mask, func(t *term, u *use) {
			if u.op == resolve.OpIn && len(a.Eq) == given && t.expr.L.Width() == 1 {
				p.seek(a, EqTerm{In: t.expr, Term: t.expr})
				a.rows *= inRows(t.expr)
			}
		})
		if len(a.Eq) == given {
			break // What follows is tested row by row.
		}
	}
	p.offer(i, a, found)
}

// hidden reports whether a column is an argument of a module.
func (p *planner) hidden(i, col int) bool {
	t := p.at[i].Table
	return col >= 0 && t != nil && t.Module != nil && p.at[i].Columns[col].Hidden
}

func (p *planner) rowidAccess(i int, mask uint64, found *memoised) {
	n := p.at[i].rows
	p.usable(i, resolve.RowidColumn, mask, func(t *term, u *use) {
		eq, k := EqTerm{Expr: u.value, Term: t.expr}, 1.0
		switch {
		case u.op == resolve.OpIn && t.expr.L.Width() == 1:
			eq, k = EqTerm{In: t.expr, Term: t.expr}, inRows(t.expr)
		case u.op != resolve.OpEq:
			return
		}
		a := p.try(AccessRowid, math.Min(k, n))
		p.seek(a, eq)
		a.cost = k * rowidCost(n)
		p.offer(i, a, found)
	})
	a := p.try(AccessRowRange, n)
	p.usable(i, resolve.RowidColumn, mask, func(t *term, u *use) { p.addBound(a, t, u) })
	if a.ranged() {
		a.rows = p.rangeRows(a, n)
		a.cost = rowidCost(n) + a.rows
		p.offer(i, a, found)
	}
}

func inRows(e *Expr) float64 {
	if e.Query != nil {
		return 25
	}
	return float64(len(e.List))
}

func (p *planner) addBound(a *Access, t *term, u *use) {
	b := &Bound{Expr: u.value, Term: t.expr, of: t}
	if u.row != nil {
		b.Term, b.of = u.compared(), nil
	}
	switch u.op {
	case resolve.OpGt, resolve.OpGe:
		if a.Low != nil {
			return
		}
		b.Inclusive = u.op == resolve.OpGe
		a.Low = b
	case resolve.OpLt, resolve.OpLe:
		if a.High != nil {
			return
		}
		b.Inclusive = u.op == resolve.OpLe
		a.High = b
	default:
		return
	}
	if u.row == nil {
		a.used = append(a.used, t.expr)
		p.used = a.used
		return
	}
	if a.Index == nil {
		return
	}
	// The columns that follow, as far as the index has them in this order.
	first := len(a.Eq)
	for k := 1; k < len(u.row) && first+k < len(a.Index.Columns); k++ {
		c, x := &a.Index.Columns[first+k], u.row[k]
		if c.Column != x.col || c.Desc != a.Index.Columns[first].Desc || !sameCollation(x.coll, c.Collation) ||
			!AffinityFits(x.aff, p.columnAffinity(u.src, c.Column)) {
			break
		}
		b.More = append(b.More, &Bound{Expr: x.value, Term: x.compared()})
	}
}

func (p *planner) rangeRows(a *Access, n float64) float64 {
	if a.Like != nil {
		return math.Max(1, n/16)
	}
	for _, b := range []*Bound{a.Low, a.High} {
		if b != nil {
			n *= p.boundShare(b)
		}
	}
	return math.Max(1, n)
}

// boundShare is the share of rows within a bound.
func (p *planner) boundShare(b *Bound) float64 {
	if b.of != nil {
		if share := p.passes(b.of); b.of.sampled {
			return share
		}
	}
	return 0.25
}

func (p *planner) columnAffinity(i, col int) value.Affinity {
	if col <= exprPlace {
		return p.at[i].computed[exprPlace-col].Affinity()
	}
	if col < 0 {
		return value.AffInteger
	}
	return p.at[i].Columns[col].Affinity
}

// setup is the cost that an access pays once, however often it is entered.
func (p *planner) setup(i int, a *Access) float64 {
	c := 0.0
	if p.at[i].sub != nil {
		c = p.at[i].sub.Cost
	}
	if a.Kind == AccessAuto {
		c += p.at[i].rows + a.kept*costAutoBuild
	}
	if p.s.Correlated {
		c /= runsCorrelated // Paid once, used at every run.
	}
	return c
}
