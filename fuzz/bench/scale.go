package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// How cost grows: the workloads that ask for it, at several sizes of the large
// table, each built once and removed when it has been measured.

// parseSizes reads "1M,10M".
func parseSizes(text string) ([]int, error) {
	var list []int
	for _, s := range strings.Split(text, ",") {
		digits := strings.TrimRight(s, "kM")
		n, err := strconv.Atoi(digits)
		if err != nil || len(s)-len(digits) > 1 {
			return nil, fmt.Errorf("%q is no number of rows, such as 500k or 10M", s)
		}
		switch s[len(digits):] {
		case "k":
			n *= 1_000
		case "M":
			n *= 1_000_000
		}
		list = append(list, n)
	}
	return list, nil
}

// specimenRows is how many rows tell what the disk must hold.
const specimenRows = 100_000

// measureScale measures at each size and prints a table of costs an operation.
func (p *plan) measureScale(ctx context.Context, w io.Writer, rows []int) error {
	p.only = func(w *workload) bool { return w.scale && (w.data == large || w.data == nil) }
	p.inPlace = true
	p.engines = slices.DeleteFunc(p.engines, func(e *engine) bool { return e.analytic })
	if err := p.roomFor(ctx, w, slices.Max(rows)); err != nil {
		return err
	}
	byName := map[string][]*line{}
	var names []string
	weights := sizes{}
	p.done = func(l *line, files sizes) error {
		if byName[l.Workload] == nil {
			names = append(names, l.Workload)
		}
		byName[l.Workload] = append(byName[l.Workload], l)
		for _, f := range l.Faults {
			fmt.Fprintln(w, f)
		}
		weights.merge(files)
		return nil
	}
	for _, n := range rows {
		p.size.Rows = n
		if err := p.measure(ctx); err != nil {
			return err
		}
		for format, bytes := range weights[large.name] {
			fmt.Fprintf(w, "%d rows, %s: %s\n", n, format, figure(float64(bytes), "bytes"))
			if err := removeFiles(p.path(large, format)); err != nil {
				return err
			}
		}
	}
	heads := []string{"work", "engine"}
	for _, n := range rows {
		heads = append(heads, fmt.Sprint(n, " rows"))
	}
	heads = append(heads, "largest / smallest")
	var table [][]string
	for _, name := range names {
		for _, e := range p.engines {
			row, first, last := []string{name, e.name}, 0.0, 0.0
			for _, l := range byName[name] {
				v, spread, ok := l.median(e.name, "")
				if !ok {
					row = append(row, "")
					continue
				}
				if last = v; first == 0 {
					first = v
				}
				row = append(row, fmt.Sprintf("%s ±%.0f%%", figure(v, "ns"), spread*50))
			}
			table = append(table, append(row, fmt.Sprintf("%.2f", last/first)))
		}
	}
	markdownTable(w, heads, table)
	return nil
}

// roomFor measures the bytes a row of a small table and refuses what the disk
// cannot hold: the files of all formats, and a sort as large as one index.
func (p *plan) roomFor(ctx context.Context, w io.Writer, rows int) error {
	p.size.Rows = specimenRows
	files := sizes{}
	for _, e := range p.engines {
		if err := p.build(ctx, large, e, files); err != nil {
			return err
		}
	}
	need := 0.0
	for format, bytes := range files[large.name] {
		fmt.Fprintf(w, "%s: %.0f bytes a row\n", format, float64(bytes)/specimenRows)
		need += 1.5 * float64(bytes) / specimenRows * float64(rows)
		if err := removeFiles(p.path(large, format)); err != nil {
			return err
		}
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(p.dir, &st); err != nil {
		return err
	}
	if free := float64(st.Bavail) * float64(st.Bsize); need > free {
		return fmt.Errorf("%d rows need about %s of disk, %s has %s", rows, figure(need, "bytes"), p.dir, figure(free, "bytes"))
	}
	return nil
}
