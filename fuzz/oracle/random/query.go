package random

import (
	"fmt"
	"strings"
)

// query is a SELECT with whatever a SELECT may have.
func (g *generator) query() Statement {
	g.loose = false
	n := 1 + g.IntN(3)
	with := ""
	if g.some(8) { // Its table is in reach of the whole query.
		with = g.recursive()
		tables := g.schema.tables
		g.schema.tables = append(tables[:len(tables):len(tables)], &table{name: "n", columns: []column{{name: "i"}}, view: true})
		defer func() { g.schema.tables = tables }()
	}
	q := with + g.block(n, 1+g.IntN(3), false)
	if g.some(12) {
		q += g.pick(" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT ") + g.block(n, 1, false)
		g.loose = true
	}
	st := Statement{}
	if g.some(35) {
		var terms []string
		for i := range n {
			terms = append(terms, fmt.Sprint(i+1)+g.pick("", " DESC", " ASC", " NULLS LAST", " DESC NULLS FIRST"))
		}
		q += " ORDER BY " + strings.Join(terms, ", ")
		st.Ordered, g.loose = true, true
		if g.some(50) {
			q += " LIMIT " + g.pick("1", "3", "10", "0", "-1", "?1") + g.pick("", "", " OFFSET 1", " OFFSET 4")
		}
	}
	st.SQL, st.Loose = q, g.loose
	return st
}

// recursive is a WITH clause with a table of a few numbers.
func (g *generator) recursive() string {
	if t := g.base(); t != nil && g.some(40) { // What is reached from rows by rows.
		s := t.scope("b")
		from, to := g.column(s), g.column(s)
		return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT quote(%s) FROM %s AS b WHERE %s UNION SELECT quote(%s) FROM n JOIN %s AS b ON quote(%s) = n.i) ",
			to, t.full(), g.expr(1, s), to, t.full(), from)
	}
	return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT %s UNION%s SELECT i + %d FROM n WHERE i < %d) ",
		g.pick("1", "0", "-2"), g.pick("", " ALL"), 1+g.IntN(3), 3+g.IntN(8))
}

// block is one SELECT of n columns, without ORDER BY. tame leaves out what a
// view's reader would notice as loose.
func (g *generator) block(n, sources int, tame bool) string {
	if sources == 0 {
		sources = 1
	}
	if g.some(4) {
		return g.values(n)
	}
	from, s := g.from(sources, nil)
	keys := g.keys
	grouped := !tame && g.exact == 0 && g.some(25)
	var items, groups []string
	switch {
	case grouped && len(keys) > 0 && g.some(30): // One row a group: all of it is settled.
		groups = keys
		for range n {
			items = append(items, g.pick(g.expr(1, s), g.column(s), g.aggregate(s)))
		}
		g.loose = true
	case grouped:
		for range g.IntN(3) {
			groups = append(groups, g.pick(g.column(s), g.expr(1, s)))
		}
		if len(groups) > 0 {
			g.loose = true
		}
		for i := range n {
			if i < len(groups) {
				items = append(items, groups[i])
			} else {
				items = append(items, g.aggregate(s))
			}
		}
	case !tame && g.exact == 0 && g.has("windows") && g.some(15):
		for i := range n {
			if i == 0 {
				items = append(items, g.window(s, keys))
			} else {
				items = append(items, g.column(s))
			}
		}
		g.loose = true
	default:
		for range n {
			items = append(items, g.expr(g.IntN(3), s))
		}
	}
	if len(groups) > 0 && len(groups) < n && g.has("windows") && groupsWindows(groups, keys) && g.some(25) { // Over an order of all groups.
		over := " OVER (" + g.pick("", "PARTITION BY "+groups[0]+" ") + "ORDER BY " + strings.Join(groups, ", ") + ")"
		items[n-1] = g.pick("rank()", "sum(count(*))", "row_number()", "max(count(*))", "count(*)") + over
	}
	q := "SELECT "
	if !grouped && !tame && g.exact == 0 && g.some(10) {
		q += "DISTINCT "
		g.loose = true
	}
	q += strings.Join(items, ", ") + " FROM " + from
	if g.some(70) {
		q += " WHERE " + g.expr(1+g.IntN(3), s)
		if g.some(50) {
			q += " AND " + g.column(s) + g.pick(" = ", " < ", " > ", " <= ", " >= ", " <> ", " IN ", " IS ") + "(" + g.literal() + ")"
		}
	}
	if len(groups) > 0 {
		q += " GROUP BY " + strings.Join(groups, ", ")
		if g.some(25) {
			q += " HAVING " + g.pick("count(*) > 1", g.aggregate(s)+" IS NOT NULL", "count(*) < 4")
		}
	}
	if g.windows != "" {
		q += " WINDOW " + g.windows
		g.windows = ""
	}
	return q
}

// over is the window of a function, with a name or without.
func (g *generator) over(def, frame string) string {
	switch {
	case g.some(15):
		g.windows = "w AS (" + def + frame + ")"
		return " OVER w"
	case g.some(10):
		g.windows = "w AS (" + def + ")"
		return " OVER (w" + frame + ")"
	}
	return " OVER (" + def + frame + ")"
}

func (g *generator) values(n int) string {
	var rows []string
	most := 3
	if g.exact > 0 {
		most = viewValuesMax
	}
	for range 1 + g.IntN(most) {
		var v []string
		for range n {
			v = append(v, g.literal())
		}
		rows = append(rows, "("+strings.Join(v, ", ")+")")
	}
	return "VALUES " + strings.Join(rows, ", ")
}

// window is a window function whose answer does not depend on the order of
// equal rows: its frame goes by values, or its function does.
func (g *generator) window(s scope, keys []string) string {
	if len(keys) > 0 && g.some(60) {
		return g.totalWindow(s, keys)
	}
	c := g.column(s)
	small := "CASE WHEN typeof(" + c + ") IN ('integer', 'real') THEN " + c + " % 100 END"
	over := ""
	if g.some(60) {
		over += "PARTITION BY " + g.expr(g.IntN(2), s) + " "
	}
	over += "ORDER BY " + g.column(s) + g.pick("", " DESC", " NULLS LAST")
	exclude := g.pick("", "", "", " EXCLUDE NO OTHERS", " EXCLUDE GROUP")
	frame := g.pick("", " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"+exclude, " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING"+exclude,
		" RANGE BETWEEN 2 PRECEDING AND 1.5 FOLLOWING"+exclude, " GROUPS BETWEEN 2 FOLLOWING AND UNBOUNDED FOLLOWING"+exclude,
		" RANGE BETWEEN CURRENT ROW AND 3 FOLLOWING"+exclude, " GROUPS 1 PRECEDING"+exclude, " RANGE UNBOUNDED PRECEDING"+exclude)
	f := g.pick("rank()", "dense_rank()", "percent_rank()", "cume_dist()", "count(*)", "count("+c+")", "sum("+small+")", "total("+small+")",
		"sum(length("+c+")) FILTER (WHERE "+g.expr(1, s)+")")
	return f + g.over(over, frame)
}

// totalWindow is any window function over an order that leaves no two rows
// equal.
func (g *generator) totalWindow(s scope, keys []string) string {
	c, d := g.column(s), g.column(s)
	small := "CASE WHEN typeof(" + c + ") IN ('integer', 'real') THEN " + c + " % 100 END"
	over := ""
	if g.some(60) {
		over += "PARTITION BY " + g.expr(g.IntN(2), s) + " "
	}
	over += "ORDER BY " + d + g.pick("", " DESC", " NULLS LAST") + ", " + strings.Join(keys, ", ")
	bounds := []string{"UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW", "1 FOLLOWING", "3 FOLLOWING", "UNBOUNDED FOLLOWING"}
	first := g.IntN(6)
	last := max(1, first+g.IntN(7-first))
	frame := g.pick("", " "+g.pick("ROWS", "ROWS", "GROUPS")+" BETWEEN "+bounds[first]+" AND "+bounds[last]+g.pick("", "", " EXCLUDE CURRENT ROW", " EXCLUDE TIES", " EXCLUDE GROUP", " EXCLUDE NO OTHERS"))
	n := fmt.Sprint(1 + g.IntN(4))
	f := g.pick("row_number()", "lag("+c+")", "lead("+c+", "+n+")", "lag("+c+", "+n+", 'none')", "ntile("+n+")", "first_value("+c+")", "last_value("+c+")", "nth_value("+c+", "+n+")",
		"sum("+small+")", "count("+c+")", "min("+c+")", "max("+c+")", "avg("+small+")", "group_concat(typeof("+c+"))", "json_group_array(typeof("+c+"))",
		"total("+small+") FILTER (WHERE "+g.expr(1, s)+")")
	return f + g.over(over, frame)
}
