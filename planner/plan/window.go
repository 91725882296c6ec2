package plan

import (
	"maps"
	"slices"

	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Window is the step that computes window functions of one partition and
// order. Its block has one source, the rows sorted by partition and order,
// which go through in that order; Partition, OrderBy and what the calls read
// are columns of it.
type Window struct {
	Source    *Source
	Partition []*Expr
	OrderBy   []OrderTerm
	Calls     []*resolve.Agg
	// Single: no row has a peer beside itself.
	Single bool
}

// windowed makes of a block that calls window functions a chain of blocks, one
// for each partition and order, as the reference does: all but the results,
// DISTINCT, ORDER BY and LIMIT moves into the source of the outermost, which
// gives what is computed before the windows: columns, aggregates, arguments,
// and the other windows, whose blocks lie further inside. The first call
// belongs to the outermost block, so that its order is that of the rows; the
// calls of one window stand together, and neighbours of the same order share a
// block.
func (s *Select) windowed(calls []*resolve.Agg) {
	if len(calls) == 0 {
		return
	}
	first := calls[0].Over
	own, rest := takeLevel(calls)
	in := &Select{From: s.From, Terms: s.Terms,
		GroupBy: s.GroupBy, Aggs: s.Aggs, IsAgg: s.IsAgg, Having: s.Having, feeds: true}
	l := &lifting{in: in, src: &Source{Name: "window"}, calls: map[*resolve.Agg]*resolve.Agg{}}
	w := &Window{Source: l.src, Single: in.tellsRows(first)}
	// What the rows are sorted by comes first: sorting reads it from there.
	for _, e := range first.Partition {
		w.Partition = append(w.Partition, l.column(e))
		in.OrderBy = append(in.OrderBy, OrderTerm{Expr: e, Collation: e.Collation(), Col: w.Partition[len(w.Partition)-1].Index})
	}
	for _, o := range first.OrderBy {
		sorted := o
		o.Expr = l.column(o.Expr)
		sorted.Col = o.Expr.Index
		w.OrderBy, in.OrderBy = append(w.OrderBy, o), append(in.OrderBy, sorted)
	}
	for _, a := range own {
		c := *a
		l.calls[a] = &c
		w.Calls = append(w.Calls, &c)
		c.Args = slices.Clone(a.Args)
		for i, e := range a.Args {
			switch {
			case a.Func.Flags&fn.Subtypes != 0:
				c.Args[i] = l.expr(e) // Computed when it is used: a sorter keeps no subtypes.
			case e.Op != resolve.OpConst && e.Op != resolve.OpParam:
				c.Args[i] = l.column(e)
			}
		}
		if a.Filter != nil {
			c.Filter = l.column(a.Filter)
		}
		over := *a.Over
		over.Partition, over.OrderBy = w.Partition, w.OrderBy
		c.Over = &over
	}
	s.From, s.Terms = []From{{Source: l.src, Sub: in}}, nil
	s.GroupBy, s.Aggs, s.IsAgg, s.Having = nil, nil, false, nil
	if len(rest) > 0 {
		rest = append(rest, s.orderedBelow(l, own)...)
	}
	s.mapExprs(l.expr)
	s.Window = w
	if len(in.Results) == 0 {
		in.Results = []*Expr{resolve.Const(value.FromInt(0))}
	}
	in.windowed(rest)
}

// tellsRows reports whether a window's partition and order tell all rows of the
// block apart: the row id of its one table is among them.
func (s *Select) tellsRows(over *resolve.Window) bool {
	if len(s.From) != 1 || s.From[0].Table == nil || s.IsAgg {
		return false
	}
	id := func(e *Expr) bool {
		return e.Op == resolve.OpColumn && e.Source == s.From[0].Source && e.Source.HasRowid() &&
			(e.Index == resolve.RowidColumn || e.Index == e.Source.Table.RowidAlias)
	}
	return slices.ContainsFunc(over.Partition, id) || slices.ContainsFunc(over.OrderBy, func(o OrderTerm) bool { return id(o.Expr) })
}

// orderedBelow finds the calls of the first window in the results that ORDER BY
// names: the reference computes such a result, for the answer as well unless
// that is DISTINCT, below all other windows. That shows where their rows are
// equal.
func (s *Select) orderedBelow(l *lifting, own []*resolve.Agg) (calls []*resolve.Agg) {
	below := *l
	below.calls = maps.Clone(l.calls)
	for _, o := range s.OrderBy {
		if o.Col < 0 {
			continue
		}
		resolve.Walk(s.Results[o.Col], func(x *Expr) bool {
			if x.Op == resolve.OpWindow && below.calls[x.Agg] != nil && x.Agg.Over.SameFrame(own[0].Over) {
				delete(below.calls, x.Agg)
				calls = append(calls, x.Agg)
			}
			return true
		})
	}
	if len(calls) > 0 && !s.Distinct {
		for i, o := range s.OrderBy {
			if o.Col >= 0 {
				s.OrderBy = slices.Clone(s.OrderBy) // The query's own.
				s.OrderBy[i].Expr, s.Results[o.Col] = below.expr(o.Expr), below.expr(s.Results[o.Col])
			}
		}
	}
	return calls
}

// takeLevel splits off the calls of the outermost block.
func takeLevel(calls []*resolve.Agg) (own, rest []*resolve.Agg) {
	rest = calls
	for len(rest) > 0 && rest[0].Over.SameOrder(calls[0].Over) {
		frame := rest[0].Over
		var others []*resolve.Agg
		for _, a := range rest {
			if a.Over.SameOrder(frame) && a.Over.SameFrame(frame) {
				own = append(own, a)
			} else {
				others = append(others, a)
			}
		}
		rest = others
	}
	return own, rest
}

// lifting replaces, in expressions above a windowed block's source, what comes
// from below by columns of the source, which it adds to the results of in.
type lifting struct {
	in    *Select
	src   *Source
	calls map[*resolve.Agg]*resolve.Agg // The block's own calls, and what becomes of them.
}

// column adds e to the columns of the source.
func (l *lifting) column(e *Expr) *Expr {
	i := slices.IndexFunc(l.in.Results, func(x *Expr) bool { return resolve.Equal(x, e) && x.Affinity() == e.Affinity() })
	if i < 0 {
		i = len(l.in.Results)
		l.in.Results = append(l.in.Results, e)
		l.src.Columns = append(l.src.Columns, resolve.SourceColumn{Name: e.String(), Affinity: e.Affinity(), Collation: e.Collation()})
	}
	return resolve.ColumnFor(l.src, i, e)
}

func (l *lifting) expr(e *Expr) *Expr {
	return resolve.Map(e, func(x *Expr) *Expr {
		switch {
		case x.Op == resolve.OpColumn && l.in.from(x.Source) != nil,
			x.Op == resolve.OpAgg && slices.Contains(l.in.Aggs, x.Agg):
			return l.column(x)
		case x.Op == resolve.OpWindow:
			own := l.calls[x.Agg]
			if own == nil {
				return l.column(x)
			}
			c := *x
			c.Agg = own
			return &c
		case x.Query != nil && l.reads(x.Query):
			c := *x
			c.Query = resolve.MapQuery(x.Query, l.expr)
			return &c
		}
		return x
	})
}

// reads reports whether a subquery reads a source of the block.
func (l *lifting) reads(q *resolve.Query) bool {
	found := false
	q.References(func(s *Source) { found = found || l.in.from(s) != nil })
	return found
}

// sorted reports whether the rows leave the window in the order of terms.
func (w *Window) sorted(terms []OrderTerm) bool {
	var keys []OrderTerm
	for _, e := range w.Partition {
		keys = append(keys, OrderTerm{Expr: e, Collation: e.Collation()})
	}
	keys = append(keys, w.OrderBy...)
	return len(terms) <= len(keys) && slices.EqualFunc(terms, keys[:len(terms)], resolve.SameTerm)
}

// tellsPartitions reports whether e reads nothing but what partitions are made
// of, so that it is the same for all rows of one.
func (w *Window) tellsPartitions(e *Expr) bool {
	if slices.ContainsFunc(w.Partition, func(x *Expr) bool { return resolve.Equal(x, e) }) {
		return partitionCompares(e)
	}
	switch e.Op {
	case resolve.OpColumn, resolve.OpWindow, resolve.OpReg:
		return false
	}
	ok := true
	resolve.Walk(e, func(x *Expr) bool {
		if x == e {
			return true
		}
		ok = ok && w.tellsPartitions(x)
		return false
	})
	return ok
}

// partitionCompares: values that a partition's collation holds equal are the
// same for an expression only under BINARY.
func partitionCompares(e *Expr) bool { return e.Collation().IsBinary() }
