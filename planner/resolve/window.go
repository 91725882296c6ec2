package resolve

import (
	"slices"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Window is the OVER clause of a call: the partition and its order, and the
// frame of rows that the function sees.
type Window struct {
	Partition   []*Expr
	OrderBy     []OrderTerm // Col is -1.
	Unit        ast.FrameUnit
	Start, Stop FrameBound
	Exclude     ast.FrameExclude
}

// FrameBound is one end of a frame.
type FrameBound struct {
	Kind   ast.BoundKind
	Offset *Expr // Of BoundPreceding and BoundFollowing: a constant or parameter.
}

func (w *Window) exprs(f func(*Expr)) {
	for _, e := range w.Partition {
		f(e)
	}
	for _, o := range w.OrderBy {
		f(o.Expr)
	}
}

func (w *Window) changed(change func(*Expr) *Expr) *Window {
	c := *w
	c.Partition, c.OrderBy = changeList(w.Partition, change), changeTerms(w.OrderBy, change)
	return &c
}

// SameOrder reports whether two windows ask for the same partitions in the
// same order.
func (w *Window) SameOrder(x *Window) bool {
	return slices.EqualFunc(w.Partition, x.Partition, Equal) && slices.EqualFunc(w.OrderBy, x.OrderBy, SameTerm)
}

// SameFrame reports whether the frames are the same, given SameOrder.
func (w *Window) SameFrame(x *Window) bool {
	return w.Unit == x.Unit && w.Exclude == x.Exclude && w.Start.same(x.Start) && w.Stop.same(x.Stop)
}

func (b FrameBound) same(c FrameBound) bool { return b.Kind == c.Kind && Equal(b.Offset, c.Offset) }

// frameOf holds the frames of the functions that have their own, whatever is
// written.
var frameOf = map[string]Window{
	"row_number":   {Unit: ast.FrameRows, Start: FrameBound{Kind: ast.BoundUnboundedPreceding}, Stop: FrameBound{Kind: ast.BoundCurrentRow}},
	"lag":          {Unit: ast.FrameRows, Start: FrameBound{Kind: ast.BoundUnboundedPreceding}, Stop: FrameBound{Kind: ast.BoundCurrentRow}},
	"rank":         {Unit: ast.FrameRange, Start: FrameBound{Kind: ast.BoundUnboundedPreceding}, Stop: FrameBound{Kind: ast.BoundCurrentRow}},
	"dense_rank":   {Unit: ast.FrameRange, Start: FrameBound{Kind: ast.BoundUnboundedPreceding}, Stop: FrameBound{Kind: ast.BoundCurrentRow}},
	"percent_rank": {Unit: ast.FrameGroups, Start: FrameBound{Kind: ast.BoundCurrentRow}, Stop: FrameBound{Kind: ast.BoundUnboundedFollowing}},
	"cume_dist": {Unit: ast.FrameGroups, Start: FrameBound{Kind: ast.BoundFollowing, Offset: Const(value.FromInt(1))},
		Stop: FrameBound{Kind: ast.BoundUnboundedFollowing}},
	"ntile": {Unit: ast.FrameRows, Start: FrameBound{Kind: ast.BoundCurrentRow}, Stop: FrameBound{Kind: ast.BoundUnboundedFollowing}},
	"lead":  {Unit: ast.FrameRows, Start: FrameBound{Kind: ast.BoundUnboundedPreceding}, Stop: FrameBound{Kind: ast.BoundUnboundedFollowing}},
}

// chainWindows gives the windows of a WINDOW clause what they take from those
// before them; the reference leaves the first as it is.
func chainWindows(list []*ast.Window) ([]*ast.Window, error) {
	out := slices.Clone(list)
	for i, w := range list {
		if i > 0 {
			var err error
			if out[i], err = inherit(w, out[:i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func findWindow(list []*ast.Window, name string) (*ast.Window, error) {
	for _, w := range slices.Backward(list) {
		if value.EqualFold(w.Name.Text, name) {
			return w, nil
		}
	}
	return nil, errorf("no such window: %s", name)
}

// inherit completes a window by the one that it starts from.
func inherit(w *ast.Window, list []*ast.Window) (*ast.Window, error) {
	if w.Base == nil {
		return w, nil
	}
	base, err := findWindow(list, w.Base.Text)
	if err != nil {
		return w, err
	}
	what := ""
	switch {
	case len(w.PartitionBy) > 0:
		what = "PARTITION clause"
	case len(base.OrderBy) > 0 && len(w.OrderBy) > 0:
		what = "ORDER BY clause"
	case base.Frame != nil:
		what = "frame specification"
	}
	if what != "" {
		return w, errorf("cannot override %s of window: %s", what, w.Base.Text)
	}
	c := *w
	c.Base, c.PartitionBy = nil, base.PartitionBy
	if len(base.OrderBy) > 0 {
		c.OrderBy = base.OrderBy
	}
	return &c, nil
}

// window binds a call with OVER.
func (r *resolver) window(sc *scope, n *ast.FuncCall, f *fn.Func) (*Expr, error) {
	if !sc.allowAgg || !sc.allowWindow {
		return nil, r.orInside(sc, sc.errorAt(n.Pos(), "misuse of window function %s()", n.Name.Text), n.Args)
	}
	inner := *sc
	inner.allowWindow = false
	a := &Agg{Name: n.Name.Text, Func: f, Star: n.Star}
	var err error
	if a.Args, err = r.exprs(&inner, n.Args...); err != nil {
		return nil, err
	}
	if len(a.Args) > 0 {
		a.Coll = a.Args[0].Collation()
		for _, o := range n.OrderBy { // Which the reference looks at and forgets.
			if _, err := r.expr(&inner, o.Expr); err != nil {
				return nil, err
			}
		}
	}
	def, wrong := n.Over, error(nil)
	if n.OverName != nil {
		if def, wrong = findWindow(sc.windows, n.OverName.Text); wrong != nil {
			def = &ast.Window{}
		}
	} else {
		def, wrong = inherit(def, sc.windows)
	}
	a.Over = &Window{Stop: FrameBound{Kind: ast.BoundCurrentRow}}
	if d := def.Frame; d != nil {
		a.Over.Unit, a.Over.Exclude = d.Unit, d.Exclude
		if a.Over.Start, err = r.frameBound(&inner, d.Start); err != nil {
			return nil, err
		}
		if a.Over.Stop, err = r.frameBound(&inner, d.Stop); err != nil {
			return nil, err
		}
	}
	offsets := a.Over.Start.Offset != nil || a.Over.Stop.Offset != nil
	// Of several errors the last counts.
	switch {
	case wrong != nil && n.OverName != nil:
	case a.Over.Unit == ast.FrameRange && offsets && len(def.OrderBy) != 1:
		wrong = errorf("RANGE with offset PRECEDING/FOLLOWING requires one ORDER BY expression")
	case f.Flags&fn.WindowOnly != 0 && n.Filter != nil:
		wrong = errorf("FILTER clause may only be used with aggregate window functions")
	}
	if a.Over.Partition, err = r.exprs(&inner, def.PartitionBy...); err != nil {
		return nil, err
	}
	for _, o := range def.OrderBy {
		t := newOrderTerm(o)
		if t.Expr, err = r.expr(&inner, o.Expr); err != nil {
			return nil, err
		}
		t.Collation = t.Expr.Collation()
		a.Over.OrderBy = append(a.Over.OrderBy, t)
	}
	if n.Filter != nil {
		if a.Filter, err = r.expr(&inner, n.Filter); err != nil {
			return nil, err
		}
	}
	if wrong != nil {
		return nil, wrong
	}
	if own, ok := frameOf[f.Name]; ok && f.Flags&fn.WindowOnly != 0 {
		own.Partition, own.OrderBy = a.Over.Partition, a.Over.OrderBy
		a.Over = &own
	}
	e := &Expr{Op: OpWindow, Agg: a}
	for _, x := range a.Args {
		if x.hasCollate {
			e.hasCollate, e.Coll, e.collFixed = true, x.Collation(), true
			break
		}
	}
	for _, b := range sc.core.Windows {
		if sameAgg(a, b) && a.Over.SameOrder(b.Over) && a.Over.SameFrame(b.Over) {
			e.Agg = b
			return e, nil
		}
	}
	sc.core.Windows = append(sc.core.Windows, a)
	return e, nil
}

// frameBound binds an end of a frame. An offset that is no constant as it is
// written counts as NULL, which is an error when the window runs.
func (r *resolver) frameBound(sc *scope, n ast.FrameBound) (FrameBound, error) {
	b := FrameBound{Kind: n.Kind}
	if n.Expr == nil {
		return b, nil
	}
	b.Offset = Const(value.Value{})
	if !isConstant(n.Expr) {
		return b, nil
	}
	var err error
	b.Offset, err = r.expr(sc, n.Expr)
	return b, err
}

// isConstant reports whether n is made of literals, parameters and operators.
func isConstant(n ast.Expr) bool {
	ok := true
	ast.Walk(n, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.Column:
			_, truth := boolName(x)
			ok = ok && truth
		case *ast.FuncCall, *ast.Like, *ast.Select, *ast.Raise:
			ok = false
		case *ast.Literal:
			ok = ok && x.Kind < ast.LiteralCurrentTime
		case *ast.Binary:
			ok = ok && x.Op != ast.OpExtract && x.Op != ast.OpExtractText
		}
		return ok
	})
	return ok
}

// ColumnFor returns a reference to column i of s, which holds the value of e.
func ColumnFor(s *Source, i int, e *Expr) *Expr {
	c := Column(s, i)
	c.hasCollate, c.Pos = e.hasCollate, e.Pos
	return c
}

// String shows the window as it is written.
func (w *Window) String() string {
	s := ""
	add := func(part string) {
		if s != "" {
			s += " "
		}
		s += part
	}
	if len(w.Partition) > 0 {
		add("PARTITION BY " + showList(w.Partition))
	}
	for i, o := range w.OrderBy {
		if i > 0 {
			s += ", " + o.String()
		} else {
			add("ORDER BY " + o.String())
		}
	}
	add([...]string{"RANGE", "ROWS", "GROUPS"}[w.Unit] + " " + w.Start.String() + " TO " + w.Stop.String())
	if w.Exclude > ast.ExcludeNone {
		add("EXCLUDE " + [...]string{"", "NO OTHERS", "CURRENT ROW", "GROUP", "TIES"}[w.Exclude])
	}
	return s
}

// String shows the bound as it is written.
func (b FrameBound) String() string {
	s := [...]string{"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"}[b.Kind]
	if b.Offset != nil {
		return b.Offset.String() + " " + s
	}
	return s
}
