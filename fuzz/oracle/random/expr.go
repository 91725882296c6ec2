package random

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// generator makes the statements of a program.
type generator struct {
	*rand.Rand
	schema  schema
	saved   []schema        // At the beginning of the open transaction and at its savepoints.
	without map[string]bool // Features left out.
	named   int             // Numbers names.
	alias   int
	loose   bool     // The statement under way is Loose.
	keys    []string // Columns that tell the rows of the last FROM apart; nil when there are none.
	exact   int      // Above 0: nothing that would make it so.
	nulls   bool     // Keys may SET NULL.
	params  bool     // There may be parameters.
	windows string   // The WINDOW clause of the SELECT under way.
}

// ref is a column in reach of an expression.
type ref struct {
	sql    string
	column column
}

type scope []ref

// scope are the columns of t behind an alias, if there is one.
func (t *table) scope(alias string) scope {
	var s scope
	for _, c := range t.columns {
		name := c.name
		if alias != "" {
			name = alias + "." + name
		}
		s = append(s, ref{name, c})
	}
	if alias != "" && alias != "@" {
		for _, e := range t.computed { // As if they were columns, for indexes to give.
			s = append(s, ref{"(" + strings.ReplaceAll(e, "@.", alias+".") + ")", column{}})
		}
	}
	return s
}

func (g *generator) pick(s ...string) string { return s[g.IntN(len(s))] }

func (g *generator) pick2(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func (g *generator) some(percent int) bool { return g.IntN(100) < percent }

func (g *generator) has(feature string) bool { return !g.without[feature] }

// strictly runs f without constructs whose answers are loose.
func (g *generator) strictly(f func()) {
	g.exact++
	f()
	g.exact--
}

// stored is a value that a column may keep: small, its reals multiples of a
// quarter, so that sums do not depend on their order.
func (g *generator) stored(c column) string {
	if g.some(8) {
		return "NULL"
	}
	if c.text || g.some(15) {
		return g.pick("'a'", "'b'", "'B'", "'ab'", "'A '", "'abc'", "'1'", "'2.5'", "''", "' x'", "'é'", "x'61'", "x''", "'10'")
	}
	return g.pick("0", "1", "2", "3", "4", "5", "6", "7", "9", "11", "12", "-1", "-3", "2.5", "0.25", "-0.75", "100", "1000")
}

func (g *generator) literal() string {
	if g.params && g.some(10) {
		return fmt.Sprintf("?%d", 1+g.IntN(len(arguments)))
	}
	if g.some(3) {
		return g.pick("9223372036854775807", "-9223372036854775808", "1e300", "x'00ff'", "1.0", "'1.0'", "4294967296", "'9223372036854775807'")
	}
	return g.stored(column{text: g.some(30)})
}

func (g *generator) column(s scope) string {
	if len(s) == 0 {
		return g.literal()
	}
	return s[g.IntN(len(s))].sql
}

// bounded is a value for a column that does not grow from change to change.
func (g *generator) bounded(c column, s scope) string {
	if c.text {
		return "substr(" + g.expr(1, s) + ", 1, 8)"
	}
	return g.pick("("+g.expr(1, s)+") % 100", g.stored(c), "coalesce("+g.column(s)+", 0) + 1", "typeof("+g.column(s)+")", g.stored(c))
}

// expr is an expression of some depth over the columns in reach.
func (g *generator) expr(d int, s scope) string {
	if len(g.schema.tables) == 0 {
		d = min(d, 1) // No subqueries.
	}
	if d <= 0 {
		if g.some(35) {
			return g.literal()
		}
		return g.column(s)
	}
	e := func() string { return g.expr(d-1-g.IntN(2), s) }
	switch g.IntN(46) {
	case 0, 1, 2:
		return "(" + e() + g.pick(" + ", " - ", " * ", " / ", " % ", " || ", " & ", " | ", " << ", " >> ") + e() + ")"
	case 3, 4, 5, 6:
		return "(" + e() + g.pick(" = ", " < ", " > ", " <= ", " >= ", " <> ", " IS ", " IS NOT ", " IS NOT DISTINCT FROM ", " == ") + e() + ")"
	case 7, 8:
		return "(" + e() + g.pick(" AND ", " OR ") + e() + ")"
	case 9:
		return "(NOT " + e() + ")"
	case 10:
		return "(" + e() + g.pick(" IS NULL", " NOTNULL", " IS TRUE", " IS NOT FALSE", " IS NOT NULL") + ")"
	case 11:
		return "(" + e() + g.pick("", " NOT") + " BETWEEN " + e() + " AND " + e() + ")"
	case 12, 13:
		var list []string
		for range g.IntN(5) {
			if g.some(25) {
				list = append(list, e())
			} else {
				list = append(list, g.literal())
			}
		}
		return "(" + e() + g.pick("", " NOT") + " IN (" + strings.Join(list, ", ") + "))"
	case 14:
		return "CASE WHEN " + e() + " THEN " + e() + g.pick("", " ELSE "+e()) + " END"
	case 15:
		return "CASE " + e() + " WHEN " + e() + " THEN " + e() + " WHEN " + e() + " THEN " + e() + " ELSE " + e() + " END"
	case 16:
		return "CAST(" + e() + " AS " + g.pick("INT", "TEXT", "REAL", "NUMERIC", "BLOB") + ")"
	case 17:
		return g.pick("coalesce", "ifnull", "nullif", "max", "min", "instr", "trim", "like", "glob", "substr", "round") + "(" + e() + ", " + e() + ")"
	case 18, 19:
		return g.pick("length", "typeof", "lower", "upper", "hex", "quote", "unicode", "sign", "abs", "ltrim", "octet_length") + "(" + g.column(s) + ")"
	case 20:
		return "(" + e() + g.pick(" LIKE ", " GLOB ", " NOT LIKE ") + g.pick("'a%'", "'%b%'", "'A*'", "'_'", "'*'", "'1%'", "'?b*'") + ")"
	case 21, 22:
		if d >= 2 {
			q, inner := g.from(1, s)
			return "(SELECT " + g.aggregate(inner) + " FROM " + q + " WHERE " + g.expr(2, append(inner, s...)) + ")"
		}
		return e()
	case 23:
		if d >= 2 {
			q, inner := g.from(1+g.IntN(2), s)
			return g.pick("", "NOT ") + "EXISTS (SELECT 1 FROM " + q + " WHERE " + g.expr(2, append(inner, s...)) + ")"
		}
		return e()
	case 24:
		if d >= 2 {
			q, inner := g.from(1, s)
			return "(" + e() + g.pick("", " NOT") + " IN (SELECT " + g.expr(1, inner) + " FROM " + q + g.pick("", " WHERE "+g.expr(1, append(inner, s...))) + "))"
		}
		return e()
	case 25:
		return "(" + g.column(s) + " COLLATE " + g.pick("NOCASE", "BINARY", "RTRIM") + g.pick(" = ", " < ", " >= ") + e() + ")"
	case 26:
		return "(" + g.pick("-", "+", "~") + e() + ")"
	case 27:
		return "((" + e() + ", " + e() + ")" + g.pick(" = ", " < ", " >= ", " IS ", " <> ") + "(" + e() + ", " + e() + "))"
	case 28:
		if d >= 2 {
			q, inner := g.from(1, s)
			return notNull("((" + e() + ", " + e() + ") IN (SELECT " + g.column(inner) + ", " + g.column(inner) + " FROM " + q + "))")
		}
		return e()
	case 29:
		return "iif(" + e() + ", " + e() + ", " + e() + ")"
	case 30:
		return "printf('" + g.pick("%d", "%s", "%5.2f", "%x", "%-4s|", "%g", "%,d", "%q", "%05d") + "', " + e() + ")"
	case 31:
		return g.pick("json_extract('{\"a\":[1,2.5,\"x\",null]}', '$.a[' || abs(CAST("+g.column(s)+" AS INT) % 4) || ']')", "json_array(typeof("+e()+"), 'k')", "(json_object('a', "+g.literalText()+") ->> 'a')", "json_type(json_array("+g.literalText()+"))")
	case 33:
		if d >= 2 {
			q, inner := g.from(1, s)
			return "(" + e() + g.pick("", " NOT") + " IN (SELECT +" + g.column(inner) + " FROM " + q + g.pick(" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ") + "SELECT " + g.expr(1, inner[:0]) + "))"
		}
		return e()
	case 34:
		if d >= 2 {
			q, inner := g.from(1, s)
			c := g.column(inner)
			return "(SELECT " + c + " FROM " + q + g.pick("", " WHERE "+g.expr(1, append(inner, s...))) + " ORDER BY quote(" + c + ")" + g.pick("", " DESC") + " LIMIT 1" + g.pick("", " OFFSET 1", " OFFSET 2") + ")"
		}
		return e()
	case 35:
		day := "'20" + g.pick("00-02-29", "21-12-31 23:59:59", "24-01-01 12:00", "19-07-04") + "'"
		return g.pick("date("+day+", CAST("+g.column(s)+" AS INT) % 1000 || ' days')", "strftime('%Y-%j %H:%M', "+day+", '+' || abs(CAST("+g.column(s)+" AS INT) % 50) || ' hours')",
			"julianday("+day+") - "+g.column(s), "unixepoch("+day+")", "time("+e()+")", "date("+e()+")")
	case 36:
		return "(" + g.column(s) + " LIKE " + g.pick("'a|%%'", "'%|_%'", "'A|%'", g.column(s)) + " ESCAPE '|')"
	case 37:
		return "((" + e() + ", " + e() + ") BETWEEN (" + e() + ", " + e() + ") AND (" + e() + ", " + e() + "))"
	case 38:
		object, place := `'{"a":1,"b":[1,2.5,null]}'`, "'$.b[' || abs(CAST("+g.column(s)+" AS INT) % 4) || ']'"
		return g.pick("json_set", "json_insert", "json_replace") + "(" + object + ", " + place + ", typeof(" + e() + "))"
	case 39:
		c := g.column(s)
		return g.pick("json_remove('[1,2,3]', '$[' || abs(CAST("+c+" AS INT) % 4) || ']')", "json_patch('{\"text\":1}', json_object(typeof("+c+"), length("+c+")))", "json_valid("+c+")", "json_array_length(json_array(1, typeof("+c+")))",
			"json(jsonb_array(typeof("+c+"), 'é'))", "hex(jsonb('[1,' || length(hex("+c+")) || ']'))", "json_quote(hex("+c+"))", "json_pretty(json_array(typeof("+c+")))", "json_error_position("+c+")")
	case 40:
		return g.pick("concat("+e()+", "+e()+")", "concat_ws('-', "+e()+", "+e()+")", "unhex(hex("+g.column(s)+"))", "char(65 + abs(CAST("+g.column(s)+" AS INT) % 20))",
			"likely("+e()+")", "zeroblob(abs(CAST("+g.column(s)+" AS INT) % 4))")
	case 41:
		return "(" + e() + g.pick("", " NOT") + " IN (VALUES (" + g.literal() + "), (" + g.literal() + ")))"
	case 32:
		return "replace(" + g.column(s) + ", " + g.pick("'a'", "'1'", "''") + ", " + g.pick("'zz'", "''") + ")"
	default:
		return g.column(s)
	}
}

// literalText is a value that JSON can hold.
func (g *generator) literalText() string { return g.pick("1", "'a'", "NULL", "2.5", "'é'") }

// aggregate is an aggregate function over the columns in reach, one whose
// answer does not depend on the order of rows.
func (g *generator) aggregate(s scope) string {
	filter := ""
	if g.some(15) {
		filter = " FILTER (WHERE " + g.expr(1, s) + ")"
	}
	c := g.column(s)
	small := "CASE WHEN typeof(" + c + ") IN ('integer', 'real') THEN " + c + " % 100 END"
	list := []string{"count(*)", "count(" + c + ")", "count(DISTINCT " + c + ")", "sum(" + small + ")", "total(" + small + ")", "sum(length(" + c + "))"}
	if g.exact == 0 {
		list = append(list, "min("+c+")", "max("+c+")", "min("+g.expr(1, s)+")", "avg("+small+")", "group_concat(DISTINCT typeof("+c+") ORDER BY typeof("+c+"))",
			"group_concat(CASE WHEN typeof("+c+") <> 'real' THEN "+c+" END, ',' ORDER BY quote("+c+"))", "json_group_array(hex("+c+") ORDER BY hex("+c+"))")
	}
	a := list[g.IntN(len(list))]
	if !strings.HasPrefix(a, "count") && !strings.HasPrefix(a, "sum(l") {
		g.loose = true
	}
	return a + filter
}

// from is a FROM clause of n sources, and the columns that it brings.
func (g *generator) from(n int, outer scope) (string, scope) {
	var b strings.Builder
	var s scope
	var keys []string
	told := true
	defer func() {
		if g.keys = nil; told {
			g.keys = keys
		}
	}()
	for i := range n {
		g.alias++
		alias := fmt.Sprintf("a%d", g.alias)
		t := g.any()
		item, cols := t.full()+" AS "+alias, t.scope(alias)
		told = told && !t.view
		for _, k := range t.key {
			keys = append(keys, alias+"."+k)
		}
		if t.rowidSafe() && g.some(30) {
			cols = append(cols, ref{alias + ".rowid", column{}})
		}
		if g.some(4) {
			item, cols = g.function(alias, s, outer)
			told = false
		}
		if !t.view && g.some(6) && g.exact == 0 && n > 1 {
			item, cols = g.derived(alias)
			told = false
		}
		switch {
		case i == 0:
			b.WriteString(item)
		case g.some(20):
			b.WriteString(g.pick(", ", " CROSS JOIN ") + item)
		case i == 1 && g.some(15) && both(s, cols, "c1"):
			b.WriteString(g.pick(" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ") + item + " USING (c1)")
		case i == 1 && g.some(8):
			b.WriteString(" NATURAL" + g.pick(" JOIN ", " LEFT JOIN ", " FULL JOIN ") + item)
		default:
			join := g.pick(" JOIN ", " JOIN ", " LEFT JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ")
			b.WriteString(join + item + " ON " + g.joinTerm(s, cols))
		}
		s = append(s, cols...)
	}
	return b.String(), s
}

// both reports whether two sources have a column of that name.
func both(left, right scope, name string) bool {
	has := func(s scope) bool {
		return slices.ContainsFunc(s, func(r ref) bool { return r.column.name == name })
	}
	return has(left) && has(right)
}

// function is a table-valued function in FROM.
func (g *generator) function(alias string, left, outer scope) (string, scope) {
	s := append(append(scope{}, left...), outer...)
	column := func(names ...string) (list scope) {
		for _, n := range names {
			list = append(list, ref{alias + "." + n, column{}})
		}
		return list
	}
	switch g.IntN(3) {
	case 0:
		return "pragma_table_info('" + g.base().name + "') AS " + alias, column("cid", "name", "type", "pk", "dflt_value")
	case 1:
		return "json_tree('{\"a\":[1,2.5,\"x\",null],\"b\":{\"c\":true}}'" + g.pick("", ", '$.a'", ", '$.b'") + ") AS " + alias, column("key", "value", "type", "atom", "fullkey", "path")
	default:
		return "json_each(json_array(1, 'a', typeof(" + g.column(s) + "), abs(CAST(" + g.column(s) + " AS INT) % 3))) AS " + alias, column("key", "value", "type")
	}
}

func (t *table) rowidSafe() bool { return !t.view && t.rowid() }

// derived is a subquery in FROM.
func (g *generator) derived(alias string) (string, scope) {
	n := 1 + g.IntN(2)
	q := ""
	g.strictly(func() { q = g.block(n, 0, false) })
	var s scope
	var names []string
	for i := range n {
		name := fmt.Sprintf("x%d", i)
		names = append(names, name)
		s = append(s, ref{alias + "." + name, column{}})
	}
	cte := "WITH q(" + strings.Join(names, ", ") + ") AS " + g.pick("", "", "MATERIALIZED ", "NOT MATERIALIZED ") + "(" + q + ") SELECT * FROM q"
	return "(" + cte + ") AS " + alias, s
}

func (g *generator) joinTerm(left, right scope) string {
	on := g.column(right) + g.pick(" = ", " = ", " = ", " < ", " IS ") + g.column(left)
	if g.some(30) {
		on += " AND " + g.expr(1, append(append(scope{}, left...), right...))
	}
	return on
}
