package record_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand"
	"testing"

	"github.com/rustlite/rustlite/pager/fileformat"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Random rows and keys: what goes in comes out (R1), and keys order as their
// values do (R2, R3). The seed is fixed; a failure prints the values.

func specials() []value.Value {
	ints := []int64{0, 1, -1, 15, 16, 111, 112, -16, -17, 127, 128, 255, 256, 1 << 53, 1<<53 + 1, 1<<53 - 1, math.MaxInt64, math.MinInt64, 1 << 31, -1 << 31}
	reals := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 1.5, -1.5, 1e-300, -1e-300, 5e-324, -5e-324, 1 << 53, 1e18, 9.3e18, -9.3e18, math.Inf(1), math.Inf(-1), 111.5, 112.25, -16.5, -17.75, 0.1, 9223372036854775807}
	texts := []string{"", "a", "A", "b", "ab", "a\x00", "a\x00b", "\xff", "a ", "a  ", string(make([]byte, 200))}
	var vs []value.Value
	vs = append(vs, value.Value{})
	for _, i := range ints {
		vs = append(vs, value.FromInt(i))
	}
	for _, f := range reals {
		vs = append(vs, value.FromReal(f))
	}
	for _, s := range texts {
		vs = append(vs, value.FromString(s), value.FromBlob([]byte(s)))
	}
	return vs
}

func sign(i int) int {
	switch {
	case i < 0:
		return -1
	case i > 0:
		return 1
	}
	return 0
}

func TestKeyOrder(t *testing.T) {
	vs := specials()
	for _, coll := range []*value.Collation{value.Binary, value.NoCase, value.RTrim} {
		for _, desc := range []bool{false, true} {
			col := record.KeyColumn{Collation: coll, Desc: desc}
			for i := range vs {
				for j := range vs {
					want := sign(value.Compare(&vs[i], &vs[j], coll))
					if desc {
						want = -want
					}
					// A column behind decides only between equal ones, and its
					// own first byte must not disturb the order.
					for _, tail := range []value.Value{{}, value.FromInt(-5), value.FromString("\xff"), value.FromBlob([]byte{0xff})} {
						for _, tdesc := range []bool{false, true} {
							tc := record.KeyColumn{Desc: tdesc}
							a := record.AppendKeyValue(record.AppendKeyValue(nil, &vs[i], col), &tail, tc)
							b := record.AppendKeyValue(record.AppendKeyValue(nil, &vs[j], col), &vs[0], tc)
							if want != 0 && sign(bytes.Compare(a, b)) != want {
								t.Fatalf("%s desc=%v: %v %v: %x %x", coll.Name, desc, vs[i], vs[j], a, b)
							}
							bound := record.AppendKeyValue(nil, &vs[j], col)
							if got := sign(record.ComparePrefix(a, bound)); got != want {
								t.Fatalf("prefix %s desc=%v: %v %v: %x %x: %d, want %d", coll.Name, desc, vs[i], vs[j], a, bound, got, want)
							}
							succ := append(bound, record.KeySuccessor)
							if want <= 0 != (bytes.Compare(a, succ) < 0) {
								t.Fatalf("successor %s desc=%v: %v %v: %x %x", coll.Name, desc, vs[i], vs[j], a, succ)
							}
						}
					}
				}
			}
		}
	}
}

func TestKeyRoundTrip(t *testing.T) {
	vs := specials()
	rng := rand.New(rand.NewSource(1))
	for range 20000 {
		n := 1 + rng.Intn(4)
		vals := make([]value.Value, n)
		cols := make([]record.KeyColumn, n)
		for i := range vals {
			vals[i] = vs[rng.Intn(len(vs))]
			if rng.Intn(3) == 0 {
				vals[i] = value.FromReal(math.Float64frombits(rng.Uint64()))
			}
			cols[i].Desc = rng.Intn(2) == 0
			cols[i].Collation = []*value.Collation{nil, value.NoCase, value.RTrim}[rng.Intn(3)]
		}
		rowid := rng.Int63() >> rng.Intn(63)
		key := record.AppendKeyInt(record.AppendKey(nil, vals, cols), rowid)
		fix := record.AppendFixups(nil, vals, cols)
		rest := key
		for i := range vals {
			var got value.Value
			var err error
			rest, err = record.DecodeKeyValue(rest, cols[i], &got)
			if err == nil {
				err = record.ApplyFixup(fix, i, &got)
			}
			if err != nil || !sameBits(&got, &vals[i]) {
				t.Fatalf("column %d of %v (%+v): got %v, %v; key %x fix %x", i, vals, cols, got, err, key, fix)
			}
		}
		if got, err := record.KeyRowID(rest); err != nil || got != rowid {
			t.Fatalf("row id %d: got %d, %v", rowid, got, err)
		}
	}
}

func TestRecordRoundTrip(t *testing.T) {
	vs := specials()
	rng := rand.New(rand.NewSource(2))
	var row record.Row
	for range 20000 {
		vals := make([]value.Value, rng.Intn(90))
		for i := range vals {
			vals[i] = vs[rng.Intn(len(vs))]
		}
		data := record.AppendRecord(nil, vals)
		if err := row.Reset(data); err != nil || row.Len() != len(vals) {
			t.Fatalf("reset: %v, %d columns, want %d", err, row.Len(), len(vals))
		}
		for range len(vals) {
			i := rng.Intn(len(vals))
			var got value.Value
			ok, err := row.Column(i, &got)
			if !ok || err != nil || !sameBits(&got, &vals[i]) {
				t.Fatalf("column %d: got %v %v, want %v", i, got, err, vals[i])
			}
		}
		// Foreign bytes must not panic (R4).
		bad := bytes.Clone(data)
		for range 3 {
			if len(bad) > 0 {
				bad[rng.Intn(len(bad))] = byte(rng.Intn(256))
			}
		}
		bad = bad[:rng.Intn(len(bad)+1)]
		if row.Reset(bad) == nil {
			for i := 0; i < row.Len(); i++ {
				var v value.Value
				if _, err := row.Column(i, &v); err != nil {
					break
				}
			}
		}
		for b := bad; len(b) > 0; {
			var v value.Value
			var err error
			if b, err = record.DecodeKeyValue(b, record.KeyColumn{Desc: rng.Intn(2) == 0}, &v); err != nil {
				break
			}
		}
	}
}

// A patched record is the record of the patched row, whatever the other values were in between; foreign
// bytes do no harm.
func TestPatch(t *testing.T) {
	vs := specials()
	rng := rand.New(rand.NewSource(5))
	var row record.Row
	for range 20000 {
		few := len(vs)
		if rng.Intn(2) == 0 {
			few = 50 // No long ones.
		}
		vals := make([]value.Value, 1+rng.Intn(1+rng.Intn(80)))
		for i := range vals {
			vals[i] = vs[rng.Intn(few)]
		}
		data := record.AppendRecord(nil, vals)
		if err := row.Reset(data); err != nil {
			t.Fatal(err)
		}
		var cols []int32
		regs := make([]value.Value, len(vals))
		for i := range vals {
			regs[i] = value.FromString("lost")
			if rng.Intn(3) == 0 {
				vals[i] = vs[rng.Intn(few)]
				regs[i], cols = vals[i], append(cols, int32(i))
			}
		}
		got, err := record.AppendPatched([]byte("before"), &row, regs, cols)
		if want := record.AppendRecord([]byte("before"), vals); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("columns %v of %v: got %x, %v, want %x", cols, vals, got, err, want)
		}
		bad := bytes.Clone(data)
		for range 3 {
			bad[rng.Intn(len(bad))] = byte(rng.Intn(256))
		}
		if row.Reset(bad[:rng.Intn(len(bad)+1)]) == nil {
			_, _ = record.AppendPatched(nil, &row, regs, cols)
		}
	}
}

// sameBits compares two values bit by bit: 0.0 and -0.0 are two.
func sameBits(a, b *value.Value) bool {
	if a.Kind() == value.Real && b.Kind() == value.Real {
		return math.Float64bits(a.Real()) == math.Float64bits(b.Real())
	}
	return a.Kind() == b.Kind() && value.Compare(a, b, nil) == 0
}

func TestColumnsMax(t *testing.T) {
	var row record.Row
	vals := make([]value.Value, fileformat.RecordColumnsMax+1)
	if err := row.Reset(record.AppendRecord(nil, vals[1:])); err != nil || row.Len() != len(vals)-1 {
		t.Errorf("at the limit: %v", err)
	}
	if err := row.Reset(record.AppendRecord(nil, vals)); !errors.Is(err, record.ErrMalformed) {
		t.Errorf("past the limit: %v", err)
	}
}

// What a Row has answered before changes no later answer, of damaged records
// least of all: an error stays an error.
func TestRowForgetsErrors(t *testing.T) {
	vs := append(specials(), value.FromString(string(make([]byte, 300))), value.FromBlob(make([]byte, 70)))
	rng := rand.New(rand.NewSource(3))
	failed := 0
	for range 20000 {
		vals := make([]value.Value, 1+rng.Intn(20))
		for i := range vals {
			vals[i] = vs[rng.Intn(len(vs))]
		}
		data := record.AppendRecord(nil, vals)
		for range rng.Intn(3) {
			data[rng.Intn(min(len(data), 30))] = byte(rng.Intn(256))
		}
		var row record.Row
		if row.Reset(data) != nil {
			continue
		}
		for range 2 * len(vals) {
			var fresh record.Row
			var got, want value.Value
			if err := fresh.Reset(data); err != nil {
				t.Fatal(err)
			}
			i := rng.Intn(len(vals))
			okWant, errWant := fresh.Column(i, &want)
			ok, err := row.Column(i, &got)
			if ok != okWant || !errors.Is(err, errWant) || err == nil && !sameBits(&got, &want) {
				t.Fatalf("column %d of %x: %v %v %v, of a fresh row %v %v %v", i, data, got, ok, err, want, okWant, errWant)
			}
			if err != nil {
				failed++
			}
		}
	}
	if failed == 0 {
		t.Error("no record was damaged")
	}
}
