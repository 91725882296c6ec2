// Package readers lets readers hold snapshots beside busy writers and a checkpointer, under the race
// detector, which also turns the invariants on: a frame that was given back is overwritten, so that
// a late reader of it is found out.
//
// Invariant: a transaction, and a single SELECT, sees the state of one commit for its whole life.
//
// TestChaos does everything at once as programs do it by database/sql, in chaos_test.go: nothing is lost,
// nothing fails that should not, and nothing is left.
//
// Start reading at TestReaders in readers_test.go.
package readers
