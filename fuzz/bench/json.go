package main

import "fmt"

// Documents of JSON, as text.

var documents = &dataset{
	name:   "documents",
	schema: "CREATE TABLE d(id INTEGER PRIMARY KEY, doc TEXT);",
	tables: func(s size) []table {
		return []table{{"d", 2, s.Rows / 5, func(i int, v []any) {
			v[0], v[1] = i+1, fmt.Sprintf(`{"id":%d,"kind":"%s","user":{"name":"%s","age":%d,"tags":["%s","%s"]},"n":%d,"note":"%s"}`,
				i+1, words[below(i, 0, 40)], label("user ", below(i, 1, 10_000)), 18+below(i, 2, 60),
				words[below(i, 3, 60)], words[below(i, 4, 60)], below(i, 5, 1_000_000), sentence(i, 6, 8))
		}}}
	},
}

var jsonWork = []workload{
	ofDocuments("json/json_extract",
		"ii", "SELECT sum(json_extract(doc, '$.n')), count(json_extract(doc, '$.user.tags[1]')) FROM d"),
	ofDocuments("json/group by a field",
		"tii", "SELECT json_extract(doc, '$.kind') AS k, count(*), sum(json_extract(doc, '$.n')) FROM d GROUP BY k"),
}

func ofDocuments(name, kinds, sql string) workload {
	w := query(name, documents, 2.5, kinds, sql)
	w.analytic = false // DuckDB's functions of these names answer otherwise.
	return w
}
