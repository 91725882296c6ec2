package random

import (
	"strings"
)

// rowOf is a column list, or none, and values for a row of t.
func (g *generator) rowOf(t *table, s scope) (list, values string) {
	set := t.settable()
	if g.some(30) && len(set) > 1 { // Some columns take their defaults.
		n := g.IntN(len(set))
		set = append(append([]column(nil), set[:n]...), set[n+1:]...)
	}
	var names, v []string
	for _, c := range set {
		names = append(names, c.name)
		if len(s) > 0 && g.some(40) {
			v = append(v, g.bounded(c, s))
		} else {
			v = append(v, g.stored(c))
		}
	}
	return "(" + strings.Join(names, ", ") + ")", "(" + strings.Join(v, ", ") + ")"
}

func (g *generator) insert(t *table) string {
	sql := g.pick("", "", "", g.with()) + "INSERT " + g.pick("", "", "OR IGNORE ", "OR REPLACE ", "OR FAIL ", "OR ABORT ", "OR ROLLBACK ") + "INTO " + t.full()
	if strings.HasPrefix(sql, "INSERT") && g.some(4) {
		sql = "REPLACE INTO " + t.full()
	}
	list, row := g.rowOf(t, nil)
	switch {
	case g.some(3):
		return sql + " DEFAULT VALUES"
	case g.some(15) && !t.strict:
		n := strings.Count(list, ",") + 1
		g.strictly(func() {
			from, s := g.from(1, nil)
			var items, order []string
			for i := range n {
				items = append(items, g.bounded(column{text: i%2 == 0}, s))
				order = append(order, items[i]+" COLLATE BINARY, quote("+items[i]+")") // 1 and 1.0 are two.
			}
			sql += list + " SELECT " + strings.Join(items, ", ") + " FROM " + from + " WHERE " + g.expr(1, s) + " ORDER BY " + strings.Join(order, ", ") + " LIMIT 5"
		})
	default:
		rows := []string{row}
		for !t.strict && g.some(50) {
			var v []string
			for range strings.Count(list, ",") + 1 {
				v = append(v, g.stored(column{text: g.some(30)}))
			}
			rows = append(rows, "("+strings.Join(v, ", ")+")")
		}
		sql += list + " VALUES " + strings.Join(rows, ", ")
	}
	if g.some(15) {
		sql += g.upsert(t)
	}
	return sql + g.returning(t)
}

func (g *generator) with() string { return "WITH w AS (SELECT 1) " }

func (g *generator) upsert(t *table) string {
	set := t.settable()
	c := set[g.IntN(len(set))]
	place := func() string { return " (" + g.pick(t.columns[0].name, t.key[0], "c0, c1", c.name) + ")" }
	first, target := "", ""
	if g.some(15) {
		first = " ON CONFLICT" + place() + " DO " + g.pick("NOTHING", "UPDATE SET "+c.name+" = "+g.stored(c))
	}
	if g.some(70) {
		target = place()
	}
	if g.some(40) {
		return first + " ON CONFLICT" + target + " DO NOTHING"
	}
	sql := first + " ON CONFLICT" + target + " DO UPDATE SET " + c.name + " = " + g.bounded(c, append(t.scope(t.name), excluded(t)...))
	if g.some(30) {
		sql += " WHERE " + g.expr(1, append(t.scope(t.name), excluded(t)...))
	}
	return sql
}

func (g *generator) returning(t *table) string {
	if !g.some(12) {
		return ""
	}
	return " RETURNING " + g.pick("*", g.column(t.scope("")), g.column(t.scope(""))+" AS r, "+g.column(t.scope("")))
}

func (g *generator) update(t *table) string {
	set := t.settable()
	or := g.pick("", "", "", "OR IGNORE ", "OR REPLACE ", "OR FAIL ")
	sql := "UPDATE " + or + t.ordered(or == "OR FAIL ") + " SET "
	s := t.scope(t.name)
	if !t.strict && !t.unique && !t.fires && g.some(10) { // With a source beside it that gives one row at most for each.
		c := set[g.IntN(len(set))]
		g.strictly(func() {
			o := g.any()
			sql += c.name + " = o.m FROM (SELECT " + o.columns[0].name + " AS k, count(*) AS m FROM " + o.full() + " GROUP BY 1) AS o WHERE o.k = " + t.name + "." + t.columns[0].name
		})
		return sql
	}
	if g.some(15) && len(set) > 1 {
		a, b := set[0], set[1]
		sql += "(" + a.name + ", " + b.name + ") = (" + g.bounded(a, s) + ", " + g.bounded(b, s) + ")"
	} else {
		n := g.IntN(len(set))
		sql += set[n].name + " = " + g.bounded(set[n], s)
		if m := g.IntN(len(set)); m != n && g.some(40) {
			sql += ", " + set[m].name + " = " + g.bounded(set[m], s)
		}
	}
	where := g.expr(2, s)
	if t.single() {
		where = g.pick(t.key...) + " = " + g.literal()
	}
	return sql + " WHERE " + where + g.returning(t)
}

func (g *generator) delete(t *table) string {
	if g.some(3) {
		return "DELETE FROM " + t.full()
	}
	return "DELETE FROM " + t.ordered(false) + " WHERE " + g.expr(2, t.scope(t.name)) + " AND " + g.column(t.scope(t.name)) + g.pick(" = ", " > ", " IS ") + g.literal() + g.returning(t)
}

// transaction is BEGIN, COMMIT and their like.
func (g *generator) transaction() string {
	if len(g.saved) == 0 {
		return g.pick("BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s", "BEGIN EXCLUSIVE")
	}
	return g.pick("COMMIT", "ROLLBACK", "COMMIT", "SAVEPOINT s", "RELEASE s", "ROLLBACK TO s", "END", "ROLLBACK")
}

// follow keeps the picture of the schema in step with the transaction, after a
// statement that succeeded or not; open says whether one is open now.
func (g *generator) follow(sql string, ok, open bool) {
	n := len(g.saved)
	switch {
	case !open && n > 0:
		if !ok || strings.HasPrefix(sql, "ROLLBACK") {
			g.schema = g.saved[0]
		}
		g.saved = nil
	case !ok || !open:
	case strings.HasPrefix(sql, "BEGIN"), strings.HasPrefix(sql, "SAVEPOINT"):
		g.saved = append(g.saved, g.schema.clone())
	case strings.HasPrefix(sql, "RELEASE"):
		g.saved = g.saved[:n-1]
	case strings.HasPrefix(sql, "ROLLBACK TO"):
		g.schema = g.saved[n-1].clone()
	}
}

// next is the next statement of a program and what it does to the schema when
// it succeeds.
func (g *generator) next() (Statement, func()) {
	defer func() { g.params = false }()
	g.loose = false
	for {
		t := g.target()
		if t == nil {
			sql, done := g.createTable()
			return Statement{SQL: sql}, done
		}
		sql, done := "", func() {}
		n := g.IntN(100)
		g.params = n < 86
		switch {
		case n < 50:
			return g.query(), done
		case n < 68:
			sql = g.insert(t)
		case n < 80:
			sql = g.update(t)
		case n < 86:
			sql = g.delete(t)
		case n < 93:
			sql = g.transaction()
		default:
			sql, done = g.definition()
		}
		if sql != "" {
			return Statement{SQL: sql, Loose: g.loose}, done
		}
	}
}
