package main

import (
	"fmt"
	"strings"
)

// Groups, distinct values, filters and joins over one wide table.

// facts has columns of 10, 1,000 and 100,000 values, as integers and as texts.
var facts = &dataset{
	name: "facts",
	schema: `CREATE TABLE f(id INTEGER PRIMARY KEY, i10 INTEGER, i1000 INTEGER, i100000 INTEGER,
			t10 TEXT, t1000 TEXT, t100000 TEXT, v INTEGER, x REAL, words TEXT);
		CREATE TABLE p(id INTEGER PRIMARY KEY, region TEXT);
		CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER, v INTEGER, u INTEGER);
		CREATE TABLE h(k INTEGER, w INTEGER);`,
	tables: func(s size) []table {
		parents, keys := s.Rows/10+1, s.Rows/10+1
		return []table{
			{"f", 10, s.Rows, func(i int, r []any) {
				r[0] = i + 1
				for g, n := range []int{10, 1_000, 100_000} {
					k := below(i, g, n)
					r[1+g], r[4+g] = k, label("group ", k)
				}
				r[7], r[8] = below(i, 3, 1_000_000_000), float64(below(i, 4, 1_000_000))/100
				r[9] = sentence(i, 5, 6)
			}},
			{"p", 2, parents, func(i int, r []any) { r[0], r[1] = i+1, label("region ", below(i, 0, 20)) }},
			{"c", 4, s.Rows, func(i int, r []any) {
				r[0], r[1], r[2], r[3] = i+1, below(i, 0, parents)+1, below(i, 1, 1000), below(i, 2, s.Rows)
			}},
			{"h", 2, keys, func(i int, r []any) { r[0], r[1] = below(i, 0, s.Rows), below(i, 1, 1000) }},
		}
	},
	after: "CREATE INDEX cp ON c(p);",
}

var words = strings.Fields(`account agile almond amber anchor autumn basket beacon bright bronze candle carbon cedar chalk
	cloud cobalt copper coral cotton crystal desert drift eager ember falcon fern flint forest frost garnet gentle ginger
	granite harbor hazel heron indigo island ivory jasper juniper lantern laurel lemon linen lotus maple marble meadow mellow
	misty nectar nimble oak olive opal orchid pebble pepper pine plum prairie quartz quiet raven reef ripple river robin
	saffron sage salmon silver slate smoky spruce stone sunset teal thistle timber topaz tulip valley velvet violet walnut
	willow winter`)

// sentence is n words, drawn by row i and column k.
func sentence(i, k, n int) string {
	list := make([]string, n)
	for j := range list {
		list[j] = words[mix(i*n+j, k)>>8%uint64(len(words))]
	}
	return strings.Join(list, " ")
}

func analyticWork() []workload {
	var list []workload
	for _, kind := range []struct{ name, prefix, letter string }{{"integer", "i", "i"}, {"text", "t", "t"}} {
		for _, n := range []int{10, 1_000, 100_000} {
			key := fmt.Sprint(kind.prefix, n)
			list = append(list, query(fmt.Sprintf("group/%d groups by %s", n, kind.name), facts, 15, kind.letter+"iif",
				fmt.Sprintf("SELECT %s, count(*), sum(v), avg(x) FROM f GROUP BY %[1]s", key)))
		}
		list = append(list,
			query("group/DISTINCT of 1000 by "+kind.name, facts, 15, kind.letter, "SELECT DISTINCT "+kind.prefix+"1000 FROM f"),
			query("group/COUNT(DISTINCT) of 100000 by "+kind.name, facts, 15, "i",
				"SELECT count(DISTINCT "+kind.prefix+"100000) FROM f"))
	}
	return append(list,
		query("filter/LIKE scan", facts, 3, "i", "SELECT count(*) FROM f WHERE words LIKE '%granite%river%'"),
		query("filter/filtered count", facts, 3, "i",
			"SELECT count(*) FROM f WHERE v > 250000000 AND x < 7500 AND i10 <> 3"),
		query("join/1:n and sum", facts, 3, "tii",
			"SELECT p.region, count(*), sum(c.v) FROM p JOIN c ON c.p = p.id GROUP BY p.region"),
		query("join/hash, no index", facts, 3, "ii",
			"SELECT count(*), sum(h.w + c.v) FROM c JOIN h ON h.k = c.u"),
	)
}
