// Package json holds SQL's functions over JSON.
//
// Words: an element is one value of a document: null, true, false, a number,
// a text, an array or an object. A document is kept in the binary form that
// SQL calls JSONB, which is also what the jsonb functions give their users: an
// element is a header and a payload; the payload of an array is its elements,
// that of an object its labels and values in turn. A path names an element
// ($.a[3]). JSON5 is the wider syntax that is read; what is written is plain
// JSON (RFC 8259).
//
//	byte 0       low half: kind; high half: size of the payload, or
//	             12, 13, 14, 15: the size stands in the next 1, 2, 4, 8 bytes
//	             big-endian
//	then         the payload
//
// Invariants:
//
//	E1  Bytes of a document come from outside: a header is checked against the
//	    end of the document before its payload is looked at.
//	E2  Numbers and texts stay as they were written until somebody wants their
//	    value; escapes are undone then.
//	E3  An edit keeps the size of every container around it right before it
//	    returns.
//	E4  Documents nest at most depthMax deep; deeper ones are an error.
//	E5  An outline says of a text what the parser would say, or nothing: text
//	    that has an outline is plain JSON, to its end.
//
// Functions that only look into a text do not make its binary form: an outline
// (outline.go) tells where its elements stand, and the last few of them are
// kept from call to call (lookup.go), since a statement seldom looks at a
// document once. parse.go reads what is wider than plain JSON and finds where
// errors are, write.go writes text, path.go finds and edits, and functions.go,
// group.go and each.go are what SQL sees. Start reading at element.go. The
// binary form is described on the page "The SQLite JSONB Format" of the
// reference's documentation; results are the reference's to the byte, also
// where a binary form is not the shortest one.
package json
