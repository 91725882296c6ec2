package parser

import (
	"errors"
	"fmt"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// ErrTooBig says that a statement is longer than Limits.SQLBytes.
var ErrTooBig = errors.New("string or blob too big")

// SyntaxError says what is wrong with a text.
type SyntaxError struct {
	// Pos is the offset of the bad token in the whole text, or -1 where SQLite gives none.
	Pos token.Pos
	// Near is the bad token, where the text names one.
	Near string
	// Text is SQLite's message.
	Text string
}

// Error returns SQLite's message.
func (e *SyntaxError) Error() string { return e.Text }

// Parse parses all statements of a text. On an error it returns the statements before the bad one too.
func Parse(sql string) ([]ast.Stmt, error) {
	var stmts []ast.Stmt
	for offset := 0; ; {
		stmt, next, err := ParseNext(sql, offset)
		if err != nil {
			return stmts, err
		}
		if stmt == nil {
			return stmts, nil
		}
		stmts = append(stmts, stmt)
		offset = next
	}
}

// ParseNext parses the first statement of sql at or after offset with the default limits. It returns the
// statement and the offset after its semicolon; a nil statement means that nothing is left. On an error
// the offset is that of the token where parsing stopped. Positions count from the start of sql.
func ParseNext(sql string, offset int) (ast.Stmt, int, error) {
	return Limits{}.ParseNext(sql, offset)
}

// ParseNext is the function of that name under other limits.
func (l Limits) ParseNext(sql string, offset int) (ast.Stmt, int, error) {
	return parser{sql: sql, limits: l}.next(offset)
}

// ParseStatement is ParseNext for a text that is to be run: its literals are its
// own.
func ParseStatement(sql string, offset int) (ast.Stmt, int, error) {
	return parser{sql: sql, own: true}.next(offset)
}

func (p parser) next(offset int) (ast.Stmt, int, error) {
	p.limits, p.start, p.end = p.limits.withDefaults(), token.Pos(offset), token.Pos(offset)
	p.depth = 3 // what SQLite has on its stack before the first token of a statement
	p.advance()
	for p.tok == token.Semicolon {
		p.advance()
	}
	if p.tok == token.EOF && p.err == nil {
		return nil, int(p.pos), nil
	}
	stmt := p.statement()
	if !p.atEnd() {
		p.syntaxError()
	}
	if p.err == nil && p.complaint != nil {
		p.fail(p.complaint)
	}
	if p.err != nil {
		return nil, int(p.pos), p.err
	}
	return stmt, int(p.end), nil
}

// parser is the state of parsing one statement.
type parser struct {
	sql    string
	limits Limits
	start  token.Pos // where this call began, to count the statement's bytes

	tok  token.Kind // the current token
	pos  token.Pos  // its first byte
	end  token.Pos  // the byte after its last
	last token.Pos  // the end of the token before
	prev token.Kind // the kind of the token before

	err       error        // the first error, final
	complaint *SyntaxError // an error that a syntax error at the current token would replace (G3)

	depth     int // entries on SQLite's parser stack, roughly
	variables int // the largest parameter number so far
	named     map[string]int
	inTrigger bool
	own       bool // Literals are the statement's own.

	// Memory of the nodes that most statements have several of.
	nameNodes   slab[ast.Name]
	columnNodes slab[ast.Column]
	columnDefs  slab[ast.ColumnDef]
	types       slab[ast.TypeName]
}

// slab makes nodes a few at a time. They live as long as any of them, as the
// nodes of one statement do anyway.
type slab[T any] struct{ free []T }

func (s *slab[T]) new() *T {
	if len(s.free) == 0 {
		s.free = make([]T, 6)
	}
	n := &s.free[0]
	s.free = s.free[1:]
	return n
}

// advance consumes the current token.
func (p *parser) advance() {
	if p.err != nil {
		return
	}
	if p.complaint != nil {
		p.fail(p.complaint)
		return
	}
	p.prev, p.last = p.tok, p.end
	pos := p.end
	for {
		kind, end := token.Scan(p.sql, pos)
		if int(end-p.start) > p.limits.SQLBytes {
			p.fail(ErrTooBig)
			return
		}
		if kind == token.Space || kind == token.Comment {
			pos = end
			continue
		}
		p.tok, p.pos, p.end = kind, pos, end
		break
	}
	switch p.tok {
	case token.Illegal:
		near := p.text()
		p.fail(&SyntaxError{p.pos, near, fmt.Sprintf("unrecognized token: %q", raw(near))})
	case token.KwWindow:
		next, at := p.rawName(p.end)
		if then, _ := p.rawName(at); next != token.Ident || then != token.KwAs {
			p.tok = token.Ident
		}
	case token.KwOver:
		next, _ := p.rawName(p.end)
		if p.prev != token.RightParen || next != token.LeftParen && next != token.Ident {
			p.tok = token.Ident
		}
	case token.KwFilter:
		if next, _ := p.rawName(p.end); p.prev != token.RightParen || next != token.LeftParen {
			p.tok = token.Ident
		}
	}
}

// raw makes fmt put bytes between quotes without escaping them.
type raw string

// Format writes the bytes, in double quotes for the verb q.
func (r raw) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		fmt.Fprintf(f, "\"%s\"", string(r))
		return
	}
	fmt.Fprint(f, string(r))
}

// rawNext returns the kind and end of the first token at or after pos that is no space.
func (p *parser) rawNext(pos token.Pos) (token.Kind, token.Pos) {
	for {
		kind, end := token.Scan(p.sql, pos)
		if kind != token.Space && kind != token.Comment {
			return kind, end
		}
		pos = end
	}
}

// rawName is rawNext with everything that may be a name answered as Ident. Filter is missing from the
// list in SQLite too.
func (p *parser) rawName(pos token.Pos) (token.Kind, token.Pos) {
	kind, end := p.rawNext(pos)
	if kind == token.String || kind == token.KwWindow || kind == token.KwOver || kind.JoinWord() || kind.Fallback() {
		kind = token.Ident
	}
	return kind, end
}

// text returns the current token's bytes.
func (p *parser) text() string { return p.sql[p.pos:p.end] }

// fail ends parsing (G2).
func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
	p.tok = token.Illegal
}

// failed reports whether parsing has ended; loops that do not look at the current token ask it.
func (p *parser) failed() bool { return p.err != nil }

// syntaxError says that the current token cannot continue.
func (p *parser) syntaxError() {
	if p.err != nil {
		return
	}
	if p.tok == token.EOF {
		p.fail(&SyntaxError{Pos: -1, Text: "incomplete input"})
		return
	}
	p.syntaxErrorAt(p.pos, p.text())
}

func (p *parser) syntaxErrorAt(pos token.Pos, near string) {
	p.fail(&SyntaxError{pos, near, fmt.Sprintf("near %q: syntax error", raw(near))})
}

// complain notes an error about tokens already consumed (G3). Of several before the next token the last wins.
func (p *parser) complain(pos token.Pos, format string, args ...any) {
	if p.err == nil {
		p.complaint = &SyntaxError{Pos: pos, Text: fmt.Sprintf(format, args...)}
	}
}

// push counts n entries onto the parser's stack and reports whether there is room; pop takes them off again.
func (p *parser) push(n int) bool {
	p.depth += n
	if p.depth > p.limits.ParserDepth {
		p.fail(&SyntaxError{Pos: -1, Text: "Recursion limit"})
		return false
	}
	return !p.failed()
}

func (p *parser) pop(n int) { p.depth -= n }

// atEnd reports whether the statement may end here.
func (p *parser) atEnd() bool { return p.tok == token.Semicolon || p.tok == token.EOF }

// accept consumes the current token if it is of this kind.
func (p *parser) accept(kind token.Kind) bool {
	if p.tok != kind {
		return false
	}
	p.advance()
	return true
}

// expect consumes tokens of these kinds, or fails.
func (p *parser) expect(kinds ...token.Kind) {
	for _, kind := range kinds {
		if !p.accept(kind) {
			p.syntaxError()
			return
		}
	}
}

// span returns the range from start to the last token consumed.
func (p *parser) span(start token.Pos) ast.Span { return ast.Span{From: start, To: p.last} }

// isID reports whether the current token is an identifier, where no rule wants it as a keyword.
func (p *parser) isID() bool { return p.tok == token.Ident || p.tok.Fallback() }

// isName reports whether the current token may be a name.
func (p *parser) isName() bool {
	return p.isID() || p.tok == token.String || p.tok == token.KwIndexed || p.tok.JoinWord()
}

// name parses a name.
func (p *parser) name() *ast.Name {
	if !p.isName() {
		p.syntaxError()
		return &ast.Name{}
	}
	return p.takeName()
}

// idOrString parses a name where the words INDEXED, LEFT, CROSS ... are not allowed.
func (p *parser) idOrString() *ast.Name {
	if !p.isID() && p.tok != token.String {
		p.syntaxError()
		return &ast.Name{}
	}
	return p.takeName()
}

// takeName consumes the current token as a name.
func (p *parser) takeName() *ast.Name {
	n := p.nameNodes.new()
	n.Span = ast.Span{From: p.pos, To: p.end}
	n.Text, n.Quote = token.Unquote(p.text())
	p.advance()
	return n
}

// objectName parses [schema.]name.
func (p *parser) objectName() *ast.ObjectName {
	start := p.pos
	o := &ast.ObjectName{Name: p.name()}
	if p.accept(token.Dot) {
		o.Schema, o.Name = o.Name, p.name()
	}
	o.Span = p.span(start)
	return o
}

// names parses name, name, ...
func (p *parser) names() []*ast.Name {
	list := []*ast.Name{p.name()}
	for p.accept(token.Comma) {
		list = append(list, p.name())
	}
	return list
}

// parenNames parses an optional (name, ...).
func (p *parser) parenNames() []*ast.Name {
	if !p.accept(token.LeftParen) {
		return nil
	}
	list := p.names()
	p.expect(token.RightParen)
	return list
}

// columnNames parses the (name, ...) after a view, a CTE or REFERENCES, if there is one. The grammar reads
// COLLATE and ASC or DESC there, and complains.
func (p *parser) columnNames() []*ast.Name {
	if !p.accept(token.LeftParen) {
		return nil
	}
	list := p.plainColumns()
	p.expect(token.RightParen)
	return list
}

func (p *parser) plainColumns() []*ast.Name {
	var list []*ast.Name
	for {
		start, end := p.pos, p.end
		list = append(list, p.name())
		bad := false
		if p.accept(token.KwCollate) {
			p.idOrString()
			bad = true
		}
		if p.sortOrder() != ast.SortNone {
			bad = true
		}
		if bad {
			p.complain(-1, "syntax error after column name %q", raw(p.sql[start:end]))
		}
		if !p.accept(token.Comma) {
			return list
		}
	}
}
