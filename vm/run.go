package vm

import (
	"errors"

	"github.com/rustlite/rustlite/vm/value"
)

// poll answers the interrupt flag.
func (m *Machine) poll() error {
	if m.stop.Load() || m.up != nil && m.up.stop.Load() {
		return ErrInterrupted
	}
	return nil
}

// asked is poll as a value, made once.
func (m *Machine) asked() func() error {
	if m.pollFunc == nil {
		m.pollFunc = m.poll
	}
	return m.pollFunc
}

// errFrame ends a run of instructions whose frame is no more the machine's: it
// goes on with those of the other one.
var errFrame = errors.New("another frame")

// run executes instructions until a result row (true), the end (false) or an
// error. Jumps back (Next, Goto and their like) count down to a look at the
// interrupt flag, so that plain instructions need not.
func (m *Machine) run() (bool, error) {
	code, regs, cursors := m.prog.Code, m.regs, m.cursors
	pc := m.pc
	budget := pollEvery
	var err error
	var ok bool
	for {
		in := &code[pc]
		pc++
		switch in.Op {
		// Control.
		case OpInit:
			if in.P2 != 0 {
				pc = int(in.P2)
			}
		case OpGoto:
			pc = int(in.P2)
			if budget--; budget <= 0 {
				budget = pollEvery
				err = m.poll()
			}
		case OpGosub:
			regs[in.P1].SetInt(int64(pc - 1))
			pc = int(in.P2)
		case OpReturn:
			if v := &regs[in.P1]; v.Kind() == value.Int || in.P3 != 1 {
				pc = int(v.Int()) + 1
			}
		case OpInitCoroutine:
			regs[in.P1].SetInt(int64(in.P3) - 1)
			pc = int(in.P2)
		case OpYield:
			v := &regs[in.P1]
			to := int(v.Int()) + 1
			v.SetInt(int64(pc - 1))
			pc = to
		case OpEndCoroutine:
			v := &regs[in.P1]
			caller := &code[v.Int()]
			v.SetInt(int64(pc - 2))
			pc = int(caller.P2)
		case OpOnce:
			w, bit := &m.once[(pc-1)>>6], uint64(1)<<uint((pc-1)&63)
			if *w&bit != 0 {
				pc = int(in.P2)
			}
			*w |= bit
		case OpHalt:
			if in.P1 != 0 {
				return false, m.halt(in, &regs[in.P3])
			}
			if m.depth == 0 {
				return false, nil
			}
			m.returnProgram(in.P2 == ActionIgnore)
			return false, errFrame
		case OpProgram:
			m.pc = pc
			if err = m.callProgram(in); err == nil {
				err = errFrame
			}
		case OpHaltIfNull:
			if regs[in.P3].IsNull() {
				return false, m.halt(in, &regs[in.P3])
			}
		case OpExplain:

		// Constants, moves.
		case OpInteger:
			regs[in.P2].SetInt(int64(in.P1))
		case OpConst:
			regs[in.P2].Set(&m.prog.Consts[in.P4])
		case OpNull:
			for r := in.P2; r <= max(in.P3, in.P2); r++ {
				regs[r].SetNull()
			}
		case OpVariable:
			v := &regs[in.P2]
			v.SetNull()
			if int(in.P1) <= len(m.params) {
				v.Set(&m.params[in.P1-1])
			}
		case OpParam:
			regs[in.P2].Set(&m.args[in.P1])
		case OpCopy:
			m.copyRegs(in)
		case OpSCopy:
			regs[in.P2].Set(&regs[in.P1])
		case OpOwn:
			for r := in.P1; r < in.P1+in.P2; r++ {
				m.own(r)
			}
		case OpResultRow:
			m.pc, m.row = pc, regs[in.P1:in.P1+in.P2]
			return true, nil

		// Arithmetic and logic.
		case OpAdd:
			a, b := &regs[in.P1], &regs[in.P2]
			if a.Kind() == value.Int && b.Kind() == value.Int {
				if z, ok := addInt(a.Int(), b.Int()); ok {
					regs[in.P3].SetInt(z)
					continue
				}
			}
			arith(OpAdd, a, b, &regs[in.P3])
		case OpMultiply:
			arith(OpMultiply, &regs[in.P1], &regs[in.P2], &regs[in.P3])
		case OpSubtract, OpDivide, OpRemainder:
			arith(in.Op, &regs[in.P2], &regs[in.P1], &regs[in.P3])
		case OpConcat:
			err = m.concat(in)
		case OpBitAnd, OpBitOr, OpShiftLeft, OpShiftRight:
			bitwise(in.Op, &regs[in.P2], &regs[in.P1], &regs[in.P3])
		case OpBitNot:
			if v := &regs[in.P1]; v.IsNull() {
				regs[in.P2].SetNull()
			} else {
				regs[in.P2].SetInt(^v.AsInt())
			}
		case OpNegate:
			negate(&regs[in.P1], &regs[in.P2])
		case OpAnd:
			setTruth(&regs[in.P3], andTruth(regs[in.P1].Truth(), regs[in.P2].Truth()))
		case OpOr:
			setTruth(&regs[in.P3], orTruth(regs[in.P1].Truth(), regs[in.P2].Truth()))
		case OpNot:
			if t := regs[in.P1].Truth(); t == value.Unknown {
				regs[in.P2].SetNull()
			} else {
				regs[in.P2].SetInt(1 - int64(t))
			}
		case OpIsTrue:
			regs[in.P2].SetInt(isTrueOp(&regs[in.P1], in.P3, in.P4))
		case OpAddImm:
			v := &regs[in.P1]
			v.SetInt(v.AsInt() + int64(in.P2))
		case OpMemMax:
			v := &m.root().regs[in.P1]
			v.SetInt(max(v.AsInt(), regs[in.P2].AsInt()))
		case OpCast:
			m.cast(in.P1, value.Affinity(in.P2))
		case OpAffinity:
			m.affinities(in.P1, m.prog.Strings[in.P4])
		case OpRealAffinity:
			if v := &regs[in.P1]; v.Kind() == value.Int {
				v.SetReal(float64(v.Int()))
			}
		case OpTypeCheck:
			err = m.typeCheck(in)
		case OpGetSubtype:
			if s := regs[in.P1].Subtype(); s != 0 {
				regs[in.P2].SetInt(int64(s))
			} else {
				regs[in.P2].SetNull()
			}
		case OpSetSubtype:
			if s := &regs[in.P1]; !s.IsNull() {
				regs[in.P2].SetSubtype(uint8(s.Int()))
			}
		case OpMustBeInt:
			if !m.mustBeInt(in.P1) {
				if in.P2 == 0 {
					return false, errMismatch
				}
				pc = int(in.P2)
			}

		// Jumps.
		case OpEq, OpNe, OpLt, OpLe, OpGt, OpGe:
			a, b := &regs[in.P3], &regs[in.P1]
			var t truth
			if a.Kind() == value.Int && b.Kind() == value.Int {
				x, y := a.Int(), b.Int()
				t = truth(holds[in.Op-OpEq] >> uint(1+b2i(x > y)-b2i(x < y)) & 1)
			} else {
				t = m.compare(in)
			}
			switch {
			case in.P5&CmpStore != 0:
				setTruth(&regs[in.P2], value.Truth(t))
			case t == isTrue || t == isNull && in.P5&CmpJumpIfNull != 0:
				pc = int(in.P2)
			}
		case OpIf:
			if t := regs[in.P1].Truth(); t == value.True || t == value.Unknown && in.P3 != 0 {
				pc = int(in.P2)
			}
		case OpIfNot:
			if t := regs[in.P1].Truth(); t == value.False || t == value.Unknown && in.P3 != 0 {
				pc = int(in.P2)
			}
		case OpIsNull:
			if regs[in.P1].IsNull() || in.P3 > 1 && m.anyNull(in.P1, in.P3) {
				pc = int(in.P2)
			}
		case OpNotNull:
			if !regs[in.P1].IsNull() {
				pc = int(in.P2)
			}
		case OpIfPos:
			if v := &regs[in.P1]; v.AsInt() > 0 {
				v.SetInt(v.AsInt() - int64(in.P3))
				pc = int(in.P2)
			}
		case OpDecrJumpZero:
			v := &regs[in.P1]
			if i, ok := subInt(v.AsInt(), 1); ok {
				v.SetInt(i)
			}
			if v.Int() == 0 {
				pc = int(in.P2)
			}
		case OpOffsetLimit:
			m.offsetLimit(in)
		case OpCompare:
			m.compareLists(in)
		case OpJump:
			to := in.P2
			if m.ordering < 0 {
				to = in.P1
			} else if m.ordering > 0 {
				to = in.P3
			}
			if to != 0 {
				pc = int(to)
			}

		// Functions and aggregates.
		case OpFunction:
			err = m.call(in)
		case OpAggReset:
			m.aggReset(in.P1, in.P2)
		case OpAggStep:
			err = m.aggStep(in)
		case OpAggFinal:
			err = m.aggFinal(in)

		// Cursors.
		case OpTransaction:
			err = m.transaction(in)
		case OpOpenRead, OpOpenWrite:
			err = m.openTree(in)
		case OpOpenDup:
			cursors[in.P1].close()
			err = cursors[in.P1].open(m.trees.tx, cursors[in.P2].root, nil, true)
		case OpOpenEphemeral:
			err = m.openEphemeral(&cursors[in.P1], m.keyInfo(in.P4))
		case OpSorterOpen:
			m.openSorter(in)
		case OpOpenModule:
			m.openModule(in)
		case OpModuleFilter:
			if ok, err = m.moduleFilter(in); !ok {
				pc = int(in.P2)
			}
		case OpClose:
			m.forgetRetry(in.P1)
			cursors[in.P1].close()
		case OpNullRow:
			m.nullRow(&cursors[in.P1])

		// Positions.
		case OpRewind, OpLast:
			if ok, err = cursors[in.P1].edge(in.Op == OpLast); !ok {
				pc = int(in.P2)
			}
		case OpNext:
			c := &cursors[in.P1]
			if c.flags != 0 || uint8(c.kind-tableCursor) > 1 {
				ok, err = m.stepSlow(c, false)
			} else {
				c.rowAt, c.keyAt = 0, 0
				ok, err = c.bt.Next()
			}
			if ok {
				pc = int(in.P2)
			}
			if budget--; budget <= 0 && err == nil {
				budget = pollEvery
				err = m.poll()
			}
		case OpPrev:
			c := &cursors[in.P1]
			if c.flags != 0 || uint8(c.kind-tableCursor) > 1 {
				ok, err = m.stepSlow(c, true)
			} else {
				c.rowAt, c.keyAt = 0, 0
				ok, err = c.bt.Prev()
			}
			if ok {
				pc = int(in.P2)
			}
			if budget--; budget <= 0 && err == nil {
				budget = pollEvery
				err = m.poll()
			}
		case OpSeekRowid, OpNotExists:
			if ok, err = m.seekRowid(&cursors[in.P1], &regs[in.P3]); !ok {
				pc = int(in.P2)
			}
		case OpSeekRowidGE, OpSeekRowidGT, OpSeekRowidLE, OpSeekRowidLT:
			if ok, err = m.seekRowRange(&cursors[in.P1], in.Op, &regs[in.P3]); !ok {
				pc = int(in.P2)
			}
		case OpSeekGE, OpSeekGT, OpSeekLE, OpSeekLT:
			if ok, err = m.seekKey(&cursors[in.P1], in); !ok {
				pc = int(in.P2)
			}
		case OpIdxGE, OpIdxGT, OpIdxLE, OpIdxLT:
			var order int
			order, ok, err = m.compareKey(&cursors[in.P1], in, int32(pc-1))
			if ok && idxHolds(in.Op, order) {
				pc = int(in.P2)
			}
		case OpFound:
			if ok, err = m.probe(&cursors[in.P1], in); ok {
				pc = int(in.P2)
			}
		case OpNotFound:
			if ok, err = m.probe(&cursors[in.P1], in); !ok {
				pc = int(in.P2)
			}
		case OpNoConflict:
			if ok = !m.anyNull(in.P3, in.P4); ok {
				ok, err = m.probe(&cursors[in.P1], in)
			}
			if !ok {
				pc = int(in.P2)
			}
		case OpDeferredSeek:
			err = m.deferSeek(in)
		case OpIfEmpty:
			var n int64
			if n, err = m.count(&cursors[in.P1]); n == 0 {
				pc = int(in.P2)
			}

		// Reading rows.
		case OpColumn:
			c := &cursors[in.P1]
			if c.flags&^onLane == 0 && in.P5&ColumnOwn == 0 {
				if ok = c.rowAt == m.epoch; !ok && c.flags == 0 {
					ok, err = c.quickRow(m.epoch)
				}
				if ok {
					if ok, _ = c.row.Column(int(in.P2), &regs[in.P3]); ok {
						continue
					}
				}
			}
			if err == nil {
				err = m.column(c, in)
			}
		case OpRowid:
			c := &cursors[in.P1]
			if c.flags == 0 && c.kind == tableCursor {
				regs[in.P2].SetInt(c.bt.IntKey())
				continue
			}
			err = m.loadRowid(c, &regs[in.P2])
		case OpIdxRowid:
			err = m.idxRowid(&cursors[in.P1], &regs[in.P2])
		case OpCount:
			var n int64
			n, err = m.count(&cursors[in.P1])
			regs[in.P2].SetInt(n)
		case OpSequence:
			c := &cursors[in.P1]
			regs[in.P2].SetInt(c.seq)
			c.seq++

		// Building and changing rows.
		case OpMakeRecord:
			err = m.makeRecord(in)
		case OpPatchRecord:
			err = m.patchRecord(in)
		case OpNewRowid:
			err = m.newRowid(&cursors[in.P1], in)
		case OpInsert:
			err = m.insert(&cursors[in.P1], in)
		case OpDelete:
			err = m.remove(&cursors[in.P1], in)
		case OpIdxInsert:
			err = m.idxInsert(&cursors[in.P1], in)
		case OpIdxRow:
			var ok bool
			if ok, err = m.idxRow(&cursors[in.P1], regs[in.P3].Int()); ok {
				pc = int(in.P2)
			}
		case OpIdxDelete:
			err = m.idxDelete(&cursors[in.P1], in)
		case OpIdxApply:
			err = m.idxApply(&cursors[in.P1])
		case OpClear:
			err = m.clear(in)
		case OpPin:
			m.pinned = nil
			if in.P2 != 0 {
				m.pinned = &cursors[in.P1]
			}
		case OpFkCounter:
			if in.P1 == KeysImmediate {
				m.broken += int64(in.P2)
			} else {
				m.session.Broken[in.P1-1] += int64(in.P2)
			}
		case OpFkCheck:
			if m.broken != 0 {
				return false, errForeignKey
			}
		case OpFkIfZero:
			b := &m.session.Broken
			if in.P1 != 0 && b[0] == 0 && b[1] == 0 || in.P1 == 0 && m.broken == 0 && b[1] == 0 {
				pc = int(in.P2)
			}
		case OpResetChanges:
			m.publish()
			if m.depth > 0 {
				m.changes, m.published = 0, 0
			}

		// Sorters and row sets.
		case OpSorterInsert:
			err = m.sorterInsert(&cursors[in.P1], in)
		case OpSorterAway:
			m.keyBuf = m.appendKey(m.keyBuf[:0], cursors[in.P1].key, in.P3, in.P4)
			if cursors[in.P1].sorter.Away(m.keyBuf) {
				pc = int(in.P2)
			}
		case OpSorterSort:
			c := &cursors[in.P1]
			c.moved()
			if ok, err = c.sorter.Sort(); !ok {
				pc = int(in.P2)
			}
		case OpSorterNext:
			c := &cursors[in.P1]
			c.rowAt, c.keyAt = 0, 0
			if ok, err = c.sorter.Next(); ok {
				pc = int(in.P2)
			}
			if budget--; budget <= 0 && err == nil {
				budget = pollEvery
				err = m.poll()
			}
		case OpSorterSkip:
			if n := regs[in.P3].Int(); n > 0 {
				c := &cursors[in.P1]
				c.rowAt, c.keyAt = 0, 0
				regs[in.P3].SetInt(0)
				if ok, err = c.sorter.Skip(n); !ok {
					pc = int(in.P2)
				}
			}
		case OpHashOpen:
			m.openHash(in)
		case OpHashInsert:
			err = m.hashInsert(&cursors[in.P1], in)
		case OpHashProbe:
			if !m.hashProbe(&cursors[in.P1], in) {
				pc = int(in.P2)
			}
		case OpHashNext:
			if m.hashNext(&cursors[in.P1]) {
				pc = int(in.P2)
			}
			if budget--; budget <= 0 {
				budget = pollEvery
				err = m.poll()
			}
		case OpGroupOpen:
			m.openGroups(in)
		case OpGroupTry:
			m.retries = append(m.retries, retry{in.P1, int(in.P2)})
		case OpGroupFind:
			if m.findGroup(&cursors[in.P1], in) {
				pc = int(in.P2)
			}
		case OpGroupAdd:
			if ok, err = m.addGroup(&cursors[in.P1], in); !ok {
				pc = int(in.P2)
			}
		case OpGroupSort:
			m.forgetRetry(in.P1)
			c := &cursors[in.P1]
			if in.P3 != 0 {
				ok = c.groups.keys.asTheyCame()
			} else {
				ok, err = c.groups.keys.sort()
			}
			if !m.nextGroup(c, ok) {
				pc = int(in.P2)
			}
		case OpGroupNext:
			c := &cursors[in.P1]
			if ok = m.nextGroup(c, c.groups.keys.next()); ok {
				pc = int(in.P2)
			}
			if budget--; budget <= 0 {
				budget = pollEvery
				err = m.poll()
			}
		case OpGroupStep:
			err = m.stepGroups(in)
		case OpRowSetAdd:
			m.rowSet(in.P1).add(regs[in.P2].AsInt())
		case OpRowSetRead:
			var id int64
			if id, ok = m.rowSet(in.P1).read(); ok {
				regs[in.P3].SetInt(id)
			} else {
				pc = int(in.P2)
			}

		// Transactions and the schema.
		case OpAutoCommit:
			err = m.env.AutoCommit(in.P1 != 0, in.P2 != 0, int(in.P3))
		case OpSavepoint:
			err = m.env.Savepoint(int(in.P1), m.prog.Strings[in.P4])
		case OpCreateTree:
			err = m.createTree(in)
		case OpDestroyTree:
			err = m.destroyTree(in)
		case OpBulkBuild:
			err = m.bulkBuild(in)
		case OpReadMeta:
			err = m.readMeta(in)
		case OpSetMeta:
			err = m.setMeta(in)
		case OpReloadSchema:
			when := ""
			if in.P4 >= 0 {
				when = m.prog.Strings[in.P4]
			}
			err = m.env.ReloadSchema(int(in.P1), when, int(in.P2))
		case OpReport:
			err = m.report(in)
		case OpPragma:
			err = m.pragma(in)
		case OpAttach:
			err = m.env.Attach(string(regs[in.P1].TextBytes()), string(regs[in.P2].TextBytes()))
		case OpDetach:
			err = m.env.Detach(string(regs[in.P1].TextBytes()))
		case OpIndexStats:
			err = m.indexStats(in)
		case OpVacuum:
			err = m.vacuum(in)

		default:
			pc, err = m.batchOp(in, pc)
		}
		if err != nil {
			return false, err
		}
	}
}

// idxHolds reports whether an Idx test jumps for the order of key and bound.
func idxHolds(op Op, order int) bool {
	switch op {
	case OpIdxGE:
		return order >= 0
	case OpIdxGT:
		return order > 0
	case OpIdxLE:
		return order <= 0
	default:
		return order < 0
	}
}

func (m *Machine) rowSet(i int32) *rowSet {
	c := &m.cursors[i]
	if c.set == nil {
		c.set = &rowSet{sorted: true}
	}
	return c.set
}

// sorterInsert executes SorterInsert.
func (m *Machine) sorterInsert(c *cursor, in *Instr) error {
	m.keyBuf = m.appendKey(m.keyBuf[:0], c.key, in.P2, in.P3)
	if in.P4 >= 0 {
		return c.sorter.Add(m.keyBuf, m.regs[in.P4].Bytes())
	}
	c.payBuf = m.appendFixups(c.payBuf[:0], c.key, in.P2, in.P3)
	return c.sorter.Add(m.keyBuf, c.payBuf)
}
