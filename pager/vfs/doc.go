// Package vfs is the only place that touches the operating system: files, directories, locks,
// maps, anonymous memory, clocks, chance and the process's number. Everything above takes an FS,
// so that a test can put a memory file system (memfs) that crashes, or one that injects faults
// (errfs), in the place of the disk.
//
// Words: a map is a read-only view of a fixed piece of a file; a lock is advisory, taken on a whole
// file and belongs to the open File (not to the process), so that closing another File of the same
// file does not drop it.
//
// Rules:
//
//	V1  A write is durable after a later Sync of the same file returned nil, and not before.
//	V2  A file that was created, renamed or removed is durably so after SyncDir of its directory.
//	V3  Errors of the system come back wrapped with the operation and the path, still reachable
//	    for errors.Is.
//	V4  Lock never waits: it answers ErrLocked, and the caller polls.
//	V5  A map shows writes made through the same FS at once.
//	V6  ReadAt past the end gives the bytes there are and io.EOF, as io.ReaderAt says.
//	V7  Overwrites changes the cost of writes and nothing else: errors, visibility, durability are
//	    those of a system call.
//
// Start reading at vfs.go. System in system.go is the real one.
package vfs
