// Package memfs is a file system in memory that can crash.
//
// It keeps a journal of every change. Replay walks that journal and, after any prefix of it,
// makes the file system that a crash at this point could have left: what was synced is there;
// each change that was not synced stays, vanishes, or stays in part, sector by sector, as a
// Policy and a seed say.
//
// Rules:
//
//	M1  A write or truncation is durable when a Sync of the same file came after it.
//	M2  A creation, renaming or removal of a name is durable when a SyncDir came after it.
//	M3  A sector of 512 bytes is written whole or not at all.
//	M4  Maps show every write at once (V5). Locks belong to the open file and vanish in a crash.
//
// Start reading at memfs.go; crashes are in replay.go.
package memfs
