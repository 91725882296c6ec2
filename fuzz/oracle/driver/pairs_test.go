package driver

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// together are two connections of one database in a session. Rows that are open
// outside a transaction keep the snapshot of their statement; in the reference
// the whole connection stays at it, and answers 517 to changes.
type together struct {
	*session
	conns [2]*sql.Conn
	open  [2]*sql.Rows
	depth [2]int // Of transactions and savepoints.
}

// meet opens two connections of a session.
func meet(s *session) *together {
	s.db.SetMaxOpenConns(2)
	p := &together{session: s}
	for i := range p.conns {
		var err error
		if p.conns[i], err = s.db.Conn(ctx); err != nil {
			panic(err)
		}
	}
	return p
}

func (p *together) part() {
	for i, c := range p.conns {
		p.end(i)
		p.fail("part", c.Close())
	}
}

// run runs statements on connection i, and tells the rows of those that give any.
func (p *together) run(i int, statements ...string) {
	for _, q := range statements {
		p.printf("%d:", i)
		ok := p.query(p.conns[i], anything, q)
		// A change on an old snapshot, of a file that another is changing, is told 517
		// at once; the reference waits for the lock, and may say 5 then.
		if last := len(p.lines) - 1; p.depth[1-i] > 0 {
			p.lines[last] = strings.Replace(p.lines[last], "error 5 517:", "error 5 5:", 1)
		}
		switch word, _, _ := strings.Cut(q, " "); {
		case !ok:
		case word == "BEGIN", word == "SAVEPOINT":
			p.depth[i]++
		case word == "RELEASE":
			p.depth[i]--
		case word == "COMMIT", q == "ROLLBACK":
			p.depth[i] = 0
		}
	}
}

// begin opens rows on connection i and reads the first.
func (p *together) begin(i int, q string) {
	p.end(i)
	rows, err := p.conns[i].QueryContext(ctx, q)
	if p.printf("%d: rows of", i); !p.fail(q, err) {
		p.open[i] = rows
		p.more(i)
	}
}

// more reads the next of the open rows.
func (p *together) more(i int) {
	if rows := p.open[i]; rows != nil {
		if p.printf("%d: more", i); !p.next(rows, anything) {
			p.fail("  end", rows.Err())
			p.end(i)
		}
	}
}

// settle closes the rows that are open outside a transaction.
func (p *together) settle(i int) {
	if p.depth[i] == 0 {
		p.end(i)
	}
}

func (p *together) end(i int) {
	if p.open[i] != nil {
		p.printf("%d: end", i)
		p.fail("  close", p.open[i].Close())
		p.open[i] = nil
	}
}

var pairs = []hand{
	{name: "snapshot of open rows", run: func(s *session) {
		p := meet(s)
		defer p.part()
		p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "INSERT INTO t(b) VALUES ('x'), ('y'), ('z')")
		p.begin(0, "SELECT * FROM t ORDER BY a")
		p.run(1, "INSERT INTO t(b) VALUES ('new')", "DELETE FROM t WHERE a < 3", "SELECT * FROM t", "CREATE TABLE u(x)")
		p.more(0)
		p.run(0, "SELECT count(*) FROM t", "INSERT INTO t(b) SELECT 'behind' WHERE 0")
		p.more(0)
		p.more(0)
		p.run(0, "SELECT * FROM t", "SELECT * FROM u", "SELECT changes(), total_changes(), last_insert_rowid()")
		p.run(1, "SELECT changes(), total_changes(), last_insert_rowid()")
	}, purpose: map[string]string{ // See together.
		"  count(*)=int64(3)": "  count(*)=int64(2)",
		"INSERT INTO t(b) SELECT 'behind' WHERE 0: error 5 517: database is locked": "INSERT INTO t(b) SELECT 'behind' WHERE 0:",
	}},
	{name: "two writers", run: func(s *session) {
		p := meet(s)
		defer p.part()
		p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1, 'first')")
		p.run(1, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (2, 'second')", "SELECT * FROM t", "BEGIN EXCLUSIVE", "CREATE TABLE u(a)", "PRAGMA user_version = 3", "VACUUM", "DROP TABLE t",
			"BEGIN", "SELECT count(*) FROM t", "UPDATE t SET b = 1", "SELECT count(*) FROM t")
		p.run(0, "COMMIT")
		p.run(1, "INSERT INTO t VALUES (2, 'second')", "SELECT count(*) FROM t", "ROLLBACK", "INSERT INTO t VALUES (2, 'second')", "SELECT * FROM t")
		p.run(0, "BEGIN", "INSERT INTO t VALUES (3, 'third')")
		p.run(1, "COMMIT", "BEGIN", "DELETE FROM t", "COMMIT", "DELETE FROM t RETURNING a", "SAVEPOINT s", "DELETE FROM t", "RELEASE s")
		p.run(0, "ROLLBACK")
		p.run(1, "SAVEPOINT s", "DELETE FROM t WHERE a = 1")
		p.run(0, "DELETE FROM t")
		p.run(1, "RELEASE s")
		p.run(0, "DELETE FROM t", "SELECT * FROM t")
	}},
	{name: "the snapshot is old", run: func(s *session) {
		p := meet(s)
		defer p.part()
		p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "BEGIN", "SELECT * FROM t")
		p.run(1, "INSERT INTO t VALUES (1, 1)")
		p.run(0, "INSERT INTO t VALUES (2, 2)", "UPDATE t SET b = 1 WHERE 0", "CREATE TABLE u(a)", "PRAGMA user_version = 1", "DELETE FROM t", "SAVEPOINT s", "INSERT INTO t VALUES (2, 2)", "RELEASE s",
			"CREATE TEMP TABLE mine(a)", "INSERT INTO mine VALUES (1)", "SELECT * FROM t", "COMMIT", "SELECT * FROM t", "SELECT * FROM mine", "INSERT INTO t VALUES (2, 2)")
		p.run(0, "BEGIN", "INSERT INTO t VALUES (3, 3)", "SELECT * FROM t", "COMMIT")
		p.run(1, "BEGIN", "SELECT * FROM t")
		p.run(0, "CREATE TABLE other(a)")
		p.run(1, "SELECT * FROM other", "INSERT INTO t VALUES (9, 9)", "COMMIT", "SELECT * FROM other", "INSERT INTO t VALUES (9, 9)")
	}},
	{name: "rows of a change stay open", run: func(s *session) {
		p := meet(s)
		defer p.part()
		p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
		p.begin(0, "INSERT INTO t(b) VALUES ('x'), ('y') RETURNING a")
		p.run(1, "SELECT * FROM t", "INSERT INTO t(b) VALUES ('z')")
		p.more(0)
		p.more(0)
		p.run(1, "SELECT * FROM t", "INSERT INTO t(b) VALUES ('z')")
		p.begin(0, "UPDATE t SET b = 'u' RETURNING a")
		p.end(0)
		p.run(1, "SELECT * FROM t")
	}},
	{name: "open rows and the end of their transaction", run: func(s *session) {
		p := meet(s)
		defer p.part()
		p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "INSERT INTO t(b) VALUES ('x'), ('y'), ('z')", "BEGIN", "INSERT INTO t(b) VALUES ('in')")
		p.begin(0, "SELECT * FROM t ORDER BY a")
		p.run(0, "COMMIT")
		p.run(1, "INSERT INTO t(b) VALUES ('other')")
		p.more(0)
		p.end(0)
		// What ROLLBACK takes away is read no further; the reference stops only where definitions change.
		p.run(0, "SELECT * FROM t", "BEGIN", "CREATE TABLE u(a)")
		p.begin(0, "SELECT * FROM t ORDER BY a")
		p.run(0, "ROLLBACK")
		p.more(0)
	}},
	{name: "definitions of the other", run: func(s *session) {
		p := meet(s)
		defer p.part()
		p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "INSERT INTO t(b) VALUES ('x'), ('y')")
		st, err := p.conns[0].PrepareContext(ctx, "SELECT * FROM t")
		if s.fail("prepare", err) {
			return
		}
		defer st.Close()
		for _, q := range []string{"SELECT 1", "ALTER TABLE t ADD c DEFAULT 7", "CREATE INDEX i ON t(b)", "ALTER TABLE t DROP COLUMN c", "DROP TABLE t", "CREATE TABLE t(z)", "INSERT INTO t VALUES (1)",
			"CREATE TEMP TABLE t(mine)", "DROP TABLE main.t", "CREATE VIEW t AS SELECT 5 AS five", "DROP TABLE temp.t"} {
			p.run(1, q)
			rows, err := st.Query()
			s.rows("prepared", rows, err, anything)
		}
	}},
}

func TestPairs(t *testing.T) {
	for _, h := range pairs {
		t.Run(h.name, func(t *testing.T) {
			d, err := compare([2]string{t.TempDir(), t.TempDir()}, "_journal=wal&_sync=0&_timeout=5", h.purpose, h.run)
			if err != nil || d != "" {
				t.Fatal(err, d)
			}
		})
	}
}

// TestRandomPairs: two connections of one file, in turns made of a seed.
func TestRandomPairs(t *testing.T) {
	for n := *seed; n < *seed+uint64(*sessions+9)/10; n++ { // They wait for each other.
		d, err := compare([2]string{t.TempDir(), t.TempDir()}, "_journal=wal&_sync=0&_timeout=1", nil, func(s *session) { randomPair(s, n) })
		if err != nil || d != "" {
			t.Fatalf("go test ./driver -run TestRandomPairs -sessions 1 -seed %d\n%v %s", n, err, d)
		}
	}
}

func randomPair(s *session, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	p := meet(s)
	defer p.part()
	p.run(0, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)", "CREATE INDEX i ON t(b)", "INSERT INTO t(b) VALUES (1), (2), (3), (4)")
	for range 50 {
		i := r.IntN(2)
		switch r.IntN(12) {
		case 0, 1:
			p.begin(i, pick(r, []string{"SELECT * FROM t ORDER BY a", "SELECT * FROM t ORDER BY b", "SELECT b, count(*) FROM t GROUP BY b", "SELECT a FROM t WHERE b > 1"}))
		case 2, 3:
			p.more(i)
		case 4:
			p.end(i)
		case 5, 6:
			p.end(i)
			if p.depth[i] == 0 { // Within a transaction BEGIN IMMEDIATE fails, and takes the lock in the reference.
				p.run(i, pick(r, []string{"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s", "BEGIN EXCLUSIVE", "COMMIT"}))
				break
			}
			// Not ROLLBACK TO: what is left to commit then is nothing here, pages in the reference.
			p.run(i, pick(r, []string{"COMMIT", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "BEGIN"}))
		case 7:
			p.settle(i)
			p.run(i, pick(r, []string{"SELECT count(*), sum(b) FROM t", "SELECT changes(), total_changes(), last_insert_rowid()", "SELECT name FROM sqlite_schema"}))
		case 8:
			if p.depth[1-i] > 0 {
				break // The reference asks for the lock by the schema that it remembers.
			}
			p.end(i)
			p.run(i, "SELECT count(*) FROM t", pick(r, []string{"CREATE TABLE u(x)", "DROP TABLE u", "CREATE TEMP TABLE IF NOT EXISTS u(y)", "ALTER TABLE t ADD c", "ALTER TABLE t DROP c", "PRAGMA user_version = 4", "DROP INDEX i", "INSERT INTO u VALUES (1)"}))
		default:
			p.settle(i)
			p.run(i, fmt.Sprintf(pick(r, []string{"INSERT INTO t(b) VALUES (%d)", "UPDATE t SET b = %d WHERE a %% 3 = 0", "DELETE FROM t WHERE b = %d",
				"UPDATE t SET b = b + 1 WHERE b = %d RETURNING a", "INSERT OR REPLACE INTO t(a, b) VALUES (%[1]d, %[1]d)"}), r.IntN(6)))
		}
	}
	for i := range p.conns {
		p.end(i)
		p.run(i, "COMMIT", "SELECT * FROM t")
	}
}
