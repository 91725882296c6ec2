package pager

// Crash enumeration. A workload runs on memfs: commits at all levels, savepoints, allocation and
// freeing, checkpoints, readers held open, clean closes. Then, after every prefix of its writes and
// under every policy of what a crash leaves of the unsynced ones, the database is opened again and
// must show exactly one committed state: after a killed process none older than the last
// acknowledged commit, after a power failure none older than the last one known durable. Some
// recoveries are crashed in their turn.
//
//	go test ./pager -run TestCrash -seed N -crashes 20000

import (
	"flag"
	"fmt"
	"math/rand"
	"testing"

	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

var crashesFlag = flag.Int("crashes", 3000, "crash states that TestCrash looks at, about")

// ack says that from the op-th change on, the state of commit must survive.
type ack struct {
	op     int
	commit CommitNo
}

type crashRun struct {
	*modelRun
	fs       *memfs.FS
	o        *Options
	expected map[CommitNo]*modelState
	acked    []ack // whatever was acknowledged
	durable  []ack // what was acknowledged as on disk
	creating bool  // the crash lies before the first Open returned
}

func (c *crashRun) note(durable bool) {
	commit := c.p.pub.Load().commit
	c.expected[commit] = c.state
	a := ack{c.fs.Ops(), commit}
	c.acked = append(c.acked, a)
	if durable {
		c.durable = append(c.durable, a)
	}
}

func last(acks []ack, op int) CommitNo {
	var commit CommitNo
	for _, a := range acks {
		if a.op <= op {
			commit = a.commit
		}
	}
	return commit
}

func (c *crashRun) workload(steps int) {
	c.note(true)
	for range steps {
		switch k := c.r.Intn(20); {
		case k < 13:
			level := SyncLevel(c.r.Intn(3))
			c.level = level
			before := c.p.pub.Load().commit
			ops := 1 + c.r.Intn(12)
			// The state may be the recovered one before Commit returns.
			if err := c.transactionNoting(ops); err != nil {
				c.t.Fatal(err)
			}
			if c.p.pub.Load().commit != before {
				c.note(level == SyncFull)
			}
		case k < 15:
			if len(c.readers) < 2 {
				tx, err := c.p.BeginRead()
				if err != nil {
					c.t.Fatal(err)
				}
				c.readers = append(c.readers, heldReader{tx, c.state})
			}
		case k < 16:
			if len(c.readers) > 0 {
				c.readers[0].tx.Rollback()
				c.readers = c.readers[1:]
			}
		case k < 18:
			if _, err := c.p.Checkpoint(ctx); err != nil {
				c.t.Fatal(err)
			}
			c.note(true)
		case k < 19:
			if err := c.p.SyncLog(); err != nil {
				c.t.Fatal(err)
			}
			c.note(true)
		case c.r.Intn(3) == 0:
			c.endReaders()
			if err := c.p.Close(); err != nil {
				c.t.Fatal(err)
			}
			c.p = mustOpen(c.t, "/db", c.o)
			c.note(true)
		}
	}
	c.endReaders()
	if err := c.p.Close(); err != nil {
		c.t.Fatal(err)
	}
}

// transactionNoting notes the state of a commit before it is made, because a crash inside of
// Commit may already keep it.
func (c *crashRun) transactionNoting(ops int) error {
	c.beforeCommit = func(s *modelState) { c.expected[c.p.w.last.commit+1] = s }
	return c.transaction(ops)
}

// check opens a crashed file system and compares.
func (c *crashRun) check(fs *memfs.FS, atLeast, atMost CommitNo, what string) {
	o := *c.o
	o.FS, o.ReadOnly = fs, true
	_, err := fs.Identity("/db")
	if err != nil && atLeast == 0 {
		return // Not even created.
	}
	ro, err := Open(ctx, "/db", &o)
	var commit CommitNo
	if err == nil {
		commit = ro.pub.Load().commit
		want := c.stateOf(commit)
		if commit < atLeast || commit > atMost {
			c.t.Fatalf("%s: recovered commit %d, want %d to %d", what, commit, atLeast, atMost)
		}
		if tx, err := ro.BeginRead(); err != nil {
			c.t.Fatalf("%s: %v", what, err)
		} else {
			if err := checkModel(tx, want); err != nil {
				c.t.Fatalf("%s: read-only at commit %d: %v", what, commit, err)
			}
			tx.Rollback()
		}
		if err := ro.Close(); err != nil {
			c.t.Fatalf("%s: %v", what, err)
		}
	} else if atLeast > 0 || !c.creating {
		c.t.Fatalf("%s: read-only: %v", what, err)
	}
	o.ReadOnly = false
	p, err := Open(ctx, "/db", &o)
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	checkNowNamed(c.t, p, c.stateOf(commit), what)
	// It also takes a new commit.
	tx, err := p.BeginWrite(ctx)
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	if err := checkPartition(tx, c.stateOf(commit)); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	if _, _, err := tx.Allocate(); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	if err := tx.Commit(ctx); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	if err := p.Close(); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	if names, _ := fs.List("/"); len(names) != 1 {
		c.t.Fatalf("%s: left behind %v", what, names)
	}
}

// stateOf is the state as of a commit; commits of the pager's own change nothing.
func (c *crashRun) stateOf(commit CommitNo) *modelState {
	for ; commit > 0; commit-- {
		if s := c.expected[commit]; s != nil {
			return s
		}
	}
	return &modelState{pages: map[PageNo]uint64{}, count: 1}
}

func checkNowNamed(t *testing.T, p *Pager, want *modelState, what string) {
	t.Helper()
	tx, err := p.BeginRead()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer tx.Rollback()
	got := *want
	if tx.PageCount() >= want.count { // Trunk pages may have come.
		got.count = tx.PageCount()
	}
	if err := checkModel(tx, &got); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestCrash(t *testing.T) {
	t.Logf("replay: go test ./pager -run TestCrash -seed %d -crashes %d", *seedFlag, *crashesFlag)
	states := 0
	for round := int64(0); states < *crashesFlag; round++ {
		states += crashRound(t, *seedFlag*1000+round, *crashesFlag-states)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d crash states", states)
}

func crashRound(t *testing.T, seed int64, budget int) int {
	fs := memfs.New(seed)
	o := smallOptions(fs, 1024)
	o.LogLimitBytes = 6 << 10
	o.NoMap = seed%3 == 0
	c := &crashRun{fs: fs, o: o, expected: map[CommitNo]*modelState{}}
	p := mustOpen(t, "/db", o)
	created := fs.Ops()
	c.modelRun = newModelRun(t, p, seed)
	c.workload(40)

	r := rand.New(rand.NewSource(seed))
	replay := fs.Replay()
	states := 0
	for replay.Next() && states < budget {
		at := replay.At()
		c.creating = at < created
		policies := memfs.Policies()
		if replay.Quiet() {
			policies = policies[:1]
		}
		var newest CommitNo
		for commit := range c.expected {
			newest = max(newest, commit)
		}
		for _, policy := range policies {
			crashSeed := r.Int63()
			what := fmt.Sprintf("seed %d, after change %d of %d, policy %v, crash seed %d", seed, at, fs.Ops(), policy, crashSeed)
			atLeast := last(c.durable, at)
			if policy == memfs.KeepAll {
				atLeast = last(c.acked, at)
			}
			crashed := replay.Crash(policy, crashSeed)
			c.check(crashed, atLeast, newest+4, what)
			states++
			if r.Intn(8) == 0 { // Crash the recovery, too.
				again := crashed.Replay()
				start := crashed.SealedOps()
				for n := start + r.Intn(crashed.Ops()-start+1); n > 0 && again.Next(); n-- {
				}
				p2 := memfs.Policy(r.Intn(len(memfs.Policies())))
				c.checkRecovered(again, crashed, replay.Crash(policy, crashSeed), p2, r.Int63(), last(c.durable, at), what)
				states++
			}
		}
	}
	return states
}

// checkRecovered crashes at a random place of what check did to a crashed file system: opening
// read-only, recovery, a commit that only allocates, the close. The content is that which a plain
// opening of the same crash shows; or, when a killed process was followed by a power failure before
// its recovery had synced the log, an older one that is still new enough.
func (c *crashRun) checkRecovered(at *memfs.Replay, fs, same *memfs.FS, policy memfs.Policy, seed int64, atLeast CommitNo, what string) {
	o := *c.o
	o.FS, o.ReadOnly = same, true
	ro, err := Open(ctx, "/db", &o)
	if err != nil {
		return // Not created yet.
	}
	commit := ro.pub.Load().commit
	if err := ro.Close(); err != nil {
		c.t.Fatal(err)
	}
	what = fmt.Sprintf("%s, then recovery crashed after change %d of %d, policy %v, crash seed %d", what, at.At(), fs.Ops(), policy, seed)
	crashed := at.Crash(policy, seed)
	o.FS = crashed
	ro, err = Open(ctx, "/db", &o)
	if err != nil && atLeast == 0 {
		return // The creation was not durable.
	}
	if err != nil {
		c.t.Fatalf("%s: read-only: %v", what, err)
	}
	if got := ro.pub.Load().commit; got < commit {
		if got < atLeast {
			c.t.Fatalf("%s: recovered commit %d, want %d or more", what, got, atLeast)
		}
		commit = got
	}
	if err := ro.Close(); err != nil {
		c.t.Fatal(err)
	}
	o.ReadOnly = false
	p, err := Open(ctx, "/db", &o)
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	checkNowNamed(c.t, p, c.stateOf(commit), what)
	if err := p.Close(); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}
