// Package pager keeps the numbered pages of one file: snapshots, private copies, savepoints,
// commit, checkpoint, recovery. It knows what a page's number, version and checksum are, and
// nothing of what rooms above write into it. It starts no goroutine: Checkpoint and SyncLog are
// methods that the root's goroutine calls when Work tells it to.
//
// Words: a frame is one page-sized buffer in the arena; a version is the bytes of a page as of one
// commit; a page's versions form its chain, newest first; home is the page's place in the main file;
// a private page is the writer's own copy; published means visible to new readers.
//
//	page table            versions (frames)                  home
//	+-------+     +-----------+    +-----------+
//	| no 7  | --> | commit 12 | -> | commit 9  | -> 0 ...... page 7 in the main file
//	+-------+     +-----------+    +-----------+             (through the map, or a frame)
//
// A reader of commit 10 takes the version of commit 9; of commit 8, the home. A writer's private
// pages hang on its own table until the commit links them in front of the chains; readers pass over
// them until the commit is published.
//
// The rules; code and tests cite them.
//
//	P1  Begin registers the reader first, then reads the published commit again, and goes on until
//	    the two agree. Whoever computes the live snapshots loads the published commit first.
//	P2  Frames live in the arena, outside of the Go heap (Go memory under -race). A frame that was
//	    reachable is retired with an epoch when it is unlinked, and used again when every
//	    transaction registered at or before that epoch has ended. Invariant builds overwrite it then.
//	P3  A version that no live snapshot sees is dropped when a newer one of its page is published,
//	    and for pages that kept several versions for a reader, in passing later.
//	P4  A private page remembers its savepoint generation. A change in a newer generation works on a
//	    copy, the old frame waits in the undo list.
//	P5  The free list lives in ordinary pages (trunks, one bit a page); its picture in memory has a
//	    journal of changes, so that a rollback undoes them. A freed page may be used again at once.
//	P6  A large transaction writes new pages home ahead of its commit (Spill): behind the pages of its
//	    snapshot and the end of the main file, where no version of the page is in memory, marked in
//	    the trailer. Its commit syncs the main file, then says in the log that they are home. A
//	    checkpoint of an older commit does not cut them off. Recovery takes such a page only on the
//	    log's word, or where the log has nothing else of it.
//	P7  A transaction may begin by leaving every page but the header (Empty: VACUUM). Its commit is
//	    one like any other: pages up to its count have new versions, those behind it are cut off, and
//	    older snapshots still see them. The checkpoint whose T is that commit or a later one cuts the
//	    main file; the log may have entries of such pages, and recovery passes over them.
//	P8  What rooms above have not brought into pages yet (Pending) is settled by a savepoint before it
//	    opens and by a commit before it looks at the pages, and is dropped by rollbacks: what is pending
//	    is newer than every open savepoint, but for one of a statement: what waited before that is kept apart
//	    until it is released, and waits again after a rollback to it. A transaction whose pending changes are lost does not commit.
//	J1-J7, J3 above all: see package journal. Two refinements, both demanded by the crash
//	    enumeration: starting and retiring a log are commits of page 1, which goes home alone after
//	    everything that it vouches for was synced; and a process that finds leftovers of a killed one
//	    syncs what it read before it removes the log that could have repaired it.
//	K1  Log space is reserved, versions linked and the request queued in one piece under log.mu,
//	    before the writer's turn is released.
//	K2  After a failed append or sync everything unpublished is unlinked and the pager takes no
//	    writes. A full disk while reserving fails that commit alone; one that has no room for what an
//	    opening has recovered leaves it in memory and in the log until a writer finds room.
//	K3  Levels say when a commit syncs, never whether a checkpoint does.
//	C1  A page goes home only in a version that is synced and whose image is synced in a live
//	    segment. The first change of a page in a segment is an image (J6), so no extra images are
//	    written by the checkpoint.
//	C2  The home becomes the state of one commit T that no live snapshot is older than; so no page
//	    is overwritten that a reader may take from home.
//	C3  The main file is synced, and a mark that names the oldest segment still needed is synced,
//	    before a segment is used again or removed.
//
// Carrying (re-logging what an old reader keeps from going home) is left out: such a segment stays
// until the reader ends. So are the level buffered and the rollback journal.
//
// Lock order: writer's turn, disk.ckpt, log.mu, chains, home.resize, then one of group.mu, arena.mu,
// home.mu, counts.mu.
// No lock but the turn and ckpt is held across a sync; log.mu is held while a segment grows.
//
// Start reading at tx.go (what callers see), then private.go, commit.go, group.go, log.go,
// checkpoint.go, recover.go; readers.go and table.go hold the two lock-free structures.
package pager
