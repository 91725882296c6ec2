package json

import (
	"math/big"
	"strconv"
)

// writer turns a document into text.
type writer struct {
	b     []byte // The document.
	out   []byte
	depth int
	max   int // Limit of out in bytes.
}

// element writes the element at b[i] and returns the index behind it.
func (w *writer) element(i int) (next int, err error) {
	n, size := header(w.b, i)
	if n == 0 {
		return 0, errMalformed
	}
	payload := w.b[i+n : i+n+size]
	if len(w.out)+size > w.max {
		return 0, errTooBig
	}
	switch k := kindAt(w.b, i); k {
	case kindNull, kindTrue, kindFalse:
		w.out = append(w.out, typeNames[k]...)
		return i + 1, nil
	case kindArray, kindObject:
		err = w.container(i+n, i+n+size, k == kindObject)
	case kindTextRaw:
		w.out = appendQuoted(w.out, payload)
	case kindText, kindTextJ:
		w.out = append(append(append(w.out, '"'), payload...), '"')
	case kindText5:
		err = w.text5(payload)
	default:
		if size == 0 || k > kindObject {
			return 0, errMalformed
		}
		err = w.number(k, payload)
	}
	return i + n + size, err
}

func (w *writer) container(j, end int, object bool) error {
	brackets := "[]"
	if object {
		brackets = "{}"
	}
	w.out = append(w.out, brackets[0])
	if w.depth++; w.depth > depthMax {
		return errTooDeep
	}
	count := 0
	for j < end {
		if count > 0 {
			mark := byte(',')
			if object && count%2 == 1 {
				mark = ':'
			}
			w.out = append(w.out, mark)
		}
		var err error
		if j, err = w.element(j); err != nil {
			return err
		}
		count++
	}
	w.depth--
	if j > end || object && count%2 == 1 {
		return errMalformed
	}
	w.out = append(w.out, brackets[1])
	return nil
}

func (w *writer) number(k kind, z []byte) error {
	switch k {
	case kindInt5:
		if z[0] == '-' {
			w.out = append(w.out, '-')
		}
		digits := z[min(2, len(z)):]
		if z[0] == '-' || z[0] == '+' {
			digits = z[min(3, len(z)):]
		}
		for _, c := range digits {
			if !isHex(c) {
				return errMalformed
			}
		}
		u, ok := new(big.Int).SetString("0"+string(digits), 16)
		if !ok || !u.IsUint64() {
			w.out = append(w.out, "9.0e999"...)
			return nil
		}
		w.out = strconv.AppendUint(w.out, u.Uint64(), 10)
	case kindFloat5:
		if z[0] == '-' {
			w.out = append(w.out, '-')
			if z = z[1:]; len(z) == 0 {
				return errMalformed
			}
		}
		if z[0] == '.' {
			w.out = append(w.out, '0')
		}
		for i, c := range z {
			w.out = append(w.out, c)
			if c == '.' && (i+1 == len(z) || !isDigit(z[i+1])) {
				w.out = append(w.out, '0')
			}
		}
	default:
		w.out = append(w.out, z...)
	}
	return nil
}

// text5 writes a text with JSON5's escapes with those of JSON.
func (w *writer) text5(z []byte) error {
	w.out = append(w.out, '"')
	for i := 0; i < len(z); {
		c := z[i]
		switch {
		case c == '"':
			w.out = append(w.out, '\\', '"')
			i++
			continue
		case c <= 0x1f:
			w.out = appendControl(w.out, c)
			i++
			continue
		case c != '\\':
			w.out = append(w.out, c)
			i++
			continue
		case i+1 >= len(z):
			return errMalformed
		}
		switch e := z[i+1]; e {
		case '\'':
			w.out = append(w.out, '\'')
		case 'v':
			w.out = append(w.out, `\u000b`...)
		case '0':
			w.out = append(w.out, `\u0000`...)
		case 'x':
			if len(z)-i < 4 {
				return errMalformed
			}
			w.out = append(append(w.out, `\u00`...), z[i+2:i+4]...)
			i += 2
		case '\r':
			if i+2 < len(z) && z[i+2] == '\n' {
				i++
			}
		case '\n':
		case 0xe2:
			if !isLineEnd(z[i+1:]) {
				return errMalformed
			}
			i += 2
		default:
			w.out = append(w.out, '\\', e)
		}
		i += 2
	}
	w.out = append(w.out, '"')
	return nil
}

// appendQuoted appends any text as one of JSON.
func appendQuoted(dst, z []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range z {
		if isPlain(c) || c == '\'' {
			continue
		}
		dst = append(dst, z[from:i]...)
		from = i + 1
		if c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
		} else {
			dst = appendControl(dst, c)
		}
	}
	return append(append(dst, z[from:]...), '"')
}

// appendControl appends a control character as an escape.
func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '\b':
		return append(dst, '\\', 'b')
	case '\t':
		return append(dst, '\\', 't')
	case '\n':
		return append(dst, '\\', 'n')
	case '\f':
		return append(dst, '\\', 'f')
	case '\r':
		return append(dst, '\\', 'r')
	}
	const hex = "0123456789abcdef"
	return append(append(dst, `\u00`...), hex[c>>4], hex[c&0x0f])
}

// pretty writes the element at b[i] over several lines, each indented as deep
// as it is nested, and returns the index behind it.
func (w *writer) pretty(i int, indent []byte, level int) (next int, err error) {
	n, size := header(w.b, i)
	if n == 0 {
		return 0, errMalformed
	}
	k := kindAt(w.b, i)
	if k != kindArray && k != kindObject {
		w.depth = level
		return w.element(i)
	}
	brackets := "[]"
	if k == kindObject {
		brackets = "{}"
	}
	w.out = append(w.out, brackets[0])
	j, end := i+n, i+n+size
	if level++; j < end && level >= depthMax {
		return 0, errTooDeep
	}
	for first := true; j < end; first = false {
		if !first {
			w.out = append(w.out, ',')
		}
		w.newLine(indent, level)
		if k == kindObject {
			w.depth = level
			if j, err = w.element(j); err != nil {
				return 0, err
			}
			w.out = append(w.out, ": "...)
			if j > end {
				return 0, errMalformed
			}
		}
		if j, err = w.pretty(j, indent, level); err != nil {
			return 0, err
		}
		if len(w.out) > w.max {
			return 0, errTooBig
		}
	}
	if j > end {
		return 0, errMalformed
	}
	if size > 0 {
		w.newLine(indent, level-1)
	}
	w.out = append(w.out, brackets[1])
	return end, nil
}

func (w *writer) newLine(indent []byte, level int) {
	w.out = append(w.out, '\n')
	for range level {
		w.out = append(w.out, indent...)
	}
}
