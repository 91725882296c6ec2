package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// plan is what is to be measured, and how.
type plan struct {
	run     *regexp.Regexp
	engines []*engine
	rounds  int
	size    size
	level   string
	dir     string
	least   time.Duration
	profile string
	only    func(w *workload) bool                           // Further choice of workloads; nil for all.
	inPlace bool                                             // Changes are made to the data set itself: it is too large for copies.
	start   func(ctx context.Context, j job) (result, error) // Runs a job, mostly in a process of its own.
	done    func(l *line, files sizes) error                 // Hears of each workload, and what its data set weighs.
}

// line is what was found of one workload.
type line struct {
	Workload string
	Samples  map[string]map[string][]float64 // By engine, then metric.
	Faults   []string                        // Errors, and answers that differ.
	Load     float64                         // Of the machine when it began, as the system tells.
}

// sizes are bytes of the files of data sets, by name, then format.
type sizes map[string]map[string]int64

// measure carries the plan out. A workload's rounds follow each other, and in
// a round its engines.
func (p *plan) measure(ctx context.Context) error {
	for _, w := range workloads() {
		if !p.run.MatchString(w.name) || p.only != nil && !p.only(&w) {
			continue
		}
		files := sizes{}
		l, err := p.workload(ctx, &w, files)
		if err == nil {
			err = p.done(l, files)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

func (p *plan) workload(ctx context.Context, w *workload, files sizes) (*line, error) {
	l := &line{Workload: w.name, Samples: map[string]map[string][]float64{}, Load: load()}
	var entrants []*engine
	for _, e := range p.engines {
		if !e.analytic || w.analytic {
			entrants = append(entrants, e)
		}
	}
	if w.data != nil {
		for _, e := range entrants {
			if err := p.build(ctx, w.data, e, files); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", w.data.name, e.name, err)
			}
		}
	}
	var said result // The first answer, and by whom.
	by := ""
	failed := map[string]bool{}
	for round := range p.rounds {
		for i := range entrants {
			e := entrants[(i+round)%len(entrants)]
			if failed[e.name] {
				continue
			}
			r, err := p.once(ctx, w, e, round)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err == nil && by == "" {
				said, by = r, e.name
			}
			if err == nil && r.Answer != said.Answer {
				err = fmt.Errorf("answers %s (%s); %s answers %s (%s)", r.Answer, r.First, by, said.Answer, said.First)
			}
			if err != nil {
				failed[e.name] = true
				delete(l.Samples, e.name)
				l.Faults = append(l.Faults, fmt.Sprintf("%s: %s: %v", w.name, e.name, err))
				continue
			}
			if l.Samples[e.name] == nil {
				l.Samples[e.name] = map[string][]float64{}
			}
			for m, v := range r.Metrics {
				l.Samples[e.name][m] = append(l.Samples[e.name][m], v)
			}
		}
	}
	return l, nil
}

// path is where a data set lies.
func (p *plan) path(d *dataset, format string) string {
	return filepath.Join(p.dir, fmt.Sprintf("%s-%d-%g.%s", d.name, p.size.Rows, p.size.SF, format))
}

// build makes a data set when it is not there. One that another run left is
// whole: it got its name when it was.
func (p *plan) build(ctx context.Context, d *dataset, e *engine, files sizes) error {
	path := p.path(d, e.format)
	if _, err := os.Stat(path); err != nil {
		fresh := path + ".new"
		if err := removeFiles(fresh); err != nil {
			return err
		}
		if _, err := p.start(ctx, job{Build: d.name, Engine: e.name, Path: fresh, size: p.size}); err != nil {
			return err
		}
		if err := os.Rename(fresh, path); err != nil {
			return err
		}
	}
	n, err := fileBytes(path)
	if files[d.name] == nil {
		files[d.name] = map[string]int64{}
	}
	files[d.name][e.format] = n
	return err
}

// unnamely is what names of files had better not have.
var unnamely = regexp.MustCompile(`[^A-Za-z0-9]+`)

// once runs a workload on an engine one time.
func (p *plan) once(ctx context.Context, w *workload, e *engine, round int) (result, error) {
	j := job{
		Workload: w.name, Engine: e.name, size: p.size, Level: w.level, Least: p.least,
		Path: filepath.Join(p.dir, "work."+e.format),
	}
	if j.Level == "" {
		j.Level = p.level
	}
	if p.profile != "" && round == 0 && e.format == formatRustLite {
		j.Profile = fmt.Sprintf("%s.%s.%s", p.profile, unnamely.ReplaceAllString(w.name, "-"), e.name)
	}
	switch {
	case w.data != nil && (!w.changes || p.inPlace):
		j.Path = p.path(w.data, e.format)
	case w.data != nil:
		if err := copyFile(j.Path, p.path(w.data, e.format)); err != nil {
			return result{}, err
		}
		defer removeFiles(j.Path)
	default:
		if err := removeFiles(j.Path); err != nil {
			return result{}, err
		}
		defer removeFiles(j.Path)
	}
	return p.start(ctx, j)
}

// startProcess runs a job in a process of this program.
func startProcess(ctx context.Context, j job) (result, error) {
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	input, err := json.Marshal(j)
	if err != nil {
		return result{}, err
	}
	// No job needs as much time.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute+time.Duration(j.Rows)*50*time.Microsecond)
	defer cancel()
	var output, complaint bytes.Buffer
	c := exec.CommandContext(ctx, self, "-worker")
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &output, &complaint
	if err := c.Run(); err != nil {
		return result{}, fmt.Errorf("%w: %.500s", errors.Join(err, ctx.Err()), strings.TrimSpace(complaint.String()))
	}
	var r result
	return r, json.Unmarshal(output.Bytes(), &r)
}

// startHere runs a job in this process.
func startHere(_ context.Context, j job) (result, error) { return j.run() }

// copyFile copies a database, durably, so that the disk is idle when the clock starts.
func copyFile(target, source string) error {
	if err := removeFiles(target); err != nil {
		return err
	}
	r, err := os.Open(source)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.Create(target)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Sync(), w.Close())
}

// removeFiles removes a database with the files beside it.
func removeFiles(path string) error {
	files, err := filepath.Glob(path + "*")
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// merge puts a line into a list in the order of the workloads, in the place of
// an older one.
func merge(list []*line, fresh *line) []*line {
	byName := map[string]*line{}
	for _, l := range append(list, fresh) {
		byName[l.Workload] = l
	}
	list = nil
	for _, w := range workloads() {
		if l := byName[w.name]; l != nil {
			list = append(list, l)
		}
	}
	return list
}

// merge adds what newer files weigh.
func (s sizes) merge(fresh sizes) {
	for name, formats := range fresh {
		if s[name] == nil {
			s[name] = map[string]int64{}
		}
		maps.Copy(s[name], formats)
	}
}
