// Package token cuts SQL text into tokens exactly as SQLite's tokenizer does.
//
// Words: a token is a kind and a span of bytes; a keyword is a token whose bytes are one of the
// reserved words, in any case of ASCII letters; a keyword may fall back to an identifier, which the
// parser decides, because it depends on the place.
//
// Invariants:
//
//	T1  The tokens of a text, spaces and comments included, cover it without gap or overlap.
//	T2  No input panics; bytes that start no token give Illegal.
//	T3  A token's text is a substring of the source, never a copy.
//
// Start reading at Scan in scan.go.
package token
