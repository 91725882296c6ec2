package resolve

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/value"
)

// resolver binds one statement.
type resolver struct {
	env   Env
	with  *withScope
	views []*catalog.Table // Views being expanded, to find circles.
	depth int
	// What is bound is not the text that Named is about: in a table's definition
	// (aside), or below the views that it is (base).
	aside, base int
	// recursion is that of the query to be bound next.
	recursion *Recursion
	// inserted is the source of an INSERT, whose VALUES are no SELECT.
	inserted *ast.Select
}

// scope is where names are looked up: the sources of one core, and the scopes
// around it.
type scope struct {
	outer   *scope
	query   *Query // The query that core belongs to; marked when it is correlated.
	core    *Core  // Collects aggregates; nil outside of a SELECT.
	sources []*Source
	// aliases are the results that WHERE and the later clauses may name.
	aliases  []ResultItem
	allowAgg bool
	// allowWindow: window functions too; windows are those that OVER may name.
	allowWindow bool
	windows     []*ast.Window
	clause      clause
	// aggInGroupBy: an aggregate of the core was found in its GROUP BY.
	aggInGroupBy bool
	// on: an ON clause is being bound, whose names the reference cannot place.
	on bool
	// excluded is the row that an upsert could not insert: "excluded" names it
	// when nothing else goes by that name.
	excluded *Source
	// kind restricts what may stand in a CHECK constraint and the like.
	kind exprKind
}

// clause is what of a core is being bound.
type clause uint8

const (
	clauseResults clause = iota // HAVING too.
	clauseWhere                 // ON too.
	clauseOrderBy
	clauseGroupBy
)

// errorAt is an error at a place in the text, if the scope's clause has places.
func (s *scope) errorAt(pos token.Pos, format string, args ...any) error {
	if s.on {
		pos = -1
	}
	return errorAt(pos, format, args...)
}

type exprKind uint8

const (
	inQuery exprKind = iota
	inCheck
	inIndex
	inPartialIndex
	inDefault
	inGenerated
)

func (k exprKind) String() string {
	switch k {
	case inCheck:
		return "CHECK constraints"
	case inIndex:
		return "index expressions"
	case inGenerated:
		return "generated columns"
	case inPartialIndex:
		return "partial index WHERE clauses"
	default:
		return "DEFAULT values"
	}
}

// queryDepthMax bounds queries within queries, views included.
const queryDepthMax = 1000

// column binds a column name, or an alias, a string in double quotes, TRUE or
// FALSE in its place.
func (r *resolver) column(sc *scope, n *ast.Column) (*Expr, error) {
	schema, table, name := n.Schema.String(), n.Table.String(), n.Name.Text
	if table != "" && (sc.kind == inIndex || sc.kind == inGenerated) {
		if _, count := sc.lookup(r, schema, table, name); count > 0 {
			return nil, sc.errorAt(n.Pos(), "the \".\" operator prohibited in %s", sc.kind)
		}
	}
	for s := sc; s != nil; s = s.outer {
		e, count := s.lookup(r, schema, table, name)
		if count == 1 {
			e.Pos = n.Pos()
		}
		if count == 0 && schema == "" && sc.kind == inQuery {
			if e = r.env.Body.column(table, name); e != nil {
				e.Pos = n.Pos()
				r.namedColumn(n, e)
				return e, nil
			}
		}
		if count == 0 && table == "" {
			var err error
			if e, err = s.alias(sc, name); err != nil {
				return nil, err
			}
			if e != nil {
				count = 1
			}
		}
		if count > 1 {
			return nil, sc.errorAt(n.Pos(), "ambiguous column name: %s", qualified(schema, table, name))
		}
		if count == 1 {
			r.namedColumn(n, e)
			for t := sc; t != s; t = t.outer {
				if t.query != nil {
					t.query.Correlated = true
				}
			}
			return e, nil
		}
	}
	if table == "" {
		if n.Name.Quote == token.Double {
			if r.env.Strings == StringsNowhere || r.env.Strings == StringsInTables && sc.kind == inQuery {
				return nil, sc.errorAt(n.Pos(), "no such column: \"%s\" - should this be a string literal in single-quotes?", name)
			}
			r.named(n.Name, nil, 0)
			return r.constant(value.FromString(name)), nil
		}
		if n.Name.Quote == token.Bare {
			if value.EqualFold(name, "true") {
				return r.constant(value.FromInt(1)), nil
			}
			if value.EqualFold(name, "false") {
				return r.constant(value.FromInt(0)), nil
			}
		}
	}
	return nil, sc.errorAt(n.Pos(), "no such column: %s", qualified(schema, table, name))
}

func qualified(schema, table, name string) string {
	if table != "" {
		name = table + "." + name
		if schema != "" {
			name = schema + "." + name
		}
	}
	return name
}

// lookup counts the columns of the scope's own sources that the name may
// mean. A name of USING means the left-most table's column in an inner or left
// join, the right-most's in a right join, and in a full join whichever is not
// NULL.
func (s *scope) lookup(r *resolver, schema, table, name string) (e *Expr, count int) {
	if schema != "" && r.env.Catalog.Database(schema) < 0 {
		return nil, 0
	}
	var rowidOf *Source
	rowids := 0
	var full []*Expr // What was found to the left of full joins.
	add := func(src *Source, found *Expr) bool {
		if count > 0 {
			switch {
			case !src.usesColumn(name) || e.Source == src:
				full = nil
			case !src.Join.Right():
				return false
			case !src.Join.Left():
				count, full = 0, nil
			default:
				full = append(full, e)
			}
		}
		e, count = found, count+1
		return true
	}
	for _, src := range s.sources {
		if src.nested {
			hit := false
			for i := range src.Columns {
				c := &src.Columns[i]
				if !value.EqualFold(c.Name, name) || table != "" &&
					(!value.EqualFold(c.Table, table) || schema != "" && !value.EqualFold(c.Schema, schema)) {
					continue
				}
				hit = true
				if !add(src, r.columnOf(src, i)) {
					continue
				}
				if c.Using {
					break
				}
			}
			if hit || table == "" || !src.matches(schema, table) {
				continue
			}
		}
		if table != "" && !src.matches(schema, table) {
			continue
		}
		if i := src.columnIndex(name); i >= 0 {
			found := r.columnOf(src, i)
			if src.Table != nil && src.Query == nil && src.Table.RowidAlias == i {
				found.Index = RowidColumn
			}
			add(src, found)
			continue
		}
		if src.HasRowid() {
			rowidOf = src
			rowids++
		}
	}
	if x := s.excluded; count == 0 && rowids == 0 && x != nil && schema == "" && value.EqualFold(table, "excluded") {
		if i := x.columnIndex(name); i >= 0 {
			if i == x.Table.RowidAlias {
				i = RowidColumn
			}
			return bare(x, i), 1
		}
		if x.HasRowid() && catalog.IsRowidName(name) {
			return bare(x, RowidColumn), 1
		}
	}
	if count == 0 && rowids > 0 && s.kind != inIndex && s.kind != inGenerated && catalog.IsRowidName(name) {
		return r.columnOf(rowidOf, RowidColumn), rowids
	}
	if len(full) > 0 && len(full) == count-1 {
		return r.coalesce(append(full, e)), 1
	}
	return e, count
}

// bare is a column of the excluded row: a value to the reference, without the
// affinity and the collation of its column.
func bare(s *Source, i int) *Expr {
	e := Column(s, i)
	e.aff, e.affFixed, e.collFixed = value.AffNone, true, true
	return e
}

func (src *Source) matches(schema, table string) bool {
	if schema != "" && (src.Schema == "" || !value.EqualFold(schema, src.Schema)) {
		return false
	}
	if value.EqualFold(src.Name, table) {
		return true
	}
	return !src.hasAlias && src.Table != nil && src.Table.Root == catalog.SchemaRoot &&
		(value.EqualFold(table, "sqlite_master") || value.EqualFold(table, "sqlite_schema"))
}

func (src *Source) columnIndex(name string) int {
	if src.Table != nil && src.Query == nil {
		return src.Table.ColumnIndex(name)
	}
	for i := range src.Columns {
		if value.EqualFold(src.Columns[i].Name, name) {
			return i
		}
	}
	return -1
}

func (src *Source) usesColumn(name string) bool {
	for _, u := range src.Using {
		if value.EqualFold(u, name) {
			return true
		}
	}
	return false
}

// alias finds a result of scope s by the name that AS gave it; from is the
// scope where the name stands.
func (s *scope) alias(from *scope, name string) (*Expr, error) {
	for i := range s.aliases {
		a := &s.aliases[i]
		if !a.Written || !value.EqualFold(a.Alias, name) {
			continue
		}
		if !s.allowAgg && HasAgg(a.Expr) {
			return nil, errorf("misuse of aliased aggregate %s", a.Alias)
		}
		if (!s.allowWindow || s != from) && hasWindow(a.Expr) {
			return nil, errorf("misuse of aliased window function %s", a.Alias)
		}
		if a.Expr.Width() > 1 {
			return nil, errorf("row value misused")
		}
		return a.Expr, nil
	}
	return nil, nil
}

// HasAgg reports whether an aggregate stands in e.
func HasAgg(e *Expr) bool {
	found := false
	Walk(e, func(x *Expr) bool {
		found = found || x.Op == OpAgg
		if x.Op == OpWindow { // Whose arguments may be aggregates.
			x.Agg.Exprs(func(y *Expr) { found = found || HasAgg(y) })
		}
		return !found
	})
	return found
}

func hasWindow(e *Expr) bool {
	found := false
	Walk(e, func(x *Expr) bool {
		found = found || x.Op == OpWindow
		return !found
	})
	return found
}
