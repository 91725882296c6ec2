package value

import (
	"bytes"
	"encoding/binary"
)

// Collation orders text. A nil *Collation is BINARY. Collations are immutable
// and compared by identity; the three built-in ones are the package's
// variables, user-defined ones are made by the registry of functions.
type Collation struct {
	Name    string
	Compare func(a, b []byte) int // nil: bytes.Compare
	// AppendKey appends bytes that sort (by bytes.Compare) as Compare orders;
	// nil when no such bytes exist and a tree needs a compare hook.
	AppendKey func(dst, text []byte) []byte
	// Undefined, when not nil, tells whether the collation is known by name
	// only: a schema names it, and nobody has said yet how it compares.
	Undefined func() bool
}

// IsUndefined reports whether nobody has said yet how c compares.
func (c *Collation) IsUndefined() bool { return c != nil && c.Undefined != nil && c.Undefined() }

// Own reports whether c, or its lack, orders without calling what a user has
// registered.
func (c *Collation) Own() bool { return c.IsBinary() || c.AppendKey != nil }

// The built-in collations.
var (
	Binary = &Collation{Name: "BINARY", AppendKey: func(dst, t []byte) []byte { return append(dst, t...) }}
	NoCase = &Collation{Name: "NOCASE", Compare: compareNoCase, AppendKey: appendNoCaseKey}
	RTrim  = &Collation{Name: "RTRIM", Compare: compareRTrim, AppendKey: appendRTrimKey}
)

// BuiltinCollation finds BINARY, NOCASE or RTRIM by name, in any case.
func BuiltinCollation(name string) *Collation {
	for _, c := range []*Collation{Binary, NoCase, RTrim} {
		if EqualFold(name, c.Name) {
			return c
		}
	}
	return nil
}

// IsBinary reports whether the collation is plain byte order.
func (c *Collation) IsBinary() bool { return c == nil || c.Compare == nil }

// CompareText compares two texts under c.
func (c *Collation) CompareText(a, b []byte) int {
	if c == nil || c.Compare == nil {
		return bytes.Compare(a, b)
	}
	return c.Compare(a, b)
}

// compareNoCase folds the case of ASCII letters. Behind a zero byte that both
// texts have at the same place only their lengths count: that is how the
// reference's comparison of C strings ends.
func compareNoCase(a, b []byte) int {
	n := min(len(a), len(b))
	for i := 0; i < n; i++ {
		x, y := lower(a[i]), lower(b[i])
		if x != y {
			return int(x) - int(y)
		}
		if x == 0 {
			break
		}
	}
	return len(a) - len(b)
}

// appendNoCaseKey appends the folded text up to its first zero byte, and then
// that byte and the length of the rest.
func appendNoCaseKey(dst, t []byte) []byte {
	for i, c := range t {
		if c == 0 {
			return binary.BigEndian.AppendUint64(append(dst, 0), uint64(len(t)-i))
		}
		dst = append(dst, lower(c))
	}
	return dst
}

func compareRTrim(a, b []byte) int { return bytes.Compare(rtrim(a), rtrim(b)) }

func appendRTrimKey(dst, t []byte) []byte { return append(dst, rtrim(t)...) }

func rtrim(t []byte) []byte {
	for len(t) > 0 && t[len(t)-1] == ' ' {
		t = t[:len(t)-1]
	}
	return t
}

// EqualFold reports whether two names are equal but for the case of ASCII
// letters, the way SQL compares identifiers.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// Lower folds the ASCII letters of a name, as a key of a map of names.
func Lower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i]-'A' < 26 {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				b[j] = lower(b[j])
			}
			return string(b)
		}
	}
	return s
}
