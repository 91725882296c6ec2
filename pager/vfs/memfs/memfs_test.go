package memfs

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/pager/vfs"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, f vfs.File, s string, off int64) {
	t.Helper()
	if _, err := f.WriteAt([]byte(s), off); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, m *FS, name string) vfs.File {
	t.Helper()
	f, err := m.Open(name, vfs.Create)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSyncedBytesStay(t *testing.T) {
	m := New(1)
	f := open(t, m, "/a")
	write(t, f, "synced", 0)
	must(t, f.Sync(), m.SyncDir("/a"))
	write(t, f, "LATER!", 0)
	for _, c := range []struct {
		policy Policy
		want   string
	}{{KeepAll, "LATER!"}, {KeepNone, "synced"}} {
		got, err := m.Crash(c.policy, 1).ReadFile("/a")
		if err != nil || string(got) != c.want {
			t.Errorf("%v: %q, %v", c.policy, got, err)
		}
	}
	// Within one sector there is no third outcome.
	seen := map[string]bool{}
	for seed := range int64(50) {
		got, err := m.Crash(KeepTorn, seed).ReadFile("/a")
		must(t, err)
		seen[string(got)] = true
	}
	if diff := cmp.Diff(map[string]bool{"LATER!": true, "synced": true}, seen); diff != "" {
		t.Error(diff)
	}
}

// M1 after the end of a process: what was not synced may still go.
func TestKilledProcessThenPowerFailure(t *testing.T) {
	m := New(1)
	f := open(t, m, "/a")
	write(t, f, "old", 0)
	must(t, f.Sync(), m.SyncDir("/a"))
	write(t, f, "new", 0)
	killed := m.Crash(KeepAll, 1)
	if got, _ := killed.ReadFile("/a"); string(got) != "new" {
		t.Fatalf("after a kill: %q", got)
	}
	if got, _ := killed.Crash(KeepNone, 1).ReadFile("/a"); string(got) != "old" {
		t.Fatalf("after the power failure: %q", got)
	}
	g := open(t, killed, "/a")
	must(t, g.Sync())
	if got, _ := killed.Crash(KeepNone, 1).ReadFile("/a"); string(got) != "new" {
		t.Fatalf("after a sync by the next process: %q", got)
	}
}

func TestNamesWantSyncDir(t *testing.T) {
	m := New(1)
	f := open(t, m, "/a")
	write(t, f, "x", 0)
	must(t, f.Sync())
	if _, err := m.Crash(KeepNone, 1).ReadFile("/a"); !errors.Is(err, vfs.ErrNotExist) {
		t.Fatalf("M2: a name that was not synced: %v", err)
	}
	must(t, m.SyncDir("/a"), m.Rename("/a", "/b"))
	crashed := m.Crash(KeepNone, 1)
	if names, _ := crashed.List("/"); cmp.Diff([]string{"/a"}, names) != "" {
		t.Fatal(names)
	}
	must(t, m.SyncDir("/a"), m.Remove("/b"))
	if got, err := m.Crash(KeepNone, 1).ReadFile("/b"); string(got) != "x" {
		t.Fatal(got, err)
	}
	must(t, m.SyncDir("/b"))
	if names, _ := m.Crash(KeepAll, 1).List("/"); len(names) != 0 {
		t.Fatal(names)
	}
}

func TestTearingIsBySector(t *testing.T) {
	m := New(1)
	f := open(t, m, "/a")
	must(t, f.Truncate(4096), f.Sync(), m.SyncDir("/a"))
	write(t, f, string(bytes.Repeat([]byte{7}, 3000)), 300)
	torn := 0
	for seed := range int64(40) {
		got, err := m.Crash(KeepTorn, seed).ReadFile("/a")
		must(t, err)
		for at := 0; at < len(got); at += sectorSize {
			from, to := max(at, 300), min(at+sectorSize, 3300)
			if from >= to {
				continue
			}
			piece := got[from:to]
			if n := bytes.Count(piece, []byte{7}); n != 0 && n != len(piece) {
				t.Fatalf("M3: sector at %d is torn inside", at)
			}
		}
		if n := bytes.Count(got, []byte{7}); n != 0 && n != 3000 {
			torn++
		}
	}
	if torn == 0 {
		t.Fatal("nothing was ever torn")
	}
}

func TestReplayWalksEveryChange(t *testing.T) {
	m := New(1)
	f := open(t, m, "/a")
	for i := range int64(5) {
		write(t, f, "x", i)
	}
	must(t, f.Sync())
	r := m.Replay()
	sizes := []int{}
	for r.Next() {
		got, _ := r.Crash(KeepAll, 1).ReadFile("/a")
		sizes = append(sizes, len(got))
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3, 4, 5, 5}, sizes); diff != "" {
		t.Fatal(diff)
	}
}

func TestLocksMapsAndSpace(t *testing.T) {
	m := New(1)
	a, b := open(t, m, "/a"), open(t, m, "/a")
	must(t, a.Lock(vfs.LockShared), b.Lock(vfs.LockShared))
	if err := a.Lock(vfs.LockExclusive); !errors.Is(err, vfs.ErrLocked) {
		t.Fatal(err)
	}
	must(t, b.Close(), a.Lock(vfs.LockExclusive))
	mp, err := a.Map(4, 8)
	must(t, err)
	write(t, a, "0123456789", 0)
	if string(mp.Bytes()) != "456789\x00\x00" {
		t.Fatalf("M4: the map shows %q", mp.Bytes())
	}
	must(t, a.Truncate(6), mp.Populate(0, 2))
	if err := mp.Populate(0, 3); err == nil {
		t.Fatal("populating past the end")
	}
	if string(mp.Bytes()[:4]) != "45\x00\x00" {
		t.Fatalf("after truncating the map shows %q", mp.Bytes())
	}
	m.SetSpace(10)
	if _, err := a.WriteAt([]byte("xxx"), 8); !errors.Is(err, vfs.ErrNoSpace) {
		t.Fatalf("full: %v", err)
	}
	if err := a.Reserve(0, 11); !errors.Is(err, vfs.ErrNoSpace) {
		t.Fatalf("reserve on a full disk: %v", err)
	}
}
