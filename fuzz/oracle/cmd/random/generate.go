package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes random statements over the schema.
type generator struct {
	*rand.Rand
	alias int
}

var columns = map[string][]string{
	"t1": {"a", "b", "c", "rowid"}, "t2": {"a", "d", "e"}, "t3": {"id", "f", "g"}, "v1": {"a", "x"},
}

func (g *generator) pick(s ...string) string { return s[g.IntN(len(s))] }

func (g *generator) literal() string {
	return g.pick("0", "1", "2", "3", "-1", "5", "1.0", "2.5", "-0.5", "'a'", "'b'", "'B'", "'1'", "'2.0'", "''",
		"NULL", "x'61'", "'abc'", "10", "9223372036854775807")
}

// statement is a query, mostly, or a change.
func (g *generator) statement() string {
	row := func() string { return "(" + g.literal() + ", " + g.literal() + ", " + g.literal() + ")" }
	switch g.IntN(12) {
	case 0:
		x, _ := g.sel(1)
		y, _ := g.sel(1)
		return "SELECT count(*) FROM (" + x + g.pick(" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ") + y + ")"
	case 1:
		x, _ := g.sel(1)
		return "SELECT count(*) FROM (" + x + ")"
	case 2:
		t := []string{"t1"}
		return "UPDATE OR IGNORE t1 SET " + g.pick("a", "b", "c") + " = " + g.expr(2, t) + " WHERE " + g.expr(2, t)
	case 3:
		if g.IntN(4) == 0 {
			return "DELETE FROM t2 WHERE " + g.expr(2, []string{"t2"}) + " AND d = '" + g.pick("a", "b", "abc") + "'"
		}
		return "INSERT OR " + g.pick("IGNORE", "REPLACE", "ABORT", "FAIL") + " INTO t2 VALUES " + row() + ", " + row()
	default:
		s, _ := g.sel(0)
		return s
	}
}

func (g *generator) col(tabs []string) string {
	if len(tabs) == 0 {
		return g.literal()
	}
	t := tabs[g.IntN(len(tabs))]
	base := strings.Split(t, "_")[0]
	c := columns[base]
	return t + "." + c[g.IntN(len(c))]
}

func (g *generator) expr(d int, tabs []string) string {
	if d <= 0 {
		if g.IntN(3) == 0 {
			return g.literal()
		}
		return g.col(tabs)
	}
	e := func() string { return g.expr(d-1-g.IntN(2), tabs) }
	switch g.IntN(22) {
	case 0, 1:
		return "(" + e() + g.pick("+", "-", "*", "/", "%", "||", "&", "|", "<<") + e() + ")"
	case 2, 3, 4:
		return "(" + e() + g.pick("=", "<", ">", "<=", ">=", "<>", " IS ", " IS NOT ") + e() + ")"
	case 5:
		return "(" + e() + g.pick(" AND ", " OR ") + e() + ")"
	case 6:
		return "(NOT " + e() + ")"
	case 7:
		return "(" + e() + g.pick(" IS NULL", " IS NOT NULL", " IS TRUE", " IS NOT FALSE") + ")"
	case 8:
		return "(" + e() + g.pick("", " NOT") + " BETWEEN " + e() + " AND " + e() + ")"
	case 9:
		n := g.IntN(5)
		var l []string
		for range n {
			if g.IntN(4) == 0 {
				l = append(l, e())
			} else {
				l = append(l, g.literal())
			}
		}
		return "(" + e() + g.pick("", " NOT") + " IN (" + strings.Join(l, ",") + "))"
	case 10:
		return "CASE WHEN " + e() + " THEN " + e() + g.pick("", " ELSE "+e()) + " END"
	case 11:
		return "CASE " + e() + " WHEN " + e() + " THEN " + e() + " WHEN " + e() + " THEN " + e() + " ELSE " + e() + " END"
	case 12:
		return "CAST(" + e() + " AS " + g.pick("INT", "TEXT", "REAL", "NUMERIC", "BLOB") + ")"
	case 13:
		return "coalesce(" + e() + "," + e() + ")"
	case 14:
		return g.pick("abs", "length", "typeof", "lower", "upper", "hex", "quote") + "(" + e() + ")"
	case 15:
		return "(" + e() + g.pick(" LIKE ", " GLOB ") + g.pick("'a%'", "'%b%'", "'A*'", "'_'", "'*'") + ")"
	case 16:
		if d >= 2 {
			t, s := g.from(1)
			return "(SELECT " + g.pick("max", "min", "count", "sum") + "(" + g.expr(1, append(s, tabs...)) + ") FROM " + t + " WHERE " + g.expr(2, append(s, tabs...)) + ")"
		}
		return e()
	case 17:
		if d >= 2 {
			t, s := g.from(1)
			return g.pick("", "NOT ") + "EXISTS(SELECT 1 FROM " + t + " WHERE " + g.expr(2, append(s, tabs...)) + ")"
		}
		return e()
	case 18:
		if d >= 2 {
			t, s := g.from(1)
			return "(" + e() + g.pick("", " NOT") + " IN (SELECT " + g.expr(1, s) + " FROM " + t + g.pick("", " WHERE "+g.expr(1, append(s, tabs...))) + "))"
		}
		return e()
	case 19:
		return "(" + g.col(tabs) + " COLLATE " + g.pick("NOCASE", "BINARY", "RTRIM") + g.pick("=", "<", ">=") + e() + ")"
	case 20:
		return "(" + g.pick("-", "+", "~") + e() + ")"
	default:
		return g.col(tabs)
	}
}

func (g *generator) from(n int) (string, []string) {
	var names []string
	var b strings.Builder
	for i := range n {
		g.alias++
		t := g.pick("t1", "t2", "t3", "v1")
		a := fmt.Sprintf("%s_%d", t, g.alias)
		if i == 0 {
			b.WriteString(t + " AS " + a)
		} else {
			switch g.IntN(4) {
			case 0:
				b.WriteString(", " + t + " AS " + a)
			case 1, 2:
				b.WriteString(" JOIN " + t + " AS " + a + " ON " + g.joinCond(append(names, a)))
			default:
				b.WriteString(" LEFT JOIN " + t + " AS " + a + " ON " + g.joinCond(append(names, a)))
			}
		}
		names = append(names, a)
	}
	return b.String(), names
}

func (g *generator) joinCond(tabs []string) string {
	last := tabs[len(tabs)-1]
	prev := tabs[g.IntN(len(tabs)-1)]
	c := g.col([]string{last}) + g.pick("=", "=", "=", "<", " IS ") + g.col([]string{prev})
	if g.IntN(3) == 0 {
		c += " AND " + g.expr(1, tabs)
	}
	return c
}

func (g *generator) sel(d int) (string, bool) {
	f, tabs := g.from(1 + g.IntN(3))
	var b strings.Builder
	b.WriteString("SELECT ")
	agg := g.IntN(4) == 0
	if !agg && g.IntN(6) == 0 {
		b.WriteString("DISTINCT ")
	}
	n := 1 + g.IntN(3)
	var items []string
	var groups []string
	if agg {
		for range g.IntN(3) {
			groups = append(groups, g.pick(g.col(tabs), g.expr(1, tabs)))
		}
		items = append(items, groups...)
		for range n {
			items = append(items, g.pick("count(*)", "count("+g.col(tabs)+")", "sum("+g.expr(1, tabs)+")", "min("+g.expr(1, tabs)+")", "max("+g.col(tabs)+")", "avg("+g.col(tabs)+")", "total("+g.col(tabs)+")", "count(DISTINCT "+g.col(tabs)+")"))
		}
	} else {
		for range n {
			items = append(items, g.expr(g.IntN(3), tabs))
		}
	}
	b.WriteString(strings.Join(items, ", ") + " FROM " + f)
	if g.IntN(4) > 0 {
		b.WriteString(" WHERE " + g.expr(1+g.IntN(3), tabs))
		if g.IntN(2) == 0 {
			b.WriteString(" AND " + g.col(tabs) + g.pick("=", "<", ">", "<=", ">=", "<>", " IN ") + "(" + g.literal() + ")")
		}
	}
	if len(groups) > 0 {
		b.WriteString(" GROUP BY " + strings.Join(groups, ", "))
		if g.IntN(4) == 0 {
			b.WriteString(" HAVING count(*) > " + g.pick("0", "1", "2"))
		}
	}
	ordered := false
	if d == 0 {
		if g.IntN(3) == 0 {
			f2 := items
			var o []string
			for i := range f2 {
				o = append(o, fmt.Sprint(i+1)+g.pick("", " DESC", " ASC", " NULLS LAST"))
			}
			b.WriteString(" ORDER BY " + strings.Join(o, ", "))
			if g.IntN(2) == 0 {
				b.WriteString(" LIMIT " + g.pick("1", "3", "10"))
				if g.IntN(2) == 0 {
					b.WriteString(" OFFSET " + g.pick("0", "1", "4"))
				}
			}
			ordered = true
		}
	}
	return b.String(), ordered
}
