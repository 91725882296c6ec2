package rustlite

import (
	"context"
	"iter"
)

// TxOptions of a transaction. The zero value is SQLite's BEGIN: it reads a
// snapshot from its first statement on and takes the writer's turn at its
// first change.
type TxOptions struct {
	// Immediate takes the writer's turn at once, as BEGIN IMMEDIATE does.
	Immediate bool
	// ReadOnly refuses changes; the snapshot is that of the start.
	ReadOnly bool
}

// Tx is an open transaction, for one goroutine at a time. It must end with
// Commit or Rollback.
type Tx struct {
	conn  *Conn
	done  bool
	onEnd func()
}

var errTxDone = newError(ErrMisuse, "the transaction is over")

// check refuses the use of a transaction that is over, also by COMMIT or
// ROLLBACK as SQL.
func (tx *Tx) check() error {
	if tx.done || !tx.conn.inTx {
		return errTxDone
	}
	return nil
}

// Exec runs statements in the transaction, as DB.Exec does. One that fails is
// undone alone and the transaction goes on, unless a conflict clause says
// ROLLBACK. After the end of the transaction everything is ErrMisuse.
func (tx *Tx) Exec(ctx context.Context, sql string, args ...any) (Result, error) {
	if err := tx.check(); err != nil {
		return Result{}, err
	}
	return tx.conn.Exec(ctx, sql, args...)
}

// Query runs one statement in the transaction, as DB.Query does. Other
// statements may run while its rows are read.
func (tx *Tx) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	return tx.conn.Query(ctx, sql, args...)
}

// All runs one statement in the transaction and yields its rows.
func (tx *Tx) All(ctx context.Context, sql string, args ...any) iter.Seq2[*Row, error] {
	return all(func() (*Rows, error) { return tx.Query(ctx, sql, args...) })
}

// Prepare parses and compiles one statement for use in the transaction.
func (tx *Tx) Prepare(ctx context.Context, sql string) (*Stmt, error) {
	if err := tx.check(); err != nil {
		return nil, err
	}
	st, err := tx.conn.prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	return &Stmt{tx: tx, st: st}, nil
}

// Commit makes the changes of the transaction durable and visible. After it,
// whatever it returns, the transaction is over: an error means that nothing of
// it happened, unless it is an ErrIO of the disk, after which only opening the
// database again tells. A ctx that has ended rolls back.
func (tx *Tx) Commit(ctx context.Context) error {
	if err := tx.check(); err != nil {
		tx.end()
		return err
	}
	ctx = orBackground(ctx)
	err := ctx.Err()
	if err != nil {
		tx.conn.rollback()
	} else {
		err = tx.conn.commit(ctx)
		if tx.conn.inTx {
			tx.conn.rollback()
		}
	}
	tx.end()
	return wrap(err)
}

// Rollback undoes the transaction. After Commit it does nothing.
func (tx *Tx) Rollback() error {
	if !tx.done && tx.conn.inTx {
		tx.conn.rollback()
	}
	tx.end()
	return nil
}

func (tx *Tx) end() {
	if tx.done {
		return
	}
	tx.done = true
	for len(tx.conn.open) > 0 && tx.onEnd != nil {
		tx.conn.open[0].Close()
	}
	if tx.onEnd != nil {
		tx.onEnd()
	}
}
