// Package freelist knows which pages of a database are free, single pages and runs. It is pure
// memory: the pager reads it from trunk pages at open and writes it to them at commit (P5).
//
// Words: an extent is a run of free pages that no free page touches; a mark is a place in the
// list's journal of changes, to which it can be rolled back.
//
// Rules:
//
//	L1  Extents are disjoint, not adjacent, and hold no page 0.
//	L2  Every extent of two or more pages is also in the order by length; count is the sum of all.
//	L3  RollbackTo(m) makes the list equal to what it was when Mark gave m.
//	L4  The lowest free page is taken first, so that the end of the file empties and can be cut off;
//	    a run takes the shortest extent that holds it.
//
// Start reading at List in list.go.
package freelist
