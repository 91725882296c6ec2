package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"
)

type options struct {
	run, engines, level, dir, json, from, markdown, profile, scale string
	rounds, rows                                                   int
	sf                                                             float64
	least                                                          time.Duration
	list, doc, worker, cpu                                         bool
}

func main() {
	var o options
	flag.StringVar(&o.run, "run", "", "run the workloads whose name matches this `regexp`")
	flag.StringVar(&o.engines, "engines", strings.Join(engineNames(), ","), "the engines, by comma")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each engine runs each workload; the median counts")
	flag.IntVar(&o.rows, "rows", 1_000_000, "rows of the large tables")
	flag.Float64Var(&o.sf, "sf", 0.1, "scale factor of the TPC-H-like tables")
	flag.StringVar(&o.level, "sync", "NORMAL", "FULL, NORMAL or OFF, where a workload does not say")
	flag.DurationVar(&o.least, "least", time.Second/3, "how long a workload that reads is repeated")
	flag.StringVar(&o.dir, "dir", "", "`folder` for the files, whose data sets stay (default: a temporary one)")
	flag.StringVar(&o.json, "json", "", "write all samples to this `file`")
	flag.StringVar(&o.from, "from", "", "begin with the samples of this `file`; what runs again takes their place")
	flag.StringVar(&o.markdown, "markdown", "", "write the table to this `file` as markdown")
	flag.StringVar(&o.profile, "cpuprofile", "", "write RustLite's CPU profiles to `FILE`.WORKLOAD.ENGINE")
	flag.StringVar(&o.scale, "scale", "", "measure how cost grows over these `sizes`, such as 1M,10M,100M, instead")
	flag.BoolVar(&o.doc, "doc", false, "write the table into docs/benchmarks.md")
	flag.BoolVar(&o.cpu, "cpu", false, "show and compare the processor's time: on a machine with other work it is steadier")
	flag.BoolVar(&o.list, "list", false, "list the workloads")
	flag.BoolVar(&o.worker, "worker", false, "run one job from standard input (this program starts itself so)")
	flag.Parse()
	if err := o.do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (o *options) do() error {
	switch {
	case o.worker:
		return work()
	case o.list:
		for _, w := range workloads() {
			fmt.Println(w.name)
		}
		return nil
	}
	p := &plan{rounds: o.rounds, size: size{o.rows, o.sf}, level: o.level, dir: o.dir, least: o.least, profile: o.profile, start: startProcess}
	var err error
	if p.run, err = regexp.Compile(o.run); err != nil {
		return err
	}
	for _, name := range strings.Split(o.engines, ",") {
		e, err := engineNamed(name)
		if err != nil {
			return err
		}
		p.engines = append(p.engines, e)
	}
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp("", "rustlite-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(p.dir)
	} else if err := os.MkdirAll(p.dir, 0o777); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(background, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if o.scale != "" {
		rows, err := parseSizes(o.scale)
		if err != nil {
			return err
		}
		return p.measureScale(ctx, os.Stdout, rows)
	}
	return o.table(ctx, p)
}

// table measures, and writes the table wherever it is wanted.
func (o *options) table(ctx context.Context, p *plan) error {
	r := report{Files: sizes{}}
	if o.from != "" {
		var err error
		if r, err = readReport(o.from); err != nil {
			return err
		}
	}
	if r.Clock = ""; o.cpu {
		r.Clock = cpu
	}
	fmt.Fprintln(os.Stderr, strings.Join(heads, "; "))
	p.done = func(l *line, files sizes) error {
		for _, row := range l.rows(r.Clock) {
			fmt.Fprintln(os.Stderr, strings.Join(row, "; "))
		}
		r.Command, r.Rounds, r.Size = o.command(), o.rounds, p.size
		r.Machine = thisMachine(p.dir, r.Machine.Versions)
		r.Lines = merge(r.Lines, l)
		r.Files.merge(files)
		if o.json == "" {
			return nil
		}
		return r.write(o.json) // A run that is interrupted leaves what it has.
	}
	err := p.measure(ctx)
	r.print(os.Stdout)
	for _, f := range r.faults() {
		err = errors.Join(err, errors.New(f))
	}
	if o.markdown != "" {
		var b strings.Builder
		r.markdown(&b)
		err = errors.Join(err, os.WriteFile(o.markdown, []byte(b.String()), 0o666))
	}
	if o.doc {
		err = errors.Join(err, r.document("../../docs/benchmarks.md"))
	}
	return err
}

// command is what makes the same table.
func (o *options) command() string {
	c := "go run "
	if len(duckEngines) > 0 {
		c += "-tags duckdb "
	}
	c += fmt.Sprintf(". -rows %d -sf %g -rounds %d -sync %s", o.rows, o.sf, o.rounds, o.level)
	if o.engines != strings.Join(engineNames(), ",") {
		c += " -engines " + o.engines
	}
	return c
}
