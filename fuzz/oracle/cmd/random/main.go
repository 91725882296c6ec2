// Command random compares random programs on the reference and on RustLite.
//
//	random [-seconds N] [-statements N] [-seed S] [-n N] [-without FEATURES] [-all]
//
// It stops after so many seconds or statements, whichever comes first. The
// first difference, made small, ends the run with status 1 and the command
// that repeats it; -all goes on with the next seed.
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
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the first program")
	n := flag.Int("n", 250, "statements of a program")
	without := flag.String("without", "", "features to leave out, with commas between them")
	all := flag.Bool("all", false, "go on after a difference")
	flag.Parse()
	o := &random.Options{Statements: *n, Without: map[string]bool{}, Configs: configs}
	for _, f := range strings.Split(*without, ",") {
		o.Without[f] = true
	}
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	total, differences, ended := 0, 0, 0
	s := *seed
	for ; time.Now().Before(end) && (*statements == 0 || total < *statements); s++ {
		program, d, err := random.Run(s, o)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		total += len(program)
		if d != nil && d.Kind == random.NotYet {
			ended++
			d = nil
		}
		if d == nil {
			continue
		}
		differences++
		small, d := random.Shrink(program, d, o.Config(s))
		fmt.Printf("%s-- replay: go run ./cmd/random -seed %d -n %d -statements 1 -without '%s'\n\n", random.Report(small, d), s, *n, *without)
		if !*all {
			break
		}
	}
	fmt.Printf("%d statements, %d differences (seeds %d to %d)\n", total, differences, *seed, s-1)
	if ended > 0 {
		fmt.Printf("%d programs ended at a statement that takes too long or is not supported yet\n", ended)
	}
	if differences > 0 {
		os.Exit(1)
	}
}

// configs take turns by the seed.
var configs = []rustlite.Options{{}, {BatchRows: -1}, {BatchRows: 1, PageSize: 1024}, {BatchRows: 7}, {PageSize: 65536}}
