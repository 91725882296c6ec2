package fuzz

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"
)

// A reader of .rldb files that is written from fileformat.md alone: it uses no room of the product.
// What it reads of a database, closed or with its log, must be what the database says. Numbers in
// comments are sections of the document.

var le = binary.LittleEndian

// rldb is an open database: pages by number, as the log has them, else as the main file has them.
type rldb struct {
	size  int
	main  []byte
	newer map[uint32][]byte
}

// broken carries an error up; the reader gives up at the first.
type broken string

func expect(ok bool, format string, args ...any) {
	if !ok {
		panic(broken(fmt.Sprintf(format, args...)))
	}
}

// openRLDB reads the header and the log (3, 4, 9 to 11).
func openRLDB(main []byte, logs [][]byte) *rldb {
	expect(len(main) >= 1024 && string(main[:16]) == "RustLite db\r\n\x1a\n\x00", "magic")
	expect(le.Uint64(main[56:]) == xxh3.Hash(main[:56]), "checksum of the fixed header")
	expect(le.Uint32(main[16:]) == 1 && le.Uint32(main[48:]) == 0, "version or features")
	db := &rldb{size: int(le.Uint32(main[20:])), main: main, newer: map[uint32][]byte{}}
	header := db.page(1)
	if id := le.Uint64(header[96:]); id != 0 {
		db.readLog(id, header[24:40], logs)
	}
	return db
}

// page is a page with a good checksum (3).
func (db *rldb) page(no uint32) []byte {
	if p := db.newer[no]; p != nil {
		return p
	}
	at := (int(no) - 1) * db.size
	expect(no > 0 && at+db.size <= len(db.main), "page %d lies outside of the file", no)
	p := db.main[at : at+db.size]
	expect(le.Uint64(p[db.size-8:]) == xxh3.HashSeed(p[:db.size-8], uint64(no)), "checksum of page %d", no)
	return p
}

// logSegment is a file of the log (9).
type logSegment struct {
	number uint32
	salt   uint64
	data   []byte
}

// batch gives the good batch at an offset, with its checksum (10).
func (s logSegment) batch(at int) (b []byte, sum uint64, ok bool) {
	if at+72 > len(s.data) {
		return nil, 0, false
	}
	h := s.data[at:]
	size := int(le.Uint64(h[16:]))
	if string(h[:4]) != "Btch" || le.Uint64(h[56:]) != xxh3.HashSeed(h[:56], s.salt) || size > len(h) || size < 72 {
		return nil, 0, false
	}
	sum = le.Uint64(h[size-8:])
	return h[:size], sum, sum == xxh3.HashSeed(h[:size-8], s.salt)
}

func (db *rldb) readLog(id uint64, database []byte, logs [][]byte) {
	var segs []logSegment
	for _, l := range logs {
		if len(l) >= 128 && string(l[:8]) == "RLDBlog\n" && le.Uint64(l[120:]) == xxh3.Hash(l[:120]) &&
			bytes.Equal(l[16:32], database) && le.Uint64(l[32:]) == id && int(le.Uint32(l[12:])) == db.size {
			segs = append(segs, logSegment{le.Uint32(l[40:]), le.Uint64(l[48:]), l})
		}
	}
	sort.Slice(segs, func(i, j int) bool { return segs[i].number < segs[j].number })
	oldest := uint32(0)
	for _, s := range segs {
		for at := 128; ; {
			b, _, ok := s.batch(at)
			if !ok {
				break
			}
			oldest = le.Uint32(b[28:])
			at += len(b)
		}
	}
	segs = slices.DeleteFunc(segs, func(s logSegment) bool { return s.number < oldest })
	expect(len(segs) > 0 && segs[0].number == oldest, "the log is not there")
	var link, commit uint64
	first := true
	for i, s := range segs {
		expect(s.number == oldest+uint32(i), "a segment is missing")
		for at := 128; ; {
			b, sum, ok := s.batch(at)
			if !ok {
				break
			}
			want := commit + 1
			if b[4] == 2 { // A mark.
				want = commit
			}
			if !first && (le.Uint64(b[48:]) != link || le.Uint64(b[8:]) != want) {
				return // The log ends. (Whether it may is not asked here.)
			}
			first, link, commit = false, sum, le.Uint64(b[8:])
			db.entries(b)
			at += len(b)
		}
	}
}

// entries applies a batch (11).
func (db *rldb) entries(b []byte) {
	commit := le.Uint64(b[8:])
	at := 64
	for range le.Uint32(b[24:]) {
		e := b[at:]
		no, size := le.Uint32(e[4:]), int(le.Uint32(e[8:]))
		body := e[24 : 24+size]
		at += 24 + size
		if e[0] == 1 {
			db.newer[no] = bytes.Clone(body)
			continue
		}
		if e[0] == 4 { // Home, unless a later one has been written over it.
			delete(db.newer, no)
			p := db.page(no)
			have := le.Uint64(p[db.size-16:]) &^ (1 << 63)
			expect(have > commit || have == commit && uint32(le.Uint64(p[db.size-8:])) == le.Uint32(e[12:]), "page %d is not home", no)
			continue
		}
		expect(e[0] == 2 || e[0] == 7, "entry of kind %d", e[0])
		p := bytes.Clone(db.page(no))
		have := le.Uint64(p[db.size-16:]) &^ (1 << 63)
		if have >= commit {
			continue
		}
		expect(have == le.Uint64(e[16:]), "delta of page %d starts from commit %d, the page is of %d", no, le.Uint64(e[16:]), have)
		if e[0] == 7 {
			copy(p[16:], body)
		}
		for range le.Uint16(e[2:]) {
			off, n := int(le.Uint16(body)), int(le.Uint16(body[2:]))
			copy(p[off:], body[4:4+n])
			body = body[4+n:]
		}
		le.PutUint64(p[db.size-16:], commit)
		sum := xxh3.HashSeed(p[:db.size-8], uint64(no))
		le.PutUint64(p[db.size-8:], sum)
		expect(e[0] == 7 || uint32(sum) == le.Uint32(e[12:]), "page %d after its delta", no)
		db.newer[no] = p
	}
}

// entry is one of a tree: an integer key or a byte key, and a payload.
type entry struct {
	row     int64
	key     []byte
	payload []byte
}

// tree reads all entries of a tree in order (7).
func (db *rldb) tree(root uint32) []entry {
	out := db.node(root)
	expect(le.Uint64(db.page(root)[16:]) == uint64(len(out)), "tree %d counts wrongly", root)
	return out
}

func (db *rldb) node(no uint32) (out []entry) {
	p := db.page(no)
	n, capacity := int(le.Uint16(p[4:])), int(le.Uint16(p[6:]))
	ints := p[0] == 3 || p[0] == 4
	expect(p[0] >= 3 && p[0] <= 6, "page %d is of kind %d", no, p[0])
	plain := p[2]&2 != 0
	k, width := 32, 4
	var prefix []byte
	switch {
	case ints && p[2]&1 != 0:
		width = 8
	case !ints:
		pre, low, high := int(le.Uint16(p[14:])), int(le.Uint16(p[24:])), int(le.Uint16(p[26:]))
		prefix = p[32 : 32+pre]
		k = (32 + pre + low + high + 3) / 4 * 4
		if plain {
			width = 0
		}
	}
	next := k + width*capacity
	if p[1] > 0 { // Interior: the children in order have all.
		for i := range n + 1 {
			child := le.Uint32(p[next+4*i:])
			expect(db.page(child)[1] == p[1]-1, "level of page %d", child)
			out = append(out, db.node(child)...)
		}
		return out
	}
	for i := range n {
		cell := p[le.Uint16(p[next+2*i:]):]
		var e entry
		if ints {
			delta := uint64(le.Uint32(p[k+width*i:]))
			if width == 8 {
				delta = le.Uint64(p[k+width*i:])
			}
			e.row = int64(le.Uint64(p[24:]) + delta)
		} else {
			var head []byte
			if !plain {
				head = binary.BigEndian.AppendUint32(nil, le.Uint32(p[k+4*i:]))
			}
			var rest []byte
			rest, cell = db.blob(cell, head)
			e.key = append(bytes.Clone(prefix), rest...)
		}
		e.payload, _ = db.blob(cell, nil)
		out = append(out, e)
	}
	return out
}

// blob reads a byte string of a cell, whose first bytes are its head (7.4), and what follows it.
func (db *rldb) blob(b, head []byte) (data, after []byte) {
	if b[0] < 128 {
		total := int(b[0])
		n := max(total-len(head), 0)
		return append(bytes.Clone(head[:min(total, len(head))]), b[1:1+n]...), b[1+n:]
	}
	v, n := binary.Uvarint(b)
	b = b[n:]
	total := int(v >> 1)
	if v&1 == 0 {
		return append(bytes.Clone(head), b[:total-len(head)]...), b[total-len(head):]
	}
	kept, run := int(le.Uint16(b)), le.Uint32(b[2:])
	b = b[6:]
	data = append(bytes.Clone(head), b[:kept-len(head)]...)
	return append(data, db.overflow(run, total-kept)...), b[kept-len(head):]
}

// overflow reads runs of overflow pages (6).
func (db *rldb) overflow(run uint32, left int) (data []byte) {
	for left > 0 {
		first := db.page(run)
		expect(first[0] == 2 && first[1] == 1, "page %d begins no run", run)
		for i := range le.Uint32(first[4:]) {
			p := db.page(run + i)
			used := int(le.Uint16(p[2:]))
			expect(p[0] == 2 && le.Uint32(p[12:]) == i && used <= left, "page %d of a run", run+i)
			data = append(data, p[16:16+used]...)
			left -= used
		}
		run = le.Uint32(first[8:])
	}
	return data
}

// number reads an integer of n bytes, two's complement.
func number(b []byte, n int) int64 {
	var x [8]byte
	copy(x[:], b[:n])
	return int64(le.Uint64(x[:])<<(64-8*n)) >> (64 - 8*n)
}

// columns reads a record (8.1) as texts.
func columns(b []byte) (out []string) {
	if len(b) == 0 {
		return nil
	}
	head, at := binary.Uvarint(b)
	n := int(head / 2)
	lengths := 0
	if head%2 == 1 {
		l, k := binary.Uvarint(b[at:])
		lengths, at = int(l), at+k
	}
	tags, long, body := b[at:at+n], b[at+n:], b[at+n+lengths:]
	size := func() int {
		v, k := binary.Uvarint(long)
		long = long[k:]
		return int(v)
	}
	for _, tag := range tags {
		var used int
		switch t := int(tag); {
		case t == 0:
			out = append(out, "NULL")
		case t <= 8:
			used = t
			out = append(out, fmt.Sprint(number(body, t)))
		case t == 9:
			used = 8
			out = append(out, fmt.Sprint(math.Float64frombits(le.Uint64(body))))
		case t <= 25:
			out = append(out, fmt.Sprint(t-10))
		case t <= 29:
			used = t - 25
			out = append(out, fmt.Sprint(float64(number(body, used))))
		case t <= 192:
			if used = t - 64; t == 192 {
				used = size()
			}
			out = append(out, fmt.Sprintf("%q", body[:used]))
		default:
			if used = t - 194; t == 193 {
				used = size()
			}
			out = append(out, fmt.Sprintf("x'%x'", body[:used]))
		}
		body = body[used:]
	}
	return out
}

// keyRowID passes the columns of a key and reads the row id at its end (8.2).
func keyRowID(b []byte, descending []bool) (rowID int64) {
	for _, desc := range descending {
		t := b[0]
		if desc {
			t = 240 - t
		}
		n := 1
		switch {
		case t == 2:
			b = b[1:]
			continue
		case t == 160 || t == 168:
			end, more := byte(0), byte(255)
			if desc {
				end, more = 255, 0
			}
			for b[n] != end || n+1 < len(b) && b[n+1] == more {
				if b[n] == end {
					n++
				}
				n++
			}
			n++
			if desc {
				n++ // FE
			}
			b = b[n:]
			continue
		case t >= 8 && t <= 15:
			n += 16 - int(t)
		case t >= 144 && t <= 151:
			n += int(t) - 143
		case t == 6 || t == 152:
			n += 8
		}
		switch {
		case n < len(b) && (!desc && b[n] == 248 || desc && b[n] == 7):
			for n++; b[n]&1 == map[bool]byte{false: 1, true: 0}[desc]; n++ {
			}
			n++
		case desc:
			n++ // F4
		}
		b = b[n:]
	}
	switch t := b[0]; {
	case t < 16:
		n := 16 - int(t)
		v := ^uint64(0)
		for _, x := range b[1 : 1+n] {
			v = v<<8 | uint64(x)
		}
		return -17 - int64(^v)
	case t < 144:
		return int64(t) - 32
	default:
		var v uint64
		for _, x := range b[1 : 1+int(t)-143] {
			v = v<<8 | uint64(x)
		}
		return int64(v) + 112
	}
}

// readFile reads the tables and indexes of the files that FuzzFile damages.
func readFile(set map[string][]byte) (rows map[string][]string, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, ok := p.(broken)
			if !ok {
				panic(p)
			}
			err = fmt.Errorf("%s", string(b))
		}
	}()
	var logs [][]byte
	for name, data := range set {
		if strings.Contains(name, "-log") {
			logs = append(logs, data)
		}
	}
	db := openRLDB(set["/db"], logs)
	rows = map[string][]string{}
	for _, e := range db.tree(2) {
		c := columns(e.payload)
		var root uint32
		if _, err := fmt.Sscan(c[3], &root); err != nil || root == 0 {
			continue
		}
		for _, e := range db.tree(root) {
			var line string
			switch c[1] {
			case `"a_x"`:
				line = fmt.Sprint(keyRowID(e.key, []bool{true, false}))
			case `"sqlite_autoindex_a_1"`:
				line = fmt.Sprint(keyRowID(e.key, []bool{false}))
			default:
				line = fmt.Sprint(e.row) + " " + strings.Join(columns(e.payload), " ")
			}
			rows[c[1]] = append(rows[c[1]], line)
		}
	}
	return rows, nil
}

func TestReader(t *testing.T) {
	whole, err := makeFiles()
	if err != nil {
		t.Fatal(err)
	}
	newest := whole.states[len(whole.states)-1]
	for name, set := range map[string]map[string][]byte{"closed": whole.closed, "killed": whole.killed} {
		rows, err := readFile(set)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compareRows(t, name, rows, newest)
	}
}

// compareRows compares what the reader found with what the database said.
func compareRows(t *testing.T, name string, rows, said map[string][]string) {
	t.Helper()
	var a, b, byX, byName []string
	for _, line := range said["SELECT * FROM a"] {
		f := strings.Split(line, "|")
		a = append(a, fmt.Sprintf("%s NULL %q %s", f[0], f[1], f[2]))
	}
	for _, line := range said["SELECT rowid, body FROM b"] {
		f := strings.Split(line, "|")
		b = append(b, fmt.Sprintf("%s %q", f[0], f[1]))
	}
	for _, line := range said[orderedByX] {
		byX = append(byX, strings.TrimSuffix(line, "|"))
	}
	for _, line := range said[orderedByName] {
		byName = append(byName, strings.TrimSuffix(line, "|"))
	}
	for object, want := range map[string][]string{`"a"`: a, `"b"`: b, `"a_x"`: byX, `"sqlite_autoindex_a_1"`: byName} {
		if !slices.Equal(rows[object], want) || len(want) == 0 {
			t.Errorf("%s: %s: the reader has %d rows, the database %d\n%s\nand\n%s", name, object, len(rows[object]), len(want),
				strings.Join(rows[object], "\n"), strings.Join(want, "\n"))
		}
	}
}
