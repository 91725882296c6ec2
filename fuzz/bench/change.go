package main

// Changes of many rows, each on a copy of its file.

var changeWork = []workload{
	change("change/CREATE INDEX on integers", bare, "CREATE INDEX ta ON t(a)"),
	change("change/CREATE INDEX on texts", bare, "CREATE INDEX tb ON t(b)"),
	change("change/indexed column of all rows", large, "UPDATE t SET a = a + 1"),
	change("change/delete half", large, "DELETE FROM t WHERE id % 2 = 0"),
	{
		name: "change/random updates, one transaction", unit: "row", data: large, changes: true, want: want1(3),
		run: func(t *T) error {
			n := t.Rows / 10
			err := t.Time(n, func() error {
				return inTx(t.conn, "UPDATE t SET a = ?, c = ? WHERE id = ?", func(s Stmt) error {
					args := make([]any, 3)
					for i := range n {
						args[0], args[1], args[2] = below(i, 11, t.Rows), float64(i), below(i, 12, t.Rows)+1
						if err := s.Exec(args...); err != nil {
							return err
						}
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
			return t.foldLarge()
		},
	},
}

// change makes the workload of one statement over all rows.
func change(name string, data *dataset, sql string) workload {
	return workload{
		name: name, unit: "row", data: data, changes: true, want: want1(3),
		run: func(t *T) error {
			if err := t.Time(t.Rows, func() error { return t.conn.Exec(sql) }); err != nil {
				return err
			}
			return t.foldLarge()
		},
	}
}

// foldLarge answers with the large table and the order of its indexes.
func (t *T) foldLarge() error {
	if err := t.Fold("iif", "SELECT count(*), sum(a), sum(c) FROM t"); err != nil {
		return err
	}
	return t.Fold("iit", "SELECT id, a, b FROM t WHERE a > ? AND b > 'name 5' ORDER BY a, id LIMIT 1000", t.Rows/2)
}
