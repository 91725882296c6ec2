package parser

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

func (p *parser) createTrigger(start token.Pos, temp bool) ast.Stmt {
	n := &ast.CreateTrigger{Temp: temp}
	p.advance()
	n.IfNotExists, n.Name = p.newObject()
	switch p.tok {
	case token.KwBefore:
		n.Time = ast.TriggerBefore
		p.advance()
	case token.KwAfter:
		n.Time = ast.TriggerAfter
		p.advance()
	case token.KwInstead:
		p.advance()
		p.expect(token.KwOf)
		n.Time = ast.TriggerInsteadOf
	}
	switch p.tok {
	case token.KwDelete:
		n.Event = ast.TriggerDelete
		p.advance()
	case token.KwInsert:
		n.Event = ast.TriggerInsert
		p.advance()
	case token.KwUpdate:
		n.Event = ast.TriggerUpdate
		p.advance()
		if p.accept(token.KwOf) {
			n.UpdateOf = p.names()
		}
	default:
		p.syntaxError()
	}
	p.expect(token.KwOn)
	n.Table = p.objectName()
	if p.accept(token.KwFor) {
		p.expect(token.KwEach, token.KwRow)
		n.ForEachRow = true
	}
	if p.accept(token.KwWhen) {
		n.When = p.expr().Expr
	}
	p.expect(token.KwBegin)
	p.inTrigger = true
	for !p.failed() {
		n.Body = append(n.Body, p.triggerStep())
		// The end of the text stands for a semicolon here as well; what follows it cannot continue.
		if p.tok != token.EOF {
			p.expect(token.Semicolon)
		}
		if p.tok == token.KwEnd {
			break
		}
	}
	p.inTrigger = false
	p.expect(token.KwEnd)
	n.Span = p.span(start)
	n.SchemaSQL = p.schemaSQL("CREATE TRIGGER ", n.Name, p.last)
	return n
}

// triggerStep parses one statement of a trigger's body.
func (p *parser) triggerStep() ast.Stmt {
	switch p.tok {
	case token.KwUpdate:
		return p.update(p.pos, nil)
	case token.KwInsert, token.KwReplace:
		return p.insert(p.pos, nil)
	case token.KwDelete:
		return p.delete(p.pos, nil)
	}
	return p.querySource()
}
