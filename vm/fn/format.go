package fn

import (
	"bytes"
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

func formatFuncs() []*Func {
	return []*Func{
		pure("format", -1, "A text by a format in the manner of C's printf.", format),
		pure("printf", -1, "Another name of format.", format),
	}
}

func format(c *Context, args []value.Value, out *value.Value) error {
	if len(args) == 0 || args[0].IsNull() {
		out.SetNull()
		return nil
	}
	var buf [textScratch]byte
	f := formatter{args: args[1:], max: c.lengthMax()}
	f.run(untilNUL(textOf(&args[0], buf[:0])))
	if f.full {
		return errTooBig
	}
	out.SetText(f.out)
	return nil
}

// formatter renders a format into out. Its arguments are SQL values: each
// conversion takes the next one as the type it needs; missing ones are 0 or
// NULL.
type formatter struct {
	out  []byte
	max  int
	full bool // The limit was hit; nothing more is written.
	args []value.Value
	num  [textScratch]byte // An argument that is a number, as text.
}

// spec is one conversion: %[flags][width][.precision]verb.
type spec struct {
	left, alt, long, zero bool // Flags - # ! 0.
	thousands             bool // Flag ,
	sign                  byte // '+' or ' ', or 0 for none on positive numbers.
	width                 int64
	prec                  int64 // -1: none given.
}

// run renders; it stops at the first thing that is no conversion.
func (f *formatter) run(format []byte) {
	for !f.full {
		i := bytes.IndexByte(format, '%')
		if i < 0 {
			f.write(format)
			return
		}
		f.write(format[:i])
		format = format[i+1:]
		if len(format) == 0 {
			f.write([]byte{'%'})
			return
		}
		s, n := f.parse(format)
		if n >= len(format) || !f.convert(format[n], &s) {
			return
		}
		format = format[n+1:]
	}
}

// parse reads what is before the verb and returns where that is. Width and
// precision end the flags; lengths (l, ll) end everything.
func (f *formatter) parse(format []byte) (s spec, i int) {
	s.prec = -1
	at := func() byte {
		if i < len(format) {
			return format[i]
		}
		return 0
	}
	for ; ; i++ {
		switch c := at(); c {
		case '-':
			s.left = true
		case '+', ' ':
			s.sign = c
		case '#':
			s.alt = true
		case '!':
			s.long = true
		case '0':
			s.zero = true
		case ',':
			s.thousands = true
		case '1', '2', '3', '4', '5', '6', '7', '8', '9':
			s.width, i = number31(format, i)
			if at() != '.' && at() != 'l' {
				return s, i
			}
			i--
		case '*':
			s.width = int64(int32(f.int()))
			if s.width < 0 {
				s.left = true
				s.width = max(0, -s.width)
				if s.width > math.MaxInt32 {
					s.width = 0
				}
			}
			i++
			if at() != '.' && at() != 'l' {
				return s, i
			}
			i--
		case '.':
			i++
			if at() == '*' {
				s.prec = int64(int32(f.int()))
				if s.prec < 0 {
					s.prec = -s.prec
				}
				if s.prec > math.MaxInt32 {
					s.prec = -1
				}
				i++
			} else {
				s.prec, i = number31(format, i)
			}
			if at() != 'l' {
				return s, i
			}
			i--
		case 'l':
			i++
			if at() == 'l' {
				i++
			}
			return s, i
		default:
			return s, i
		}
	}
}

// number31 reads digits at i as a number of 31 bits, wrapping around.
func number31(b []byte, i int) (int64, int) {
	var n uint32
	for ; i < len(b) && b[i]-'0' < 10; i++ {
		n = n*10 + uint32(b[i]-'0')
	}
	return int64(n & math.MaxInt32), i
}

// convert renders one argument; false for an unknown verb.
func (f *formatter) convert(verb byte, s *spec) bool {
	switch verb {
	case 'd', 'i', 'u', 'x', 'X', 'o', 'p', 'r':
		f.integer(verb, s)
	case 'f', 'e', 'E', 'g', 'G':
		f.real(verb, s)
	case 'c':
		f.char(s)
	case 's', 'z':
		f.text(s)
	case 'q', 'Q', 'w':
		f.quoted(verb, s)
	case 'j', 'J':
		f.json(verb == 'J', s)
	case '%':
		f.pad([]byte{'%'}, s)
	case 'n': // The count of characters so far, which SQL has no place for.
	default:
		return false
	}
	return true
}

// The arguments.

func (f *formatter) arg() *value.Value {
	if len(f.args) == 0 {
		return nil
	}
	v := &f.args[0]
	f.args = f.args[1:]
	return v
}

func (f *formatter) int() int64 {
	if v := f.arg(); v != nil {
		return v.AsInt()
	}
	return 0
}

// bytes returns the next argument as text up to its first zero byte; false
// for NULL.
func (f *formatter) bytes() ([]byte, bool) {
	v := f.arg()
	if v == nil || v.IsNull() {
		return nil, false
	}
	return untilNUL(textOf(v, f.num[:0])), true
}

// The output.

// fits reports whether n more bytes fit, and ends the rendering when not.
func (f *formatter) fits(n int64) bool {
	if int64(len(f.out))+n+1 > int64(f.max) {
		f.full = true
	}
	return !f.full
}

// fitsAlone is fits for a piece made aside before it is written.
func (f *formatter) fitsAlone(n int64) bool {
	if n > int64(f.max) {
		f.full = true
	}
	return !f.full
}

func (f *formatter) write(b []byte) {
	if f.fits(int64(len(b))) {
		f.out = append(f.out, b...)
	}
}

func (f *formatter) fill(n int64, c byte) {
	if n > 0 && f.fits(n) {
		for ; n > 0; n-- {
			f.out = append(f.out, c)
		}
	}
}

// pad writes b in the width of s.
func (f *formatter) pad(b []byte, s *spec) {
	n := s.width - int64(len(b))
	if !s.left {
		f.fill(n, ' ')
	}
	f.write(b)
	if s.left {
		f.fill(n, ' ')
	}
}

// padChars is pad with the width counted in characters.
func (f *formatter) padChars(b []byte, s *spec) {
	if s.width > 0 {
		for _, c := range b {
			if isContinuation(c) {
				s.width++
			}
		}
	}
	f.pad(b, s)
}
