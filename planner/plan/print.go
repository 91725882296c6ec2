package plan

import (
	"fmt"
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/resolve"
)

var compoundText = map[ast.CompoundOp]string{
	ast.Union: "union", ast.UnionAll: "union all", ast.Except: "except", ast.Intersect: "intersect",
}

// printer draws trees of operators, two blanks a level.
type printer struct {
	b     strings.Builder
	depth int
}

func (pr *printer) line(format string, args ...any) {
	pr.b.WriteString(strings.Repeat("  ", pr.depth))
	fmt.Fprintf(&pr.b, format, args...)
	pr.b.WriteByte('\n')
}

func (pr *printer) in(f func()) {
	pr.depth++
	f()
	pr.depth--
}

func list[T any](l []T) string {
	parts := make([]string, len(l))
	for i, x := range l {
		parts[i] = fmt.Sprint(x)
	}
	return strings.Join(parts, ", ")
}

func orderText(terms []OrderTerm) string {
	return list(terms)
}

// String draws the logical plan as a tree of operators, the last one first.
func (s *Select) String() string {
	var p printer
	p.logical(s)
	return p.b.String()
}

func (pr *printer) logical(s *Select) {
	depth := pr.depth
	defer func() { pr.depth = depth }()
	step := func(format string, args ...any) {
		pr.line(format, args...)
		pr.depth++
	}
	if s.Limit != nil {
		if s.Offset != nil {
			step("limit %s offset %s", s.Limit, s.Offset)
		} else {
			step("limit %s", s.Limit)
		}
	}
	if len(s.OrderBy) > 0 {
		step("sort %s", orderText(s.OrderBy))
	}
	if s.Left != nil {
		step("%s%s", map[bool]string{true: "recursive ", false: ""}[s.Recursion != nil], compoundText[s.Op])
		pr.logical(s.Left)
		pr.logical(s.Right)
		return
	}
	if s.Rows != nil {
		for _, r := range s.Rows {
			pr.line("values (%s)", list(r))
		}
		return
	}
	if s.Distinct {
		step("distinct")
	}
	step("project %s", list(s.Results))
	if s.Window != nil {
		step("window %s", list(s.Window.Calls))
		pr.logical(s.From[0].Sub)
		return
	}
	if len(s.Having) > 0 {
		step("filter %s", list(s.Having))
	}
	if s.IsAgg {
		step("aggregate %s group by (%s)", list(s.Aggs), list(s.GroupBy))
	}
	if len(s.Terms) > 0 {
		step("filter %s", list(s.Terms))
	}
	for i, src := range s.From {
		join := ""
		if i > 0 {
			join = map[resolve.JoinType]string{resolve.JoinInner: "join ", resolve.JoinLeft: "left join ", resolve.JoinCross: "cross join ",
				resolve.JoinRight: "right join ", resolve.JoinFull: "full join "}[src.Join]
		}
		if src.Semi {
			join = "semi-join "
		}
		if src.Anti {
			join = "anti-join "
		}
		on := ""
		if len(src.On) > 0 {
			on = " on " + list(src.On)
		}
		name := src.Name
		if src.Table != nil && src.Table.Name != name {
			name = src.Table.Name + " as " + name
		}
		if src.Sub != nil {
			pr.line("%squery %s%s", join, name, on)
			pr.in(func() { pr.logical(src.Sub) })
			continue
		}
		pr.line("%sscan %s%s", join, name, on)
	}
}

// String draws the physical plan: how rows are grouped and sorted, then the
// loops from the outside in, with costs left out.
func (p *Physical) String() string {
	var pr printer
	pr.physical(p)
	return pr.b.String()
}

func (pr *printer) physical(p *Physical) {
	depth := pr.depth
	defer func() { pr.depth = depth }()
	step := func(format string, args ...any) {
		pr.line(format, args...)
		pr.depth++
	}
	if p.Limit != nil {
		step("limit")
	}
	switch {
	case len(p.OrderBy) == 0:
	case p.Recursion != nil:
		step("queue by %s", orderText(p.OrderBy))
	case p.Ordered && p.Window != nil:
		step("ordered by the window: %s", orderText(p.OrderBy))
	case p.Ordered && p.GroupDesc != nil:
		step("ordered by the groups: %s", orderText(p.OrderBy))
	case p.Ordered:
		step("ordered by the loops: %s", orderText(p.OrderBy))
	case p.Limit != nil && p.Batch && p.Late:
		step("batch top-n sort %s", orderText(p.OrderBy))
	case p.Limit != nil:
		step("top-n sort %s", orderText(p.OrderBy))
	default:
		step("sort %s", orderText(p.OrderBy))
	}
	if p.Left != nil {
		step("%s%s", map[bool]string{true: "recursive ", false: ""}[p.Recursion != nil], compoundText[p.Op])
		pr.physical(p.Left)
		pr.physical(p.Right)
		return
	}
	if p.Rows != nil {
		pr.line("values, %d rows", len(p.Rows))
		return
	}
	switch {
	case p.Distinct && p.Hashed && !p.IsAgg && p.Batch:
		step("batch distinct by hashing")
	case p.Distinct && p.Hashed && !p.IsAgg:
		step("distinct by hashing")
	case p.Distinct:
		step("distinct by set")
	}
	step("project %s", list(p.Results))
	if p.Window != nil {
		step("window %s", list(p.Window.Calls))
		pr.physical(p.Input)
		return
	}
	switch {
	case p.CountOnly:
		step("kept count of entries")
	case p.Batch && p.IsAgg && len(p.GroupBy) == 0:
		step("batch aggregate %s", list(p.Aggs))
	case p.Batch && p.IsAgg:
		step("batch aggregate %s, groups of (%s) by hashing", list(p.Aggs), list(p.GroupBy))
	case p.IsAgg && len(p.GroupBy) == 0 && p.FirstRowOnly:
		step("first value of %s", list(p.Aggs))
	case p.IsAgg && len(p.GroupBy) == 0:
		step("aggregate %s", list(p.Aggs))
	case p.Grouped:
		step("aggregate %s, groups of (%s) by the loops", list(p.Aggs), list(p.GroupBy))
	case p.IsAgg && p.Hashed:
		step("aggregate %s, groups of (%s) by hashing", list(p.Aggs), list(p.GroupBy))
	case p.IsAgg:
		step("aggregate %s, groups of (%s) by sorting", list(p.Aggs), list(p.GroupBy))
	}
	if len(p.Before) > 0 {
		step("once %s", list(p.Before))
	}
	for _, l := range p.Levels {
		pr.level(l)
		pr.depth++
	}
}

func (pr *printer) level(l *Level) {
	a := l.Access
	var b strings.Builder
	switch {
	case l.Anti:
		b.WriteString("none of ")
	case l.Left:
		b.WriteString("left ")
	}
	if l.Right {
		b.WriteString("right ")
	}
	if l.Semi {
		b.WriteString("first of ")
	}
	switch a.Kind {
	case AccessScan:
		b.WriteString("scan " + l.Source.Name)
	case AccessSub:
		b.WriteString(map[bool]string{true: "co-routine ", false: "materialize "}[l.Coroutine] + l.Source.Name)
	case AccessRowid, AccessRowRange:
		b.WriteString("row id of " + l.Source.Name)
	case AccessIndex:
		b.WriteString("index " + a.Index.Name + " of " + l.Source.Name)
		if a.Covering {
			b.WriteString(", covering")
		}
	case AccessCurrent:
		b.WriteString("current row of " + l.Source.Name)
	case AccessAuto:
		b.WriteString("transient index of " + l.Source.Name)
	}
	if a.Reverse {
		b.WriteString(", backwards")
	}
	if a.Merge {
		b.WriteString(", merged")
	}
	for k, e := range a.Eq {
		if e.Each {
			fmt.Fprintf(&b, ", for each of column %d", k)
			continue
		}
		b.WriteString(", seek " + e.Term.String())
	}
	for _, e := range []*Bound{a.Low, a.High} {
		if e != nil {
			b.WriteString(", range " + e.Term.String())
		}
	}
	if a.Like != nil {
		b.WriteString(", ranges of " + a.Like.Term.String())
	}
	if l.Ahead {
		b.WriteString(", probed ahead")
	}
	if len(a.Build) > 0 {
		b.WriteString(", of rows with " + list(a.Build))
	}
	if len(l.On) > 0 {
		b.WriteString(", on " + list(l.On))
	}
	if len(l.Terms) > 0 {
		b.WriteString(", filter " + list(l.Terms))
	}
	pr.line("%s", b.String())
	if l.Sub != nil {
		pr.in(func() { pr.in(func() { pr.physical(l.Sub) }) })
	}
}
