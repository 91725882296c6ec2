package record

import (
	"bytes"

	"github.com/rustlite/rustlite/vm/value"
)

// A collation that is a function of the user's has no bytes that sort as it
// does. Its texts stand in keys as they are, and whoever orders such keys
// compares them column by column.

// Custom reports whether the order of keys with these columns is not that of
// their bytes.
func Custom(cols []KeyColumn) bool {
	for _, c := range cols {
		if c.custom() {
			return true
		}
	}
	return false
}

func (c *KeyColumn) custom() bool { return !c.Collation.IsBinary() && c.Collation.AppendKey == nil }

// Comparer returns the order of keys with these columns, for a tree or a
// sorter; nil where it is that of their bytes.
func Comparer(cols []KeyColumn) func(a, b []byte) int {
	if !Custom(cols) {
		return nil
	}
	return func(a, b []byte) int {
		c, _ := compareColumns(cols, a, b)
		return c
	}
}

// CompareCustomPrefix is ComparePrefix for keys with custom columns.
func CompareCustomPrefix(cols []KeyColumn, key, bound []byte) int {
	c, within := compareColumns(cols, key, bound)
	if within {
		return 0
	}
	return c
}

// compareColumns compares two keys. within tells that all columns of b are
// equal to those of a, which may have more.
func compareColumns(cols []KeyColumn, a, b []byte) (c int, within bool) {
	for i := 0; ; i++ {
		switch {
		case len(b) == 0:
			return min(len(a), 1), true
		case len(a) == 0:
			return -1, false
		}
		var col KeyColumn
		if i < len(cols) {
			col = cols[i]
		}
		restA, errA := SkipKeyValue(a, col)
		restB, errB := SkipKeyValue(b, col)
		if errA != nil || errB != nil {
			return bytes.Compare(a, b), false // A bound's mark, or damage.
		}
		c := bytes.Compare(a[:len(a)-len(restA)], b[:len(b)-len(restB)])
		if c != 0 && col.custom() {
			var x, y value.Value
			_, errA = DecodeKeyValue(a, col, &x)
			_, errB = DecodeKeyValue(b, col, &y)
			if errA == nil && errB == nil && x.Kind() == value.Text && y.Kind() == value.Text {
				if c = col.Collation.Compare(x.Bytes(), y.Bytes()); col.Desc {
					c = -c
				}
			}
		}
		if c != 0 {
			return c, false
		}
		a, b = restA, restB
	}
}
