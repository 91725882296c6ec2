// Package btree keeps ordered entries, a key and a payload each, in trees of pages. A table, an
// index and a bucket of the key-value API are one tree each. The package knows bytes and int64 keys;
// what they mean is for those above it.
//
// Words: a tree is named by its root page. Leaves (level 0) hold the entries, interior pages hold
// separators and children: child 0, separator 0, child 1, separator 1, ... A separator is greater
// than every key left of it and not greater than any key right of it. A slot is an entry's index in its
// page. A cell is the part of an entry that lies behind the page's arrays: the payload, and for byte
// keys what the page does not keep elsewhere of the key. The head of a byte key are the 4 bytes
// behind the page's prefix. The fences of a byte page are the separators left and right of it in
// the pages above. An overflow run holds the part of a payload or key that is too long for its cell.
//
// There are two flavours of pages behind one cursor.
//
//	integer keys   header | deltas | children or cell offsets | free | cells | trailer
//	byte keys      header | prefix, low, high fence | heads | children | cell offsets | free | cells | trailer
//
// The arrays come first and are searched alone: an integer leaf is searched without touching a cell,
// a byte page touches a cell only where heads are equal. Cells fill the page from its end downwards.
// The arrays have room for "capacity" entries, so that an append changes few bytes and its
// log delta stays small. The last 16 bytes belong to the pager. fileformat.md has the tables.
//
// Integer keys are deltas from the page's base, 4 bytes each, or 8 where they span more. The search
// guesses that keys are dense (key - first), then interpolates and walks a few steps, then halves.
//
// A byte page keeps the common prefix of its fences once. The last leaf of a tree has no high fence;
// its prefix is that of its low fence and its last key, so that an ascending load is packed as
// well, and is made shorter when a key comes that does not share it. Separators are cut to the
// shortest that separates. A tree with a compare hook has plain pages: whole keys, no heads, no
// prefix, whole separators; its first entry decides, so Create does not ask.
//
// Invariants. Check proves them all; a descent checks what it can in passing, and reports
// fileformat.CorruptError with page and offset.
//
//	B1   A header's arrays end before the cell area, which ends before the trailer. Checked whenever a
//	     page comes into a cursor; the unsafe loads of the search rest on it. Cells are checked one by
//	     one when they are read.
//	B2   Keys ascend strictly in a page and from leaf to leaf. A search and a step prove it of the
//	     entries on both sides of them, so a cursor answers in order or with corruption.
//	B3   Cells do not overlap; the cell area consists of the cells and the counted free bytes.
//	B4   The keys of a page lie between its bounds: fences in byte pages, the separators on the path in
//	     integer trees. Stored fences are the separators above, cut to a sixteenth of the page. A
//	     descent compares the heads of separator and fence, and the key with the fences.
//	B5   A child's level is its parent's less one, and leaves meet without hole or overlap. So walks end
//	     on any bytes.
//	B6   A root never moves; it counts the entries of the tree. Other pages count 0.
//	B7   Only a root is without entries. Interior pages have two children or more. Cells and separators
//	     are small enough that a full page and one more entry always make two pages: the new pages'
//	     bounds lie within the old ones', so their prefixes are not shorter.
//	B8   Every overflow page belongs to one run, every run to one cell. A run's pages are consecutive;
//	     the first knows their number and the next run, each other one the first page and its place.
//	B9   A cursor has a place K. Where the stamp of its leaf, or of a page above when it leaves the
//	     leaf, differs from the one it read, it seeks K again before it moves or reads.
//	B10  A page less than 40 % full is merged or balanced with a neighbour when an entry is deleted.
//	     It may stay below where prefixes would be lost by moving entries.
//
// What it does not do: no transactions, no locks, no goroutines (pager), no types (vm/record), no
// retries: after an error of a write the caller rolls back to its savepoint.
//
// The overlay of an optimistic transaction will join at the exported moves of Cursor. They are thin:
// each has an unexported twin (next, nextLeaf, descend...) that knows pages alone, and a merged cursor
// puts the overlay's tree beside it.
//
// Start reading at format.go (the header and its view), then cursor.go (places, descent), move.go
// and write.go; split.go, merge.go and workspace.go reshape; builder.go loads; apply.go makes many
// changes at once; check.go is the proof.
package btree
