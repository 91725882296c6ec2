package record_test

import (
	"math"
	"math/rand"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: columns read as lanes are those that Row reads, in whatever order they are asked for, of records
// that are long, short, malformed, or have no byte behind them.

func anyValue(rng *rand.Rand) value.Value {
	switch rng.Intn(9) {
	case 0:
		return value.Value{}
	case 1:
		return value.FromInt(rng.Int63n(20) - 2)
	case 2, 3:
		return value.FromInt(int64(rng.Uint64()) >> rng.Intn(64))
	case 4:
		return value.FromReal(rng.NormFloat64())
	case 5:
		return value.FromReal(float64(int64(rng.Uint64()) >> (32 + rng.Intn(32))))
	case 6:
		return value.FromBlob(make([]byte, rng.Intn(90)))
	case 7:
		return value.FromString(strings.Repeat("x", 60+rng.Intn(140)))
	default:
		return value.FromString(strings.Repeat("x", rng.Intn(20)))
	}
}

func TestLanes(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	var l record.Lanes
	var r record.Row
	for range 3000 {
		var rows [][]byte
		columns := 1 + rng.Intn(5)
		if rng.Intn(2) == 0 {
			columns = 1 + rng.Intn(80)
		}
		damage := rng.Intn(4) == 0
		for range 1 + rng.Intn(20) {
			row := make([]value.Value, columns)
			for i := range row {
				if row[i] = anyValue(rng); rng.Intn(3) > 0 {
					row[i] = value.FromInt(int64(i) << rng.Intn(30))
				}
			}
			if rng.Intn(4) == 0 {
				row = row[:rng.Intn(len(row)+1)]
			}
			b := record.AppendRecord(make([]byte, 0, rng.Intn(2)*4000), row)
			if damage && len(b) > 0 && rng.Intn(2) == 0 {
				b[rng.Intn(len(b))] ^= byte(1 << rng.Intn(8))
				b = b[:len(b)-rng.Intn(min(4, len(b)))]
			}
			rows = append(rows, b)
		}
		l.Reset(rows)
		for range 6 {
			var sel []int32
			for i := range rows {
				if rng.Intn(4) > 0 {
					sel = append(sel, int32(i))
				}
			}
			checkLanes(t, &l, &r, rows, sel, rng.Intn(columns+1))
		}
	}
}

// checkLanes reads column i in both ways.
func checkLanes(t *testing.T, l *record.Lanes, r *record.Row, rows [][]byte, sel []int32, i int) {
	t.Helper()
	bits, kinds := make([]int64, len(sel)), make([]uint8, len(sel))
	seen, err := l.Column(sel, i, bits, kinds)
	all, failed := uint8(0), false
	for j, at := range sel {
		b, want := rows[at], value.Value{}
		bad := r.Reset(b)
		if bad == nil {
			_, bad = r.Column(i, &want)
		}
		failed = failed || bad != nil
		if err != nil || bad != nil {
			continue
		}
		all |= 1 << want.Kind()
		got := value.Value{}
		switch place := b[max(0, min(len(b), int(bits[j]>>32))):]; kinds[j] {
		case record.LaneInt:
			got.SetInt(bits[j])
		case record.LaneReal:
			got.SetReal(math.Float64frombits(uint64(bits[j])))
		case record.LaneText:
			got.SetText(place[:uint32(bits[j])])
		case record.LaneBlob:
			got.SetBlob(place[:uint32(bits[j])])
		case record.LaneNull:
		default:
			t.Fatalf("kind %#x", kinds[j])
		}
		if got.Kind() != want.Kind() || value.Compare(&got, &want, nil) != 0 {
			t.Fatalf("column %d of % x: %v, want %v", i, b, got, want)
		}
	}
	if (err != nil) != failed || err == nil && seen != all {
		t.Fatalf("column %d: %v, kinds %#x, want %#x", i, err, seen, all)
	}
}
