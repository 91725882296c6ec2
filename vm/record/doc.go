// Package record turns rows and index keys into bytes and back.
//
// Words: a record is a row as bytes (column count, a tag byte per column, the
// lengths of long texts, then the bodies). A key is a list of values as bytes
// whose order under bytes.Compare is the order of the values. A fix-up is what
// a key cannot give back: that 1 was the real 1.0 or 0 was -0.0, or the spelling of a text
// under NOCASE; fix-ups travel in the payload of the index entry.
//
//	record:  head | [longs] | tags (1 byte a column) | lengths | bodies
//	         head  = uvarint columns*2 + (1 when lengths is not empty)
//	         longs = uvarint size of lengths in bytes, only when head is odd
//
// The bytes are described in fileformat.md, sections "Record" and "Key".
//
// Invariants:
//
//	R1  decode(encode(row)) = row, for every row.
//	R2  bytes.Compare(key(a), key(b)) has the sign of comparing a and b column
//	    by column under the key's columns (collation, direction).
//	R3  No key of n columns is a prefix of another key of n columns followed
//	    by a byte below KeySuccessor, unless the two are equal: so prefix
//	    bounds work on bytes alone.
//	R4  Foreign bytes give an error, never a panic, and never values beyond
//	    the record's end.
//
// Texts and blobs that a reader hands out are borrowed from the record.
// Start reading at AppendRecord and Row, then at AppendKey.
package record
