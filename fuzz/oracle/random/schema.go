package random

import (
	"fmt"
	"slices"
	"strings"
)

// column is a column of a table as the generator knows it.
type column struct {
	name      string
	text      bool // Holds texts, mostly.
	folds     bool // Its collation takes different values as equal.
	generated bool
	notNull   bool
}

// table is a table or a view.
type table struct {
	name    string
	db      string // "temp", "aux" or, for main, "".
	columns []column
	// computed are expressions of indexes, their columns behind the alias "@".
	computed []string
	key      []string // Columns that tell its rows apart; the row id where it has one.
	view     bool
	strict   bool
	unique   bool // A constraint or an index of it refuses rows.
	pair     bool // UNIQUE (c0, c1) for keys of others.
	fires    bool // Triggers or foreign keys act on its changes.
	changes  bool // A view that triggers let statements change.
}

// full is the name that finds the table wherever it is.
func (t *table) full() string {
	if t.db == "" {
		return t.name
	}
	return t.db + "." + t.name
}

func (t *table) rowid() bool { return len(t.key) == 1 && t.key[0] == "rowid" }

// settable are the columns that a statement may give a value.
func (t *table) settable() []column {
	var list []column
	for _, c := range t.columns {
		if !c.generated {
			list = append(list, c)
		}
	}
	return list
}

// schema is what a program has defined so far.
type schema struct {
	tables  []*table // Views too.
	indexes []string
}

// clone is a copy that later definitions leave as it is.
func (s *schema) clone() schema {
	c := schema{indexes: slices.Clone(s.indexes)}
	for _, t := range s.tables {
		own := *t
		own.columns, own.key, own.computed = slices.Clone(t.columns), slices.Clone(t.key), slices.Clone(t.computed)
		c.tables = append(c.tables, &own)
	}
	return c
}

func (s *schema) drop(name string) {
	for i, t := range s.tables {
		if t.name == name {
			s.tables = append(s.tables[:i:i], s.tables[i+1:]...)
			return
		}
	}
}

func (g *generator) name(prefix string) string {
	g.named++
	return fmt.Sprintf("%s%d", prefix, g.named)
}

// target picks what an INSERT, UPDATE or DELETE changes: a table, or a view
// with triggers.
func (g *generator) target() *table {
	if len(g.schema.tables) > 0 {
		if v := g.any(); v.changes {
			return v
		}
	}
	return g.base()
}

// base picks a table that is not a view, nil when there is none.
func (g *generator) base() *table {
	var list []*table
	for _, t := range g.schema.tables {
		if !t.view {
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[g.IntN(len(list))]
}

// any picks a table or a view.
func (g *generator) any() *table { return g.schema.tables[g.IntN(len(g.schema.tables))] }

// createTable makes a table of up to six columns with whatever a table may have.
func (g *generator) createTable() (string, func()) {
	t := &table{name: g.name("t"), key: []string{"rowid"}}
	t.strict = g.some(8)
	without := g.some(15)
	deferral := g.deferral()
	var defs []string
	for i := range 2 + g.IntN(5) {
		c := column{name: fmt.Sprintf("c%d", i)}
		typ := g.pick("INTEGER", "INT", "TEXT", "REAL", "NUMERIC", "BLOB", "", "VARCHAR(10)", "BOOLEAN", "DOUBLE PRECISION", "TEXT", "INTEGER", "int", "Text", "UNSIGNED BIG INT", "decimal ( 10 , 2 )", "charint", "\"floating point\"")
		if t.strict {
			typ = g.pick("INTEGER", "INT", "TEXT", "REAL", "BLOB", "ANY")
		}
		computed := i > 1 && g.some(12)
		if computed {
			typ = computedType(typ, t.strict)
		}
		d := strings.TrimSuffix(c.name+" "+typ, " ")
		c.text = typ == "TEXT" || typ == "VARCHAR(10)"
		switch {
		case i == 0 && g.some(35):
			d += " PRIMARY KEY"
			if typ == "INTEGER" && !without && g.some(30) {
				d += " AUTOINCREMENT"
			}
			t.unique = true
			if without {
				t.key = []string{c.name}
			}
		case i == 0 && without:
			d += " PRIMARY KEY"
			t.key, t.unique = []string{c.name}, true
		case computed:
			c.generated = true
			d += " " + g.pick("", "GENERATED ALWAYS ") + "AS (" + g.expr(1, t.scope("")) + ")" + g.pick("", " STORED", " VIRTUAL")
		default:
			if c.text && g.some(35) {
				coll := g.pick("NOCASE", "RTRIM", "BINARY")
				c.folds = coll != "BINARY"
				d += " COLLATE " + coll
			}
			if g.some(15) {
				c.notNull = true
				d += " NOT NULL" + g.pick("", "", "", " ON CONFLICT "+g.pick("REPLACE", "IGNORE", "FAIL"))
				t.unique = t.unique || strings.HasSuffix(d, "FAIL") // What was changed before it depends on the order.
			}
			if g.some(20) {
				d += " DEFAULT " + g.pick("(", "(") + g.stored(c) + ")"
			}
			if g.some(8) {
				t.unique = true
				d += " UNIQUE" + g.conflictClause()
			}
			if g.some(8) {
				d += " CHECK (" + c.name + g.pick(" <> ", " IS NOT ") + g.stored(c) + ")"
			}
		}
		if g.some(6) && !c.generated && g.has("keys") {
			if p := g.base(); p != nil && len(p.columns) > 0 {
				d += " REFERENCES " + p.name + g.foreignKeyActions() + deferral
				t.fires, p.fires = true, true
			}
		}
		defs = append(defs, d)
		t.columns = append(t.columns, c)
	}
	if g.some(10) {
		t.unique, t.pair = true, true
		defs = append(defs, "UNIQUE (c0, c1)"+g.conflictClause())
	}
	if p := g.base(); p != nil && p.pair && g.has("keys") && g.some(30) {
		defs = append(defs, "FOREIGN KEY (c1, c0) REFERENCES "+p.name+"(c0, c1)"+g.foreignKeyActions()+deferral)
		t.fires, p.fires = true, true
	}
	if g.some(8) {
		defs = append(defs, "CONSTRAINT k CHECK ("+g.expr(2, t.scope(""))+" IS NOT 0)")
	}
	var options []string
	if without {
		options = append(options, "WITHOUT ROWID")
	}
	if t.strict {
		options = append(options, "STRICT")
	}
	if len(g.schema.tables) > 0 && g.some(12) {
		t.db = g.pick("temp", "temp", "aux")
		if t.fires { // Keys do not leave their database.
			t.db = ""
		}
	}
	sql := "CREATE TABLE " + t.full() + "(" + strings.Join(defs, ", ") + ") " + strings.Join(options, ", ")
	return strings.TrimSpace(sql), func() { g.schema.tables = append(g.schema.tables, t) }
}

func (g *generator) conflictClause() string {
	return g.pick("", "", "", "", " ON CONFLICT "+g.pick("IGNORE", "REPLACE", "FAIL", "ROLLBACK", "ABORT"))
}

func (g *generator) foreignKeyActions() string {
	s := ""
	for _, on := range []string{" ON DELETE ", " ON UPDATE "} {
		if g.some(60) {
			s += on + g.pick(g.keyActions()...)
		}
	}
	return s
}

func (g *generator) createIndex() (string, func()) {
	t := g.base()
	if t == nil {
		return "", nil
	}
	name := g.name("i")
	var parts []string
	for range 1 + g.IntN(3) {
		c := t.columns[g.IntN(len(t.columns))].name
		if g.some(15) {
			e := g.expr(1, t.scope("@"))
			t.computed = append(t.computed, e)
			c = "(" + strings.ReplaceAll(e, "@.", "") + ")"
		}
		parts = append(parts, c+g.pick("", "", " COLLATE NOCASE", " COLLATE RTRIM")+g.pick("", " DESC"))
	}
	unique := g.some(12)
	if t.db != "" {
		name = t.db + "." + name
	}
	sql := "CREATE " + g.pick2(unique, "UNIQUE ", "") + "INDEX " + name + " ON " + t.name + "(" + strings.Join(parts, ", ") + ")"
	if g.some(20) {
		sql += " WHERE " + g.partial(t)
	}
	return sql, func() {
		g.schema.indexes = append(g.schema.indexes, name)
		t.unique = t.unique || unique
	}
}

// partial is a predicate for an index, of the kind that queries repeat.
func (g *generator) partial(t *table) string {
	c := t.columns[g.IntN(len(t.columns))].name
	return c + g.pick(" IS NOT NULL", " > 1", " = 'a'", " < 5", " IN (1, 2, 3)")
}

// createTableAs makes a table of rows of t, in an order without ties.
func (g *generator) createTableAs(t *table) (string, func()) {
	n := &table{name: g.name("t"), key: []string{"rowid"}}
	var items, order []string
	for i := range 1 + g.IntN(3) {
		c := column{name: fmt.Sprintf("c%d", i)}
		e := g.column(t.scope("a"))
		n.columns = append(n.columns, c)
		items, order = append(items, e+" AS "+c.name), append(order, "quote("+e+")")
	}
	return "CREATE TABLE " + n.name + " AS SELECT " + strings.Join(items, ", ") + " FROM " + t.full() + " AS a ORDER BY " + strings.Join(order, ", "), func() {
		g.schema.tables = append(g.schema.tables, n)
	}
}

func (g *generator) createView() (sql string, done func()) {
	v := &table{name: g.name("v"), view: true}
	g.strictly(func() {
		n := 1 + g.IntN(3)
		q := g.block(n, g.IntN(2), true)
		var names []string
		for i := range n {
			c := column{name: fmt.Sprintf("c%d", i)}
			v.columns = append(v.columns, c)
			names = append(names, c.name)
		}
		v.key = names
		word := "CREATE VIEW "
		if strings.Contains(q, "temp.") || strings.Contains(q, "aux.") || g.some(10) {
			word, v.db = "CREATE TEMP VIEW ", "temp"
		}
		sql = word + v.name + "(" + strings.Join(names, ", ") + ") AS " + q
	})
	return sql, func() { g.schema.tables = append(g.schema.tables, v) }
}

func (g *generator) createTrigger() (string, func()) {
	t, target := g.base(), g.base()
	if t == nil || !target.inBody() || !g.changesInTrigger(target) {
		return "", nil
	}
	instead := false
	if v := g.any(); v.view && g.some(50) {
		t, instead = v, true
	}
	word := "CREATE TRIGGER "
	if t.db != "" || target.db != "" || g.some(5) {
		if word = "CREATE TEMP TRIGGER "; !t.tempTrigger() {
			return "", nil
		}
	}
	event := g.pick("INSERT", "DELETE", "UPDATE", "UPDATE OF c0", "UPDATE OF c1, c0")
	plain := t.inTrigger()
	var scope scope
	if !strings.HasPrefix(event, "DELETE") {
		scope = append(scope, plain.scope("new")...)
	}
	if !strings.HasPrefix(event, "INSERT") {
		scope = append(scope, plain.scope("old")...)
	}
	when := g.pick("BEFORE ", "AFTER ", "AFTER ")
	if instead {
		when = "INSTEAD OF "
	}
	sql := word + g.name("r") + " " + when + event + " ON " + t.full() + g.pick("", " FOR EACH ROW")
	if g.some(40) {
		sql += " WHEN " + g.expr(1, scope)
	}
	sql += " BEGIN "
	for range 1 + g.IntN(2) {
		switch g.IntN(6) {
		case 0:
			sql += "SELECT RAISE(" + g.pick("IGNORE", "ABORT, 'stop'", "FAIL, 'stop'", "ROLLBACK, 'stop'") + ") WHERE " + g.expr(1, scope) + "; "
		case 1, 2:
			set := target.settable()
			c := set[g.IntN(len(set))]
			sql += "UPDATE " + target.name + " SET " + c.name + " = " + g.bounded(c, append(target.scope(target.name), scope...)) + " WHERE " + g.fewRows(target, scope) + "; "
		case 3:
			sql += "DELETE FROM " + target.name + " WHERE " + g.expr(1, append(target.scope(target.name), scope...)) + g.pick("", " AND c0 = 3") + "; "
		default:
			list, values := g.rowOf(target, scope)
			sql += "INSERT " + g.pick("", "OR IGNORE ", "OR REPLACE ") + "INTO " + target.name + list + " VALUES " + values + "; "
		}
	}
	return sql + "END", func() {
		t.fires, target.fires = true, true
		t.changes = t.changes || instead
	}
}

// fewRows chooses rows of a table; one, where their order may show.
func (g *generator) fewRows(t *table, s scope) string {
	if t.unique {
		return t.name + "." + t.key[0] + " = " + g.literal()
	}
	return g.expr(1, append(t.scope(t.name), s...))
}

// definition is a statement that changes the schema.
func (g *generator) definition() (string, func()) {
	t := g.base()
	if t == nil || len(g.schema.tables) < 2 {
		return g.createTable()
	}
	switch g.IntN(14) {
	case 0:
		if len(g.schema.tables) < 6 {
			return g.createTable()
		}
		if !g.schema.drops() {
			break
		}
		return "DROP TABLE " + t.full(), func() { g.schema.drop(t.name) }
	case 1, 2, 3:
		return g.createIndex()
	case 4:
		if len(g.schema.indexes) > 0 {
			n := g.IntN(len(g.schema.indexes))
			name := g.schema.indexes[n]
			return "DROP INDEX " + name, func() {
				g.schema.indexes = append(g.schema.indexes[:n:n], g.schema.indexes[n+1:]...)
			}
		}
	case 5:
		if g.some(20) && len(g.schema.tables) < 7 {
			return g.createTableAs(t)
		}
		return g.createView()
	case 6:
		if g.some(30) {
			c := t.columns[g.IntN(len(t.columns))]
			return "ALTER TABLE " + t.full() + g.pick(" ADD CHECK ("+c.name+" IS NOT 'zz')", " ADD CONSTRAINT k2 CHECK ("+c.name+" IS NOT 4)", " ALTER COLUMN "+c.name+" SET NOT NULL", " ALTER "+c.name+" DROP NOT NULL", " DROP CONSTRAINT k", " DROP CONSTRAINT k2"), func() {}
		}
		c := column{name: g.name("c")}
		def := c.name + g.pick(" INT", " TEXT", "") + g.pick("", " DEFAULT 5", " DEFAULT 'x'", " NOT NULL DEFAULT 7", " AS (c0 || 'g')", " CHECK ("+c.name+" IS NOT 4)")
		c.generated = strings.Contains(def, " AS ")
		if t.strict {
			def = c.name + " ANY"
			c.generated = false
		}
		return "ALTER TABLE " + t.full() + " ADD COLUMN " + def, func() { t.columns = append(t.columns, c) }
	case 7:
		n := g.IntN(len(t.columns))
		return "ALTER TABLE " + t.full() + " DROP COLUMN " + t.columns[n].name, func() {
			t.columns, t.computed = append(t.columns[:n:n], t.columns[n+1:]...), nil
		}
	case 8:
		return "REINDEX" + g.pick("", " "+t.full(), " NOCASE"), func() {}
	case 9, 10:
		if g.has("triggers") {
			return g.createTrigger()
		}
	case 11:
		if g.has("rename") {
			if g.some(50) {
				to := g.name("t")
				return "ALTER TABLE " + t.full() + " RENAME TO " + to, func() { t.name = to }
			}
			n, to := g.IntN(len(t.columns)), g.name("c")
			if !t.renames() {
				break
			}
			return "ALTER TABLE " + t.full() + " RENAME COLUMN " + t.columns[n].name + " TO " + to, func() {
				for i, k := range t.key {
					if k == t.columns[n].name {
						t.key[i] = to
					}
				}
				t.columns[n].name, t.computed = to, nil
			}
		}
	case 12:
		if g.has("analyze") {
			return "ANALYZE" + g.pick("", " "+t.full()), func() {}
		}
	case 13:
		if g.has("vacuum") {
			return "VACUUM", func() {}
		}
	}
	if g.some(20) {
		return g.pick("PRAGMA user_version = 7", "PRAGMA user_version", "PRAGMA application_id = 3", "PRAGMA database_list", "PRAGMA foreign_key_check", "PRAGMA foreign_key_check("+t.name+")", "PRAGMA index_xinfo(i3)"), func() {}
	}
	return "PRAGMA " + g.pick("table_info", "table_xinfo", "index_list", "foreign_key_list") + "(" + t.name + ")", func() {}
}
