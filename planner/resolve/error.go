package resolve

import (
	"fmt"

	"github.com/rustlite/rustlite/parser/token"
)

// NameError is an error of binding, with SQLite's text.
type NameError struct {
	Text string
	Pos  token.Pos // Byte offset in the statement's text, or -1.
	Code int       // Extended result code, or 0 for SQLITE_ERROR.
}

// Error returns the text.
func (e *NameError) Error() string { return e.Text }

func errorAt(pos token.Pos, format string, args ...any) error {
	return &NameError{Text: fmt.Sprintf(format, args...), Pos: pos}
}

func errorf(format string, args ...any) error { return errorAt(-1, format, args...) }

// MisusedAgg is the error for an aggregate where there is no group.
func MisusedAgg(e *Expr) error {
	return errorAt(e.Pos, "misuse of aggregate: %s()", e.Agg.Name)
}

// MisusedWindow is the error for a window function where there is no window.
func MisusedWindow(e *Expr) error {
	return errorAt(e.Pos, "misuse of window function %s()", e.Agg.Name)
}

// NotYet is the error for what SQLite has and the planner cannot run yet.
func NotYet(feature string) error { return errorf("not supported yet: %s", feature) }

// codeMissingCollation is SQLITE_ERROR_MISSING_COLLSEQ.
const codeMissingCollation = 257

// NoCollation is the error of a collation that is not known.
func NoCollation(name string) error {
	return &NameError{Text: "no such collation sequence: " + name, Pos: -1, Code: codeMissingCollation}
}
