package value

import (
	"bytes"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// TestBoxes keeps many boxed values through collections and compares each with what it was made of.
func TestBoxes(t *testing.T) {
	var b Boxes
	var got, want []any
	add := func(v Value, w any) {
		got, want = append(got, b.Any(&v)), append(want, w)
	}
	scratch := []byte(strings.Repeat("x", 400))
	for i := range 2000 {
		n := int64(i*i) - 500
		add(FromInt(n), n)
		add(FromReal(float64(n)/3), float64(n)/3)
		text := scratch[:i%400]
		for k := range text {
			text[k] = byte('a' + (i+k)%26)
		}
		add(FromText(text), string(text))
		add(FromBlob(text), bytes.Clone(text))
		if i%400 == 0 {
			add(Value{}, nil)
			want[len(want)-2] = []byte{}
			runtime.GC()
		}
	}
	add(FromInt(math.MinInt64), int64(math.MinInt64))
	runtime.GC()
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("value %d: %#v, wanted %#v", i, got[i], want[i])
		}
	}
}

func TestBoxesAllocs(t *testing.T) {
	var b Boxes
	row := []Value{FromInt(1000), FromReal(0.5), FromString("a short text")}
	n := testing.AllocsPerRun(1000, func() {
		for i := range row {
			sink = b.Any(&row[i])
		}
	})
	if n > 0.5 {
		t.Errorf("%v allocations a row", n)
	}
}

var sink any
