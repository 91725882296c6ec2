package main

// A worker that dies: of the reference, of what is ours, and over a program
// that it was making small. The test's own binary plays the workers.

import (
	"encoding/gob"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	fine = iota
	referenceDies
	oursDies
	dies
)

func TestMain(m *testing.M) {
	if i := slices.Index(os.Args, "-worker"); i >= 0 {
		play(os.Args[i+1])
		return
	}
	os.Exit(m.Run())
}

func play(role string) {
	in, out := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	var seed uint64
	for in.Decode(&seed) == nil {
		switch {
		case seed == referenceDies, seed == oursDies && role == both:
			panic("stop") // A worker dies in the middle of a program, as by a fault in C.
		case seed == dies:
			out.Encode(&result{Seed: seed, Report: "found", Smaller: true})
			os.Exit(3)
		}
		out.Encode(&result{Seed: seed, Statements: 5})
	}
}

func TestWorkers(t *testing.T) {
	seeds, results := make(chan uint64), make(chan result)
	go work(nil, seeds, results)
	for range 2 {
		for seed := range uint64(4) {
			seeds <- seed
			r := <-results
			ok := r.Seed == seed
			switch seed {
			case fine:
				ok = ok && r.Statements == 5 && r.Report == ""
			case referenceDies:
				ok = ok && r.Crashed && r.Report == ""
			case oursDies:
				ok = ok && !r.Crashed && strings.Contains(r.Report, "our process died") && strings.Contains(r.Report, "panic: stop")
			case dies:
				ok = ok && r.Report == "found"
			}
			if !ok {
				t.Errorf("seed %d: %+v", seed, r)
			}
		}
	}
	close(seeds)
}
