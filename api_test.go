package rustlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite"
)

// Goal: the native API does what its comments say. Method: small stories on databases in memory, and in a
// file where the file matters.

var ctx = context.Background()

func openMemory(t testing.TB) *rustlite.DB {
	t.Helper()
	return open(t, ":memory:", nil)
}

func open(t testing.TB, path string, opts *rustlite.Options) *rustlite.DB {
	t.Helper()
	db, err := rustlite.Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (rustlite.Result, error)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (*rustlite.Rows, error)
}

func exec(t testing.TB, db execer, sql string, args ...any) rustlite.Result {
	t.Helper()
	res, err := db.Exec(ctx, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return res
}

func begin(t testing.TB, db *rustlite.DB, opts *rustlite.TxOptions) *rustlite.Tx {
	t.Helper()
	tx, err := db.Begin(ctx, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback() })
	return tx
}

// query returns all rows.
func query(t testing.TB, db querier, sql string, args ...any) [][]any {
	t.Helper()
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rest(t, rows)
}

func rest(t testing.TB, rows *rustlite.Rows) [][]any {
	t.Helper()
	var all [][]any
	for rows.Next() {
		var row []any
		for i := range rows.Columns() {
			row = append(row, rows.Row().Any(i))
		}
		all = append(all, row)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

func want(t testing.TB, got [][]any, rows ...[]any) {
	t.Helper()
	if diff := cmp.Diff(rows, got); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
}

func wantCode(t testing.TB, err error, code rustlite.Code) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Errorf("error %v, want code %d", err, int(code))
	}
}

type row = []any

func TestOpenClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rldb")
	if _, err := rustlite.Open(path, &rustlite.Options{MustExist: true}); !errors.Is(err, rustlite.ErrCantOpen) {
		t.Errorf("a missing file opened: %v", err)
	}
	db := open(t, path, nil)
	exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (1)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if _, err := db.Exec(ctx, "SELECT 1"); !errors.Is(err, rustlite.ErrMisuse) {
		t.Errorf("use after close: %v", err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("a clean close leaves %v, %v", files, err)
	}
	want(t, query(t, open(t, path, nil), "SELECT a FROM t"), row{int64(1)})
	if _, err := rustlite.Open(path, &rustlite.Options{PageSize: 1000}); !errors.Is(err, rustlite.ErrMisuse) {
		t.Errorf("page size 1000: %v", err)
	}
}

func TestMemoryIsPrivate(t *testing.T) {
	a, b := openMemory(t), openMemory(t)
	exec(t, a, "CREATE TABLE t(a)")
	if _, err := b.Query(ctx, "SELECT * FROM t"); err == nil {
		t.Error("one :memory: database sees the other's table")
	}
}

func TestOpensShareOneEngine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rldb")
	a, b := open(t, path, nil), open(t, path, nil)
	exec(t, a, "CREATE TABLE t(a); INSERT INTO t VALUES (1)")
	want(t, query(t, b, "SELECT a FROM t"), row{int64(1)})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	exec(t, b, "INSERT INTO t VALUES (2)")
	want(t, query(t, b, "SELECT count(*) FROM t"), row{int64(2)})
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.rldb")
	db := open(t, path, nil)
	exec(t, db, "CREATE TABLE t(a)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, path, &rustlite.Options{ReadOnly: true})
	_, err := db.Exec(ctx, "INSERT INTO t VALUES (1)")
	wantCode(t, err, rustlite.ErrReadOnly)
	want(t, query(t, db, "SELECT count(*) FROM t"), row{int64(0)})
	err = openMemory(t).View(ctx, func(tx *rustlite.Tx) error {
		_, err := tx.Exec(ctx, "CREATE TABLE t(a)")
		return err
	})
	wantCode(t, err, rustlite.ErrReadOnly)
	if err != nil && err.Error() != "attempt to write a readonly database" {
		t.Errorf("text %q", err)
	}
}

func TestExecSharesOutArguments(t *testing.T) {
	db := openMemory(t)
	res := exec(t, db, "CREATE TABLE t(a, b); INSERT INTO t VALUES (?, ?); INSERT INTO t VALUES (?, 'x'), (?, 'y')", 1, 2, 3, 4)
	if res.LastInsertID != 3 || res.RowsAffected != 2 {
		t.Errorf("result %+v", res)
	}
	want(t, query(t, db, "SELECT a, b FROM t"), row{int64(1), int64(2)}, row{int64(3), "x"}, row{int64(4), "y"})
	_, err := db.Exec(ctx, "INSERT INTO t VALUES (?, ?)", 1)
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Exec(ctx, "INSERT INTO t VALUES (?, ?)", 1, 2, 3)
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Query(ctx, "INSERT INTO t VALUES (?, ?)", 1, 2, 3)
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Exec(ctx, "-- nothing", 1)
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Query(ctx, "SELECT ?", 1, 2)
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Query(ctx, "SELECT ?")
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Query(ctx, "SELECT 1; SELECT 2")
	wantCode(t, err, rustlite.ErrMisuse)
	_, err = db.Query(ctx, " -- nothing")
	wantCode(t, err, rustlite.ErrMisuse)
	want(t, query(t, db, "SELECT count(*) FROM t; -- a comment"), row{int64(3)})
}

func TestParameters(t *testing.T) {
	db := openMemory(t)
	for _, c := range []struct {
		sql  string
		args []any
		want row
	}{
		{"SELECT ?, ?", []any{1, "b"}, row{int64(1), "b"}},
		{"SELECT ?2, ?1, ?2", []any{1, 2}, row{int64(2), int64(1), int64(2)}},
		{"SELECT ?2, ?", []any{1, 2, 3}, row{int64(2), int64(3)}},
		{"SELECT :a, @b, $c", []any{1, 2, 3}, row{int64(1), int64(2), int64(3)}},
		{"SELECT :a, @b, $c, :a", []any{sql.Named("c", 3), sql.Named("a", 1), rustlite.Named("b", 2)}, row{int64(1), int64(2), int64(3), int64(1)}},
		{"SELECT :a, ?", []any{sql.Named("a", 1), 2}, row{int64(1), int64(2)}},
		{"SELECT ?, :a", []any{2, sql.Named("a", 1)}, row{int64(2), int64(1)}},
	} {
		rows, err := db.Query(ctx, c.sql, c.args...)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if diff := cmp.Diff([][]any{c.want}, rest(t, rows)); diff != "" {
			t.Errorf("%s\n%s", c.sql, diff)
		}
	}
	_, err := db.Query(ctx, "SELECT :a", sql.Named("b", 1))
	wantCode(t, err, rustlite.ErrRange)
	_, err = db.Query(ctx, "SELECT ?", struct{}{})
	wantCode(t, err, rustlite.ErrMismatch)
	_, err = db.Query(ctx, "SELECT ?", uint64(1)<<63)
	wantCode(t, err, rustlite.ErrRange)
}

func TestVerbs(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
	st, err := db.Prepare(ctx, "INSERT INTO t(b) VALUES (?)")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for i := range 3 {
		if res, err := st.Exec(ctx, i); err != nil || res.LastInsertID != int64(i+1) || res.RowsAffected != 1 {
			t.Errorf("insert %d: %+v %v", i, res, err)
		}
	}
	if _, err := st.Exec(ctx); !errors.Is(err, rustlite.ErrRange) {
		t.Errorf("no argument: %v", err)
	}
	if _, err := st.Exec(ctx, 1, 2); !errors.Is(err, rustlite.ErrRange) {
		t.Errorf("two arguments: %v", err)
	}
	want(t, query(t, db, "SELECT count(*) FROM t"), row{int64(3)})
	var seen []int64
	for r, err := range db.All(ctx, "SELECT a FROM t ORDER BY a DESC") {
		if err != nil {
			t.Fatal(err)
		}
		if seen = append(seen, r.Int64(0)); len(seen) == 2 {
			break
		}
	}
	if !slices.Equal(seen, []int64{3, 2}) {
		t.Errorf("All gave %v", seen)
	}
	for _, err := range db.All(ctx, "SELECT missing") {
		wantCode(t, err, rustlite.ErrError)
	}
	failed := errors.New("no")
	err = db.Update(ctx, func(tx *rustlite.Tx) error {
		exec(t, tx, "DELETE FROM t")
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("Update returned %v", err)
	}
	func() {
		const bug = "the caller's own"
		defer func() {
			if got := recover(); got != bug {
				t.Errorf("recovered %v", got)
			}
		}()
		db.Update(ctx, func(tx *rustlite.Tx) error {
			exec(t, tx, "DELETE FROM t")
			panic(bug)
		})
	}()
	want(t, query(t, db, "SELECT count(*) FROM t"), row{int64(3)})
	if err := db.Update(ctx, func(tx *rustlite.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM t WHERE a = ?", 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.View(ctx, func(tx *rustlite.Tx) error {
		want(t, query(t, tx, "SELECT a FROM t"), row{int64(2)}, row{int64(3)})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	tx := begin(t, db, nil)
	ts, err := tx.Prepare(ctx, "SELECT b FROM t WHERE a = ?")
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range ts.All(ctx, 3) {
		if err != nil || r.Int64(0) != 2 {
			t.Errorf("%v, %v", r, err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = ts.Query(ctx, 3)
	wantCode(t, err, rustlite.ErrMisuse)
	_, err = tx.Exec(ctx, "SELECT 1")
	wantCode(t, err, rustlite.ErrMisuse)
	wantCode(t, tx.Commit(ctx), rustlite.ErrMisuse)
	if err := tx.Rollback(); err != nil {
		t.Errorf("rollback after commit: %v", err)
	}
	for text, ends := range map[string]bool{"SELECT 1;": true, "SELECT 1": false, "SELECT ';": false} {
		if rustlite.Complete(text) != ends {
			t.Errorf("Complete(%q) = %v", text, !ends)
		}
	}
}

// Rows stay what they were when the statement began, or at least whole, while the transaction writes.
func TestRowsWhileWriting(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT); CREATE TABLE log(a, b)")
	tx := begin(t, db, nil)
	for i := range 500 {
		exec(t, tx, "INSERT INTO t VALUES (?, ?)", i, fmt.Sprint("text ", i))
	}
	rows, err := tx.Query(ctx, "SELECT a, b FROM t ORDER BY a")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; rows.Next(); n++ {
		text := rows.Row().Text(1)
		exec(t, tx, "INSERT INTO log VALUES (?, ?)", rows.Row().Int64(0), text)
		exec(t, tx, "UPDATE t SET b = 'changed and longer' WHERE a = ?", rows.Row().Int64(0))
		if text != fmt.Sprint("text ", n) || rows.Row().Text(1) != text {
			t.Fatalf("row %d is %q, then %q", n, text, rows.Row().Text(1))
		}
	}
	if err := rows.Close(); err != nil || n != 500 {
		t.Fatal(n, err)
	}
	want(t, query(t, tx, "SELECT count(*) FROM log"), row{int64(500)})
}

func TestRowsAcrossTheEnd(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a)")
	tx := begin(t, db, nil)
	exec(t, tx, "INSERT INTO t VALUES (1), (2), (3)")
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	exec(t, c, "BEGIN")
	rows, err := c.Query(ctx, "SELECT a FROM t")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	exec(t, c, "INSERT INTO t VALUES (4)")
	exec(t, c, "COMMIT")
	if got := rows.Row().Int64(0); got != 1 {
		t.Errorf("the row after COMMIT is %d", got)
	}
	if got := rest(t, rows); len(got) < 2 || !cmp.Equal(got[:2], [][]any{{int64(2)}, {int64(3)}}) {
		t.Errorf("rows after COMMIT %v", got)
	}
	exec(t, c, "BEGIN")
	if rows, err = c.Query(ctx, "SELECT a FROM t"); err != nil || !rows.Next() {
		t.Fatal(err)
	}
	exec(t, c, "DELETE FROM t")
	exec(t, c, "ROLLBACK")
	if rows.Next() {
		t.Error("a row after ROLLBACK")
	}
	wantCode(t, rows.Err(), rustlite.ErrAbortRollback)
	rows.Close()
	want(t, query(t, c, "SELECT count(*) FROM t"), row{int64(4)})
}

func TestAccessors(t *testing.T) {
	db := openMemory(t)
	rows, err := db.Query(ctx, "SELECT 7 AS i, 2.5 AS r, '12abc' AS t, x'00ff' AS b, NULL AS n, '2024-05-06 07:08:09' AS d")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	defer rows.Close()
	r := rows.Row()
	if diff := cmp.Diff([]string{"i", "r", "t", "b", "n", "d"}, r.Columns()); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ got, want any }{
		{r.Len(), 6}, {r.Int64(0), int64(7)}, {r.Float64(0), 7.0}, {r.Text(0), "7"}, {r.Bool(0), true},
		{r.Int64(1), int64(2)}, {r.Text(1), "2.5"}, {r.Int64(2), int64(12)}, {r.Bytes(3), []byte{0, 255}}, {r.Raw(3), []byte{0, 255}},
		{r.IsNull(4), true}, {r.Int64(4), int64(0)}, {r.Text(4), ""}, {r.Bytes(4), []byte(nil)}, {r.Any(4), nil}, {r.Bool(4), false},
		{r.Kind(0), rustlite.Integer}, {r.Kind(1), rustlite.Real}, {r.Kind(2), rustlite.Text}, {r.Kind(3), rustlite.Blob}, {r.Kind(4), rustlite.Null},
		{r.Kind(3).String(), "blob"}, {r.Time(5), time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)}, {r.Time(4), time.Time{}},
		{r.Int64(99), int64(0)}, {r.Text(-1), ""}, {r.Any(99), nil},
	} {
		if !cmp.Equal(c.got, c.want) {
			t.Errorf("got %#v, want %#v", c.got, c.want)
		}
	}
}

func TestScan(t *testing.T) {
	db := openMemory(t)
	rows, err := db.Query(ctx, "SELECT 7, 2.5, 'x', x'01', NULL, 1")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	defer rows.Close()
	var (
		i8 int8
		f  float32
		s  string
		b  []byte
		p  *int
		ok bool
	)
	if err := rows.Scan(&i8, &f, &s, &b, &p, &ok); err != nil || i8 != 7 || f != 2.5 || s != "x" || !bytes.Equal(b, []byte{1}) || p != nil || !ok {
		t.Error(i8, f, s, b, p, ok, err)
	}
	var u uint
	var x, n any
	var ps *string
	var ns sql.NullString
	if err := rows.Scan(&u, &x, &ps, &b, &n, &ns); err != nil || u != 7 || x != 2.5 || ps == nil || *ps != "x" || n != nil || ns.String != "1" {
		t.Error(u, x, ps, n, ns, err)
	}
	if err := rows.Scan(&u, &x, &s, &b, &s, &ok); err == nil {
		t.Error("NULL went into a string")
	}
	if err := rows.Scan(&u); err == nil {
		t.Error("six columns went into one destination")
	}
	if err := rows.Scan(u, &x, &s, &b, &n, &ok); err == nil {
		t.Error("a destination that is no pointer")
	}
}

func TestRoundTrip(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(tm TIMESTAMP, ok BOOLEAN, b BLOB, e BLOB, s TEXT, n)")
	at := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.FixedZone("", 2*3600))
	exec(t, db, "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", at, true, []byte{1, 2}, []byte{}, "é\x00z", nil)
	rows, err := db.Query(ctx, "SELECT * FROM t")
	if err != nil || !rows.Next() {
		t.Fatal(err)
	}
	defer rows.Close()
	var (
		tm   time.Time
		ok   bool
		b, e []byte
		s    string
		n    *time.Time
	)
	if err := rows.Scan(&tm, &ok, &b, &e, &s, &n); err != nil {
		t.Fatal(err)
	}
	if !tm.Equal(at) || !rows.Row().Time(0).Equal(at) || !ok || !bytes.Equal(b, []byte{1, 2}) || e == nil || len(e) != 0 || s != "é\x00z" || n != nil {
		t.Error(tm, ok, b, e, s, n)
	}
	if got := rows.Row().Text(0); got != "2024-05-06 07:08:09.123456789+02:00" {
		t.Error(got)
	}
	want(t, query(t, db, "SELECT datetime(tm) FROM t"), row{"2024-05-06 05:08:09"})
}

// long is a query that runs for minutes.
const long = "SELECT count(*) FROM t AS a, t AS b, t AS c, t AS d WHERE a.a + b.a + c.a + d.a < 0"

func fill(t testing.TB, db *rustlite.DB, n int) {
	t.Helper()
	exec(t, db, "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b TEXT)")
	if err := db.Update(ctx, func(tx *rustlite.Tx) error {
		st, err := tx.Prepare(ctx, "INSERT INTO t(b) VALUES (?)")
		for i := 0; i < n && err == nil; i++ {
			_, err = st.Exec(ctx, fmt.Sprint("row ", i))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestCancel(t *testing.T) {
	db := openMemory(t)
	fill(t, db, 1000)
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, text := range []string{long, "SELECT sum(a.a) FROM t AS a, t AS b, t AS c ORDER BY 1", "CREATE TABLE x AS SELECT a.a FROM t AS a, t AS b, t AS c WHERE a.a + b.a + c.a < 0"} {
		short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		start := time.Now()
		_, err = c.Exec(short, text)
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("stopped after %v", took)
		}
		cancel()
		wantCode(t, err, rustlite.ErrInterrupt)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is not the context's error", err)
		}
		want(t, query(t, c, "SELECT count(*) FROM t"), row{int64(1000)})
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = c.Exec(ended, "INSERT INTO t(b) VALUES (1)")
	wantCode(t, err, rustlite.ErrInterrupt)
	want(t, query(t, c, "SELECT count(*) FROM t"), row{int64(1000)})
}

func TestWaitForTheWriter(t *testing.T) {
	db := open(t, ":memory:", &rustlite.Options{BusyTimeout: 40 * time.Millisecond})
	exec(t, db, "CREATE TABLE t(a)")
	tx := begin(t, db, &rustlite.TxOptions{Immediate: true})
	_, err := db.Exec(ctx, "INSERT INTO t VALUES (1)")
	wantCode(t, err, rustlite.ErrBusy)
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err = db.Exec(short, "INSERT INTO t VALUES (1)")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a deadline while waiting: %v", err)
	}
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	exec(t, c, "PRAGMA busy_timeout = 20")
	_, err = c.Exec(ctx, "INSERT INTO t VALUES (1)")
	wantCode(t, err, rustlite.ErrBusy)
	if err != nil && err.Error()[:18] != "database is locked" {
		t.Errorf("text %q", err)
	}
	_, err = c.Exec(ctx, "BEGIN IMMEDIATE")
	wantCode(t, err, rustlite.ErrBusy)
	want(t, query(t, c, "SELECT count(*) FROM t"), row{int64(0)})
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	exec(t, c, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1); COMMIT")
}

func TestSnapshot(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (1)")
	reader := begin(t, db, &rustlite.TxOptions{ReadOnly: true})
	plain := begin(t, db, nil)
	want(t, query(t, plain, "SELECT count(*) FROM t"), row{int64(1)})
	exec(t, db, "INSERT INTO t VALUES (2); CREATE TABLE u(a)")
	want(t, query(t, reader, "SELECT count(*) FROM t"), row{int64(1)})
	if _, err := reader.Query(ctx, "SELECT * FROM u"); err == nil {
		t.Error("a reader sees a table of a later commit")
	}
	_, err := plain.Exec(ctx, "INSERT INTO t VALUES (3)")
	wantCode(t, err, rustlite.ErrBusySnapshot)
	wantCode(t, err, rustlite.ErrBusy)
	want(t, query(t, plain, "SELECT count(*) FROM t"), row{int64(1)})
	if err := plain.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, query(t, db, "SELECT count(*) FROM t"), row{int64(2)})
	// A plain BEGIN whose first statement writes never meets it.
	late := begin(t, db, nil)
	exec(t, db, "INSERT INTO t VALUES (4)")
	exec(t, late, "INSERT INTO t VALUES (5)")
	if err := late.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	want(t, query(t, db, "SELECT group_concat(a) FROM t"), row{"1,2,4,5"})
}

func TestSavepoints(t *testing.T) {
	db := openMemory(t)
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	exec(t, c, "CREATE TABLE t(a); BEGIN; SAVEPOINT one; INSERT INTO t VALUES (1); SAVEPOINT two; INSERT INTO t VALUES (2)")
	exec(t, c, "ROLLBACK TO two; INSERT INTO t VALUES (3); RELEASE two")
	want(t, query(t, c, "SELECT a FROM t"), row{int64(1)}, row{int64(3)})
	exec(t, c, "ROLLBACK TO one; INSERT INTO t VALUES (4); COMMIT")
	want(t, query(t, db, "SELECT a FROM t"), row{int64(4)})
	exec(t, c, "SAVEPOINT outer; CREATE TABLE u(a); SAVEPOINT x; DROP TABLE t; ROLLBACK TO x; INSERT INTO t VALUES (5); INSERT INTO u VALUES (1); RELEASE outer")
	want(t, query(t, db, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM u)"), row{int64(2), int64(1)})
	_, err = c.Exec(ctx, "RELEASE wrong")
	if err == nil || err.Error() != "no such savepoint: wrong" {
		t.Error(err)
	}
	_, err = c.Exec(ctx, "COMMIT")
	if err == nil || err.Error() != "cannot commit - no transaction is active" {
		t.Error(err)
	}
	_, err = c.Exec(ctx, "BEGIN; BEGIN")
	if err == nil || err.Error() != "cannot start a transaction within a transaction" {
		t.Error(err)
	}
	exec(t, c, "ROLLBACK")
}

func TestSchemaRolledBack(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (1)")
	tx := begin(t, db, nil)
	exec(t, tx, "CREATE TABLE u(a); CREATE INDEX t_a ON t(a); INSERT INTO u SELECT a FROM t; DROP TABLE t")
	if _, err := tx.Query(ctx, "SELECT * FROM t"); err == nil {
		t.Error("a dropped table is read")
	}
	want(t, query(t, db, "SELECT a FROM t"), row{int64(1)})
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	want(t, query(t, db, "SELECT name FROM sqlite_schema"), row{"t"})
	if _, err := db.Query(ctx, "SELECT * FROM u"); err == nil {
		t.Error("a table outlived its transaction")
	}
	want(t, query(t, db, "PRAGMA integrity_check"), row{"ok"})
}

func TestSchemaChangedByAnother(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a); INSERT INTO t VALUES (1)")
	st, err := db.Prepare(ctx, "SELECT * FROM t")
	if err != nil {
		t.Fatal(err)
	}
	read := func() [][]any {
		rows, err := st.Query(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return rest(t, rows)
	}
	want(t, read(), row{int64(1)})
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	exec(t, c, "BEGIN; DROP TABLE t; CREATE TABLE t(x, y); INSERT INTO t VALUES (2, 3)")
	want(t, read(), row{int64(1)})
	exec(t, c, "COMMIT")
	want(t, read(), row{int64(2), int64(3)})
	exec(t, c, "DROP TABLE t")
	if _, err := st.Query(ctx); err == nil || err.Error() != "no such table: t" {
		t.Error(err)
	}
}

// Settings of one borrower of a connection do not reach the next.
func TestSettingsStay(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "PRAGMA busy_timeout = 1; PRAGMA case_sensitive_like = ON")
	want(t, query(t, db, "PRAGMA busy_timeout"), row{int64(5000)})
	want(t, query(t, db, "SELECT 'a' LIKE 'A'"), row{int64(1)})
	exec(t, db, "BEGIN; CREATE TABLE t(a)")
	if _, err := db.Query(ctx, "SELECT * FROM t"); err == nil {
		t.Error("a transaction outlived its Exec")
	}
}

func TestManyGoroutines(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)")
	st, err := db.Prepare(ctx, "SELECT count(*), coalesce(sum(b), 0) FROM t")
	if err != nil {
		t.Fatal(err)
	}
	const writers, each = 4, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := db.Exec(ctx, "INSERT INTO t(b) VALUES (1), (1)"); err != nil {
					t.Error(err)
				}
				if w == 0 && i%8 == 0 {
					if _, err := db.Exec(ctx, fmt.Sprintf("CREATE INDEX x%d ON t(b)", i)); err != nil {
						t.Error(err)
					}
				}
			}
		})
		wg.Go(func() {
			for range each {
				for r, err := range st.All(ctx) {
					if err != nil || r.Int64(0) != r.Int64(1) || r.Int64(0)%2 != 0 {
						t.Error(r, err)
					}
				}
			}
		})
	}
	wg.Wait()
	want(t, query(t, db, "SELECT count(*) FROM t"), row{int64(2 * writers * each)})
	want(t, query(t, db, "PRAGMA integrity_check"), row{"ok"})
}

// A row that is read costs no allocation.
func TestAllocsPerRow(t *testing.T) {
	db := openMemory(t)
	fill(t, db, 5000)
	// The least of a few runs: a pool may forget a connection, by chance under the race detector, and the
	// buffers of a new one grow. An allocation for each row is in all of them.
	least := func(text string, rows int) float64 {
		m := math.Inf(1)
		for range 8 {
			m = min(m, testing.AllocsPerRun(1, func() { drain(t, db, text, rows) }))
		}
		return m
	}
	perRow := func(text string) float64 { return (least(text, 5000) - least(text, 1000)) / 4000 }
	for _, text := range []string{
		"SELECT a, b FROM t LIMIT ?", "SELECT a, b FROM t WHERE a > 0 LIMIT ?", "SELECT x.a, y.b FROM t AS x, t AS y WHERE y.a = x.a LIMIT ?",
	} {
		if got := perRow(text); got > 0.001 {
			t.Errorf("%s: %v allocations a row", text, got)
		}
	}
}

func drain(t testing.TB, db *rustlite.DB, text string, n int) {
	rows, err := db.Query(ctx, text, n)
	if err != nil {
		t.Fatal(err)
	}
	seen, bytes := 0, 0
	for rows.Next() {
		seen++
		bytes += len(rows.Row().Raw(1)) + int(rows.Row().Int64(0))
	}
	if err := rows.Close(); err != nil || seen != n {
		t.Fatal(seen, err)
	}
}

// Of rows that compare equal a compound shows the one that the reference shows.
func TestCompoundShowsOneOfEqualRows(t *testing.T) {
	db := openMemory(t)
	exec(t, db, "CREATE TABLE p(name TEXT COLLATE NOCASE); CREATE TABLE q(name TEXT COLLATE NOCASE); INSERT INTO p VALUES ('A'), ('a'); INSERT INTO q VALUES ('a')")
	for text, one := range map[string]any{
		"SELECT name FROM p UNION SELECT name FROM q":       "a",
		"SELECT name FROM q UNION SELECT name FROM p":       "A",
		"SELECT name FROM p EXCEPT SELECT 'x'":              "A",
		"SELECT name FROM p INTERSECT SELECT name FROM q":   "A",
		"SELECT 1 UNION SELECT 1.0":                         1.0,
		"SELECT 1 INTERSECT SELECT 1.0":                     int64(1),
		"SELECT * FROM (VALUES (1), (1.0)) EXCEPT SELECT 5": int64(1),
	} {
		got := query(t, db, text)
		if len(got) != 1 || got[0][0] != one {
			t.Errorf("%s: %v, want %v", text, got, one)
		}
	}
}
