package driver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/rustlite/rustlite"
)

// querier is a *sql.DB, *sql.Conn or *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// session is one run on one of the two drivers.
type session struct {
	db    *sql.DB
	ours  bool
	lines []string
}

var ctx = context.Background()

func (s *session) printf(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}

// fail writes an error down and reports whether there is one.
func (s *session) fail(what string, err error) bool {
	if err != nil {
		s.printf("%s: %s", what, describe(err))
	}
	return err != nil
}

// exec runs a statement.
func (s *session) exec(q querier, query string, args ...any) {
	res, err := q.ExecContext(ctx, query, args...)
	s.result(query, res, err)
}

func (s *session) result(query string, res sql.Result, err error) {
	if s.fail(query, err) {
		return
	}
	id, _ := res.LastInsertId()
	n, _ := res.RowsAffected()
	s.printf("%s: id %d, %d rows", query, id, n)
}

// query runs a statement and scans its rows, each column into what dest makes,
// and reports whether it succeeded.
func (s *session) query(q querier, dest func() any, query string, args ...any) bool {
	rows, err := q.QueryContext(ctx, query, args...)
	return s.rows(query, rows, err, dest)
}

func (s *session) rows(query string, rows *sql.Rows, err error, dest func() any) bool {
	if s.fail(query, err) {
		return false
	}
	s.printf("%s:", query)
	for s.next(rows, dest) {
	}
	failed := s.fail("  end", rows.Err())
	return !s.fail("  close", rows.Close()) && !failed
}

// next scans one row.
func (s *session) next(rows *sql.Rows, dest func() any) bool {
	if !rows.Next() {
		return false
	}
	names, err := rows.Columns()
	if s.fail("columns", err) {
		return false
	}
	into := make([]any, len(names))
	for i := range into {
		into[i] = dest()
	}
	if s.fail("  scan", rows.Scan(into...)) {
		return true
	}
	var line []string
	for i, d := range into {
		line = append(line, names[i]+"="+show(reflect.ValueOf(d).Elem()))
	}
	s.printf("  %s", strings.Join(line, " "))
	return true
}

// types writes down the types of a query's columns.
func (s *session) types(query string) {
	rows, err := s.db.Query(query)
	if s.fail(query, err) {
		return
	}
	defer rows.Close()
	list, err := rows.ColumnTypes()
	if s.fail("types", err) {
		return
	}
	for _, c := range list {
		length, hasLength := c.Length()
		precision, scale, decimal := c.DecimalSize()
		scan := c.ScanType()
		if scan == reflect.TypeFor[*any]() {
			scan = scan.Elem() // Ours says any, which holds every value as it is.
		}
		s.printf("type of %s: %s, %s, length %d %t, decimal %d %d %t", c.Name(), c.DatabaseTypeName(), scan, length, hasLength, precision, scale, decimal)
	}
}

func anything() any { return new(any) }

// custom is a sql.Scanner and a driver.Valuer.
type custom struct{ got any }

func (c *custom) Scan(v any) error {
	if v == int64(13) {
		return errors.New("thirteen is refused")
	}
	if b, ok := v.([]byte); ok {
		v = append([]byte{}, b...)
	}
	c.got = v
	return nil
}

func (c custom) Value() (driver.Value, error) { return c.got, nil }

// show writes a value with its Go type.
func show(v reflect.Value) string {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "nil"
		}
		return show(v.Elem())
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return fmt.Sprintf("time(%s %s)", x.Format(time.RFC3339Nano), x.Location())
	case []byte:
		if x == nil {
			return "[]byte(nil)"
		}
		return fmt.Sprintf("[]byte(%q)", x)
	case sql.RawBytes:
		return fmt.Sprintf("raw(%q)", []byte(x))
	case custom:
		if x.got == nil {
			return "custom(nil)"
		}
		return "custom(" + show(reflect.ValueOf(x.got)) + ")"
	case sql.NullTime:
		return fmt.Sprintf("{%s %t}", show(reflect.ValueOf(x.Time)), x.Valid)
	case string:
		return fmt.Sprintf("%q", x)
	default:
		return fmt.Sprintf("%T(%v)", x, x)
	}
}

// describe writes an error with its codes.
func describe(err error) string {
	var theirs sqlite3.Error
	var own *rustlite.Error
	switch {
	case errors.As(err, &theirs):
		extended := int(theirs.ExtendedCode)
		if extended == 0 {
			extended = int(theirs.Code)
		}
		return fmt.Sprintf("error %d %d: %s", theirs.Code, extended, err)
	case errors.As(err, &own):
		return fmt.Sprintf("error %d %d: %s", own.Code(), own.ExtendedCode(), err)
	default:
		return "error: " + err.Error()
	}
}

// run runs a session on a fresh database of a driver.
func run(driverName, name string, f func(*session)) (lines []string, err error) {
	db, err := sql.Open(driverName, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s := &session{db: db, ours: driverName == "rustlite"}
	f(s)
	return s.lines, nil
}

// compare runs a session on both, on files in two directories, and returns the
// first lines that differ, "" for none. purpose holds the lines of the reference
// that are others on purpose, and ours.
func compare(dirs [2]string, settings string, purpose map[string]string, f func(*session)) (string, error) {
	var lines [2][]string
	for i, name := range []string{"sqlite3", "rustlite"} {
		var err error
		if lines[i], err = run(name, "file:"+dirs[i]+"/db?"+settings, f); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
	}
	var differ []string
	for i := range max(len(lines[0]), len(lines[1])) {
		theirs, ours := "(end)", "(end)"
		if i < len(lines[0]) {
			theirs = lines[0][i]
		}
		if i < len(lines[1]) {
			ours = lines[1][i]
		}
		if want, ok := purpose[theirs]; ok {
			theirs = want
		}
		if theirs != ours {
			differ = append(differ, fmt.Sprintf("line %d\n  reference: %s\n  ours:      %s", i+1, theirs, ours))
		}
	}
	return strings.Join(differ[:min(len(differ), 20)], "\n"), nil
}
