package json

import (
	"bytes"
	"errors"
	"strings"
)

// edit is what happens to the element that a path names.
type edit uint8

const (
	editNone    edit = iota // It is only found.
	editRemove              //
	editReplace             // Only where it is.
	editInsert              // Only where it is not.
	editSet                 // Where it is and where it is not.
	editArrayInsert
)

// creates reports whether the edit makes what is not there.
func (e edit) creates() bool { return e >= editInsert }

// document is a document in binary form, and an edit under way.
type document struct {
	b     []byte
	edit  edit
	ins   []byte // The element that an edit puts in.
	delta int    // By how much the edit has grown b.
	depth int
	label int // Where the label of the element found stands, 0 for none.
}

// What a path can end with; errNotFound is no error of the user's.
var (
	errNotFound = errors.New("no such element")
	errBadPath  = errors.New("bad JSON path")
	errNotArray = errors.New("not an array element")
	errPathDeep = errors.New("JSON path too deep")
)

// pathError is the error that the user sees for a path.
func pathError(err error, path []byte) error {
	switch err {
	case errBadPath, errNotArray:
		return errors.New(err.Error() + ": '" + strings.ReplaceAll(string(path), "'", "''") + "'")
	}
	return err
}

// find finds the element that path names, the text behind its $, and edits it.
func (d *document) find(path []byte) (at int, err error) {
	d.delta, d.depth, d.label = 0, 0, 0
	return d.step(0, path, 0, 0)
}

// step follows path from its byte p on, from the element at b[root]; label is
// where that element's label stands.
func (d *document) step(root int, path []byte, p, label int) (int, error) {
	if p == len(path) {
		return d.arrive(root, path, label)
	}
	switch path[p] {
	case '.':
		return d.member(root, path, p+1)
	case '[':
		return d.item(root, path, p)
	}
	return 0, errBadPath
}

// arrive edits the element that the path has led to.
func (d *document) arrive(at int, path []byte, label int) (int, error) {
	n, size := sizes(d.b, at)
	switch d.edit {
	case editRemove:
		from, end := at, at+n+size
		if label > 0 {
			from = label
		}
		d.replace(from, end-from, nil)
	case editReplace, editSet:
		d.replace(at, n+size, d.ins)
	case editArrayInsert:
		if len(path) == 0 || path[len(path)-1] != ']' {
			return 0, errNotArray
		}
		d.replace(at, 0, d.ins)
	}
	d.label = label
	return at, nil
}

// down goes one step down to the element at b[at].
func (d *document) down(root, at int, path []byte, p, label int) (int, error) {
	if d.depth++; d.depth >= depthMax {
		return 0, errPathDeep
	}
	found, err := d.step(at, path, p, label)
	d.depth--
	if d.delta != 0 {
		d.adjust(root)
	}
	return found, err
}

// adjust makes the size of the container at b[root] right after an edit (E3).
func (d *document) adjust(root int) {
	_, size := sizes(d.b, root)
	var grown int
	d.b, grown = resize(d.b, root, size+d.delta)
	d.delta += grown
}

// key is one label of a path.
type key struct {
	text []byte
	raw  bool // Without escapes.
	next int  // Where the path goes on.
}

func parseKey(path []byte, p int) (key, error) {
	if p < len(path) && path[p] == '"' {
		i := p + 1
		for ; i < len(path) && path[i] != '"'; i++ {
			if path[i] == '\\' && i+1 < len(path) {
				i++
			}
		}
		if i >= len(path) {
			return key{}, errBadPath
		}
		text := path[p+1 : i]
		return key{text, bytes.IndexByte(text, '\\') < 0, i + 1}, nil
	}
	i := p
	for i < len(path) && path[i] != '.' && path[i] != '[' {
		i++
	}
	if i == p {
		return key{}, errBadPath
	}
	return key{path[p:i], true, i}, nil
}

// member follows a label.
func (d *document) member(root int, path []byte, p int) (int, error) {
	k, err := parseKey(path, p)
	if err != nil {
		return 0, err
	}
	if kindAt(d.b, root) != kindObject {
		return 0, errNotFound
	}
	n, size := header(d.b, root)
	j, end := root+n, root+n+size
	for j < end {
		if !kindAt(d.b, j).isLabel() {
			return 0, errMalformed
		}
		n, size := header(d.b, j)
		at := j + n + size
		if n == 0 || at >= end || kindAt(d.b, at) > kindObject {
			return 0, errMalformed
		}
		vn, vsize := header(d.b, at)
		if vn == 0 || at+vn+vsize > end {
			return 0, errMalformed
		}
		if sameLabel(k.text, k.raw, d.b[j+n:at], kindAt(d.b, j).isRaw()) {
			return d.down(root, at, path, k.next, j)
		}
		j = at + vn + vsize
	}
	if !d.edit.creates() {
		return 0, errNotFound
	}
	if d.edit == editArrayInsert && (k.next == len(path) || path[len(path)-1] != ']') {
		return 0, errNotArray
	}
	made, at, err := d.build(path, k.next)
	if err != nil {
		return 0, err
	}
	labelKind := kindTextRaw
	if !k.raw {
		labelKind = kindText5
	}
	d.replace(j, 0, append(appendElement(nil, labelKind, k.text), made...))
	d.adjust(root)
	return at, nil
}

// item follows a number in brackets.
func (d *document) item(root int, path []byte, p int) (int, error) {
	if kindAt(d.b, root) != kindArray {
		return 0, errNotFound
	}
	length := 0
	if countsBack(path, p) {
		length = count(d.b, root)
	}
	k, p, err := parseIndex(path, p+1, length)
	if err != nil {
		return 0, err
	}
	n, size := header(d.b, root)
	j, end := root+n, root+n+size
	for ; j < end; k-- {
		if k == 0 {
			return d.down(root, j, path, p, 0)
		}
		n, size := header(d.b, j)
		if n == 0 {
			return 0, errMalformed
		}
		j += n + size
	}
	switch {
	case j > end:
		return 0, errMalformed
	case k > 0 || !d.edit.creates():
		return 0, errNotFound
	}
	made, at, err := d.build(path, p)
	if err != nil {
		return 0, err
	}
	d.replace(j, 0, made)
	d.adjust(root)
	return at, nil
}

// indexMax bounds the numbers of a path.
const indexMax = 1<<32 - 1

// parseIndex reads the number at path[p:] up to its bracket: one from the
// start, # for the length of the array, or one from there back.
func parseIndex(path []byte, p, length int) (k uint64, next int, err error) {
	k, next = pathNumber(path, p)
	if next == p {
		if p >= len(path) || path[p] != '#' {
			return 0, 0, errBadPath
		}
		next++
		k = uint64(length)
		if next+1 < len(path) && path[next] == '-' && isDigit(path[next+1]) {
			var back uint64
			if back, next = pathNumber(path, next+1); back > k {
				return 0, 0, errNotFound
			}
			k -= back
		}
	}
	if next >= len(path) || path[next] != ']' {
		return 0, 0, errBadPath
	}
	return k, next + 1, nil
}

func pathNumber(path []byte, p int) (n uint64, next int) {
	for ; p < len(path) && isDigit(path[p]); p++ {
		if n < indexMax {
			n = n*10 + uint64(path[p]-'0')
		}
	}
	return n, p
}

// countsBack reports whether the number in brackets at path[p:] is counted
// from the end of the array, so that its length is wanted.
func countsBack(path []byte, p int) bool { return p+1 < len(path) && path[p+1] == '#' }

// build makes what an edit puts where the rest of a path leads to nothing yet:
// the new element, within the containers that the path names.
func (d *document) build(path []byte, p int) (made []byte, at int, err error) {
	if p == len(path) {
		return d.ins, 0, nil
	}
	empty := kindArray
	if path[p] == '.' {
		empty = kindObject
	}
	inner := document{b: []byte{byte(empty)}, edit: d.edit, ins: d.ins, depth: d.depth + 1}
	if inner.depth >= depthMax {
		return nil, 0, errPathDeep
	}
	at, err = inner.step(0, path, p, 0)
	return inner.b, at, err
}

// count is the number of elements of an array.
func count(b []byte, root int) int {
	n, size := header(b, root)
	i, end, c := root+n, root+n+size, 0
	for n > 0 && i < end {
		n, size = header(b, i)
		i += n + size
		c++
	}
	return c
}

// replace puts ins in place of the n bytes at b[at]. One that is a little
// shorter than what it replaces gets a longer header instead of moving all
// that follows, as the reference does.
func (d *document) replace(at, n int, ins []byte) {
	short := n - len(ins)
	if short > 0 && short <= 8 && len(ins) > 0 && stretch(d.b[at:at+n], ins, short) {
		return
	}
	d.b = splice(d.b, at, n, ins, len(ins))
	d.delta -= short
}

// stretch writes an element with a header that is longer by extra bytes, where
// the form allows such a header.
func stretch(dst, ins []byte, extra int) bool {
	if kindAt(ins, 0) <= kindFalse {
		return false
	}
	n, _ := sizes(ins, 0)
	if n == 0 || n == 9 {
		return false
	}
	want := n + extra
	var form byte
	switch want {
	case 2:
		form = 0xc0
	case 3:
		form = 0xd0
	case 5:
		form = 0xe0
	case 9:
		form = 0xf0
	default:
		return false
	}
	size := len(ins) - n
	dst[0] = ins[0]&0x0f | form
	for i := want - 1; i > 0; i-- {
		dst[i] = byte(size)
		size >>= 8
	}
	copy(dst[want:], ins[n:])
	return true
}

// sameLabel reports whether two labels mean the same characters.
func sameLabel(a []byte, rawA bool, b []byte, rawB bool) bool {
	if rawA && rawB {
		return bytes.Equal(a, b)
	}
	for {
		var x, y uint32
		x, a = labelChar(a, rawA)
		y, b = labelChar(b, rawB)
		if x != y {
			return false
		}
		if x == 0 {
			return true
		}
	}
}

func labelChar(z []byte, raw bool) (uint32, []byte) {
	if len(z) == 0 {
		return 0, z
	}
	c, n := uint32(z[0]), 1
	if !raw && z[0] == '\\' {
		c, n = unescape(z)
	} else if c >= 0xc0 {
		c, n = readChar(z)
	}
	return c, z[n:]
}
