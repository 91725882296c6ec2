package record_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Figures of reading one column of many records into lanes.
func BenchmarkLanes(b *testing.B) {
	rng := rand.New(rand.NewSource(1))
	var rows [][]byte
	var sel []int32
	page := make([]byte, 0, 1<<16)
	for i := range 100 {
		at := len(page)
		page = record.AppendRecord(page, []value.Value{value.FromInt(int64(i) + 1000), value.FromInt(rng.Int63n(1000003)),
			value.FromString("some text of thirty bytes here"), value.FromReal(2.5)})
		rows = append(rows, page[at:])
		sel = append(sel, int32(i))
	}
	bits, kinds := make([]int64, 100), make([]uint8, 100)
	var l record.Lanes
	for col := range 4 {
		b.Run(fmt.Sprint(col), func(b *testing.B) {
			for b.Loop() {
				l.Reset(rows)
				if _, err := l.Column(sel, col, bits, kinds); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/lane")
		})
	}
}
