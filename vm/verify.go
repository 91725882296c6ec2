package vm

import (
	"errors"
	"fmt"
	"slices"
)

// Verify checks that no instruction of p names an address, register, cursor,
// accumulator, vector or object that is not there (M1). It knows nothing of
// the order in which they run.
func Verify(p *Program) error {
	return everyProgram(p, verifyProgram)
}

// everyProgram calls f for p and all sub-programs, each once.
func everyProgram(p *Program, f func(root, p *Program) error) error {
	list := []*Program{p}
	for i := 0; i < len(list); i++ {
		if err := f(p, list[i]); err != nil {
			return err
		}
		for _, sub := range list[i].Subs {
			if !slices.Contains(list, sub) {
				list = append(list, sub)
			}
		}
	}
	return nil
}

func verifyProgram(root, p *Program) error {
	for i := range p.Code {
		if err := p.verify(root, &p.Code[i]); err != nil {
			return fmt.Errorf("instruction %d (%s): %w", i, p.Code[i].Op, err)
		}
	}
	if n := len(p.Code); n == 0 {
		return fmt.Errorf("empty program")
	} else if !neverFallsThrough(p.Code[n-1].Op) {
		return fmt.Errorf("program runs off its end")
	}
	return nil
}

func neverFallsThrough(op Op) bool {
	return op == OpHalt || op == OpGoto || op == OpReturn || op == OpGosub || op == OpEndCoroutine
}

// checks collects the first fault of one instruction.
type checks struct {
	p    *Program
	root *Program
	err  error
}

func (c *checks) within(what string, i, n int64) {
	if c.err == nil && (i < 0 || i >= n) {
		c.err = fmt.Errorf("%s %d is not one of %d", what, i, n)
	}
}

func (c *checks) addr(a int32) { c.within("address", int64(a), int64(len(c.p.Code))) }

// regs checks n registers from r on.
func (c *checks) regs(r int32, n int) {
	if n <= 0 {
		return
	}
	if c.err == nil && r < 1 {
		c.err = fmt.Errorf("register %d does not exist", r)
	}
	c.within("register", int64(r)+int64(n)-1, int64(c.p.Registers)+1)
}

// rootReg checks a register of the statement's own program.
func (c *checks) rootReg(r int32) { c.within("register", int64(r)-1, int64(c.root.Registers)) }

func (c *checks) cursor(i int32) { c.within("cursor", int64(i), int64(c.p.Cursors)) }
func (c *checks) accum(i int32)  { c.within("accumulator", int64(i), int64(c.p.Accums)) }
func (c *checks) vector(i int32) { c.within("vector", int64(i), int64(c.p.Vectors)) }

func (c *checks) fail(what string) {
	if c.err == nil {
		c.err = errors.New(what)
	}
}

// object is object i; nil when there is none.
func (c *checks) object(i int32) any {
	c.within("object", int64(i), int64(len(c.p.Objects)))
	if c.err != nil {
		return nil
	}
	return c.p.Objects[i]
}

func (c *checks) call(i int32) (nArg int) {
	c.within("call", int64(i), int64(len(c.p.Calls)))
	if c.err != nil {
		return 0
	}
	return c.p.Calls[i].NArg
}

func (p *Program) verify(root *Program, in *Instr) error {
	if in.Op >= opCount {
		return fmt.Errorf("no such opcode: %d", in.Op)
	}
	c := &checks{p: p, root: root}
	info := &ops[in.Op]
	if info.flags&jumpP2 != 0 && in.P5&CmpStore == 0 || info.flags&jumpP2 != 0 && (in.Op < OpEq || in.Op > OpGe) {
		c.addr(in.P2)
	}
	for _, f := range []struct {
		flag opFlags
		r    int32
	}{{inP1, in.P1}, {inP2, in.P2}, {inP3, in.P3}, {outP2, in.P2}, {outP3, in.P3}} {
		if info.flags&f.flag != 0 && (in.Op != OpSetMeta || in.P2 != MetaSchemaCookie) {
			c.regs(f.r, 1)
		}
	}
	if n, pooled := p.pool(info.p4); pooled && in.P4 >= 0 && usesP4(in) {
		c.within("object", int64(in.P4), int64(n))
	}
	c.special(in)
	return c.err
}

// usesP4 reports whether P4, when not negative, must name an object.
func usesP4(in *Instr) bool {
	switch in.Op {
	case OpColumn, OpVColumn:
		return in.P5&ColumnDefault != 0
	case OpHalt:
		return in.P1 != 0
	case OpInsert, OpDelete: // For printing alone.
		return false
	}
	return true
}

// special checks what the table does not say: ranges, cursors, and operands
// that may be absent.
func (c *checks) special(in *Instr) {
	one := func(r int32) {
		if r > 0 {
			c.regs(r, 1)
		}
	}
	switch in.Op {
	case OpHalt:
		if in.P1 != 0 && in.P4 < 0 {
			c.regs(in.P3, 1)
		}
	case OpGosub, OpInitCoroutine:
		c.regs(in.P1, 1)
		if in.Op == OpInitCoroutine {
			c.addr(in.P3)
		}
	case OpConst:
		c.within("constant", int64(in.P4), int64(len(c.p.Consts)))
	case OpNull:
		c.regs(in.P2, int(max(in.P3-in.P2, 0))+1)
	case OpVariable:
		c.within("parameter", int64(in.P1)-1, 1<<16)
	case OpCopy:
		c.regs(in.P1, int(in.P3)+1)
		c.regs(in.P2, int(in.P3)+1)
	case OpOwn, OpResultRow:
		c.regs(in.P1, int(in.P2))
	case OpMakeRecord, OpAffinity:
		c.regs(in.P1, int(in.P2))
		if c.err == nil && in.P4 >= 0 {
			c.within("affinity", int64(len(c.p.Strings[in.P4])), int64(in.P2)+1)
		}
	case OpPatchRecord:
		c.cursor(in.P1)
		p, ok := c.object(in.P4).(*RecordPatch)
		if !ok {
			c.fail("P4 is no RecordPatch")
			return
		}
		c.regs(in.P2, int(p.Width))
		for _, col := range p.Columns {
			c.within("column", int64(col), int64(p.Width))
		}
	case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
		if in.P5&CmpStore != 0 {
			c.regs(in.P2, 1)
		}
	case OpIsNull:
		c.regs(in.P1, int(max(in.P3, 1)))
	case OpCompare:
		c.regs(in.P1, int(in.P3))
		c.regs(in.P2, int(in.P3))
		c.within("key", int64(in.P4), int64(len(c.p.Keys)))
	case OpJump:
		c.addr(in.P1)
		c.addr(in.P2)
		c.addr(in.P3)
	case OpFunction:
		c.regs(in.P2, c.call(in.P4))
	case OpAggReset:
		if in.P2 > 0 {
			c.accum(in.P1)
			c.accum(in.P1 + in.P2 - 1)
		}
	case OpAggStep:
		c.accum(in.P3)
		c.regs(in.P2, c.call(in.P4))
		one(int32(in.P5))
	case OpAggFinal:
		c.accum(in.P1)
		c.regs(in.P2, 1)
		c.call(in.P4)
	case OpOpenRead, OpOpenWrite:
		c.cursor(in.P1)
		if in.P5&1 != 0 {
			c.regs(in.P2, 1)
		}
	case OpIndexStats, OpIdxApply:
		c.cursor(in.P1)
	case OpVacuum:
		if in.P2 > 0 {
			c.regs(in.P2, 1)
		}
	case OpBulkBuild:
		c.cursor(in.P1)
		c.cursor(in.P2)
	case OpSorterOpen:
		c.cursor(in.P1)
		c.within("key", int64(in.P4), int64(len(c.p.Keys)))
		one(in.P3)
	case OpSeekGE, OpSeekGT, OpSeekLE, OpSeekLT, OpIdxGE, OpIdxGT, OpIdxLE, OpIdxLT, OpFound, OpNotFound, OpNoConflict:
		c.cursor(in.P1)
		c.regs(in.P3, int(in.P4))
	case OpDeferredSeek:
		c.cursor(in.P1)
		c.cursor(in.P3)
	case OpNewRowid:
		c.cursor(in.P1)
		if in.P3 > 0 {
			c.rootReg(in.P3)
		}
	case OpFkCounter:
		c.within("counter", int64(in.P1), KeysPutOff+1)
	case OpMemMax:
		c.rootReg(in.P1)
	case OpParam:
		c.within("argument", int64(in.P1), int64(c.p.Args))
	case OpProgram:
		c.within("sub-program", int64(in.P3), int64(len(c.p.Subs)))
		if c.err == nil {
			c.regs(in.P1, c.p.Subs[in.P3].Args)
		}
	case OpInsert:
		c.cursor(in.P1)
		c.regs(in.P2, 1)
		c.regs(in.P3, 1)
	case OpIdxRow:
		c.cursor(in.P1)
		c.regs(in.P3, 1)
	case OpIdxInsert, OpIdxDelete:
		c.cursor(in.P1)
		c.regs(in.P2, int(in.P3))
		if in.Op == OpIdxInsert {
			one(in.P4)
		}
	case OpGroupOpen:
		c.cursor(in.P1)
		info, ok := c.object(in.P4).(*GroupInfo)
		if !ok || len(info.Calls) != int(in.P2) {
			c.fail("P4 is no GroupInfo for P2 accumulators")
			return
		}
		for k, call := range info.Calls {
			c.call(call)
			c.accum(in.P3 + int32(k))
		}
	case OpVGroup:
		c.cursor(in.P1)
		list, ok := c.object(in.P4).([]int32)
		if !ok {
			c.fail("P4 is no list of vectors")
			return
		}
		for _, v := range list {
			c.vector(v)
		}
	case OpVSorterInsert, OpVHashInsert:
		c.cursor(in.P1)
		entry, ok := c.object(in.P4).(*VectorEntry)
		if !ok {
			c.fail("P4 is no VectorEntry")
			return
		}
		for _, list := range [][]int32{entry.Key, entry.Record} {
			for _, v := range list {
				c.vector(v)
			}
		}
	case OpGroupStep:
		c.cursor(in.P1)
		c.accum(in.P3)
		c.call(in.P4)
	case OpVGroupAgg:
		if in.P1 >= 0 {
			c.vector(in.P1)
		}
		c.cursor(in.P2)
		c.call(in.P4)
	case OpGroupFind, OpHashProbe:
		c.cursor(in.P1)
		c.regs(in.P3, 1)
	case OpHashInsert:
		c.cursor(in.P1)
		c.regs(in.P2, int(in.P3))
		one(in.P4)
	case OpSorterAway:
		c.cursor(in.P1)
		c.regs(in.P3, int(in.P4))
	case OpSorterInsert:
		c.cursor(in.P1)
		c.regs(in.P2, int(in.P3))
		one(in.P4)
	case OpClear:
		if in.P1 < 0 {
			c.cursor(-1 - in.P1)
		}
		one(in.P3)
	case OpRowSetAdd:
		c.cursor(in.P1)
		c.regs(in.P2, 1)
	case OpDestroyTree:
		if in.P5&1 != 0 {
			c.regs(in.P1, 1)
		}
	case OpReport:
		c.regs(in.P3, 1)
	case OpPragma:
		one(in.P3)
	case OpVOpen:
		if in.P2 > 0 {
			c.vector(in.P4)
			c.vector(in.P4 + in.P2 - 1)
		}
		c.cursor(in.P1)
		c.within("vectors", int64(in.P2), int64(c.p.Vectors)+1)
	case OpTally:
		c.within("tally", int64(in.P1), int64(len(c.p.Tallies)))
		c.cursor(in.P3)
	case OpSplit, OpJoin:
		if in.Op == OpSplit {
			c.cursor(in.P1)
		}
		info, ok := c.object(in.P4).(*SplitInfo)
		if !ok {
			c.fail("P4 is no SplitInfo")
			return
		}
		for _, list := range [][]int32{info.Groups, info.Sorters} {
			for _, of := range list {
				c.cursor(of)
			}
		}
		for k, call := range info.Calls {
			c.call(call)
			c.accum(info.Accums + int32(k))
		}
	case OpVNext:
		c.cursor(in.P1)
		c.addr(in.P3)
	case OpVColumn, OpVRowid:
		c.cursor(in.P1)
		c.vector(in.P3)
	case OpVReg:
		c.vector(in.P3)
	case OpVCompare, OpVArith, OpVAnd, OpVOr:
		c.vector(in.P1)
		c.vector(in.P2)
		c.vector(in.P3)
		if in.Op == OpVCompare {
			c.within("comparison", int64(in.P5>>12&7), int64(len(holds)))
		}
	case OpVChoose:
		c.vector(in.P1)
		c.vector(in.P2)
		c.vector(in.P3)
		c.vector(in.P4)
	case OpVProbe:
		c.cursor(in.P1)
		c.vector(in.P2)
		c.vector(in.P3)
	case OpVIn:
		c.vector(in.P1)
		c.vector(in.P3)
		list, ok := c.object(in.P4).(*InList)
		if !ok {
			c.fail("P4 is no InList")
			return
		}
		for _, r := range list.Regs {
			c.regs(r, 1)
		}
	case OpVFunction:
		c.vector(in.P3)
		site, ok := c.object(in.P4).(*VectorCall)
		if !ok {
			c.fail("P4 is no VectorCall")
			return
		}
		c.call(site.Call)
		for _, v := range site.Args {
			c.vector(v)
		}
	case OpVNegate, OpVNot, OpVIsNull, OpVTruth, OpVBool:
		c.vector(in.P1)
		c.vector(in.P3)
	case OpVAway:
		c.cursor(in.P1)
		c.vector(in.P2)
		c.vector(in.P3)
	case OpVFilter:
		c.vector(in.P1)
	case OpVAgg:
		if in.P1 >= 0 {
			c.vector(in.P1)
		}
		c.accum(in.P3)
		c.call(in.P4)
	case OpModuleFilter:
		c.cursor(in.P1)
		c.regs(in.P3, int(in.P4))
	default:
		if onCursor(in.Op) {
			c.cursor(in.P1)
		}
	}
}

// onCursor lists the remaining opcodes whose P1 is a cursor.
func onCursor(op Op) bool {
	switch op {
	case OpOpenEphemeral, OpOpenDup, OpOpenModule, OpClose, OpNullRow, OpRewind, OpLast, OpNext, OpPrev, OpSeekRowid, OpNotExists, OpSeekRowidGE,
		OpSeekRowidGT, OpSeekRowidLE, OpSeekRowidLT, OpIfEmpty, OpColumn, OpRowid, OpIdxRowid,
		OpCount, OpSequence, OpDelete, OpPin, OpSorterSort, OpSorterNext, OpSorterSkip, OpHashOpen, OpHashNext, OpGroupTry, OpGroupAdd, OpGroupSort, OpGroupNext, OpRowSetRead, OpVRow,
		OpVRowNext, OpVRangeEnd:
		return true
	}
	return false
}
