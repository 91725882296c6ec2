// Package sorter sorts entries of key bytes and payload bytes by bytes.Compare
// of their keys, entries with equal keys in order of arrival.
//
// Words: an entry is a key with its payload; the arena holds entries as they
// came; a run is a sorted sequence of entries in a temporary file; a cut
// throws away what a limit no longer needs.
//
// What fits into the budget is sorted in memory: the eight bytes behind the
// common prefix of all keys become an integer, a least-significant-digit radix
// sort orders the integers over the digits that differ, and the entries whose
// integers are equal are sorted again by what follows (the fix-up). Many entries are dealt
// out by their highest digit before, so that the passes stay near the processor. Beyond the
// budget the sorted arena is written as a run, and the runs are merged.
//
// Keys of up to 15 bytes without payloads, those of most indexes, need no arena: they are the integers.
//
// Sorters that several processors have filled are arranged by each, and the first absorbs the others:
// what each had in memory stays a sorted part, and the parts are merged as they are read.
//
// What an OFFSET passes is not read: Skip finds the place by number, over parts by halving.
//
// With a limit of N only the first N entries are kept: whenever twice as many
// have come they are sorted and cut, and from then on keys that are not below
// the N-th are turned away at the door.
//
// Invariants:
//
//	S1  Refs grow with arrival, within an arena and from run to run; they break
//	    the ties, so no step needs to be stable by itself.
//	S2  An entry does not cross the border of a chunk.
//	S3  What Key and Payload return is borrowed until Next, Skip, Sort, Open or Close.
//	S4  The arena, the entries and the radix sort's second array stay within
//	    BytesMax, but for one entry, which may be larger than that.
//
// Start reading at Add and Sort in sorter.go, then radix.go, inline.go, runs.go and parts.go.
package sorter
