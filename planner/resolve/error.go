package resolve

import (
	"fmt"

	"github.com/rustlite/rustlite/parser/token"
)

// NameError is an error of binding, with SQLite's text.
type NameError struct {
	Text string
	Pos  token.Pos // Byte offset in the statement's text, or -1.
}

// Error returns the text.
func (e *NameError) Error() string { return e.Text }

func errorAt(pos token.Pos, format string, args ...any) error {
	return &NameError{Text: fmt.Sprintf(format, args...), Pos: pos}
}

func errorf(format string, args ...any) error { return errorAt(-1, format, args...) }

// NotYet is the error for what SQLite has and the planner cannot run yet.
func NotYet(feature string) error { return errorf("not supported yet: %s", feature) }
