package parser

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

func (p *parser) alter() ast.Stmt {
	start := p.pos
	p.advance()
	p.expect(token.KwTable)
	table := p.objectName()
	switch {
	case p.accept(token.KwRename):
		if p.accept(token.KwTo) {
			to := p.name()
			return &ast.AlterRenameTable{Span: p.span(start), Table: table, To: to}
		}
		p.accept(token.KwColumn)
		column := p.name()
		p.expect(token.KwTo)
		to := p.name()
		return &ast.AlterRenameColumn{Span: p.span(start), Table: table, Column: column, To: to}
	case p.accept(token.KwAdd):
		if p.tok == token.KwConstraint || p.tok == token.KwCheck {
			return p.alterAddCheck(start, table)
		}
		p.accept(token.KwColumn)
		n := &ast.AlterAddColumn{Table: table, Column: p.columnDef()}
		n.Span = p.span(start)
		if !p.failed() {
			n.Text = strings.TrimRight(p.sql[n.Column.From:p.pos], " \t\n\v\f\r;")
		}
		return n
	case p.accept(token.KwDrop):
		if p.accept(token.KwConstraint) {
			name := p.name()
			return &ast.AlterDropConstraint{Span: p.span(start), Table: table, Constraint: name}
		}
		p.accept(token.KwColumn)
		column := p.name()
		return &ast.AlterDropColumn{Span: p.span(start), Table: table, Column: column}
	case p.accept(token.KwAlter):
		return p.alterColumn(start, table)
	}
	p.syntaxError()
	return nil
}

func (p *parser) alterAddCheck(start token.Pos, table *ast.ObjectName) ast.Stmt {
	n := &ast.AlterAddCheck{Table: table}
	from := p.pos
	if p.accept(token.KwConstraint) {
		n.Constraint = p.name()
	}
	p.expect(token.KwCheck)
	n.Expr, _ = p.parenExpr()
	n.OnConflict = p.onConflict()
	n.Span = p.span(start)
	n.Text = p.constraintText(from)
	return n
}

func (p *parser) alterColumn(start token.Pos, table *ast.ObjectName) ast.Stmt {
	n := &ast.AlterColumnNotNull{Table: table}
	p.accept(token.KwColumn)
	n.Column = p.name()
	switch {
	case p.accept(token.KwDrop):
		n.Drop = true
		p.expect(token.KwNot, token.KwNull)
	case p.accept(token.KwSet):
		from := p.pos
		p.expect(token.KwNot, token.KwNull)
		n.OnConflict = p.onConflict()
		n.Text = p.constraintText(from)
	default:
		p.syntaxError()
	}
	n.Span = p.span(start)
	return n
}

// constraintText is the source of a constraint that ends the statement, with the
// comments behind it, but those that a line ends.
func (p *parser) constraintText(from token.Pos) string {
	span := p.span(from)
	for at := span.To; ; {
		kind, end := token.Scan(p.sql, at)
		switch {
		case kind == token.Comment && p.sql[at] == '/':
			span.To = end
		case kind != token.Comment && kind != token.Space:
			return span.Text(p.sql)
		}
		at = end
	}
}
