// Package pager keeps the numbered pages of one file: snapshots, private copies, savepoints,
// commit, checkpoint, recovery. Start reading at tx.go, then private.go and commit.go.
package pager
