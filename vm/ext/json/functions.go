package json

import (
	"errors"
	"fmt"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// call is the type of a scalar function.
type call = func(c *fn.Context, args []value.Value, out *value.Value) error

// Functions returns the functions over JSON.
func Functions() []*fn.Func {
	list := []*fn.Func{
		scalar("->", 2, "The element that a path or key names, as JSON.", extractJSON),
		scalar("->>", 2, "The element that a path or key names, as a value.", extractValue),
		scalar("json_array_length", 1, "The number of elements of an array.", arrayLength),
		scalar("json_array_length", 2, "The number of elements of the array that a path names.", arrayLength),
		scalar("json_error_position", 1, "Where JSON is wrong, counted from 1; 0 when it is not.", errorPosition),
		scalar("json_pretty", 1, "JSON over several lines.", pretty),
		scalar("json_pretty", 2, "JSON over several lines, indented by the second argument.", pretty),
		scalar("json_quote", 1, "A value as JSON.", quote),
		scalar("json_type", 1, "The name of an element's type.", typeOf),
		scalar("json_type", 2, "The name of the type of the element that a path names.", typeOf),
		scalar("json_valid", 1, "Whether a text is plain JSON.", valid),
		scalar("json_valid", 2, "Whether a value is JSON of the kinds that the flags allow.", valid),
	}
	for f, prefix := range []string{"json", "jsonb"} {
		list = append(list, family(form(f), prefix)...)
		list = append(list, aggregates(form(f), prefix)...)
	}
	return list
}

func scalar(name string, nArg int, doc string, f call) *fn.Func {
	return &fn.Func{Name: name, NArg: nArg, Flags: fn.Deterministic, Doc: doc, Scalar: f}
}

// family are the functions that give JSON as text or in binary form.
func family(f form, prefix string) []*fn.Func {
	edits := func(name string, e edit) call { return f.editor(name, e) }
	return []*fn.Func{
		scalar(prefix, 1, "JSON, in its shortest form.", f.remove),
		scalar(prefix+"_array", -1, "An array of the arguments.", f.array),
		scalar(prefix+"_array_insert", -1, "JSON with values put into arrays.", edits("array_insert", editArrayInsert)),
		scalar(prefix+"_extract", -1, "The element that a path names, or an array of those that several name.", f.extract),
		scalar(prefix+"_insert", -1, "JSON with values put where paths lead to nothing.", edits("insert", editInsert)),
		scalar(prefix+"_object", -1, "An object of labels and values.", f.object),
		scalar(prefix+"_patch", 2, "JSON changed by a patch (RFC 7396).", f.patch),
		scalar(prefix+"_remove", -1, "JSON without the elements that paths name.", f.remove),
		scalar(prefix+"_replace", -1, "JSON with values in place of the elements that paths name.", edits("replace", editReplace)),
		scalar(prefix+"_set", -1, "JSON with values where paths lead.", edits("set", editSet)),
	}
}

// path checks an argument that is a path and returns it whole; nil for NULL.
func path(v *value.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	p := asText(v)
	if len(p) == 0 || p[0] != '$' {
		return nil, pathError(errBadPath, p)
	}
	return p, nil
}

// remove is json_remove, and json without paths.
func (f form) remove(c *fn.Context, args []value.Value, out *value.Value) error {
	if len(args) == 0 {
		return nil
	}
	d, err := read(c, &args[0], len(args) > 1)
	if d == nil || err != nil {
		return err
	}
	d.edit = editRemove
	for i := range args[1:] {
		p, err := path(&args[1+i])
		if p == nil || err != nil {
			return err
		}
		if len(p) == 1 {
			return nil // Without its root nothing is left.
		}
		if _, err := d.find(p[1:]); err != nil && err != errNotFound {
			return pathError(err, p)
		}
	}
	return show(c, d.b, 0, f, out)
}

// editor makes one of the functions that put values in.
func (f form) editor(name string, e edit) call {
	return func(c *fn.Context, args []value.Value, out *value.Value) error {
		if len(args) == 0 {
			return nil
		}
		if len(args)%2 == 0 {
			return fmt.Errorf("json_%s() needs an odd number of arguments", name)
		}
		d, err := read(c, &args[0], len(args) > 1)
		if d == nil || err != nil {
			return err
		}
		d.edit = e
		for i := 1; i < len(args); i += 2 {
			p, err := path(&args[i])
			if err != nil {
				return err
			}
			if p == nil {
				continue
			}
			if d.ins, err = appendArgument(nil, &args[i+1]); err != nil {
				return err
			}
			if len(p) == 1 {
				if e == editReplace || e == editSet {
					d.replace(0, len(d.b), d.ins)
				}
				continue
			}
			if _, err := d.find(p[1:]); err != nil && err != errNotFound {
				return pathError(err, p)
			}
		}
		return show(c, d.b, 0, f, out)
	}
}

// array is json_array.
func (f form) array(c *fn.Context, args []value.Value, out *value.Value) error {
	text := []byte{'['}
	for i := range args {
		if i > 0 {
			text = append(text, ',')
		}
		var err error
		if text, err = appendText(c, text, &args[i]); err != nil {
			return err
		}
	}
	return showText(append(text, ']'), f, out)
}

// object is json_object.
func (f form) object(c *fn.Context, args []value.Value, out *value.Value) error {
	if len(args)%2 != 0 {
		return errors.New("json_object() requires an even number of arguments")
	}
	for i := 0; i < len(args); i += 2 {
		if args[i].Kind() != value.Text {
			return errors.New("json_object() labels must be TEXT")
		}
	}
	text := []byte{'{'}
	for i := 0; i < len(args); i += 2 {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(appendQuoted(text, args[i].Bytes()), ':')
		var err error
		if text, err = appendText(c, text, &args[i+1]); err != nil {
			return err
		}
	}
	return showText(append(text, '}'), f, out)
}

// extract is json_extract.
func (f form) extract(c *fn.Context, args []value.Value, out *value.Value) error {
	if len(args) < 2 {
		return nil
	}
	m := memoOf(c)
	e, ok, err := m.open(&args[0])
	if !ok || err != nil {
		return err
	}
	var text []byte
	for i := 1; i < len(args); i++ {
		p, err := path(&args[i])
		if p == nil || err != nil {
			return err
		}
		err = e.find(p[1:])
		if err != nil && err != errNotFound {
			return pathError(err, p)
		}
		if len(args) == 2 {
			if err != nil {
				return nil
			}
			if err := e.give(c, m, f, out); err != nil {
				return err
			}
			if f == formText && e.kind() >= kindArray {
				out.SetSubtype(subtype)
			}
			return nil
		}
		if text = append(text, ','); i == 1 {
			text = append(m.text[:0], '[')
		}
		if err != nil {
			text = append(text, "null"...)
		} else if text, err = e.appendText(c, text); err != nil {
			return err
		}
	}
	m.text = append(text, ']')
	return showText(m.text, f, out)
}

// appendShortPath turns the right side of -> and ->> into a path: a number
// counts in an array, what is no path is a label.
func appendShortPath(dst []byte, v *value.Value) []byte {
	t := asText(v)
	switch {
	case len(t) > 0 && t[0] == '$':
		return append(dst, t[1:]...)
	case v.Kind() == value.Int:
		if dst = append(dst, '['); t[0] == '-' {
			dst = append(dst, '#')
		}
		return append(append(dst, t...), ']')
	case allNames(t):
		return append(append(dst, '.'), t...)
	case t[0] == '[' && len(t) >= 3 && t[len(t)-1] == ']':
		return append(dst, t...)
	}
	return append(append(append(dst, '.', '"'), t...), '"')
}

func allNames(t []byte) bool {
	for _, c := range t {
		if !isAlnum(c) && c != '_' {
			return false
		}
	}
	return true
}

// arrow finds what the operators -> and ->> name; ok is false for nothing.
func (m *memo) arrow(args []value.Value) (e element, ok bool, err error) {
	e, ok, err = m.open(&args[0])
	if !ok || err != nil || args[1].IsNull() {
		return e, false, err
	}
	m.path = appendShortPath(m.path[:0], &args[1])
	switch err := e.find(m.path); err {
	case nil:
		return e, true, nil
	case errNotFound:
		return e, false, nil
	default:
		return e, false, pathError(err, asText(&args[1]))
	}
}

func extractJSON(c *fn.Context, args []value.Value, out *value.Value) error {
	m := memoOf(c)
	e, ok, err := m.arrow(args)
	if !ok || err != nil {
		return err
	}
	return e.show(c, m, formText, out)
}

func extractValue(c *fn.Context, args []value.Value, out *value.Value) error {
	m := memoOf(c)
	e, ok, err := m.arrow(args)
	if !ok || err != nil {
		return err
	}
	return e.give(c, m, formText, out)
}

// patch is json_patch.
func (f form) patch(c *fn.Context, args []value.Value, out *value.Value) error {
	d, err := read(c, &args[0], true)
	if d == nil || err != nil {
		return err
	}
	p, err := read(c, &args[1], false)
	if p == nil || err != nil {
		return err
	}
	if err := d.merge(0, p.b, 0, 0); err != nil {
		return err
	}
	return show(c, d.b, 0, f, out)
}

// locate reads a document and follows the path behind it, if there is one; ok
// is false when the result is NULL.
func locate(c *fn.Context, args []value.Value) (e element, ok bool, err error) {
	e, ok, err = memoOf(c).open(&args[0])
	if !ok || err != nil || len(args) == 1 {
		return e, ok, err
	}
	p, err := path(&args[1])
	if p == nil || err != nil {
		return e, false, err
	}
	switch err := e.find(p[1:]); err {
	case nil:
		return e, true, nil
	case errNotFound:
		return e, false, nil
	default:
		return e, false, pathError(err, p)
	}
}

func arrayLength(c *fn.Context, args []value.Value, out *value.Value) error {
	e, ok, err := locate(c, args)
	if !ok || err != nil {
		return err
	}
	out.SetInt(0)
	if e.kind() == kindArray {
		out.SetInt(int64(e.count()))
	}
	return nil
}

func typeOf(c *fn.Context, args []value.Value, out *value.Value) error {
	e, ok, err := locate(c, args)
	if !ok || err != nil {
		return err
	}
	out.SetString(typeNames[e.kind()])
	return nil
}

func quote(c *fn.Context, args []value.Value, out *value.Value) error {
	text, err := appendText(c, nil, &args[0])
	if err != nil {
		return err
	}
	return showText(text, formText, out)
}

func pretty(c *fn.Context, args []value.Value, out *value.Value) error {
	d, err := read(c, &args[0], false)
	if d == nil || err != nil {
		return err
	}
	indent := []byte("    ")
	if len(args) == 2 && !args[1].IsNull() {
		indent = asText(&args[1])
	}
	w := writer{b: d.b, max: lengthMax(c)}
	if _, err := w.pretty(0, indent, 0); err != nil {
		return err
	}
	out.SetText(w.out)
	return nil
}

// Flags of json_valid.
const (
	allowPlain  = 1 << iota // Text of RFC 8259.
	allowJSON5              // Text of JSON5.
	allowBinary             // What looks like the binary form.
	allowSound              // What is sound binary form.
)

func valid(c *fn.Context, args []value.Value, out *value.Value) error {
	flags := int64(allowPlain)
	if len(args) == 2 {
		if flags = args[1].AsInt(); flags < 1 || flags > 15 {
			return errors.New("FLAGS parameter to json_valid() must be between 1 and 15")
		}
	}
	if args[0].IsNull() {
		return nil
	}
	if b := args[0].Bytes; args[0].Kind() == value.Blob && isDocument(b()) {
		out.SetBool(flags&allowBinary != 0 || flags&allowSound != 0 && check(b(), 0, len(b()), 1) == 0)
		return nil
	}
	if flags&(allowPlain|allowJSON5) == 0 {
		out.SetBool(false)
		return nil
	}
	r := memoOf(c).reading(args[0].TextBytes())
	out.SetBool(r != nil && (flags&allowJSON5 != 0 || r.binary == nil))
	return nil
}

func errorPosition(_ *fn.Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() {
		return nil
	}
	if b := args[0].Bytes; args[0].Kind() == value.Blob && isDocument(b()) {
		out.SetInt(int64(check(b(), 0, len(b()), 1)))
		return nil
	}
	text := asText(&args[0])
	_, ok, at := parse(nil, text)
	if ok {
		out.SetInt(0)
		return nil
	}
	chars := int64(1)
	for _, c := range text[:min(at, len(text))] {
		if c&0xc0 != 0x80 {
			chars++
		}
	}
	out.SetInt(chars)
	return nil
}
