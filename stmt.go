package rustlite

import (
	"context"
	"iter"
	"sync"

	"github.com/rustlite/rustlite/vm"
)

// Stmt is a prepared statement. One of a DB is safe for any number of
// goroutines; one of a Tx is for the transaction's goroutine.
type Stmt struct {
	db *DB
	tx *Tx
	st *statement
	mu sync.Mutex // Guards st.program of a DB's statement.
}

// copyOf gives a run its own copy of the statement with the newest program.
func (s *Stmt) copyOf() *statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := *s.st
	return &st
}

// learn keeps the program that a run compiled.
func (s *Stmt) learn(st *statement, old *vm.Program) {
	if st.program != old {
		s.mu.Lock()
		s.st.program, s.st.key = st.program, st.key
		s.mu.Unlock()
	}
}

// Exec runs the statement, as DB.Exec does.
func (s *Stmt) Exec(ctx context.Context, args ...any) (Result, error) {
	c, done, err := s.conn()
	if err != nil {
		return Result{}, err
	}
	defer done()
	a, err := c.arguments(args)
	if err != nil {
		return Result{}, err
	}
	a.last = true
	st := s.copyOf()
	old := st.program
	err = c.execOne(ctx, st, a)
	s.learn(st, old)
	if err != nil {
		return Result{}, err
	}
	return c.result(), nil
}

// Query runs the statement and returns its rows, as DB.Query does.
func (s *Stmt) Query(ctx context.Context, args ...any) (*Rows, error) {
	c, done, err := s.conn()
	if err != nil {
		return nil, err
	}
	st := s.copyOf()
	old := st.program
	rows, err := c.queryOne(ctx, st, args)
	s.learn(st, old)
	if err != nil {
		done()
		return nil, err
	}
	rows.onClose = done
	return rows, nil
}

// All runs the statement and yields its rows, as DB.All does.
func (s *Stmt) All(ctx context.Context, args ...any) iter.Seq2[*Row, error] {
	return all(func() (*Rows, error) { return s.Query(ctx, args...) })
}

// Close ends the use of the statement.
func (s *Stmt) Close() error { return nil }

func (s *Stmt) conn() (*Conn, func(), error) {
	if s.tx != nil {
		return s.tx.conn, func() {}, s.tx.check()
	}
	c, err := s.db.take()
	if err != nil {
		return nil, nil, err
	}
	return c, func() { s.db.give(c) }, nil
}
