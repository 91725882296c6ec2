// Package sqltest runs sqllogictest files: scripts of statements and queries
// with the answers that are expected of them.
//
// The format is that of SQLite's own corpus. Files of ours use two additions:
// the column type V, which shows a value exactly (quoted, so that 1, 1.0, '1'
// and x'31' differ), and a result block under "statement error", which holds
// the extended code and the text of the error. Their answers are recorded by
// the command record of fuzz/oracle, never by us. Comments may be tags, from
// which docs/compatibility.md is made (compatibility_test.go).
//
// Start reading at Parse, then Run.
package sqltest
