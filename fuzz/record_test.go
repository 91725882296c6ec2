package fuzz

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"testing"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// FuzzRecord reads any bytes as a record. They are malformed, or they give values that, encoded,
// give the same values again, in bytes that are never more and never change any more.
func FuzzRecord(f *testing.F) {
	long := bytes.Repeat([]byte("long"), 50)
	for _, vals := range [][]value.Value{
		{},
		{value.FromInt(1), value.FromString("ann"), {}, value.FromReal(0.5)},
		{value.FromText(long), value.FromBlob(long), value.FromInt(math.MinInt64), value.FromReal(-1e300)},
		make([]value.Value, 70),
		{value.FromReal(3), value.FromReal(1 << 20), value.FromInt(-300), value.FromBlob(nil), value.FromText(nil)},
	} {
		f.Add(record.AppendRecord(nil, vals))
	}
	f.Add([]byte{0x80, 0x80, 0x01})
	f.Add([]byte{0x03, 0x05, 0xc0, 0xff, 0xff, 0xff, 0xff, 0x07})
	f.Fuzz(func(t *testing.T, data []byte) {
		var row record.Row
		vals, err := record.Decode(data, nil)
		if err != nil {
			if !errors.Is(err, record.ErrMalformed) {
				t.Fatal(err)
			}
			if row.Reset(data) == nil { // Single columns may be readable all the same.
				var v value.Value
				for i := row.Len() - 1; i >= 0; i-- {
					_, _ = row.Column(i, &v)
				}
			}
			return
		}
		again := record.AppendRecord(nil, vals)
		if len(data) > 0 && len(again) > len(data) {
			t.Fatalf("%d bytes became %d", len(data), len(again))
		}
		second, err := record.Decode(again, nil)
		if err != nil || len(second) != len(vals) {
			t.Fatalf("%x does not read back: %v", again, err)
		}
		for i := range vals {
			if !same(&vals[i], &second[i]) || vals[i].Kind() == value.Real && math.Signbit(vals[i].Real()) != math.Signbit(second[i].Real()) {
				t.Fatalf("column %d: %v became %v", i, vals[i], second[i])
			}
		}
		if third := record.AppendRecord(nil, second); !bytes.Equal(third, again) {
			t.Fatalf("%x became %x", again, third)
		}
		// From the last column to the first, and beyond.
		if err := row.Reset(data); err != nil || row.Len() != len(vals) {
			t.Fatal(err, row.Len())
		}
		var v value.Value
		for i := len(vals) - 1; i >= 0; i-- {
			if ok, err := row.Column(i, &v); !ok || err != nil || !same(&v, &vals[i]) {
				t.Fatalf("column %d: %v, %v", i, v, err)
			}
			if need := row.Need(i, len(data)); need > len(data) {
				t.Fatalf("column %d needs %d bytes of %d", i, need, len(data))
			}
		}
		if ok, err := row.Column(len(vals), &v); ok || err != nil {
			t.Fatal("a column behind the last")
		}
	})
}

// FuzzKey makes two keys of random columns: the order of their bytes is the order of their values,
// under every prefix of the columns as well, and they give their values back. The input is also
// read as a key as it is.
func FuzzKey(f *testing.F) {
	f.Add([]byte("\x02\x00\x01\x01\x05\x06\x03abc\x01\x06\x06\x03abd"))
	f.Add([]byte{3, 1, 4, 6, 4, 7, 4, 9, 5, 0, 0, 0, 0, 0, 0, 0, 128, 2, 63, 255})
	f.Add([]byte{1, 0, 6, 2, 0, 0, 6, 1, 0})
	f.Add([]byte{0xa0, 0x61, 0x00, 0xff, 0x62, 0x00, 0x97, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, data []byte) {
		foreignKey(t, data)
		s := script(data)
		n := int(s.byte()%4) + 1
		cols := s.columns(n)
		a, b := make([]value.Value, n), make([]value.Value, n)
		for i := range n {
			a[i] = s.value()
		}
		for i := range n { // Often equal so far.
			if b[i] = a[i]; s.byte()%2 == 0 {
				b[i] = s.value()
			}
		}
		rowA, rowB := int64(s.uint64()), int64(int8(s.byte()))
		keyA := record.AppendKeyInt(record.AppendKey(nil, a, cols), rowA)
		keyB := record.AppendKeyInt(record.AppendKey(nil, b, cols), rowB)
		want := 0
		for i := range n {
			if want == 0 {
				want = cmp.Compare(value.Compare(&a[i], &b[i], cols[i].Collation), 0)
				if cols[i].Desc {
					want = -want
				}
			}
			bound := record.AppendKey(nil, b[:i+1], cols)
			if got := cmp.Compare(record.ComparePrefix(keyA, bound), 0); got != want {
				t.Fatalf("%v against the first %d of %v (%+v): %d, want %d", a, i+1, b, cols, got, want)
			}
			behind := bytes.Compare(keyA, append(bound, record.KeySuccessor)) > 0
			if behind != (want > 0) {
				t.Fatalf("%v against the successor of the first %d of %v (%+v): %v", a, i+1, b, cols, behind)
			}
		}
		if want == 0 {
			want = cmp.Compare(rowA, rowB)
		}
		if got := bytes.Compare(keyA, keyB); got != want {
			t.Fatalf("%v, %d against %v, %d (%+v): %d, want %d", a, rowA, b, rowB, cols, got, want)
		}
		givesBack(t, keyA, a, cols, rowA)
		givesBack(t, keyB, b, cols, rowB)
	})
}

func givesBack(t *testing.T, key []byte, vals []value.Value, cols []record.KeyColumn, rowID int64) {
	t.Helper()
	fix := record.AppendFixups(nil, vals, cols)
	rest := key
	for i := range vals {
		skipped, err := record.SkipKeyValue(rest, cols[i])
		if err != nil {
			t.Fatal(err)
		}
		var got value.Value
		if rest, err = record.DecodeKeyValue(rest, cols[i], &got); err == nil {
			err = record.ApplyFixup(fix, i, &got)
		}
		if err != nil || !same(&got, &vals[i]) || len(rest) != len(skipped) {
			t.Fatalf("column %d of %v (%+v) came back as %v: %v", i, vals, cols, got, err)
		}
	}
	if got, err := record.KeyRowID(rest); err != nil || got != rowID {
		t.Fatalf("row id %d came back as %d: %v", rowID, got, err)
	}
}

// foreignKey reads any bytes as keys and fix-ups: errors, no panic, and an end.
func foreignKey(t *testing.T, data []byte) {
	for _, desc := range []bool{false, true} {
		c := record.KeyColumn{Desc: desc}
		for rest := data; len(rest) > 0; {
			var v value.Value
			after, err := record.DecodeKeyValue(rest, c, &v)
			skipped, skipErr := record.SkipKeyValue(rest, c)
			if err == nil && (skipErr != nil || len(skipped) != len(after) || len(after) >= len(rest)) {
				t.Fatalf("%x: %d bytes left, skipping leaves %d: %v", rest, len(after), len(skipped), skipErr)
			}
			if err != nil {
				break
			}
			rest = after
		}
	}
	_, _ = record.KeyRowID(data)
	for i := range 3 {
		v := value.FromInt(1)
		_ = record.ApplyFixup(data, i, &v)
	}
}
