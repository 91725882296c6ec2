package rustlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"reflect"
	"sync"
	"time"
)

func init() { sql.Register("rustlite", &Driver{}) }

// Driver is the database/sql driver; the one without a hook is registered as
// "rustlite". A data source name is a path, ":memory:" or a "file:" URI, with
// settings behind a question mark as users of other SQLite drivers write them:
//
//	app.rldb?_txlock=immediate&_busy_timeout=10000
//	file:cache?mode=memory&cache=shared
//	app.rldb?_pragma=foreign_keys(1)&_pragma=synchronous(normal)
//
// ":memory:" is one database for the whole sql.DB; one in memory with a name
// and cache=shared is one for the process. An unknown setting is an error that
// lists the known ones.
//
// Columns declared DATE, DATETIME or TIMESTAMP give time.Time, BOOLEAN gives
// bool. A time.Time is stored as text with its zone.
type Driver struct {
	// ConnectHook is called with each new connection, to register functions
	// or to run statements.
	ConnectHook func(*DriverConn) error
}

var _ driver.DriverContext = (*Driver)(nil)

// Open opens one connection to a database of its own.
func (d *Driver) Open(name string) (driver.Conn, error) {
	c, err := d.OpenConnector(name)
	if err != nil {
		return nil, err
	}
	conn, err := c.Connect(context.Background())
	if err != nil {
		return nil, err
	}
	conn.(*DriverConn).alone = c.(*connector)
	return conn, nil
}

// OpenConnector makes the connector of one sql.DB. It finds the errors of the
// name, so that sql.Open tells them; the database is opened by the first
// connection, as for sql.DB.Ping, and closed with the sql.DB.
func (d *Driver) OpenConnector(name string) (driver.Connector, error) {
	source, err := parseDataSource(name)
	if err != nil {
		return nil, err
	}
	return &connector{driver: d, source: source}, nil
}

// connector opens its database at the first connection and closes it with the
// sql.DB.
type connector struct {
	driver *Driver
	source *dataSource
	mu     sync.Mutex
	db     *DB
}

// Connect lends a connection of the database.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	db, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	lent, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	conn := &DriverConn{conn: lent, source: c.source}
	if err := c.prepare(ctx, conn); err != nil {
		return nil, errors.Join(err, lent.Close())
	}
	return conn, nil
}

// prepare brings a new connection into the state that the data source and the
// hook ask for.
func (c *connector) prepare(ctx context.Context, conn *DriverConn) error {
	conn.conn.settings.NoStrings = c.source.noStrings
	for _, p := range c.source.pragmas {
		if _, err := conn.conn.Exec(ctx, p); err != nil {
			return err
		}
	}
	if hook := c.driver.ConnectHook; hook != nil {
		return hook(conn)
	}
	return nil
}

func (c *connector) open(ctx context.Context) (*DB, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.db == nil {
		db, err := c.source.open(ctx)
		if err != nil {
			return nil, err
		}
		c.db = db
	}
	return c.db, nil
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

// DriverConn is a connection of database/sql, as sql.Conn.Raw shows it.
type DriverConn struct {
	conn   *Conn
	source *dataSource
	alone  *connector // To close with the connection, when Driver.Open made it.
}

var (
	_ driver.Conn               = (*DriverConn)(nil)
	_ driver.ConnBeginTx        = (*DriverConn)(nil)
	_ driver.ExecerContext      = (*DriverConn)(nil)
	_ driver.QueryerContext     = (*DriverConn)(nil)
	_ driver.ConnPrepareContext = (*DriverConn)(nil)
	_ driver.NamedValueChecker  = (*DriverConn)(nil)
	_ driver.SessionResetter    = (*DriverConn)(nil)
	_ driver.Validator          = (*DriverConn)(nil)
	_ driver.Pinger             = (*DriverConn)(nil)
)

// Prepare compiles one statement.
func (c *DriverConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext compiles one statement.
func (c *DriverConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	st, err := c.conn.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return &sqlStmt{conn: c, st: st}, nil
}

// Close ends the connection, rolling back an open transaction.
func (c *DriverConn) Close() error {
	err := c.conn.Close()
	if c.alone != nil {
		err = errors.Join(err, c.alone.Close())
	}
	return err
}

// Begin starts a transaction.
func (c *DriverConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx starts a transaction. Every transaction is serializable, which all
// weaker isolation levels are content with; a stronger one is refused.
func (c *DriverConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if level := sql.IsolationLevel(opts.Isolation); level < sql.LevelDefault || level > sql.LevelSerializable {
		return nil, newError(ErrMisuse, "isolation level %s is not supported", level)
	}
	tx, err := c.conn.Begin(ctx, &TxOptions{ReadOnly: opts.ReadOnly, Immediate: c.source.lock == lockImmediate && !opts.ReadOnly})
	if err != nil {
		return nil, err
	}
	return &sqlTx{tx}, nil
}

// ExecContext runs the statements of query one after the other.
func (c *DriverConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	a, err := c.conn.driverArguments(args)
	if err != nil {
		return nil, err
	}
	res, err := c.conn.exec(ctx, query, a)
	if err != nil {
		return nil, err
	}
	return sqlResult{res}, nil
}

// QueryContext runs the statements of query; those that give rows are its
// result sets.
func (c *DriverConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	a, err := c.conn.driverArguments(args)
	if err != nil {
		return nil, err
	}
	if st := c.conn.known(query); st != nil {
		return c.rows(ctx, st, a)
	}
	s, err := newScript(ctx, c, query, a)
	if err != nil {
		return nil, err
	}
	rows, err := s.next()
	if err != nil {
		return nil, err
	}
	return &sqlRows{conn: c, rows: rows, script: s}, nil
}

// rows runs one statement.
func (c *DriverConn) rows(ctx context.Context, st *statement, a *arguments) (driver.Rows, error) {
	r := &sqlRows{conn: c}
	if err := c.conn.query(ctx, &r.first, st, a); err != nil {
		return nil, err
	}
	r.rows = &r.first
	return r, nil
}

// CheckNamedValue takes what database/sql takes by default; a time becomes what
// the data source says.
func (c *DriverConn) CheckNamedValue(nv *driver.NamedValue) error {
	switch x := nv.Value.(type) {
	case nil, int64, int, string, []byte, float64, bool:
		return nil
	case time.Time:
		nv.Value = c.source.timeValue(x)
		return nil
	}
	if err := pointsTo(nv.Value); err != nil {
		return err
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(nv.Value)
	if err != nil {
		return err
	}
	if t, ok := v.(time.Time); ok {
		v = c.source.timeValue(t)
	}
	nv.Value = v
	return nil
}

// pointsTo refuses a pointer that leads to itself, which the converter of
// database/sql would follow until the stack ends.
func pointsTo(x any) error {
	rv := reflect.ValueOf(x)
	for range pointersMax {
		if rv.Kind() != reflect.Pointer && rv.Kind() != reflect.Interface {
			return nil
		}
		rv = rv.Elem()
	}
	return newError(ErrMismatch, "the argument of type %T leads to itself", x)
}

// timeValue is what a time is stored as.
func (d *dataSource) timeValue(t time.Time) any {
	switch {
	case d.intTimes && d.timeUnit == time.Second:
		return t.Unix()
	case d.intTimes && d.timeUnit == time.Millisecond:
		return t.UnixMilli()
	case d.intTimes && d.timeUnit == time.Microsecond:
		return t.UnixMicro()
	case d.intTimes:
		return t.UnixNano()
	default:
		return t.Format(d.timeForm)
	}
}

// ResetSession is called before the connection serves again.
func (c *DriverConn) ResetSession(context.Context) error {
	if c.conn.closed {
		return driver.ErrBadConn
	}
	return nil
}

// IsValid reports whether the connection may serve again. One that BEGIN as
// SQL left in a transaction stays, as users of one connection know it.
func (c *DriverConn) IsValid() bool { return !c.conn.closed }

// Ping opens the database, if nothing has, and looks at its newest commit.
func (c *DriverConn) Ping(ctx context.Context) error {
	if c.conn.closed {
		return driver.ErrBadConn
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := c.conn.newest()
	return wrap(err)
}

type sqlResult struct{ r Result }

// LastInsertId is the row id of the newest row that the connection inserted.
func (r sqlResult) LastInsertId() (int64, error) { return r.r.LastInsertID, nil }

// RowsAffected counts the rows of the last statement.
func (r sqlResult) RowsAffected() (int64, error) { return r.r.RowsAffected, nil }

type sqlTx struct{ tx *Tx }

// Commit ends the transaction.
func (t *sqlTx) Commit() error { return t.tx.Commit(context.Background()) }

// Rollback undoes the transaction.
func (t *sqlTx) Rollback() error { return t.tx.Rollback() }

type sqlStmt struct {
	conn *DriverConn
	st   *statement
}

var (
	_ driver.StmtExecContext  = (*sqlStmt)(nil)
	_ driver.StmtQueryContext = (*sqlStmt)(nil)
)

// Close ends the use of the statement.
func (s *sqlStmt) Close() error { return nil }

// NumInput is the number of parameters.
func (s *sqlStmt) NumInput() int { return len(s.st.plan.Load().Params) }

// Exec serves callers of old.
func (s *sqlStmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), ordered(args))
}

// Query serves callers of old.
func (s *sqlStmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), ordered(args))
}

func ordered(args []driver.Value) []driver.NamedValue {
	list := make([]driver.NamedValue, len(args))
	for i, v := range args {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}

// ExecContext runs the statement.
func (s *sqlStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	c := s.conn.conn
	a, err := c.driverArguments(args)
	if err != nil {
		return nil, err
	}
	if err := c.execOne(ctx, s.st, a); err != nil {
		return nil, err
	}
	return sqlResult{c.result()}, nil
}

// QueryContext runs the statement and gives its rows.
func (s *sqlStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	a, err := s.conn.conn.driverArguments(args)
	if err != nil {
		return nil, err
	}
	return s.conn.rows(ctx, s.st, a)
}
