package json

import (
	"strconv"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
	"github.com/rustlite/rustlite/vm/vtab"
)

// The columns of the table-valued functions.
const (
	colKey = iota
	colValue
	colType
	colAtom
	colID
	colParent
	colFullKey
	colPath
	colJSON
	colRoot
)

// Modules returns the table-valued functions over JSON.
func Modules() []*vtab.Module {
	columns := []vtab.Column{{Name: "key"}, {Name: "value"}, {Name: "type"}, {Name: "atom"}, {Name: "id"}, {Name: "parent"},
		{Name: "fullkey"}, {Name: "path"}, {Name: "json", Hidden: true}, {Name: "root", Hidden: true}}
	var list []*vtab.Module
	for f, prefix := range []string{"json", "jsonb"} {
		for deep, suffix := range []string{"_each", "_tree"} {
			list = append(list, &vtab.Module{Name: prefix + suffix, Columns: columns, Needs: 1, Open: func(any) vtab.Cursor {
				return &walk{form: form(f), deep: deep == 1}
			}})
		}
	}
	return list
}

// walk goes over the elements of a document: over those of one container, or
// over all in the order in which they are written.
type walk struct {
	form form
	deep bool

	doc   document
	given value.Value // The document, as text or in binary form.
	row   int64
	i     int // Where the element stands, or its label in an object.
	end   int
	// in is the kind of the container that the element stands in, of which the
	// label is to be skipped; kindNull for none.
	in      kind
	parents []parent
	path    []byte
	root    int // Length of the path that was asked for.
}

// parent is a container around the element.
type parent struct {
	head, value, end int // Where its label, it itself and its end stand.
	path             int // Length of the path to where it stands in.
	key              int64
}

var _ vtab.Cursor = (*walk)(nil)

// Filter begins the walk over a document, or over the element in it that the
// second argument names.
func (w *walk) Filter(args []value.Value) error {
	*w = walk{form: w.form, deep: w.deep, parents: w.parents[:0], path: w.path[:0]}
	if len(args) == 0 || args[0].IsNull() {
		return nil
	}
	own := args[0].Own()
	d, err := read(&fn.Context{}, &own, false)
	if err != nil {
		return err
	}
	w.doc = *d
	if w.given = own; own.Kind() != value.Blob || !isDocument(own.Bytes()) {
		w.given.SetText(asText(&own))
	}
	at := 0
	w.path = append(w.path, '$')
	if len(args) > 1 {
		p, err := path(&args[1])
		if p == nil || err != nil {
			return err
		}
		if len(p) > 1 {
			at, err = w.doc.find(p[1:])
			switch {
			case err == errNotFound:
				return nil
			case err != nil:
				return pathError(errBadPath, p)
			case w.doc.label != 0:
				w.i, w.in = w.doc.label, kindObject
			default:
				w.i, w.in = at, kindArray
			}
		}
		w.path = append(w.path[:0], p...)
	}
	w.root = len(w.path)
	n, size := header(w.doc.b, at)
	w.end = at + n + size
	if k := kindAt(w.doc.b, at); k >= kindArray && !w.deep {
		w.i, w.in = at+n, k
		w.parents = append(w.parents, parent{head: w.i, value: at, end: w.end})
	}
	return nil
}

// EOF reports whether the elements are over.
func (w *walk) EOF() bool { return w.i >= w.end }

// Rowid counts the elements.
func (w *walk) Rowid() int64 { return w.row }

// at is where the element itself stands, behind its label.
func (w *walk) at() int {
	if w.in != kindObject {
		return w.i
	}
	n, size := header(w.doc.b, w.i)
	if next := w.i + n + size; next < len(w.doc.b) {
		return next
	}
	return w.i
}

func (w *walk) top() *parent { return &w.parents[len(w.parents)-1] }

// Next goes to the next element.
func (w *walk) Next() error {
	at := w.at()
	n, size := header(w.doc.b, at)
	if n == 0 {
		w.i = w.end
		return errMalformed
	}
	if w.deep {
		w.into(at, n, size)
	} else {
		w.i = at + n + size
	}
	if w.in == kindArray && len(w.parents) > 0 {
		w.top().key++
	}
	w.row++
	return nil
}

// into goes into a container, or past an element and out of the containers
// that end with it.
func (w *walk) into(at, n, size int) {
	changed := false
	if kindAt(w.doc.b, at) >= kindArray {
		p := parent{head: w.i, value: at, end: at + n + size, path: len(w.path), key: -1}
		if w.in != kindNull && len(w.parents) > 0 {
			w.appendName()
		}
		w.parents = append(w.parents, p)
		w.i = at + n
		changed = true
	} else {
		w.i = at + n + size
	}
	for len(w.parents) > 0 && w.i >= w.top().end {
		w.path = w.path[:w.top().path]
		w.parents = w.parents[:len(w.parents)-1]
		changed = true
	}
	if !changed {
		return
	}
	w.in = kindNull
	if len(w.parents) > 0 {
		w.in = kindAt(w.doc.b, w.top().value)
	}
}

// appendName appends the element's own step to the path.
func (w *walk) appendName() {
	if w.in == kindArray {
		w.path = append(strconv.AppendInt(append(w.path, '['), w.top().key, 10), ']')
		return
	}
	n, size := header(w.doc.b, w.i)
	label := w.doc.b[w.i+n : w.i+n+size]
	plain := len(label) > 0 && isAlpha(label[0])
	for _, c := range label {
		plain = plain && isAlnum(c)
	}
	w.path = append(w.path, '.')
	if plain {
		w.path = append(w.path, label...)
		return
	}
	for i, c := range label { // The reference prints it as a C string.
		if c == 0 {
			label = label[:i]
			break
		}
	}
	w.path = append(append(append(w.path, '"'), label...), '"')
}

// parentPath is the length of the path to the container around the element.
// On the first row of a deep walk that began further in, it is a part of the
// path that was asked for.
func (w *walk) parentPath() int {
	n := len(w.path)
	if w.row != 0 || !w.deep || n < 2 {
		return n
	}
	for n > 1 {
		n--
		if w.path[n] != '[' && w.path[n] != '.' {
			continue
		}
		look := document{b: w.doc.b}
		at, err := look.find(w.path[1:n])
		if err != nil {
			continue
		}
		if h, _ := header(w.doc.b, at); at+h == w.i {
			break
		}
	}
	return n
}

// Column gives one column of the row.
func (w *walk) Column(i int, out *value.Value) error {
	b := w.doc.b
	out.SetNull()
	switch i {
	case colKey:
		return w.key(out)
	case colValue:
		at := w.at()
		if err := give(&fn.Context{}, b, at, w.form, out); err != nil {
			return err
		}
		if kindAt(b, at) >= kindArray {
			out.SetSubtype(subtype)
		}
	case colType:
		out.SetString(typeNames[kindAt(b, w.at())])
	case colAtom:
		if at := w.at(); kindAt(b, at) < kindArray {
			return give(&fn.Context{}, b, at, formText, out)
		}
	case colID:
		out.SetInt(int64(w.i))
	case colParent:
		if len(w.parents) > 0 && w.deep {
			out.SetInt(int64(w.top().head))
		}
	case colFullKey:
		n := len(w.path)
		if len(w.parents) > 0 {
			w.appendName()
		}
		out.SetText(append([]byte(nil), w.path...))
		w.path = w.path[:n]
	case colPath:
		out.SetText(append([]byte(nil), w.path[:w.parentPath()]...))
	case colJSON:
		out.Set(&w.given)
	case colRoot:
		out.SetText(append([]byte(nil), w.path[:w.root]...))
	}
	return nil
}

// key is the element's label or number in its container.
func (w *walk) key(out *value.Value) error {
	if len(w.parents) > 0 {
		if w.in == kindObject {
			return give(&fn.Context{}, w.doc.b, w.i, formText, out)
		}
		out.SetInt(w.top().key)
		return nil
	}
	if w.root == 1 {
		return nil
	}
	// The walk began at an element further in: its key is the last step of the
	// path that was asked for.
	step := w.path[w.parentPath():w.root]
	switch {
	case len(step) == 0:
	case step[0] == '[':
		out.SetInt(value.IntPrefix(step[1:]))
	case len(step) > 2 && step[1] == '"':
		out.SetText(append([]byte(nil), step[2:len(step)-1]...))
	default:
		out.SetText(append([]byte(nil), step[1:]...))
	}
	return nil
}
