package fileformat

import (
	"errors"
	"fmt"
)

// ErrCorrupt is the error class of bytes that cannot be what we wrote.
var ErrCorrupt = errors.New("database disk image is malformed")

// CorruptError names the place of damage. PageNo is 0 when the damage lies in a side file;
// Offset counts from the start of the page, or of the file when there is no page.
type CorruptError struct {
	File   string
	PageNo PageNo
	Offset int64
	What   string
}

// Error tells what is damaged, and where.
func (e *CorruptError) Error() string {
	s := ErrCorrupt.Error()
	if e.File != "" {
		s += ": " + e.File
	}
	if e.PageNo != 0 {
		s += fmt.Sprintf(": page %d", e.PageNo)
	}
	return fmt.Sprintf("%s: offset %d: %s", s, e.Offset, e.What)
}

// Is makes every CorruptError an ErrCorrupt.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// Corrupt makes a CorruptError of a page.
func Corrupt(no PageNo, offset int, what string) error {
	return &CorruptError{PageNo: no, Offset: int64(offset), What: what}
}
