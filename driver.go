package rustlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/rustlite/rustlite/vm/value"
)

func init() { sql.Register("rustlite", &sqlDriver{}) }

// sqlDriver is the database/sql driver "rustlite". A data source name is a
// path or ":memory:", which is one database for the whole sql.DB.
type sqlDriver struct{}

// Open opens one connection to a database of its own.
func (d *sqlDriver) Open(name string) (driver.Conn, error) {
	db, err := Open(name, nil)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &sqlConn{conn: conn, db: db}, nil
}

// OpenConnector makes the connector of one sql.DB.
func (d *sqlDriver) OpenConnector(name string) (driver.Connector, error) {
	return &connector{driver: d, name: name}, nil
}

// connector opens its database at the first connection and closes it with the
// sql.DB.
type connector struct {
	driver *sqlDriver
	name   string
	mu     sync.Mutex
	db     *DB
}

// Connect lends a connection of the database.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == nil {
		db, err := Open(c.name, nil)
		if err != nil {
			return nil, err
		}
		c.db = db
	}
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &sqlConn{conn: conn}, nil
}

// Driver returns the driver.
func (c *connector) Driver() driver.Driver { return c.driver }

// Close closes the database.
func (c *connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == nil {
		return nil
	}
	db := c.db
	c.db = nil
	return db.Close()
}

type sqlConn struct {
	conn *Conn
	db   *DB // Closed with the connection, if it has a database of its own.
}

var (
	_ driver.Conn               = (*sqlConn)(nil)
	_ driver.ConnBeginTx        = (*sqlConn)(nil)
	_ driver.ExecerContext      = (*sqlConn)(nil)
	_ driver.QueryerContext     = (*sqlConn)(nil)
	_ driver.ConnPrepareContext = (*sqlConn)(nil)
	_ driver.NamedValueChecker  = (*sqlConn)(nil)
	_ driver.SessionResetter    = (*sqlConn)(nil)
	_ driver.Validator          = (*sqlConn)(nil)
	_ driver.Pinger             = (*sqlConn)(nil)
)

func (c *sqlConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *sqlConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	st, err := c.conn.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return &sqlStmt{conn: c.conn, st: st}, nil
}

func (c *sqlConn) Close() error {
	err := c.conn.Close()
	if c.db != nil {
		err = errors.Join(err, c.db.Close())
	}
	return err
}

func (c *sqlConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *sqlConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	switch sql.IsolationLevel(opts.Isolation) {
	case sql.LevelDefault, sql.LevelSerializable, sql.LevelSnapshot:
	default:
		return nil, newError(ErrMisuse, "isolation level %s is not supported", sql.IsolationLevel(opts.Isolation))
	}
	tx, err := c.conn.Begin(ctx, &TxOptions{ReadOnly: opts.ReadOnly})
	if err != nil {
		return nil, err
	}
	return &sqlTx{tx}, nil
}

func (c *sqlConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.conn.Exec(ctx, query, fromNamed(args)...)
	return sqlResult{res}, err
}

func (c *sqlConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.conn.Query(ctx, query, fromNamed(args)...)
	if err != nil {
		return nil, err
	}
	return &sqlRows{rows: rows}, nil
}

// CheckNamedValue takes every argument that binding knows as it is.
func (c *sqlConn) CheckNamedValue(nv *driver.NamedValue) error {
	switch nv.Value.(type) {
	case nil, int64, int, string, []byte, float64, bool, time.Time:
		return nil
	}
	v, err := toValue(nv.Value)
	if err != nil {
		return err
	}
	r := Row{vals: []value.Value{v}}
	nv.Value = r.Any(0)
	return nil
}

func (c *sqlConn) ResetSession(context.Context) error { return nil }
func (c *sqlConn) IsValid() bool                      { return !c.conn.closed && !c.conn.inTx }

// Ping looks at the newest commit.
func (c *sqlConn) Ping(ctx context.Context) error {
	if c.conn.closed {
		return driver.ErrBadConn
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return wrap(c.conn.refresh())
}

func fromNamed(args []driver.NamedValue) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a.Value
		if a.Name != "" {
			out[i] = sql.Named(a.Name, a.Value)
		}
	}
	return out
}

type sqlResult struct{ r Result }

func (r sqlResult) LastInsertId() (int64, error) { return r.r.LastInsertID, nil }
func (r sqlResult) RowsAffected() (int64, error) { return r.r.RowsAffected, nil }

type sqlTx struct{ tx *Tx }

func (t *sqlTx) Commit() error   { return t.tx.Commit(context.Background()) }
func (t *sqlTx) Rollback() error { return t.tx.Rollback() }

type sqlStmt struct {
	conn *Conn
	st   *statement
}

var (
	_ driver.StmtExecContext  = (*sqlStmt)(nil)
	_ driver.StmtQueryContext = (*sqlStmt)(nil)
)

func (s *sqlStmt) Close() error  { return nil }
func (s *sqlStmt) NumInput() int { return len(s.st.program.Params) }

func (s *sqlStmt) Exec(args []driver.Value) (driver.Result, error) {
	return nil, driver.ErrSkip
}

func (s *sqlStmt) Query(args []driver.Value) (driver.Rows, error) {
	return nil, driver.ErrSkip
}

func (s *sqlStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	a, err := s.conn.driverArguments(args)
	if err != nil {
		return nil, err
	}
	if err := s.conn.execOne(ctx, s.st, a); err != nil {
		return nil, err
	}
	return sqlResult{s.conn.result()}, nil
}

func (s *sqlStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	a, err := s.conn.driverArguments(args)
	if err != nil {
		return nil, err
	}
	rows, err := s.conn.queryWith(ctx, s.st, a)
	if err != nil {
		return nil, err
	}
	return &sqlRows{rows: rows}, nil
}

type sqlRows struct{ rows *Rows }

func (r *sqlRows) Columns() []string { return r.rows.Columns() }
func (r *sqlRows) Close() error      { return r.rows.Close() }

func (r *sqlRows) Next(dest []driver.Value) error {
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	row := r.rows.Row()
	for i := range dest {
		dest[i] = row.Any(i)
	}
	return nil
}

// ColumnTypeDatabaseTypeName returns the declared type of a column.
func (r *sqlRows) ColumnTypeDatabaseTypeName(i int) string { return r.rows.row.cols[i].DeclType }
