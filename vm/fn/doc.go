// Package fn holds the built-in functions of SQL and the registry that finds
// them.
//
// Words: a function (Func) is a name with a number of arguments. A scalar
// function computes one value of its arguments. An aggregate makes
// accumulators, one for a group; an accumulator steps over rows, gives its
// result once, and is reset for the next group. A windowed accumulator also
// takes rows back; min and max have another in their place that can (Moving).
// A call site is one place in a program where a function is
// called; its Aux slot keeps what was made of constant arguments, such as a
// compiled pattern. A function is pure (Deterministic) when its result depends
// on its arguments alone, and slow-changing when it is constant within a
// statement, as the clock is.
//
// One file holds one family: text, pattern (LIKE and GLOB), number, blob,
// quote, format (printf), date, system, and the aggregates. FUNCTIONS.md
// lists them all; it is written from the registry.
//
// Invariants:
//
//	F1  A function sees the world through its Context alone: clock, zone,
//	    chance, limits and counters come in by it.
//	F2  Arguments are borrowed for the call and never changed; a result
//	    borrows from an argument or is fresh, never from the function.
//	F3  No bytes of an argument make a function panic. Texts may be malformed
//	    UTF-8 and hold zero bytes; what they then mean is in utf8.go.
//	F4  No result is longer than Context.LengthMax; the error is an *Error
//	    with SQLite's text and code.
//	F5  An accumulator after Reset is as good as a new one.
//
// The package knows no rows, no programs and no files. Results, texts and
// codes are those of the reference; fuzz/oracle compares them on random
// arguments, and testdata holds answers recorded from it. What differs on
// purpose: random() and randomblob(); sqlite_compileoption_get and _used,
// which name what holds for this library; JSON, which is a room of its own.
// Functions of mathematics come from libm, a room that computes them to the
// last bit; C's library rounds one result in a thousand the other way.
//
// Start reading at Func and Context, then text.go.
package fn
