package vm_test

import (
	"testing"

	"github.com/rustlite/rustlite/vm"
	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/value"
)

// SELECT sum(i) FROM t WHERE hash > ?, over the four columns of fillProgram.
const batchProgram = `
      Init
      Transaction
      OpenRead 0 $t
      Variable 1 10
      AggReset 0 1
      Rewind 0 end
      VOpen 0 10 0 0
next: VNext 0 end end
      VColumn 0 1 0 -1
      VReg 10 0 1
      VCompare 0 1 2 -1 16384
      VFilter 2
      VColumn 0 0 3 -1
      VAgg 3 0 0 sum/1
      Goto 0 next
end:  AggFinal 0 1 0 sum/1
      ResultRow 1 1
      Halt`

// SELECT sum(hash) FROM t WHERE hash > ? AND hash < 900000: one column, three times.
const batchRangeProgram = `
      Init
      Transaction
      OpenRead 0 $t
      Variable 1 10
      Integer 900000 11
      AggReset 0 1
      Rewind 0 end
      VOpen 0 10 0 0
next: VNext 0 end end
      VColumn 0 1 0 -1
      VReg 10 0 1
      VCompare 0 1 2 -1 16384
      VFilter 2
      VColumn 0 1 0 -1
      VReg 11 0 1
      VCompare 0 1 2 -1 8192
      VFilter 2
      VColumn 0 1 0 -1
      VAgg 0 0 0 sum/1
      Goto 0 next
end:  AggFinal 0 1 0 sum/1
      ResultRow 1 1
      Halt`

const rowProgram = `
      Init
      Transaction
      OpenRead 0 $t
      Variable 1 10
      AggReset 0 1
      Rewind 0 end
loop: Column 0 1 1
      Le 10 next 1 -1 null
      Column 0 0 2
      AggStep 0 2 0 sum/1
next: Next 0 loop
end:  AggFinal 0 1 0 sum/1
      ResultRow 1 1
      Halt`

// builtin replaces the functions of a program by the product's.
var builtins = fn.Builtin()

func builtin(p *vm.Program) *vm.Program {
	for i := range p.Calls {
		c := &p.Calls[i]
		c.Func, _ = builtins.Lookup(c.Func.Name, c.NArg)
	}
	return p
}

func BenchmarkBatchSum(b *testing.B) {
	e, roots := filled(b, benchRows)
	benchmark(b, e, builtin(assembled(b, roots, batchProgram)), benchRows, func(int) value.Value { return value.FromInt(500000) })
}

func BenchmarkBatchRange(b *testing.B) {
	e, roots := filled(b, benchRows)
	benchmark(b, e, builtin(assembled(b, roots, batchRangeProgram)), benchRows, func(int) value.Value { return value.FromInt(100000) })
}

func BenchmarkRowSum(b *testing.B) {
	e, roots := filled(b, benchRows)
	benchmark(b, e, builtin(assembled(b, roots, rowProgram)), benchRows, func(int) value.Value { return value.FromInt(500000) })
}

// Both programs give the same, and batches do not allocate per row.
func TestBatchSum(t *testing.T) {
	e, roots := filled(t, 20000)
	e.auto = false
	batch, row := builtin(assembled(t, roots, batchProgram)), builtin(assembled(t, roots, rowProgram))
	params := []value.Value{value.FromInt(500000)}
	if x, y := e.exec(batch, params), e.exec(row, params); x != y {
		t.Errorf("batch %s, row %s", x, y)
	}
	if a := testing.AllocsPerRun(20, func() { e.drain(batch, params) }); a != 0 {
		t.Errorf("%v allocations", a)
	}
}
