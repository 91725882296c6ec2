package main

// Order: sorts whose rows all come out, sorts of which the end alone does, so
// that the driver's part is small, and windows.

var sortWork = []workload{
	query("sort/integers, returned whole", facts, 5, "i", "SELECT v FROM f ORDER BY v"),
	query("sort/texts, returned whole", facts, 5, "t", "SELECT words FROM f ORDER BY words"),
	query("sort/integers, the last ten", facts, 5, "i",
		"SELECT v FROM f ORDER BY v LIMIT 10 OFFSET (SELECT count(*) - 10 FROM f)"),
	query("sort/texts, the last ten", facts, 5, "t",
		"SELECT words FROM f ORDER BY words LIMIT 10 OFFSET (SELECT count(*) - 10 FROM f)"),
	query("sort/top 100", facts, 5, "if", "SELECT id, x FROM f ORDER BY x DESC, id LIMIT 100"),
	query("window/rank", facts, 5, "ii",
		"SELECT count(*), sum(r) FROM (SELECT rank() OVER (PARTITION BY i1000 ORDER BY v) AS r FROM f)"),
	query("window/running sum", facts, 5, "ii",
		"SELECT count(*), max(s) FROM (SELECT sum(v) OVER (ORDER BY id) AS s FROM f)"),
}
