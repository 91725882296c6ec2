package sqltest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Engine runs SQL for a file.
type Engine interface {
	// Run runs one statement to its end and returns its rows.
	Run(sql string) (rows [][]Value, err error)
}

// Coded is an error with an extended result code.
type Coded interface {
	error
	ExtendedCode() int
}

// Failure is a record that did not give what it should.
type Failure struct {
	Line      int
	SQL       string
	Got, Want string
}

// String shows the failure.
func (f *Failure) String() string {
	return fmt.Sprintf("line %d: %s\n  got  %s\n  want %s", f.Line, f.SQL, f.Got, f.Want)
}

// Report is what running a file gave.
type Report struct {
	Records  int // That should run.
	Passed   int
	Failures []*Failure // The first failuresMax.
}

const failuresMax = 20

// Run runs the records of a file. After a halt nothing runs.
func Run(e Engine, records []*Record) *Report {
	rep := &Report{}
	labels := map[string]string{}
	for _, rec := range records {
		if rec.Kind == Halt {
			break
		}
		if rec.Skip {
			continue
		}
		rep.Records++
		f := runRecord(e, rec, labels)
		if f == nil {
			rep.Passed++
			continue
		}
		if len(rep.Failures) < failuresMax {
			rep.Failures = append(rep.Failures, f)
		}
	}
	return rep
}

func runRecord(e Engine, rec *Record, labels map[string]string) *Failure {
	rows, err := e.Run(rec.SQL)
	fail := func(got, want string) *Failure {
		return &Failure{Line: rec.Line, SQL: rec.SQL, Got: got, Want: want}
	}
	if rec.Kind == Statement {
		switch {
		case rec.Error && err == nil:
			return fail("no error", "an error")
		case rec.Error && len(rec.Want) > 0:
			if got := ErrorText(err); got != rec.Want[0] {
				return fail(got, rec.Want[0])
			}
		case !rec.Error && err != nil:
			return fail("error: "+err.Error(), "no error")
		}
		return nil
	}
	if err != nil && (len(rec.Want) > 0 || len(rows) > 0) {
		return fail("error: "+err.Error(), short(rec.Want))
	}
	got := Result(rows, rec.Types, rec.Sort, rec.Threshold)
	want := rec.Want
	if len(want) == 1 && strings.Contains(want[0], " values hashing to ") {
		got = []string{Hashed(Result(rows, rec.Types, rec.Sort, 0))}
	}
	if !slices.Equal(got, want) {
		return fail(short(got), short(want))
	}
	if rec.Label != "" {
		h := hash(Result(rows, rec.Types, rec.Sort, 0))
		if old, ok := labels[rec.Label]; ok && old != h {
			return fail("another result than the query with the same label "+rec.Label, "the same")
		}
		labels[rec.Label] = h
	}
	return nil
}

// ErrorText shows an error with its extended code.
func ErrorText(err error) string {
	var c Coded
	if errors.As(err, &c) {
		return fmt.Sprintf("%d: %s", c.ExtendedCode(), err)
	}
	return "1: " + err.Error()
}

func short(lines []string) string {
	s := strings.Join(lines, " | ")
	if len(s) > 300 {
		s = s[:300] + "..."
	}
	return s
}
