package rustlite

import (
	"context"
	"iter"
)

// Stmt is a prepared statement. One of a DB is safe for any number of
// goroutines; one of a Tx is for the transaction's goroutine.
type Stmt struct {
	db *DB // nil for one of a Tx.
	tx *Tx
	st *statement
}

// Exec runs the statement, as DB.Exec does.
func (s *Stmt) Exec(ctx context.Context, args ...any) (Result, error) {
	c, err := s.take()
	if err != nil {
		return Result{}, err
	}
	defer s.give(c)
	a, err := c.arguments(args)
	if err != nil {
		return Result{}, err
	}
	a.last = true
	if err := c.execOne(ctx, s.st, a); err != nil {
		return Result{}, err
	}
	return c.result(), nil
}

// Query runs the statement and returns its rows, as DB.Query does.
func (s *Stmt) Query(ctx context.Context, args ...any) (*Rows, error) {
	c, err := s.take()
	if err != nil {
		return nil, err
	}
	rows, err := c.queryOne(ctx, s.st, args)
	if err != nil {
		s.give(c)
		return nil, err
	}
	rows.lender = s.db
	return rows, nil
}

// All runs the statement and yields its rows, as DB.All does.
func (s *Stmt) All(ctx context.Context, args ...any) iter.Seq2[*Row, error] {
	return all(func() (*Rows, error) { return s.Query(ctx, args...) })
}

// Close ends the use of the statement.
func (s *Stmt) Close() error { return nil }

// take finds the connection to run on: that of the transaction, or one that is
// lent by the DB until it is given back.
func (s *Stmt) take() (*Conn, error) {
	if s.tx != nil {
		return s.tx.conn, s.tx.check()
	}
	return s.db.take()
}

func (s *Stmt) give(c *Conn) {
	if s.db != nil {
		s.db.give(c)
	}
}
