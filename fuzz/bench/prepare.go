package main

import "fmt"

// What a program pays before its first row: opening a file, compiling a
// statement.

// many has 200 tables with indexes.
var many = &dataset{
	name: "many",
	schema: func() string {
		s := ""
		for i := range 200 {
			s += fmt.Sprintf(`CREATE TABLE t%d(id INTEGER PRIMARY KEY, name TEXT NOT NULL, parent INTEGER REFERENCES t%[1]d(id),
				price REAL DEFAULT 0, day TEXT CHECK (day <> ''));
				CREATE INDEX t%[1]dparent ON t%[1]d(parent, day);`, i)
		}
		return s
	}(),
	tables: func(size) []table {
		var list []table
		for i := range 200 {
			list = append(list, table{fmt.Sprint("t", i), 5, 10, func(i int, v []any) {
				v[0], v[1], v[2], v[3], v[4] = i+1, label("name ", i), nil, float64(i), "2026-11-23"
			}})
		}
		return list
	},
}

const threeTables = `SELECT a.name, b.price, c.day FROM t10 a JOIN t20 b ON b.parent = a.id JOIN t30 c ON c.id = b.id
	WHERE a.price > %d AND b.day = ? AND c.name LIKE 'n%%' ORDER BY c.day, a.id LIMIT 10`

var prepareWork = []workload{
	opening("open/file of 200 tables", many, 2, "SELECT count(*) FROM t117"),
	opening("open/file of many rows", large, 0, "SELECT a FROM t WHERE id = 7"),
	preparing("prepare/new text", 1.3, func(i int) string { return fmt.Sprintf(threeTables, i) }),
	preparing("prepare/seen text", 5, func(int) string { return fmt.Sprintf(threeTables, 0) }),
}

// opening times the opening of a file that no one in the process has open, a
// query, and its closing.
func opening(name string, data *dataset, want float64, sql string) workload {
	return workload{
		name: name, unit: "opening", data: data, scale: true, want: want1(want),
		run: func(t *T) error {
			if err := t.closeDB(); err != nil {
				return err
			}
			return t.Repeat(1, func(a *Answer) error {
				if err := t.openDB(); err != nil {
					return err
				}
				s, err := t.conn.Prepare(sql, "i")
				if err != nil {
					return err
				}
				if err := s.Query(a); err != nil {
					return err
				}
				if err := s.Close(); err != nil {
					return err
				}
				return t.closeDB()
			})
		},
	}
}

// preparing times the preparing and closing of statements.
func preparing(name string, want float64, text func(i int) string) workload {
	return workload{
		name: name, unit: "statement", data: many, want: want1(want),
		run: func(t *T) error {
			n, next := t.N(1_000), 0
			return t.Repeat(n, func(*Answer) error {
				for range n {
					s, err := t.conn.Prepare(text(next), "tft")
					if err != nil {
						return err
					}
					if err := s.Close(); err != nil {
						return err
					}
					next++
				}
				return nil
			})
		},
	}
}
