// Package value holds one SQL datum: its storage class, its affinity, and how
// two of them compare.
//
// Words: a Value has a Kind (NULL, integer, real, text, blob). An Affinity is
// what a column or an expression wishes its values to be. A Collation orders
// text. A cast always converts; an affinity converts only what converts
// without loss.
//
// The struct is 24 bytes: a pointer, a number (or a length), a kind. Registers
// of the machine, sorter entries and bound parameters are all made of it, so
// nothing on the way of a row is boxed in an interface or allocated.
//
// Invariants:
//
//	V1  The zero Value is NULL.
//	V2  A real is never NaN: what would be one is NULL.
//	V3  Text and blob values borrow their bytes; whoever keeps a Value longer
//	    than the bytes live copies them (Own).
//	V4  Compare is a total order within one Collation: NULL, then numbers
//	    (integers and reals on one exact number line), then text, then blobs.
//
// The package knows neither rows nor files. Start reading at Value, then
// Compare, then ApplyAffinity. Rules and texts follow SQLite's page
// "Datatypes In SQLite".
package value
