package ast

// The levels of precedence, loosest first, as the parser has them. An expression of a looser level than its
// place asks for is put in parentheses.
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
	levelPrimary
)

// operators holds the spelling and the level of each binary operator.
var operators = [...]struct {
	text  string
	level int
}{
	OpOr:                {"OR", levelOr},
	OpAnd:               {"AND", levelAnd},
	OpEq:                {"=", levelEqual},
	OpNe:                {"<>", levelEqual},
	OpIs:                {"IS", levelEqual},
	OpIsNot:             {"IS NOT", levelEqual},
	OpIsDistinctFrom:    {"IS DISTINCT FROM", levelEqual},
	OpIsNotDistinctFrom: {"IS NOT DISTINCT FROM", levelEqual},
	OpLt:                {"<", levelLess},
	OpLe:                {"<=", levelLess},
	OpGt:                {">", levelLess},
	OpGe:                {">=", levelLess},
	OpBitAnd:            {"&", levelBit},
	OpBitOr:             {"|", levelBit},
	OpShiftLeft:         {"<<", levelBit},
	OpShiftRight:        {">>", levelBit},
	OpAdd:               {"+", levelAdd},
	OpSub:               {"-", levelAdd},
	OpMul:               {"*", levelMul},
	OpDiv:               {"/", levelMul},
	OpMod:               {"%", levelMul},
	OpConcat:            {"||", levelConcat},
	OpExtract:           {"->", levelConcat},
	OpExtractText:       {"->>", levelConcat},
}

// String returns the operator's spelling.
func (op BinaryOp) String() string { return operators[op].text }

// String returns the operator's spelling.
func (op UnaryOp) String() string { return [...]string{"NOT", "-", "+", "~"}[op] }

// String returns the operator's spelling, which is its function's name too.
func (op LikeOp) String() string { return [...]string{"LIKE", "GLOB", "REGEXP", "MATCH"}[op] }

func levelOf(x Expr) int {
	switch x := x.(type) {
	case *Binary:
		return operators[x.Op].level
	case *Unary:
		if x.Op == OpNot {
			return levelNot
		}
		return levelUnary
	case *Between, *In, *Like, *IsNull:
		return levelEqual
	case *Collate:
		return levelCollate
	}
	return levelPrimary
}

// expr writes an expression where one of at least this level may stand.
func (p *printer) expr(x Expr, level int) {
	if x == nil {
		return
	}
	if levelOf(x) < level {
		p.words("(")
		defer p.words(")")
	}
	switch x := x.(type) {
	case *Literal:
		p.literal(x)
	case *Column:
		if x.Schema != nil {
			p.name(x.Schema)
			p.words(".")
		}
		p.qualified(x.Table, x.Name)
	case *Param:
		p.when(x.Name == "", "?")
		p.words(x.Name)
	case *Unary:
		p.unary(x)
	case *Binary:
		o := operators[x.Op]
		p.expr(x.Left, o.level)
		p.words(" ", o.text, " ")
		p.expr(x.Right, o.level+1)
	case *Between:
		p.expr(x.X, levelEqual)
		p.when(x.Not, " NOT")
		p.words(" BETWEEN ")
		p.expr(x.Low, levelLess)
		p.words(" AND ")
		p.expr(x.High, levelLess)
	case *In:
		p.in(x)
	case *Like:
		p.expr(x.X, levelEqual)
		p.when(x.Not, " NOT")
		p.words(" ", x.Op.String(), " ")
		p.expr(x.Pattern, levelLess)
		if x.Escape != nil {
			p.words(" ESCAPE ")
			p.expr(x.Escape, levelLess)
		}
	case *IsNull:
		p.expr(x.X, levelEqual)
		p.words([]string{" ISNULL", " NOTNULL"}[btoi(x.Not)])
	case *Case:
		p.words("CASE")
		p.optional(" ", x.Operand)
		for _, w := range x.Whens {
			p.words(" ")
			p.node(w)
		}
		p.optional(" ELSE ", x.Else)
		p.words(" END")
	case *Cast:
		p.words("CAST(")
		p.expr(x.X, 0)
		p.words(" AS")
		if x.Type != nil {
			p.words(" ")
			p.typeName(x.Type)
		}
		p.words(")")
	case *Collate:
		p.expr(x.X, levelCollate)
		p.words(" COLLATE ")
		p.name(x.Collation)
	case *FuncCall:
		p.call(x)
	case *Exists:
		p.words("EXISTS (")
		p.node(x.Select)
		p.words(")")
	case *Subquery:
		p.words("(")
		p.node(x.Select)
		p.words(")")
	case *RowValue:
		p.words("(")
		list(p, x.Elems)
		p.words(")")
	case *Raise:
		p.words("RAISE(", conflictWords[x.Action])
		p.optional(", ", x.Message)
		p.words(")")
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *printer) unary(u *Unary) {
	p.words(u.Op.String())
	if u.Op == OpNot {
		p.words(" ")
		p.expr(u.X, levelNot)
		return
	}
	// Two minus signs side by side would begin a comment.
	if inner, ok := u.X.(*Unary); ok && u.Op == OpNegate && inner.Op == OpNegate {
		p.words(" ")
	}
	p.expr(u.X, levelUnary)
}

func (p *printer) in(n *In) {
	p.expr(n.X, levelEqual)
	p.when(n.Not, " NOT")
	p.words(" IN ")
	if n.Table != nil {
		p.table(n.Table)
		return
	}
	p.words("(")
	if n.Select != nil {
		p.node(n.Select)
	} else {
		list(p, n.List)
	}
	p.words(")")
}

func (p *printer) call(f *FuncCall) {
	p.name(f.Name)
	p.words("(")
	p.when(f.Star, "*")
	p.when(f.Distinct, "DISTINCT ")
	list(p, f.Args)
	clause(p, []string{"ORDER BY ", " ORDER BY "}[btoi(len(f.Args) > 0)], f.OrderBy)
	p.words(")")
	if f.Filter != nil {
		p.optional(" FILTER (WHERE ", f.Filter)
		p.words(")")
	}
	switch {
	case f.Over != nil:
		p.words(" OVER ")
		p.window(f.Over)
	case f.OverName != nil:
		p.words(" OVER ")
		p.name(f.OverName)
	}
}
