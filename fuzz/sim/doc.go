// Package sim simulates the end of the world below a whole database: one thread owns every step of
// a workload in SQL, on a file system in memory that keeps a journal of its changes and can crash
// (memfs) or that fails the n-th operation (errfs).
//
// Words: a state is the content of the database after one commit, as text; the attempt is the state
// that a commit in flight would make. A crash state is what a crash after some change could have
// left on disk.
//
// Invariants, of the database under test:
//
//	S1  After a crash the content is one state, whole: that of the newest acknowledged commit or a
//	    later one after the end of the process, of the newest durable commit or a later one after a
//	    power failure, and never one whose commit had not begun.
//	S2  Every fault surfaces as an error of some call; after it the content is the state before or
//	    after the call that failed.
//	S3  integrity_check finds nothing; a clean close leaves the one file.
//	S4  A transaction that only reads shows its state for its whole life.
//	S5  Rows that triggers and foreign keys keep agree with those that they follow.
//
// What it does not do: threads (make readers) and real processes (make kill9).
//
// Start reading at Workload; crash_test.go and fault_test.go are its users.
package sim
