package vm

import (
	"errors"
	"math"
	"math/bits"

	"github.com/rustlite/rustlite/vm/fn"
	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
)

// GroupInfo describes the groups of a GROUP BY that is done by hashing.
type GroupInfo struct {
	Key *KeyInfo
	// Calls are the aggregates, by their number in Program.Calls.
	Calls []int32
}

// groups are the groups of a GROUP BY: their keys, each with a record of what
// its first row keeps, and their accumulators. Those of one group at a time
// stand in the frame, for AggStep and AggFinal.
type groups struct {
	info     *GroupInfo
	keys     keySet
	accs     [][]fn.Accumulator // By aggregate and group; there may be more than groups.
	ints     intTable           // Groups of one column by its integers: a short cut to keys.
	texts    textTable          // The same by its texts, where these are told apart by their bytes.
	first    int32              // The accumulators of the frame that take those of a group.
	bytesMax int
}

// groupBytes is about what a group takes beside its key, its record and its
// accumulators; accumulatorBytes what one of those does.
const (
	groupBytes       = 64
	accumulatorBytes = 64
)

// GroupCounter is an accumulator for which only the number of rows (where its
// argument is not NULL) counts. StepGroups steps of[g] for each g of groups; all
// of them are of the method's own kind.
type GroupCounter interface {
	fn.Accumulator
	StepGroups(of []fn.Accumulator, groups []int32)
}

// GroupAdder is an accumulator that ignores NULL and takes the numbers of many
// groups at once, in row order, with the same result as stepping them one by
// one: v[i] goes to of[groups[i]].
type GroupAdder interface {
	fn.Accumulator
	StepGroupInts(of []fn.Accumulator, groups []int32, v []int64)
	StepGroupReals(of []fn.Accumulator, groups []int32, v []float64)
	// StepGroupMixed takes integers and reals as BatchAdder.StepMixed does.
	StepGroupMixed(of []fn.Accumulator, groups []int32, v []int64, kinds []uint8)
}

func (g *groups) close() {
	g.keys.reset()
	g.accs = nil
	g.ints.reset()
	g.texts.reset()
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
	g.close()
	g.info, g.first, g.accs = info, first, make([][]fn.Accumulator, len(info.Calls))
	for k, call := range info.Calls {
		m.accs[int(g.first)+k], m.accFns[int(g.first)+k] = nil, m.prog.Calls[call].Func
	}
	g.keys.poll = m.asked()
	if g.bytesMax = m.session.SortBytesMax; g.bytesMax <= 0 {
		g.bytesMax = sorter.BytesMaxDefault
	}
	c.kind, c.key = groupCursor, info.Key
	c.moved()
}

// use puts the accumulators of a group into the frame.
func (g *groups) use(f *frame, group int) {
	for k := range g.accs {
		f.accs[int(g.first)+k] = g.accs[k][group]
	}
}

// add makes a group with a key, a record and empty accumulators; false when
// there is no room for it.
func (g *groups) add(f *frame, key, rec []byte) (group int, ok bool) {
	n := len(g.keys.list)
	if len(g.keys.arena)+len(g.texts.arena)+len(key)+len(rec)+(n+1)*(groupBytes+len(g.accs)*accumulatorBytes) > g.bytesMax || !g.keys.insert(key, rec) {
		return 0, false
	}
	for k := range g.accs {
		if n == len(g.accs[k]) {
			g.grow(k, f.accFns[int(g.first)+k])
		}
	}
	return n, true
}

// grow makes accumulators for more groups.
func (g *groups) grow(k int, f *fn.Func) {
	have := len(g.accs[k])
	more := min(max(8, have), 1<<12)
	g.accs[k] = append(g.accs[k], make([]fn.Accumulator, more)...)
	into := g.accs[k][have:]
	if f.NewAggregates != nil {
		f.NewAggregates(into)
		return
	}
	for i := range into {
		into[i] = f.NewAggregate()
	}
}

// findGroup executes GroupFind. The key of a group that is not known waits in
// c.bound for GroupAdd.
func (m *Machine) findGroup(c *cursor, in *Instr) bool {
	c.bound = m.appendKey(c.bound[:0], c.key, in.P3, int32(len(c.key.Cols)))
	i := c.groups.keys.find(c.bound)
	if i >= 0 {
		c.groups.use(&m.frame, i)
	}
	return i >= 0
}

// addGroup executes GroupAdd; false when there is no room for the group.
func (m *Machine) addGroup(c *cursor, in *Instr) (bool, error) {
	i, ok := c.groups.add(&m.frame, c.bound, m.regs[in.P3].Bytes())
	if !ok {
		return false, m.noRoom()
	}
	c.groups.use(&m.frame, i)
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
	if ok {
		c.groups.use(&m.frame, c.groups.keys.cur)
	}
	return ok
}

// vectorGroup executes VGroup: it finds the groups of the selected lanes by the
// vectors of their key, and makes those that are new with a record of these and
// of the vectors behind them. False when there is no room for a group.
func (m *Machine) vectorGroup(in *Instr) (bool, error) {
	s, c := &m.vec, &m.cursors[in.P1]
	g, list := c.groups, m.prog.Objects[in.P4].([]int32)
	keys := list[:len(c.key.Cols)]
	s.groups = resize(s.groups, len(s.sel))
	first := &s.v[keys[0]]
	single := len(keys) == 1 && !first.constant
	ints := single && first.seen == record.LaneInt
	texts := single && first.seen == record.LaneText && c.key.keyColumn(0).Collation.IsBinary()
	var text []byte
	hash := uint32(0)
	for i := range s.groups {
		switch {
		case ints:
			if group := g.ints.find(first.bits[i]); group >= 0 {
				s.groups[i] = group
				continue
			}
		case texts:
			text = first.place(s.sel, i)
			hash = hashKey(text)
			if group := g.texts.find(hash, text); group >= 0 {
				s.groups[i] = group
				continue
			}
		}
		c.bound = c.bound[:0]
		for k, r := range keys {
			s.v[r].lane(s.sel, i, &s.x)
			c.bound = record.AppendKeyValue(c.bound, &s.x, c.key.keyColumn(k))
		}
		group := g.keys.find(c.bound)
		if group < 0 {
			vals := s.values[:0]
			for _, r := range list {
				var x value.Value
				s.v[r].lane(s.sel, i, &x)
				vals = append(vals, x)
			}
			s.values = vals
			m.scratch = record.AppendRecord(m.scratch[:0], vals)
			var ok bool
			if group, ok = g.add(&m.frame, c.bound, m.scratch); !ok {
				return false, m.noRoom()
			}
		}
		s.groups[i] = int32(group)
		switch {
		case ints:
			g.ints.put(first.bits[i], int32(group))
		case texts:
			g.texts.put(hash, text, int32(group))
		}
	}
	return true, nil
}

// vectorGroupAgg executes VGroupAgg.
func (m *Machine) vectorGroupAgg(in *Instr) error {
	s, g := &m.vec, m.cursors[in.P2].groups
	n := len(s.sel)
	if n == 0 {
		return nil
	}
	of := g.accs[in.P3]
	counter, counts := of[0].(GroupCounter)
	if in.P1 < 0 && counts {
		counter.StepGroups(of, s.groups)
		return nil
	}
	if in.P1 < 0 {
		return m.stepGroupLanes(of, in, nil)
	}
	v := &s.v[in.P1]
	adder, adds := of[0].(GroupAdder)
	numbers := v.seen &^ record.LaneNull
	switch {
	case counts && v.seen == record.LaneNull:
	case counts:
		counter.StepGroups(of, s.notNullGroups(v, n))
	case adds && numbers == record.LaneInt|record.LaneReal:
		adder.StepGroupMixed(of, s.groups, v.bits[:n], v.kinds)
	case !adds || numbers != record.LaneInt && numbers != record.LaneReal:
		return m.stepGroupLanes(of, in, v)
	case numbers == record.LaneInt:
		adder.StepGroupInts(of, s.notNullGroups(v, n), s.notNull(v, n))
	default:
		lanes := s.notNull(v, n)
		s.real[0] = resize(s.real[0], len(lanes))
		for i, x := range lanes {
			s.real[0][i] = math.Float64frombits(uint64(x))
		}
		adder.StepGroupReals(of, s.notNullGroups(v, n), s.real[0])
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
func (m *Machine) stepGroupLanes(of []fn.Accumulator, in *Instr, v *vector) error {
	s := &m.vec
	c := m.context(&m.prog.Calls[in.P4], int(in.P4))
	for i, g := range s.groups {
		args := m.cmpVals[:0]
		if v != nil {
			args = m.cmpVals[:1]
			v.lane(s.sel, i, &args[0])
		}
		if err := of[g].Step(c, args); err != nil {
			return functionError(err)
		}
	}
	return nil
}

// intTable maps integers to groups: open addressing, never more than half full.
type intTable struct {
	slots []intSlot
	n     int
}

type intSlot struct {
	key   int64
	group int32 // Number + 1; 0 = free.
}

func (t *intTable) reset() {
	if len(t.slots) > keepBytesMax/16 {
		t.slots = nil
	}
	clear(t.slots)
	t.n = 0
}

// intHome is where the search for a key begins, in a table of n places.
func intHome(key int64, n int) int {
	return int(uint64(key) * 0x9e3779b97f4a7c15 >> (64 - bits.TrailingZeros(uint(n))))
}

// find returns the group of key, or -1.
func (t *intTable) find(key int64) int32 {
	if len(t.slots) == 0 {
		return -1
	}
	for at := intHome(key, len(t.slots)); ; at = (at + 1) & (len(t.slots) - 1) {
		if s := &t.slots[at]; s.key == key || s.group == 0 {
			return s.group - 1
		}
	}
}

// put enters a key that is not there.
func (t *intTable) put(key int64, group int32) {
	t.n++
	t.slots = enter(roomy(t.slots, t.n), intSlot{key, group + 1})
}

func (s intSlot) home(n int) int { return intHome(s.key, n) }
func (s intSlot) taken() bool    { return s.group != 0 }

// tableSlot is a place of a table with open addressing.
type tableSlot interface {
	home(n int) int // Where the search for it begins, in a table of n places.
	taken() bool
}

// roomy gives slots that are never more than half full of n entries.
func roomy[S tableSlot](slots []S, n int) []S {
	if 2*n <= len(slots) {
		return slots
	}
	more := make([]S, max(64, 2*len(slots)))
	for _, s := range slots {
		if s.taken() {
			enter(more, s)
		}
	}
	return more
}

// enter puts s into the first place that is free for it.
func enter[S tableSlot](slots []S, s S) []S {
	at := s.home(len(slots))
	for slots[at].taken() {
		at = (at + 1) & (len(slots) - 1)
	}
	slots[at] = s
	return slots
}

// textTable maps texts to groups, as intTable does integers.
type textTable struct {
	slots []textSlot
	n     int
	arena []byte
}

type textSlot struct {
	hash  uint32
	group int32 // Number + 1; 0 = free.
	off   uint32
	size  uint32
}

func (t *textTable) reset() {
	if len(t.slots) > keepBytesMax/16 || cap(t.arena) > keepBytesMax {
		*t = textTable{}
	}
	clear(t.slots)
	t.n, t.arena = 0, t.arena[:0]
}

// find returns the group of text, whose hash is given, or -1.
func (t *textTable) find(hash uint32, text []byte) int32 {
	if len(t.slots) == 0 {
		return -1
	}
	for at := int(hash) & (len(t.slots) - 1); ; at = (at + 1) & (len(t.slots) - 1) {
		s := &t.slots[at]
		if s.group == 0 || s.hash == hash && string(t.arena[s.off:][:s.size]) == string(text) {
			return s.group - 1
		}
	}
}

// put enters a text that is not there.
func (t *textTable) put(hash uint32, text []byte, group int32) {
	t.n++
	t.slots = enter(roomy(t.slots, t.n), textSlot{hash, group + 1, uint32(len(t.arena)), uint32(len(text))})
	t.arena = append(t.arena, text...)
}

func (s textSlot) home(n int) int { return int(s.hash) & (n - 1) }
func (s textSlot) taken() bool    { return s.group != 0 }
