package rustlite

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/rustlite/rustlite/parser"
)

// DB is an open database. It is safe for any number of goroutines.
type DB struct {
	eng  *engine
	opts *Options // Its own; the engine has those of the first Open of the file.
	// functions are those of connections that are lent from now on.
	functions atomic.Pointer[functionSet]
	closed    atomic.Bool
	pool      pool
}

// Open opens the database at path, making it when it does not exist;
// ":memory:" makes a private one that lives as long as the DB. Nil options
// are good defaults. A file that is no database, that is damaged, that is of
// a newer format or whose log is gone gives an error that says so: ErrNotADB,
// ErrCorrupt or ErrCantOpen. One that another process keeps open for longer
// than the busy timeout gives ErrBusy.
func Open(path string, opts *Options) (*DB, error) {
	return open(context.Background(), path, "", opts)
}

// open opens a database; one in memory may be shared by a name.
func open(ctx context.Context, path, shared string, opts *Options) (*DB, error) {
	o := opts.withDefaults()
	if o.PageSize != 0 && (o.PageSize < 1024 || o.PageSize > 65536 || o.PageSize&(o.PageSize-1) != 0) {
		return nil, newError(ErrMisuse, "page size %d is not a power of two from 1024 to 65536", o.PageSize)
	}
	if o.Sync > SyncOff {
		return nil, newError(ErrMisuse, "there is no sync level %d", o.Sync)
	}
	e, err := openEngine(ctx, path, shared, o)
	if err != nil {
		return nil, wrap(err)
	}
	db := &DB{eng: e, opts: o}
	db.functions.Store(e.functions)
	return db, nil
}

// Close ends the use of the database by this DB: nothing new can be started.
// What is open - Rows, a Tx, a Conn, a statement of another goroutine - goes
// on, and the last of it ends the use. The last use of a file to end brings
// the log home and leaves the one file.
func (db *DB) Close() error {
	if !db.shut() {
		return nil
	}
	return wrap(db.eng.release())
}

// Exec runs the statements of sql one after the other and returns the result
// of the last. Rows that a statement returns are read and dropped.
// Positional arguments are shared out to the statements in turn; too few or
// too many are ErrRange. Each statement is a transaction of its own unless sql
// begins one, and an error leaves what the statements before it did.
//
// When ctx ends, the running statement is undone and the error is ErrInterrupt
// and the context's. A nil ctx never ends.
func (db *DB) Exec(ctx context.Context, sql string, args ...any) (Result, error) {
	c, err := db.take()
	if err != nil {
		return Result{}, err
	}
	defer db.give(c)
	return c.Exec(ctx, sql, args...)
}

// Query runs one statement, any one, and returns its rows, which must be
// closed. They show one commit's state, whatever is written meanwhile, and end
// with an error when ctx ends. More than one statement is ErrMisuse.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	c, err := db.take()
	if err != nil {
		return nil, err
	}
	rows, err := c.Query(ctx, sql, args...)
	if err != nil {
		db.give(c)
		return nil, err
	}
	rows.lender = db
	return rows, nil
}

// All runs one statement and yields its rows; an error ends the sequence. A
// Row is valid until the next one.
func (db *DB) All(ctx context.Context, sql string, args ...any) iter.Seq2[*Row, error] {
	return all(func() (*Rows, error) { return db.Query(ctx, sql, args...) })
}

// Prepare parses and compiles one statement for repeated use. It is compiled
// again by itself when the schema has changed.
func (db *DB) Prepare(ctx context.Context, sql string) (*Stmt, error) {
	c, err := db.take()
	if err != nil {
		return nil, err
	}
	defer db.give(c)
	st, err := c.prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	return &Stmt{db: db, st: st}, nil
}

// Begin starts a transaction, with nil options one as BEGIN does. ctx bounds
// the start, which waits for the writer's turn when it is Immediate, and not
// the transaction: that must be ended.
func (db *DB) Begin(ctx context.Context, opts *TxOptions) (*Tx, error) {
	c, err := db.take()
	if err != nil {
		return nil, err
	}
	tx, err := c.Begin(ctx, opts)
	if err != nil {
		db.give(c)
		return nil, err
	}
	tx.onEnd = func() { db.give(c) }
	return tx, nil
}

// View runs f in a transaction that only reads: it sees one commit's state
// from start to end.
func (db *DB) View(ctx context.Context, f func(*Tx) error) error {
	return db.within(ctx, &TxOptions{ReadOnly: true}, f)
}

// Update runs f in a transaction that may write and commits it when f returns
// nil; any error, or a panic, rolls it back. It waits for the writer's turn
// first, so it never meets ErrBusySnapshot.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	return db.within(ctx, &TxOptions{Immediate: true}, f)
}

func (db *DB) within(ctx context.Context, opts *TxOptions, f func(*Tx) error) error {
	if f == nil {
		return newError(ErrMisuse, "no function to run in the transaction")
	}
	tx, err := db.Begin(ctx, opts)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// Checkpoint brings the log home now, as far as no reader holds it back. It
// happens in the background by itself: this is for those who measure.
func (db *DB) Checkpoint(ctx context.Context) error {
	c, err := db.take() // Keeps the engine.
	if err != nil {
		return err
	}
	defer db.give(c)
	_, err = db.eng.pager.Checkpoint(orBackground(ctx))
	return wrap(err)
}

// Sync makes everything that was committed durable, for databases at the
// levels SyncNormal and SyncOff.
func (db *DB) Sync(ctx context.Context) error {
	if err := orBackground(ctx).Err(); err != nil {
		return wrap(err)
	}
	c, err := db.take() // Keeps the engine.
	if err != nil {
		return err
	}
	defer db.give(c)
	return wrap(db.eng.pager.SyncLog())
}

// Conn lends a connection for the caller's own: settings, open transactions
// and temporary state stay with it until it is closed. There is no limit to
// their number, and none is waited for.
func (db *DB) Conn(ctx context.Context) (*Conn, error) {
	c, err := db.take()
	if err != nil {
		return nil, err
	}
	c.owner = db
	return c, nil
}

// orBackground takes a nil context for one that never ends.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// Result is what a statement did.
type Result struct {
	LastInsertID int64 // Row id of the newest row that this connection inserted.
	RowsAffected int64 // Rows inserted, updated or deleted by the last statement.
}

// Complete reports whether sql ends a statement, so that a shell can run what
// was typed so far.
func Complete(sql string) bool { return parser.Complete(sql) }
