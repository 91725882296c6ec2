package random

import (
	"slices"
	"strings"
)

// This file is the list of what programs leave out and of what answers need not
// share, with the reason of each: the generator, the comparison and the
// shrinking ask here. An exception that is no longer needed goes.

// What SQL leaves open: the order in which rows are met.

// pinned are the words that settle it. Shrink does not take them.
var pinned = []string{notIndexed, "ORDER BY"}

const notIndexed = " NOT INDEXED"

// ordered is the table of an UPDATE or DELETE. Where what it does depends on the
// order of rows, both sides go by the key: a constraint may stop it in the
// middle, triggers and keys act row by row, and fails says that rows done before
// an error stay.
func (t *table) ordered(fails bool) string {
	if !t.view && (t.unique || t.fires || fails) {
		return t.full() + notIndexed
	}
	return t.full()
}

// single reports whether a change of t must be of one row: in a STRICT table any
// row may stop it; without row ids the reference still chooses an order.
func (t *table) single() bool { return t.strict || t.unique && !t.rowid() }

// contentColumns are what the content of a table is compared in. Rows of
// sqlite_stat1 are written in the order in which tables are analysed, any.
func contentColumns(name string, withoutRowid bool) string {
	if withoutRowid || name == "sqlite_stat1" {
		return "*"
	}
	return "rowid, *"
}

// Of several TEMP triggers the reference fires any first: a table has one.
func (t *table) tempTrigger() bool { return !t.fires }

// Where several tables are gone, some of them tables of views, the reference
// names first those of views whose columns it does not know yet; it refuses to
// change a view that it knows before it looks.
func sameTable(ref, ours string) bool {
	const text = "1: no such table: "
	return strings.HasPrefix(ours, text) && (strings.HasPrefix(ref, text) || strings.HasSuffix(ref, "because it is a view"))
}

// What the reference does that nobody wants.

// Where a term of WHERE says what a column is, it calls the functions of that
// column once with it, without a row too: abs of the least integer fails then.
func calledWithout(sql, ref, ours string) bool {
	return ref == "1: integer overflow" && ours == "" && strings.Contains(sql, "abs") && strings.Contains(sql, "9223372036854775808")
}

// Errors of the reference that end a program: one of what stepsMax says, and one
// after which it leaves half of a statement behind.
const (
	tooLong = "9: interrupted"
	tooDeep = "1: triggers nested too deep"
)

// Its VACUUM copies the schema by INSERT, and the last row id shows it.
func keepsLastID(sql string) bool { return sql == "VACUUM" }

// Its compounds and sorts make integers of computed REALs. Of a NULL in a NOT
// NULL column IN says false, which a STRICT type may refuse before NOT NULL does.
func computedType(typ string, strict bool) string {
	switch {
	case strict:
		return "ANY"
	case typ == "REAL" || typ == "DOUBLE PRECISION":
		return "BLOB"
	}
	return typ
}

// In expressions of RETURNING it shows some REAL values as the integers that it
// stores them as: only columns are returned. The columns of excluded have not
// always the affinity of the table's yet: they are taken as texts.
func excluded(t *table) scope {
	s := t.scope("excluded")
	for i := range s {
		s[i].sql = "(" + s[i].sql + " || '')"
	}
	return s
}

// Where NULLs and an index meet, it sometimes says false for the NULL of
// (a, b) IN (SELECT ...).
func notNull(in string) string { return "(" + in + " IS TRUE)" }

// It reads a view of several VALUES twice, and finds the last row only.
const viewValuesMax = 1

// Where a trigger's body sets a key to NULL, as an action, it takes the checks of
// keys behind it for that action's: a program has SET NULL, or triggers that
// change what keys or triggers act on.
func (g *generator) keyActions() []string {
	if g.nulls {
		return []string{"CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"}
	}
	return []string{"CASCADE", "SET DEFAULT", "RESTRICT", "NO ACTION"}
}

func (g *generator) changesInTrigger(target *table) bool { return !g.nulls || !target.fires }

// Behind windows it reads GROUP BY again, and takes a number there, of a view or
// of a function that gives its argument, for a column of the result.
func groupsWindows(groups, keys []string) bool {
	return len(keys) > 0 && !slices.ContainsFunc(groups, func(e string) bool { return e[0] != 'a' || strings.ContainsAny(e, "( ") })
}

// Before an UPDATE it computes generated columns from values that it has not
// loaded: triggers see the others.
func (t *table) inTrigger() *table { return &table{columns: t.settable()} }

// It remembers the columns of a temporary view, and lets triggers change it,
// when the table behind it is gone: then no table goes.
func (s *schema) drops() bool {
	return !slices.ContainsFunc(s.tables, func(t *table) bool { return t.view && t.db == "temp" && t.changes })
}

// Renaming a column of a table of another database or without row ids, it does
// not find all names.
func (t *table) renames() bool { return t.db == "" && t.rowid() }

// What is otherwise here on purpose (docs/compatibility.md).

// The keys of a table are deferred all or none.
func (g *generator) deferral() string { return g.pick("", "", " DEFERRABLE INITIALLY DEFERRED") }

// Triggers do not change STRICT tables.
func (t *table) inBody() bool { return !t.strict }
