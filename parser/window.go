package parser

import (
	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// windowDef parses name AS (window).
func (p *parser) windowDef() *ast.Window {
	name := p.name()
	p.expect(token.KwAs)
	return p.window(name)
}

// window parses a window in parentheses.
func (p *parser) window(name *ast.Name) *ast.Window {
	w := &ast.Window{Name: name}
	start := p.pos
	if name != nil {
		start = name.From
	}
	p.expect(token.LeftParen)
	if !p.push(7) {
		return w
	}
	defer p.pop(7)
	switch p.tok {
	case token.KwPartition, token.KwRange, token.KwRows, token.KwGroups:
		// These are no names here.
	default:
		if p.isName() {
			w.Base = p.takeName()
		}
	}
	if p.accept(token.KwPartition) {
		p.expect(token.KwBy)
		w.PartitionBy = exprs(p.exprList())
	}
	w.OrderBy, _ = p.orderBy()
	w.Frame = p.frame()
	p.expect(token.RightParen)
	w.Span = p.span(start)
	return w
}

func (p *parser) frame() *ast.Frame {
	f := &ast.Frame{}
	start := p.pos
	switch p.tok {
	case token.KwRange:
		f.Unit = ast.FrameRange
	case token.KwRows:
		f.Unit = ast.FrameRows
	case token.KwGroups:
		f.Unit = ast.FrameGroups
	default:
		return nil
	}
	p.advance()
	if p.accept(token.KwBetween) {
		f.Start = p.frameBound(token.KwPreceding, ast.BoundUnboundedPreceding)
		p.expect(token.KwAnd)
		f.Stop = p.frameBound(token.KwFollowing, ast.BoundUnboundedFollowing)
	} else {
		f.Start = p.frameBound(token.KwPreceding, ast.BoundUnboundedPreceding)
		f.Stop = ast.FrameBound{Kind: ast.BoundCurrentRow}
	}
	if p.accept(token.KwExclude) {
		switch p.tok {
		case token.KwNo:
			p.advance()
			p.expect(token.KwOthers)
			f.Exclude = ast.ExcludeNoOthers
		case token.KwCurrent:
			p.advance()
			p.expect(token.KwRow)
			f.Exclude = ast.ExcludeCurrentRow
		case token.KwGroup:
			p.advance()
			f.Exclude = ast.ExcludeGroup
		case token.KwTies:
			p.advance()
			f.Exclude = ast.ExcludeTies
		default:
			p.syntaxError()
		}
	}
	f.Span = p.span(start)
	if f.Start.Kind == ast.BoundCurrentRow && f.Stop.Kind == ast.BoundPreceding ||
		f.Start.Kind == ast.BoundFollowing && f.Stop.Kind < ast.BoundFollowing {
		p.complain(-1, "unsupported frame specification")
	}
	return f
}

// frameBound parses a bound; UNBOUNDED is followed by the word of its side alone.
func (p *parser) frameBound(side token.Kind, unbounded ast.BoundKind) ast.FrameBound {
	switch p.tok {
	case token.KwUnbounded:
		p.advance()
		p.expect(side)
		return ast.FrameBound{Kind: unbounded}
	case token.KwCurrent:
		p.advance()
		p.expect(token.KwRow)
		return ast.FrameBound{Kind: ast.BoundCurrentRow}
	}
	// In BETWEEN the AND after the bound's word cannot be taken for an operator, since the word is none.
	b := ast.FrameBound{Expr: p.expr().Expr}
	switch p.tok {
	case token.KwPreceding:
		b.Kind = ast.BoundPreceding
	case token.KwFollowing:
		b.Kind = ast.BoundFollowing
	default:
		p.syntaxError()
	}
	p.advance()
	return b
}
