// Package document compares a Markdown document with the code that it describes, for the tests of
// the rooms that own its sections.
//
// Words: a table row names a constant when its last cell is a name in backquotes and its first
// begins with a number, the constant's value. An example is a code block between the comments
// "<!-- example: NAME -->" and "<!-- end -->".
//
// Invariant: with RUSTLITE_UPDATE set, examples are written anew, and nothing else of the document
// changes.
//
// Start reading at Constants.
package document
