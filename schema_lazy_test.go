package rustlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: a schema whose texts are parsed when they are wanted is the same as one that is read whole. Method: a file as the
// engine wrote it and one whose rows have no seals answer the same questions, asked in any order and by many
// goroutines at once; and a sealed row whose text is broken all the same is an error of what asks for it.

const lazySchema = `
	CREATE TABLE a(id INTEGER PRIMARY KEY, x TEXT UNIQUE, y REFERENCES b(id), UNIQUE(x, y));
	CREATE TABLE b(id INTEGER PRIMARY KEY AUTOINCREMENT, n TEXT COLLATE NOCASE DEFAULT 'n');
	CREATE INDEX bn ON b(n);
	CREATE VIEW v AS SELECT a.x, b.n FROM a JOIN b ON b.id = a.y;
	CREATE TRIGGER t1 AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.x); END;
	CREATE TABLE log(what);
	CREATE TRIGGER t2 AFTER INSERT ON a BEGIN INSERT INTO log VALUES ('again ' || new.x); END;
	CREATE TRIGGER t3 INSTEAD OF INSERT ON v BEGIN INSERT INTO b(n) VALUES (new.n); END;
	CREATE TABLE w(p, q, PRIMARY KEY(q, p)) WITHOUT ROWID;
	CREATE INDEX ay ON a(y) WHERE y > 0;
	CREATE UNIQUE INDEX wq ON w(q DESC);
	INSERT INTO b(n) VALUES ('one'), ('two');
	INSERT INTO a VALUES (1, 'x', 1), (2, 'y', 2);
	INSERT INTO w VALUES (1, 2)`

var lazyQuestions = []string{
	"SELECT type, name, tbl_name, sql FROM sqlite_schema", "PRAGMA table_list", "PRAGMA table_info(a)", "PRAGMA index_list(a)", "PRAGMA index_list(w)",
	"PRAGMA index_info(bn)", "PRAGMA index_xinfo(ay)", "PRAGMA foreign_key_list(a)", "PRAGMA foreign_key_check", "PRAGMA integrity_check", "SELECT * FROM v",
	"SELECT * FROM log", "SELECT * FROM a INDEXED BY ay WHERE y > 0", "SELECT n FROM b WHERE n = 'ONE'", "SELECT * FROM w WHERE q = 2", "SELECT * FROM none",
	"INSERT INTO a VALUES (3, 'z', 9)", "PRAGMA foreign_keys = 1", "DELETE FROM b WHERE id = 1", "INSERT INTO v VALUES ('q', 'three')", "SELECT * FROM b",
	"REINDEX bn", "DROP INDEX none", "DROP TRIGGER none", "CREATE TABLE bn(x)", "CREATE TABLE IF NOT EXISTS a(x)", "SELECT name FROM pragma_table_list ORDER BY 1",
	"EXPLAIN QUERY PLAN SELECT * FROM a JOIN b ON b.id = a.y WHERE a.x = 'x'", "CREATE TABLE z(x)", "ALTER TABLE w RENAME TO w2", "DROP TABLE z", "ANALYZE",
	"SELECT * FROM sqlite_sequence", "CREATE TRIGGER t1 AFTER INSERT ON b BEGIN SELECT 1; END", "CREATE TEMP TRIGGER tt AFTER INSERT ON log BEGIN SELECT 1; END",
	"INSERT INTO log VALUES (5)", "VACUUM", "ALTER TABLE a RENAME COLUMN x TO xx", "DROP TABLE b",
}

// answerOf is what a statement says, rows and error.
func answerOf(c *rustlite.Conn, sql string) string {
	var b strings.Builder
	rows, err := c.Query(context.Background(), sql)
	if err == nil {
		for rows.Next() {
			for i := range rows.Columns() {
				fmt.Fprintf(&b, "%v|", rows.Any(i))
			}
			b.WriteByte('\n')
		}
		err = rows.Close()
	}
	return fmt.Sprint(b.String(), err)
}

func lazyFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "lazy.rldb")
	db, err := rustlite.Open(path, nil)
	must(t, err)
	_, err = db.Exec(t.Context(), lazySchema)
	must(t, err)
	must(t, db.Close())
	return path
}

// rewrite puts other rows in the place of those of sqlite_schema.
func rewrite(t *testing.T, path string, change func(row []value.Value) []value.Value) {
	t.Helper()
	p, err := pager.Open(t.Context(), path, nil)
	must(t, err)
	tx, err := p.BeginWrite(t.Context())
	must(t, err)
	var c btree.Cursor
	must(t, c.Open(tx, catalog.SchemaRoot, btree.IntKey, nil))
	rows := map[int64][]byte{}
	for ok, err := c.First(); ok && err == nil; ok, err = c.Next() {
		payload, err := c.Payload()
		must(t, err)
		row, err := record.Decode(payload, nil)
		must(t, err)
		if len(row) != 6 || row[5].Int() != 1 {
			t.Fatal("a row of the engine's has no seal")
		}
		rows[c.IntKey()] = record.AppendRecord(nil, change(row))
	}
	for key, rec := range rows {
		must(t, c.InsertInt(key, rec))
	}
	c.Close()
	must(t, tx.Commit(t.Context()))
	must(t, p.Close())
}

func TestLazySchema(t *testing.T) {
	for seed := range int64(12) {
		order := rand.New(rand.NewSource(seed)).Perm(len(lazyQuestions))
		var said [2][]string
		for i, seals := range []bool{true, false} {
			path := lazyFile(t)
			if !seals {
				rewrite(t, path, func(row []value.Value) []value.Value { return row[:5] })
			}
			db, err := rustlite.Open(path, nil)
			must(t, err)
			c, err := db.Conn(t.Context())
			must(t, err)
			for _, q := range order {
				said[i] = append(said[i], answerOf(c, lazyQuestions[q]))
			}
			must(t, c.Close())
			must(t, db.Close())
		}
		for i, q := range order {
			if said[0][i] != said[1][i] {
				t.Fatalf("seed %d, %s:\n%s\nread whole:\n%s", seed, lazyQuestions[q], said[0][i], said[1][i])
			}
		}
	}
}

func TestLazySchemaTogether(t *testing.T) {
	path := lazyFile(t)
	for range 10 {
		db, err := rustlite.Open(path, &rustlite.Options{ReadOnly: true})
		must(t, err)
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Go(func() {
				c, err := db.Conn(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				for i := range 16 {
					if said := answerOf(c, lazyQuestions[(i*5+g*3)%16]); strings.Contains(said, "malformed") {
						t.Error(said)
					}
				}
			})
		}
		wg.Wait()
		must(t, db.Close())
	}
}

// TestBrokenSeal: a damaged text under a seal is met when its table is asked for, and by what asks for all tables.
func TestBrokenSeal(t *testing.T) {
	path := lazyFile(t)
	ctx := context.Background()
	rewrite(t, path, func(row []value.Value) []value.Value {
		if row[1].Str() == "log" {
			row[4] = value.FromString("CREATE TABLE log(what what what,")
		}
		return row
	})
	db, err := rustlite.Open(path, nil)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(ctx, "UPDATE b SET n = 'still' WHERE id = 2")
	must(t, err)
	for _, q := range []string{"SELECT * FROM log", "SELECT * FROM b", "PRAGMA table_list"} {
		_, err := db.Exec(ctx, q)
		if err == nil || !strings.HasPrefix(err.Error(), "malformed database schema (log) - ") {
			t.Errorf("%s: %v", q, err)
		}
		var e *rustlite.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %T", q, err)
		}
	}
}
