package btree

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// Goal: Check finds each kind of damage (test the alarm). Method: one thing is broken in a sound tree
// of two levels, and Check must name it and its page.

func TestCheckFinds(t *testing.T) {
	for _, test := range []struct {
		name string
		kind Kind
		// do breaks something, given the root, the first two leaves, and the page that is to be blamed.
		do   func(root, a, b *view) pager.PageNo
		want string
	}{
		{"count", IntKey, func(root, a, b *view) pager.PageNo {
			root.p[offCount]++
			return root.no
		}, "entry count says"},
		{"count in a leaf", IntKey, func(root, a, b *view) pager.PageNo {
			a.p[offCount]++
			return a.no
		}, "no root"},
		{"keys swapped", IntKey, func(root, a, b *view) pager.PageNo {
			x := le32(a.p[a.k:])
			put32(a.p[a.k:], le32(a.p[a.k+4:]))
			put32(a.p[a.k+4:], x)
			return a.no
		}, "keys out of order"},
		{"key in the wrong leaf", IntKey, func(root, a, b *view) pager.PageNo {
			put32(a.p[a.k+4*(a.n-1):], uint32(a.delta(a.n-1))+1)
			return a.no
		}, "outside"},
		{"child twice", IntKey, func(root, a, b *view) pager.PageNo {
			put32(root.p[root.c+4:], uint32(a.no))
			return a.no
		}, "used twice"},
		{"child is the root", IntKey, func(root, a, b *view) pager.PageNo {
			put32(root.p[root.c:], uint32(root.no))
			return root.no
		}, "used twice"},
		{"level", IntKey, func(root, a, b *view) pager.PageNo {
			root.p[offLevel]++
			return a.no
		}, "level"},
		{"no entries", IntKey, func(root, a, b *view) pager.PageNo {
			put16(b.p[offN:], 0)
			return b.no
		}, "without entries"},
		{"free bytes", IntKey, func(root, a, b *view) pager.PageNo {
			a.p[offGarbage]++
			return a.no
		}, "free bytes"},
		{"cells overlap", IntKey, func(root, a, b *view) pager.PageNo {
			put16(a.p[a.o:], a.offset(1))
			return a.no
		}, "overlap"},
		{"cell outside", IntKey, func(root, a, b *view) pager.PageNo {
			put16(a.p[a.o:], a.start-1)
			return a.no
		}, "cell does not fit"},
		{"arrays too long", ByteKey, func(root, a, b *view) pager.PageNo {
			put16(a.p[offCap:], 5000)
			return a.no
		}, "arrays overlap"},
		{"unknown flag", ByteKey, func(root, a, b *view) pager.PageNo {
			a.p[offFlags] |= 128
			return a.no
		}, "flags"},
		{"not a tree page", ByteKey, func(root, a, b *view) pager.PageNo {
			b.p[offKind] = byte(fileformat.KindOverflow)
			return b.no
		}, "not a tree page"},
		{"page of an integer tree", ByteKey, func(root, a, b *view) pager.PageNo {
			format(b.p, fileformat.KindIntLeaf, 0, 0)
			return b.no
		}, "other kind"},
		{"low fence", ByteKey, func(root, a, b *view) pager.PageNo {
			b.lowFence()[0]++
			return b.no
		}, "low fence"},
		{"high fence", ByteKey, func(root, a, b *view) pager.PageNo {
			a.highRest()[a.high-1]++
			return a.no
		}, "high fence"},
		{"high fence missing", ByteKey, func(root, a, b *view) pager.PageNo {
			a.p[offFlags] |= flagNoHigh
			return a.no
		}, "high fence"},
		{"separator", ByteKey, func(root, a, b *view) pager.PageNo {
			off := root.offset(0)
			root.p[off+1]++
			return a.no
		}, "high fence"},
		{"key", ByteKey, func(root, a, b *view) pager.PageNo {
			a.p[a.k]++
			return a.no
		}, "outside the range"},
		{"overflow pages twice", ByteKey, func(root, a, b *view) pager.PageNo {
			from, to := a.p[a.offset(0):], a.p[a.offset(1):]
			copy(to[:b.usable/16], from[:b.usable/16]) // both begin alike, down to the run's number
			return a.no
		}, "used twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tx := writeTx(t, 1024)
			c := tree(t, tx, test.kind, nil)
			for i := range 100 {
				if test.kind == IntKey {
					must(t, c.InsertInt(int64(i), make([]byte, 20)))
				} else if i < 2 {
					must(t, c.Insert(fmt.Appendf(nil, "key/%03d", i), make([]byte, 3000)))
				} else {
					must(t, c.Insert(fmt.Appendf(nil, "key/%03d", i), make([]byte, 20)))
				}
			}
			if errs := Check(tx, c.root, test.kind, nil, nil); len(errs) > 0 {
				t.Fatal("before:", errs)
			}
			page := func(no pager.PageNo) *view {
				p, err := tx.Write(no)
				must(t, err)
				v := &view{no: no}
				if !v.parse(p) {
					t.Fatal("not a tree page")
				}
				return v
			}
			root := page(c.root)
			blamed := test.do(root, page(root.child(0)), page(root.child(1)))
			errs := Check(tx, c.root, test.kind, nil, nil)
			for _, err := range errs {
				var at *fileformat.CorruptError
				if errors.As(err, &at) && at.PageNo == blamed && strings.Contains(at.What, test.want) {
					return
				}
			}
			t.Errorf("no error about page %d with %q: %v", blamed, test.want, errs)
		})
	}
}
