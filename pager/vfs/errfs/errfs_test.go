package errfs

import (
	"errors"
	"testing"

	"github.com/rustlite/rustlite/pager/vfs"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

func TestNthOperationFails(t *testing.T) {
	for _, forever := range []bool{false, true} {
		e := New(memfs.New(1))
		f, err := e.Open("/a", vfs.Create)
		if err != nil {
			t.Fatal(err)
		}
		e.SetPlan(Plan{Kinds: Write | Sync, N: 3, Forever: forever, Err: vfs.ErrNoSpace})
		var failed []int
		for i := 1; i <= 6; i++ {
			var err error
			if i%2 == 0 {
				err = f.Sync()
			} else {
				_, err = f.WriteAt([]byte("abcd"), int64(4*i))
			}
			if err != nil {
				if !errors.Is(err, ErrInjected) || !errors.Is(err, vfs.ErrNoSpace) {
					t.Fatal(err)
				}
				failed = append(failed, i)
			}
			if _, err := f.Size(); err != nil {
				t.Fatalf("a kind that was not chosen fails: %v", err)
			}
		}
		want := 1
		if forever {
			want = 4
		}
		if len(failed) != want || failed[0] != 3 || e.Fired() != want || e.Count() != 6 {
			t.Fatalf("forever=%v: failed %v, fired %d of %d", forever, failed, e.Fired(), e.Count())
		}
	}
}

func TestEveryKindIsReached(t *testing.T) {
	for kind := Read; kind <= Size; kind <<= 1 {
		e := New(memfs.New(1))
		f, err := e.Open("/a", vfs.Create)
		if err != nil {
			t.Fatal(err)
		}
		e.SetPlan(Plan{Kinds: kind, N: 1, Forever: true})
		_, read := f.ReadAt(make([]byte, 1), 0)
		_, write := f.WriteAt([]byte("x"), 0)
		_, open := e.Open("/b", vfs.Create)
		_, mapped := f.Map(0, 1)
		_, list := e.List("/")
		_, size := f.Size()
		errs := map[Kind]error{
			Read: read, Write: write, Sync: f.Sync(), Truncate: f.Truncate(0), Reserve: f.Reserve(0, 1),
			Lock: f.Lock(vfs.LockShared), Open: open, Remove: e.Remove("/x"), Rename: e.Rename("/x", "/y"),
			Map: mapped, List: list, Size: size,
		}
		for k, err := range errs {
			if (k == kind) != errors.Is(err, ErrInjected) {
				t.Errorf("plan %v: %v answers %v", kind, k, err)
			}
		}
	}
}
