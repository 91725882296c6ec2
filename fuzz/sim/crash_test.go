package sim

// Crash enumeration (S1, S3). A workload runs on memfs. Then, after every prefix of its changes and
// under every policy of what a crash leaves of the unsynced ones (all, none, some, sectors of 512
// bytes torn, a prefix), the database is opened again. Some recoveries are crashed in their turn.
//
//	go test ./fuzz/sim -run TestCrash -seed N -states 20000
//	go test ./fuzz/sim -run TestCrash -seed N -seconds 600      (make crash SECONDS=600)

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/pager/vfs/memfs"
)

var (
	seedFlag    = flag.Int64("seed", 1, "seed of the simulations")
	statesFlag  = flag.Int64("states", 2000, "crash states that TestCrash looks at, about")
	secondsFlag = flag.Int("seconds", 0, "TestCrash goes on for so long instead")
	roundFlag   = flag.Int64("round", -1, "TestCrash looks at this round alone")
)

var ctx = context.Background()

func TestCrash(t *testing.T) {
	var states, rounds atomic.Int64
	start := time.Now()
	more := func() bool {
		if *secondsFlag > 0 {
			return time.Since(start) < time.Duration(*secondsFlag)*time.Second
		}
		return states.Load() < *statesFlag
	}
	if *roundFlag >= 0 {
		t.Logf("%d crash states", crashRound(t, *roundFlag, func() bool { return true }))
		return
	}
	t.Run("rounds", func(t *testing.T) {
		// Each simulation is single-threaded; two share the work.
		for i := range 2 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for more() && !t.Failed() {
					round := rounds.Add(1) - 1
					states.Add(int64(crashRound(t, round, more)))
				}
			})
		}
	})
	if !t.Failed() {
		// The figure is wanted, not only with -v.
		fmt.Fprintf(os.Stderr, "TestCrash: %d crash states of %d workloads, seed %d, %.1f s\n",
			states.Load(), rounds.Load(), *seedFlag, time.Since(start).Seconds())
	}
}

// ack says that from the op-th change on, the state of a commit must survive.
type ack struct{ op, commit int }

func last(acks []ack, op int) int {
	commit := 0
	for _, a := range acks {
		if a.op <= op {
			commit = max(commit, a.commit)
		}
	}
	return commit
}

// crashes is one workload and what is known of its commits.
type crashes struct {
	t       *testing.T
	options rustlite.Options
	states  map[int]*State
	started []ack // before the commit
	acked   []ack
	durable []ack
	seen    int
}

const dbPath = "/db"

func crashRound(t *testing.T, round int64, more func() bool) int {
	seed := *seedFlag*1_000_000 + round
	replay := fmt.Sprintf("go test ./fuzz/sim -run TestCrash -seed %d -round %d", *seedFlag, round)
	fs := memfs.New(seed)
	c := &crashes{t: t, states: map[int]*State{0: {}}}
	c.options = rustlite.Options{PageSize: 1024, NoMap: round%3 == 1, LogLimitBytes: 16 << 10, SortBytesMax: sortBytes, NoBackground: true}
	o := c.options
	o.FS = fs
	w := New(dbPath, seed, o)
	w.Started = func(s *State) {
		c.states[s.Commit] = s
		c.started = append(c.started, ack{fs.Ops(), s.Commit})
	}
	w.Acked = func(s *State, durable bool) {
		a := ack{fs.Ops(), s.Commit}
		c.acked = append(c.acked, a)
		if durable {
			c.durable = append(c.durable, a)
		}
	}
	for step := range 50 {
		if err := w.Step(ctx); err != nil {
			t.Fatalf("step %d of the workload: %v\nreplay: %s", step, err, replay)
		}
	}
	if err := w.Close(ctx); err != nil {
		t.Fatalf("%v\nreplay: %s", err, replay)
	}
	c.enumerate(fs, rand.New(rand.NewSource(seed)), replay, more)
	return c.seen
}

// enumerate looks at the crash states after every change.
func (c *crashes) enumerate(fs *memfs.FS, r *rand.Rand, command string, more func() bool) {
	replay := fs.Replay()
	for replay.Next() && more() {
		at := replay.At()
		policies := memfs.Policies()
		if replay.Quiet() {
			policies = policies[:1]
		}
		for _, policy := range policies {
			seed := r.Int63()
			what := fmt.Sprintf("after change %d of %d, policy %v", at, fs.Ops(), policy)
			least := last(c.durable, at)
			if policy == memfs.KeepAll {
				least = last(c.acked, at)
			}
			crashed := replay.Crash(policy, seed)
			if err := c.check(crashed, least, last(c.started, at)); err != nil {
				c.t.Fatalf("%s: %v\nreplay: %s", what, err, command)
			}
			c.seen++
			if r.Intn(8) != 0 {
				continue
			}
			// Crash at a random place of what check did: the recovery, a commit, the close.
			again := crashed.Replay()
			sealed := crashed.SealedOps()
			for n := sealed + r.Intn(crashed.Ops()-sealed+1); n > 0 && again.Next(); n-- {
			}
			second := memfs.Policy(r.Intn(len(memfs.Policies())))
			if err := c.check(again.Crash(second, r.Int63()), last(c.durable, at), last(c.started, at)); err != nil {
				c.t.Fatalf("%s, then after change %d of the recovery, policy %v: %v\nreplay: %s", what, again.At()-sealed, second, err, command)
			}
			c.seen++
		}
	}
}

// check opens what a crash left and compares; then it makes a commit and closes.
func (c *crashes) check(fs *memfs.FS, least, most int) error {
	o := c.options
	o.FS = fs
	db, err := rustlite.Open(dbPath, &o)
	if err != nil {
		return err
	}
	err = c.content(db, least, most)
	if err == nil {
		err = Integrity(ctx, db)
	}
	if err == nil {
		_, err = db.Exec(ctx, "PRAGMA user_version = 77")
	}
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if names, _ := fs.List("/"); len(names) != 1 {
		return fmt.Errorf("S3: a clean close left %v", names)
	}
	return nil
}

func (c *crashes) content(db *rustlite.DB, least, most int) error {
	got, err := Read(ctx, db)
	if err != nil {
		return err
	}
	if got.Commit < least || got.Commit > most {
		return fmt.Errorf("S1: commit %d came back, want %d to %d", got.Commit, least, most)
	}
	if want := c.states[got.Commit]; want.Text != got.Text {
		return fmt.Errorf("S1: commit %d is not whole: %s", got.Commit, Difference(want.Text, got.Text))
	}
	return nil
}
