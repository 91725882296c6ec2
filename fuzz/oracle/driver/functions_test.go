package driver

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fails is what a function of the tests answers: an error, or a panic, which
// only ours turns into an error: the reference's driver ends the program.
type fails struct{ ours, panics bool }

func (f fails) answer(text string) error {
	if f.panics && f.ours {
		panic(text)
	}
	return errors.New(f.text(text))
}

// text is the error's.
func (f fails) text(text string) string {
	if f.panics {
		return "panic in a function: " + text
	}
	return text
}

// counting is an aggregate that fails at 3 in Step, and with two rows in Done.
type counting struct {
	fails
	n int
}

func (c *counting) Step(x any) error {
	if x == int64(3) {
		return c.answer("three in step")
	}
	c.n++
	return nil
}

func (c *counting) Done() (int, error) {
	if c.n == 2 {
		return 0, c.answer("two in done")
	}
	return c.n, nil
}

// failing is a session with functions that fail, in every place of a schema.
func failing(s *session, panics bool) {
	s.db.SetMaxOpenConns(1)
	c, err := s.db.Conn(ctx)
	if s.fail("conn", err) {
		return
	}
	defer c.Close()
	f, calls, from := fails{s.ours, panics}, 0, 0
	s.fail("raw", c.Raw(func(dc any) error {
		r := dc.(registrar)
		// odd gives even numbers back.
		odd := func(x any) (any, error) {
			if n, ok := x.(int64); ok && n%2 == 1 {
				return nil, f.answer(fmt.Sprintf("%d is odd", n))
			}
			return x, nil
		}
		// later fails from a call on.
		later := func(x any) (any, error) {
			if calls++; from > 0 && calls >= from {
				return nil, f.answer("later")
			}
			return x, nil
		}
		return errors.Join(r.RegisterFunc("odd", odd, true), r.RegisterFunc("later", later, true),
			r.RegisterAggregator("counting", func() *counting { return &counting{fails: f} }, true))
	}))
	content := func() []string {
		mark := len(s.lines)
		s.query(c, anything, "SELECT *, last_insert_rowid() FROM t")
		s.query(c, anything, "SELECT x, (SELECT count(*) FROM sqlite_schema) FROM log")
		defer func() { s.lines = s.lines[:mark] }()
		return slices.Clone(s.lines[mark:])
	}
	// The function later fails at each of its calls in turn: the statement says so
	// and leaves nothing behind. How many calls there are is up to each side.
	each := func(q string) {
		before := content()
		for at := 1; ; at++ {
			calls, from = 0, at
			mark := len(s.lines)
			done := s.query(c, anything, q)
			from = 0
			if done {
				break
			}
			said := s.lines[len(s.lines)-1]
			s.lines = s.lines[:mark]
			if after := content(); !strings.HasSuffix(said, ": error 1 1: "+f.text("later")) || !slices.Equal(before, after) {
				s.printf("call %d of %s: %s leaves %q", at, q, said, after)
				break
			}
		}
		s.lines = append(s.lines, content()...)
		s.query(c, anything, "SELECT changes(), total_changes()")
	}
	for _, q := range []string{
		"CREATE TABLE t(a INTEGER PRIMARY KEY, b, g AS (later(b) + 0))", "CREATE TABLE log(x)", "INSERT INTO t(a, b) VALUES (2, 2), (4, 4), (6, 6)",
		"SELECT odd(1)", "SELECT odd(b) FROM t", "SELECT odd(a + 1) FROM t", "SELECT 1 WHERE odd(1)", "SELECT a FROM t WHERE a > 2 AND odd(a - 1)", "SELECT a FROM t ORDER BY odd(b + 1)",
		"SELECT odd(b + 1), count(*) FROM t GROUP BY 1", "SELECT a FROM t WHERE odd(CASE a WHEN 6 THEN 7 END) IS NULL", "SELECT (SELECT odd(a + 1)) FROM t", "SELECT 0 AND odd(1), 1 OR odd(1), coalesce(1, odd(1))",
		"SELECT counting(a) FROM t", "SELECT counting(3)", "SELECT counting(a) FROM t WHERE a > 2", "SELECT counting(a) FROM t GROUP BY a > 2", "SELECT counting(a) FROM t WHERE 0", "SELECT counting(DISTINCT 3) FROM t",
		"SELECT 1 FROM t HAVING counting(3)", "SELECT odd(counting(a)) FROM t", "SELECT counting(odd(a + 1)) FROM t", "SELECT counting(a) FILTER (WHERE odd(a + 1)) FROM t",
		"INSERT INTO t(b) VALUES (odd(2)), (odd(3))", "INSERT OR IGNORE INTO t(b) VALUES (odd(2)), (odd(3))", "UPDATE t SET b = odd(a + 1)", "DELETE FROM t WHERE odd(a - 1)", "DELETE FROM t WHERE a = 4 OR odd(a + 1)",
		"INSERT INTO t(b) SELECT odd(b + 1) FROM t", "INSERT INTO t(a, b) VALUES (2, 8) ON CONFLICT DO UPDATE SET b = odd(1)", "INSERT INTO t(b) VALUES (8) RETURNING odd(a)", "SELECT * FROM t",
	} {
		s.query(c, anything, q)
	}
	each("INSERT INTO t(b) VALUES (10), (12), (14)")
	each("CREATE INDEX i ON t(later(b))")
	each("INSERT INTO t(b) VALUES (16), (18)")
	each("UPDATE t SET b = b + 2 WHERE a < 5")
	each("DELETE FROM t WHERE a = 4")
	each("SELECT a FROM t WHERE later(b) > 4 ORDER BY a")
	each("REINDEX i")
	each("CREATE UNIQUE INDEX p ON t(b) WHERE later(a)")
	each("INSERT OR REPLACE INTO t(b) VALUES (18)")
	each("INSERT OR IGNORE INTO t(b) VALUES (18), (20)")
	each("INSERT INTO t(b) VALUES (20) ON CONFLICT(b) WHERE later(a) DO UPDATE SET b = 22")
	s.query(c, anything, "CREATE TRIGGER r AFTER UPDATE ON t WHEN later(1) BEGIN INSERT INTO log VALUES (later(new.b)); END")
	each("UPDATE t SET b = b + 20 WHERE a < 5")
	s.query(c, anything, "CREATE TRIGGER d BEFORE DELETE ON t BEGIN DELETE FROM log WHERE later(x); SELECT later(2); END")
	each("DELETE FROM t WHERE a = 6")
	each("INSERT OR REPLACE INTO t(a, b) VALUES (2, 50)")
	s.query(c, anything, "BEGIN")
	each("UPDATE OR ROLLBACK t SET b = b + 1 WHERE a = 2")
	each("INSERT INTO t(b) VALUES (70), (72) RETURNING later(a)")
	s.query(c, anything, "COMMIT")
	each("ALTER TABLE t ADD COLUMN c CHECK (later(a))")
	each("ALTER TABLE t ADD COLUMN z AS (later(a))")
	each("INSERT INTO t(b) VALUES (80)")
	each("CREATE TABLE copy AS SELECT later(a) AS x FROM t")
	each("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT later(i + 1) FROM n WHERE i < 4) SELECT i FROM n")
	each("SELECT sum(later(a)) OVER (ORDER BY a) FROM t")
	each("ANALYZE")
	s.query(c, anything, "PRAGMA integrity_check")
	s.query(c, anything, "SELECT type, name, sql FROM sqlite_schema")
	var open *sql.Rows
	open, err = c.QueryContext(ctx, "SELECT a, odd(CASE WHEN a > 8 THEN 1 END) FROM t ORDER BY a")
	if !s.fail("open", err) {
		for s.next(open, anything) {
		}
		s.fail("end", open.Err())
		s.fail("close", open.Close())
	}
	s.query(c, anything, "VACUUM")
	s.query(c, anything, "INSERT INTO t(b) VALUES (90)")
}

func TestFailingFunctions(t *testing.T) {
	for _, panics := range []bool{false, true} {
		d, err := compare([2]string{t.TempDir(), t.TempDir()}, "", nil, func(s *session) { failing(s, panics) })
		if err != nil || d != "" {
			t.Fatalf("panics %t: %v %s", panics, err, d)
		}
	}
}
