package btree

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/fuzz/datadriven"
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Goal: what trees look like, as stories: testdata/*.test. Commands:
//
//	new int|bytes|fold [page=N]        an empty tree; fold has a compare hook that ignores case
//	put                                lines "key payload"; a..b is a range of keys, *N a payload of N bytes
//	delete                             lines of keys or ranges
//	build [fill=N]                     lines like put's, through a Builder
//	draw [pages] [payloads] [max=N]
//	scan [back] [from=K]               keys in order, from the first >= K (back: the last <= K)
//	dump page=N                        the page's header and arrays with field names
//
// Every command but new is followed by a Check.

func TestStories(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &story{t: t}
		datadriven.Run(t, path, s.run)
	})
}

type story struct {
	t    *testing.T
	tx   *pager.Tx
	root pager.PageNo
	kind Kind
	hook Compare
	c    Cursor
}

func (s *story) run(t *testing.T, c *datadriven.Case) string {
	var out string
	switch c.Command {
	case "new":
		s.open(c)
		return ""
	case "put":
		s.lines(c.Input, func(key, payload string) error {
			if s.kind == IntKey {
				return s.c.InsertInt(number(key), []byte(payload))
			}
			return s.c.Insert([]byte(key), []byte(payload))
		})
	case "delete":
		s.lines(c.Input, func(key, _ string) error {
			if s.kind == IntKey {
				s.c.SeekInt(number(key))
			} else {
				s.c.Seek([]byte(key))
			}
			return s.c.Delete()
		})
	case "build":
		s.build(c)
	case "draw":
		_, pages := c.Arg("pages")
		_, payloads := c.Arg("payloads")
		most, _ := c.Arg("max")
		out = Draw(s.tx, s.root, DrawOptions{PageNos: pages, Payloads: payloads, Max: int(number(most))})
	case "scan":
		out = s.scan(c)
	case "dump":
		no, _ := c.Arg("page")
		out = s.dump(pager.PageNo(number(no)))
	default:
		t.Fatalf("%s: unknown command %s", c.Place, c.Command)
	}
	for _, err := range Check(s.tx, s.root, s.kind, s.hook, nil) {
		out += err.Error() + "\n"
	}
	return out
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

func (s *story) open(c *datadriven.Case) {
	size := 1024
	if v, ok := c.Arg("page"); ok {
		size = int(number(v))
	}
	s.tx = writeTx(s.t, size)
	s.kind, s.hook = ByteKey, nil
	if _, ok := c.Arg("int"); ok {
		s.kind = IntKey
	}
	if _, ok := c.Arg("fold"); ok {
		s.hook = foldCompare
	}
	var err error
	s.root, err = Create(s.tx, s.kind)
	must(s.t, err)
	must(s.t, s.c.Open(s.tx, s.root, s.kind, s.hook))
}

// lines calls f for each key of the input, ranges spelled out.
func (s *story) lines(input string, f func(key, payload string) error) {
	s.t.Helper()
	for line := range strings.Lines(input) {
		key, payload, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, ok := strings.CutPrefix(payload, "*"); ok {
			payload = strings.Repeat("x", int(number(n)))
		}
		from, to, ok := strings.Cut(key, "..")
		if !ok {
			must(s.t, f(key, payload))
			continue
		}
		// The digits at the end count; what is before them stays.
		digits := len(from) - len(strings.TrimRight(from, "0123456789"))
		stem := from[:len(from)-digits]
		for i := number(from[len(stem):]); i <= number(to); i++ {
			must(s.t, f(fmt.Sprintf("%s%0*d", stem, digits, i), payload))
		}
	}
}

func (s *story) build(c *datadriven.Case) {
	fill, _ := c.Arg("fill")
	b, err := NewBuilder(s.tx, s.root, s.kind, s.hook, int(number(fill)))
	must(s.t, err)
	s.lines(c.Input, func(key, payload string) error {
		if s.kind == IntKey {
			return b.AppendInt(number(key), []byte(payload))
		}
		return b.Append([]byte(key), []byte(payload))
	})
	_, err = b.Finish()
	must(s.t, err)
}

func (s *story) scan(c *datadriven.Case) string {
	var out strings.Builder
	_, back := c.Arg("back")
	from, seek := c.Arg("from")
	var ok bool
	var err error
	switch {
	case seek && s.kind == IntKey && back:
		ok, err = s.c.SeekIntLE(number(from))
	case seek && s.kind == IntKey:
		ok, err = s.c.SeekIntGE(number(from))
	case seek && back:
		ok, err = s.c.SeekLE([]byte(from))
	case seek:
		ok, err = s.c.SeekGE([]byte(from))
	case back:
		ok, err = s.c.Last()
	default:
		ok, err = s.c.First()
	}
	for ok && err == nil {
		if s.kind == IntKey {
			fmt.Fprintf(&out, "%d ", s.c.IntKey())
		} else {
			key, err := s.c.Key()
			must(s.t, err)
			fmt.Fprintf(&out, "%s ", drawKey(key, false))
		}
		if back {
			ok, err = s.c.Prev()
		} else {
			ok, err = s.c.Next()
		}
	}
	must(s.t, err)
	return strings.TrimRight(out.String(), " ")
}

// dump prints a page field by field, as fileformat.md does in its worked example.
func (s *story) dump(no pager.PageNo) string {
	p, err := s.tx.Page(no)
	must(s.t, err)
	v := view{no: no}
	if !v.parse(p) {
		return corruptHeader(no, p).Error()
	}
	var out strings.Builder
	field := func(off, size int, what string) {
		if size > 0 {
			fmt.Fprintf(&out, "%5d  %-24x  %s\n", off, p[off:off+size], what)
		}
	}
	field(offKind, 1, "kind: "+fileformat.Kind(p[0]).String())
	field(offLevel, 1, "level")
	field(offFlags, 1, "flags")
	field(offRun, 1, "run of inserts")
	field(offN, 2, "entries")
	field(offCap, 2, "capacity")
	field(offStart, 2, "start of the cell area")
	field(offGarbage, 2, "free bytes in the cell area")
	field(offLast, 2, "slot of the last insert")
	field(offPrefix, 2, "prefix length")
	field(offCount, 8, "entries of the tree")
	if v.ints() {
		field(offBase, 8, "base")
	} else {
		field(offLow, 2, "low fence length")
		field(offHigh, 2, "high fence length")
		field(offHigh+2, 4, "zero")
		field(headerSize, v.pre, "prefix")
		field(headerSize+v.pre, v.low, "low fence after the prefix")
		field(headerSize+v.pre+v.low, v.high, "high fence after the prefix")
	}
	for i := range v.n {
		field(v.k+v.kw*i, v.kw, fmt.Sprintf("key array %d", i))
	}
	if !v.leaf() {
		for i := range v.n + 1 {
			field(v.c+4*i, 4, fmt.Sprintf("child %d", i))
		}
	}
	if v.hasCells() {
		for i := range v.n {
			field(v.o+2*i, 2, fmt.Sprintf("cell offset %d", i))
		}
		for i := v.n - 1; i >= 0; i-- {
			size, _ := v.cellSize(i)
			field(v.offset(i), size, fmt.Sprintf("cell %d", i))
		}
	}
	return out.String()
}
