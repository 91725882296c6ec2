// Command loader writes numbered commits into a database until it is killed, and prints each one that
// it was told of. It closes, opens and checkpoints in between, and says so, for the statistics of
// kill9.
//
//	loader -db FILE [-level full|normal|off] [-writers 3] [-seed N]
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"sync"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/tools/ledger"
)

func main() {
	path := flag.String("db", "", "database file")
	level := flag.String("level", "full", "full, normal or off")
	writers := flag.Int("writers", 3, "goroutines that commit")
	seed := flag.Int64("seed", 1, "seed of what happens when")
	limit := flag.Int("commits", 0, "end after so many commits; 0: never")
	flag.Parse()
	levels := map[string]rustlite.SyncLevel{"full": rustlite.SyncFull, "normal": rustlite.SyncNormal, "off": rustlite.SyncOff}
	l, ok := levels[*level]
	if *path == "" || !ok {
		flag.Usage()
		os.Exit(2)
	}
	// A small log: checkpoints are frequent.
	o := &rustlite.Options{Sync: l, LogLimitBytes: 64 << 10}
	if err := load(*path, o, *writers, *limit, rand.New(rand.NewSource(*seed))); err != nil {
		fmt.Fprintln(os.Stderr, "loader:", err)
		os.Exit(1)
	}
}

// say prints one line in one write, so that a kill leaves whole lines.
func say(format string, args ...any) {
	_, _ = os.Stdout.WriteString(fmt.Sprintf(format, args...) + "\n")
}

func load(path string, o *rustlite.Options, writers, limit int, r *rand.Rand) error {
	ctx := context.Background()
	for total := 0; limit == 0 || total < limit; {
		say("open")
		db, err := rustlite.Open(path, o)
		if err != nil {
			return err
		}
		if err := ledger.Prepare(ctx, db); err != nil {
			return err
		}
		say("opened")
		commits := 5 + r.Intn(60)
		total += commits
		if err := commit(ctx, db, writers, commits, r.Intn(commits)); err != nil {
			return err
		}
		say("close")
		if err := db.Close(); err != nil {
			return err
		}
		say("closed")
	}
	return nil
}

// commit makes n commits from several goroutines, with a checkpoint among them.
func commit(ctx context.Context, db *rustlite.DB, writers, n, checkpointAt int) error {
	turns := make(chan int, n)
	for i := range n {
		turns <- i
	}
	close(turns)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range turns {
				if i == checkpointAt {
					say("checkpoint")
					if errs[w] = db.Checkpoint(ctx); errs[w] != nil {
						return
					}
					say("checkpointed")
				}
				k, err := ledger.Commit(ctx, db)
				if err != nil {
					errs[w] = err
					return
				}
				say("commit %d", k)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
