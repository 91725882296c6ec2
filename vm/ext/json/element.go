package json

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/rustlite/rustlite/vm/value"
)

// kind is the kind of an element.
type kind uint8

// The kinds; the numbers are those of the binary form.
const (
	kindNull    kind = iota
	kindTrue         // No payload, as null and false.
	kindFalse        //
	kindInt          // Decimal digits, perhaps behind a minus.
	kindInt5         // JSON5: hexadecimal.
	kindFloat        // As JSON writes it.
	kindFloat5       // JSON5: with nothing before or after the point.
	kindText         // Neither quotes nor escapes.
	kindTextJ        // With JSON's escapes.
	kindText5        // With JSON5's escapes.
	kindTextRaw      // Any text of SQL, to be escaped when it is written.
	kindArray
	kindObject
)

// typeNames are what json_type says, by kind.
var typeNames = [16]string{"null", "true", "false", "integer", "integer", "real", "real", "text", "text", "text", "text",
	"array", "object"}

// subtype marks a text that is JSON: a function that takes it as a value puts
// it in as it is.
const subtype = 'J'

// depthMax bounds the nesting of documents.
const depthMax = 1000

var (
	errMalformed = errors.New("malformed JSON")
	errTooDeep   = errors.New("JSON nested too deep")
	errBlob      = errors.New("JSON cannot hold BLOB values")
)

func kindAt(b []byte, i int) kind { return kind(b[i] & 0x0f) }

func (k kind) isLabel() bool { return k >= kindText && k <= kindTextRaw }

// isRaw reports whether a text of this kind holds no escapes.
func (k kind) isRaw() bool { return k == kindText || k == kindTextRaw }

// header reads the header of the element at b[i]: its length and that of the
// payload. n is 0 when the element does not fit into b (E1).
func header(b []byte, i int) (n, size int) {
	n, size = sizes(b, i)
	if n == 0 || size > len(b)-i-n {
		return 0, 0
	}
	return n, size
}

// sizes is header for an element whose payload may end behind b.
func sizes(b []byte, i int) (n, size int) {
	if i >= len(b) {
		return 0, 0
	}
	short := int(b[i] >> 4)
	if short <= 11 {
		return 1, short
	}
	n = 1 + 1<<(short-12)
	if len(b)-i < n {
		return 0, 0
	}
	switch short {
	case 12:
		size = int(b[i+1])
	case 13:
		size = int(binary.BigEndian.Uint16(b[i+1:]))
	case 14:
		size = int(binary.BigEndian.Uint32(b[i+1:]))
	default:
		u := binary.BigEndian.Uint64(b[i+1:])
		if u > 1<<32-1 {
			return 0, 0
		}
		size = int(u)
	}
	return n, size
}

// headerLen is the length of the shortest header for a payload.
func headerLen(size int) int {
	switch {
	case size <= 11:
		return 1
	case size <= 0xff:
		return 2
	case size <= 0xffff:
		return 3
	default:
		return 5
	}
}

// putHeader writes the shortest header; h has its length.
func putHeader(h []byte, k kind, size int) {
	switch len(h) {
	case 1:
		h[0] = byte(k) | byte(size)<<4
	case 2:
		h[0], h[1] = byte(k)|0xc0, byte(size)
	case 3:
		h[0] = byte(k) | 0xd0
		binary.BigEndian.PutUint16(h[1:], uint16(size))
	default:
		h[0] = byte(k) | 0xe0
		binary.BigEndian.PutUint32(h[1:], uint32(size))
	}
}

// appendHeader appends the shortest header.
func appendHeader(dst []byte, k kind, size int) []byte {
	var h [5]byte
	n := headerLen(size)
	putHeader(h[:n], k, size)
	return append(dst, h[:n]...)
}

// appendElement appends an element of a kind that has a text as payload.
func appendElement[T string | []byte](dst []byte, k kind, payload T) []byte {
	return append(appendHeader(dst, k, len(payload)), payload...)
}

// resize gives the element at b[i] the shortest header for a payload of size
// bytes, and returns the bytes and by how many they have grown.
func resize(b []byte, i, size int) ([]byte, int) {
	have, _ := sizes(b, i)
	want := headerLen(size)
	k := kindAt(b, i)
	if want != have {
		b = splice(b, i, have, nil, want)
	}
	putHeader(b[i:i+want], k, size)
	return b, want - have
}

// splice replaces the n bytes at b[i] by ins, or by room for it where ins is
// nil.
func splice(b []byte, i, n int, ins []byte, room int) []byte {
	tail := len(b) - i - n
	d := room - n
	if d > 0 {
		for len(b)+d > cap(b) {
			b = append(b[:cap(b)], 0)[:len(b)]
		}
	}
	whole := b[:max(len(b), len(b)+d)]
	copy(whole[i+room:], whole[i+n:i+n+tail])
	copy(whole[i:i+room], ins)
	return whole[:i+room+tail]
}

// isDocument reports whether a blob is a document in binary form, as far as
// its first header tells; short ones that could be text are looked at whole.
func isDocument(b []byte) bool {
	if len(b) == 0 || kindAt(b, 0) > kindObject {
		return false
	}
	n, size := header(b, 0)
	if n == 0 || n+size != len(b) || kindAt(b, 0) <= kindFalse && size != 0 {
		return false
	}
	c := b[0]
	return size > 7 || c != '{' && c != '[' && !isDigit(c) || check(b, 0, len(b), 1) == 0
}

// asText is the text of a value, cut before its first zero byte as the
// language has it.
func asText(v *value.Value) []byte { return untilZero(v.TextBytes()) }

func untilZero(z []byte) []byte {
	if i := bytes.IndexByte(z, 0); i >= 0 {
		return z[:i]
	}
	return z
}
