package vm

import (
	"errors"
	"math"
	"slices"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
)

// GroupInfo describes the groups of a GROUP BY that is done by hashing.
type GroupInfo struct {
	Key *KeyInfo
	// Kept is how many columns a group keeps of its first row, beside its key.
	Kept int
	// Calls are the aggregates, by their number in Program.Calls.
	Calls []int32
}

// groups are the groups of a GROUP BY: their keys, each with what its first row
// leaves, and their accumulators. Those of one group at a time stand in the
// frame, for AggStep and AggFinal.
type groups struct {
	info     *GroupInfo
	keys     groupKeys
	accs     []fn.Accumulators // By aggregate.
	first    int32             // The accumulators of the frame that take those of a group.
	bytesMax int
	ahead    [aheadLen]int32
	// The key that GroupFind has not found, for GroupAdd; one of bytes is in
	// the cursor's bound.
	next struct {
		null bool
		int  int64
		hash uint32
	}
}

// groupBytes is about what a group takes beside its key, its record and its
// accumulators; accumulatorBytes what one of those does.
const (
	groupBytes       = 64
	accumulatorBytes = 64
)

// GroupCounter are accumulators for which only the number of rows (where their
// argument is not NULL) counts. StepGroups steps number g for each g of groups.
type GroupCounter interface {
	fn.Accumulators
	StepGroups(groups []int32)
}

// GroupAdder are accumulators that ignore NULL and take the numbers of many
// groups at once, in row order, with the same result as stepping them one by
// one: v[i] goes to number groups[i].
type GroupAdder interface {
	fn.Accumulators
	StepGroupInts(groups []int32, v []int64)
	StepGroupReals(groups []int32, v []float64)
	// StepGroupMixed takes integers and reals as BatchAdder.StepMixed does.
	StepGroupMixed(groups []int32, v []int64, kinds []uint8)
}

func (g *groups) close() {
	g.keys.close()
	g.accs = nil
}

// openGroups executes GroupOpen.
func (m *Machine) openGroups(in *Instr) {
	m.forgetRetry(in.P1)
	m.newGroups(&m.cursors[in.P1], m.prog.Objects[in.P4].(*GroupInfo), in.P3)
}

// retry is where the run goes on after an error of an expression, while rows come
// to the groups of a cursor.
type retry struct {
	cursor int32
	pc     int
}

// forgetRetry ends what GroupTry began for a cursor.
func (f *frame) forgetRetry(cursor int32) {
	if n := len(f.retries); n > 0 && f.retries[n-1].cursor == cursor {
		f.retries = f.retries[:n-1]
	}
}

// goesOn reports whether the run goes on after err: in another frame, or where a
// GroupTry says. What is no expression's fault ends it: interrupts, and errors of
// the file.
func (m *Machine) goesOn(err error) bool {
	if err == errFrame { //nolint:errorlint // The very error.
		return true
	}
	n := len(m.retries)
	var e *Error
	if n == 0 || !errors.As(err, &e) || e.Info.Code != codeError && e.Info.Code != codeTooBig && e.Info.Code != codeMismatch {
		return false
	}
	m.dismiss()
	m.pc, m.retries = m.retries[n-1].pc, m.retries[:n-1]
	return true
}

// newGroups makes c a cursor over groups, whose accumulators stand in the frame
// from first on.
func (m *Machine) newGroups(c *cursor, info *GroupInfo, first int32) {
	c.close()
	if c.groups == nil {
		c.groups = new(groups)
	}
	g := c.groups
	g.info, g.first, g.accs = info, first, make([]fn.Accumulators, len(info.Calls))
	for k, call := range info.Calls {
		f := m.prog.Calls[call].Func
		m.accs[int(g.first)+k], m.accFns[int(g.first)+k], g.accs[k] = nil, f, f.NewAccumulators()
	}
	g.keys.open(info)
	g.keys.keys.poll = m.asked()
	g.bytesMax = min(m.sortBytesMax(), keySetBytesMax)
	c.kind, c.key = groupCursor, info.Key
	c.moved()
}

// sortBytesMax is the memory of one sort.
func (m *Machine) sortBytesMax() int {
	if n := m.session.SortBytesMax; n > 0 {
		return n
	}
	return sorter.BytesMaxDefault
}

// use puts the accumulators of a group into the frame.
func (g *groups) use(f *frame, group int) {
	for k := range g.accs {
		f.accs[int(g.first)+k] = g.accs[k].At(group)
	}
}

// full reports whether there is no room for a group whose key and record take n
// bytes.
func (g *groups) full(n int) bool {
	return g.keys.bytes()+n+(g.keys.n+1)*(groupBytes+len(g.accs)*accumulatorBytes) > g.bytesMax
}

// grow makes accumulators for new groups.
func (g *groups) grow() {
	for _, a := range g.accs {
		a.Grow(g.keys.n)
	}
}

// findGroup executes GroupFind.
func (m *Machine) findGroup(c *cursor, in *Instr) bool {
	g, x := c.groups, &m.regs[in.P3]
	k, next := &g.keys, &g.next
	form, i := bytesForm, -1
	if len(c.key.Cols) == 1 {
		form = k.turnTo(k.formOf(kindBit(x)))
	}
	switch next.null = form != bytesForm && x.IsNull(); {
	case next.null:
		c.bound, i = c.bound[:0], int(k.null)
	case form == intForm:
		c.bound, next.int = c.bound[:0], x.Int()
		i = int(k.findInt(next.int))
	case form == textForm:
		c.bound = append(c.bound[:0], x.Bytes()...)
	default:
		c.bound = m.appendKey(c.bound[:0], c.key, in.P3, int32(len(c.key.Cols)))
	}
	if !next.null && form != intForm {
		next.hash = hashKey(c.bound)
		i = k.keys.look(next.hash, c.bound)
	}
	if i >= 0 {
		g.use(&m.frame, i)
	}
	return i >= 0
}

// addGroup executes GroupAdd; false when there is no room for the group.
func (m *Machine) addGroup(c *cursor, in *Instr) (bool, error) {
	g, rec, i := c.groups, m.regs[in.P3].Bytes(), int32(0)
	if g.full(len(c.bound) + len(rec)) {
		return false, m.noRoom()
	}
	switch next := &g.next; {
	case next.null:
		i = g.keys.addNull(rec)
	case g.keys.form == intForm:
		i = g.keys.addInt(next.int, rec)
	default:
		i = g.keys.addBytes(next.hash, c.bound, rec)
	}
	g.grow()
	g.use(&m.frame, int(i))
	return true, m.poll()
}

// noRoom ends what helps with groups for which there is no room: they are done
// in another way.
func (m *Machine) noRoom() error {
	if m.up != nil {
		return errUnmerged
	}
	m.dismiss()
	return nil
}

// nextGroup executes GroupSort and GroupNext; ok tells whether there is a group
// at the place of the walk.
func (m *Machine) nextGroup(c *cursor, ok bool) bool {
	c.moved()
	if g := c.groups; ok {
		if ahead := g.keys.ahead(&g.ahead); ahead != nil {
			for _, a := range g.accs {
				a.Touch(ahead)
			}
			m.vec.keys.touched = g.keys.touch(ahead)
		}
		g.use(&m.frame, g.keys.current())
	}
	return ok
}

// stepGroups executes GroupStep.
func (m *Machine) stepGroups(in *Instr) error {
	c, call := &m.cursors[in.P1], &m.prog.Calls[in.P4]
	k, acc := &c.groups.keys, m.accumulator(in.P3, call)
	if a, ok := acc.(BatchCounter); ok && k.form != bytesForm {
		a.StepCount(int64(k.n - b2i(k.null >= 0)))
		return nil
	}
	if a, ok := acc.(BatchAdder); ok && k.form == intForm {
		if k.null >= 0 {
			k.list = slices.Delete(k.list, int(k.null), int(k.null)+1)
		}
		a.StepInts(k.list)
		return nil
	}
	args := m.cmpVals[:1]
	ctx := m.context(call, int(in.P4))
	for i := range k.n {
		if i%pollEvery == 0 {
			if err := m.poll(); err != nil {
				return err
			}
		}
		if !k.keeps {
			k.value(i, &args[0])
		} else if err := m.keptColumn(c, i, &args[0]); err != nil {
			return err
		}
		if err := acc.Step(ctx, args); err != nil {
			return functionError(err)
		}
	}
	return nil
}

// keptColumn reads the first column of the record of group i.
func (m *Machine) keptColumn(c *cursor, i int, x *value.Value) error {
	err := c.row.Reset(c.groups.keys.keys.payload(i))
	if err == nil {
		_, err = c.row.Column(0, x)
	}
	if err != nil {
		return m.malformed(c)
	}
	return nil
}

// vectorGroup executes VGroup: it finds the groups of the selected lanes by the
// vectors of their key, and makes those that are new with a record of these and
// of the vectors behind them. False when there is no room for a group.
func (m *Machine) vectorGroup(in *Instr) (bool, error) {
	s, c := &m.vec, &m.cursors[in.P1]
	g, list := c.groups, m.prog.Objects[in.P4].([]int32)
	s.groups = resize(s.groups, len(s.sel))
	if len(s.sel) == 0 {
		return true, nil
	}
	form, first := bytesForm, &s.v[list[0]]
	if len(c.key.Cols) == 1 {
		form = g.keys.turnTo(g.keys.formOf(first.seen))
	}
	ok := false
	if form == intForm {
		ok = m.groupInts(g, first, list)
	} else {
		m.laneKeys(c, form, list[:len(c.key.Cols)])
		ok = m.groupBytes(g, form, first, list)
	}
	if !ok {
		return false, m.noRoom()
	}
	g.grow()
	return true, nil
}

// groupInts finds the groups of lanes by integers.
func (m *Machine) groupInts(g *groups, v *vector, list []int32) bool {
	s, k := &m.vec, &g.keys
	nulls := v.seen&record.LaneNull != 0
	bits := v.number(len(s.groups))
	k.ints.touch(bits)
	for i, x := range bits {
		null := nulls && v.kind(i) == record.LaneNull
		switch {
		case null:
			s.groups[i] = k.null
		case i > 0 && x == bits[i-1] && !(nulls && v.kind(i-1) == record.LaneNull): // Rows of a group are often neighbours.
			s.groups[i] = s.groups[i-1]
		default:
			s.groups[i] = k.findInt(x)
		}
		if s.groups[i] >= 0 {
			continue
		}
		rec := m.groupRecord(k, i, list)
		switch {
		case g.full(len(rec)):
			return false
		case null:
			s.groups[i] = k.addNull(rec)
		default:
			s.groups[i] = k.addInt(x, rec)
		}
	}
	return true
}

// groupRecord is the record of a group that lane i makes.
func (m *Machine) groupRecord(k *groupKeys, i int, list []int32) []byte {
	if !k.keeps {
		return nil
	}
	s := &m.vec
	if n := len(list) - len(s.values); n > 0 {
		s.values = append(s.values, make([]value.Value, n)...)
	}
	vals := s.values[:len(list)]
	for n, r := range list {
		s.v[r].lane(s.sel, i, &vals[n])
	}
	m.scratch = record.AppendRecord(m.scratch[:0], vals)
	return m.scratch
}

// laneKeys puts the keys of the lanes one behind the other, and their hashes.
func (m *Machine) laneKeys(c *cursor, form keyForm, cols []int32) {
	s := &m.vec
	n := len(s.sel)
	k := &s.keys
	k.bytes, k.ends, k.hashes = k.bytes[:0], resize(k.ends, n+1), resize(k.hashes, n)
	k.ends[0] = 0
	for i := range n {
		for col, r := range cols {
			v := &s.v[r]
			switch {
			case form == bytesForm:
				v.lane(s.sel, i, &s.x)
				k.bytes = record.AppendKeyValue(k.bytes, &s.x, c.key.keyColumn(col))
			case v.constant:
				k.bytes = append(k.bytes, v.val.Bytes()...)
			case v.kind(i) == record.LaneText:
				k.bytes = append(k.bytes, v.place(s.sel, i)...)
			}
		}
		k.ends[i+1] = len(k.bytes)
		k.hashes[i] = hashKey(k.of(i))
	}
}

// laneKeys are keys of lanes.
type laneKeys struct {
	bytes   []byte
	ends    []int // Of the keys; the first is where they begin.
	hashes  []uint32
	touched byte // Keeps the loads of touch from being left out.
}

func (k *laneKeys) of(i int) []byte { return k.bytes[k.ends[i]:k.ends[i+1]:k.ends[i+1]] }

// groupBytes finds the groups of lanes by the bytes of their keys.
func (m *Machine) groupBytes(g *groups, form keyForm, v *vector, list []int32) bool {
	s, k := &m.vec, &g.keys
	nulls := form == textForm && v.seen&record.LaneNull != 0
	lanes := &s.keys
	lanes.touched = k.keys.touch(lanes.hashes, s.groups)
	for i, hash := range lanes.hashes {
		null := nulls && v.kind(i) == record.LaneNull
		key := lanes.of(i)
		if null {
			s.groups[i] = k.null
		} else {
			s.groups[i] = int32(k.keys.look(hash, key))
		}
		if s.groups[i] >= 0 {
			continue
		}
		rec := m.groupRecord(k, i, list)
		switch {
		case g.full(len(key) + len(rec)):
			return false
		case null:
			s.groups[i] = k.addNull(rec)
		default:
			s.groups[i] = k.addBytes(hash, key, rec)
		}
	}
	return true
}

// vectorGroupAgg executes VGroupAgg.
func (m *Machine) vectorGroupAgg(in *Instr) error {
	s, g := &m.vec, m.cursors[in.P2].groups
	n := len(s.sel)
	if n == 0 {
		return nil
	}
	of := g.accs[in.P3]
	counter, counts := of.(GroupCounter)
	if in.P1 < 0 && counts {
		counter.StepGroups(s.groups)
		return nil
	}
	if in.P1 < 0 {
		return m.stepGroupLanes(of, in, nil)
	}
	v := &s.v[in.P1]
	adder, adds := of.(GroupAdder)
	numbers := v.seen &^ record.LaneNull
	switch {
	case counts && v.seen == record.LaneNull:
	case counts:
		counter.StepGroups(s.notNullGroups(v, n))
	case adds && numbers == record.LaneInt|record.LaneReal:
		adder.StepGroupMixed(s.groups, v.bits[:n], v.kinds)
	case !adds || numbers != record.LaneInt && numbers != record.LaneReal:
		return m.stepGroupLanes(of, in, v)
	case numbers == record.LaneInt:
		adder.StepGroupInts(s.notNullGroups(v, n), s.notNull(v, n))
	default:
		lanes := s.notNull(v, n)
		s.real[0] = resize(s.real[0], len(lanes))
		for i, x := range lanes {
			s.real[0][i] = math.Float64frombits(uint64(x))
		}
		adder.StepGroupReals(s.notNullGroups(v, n), s.real[0])
	}
	return nil
}

// notNullGroups gives the groups of the lanes that notNull gives.
func (s *vectors) notNullGroups(v *vector, n int) []int32 {
	if v.seen&record.LaneNull == 0 {
		return s.groups[:n]
	}
	s.someGroups = resize(s.someGroups, n)
	k := 0
	for i, g := range s.groups[:n] {
		s.someGroups[k] = g
		k += int(v.kinds[i]&record.LaneNull ^ record.LaneNull)
	}
	return s.someGroups[:k]
}

// stepGroupLanes feeds the lanes to the accumulators of their groups one by one;
// v is nil for no argument.
func (m *Machine) stepGroupLanes(of fn.Accumulators, in *Instr, v *vector) error {
	s := &m.vec
	c := m.context(&m.prog.Calls[in.P4], int(in.P4))
	for i, g := range s.groups {
		args := m.cmpVals[:0]
		if v != nil {
			args = m.cmpVals[:1]
			v.lane(s.sel, i, &args[0])
		}
		if err := of.At(int(g)).Step(c, args); err != nil {
			return functionError(err)
		}
	}
	return nil
}
