// Command random compares random programs on the reference and on RustLite.
//
//	random [-seconds N] [-statements N] [-seed S] [-n N] [-without FEATURES] [-all] [-workers N]
//
// It stops after so many seconds or statements, whichever comes first. The
// first difference, made small, ends the run with status 1 and the command
// that repeats it; -all goes on with the next seed.
//
// Programs run in processes of their own (worker.go): a crash of the reference
// is counted, one of ours is a difference, and neither ends the run.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/oracle/random"
)

func main() {
	seconds := flag.Int("seconds", 10, "stop after so many seconds")
	statements := flag.Int("statements", 0, "stop after so many statements; 0: never")
	first := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the first program")
	n := flag.Int("n", 250, "statements of a program")
	without := flag.String("without", "", "features to leave out, with commas between them")
	all := flag.Bool("all", false, "go on after a difference")
	workers := flag.Int("workers", 2, "processes that run programs")
	role := flag.String("worker", "", "answer seeds from standard input, as the command starts itself: compare, or reference")
	flag.Parse()
	o := &random.Options{Statements: *n, Without: map[string]bool{}, Configs: configs, Alone: *role == alone}
	for _, f := range strings.Split(*without, ",") {
		o.Without[f] = true
	}
	if *role != "" {
		serve(o)
		return
	}
	seeds, results := make(chan uint64), make(chan result)
	args := []string{"-n", fmt.Sprint(*n), "-without", *without}
	for range max(1, *workers) {
		go work(args, seeds, results)
	}
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	next, running, stopped := *first, 0, false
	total, differences, ended, crashed := 0, 0, 0, 0
	for {
		var give chan uint64
		if !stopped && time.Now().Before(end) && (*statements == 0 || total+running**n < *statements) {
			give = seeds
		} else if running == 0 {
			break
		}
		select {
		case give <- next:
			next++
			running++
			continue
		case r := <-results:
			running--
			total += max(1, r.Statements) // A crash is one.
			replay := fmt.Sprintf("-- replay: go run ./cmd/random -seed %d -n %d -statements 1 -without '%s'\n\n", r.Seed, *n, *without)
			switch {
			case r.Crashed:
				crashed++
				fmt.Print("-- the reference crashed\n", replay)
			case r.Ended:
				ended++
			case r.Report != "":
				differences++
				stopped = !*all
				fmt.Print(r.Report, replay)
			}
		}
	}
	fmt.Printf("%d statements, %d differences (seeds %d to %d)\n", total, differences, *first, next-1)
	if ended > 0 {
		fmt.Printf("%d programs ended at a statement that takes too long or is not supported yet\n", ended)
	}
	if crashed > 0 {
		fmt.Printf("%d programs crashed the reference\n", crashed)
	}
	if differences > 0 {
		os.Exit(1)
	}
}

// fatal ends what cannot run at all.
func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// configs take turns by the seed.
var configs = []rustlite.Options{{}, {BatchRows: -1}, {BatchRows: 1, PageSize: 1024, Workers: 2, SplitRows: 1}, {BatchRows: 7, Workers: 3, SplitRows: 1}, {PageSize: 65536}}
