package parser

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// create parses CREATE by the word that says what.
func (p *parser) create() ast.Stmt {
	start := p.pos
	p.advance()
	switch p.tok {
	case token.KwTemp:
		p.advance()
		switch p.tok {
		case token.KwTable:
			return p.createTable(start, true)
		case token.KwView:
			return p.createView(start, true)
		case token.KwTrigger:
			return p.createTrigger(start, true)
		}
	case token.KwTable:
		return p.createTable(start, false)
	case token.KwView:
		return p.createView(start, false)
	case token.KwTrigger:
		return p.createTrigger(start, false)
	case token.KwUnique:
		p.advance()
		if p.tok == token.KwIndex {
			return p.createIndex(start, true)
		}
	case token.KwIndex:
		return p.createIndex(start, false)
	case token.KwVirtual:
		p.advance()
		return p.createVirtualTable(start)
	}
	p.syntaxError()
	return nil
}

// newObject parses [IF NOT EXISTS] name.
func (p *parser) newObject() (ifNotExists bool, name *ast.ObjectName) {
	if p.accept(token.KwIf) {
		p.expect(token.KwNot, token.KwExists)
		ifNotExists = true
	}
	return ifNotExists, p.objectName()
}

// schemaSQL returns what sqlite_schema keeps: the words before the name as SQLite spells them, and the
// source from the name, without its schema, to end.
func (p *parser) schemaSQL(head string, name *ast.ObjectName, end token.Pos) string {
	if p.failed() {
		return ""
	}
	from := int(name.Name.From)
	if i := from - len(head); i >= 0 && p.sql[i:from] == head {
		return p.sql[i:end] // As the texts of a schema are.
	}
	return head + p.sql[from:end]
}

func (p *parser) createTable(start token.Pos, temp bool) ast.Stmt {
	n := &ast.CreateTable{Temp: temp}
	p.advance()
	n.IfNotExists, n.Name = p.newObject()
	if p.accept(token.KwAs) {
		n.As = p.querySource()
		n.Span = p.span(start)
		return n
	}
	p.expect(token.LeftParen)
	n.Columns = append(make([]*ast.ColumnDef, 0, 8), p.columnDef())
	for p.accept(token.Comma) {
		if p.startsTableConstraint() {
			n.Constraints = p.tableConstraints()
			break
		}
		n.Columns = append(n.Columns, p.columnDef())
	}
	p.expect(token.RightParen)
	end := p.last
	if !p.atEnd() {
		// The list may begin with a comma.
		if p.tok != token.Comma {
			p.tableOption(n)
		}
		for p.accept(token.Comma) {
			p.tableOption(n)
		}
		end = p.pos // with options, the text goes on to the semicolon
	}
	n.Span = p.span(start)
	n.SchemaSQL = p.schemaSQL("CREATE TABLE ", n.Name, end)
	return n
}

// querySource parses a query that must be there.
func (p *parser) querySource() *ast.Select {
	if !p.startsSelect() {
		p.syntaxError()
		return nil
	}
	s, _ := p.selectStmt()
	return s
}

func (p *parser) tableOption(n *ast.CreateTable) {
	without := p.accept(token.KwWithout)
	text := p.text()
	p.name()
	switch {
	case without && strings.EqualFold(text, "rowid"):
		n.WithoutRowid = true
	case !without && strings.EqualFold(text, "strict"):
		n.Strict = true
	default:
		p.complain(-1, "unknown table option: %s", text)
	}
}

// columnDef parses a column of CREATE TABLE or ALTER TABLE ADD.
func (p *parser) columnDef() *ast.ColumnDef {
	c := p.columnDefs.new()
	start := p.pos
	c.Name = p.name()
	c.Type = p.typeName(true)
	c.Constraints = p.columnConstraints()
	c.Span = p.span(start)
	return c
}

// typeName parses a type, if there is one; an empty quoted word is none. GENERATED ALWAYS reads as the end of
// a type; of a column's type it is cut off.
func (p *parser) typeName(ofColumn bool) *ast.TypeName {
	if !p.isID() && p.tok != token.String {
		return nil
	}
	start := p.pos
	for p.isID() || p.tok == token.String {
		p.advance()
	}
	if p.accept(token.LeftParen) {
		p.signedNumber()
		if p.accept(token.Comma) {
			p.signedNumber()
		}
		p.expect(token.RightParen)
	}
	t := p.types.new()
	t.Span = p.span(start)
	t.Text = t.Span.Text(p.sql)
	if ofColumn {
		t.Text = cutGenerated(t.Text)
		t.To = t.From + token.Pos(len(t.Text))
	}
	t.Text = unquoteType(t.Text)
	if t.Text == "" {
		return nil
	}
	return t
}

// cutGenerated removes GENERATED ALWAYS, or ALWAYS alone from a text that is long enough, from the end of a type.
func cutGenerated(text string) string {
	const shortest = len("generated always")
	head, ok := cutSuffixFold(text, "always")
	if len(text) < shortest || !ok {
		return text
	}
	text = strings.TrimRight(head, " \t\n\v\f\r")
	if head, ok = cutSuffixFold(text, "generated"); ok {
		text = strings.TrimRight(head, " \t\n\v\f\r")
	}
	return text
}

func cutSuffixFold(s, suffix string) (string, bool) {
	n := len(s) - len(suffix)
	if n < 0 || !strings.EqualFold(s[n:], suffix) {
		return s, false
	}
	return s[:n], true
}

// unquoteType returns the content of the first word of a type that begins with a quoted word, whatever follows it.
func unquoteType(text string) string {
	if text == "" || !strings.ContainsRune("\"'`[", rune(text[0])) {
		return text
	}
	_, end := token.Scan(text, 0)
	text, _ = token.Unquote(text[:end])
	return text
}

func (p *parser) signedNumber() {
	if p.tok == token.Plus || p.tok == token.Minus {
		p.advance()
	}
	if p.tok != token.Integer && p.tok != token.Float {
		p.syntaxError()
	}
	p.advance()
}

// parenExpr parses (expr) and returns the source between the parentheses too.
func (p *parser) parenExpr() (ast.Expr, string) {
	p.expect(token.LeftParen)
	from := p.last
	if !p.push(4) {
		return nil, ""
	}
	x := p.expr()
	p.pop(4)
	to := p.pos
	p.expect(token.RightParen)
	if p.failed() {
		return nil, ""
	}
	return x.Expr, trimSpace(p.sql[from:to])
}

// columnConstraints parses all constraints of a column. A CONSTRAINT name holds until the next one, not for one
// constraint alone, and need not be followed by any.
func (p *parser) columnConstraints() []ast.ColumnConstraint {
	var list []ast.ColumnConstraint
	var name *ast.Name
	for !p.failed() {
		start := p.pos
		var c ast.ColumnConstraint
		switch p.tok {
		case token.KwConstraint:
			p.advance()
			name = p.name()
			continue
		case token.KwDefault:
			c = p.columnDefault(name)
		case token.KwNull:
			p.advance()
			or := p.onConflict()
			c = &ast.ColumnNull{Span: p.span(start), Name: name, OnConflict: or}
		case token.KwNot:
			p.advance()
			if p.tok == token.KwDeferrable {
				c = p.columnDeferrable(start, name, true)
				break
			}
			p.expect(token.KwNull)
			or := p.onConflict()
			c = &ast.ColumnNotNull{Span: p.span(start), Name: name, OnConflict: or}
		case token.KwDeferrable:
			c = p.columnDeferrable(start, name, false)
		case token.KwPrimary:
			k := &ast.ColumnPrimaryKey{Name: name}
			p.advance()
			p.expect(token.KwKey)
			k.Order = p.sortOrder()
			k.OnConflict = p.onConflict()
			k.Autoincrement = p.accept(token.KwAutoincrement)
			k.Span = p.span(start)
			c = k
		case token.KwUnique:
			p.advance()
			or := p.onConflict()
			c = &ast.ColumnUnique{Span: p.span(start), Name: name, OnConflict: or}
		case token.KwCheck:
			p.advance()
			x, text := p.parenExpr()
			c = &ast.ColumnCheck{Span: p.span(start), Name: name, Expr: x, Text: text}
		case token.KwReferences:
			r := p.references()
			c = &ast.ColumnReferences{Span: p.span(start), Name: name, References: r}
		case token.KwCollate:
			p.advance()
			collation := p.idOrString()
			c = &ast.ColumnCollate{Span: p.span(start), Name: name, Collation: collation}
		case token.KwGenerated, token.KwAs:
			if p.accept(token.KwGenerated) {
				p.expect(token.KwAlways)
			}
			p.expect(token.KwAs)
			g := &ast.ColumnGenerated{Name: name}
			g.Expr, _ = p.parenExpr()
			if p.isID() {
				g.Kind = p.takeName()
			}
			g.Span = p.span(start)
			c = g
		default:
			return list
		}
		list = append(list, c)
	}
	return list
}

func (p *parser) columnDefault(name *ast.Name) ast.ColumnConstraint {
	d := &ast.ColumnDefault{Name: name}
	start := p.pos
	p.advance()
	from := p.pos
	switch {
	case p.tok == token.LeftParen:
		d.Paren = true
		d.Expr, d.Text = p.parenExpr()
		d.Span = p.span(start)
		return d
	case p.tok == token.Plus, p.tok == token.Minus:
		u := &ast.Unary{Op: ast.OpPlus}
		if p.tok == token.Minus {
			u.Op = ast.OpNegate
		}
		p.advance()
		if !p.isTerm() {
			p.syntaxError()
			return d
		}
		u.X = p.literal()
		u.Span = p.span(from)
		d.Expr = u
	case p.isTerm():
		d.Expr = p.literal()
	case p.isID() || p.tok == token.KwIndexed:
		// A word is a string here, unless it is TRUE or FALSE.
		n := p.takeName()
		if n.Quote == token.Bare && (strings.EqualFold(n.Text, "true") || strings.EqualFold(n.Text, "false")) {
			d.Expr = &ast.Column{Span: n.Span, Name: n}
		} else {
			d.Expr = &ast.Literal{Span: n.Span, Kind: ast.LiteralString, Text: n.Text}
		}
	default:
		p.syntaxError()
		return d
	}
	d.Span = p.span(start)
	d.Text = p.sql[from:p.last]
	return d
}

func (p *parser) columnDeferrable(start token.Pos, name *ast.Name, not bool) ast.ColumnConstraint {
	d := p.deferral(not)
	return &ast.ColumnDeferrable{Span: p.span(start), Name: name, Deferral: d}
}

// deferral parses DEFERRABLE [INITIALLY ...], before which NOT has been read or not.
func (p *parser) deferral(not bool) ast.Deferral {
	d := ast.DeferDeferrable
	p.expect(token.KwDeferrable)
	if p.accept(token.KwInitially) {
		switch p.tok {
		case token.KwDeferred:
			d = ast.DeferInitiallyDeferred
		case token.KwImmediate:
			d = ast.DeferInitiallyImmediate
		default:
			p.syntaxError()
		}
		p.advance()
	}
	if !not {
		return d
	}
	switch d {
	case ast.DeferInitiallyDeferred:
		return ast.DeferNotDeferrableInitiallyDeferred
	case ast.DeferInitiallyImmediate:
		return ast.DeferNotDeferrableInitiallyImmediate
	default:
		return ast.DeferNotDeferrable
	}
}

// references parses REFERENCES table (columns) and the actions.
func (p *parser) references() *ast.References {
	r := &ast.References{}
	start := p.pos
	p.expect(token.KwReferences)
	r.Table = p.name()
	r.Columns = p.columnNames()
	for !p.failed() {
		switch p.tok {
		case token.KwMatch:
			p.advance()
			r.Match = p.name()
			continue
		case token.KwOn:
			p.advance()
			event := p.tok
			switch event {
			case token.KwInsert, token.KwDelete, token.KwUpdate:
				p.advance()
			default:
				p.syntaxError()
			}
			action := p.refAction()
			switch event {
			case token.KwDelete:
				r.OnDelete = action
			case token.KwUpdate:
				r.OnUpdate = action
			}
			continue
		}
		break
	}
	r.Span = p.span(start)
	return r
}

func (p *parser) refAction() ast.RefAction {
	a := ast.RefNone
	switch p.tok {
	case token.KwSet:
		p.advance()
		switch p.tok {
		case token.KwNull:
			a = ast.RefSetNull
		case token.KwDefault:
			a = ast.RefSetDefault
		default:
			p.syntaxError()
		}
	case token.KwCascade:
		a = ast.RefCascade
	case token.KwRestrict:
		a = ast.RefRestrict
	case token.KwNo:
		p.advance()
		if p.tok != token.KwAction {
			p.syntaxError()
		}
		a = ast.RefNoAction
	default:
		p.syntaxError()
	}
	p.advance()
	return a
}

func (p *parser) startsTableConstraint() bool {
	switch p.tok {
	case token.KwConstraint, token.KwPrimary, token.KwUnique, token.KwCheck, token.KwForeign:
		return true
	}
	return false
}

// tableConstraints parses the constraints after the columns. The commas between them may be missing; a
// CONSTRAINT name holds until the next comma.
func (p *parser) tableConstraints() []ast.TableConstraint {
	var list []ast.TableConstraint
	var name *ast.Name
	for {
		start := p.pos
		switch p.tok {
		case token.KwConstraint:
			p.advance()
			name = p.name()
		case token.KwPrimary:
			k := &ast.TablePrimaryKey{Name: name}
			p.advance()
			p.expect(token.KwKey, token.LeftParen)
			k.Columns, _ = p.orderTerms()
			k.Autoincrement = p.accept(token.KwAutoincrement)
			p.expect(token.RightParen)
			k.OnConflict = p.onConflict()
			k.Span = p.span(start)
			list = append(list, k)
		case token.KwUnique:
			u := &ast.TableUnique{Name: name}
			p.advance()
			p.expect(token.LeftParen)
			u.Columns, _ = p.orderTerms()
			p.expect(token.RightParen)
			u.OnConflict = p.onConflict()
			u.Span = p.span(start)
			list = append(list, u)
		case token.KwCheck:
			c := &ast.TableCheck{Name: name}
			p.advance()
			c.Expr, c.Text = p.parenExpr()
			c.OnConflict = p.onConflict()
			c.Span = p.span(start)
			list = append(list, c)
		case token.KwForeign:
			f := &ast.TableForeignKey{Name: name}
			p.advance()
			p.expect(token.KwKey, token.LeftParen)
			f.Columns = p.plainColumns()
			p.expect(token.RightParen)
			f.References = p.references()
			switch p.tok {
			case token.KwNot:
				p.advance()
				f.References.Deferral = p.deferral(true)
			case token.KwDeferrable:
				f.References.Deferral = p.deferral(false)
			}
			f.Span = p.span(start)
			f.References.To = f.To
			list = append(list, f)
		default:
			p.syntaxError()
			return list
		}
		if p.accept(token.Comma) {
			name = nil
		} else if !p.startsTableConstraint() {
			return list
		}
	}
}

func (p *parser) createIndex(start token.Pos, unique bool) ast.Stmt {
	n := &ast.CreateIndex{Unique: unique}
	p.advance()
	n.IfNotExists, n.Name = p.newObject()
	p.expect(token.KwOn)
	n.Table = p.name()
	p.expect(token.LeftParen)
	n.Columns, _ = p.orderTerms()
	p.expect(token.RightParen)
	n.Where = p.where()
	n.Span = p.span(start)
	head := "CREATE INDEX "
	if unique {
		head = "CREATE UNIQUE INDEX "
	}
	n.SchemaSQL = p.schemaSQL(head, n.Name, p.pos)
	return n
}

func (p *parser) createView(start token.Pos, temp bool) ast.Stmt {
	n := &ast.CreateView{Temp: temp}
	p.advance()
	n.IfNotExists, n.Name = p.newObject()
	n.Columns = p.columnNames()
	p.expect(token.KwAs)
	n.Select = p.querySource()
	n.Span = p.span(start)
	n.SchemaSQL = strings.TrimRight(p.schemaSQL("CREATE VIEW ", n.Name, p.pos), " \t\n\v\f\r")
	return n
}

func (p *parser) createVirtualTable(start token.Pos) ast.Stmt {
	n := &ast.CreateVirtualTable{}
	p.expect(token.KwTable)
	n.IfNotExists, n.Name = p.newObject()
	p.expect(token.KwUsing)
	n.Module = p.name()
	if p.tok == token.LeftParen {
		n.Args = p.moduleArgs()
	}
	n.Span = p.span(start)
	n.SchemaSQL = p.schemaSQL("CREATE VIRTUAL TABLE ", n.Name, p.last)
	return n
}

// moduleArgs parses any tokens, even semicolons, between balanced parentheses, split at the commas of the
// outermost level.
func (p *parser) moduleArgs() []string {
	var args []string
	p.advance()
	from := token.Pos(-1) // the first token of the argument, if it has any
	end := func() {
		arg := ""
		if from >= 0 {
			arg = p.sql[from:p.last]
		}
		args = append(args, arg)
		from = -1
	}
	for depth := 0; !p.failed(); p.advance() {
		switch p.tok {
		case token.EOF:
			p.syntaxError()
			return nil
		case token.RightParen:
			if depth == 0 {
				end()
				p.advance()
				return args
			}
			depth--
		case token.Comma:
			if depth == 0 {
				end()
				continue
			}
		case token.LeftParen:
			depth++
		}
		if from < 0 {
			from = p.pos
		}
	}
	return nil
}
