package main

import (
	"fmt"
	"time"
)

// Queries in the manner of TPC-H, on data of its shape that we generate: the
// tables, their proportions, keys and ranges of values are those of the
// benchmark, its texts are not, and lineitem has one to seven rows an order.
// Dates are texts, decimals are floats, dates in the queries are worked out.

var tpch = &dataset{
	name: "tpch",
	schema: `CREATE TABLE region(r_regionkey INTEGER PRIMARY KEY, r_name TEXT);
		CREATE TABLE nation(n_nationkey INTEGER PRIMARY KEY, n_name TEXT, n_regionkey INTEGER);
		CREATE TABLE supplier(s_suppkey INTEGER PRIMARY KEY, s_name TEXT, s_nationkey INTEGER, s_acctbal REAL);
		CREATE TABLE customer(c_custkey INTEGER PRIMARY KEY, c_name TEXT, c_address TEXT, c_nationkey INTEGER, c_phone TEXT,
			c_acctbal REAL, c_mktsegment TEXT, c_comment TEXT);
		CREATE TABLE part(p_partkey INTEGER PRIMARY KEY, p_name TEXT, p_brand TEXT, p_type TEXT, p_size INTEGER,
			p_container TEXT);
		CREATE TABLE orders(o_orderkey INTEGER PRIMARY KEY, o_custkey INTEGER, o_orderstatus TEXT, o_totalprice REAL,
			o_orderdate TEXT, o_orderpriority TEXT, o_shippriority INTEGER, o_comment TEXT);
		CREATE TABLE lineitem(l_orderkey INTEGER, l_partkey INTEGER, l_suppkey INTEGER, l_linenumber INTEGER,
			l_quantity INTEGER, l_extendedprice REAL, l_discount REAL, l_tax REAL, l_returnflag TEXT, l_linestatus TEXT,
			l_shipdate TEXT, l_commitdate TEXT, l_receiptdate TEXT, l_shipinstruct TEXT, l_shipmode TEXT, l_comment TEXT);`,
	tables: tpchTables,
	after: `CREATE INDEX lineitemorder ON lineitem(l_orderkey, l_linenumber); CREATE INDEX lineitempart ON lineitem(l_partkey);
		CREATE INDEX ordercust ON orders(o_custkey);`,
}

var (
	regions    = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}
	segments   = []string{"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"}
	priorities = []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
	modes      = []string{"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"}
	instructs  = []string{"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"}
	types      = []string{"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"}
	finishes   = []string{"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"}
	metals     = []string{"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"}
	boxes      = []string{"SM", "LG", "MED", "JUMBO", "WRAP"}
	cases      = []string{"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"}
	nations    = []string{
		"ALGERIA", "ARGENTINA", "BRAZIL", "CANADA", "EGYPT", "ETHIOPIA", "FRANCE", "GERMANY", "INDIA", "INDONESIA", "IRAN", "IRAQ",
		"JAPAN", "JORDAN", "KENYA", "MOROCCO", "MOZAMBIQUE", "PERU", "CHINA", "ROMANIA", "SAUDI ARABIA", "VIETNAM", "RUSSIA",
		"UNITED KINGDOM", "UNITED STATES",
	}
	nationRegion = []int{0, 1, 1, 1, 4, 0, 3, 3, 2, 2, 4, 4, 2, 4, 0, 0, 0, 1, 2, 3, 4, 2, 3, 3, 1}
)

// day is the text of the day that many days after the first of 1992.
func day(n int) string { return days[min(max(n, 0), len(days)-1)] }

var days = func() (list [2800]string) {
	for i := range list {
		list[i] = time.Date(1992, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	return list
}()

func tpchTables(s size) []table {
	scaled := func(n float64) int { return max(1, int(n*s.SF)) }
	suppliers, customers, parts, orders := scaled(10_000), scaled(150_000), scaled(200_000), scaled(1_500_000)
	orderDay := func(o int) int { return below(o, 4, 2406) }
	price := func(part int) float64 { return float64(90_000+part/10%20_001+100*(part%1_000)) / 100 }
	// Order o has lines(o) rows of lineitem: one to seven.
	lines := func(o int) int { return 1 + below(o, 9, 7) }
	total := 0
	for o := range orders {
		total += lines(o)
	}
	order, line := 0, 0 // The next row of lineitem: its rows are asked for in turn.
	return []table{
		{"region", 2, len(regions), func(i int, v []any) { v[0], v[1] = i, regions[i] }},
		{"nation", 3, len(nations), func(i int, v []any) { v[0], v[1], v[2] = i, nations[i], nationRegion[i] }},
		{"supplier", 4, suppliers, func(i int, v []any) {
			v[0], v[1], v[2], v[3] = i+1, label("Supplier#", i+1), below(i, 20, 25), float64(below(i, 21, 1_000_000))/100
		}},
		{"customer", 8, customers, func(i int, v []any) {
			nation := below(i, 22, 25)
			v[0], v[1], v[2], v[3] = i+1, label("Customer#", i+1), sentence(i, 23, 2), nation
			v[4] = fmt.Sprintf("%d-%03d-%04d", 10+nation, below(i, 24, 1000), below(i, 25, 10_000))
			v[5], v[6], v[7] = float64(below(i, 26, 1_000_000))/100, pick(i, 27, segments), sentence(i, 28, 10)
		}},
		{"part", 6, parts, func(i int, v []any) {
			v[0], v[1], v[2] = i+1, sentence(i, 30, 5), fmt.Sprint("Brand#", 1+below(i, 31, 5), 1+below(i, 32, 5))
			v[3] = pick(i, 33, types) + " " + pick(i, 34, finishes) + " " + pick(i, 35, metals)
			v[4], v[5] = 1+below(i, 36, 50), pick(i, 37, boxes)+" "+pick(i, 38, cases)
		}},
		{"orders", 8, orders, func(o int, v []any) {
			comment := sentence(o, 40, 6)
			if below(o, 41, 50) == 0 {
				comment += " special packages requests"
			}
			status := "F"
			if orderDay(o) > 1260 {
				status = "O"
			}
			cust := below(o, 42, customers)
			v[0], v[1], v[2] = o+1, cust-cust%3%2+1, status // Some customers never order.
			v[3], v[4], v[5], v[6], v[7] = float64(below(o, 43, 50_000_000))/100, day(orderDay(o)), pick(o, 44, priorities), 0, comment
		}},
		{"lineitem", 16, total, func(i int, v []any) {
			if i == 0 {
				order, line = 0, 0
			}
			part, quantity := below(i, 50, parts)+1, 1+below(i, 51, 50)
			shipped := orderDay(order) + 1 + below(i, 52, 121)
			received := shipped + 1 + below(i, 53, 30)
			v[0], v[1], v[2], v[3] = order+1, part, 1+below(i, 54, suppliers), line+1
			v[4], v[5], v[6], v[7] = quantity, float64(quantity)*price(part), float64(below(i, 55, 11))/100, float64(below(i, 56, 9))/100
			v[8], v[9] = "N", "O"
			if received <= 1263 {
				v[8] = pick(i, 57, []string{"R", "A"})
			}
			if shipped <= 1263 {
				v[9] = "F"
			}
			v[10], v[11], v[12] = day(shipped), day(orderDay(order)+30+below(i, 58, 61)), day(received)
			v[13], v[14], v[15] = pick(i, 59, instructs), pick(i, 60, modes), sentence(i, 61, 4)
			if line++; line == lines(order) {
				order, line = order+1, 0
			}
		}},
	}
}

const tpchFamily = "tpch/"

// The least ratio of one query, and of the geometric mean of all.
const tpchLeast, tpchMean = 1.3, 6

func tpchWork() []workload {
	var list []workload
	for _, q := range []struct{ name, kinds, sql string }{
		{"Q1", "ttiffffffi", `SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice),
			sum(l_extendedprice * (1 - l_discount)), sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)),
			avg(l_quantity), avg(l_extendedprice), avg(l_discount), count(*)
			FROM lineitem WHERE l_shipdate <= '1998-09-02'
			GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus`},
		{"Q3", "ifti", `SELECT l_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
			FROM customer, orders, lineitem
			WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND l_orderkey = o_orderkey
				AND o_orderdate < '1995-03-15' AND l_shipdate > '1995-03-15'
			GROUP BY l_orderkey, o_orderdate, o_shippriority ORDER BY revenue DESC, o_orderdate, l_orderkey LIMIT 10`},
		{"Q4", "ti", `SELECT o_orderpriority, count(*) FROM orders
			WHERE o_orderdate >= '1993-07-01' AND o_orderdate < '1993-10-01'
				AND EXISTS (SELECT * FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
			GROUP BY o_orderpriority ORDER BY o_orderpriority`},
		{"Q5", "tf", `SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
			FROM customer, orders, lineitem, supplier, nation, region
			WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
				AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'ASIA'
				AND o_orderdate >= '1994-01-01' AND o_orderdate < '1995-01-01'
			GROUP BY n_name ORDER BY revenue DESC`},
		{"Q6", "f", `SELECT sum(l_extendedprice * l_discount) FROM lineitem
			WHERE l_shipdate >= '1994-01-01' AND l_shipdate < '1995-01-01'
				AND l_discount BETWEEN 0.05 - 0.001 AND 0.07 + 0.001 AND l_quantity < 24`},
		{"Q10", "itfftttt", `SELECT c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) AS revenue, c_acctbal, n_name,
				c_address, c_phone, c_comment
			FROM customer, orders, lineitem, nation
			WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND o_orderdate >= '1993-10-01'
				AND o_orderdate < '1994-01-01' AND l_returnflag = 'R' AND c_nationkey = n_nationkey
			GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
			ORDER BY revenue DESC, c_custkey LIMIT 20`},
		{"Q12", "tii", `SELECT l_shipmode,
				sum(CASE WHEN o_orderpriority = '1-URGENT' OR o_orderpriority = '2-HIGH' THEN 1 ELSE 0 END),
				sum(CASE WHEN o_orderpriority <> '1-URGENT' AND o_orderpriority <> '2-HIGH' THEN 1 ELSE 0 END)
			FROM orders, lineitem
			WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate
				AND l_shipdate < l_commitdate AND l_receiptdate >= '1994-01-01' AND l_receiptdate < '1995-01-01'
			GROUP BY l_shipmode ORDER BY l_shipmode`},
		{"Q13", "ii", `SELECT c_count, count(*) AS custdist FROM (
				SELECT c_custkey, count(o_orderkey) AS c_count FROM customer
				LEFT OUTER JOIN orders ON c_custkey = o_custkey AND o_comment NOT LIKE '%special%requests%'
				GROUP BY c_custkey) AS c_orders
			GROUP BY c_count ORDER BY custdist DESC, c_count DESC`},
		{"Q14", "f", `SELECT 100.00 * sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
				/ sum(l_extendedprice * (1 - l_discount))
			FROM lineitem, part
			WHERE l_partkey = p_partkey AND l_shipdate >= '1995-09-01' AND l_shipdate < '1995-10-01'`},
		{"Q18", "titfi", `SELECT c_name, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity)
			FROM customer, orders, lineitem
			WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 250)
				AND c_custkey = o_custkey AND o_orderkey = l_orderkey
			GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
			ORDER BY o_totalprice DESC, o_orderdate, o_orderkey LIMIT 100`},
		{"Q19", "f", `SELECT coalesce(sum(l_extendedprice * (1 - l_discount)), 0.0) FROM lineitem, part
			WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'REG AIR') AND l_shipinstruct = 'DELIVER IN PERSON' AND (
				p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
					AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5
				OR p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
					AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10
				OR p_brand = 'Brand#34' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
					AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 15)`},
	} {
		list = append(list, query(tpchFamily+q.name, tpch, tpchLeast, q.kinds, q.sql))
	}
	return list
}
