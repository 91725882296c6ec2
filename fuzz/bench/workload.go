package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"
)

// workload is one line of the table, or a few: its function reports a time an
// operation, and perhaps other metrics.
type workload struct {
	name     string   // FAMILY/WHAT
	unit     string   // What its time is for: row, lookup, commit, query.
	data     *dataset // What its file holds; nil: it begins with a new file.
	changes  bool     // It changes the file, so it works on a copy.
	level    string   // Of durability; "" takes the one of -sync.
	analytic bool     // Analytic engines take part.
	scale    bool     // It is measured by -scale.
	want     want     // Of its time.
	also     []metric // The other metrics that it reports.
	run      func(t *T) error
}

// want is the least ratio to mattn, through database/sql and native, 0 for
// none; most is a bound on the figure of RustLite itself.
type want struct{ sql, native, most float64 }

// metric is a figure beside the time: its name and unit (ns, bytes).
type metric struct {
	name, unit string
	want       want
}

// workloads lists all of them.
func workloads() []workload {
	var list []workload
	for _, family := range [][]workload{
		insertWork, lookupWork(), commitWork(), tpchWork(), analyticWork(), sortWork, changeWork, jsonWork, prepareWork,
	} {
		list = append(list, family...)
	}
	return list
}

// query makes the workload of one statement that reads, timed an answer.
func query(name string, data *dataset, want float64, kinds, sql string) workload {
	w := workload{name: name, unit: "query", data: data, analytic: true, want: want1(want)}
	w.run = func(t *T) error {
		s, err := t.Prepare(t.conn, sql, kinds)
		if err != nil {
			return err
		}
		t.answer.ordered = strings.Contains(sql, "ORDER BY")
		return t.Repeat(1, func(a *Answer) error { return s.Query(a) })
	}
	return w
}

func want1(sql float64) want { return want{sql: sql} }

// T is a workload on its way.
type T struct {
	job
	db      DB
	conn    Conn // A connection that is open from the start.
	answer  Answer
	metrics map[string]float64
	stmts   []Stmt
	others  []Conn
}

// Prepare compiles a statement that is closed before the database is: SQLite
// leaves its log behind when one is open.
func (t *T) Prepare(c Conn, sql, kinds string) (Stmt, error) {
	s, err := c.Prepare(sql, kinds)
	if err == nil {
		t.stmts = append(t.stmts, s)
	}
	return s, err
}

// Report notes a figure.
func (t *T) Report(name string, value float64) { t.metrics[name] = value }

// N is n for tables of 100,000 rows and more, and less for smaller ones.
func (t *T) N(n int) int { return max(8, min(n, int(int64(n)*int64(t.Rows)/100_000))) }

// Time runs f once and reports its time an operation, of which it has ops.
func (t *T) Time(ops int, f func() error) error {
	return t.measure(func() (int, error) { return ops, f() })
}

// Repeat runs f once untimed, for the answer, and then again and again for a
// while; it reports the time an operation, of which each run has ops.
func (t *T) Repeat(ops int, f func(a *Answer) error) error {
	if err := f(&t.answer); err != nil {
		return err
	}
	return t.measure(func() (int, error) {
		done := 0
		for start := time.Now(); done == 0 || time.Since(start) < t.Least; done += ops {
			a := Answer{ordered: t.answer.ordered, again: true}
			if err := f(&a); err != nil {
				return 0, err
			}
			if a.sum != t.answer.sum {
				return 0, fmt.Errorf("asked again, it answers %v; at first %v", &a, &t.answer)
			}
		}
		return done, nil
	})
}

// Parallel prepares a function for each of n goroutines, runs them all at once
// and reports the time an operation, of which each has ops.
func (t *T) Parallel(n, ops int, prepare func(c Conn, i int) (func(a *Answer) error, error)) error {
	runs, answers := make([]func(*Answer) error, n), make([]Answer, n)
	for i := range runs {
		c, err := t.db.Conn()
		if err != nil {
			return err
		}
		t.others = append(t.others, c)
		if runs[i], err = prepare(c, i); err != nil {
			return err
		}
	}
	errs := make([]error, n)
	err := t.Time(n*ops, func() error {
		var all sync.WaitGroup
		for i, run := range runs {
			all.Go(func() { errs[i] = run(&answers[i]) })
		}
		all.Wait()
		return nil
	})
	for i := range runs {
		if errs[i] != nil {
			return errs[i]
		}
		t.answer.Merge(&answers[i])
	}
	return err
}

// Fold runs a statement for the answer alone.
func (t *T) Fold(kinds, sql string, args ...any) error {
	s, err := t.Prepare(t.conn, sql, kinds)
	if err != nil {
		return err
	}
	return s.Query(&t.answer, args...)
}

// measure is the one clock.
func (t *T) measure(f func() (ops int, err error)) error {
	if t.Profile != "" {
		w, err := os.Create(t.Profile)
		if err != nil {
			return err
		}
		defer w.Close()
		if err := pprof.StartCPUProfile(w); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	runtime.GC() // What came before is not this work's to sweep.
	start, used := time.Now(), cpuTime()
	ops, err := f()
	t.Report("", float64(time.Since(start))/float64(max(ops, 1)))
	t.Report(cpu, float64(cpuTime()-used)/float64(max(ops, 1)))
	return err
}

// cpu is the metric of the processor's time an operation, of all threads.
const cpu = "cpu"

func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// inTx runs f with a statement in a transaction and commits.
func inTx(c Conn, sql string, f func(s Stmt) error) error {
	tx, err := c.Begin()
	if err != nil {
		return err
	}
	s, err := tx.Prepare(sql, "")
	if err != nil {
		return err
	}
	if err := f(s); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

// insertInto is the text of an INSERT with a parameter a column.
func insertInto(table string, columns int) string {
	return "INSERT INTO " + table + " VALUES (?" + strings.Repeat(", ?", columns-1) + ")"
}

var background = context.Background()
