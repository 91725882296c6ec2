package fn

import "math"

// char renders %c: the first character of the argument, or a zero byte; the
// precision repeats it.
func (f *formatter) char(s *spec) {
	b, _ := f.bytes()
	c := []byte{0}
	if len(b) > 0 {
		n := 1
		if b[0] >= 0xc0 {
			for n < 4 && n < len(b) && isContinuation(b[n]) {
				n++
			}
		}
		c = b[:n]
	}
	if s.prec > 1 {
		s.width -= s.prec - 1
		if s.width > 1 && !s.left {
			f.fill(s.width-1, ' ')
			s.width = 0
		}
		if !f.fits((s.prec - 1) * int64(len(c))) {
			return
		}
		for i := s.prec; i > 1; i-- {
			f.out = append(f.out, c...)
		}
	}
	f.padChars(c, s)
}

// text renders %s and %z. The precision is in bytes, or in characters with
// the flag !, as the width.
func (f *formatter) text(s *spec) {
	b, _ := f.bytes()
	if s.prec >= 0 && s.prec < int64(len(b)) {
		n := int(s.prec)
		if s.long {
			n = 0
			for k := s.prec; k > 0 && n < len(b); k-- {
				n = skipChar(b, n)
			}
		}
		b = b[:n]
	}
	if s.long {
		f.padChars(b, s)
	} else {
		f.pad(b, s)
	}
}

// quoted renders %q (quotes doubled), %Q (a literal) and %w (double quotes
// doubled). The precision counts characters of the argument.
func (f *formatter) quoted(verb byte, s *spec) {
	b, ok := f.bytes()
	if !ok {
		b = []byte("(NULL)")
		if verb == 'Q' {
			b = b[1:5]
		}
	}
	b = cut(b, s)
	q := byte('\'')
	if verb == 'w' {
		q = '"'
	}
	escapes := s.alt && verb != 'w'
	if !f.fitsAlone(int64(len(b)) + 3) {
		return
	}
	var text []byte
	switch {
	case verb == 'Q' && ok:
		text = appendQuoted(nil, b, escapes)
	case escapes && (verb == 'q' || hasControl(b)):
		text = appendEscaped(nil, b, q)
	default:
		text = appendDoubled(nil, b, q)
	}
	if !f.fitsAlone(int64(len(text)) + 1) {
		return
	}
	if s.long {
		f.padChars(text, s)
	} else {
		f.pad(text, s)
	}
}

// cut shortens the argument of %q to its precision.
func cut(b []byte, s *spec) []byte {
	if s.prec < 0 || s.prec >= int64(len(b)) {
		return b
	}
	i := 0
	for k := s.prec; k > 0 && i < len(b); k-- {
		if s.long {
			i = skipChar(b, i)
		} else {
			i++
		}
	}
	return b[:i]
}

// json renders %J, a string of JSON, and %j, one without its quotes.
func (f *formatter) json(quotes bool, s *spec) {
	start := len(f.out)
	b, ok := f.bytes()
	switch {
	case !ok && quotes:
		f.write([]byte("null"))
	case ok:
		if quotes {
			f.write([]byte{'"'})
		}
		b = cutJSON(b, s)
		for _, c := range b {
			f.jsonByte(c)
		}
		if quotes {
			f.write([]byte{'"'})
		}
	}
	if f.full || s.width <= 0 {
		return
	}
	width := s.width
	if s.long {
		for _, c := range f.out[start:] {
			if isContinuation(c) {
				width++
			}
		}
	}
	f.justify(start, false, &spec{left: s.left, width: width})
}

func cutJSON(b []byte, s *spec) []byte {
	n := s.prec
	if n < 0 || n >= int64(len(b)) {
		return b
	}
	if s.long {
		// Each byte that continues a character allows one more.
		i := 0
		for ; int64(i) < n && i < len(b); i++ {
			if isContinuation(b[i]) {
				n++
			}
		}
		for ; n < int64(len(b)) && isContinuation(b[n]); n++ {
		}
	}
	return b[:min(n, int64(len(b)), math.MaxInt32)]
}

func (f *formatter) jsonByte(c byte) {
	switch {
	case c == '"' || c == '\\':
		f.write([]byte{'\\', c})
	case c >= 0x20:
		f.write([]byte{c})
	case c == '\b' || c == '\t' || c == '\n' || c == '\f' || c == '\r':
		f.write([]byte{'\\', "btn?fr"[c-8]})
	default:
		f.write([]byte{'\\', 'u', '0', '0', hexLower[c>>4], hexLower[c&15]})
	}
}
