package rustlite_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite"
)

// Goal: an error tells its text, codes, place and constraint. Method: one statement that fails, and all that
// its error says. The texts are the reference's.

func TestErrors(t *testing.T) {
	db := openMemory(t)
	exec(t, db, `CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INT UNIQUE, c INT CONSTRAINT small CHECK (c < 10), CHECK (a <> 'bad'), UNIQUE (a, c));
		CREATE TABLE p(x, y, PRIMARY KEY (x, y));
		CREATE UNIQUE INDEX named ON p(y);
		CREATE TABLE q(x, y, PRIMARY KEY (x, y));
		INSERT INTO q VALUES (1, 2);
		INSERT INTO t VALUES (1, 'a', 1, 1); INSERT INTO p VALUES (1, 2)`)
	type told struct {
		Text           string
		Code, Extended int
		Offset         int
		Table          string
		Columns        []string
		Constraint     string
	}
	for _, c := range []struct {
		sql  string
		is   rustlite.Code
		want told
	}{
		{"SELEC 1", rustlite.ErrError, told{Text: `near "SELEC": syntax error`, Code: 1, Extended: 1, Offset: 0}},
		{"SELECT 1 +", rustlite.ErrError, told{Text: `incomplete input`, Code: 1, Extended: 1, Offset: -1}},
		{"SELECT 1; SELECT FROM", rustlite.ErrError, told{Text: `near "FROM": syntax error`, Code: 1, Extended: 1, Offset: 17}},
		{"SELECT a, wrong FROM t", rustlite.ErrError, told{Text: "no such column: wrong", Code: 1, Extended: 1, Offset: 10}},
		{"SELECT 1; SELECT a, wrong FROM t", rustlite.ErrError, told{Text: "no such column: wrong", Code: 1, Extended: 1, Offset: 20}},
		{"SELECT * FROM missing", rustlite.ErrError, told{Text: "no such table: missing", Code: 1, Extended: 1, Offset: -1}},
		{"CREATE TABLE t(a)", rustlite.ErrError, told{Text: "table t already exists", Code: 1, Extended: 1, Offset: 13}},
		{"INSERT INTO t(a) VALUES (NULL)", rustlite.ErrConstraintNotNull, told{Text: "NOT NULL constraint failed: t.a", Code: 19, Extended: 1299, Offset: -1, Table: "t", Columns: []string{"a"}}},
		{"INSERT INTO t(a, b) VALUES ('x', 1)", rustlite.ErrConstraintUnique, told{Text: "UNIQUE constraint failed: t.b", Code: 19, Extended: 2067, Offset: -1, Table: "t", Columns: []string{"b"}, Constraint: "sqlite_autoindex_t_1"}},
		{"INSERT INTO t(a, c) VALUES ('a', 1)", rustlite.ErrConstraintUnique, told{Text: "UNIQUE constraint failed: t.a, t.c", Code: 19, Extended: 2067, Offset: -1, Table: "t", Columns: []string{"a", "c"}, Constraint: "sqlite_autoindex_t_2"}},
		{"INSERT INTO t(id, a) VALUES (1, 'x')", rustlite.ErrConstraintPrimaryKey, told{Text: "UNIQUE constraint failed: t.id", Code: 19, Extended: 1555, Offset: -1, Table: "t", Columns: []string{"id"}}},
		{"INSERT INTO q VALUES (1, 2)", rustlite.ErrConstraintPrimaryKey, told{Text: "UNIQUE constraint failed: q.x, q.y", Code: 19, Extended: 1555, Offset: -1, Table: "q", Columns: []string{"x", "y"}, Constraint: "sqlite_autoindex_q_1"}},
		{"INSERT INTO p VALUES (2, 2)", rustlite.ErrConstraintUnique, told{Text: "UNIQUE constraint failed: p.y", Code: 19, Extended: 2067, Offset: -1, Table: "p", Columns: []string{"y"}, Constraint: "named"}},
		{"INSERT INTO p(rowid) VALUES (1)", rustlite.ErrConstraintRowID, told{Text: "UNIQUE constraint failed: p.rowid", Code: 19, Extended: 2579, Offset: -1, Table: "p", Columns: []string{"rowid"}}},
		{"INSERT INTO t(a, c) VALUES ('x', 10)", rustlite.ErrConstraintCheck, told{Text: "CHECK constraint failed: small", Code: 19, Extended: 275, Offset: -1, Table: "t", Constraint: "small"}},
		{"INSERT INTO t(a) VALUES ('bad')", rustlite.ErrConstraintCheck, told{Text: "CHECK constraint failed: a <> 'bad'", Code: 19, Extended: 275, Offset: -1, Table: "t", Constraint: "a <> 'bad'"}},
		{"UPDATE t SET a = NULL", rustlite.ErrConstraintNotNull, told{Text: "NOT NULL constraint failed: t.a", Code: 19, Extended: 1299, Offset: -1, Table: "t", Columns: []string{"a"}}},
		{"INSERT INTO t(id, a) VALUES ('x', 'x')", rustlite.ErrMismatch, told{Text: "datatype mismatch", Code: 20, Extended: 20, Offset: -1}},
		{"SELECT abs(-9223372036854775807 - 1)", rustlite.ErrError, told{Text: "integer overflow", Code: 1, Extended: 1, Offset: -1}},
		{"CREATE VIRTUAL TABLE y USING fts5(a)", rustlite.ErrError, told{Text: "not supported yet: CREATE VIRTUAL TABLE", Code: 1, Extended: 1, Offset: -1}},
	} {
		_, err := db.Exec(ctx, c.sql)
		var e *rustlite.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		got := told{e.Error(), e.Code(), e.ExtendedCode(), e.Offset(), e.Table(), e.Columns(), e.Constraint()}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.sql, diff)
		}
		if !errors.Is(err, c.is) || !errors.Is(err, rustlite.Code(e.Code())) || errors.Is(err, rustlite.ErrNotADB) {
			t.Errorf("%s: errors.Is does not know %v", c.sql, err)
		}
	}
	want(t, query(t, db, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM p)"), row{int64(1), int64(1)})
}
