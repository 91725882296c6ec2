// Package sqlite stands in for modernc.org/sqlite, so that clients written for
// that driver run on RustLite as they are published: it registers the driver
// name "sqlite" and has the names that those clients touch.
package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/rustlite/rustlite"
)

func init() { sql.Register("sqlite", &Driver{}) }

// Driver is the driver.
type Driver struct{}

// Open opens one connection.
func (d *Driver) Open(name string) (driver.Conn, error) {
	c, err := d.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// OpenConnector makes the connector of one sql.DB.
func (d *Driver) OpenConnector(name string) (driver.Connector, error) {
	c, err := (&rustlite.Driver{}).OpenConnector(name)
	if err != nil {
		return nil, translated(err)
	}
	return &connector{d, name, c}, nil
}

type connector struct {
	driver *Driver
	name   string
	driver.Connector
}

// isPrivate reports whether the name is that of a database in memory that each
// connection has for itself. RustLite shares it within a sql.DB.
func isPrivate(name string) bool {
	memory := strings.HasPrefix(name, ":memory:") || strings.HasPrefix(name, "file::memory:") || strings.Contains(name, "mode=memory")
	return memory && !strings.Contains(name, "cache=shared")
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	connect := c.Connector.Connect
	if isPrivate(c.name) {
		connect = func(context.Context) (driver.Conn, error) { return (&rustlite.Driver{}).Open(c.name) }
	}
	own, err := connect(ctx)
	if err != nil {
		return nil, translated(err)
	}
	return &conn{own.(*rustlite.DriverConn)}, nil
}

func (c *connector) Driver() driver.Driver { return c.driver }

func (c *connector) Close() error { return c.Connector.(interface{ Close() error }).Close() }

// Error is an error of the database.
type Error struct {
	msg   string
	code  int
	cause error
}

// Error returns the text.
func (e *Error) Error() string { return e.msg }

// Code returns the extended result code.
func (e *Error) Code() int { return e.code }

// Unwrap returns what was behind the error, such as the end of a context.
func (e *Error) Unwrap() error { return e.cause }

// translated turns an error of RustLite into one of this package.
func translated(err error) error {
	var own *rustlite.Error
	if !errors.As(err, &own) {
		return err
	}
	text, general := own.Error(), rustlite.Code(own.Code()).Error()
	if text != general {
		text = general + ": " + text
	}
	return &Error{fmt.Sprintf("%s (%d)", text, own.ExtendedCode()), own.ExtendedCode(), own.Unwrap()}
}

type conn struct{ *rustlite.DriverConn }

func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.DriverConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, translated(err)
	}
	return &preparedStmt{s.(stmt)}, nil
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	t, err := c.DriverConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, translated(err)
	}
	return &tx{t}, nil
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.DriverConn.ExecContext(ctx, query, args)
	return res, translated(err)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	r, err := c.DriverConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, translated(err)
	}
	return &rows{r.(resultRows)}, nil
}

type tx struct{ driver.Tx }

func (t *tx) Commit() error   { return translated(t.Tx.Commit()) }
func (t *tx) Rollback() error { return translated(t.Tx.Rollback()) }

type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type preparedStmt struct{ stmt }

func (s *preparedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	res, err := s.stmt.ExecContext(ctx, args)
	return res, translated(err)
}

func (s *preparedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	r, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, translated(err)
	}
	return &rows{r.(resultRows)}, nil
}

type resultRows interface {
	driver.RowsNextResultSet
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypeScanType
}

type rows struct{ resultRows }

func (r *rows) Next(dest []driver.Value) error { return translated(r.resultRows.Next(dest)) }
