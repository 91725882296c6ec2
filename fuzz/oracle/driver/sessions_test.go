package driver

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

type (
	myInt    int32
	myString string
	myBytes  []byte
)

// destinations are what columns are scanned into.
var destinations = []func() any{
	anything, func() any { return new(string) }, func() any { return new([]byte) }, func() any { return new(int64) },
	func() any { return new(int) }, func() any { return new(int8) }, func() any { return new(uint8) }, func() any { return new(uint64) },
	func() any { return new(float64) }, func() any { return new(float32) }, func() any { return new(bool) }, func() any { return new(time.Time) },
	func() any { return new(sql.NullString) }, func() any { return new(sql.NullInt64) }, func() any { return new(sql.NullInt32) },
	func() any { return new(sql.NullInt16) }, func() any { return new(sql.NullByte) }, func() any { return new(sql.NullFloat64) },
	func() any { return new(sql.NullBool) }, func() any { return new(sql.NullTime) }, func() any { return new(sql.Null[string]) },
	func() any { return new(*string) }, func() any { return new(*int64) }, func() any { return new(*time.Time) }, func() any { return new(custom) },
	func() any { return new(myInt) }, func() any { return new(myString) }, func() any { return new(myBytes) }, func() any { return new(sql.RawBytes) },
	func() any { return new(json.RawMessage) },
}

// arguments are what parameters are given.
func arguments() []any {
	zone, n, text, at := time.FixedZone("", 5*3600+45*60), int16(-7), "pointed", time.Date(1969, 12, 31, 23, 59, 59, 5e8, time.UTC)
	var none *string
	var noTime *time.Time
	pp := &text
	return []any{nil, 0, 1, -1, int8(5), uint8(200), uint64(1) << 62, uint64(math.MaxUint64), int64(math.MinInt64), 1.5, float32(0.1), math.Inf(1), math.Inf(-1), math.NaN(),
		math.Copysign(0, -1), true, false, "", "text", "nul\x00inside", "\xff\xfe", []byte(nil), []byte{}, []byte("bytes"), sql.RawBytes("raw"), json.RawMessage(`{"a":1}`),
		myInt(9), myString("mine"), myBytes("mine"), &n, &pp, none, noTime, &at, at, time.Date(2024, 2, 29, 13, 14, 15, 123456789, zone), time.Time{},
		time.Date(12024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 6, 1, 12, 0, 0, 0, time.Local),
		custom{int64(4)}, custom{nil}, &custom{"from pointer"}, (*custom)(nil), custom{at}, sql.NullString{}, sql.NullInt64{Int64: 3, Valid: true},
		sql.Null[float64]{V: 2.5, Valid: true}, 'x', struct{}{}, []int{1}, make(chan int), 3i, custom{uint8(1)}, custom{[]int{1}}}
}

type hand struct {
	name     string
	settings string
	purpose  map[string]string
	run      func(*session)
}

var hands = []hand{
	{name: "scan", run: func(s *session) {
		s.exec(s.db, "CREATE TABLE t(i INTEGER, r REAL, t TEXT, b BLOB, n)")
		s.exec(s.db, "INSERT INTO t VALUES (1, 1.5, 'x', x'00ff', NULL), (13, 1e300, '12', x'', 'true'), (-129, -0.0, '', x'31', 2.0), (300, 1e15, '1.5', x'74', 4e9)")
		for _, c := range []string{"i", "r", "t", "b", "n", "i+0 AS e", "CAST(t AS BLOB) AS c", "count(*) AS c"} {
			for _, d := range destinations {
				s.query(s.db, d, "SELECT "+c+" FROM t")
			}
		}
	}},
	{name: "arguments", run: func(s *session) {
		for _, a := range arguments() {
			s.query(s.db, anything, "SELECT ?, typeof(?1), quote(?1)", a)
		}
		s.exec(s.db, "CREATE TABLE t(d DATETIME, n, i INTEGER, t TEXT)")
		for _, a := range arguments() {
			s.exec(s.db, "INSERT INTO t VALUES (?1, ?1, ?1, ?1)", a)
		}
		s.query(s.db, anything, "SELECT n, i, t FROM t")
		s.query(s.db, anything, "SELECT d FROM t WHERE typeof(n) <> 'integer' OR n BETWEEN -9e12 AND 9e12") // Beyond, the reference's times overflow.
	}},
	{name: "times", run: times},
	{name: "times in a place", settings: "_loc=America/New_York", run: times},
	{name: "times here", settings: "_loc=auto", run: times},
	{name: "column types", run: func(s *session) {
		s.exec(s.db, `CREATE TABLE t(a INTEGER PRIMARY KEY, b VARCHAR(20) NOT NULL, c DOUBLE PRECISION, d decimal(10,2), e boolean, f Timestamp, g TIMESTAMP(3),
			h blob, i, j ANYTHING, k BIGINT UNSIGNED, l Float, m numeric, n TIME, o CLOB, p NATIVE CHARACTER(70), q JSON, r "DATE", s UNSIGNED  BIG   INT)`)
		s.types("SELECT * FROM t")
		s.types("SELECT a AS x, a + 1, rowid, max(b), (SELECT d FROM t), CAST(a AS TEXT), t.f FROM t")
		s.types("SELECT * FROM (SELECT e, f AS ff FROM t UNION ALL SELECT 1, 2)")
		s.types("SELECT * FROM (SELECT e, f AS ff FROM t UNION ALL SELECT d, b FROM t)")
		s.types("SELECT e, f AS ff FROM t UNION ALL SELECT d, b FROM t")
		s.types("WITH c(y, z) AS (SELECT e, f FROM t UNION SELECT d, b FROM t) SELECT *, (SELECT b FROM t UNION SELECT d FROM t) FROM c")
		s.types("WITH c(z) AS (SELECT b FROM t) SELECT z, * FROM c")
		s.exec(s.db, "CREATE VIEW v AS SELECT a, e AS bool, f || '' FROM t")
		s.types("SELECT * FROM v")
		s.types("INSERT INTO t(b) VALUES ('x') RETURNING a, b, e, f, 1")
		s.types("PRAGMA table_info(t)")
		s.types("CREATE TABLE u(a)")
		s.types("")
	}},
	{name: "parameters", purpose: map[string]string{
		// One argument serves two parameters of its name, whatever stands before the name.
		"SELECT :a, @b, :a: error: not enough args to execute query: want 2 got 1": "SELECT :a, @b, :a: error 25 25: not enough args to execute query: want 2 got 1",
	}, run: func(s *session) {
		one := sql.Named("a", 1)
		two := sql.Named("b", 2)
		s.query(s.db, anything, "SELECT :a, @a, $a", one, one, one)
		s.query(s.db, anything, "SELECT :a, :b, :a", one, two)
		s.query(s.db, anything, "SELECT :b, :a", one, two)
		s.query(s.db, anything, "SELECT ?2, ?1", 1, 2)
		s.query(s.db, anything, "SELECT ?, ?, ?1, ?2", 1, 2)
		s.query(s.db, anything, "SELECT ?3, ?", 1, 2, 3, 4)
		s.query(s.db, anything, "SELECT ?, :a", 5, one)
		s.query(s.db, anything, "SELECT :a, ?", one, 5)
		s.query(s.db, anything, "SELECT :a, :b", 5, 6)
		s.query(s.db, anything, "SELECT 1", 5)
		s.exec(s.db, "CREATE TABLE t(a, b); INSERT INTO t VALUES (?, ?); INSERT INTO t VALUES (?, ?)", 1, 2, 3, 4)
		s.exec(s.db, "INSERT INTO t VALUES (?, :a); INSERT INTO t VALUES (:a, ?)", 7, one, one, 8)
		s.exec(s.db, "INSERT INTO t VALUES (?, ?)", 1, 2, 3)
		s.query(s.db, anything, "SELECT * FROM t")
		for _, q := range []string{"SELECT ?, ?1, :a", "SELECT ?5", "SELECT 1"} {
			st, err := s.db.Prepare(q)
			if s.fail(q, err) {
				continue
			}
			for n := range 7 {
				rows, err := st.Query([]any{1, 2, 3, 4, 5, 6}[:n]...)
				s.rows(q, rows, err, anything)
			}
			s.fail("close", st.Close())
		}
	}},
	{name: "too few arguments", run: func(s *session) {
		s.exec(s.db, "CREATE TABLE t(a, b)")
		for _, q := range []string{"SELECT ?", "SELECT ?, ?", "INSERT INTO t VALUES (?, ?)", "SELECT ?5"} {
			_, err := s.db.Exec(q)
			s.printf("%s with 0: %t", q, err != nil)
			_, err = s.db.Exec("SELECT 1; " + q)
			s.printf("%s with 0 behind: %t", q, err != nil)
			_, err = s.db.Query(q)
			s.printf("%s with 0: %t", q, err != nil)
		}
		s.query(s.db, anything, "SELECT * FROM t")
	}},
	{name: "results", run: func(s *session) {
		for _, q := range []string{
			"CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE, c)",
			"INSERT INTO t(b) VALUES ('x'), ('y'), ('z')",
			"INSERT OR IGNORE INTO t(b) VALUES ('x')",
			"INSERT OR REPLACE INTO t(b) VALUES ('x')",
			"INSERT INTO t(b) VALUES ('y') ON CONFLICT DO NOTHING",
			"INSERT INTO t(b, c) VALUES ('y', 1) ON CONFLICT(b) DO UPDATE SET c = excluded.c",
			"INSERT INTO t(a, b) VALUES (77, 'y') ON CONFLICT(b) DO UPDATE SET c = 1 WHERE 0",
			"REPLACE INTO t(a, b) VALUES (1, 'y')",
			"UPDATE t SET c = 5", "UPDATE t SET c = 5 WHERE 0", "DELETE FROM t WHERE b = 'z'",
			"INSERT INTO t(b) VALUES ('r') RETURNING a, b", "UPDATE t SET c = 6 RETURNING a", "DELETE FROM t WHERE b = 'r' RETURNING *",
			"INSERT INTO t(b) SELECT value FROM json_each('[10,20,30]')", "INSERT INTO t(b) VALUES ('x')",
			"INSERT INTO t(a) VALUES (-5)", "DELETE FROM t",
			"CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID", "INSERT INTO w VALUES (1, 2), (3, 4)", "INSERT INTO w VALUES (1, 2)",
			"CREATE TABLE log(x)", "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a), (new.b); END",
			"INSERT INTO t(b) VALUES ('trig')", "DELETE FROM log",
			"CREATE VIEW v AS SELECT * FROM t", "CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES (1); END",
			"INSERT INTO v(a) VALUES (1), (2)", "INSERT INTO t(nope) VALUES (1)", "nonsense", "SELECT 'unended", "INSERT INTO t VALUES (1)",
			"INSERT INTO t(b) VALUES ('a'); INSERT INTO t(b) VALUES ('b'), ('c')", "  ; ;; ", "-- nothing", "",
		} {
			s.exec(s.db, q)
		}
		s.query(s.db, anything, "INSERT INTO t(b) VALUES ('q'), ('qq') RETURNING a, b")
		s.query(s.db, anything, "SELECT changes(), total_changes(), last_insert_rowid()")
		s.query(s.db, anything, "DELETE FROM t RETURNING a")
		s.query(s.db, anything, "SELECT * FROM log")
	}, purpose: ownRows},
	{name: "prepared", run: func(s *session) {
		s.exec(s.db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
		sel, err := s.db.Prepare("SELECT * FROM t")
		s.fail("prepare", err)
		ins, err := s.db.Prepare("INSERT INTO t(b) VALUES (?)")
		s.fail("prepare", err)
		step := func() {
			res, err := ins.Exec("x")
			s.result("insert", res, err)
			rows, err := sel.Query()
			s.rows("select", rows, err, anything)
		}
		step()
		for _, q := range []string{"ALTER TABLE t ADD COLUMN c DEFAULT 5", "ALTER TABLE t RENAME COLUMN b TO bb", "ALTER TABLE t RENAME COLUMN bb TO b", "ALTER TABLE t DROP COLUMN c",
			"CREATE INDEX i ON t(b)", "DROP TABLE t", "CREATE TABLE t(z DATE, b BOOLEAN)", "CREATE VIEW v AS SELECT * FROM t", "PRAGMA user_version = 4"} {
			res, err := s.db.Exec(q)
			_ = res
			s.fail(q, err)
			step()
		}
		tx, err := s.db.Begin()
		s.fail("begin", err)
		res, err := tx.Stmt(ins).Exec(1)
		s.result("in tx", res, err)
		rows, err := tx.Stmt(sel).Query()
		s.rows("in tx", rows, err, anything)
		s.fail("rollback", tx.Rollback())
		step()
		s.fail("close", ins.Close())
		_, err = ins.Exec(1)
		s.fail("closed", err)
		s.fail("close", sel.Close())
		for _, q := range []string{"SELECT nope", "SELECT 1 FROM nope", "SELECT 1;", "SELECT 1; -- end", "SELEC"} {
			st, err := s.db.Prepare(q)
			if !s.fail(q, err) {
				rows, err := st.Query()
				s.rows(q, rows, err, anything)
				st.Close()
			}
		}
	}},
	{name: "open rows", run: func(s *session) {
		c, err := s.db.Conn(ctx)
		if s.fail("conn", err) {
			return
		}
		defer c.Close()
		s.exec(c, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
		s.exec(c, "INSERT INTO t(b) VALUES ('x'), ('y'), ('z')")
		one, err := c.QueryContext(ctx, "SELECT a, b FROM t ORDER BY a")
		s.fail("one", err)
		two, err := c.QueryContext(ctx, "SELECT b FROM t ORDER BY b DESC")
		s.fail("two", err)
		for s.next(one, anything) && s.next(two, anything) {
		}
		s.fail("one", one.Close())
		s.fail("two", two.Close())
		one, err = c.QueryContext(ctx, "SELECT b FROM t ORDER BY +b")
		s.fail("one", err)
		s.next(one, anything)
		s.exec(c, "UPDATE t SET b = b || '!'")
		s.next(one, anything)
		s.exec(c, "DELETE FROM t WHERE a = 3")
		for s.next(one, anything) {
		}
		s.fail("end", one.Err())
		s.query(c, anything, "SELECT * FROM t")
		tx, err := c.BeginTx(ctx, nil)
		if s.fail("begin", err) {
			return
		}
		one, err = tx.QueryContext(ctx, "SELECT b FROM t ORDER BY +b")
		s.fail("one", err)
		s.next(one, anything)
		s.exec(tx, "INSERT INTO t(b) VALUES ('new')")
		s.next(one, anything)
		s.fail("close", one.Close())
		s.fail("rollback", tx.Rollback())
		s.query(c, anything, "SELECT * FROM t")
	}},
	{name: "transactions", run: func(s *session) {
		s.exec(s.db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE)")
		s.exec(s.db, "CREATE TABLE c(a REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
		tx, err := s.db.Begin()
		s.fail("begin", err)
		s.exec(tx, "INSERT INTO t(b) VALUES (1)")
		s.exec(tx, "INSERT INTO t(b) VALUES (1)")
		s.exec(tx, "BEGIN")
		s.exec(tx, "SAVEPOINT s; INSERT INTO t(b) VALUES (2); ROLLBACK TO s")
		s.fail("commit", tx.Commit())
		s.fail("twice", tx.Commit())
		s.fail("after", tx.Rollback())
		s.query(s.db, anything, "SELECT * FROM t")
		tx, err = s.db.Begin()
		s.fail("begin", err)
		s.exec(tx, "INSERT INTO c VALUES (99)")
		s.fail("deferred key", tx.Commit())
		s.query(s.db, anything, "SELECT * FROM c")
		tx, err = s.db.Begin()
		s.fail("begin", err)
		s.exec(tx, "INSERT INTO t(b) VALUES (5)")
		s.exec(tx, "INSERT OR ROLLBACK INTO t(b) VALUES (1)")
		_ = tx.Rollback()
		s.query(s.db, anything, "SELECT * FROM t")
	}, settings: "_fk=1&_journal=wal", purpose: ownRows},
	{name: "errors", settings: "_fk=1", run: func(s *session) {
		for _, q := range []string{
			"CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE, c NOT NULL, d CHECK (d > 0), e REFERENCES t)", "INSERT INTO t(c) VALUES (1)",
			"INSERT INTO t(a, c) VALUES (1, 1)", "INSERT INTO t(b) VALUES (1)", "INSERT INTO t(c, d) VALUES (1, 0)", "INSERT INTO t(c, e) VALUES (1, 77)",
			"INSERT INTO t(a, c) VALUES ('x', 1)", "UPDATE t SET b = 1, c = NULL", "CREATE TABLE t(a)", "DROP TABLE nope", "SELECT * FROM nope", "SELECT nope()", "SELECT abs()",
			"SELECT abs(-9223372036854775808)", "SELECT 1 FROM t WHERE (1, 2) = 3", "COMMIT", "ROLLBACK", "SAVEPOINT a; RELEASE b", "RELEASE a", "SELECT json('{')",
			"CREATE TRIGGER x AFTER DELETE ON t BEGIN SELECT RAISE(ABORT, 'no way'); END", "DELETE FROM t", "ATTACH 'x' AS main", "DETACH nope", "PRAGMA foreign_keys = 0; PRAGMA foreign_keys",
			"SELECT zeroblob(2000000000)", "CREATE TABLE s(a INT) STRICT", "INSERT INTO s VALUES ('x')", "SELECT * FROM t ORDER BY 7", "INSERT INTO t VALUES (1, 2)", "ALTER TABLE nope ADD x",
		} {
			res, err := s.db.Exec(q)
			_ = res
			s.fail(q, err)
		}
		for _, q := range []string{"SELECT abs(column1) FROM (VALUES (1), (-9223372036854775808))", "SELECT json(column1) FROM (VALUES ('1'), ('{'))"} {
			s.query(s.db, anything, q)
		}
	}},
	{name: "pragmas", run: func(s *session) {
		c, err := s.db.Conn(ctx)
		if s.fail("conn", err) {
			return
		}
		defer c.Close()
		for _, q := range []string{"PRAGMA foreign_keys", "PRAGMA foreign_keys = ON", "PRAGMA user_version = 7", "PRAGMA application_id", "PRAGMA busy_timeout", "PRAGMA busy_timeout = 10",
			"PRAGMA encoding", "PRAGMA recursive_triggers", "PRAGMA query_only = 1", "PRAGMA query_only = 0", "PRAGMA nope", "PRAGMA integrity_check", "PRAGMA quick_check", "PRAGMA foreign_key_check",
			"PRAGMA table_info(nope)", "PRAGMA case_sensitive_like = 1", "PRAGMA table_list", "PRAGMA defer_foreign_keys", "PRAGMA user_version"} {
			s.query(c, anything, q)
		}
	}},
	{name: "functions", run: functions},
}

// ownRows: in the reference a statement that changes no rows, or gives rows,
// shows how many an older one changed. Ours counts those of the statement itself.
var ownRows = map[string]string{
	"UPDATE t SET c = 6 RETURNING a: id 5, 1 rows":                                                 "UPDATE t SET c = 6 RETURNING a: id 5, 3 rows",
	"DELETE FROM t WHERE b = 'r' RETURNING *: id 5, 3 rows":                                        "DELETE FROM t WHERE b = 'r' RETURNING *: id 5, 1 rows",
	"CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID: id -5, 6 rows":                                "CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID: id -5, 0 rows",
	"CREATE VIEW v AS SELECT * FROM t: id 1, 2 rows":                                               "CREATE VIEW v AS SELECT * FROM t: id 1, 0 rows",
	"CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES (1); END: id 1, 2 rows": "CREATE TRIGGER vi INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES (1); END: id 1, 0 rows",
	"SAVEPOINT s; INSERT INTO t(b) VALUES (2); ROLLBACK TO s: id 2, 1 rows":                        "SAVEPOINT s; INSERT INTO t(b) VALUES (2); ROLLBACK TO s: id 2, 0 rows",
}

func times(s *session) {
	s.exec(s.db, "CREATE TABLE t(d DATE, dt DATETIME, ts TIMESTAMP, b BOOLEAN, n)")
	values := []any{0, -1, 1709191755, int64(1e12), int64(1e12) + 1, -int64(1e12) - 1, int64(1709191755123), int64(9e12), 1.5, 2460000.5, "", "nonsense", nil, []byte("2024-01-01"), true}
	for _, text := range []string{"2024-02-29", "2024-02-30", "2024-02-29 13:14", "2024-02-29T13:14", "2024-02-29 13:14:15", "2024-02-29T13:14:15", "2024-02-29 13:14:15.1", "2024-02-29T13:14:15.123456789",
		"2024-02-29 13:14:15.5", "24-2-29", "13:14:15", "0001-01-01", "9999-12-31 23:59:59.999999999", "2024-02-29 13:14:15 UTC", "Thu Feb 29 2024"} {
		values = append(values, text, text+"Z", text+"+00:00", text+"-05:00", text+"+05:45", text+" +0100", " "+text)
	}
	for _, v := range values {
		s.exec(s.db, "INSERT INTO t VALUES (?1, ?1, ?1, ?1, ?1)", v)
	}
	s.query(s.db, anything, "SELECT *, d || '', max(d, d) AS m FROM t")
	s.query(s.db, func() any { return new(sql.NullTime) }, "SELECT d, dt, ts FROM t")
	s.query(s.db, func() any { return new(string) }, "SELECT d, dt, ts, b FROM t WHERE d IS NOT NULL")
	s.query(s.db, func() any { return new(sql.NullBool) }, "SELECT b FROM t")
	s.query(s.db, func() any { return new(sql.NullInt64) }, "SELECT d FROM t")
	s.query(s.db, anything, "SELECT dd FROM (SELECT dt AS dd FROM t LIMIT 3) UNION ALL SELECT 5")
	s.query(s.db, anything, "INSERT INTO t(d, b) VALUES (5, 7) RETURNING d, b, ts")
}

type registrar interface {
	RegisterFunc(name string, impl any, pure bool) error
	RegisterAggregator(name string, impl any, pure bool) error
	RegisterCollation(name string, cmp func(string, string) int) error
}

type sumState struct{ n int64 }

func (s *sumState) Step(x ...int64) { s.n += int64(len(x)) }
func (s *sumState) Done() int64     { return s.n }

type failState struct{ n int }

func (s *failState) Step(x int64) error {
	if x == 3 {
		return errors.New("three in step")
	}
	s.n++
	return nil
}

func (s *failState) Done() (any, error) {
	if s.n == 2 {
		return nil, errors.New("two in done")
	}
	return s.n, nil
}

type stateless struct{}

func (stateless) Step(int) {}

type doneOnly struct{}

func (*doneOnly) Done() int { return 1 }

func functions(s *session) {
	c, err := s.db.Conn(ctx)
	if s.fail("conn", err) {
		return
	}
	defer c.Close()
	s.fail("raw", c.Raw(func(dc any) error {
		r := dc.(registrar)
		for _, f := range []struct {
			name string
			impl any
		}{
			{"i8", func(x int8) int8 { return x }}, {"u8", func(x uint8) uint8 { return x }}, {"u64", func(x uint64) uint64 { return x }}, {"f32", func(x float32) float32 { return x }},
			{"f64", func(x float64) float64 { return x }}, {"bl", func(x bool) bool { return !x }}, {"st", func(x string) string { return x + "." }}, {"by", func(x []byte) []byte { return x }},
			{"anyf", func(x any) any { return x }}, {"kind", func(x any) string { return fmt.Sprintf("%T", x) }}, {"va", func(p string, x ...int) string { return fmt.Sprint(p, x) }},
			{"dur", func(x time.Duration) time.Duration { return 2 * x }}, {"mine", func(x myString) myBytes { return myBytes(x) }}, {"err", func(x int) (int, error) { return x, errors.New("refused") }},
			{"rerr", func() error { return errors.New("value") }}, {"anyint", func() any { return int8(3) }},
			{"anynil", func() any { return nil }}, {"big", func() uint64 { return math.MaxUint64 }}, {"none", func() {}}, {"three", func() (int, int, error) { return 0, 0, nil }}, {"noerr", func() (int, int) { return 0, 0 }},
			{"chanarg", func(chan int) int { return 0 }}, {"chanres", func() chan int { return nil }}, {"slice", func([]int) int { return 0 }}, {"iface", func(fmt.Stringer) int { return 0 }}, {"upper", func(s string) string { return "own" }},
		} {
			err := r.RegisterFunc(f.name, f.impl, true)
			s.printf("register %.5s: %t", f.name, err == nil)
		}
		for _, a := range []struct {
			name string
			impl any
		}{
			{"su", func() *sumState { return &sumState{} }}, {"fa", func() *failState { return &failState{} }}, {"ce", func() (*sumState, error) { return nil, errors.New("no state") }},
			{"nl", func() *sumState { return nil }}, {"sl", func() stateless { return stateless{} }}, {"do", func() *doneOnly { return nil }}, {"ar", func(int) *sumState { return nil }}, {"no", func() {}},
		} {
			err := r.RegisterAggregator(a.name, a.impl, false)
			s.printf("register %s: %t", a.name, err == nil)
		}
		s.fail("collation", r.RegisterCollation("rev", func(a, b string) int { return strings.Compare(b, a) }))
		return nil
	}))
	for _, f := range []string{"i8", "u8", "u64", "f32", "f64", "bl", "st", "by", "anyf", "kind", "va", "dur", "mine", "err", "upper"} {
		for _, x := range []string{"1", "-1", "300", "9223372036854775807", "1.5", "'t'", "''", "x'00'", "x''", "NULL", "1e400", "", "1, 2", "'p', 1, 2"} {
			s.query(c, anything, "SELECT "+f+"("+x+") AS x")
		}
	}
	for _, q := range []string{"rerr()", "anyint()", "anynil()", "big()", "su(1)", "su()", "su(1, 2)", "fa(1)", "fa(3)", "su(DISTINCT 1)", "st(st(1))"} {
		s.query(c, anything, "SELECT "+q+" AS x")
	}
	s.query(c, anything, "SELECT fa(column1) FROM (VALUES (1), (2))")
	s.query(c, anything, "SELECT su(column1) FROM (VALUES (1), (2)) GROUP BY column1")
	s.query(c, anything, "SELECT su(1) WHERE 0")
	s.query(c, anything, "SELECT column1 FROM (VALUES ('a'), ('c'), ('b')) ORDER BY column1 COLLATE rev")
	s.query(c, anything, "SELECT 1 ORDER BY 'x' COLLATE nope")
}

func TestSessions(t *testing.T) {
	local := time.Local
	time.Local = time.FixedZone("Here", -5*3600) // Times must not depend on the place of the program.
	defer func() { time.Local = local }()
	for _, h := range hands {
		t.Run(h.name, func(t *testing.T) {
			d, err := compare([2]string{t.TempDir(), t.TempDir()}, h.settings, h.purpose, func(s *session) {
				s.db.SetMaxOpenConns(1)
				h.run(s)
			})
			if err != nil || d != "" {
				t.Fatal(err, d)
			}
		})
	}
}
