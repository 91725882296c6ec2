package parser

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// from parses the list of tables after FROM or an opening parenthesis.
func (p *parser) from() ast.TableExpr {
	start := p.pos
	var left ast.TableExpr
	var join *ast.Join
	for terms := 1; ; terms++ {
		item := p.tableExpr()
		if terms > p.limits.FromTerms {
			p.complain(-1, "too many FROM clause terms, max: %d", p.limits.FromTerms)
		}
		if join != nil {
			join.Right = item
			left = join
		} else {
			left = item
		}
		p.onUsing(join)
		if p.failed() {
			return left
		}
		if join != nil {
			join.Span = p.span(start)
		}
		var ok bool
		if join, ok = p.joinOp(); !ok {
			return left
		}
		join.Left = left
	}
}

// onUsing parses ON or USING into the join, which is nil for the first table of a list.
func (p *parser) onUsing(join *ast.Join) {
	word := p.tok
	var on ast.Expr
	var using []*ast.Name
	switch word {
	case token.KwOn:
		p.advance()
		if !p.push(6) {
			return
		}
		on = p.expr().Expr
		p.pop(6)
	case token.KwUsing:
		p.advance()
		p.expect(token.LeftParen)
		using = p.names()
		p.expect(token.RightParen)
	default:
		return
	}
	if join == nil {
		p.complain(-1, "a JOIN clause is required before %s", word)
		return
	}
	join.On, join.Using = on, using
}

// joinOp parses a comma or a kind of JOIN.
func (p *parser) joinOp() (*ast.Join, bool) {
	switch {
	case p.accept(token.Comma):
		return &ast.Join{Type: ast.JoinComma}, true
	case p.accept(token.KwJoin):
		return &ast.Join{}, true
	case !p.tok.JoinWord():
		return nil, false
	}
	pos := p.pos
	words := []string{p.text()}
	p.advance()
	for p.tok != token.KwJoin {
		if !p.isName() || len(words) == 3 {
			p.syntaxError()
			return nil, false
		}
		words = append(words, p.text())
		p.advance()
	}
	p.advance()
	kind, ok := joinType(words)
	if !ok {
		p.complain(pos, "unknown join type: %s", strings.Join(words, " "))
	}
	return &ast.Join{Type: kind}, true
}

// joinType adds up the words before JOIN.
func joinType(words []string) (ast.JoinType, bool) {
	var t ast.JoinType
	for _, w := range words {
		switch strings.ToLower(w) {
		case "natural":
			t |= ast.JoinNatural
		case "left":
			t |= ast.JoinLeft | ast.JoinOuter
		case "right":
			t |= ast.JoinRight | ast.JoinOuter
		case "full":
			t |= ast.JoinFull | ast.JoinOuter
		case "outer":
			t |= ast.JoinOuter
		case "inner":
			t |= ast.JoinInner
		case "cross":
			t |= ast.JoinInner | ast.JoinCross
		default:
			return 0, false
		}
	}
	switch {
	case t&ast.JoinInner != 0 && t&ast.JoinOuter != 0:
		return 0, false
	case t&ast.JoinOuter != 0 && t&ast.JoinFull == 0:
		return 0, false
	}
	return t, true
}

// tableExpr parses one table of a FROM clause.
func (p *parser) tableExpr() ast.TableExpr {
	start := p.pos
	if p.tok == token.LeftParen {
		return p.tableParen()
	}
	object := p.objectName()
	if p.tok == token.LeftParen {
		f := &ast.TableFunc{Schema: object.Schema, Name: object.Name}
		f.Args = p.parenExprs()
		f.Alias = p.alias()
		f.Span = p.span(start)
		return f
	}
	t := &ast.TableName{Schema: object.Schema, Name: object.Name}
	t.Alias = p.alias()
	p.indexedBy(t)
	t.Span = p.span(start)
	return t
}

// tableParen parses a subquery or a list of tables in parentheses.
func (p *parser) tableParen() ast.TableExpr {
	start := p.pos
	p.advance()
	if !p.push(2) {
		return nil
	}
	defer p.pop(2)
	if p.startsSelect() {
		s := &ast.TableSubquery{}
		s.Select, _ = p.selectStmt()
		p.expect(token.RightParen)
		s.Alias = p.alias()
		s.Span = p.span(start)
		return s
	}
	t := &ast.TableParen{X: p.from()}
	p.expect(token.RightParen)
	t.Alias = p.alias()
	t.Span = p.span(start)
	return t
}

// indexedBy parses INDEXED BY or NOT INDEXED, if one is there.
func (p *parser) indexedBy(t *ast.TableName) {
	switch p.tok {
	case token.KwIndexed:
		p.advance()
		p.expect(token.KwBy)
		t.IndexedBy = p.name()
	case token.KwNot:
		p.advance()
		p.expect(token.KwIndexed)
		t.NotIndexed = true
	}
}
