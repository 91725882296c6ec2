package vm

import (
	"bytes"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/value"
)

// Groups found by lanes and by rows, in whatever form their keys stand, merged
// with those of later rows, are those of a map, in the order of keys.
func TestGroupKeys(t *testing.T) {
	makers := []func(r *rand.Rand) value.Value{
		func(*rand.Rand) value.Value { return value.Value{} },
		func(r *rand.Rand) value.Value { return value.FromInt(r.Int63n(1<<uint(1+r.Intn(40))) - 1<<10) },
		func(r *rand.Rand) value.Value { return value.FromText(fmt.Append(nil, "text ", r.Intn(1000))) },
		func(r *rand.Rand) value.Value {
			return value.FromText([]byte([]string{"", "\x00", "a", "a\x00", "text 1\x00"}[r.Intn(5)]))
		},
		func(r *rand.Rand) value.Value { return value.FromReal(float64(r.Intn(100)) / 2) },
		func(r *rand.Rand) value.Value { return value.FromBlob([]byte{byte(r.Intn(9))}) },
	}
	m := new(Machine) // What a large set leaves behind is there for those that follow.
	m.session = &Session{}
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		info := &GroupInfo{Kept: r.Intn(2), Key: &KeyInfo{PayloadRecord: true, Cols: []record.KeyColumn{{Desc: r.Intn(2) == 0}}}}
		few := makers[:0:0]
		for range 1 + r.Intn(3) {
			few = append(few, makers[r.Intn(len(makers))])
		}
		m.prog = &Program{Objects: []any{make([]int32, 1+info.Kept)}}
		m.vec.v = make([]vector, 1)
		largest := 200
		if seed%60 == 7 {
			largest = 2 * touchMin
		}
		list := m.prog.Objects[0].([]int32) // What is kept is the key once more.
		if m.cursors == nil {
			m.cursors = make([]cursor, 2)
			m.regs, m.bufs = make([]value.Value, 3), make([][]byte, 3)
		}
		model := map[string]value.Value{}
		var order []string
		for part := range 2 {
			c := &m.cursors[part]
			m.newGroups(c, info, 0)
			for range r.Intn(6) {
				vals := make([]value.Value, r.Intn(largest))
				make := few[r.Intn(len(few))]
				for i := range vals {
					vals[i] = make(r)
					if r.Intn(3) == 0 && i > 0 {
						vals[i] = vals[i-1]
					}
					if r.Intn(40) == 0 {
						vals[i] = few[r.Intn(len(few))](r)
					}
					key := string(record.AppendKeyValue(nil, &vals[i], info.Key.Cols[0]))
					if _, ok := model[key]; !ok {
						model[key], order = vals[i], append(order, key)
					}
				}
				if r.Intn(2) == 0 {
					for i := range vals {
						m.regs[1].Set(&vals[i])
						if !m.findGroup(c, &Instr{P3: 1}) {
							m.regs[2].SetBlob(record.AppendRecord(nil, []value.Value{vals[i], vals[i]}[:len(list)]))
							if ok, err := m.addGroup(c, &Instr{P3: 2}); !ok || err != nil {
								t.Fatal(ok, err)
							}
						}
					}
					continue
				}
				m.vec.sel = m.vec.sel[:0]
				for i := range vals {
					m.vec.sel = append(m.vec.sel, int32(i))
				}
				v := &m.vec.v[0]
				v.open(len(vals))
				v.seen = 0
				for i := range vals {
					v.seen |= v.store(i, &vals[i])
				}
				if ok, err := m.vectorGroup(&Instr{P1: int32(part)}); !ok || err != nil {
					t.Fatal(ok, err)
				}
			}
		}
		c := &m.cursors[0]
		if err := m.mergeGroups(c.groups, m.cursors[1].groups); err != nil {
			t.Fatal(err)
		}
		walk := func(ok bool) {
			for _, key := range order {
				if !ok {
					t.Fatalf("seed %d: a group is missing", seed)
				}
				var x value.Value
				if k := &c.groups.keys; !k.keeps {
					k.value(k.current(), &x)
				} else if err := m.keptColumn(c, k.current(), &x); err != nil {
					t.Fatal(err)
				}
				if want := model[key]; !same(&x, &want) {
					t.Fatalf("seed %d: %s, want %s", seed, show(&x), show(&want))
				}
				ok = c.groups.keys.next()
			}
			if ok {
				t.Fatalf("seed %d: a group too many", seed)
			}
		}
		walk(c.groups.keys.asTheyCame())
		slices.SortFunc(order, func(a, b string) int { return bytes.Compare([]byte(a), []byte(b)) })
		ok, err := c.groups.keys.sort()
		if err != nil {
			t.Fatal(err)
		}
		walk(ok)
	}
}
