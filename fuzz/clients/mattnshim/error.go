package sqlite3

import (
	"context"
	"errors"
	"syscall"

	"github.com/rustlite/rustlite"
)

// ErrNo is a primary result code.
type ErrNo int

// ErrNoExtended is an extended result code.
type ErrNoExtended int

// Error is an error of the database.
type Error struct {
	Code         ErrNo
	ExtendedCode ErrNoExtended
	SystemErrno  syscall.Errno
	err          string
	cause        error
}

// Error returns the text.
func (e Error) Error() string { return e.err }

// Unwrap returns what was behind the error, such as the end of a context.
func (e Error) Unwrap() error { return e.cause }

// Error returns the general text of the code.
func (e ErrNo) Error() string { return rustlite.Code(e).Error() }

// Extend makes an extended code.
func (e ErrNo) Extend(by int) ErrNoExtended { return ErrNoExtended(int(e) | by<<8) }

// Error returns the text.
func (e ErrNoExtended) Error() string { return ErrNo(e & 0xff).Error() }

// The result codes.
var (
	ErrError      = ErrNo(1)
	ErrAbort      = ErrNo(4)
	ErrBusy       = ErrNo(5)
	ErrLocked     = ErrNo(6)
	ErrReadonly   = ErrNo(8)
	ErrInterrupt  = ErrNo(9)
	ErrIoErr      = ErrNo(10)
	ErrCorrupt    = ErrNo(11)
	ErrFull       = ErrNo(13)
	ErrCantOpen   = ErrNo(14)
	ErrConstraint = ErrNo(19)
	ErrMismatch   = ErrNo(20)
	ErrMisuse     = ErrNo(21)
	ErrNotADB     = ErrNo(26)

	ErrConstraintCheck      = ErrConstraint.Extend(1)
	ErrConstraintForeignKey = ErrConstraint.Extend(3)
	ErrConstraintNotNull    = ErrConstraint.Extend(5)
	ErrConstraintPrimaryKey = ErrConstraint.Extend(6)
	ErrConstraintTrigger    = ErrConstraint.Extend(7)
	ErrConstraintUnique     = ErrConstraint.Extend(8)
	ErrConstraintRowID      = ErrConstraint.Extend(10)
)

// translated turns an error of RustLite into one of this package. The end of a
// context is told by the context's own error.
func translated(err error) error {
	var own *rustlite.Error
	if !errors.As(err, &own) {
		return err
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			return ended
		}
	}
	e := Error{Code: ErrNo(own.Code()), ExtendedCode: ErrNoExtended(own.ExtendedCode()), err: own.Error(), cause: own.Unwrap()}
	errors.As(err, &e.SystemErrno)
	return e
}
