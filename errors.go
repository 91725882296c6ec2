package rustlite

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/parser"
	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/resolve"
	"github.com/rustlite/rustlite/vm"
)

// Code is a result code, primary (below 256) or extended. It is an error, so
// that errors.Is(err, rustlite.ErrBusy) asks for it.
type Code int

// Result codes; the numbers are SQLite's. A primary code matches all of its
// extended ones.
const (
	ErrError      Code = 1  // Wrong SQL, and whatever has no code of its own.
	ErrInternal   Code = 2  // SQLite's code of its own faults; nothing answers it.
	ErrAbort      Code = 4  // Rows were ended: see ErrAbortRollback.
	ErrBusy       Code = 5  // The writer's turn, or the file, is another's, and the time to wait is over.
	ErrLocked     Code = 6  // Something that is open on the same connection is in the way.
	ErrNoMem      Code = 7  // A limit of memory was met.
	ErrReadOnly   Code = 8  // A change of what is only read.
	ErrInterrupt  Code = 9  // The context ended; errors.Is finds its error too.
	ErrIO         Code = 10 // The disk or the system failed.
	ErrCorrupt    Code = 11 // The file is damaged; the text says where.
	ErrFull       Code = 13 // The disk is full, or max_page_count was met.
	ErrCantOpen   Code = 14 // The file cannot be opened or made.
	ErrSchema     Code = 17 // The schema changed again and again while a statement started.
	ErrTooBig     Code = 18 // A text, a blob, a row or a statement beyond its limit.
	ErrConstraint Code = 19 // A constraint failed: Table, Columns and Constraint say which.
	ErrMismatch   Code = 20 // A value of the wrong type.
	ErrMisuse     Code = 21 // A use of what is closed or over, or a wrong argument from Go.
	ErrAuth       Code = 23 // SQLite's code of a refused operation; nothing answers it.
	ErrRange      Code = 25 // Arguments are missing or left over.
	ErrNotADB     Code = 26 // The file is no database.

	ErrAbortRollback        Code = 516  // Rows whose transaction was rolled back.
	ErrBusySnapshot         Code = 517  // Another has committed since the transaction read: start it again.
	ErrConstraintCheck      Code = 275  // CHECK
	ErrConstraintForeignKey Code = 787  // FOREIGN KEY
	ErrConstraintNotNull    Code = 1299 // NOT NULL
	ErrConstraintPrimaryKey Code = 1555 // PRIMARY KEY
	ErrConstraintTrigger    Code = 1811 // RAISE in a trigger
	ErrConstraintUnique     Code = 2067 // UNIQUE, and unique indexes
	ErrConstraintRowID      Code = 2579 // A row id that exists
	ErrConstraintDatatype   Code = 3091 // The type of a STRICT table's column
)

// Error returns SQLite's general text for the code.
func (c Code) Error() string {
	if s, ok := codeTexts[c&0xff]; ok {
		return s
	}
	return "unknown error"
}

var codeTexts = map[Code]string{
	ErrError: "SQL logic error", ErrInternal: "internal error", ErrAbort: "query aborted", ErrBusy: "database is locked",
	ErrLocked: "database table is locked", ErrNoMem: "out of memory", ErrReadOnly: "attempt to write a readonly database",
	ErrInterrupt: "interrupted", ErrIO: "disk I/O error", ErrCorrupt: "database disk image is malformed",
	ErrFull: "database or disk is full", ErrCantOpen: "unable to open database file", ErrSchema: "database schema has changed",
	ErrTooBig: "string or blob too big", ErrConstraint: "constraint failed", ErrMismatch: "datatype mismatch",
	ErrMisuse: "bad parameter or other API misuse", ErrAuth: "authorization denied", ErrRange: "column index out of range",
	ErrNotADB: "file is not a database",
}

// Error is an error of the database. Every method of this package that returns
// one from the database returns this type, found by errors.As; those of the
// caller's own functions are in its chain.
type Error struct {
	text       string
	code       Code // Extended.
	offset     int
	table      string
	columns    []string
	constraint string
	cause      error
}

// Error returns SQLite's message; for files, locks and disks followed by ": "
// and the detail.
func (e *Error) Error() string { return e.text }

// Code returns the primary result code.
func (e *Error) Code() int { return int(e.code & 0xff) }

// ExtendedCode returns the extended result code, equal to Code where there is
// no finer one.
func (e *Error) ExtendedCode() int { return int(e.code) }

// Offset returns the byte offset into the SQL text of what is at fault, -1
// when there is none.
func (e *Error) Offset() int { return e.offset }

// Table returns the table of a failed constraint, or "".
func (e *Error) Table() string { return e.table }

// Columns returns the columns of a failed constraint, or nil.
func (e *Error) Columns() []string { return e.columns }

// Constraint returns the name of a failed constraint or index, or "".
func (e *Error) Constraint() string { return e.constraint }

// Is reports whether target is the error's code, primary or extended.
func (e *Error) Is(target error) bool {
	c, ok := target.(Code)
	return ok && (c == e.code || c < 256 && c == e.code&0xff)
}

// Unwrap returns what caused the error, such as a context's error.
func (e *Error) Unwrap() error { return e.cause }

func newError(code Code, format string, args ...any) *Error {
	return &Error{text: fmt.Sprintf(format, args...), code: code, offset: -1}
}

// wrap turns an error of any room into an *Error. It is the one place where
// that happens.
func wrap(err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	e := &Error{text: err.Error(), code: ErrError, offset: -1, cause: err}
	var (
		syntax  *parser.SyntaxError
		name    *resolve.NameError
		schema  *catalog.Error
		machine *vm.Error
	)
	switch {
	case errors.As(err, &syntax):
		e.offset = int(syntax.Pos)
	case errors.As(err, &name):
		e.offset = int(name.Pos)
		if name.Code != 0 {
			e.code = Code(name.Code)
		}
	case errors.As(err, &schema):
		if schema.Code != 0 {
			e.code = Code(schema.Code)
		}
		if schema.At > 0 {
			e.offset = int(schema.At)
		}
		if strings.HasPrefix(schema.Text, "malformed database schema") {
			e.code = ErrCorrupt
		}
	case errors.As(err, &machine):
		i := machine.Info
		e.text, e.code = i.Text, Code(i.Code)
		e.table, e.columns, e.constraint = i.Table, i.Columns, i.Constraint
	case errors.Is(err, parser.ErrTooBig):
		e.code, e.text = ErrTooBig, ErrTooBig.Error()
	case errors.Is(err, vm.ErrInterrupted), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.code, e.text = ErrInterrupt, ErrInterrupt.Error()
	default:
		e.storage(err)
	}
	return e
}

// storage maps the errors of the lower rooms.
func (e *Error) storage(err error) {
	for _, m := range []struct {
		is   error
		code Code
	}{
		{pager.ErrBusySnapshot, ErrBusySnapshot}, {pager.ErrBusy, ErrBusy}, {pager.ErrReadOnly, ErrReadOnly},
		{pager.ErrFull, ErrFull}, {vfs.ErrNoSpace, ErrFull}, {pager.ErrNotADB, ErrNotADB}, {pager.ErrNewerFormat, ErrCantOpen},
		{pager.ErrLogMissing, ErrCantOpen}, {pager.ErrCantOpen, ErrCantOpen}, {pager.ErrNoMemory, ErrNoMem},
		{fileformat.ErrCorrupt, ErrCorrupt}, {pager.ErrClosed, ErrMisuse}, {pager.ErrTxDone, ErrMisuse},
		{vfs.ErrNotExist, ErrCantOpen}, {pager.ErrFailed, ErrIO}, {vm.ErrSchemaChanged, ErrSchema},
	} {
		if errors.Is(err, m.is) {
			e.code = m.code
			break
		}
	}
	if e.code == ErrError {
		e.code = ErrIO
	}
	// SQLite's text, then the detail that our rooms give.
	general := e.code.Error()
	switch detail := strings.TrimPrefix(strings.TrimPrefix(err.Error(), general), ": "); {
	case e.code == ErrBusySnapshot || detail == "":
		e.text = general
	default:
		e.text = general + ": " + detail
	}
}
