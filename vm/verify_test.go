package vm_test

import (
	"slices"
	"testing"

	"github.com/rustlite/rustlite/vm"
)

// Verify refuses every opcode whose operands name what is not there (M1), but
// for those whose operands name nothing of a program.
func TestVerifyRefuses(t *testing.T) {
	free := []string{"Transaction", "AutoCommit", "DestroyTree", "ResetChanges", "FkCheck"}
	for op := vm.Op(0); op.String() != "?"; op++ {
		p := &vm.Program{Registers: 3, Cursors: 2, Accums: 2, Vectors: 2,
			Code: []vm.Instr{{Op: op, P1: 99, P2: 99, P3: 99, P4: 99}, {Op: vm.OpHalt, P4: -1}}}
		if err := vm.Verify(p); (err == nil) != slices.Contains(free, op.String()) {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func TestVerifyRanges(t *testing.T) {
	for _, in := range []vm.Instr{
		{Op: vm.OpAffinity, P1: 2, P2: 1, P4: 0},
		{Op: vm.OpMakeRecord, P1: 2, P2: 1, P3: 1, P4: 0},
		{Op: vm.OpResultRow, P1: 2, P2: 3},
		{Op: vm.OpCopy, P1: 1, P2: 2, P3: 2},
		{Op: vm.OpAggReset, P1: 1, P2: 2},
		{Op: vm.OpVCompare, P4: -1, P5: 6 << 12},
	} {
		p := &vm.Program{Registers: 3, Cursors: 2, Accums: 2, Vectors: 2, Strings: []string{"AA"},
			Code: []vm.Instr{in, {Op: vm.OpHalt, P4: -1}}}
		if vm.Verify(p) == nil {
			t.Errorf("%+v passes", in)
		}
	}
}
