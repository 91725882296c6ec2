package main

import "strconv"

// dataset is what a file holds before a workload begins. Its content depends
// on its size alone.
type dataset struct {
	name   string
	schema string
	tables func(s size) []table
	after  string // Indexes, which are quicker to make at the end.
}

// table is the rows of one table: row sets the columns of row i.
type table struct {
	name    string
	columns int
	rows    int
	row     func(i int, values []any)
}

// size is what data sets are measured by.
type size struct {
	Rows int     // Of the large table.
	SF   float64 // TPC-H's scale factor.
}

// build fills a new database and brings its statistics up to date.
func (d *dataset) build(db DB, s size) error {
	c, err := db.Conn()
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Exec(d.schema); err != nil {
		return err
	}
	for _, t := range d.tables(s) {
		if err := db.Load(t.name, t.columns, t.rows, t.row); err != nil {
			return err
		}
	}
	if d.after != "" {
		if err := c.Exec(d.after); err != nil {
			return err
		}
	}
	return c.Exec("ANALYZE")
}

// mix is column k of row i as a random number, by splitmix64's last step.
func mix(i, k int) uint64 {
	x := (uint64(i)*64 + uint64(k) + 1) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below is column k of row i as a random number from 0 to n-1.
func below(i, k, n int) int { return int(mix(i, k) >> 1 % uint64(max(n, 1))) }

// pick is column k of row i as one of a list.
func pick(i, k int, list []string) string { return list[below(i, k, len(list))] }

// label is a text with a number of eight digits.
func label(prefix string, n int) string {
	b := make([]byte, 0, 24)
	b = append(b, prefix...)
	for d := 10_000_000; d > n && d > 1; d /= 10 {
		b = append(b, '0')
	}
	return string(strconv.AppendInt(b, int64(n), 10))
}

// The large table of inserts, lookups and changes: a key, an integer and a text
// in random order, a float.
const largeSchema = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c REAL);"

func largeA(i, rows int) int { return below(i, 0, rows) }
func largeB(i int) string    { return label("name ", below(i, 1, 100_000_000)) }

func largeTable(s size) []table {
	return []table{{"t", 4, s.Rows, func(i int, v []any) {
		v[0], v[1], v[2], v[3] = i+1, largeA(i, s.Rows), largeB(i), float64(i)/4
	}}}
}

var (
	large = &dataset{
		name: "large", schema: largeSchema, tables: largeTable,
		after: "CREATE INDEX ta ON t(a); CREATE INDEX tb ON t(b);",
	}
	bare = &dataset{name: "bare", schema: largeSchema, tables: largeTable}
)
