package driver

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// sets runs several statements as one query, and reads so many rows of each of
// its result sets. The reference's driver shows the last set only: there each
// statement is a query of its own, up to the first that fails. Arguments go to
// the statements in order, as many to each as it has question marks.
func (s *session) sets(q querier, most int, args []any, statements ...string) {
	s.printf("%d rows of each in %s", most, strings.Join(statements, "; "))
	if !s.ours {
		for _, one := range statements {
			n := strings.Count(one, "?")
			rows, err := q.QueryContext(ctx, one, args[:n]...)
			args = args[n:]
			if s.fail("error", err) {
				return
			}
			if names, _ := rows.Columns(); len(names) > 0 {
				s.printf("set")
				for i := 0; i < most && s.next(rows, anything); i++ {
				}
			} else {
				rows.Next()
			}
			err = rows.Err()
			rows.Close()
			if s.fail("error", err) {
				return
			}
		}
		return
	}
	rows, err := q.QueryContext(ctx, strings.Join(statements, "; "), args...)
	if s.fail("error", err) {
		return
	}
	for more := true; more; more = rows.NextResultSet() {
		if names, _ := rows.Columns(); len(names) > 0 {
			s.printf("set")
		}
		for i := 0; i < most && s.next(rows, anything); i++ {
		}
	}
	err = rows.Err()
	if closed := rows.Close(); err == nil {
		err = closed
	}
	s.fail("error", err)
}

var resultSets = []hand{
	{name: "result sets", run: func(s *session) {
		s.sets(s.db, 9, nil, "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE)", "INSERT INTO t(b) VALUES ('x'), ('y') RETURNING *", "SELECT b, a FROM t ORDER BY b DESC", "SELECT count(*) FROM t WHERE 0", "SELECT 1 WHERE 0", "SELECT 2")
		s.sets(s.db, 9, []any{1, "z", 2}, "SELECT * FROM t WHERE a = ?", "INSERT INTO t(b) VALUES (?)", "SELECT * FROM t WHERE a > ?", "DELETE FROM t WHERE a = 1")
		for _, most := range []int{9, 1, 0} {
			s.sets(s.db, most, nil, "SELECT * FROM t", "INSERT INTO t(b) VALUES ('y')", "SELECT 1")             // Refused in the middle.
			s.sets(s.db, most, nil, "SELECT * FROM t", "DELETE FROM t WHERE a = 99", "SELEC 1")                 // No syntax.
			s.sets(s.db, most, nil, "SELECT 7", "SELECT nope FROM t")                                           // No name.
			s.sets(s.db, most, nil, "SELECT 8", "INSERT INTO t(b) VALUES ('y')")                                // At the end.
			s.sets(s.db, most, nil, "INSERT INTO t(b) VALUES ('y')", "SELECT 9")                                // At the beginning.
			s.sets(s.db, most, nil, "SELECT 5", "INSERT INTO t(b) VALUES ('q'), ('y') RETURNING a", "SELECT 6") // While giving rows.
			s.sets(s.db, most, nil, "BEGIN", "INSERT INTO t(b) VALUES ('in')", "SELECT count(*) FROM t", "INSERT OR ROLLBACK INTO t(b) VALUES ('in')", "SELECT 1")
			s.sets(s.db, most, nil, "SELECT count(*) FROM t", "BEGIN", "DELETE FROM t", "SELECT count(*) FROM t", "ROLLBACK", "SELECT count(*) FROM t")
			s.query(s.db, anything, "SELECT * FROM t")
		}
		s.sets(s.db, 1, nil, "SELECT * FROM t", "UPDATE t SET b = b || '!' RETURNING b", "SELECT b FROM t ORDER BY a", "PRAGMA foreign_keys", "PRAGMA foreign_keys = 1", "PRAGMA foreign_keys")
		s.sets(s.db, 9, nil, "SELECT json(column1) FROM (VALUES ('1'), ('{'))", "SELECT 1") // Refused by its second row.
		s.sets(s.db, 9, nil, "SELECT 1", "SELECT json(column1) FROM (VALUES ('1'), ('{'))", "DELETE FROM t")
		s.sets(s.db, 9, nil, "CREATE TEMP TABLE u(x)", "INSERT INTO u VALUES (5)", "SELECT * FROM u", "DROP TABLE u", "SELECT * FROM u")
		s.query(s.db, anything, "SELECT * FROM t")
	}},
}

func TestResultSets(t *testing.T) {
	for _, h := range resultSets {
		t.Run(h.name, func(t *testing.T) {
			d, err := compare([2]string{t.TempDir(), t.TempDir()}, "", h.purpose, func(s *session) {
				s.db.SetMaxOpenConns(1)
				h.run(s)
			})
			if err != nil || d != "" {
				t.Fatal(err, d)
			}
		})
	}
}

// TestRandomResultSets: queries of several statements, drawn from a few.
func TestRandomResultSets(t *testing.T) {
	for n := *seed; n < *seed+uint64(*sessions+9)/10; n++ {
		d, err := compare([2]string{t.TempDir(), t.TempDir()}, "_sync=0", nil, func(s *session) {
			r := rand.New(rand.NewPCG(n, 2))
			s.db.SetMaxOpenConns(1)
			s.exec(s.db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE)")
			for range 20 {
				var list []string
				var args []any
				for range 1 + r.IntN(5) {
					one := pick(r, []string{"SELECT * FROM t", "SELECT a FROM t WHERE b = ?", "INSERT INTO t(b) VALUES (?)", "INSERT INTO t(b) VALUES (?), (?) RETURNING a", "INSERT OR IGNORE INTO t(b) VALUES (?), (3)",
						"UPDATE t SET b = b + 1 WHERE a = ?", "UPDATE OR REPLACE t SET b = ? WHERE a = ? RETURNING *", "DELETE FROM t WHERE a = ? RETURNING b", "DELETE FROM t WHERE b = ?", "BEGIN", "COMMIT", "ROLLBACK",
						"SELECT 1 / 0, nope", "SELECT abs(-9223372036854775807 - b) FROM t", "SELECT changes(), total_changes(), last_insert_rowid()", "PRAGMA user_version", "SELECT )", "CREATE TABLE u(x)", "DROP TABLE u", "SELECT * FROM u"})
					list = append(list, one)
					for range strings.Count(one, "?") {
						args = append(args, r.IntN(5))
					}
				}
				s.sets(s.db, r.IntN(4), args, list...)
			}
			s.query(s.db, anything, "SELECT * FROM t")
		})
		if err != nil || d != "" {
			t.Fatalf("go test ./driver -run TestRandomResultSets -sessions 1 -seed %d\n%v %s", n, err, d)
		}
	}
}
