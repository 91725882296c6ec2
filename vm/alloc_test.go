package vm_test

import (
	"testing"

	"github.com/rustlite/rustlite/btree"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/value"
)

// Goal: the paths of single rows do not allocate (M6), and their figures.

// assembled builds a program or fails the test.
func assembled(t testing.TB, roots map[string]pager.PageNo, text string) *vm.Program {
	t.Helper()
	a := asm{roots: roots}
	p, err := a.assemble(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// drain runs a program to its end and counts its rows.
func (e *testEnv) drain(p *vm.Program, params []value.Value) (n int) {
	m := &e.machine
	m.Start(p, e, params)
	for {
		more, err := m.Step()
		if err != nil {
			e.t.Fatal(err)
		}
		if !more {
			break
		}
		n++
	}
	m.Reset()
	return n
}

const fillProgram = `
      Init
      Transaction 0 1
      OpenWrite 0 $t 0 -1
      OpenWrite 1 $i 0 key(B)
      Variable 1 10
      Integer 0 2
      Const 0 4 0 "some text of thirty bytes here"
loop: NewRowid 0 1
      Integer 7919 20
      Multiply 1 20 21
      Integer 1000003 22
      Remainder 22 21 3
      Const 0 5 0 2.5
      SCopy 3 30
      SCopy 1 31
      IdxInsert 1 30 2
      MakeRecord 2 4 12
      Insert 0 12 1 -1 count|lastid
      AddImm 2 1
      DecrJumpZero 10 end
      Goto 0 loop
end:  Halt`

// filled makes table $t(i, hash, text, real) of n rows with index $i(hash).
func filled(t testing.TB, n int64) (*testEnv, map[string]pager.PageNo) {
	e := newEnv(t)
	roots := map[string]pager.PageNo{"t": e.create(btree.IntKey), "i": e.create(btree.ByteKey)}
	if n > 0 {
		e.drain(assembled(t, roots, fillProgram), []value.Value{value.FromInt(n)})
		e.end(nil)
	}
	return e, roots
}

const scanProgram = `
      Init
      Transaction
      OpenRead 0 $t
      Variable 1 20
      AggReset 0 1
      Rewind 0 end
loop: Column 0 0 1
      Le 20 next 1 -1 null
      Column 0 1 2
      Column 0 3 3
      Add 2 3 4
next: Next 0 loop
end:  Halt`

const seekProgram = `
      Init
      Transaction
      OpenRead 0 $t
      Variable 1 1
      SeekRowid 0 no 1
      Column 0 2 2
      ResultRow 2 1
no:   Halt`

const indexProgram = `
      Init
      Transaction
      OpenRead 0 $t
      OpenRead 1 $i 0 key(B)
      Variable 1 10
      SeekGE 1 end 10 1
loop: IdxGT 1 end 10 1 keep
      DeferredSeek 1 0 0
      Column 0 2 2
      ResultRow 2 1
      Next 1 loop
end:  Halt`

// callProgram runs a sub-program, which seeks in an index of its own, for each
// row.
const callProgram = `
      Init
      Transaction
      OpenRead 0 $t
      Variable 1 1
      Rewind 0 end
loop: Column 0 1 2
      Program 1 0 0
      Next 0 loop
end:  Halt
sub 2 called
      Init
      Param 1 1
      OpenEphemeral 1 0 0 key(B)
      IdxInsert 1 1 1
      OpenRead 0 $i 0 key(B)
      SeekGE 0 end 1 1
      Column 0 0 2
end:  Halt`

func TestAllocations(t *testing.T) {
	const n = 2000
	e, roots := filled(t, n)
	hash := value.FromInt(7919 * 77 % 1000003)
	// Reading runs share one snapshot, so that the transaction's own
	// allocations do not count.
	e.auto = false
	for _, c := range []struct {
		name, text string
		param      value.Value
		rows       int
	}{
		{"scan", scanProgram, value.FromInt(n / 2), 0},
		{"seek", seekProgram, value.FromInt(77), 1},
		{"index seek", indexProgram, hash, 1},
		{"call", callProgram, value.Value{}, 0},
	} {
		p := assembled(t, roots, c.text)
		params := []value.Value{c.param}
		if got := e.drain(p, params); got != c.rows {
			t.Errorf("%s: %d rows, want %d", c.name, got, c.rows)
		}
		if a := testing.AllocsPerRun(100, func() { e.drain(p, params) }); a != 0 {
			t.Errorf("%s: %v allocations", c.name, a)
		}
	}
	if err := e.Begin(0, true); err != nil {
		t.Fatal(err)
	}
	p := assembled(t, roots, fillProgram)
	params := []value.Value{value.FromInt(1000)}
	e.drain(p, params)
	// Pages allocate, rows do not.
	if a := testing.AllocsPerRun(20, func() { e.drain(p, params) }); a > 20 {
		t.Errorf("insert: %v allocations in 1000 rows", a)
	}
}

func benchmark(b *testing.B, e *testEnv, p *vm.Program, rows int, param func(i int) value.Value) {
	e.auto = false
	params := make([]value.Value, 1)
	b.ReportAllocs()
	b.ResetTimer()
	i := 0
	for b.Loop() {
		params[0] = param(i)
		e.drain(p, params)
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}

const benchRows = 1_000_000

func BenchmarkScan(b *testing.B) {
	e, roots := filled(b, benchRows)
	benchmark(b, e, assembled(b, roots, scanProgram), benchRows, func(int) value.Value { return value.FromInt(benchRows / 2) })
}

func BenchmarkSeek(b *testing.B) {
	e, roots := filled(b, benchRows)
	benchmark(b, e, assembled(b, roots, seekProgram), 1, func(i int) value.Value { return value.FromInt(int64(i)*7919%benchRows + 1) })
}

func BenchmarkIndexSeek(b *testing.B) {
	e, roots := filled(b, benchRows)
	benchmark(b, e, assembled(b, roots, indexProgram), 1, func(i int) value.Value { return value.FromInt(int64(i) * 7919 % 1000003) })
}

func BenchmarkInsert(b *testing.B) {
	e, roots := filled(b, 0)
	p := assembled(b, roots, fillProgram)
	for b.Loop() {
		e.drain(p, []value.Value{value.FromInt(benchRows)})
		e.rollback()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}
