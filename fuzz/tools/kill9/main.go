// Command kill9 kills the loader with SIGKILL at random moments and looks at what it left: every
// commit that it was told of is there, whole and in order, and integrity_check says ok. The loader
// goes on with the same file, so that its recovery is killed as well; what is looked at is a copy.
//
//	go run ./fuzz/tools/kill9 [-n 100] [-levels full,normal,off] [-seed N] [-dir DIR] [-loader BINARY]
//
// The seed decides the delays and what the loader does when; where a kill hits is up to the system.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/tools/ledger"
)

func main() {
	n := flag.Int("n", 100, "kills at each level")
	levels := flag.String("levels", "full,normal,off", "sync levels")
	seed := flag.Int64("seed", time.Now().UnixNano()%1_000_000, "seed of the delays")
	dir := flag.String("dir", "", "where the files are; kept. Default: a temporary folder, kept after a failure")
	loader := flag.String("loader", "", "the loader's binary; built when not given")
	flag.Parse()
	c := campaign{dir: *dir, loader: *loader, seed: *seed, kills: *n}
	if err := c.run(strings.Split(*levels, ",")); err != nil {
		fmt.Fprintf(os.Stderr, "kill9: %v\nfiles: %s\nreplay: go run ./fuzz/tools/kill9 -n %d -levels %s -seed %d\n", err, c.dir, *n, *levels, *seed)
		os.Exit(1)
	}
}

type campaign struct {
	dir, loader string
	seed        int64
	kills       int
}

func (c *campaign) run(levels []string) error {
	keep := c.dir != ""
	if !keep {
		var err error
		if c.dir, err = os.MkdirTemp("", "kill9-"); err != nil {
			return err
		}
	}
	if c.loader == "" {
		c.loader = filepath.Join(c.dir, "loader.exe")
		if out, err := exec.Command("go", "build", "-o", c.loader, "github.com/rustlite/rustlite/fuzz/tools/loader").CombinedOutput(); err != nil {
			return fmt.Errorf("build of the loader: %w\n%s", err, out)
		}
	}
	for _, level := range levels {
		if err := c.level(level); err != nil {
			return fmt.Errorf("level %s: %w", level, err)
		}
	}
	if !keep {
		return os.RemoveAll(c.dir)
	}
	return nil
}

// told is what one run of the loader said before it died.
type told struct {
	commits int
	highest int64
	phase   string // what it was doing
}

func (c *campaign) level(level string) error {
	start := time.Now()
	r := rand.New(rand.NewSource(c.seed))
	home := filepath.Join(c.dir, level)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	path := filepath.Join(home, "load.rldb")
	phases := map[string]int{}
	var acked, found int64
	commits, unacked := 0, 0
	for kill := 1; kill <= c.kills; kill++ {
		t, err := c.killOne(path, level, delay(r), r.Int63())
		if err != nil {
			return fmt.Errorf("kill %d: %w", kill, err)
		}
		phases[t.phase]++
		commits += t.commits
		acked = max(acked, t.highest)
		if found, err = c.look(home, path, kill%10 == 0); err != nil {
			return fmt.Errorf("kill %d (during %s), commit %d was acknowledged: %w", kill, t.phase, acked, err)
		}
		if found < acked {
			return fmt.Errorf("kill %d (during %s): commit %d was acknowledged, %d is there", kill, t.phase, acked, found)
		}
		if found > acked {
			unacked++
			acked = found // It was seen: from now on it must stay.
		}
	}
	var where []string
	for _, p := range slices.Sorted(maps.Keys(phases)) {
		where = append(where, fmt.Sprintf("%s %d", p, phases[p]))
	}
	fmt.Printf("kill9 %-6s %d kills (%s), %d commits acknowledged, all there; %d times one more; %.1f s, seed %d\n",
		level, c.kills, strings.Join(where, ", "), commits, unacked, time.Since(start).Seconds(), c.seed)
	return nil
}

// delay is often so short that the loader is still opening the file.
func delay(r *rand.Rand) time.Duration {
	if r.Intn(3) == 0 {
		return time.Duration(r.Intn(15_000)) * time.Microsecond
	}
	return time.Duration(r.Intn(150_000)) * time.Microsecond
}

// killOne runs the loader for a while.
func (c *campaign) killOne(path, level string, d time.Duration, seed int64) (told, error) {
	t := told{phase: "start"}
	cmd := exec.Command(c.loader, "-db", path, "-level", level, "-seed", strconv.FormatInt(seed, 10))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return t, err
	}
	if err := cmd.Start(); err != nil {
		return t, err
	}
	timer := time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // A line without its end was not said.
		}
		word, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "commit":
			k, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				return t, err
			}
			t.commits++
			t.highest = max(t.highest, k)
		case "opened", "checkpointed":
			t.phase = "commit"
		case "closed":
			t.phase = "start"
		default:
			t.phase = word
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() >= 0 {
		return t, fmt.Errorf("the loader ended by itself: %w\n%s", err, stderr.String())
	}
	return t, nil
}

// look verifies a copy of what was left; or, in place, the files themselves.
func (c *campaign) look(home, path string, inPlace bool) (int64, error) {
	if !inPlace {
		into := filepath.Join(c.dir, "copy")
		if err := os.RemoveAll(into); err != nil {
			return 0, err
		}
		if err := copyFiles(home, into); err != nil {
			return 0, err
		}
		path = filepath.Join(into, filepath.Base(path))
	}
	ctx := context.Background()
	db, err := rustlite.Open(path, nil)
	if err != nil {
		return 0, err
	}
	last, err := ledger.Verify(ctx, db)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if names, _ := filepath.Glob(path + "*"); err == nil && len(names) != 1 {
		err = fmt.Errorf("a clean close left %v", names)
	}
	return last, err
}

func copyFiles(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	names, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range names {
		if err := copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
