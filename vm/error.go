package vm

import (
	"errors"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/vm/record"
)

// Result codes that the machine itself raises; the numbers are SQLite's.
const (
	codeError        = 1
	codeBusy         = 5
	codeNoMemory     = 7
	codeReadOnly     = 8
	codeInterrupt    = 9
	codeIO           = 10
	codeCorrupt      = 11
	codeFull         = 13
	codeTooBig       = 18
	codeMismatch     = 20
	codeBusySnapshot = 517
	codeForeignKey   = 787
	codePinned       = 2835
)

// Error is the error of a run. Its text is SQLite's, undecorated; Err, when
// set, is the cause with its detail.
type Error struct {
	Info   *ErrorInfo
	Action int // Action*: what the statement's failure undoes.
	Err    error
}

// Error returns the message.
func (e *Error) Error() string { return e.Info.Text }

// Unwrap returns the cause, if any.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors with the same info the same error, whatever they undo.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Info == e.Info
}

// ErrSchemaChanged ends a run whose program was compiled for another
// catalogue than that of its transaction; the caller compiles it again.
var ErrSchemaChanged = errors.New("database schema has changed")

// ErrInterrupted ends a run after Machine.Interrupt; compare with errors.Is.
var ErrInterrupted error = newError(codeInterrupt, "interrupted")

var (
	errMismatch   = newError(codeMismatch, "datatype mismatch")
	errTooBig     = newError(codeTooBig, "string or blob too big")
	errPinned     = newError(codePinned, "constraint failed")
	errForeignKey = newError(codeForeignKey, "FOREIGN KEY constraint failed")
	errFull       = newError(codeFull, "database or disk is full")
)

func newError(code int, text string) *Error {
	return &Error{Info: &ErrorInfo{Code: code, Text: text}, Action: ActionAbort}
}

// classes maps the errors of the floors below to codes and texts.
var classes = []struct {
	is   error
	code int
	text string
}{
	{fileformat.ErrCorrupt, codeCorrupt, "database disk image is malformed"},
	{record.ErrMalformed, codeCorrupt, "database disk image is malformed"},
	{pager.ErrFull, codeFull, "database or disk is full"},
	{vfs.ErrNoSpace, codeFull, "database or disk is full"},
	{btree.ErrTooBig, codeTooBig, "string or blob too big"},
	{pager.ErrNoMemory, codeNoMemory, "out of memory"},
	{pager.ErrReadOnly, codeReadOnly, "attempt to write a readonly database"},
	{pager.ErrBusySnapshot, codeBusySnapshot, "database is locked"},
	{pager.ErrBusy, codeBusy, "database is locked"},
	{pager.ErrFailed, codeIO, "disk I/O error"},
}

// coder is an error that knows its result code, as functions may return.
type coder interface{ Code() int }

// classify turns any error of a run into an *Error; the caller's own errors
// (ErrSchemaChanged, errors of the Env with other types) pass untouched.
func classify(err error) error {
	var e *Error
	if errors.As(err, &e) || errors.Is(err, ErrSchemaChanged) {
		return err
	}
	for _, c := range classes {
		if errors.Is(err, c.is) {
			return &Error{Info: &ErrorInfo{Code: c.code, Text: c.text}, Action: ActionAbort, Err: err}
		}
	}
	return err
}

// functionError is the error of a call.
func functionError(err error) error {
	if x := classify(err); x != err { //nolint:errorlint // The very error, untouched.
		return x
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	info := &ErrorInfo{Code: codeError, Text: err.Error()}
	if c, ok := err.(coder); ok {
		info.Code = c.Code()
	}
	return &Error{Info: info, Action: ActionAbort, Err: err}
}

// undoAll reports whether a failure with this code rolls the transaction back
// when the statement has changed something and has no savepoint, or always
// (an interrupted or broken write), as SQLite does.
func undoAll(code int, hasPoint bool) bool {
	switch code & 0xff {
	case codeInterrupt, codeIO:
		return true
	case codeFull, codeNoMemory:
		return !hasPoint
	}
	return false
}
