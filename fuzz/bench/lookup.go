package main

import "fmt"

// One row by a random key, alone and from four goroutines, and what an index's
// ends answer.

func lookupWork() []workload {
	var list []workload
	for _, l := range []struct {
		by, kinds, sql string
		key            func(i, rows int) any
	}{
		{"row id", "itf", "SELECT a, b, c FROM t WHERE id = ?", func(i, _ int) any { return i + 1 }},
		{"integer index", "itf", "SELECT id, b, c FROM t WHERE a = ?", func(i, rows int) any { return largeA(i, rows) }},
		{"text index", "iif", "SELECT id, a, c FROM t WHERE b = ?", func(i, _ int) any { return largeB(i) }},
	} {
		// lookups makes the function of goroutine i, its n keys made before.
		lookups := func(t *T, c Conn, i, n int) (func(a *Answer) error, error) {
			s, err := t.Prepare(c, l.sql, l.kinds)
			keys := make([]any, n)
			for j := range keys {
				keys[j] = l.key(below(i*len(keys)+j, 7, t.Rows), t.Rows)
			}
			args := make([]any, 1)
			return func(a *Answer) error {
				for _, args[0] = range keys {
					if err := s.Query(a, args...); err != nil {
						return err
					}
				}
				return nil
			}, err
		}
		list = append(list, workload{
			name: "lookup/by " + l.by, unit: "lookup", data: large, scale: true, want: want{sql: 3.5, native: 10},
			run: func(t *T) error {
				n := t.N(50_000)
				f, err := lookups(t, t.conn, 0, n)
				if err != nil {
					return err
				}
				return t.Repeat(n, f)
			},
		}, workload{
			name: fmt.Sprintf("lookup/by %s, 4 goroutines", l.by), unit: "lookup", data: large, want: want{sql: 4, native: 10},
			run: func(t *T) error {
				if err := t.Fold("i", "SELECT count(*) FROM t WHERE a >= 0 AND b >= '' AND c >= 0"); err != nil {
					return err
				}
				n := t.N(20_000)
				return t.Parallel(4, n, func(c Conn, i int) (func(a *Answer) error, error) {
					f, err := lookups(t, c, i, n)
					if err == nil {
						err = f(&Answer{}) // Each connection's cache is warm.
					}
					return f, err
				})
			},
		})
	}
	for _, q := range []struct{ name, kinds, sql string }{
		{"COUNT(*)", "i", "SELECT count(*) FROM t"},
		{"MIN of a key", "i", "SELECT min(a) FROM t"},
		{"MAX of a key", "t", "SELECT max(b) FROM t"},
	} {
		list = append(list, query("lookup/"+q.name, large, 1, q.kinds, q.sql))
	}
	return list
}
