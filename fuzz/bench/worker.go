package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// job is what one process does: it builds a data set, or runs a workload on
// the file at Path.
type job struct {
	Build, Workload string
	Engine, Path    string
	Level           string
	size
	Least   time.Duration // How long a workload that reads goes on.
	Profile string        // The file of its CPU profile.
}

// result is what it found: the metrics, the time an operation being "".
type result struct {
	Metrics map[string]float64
	Answer  string
	First   string // A row of it, for a reader of a difference.
}

// work reads a job from standard input and writes its result.
func work() error {
	var j job
	if err := json.NewDecoder(os.Stdin).Decode(&j); err != nil {
		return err
	}
	r, err := j.run()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func (j job) run() (result, error) {
	if j.Build != "" {
		return result{}, j.build()
	}
	list := workloads()
	i := slices.IndexFunc(list, func(w workload) bool { return w.name == j.Workload })
	if i < 0 {
		return result{}, fmt.Errorf("no workload %q", j.Workload)
	}
	t := &T{job: j, metrics: map[string]float64{}}
	if err := t.openDB(); err != nil {
		return result{}, err
	}
	if err := list[i].run(t); err != nil {
		return result{}, err
	}
	if err := t.closeDB(); err != nil {
		return result{}, err
	}
	n, err := fileBytes(j.Path)
	t.Report("file", float64(n))
	return result{t.metrics, t.answer.String(), strings.Join(t.answer.first, " ")}, err
}

func (j job) build() error {
	for _, w := range workloads() {
		if w.data == nil || w.data.name != j.Build {
			continue
		}
		e, err := engineNamed(j.Engine)
		if err != nil {
			return err
		}
		db, err := e.open(j.Path, "OFF")
		if err != nil {
			return err
		}
		return errors.Join(w.data.build(db, j.size), db.Close())
	}
	return fmt.Errorf("no data set %q", j.Build)
}

func (t *T) openDB() error {
	e, err := engineNamed(t.Engine)
	if err != nil {
		return err
	}
	if t.db, err = e.open(t.Path, t.Level); err != nil {
		return err
	}
	t.conn, err = t.db.Conn()
	return err
}

// closeDB may be called again.
func (t *T) closeDB() error {
	if t.db == nil {
		return nil
	}
	var err error
	for _, s := range t.stmts {
		err = errors.Join(err, s.Close())
	}
	for _, c := range t.others {
		err = errors.Join(err, c.Close())
	}
	err = errors.Join(err, t.conn.Close(), t.db.Close())
	t.db, t.stmts, t.others = nil, nil, nil
	return err
}

// ReportPeak reports the most memory that the process has had resident, where
// the system tells.
func (t *T) ReportPeak() {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if v, ok := strings.CutPrefix(s.Text(), "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(v), " kB"), 64)
			t.Report("peak memory", kib*1024)
		}
	}
}

// fileBytes is the size of a database with the files beside it.
func fileBytes(path string) (int64, error) {
	files, err := filepath.Glob(path + "*")
	total := int64(0)
	for _, f := range files {
		if st, err := os.Stat(f); err == nil {
			total += st.Size()
		}
	}
	return total, err
}
