// Package plan turns a bound query into a physical plan.
//
// Stages, each visible through a printer:
//
//	resolve.Query -> logical Select (build.go): one block a core: its sources
//	        as a join chain, its conditions as a list of conjuncts
//	Select -> Select (rule_*.go): rewrite rules, one a file, applied in the
//	        order of rules in rules.go until nothing changes
//	Select -> Physical (join.go, access.go, order.go): join order and access
//	        paths by cost, how to group, to sort and to make distinct
//
// A block with window functions is built as several, one for each partition
// and order: its own columns are what windows above them give of the rows of
// its one source, the next of these blocks, sorted (window.go).
//
// How many rows a step leaves is guessed in estimate.go, from what ANALYZE found,
// from the trees' counts, from unique keys and from samples (sample.go); what a
// sample says of a literal, and which other literals would do as well, lean.go
// keeps. Which columns must be equal, and what follows from that, equal.go finds; what an OR says of one source alone,
// restrict.go.
//
// Joins are nested loops, with transient tables where those pay; where keys rise
// the seeks of a loop turn into steps (merge.go).
//
// What of a plan runs over many rows at once is noted here, by what has kernels:
// aggregates (special.go), groups (hash.go), the first terms of the outermost
// scan, and whether that may be split among processors (batchscan.go).
//
// Words: a term is a conjunct of WHERE or ON; an access path is how one source
// is read (row id, index, scan) and which terms it uses up; a level is one
// loop of the nested loops; a residual term is one that a level still tests.
//
// Invariants:
//
//	O1  A rule gives an equivalent block: same rows, same order where there is
//	    one, same errors.
//	O2  Every term is either used by an access path that implies it exactly,
//	    or tested at the first level where its sources are known; terms of a
//	    LEFT, RIGHT or FULL JOIN's ON clause only at its own level, as all ON
//	    clauses are where a RIGHT or FULL JOIN follows; terms of WHERE not
//	    before the last RIGHT or FULL JOIN. An equality of columns is left out
//	    where others that are tested say the same.
//	O3  Costs are guesses, answers are not: any choice gives the same rows.
//
// Costs are in units of one row read by a scan. Where nothing is known the
// guesses are SQLite's: ten rows for an equality on one index column, a quarter
// of the table for a range with one end, a sixteenth with two. Start reading at
// Select, then Physical, then choose in join.go.
package plan
