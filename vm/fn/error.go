package fn

// Error is an error that a function raises, with the result code that the
// statement ends with.
type Error struct {
	Text string
	code int
}

// Error returns the message.
func (e *Error) Error() string { return e.Text }

// Code returns the result code.
func (e *Error) Code() int { return e.code }

const (
	codeError  = 1
	codeTooBig = 18
)

var errTooBig = &Error{"string or blob too big", codeTooBig}

func newError(text string) *Error { return &Error{text, codeError} }

// lengthMaxDefault is the limit of a text or blob when the context has none.
const lengthMaxDefault = 1_000_000_000

func (c *Context) lengthMax() int {
	if c.LengthMax > 0 {
		return c.LengthMax
	}
	return lengthMaxDefault
}

// room reports whether n bytes of a result are within the limit. The
// functions that build their result in one piece count its terminator, as the
// reference does, so some pass one more than they return.
func (c *Context) room(n int64) error {
	if n > int64(c.lengthMax()) {
		return errTooBig
	}
	return nil
}
