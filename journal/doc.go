// Package journal is the log as a byte format: append, scan, recover. It knows entries, batches
// and segments, and neither frames nor transactions; the pager decides what is written when.
//
// Words: a segment is one file of the log; a batch is one commit in it (or a mark); an entry is
// one page in a batch, whole (image) or as changed ranges (delta); a position is a segment's number
// and an offset in it.
//
//	segment:  header (128 bytes) | batch | batch | ... | zeros, or what an older use left
//	batch:    header (64 bytes) | entry | entry | ... | zeros to a multiple of 8 | checksum (8)
//	entry:    head (24 bytes) | body
//
// Rules, of which this room keeps the half that is bytes:
//
//	J1  One entry per page and batch. Commits are numbered densely across segments; recovery
//	    stops at a gap.
//	J2  A batch carries its own checksum seeded by the segment's salt, the previous batch's
//	    checksum as a link, and the position known synced when it was written. A bad batch is a
//	    torn tail, unless a later good batch says that this position had been synced: then it is
//	    corruption.
//	J3  Recovery goes by page version: for each page the newest valid whole copy, then the deltas
//	    whose base matches. (The pager assembles pages; this room hands out entries in order.)
//	J4  Segments are grown ahead of use and written over; one is synced to its end before the next
//	    takes a batch. So a good batch in a segment proves all older segments whole. A segment ends
//	    in a mark that names the next, whose header is synced by then: a log whose newest segment
//	    is gone or unreadable is incomplete, and not just shorter.
//	J5  Segment headers repeat page size, database id, salt and the lowest commit to come.
//	J6  The first change of a page in a segment is an image, later ones are deltas, or counters alone.
//	J7  Every batch names the oldest segment that is still needed. Recovery reads from the one
//	    that the newest good batch names; when it is not there, the log is incomplete.
//
// Start reading at batch.go, then append.go and recover.go.
package journal
