package json

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
)

// node is one element of an outline, or the label of one.
type node struct {
	at   uint32 // Where its payload begins in the text, that of a container at its bracket.
	size uint32
	next uint32 // The node behind it and all that it holds; while it is open, the container around it.
	kind kind
	wide bool // A container with blanks between what it holds.
	name bool // The label of the node behind it.
}

// outline says where the elements of a text stand, in the order of the text:
// an element takes one node, behind it those of what it holds. Only plain JSON
// (RFC 8259) has an outline; all else is the parser's. Looking at a text once,
// without writing its binary form, costs a third of parsing it.
type outline struct {
	text  []byte // With padding behind it.
	nodes []node
	// last is the text before, while text is compared with it; unlike is how many
	// texts are not: none has been like the one before it for a while.
	last   []byte
	unlike int
	// found are the paths that were followed since the nodes were others.
	found  [foundMax]found
	founds int
}

// found is where a path leads, -1 for nowhere.
type found struct {
	path []byte
	at   int
}

const foundMax = 4

// padding zero bytes follow the text of an outline, so that eight bytes can be
// looked at from any place in it; the first of them ends every loop.
const padding = 8

// Masks for a look at eight bytes at once.
const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// odd marks the bytes of w that are no plain character of a text in double
// quotes: control characters, quotes and backslashes. The lowest mark is
// right, those above it may be wrong.
func odd(w uint64) uint64 {
	control := w - ' '*everyByte
	quote := (w ^ '"'*everyByte) - everyByte
	backslash := (w ^ '\\'*everyByte) - everyByte
	return (control | quote | backslash) &^ w & highBits
}

// read makes the outline of text, which ends before a zero byte. It reports
// whether the text is plain JSON.
func (o *outline) read(text []byte) bool {
	const none = math.MaxUint32
	if uint64(len(text)) >= none {
		return false
	}
	o.last, o.text = o.text, o.last
	o.text = append(append(o.text[:0], text...), make([]byte, padding)...)
	if o.follow() {
		return true
	}
	z := o.text
	nodes := o.nodes[:cap(o.nodes)]
	o.nodes, o.founds = o.nodes[:0], 0
	used := 0
	in, depth := uint32(none), 0 // The container around i, and how many.
	object := false              // It is one, and a label comes next.
	wide := false                // Blanks were met since it began.
	i := 0
	for {
		// An element, or a label with its colon and the element.
		for {
			if z[i] <= ' ' {
				j := skipBlanks(z, i)
				wide = wide || j > i
				i = j
			}
			if used == len(nodes) {
				nodes = append(nodes, node{})
				nodes = nodes[:cap(nodes)]
			}
			n := &nodes[used]
			used++
			if z[i] == '"' {
				end, k := textEnd(z, i+1)
				if end < 0 {
					return false
				}
				*n = node{at: uint32(i + 1), size: uint32(end - i - 1), next: uint32(used), kind: k, name: object}
				i = end + 1
				if !object {
					break
				}
				if z[i] != ':' {
					j := skipBlanks(z, i)
					wide = wide || j > i
					if i = j; z[i] != ':' {
						return false
					}
				}
				i++
				object = false
				continue
			}
			if object {
				return false
			}
			if c := z[i]; c == '{' || c == '[' {
				if depth++; depth > depthMax {
					return false
				}
				*n = node{at: uint32(i), next: in, kind: kindArray, wide: wide}
				in, wide = uint32(used-1), false
				if object = c == '{'; object {
					n.kind = kindObject
				}
				i++
				if z[i] <= ' ' {
					j := skipBlanks(z, i)
					wide = j > i
					i = j
				}
				if z[i] == c+2 {
					break
				}
				continue
			}
			end, k := numberEnd(z, i)
			*n = node{at: uint32(i), size: uint32(end - i), next: uint32(used), kind: k}
			if end < 0 {
				if end, k = word(z, i); end < 0 {
					return false
				}
				n.size, n.kind = 0, k
			}
			i = end
			break
		}
		// What stands behind it: the ends of containers, up to a comma.
		for {
			if z[i] <= ' ' {
				j := skipBlanks(z, i)
				wide = wide || j > i
				i = j
			}
			if in == none {
				if z[i] != 0 {
					return false
				}
				o.nodes = nodes[:used]
				return true
			}
			n := &nodes[in]
			if z[i] == ',' {
				i++
				object = n.kind == kindObject
				break
			}
			if z[i] != ']'+byte(n.kind-kindArray)*('}'-']') {
				return false
			}
			i++
			n.size = uint32(i) - n.at
			in, n.next = n.next, uint32(used)
			wide, n.wide = n.wide || wide, wide
			depth--
		}
	}
}

const (
	// followDepth bounds the containers around each other in what follow looks at.
	followDepth = 16
	// followPause is how many texts are not compared with those before, after one
	// that was another.
	followPause = 8
)

// follow makes the outline of a text that differs from the last one in its
// texts, numbers and words alone, as the documents of one table often do, from
// that of the last one: what lies between these is compared as bytes. After
// false the nodes mean nothing.
func (o *outline) follow() bool {
	if len(o.nodes) == 0 {
		return false
	}
	if o.unlike > 0 {
		o.unlike--
		return false
	}
	o.unlike = followPause
	z, last := o.text, o.last
	i, was := 0, 0 // How far both are looked at.
	// The containers around i, by how much they have moved, the innermost last; it
	// ends before node end.
	var open [followDepth]struct{ node, moved, end int }
	open[0].end = -1
	depth, end := 0, -1
	for j := range o.nodes {
		n := &o.nodes[j]
		for j == end {
			in := &open[depth]
			o.nodes[in.node].size += uint32(i - was - in.moved)
			depth--
			end = open[depth].end
		}
		switch {
		case n.kind >= kindArray:
			if depth++; depth == followDepth {
				return false
			}
			end = int(n.next)
			open[depth].node, open[depth].moved, open[depth].end = j, i-was, end
			fallthrough
		case n.name:
			n.at += uint32(i - was)
			continue
		}
		from := int(n.at)
		if n.kind == kindText || n.kind == kindTextJ {
			from--
		}
		gap := last[was:from]
		if len(gap) > len(z)-i || !bytes.Equal(z[i:i+len(gap)], gap) {
			return false
		}
		i, was = i+len(gap), int(n.at+n.size)
		if from < int(n.at) {
			was++
		}
		if n.kind <= kindFalse {
			was += len(typeNames[n.kind])
		}
		if z[i] == '"' {
			to, k := textEnd(z, i+1)
			if to < 0 {
				return false
			}
			n.at, n.size, n.kind = uint32(i+1), uint32(to-i-1), k
			i = to + 1
			continue
		}
		to, k := numberEnd(z, i)
		n.at, n.size, n.kind = uint32(i), uint32(to-i), k
		if to < 0 {
			if to, k = word(z, i); to < 0 {
				return false
			}
			n.size, n.kind = 0, k
		}
		i = to
	}
	for ; depth > 0; depth-- {
		o.nodes[open[depth].node].size += uint32(i - was - open[depth].moved)
	}
	if !bytes.Equal(z[i:], last[was:]) {
		return false
	}
	o.unlike = 0
	return true
}

// skipBlanks is the first place from i on that holds no blank.
func skipBlanks(z []byte, i int) int {
	for isSpace(z[i]) {
		i++
	}
	return i
}

// textEnd finds the quote that ends the text at z[i:]; -1 where plain JSON has
// no such text.
func textEnd(z []byte, i int) (end int, k kind) {
	k = kindText
	for {
		m := odd(binary.LittleEndian.Uint64(z[i:]))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) / 8
		switch {
		case z[i] == '"':
			return i, k
		case z[i] != '\\':
			return -1, 0
		}
		k = kindTextJ
		switch z[i+1] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			i += 2
		case 'u':
			if !isHex4(z[i+2:]) {
				return -1, 0
			}
			i += 6
		default:
			return -1, 0
		}
	}
}

// word finds the end of true, false or null at z[i:]; -1 for none.
func word(z []byte, i int) (end int, k kind) {
	switch binary.LittleEndian.Uint32(z[i:]) {
	case 't' | 'r'<<8 | 'u'<<16 | 'e'<<24:
		end, k = i+4, kindTrue
	case 'n' | 'u'<<8 | 'l'<<16 | 'l'<<24:
		end, k = i+4, kindNull
	case 'f' | 'a'<<8 | 'l'<<16 | 's'<<24:
		if end, k = i+5, kindFalse; z[i+4] != 'e' {
			return -1, 0
		}
	default:
		return -1, 0
	}
	if isAlnum(z[end]) {
		return -1, 0
	}
	return end, k
}

// numberEnd finds the end of the number at z[i:]; -1 where plain JSON has none.
func numberEnd(z []byte, i int) (end int, k kind) {
	if z[i] == '-' {
		i++
	}
	if !isDigit(z[i]) || z[i] == '0' && isDigit(z[i+1]) {
		return -1, 0
	}
	for i++; isDigit(z[i]); i++ {
	}
	k = kindInt
	if z[i] == '.' {
		k = kindFloat
		if i++; !isDigit(z[i]) {
			return -1, 0
		}
		for i++; isDigit(z[i]); i++ {
		}
	}
	if z[i]|0x20 == 'e' {
		k = kindFloat
		if i++; z[i] == '+' || z[i] == '-' {
			i++
		}
		if !isDigit(z[i]) {
			return -1, 0
		}
		for i++; isDigit(z[i]); i++ {
		}
	}
	return i, k
}

// payload is what a node stands for in the text; that of a container has its
// brackets.
func (o *outline) payload(n *node) []byte { return o.text[n.at : n.at+n.size] }

// find is document.find for a path that edits nothing.
func (o *outline) find(path []byte) (at int, err error) {
	for i := range o.found[:o.founds] {
		if f := &o.found[i]; string(f.path) == string(path) {
			if f.at < 0 {
				return 0, errNotFound
			}
			return f.at, nil
		}
	}
	at, err = o.seek(path)
	if known := err == errNotFound; (known || err == nil) && o.founds < foundMax { //nolint:errorlint // The very error.
		f := &o.found[o.founds]
		o.founds++
		f.path, f.at = append(f.path[:0], path...), at
		if known {
			f.at = -1
		}
	}
	return at, err
}

// seek is find for a path that is not known.
func (o *outline) seek(path []byte) (at int, err error) {
	depth := 0
	for p := 0; p < len(path); {
		if path[p] == '.' {
			at, p, err = o.member(at, path, p+1)
		} else {
			at, p, err = o.item(at, path, p)
		}
		if err != nil {
			return 0, err
		}
		if depth++; depth >= depthMax {
			return 0, errPathDeep
		}
	}
	return at, nil
}

// member follows the label at path[p:].
func (o *outline) member(root int, path []byte, p int) (at, next int, err error) {
	k, err := parseKey(path, p)
	if err != nil {
		return 0, 0, err
	}
	if o.nodes[root].kind != kindObject {
		return 0, 0, errNotFound
	}
	for j, end := root+1, int(o.nodes[root].next); j < end; j = int(o.nodes[j+1].next) {
		n := &o.nodes[j]
		if n.kind == kindText && k.raw {
			if int(n.size) == len(k.text) && bytes.Equal(o.payload(n), k.text) {
				return j + 1, k.next, nil
			}
		} else if sameLabel(k.text, k.raw, o.payload(n), n.kind == kindText) {
			return j + 1, k.next, nil
		}
	}
	return 0, 0, errNotFound
}

// item follows the number in brackets at path[p:].
func (o *outline) item(root int, path []byte, p int) (at, next int, err error) {
	if path[p] != '[' {
		return 0, 0, errBadPath
	}
	if o.nodes[root].kind != kindArray {
		return 0, 0, errNotFound
	}
	length := 0
	if countsBack(path, p) {
		length = o.count(root)
	}
	k, next, err := parseIndex(path, p+1, length)
	if err != nil {
		return 0, 0, err
	}
	for j, end := root+1, int(o.nodes[root].next); j < end; j = int(o.nodes[j].next) {
		if k == 0 {
			return j, next, nil
		}
		k--
	}
	return 0, 0, errNotFound
}

// count is the number of elements of an array.
func (o *outline) count(root int) int {
	c := 0
	for j, end := root+1, int(o.nodes[root].next); j < end; j = int(o.nodes[j].next) {
		c++
	}
	return c
}

// appendText appends the element as text without blanks.
func (o *outline) appendText(dst []byte, at int) []byte {
	n := &o.nodes[at]
	switch {
	case n.kind.isLabel():
		return append(dst, o.text[n.at-1:n.at+n.size+1]...)
	case n.kind <= kindFalse:
		return append(dst, typeNames[n.kind]...)
	case n.kind < kindArray || !n.wide:
		return append(dst, o.payload(n)...)
	}
	brackets := "[]"
	if n.kind == kindObject {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	for j, end := at+1, int(n.next); j < end; j = int(o.nodes[j].next) {
		if j > at+1 {
			dst = append(dst, ',')
		}
		if n.kind == kindObject {
			dst = append(o.appendText(dst, j), ':')
			j++
		}
		dst = o.appendText(dst, j)
	}
	return append(dst, brackets[1])
}

// appendBinary appends the binary form of the nodes from j to before end.
func (o *outline) appendBinary(dst []byte, j, end int) []byte {
	for j < end {
		n := &o.nodes[j]
		switch {
		case n.kind <= kindFalse:
			dst = append(dst, byte(n.kind))
		case n.kind < kindArray:
			dst = appendElement(dst, n.kind, o.payload(n))
		default:
			at := len(dst)
			dst = o.appendBinary(append(dst, byte(n.kind)), j+1, int(n.next))
			dst, _ = resize(dst, at, len(dst)-at-1)
		}
		j = int(n.next)
	}
	return dst
}
