package main

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/rustlite/rustlite/fuzz/oracle/random"
)

// What a worker runs programs on.
const (
	both  = "compare"
	alone = "reference"
)

// result is what a worker says of a seed.
type result struct {
	Seed       uint64
	Statements int
	Ended      bool   // At what is not compared.
	Crashed    bool   // The reference did.
	Report     string // Of a difference.
	Smaller    bool   // Another result follows, of the program made small.
}

// serve answers the seeds on standard input until there are no more. A
// difference is told before it is made small, which may crash, too.
func serve(o *random.Options) {
	in, out := gob.NewDecoder(os.Stdin), gob.NewEncoder(os.Stdout)
	tell := func(r *result) {
		if out.Encode(r) != nil {
			os.Exit(2) // Nobody listens.
		}
	}
	var seed uint64
	for in.Decode(&seed) == nil {
		r := result{Seed: seed}
		program, d, err := random.Run(seed, o)
		r.Statements = len(program)
		fatal(err)
		switch {
		case d == nil:
		case d.Kind == random.NotYet:
			r.Ended = true
		default:
			r.Report, r.Smaller = random.Report(program, d), true
			tell(&r)
			r.Report, r.Smaller = random.Report(random.Shrink(program, d, o.Config(seed))), false
		}
		tell(&r)
	}
}

// work has a process answer seeds, and starts another when it dies.
func work(args []string, seeds <-chan uint64, results chan<- result) {
	var p *process
	for seed := range seeds {
		if p == nil {
			p = start(both, args)
		}
		r, ok := p.ask(seed)
		if !ok {
			died := p.end()
			p = nil
			switch {
			case r.Smaller: // Its program stays as long as it is.
			case survives(args, seed):
				r.Report = fmt.Sprintf("-- differ in: our process died\n%s\n", died)
			default:
				r.Crashed = true
			}
		}
		results <- r
	}
}

// survives reports whether the reference alone runs the program of a seed to
// its end.
func survives(args []string, seed uint64) bool {
	p := start(alone, args)
	defer p.end()
	_, ok := p.ask(seed)
	return ok
}

// process is a worker.
type process struct {
	cmd    *exec.Cmd
	in     io.Closer
	seeds  *gob.Encoder
	said   *gob.Decoder
	stderr bytes.Buffer
}

func start(role string, args []string) *process {
	self, err := os.Executable()
	fatal(err)
	p := &process{cmd: exec.Command(self, append([]string{"-worker", role}, args...)...)}
	p.cmd.Stderr = &p.stderr
	in, err := p.cmd.StdinPipe()
	fatal(err)
	out, err := p.cmd.StdoutPipe()
	fatal(err)
	fatal(p.cmd.Start())
	p.in, p.seeds, p.said = in, gob.NewEncoder(in), gob.NewDecoder(out)
	return p
}

// ask has the worker run a program. A worker that dies over it gives the last
// that it said.
func (p *process) ask(seed uint64) (r result, ok bool) {
	r.Seed = seed
	if p.seeds.Encode(seed) != nil {
		return r, false
	}
	for {
		var next result
		if p.said.Decode(&next) != nil {
			return r, false
		}
		if r = next; !r.Smaller {
			return r, true
		}
	}
}

// end waits for the worker and says what it died of.
func (p *process) end() string {
	p.in.Close()
	err := p.cmd.Wait()
	return fmt.Sprintf("%v\n%.2000s", err, p.stderr.Bytes())
}
