// Package sqlite3 stands in for github.com/mattn/go-sqlite3, so that clients
// written for that driver run on RustLite as they are published: it registers
// the driver name "sqlite3" and has the names that those clients touch.
package sqlite3

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/rustlite/rustlite"
)

func init() { sql.Register("sqlite3", &SQLiteDriver{}) }

// SQLiteTimestampFormats are the layouts in which times are read.
var SQLiteTimestampFormats = []string{
	"2006-01-02 15:04:05.999999999-07:00", "2006-01-02T15:04:05.999999999-07:00",
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
}

// Version is that of the SQLite whose language this is.
func Version() (libVersion string, libVersionNumber int, sourceID string) {
	return "3.54.1", 3054001, "rustlite"
}

// SQLiteDriver is the driver.
type SQLiteDriver struct {
	Extensions  []string // Not loaded: extensions in C are not for a Go library.
	ConnectHook func(*SQLiteConn) error
}

// Open opens one connection.
func (d *SQLiteDriver) Open(name string) (driver.Conn, error) {
	c, err := d.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// OpenConnector makes the connector of one sql.DB.
func (d *SQLiteDriver) OpenConnector(name string) (driver.Connector, error) {
	if len(d.Extensions) > 0 {
		return nil, errors.New("extensions are not supported")
	}
	c, err := (&rustlite.Driver{}).OpenConnector(name)
	if err != nil {
		return nil, translated(err)
	}
	return &connector{d, c}, nil
}

type connector struct {
	driver *SQLiteDriver
	driver.Connector
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, translated(err)
	}
	own := &SQLiteConn{conn.(*rustlite.DriverConn)}
	if hook := c.driver.ConnectHook; hook != nil {
		if err := hook(own); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return own, nil
}

func (c *connector) Driver() driver.Driver { return c.driver }

func (c *connector) Close() error {
	return c.Connector.(interface{ Close() error }).Close()
}

// SQLiteConn is a connection.
type SQLiteConn struct{ *rustlite.DriverConn }

// Exec runs statements with positional arguments.
func (c *SQLiteConn) Exec(query string, args []driver.Value) (driver.Result, error) {
	return c.ExecContext(context.Background(), query, named(args))
}

// Query runs statements with positional arguments.
func (c *SQLiteConn) Query(query string, args []driver.Value) (driver.Rows, error) {
	return c.QueryContext(context.Background(), query, named(args))
}

func named(args []driver.Value) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, v := range args {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}

// Prepare compiles a statement.
func (c *SQLiteConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext compiles a statement.
func (c *SQLiteConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.DriverConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, translated(err)
	}
	return &SQLiteStmt{s.(stmt)}, nil
}

// BeginTx starts a transaction.
func (c *SQLiteConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.DriverConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, translated(err)
	}
	return &SQLiteTx{tx}, nil
}

// ExecContext runs statements.
func (c *SQLiteConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.DriverConn.ExecContext(ctx, query, args)
	return res, translated(err)
}

// QueryContext runs statements and gives their rows.
func (c *SQLiteConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.DriverConn.QueryContext(ctx, query, args)
	if err != nil {
		return nil, translated(err)
	}
	return &SQLiteRows{rows.(resultRows)}, nil
}

// SQLiteTx is a transaction.
type SQLiteTx struct{ driver.Tx }

// Commit ends the transaction.
func (tx *SQLiteTx) Commit() error { return translated(tx.Tx.Commit()) }

// Rollback undoes the transaction.
func (tx *SQLiteTx) Rollback() error { return translated(tx.Tx.Rollback()) }

type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// SQLiteStmt is a prepared statement.
type SQLiteStmt struct{ stmt }

// ExecContext runs the statement.
func (s *SQLiteStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	res, err := s.stmt.ExecContext(ctx, args)
	return res, translated(err)
}

// QueryContext runs the statement and gives its rows.
func (s *SQLiteStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, translated(err)
	}
	return &SQLiteRows{rows.(resultRows)}, nil
}

type resultRows interface {
	driver.RowsNextResultSet
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypeScanType
}

// SQLiteRows are rows.
type SQLiteRows struct{ resultRows }

// Next shows the next row.
func (r *SQLiteRows) Next(dest []driver.Value) error { return translated(r.resultRows.Next(dest)) }
