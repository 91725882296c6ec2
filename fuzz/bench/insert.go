package main

// Rows in and out: one transaction that inserts them, one statement that scans
// them, and the join of three tables whose rows all come out.

var insertWork = []workload{
	{
		name: "insert/1 index, one transaction", unit: "row", want: want{sql: 1.8, native: 2.5},
		also: []metric{
			{name: "peak memory", unit: "bytes", want: want{most: 48 << 20}},
			{name: "file", unit: "bytes", want: want{sql: 1, native: 1}},
		},
		run: func(t *T) error {
			if err := t.conn.Exec(largeSchema + "CREATE INDEX ta ON t(a)"); err != nil {
				return err
			}
			err := t.Time(t.Rows, func() error {
				return inTx(t.conn, insertInto("t", 4), func(s Stmt) error {
					v := make([]any, 4)
					for i := range t.Rows {
						v[0], v[1], v[2], v[3] = i+1, largeA(i, t.Rows), largeB(i), float64(i)/4
						if err := s.Exec(v...); err != nil {
							return err
						}
					}
					return nil
				})
			})
			t.ReportPeak()
			if err != nil {
				return err
			}
			return t.Fold("iiif", "SELECT count(*), sum(a), min(b) = max(b), sum(c) FROM t")
		},
	},
	{
		name: "scan/4 columns", unit: "row", data: large, scale: true, want: want{sql: 2.2, native: 5},
		run: func(t *T) error {
			s, err := t.Prepare(t.conn, "SELECT id, a, b, c FROM t", "iitf")
			if err != nil {
				return err
			}
			return t.Repeat(t.Rows, func(a *Answer) error { return s.Query(a) })
		},
	},
	{
		name: "scan/join of three tables returned whole", unit: "row", data: shop, want: want{sql: 2, native: 5},
		run: func(t *T) error {
			s, err := t.Prepare(t.conn, `SELECT i.id, i.qty, i.price, o.day, c.name
				FROM item i JOIN ord o ON o.id = i.ord JOIN cust c ON c.id = o.cust`, "iifit")
			if err != nil {
				return err
			}
			return t.Repeat(shopItems(t.Rows), func(a *Answer) error { return s.Query(a) })
		},
	},
}

// shop has customers, four orders each, and ten items an order.
var shop = &dataset{
	name: "shop",
	schema: `CREATE TABLE cust(id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE ord(id INTEGER PRIMARY KEY, cust INTEGER, day INTEGER);
		CREATE TABLE item(id INTEGER PRIMARY KEY, ord INTEGER, qty INTEGER, price REAL);`,
	tables: func(s size) []table {
		items := shopItems(s.Rows)
		orders, customers := items/10+1, items/40+1
		return []table{
			{"cust", 2, customers, func(i int, v []any) { v[0], v[1] = i+1, label("customer ", i) }},
			{"ord", 3, orders, func(i int, v []any) { v[0], v[1], v[2] = i+1, below(i, 0, customers)+1, below(i, 1, 3650) }},
			{"item", 4, items, func(i int, v []any) {
				v[0], v[1], v[2], v[3] = i+1, i/10+1, below(i, 2, 50), float64(below(i, 3, 100_000))/100
			}},
		}
	},
	after: "CREATE INDEX ordcust ON ord(cust); CREATE INDEX itemord ON item(ord);",
}

func shopItems(rows int) int { return rows * 2 / 5 }
