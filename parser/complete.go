package parser

import (
	"strings"

	"github.com/rustlite/rustlite/parser/token"
)

// The words that matter to Complete, as columns of its table.
const (
	completeSemi = iota
	completeSpace
	completeOther
	completeExplain
	completeCreate
	completeTemp
	completeTrigger
	completeEnd
)

// The states of Complete, as rows of its table. A text is complete when it ends in atStart.
const (
	atNothing = iota // nothing but space so far
	atStart          // after the end of a statement
	inNormal         // within an ordinary statement
	inExplain        // after EXPLAIN at the beginning
	inCreate         // after CREATE
	inTrigger        // within CREATE TRIGGER, whose semicolons do not end it
	atSemi           // after a semicolon within a trigger
	atEnd            // after END following such a semicolon
)

var completeNext = [...][8]uint8{
	// Columns: semi, space, other, explain, create, temp, trigger, end.
	atNothing: {atStart, atNothing, inNormal, inExplain, inCreate, inNormal, inNormal, inNormal},
	atStart:   {atStart, atStart, inNormal, inExplain, inCreate, inNormal, inNormal, inNormal},
	inNormal:  {atStart, inNormal, inNormal, inNormal, inNormal, inNormal, inNormal, inNormal},
	inExplain: {atStart, inExplain, inExplain, inNormal, inCreate, inNormal, inNormal, inNormal},
	inCreate:  {atStart, inCreate, inNormal, inNormal, inNormal, inCreate, inTrigger, inNormal},
	inTrigger: {atSemi, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger},
	atSemi:    {atSemi, atSemi, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, atEnd},
	atEnd:     {atStart, atEnd, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger, inTrigger},
}

// Complete reports whether a text ends with a complete statement: whether its last token is a semicolon
// that ends one. It does not parse; it knows quotes, comments and CREATE TRIGGER ... END. For shells.
func Complete(sql string) bool {
	state := uint8(atNothing)
	for i := 0; i < len(sql) && sql[i] != 0; {
		class := completeOther
		rest := sql[i:]
		n := 1
		switch c := rest[0]; {
		case c == ';':
			class = completeSemi
		case c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r':
			class = completeSpace
		case c == '/' && strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return false
			}
			class, n = completeSpace, end+4
		case c == '-' && strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return false // since 3.54 such a comment is open until its newline
			}
			class, n = completeSpace, end+1
		case c == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return false
			}
			n = end + 1
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(rest[1:], c)
			if end < 0 {
				return false
			}
			n = end + 2
		case token.IsIDChar(c):
			for n < len(rest) && token.IsIDChar(rest[n]) {
				n++
			}
			class = completeWord(rest[:n])
		}
		state = completeNext[state][class]
		i += n
	}
	return state == atStart
}

func completeWord(word string) int {
	switch strings.ToLower(word) {
	case "create":
		return completeCreate
	case "trigger":
		return completeTrigger
	case "temp", "temporary":
		return completeTemp
	case "end":
		return completeEnd
	case "explain":
		return completeExplain
	}
	return completeOther
}
