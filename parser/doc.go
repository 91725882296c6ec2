// Package parser turns SQL text into the trees of package ast, as SQLite 3.54 reads it: the same
// grammar, the same precedence, the same fallbacks of keywords to names, the same error texts.
// It knows nothing of storage or schemas.
//
// Words: the current token is the first one not yet consumed; a syntax error names the first token
// that cannot continue; a complaint is an error that the grammar's actions raise about tokens that
// are in order, such as a join type that does not exist.
//
// Invariants:
//
//	G1  Recursive descent with one token of lookahead; the two exceptions (table.* and the words
//	    WINDOW, OVER, FILTER) look at raw tokens and never report what they see.
//	G2  After the first error the current token is Illegal, which no rule accepts, so every
//	    function returns soon; the tree made until then is dropped.
//	G3  A complaint waits until the next token is consumed. A syntax error there replaces
//	    it, since SQLite's parser reduces before it looks whether the next token fits.
//	G4  Recursion is bounded by Limits.ParserDepth, loops that deepen the tree to the left by
//	    Limits.ExprDepth, so neither this package nor those who walk its trees run out of stack.
//	G5  Several statements in one text are parsed one at a time; an error in one is found
//	    only when its turn comes.
//
// Start reading at ParseNext in parser.go, then select.go and expr.go.
package parser
