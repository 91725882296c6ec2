package parser

import (
	"strconv"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
)

// The levels of precedence, loosest first. ESCAPE has none of its own: it belongs to its LIKE.
const (
	levelOr = iota + 1
	levelAnd
	levelNot
	levelEqual
	levelLess
	levelBit
	levelAdd
	levelMul
	levelConcat
	levelCollate
	levelUnary
)

// operand is an expression and its height in SQLite's count.
type operand struct {
	ast.Expr
	height int
}

// heights returns the largest height of a list.
func heights(list []operand) int {
	h := 0
	for _, o := range list {
		h = max(h, o.height)
	}
	return h
}

func exprs(list []operand) []ast.Expr {
	if len(list) == 0 {
		return nil
	}
	xs := make([]ast.Expr, len(list))
	for i, o := range list {
		xs[i] = o.Expr
	}
	return xs
}

// node makes an operand whose children have the given heights.
func (p *parser) node(x ast.Expr, children ...int) operand {
	h := 1
	for _, c := range children {
		h = max(h, c+1)
	}
	if h > p.limits.ExprDepth {
		p.complain(-1, "Expression tree is too large (maximum depth %d)", p.limits.ExprDepth)
	}
	return operand{x, h}
}

// expr parses an expression.
func (p *parser) expr() operand { return p.exprAt(levelOr, false) }

// exprAt parses an expression whose operators bind at least as tightly as level. With stopAtAnd the
// AND that belongs to an enclosing BETWEEN ends it, unless a looser operator stands before.
func (p *parser) exprAt(level int, stopAtAnd bool) operand {
	start := p.pos
	x := p.prefix()
	for !p.failed() {
		op, opLevel := binaryOp(p.tok)
		switch {
		case opLevel < level || opLevel == levelAnd && stopAtAnd:
			return x
		case opLevel == levelEqual:
			x = p.equalLevel(start, x, op)
		case opLevel == levelCollate:
			p.advance()
			x = p.node(&ast.Collate{X: x.Expr, Collation: p.idOrString(), Span: p.span(start)}, x.height)
		default:
			if p.tok == token.Arrow && p.end-p.pos == 3 {
				op = ast.OpExtractText
			}
			p.advance()
			x = p.binary(start, op, x, opLevel+1, 2)
		}
	}
	return x
}

// binary parses the right operand and joins it to the left one.
func (p *parser) binary(start token.Pos, op ast.BinaryOp, left operand, level, entries int) operand {
	if !p.push(entries) {
		return left
	}
	right := p.exprAt(level, false)
	p.pop(entries)
	n := &ast.Binary{Span: p.span(start), Op: op, Left: left.Expr, Right: right.Expr}
	return p.node(n, left.height, right.height)
}

// binaryOp returns the operator that a token stands for and its level; level 0 means that the token cannot
// follow an operand. The operator has no meaning for the tokens that equalLevel takes apart.
func binaryOp(tok token.Kind) (ast.BinaryOp, int) {
	switch tok {
	case token.KwOr:
		return ast.OpOr, levelOr
	case token.KwAnd:
		return ast.OpAnd, levelAnd
	case token.Equal:
		return ast.OpEq, levelEqual
	case token.NotEqual:
		return ast.OpNe, levelEqual
	case token.KwIs, token.KwIn, token.KwLike, token.KwGlob, token.KwRegexp, token.KwMatch, token.KwBetween,
		token.KwIsnull, token.KwNotnull, token.KwNot:
		return ast.OpIs, levelEqual
	case token.Less:
		return ast.OpLt, levelLess
	case token.LessEqual:
		return ast.OpLe, levelLess
	case token.Greater:
		return ast.OpGt, levelLess
	case token.GreaterEqual:
		return ast.OpGe, levelLess
	case token.Ampersand:
		return ast.OpBitAnd, levelBit
	case token.Pipe:
		return ast.OpBitOr, levelBit
	case token.ShiftLeft:
		return ast.OpShiftLeft, levelBit
	case token.ShiftRight:
		return ast.OpShiftRight, levelBit
	case token.Plus:
		return ast.OpAdd, levelAdd
	case token.Minus:
		return ast.OpSub, levelAdd
	case token.Star:
		return ast.OpMul, levelMul
	case token.Slash:
		return ast.OpDiv, levelMul
	case token.Percent:
		return ast.OpMod, levelMul
	case token.Concat:
		return ast.OpConcat, levelConcat
	case token.Arrow:
		return ast.OpExtract, levelConcat
	case token.KwCollate:
		return 0, levelCollate
	}
	return 0, 0
}

// equalLevel parses what follows an operand at the level of =: comparisons for equality and the operators
// that are words. NOT before such a word binds as the word does.
func (p *parser) equalLevel(start token.Pos, x operand, op ast.BinaryOp) operand {
	tok := p.tok
	p.advance()
	switch tok {
	case token.Equal, token.NotEqual:
		return p.binary(start, op, x, levelLess, 2)
	case token.KwIs:
		return p.is(start, x)
	case token.KwIsnull:
		return p.node(&ast.IsNull{Span: p.span(start), X: x.Expr}, x.height)
	case token.KwNotnull:
		return p.node(&ast.IsNull{Span: p.span(start), Not: true, X: x.Expr}, x.height)
	case token.KwNot:
		if p.accept(token.KwNull) {
			return p.node(&ast.IsNull{Span: p.span(start), Not: true, X: x.Expr}, x.height)
		}
		tok = p.tok
		switch tok {
		case token.KwIn, token.KwLike, token.KwGlob, token.KwRegexp, token.KwMatch, token.KwBetween:
			p.advance()
		default:
			p.syntaxError()
			return x
		}
		x = p.word(start, x, tok, true)
		return p.node(x.Expr, x.height) // NOT is a node of its own to SQLite
	}
	return p.word(start, x, tok, false)
}

func (p *parser) word(start token.Pos, x operand, tok token.Kind, not bool) operand {
	switch tok {
	case token.KwIn:
		return p.in(start, x, not)
	case token.KwBetween:
		return p.between(start, x, not)
	}
	return p.like(start, x, tok, not)
}

// is parses the rest of IS [NOT] [DISTINCT FROM].
func (p *parser) is(start token.Pos, x operand) operand {
	op, entries := ast.OpIs, 2
	if p.accept(token.KwNot) {
		op, entries = ast.OpIsNot, 3
	}
	if p.accept(token.KwDistinct) {
		p.expect(token.KwFrom)
		op, entries = op-ast.OpIs+ast.OpIsDistinctFrom, entries+2
	}
	return p.binary(start, op, x, levelLess, entries)
}

func (p *parser) between(start token.Pos, x operand, not bool) operand {
	if !p.push(2) {
		return x
	}
	low := p.exprAt(levelOr, true)
	p.expect(token.KwAnd)
	if !p.push(2) {
		return x
	}
	high := p.exprAt(levelLess, false)
	p.pop(4)
	return p.node(&ast.Between{Span: p.span(start), Not: not, X: x.Expr, Low: low.Expr, High: high.Expr},
		x.height, low.height, high.height)
}

func (p *parser) like(start token.Pos, x operand, tok token.Kind, not bool) operand {
	n := &ast.Like{Not: not, X: x.Expr}
	end := p.last // Of the operator, which is the token before.
	switch tok {
	case token.KwLike:
		n.Op = ast.OpLike
	case token.KwGlob:
		n.Op = ast.OpGlob
	case token.KwRegexp:
		n.Op = ast.OpRegexp
	case token.KwMatch:
		n.Op = ast.OpMatch
	}
	word := ast.Span{From: end - token.Pos(len(n.Op.String())), To: end}
	n.Word = &ast.Name{Span: word, Text: word.Text(p.sql)}
	if !p.push(2) {
		return x
	}
	pattern := p.exprAt(levelLess, false)
	n.Pattern = pattern.Expr
	height := max(x.height, pattern.height)
	if p.accept(token.KwEscape) {
		p.push(2)
		escape := p.exprAt(levelLess, false)
		p.pop(2)
		n.Escape = escape.Expr
		height = max(height, escape.height)
	}
	p.pop(2)
	n.Span = p.span(start)
	return p.node(n, height)
}

func (p *parser) in(start token.Pos, x operand, not bool) operand {
	n := &ast.In{Not: not, X: x.Expr}
	height := x.height
	switch {
	case p.tok == token.LeftParen:
		p.advance()
		if !p.push(3) {
			return x
		}
		if p.startsSelect() {
			var h int
			n.Select, h = p.selectStmt()
			height = max(height, h)
		} else if p.tok != token.RightParen {
			list := p.exprList()
			n.List = exprs(list)
			height = max(height, heights(list))
		}
		p.pop(3)
		p.expect(token.RightParen)
	default:
		tableStart := p.pos
		object := p.objectName()
		if p.tok == token.LeftParen {
			args := p.parenExprs()
			n.Table = &ast.TableFunc{Span: p.span(tableStart), Schema: object.Schema, Name: object.Name, Args: args}
		} else {
			n.Table = &ast.TableName{Span: p.span(tableStart), Schema: object.Schema, Name: object.Name}
		}
	}
	n.Span = p.span(start)
	return p.node(n, height)
}

// parenExprs parses (expr, ...), where nothing may stand between the parentheses.
func (p *parser) parenExprs() []ast.Expr {
	p.expect(token.LeftParen)
	if p.accept(token.RightParen) {
		return nil
	}
	if !p.push(3) {
		return nil
	}
	list := p.exprList()
	p.pop(3)
	p.expect(token.RightParen)
	return exprs(list)
}

// exprList parses expr, expr, ...
func (p *parser) exprList() []operand {
	list := []operand{p.expr()}
	for p.accept(token.Comma) {
		if !p.push(2) {
			break
		}
		list = append(list, p.expr())
		p.pop(2)
	}
	return list
}

// prefix parses an operand: operators that stand before one, or a primary expression.
func (p *parser) prefix() operand {
	switch p.tok {
	case token.KwNot:
		return p.unary(ast.OpNot, levelNot)
	case token.Minus:
		return p.unary(ast.OpNegate, levelUnary)
	case token.Plus:
		return p.unary(ast.OpPlus, levelUnary)
	case token.Tilde:
		return p.unary(ast.OpBitNot, levelUnary)
	}
	return p.primary()
}

func (p *parser) unary(op ast.UnaryOp, level int) operand {
	start := p.pos
	p.advance()
	if !p.push(1) {
		return operand{}
	}
	x := p.exprAt(level, false)
	p.pop(1)
	u := &ast.Unary{Span: p.span(start), Op: op, X: x.Expr}
	if inner, ok := x.Expr.(*ast.Unary); ok && inner.Op == ast.OpPlus && (op == ast.OpPlus || op == ast.OpNegate) {
		return operand{u, x.height} // SQLite keeps one of the two
	}
	return p.node(u, x.height)
}

func (p *parser) primary() operand {
	start := p.pos
	switch p.tok {
	case token.LeftParen:
		return p.paren()
	case token.KwNull, token.Integer, token.Float, token.Blob, token.SepNumber,
		token.KwCurrentDate, token.KwCurrentTime, token.KwCurrentTimestamp:
		return operand{p.literal(), 1}
	case token.String:
		if next, _ := p.rawNext(p.end); next != token.Dot {
			return operand{p.literal(), 1}
		}
		return p.column(start, p.takeName())
	case token.Variable:
		return p.variable()
	case token.KwCast:
		return p.cast()
	case token.KwCase:
		return p.caseExpr()
	case token.KwRaise:
		return p.raise()
	case token.KwExists:
		p.advance()
		p.expect(token.LeftParen)
		if !p.startsSelect() {
			p.syntaxError()
			return operand{}
		}
		if !p.push(2) {
			return operand{}
		}
		sel, height := p.selectStmt()
		p.pop(2)
		p.expect(token.RightParen)
		return p.node(&ast.Exists{Span: p.span(start), Select: sel}, height)
	}
	if !p.isName() {
		p.syntaxError()
		return operand{}
	}
	name := p.takeName()
	if p.tok == token.LeftParen {
		return p.call(start, name)
	}
	return p.column(start, name)
}

// literal consumes a literal, which must be the current token.
func (p *parser) literal() *ast.Literal {
	n := &ast.Literal{Span: ast.Span{From: p.pos, To: p.end}, Own: p.own}
	text := p.text()
	switch p.tok {
	case token.KwNull:
		n.Kind = ast.LiteralNull
	case token.Integer:
		n.Kind, n.Text = ast.LiteralInteger, text
	case token.Float:
		n.Kind, n.Text = ast.LiteralFloat, text
	case token.Blob:
		n.Kind, n.Text = ast.LiteralBlob, token.BlobBytes(text)
	case token.String:
		n.Kind = ast.LiteralString
		n.Text, _ = token.Unquote(text)
	case token.KwCurrentDate:
		n.Kind = ast.LiteralCurrentDate
	case token.KwCurrentTime:
		n.Kind = ast.LiteralCurrentTime
	case token.KwCurrentTimestamp:
		n.Kind = ast.LiteralCurrentTimestamp
	case token.SepNumber:
		digits, kind := token.Number(text)
		n.Kind, n.Text = ast.LiteralInteger, digits
		if kind == token.Float {
			n.Kind = ast.LiteralFloat
		}
		p.advance()
		if kind == token.Illegal {
			p.complain(-1, "unrecognized token: %q", raw(digits))
		}
		return n
	}
	p.advance()
	return n
}

// isTerm reports whether the current token is a literal.
func (p *parser) isTerm() bool {
	switch p.tok {
	case token.KwNull, token.Integer, token.Float, token.Blob, token.String, token.SepNumber,
		token.KwCurrentDate, token.KwCurrentTime, token.KwCurrentTimestamp:
		return true
	}
	return false
}

// column parses the rest of a column reference.
func (p *parser) column(start token.Pos, name *ast.Name) operand {
	c := p.columnNodes.new()
	c.Name = name
	height := 1
	for i := 0; i < 2 && p.accept(token.Dot); i++ {
		c.Schema, c.Table, c.Name = c.Table, c.Name, p.name()
		height++
	}
	c.Span = p.span(start)
	return operand{c, height}
}

// paren parses a parenthesised expression, a row value or a subquery.
func (p *parser) paren() operand {
	start := p.pos
	p.advance()
	if !p.push(1) {
		return operand{}
	}
	defer p.pop(1)
	if p.startsSelect() {
		sel, height := p.selectStmt()
		p.expect(token.RightParen)
		return p.node(&ast.Subquery{Span: p.span(start), Select: sel}, height)
	}
	list := p.exprList()
	p.expect(token.RightParen)
	if len(list) == 1 {
		return list[0]
	}
	return p.node(&ast.RowValue{Span: p.span(start), Elems: exprs(list)}, heights(list))
}

func (p *parser) variable() operand {
	pos, text := p.pos, p.text()
	n := &ast.Param{Span: ast.Span{From: p.pos, To: p.end}, Name: text}
	p.advance()
	limit := p.limits.Variables
	switch {
	case text == "?":
		n.Name = ""
		p.variables++
		n.Number = p.variables
	case text[0] == '?':
		i, err := strconv.ParseInt(text[1:], 10, 64)
		if err != nil || i < 1 || i > int64(limit) {
			p.complain(pos, "variable number must be between ?1 and ?%d", limit)
			return operand{n, 1}
		}
		n.Number = int(i)
		p.variables = max(p.variables, n.Number)
	case text[0] == '#' && text[1] >= '0' && text[1] <= '9':
		// A register, which only SQLite's own nested statements may name.
		p.complain(pos, "near %q: syntax error", raw(text))
		return operand{n, 1}
	default:
		n.Number = p.named[text]
		if n.Number == 0 {
			p.variables++
			n.Number = p.variables
		}
	}
	if n.Name != "" {
		if p.named == nil {
			p.named = make(map[string]int)
		}
		if _, ok := p.named[text]; !ok {
			p.named[text] = n.Number
		}
	}
	if n.Number > limit {
		p.complain(pos, "too many SQL variables")
	}
	return operand{n, 1}
}

func (p *parser) cast() operand {
	start := p.pos
	p.advance()
	p.expect(token.LeftParen)
	if !p.push(2) {
		return operand{}
	}
	x := p.expr()
	p.pop(2)
	p.expect(token.KwAs)
	typ := p.typeName(false)
	p.expect(token.RightParen)
	return p.node(&ast.Cast{Span: p.span(start), X: x.Expr, Type: typ}, x.height)
}

func (p *parser) caseExpr() operand {
	start := p.pos
	p.advance()
	n := &ast.Case{}
	height := 0
	part := func(entries int) ast.Expr {
		if !p.push(entries) {
			return nil
		}
		o := p.expr()
		p.pop(entries)
		height = max(height, o.height)
		return o.Expr
	}
	if p.tok != token.KwWhen {
		n.Operand = part(1)
	}
	if p.tok != token.KwWhen {
		p.syntaxError()
	}
	for p.tok == token.KwWhen {
		when := &ast.When{}
		from := p.pos
		p.advance()
		when.Cond = part(3)
		p.expect(token.KwThen)
		when.Result = part(5)
		when.Span = p.span(from)
		n.Whens = append(n.Whens, when)
	}
	if p.accept(token.KwElse) {
		n.Else = part(4)
	}
	p.expect(token.KwEnd)
	n.Span = p.span(start)
	return p.node(n, height)
}

func (p *parser) raise() operand {
	start := p.pos
	p.advance()
	p.expect(token.LeftParen)
	n := &ast.Raise{}
	switch p.tok {
	case token.KwIgnore:
		n.Action = ast.ConflictIgnore
	case token.KwRollback:
		n.Action = ast.ConflictRollback
	case token.KwAbort:
		n.Action = ast.ConflictAbort
	case token.KwFail:
		n.Action = ast.ConflictFail
	default:
		p.syntaxError()
	}
	p.advance()
	height := 0
	if n.Action != ast.ConflictIgnore {
		p.expect(token.Comma)
		if !p.push(4) {
			return operand{}
		}
		message := p.expr()
		p.pop(4)
		n.Message, height = message.Expr, message.height
	}
	p.expect(token.RightParen)
	n.Span = p.span(start)
	return p.node(n, height)
}

// call parses the rest of a function call, from its opening parenthesis on.
func (p *parser) call(start token.Pos, name *ast.Name) operand {
	n := &ast.FuncCall{Name: name}
	p.advance()
	if !p.push(3) {
		return operand{}
	}
	var args []operand
	if p.accept(token.Star) {
		n.Star = true
	} else {
		if p.accept(token.KwDistinct) {
			n.Distinct = true
		} else {
			p.accept(token.KwAll)
		}
		if p.tok != token.RightParen && p.tok != token.KwOrder {
			args = p.exprList()
			n.Args = exprs(args)
		}
		if p.tok == token.KwOrder {
			n.OrderBy, _ = p.orderBy()
		}
	}
	p.pop(3)
	p.expect(token.RightParen)
	if p.tok == token.KwFilter {
		p.advance()
		p.expect(token.LeftParen, token.KwWhere)
		if !p.push(8) {
			return operand{}
		}
		n.Filter = p.expr().Expr
		p.pop(8)
		p.expect(token.RightParen)
	}
	if p.tok == token.KwOver {
		p.advance()
		if p.tok == token.LeftParen {
			n.Over = p.window(nil)
		} else {
			n.OverName = p.name()
		}
	}
	n.Span = p.span(start)
	p.checkCall(n)
	return p.node(n, heights(args))
}

// checkCall raises the complaints about a call that need no knowledge of the function.
func (p *parser) checkCall(n *ast.FuncCall) {
	if p.failed() {
		return
	}
	if len(n.Args) > p.limits.FunctionArgs {
		p.complain(n.Name.From, "too many arguments on function %s", n.Name.Span.Text(p.sql))
	}
	isWindow := n.Over != nil || n.OverName != nil
	if isWindow && n.Distinct {
		p.complain(-1, "DISTINCT is not supported for window functions")
	}
	if len(n.OrderBy) > 0 && len(n.Args) > 0 {
		if isWindow {
			p.complain(n.Name.From, "ORDER BY may not be used with non-aggregate %s()", n.Name.Text)
		} else if len(n.OrderBy) > p.limits.Columns {
			p.complain(-1, "too many terms in ORDER BY clause")
		}
	}
}
