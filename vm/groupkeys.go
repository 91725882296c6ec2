package vm

import (
	"slices"

	"github.com/rustlite/rustlite/vm/record"
	"github.com/rustlite/rustlite/vm/sorter"
	"github.com/rustlite/rustlite/vm/value"
)

// groupKeys are the keys of groups, which have the numbers in which they came.
// Where a key is one column, and all keys are integers, or texts that are told
// apart by their bytes, they stand as such, with the group of NULL beside them;
// others stand as the bytes of keys.
type groupKeys struct {
	form  keyForm
	col   record.KeyColumn // Of keys of one column.
	null  int32            // The group of NULL, -1 for none; as bytes it is like any other.
	keeps bool             // Groups have records: of the columns of the key, and what else they keep.
	n     int

	list []int64 // The integers, by group.
	ints intTable
	// rising: the integers have come in order. They are not in ints then, as each
	// is top, that of group topAt, or new.
	rising bool
	top    int64
	topAt  int32  // -1 for none.
	keys   keySet // The texts or bytes, and records in its payloads.

	// Of a walk: the order of the groups, empty where they are walked as they
	// came, and the place in it.
	order  []sorter.Place
	sorter sorter.Order
	pos    int
	key    value.Value // Of encode.
}

// keyForm is what the keys of groups stand as.
type keyForm uint8

const (
	intForm keyForm = iota
	textForm
	bytesForm
)

// open makes k empty, for keys of info.
func (k *groupKeys) open(info *GroupInfo) {
	k.close()
	k.form, k.col, k.null, k.keeps = intForm, info.Key.keyColumn(0), -1, info.Kept > 0
	k.rising, k.topAt = true, -1
	if len(info.Key.Cols) != 1 {
		k.form, k.keeps = bytesForm, true
	}
}

func (k *groupKeys) close() {
	k.ints.reset()
	k.keys.reset()
	if cap(k.list) > keepBytesMax/8 || cap(k.order) > keepBytesMax/16 {
		k.list, k.order, k.sorter = nil, nil, sorter.Order{}
	}
	k.list, k.order, k.n, k.pos = k.list[:0], k.order[:0], 0, -1
}

// formOf is the form for values of the kinds in seen (record.Lane*).
func (k *groupKeys) formOf(seen uint8) keyForm {
	switch seen &^ record.LaneNull {
	case 0:
		return k.form
	case record.LaneInt:
		return intForm
	case record.LaneText:
		if k.col.Collation.IsBinary() {
			return textForm
		}
	}
	return bytesForm
}

// turnTo gives the keys a form, if all of them can have it, else that of bytes.
func (k *groupKeys) turnTo(form keyForm) keyForm {
	switch {
	case k.form == form || k.form == bytesForm:
	case form != bytesForm && k.n == 0:
		k.form = form
	case form != bytesForm && k.n == 1 && k.null == 0:
		k.form, k.list = form, append(k.list[:0], 0)
		if !k.keeps {
			k.keys.reset()
			k.keys.addLoose(nil)
		}
	default:
		k.encode()
	}
	return k.form
}

// encode turns all keys into bytes.
func (k *groupKeys) encode() {
	var coded keySet
	var key, rec []byte
	for i := range k.n {
		k.value(i, &k.key)
		key = record.AppendKeyValue(key[:0], &k.key, k.col)
		if k.keeps {
			rec = k.keys.payload(i)
		} else {
			rec = record.AppendRecord(rec[:0], []value.Value{k.key})
		}
		coded.add(hashKey(key), key, rec)
	}
	coded.poll = k.keys.poll
	k.keys = coded
	k.ints.reset()
	k.key.SetNull()
	k.form, k.list, k.null, k.keeps = bytesForm, k.list[:0], -1, true
}

// value stores the key of group i in x, where keys do not stand as bytes; texts
// are borrowed until there are more groups.
func (k *groupKeys) value(i int, x *value.Value) {
	switch {
	case i == int(k.null):
		x.SetNull()
	case k.form == intForm:
		x.SetInt(k.list[i])
	default:
		x.SetText(k.keys.key(i))
	}
}

// bytes is what keys and records take, beside groupBytes of each group.
func (k *groupKeys) bytes() int { return len(k.keys.arena) }

// findInt returns the group of an integer, or -1.
func (k *groupKeys) findInt(x int64) int32 {
	switch {
	case !k.rising:
		return k.ints.find(x)
	case k.topAt < 0 || x > k.top:
		return -1
	case x == k.top:
		return k.topAt
	}
	k.rising = false
	for i, y := range k.list {
		if i != int(k.null) {
			k.ints.put(y, int32(i))
		}
	}
	return k.ints.find(x)
}

// The methods that add a group; its key is not there, its record counts only
// where groups keep one.

func (k *groupKeys) addNull(rec []byte) int32 {
	k.null = int32(k.n)
	if k.form == intForm {
		return k.addListed(0, rec)
	}
	k.keys.addLoose(k.kept(rec))
	return k.added()
}

func (k *groupKeys) addInt(x int64, rec []byte) int32 {
	if k.rising {
		k.top, k.topAt = x, int32(k.n)
	} else {
		k.ints.put(x, int32(k.n))
	}
	return k.addListed(x, rec)
}

func (k *groupKeys) addListed(x int64, rec []byte) int32 {
	if len(k.list) == cap(k.list) { // Twice as many: append itself adds a quarter.
		k.list = slices.Grow(k.list, max(len(k.list), 64))
	}
	k.list = append(k.list, x)
	if k.keeps {
		k.keys.addLoose(rec)
	}
	return k.added()
}

func (k *groupKeys) addBytes(hash uint32, key, rec []byte) int32 {
	k.keys.add(hash, key, k.kept(rec))
	return k.added()
}

func (k *groupKeys) kept(rec []byte) []byte {
	if k.keeps {
		return rec
	}
	return nil
}

func (k *groupKeys) added() int32 {
	k.n++
	return int32(k.n - 1)
}

// take gives the number of the group that has the key of group i of others, which
// are of the same form; a new one if need be, unless full says that it has no room.
func (k *groupKeys) take(others *groupKeys, i int, full func(n int) bool) (at int32, ok bool) {
	var key []byte
	hash, null := uint32(0), i == int(others.null)
	switch {
	case null:
		at = k.null
	case k.form == intForm:
		at = k.findInt(others.list[i])
	default:
		key = others.keys.key(i)
		hash = hashKey(key)
		at = int32(k.keys.look(hash, key))
	}
	if at >= 0 {
		return at, true
	}
	var rec []byte
	if k.keeps {
		rec = others.keys.payload(i)
	}
	switch {
	case full(len(key) + len(rec)):
		return -1, false
	case null:
		return k.addNull(rec), true
	case k.form == intForm:
		return k.addInt(others.list[i], rec), true
	default:
		return k.addBytes(hash, key, rec), true
	}
}

// asTheyCame begins a walk over the groups in the order in which they came.
func (k *groupKeys) asTheyCame() bool {
	k.order, k.pos = k.order[:0], 0
	return k.pos < k.n
}

// record is that of the current group.
func (k *groupKeys) record() []byte { return k.keys.payload(k.current()) }

// sort begins a walk over the groups in the order of their keys: NULL first, and
// in a descending order last.
func (k *groupKeys) sort() (bool, error) {
	k.asTheyCame()
	if k.form == intForm && k.rising && k.null <= 0 && !k.col.Desc {
		return k.n > 0, nil
	}
	list := slices.Grow(k.order, k.n)
	if k.null >= 0 {
		list = append(list, sorter.Place{Ref: uint64(k.null)})
	}
	rest := len(list)
	for i := range k.n {
		if i != int(k.null) {
			list = append(list, sorter.Place{Ref: uint64(i)})
		}
	}
	k.order = list
	list = list[rest:]
	k.sorter.Poll = k.keys.poll
	var err error
	if k.form == intForm {
		for i := range list {
			list[i].Prefix = uint64(k.list[list[i].Ref]) ^ 1<<63
		}
		err = k.sorter.SortPrefixes(list)
	} else {
		err = k.keys.sortPlaces(&k.sorter, list)
	}
	if k.form != bytesForm && k.col.Desc {
		slices.Reverse(k.order)
	}
	return k.n > 0, err
}

// next moves to the next group of a walk.
func (k *groupKeys) next() bool {
	k.pos++
	return k.pos < k.n
}

// aheadLen is how many groups of a walk are touched at once.
const aheadLen = 32

// ahead lists in the given room the next groups of a walk, now and then: when
// those that it has listed before are over, and the walk is not as they came.
func (k *groupKeys) ahead(room *[aheadLen]int32) []int32 {
	if k.pos%aheadLen != 0 || len(k.order) < touchMin {
		return nil
	}
	next := k.order[k.pos:min(k.pos+aheadLen, len(k.order))]
	for i, p := range next {
		room[i] = int32(p.Ref)
	}
	return room[:len(next)]
}

// touch loads keys, or records, and spoils the list of their groups.
func (k *groupKeys) touch(groups []int32) (sum byte) {
	if k.keeps || k.form != intForm {
		return k.keys.touchKeys(groups)
	}
	for _, g := range groups {
		sum += byte(k.list[g])
	}
	return sum
}

// current is the group of a walk.
func (k *groupKeys) current() int {
	if len(k.order) == 0 {
		return k.pos
	}
	return int(k.order[k.pos].Ref)
}
