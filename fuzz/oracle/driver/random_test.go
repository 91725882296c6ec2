package driver

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	sessions = flag.Int("sessions", 150, "random sessions")
	seed     = flag.Uint64("seed", 1, "seed of the first random session")
)

// TestRandomSessions: sessions made of a seed. The statements of one are drawn
// from few forms on few tables, so that they meet each other; what they are
// given and scanned into is anything.
func TestRandomSessions(t *testing.T) {
	here := time.Local
	time.Local = time.FixedZone("Here", 3600)
	defer func() { time.Local = here }()
	for s := *seed; s < *seed+uint64(*sessions); s++ {
		d, err := compare([2]string{t.TempDir(), t.TempDir()}, "_fk=1&_sync=0", nil, func(x *session) { random(x, s) })
		if err != nil || d != "" {
			t.Fatalf("go test ./driver -run TestRandomSessions -sessions 1 -seed %d\n%v %s", s, err, d)
		}
	}
}

// random is a session on one connection.
func random(s *session, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	c, err := s.db.Conn(ctx)
	if s.fail("conn", err) {
		return
	}
	defer c.Close()
	types := []string{"DATE", "DATETIME", "TIMESTAMP", "BOOLEAN", "boolean", "INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "", "VARCHAR(9)", "timestamp(3)"}
	for i := range 2 {
		s.exec(c, fmt.Sprintf("CREATE TABLE t%d(a INTEGER PRIMARY KEY, b %s UNIQUE, c %s, d %s NOT NULL DEFAULT 7)", i, pick(r, types), pick(r, types), pick(r, types)))
	}
	given := valid(arguments())
	var q querier = c
	var tx *sql.Tx
	var open *sql.Rows
	prepared := map[string]*sql.Stmt{}
	for range 60 {
		name := fmt.Sprintf("t%d", r.IntN(2))
		switch n := r.IntN(20); {
		case n < 6: // Changes.
			s.change(q, r, name, given)
		case n < 10: // Rows.
			text := fmt.Sprintf(pick(r, []string{"SELECT * FROM %s ORDER BY a", "SELECT b, count(*) AS n FROM %s GROUP BY 1 ORDER BY 1", "SELECT max(c), d FROM %s WHERE c IS NOT NULL", "SELECT a, ? AS p FROM %s ORDER BY a",
				"SELECT x.*, y.b FROM %s x LEFT JOIN t0 y ON y.a = x.a + 1 ORDER BY x.a", "SELECT b FROM %s UNION ALL SELECT c FROM t1", "SELECT typeof(b), c FROM %s WHERE b IS ?1 OR b > ?1 ORDER BY a"}), name)
			s.query(q, pick(r, destinations), text, pick(r, given))
		case n < 13: // Prepared ones, over and over.
			text := fmt.Sprintf(pick(r, []string{"SELECT * FROM %s WHERE a <> ? ORDER BY a", "INSERT INTO %s(b) VALUES (?) ON CONFLICT DO NOTHING", "DELETE FROM %s WHERE c = ?", "SELECT b FROM %s WHERE a = ?"}), name)
			s.prepared(q, prepared, text, pick(r, given), pick(r, destinations))
		case n < 15: // Rows that stay open.
			if open == nil {
				open, err = q.QueryContext(ctx, fmt.Sprintf("SELECT b, c FROM %s ORDER BY +a", name))
				s.fail("open", err)
			} else if !s.next(open, anything) || r.IntN(3) == 0 {
				s.fail("end", open.Err())
				s.fail("close", open.Close())
				open = nil
			}
		case n < 16: // Definitions.
			if open != nil {
				break // The reference refuses some while rows are open.
			}
			text := fmt.Sprintf(pick(r, []string{"ALTER TABLE %s ADD COLUMN e DATE", "ALTER TABLE %s DROP COLUMN e", "CREATE INDEX i ON %s(c)", "DROP INDEX i", "PRAGMA user_version = 3; SELECT 1 FROM %s"}), name)
			_, err := q.ExecContext(ctx, text)
			s.fail(text, err)
		case n < 17 && tx == nil:
			if tx, err = c.BeginTx(ctx, nil); !s.fail("begin", err) {
				q = tx
			}
		case n < 18 && tx != nil:
			if open != nil {
				s.fail("close", open.Close())
				open = nil
			}
			if r.IntN(2) == 0 {
				s.fail("commit", tx.Commit())
			} else {
				s.fail("rollback", tx.Rollback())
			}
			tx, q = nil, c
			for _, st := range prepared {
				st.Close()
			}
			clear(prepared)
		default:
			s.query(q, anything, "SELECT changes(), total_changes(), last_insert_rowid()")
		}
	}
	if open != nil {
		s.fail("close", open.Close())
	}
	for _, st := range prepared {
		s.fail("close", st.Close())
	}
	if tx != nil {
		s.fail("rollback", tx.Rollback())
	}
	for i := range 2 {
		s.query(c, anything, fmt.Sprintf("SELECT * FROM t%d ORDER BY a", i))
	}
}

// change runs a statement that changes a table, through Exec or Query.
func (s *session) change(q querier, r *rand.Rand, table string, given []any) {
	forms := []string{"INSERT INTO %s(b, c) VALUES (?, ?)", "INSERT OR REPLACE INTO %s(b, c, d) VALUES (?1, ?2, ?1)", "INSERT INTO %s(b, c) VALUES (:x, $y) ON CONFLICT(b) DO UPDATE SET c = excluded.c",
		"UPDATE %s SET c = ?, d = ifnull(?, 0) WHERE a %% 2", "DELETE FROM %s WHERE b = ? AND c IS NOT ?", "INSERT OR IGNORE INTO %s(b, c) SELECT b, ?2 FROM t1 WHERE ?1 IS NOT NULL ORDER BY a LIMIT 3",
		"UPDATE OR IGNORE %s SET b = ? WHERE c IS NOT ?"}
	text := fmt.Sprintf(pick(r, forms), table)
	args := []any{pick(r, given), pick(r, given)}
	if text[len(text)-1] == 'c' && r.IntN(2) == 0 {
		args = []any{sql.Named("y", args[0]), sql.Named("x", args[1])}
	}
	if r.IntN(4) == 0 {
		s.query(q, pick(r, destinations), text+" RETURNING *", args...)
		return
	}
	s.exec(q, text, args...)
}

// prepared runs a statement that is prepared once.
func (s *session) prepared(q querier, known map[string]*sql.Stmt, text string, arg any, dest func() any) {
	st := known[text]
	if st == nil {
		var err error
		if st, err = q.PrepareContext(ctx, text); s.fail(text, err) {
			return
		}
		known[text] = st
	}
	rows, err := st.Query(arg)
	s.rows(text, rows, err, dest)
}

// valid leaves out the integers that overflow the reference's times.
func valid(given []any) []any {
	var list []any
	for _, a := range given {
		switch n := a.(type) {
		case uint64:
			continue
		case int64:
			if n < -9e12 || n > 9e12 {
				continue
			}
		}
		list = append(list, a)
	}
	return list
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
