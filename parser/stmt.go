package parser

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// statement parses one statement without its semicolon.
func (p *parser) statement() ast.Stmt {
	if p.tok != token.KwExplain {
		return p.command()
	}
	n := &ast.Explain{}
	start := p.pos
	p.advance()
	switch {
	case p.accept(token.KwQuery):
		p.expect(token.KwPlan)
		n.QueryPlan = true
	case p.tok == token.KwAnalyze && p.explainsRun():
		p.advance()
		n.Analyze = true
	}
	n.Stmt = p.command()
	n.Span = p.span(start)
	return n
}

// explainsRun reports whether ANALYZE, behind EXPLAIN, is not the statement that
// is explained: one that has rows comes behind it.
func (p *parser) explainsRun() bool {
	kind, end := p.rawNext(p.end)
	switch kind {
	case token.KwSelect, token.KwValues, token.KwInsert, token.KwUpdate, token.KwDelete:
		return true
	case token.KwWith, token.KwReplace: // Names as well.
		kind, _ = p.rawNext(end)
		return kind != token.Semicolon && kind != token.EOF && kind != token.Dot
	}
	return false
}

// command parses a statement by its first word.
func (p *parser) command() ast.Stmt {
	start := p.pos
	switch p.tok {
	case token.KwSelect, token.KwValues:
		s, _ := p.selectStmt()
		return s
	case token.KwWith:
		with := p.with()
		switch p.tok {
		case token.KwInsert, token.KwReplace:
			return p.insert(start, with)
		case token.KwUpdate:
			return p.update(start, with)
		case token.KwDelete:
			return p.delete(start, with)
		}
		s, _ := p.selectAfterWith(start, with)
		return s
	case token.KwInsert, token.KwReplace:
		return p.insert(start, nil)
	case token.KwUpdate:
		return p.update(start, nil)
	case token.KwDelete:
		return p.delete(start, nil)
	case token.KwCreate:
		return p.create()
	case token.KwDrop:
		return p.drop()
	case token.KwAlter:
		return p.alter()
	case token.KwPragma:
		return p.pragma()
	case token.KwBegin, token.KwCommit, token.KwEnd, token.KwRollback, token.KwSavepoint, token.KwRelease:
		return p.transaction()
	case token.KwAttach:
		n := &ast.Attach{}
		p.advance()
		p.accept(token.KwDatabase)
		n.File = p.expr().Expr
		p.expect(token.KwAs)
		n.Schema = p.expr().Expr
		if p.accept(token.KwKey) {
			n.Key = p.expr().Expr
		}
		n.Span = p.span(start)
		return n
	case token.KwDetach:
		n := &ast.Detach{}
		p.advance()
		p.accept(token.KwDatabase)
		n.Schema = p.expr().Expr
		n.Span = p.span(start)
		return n
	case token.KwAnalyze:
		p.advance()
		name := p.optionalObject()
		return &ast.Analyze{Span: p.span(start), Name: name}
	case token.KwReindex:
		p.advance()
		name := p.optionalObject()
		return &ast.Reindex{Span: p.span(start), Name: name}
	case token.KwVacuum:
		n := &ast.Vacuum{}
		p.advance()
		if p.isName() {
			n.Schema = p.takeName()
		}
		if p.accept(token.KwInto) {
			n.Into = p.expr().Expr
		}
		n.Span = p.span(start)
		return n
	}
	p.syntaxError()
	return nil
}

func (p *parser) optionalObject() *ast.ObjectName {
	if p.atEnd() {
		return nil
	}
	return p.objectName()
}

// transaction parses the statements that begin and end transactions and savepoints.
func (p *parser) transaction() ast.Stmt {
	start, tok := p.pos, p.tok
	p.advance()
	switch tok {
	case token.KwSavepoint:
		name := p.name()
		return &ast.Savepoint{Span: p.span(start), Name: name}
	case token.KwRelease:
		p.accept(token.KwSavepoint)
		name := p.name()
		return &ast.Release{Span: p.span(start), Name: name}
	case token.KwBegin:
		n := &ast.Begin{}
		switch p.tok {
		case token.KwDeferred:
			p.advance()
		case token.KwImmediate:
			n.Mode = ast.BeginImmediate
			p.advance()
		case token.KwExclusive:
			n.Mode = ast.BeginExclusive
			p.advance()
		}
		p.transactionWord()
		n.Span = p.span(start)
		return n
	}
	p.transactionWord()
	if tok != token.KwRollback {
		return &ast.Commit{Span: p.span(start)}
	}
	n := &ast.Rollback{}
	if p.accept(token.KwTo) {
		p.accept(token.KwSavepoint)
		n.To = p.name()
	}
	n.Span = p.span(start)
	return n
}

// transactionWord parses TRANSACTION [name], which mean nothing.
func (p *parser) transactionWord() {
	if p.accept(token.KwTransaction) && p.isName() {
		p.takeName()
	}
}

func (p *parser) drop() ast.Stmt {
	n := &ast.Drop{}
	start := p.pos
	p.advance()
	switch p.tok {
	case token.KwTable:
		n.Kind = ast.DropTable
	case token.KwIndex:
		n.Kind = ast.DropIndex
	case token.KwView:
		n.Kind = ast.DropView
	case token.KwTrigger:
		n.Kind = ast.DropTrigger
	default:
		p.syntaxError()
	}
	p.advance()
	if p.accept(token.KwIf) {
		p.expect(token.KwExists)
		n.IfExists = true
	}
	n.Name = p.objectName()
	n.Span = p.span(start)
	return n
}

func (p *parser) pragma() ast.Stmt {
	n := &ast.Pragma{}
	start := p.pos
	p.advance()
	object := p.objectName()
	n.Schema, n.Name = object.Schema, object.Name
	if p.accept(token.Equal) {
		n.Value = p.pragmaValue()
	} else if p.accept(token.LeftParen) {
		n.Value = p.pragmaValue()
		p.expect(token.RightParen)
	}
	n.Span = p.span(start)
	return n
}

func (p *parser) pragmaValue() *ast.PragmaValue {
	v := &ast.PragmaValue{}
	start := p.pos
	switch {
	case p.tok == token.KwOn, p.tok == token.KwDelete, p.tok == token.KwDefault:
		v.Text = p.text()
		p.advance()
	case p.isName():
		v.Text = p.takeName().Text
	default:
		v.Number = true
		if p.accept(token.Minus) {
			v.Text = "-"
		} else {
			p.accept(token.Plus)
		}
		if p.tok != token.Integer && p.tok != token.Float {
			p.syntaxError()
			return v
		}
		v.Text += p.text()
		p.advance()
	}
	v.Span = p.span(start)
	return v
}
