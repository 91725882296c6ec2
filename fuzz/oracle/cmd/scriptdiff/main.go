// Command scriptdiff runs the SQL of standard input on the reference and on
// RustLite, each in a fresh database in memory, statement by statement, and
// prints where they differ: names of columns, rows in their order, codes,
// texts and offsets of errors.
//
//	scriptdiff [-offset=false] [-sorted] [-all] < SCRIPT.sql
//
// A comment line "-- new" starts over with empty databases. -sorted compares
// rows as sets, for scripts that do not order them. The status is 1 when
// something differs. Statements that answer "not supported yet" here are
// counted, and shown with -all. EXPLAIN is not compared: plans are our own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/oracle"
	"github.com/rustlite/rustlite/vm/value"
)

// differ holds both sides and what is compared.
type differ struct {
	ref  *oracle.Conn
	db   *rustlite.DB
	ours *rustlite.Conn

	offset, sorted, all    bool
	same, different, later int
}

func main() {
	d := &differ{}
	flag.BoolVar(&d.offset, "offset", true, "compare offsets of errors")
	flag.BoolVar(&d.sorted, "sorted", false, "compare rows as sets")
	flag.BoolVar(&d.all, "all", false, "show statements that are not supported yet")
	flag.Parse()
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = d.run(os.Stdout, string(text))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Printf("%d same, %d different, %d not supported yet\n", d.same, d.different, d.later)
	if d.different > 0 {
		os.Exit(1)
	}
}

// run compares a script and describes the differences to out.
func (d *differ) run(out io.Writer, script string) error {
	for _, part := range strings.Split("\n"+script, "\n-- new") {
		if err := d.reset(); err != nil {
			return err
		}
		for rest := part; rest != ""; {
			var one string
			one, rest = oracle.Split(rest)
			if one = strings.TrimSpace(one); one != "" {
				d.compare(out, one)
			}
		}
		d.close()
	}
	return nil
}

func (d *differ) reset() (err error) {
	if d.ref, err = oracle.Open(":memory:"); err != nil {
		return err
	}
	if d.db, err = rustlite.Open(":memory:", nil); err != nil {
		return err
	}
	d.ours, err = d.db.Conn(context.Background())
	return err
}

func (d *differ) close() {
	d.ref.Close()
	d.ours.Close()
	d.db.Close()
}

// answer is what one side says: the names and rows that come before an error,
// and the error.
type answer struct {
	names string
	rows  []string
	err   string
}

// String leaves the names out when there is but an error: the two sides may
// meet it at different steps.
func (a *answer) String() string {
	if a.err != "" && len(a.rows) == 0 {
		return a.err
	}
	return strings.Join(append(append([]string{a.names}, a.rows...), a.err), "\n    ")
}

func (d *differ) compare(out io.Writer, sql string) {
	theirs, own := d.reference(sql), d.rustlite(sql)
	if strings.Contains(own.err, "not supported yet") && !strings.Contains(theirs.err, "error 1 ") {
		d.later++
		if d.all {
			fmt.Fprintf(out, "%s\n  ours: %s\n\n", sql, own.err)
		}
		return
	}
	if d.sorted {
		sort.Strings(theirs.rows)
		sort.Strings(own.rows)
	}
	if theirs.String() == own.String() {
		d.same++
		return
	}
	d.different++
	fmt.Fprintf(out, "%s\n  reference: %s\n  ours:      %s\n\n", sql, theirs, own)
}

func (d *differ) errorText(code, extended, offset int, text string) string {
	if !d.offset {
		return fmt.Sprintf("error %d %d: %s", code, extended, text)
	}
	return fmt.Sprintf("error %d %d: %s (offset %d)", code, extended, text, offset)
}

func (d *differ) reference(sql string) *answer {
	a := &answer{}
	s, _, err := d.ref.Prepare(sql)
	if err == nil && s != nil {
		a.names = strings.Join(s.Columns(), "|")
		err = s.Run(func(row []value.Value) error {
			parts := make([]string, len(row))
			for i := range row {
				parts[i] = oracle.Show(&row[i])
			}
			a.rows = append(a.rows, strings.Join(parts, "|"))
			return nil
		})
		s.Close()
	}
	var e *oracle.Error
	if errors.As(err, &e) {
		a.err = d.errorText(e.Code, e.Extended, e.Offset, e.Text)
	}
	return a
}

func (d *differ) rustlite(sql string) *answer {
	a := &answer{}
	rows, _, err := d.ours.QueryFirst(context.Background(), sql)
	if err == nil && rows != nil {
		a.names = strings.Join(rows.Columns(), "|")
		for rows.Next() {
			a.rows = append(a.rows, showRow(rows.Row()))
		}
		err = rows.Err()
		rows.Close()
	}
	var e *rustlite.Error
	if errors.As(err, &e) {
		a.err = d.errorText(e.Code(), e.ExtendedCode(), e.Offset(), e.Error())
	} else if err != nil {
		a.err = "error of an unknown type: " + err.Error()
	}
	return a
}

func showRow(r *rustlite.Row) string {
	parts := make([]string, r.Len())
	for i := range parts {
		var v value.Value
		switch r.Kind(i) {
		case rustlite.Null:
		case rustlite.Integer:
			v.SetInt(r.Int64(i))
		case rustlite.Real:
			v.SetReal(r.Float64(i))
		case rustlite.Text:
			v.SetText(r.Bytes(i))
		default:
			v.SetBlob(r.Bytes(i))
		}
		parts[i] = oracle.Show(&v)
	}
	return strings.Join(parts, "|")
}
