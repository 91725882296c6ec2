package json

import (
	"bytes"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// element is an element of a document that is only read: a node of an outline,
// or, without one, a place in a binary form.
type element struct {
	o  *outline
	b  []byte
	at int
}

// memoMax is how many documents a memo keeps, as many as the reference does.
const memoMax = 4

// memo keeps the documents that the calls of a machine have last read, so that
// several looks at one value read it once; and buffers for results.
type memo struct {
	read [memoMax]reading
	next int // The oldest.
	path []byte
	text []byte
}

// reading is a text that was read: as an outline, or in binary form where it is
// more than plain JSON.
type reading struct {
	outline
	binary []byte // nil: the outline it is.
}

// memoOf is the memo of a call.
func memoOf(c *fn.Context) *memo {
	if c.Memo == nil {
		return new(memo)
	}
	m, _ := (*c.Memo).(*memo)
	if m == nil {
		m = new(memo)
		*c.Memo = m
	}
	return m
}

// open reads the document of an argument; ok is false for NULL.
func (m *memo) open(v *value.Value) (e element, ok bool, err error) {
	if v.IsNull() {
		return element{}, false, nil
	}
	if v.Kind() == value.Blob && isDocument(v.Bytes()) {
		return element{b: v.Bytes()}, true, nil
	}
	r := m.reading(v.TextBytes())
	if r == nil {
		return element{}, false, errMalformed
	}
	return r.root(), true, nil
}

// reading reads a text, or finds that it was read before; nil for what is no
// JSON.
func (m *memo) reading(text []byte) *reading {
	for i := range m.read { // The newest first.
		r := &m.read[(m.next-1-i+2*memoMax)%memoMax]
		if n := len(r.text) - padding; n == len(text) && bytes.Equal(r.text[:n], text) {
			return r
		}
	}
	r := &m.read[m.next]
	if r.binary = nil; !r.outline.read(text) {
		b, ok, _ := parseWide(nil, untilZero(text))
		if !ok {
			r.text = r.text[:0]
			return nil
		}
		r.binary = b
	}
	m.next = (m.next + 1) % memoMax
	return r
}

func (r *reading) root() element {
	if r.binary != nil {
		return element{b: r.binary}
	}
	return element{o: &r.outline}
}

// find goes to the element that path names, the text behind its $.
func (e *element) find(path []byte) (err error) {
	if e.o != nil {
		e.at, err = e.o.find(path)
		return err
	}
	d := document{b: e.b}
	e.at, err = d.find(path)
	return err
}

func (e *element) kind() kind {
	if e.o != nil {
		return e.o.nodes[e.at].kind
	}
	return kindAt(e.b, e.at)
}

// count is the number of elements of an array.
func (e *element) count() int {
	if e.o != nil {
		return e.o.count(e.at)
	}
	return count(e.b, e.at)
}

// appendText appends the element as text of JSON.
func (e *element) appendText(c *fn.Context, dst []byte) ([]byte, error) {
	if e.o != nil {
		if dst = e.o.appendText(dst, e.at); len(dst) > lengthMax(c) {
			return dst, errTooBig
		}
		return dst, nil
	}
	w := writer{b: e.b, out: dst, max: lengthMax(c)}
	_, err := w.element(e.at)
	return w.out, err
}

// show makes the element a result as JSON.
func (e *element) show(c *fn.Context, m *memo, f form, out *value.Value) (err error) {
	if f == formBinary {
		if e.o == nil {
			return show(c, e.b, e.at, f, out)
		}
		n := &e.o.nodes[e.at]
		m.text = e.o.appendBinary(m.text[:0], e.at, int(n.next))
		out.SetBlob(m.text)
		return nil
	}
	if m.text, err = e.appendText(c, m.text[:0]); err != nil {
		return err
	}
	out.SetText(m.text)
	out.SetSubtype(subtype)
	return nil
}

// give makes the element a value of SQL; an array or object is shown as JSON,
// without its subtype.
func (e *element) give(c *fn.Context, m *memo, f form, out *value.Value) error {
	if e.o == nil {
		return give(c, e.b, e.at, f, out)
	}
	n := &e.o.nodes[e.at]
	switch n.kind {
	case kindTextJ:
		m.text = appendUnescaped(m.text[:0], e.o.payload(n))
		out.SetText(m.text)
		return nil
	case kindArray, kindObject:
		if err := e.show(c, m, f, out); err != nil {
			return err
		}
		out.SetSubtype(0)
		return nil
	}
	return giveScalar(n.kind, e.o.payload(n), out)
}
