package token

// Pos is a byte offset into the SQL text that was given to the parser, counted from its first byte
// even when the text holds several statements.
type Pos int

// Quote says how an identifier was written.
type Quote uint8

// The ways to write an identifier. The distinction is kept because a double-quoted name that is
// no column falls back to a string literal, and because a string may stand where a name is asked.
const (
	Bare     Quote = iota // name
	Double                // "name"
	Bracket               // [name]
	Backtick              // `name`
	Single                // 'name', a string used as a name
)
