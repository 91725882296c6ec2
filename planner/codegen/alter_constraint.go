package codegen

import (
	"strings"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/parser/token"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

const afterConstraint = " after drop constraint" // When one is added, too.

// constrained finds the table of an ALTER TABLE that changes its constraints.
func constrained(env *Env, n *ast.ObjectName) (*catalog.Table, error) {
	t, err := alterable(env, n)
	if err != nil {
		return nil, err
	}
	if t.View != nil {
		return nil, ddlError(`cannot edit constraints of view "` + t.Name + `"`)
	}
	return t, system(t)
}

// constrainedColumn finds the column of one, too.
func constrainedColumn(env *Env, n *ast.ObjectName, column *ast.Name) (t *catalog.Table, i int, err error) {
	if t, err = constrained(env, n); err != nil {
		return nil, 0, err
	}
	if i = t.ColumnIndex(column.Text); i < 0 {
		return nil, 0, ddlError("no such column: " + column.Text)
	}
	return t, i, nil
}

// DropConstraint compiles ALTER TABLE DROP CONSTRAINT.
func DropConstraint(env *Env, n *ast.AlterDropConstraint) (*vm.Program, error) {
	t, err := constrained(env, n.Table)
	if err != nil {
		return nil, err
	}
	sql, err := withoutConstraint(t.SQL, n.Constraint.Text)
	if err != nil {
		return nil, err
	}
	g := newGen(env)
	g.retext(t, sql)
	return g.finish()
}

// ColumnNotNull compiles ALTER TABLE ALTER COLUMN SET NOT NULL and DROP NOT
// NULL.
func ColumnNotNull(env *Env, n *ast.AlterColumnNotNull) (*vm.Program, error) {
	t, i, err := constrainedColumn(env, n.Table, n.Column)
	if err != nil {
		return nil, err
	}
	g := newGen(env)
	sql := withoutNotNull(t.SQL, i)
	if !n.Drop {
		sql = withConstraint(sql, n.Text, i)
		g.holds(t, t, func(row *resolve.Source, ok label) error {
			r := g.temp()
			g.exprTo(resolve.Column(row, i), r)
			g.emit(vm.OpNotNull, int32(r), int32(ok), 0)
			return nil
		})
	}
	g.retext(t, sql)
	return g.finish()
}

// AddCheck compiles ALTER TABLE ADD CHECK.
func AddCheck(env *Env, n *ast.AlterAddCheck) (*vm.Program, error) {
	t, err := constrained(env, n.Table)
	if err != nil {
		return nil, err
	}
	def := *t.Def
	def.Constraints = append(def.Constraints[:len(def.Constraints):len(def.Constraints)],
		&ast.TableCheck{Span: n.Span, Name: n.Constraint, Expr: n.Expr, OnConflict: n.OnConflict})
	to, err := remade(env, t, &def)
	if err != nil {
		return nil, err
	}
	if n.Constraint != nil && hasNamed(t.SQL, n.Constraint.Text) {
		return nil, ddlError("constraint " + n.Constraint.Text + " already exists")
	}
	g := newGen(env)
	if n.Constraint != nil {
		g.names("sqlite_fail('constraint " + strings.ReplaceAll(n.Constraint.Text, "'", "''") + " already exists', 1)")
	}
	g.holds(t, to, func(row *resolve.Source, ok label) error {
		list, err := resolve.RowChecks(env.Resolve, row)
		if err != nil {
			return err
		}
		defer g.pure("a CHECK constraint")()
		g.jumpIf(list[len(list)-1], ok, true, true)
		return nil
	})
	g.retext(t, withConstraint(t.SQL, n.Text, -1))
	return g.finish()
}

// holds tests the rows of a table, as those of its changed definition, against a
// new constraint: test jumps to ok where it holds.
func (g *gen) holds(from, to *catalog.Table, test func(row *resolve.Source, ok label) error) {
	if g.prog.Columns == nil {
		g.names("sqlite_fail('constraint failed', 19)") // The query that the reference tests it with.
	}
	a := &alteration{g: g, from: from, to: to, dropped: len(from.Columns)}
	g.use(from.DB, true)
	err := a.rows(func(row *resolve.Source, _ reg) error {
		mark, ok := g.top, g.newLabel()
		if err := test(row, ok); err != nil {
			return err
		}
		g.emit4(vm.OpHalt, codeConstraint, vm.ActionAbort, 0, g.errorInfo(&vm.ErrorInfo{Code: codeConstraint, Text: "constraint failed"}))
		g.bind(ok)
		g.release(mark)
		return nil
	}, nil, false)
	if err != nil {
		g.fail(err)
	}
}

// retext gives a table another text and reads the schema again.
func (g *gen) retext(t *catalog.Table, sql string) {
	g.prog.Statement = true
	s := g.openSchema(t.DB)
	s.rewrite("table", t.Name, sql)
	s.changedBy(afterConstraint, vm.CheckNothing)
}

// The texts are edited as the reference does it: by tokens, without a tree, so
// that every text that it has made has the same one here.

// constraintToken is the kind of the next token behind spaces and comments, and
// where it ends; a parenthesis goes to its partner.
func constraintToken(sql string, at token.Pos) (token.Kind, token.Pos) {
	at = blanks(sql, at)
	kind, end := token.Scan(sql, at)
	if kind != token.LeftParen {
		return kind, end
	}
	for depth := 1; depth > 0; {
		k, next := token.Scan(sql, end)
		switch k {
		case token.LeftParen:
			depth++
		case token.RightParen:
			depth--
		case token.EOF, token.Illegal:
			return k, end
		}
		end = next
	}
	return kind, end
}

// blanks is where the spaces and comments at a place end.
func blanks(sql string, at token.Pos) token.Pos {
	for {
		kind, end := token.Scan(sql, at)
		if kind != token.Space && kind != token.Comment {
			return at
		}
		at = end
	}
}

// tableBody is the place behind the parenthesis that begins a table's columns.
func tableBody(sql string) token.Pos {
	for at := token.Pos(0); ; {
		kind, end := token.Scan(sql, at)
		if kind == token.LeftParen || kind == token.EOF {
			return end
		}
		at = end
	}
}

// endsConstraint reports whether a token begins what follows a constraint.
func endsConstraint(k token.Kind) bool {
	switch k {
	case token.KwConstraint, token.KwPrimary, token.KwNot, token.KwUnique, token.KwCheck, token.KwDefault, token.KwCollate, token.KwReferences,
		token.KwForeign, token.KwGenerated, token.KwAs, token.RightParen, token.Comma, token.EOF, token.Illegal:
		return true
	}
	return false
}

// constraintEnd is where the constraint ends whose first token, before at, is of
// a kind.
func constraintEnd(sql string, at token.Pos, first token.Kind) token.Pos {
	if first == token.KwForeign {
		at = constraintEnd(sql, at, 0)
		first, at = constraintToken(sql, at)
	}
	if first == token.KwReferences {
		_, at = constraintToken(sql, at) // The table, whatever it is called.
	}
	for {
		kind, end := constraintToken(sql, at)
		if endsConstraint(kind) {
			return at
		}
		at = end
	}
}

// isNamed reports whether the token between two places is a name, in quotes or
// not.
func isNamed(sql string, kind token.Kind, from, to token.Pos, name string) bool {
	text, _ := token.Unquote(sql[from:to])
	return kind != token.Illegal && kind != token.EOF && value.EqualFold(text, name)
}

// hasNamed reports whether a table has a constraint of a name.
func hasNamed(sql, name string) bool {
	for at := tableBody(sql); ; {
		kind, end := constraintToken(sql, at)
		switch kind {
		case token.KwConstraint:
			from := blanks(sql, end)
			kind, at = constraintToken(sql, from)
			if isNamed(sql, kind, from, at, name) {
				return true
			}
			continue
		case token.EOF, token.Illegal:
			return false
		}
		at = end
	}
}

// withoutConstraint is a table without the constraint of a name.
func withoutConstraint(sql, name string) (string, error) {
	for at := tableBody(sql); ; {
		from := at
		kind, end := constraintToken(sql, at)
		at = end
		switch kind {
		case token.RightParen, token.EOF, token.Illegal:
			return "", ddlError("no such constraint: " + name)
		case token.KwConstraint:
			var found bool
			if kind, at, found = namedConstraint(sql, at, name); !found {
				continue
			}
			switch kind {
			case token.KwNot, token.KwCheck, token.KwReferences, token.KwForeign:
				return cutConstraint(sql, from, at), nil
			}
			return "", ddlError("constraint may not be dropped: " + name)
		}
	}
}

// namedConstraint reads a constraint from its name on: of which kind it is,
// where it ends, and whether it is the one that is looked for. A name before
// nothing that is a constraint counts as a CHECK.
func namedConstraint(sql string, at token.Pos, name string) (token.Kind, token.Pos, bool) {
	from := blanks(sql, at)
	kind, at := constraintToken(sql, from)
	found := isNamed(sql, kind, from, at, name)
	kind, end := constraintToken(sql, at)
	switch kind {
	case token.KwConstraint, token.KwDefault, token.KwCollate, token.Comma, token.RightParen, token.KwGenerated, token.KwAs:
		return token.KwCheck, at, found
	}
	return kind, constraintEnd(sql, end, kind), found
}

// withoutNotNull is a table whose column number i has no NOT NULL.
func withoutNotNull(sql string, i int) string {
	column := 0
	for at := tableBody(sql); ; {
		from := at
		kind, end := constraintToken(sql, at)
		at = end
		switch {
		case kind == token.RightParen || kind == token.EOF || kind == token.Illegal:
			return sql
		case kind == token.Comma:
			column++
		case kind == token.KwConstraint && column == i:
			if kind, at, _ = namedConstraint(sql, at, ""); kind == token.KwNot {
				return cutConstraint(sql, from, at)
			}
		case kind == token.KwNot && column == i:
			return cutConstraint(sql, from, constraintEnd(sql, at, 0))
		}
	}
}

// cutConstraint takes a constraint out of a table's text, with the comma before
// it where it was the last of its list.
func cutConstraint(sql string, from, to token.Pos) string {
	to = blanks(sql, to)
	kind, _ := token.Scan(sql, to)
	if kind != token.RightParen && kind != token.Comma {
		return sql[:from] + " " + sql[to:]
	}
	if sql[from-1] == ',' {
		from--
	}
	return sql[:from] + sql[to:]
}

// withConstraint is a table with a constraint at the end of column number i, or
// below 0 behind everything.
func withConstraint(sql, constraint string, i int) string {
	at := tableBody(sql)
	for column := 0; ; column++ {
		_, at = constraintToken(sql, at)
		kind := token.Comma
		for {
			var end token.Pos
			if kind, end = constraintToken(sql, at); kind == token.Comma || kind == token.RightParen || kind == token.EOF {
				break
			}
			at = end
		}
		if column == i || kind != token.Comma {
			break
		}
	}
	at = blanks(sql, at)
	comma := ""
	if i < 0 {
		comma = ","
	}
	return sql[:at] + comma + " " + constraint + sql[at:]
}
