package main

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Small transactions: of one writer and of eight at each level of durability,
// and between readers.

func commitWork() []workload {
	var list []workload
	wants := map[string][2]float64{"FULL": {1.2, 5}, "NORMAL": {4, 4}, "OFF": {4, 0}}
	for _, level := range []string{"FULL", "NORMAL", "OFF"} {
		commits := 20_000
		if level == "FULL" {
			commits = 2_000
		}
		list = append(list, workload{
			name: "commit/one row, " + level, unit: "commit", level: level, want: want1(wants[level][0]),
			run: func(t *T) error { return t.commits(1, t.N(commits)) },
		})
		if level == "OFF" {
			continue
		}
		slowest := want{}
		if level == "FULL" {
			slowest.most = float64(20 * time.Millisecond)
		}
		list = append(list, workload{
			name: "commit/eight writers, " + level, unit: "commit", level: level, want: want1(wants[level][1]),
			also: []metric{{"slowest", "ns", slowest}},
			run:  func(t *T) error { return t.commits(8, t.N(commits/4)) },
		})
	}
	return append(list, workload{
		name: "commit/8 goroutines, 80 % reads", unit: "operation", data: large, changes: true, level: "NORMAL", want: want1(3),
		also: []metric{{"a read", "ns", want1(3)}, {"a write", "ns", want1(3)}},
		run:  mixed,
	}, workload{
		name: "commit/random updates, NORMAL", unit: "commit", data: large, changes: true, level: "NORMAL", scale: true,
		run: func(t *T) error {
			s, err := t.Prepare(t.conn, "UPDATE t SET c = c + 1 WHERE id = ?", "")
			if err != nil {
				return err
			}
			n := t.N(20_000)
			return t.Time(n, func() error {
				args := make([]any, 1)
				for i := range n {
					args[0] = below(i, 8, t.Rows) + 1
					if err := s.Exec(args...); err != nil {
						return err
					}
				}
				return nil
			})
		},
	})
}

// commits has writers insert n rows each, a transaction a row.
func (t *T) commits(writers, n int) error {
	if err := t.conn.Exec(largeSchema); err != nil {
		return err
	}
	slowest := make([]time.Duration, writers)
	err := t.Parallel(writers, n, func(c Conn, i int) (func(*Answer) error, error) {
		s, err := t.Prepare(c, "INSERT INTO t(a, b, c) VALUES (?, ?, ?)", "")
		return func(*Answer) error {
			args := make([]any, 3)
			for j := range n {
				args[0], args[1], args[2] = i*n+j, "one row of one commit", 0.5
				start := time.Now()
				if err := s.Exec(args...); err != nil {
					return err
				}
				slowest[i] = max(slowest[i], time.Since(start))
			}
			return nil
		}, err
	})
	if err != nil {
		return err
	}
	if writers > 1 {
		t.Report("slowest", float64(slices.Max(slowest)))
	}
	return t.Fold("iif", "SELECT count(*), sum(a), sum(c) FROM t")
}

// mixed has eight goroutines read a row four times in five, and change one the
// fifth time. The times of a read and of a write are what their goroutines see.
func mixed(t *T) error {
	const goroutines, levels = 8, 2
	n := t.N(10_000)
	var spent, times [levels]atomic.Int64
	err := t.Parallel(goroutines, n, func(c Conn, g int) (func(a *Answer) error, error) {
		read, err := t.Prepare(c, "SELECT a, b FROM t WHERE id = ?", "it")
		if err != nil {
			return nil, err
		}
		write, err := t.Prepare(c, "UPDATE t SET c = c + 1 WHERE id = ?", "")
		return func(a *Answer) error {
			args := make([]any, 1)
			for i := g * n; i < (g+1)*n; i++ {
				args[0] = below(i, 9, t.Rows) + 1
				kind, start := 0, time.Now()
				var err error
				if below(i, 10, 5) > 0 {
					err = read.Query(a, args...)
				} else {
					kind, err = 1, write.Exec(args...)
				}
				if err != nil {
					return err
				}
				spent[kind].Add(int64(time.Since(start)))
				times[kind].Add(1)
			}
			return nil
		}, err
	})
	if err != nil {
		return err
	}
	for kind, name := range strings.Split("a read,a write", ",") {
		t.Report(name, float64(spent[kind].Load())/float64(max(times[kind].Load(), 1)))
	}
	return t.Fold("if", "SELECT count(*), sum(c) FROM t")
}
