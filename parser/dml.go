package parser

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// target parses the table of an INSERT, UPDATE or DELETE.
func (p *parser) target() *ast.TableName {
	t := &ast.TableName{}
	start := p.pos
	object := p.objectName()
	t.Schema, t.Name = object.Schema, object.Name
	if p.accept(token.KwAs) {
		t.Alias = p.name()
	}
	t.Span = p.span(start)
	return t
}

// targetIndexed parses INDEXED BY or NOT INDEXED after a target. Triggers may not have it.
func (p *parser) targetIndexed(t *ast.TableName) {
	p.indexedBy(t)
	t.Span = p.span(t.From)
	if !p.inTrigger {
		return
	}
	word := ""
	if t.IndexedBy != nil {
		word = "INDEXED BY"
	} else if t.NotIndexed {
		word = "NOT INDEXED"
	} else {
		return
	}
	p.complain(-1, "the %s clause is not allowed on UPDATE or DELETE statements within triggers", word)
}

func (p *parser) insert(start token.Pos, with *ast.With) *ast.Insert {
	n := &ast.Insert{With: with}
	if p.accept(token.KwReplace) {
		n.Replace, n.Or = true, ast.ConflictReplace
	} else {
		p.expect(token.KwInsert)
		n.Or = p.orConflict()
	}
	p.expect(token.KwInto)
	n.Table = p.target()
	n.Columns = p.parenNames()
	switch {
	case p.tok == token.KwDefault && !p.inTrigger:
		p.advance()
		p.expect(token.KwValues)
		n.Returning = p.returning()
	case p.startsSelect():
		n.Source, _ = p.selectStmt()
		p.upserts(n)
	default:
		p.syntaxError()
	}
	n.Span = p.span(start)
	return n
}

// upserts parses the ON CONFLICT clauses and RETURNING. A clause without a target is the last.
func (p *parser) upserts(n *ast.Insert) {
	for p.tok == token.KwOn {
		u := &ast.Upsert{}
		start := p.pos
		p.advance()
		p.expect(token.KwConflict)
		if p.accept(token.LeftParen) {
			u.Target, _ = p.orderTerms()
			p.expect(token.RightParen)
			u.TargetWhere = p.where()
		}
		p.expect(token.KwDo)
		if p.accept(token.KwNothing) {
			u.DoNothing = true
		} else {
			p.expect(token.KwUpdate, token.KwSet)
			u.Set = p.assignments()
			u.Where = p.where()
		}
		u.Span = p.span(start)
		n.Upserts = append(n.Upserts, u)
		if u.Target == nil {
			break
		}
	}
	n.Returning = p.returning()
}

func (p *parser) returning() []*ast.ResultColumn {
	if !p.accept(token.KwReturning) {
		return nil
	}
	list, _ := p.resultColumns()
	if p.inTrigger {
		p.complain(-1, "cannot use RETURNING in a trigger")
	}
	return list
}

func (p *parser) where() ast.Expr {
	if !p.accept(token.KwWhere) {
		return nil
	}
	return p.expr().Expr
}

// assignments parses the list after SET.
func (p *parser) assignments() []*ast.Assignment {
	var list []*ast.Assignment
	for {
		a := &ast.Assignment{}
		start := p.pos
		if p.tok == token.LeftParen {
			a.Tuple = true
			a.Columns = p.parenNames()
		} else {
			a.Columns = []*ast.Name{p.name()}
		}
		p.expect(token.Equal)
		a.Value = p.expr().Expr
		a.Span = p.span(start)
		list = append(list, a)
		if n := vectorSize(a.Value); a.Tuple && n > 0 && n != len(a.Columns) {
			p.complain(-1, "%d columns assigned %d values", len(a.Columns), n)
		}
		if !p.accept(token.Comma) {
			return list
		}
	}
}

// vectorSize returns the number of values of an expression, or 0 for a query, whose columns are not known yet.
func vectorSize(x ast.Expr) int {
	switch x := x.(type) {
	case *ast.Subquery:
		return 0
	case *ast.RowValue:
		return len(x.Elems)
	}
	return 1
}

func (p *parser) update(start token.Pos, with *ast.With) *ast.Update {
	n := &ast.Update{With: with}
	p.expect(token.KwUpdate)
	n.Or = p.orConflict()
	n.Table = p.target()
	p.targetIndexed(n.Table)
	p.expect(token.KwSet)
	n.Set = p.assignments()
	if p.accept(token.KwFrom) {
		n.From = p.from()
	}
	n.Where = p.where()
	if !p.inTrigger {
		n.Returning = p.returning()
	}
	columns := 0
	for _, a := range n.Set {
		columns += len(a.Columns)
	}
	if columns > p.limits.Columns {
		p.complain(-1, "too many columns in set list")
	}
	n.Span = p.span(start)
	return n
}

func (p *parser) delete(start token.Pos, with *ast.With) *ast.Delete {
	n := &ast.Delete{With: with}
	p.expect(token.KwDelete, token.KwFrom)
	n.Table = p.target()
	p.targetIndexed(n.Table)
	n.Where = p.where()
	if !p.inTrigger {
		n.Returning = p.returning()
	}
	n.Span = p.span(start)
	return n
}

// orConflict parses OR action, if it is there.
func (p *parser) orConflict() ast.Conflict {
	if !p.accept(token.KwOr) {
		return ast.ConflictNone
	}
	return p.conflict()
}

// onConflict parses ON CONFLICT action, if it is there.
func (p *parser) onConflict() ast.Conflict {
	if !p.accept(token.KwOn) {
		return ast.ConflictNone
	}
	p.expect(token.KwConflict)
	return p.conflict()
}

func (p *parser) conflict() ast.Conflict {
	c := ast.ConflictNone
	switch p.tok {
	case token.KwRollback:
		c = ast.ConflictRollback
	case token.KwAbort:
		c = ast.ConflictAbort
	case token.KwFail:
		c = ast.ConflictFail
	case token.KwIgnore:
		c = ast.ConflictIgnore
	case token.KwReplace:
		c = ast.ConflictReplace
	default:
		p.syntaxError()
	}
	p.advance()
	return c
}
