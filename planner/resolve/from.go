package resolve

import (
	"errors"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

// withScope is one WITH clause and those around it.
type withScope struct {
	outer *withScope
	ctes  []*ast.CTE
	uses  map[*ast.CTE]*CTEUse
	busy  map[*ast.CTE]*Recursion // Those being bound; not nil in the recursive ones.
}

func newWith(outer *withScope, n *ast.With) (*withScope, error) {
	w := &withScope{outer: outer, busy: map[*ast.CTE]*Recursion{}, uses: map[*ast.CTE]*CTEUse{}}
	for _, c := range n.CTEs {
		for _, d := range w.ctes {
			if value.EqualFold(c.Name.Text, d.Name.Text) {
				return nil, errorf("duplicate WITH table name: %s", c.Name.Text)
			}
		}
		w.ctes = append(w.ctes, c)
	}
	return w, nil
}

// joinsMax is the most terms of one FROM clause, as SQLite's 64-bit masks
// allow.
const joinsMax = 64

// from binds a FROM clause into c.Sources, a chain of joins from the left.
func (r *resolver) from(sc *scope, c *Core, n ast.TableExpr) error {
	if n == nil {
		return nil
	}
	last, _ := lastRight(n)
	ch := &chain{core: c, lastRight: last}
	if err := r.joinTree(sc, ch, n, ast.JoinComma, nil, nil); err != nil {
		return err
	}
	if len(c.Sources) > joinsMax {
		return errorf("at most %d tables in a join", joinsMax)
	}
	sc.sources = c.Sources
	return nil
}

// chain is a FROM clause that is being bound.
type chain struct {
	core      *Core
	lastRight int // Index of the last source that a RIGHT or FULL JOIN adds, -1 for none.
}

// lastRight finds the last RIGHT or FULL JOIN of a chain, and the chain's
// length.
func lastRight(n ast.TableExpr) (last, terms int) {
	switch n := n.(type) {
	case *ast.Join:
		last, terms = lastRight(n.Left)
		if n.Type&ast.JoinRight != 0 {
			last = terms
		}
		return last, terms + 1
	case *ast.TableParen:
		if n.Alias == nil {
			// Counts only at the left end, where no other term stands.
			if l, k := lastRight(n.X); k > 0 {
				return l, k
			}
		}
	}
	return -1, 1
}

func (r *resolver) joinTree(sc *scope, c *chain, n ast.TableExpr, typ ast.JoinType, on ast.Expr, using []*ast.Name) error {
	switch n := n.(type) {
	case *ast.Join:
		if err := r.joinTree(sc, c, n.Left, typ, nil, nil); err != nil {
			return err
		}
		return r.joinTerm(sc, c, n.Right, n.Type, n.On, n.Using)
	default:
		return r.joinTerm(sc, c, n, typ, on, using)
	}
}

func (r *resolver) joinTerm(sc *scope, ch *chain, n ast.TableExpr, typ ast.JoinType, on ast.Expr, using []*ast.Name) error {
	c := ch.core
	// A parenthesised join at the left end is no more than its content.
	if p, ok := n.(*ast.TableParen); ok && len(c.Sources) == 0 && p.Alias == nil {
		return r.joinTree(sc, ch, p.X, typ, nil, nil)
	}
	src, err := r.source(sc, n)
	if err != nil {
		return err
	}
	natural := typ&ast.JoinNatural != 0
	if natural && (on != nil || len(using) > 0) {
		return errorf("a NATURAL join may not have an ON or USING clause")
	}
	if len(c.Sources) == 0 && (on != nil || len(using) > 0) {
		return errorf("a JOIN clause is required before %s", map[bool]string{true: "ON", false: "USING"}[on != nil])
	}
	src.beforeRight = len(c.Sources) < ch.lastRight
	switch {
	case typ&ast.JoinLeft != 0 && typ&ast.JoinRight != 0:
		src.Join = JoinFull
	case typ&ast.JoinRight != 0:
		src.Join = JoinRight
	case typ&ast.JoinLeft != 0:
		src.Join = JoinLeft
	case typ&ast.JoinCross != 0:
		src.Join = JoinCross
	}
	src.Nullable = src.beforeRight || src.Join.Left()
	if natural {
		for i := range src.Columns {
			col := &src.Columns[i]
			if col.Hidden {
				continue
			}
			if _, at := leftColumn(c.Sources, 0, col.Name, true); at >= 0 {
				using = append(using, &ast.Name{Text: col.Name})
			}
		}
	}
	for _, u := range using {
		left, at := leftColumn(c.Sources, 0, u.Text, natural)
		right := src.columnIndex(u.Text)
		if at < 0 || right < 0 {
			return errorf("cannot join using column %s - column not present in both tables", u.Text)
		}
		if ch.lastRight > 0 {
			// Any of the sources to the left may be a row of NULLs.
			all := []*Expr{left}
			for {
				var next *Expr
				if next, at = leftColumn(c.Sources, at+1, u.Text, natural); at < 0 {
					break
				}
				if !c.Sources[at].usesColumn(u.Text) {
					return errorf("ambiguous reference to %s in USING()", u.Text)
				}
				all = append(all, next)
			}
			left = r.coalesce(all)
		}
		rc := r.columnOf(src, right)
		if src.Query == nil && src.Table != nil && src.Table.RowidAlias == right {
			rc.Index = RowidColumn
		}
		eq := r.binaryOf(OpEq, left, rc)
		if src.On == nil {
			src.On = eq
		} else {
			src.On = r.binaryOf(OpAnd, src.On, eq)
		}
		src.Using = append(src.Using, value.Lower(u.Text))
	}
	c.Sources = append(c.Sources, src)
	if on != nil {
		src.on = on
	}
	return nil
}

// leftColumn finds the first of the sources, beginning with number from, that
// has a column of that name; -1 when none has.
func leftColumn(sources []*Source, from int, name string, shown bool) (*Expr, int) {
	for k := from; k < len(sources); k++ {
		s := sources[k]
		if i := s.columnIndex(name); i >= 0 && (!shown || !s.Columns[i].Hidden) {
			e := Column(s, i)
			if s.Query == nil && s.Table != nil && s.Table.RowidAlias == i {
				e.Index = RowidColumn
			}
			return e, k
		}
	}
	return nil, -1
}

// coalesce is the first of the columns that is not NULL; it has the affinity
// and the collation of the first.
func (r *resolver) coalesce(list []*Expr) *Expr {
	if len(list) == 1 {
		return list[0]
	}
	f, _ := r.env.Functions.Lookup("coalesce", len(list))
	return &Expr{Op: OpFunc, Func: f, List: list, aff: list[0].Affinity(), affFixed: true, Coll: list[0].Collation(), collFixed: true}
}

// bindOns binds the ON clauses and the arguments of table-valued functions;
// they may name all sources of the FROM clause.
func (r *resolver) bindOns(sc *scope, c *Core) error {
	sc.on = true
	defer func() { sc.on = false }()
	if err := r.bindArgs(sc, c); err != nil {
		return err
	}
	for i, src := range c.Sources {
		if src.on == nil {
			continue
		}
		e, err := r.expr(sc, src.on)
		if err != nil {
			return err
		}
		src.on = nil
		right := false
		e.References(func(s *Source) {
			for _, later := range c.Sources[i+1:] {
				right = right || s == later
			}
		})
		if right && (src.Join.Left() || src.Join.Right() || c.Sources[0].beforeRight) {
			return errorf("ON clause references tables to its right")
		}
		if src.On != nil {
			e = r.binaryOf(OpAnd, src.On, e)
		}
		src.On = e
	}
	return nil
}

func (r *resolver) source(sc *scope, n ast.TableExpr) (*Source, error) {
	switch n := n.(type) {
	case *ast.TableName:
		return r.tableName(sc, n)
	case *ast.TableSubquery:
		q, err := r.query(sc.outer, n.Select)
		if err != nil {
			return nil, err
		}
		if sc.outer != nil && q.Correlated && sc.query != nil {
			sc.query.Correlated = true
		}
		return &Source{Name: n.Alias.String(), Query: q, Columns: subqueryColumns(q), hasAlias: true}, nil
	case *ast.TableParen:
		return r.nestedFrom(sc, n)
	case *ast.TableFunc:
		return r.tableFunc(n)
	}
	return nil, errorf("unknown table expression")
}

// tempDB is the number of the temporary database.
const tempDB = 1

func (r *resolver) tableName(sc *scope, n *ast.TableName) (*Source, error) {
	if n.Schema == nil {
		if src, err := r.cte(sc, n); src != nil || err != nil {
			return src, err
		}
	}
	schema := r.home(n.Schema.String())
	t, db := r.env.Catalog.FindTable(schema, n.Name.Text)
	if t == nil {
		if m := r.module(n.Schema, n.Name); m != nil {
			return moduleSource(m, n.Alias), nil
		}
		name := n.Name.Text
		switch {
		case n.Schema != nil:
			name = n.Schema.Text + "." + name
		case schema != "":
			name = schema + "." + name
		}
		return nil, errorf("no such table: %s", name)
	}
	r.named(n.Name, t, ThisTable)
	src := r.env.Scratch.source(Source{Name: t.Name, Schema: r.env.Catalog.Schemas[db].Name, Table: t, DB: db, NotIndexed: n.NotIndexed})
	if n.Alias == nil && t.Root == catalog.SchemaRoot {
		src.Name = n.Name.Text
	}
	if n.Alias != nil {
		src.Name, src.hasAlias = n.Alias.Text, true
	}
	if t.View != nil {
		if err := r.view(src, t); err != nil {
			return nil, err
		}
	} else {
		src.Columns = t.Shown
		if err := r.bindRow(src); err != nil {
			return nil, err
		}
	}
	if n.IndexedBy != nil {
		for _, x := range t.Indexes {
			if value.EqualFold(x.Name, n.IndexedBy.Text) {
				src.Index = x
			}
		}
		if src.Index == nil {
			return nil, errorf("no such index: %s", n.IndexedBy.Text)
		}
	}
	return src, nil
}

// home is the database that a table without one means: views and triggers mean
// the tables of their own file.
func (r *resolver) home(schema string) string {
	switch k := len(r.views); {
	case schema != "":
	case k > 0 && r.views[k-1].DB != tempDB:
		return r.views[k-1].Schema
	case k == 0 && r.env.Body != nil && r.env.Body.Trigger.DB != tempDB:
		return r.env.Body.Trigger.Schema
	}
	return schema
}

// view binds the query of a view afresh, in no other scope than the
// catalogue's.
func (r *resolver) view(src *Source, t *catalog.Table) error {
	for _, v := range r.views {
		if v == t {
			return errorf("view %s is circularly defined", t.Name)
		}
	}
	saved := r.with
	r.views, r.with = append(r.views, t), nil
	q, err := r.query(nil, t.View.Select)
	r.views, r.with = r.views[:len(r.views)-1], saved
	if err != nil {
		return unplaced(err)
	}
	src.Query = q
	src.Columns = TableColumns(q)
	return renameColumns(src, t.View.Columns, t.Name)
}

// unplaced takes the place from an error: it lies in the text of another
// statement.
func unplaced(err error) error {
	var e *NameError
	if !errors.As(err, &e) {
		return err
	}
	c := *e
	c.Pos = -1
	return &c
}

func renameColumns(src *Source, names []*ast.Name, name string) error {
	if len(names) == 0 {
		return nil
	}
	if len(names) != len(src.Columns) {
		return errorf("expected %d columns for '%s' but got %d", len(names), name, len(src.Columns))
	}
	for i, n := range names {
		src.Columns[i].Name = n.Text
	}
	return nil
}

// cte finds a common table expression by name and binds its query afresh.
func (r *resolver) cte(sc *scope, n *ast.TableName) (*Source, error) {
	for w := r.with; w != nil; w = w.outer {
		for _, c := range w.ctes {
			if !value.EqualFold(c.Name.Text, n.Name.Text) {
				continue
			}
			if rec, busy := w.busy[c]; busy {
				switch {
				case rec == nil || rec.Columns == nil:
					return nil, errorf("circular reference: %s", c.Name.Text)
				case rec.scope != sc:
					return nil, errorf("multiple recursive references: %s", c.Name.Text)
				}
				src := &Source{Name: c.Name.Text, Current: rec, Columns: rec.Columns}
				if n.Alias != nil {
					src.Name, src.hasAlias = n.Alias.Text, true
				}
				return src, nil
			}
			rec, err := newRecursion(c)
			if err != nil {
				return nil, err
			}
			saved := r.with
			w.busy[c] = rec
			r.with, r.recursion = w, rec
			q, err := r.query(sc.outer, c.Select)
			r.with = saved
			delete(w.busy, c)
			if err != nil {
				return nil, err
			}
			if sc.outer != nil && q.Correlated && sc.query != nil {
				sc.query.Correlated = true
			}
			q.Materialize = c.Materialized
			use := w.uses[c]
			if use == nil {
				use = &CTEUse{Hint: c.Materialized}
				w.uses[c] = use
			}
			use.Sources++
			src := &Source{Name: c.Name.Text, Query: q, Columns: subqueryColumns(q), CTE: true, Use: use}
			if n.Alias != nil {
				src.Name, src.hasAlias = n.Alias.Text, true
			}
			return src, nameCTE(src, c)
		}
	}
	return nil, nil
}

// nameCTE gives a common table expression the columns of its list.
func nameCTE(src *Source, c *ast.CTE) error {
	if len(c.Columns) > 0 && len(c.Columns) != len(src.Columns) {
		return errorf("table %s has %d values for %d columns", c.Name.Text, len(src.Columns), len(c.Columns))
	}
	return renameColumns(src, c.Columns, c.Name.Text)
}

// newRecursion finds the recursive terms of a common table expression: the
// last ones of its compound, joined by one and the same UNION or UNION ALL,
// that name it in their FROM. It is nil when there are none.
func newRecursion(c *ast.CTE) (*Recursion, error) {
	sel := c.Select
	i := len(sel.Cores) - 1
	for ; i > 0; i-- {
		op := sel.Ops[i-1]
		if op != sel.Ops[len(sel.Ops)-1] || op != ast.Union && op != ast.UnionAll {
			break
		}
		core, ok := sel.Cores[i].(*ast.SelectCore)
		if !ok {
			break
		}
		n := countName(core.From, c.Name.Text)
		if n > 1 {
			return nil, errorf("multiple references to recursive table: %s", c.Name.Text)
		}
		if n == 0 {
			break
		}
	}
	if i == len(sel.Cores)-1 {
		return nil, nil
	}
	rec := &Recursion{setup: i + 1}
	rec.finish = func(q *Query) error {
		src := &Source{Columns: subqueryColumns(q)}
		err := nameCTE(src, c)
		rec.Columns = src.Columns
		return err
	}
	return rec, nil
}

// countName counts the terms of a FROM clause that are the table of a name.
func countName(n ast.TableExpr, name string) int {
	switch n := n.(type) {
	case *ast.Join:
		if _, nested := n.Right.(*ast.TableParen); nested {
			return countName(n.Left, name)
		}
		return countName(n.Left, name) + countName(n.Right, name)
	case *ast.TableParen:
		if n.Alias == nil {
			return countName(n.X, name)
		}
	case *ast.TableName:
		if n.Schema == nil && value.EqualFold(n.Name.Text, name) {
			return 1
		}
	}
	return 0
}

// nestedFrom binds a parenthesised join as a subquery that shows all columns
// and remembers their tables.
func (r *resolver) nestedFrom(sc *scope, n *ast.TableParen) (*Source, error) {
	q := &Query{}
	c := &Core{}
	inner := &scope{outer: sc.outer, query: q, core: c}
	if err := r.from(inner, c, n.X); err != nil {
		return nil, err
	}
	if err := r.bindOns(inner, c); err != nil {
		return nil, err
	}
	if len(c.Sources) == 1 && c.Sources[0].On == nil {
		src := c.Sources[0]
		if n.Alias != nil {
			src.Name, src.hasAlias = n.Alias.Text, true
		}
		return src, nil
	}
	q.Cores = []*Core{c}
	src := &Source{Name: n.Alias.String(), Query: q, nested: n.Alias == nil, hasAlias: n.Alias != nil}
	seen := map[string]bool{}
	for i, s := range c.Sources {
		var next *Source
		if i+1 < len(c.Sources) {
			next = c.Sources[i+1]
			// Columns of USING stand before those of the table to the left.
			for _, u := range next.Using {
				e, _ := inner.lookup(r, "", "", u)
				name := u
				if e.Op == OpColumn {
					name = e.columnName()
				}
				c.Results = append(c.Results, ResultItem{Expr: e, Alias: name, Written: true})
				src.Columns = append(src.Columns, SourceColumn{Name: name, Affinity: e.Affinity(), Collation: e.Collation(),
					DeclType: e.DeclType(), Shown: unique(name, seen), Using: true})
			}
		}
		for j := range s.Columns {
			col := s.Columns[j]
			shown := unique(col.Name, seen)
			twin := s.usesColumn(col.Name) || next != nil && next.usesColumn(col.Name)
			e := Column(s, j)
			if s.Query == nil && s.Table != nil && s.Table.RowidAlias == j {
				e.Index = RowidColumn
			}
			c.Results = append(c.Results, ResultItem{Expr: e, Alias: col.Name, Written: true, NoStar: twin})
			out := SourceColumn{Name: col.Name, Affinity: col.Affinity, Collation: col.Collation,
				DeclType: col.DeclType, Hidden: twin || col.Hidden, Schema: s.Schema, Table: s.Name, Shown: shown}
			if s.nested {
				out.Schema, out.Table = col.Schema, col.Table
			}
			src.Columns = append(src.Columns, out)
		}
	}
	q.Columns = columnNames(c)
	return src, nil
}

// module finds the table-valued function of a name.
func (r *resolver) module(schema, name *ast.Name) *vtab.Module {
	if schema != nil && r.env.Catalog.Database(schema.Text) < 0 && !value.EqualFold(schema.Text, "temp") {
		return nil
	}
	return r.env.Modules[value.Lower(name.Text)]
}

// moduleSource is a module as a term of FROM.
func moduleSource(m *vtab.Module, alias *ast.Name) *Source {
	t := catalog.ModuleTable(m)
	src := &Source{Name: m.Name, Schema: "main", Table: t, Columns: t.Shown}
	if alias != nil {
		src.Name, src.hasAlias = alias.Text, true
	}
	return src
}

// tableFunc binds a call of a table-valued function. An argument is an
// equality with a hidden column; it may name all sources of the FROM clause.
func (r *resolver) tableFunc(n *ast.TableFunc) (*Source, error) {
	m := r.module(n.Schema, n.Name)
	if t, _ := r.env.Catalog.FindTable(n.Schema.String(), n.Name.Text); t != nil {
		return nil, errorf("'%s' is not a function", t.Name)
	}
	if m == nil {
		return nil, errorf("no such table: %s", n.Name.Text)
	}
	src := moduleSource(m, n.Alias)
	src.args = n.Args
	hidden := 0
	for _, c := range m.Columns {
		if c.Hidden {
			hidden++
		}
	}
	if len(n.Args) > hidden {
		return nil, errorf("too many arguments on %s() - max %d", m.Name, hidden)
	}
	return src, nil
}

// bindArgs binds the arguments of table-valued functions.
func (r *resolver) bindArgs(sc *scope, c *Core) error {
	for _, src := range c.Sources {
		if src.args == nil {
			continue
		}
		args := src.args
		src.args = nil
		for i, k := 0, 0; k < len(args); i++ {
			if !src.Columns[i].Hidden {
				continue
			}
			arg, err := r.expr(sc, args[k])
			if err != nil {
				return err
			}
			k++
			eq := Binary(OpEq, Column(src, i), arg)
			if src.On != nil {
				eq = Binary(OpAnd, src.On, eq)
			}
			src.On = eq
		}
	}
	return nil
}

// ViewColumns binds a view and names its columns.
func ViewColumns(env Env, t *catalog.Table) ([]SourceColumn, error) {
	r := &resolver{env: env}
	src := &Source{Name: t.Name}
	if err := r.view(src, t); err != nil {
		return nil, err
	}
	return src.Columns, nil
}
