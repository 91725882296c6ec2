package parser

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// startsSelect reports whether a query begins here.
func (p *parser) startsSelect() bool {
	return p.tok == token.KwSelect || p.tok == token.KwValues || p.tok == token.KwWith
}

// selectStmt parses a query with its WITH clause, and returns its height too.
func (p *parser) selectStmt() (*ast.Select, int) {
	start := p.pos
	var with *ast.With
	if p.tok == token.KwWith {
		with = p.with()
	}
	return p.selectAfterWith(start, with)
}

func (p *parser) selectAfterWith(start token.Pos, with *ast.With) (*ast.Select, int) {
	s := &ast.Select{With: with}
	height := 0
	// An ORDER BY or LIMIT before the last core is read, and complained about at the query's end. SQLite
	// goes from the last core back to the first.
	misplaced := ""
	for {
		order, limit, h := p.core(s)
		height = max(height, h)
		if p.failed() {
			return s, height
		}
		op, name := ast.Union, "UNION"
		switch p.tok {
		case token.KwUnion:
			p.advance()
			if p.accept(token.KwAll) {
				op, name = ast.UnionAll, "UNION ALL"
			}
		case token.KwExcept:
			p.advance()
			op, name = ast.Except, "EXCEPT"
		case token.KwIntersect:
			p.advance()
			op, name = ast.Intersect, "INTERSECT"
		default:
			s.OrderBy, s.Limit = order, limit
			s.Span = p.span(start)
			if misplaced != "" {
				p.complain(-1, "%s", misplaced)
			} else if values, ok := s.Cores[len(s.Cores)-1].(*ast.Values); len(s.Cores) > p.limits.CompoundTerms &&
				(!ok || len(values.Rows) > 1) {
				p.complain(-1, "too many terms in compound SELECT")
			}
			return s, height
		}
		if len(order) > 0 {
			misplaced = "ORDER BY clause should come after " + name + " not before"
		} else if limit != nil {
			misplaced = "LIMIT clause should come after " + name + " not before"
		}
		s.Ops = append(s.Ops, op)
	}
}

// core parses one operand of a compound query into s, with the ORDER BY and LIMIT after it.
func (p *parser) core(s *ast.Select) ([]*ast.OrderTerm, *ast.Limit, int) {
	if p.tok == token.KwValues {
		v, height := p.values()
		s.Cores = append(s.Cores, v)
		return nil, nil, height
	}
	start := p.pos
	p.expect(token.KwSelect)
	if !p.push(4) {
		return nil, nil, 0
	}
	defer p.pop(4)
	c := &ast.SelectCore{}
	s.Cores = append(s.Cores, c)
	height := 0
	part := func(o operand) ast.Expr {
		height = max(height, o.height)
		return o.Expr
	}
	if p.accept(token.KwDistinct) {
		c.Distinct = true
	} else {
		p.accept(token.KwAll)
	}
	var h int
	c.Columns, h = p.resultColumns()
	height = max(height, h)
	if p.accept(token.KwFrom) {
		c.From = p.from()
	}
	if p.accept(token.KwWhere) {
		p.push(1)
		c.Where = part(p.expr())
		p.pop(1)
	}
	if p.accept(token.KwGroup) {
		p.expect(token.KwBy)
		list := p.exprList()
		c.GroupBy = exprs(list)
		height = max(height, heights(list))
	}
	if p.accept(token.KwHaving) {
		c.Having = part(p.expr())
	}
	if p.accept(token.KwWindow) {
		for {
			c.Windows = append(c.Windows, p.windowDef())
			if !p.accept(token.Comma) {
				break
			}
		}
	}
	c.Span = p.span(start)
	order, h := p.orderBy()
	limit, lh := p.limit()
	return order, limit, max(height, h, lh)
}

func (p *parser) values() (*ast.Values, int) {
	v := &ast.Values{}
	start := p.pos
	height := 0
	p.advance()
	for {
		p.expect(token.LeftParen)
		if !p.push(2) {
			return v, height
		}
		row := p.exprList()
		p.pop(2)
		p.expect(token.RightParen)
		height = max(height, heights(row))
		v.Rows = append(v.Rows, exprs(row))
		if len(row) != len(v.Rows[0]) {
			p.complain(-1, "all VALUES must have the same number of terms")
		}
		if !p.accept(token.Comma) {
			break
		}
	}
	v.Span = p.span(start)
	return v, height
}

func (p *parser) resultColumns() ([]*ast.ResultColumn, int) {
	var list []*ast.ResultColumn
	height := 0
	for {
		c, h := p.resultColumn()
		list = append(list, c)
		height = max(height, h)
		if !p.accept(token.Comma) {
			return list, height
		}
	}
}

func (p *parser) resultColumn() (*ast.ResultColumn, int) {
	start := p.pos
	c := &ast.ResultColumn{}
	if p.accept(token.Star) {
		c.Span, c.Text = p.span(start), "*"
		return c, 1
	}
	if p.startsTableStar() {
		c.Table = p.takeName()
		p.advance()
		p.advance()
		c.Span = p.span(start)
		c.Text = c.Span.Text(p.sql)
		return c, 2
	}
	x := p.expr()
	c.Expr = x.Expr
	// The text reaches to the next token, so it includes a comment that follows.
	c.Text = trimSpace(p.sql[start:max(start, p.pos)])
	c.Alias = p.alias()
	c.Span = p.span(start)
	return c, x.height
}

// startsTableStar looks for name.* without reporting anything (G1).
func (p *parser) startsTableStar() bool {
	switch p.tok {
	case token.KwCast, token.KwRaise, token.KwCurrentDate, token.KwCurrentTime, token.KwCurrentTimestamp:
		return false // these are no names where an expression may begin
	}
	if !p.isName() {
		return false
	}
	dot, end := p.rawNext(p.end)
	if dot != token.Dot {
		return false
	}
	star, _ := p.rawNext(end)
	return star == token.Star
}

// alias parses [AS] name, if it is there.
func (p *parser) alias() *ast.Name {
	if p.accept(token.KwAs) {
		return p.name()
	}
	if p.isID() || p.tok == token.String {
		return p.takeName()
	}
	return nil
}

// trimSpace removes what SQLite calls white space from both ends.
func trimSpace(s string) string {
	return strings.Trim(s, " \t\n\v\f\r")
}

// with parses a WITH clause, which must be there.
func (p *parser) with() *ast.With {
	w := &ast.With{}
	start := p.pos
	p.advance()
	w.Recursive = p.accept(token.KwRecursive)
	for {
		w.CTEs = append(w.CTEs, p.cte(w.CTEs))
		if !p.accept(token.Comma) {
			break
		}
	}
	w.Span = p.span(start)
	return w
}

func (p *parser) cte(before []*ast.CTE) *ast.CTE {
	c := &ast.CTE{}
	start := p.pos
	c.Name = p.name()
	c.Columns = p.columnNames()
	p.expect(token.KwAs)
	switch {
	case p.accept(token.KwMaterialized):
		c.Materialized = ast.MaterializedYes
	case p.accept(token.KwNot):
		p.expect(token.KwMaterialized)
		c.Materialized = ast.MaterializedNo
	}
	p.expect(token.LeftParen)
	if !p.startsSelect() {
		p.syntaxError()
	}
	if !p.push(5) {
		return c
	}
	c.Select, _ = p.selectStmt()
	p.pop(5)
	p.expect(token.RightParen)
	c.Span = p.span(start)
	for _, b := range before {
		if equalFold(b.Name.Text, c.Name.Text) {
			p.complain(-1, "duplicate WITH table name: %s", c.Name.Text)
		}
	}
	return c
}

// equalFold compares as SQLite does: ASCII letters alone have case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// orderBy parses ORDER BY, if it is there.
func (p *parser) orderBy() ([]*ast.OrderTerm, int) {
	if !p.accept(token.KwOrder) {
		return nil, 0
	}
	p.expect(token.KwBy)
	p.push(2)
	defer p.pop(2)
	return p.orderTerms()
}

func (p *parser) orderTerms() ([]*ast.OrderTerm, int) {
	var list []*ast.OrderTerm
	height := 0
	for !p.failed() {
		t := &ast.OrderTerm{}
		start := p.pos
		x := p.expr()
		height = max(height, x.height)
		t.Expr = x.Expr
		t.Order = p.sortOrder()
		if p.accept(token.KwNulls) {
			switch p.tok {
			case token.KwFirst:
				t.Nulls = ast.NullsFirst
			case token.KwLast:
				t.Nulls = ast.NullsLast
			default:
				p.syntaxError()
			}
			p.advance()
		}
		t.Span = p.span(start)
		list = append(list, t)
		if !p.accept(token.Comma) {
			break
		}
	}
	return list, height
}

func (p *parser) sortOrder() ast.SortOrder {
	switch p.tok {
	case token.KwAsc:
		p.advance()
		return ast.SortAsc
	case token.KwDesc:
		p.advance()
		return ast.SortDesc
	}
	return ast.SortNone
}

// limit parses LIMIT, if it is there.
func (p *parser) limit() (*ast.Limit, int) {
	if p.tok != token.KwLimit {
		return nil, 0
	}
	l := &ast.Limit{}
	start := p.pos
	p.advance()
	first := p.expr()
	l.Limit = first.Expr
	height := first.height
	switch p.tok {
	case token.KwOffset:
		p.advance()
		second := p.expr()
		l.Offset = second.Expr
		height = max(height, second.height)
	case token.Comma:
		p.advance()
		second := p.expr()
		l.Limit, l.Offset = second.Expr, first.Expr
		height = max(height, second.height)
	}
	l.Span = p.span(start)
	return l, height + 1
}
