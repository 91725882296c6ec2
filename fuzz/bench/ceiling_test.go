package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"
)

// What database/sql takes by itself: the statements of the workloads on a driver that does nothing,
// which bounds what any driver can show.
//
//	go test -run xx -bench Nothing

type (
	nothing     struct{} // Driver, connection and statement.
	nothingRows struct{ left int }
)

func init() { sql.Register("nothing", nothing{}) }

func (nothing) Open(string) (driver.Conn, error)           { return nothing{}, nil }
func (nothing) Prepare(string) (driver.Stmt, error)        { return nothing{}, nil }
func (nothing) Begin() (driver.Tx, error)                  { return nil, driver.ErrSkip }
func (nothing) Close() error                               { return nil }
func (nothing) NumInput() int                              { return -1 }
func (nothing) CheckNamedValue(*driver.NamedValue) error   { return nil }
func (nothing) Exec([]driver.Value) (driver.Result, error) { return driver.RowsAffected(1), nil }

// Query has as many rows as its argument says.
func (nothing) Query(args []driver.Value) (driver.Rows, error) {
	return &nothingRows{int(args[0].(int64))}, nil
}

func (nothing) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}

func (nothing) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return &nothingRows{int(args[0].Value.(int64))}, nil
}

var (
	nothingColumns = []string{"id", "a", "b", "c"}
	nothingValues  = []driver.Value{int64(1), int64(1000), "a text of 17 bytes", 0.5}
)

func (*nothingRows) Columns() []string { return nothingColumns }
func (*nothingRows) Close() error      { return nil }

func (r *nothingRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	copy(dest, nothingValues)
	return nil
}

func nothingStmt(b *testing.B) *sql.Stmt {
	db, err := sql.Open("nothing", "")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	s, err := db.Prepare("nothing")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return s
}

func BenchmarkNothingExec(b *testing.B) {
	s := nothingStmt(b)
	args := []any{int64(1), int64(2), "text", 0.5}
	for b.Loop() {
		if _, err := s.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
}

// scanNothing reads n rows for each query.
func scanNothing(b *testing.B, n int) {
	s := nothingStmt(b)
	var id, a int64
	var t string
	var c float64
	args := []any{int64(n)}
	b.ResetTimer()
	for i := 0; i < b.N; i += n {
		rows, err := s.Query(args...)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			if err := rows.Scan(&id, &a, &t, &c); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNothingLookup(b *testing.B) { scanNothing(b, 1) }
func BenchmarkNothingRow(b *testing.B)    { scanNothing(b, 10_000) }
