package resolve

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// Select binds a whole query.
func Select(env Env, n *ast.Select) (*Query, error) {
	r := &resolver{env: env}
	q, err := r.query(nil, n)
	if err == nil && (env.FullNames || env.LongNames) {
		q.Columns = r.shownNames(q.Cores[0])
	}
	return q, err
}

// shownNames names the results of a statement as PRAGMA full_column_names and
// short_column_names want it: with the first, columns are shown with their
// tables; without the second, those as they were written that the first does not
// show so.
func (r *resolver) shownNames(c *Core) []OutColumn {
	out := columnNames(c)
	for i := range c.Results {
		item := &c.Results[i]
		e := item.Expr
		if e.Op != OpColumn {
			continue
		}
		table := e.Source.Name
		if table == "" {
			table = "(subquery-1)"
		}
		switch {
		case item.Star && r.env.FullNames && r.env.LongNames:
			out[i].Name = table + "." + out[i].Name
		case item.Written:
		case r.env.FullNames:
			if e.Source.Table != nil {
				table = e.Source.Table.Name
			}
			out[i].Name = table + "." + out[i].Name
		default:
			out[i].Name = item.Text
		}
	}
	return out
}

// subquery binds a query within an expression.
func (r *resolver) subquery(sc *scope, n *ast.Select) (*Query, error) {
	if sc.kind != inQuery {
		return nil, errorf("subqueries prohibited in %s", sc.kind)
	}
	return r.query(sc, n)
}

func (r *resolver) query(outer *scope, n *ast.Select) (*Query, error) {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > queryDepthMax {
		return nil, errorf("VIEWs and/or subqueries nested too deep")
	}
	if n.With != nil {
		saved := r.with
		defer func() { r.with = saved }()
		var err error
		if r.with, err = newWith(saved, n.With); err != nil {
			return nil, err
		}
	}
	with := r.with
	q := r.env.Scratch.query()
	q.Ops, q.Recursion = n.Ops, r.recursion
	r.recursion = nil
	if n.Limit != nil {
		// LIMIT sees no names, only the queries around it do.
		sc := &scope{query: q}
		var err error
		if q.Limit, err = r.expr(sc, n.Limit.Limit); err != nil {
			return nil, err
		}
		if n.Limit.Offset != nil {
			if q.Offset, err = r.expr(sc, n.Limit.Offset); err != nil {
				return nil, err
			}
		}
	}
	var scopes []*scope
	for i, c := range n.Cores {
		sc := r.env.Scratch.scope(scope{outer: outer, query: q})
		if rec := q.Recursion; rec != nil && i >= rec.setup {
			if i == rec.setup {
				if err := rec.finish(q); err != nil {
					return nil, err
				}
			}
			rec.scope = sc
		}
		core, err := r.core(sc, c, n, len(n.Cores) == 1, q)
		if err != nil {
			return nil, r.firstError(outer, n, q, err)
		}
		q.Cores = append(q.Cores, core)
		scopes = append(scopes, sc)
		if i > 0 && core.Width() != q.Cores[0].Width() {
			if core.Rows != nil && q.Cores[0].Rows != nil {
				return nil, errorf("all VALUES must have the same number of terms")
			}
			return nil, errorf("SELECTs to the left and right of %s do not have the same number of result columns",
				compoundName(n.Ops[i-1]))
		}
	}
	if rec := q.Recursion; rec != nil {
		q.Setup, rec.scope, rec.finish = rec.setup, nil, nil
		for _, c := range q.Cores[q.Setup:] {
			if len(c.Windows) > 0 {
				return nil, errorf("cannot use window functions in recursive queries")
			}
			if c.IsAgg {
				return nil, errorf("recursive aggregate queries not supported")
			}
		}
		// All terms together make the columns' affinities, inside too.
		for i := range rec.Columns {
			rec.Columns[i].Affinity = q.columnAffinity(i)
		}
	}
	if len(q.Cores) > 1 {
		if err := r.compoundOrderBy(q, scopes, n); err != nil {
			return nil, err
		}
	}
	if n.With != nil {
		r.namedAll(with)
	}
	if n != r.inserted {
		q.Columns = columnNames(q.Cores[0])
	}
	return q, nil
}

// firstError is the error that the reference meets first in a compound with a
// core that cannot be bound: it looks at the tables of all cores, then at their
// names, from the last core to the first.
func (r *resolver) firstError(outer *scope, n *ast.Select, q *Query, err error) error {
	if len(n.Cores) == 1 || q.Recursion != nil {
		return err
	}
	for _, names := range []bool{false, true} {
		for _, c := range slices.Backward(n.Cores) {
			sc := &scope{outer: outer, query: q}
			var e error
			if s, ok := c.(*ast.SelectCore); names {
				_, e = r.core(sc, c, n, false, q)
			} else if ok {
				e = r.from(sc, &Core{}, s.From)
			}
			if e != nil {
				return e
			}
		}
	}
	return err
}

func compoundName(op ast.CompoundOp) string {
	return [...]string{"UNION", "UNION ALL", "EXCEPT", "INTERSECT"}[op]
}

func (r *resolver) core(sc *scope, n ast.Core, sel *ast.Select, single bool, q *Query) (*Core, error) {
	c := r.env.Scratch.core()
	sc.core = c
	if v, ok := n.(*ast.Values); ok && sel != r.inserted && r.aggregates(v) {
		n = selectOf(v)
	}
	if v, ok := n.(*ast.Values); ok {
		for _, row := range v.Rows {
			list, err := r.exprs(sc, row...)
			if err != nil {
				return nil, err
			}
			c.Rows = append(c.Rows, list)
		}
		if single && len(sel.OrderBy) > 0 {
			for i := range c.Rows[0] {
				c.Results = append(c.Results, ResultItem{Expr: c.Rows[0][i]})
			}
			err := r.orderBy(sc, c, q, sel.OrderBy)
			c.Results = nil
			return c, err
		}
		return c, nil
	}
	s := n.(*ast.SelectCore)
	var err error
	if sc.windows, err = chainWindows(s.Windows); err != nil {
		return nil, err
	}
	c.Distinct = s.Distinct
	if err := r.from(sc, c, s.From); err != nil {
		return nil, err
	}
	sc.allowAgg, sc.allowWindow = true, true
	if err := r.results(sc, c, s.Columns); err != nil {
		return nil, err
	}
	sc.allowWindow = false
	if len(c.Results) > catalog.ColumnsMax {
		return nil, errorf("too many columns in result set")
	}
	c.IsAgg = len(c.Aggs) > 0 || len(s.GroupBy) > 0
	sc.allowAgg = c.IsAgg
	sc.aliases = c.Results
	if s.Having != nil {
		if !c.IsAgg {
			return nil, errorf("HAVING clause on a non-aggregate query")
		}
		if c.Having, err = r.expr(sc, s.Having); err != nil {
			return nil, err
		}
	}
	sc.clause = clauseWhere
	if s.Where != nil {
		if c.Where, err = r.expr(sc, s.Where); err != nil {
			return nil, err
		}
	}
	if err := r.bindOns(sc, c); err != nil {
		return nil, err
	}
	sc.allowAgg = true
	if single && len(sel.OrderBy) > 0 {
		sc.clause, sc.allowWindow = clauseOrderBy, true
		if err := r.orderBy(sc, c, q, sel.OrderBy); err != nil {
			return nil, err
		}
		sc.allowWindow = false
	}
	sc.clause = clauseGroupBy
	return c, r.groupBy(sc, c, s.GroupBy)
}

// aggregates reports whether an aggregate or window function is called in the
// one row of a VALUES, which makes it a SELECT.
func (r *resolver) aggregates(v *ast.Values) bool {
	found := false
	for _, e := range v.Rows[0] {
		ast.Walk(e, func(x ast.Node) bool {
			if call, ok := x.(*ast.FuncCall); ok {
				f, _ := r.env.Functions.Lookup(call.Name.Text, len(call.Args))
				found = found || call.Over != nil || call.OverName != nil || f != nil && f.Flags&fn.Aggregate != 0
			}
			_, inside := x.(*ast.Select)
			return !inside
		})
	}
	return found && len(v.Rows) == 1
}

func selectOf(v *ast.Values) *ast.SelectCore {
	c := &ast.SelectCore{Span: v.Span}
	for _, e := range v.Rows[0] {
		c.Columns = append(c.Columns, &ast.ResultColumn{Expr: e})
	}
	return c
}

// results binds the result columns and expands the stars.
func (r *resolver) results(sc *scope, c *Core, list []*ast.ResultColumn) error {
	c.Results = r.env.Scratch.results(len(list))
	for _, n := range list {
		if n.Star() {
			if err := r.star(sc, c, n); err != nil {
				return err
			}
			continue
		}
		e, err := r.expr(sc, n.Expr)
		if err != nil {
			return err
		}
		item := ResultItem{Expr: e, Text: n.Text}
		if col, ok := skipCollate(n.Expr).(*ast.Column); ok {
			item.Ident = col.Name.Text
		}
		if n.Alias != nil {
			item.Alias, item.Written = n.Alias.Text, true
		} else {
			r.decided(n.Expr) // Its text is a name.
		}
		c.Results = append(c.Results, item)
	}
	return nil
}

func (r *resolver) star(sc *scope, c *Core, n *ast.ResultColumn) error {
	table := n.Table.String()
	seen := false
	for i, src := range c.Sources {
		if table != "" && !src.nested && !value.EqualFold(src.Name, table) {
			continue
		}
		for j := range src.Columns {
			col := &src.Columns[j]
			if col.Hidden && (table == "" || src.isModule()) || src.nested && table != "" && !value.EqualFold(col.Table, table) {
				continue
			}
			seen = true
			if e := Column(src, j).origin(); table != "" && e.Op == OpColumn && e.Source.Query == nil && e.Source.Table != nil && !e.Source.hasAlias {
				r.named(n.Table, e.Source.Table, ThisTable)
			}
			if i > 0 && table == "" && src.usesColumn(col.Name) {
				continue
			}
			if owner := c.namesakes(i, j); owner != "" {
				return errorAt(n.End()-1, "ambiguous column name: %s.%s", owner, col.Name)
			}
			e := r.columnOf(src, j)
			if src.Query == nil && src.Table != nil && src.Table.RowidAlias == j {
				e.Index = RowidColumn
			}
			if table == "" && src.beforeRight && usedLater(c.Sources[i+1:], col.Name) {
				count := 0
				if e, count = sc.lookup(r, "", "", col.Name); count > 1 {
					return errorf("ambiguous column name: %s", col.Name)
				}
			}
			e.Pos = n.Pos()
			name := col.Name
			if col.Shown != "" {
				name = col.Shown
			}
			c.Results = append(c.Results, ResultItem{Expr: e, Alias: name, Text: name, Written: true, Star: true})
		}
	}
	if !seen {
		if table != "" {
			return errorAt(-1, "no such table: %s", table)
		}
		return errorf("no tables specified")
	}
	return nil
}

// namesakes gives the full name of source i when another source of that name has
// its column j too, so that a star cannot tell them apart. USING can.
func (c *Core) namesakes(i, j int) string {
	src, name := c.Sources[i], c.Sources[i].Columns[j].Name
	owner := func(s *Source, j int) (schema, table string) {
		if s.nested {
			return "main", s.Columns[j].Table
		}
		if schema = s.Schema; schema == "" {
			if schema = "*"; s.isModule() {
				schema = "main"
			}
		}
		return schema, s.Name
	}
	schema, table := owner(src, j)
	if table == "" {
		return ""
	}
	for k, s := range c.Sources {
		if k == i && !s.nested || !s.nested && !value.EqualFold(s.Name, table) || s.usesColumn(name) || src.usesColumn(name) {
			continue
		}
		for l := range s.Columns {
			col := &s.Columns[l]
			if k == i && l == j || col.Hidden || !value.EqualFold(col.Name, name) {
				continue
			}
			if its, of := owner(s, l); value.EqualFold(its, schema) && value.EqualFold(of, table) {
				return schema + "." + table
			}
		}
	}
	return ""
}

// usedLater reports whether one of the sources is joined by USING a name.
func usedLater(sources []*Source, name string) bool {
	return slices.ContainsFunc(sources, func(s *Source) bool { return s.usesColumn(name) })
}

// groupBy binds GROUP BY: numbers and results by number, then names.
func (r *resolver) groupBy(sc *scope, c *Core, list []ast.Expr) error {
	if len(list) > catalog.ColumnsMax {
		return errorf("too many terms in GROUP BY clause")
	}
	beyond := 0
	for i, n := range list {
		k, isInt := integerTerm(n)
		switch {
		case isInt && (k < 1 || k > numberMax):
			return outOfRange("GROUP", i+1, len(c.Results), exprAt(n))
		case isInt && k > len(c.Results):
			beyond = first(beyond, i+1)
		case isInt:
			c.GroupBy = append(c.GroupBy, recollate(n, c.Results[k-1].Expr, r))
		default:
			e, err := r.expr(sc, n)
			if err != nil {
				return err
			}
			c.GroupBy = append(c.GroupBy, e)
		}
	}
	if beyond > 0 {
		return outOfRange("GROUP", beyond, len(c.Results), -1)
	}
	for _, e := range c.GroupBy {
		if sc.aggInGroupBy || c.aggregates(e) {
			return errorf("aggregate functions are not allowed in the GROUP BY clause")
		}
	}
	return nil
}

// aggregates reports whether an aggregate of the core stands in e.
func (c *Core) aggregates(e *Expr) bool {
	found := false
	Walk(e, func(x *Expr) bool {
		found = found || x.Op == OpAgg && slices.Contains(c.Aggs, x.Agg)
		return !found
	})
	return found
}

// numberMax is the greatest number of a result that ORDER BY and GROUP BY
// take; beyond it the reference reports the place of the term.
const numberMax = 1<<16 - 1

// first keeps the first number that is not 0.
func first(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

func outOfRange(kind string, i, n int, pos token.Pos) error {
	return errorAt(pos, "%s %s BY term out of range - should be between 1 and %d", ordinal(i), kind, n)
}

func ordinal(i int) string {
	suffix := "th"
	if i/10%10 != 1 {
		switch i % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", i, suffix)
}

// integerTerm reports whether a term of ORDER BY or GROUP BY is an integer
// constant, which names a result by number.
func integerTerm(n ast.Expr) (int, bool) {
	n = skipCollate(n)
	neg := false
	for {
		if u, ok := n.(*ast.Unary); ok && (u.Op == ast.OpPlus || u.Op == ast.OpNegate) {
			neg = neg != (u.Op == ast.OpNegate)
			n = u.X
			continue
		}
		break
	}
	v, truth, ok := constant(n)
	if !ok || truth {
		return 0, false
	}
	if neg {
		v = -v
	}
	return int(v), true
}

func skipCollate(n ast.Expr) ast.Expr {
	for {
		c, ok := n.(*ast.Collate)
		if !ok {
			return n
		}
		n = c.X
	}
}

// recollate puts the COLLATE operators around term n around e.
func recollate(n ast.Expr, e *Expr, r *resolver) *Expr {
	c, ok := n.(*ast.Collate)
	if !ok {
		return e
	}
	x := Unary(OpCollate, recollate(c.X, e, r))
	x.hasCollate = true
	if x.Coll = r.collation(c.Collation.Text); x.Coll == nil {
		x.Coll = value.Binary
	}
	return x
}

// asName finds the result that a term names by its alias alone.
func asName(c *Core, n ast.Expr) int {
	col, ok := skipCollate(n).(*ast.Column)
	if !ok || col.Table != nil {
		return -1
	}
	for i := range c.Results {
		if c.Results[i].Written && value.EqualFold(c.Results[i].Alias, col.Name.Text) {
			return i
		}
	}
	return -1
}

func (r *resolver) orderBy(sc *scope, c *Core, q *Query, list []*ast.OrderTerm) error {
	if len(list) > catalog.ColumnsMax {
		return errorf("too many terms in ORDER BY clause")
	}
	beyond := 0
	for i, n := range list {
		if err := r.checkCollate(n.Expr); err != nil {
			return err
		}
		t := newOrderTerm(n)
		if k := asName(c, n.Expr); k >= 0 {
			t.Col = k
		} else if k, ok := integerTerm(n.Expr); ok {
			if k < 1 || k > numberMax {
				return outOfRange("ORDER", i+1, len(c.Results), exprAt(n.Expr))
			}
			if k > len(c.Results) {
				beyond = first(beyond, i+1)
				continue
			}
			t.Col = k - 1
		} else {
			e, err := r.expr(sc, n.Expr)
			if err != nil {
				return err
			}
			t.Expr = e
			for j := range c.Results {
				if Equal(e, c.Results[j].Expr) {
					t.Col = j
				}
			}
		}
		if t.Expr == nil {
			t.Expr = recollate(n.Expr, c.Results[t.Col].Expr, r)
		}
		t.Collation = t.Expr.Collation()
		q.OrderBy = append(q.OrderBy, t)
	}
	if beyond > 0 {
		return outOfRange("ORDER", beyond, len(c.Results), -1)
	}
	return nil
}

func (r *resolver) checkCollate(n ast.Expr) error {
	for {
		c, ok := n.(*ast.Collate)
		if !ok {
			return nil
		}
		if r.collation(c.Collation.Text) == nil {
			return NoCollation(c.Collation.Text)
		}
		n = c.X
	}
}

func newOrderTerm(n *ast.OrderTerm) OrderTerm {
	t := OrderTerm{Col: -1, Desc: n.Order == ast.SortDesc}
	t.NullsLast = t.Desc
	switch n.Nulls {
	case ast.NullsFirst:
		t.NullsLast = false
	case ast.NullsLast:
		t.NullsLast = true
	case ast.NullsNone: // As the direction says.
	}
	return t
}

// compoundOrderBy binds the terms of a compound query's ORDER BY: each must
// name a result of one of the cores, the left-most that has it.
func (r *resolver) compoundOrderBy(q *Query, scopes []*scope, sel *ast.Select) error {
	for i, n := range sel.OrderBy {
		if err := r.checkCollate(n.Expr); err != nil {
			return err
		}
		t := newOrderTerm(n)
		width := q.Cores[0].Width()
		if k, ok := integerTerm(n.Expr); ok {
			if k < 1 || k > width {
				return outOfRange("ORDER", i+1, width, exprAt(n.Expr))
			}
			t.Col = k - 1
		}
		for j := 0; j < len(q.Cores) && t.Col < 0; j++ {
			if q.Cores[j].Rows != nil {
				continue
			}
			if t.Col = asName(q.Cores[j], n.Expr); t.Col >= 0 {
				break
			}
			e := r.tryTerm(scopes[j], skipCollate(n.Expr))
			if e == nil {
				continue // Another core may know the name.
			}
			for k := range q.Cores[j].Results {
				result := q.Cores[j].Results[k].Expr
				for result.Op == OpCollate { // Whatever its collation.
					result = result.L
				}
				if Equal(e, result) {
					t.Col = k
					break
				}
			}
		}
		if t.Col < 0 {
			return errorf("%s ORDER BY term does not match any column in the result set", ordinal(i+1))
		}
		if c, ok := n.Expr.(*ast.Collate); ok {
			t.Collation = r.collation(c.Collation.Text)
		} else {
			t.Collation = q.columnCollation(t.Col)
		}
		q.OrderBy = append(q.OrderBy, t)
	}
	return nil
}

// tryTerm binds a term of a compound's ORDER BY to one of its cores, without
// the queries around it; nil when it cannot be bound there. The core stays as
// it was.
func (r *resolver) tryTerm(of *scope, n ast.Expr) *Expr {
	if hasSelect(n) {
		return nil
	}
	core := *of.core
	sc := &scope{core: &core, query: of.query, sources: of.sources, aliases: core.Results, allowAgg: true}
	e, err := r.expr(sc, n)
	if err != nil {
		return nil
	}
	return e
}

func hasSelect(n ast.Expr) bool {
	found := false
	ast.Walk(n, func(x ast.Node) bool {
		_, is := x.(*ast.Select)
		found = found || is
		return !found
	})
	return found
}

// columnCollation is the collation of a compound query's column: that of the
// left-most core that has one.
func (q *Query) columnCollation(i int) *value.Collation {
	for _, c := range q.Cores {
		coll := c.Result(i).Collation()
		if coll == nil && len(c.Rows) > 1 {
			coll = value.Binary // Several rows are a table, whose columns have one.
		}
		if coll != nil {
			return coll
		}
	}
	return nil
}

// ColumnCollation is the collation under which rows of the compound's cores
// are compared in column i.
func (q *Query) ColumnCollation(i int) *value.Collation { return q.columnCollation(i) }

// columnNames names the results as a statement shows them: the alias, the
// column's name, or the text of the expression.
func columnNames(c *Core) []OutColumn {
	if c.Rows != nil {
		out := make([]OutColumn, len(c.Rows[0]))
		for i := range out {
			out[i].Name = "column" + strconv.Itoa(i+1)
		}
		return out
	}
	out := make([]OutColumn, len(c.Results))
	for i := range c.Results {
		item := &c.Results[i]
		switch e := item.Expr; {
		case item.Written:
			out[i].Name = item.Alias
		case e.Op == OpColumn:
			out[i].Name = e.columnName()
		case item.Text == "":
			out[i].Name = "column" + strconv.Itoa(i+1)
		default:
			out[i].Name = item.Text
		}
	}
	return out
}

func (e *Expr) columnName() string {
	if e.Index == RowidColumn {
		if t := e.Source.Table; t != nil && t.RowidAlias >= 0 {
			return t.Columns[t.RowidAlias].Name
		}
		return "rowid"
	}
	if c := &e.Source.Columns[e.Index]; c.Shown != "" {
		return c.Shown
	}
	return e.Source.Columns[e.Index].Name
}

// TableColumns names the columns of the table that a query would make: all
// names differ. Columns have the names that their tables give them.
func TableColumns(q *Query) []SourceColumn {
	return tableColumns(q, func(item *ResultItem) string { return "" })
}

// subqueryColumns names the columns of a subquery in FROM: those that are
// columns themselves have the names by which it calls them.
func subqueryColumns(q *Query) []SourceColumn {
	return tableColumns(q, func(item *ResultItem) string { return item.Ident })
}

func tableColumns(q *Query, called func(*ResultItem) string) []SourceColumn {
	c := q.Cores[0]
	cols := make([]SourceColumn, c.Width())
	seen := map[string]bool{}
	for i := range cols {
		name, given := "", false
		if c.Rows == nil {
			item := &c.Results[i]
			switch e := item.Expr.SkipCollate(); {
			case item.Written:
				name, given = item.Alias, true
			case called(item) != "":
				name = called(item)
			case e.Op == OpColumn:
				name = e.columnName()
			default:
				name = item.Text
			}
			cols[i].Hidden = item.NoStar
		}
		if name == "" && !given || value.EqualFold(name, "true") || value.EqualFold(name, "false") {
			name = fmt.Sprintf("column%d", i+1)
		}
		cols[i].Name = unique(name, seen)
		e := c.Result(i)
		cols[i].Affinity = q.columnAffinity(i)
		// A column always has a collation, which counts before that of the
		// other operand of a comparison.
		if cols[i].Collation = e.Collation(); cols[i].Collation == nil {
			cols[i].Collation = value.Binary
		}
		cols[i].DeclType = e.DeclType()
		if cols[i].DeclType == "" || cols[i].Affinity != value.AffinityOf(cols[i].DeclType) {
			cols[i].DeclType = typeOfAffinity(cols[i].Affinity)
		}
	}
	return cols
}

// unique changes a name until it is none of those seen, and sees it.
func unique(name string, seen map[string]bool) string {
	for n := 1; seen[value.Lower(name)]; n++ {
		name = fmt.Sprintf("%s:%d", uniqueStem(name), n)
	}
	seen[value.Lower(name)] = true
	return name
}

func uniqueStem(name string) string {
	j := len(name) - 1
	for j > 0 && name[j]-'0' < 10 {
		j--
	}
	if j > 0 && name[j] == ':' {
		return name[:j]
	}
	return name
}

func typeOfAffinity(a value.Affinity) string {
	switch a {
	case value.AffText:
		return "TEXT"
	case value.AffNumeric, value.AffFlexnum:
		return "NUM"
	case value.AffInteger:
		return "INT"
	case value.AffReal:
		return "REAL"
	case value.AffBlob:
		return "BLOB"
	default:
		return ""
	}
}

// columnAffinity is the affinity of column i of a subquery: the first core's
// that has one, or BLOB when the cores do not agree.
func (q *Query) columnAffinity(i int) value.Affinity {
	aff := value.AffNone
	types, k := 0, 0
	for ; k < len(q.Cores) && aff <= value.AffNone; k++ {
		e := q.Cores[k].Result(i)
		aff = e.Affinity()
		if k > 0 {
			types |= e.DataType()
		}
	}
	if aff >= value.AffText && len(q.Cores) > 1 {
		for ; k < len(q.Cores); k++ {
			types |= q.Cores[k].Result(i).DataType()
		}
		switch {
		case aff == value.AffText && types&1 != 0, aff.IsNumeric() && types&2 != 0:
			aff = value.AffBlob
		}
		if aff.IsNumeric() && q.Cores[0].Result(i).Op == OpCast {
			aff = value.AffFlexnum
		}
	}
	return aff
}
