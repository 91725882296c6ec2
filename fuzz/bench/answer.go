package main

import (
	"fmt"
	"math"

	"github.com/zeebo/xxh3"
)

// Answer is what rows are folded into, so that engines can be compared and no
// column goes unread. Each row is hashed column by column; the rows are summed,
// and in an ordered answer chained.
type Answer struct {
	Rows    int64
	sum     uint64
	row     uint64
	ordered bool
	first   []string // The first row, for a reader of a difference.
	again   bool     // It is known from before: first is not wanted.
}

const prime = 0x9e3779b97f4a7c15

func (a *Answer) isFirst() bool { return a.Rows == 0 && !a.again }

func (a *Answer) column(h uint64) { a.row = (a.row ^ h) * prime }

// Int adds an integer column.
func (a *Answer) Int(v int64) {
	if a.isFirst() {
		a.first = append(a.first, fmt.Sprint(v))
	}
	a.column(uint64(v))
}

// Float adds a float column, rounded to 30 bits of mantissa, nine digits: sums
// may be taken in any order.
func (a *Answer) Float(v float64) {
	if a.isFirst() {
		a.first = append(a.first, fmt.Sprintf("%.9g", v))
	}
	a.column((math.Float64bits(v+0) + 1<<21) >> 22)
}

// Text adds a text column.
func (a *Answer) Text(v string) {
	if a.isFirst() {
		a.first = append(a.first, fmt.Sprintf("%q", v))
	}
	a.column(xxh3.HashString(v))
}

// EndRow ends a row.
func (a *Answer) EndRow() {
	if a.ordered {
		a.sum = a.sum*31 + a.row ^ a.row>>29
	} else {
		a.sum += a.row ^ a.row>>29
	}
	a.Rows++
	a.row = 0
}

// Merge adds the rows of another answer, in no order.
func (a *Answer) Merge(b *Answer) {
	a.Rows += b.Rows
	a.sum += b.sum
	if len(a.first) == 0 {
		a.first = b.first
	}
}

// String is equal for equal answers.
func (a *Answer) String() string { return fmt.Sprintf("%d rows with hash %016x", a.Rows, a.sum) }
