package ast

import (
	"encoding/hex"
	"strings"

	"github.com/rustlite/rustlite/parser/token"
)

// Format prints a node as SQL: keywords in capitals, one space between words, as few parentheses as the meaning
// allows. Parsing what it prints gives an equal tree except for positions and the
// texts that quote the source.
func Format(n Node) string {
	var p printer
	p.node(n)
	return p.String()
}

// printer collects the text. Its methods write one construct each and leave no space at the end.
type printer struct {
	strings.Builder
}

// words writes strings as they are.
func (p *printer) words(list ...string) {
	for _, s := range list {
		p.WriteString(s)
	}
}

// when writes s if ok.
func (p *printer) when(ok bool, s string) {
	if ok {
		p.WriteString(s)
	}
}

// name writes an identifier with the quotes it had; a name that cannot stand without quotes gets them.
func (p *printer) name(n *Name) {
	if n == nil {
		return
	}
	quote := n.Quote
	if quote == token.Bare && !isBare(n.Text) || quote == token.Bracket && strings.Contains(n.Text, "]") {
		quote = token.Double
	}
	switch quote {
	case token.Double:
		p.quoted(n.Text, `"`)
	case token.Backtick:
		p.quoted(n.Text, "`")
	case token.Single:
		p.quoted(n.Text, "'")
	case token.Bracket:
		p.words("[", n.Text, "]")
	default:
		p.words(n.Text)
	}
}

// isBare reports whether a name needs no quotes where any name may stand.
func isBare(text string) bool {
	kind, end := token.Scan(text, 0)
	if int(end) != len(text) {
		return false
	}
	switch kind {
	case token.Ident:
		return token.IsIDChar(text[0])
	case token.KwIndexed, token.KwWindow, token.KwOver, token.KwFilter:
		return true
	}
	return kind.Fallback() || kind.JoinWord()
}

func (p *printer) quoted(text, mark string) {
	p.words(mark, strings.ReplaceAll(text, mark, mark+mark), mark)
}

// qualified writes [schema.]name.
func (p *printer) qualified(schema, name *Name) {
	if schema != nil {
		p.name(schema)
		p.words(".")
	}
	p.name(name)
}

// names writes a list of names separated by commas.
func (p *printer) names(list []*Name) {
	for i, n := range list {
		p.when(i > 0, ", ")
		p.name(n)
	}
}

// parenNames writes (names) after a space, if there are any.
func (p *printer) parenNames(list []*Name) {
	if len(list) == 0 {
		return
	}
	p.words(" (")
	p.names(list)
	p.words(")")
}

// list writes nodes separated by commas.
func list[N Node](p *printer, nodes []N) {
	for i, n := range nodes {
		p.when(i > 0, ", ")
		p.node(n)
	}
}

// clause writes a word and a list, if the list has members.
func clause[N Node](p *printer, word string, nodes []N) {
	if len(nodes) > 0 {
		p.words(word)
		list(p, nodes)
	}
}

// optional writes a word and an expression, if there is one.
func (p *printer) optional(word string, x Expr) {
	if x != nil {
		p.words(word)
		p.node(x)
	}
}

// alias writes AS name, if there is one.
func (p *printer) alias(n *Name) {
	if n != nil {
		p.words(" AS ")
		p.name(n)
	}
}

// node writes any node; the families have files of their own.
func (p *printer) node(n Node) {
	switch n := n.(type) {
	case nil:
	case *ObjectName:
		p.qualified(n.Schema, n.Name)
	case Stmt:
		p.stmt(n)
	case Expr:
		p.expr(n, 0)
	case TableExpr:
		p.table(n)
	case ColumnConstraint:
		p.columnConstraint(n)
	case TableConstraint:
		p.tableConstraint(n)
	case *Upsert:
		p.upsert(n)
	case *Assignment:
		p.assignment(n)
	case *ColumnDef:
		p.name(n.Name)
		if n.Type != nil {
			p.words(" ")
			p.typeName(n.Type)
		}
		for _, c := range n.Constraints {
			p.words(" ")
			p.columnConstraint(c)
		}
	case *TypeName:
		p.typeName(n)
	case *References:
		p.references(n)
	case *PragmaValue:
		p.pragmaValue(n)
	case *With:
		p.words("WITH ")
		p.when(n.Recursive, "RECURSIVE ")
		list(p, n.CTEs)
	case *CTE:
		p.cte(n)
	case *SelectCore:
		p.selectCore(n)
	case *Values:
		for i, row := range n.Rows {
			p.words([]string{"VALUES (", ", ("}[min(i, 1)])
			list(p, row)
			p.words(")")
		}
	case *ResultColumn:
		p.resultColumn(n)
	case *OrderTerm:
		p.node(n.Expr)
		p.words([]string{"", " ASC", " DESC"}[n.Order], []string{"", " NULLS FIRST", " NULLS LAST"}[n.Nulls])
	case *Limit:
		// Parameters without a number count by place, so LIMIT offset, limit keeps its order.
		if n.Offset != nil && n.Offset.Pos() < n.Limit.Pos() {
			p.optional("LIMIT ", n.Offset)
			p.optional(", ", n.Limit)
			break
		}
		p.optional("LIMIT ", n.Limit)
		p.optional(" OFFSET ", n.Offset)
	case *Window:
		p.window(n)
	case *Frame:
		p.frame(n)
	case *When:
		p.optional("WHEN ", n.Cond)
		p.optional(" THEN ", n.Result)
	}
}

func (p *printer) resultColumn(c *ResultColumn) {
	switch {
	case c.Expr != nil:
		p.node(c.Expr)
		p.alias(c.Alias)
	case c.Table != nil:
		p.name(c.Table)
		p.words(".*")
	default:
		p.words("*")
	}
}

func (p *printer) cte(c *CTE) {
	p.name(c.Name)
	p.parenNames(c.Columns)
	p.words(" AS ", []string{"", "MATERIALIZED ", "NOT MATERIALIZED "}[c.Materialized], "(")
	p.node(c.Select)
	p.words(")")
}

func (p *printer) selectStmt(s *Select) {
	if s.With != nil {
		p.node(s.With)
		p.words(" ")
	}
	for i, c := range s.Cores {
		if i > 0 {
			p.words([]string{" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT "}[s.Ops[i-1]])
		}
		p.node(c)
	}
	clause(p, " ORDER BY ", s.OrderBy)
	if s.Limit != nil {
		p.words(" ")
		p.node(s.Limit)
	}
}

func (p *printer) selectCore(c *SelectCore) {
	p.words("SELECT ")
	p.when(c.Distinct, "DISTINCT ")
	list(p, c.Columns)
	p.from(c.From)
	p.optional(" WHERE ", c.Where)
	clause(p, " GROUP BY ", c.GroupBy)
	p.optional(" HAVING ", c.Having)
	clause(p, " WINDOW ", c.Windows)
}

func (p *printer) from(t TableExpr) {
	if t != nil {
		p.words(" FROM ")
		p.table(t)
	}
}

func (p *printer) window(w *Window) {
	if w.Name != nil {
		p.name(w.Name)
		p.words(" AS ")
	}
	p.words("(")
	gap := ""
	part := func(ok bool, write func()) {
		if ok {
			p.words(gap)
			write()
			gap = " "
		}
	}
	part(w.Base != nil, func() { p.name(w.Base) })
	part(len(w.PartitionBy) > 0, func() { clause(p, "PARTITION BY ", w.PartitionBy) })
	part(len(w.OrderBy) > 0, func() { clause(p, "ORDER BY ", w.OrderBy) })
	part(w.Frame != nil, func() { p.frame(w.Frame) })
	p.words(")")
}

func (p *printer) frame(f *Frame) {
	p.words([]string{"RANGE", "ROWS", "GROUPS"}[f.Unit], " BETWEEN ")
	p.bound(f.Start)
	p.words(" AND ")
	p.bound(f.Stop)
	p.words([]string{"", " EXCLUDE NO OTHERS", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}[f.Exclude])
}

func (p *printer) bound(b FrameBound) {
	if b.Expr != nil {
		p.node(b.Expr)
		p.words(" ")
	}
	p.words([]string{"UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"}[b.Kind])
}

func (p *printer) table(t TableExpr) {
	switch t := t.(type) {
	case *TableName:
		p.qualified(t.Schema, t.Name)
		p.alias(t.Alias)
		if t.IndexedBy != nil {
			p.words(" INDEXED BY ")
			p.name(t.IndexedBy)
		}
		p.when(t.NotIndexed, " NOT INDEXED")
	case *TableFunc:
		p.qualified(t.Schema, t.Name)
		p.words("(")
		list(p, t.Args)
		p.words(")")
		p.alias(t.Alias)
	case *TableSubquery:
		p.words("(")
		p.node(t.Select)
		p.words(")")
		p.alias(t.Alias)
	case *TableParen:
		p.words("(")
		p.table(t.X)
		p.words(")")
		p.alias(t.Alias)
	case *Join:
		p.join(t)
	}
}

func (p *printer) join(j *Join) {
	p.table(j.Left)
	if j.Type&JoinComma != 0 {
		p.words(", ")
	} else {
		p.words(" ")
		p.when(j.Type&JoinNatural != 0, "NATURAL ")
		switch {
		case j.Type&JoinFull == JoinFull:
			p.words("FULL ")
		case j.Type&JoinLeft != 0:
			p.words("LEFT ")
		case j.Type&JoinRight != 0:
			p.words("RIGHT ")
		case j.Type&JoinCross != 0:
			p.words("CROSS ")
		case j.Type&JoinInner != 0:
			p.words("INNER ")
		}
		p.words("JOIN ")
	}
	if right, ok := j.Right.(*Join); ok {
		p.words("(")
		p.join(right)
		p.words(")")
	} else {
		p.table(j.Right)
	}
	p.optional(" ON ", j.On)
	if len(j.Using) > 0 {
		p.words(" USING")
		p.parenNames(j.Using)
	}
}

// typeName writes a type as it was, or in quotes if it could not be read back.
func (p *printer) typeName(t *TypeName) {
	if isPlainType(t.Text) {
		p.words(t.Text)
		return
	}
	p.quoted(t.Text, `"`)
}

// isPlainType reports whether a text reads as a type: words, and perhaps one or two numbers in parentheses.
func isPlainType(text string) bool {
	if text == "" || strings.ContainsRune("\"'`[", rune(text[0])) ||
		len(text) >= len("generated always") && strings.HasSuffix(strings.ToLower(text), "always") {
		return false
	}
	var kinds []token.Kind
	for pos := token.Pos(0); int(pos) < len(text); {
		kind, end := token.Scan(text, pos)
		if end == pos || kind == token.Illegal {
			return false
		}
		if kind != token.Space && kind != token.Comment {
			kinds = append(kinds, kind)
		}
		pos = end
	}
	i := 0
	is := func(set ...token.Kind) bool {
		for _, k := range set {
			if i < len(kinds) && kinds[i] == k {
				i++
				return true
			}
		}
		return false
	}
	for i < len(kinds) && (kinds[i].Fallback() || kinds[i] == token.Ident || kinds[i] == token.String ||
		kinds[i] == token.KwWindow || kinds[i] == token.KwOver || kinds[i] == token.KwFilter) {
		i++
	}
	if i == 0 {
		return false
	}
	number := func() bool {
		is(token.Plus, token.Minus)
		return is(token.Integer, token.Float)
	}
	if is(token.LeftParen) {
		if !number() || is(token.Comma) && !number() || !is(token.RightParen) {
			return false
		}
	}
	return i == len(kinds)
}

// literal writes a literal.
func (p *printer) literal(l *Literal) {
	switch l.Kind {
	case LiteralNull:
		p.words("NULL")
	case LiteralInteger, LiteralFloat:
		p.words(l.Text)
	case LiteralString:
		p.quoted(l.Text, "'")
	case LiteralBlob:
		p.words("x'", hex.EncodeToString([]byte(l.Text)), "'")
	case LiteralCurrentTime:
		p.words("CURRENT_TIME")
	case LiteralCurrentDate:
		p.words("CURRENT_DATE")
	case LiteralCurrentTimestamp:
		p.words("CURRENT_TIMESTAMP")
	}
}
