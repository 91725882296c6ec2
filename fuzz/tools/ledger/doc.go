// Package ledger is the content that the kill campaign writes and checks: what commit k changes is a
// pure function of k, so a database tells by its highest commit what all of it must be.
//
// Invariant: after commit k the table commits holds 1 to k, and rows holds exactly the rows of the
// last Keep commits.
//
// Start reading at Commit and Verify.
package ledger
