package rustlite

import (
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/rustlite/rustlite/vm/value"
)

// Rows are the rows of a running statement, for one goroutine at a time.
//
//	defer rows.Close()
//	for rows.Next() {
//		use(rows.Row())
//	}
//	err := rows.Err()
type Rows struct {
	conn   *Conn
	run    *run // nil once the statement has ended.
	lender *DB  // Gets the connection back at the end; nil: its user keeps it.
	row    Row
	static [][]value.Value // Rows held in memory, after those of run.
	err    error
	began  bool
	closed bool
}

// Next moves to the next row and reports whether there is one. False means
// the end, or an error that Err returns.
func (r *Rows) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	if r.run != nil {
		if err := r.advance(); err != nil {
			r.end(err)
			return false
		}
		if r.run.row {
			return true
		}
		r.end(nil)
		if r.err != nil {
			return false
		}
	}
	if len(r.static) > 0 {
		r.row.vals, r.static = r.static[0], r.static[1:]
		return true
	}
	r.row.vals = nil
	return false
}

// advance steps to the next row, the first one excepted, and shows it.
func (r *Rows) advance() (err error) {
	run := r.run
	if r.began && run.row {
		run.row, err = run.step()
	}
	r.began, r.row.vals = true, run.shown
	return err
}

// end finishes the statement.
func (r *Rows) end(err error) {
	if r.run == nil {
		return
	}
	run := r.run
	r.run, r.row.vals = nil, nil // The row's bytes go with the statement.
	if err = run.finish(err); err != nil {
		r.err = wrap(err)
	}
}

// abort ends the statement with an error from outside, unless it has read all
// it needs.
func (r *Rows) abort(err *Error) {
	if r.run != nil {
		r.end(err)
	}
}

// detach reads the rest of the rows into memory.
func (r *Rows) detach() error {
	if r.run == nil {
		return nil
	}
	var shown []value.Value
	var rest [][]value.Value
	keep := func(vals []value.Value) []value.Value {
		own := make([]value.Value, len(vals))
		for i := range vals {
			own[i] = vals[i].Own()
		}
		return own
	}
	run := r.run
	if r.began {
		shown = keep(r.row.vals)
	} else if run.row {
		rest = append(rest, keep(run.shown))
	}
	var err error
	for run.row && err == nil {
		if run.row, err = run.step(); run.row {
			rest = append(rest, keep(run.shown))
		}
	}
	r.end(err)
	r.row.vals = shown
	r.static = append(rest, r.static...)
	return r.err
}

// Row returns the current row. It is valid until the next call of Next.
func (r *Rows) Row() *Row { return &r.row }

// The accessors of the current row, as those of Row.

// Int64 returns column i as an integer; 0 for NULL.
func (r *Rows) Int64(i int) int64 { return r.row.Int64(i) }

// Float64 returns column i as a float; 0 for NULL.
func (r *Rows) Float64(i int) float64 { return r.row.Float64(i) }

// Text returns column i as a string of its own; "" for NULL.
func (r *Rows) Text(i int) string { return r.row.Text(i) }

// Bytes returns a copy of column i as bytes; nil for NULL.
func (r *Rows) Bytes(i int) []byte { return r.row.Bytes(i) }

// Raw returns the bytes of column i, borrowed until the next row.
func (r *Rows) Raw(i int) []byte { return r.row.Raw(i) }

// Bool reports whether column i is a number other than 0.
func (r *Rows) Bool(i int) bool { return r.row.Bool(i) }

// Time returns column i as a time, the zero Time when it is none.
func (r *Rows) Time(i int) time.Time { return r.row.Time(i) }

// IsNull reports whether column i is NULL.
func (r *Rows) IsNull(i int) bool { return r.row.IsNull(i) }

// Kind returns the storage class of column i.
func (r *Rows) Kind(i int) Kind { return r.row.Kind(i) }

// Any returns column i as nil, int64, float64, string or []byte.
func (r *Rows) Any(i int) any { return r.row.Any(i) }

// Scan copies the columns of the current row into dest, as Row.Scan does.
func (r *Rows) Scan(dest ...any) error { return r.row.Scan(dest...) }

// Err returns the error that ended the rows, nil at their end.
func (r *Rows) Err() error { return r.err }

// Columns returns the names of the columns.
func (r *Rows) Columns() []string { return r.row.Columns() }

// DeclType returns the declared type of the table's column that column i of
// the result shows, as it was written (INT, INTEGER, REAL, TEXT, BLOB and ANY in
// capitals); "" where it shows something else.
func (r *Rows) DeclType(i int) string { return r.row.cols[i].DeclType }

// Close ends the statement. It may be called at any time, also twice, and
// returns the same error as Err.
func (r *Rows) Close() error {
	if r.closed {
		return r.err
	}
	r.closed = true
	if r.run != nil && !r.run.program.ReadOnly && r.err == nil {
		// A statement that changes the database is run to its end.
		for r.run.row {
			var err error
			if r.run.row, err = r.run.step(); err != nil {
				r.end(err)
				break
			}
		}
	}
	r.end(nil)
	r.row.vals = nil
	c := r.conn
	if c == nil {
		return r.err
	}
	if i := slices.Index(c.open, r); i >= 0 {
		c.open = slices.Delete(c.open, i, i+1)
	}
	if r.lender != nil {
		r.lender.give(c)
	}
	return r.err
}

// all turns rows into a sequence.
func all(query func() (*Rows, error)) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		rows, err := query()
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			if !yield(rows.Row(), nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

var errNoRow = errors.New("no row: call Next first")
