package rustlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
)

// Goal: data source names mean what users of other SQLite drivers expect. Method: open databases by them and look
// at what the connections then do.

func openName(t *testing.T, name string) *sql.DB {
	t.Helper()
	db, err := sql.Open("rustlite", name)
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

func ask[T any](t *testing.T, db *sql.DB, query string, args ...any) (v T) {
	t.Helper()
	must(t, db.QueryRow(query, args...).Scan(&v))
	return v
}

func TestNamesOfMemory(t *testing.T) {
	one := openName(t, "file:shop?mode=memory&cache=shared")
	two := openName(t, "file:shop?mode=memory&cache=shared")
	other := openName(t, "file:shop?mode=memory")
	_, err := one.Exec("CREATE TABLE t(a); INSERT INTO t VALUES (7)")
	must(t, err)
	if n := ask[int](t, two, "SELECT a FROM t"); n != 7 {
		t.Error(n)
	}
	if _, err := other.Exec("SELECT a FROM t"); err == nil {
		t.Error("a private database is shared")
	}
}

func TestNamesOfFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a file.rldb")
	db := openName(t, "file:"+strings.ReplaceAll(path, " ", "%20")+"?_busy_timeout=1234&_cache_size=77&_pragma=user_version(9)")
	if n := ask[int](t, db, "PRAGMA busy_timeout"); n != 1234 {
		t.Error("busy timeout", n)
	}
	if n := ask[int](t, db, "PRAGMA cache_size"); n != 77 {
		t.Error("cache size", n)
	}
	if n := ask[int](t, db, "PRAGMA user_version"); n != 9 {
		t.Error("user version", n)
	}
	ro := openName(t, path+"?mode=ro")
	if n := ask[int](t, ro, "PRAGMA user_version"); n != 9 {
		t.Error("the file has another name", n)
	}
	_, err := ro.Exec("CREATE TABLE t(a)")
	wantCode(t, err, rustlite.ErrReadOnly)
	_, err = openName(t, path+"?_query_only=1").Exec("CREATE TABLE t(a)")
	wantCode(t, err, rustlite.ErrReadOnly)
	if err := openName(t, path+".none?mode=rw").Ping(); err == nil {
		t.Error("mode=rw made a file")
	}
}

func TestNamesThatAreWrong(t *testing.T) {
	for name, want := range map[string]string{
		"x?colour=red":             `unknown key "colour"; known are _auto_vacuum, _busy_timeout, `,
		"x?_txlock=never":          "want deferred, immediate or exclusive",
		"x?_busy_timeout=soon":     "want a number",
		"x?_fk=maybe":              "want one of 0, 1, no, yes",
		"x?mode=rx":                "no such access mode",
		"x?_loc=Nowhere/At_All":    "unknown time zone",
		"file://host/x":            "invalid uri authority: host",
		"x?_time_format=hourglass": "want sqlite or datetime",
		"x?_dqs=maybe":             "_dqs=maybe: want one of",
		"x?_auth_pass=secret":      `unknown key "_auth_pass"`, // No users, so none that only look protected.
		"x?_inttotime=perhaps":     "want one of 0, 1",
		"x?_stmt_cache_size=many":  "want a number",
		"x?_cache_size=1.5":        "want a number",
		"x?_journal=paper":         "want one of delete, truncate",
		"x?_sync=4":                "want one of 0, off",
		"x?_vacuum=3":              "want one of 0, none",
		"x?_locking=tight":         "want one of normal, exclusive",
		"x?_secure_delete=7":       "want one of 0, no",
		"x?_mutex=half":            "want one of no, full",
		"x?cache=common":           "want shared or private",
		"x?immutable=perhaps":      "want one of 0, 1",
		"x?_time_integer_format=s": "want unix, unix_milli",
		"x?_timezone=Nowhere":      "unknown time zone",
		"x?a=%zz":                  "invalid URL escape",
		"file:a%zz":                "invalid URL escape",
	} {
		_, err := sql.Open("rustlite", name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every key that the documentation of the two drivers lists is taken.
func TestNamesOfOthers(t *testing.T) {
	for _, keys := range []string{
		"_auto_vacuum=none&_busy_timeout=7&_case_sensitive_like=1&_defer_foreign_keys=on&_foreign_keys=yes&_ignore_check_constraints=TRUE&_journal_mode=WAL&_locking_mode=NORMAL&_query_only=0&_recursive_triggers=1&_secure_delete=FAST&_synchronous=NORMAL&_writable_schema=0&_cache_size=-4000&_stmt_cache_size=10",
		"_vacuum=2&_timeout=7&_cslike=no&_defer_fk=0&_fk=1&_journal=DELETE&_locking=exclusive&_rt=off&_sync=3&_loc=auto&_mutex=no&_txlock=exclusive",
		"vfs=unix&_time_format=sqlite&_inttotime=T&_texttotime=f&_timezone=UTC&_dqs=1&_defensive=true&_error_rc=1&_pragma=busy_timeout(7)&_pragma=foreign_keys=1",
		"mode=rwc&cache=private&psow=0&nolock=1",
	} {
		db := openName(t, "file:"+filepath.Join(t.TempDir(), "a.rldb")+"?"+keys)
		must(t, db.Ping())
		if n := ask[int](t, db, "PRAGMA busy_timeout"); n != 7 && strings.Contains(keys, "timeout") {
			t.Errorf("%s: busy timeout %d", keys, n)
		}
		if n := ask[int](t, db, "PRAGMA foreign_keys"); n != 1 && strings.Contains(keys, "_f") {
			t.Errorf("%s: foreign keys %d", keys, n)
		}
	}
}

func TestTxLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.rldb")
	db := openName(t, path+"?_txlock=immediate&_timeout=1")
	tx, err := db.Begin()
	must(t, err)
	_, err = db.Exec("CREATE TABLE t(a)")
	wantCode(t, err, rustlite.ErrBusy)
	must(t, tx.Rollback())
	_, err = db.Exec("CREATE TABLE t(a)")
	must(t, err)
}

func TestTimes(t *testing.T) {
	zone := time.FixedZone("", 5*3600+45*60)
	at := time.Date(2024, 2, 29, 13, 14, 15, 123456789, zone)
	for name, want := range map[string]string{
		":memory:":                                 "2024-02-29 13:14:15.123456789+05:45",
		":memory:?_time_format=datetime":           "2024-02-29 13:14:15",
		":memory:?_time_integer_format=unix_milli": "1709191755123",
		":memory:?_time_integer_format=unix_nano":  "1709191755123456789",
		":memory:?_loc=UTC&_busy_timeout=1":        "2024-02-29 13:14:15.123456789+05:45",
	} {
		db := openName(t, name)
		_, err := db.Exec("CREATE TABLE t(a DATETIME)")
		must(t, err)
		_, err = db.Exec("INSERT INTO t VALUES (?)", at)
		must(t, err)
		if s := ask[string](t, db, "SELECT CAST(a AS TEXT) FROM t"); s != want {
			t.Errorf("%s: stored %s", name, s)
		}
		back := ask[time.Time](t, db, "SELECT a FROM t")
		switch {
		case strings.Contains(name, "_loc"):
			if back.Location() != time.UTC || !back.Equal(at) {
				t.Errorf("%s: %s", name, back)
			}
		case strings.Contains(name, "nano") || name == ":memory:":
			if !back.Equal(at) {
				t.Errorf("%s: %s", name, back)
			}
		}
	}
}

func TestDeclaredTypes(t *testing.T) {
	db := openName(t, ":memory:")
	_, err := db.Exec(`CREATE TABLE t(d DATE, s TIMESTAMP, b BOOLEAN, n INTEGER NOT NULL, x TEXT);
		INSERT INTO t VALUES ('2024-02-29', 1709191755, 1, 1, 'a'), (1709191755123, 'no time', 0, 1, NULL)`)
	must(t, err)
	rows, err := db.Query("SELECT d, s, b, n, x, n + 1 AS e FROM t")
	must(t, err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	must(t, err)
	var got []string
	for _, c := range types {
		nullable, ok := c.Nullable()
		got = append(got, strings.Join([]string{c.Name(), c.DatabaseTypeName(), c.ScanType().String(),
			map[bool]string{true: "null", false: "not null"}[nullable], map[bool]string{true: "known", false: "unknown"}[ok]}, " "))
	}
	want := []string{"d DATE sql.NullTime null known", "s TIMESTAMP sql.NullTime null known", "b BOOLEAN sql.NullBool null known",
		"n INTEGER sql.NullInt64 not null known", "x TEXT sql.NullString null known", "e  interface {} null unknown"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q", got)
	}
	for i := 0; rows.Next(); i++ {
		var v [6]any
		must(t, rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5]))
		want := [][3]any{
			{time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Unix(1709191755, 0).UTC(), true},
			{time.UnixMilli(1709191755123).UTC(), time.Time{}, false},
		}[i]
		if v[0] != want[0] || v[1] != want[1] || v[2] != want[2] {
			t.Errorf("row %d: %v", i, v)
		}
	}
	must(t, rows.Err())
}

func TestResultSets(t *testing.T) {
	db := openName(t, ":memory:")
	_, err := db.Exec("CREATE TABLE t(a)")
	must(t, err)
	rows, err := db.Query("INSERT INTO t VALUES (?); SELECT a, 'x' FROM t; INSERT INTO t VALUES (?); SELECT sum(a) FROM t; DELETE FROM t", 1, 2)
	must(t, err)
	var got []string
	for {
		names, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			v := make([]any, len(names))
			for i := range v {
				v[i] = new(string)
			}
			must(t, rows.Scan(v...))
			got = append(got, strings.Join(names, ",")+"="+*v[0].(*string))
		}
		must(t, rows.Err())
		if !rows.NextResultSet() {
			break
		}
	}
	must(t, rows.Close())
	if s := strings.Join(got, " "); s != "a,'x'=1 sum(a)=3" {
		t.Error(s)
	}
	if n := ask[int](t, db, "SELECT count(*) FROM t"); n != 0 {
		t.Error("the last statement was not run")
	}
	rows, err = db.Query("  -- nothing\n")
	must(t, err)
	if rows.Next() || rows.Err() != nil {
		t.Error("rows of nothing")
	}
	_, err = db.Query("SELECT 1; SELECT nope")
	must(t, err)
}

func TestOneConnectionInTransaction(t *testing.T) {
	db := openName(t, ":memory:")
	db.SetMaxOpenConns(1)
	for _, q := range []string{"CREATE TABLE t(a)", "BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"} {
		_, err := db.Exec(q)
		must(t, err)
	}
	if n := ask[int](t, db, "SELECT count(*) FROM t"); n != 1 {
		t.Error(n)
	}
}

func TestConnectHook(t *testing.T) {
	c, err := (&rustlite.Driver{ConnectHook: func(c *rustlite.DriverConn) error {
		return c.RegisterFunc("twice", func(x int64) int64 { return 2 * x }, true)
	}}).OpenConnector(":memory:")
	must(t, err)
	db := sql.OpenDB(c)
	defer db.Close()
	for range 3 {
		conn, err := db.Conn(context.Background())
		must(t, err)
		defer conn.Close()
		var n int
		must(t, conn.QueryRowContext(context.Background(), "SELECT twice(21)").Scan(&n))
		if n != 42 {
			t.Error(n)
		}
	}
}

// _dqs=0 refuses texts in double quotes, but those that tables and indexes were
// defined with; the answers are those of modernc's driver.
func TestNoStringsInDoubleQuotes(t *testing.T) {
	const refused = "no such column: \"text\" - should this be a string literal in single-quotes?"
	name := filepath.Join(t.TempDir(), "a.rldb")
	db, err := sql.Open("rustlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE t(a TEXT DEFAULT "d", b CHECK (b <> "no"), c AS (a || "cc"));
		CREATE INDEX i ON t(a || "x"); CREATE INDEX j ON t(b) WHERE b <> "k"; CREATE VIEW v AS SELECT "text" AS x FROM t;
		CREATE TABLE u(a); CREATE TRIGGER g AFTER INSERT ON u WHEN new.a = "text" BEGIN SELECT 1; END`); err != nil {
		t.Fatal(err)
	}
	strict, err := sql.Open("rustlite", name+"?_dqs=0")
	if err != nil {
		t.Fatal(err)
	}
	defer strict.Close()
	for _, c := range []struct{ sql, want string }{
		{`SELECT "text"`, refused},
		{`SELECT "a" FROM t`, ""},
		{`SELECT a FROM t WHERE a = "text"`, refused},
		{`INSERT INTO t(a) VALUES ("text")`, refused},
		{`INSERT INTO u VALUES (1)`, refused},
		{`INSERT INTO t(b) VALUES ('no')`, "CHECK constraint failed: b <> \"no\""},
		{`INSERT INTO t(b) VALUES ('yes')`, ""},
		{`UPDATE t SET a = 'e'`, ""},
		{`SELECT c FROM t WHERE c = 'ecc'`, ""},
		{`SELECT count(*) FROM t WHERE b <> 'k'`, ""},
		{`SELECT x FROM v`, refused},
		{`CREATE TABLE w(a CHECK (a <> "text"))`, refused},
		{`CREATE TABLE w(a DEFAULT "x", b AS ("text"))`, refused},
		{`CREATE TABLE w(a DEFAULT "x")`, ""},
		{`CREATE INDEX k ON t("text")`, refused},
		{`CREATE INDEX k ON t(a || "text")`, refused},
		{`CREATE INDEX k ON t(a) WHERE a > "text"`, refused},
		{`CREATE INDEX k ON t("a")`, ""},
		{`CREATE VIEW x AS SELECT "text"`, ""},
		{`SELECT * FROM x`, refused},
		{`CREATE TABLE s AS SELECT "text"`, refused},
		{`ALTER TABLE w ADD COLUMN z CHECK (z <> "no")`, ""},
		{`DELETE FROM t RETURNING "text"`, refused},
		{`SELECT a FROM t ORDER BY "text"`, refused},
		{`PRAGMA integrity_check`, ""},
	} {
		got := ""
		if _, err := strict.Exec(c.sql); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.sql, got, c.want)
		}
	}
	var text string
	if err := db.QueryRow(`SELECT "text"`).Scan(&text); err != nil || text != "text" {
		t.Errorf("beside it: %q, %v", text, err)
	}
}
