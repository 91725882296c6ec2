package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every workload runs on small tables in this process, on all engines there
// are, and their answers agree.
func TestWorkloads(t *testing.T) {
	p := &plan{
		run: regexp.MustCompile(""), rounds: 1, size: size{Rows: 2_000, SF: 0.002}, level: "NORMAL", dir: t.TempDir(), start: startHere,
	}
	for i := range engines {
		p.engines = append(p.engines, &engines[i])
	}
	r := report{Files: sizes{}}
	p.done = func(l *line, files sizes) error {
		r.Lines = merge(r.Lines, l)
		r.Files.merge(files)
		return nil
	}
	if err := p.measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := len(workloads()); len(r.Lines) != want {
		t.Errorf("%d lines of %d workloads", len(r.Lines), want)
	}
	for _, f := range r.faults() {
		t.Error(f)
	}
	for _, l := range r.Lines {
		for _, row := range l.rows("") {
			if row[2] == "" || row[4] == "" {
				t.Errorf("%s: a figure is missing: %q", l.Workload, row)
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "*-*[lm]")); err != nil || len(left) > 0 {
		t.Errorf("logs left: %v, %v", left, err)
	}
	var b strings.Builder
	r.markdown(&b)
	if !strings.Contains(b.String(), "geometric mean of 11 ratios") {
		t.Errorf("no geometric mean in\n%s", b.String())
	}
}

// Answers that differ are told with the name of the workload and both of them.
func TestAnswersDiffer(t *testing.T) {
	answers := map[string]string{"rustlite": "3 rows", "mattn": "4 rows"}
	p := &plan{run: regexp.MustCompile("^insert/"), rounds: 2, size: size{Rows: 10}, dir: t.TempDir()}
	p.start = func(_ context.Context, j job) (result, error) {
		return result{map[string]float64{"": 1}, answers[j.Engine], "7"}, nil
	}
	for _, name := range []string{"rustlite", "mattn"} {
		e, err := engineNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		p.engines = append(p.engines, e)
	}
	var got []string
	p.done = func(l *line, _ sizes) error {
		got = append(got, l.Faults...)
		return nil
	}
	if err := p.measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "insert/1 index, one transaction: mattn: answers 4 rows (7); rustlite answers 3 rows (7)"
	if len(got) != 1 || got[0] != want {
		t.Errorf("faults %q, want %q", got, want)
	}
}

// Rows count in any order where SQL promises none, floats to nine digits.
func TestAnswer(t *testing.T) {
	fold := func(ordered bool, rows ...float64) uint64 {
		a := Answer{ordered: ordered}
		for _, v := range rows {
			a.Float(v)
			a.Text("x")
			a.EndRow()
		}
		return a.sum
	}
	if fold(false, 1, 2, 3) != fold(false, 3, 1, 2) {
		t.Error("the order counts")
	}
	if fold(true, 1, 2, 3) == fold(true, 3, 1, 2) {
		t.Error("the order does not count")
	}
	if fold(true, 0.3) != fold(true, 0.1+0.2) || fold(true, 1.000001) == fold(true, 1) {
		t.Error("floats are not rounded to nine digits")
	}
}

// Ratios are those of medians, to the better of the reference's.
func TestRatio(t *testing.T) {
	l := line{Workload: "lookup/by row id", Samples: map[string]map[string][]float64{
		"rustlite": {"": {3, 1, 2}}, "mattn": {"": {12, 10, 14}}, "mattn-nomutex": {"": {7, 6, 8}},
	}}
	if r, ok := l.ratio("rustlite", ""); !ok || r != 3.5 {
		t.Errorf("ratio %g, %v", r, ok)
	}
	row := l.rows("")[0]
	if row[2] != "2.00 ns ±50%" || row[7] != "3.50" || row[8] != "3.5" || row[11] != "" {
		t.Errorf("row %q", row)
	}
}

func TestFigure(t *testing.T) {
	for _, c := range []struct {
		v          float64
		unit, want string
	}{
		{0.5, "ns", "0.50 ns"}, {12.34, "ns", "12.3 ns"}, {1234, "ns", "1.23 µs"}, {123_400_000, "ns", "123 ms"},
		{48 << 20, "bytes", "48.0 MiB"}, {100, "bytes", "100 B"},
	} {
		if got := figure(c.v, c.unit); got != c.want {
			t.Errorf("figure(%g, %s) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestParseSizes(t *testing.T) {
	got, err := parseSizes("500k,10M,7")
	if want := []int{500_000, 10_000_000, 7}; err != nil || !slices.Equal(got, want) {
		t.Errorf("sizes %d, %v, want %d", got, err, want)
	}
	for _, bad := range []string{"", "M", "1G", "1MM", "1k,"} {
		if got, err := parseSizes(bad); err == nil {
			t.Errorf("%q gives %d", bad, got)
		}
	}
}

// Growth is measured on tables of their own sizes, which leave nothing behind.
func TestScale(t *testing.T) {
	p := &plan{run: regexp.MustCompile(""), rounds: 1, level: "NORMAL", dir: t.TempDir(), start: startHere}
	for _, name := range []string{"rustlite", "mattn"} {
		e, err := engineNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		p.engines = append(p.engines, e)
	}
	var b strings.Builder
	if err := p.measureScale(t.Context(), &b, []int{500, 1_000}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"bytes a row", "| work | engine | 500 rows | 1000 rows |", "| lookup/by text index | rustlite |", "| open/file of many rows | mattn |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if left, err := os.ReadDir(p.dir); err != nil || len(left) > 0 {
		t.Errorf("files left: %v, %v", left, err)
	}
}
