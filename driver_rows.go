package rustlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/rustlite/rustlite/parser/ast"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// sqlRows are the rows of a statement, and of those behind it in its text.
type sqlRows struct {
	conn   *DriverConn
	rows   *Rows   // nil when no statement gave rows.
	script *script // The statements that follow, nil for none.
	shapes []shape // How columns are shown, by their declared types.
	names  []string

	// Memory of the fields above, so that rows of a few columns are one piece.
	first    Rows
	shapeBuf [columnsFew]shape
	nameBuf  [columnsFew]string
}

const columnsFew = 8

var (
	_ driver.Rows                           = (*sqlRows)(nil)
	_ driver.RowsNextResultSet              = (*sqlRows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*sqlRows)(nil)
	_ driver.RowsColumnTypeNullable         = (*sqlRows)(nil)
	_ driver.RowsColumnTypeScanType         = (*sqlRows)(nil)
)

// shape is what a column's values become in Go.
type shape uint8

const (
	shapePlain shape = iota
	shapeTime
	shapeBool
)

func shapeOf(declared string) shape {
	name := ""
	switch len(declared) {
	case len("date"):
		name = "date"
	case len("boolean"):
		if value.EqualFold(declared, "boolean") {
			return shapeBool
		}
	case len("datetime"):
		name = "datetime"
	case len("timestamp"):
		name = "timestamp"
	}
	if name != "" && value.EqualFold(declared, name) {
		return shapeTime
	}
	return shapePlain
}

// Columns returns the names of the columns.
func (r *sqlRows) Columns() []string {
	if r.rows != nil && r.names == nil {
		r.names = r.nameBuf[:0]
		for i := range r.rows.row.cols {
			r.names = append(r.names, r.rows.row.cols[i].Name)
		}
	}
	return r.names
}

// Close ends the statement; the statements behind it are run.
func (r *sqlRows) Close() error {
	var err error
	if r.rows != nil {
		err = r.rows.Close()
	}
	for err == nil && r.script != nil && r.script.more() {
		var rows *Rows
		if rows, err = r.script.next(); rows != nil {
			err = rows.Close()
		}
	}
	return err
}

// Next shows the next row.
func (r *sqlRows) Next(dest []driver.Value) error {
	if err := r.advance(); err != nil {
		return err
	}
	for i := range dest {
		dest[i] = r.value(i)
	}
	return nil
}

// advance moves to the next row; io.EOF is the end.
func (r *sqlRows) advance() error {
	if r.rows == nil {
		return io.EOF
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	if r.shapes == nil {
		r.shapes = r.shapeBuf[:0]
		for i := range r.rows.row.cols {
			r.shapes = append(r.shapes, shapeOf(r.rows.row.cols[i].DeclType))
		}
	}
	return nil
}

// value is column i of the row as its declared type shows it.
func (r *sqlRows) value(i int) driver.Value {
	v := &r.rows.row.vals[i]
	switch shape := r.shapes[i]; {
	case shape == shapePlain:
	case shape == shapeBool && v.Kind() == value.Int:
		return v.Int() > 0
	case shape == shapeTime && (v.Kind() == value.Int || v.Kind() == value.Text):
		return r.conn.source.time(v)
	}
	return r.conn.conn.boxes.Any(v)
}

// time reads a time as the column's declared type asks: the zero time when it
// is none. Integers are seconds since 1970, large ones milliseconds, unless
// the data source says what they are.
func (d *dataSource) time(v *value.Value) time.Time {
	t, _ := asTime(v)
	if v.Kind() == value.Int {
		switch n := v.Int(); {
		case d.intTimes && d.timeUnit == time.Microsecond:
			t = time.UnixMicro(n).UTC()
		case d.intTimes && d.timeUnit == time.Nanosecond:
			t = time.Unix(0, n).UTC()
		case d.intTimes && d.timeUnit == time.Millisecond, !d.intTimes && (n > 1e12 || n < -1e12):
			t = time.UnixMilli(n).UTC()
		}
	}
	if d.location != nil {
		t = t.In(d.location)
	}
	return t
}

// HasNextResultSet reports whether a statement that gives rows follows.
func (r *sqlRows) HasNextResultSet() bool { return r.script != nil && r.script.rowsAhead() }

// NextResultSet moves to the rows of the next statement that gives any.
func (r *sqlRows) NextResultSet() error {
	if !r.HasNextResultSet() {
		return io.EOF
	}
	if err := r.rows.Close(); err != nil {
		return err
	}
	rows, err := r.script.next()
	if err != nil {
		return err
	}
	if rows == nil {
		return io.EOF
	}
	r.rows, r.shapes, r.names = rows, nil, nil
	return nil
}

func (r *sqlRows) column(i int) vm.Column { return r.rows.row.cols[i] }

// ColumnTypeDatabaseTypeName returns the declared type of a column.
func (r *sqlRows) ColumnTypeDatabaseTypeName(i int) string { return r.column(i).DeclType }

// ColumnTypeNullable reports whether a column may be NULL; ok is false for
// expressions.
func (r *sqlRows) ColumnTypeNullable(i int) (nullable, ok bool) {
	c := r.column(i)
	return !c.NotNull, c.Table != ""
}

// ColumnTypeScanType returns the type that holds all values which the declared
// type lets expect.
func (r *sqlRows) ColumnTypeScanType(i int) reflect.Type {
	switch t := strings.ToUpper(r.column(i).DeclType); {
	case strings.Contains(t, "INT"):
		return reflect.TypeFor[sql.NullInt64]()
	case t == "CLOB", t == "TEXT", strings.Contains(t, "CHAR"):
		return reflect.TypeFor[sql.NullString]()
	case t == "BLOB":
		return reflect.TypeFor[sql.RawBytes]()
	case t == "REAL", t == "FLOAT", t == "NUMERIC", strings.Contains(t, "DOUBLE"), strings.Contains(t, "DECIMAL"):
		return reflect.TypeFor[sql.NullFloat64]()
	case t == "DATE", t == "DATETIME", t == "TIMESTAMP":
		return reflect.TypeFor[sql.NullTime]()
	case t == "BOOLEAN":
		return reflect.TypeFor[sql.NullBool]()
	default:
		return reflect.TypeFor[any]()
	}
}

// script is a text of several statements on its way through a query.
type script struct {
	ctx  context.Context
	conn *DriverConn
	sql  string
	at   int
	// ahead is the next statement, parsed already.
	ahead *statement
	err   error
	args  *arguments // Of its own: the connection serves others in between.
}

func newScript(ctx context.Context, c *DriverConn, sql string, a *arguments) (*script, error) {
	s := &script{ctx: ctx, conn: c, sql: sql}
	s.parse()
	if s.err != nil {
		return nil, s.err
	}
	own := *a
	own.list, own.named = slices.Clone(a.list), maps.Clone(a.named)
	s.args = &own
	return s, nil
}

func (s *script) parse() {
	s.ahead, s.at, s.err = parse(s.sql, s.at)
}

func (s *script) more() bool { return s.ahead != nil || s.err != nil }

// rowsAhead reports whether a statement behind gives rows, as its form says.
func (s *script) rowsAhead() bool {
	ahead := *s
	for ahead.ahead != nil {
		if givesRows(ahead.ahead.ast) {
			return true
		}
		ahead.parse()
	}
	return ahead.err != nil // To be told by the next result set.
}

func givesRows(n ast.Stmt) bool {
	switch n := n.(type) {
	case *ast.Select, *ast.Explain, *ast.Pragma:
		return true
	case *ast.Insert:
		return len(n.Returning) > 0
	case *ast.Update:
		return len(n.Returning) > 0
	case *ast.Delete:
		return len(n.Returning) > 0
	}
	return false
}

// next runs the statements up to the first that gives rows, and starts that;
// nil when there is none.
func (s *script) next() (*Rows, error) {
	c := s.conn.conn
	for s.ahead != nil {
		st := s.ahead
		s.parse()
		rows, err := c.queryWith(s.ctx, st, s.args)
		if err != nil {
			s.ahead, s.err = nil, nil
			return nil, err
		}
		if len(rows.row.cols) > 0 {
			return rows, nil
		}
		c.counted = false
		if err := rows.Close(); err != nil {
			s.ahead, s.err = nil, nil
			return nil, err
		}
	}
	err := s.err
	s.err = nil
	return nil, err
}
