package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// report is what a run found, as -json writes it and -from reads it.
type report struct {
	Machine machine
	Command string
	Rounds  int
	Size    size
	Lines   []*line
	Files   sizes
	Clock   string // The metric that is shown as time: "", or cpu.
}

func readReport(path string) (report, error) {
	var r report
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}

func (r *report) write(path string) error {
	b, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o666)
}

// faults lists what went wrong.
func (r *report) faults() []string {
	var list []string
	for _, l := range r.Lines {
		list = append(list, l.Faults...)
	}
	return list
}

// median and spread of the samples of a metric; the spread is the distance of
// least and most by the median.
func (l *line) median(engine, metric string) (float64, float64, bool) {
	s := slices.Sorted(slices.Values(l.Samples[engine][metric]))
	if len(s) == 0 {
		return 0, 0, false
	}
	m := s[len(s)/2]
	if len(s)%2 == 0 {
		m = (m + s[len(s)/2-1]) / 2
	}
	return m, (s[len(s)-1] - s[0]) / m, true
}

// reference is the better figure of mattn's.
func (l *line) reference(metric string) (m, spread float64, ok bool) {
	for _, e := range reference {
		if v, s, has := l.median(e, metric); has && (!ok || v < m) {
			m, spread, ok = v, s, true
		}
	}
	return m, spread, ok
}

// ratio is how many times the reference's figure an engine's goes into it.
func (l *line) ratio(engine, metric string) (float64, bool) {
	theirs, _, ok := l.reference(metric)
	ours, _, has := l.median(engine, metric)
	return theirs / ours, ok && has && ours > 0
}

var heads = []string{"work", "a", "rustlite", "native", "mattn", "modernc", "duckdb", "ratio", "wanted", "native", "wanted", ""}

// rows are the cells of the table.
func (r *report) rows() [][]string {
	var list [][]string
	for _, l := range r.Lines {
		list = append(list, l.rows(r.Clock)...)
	}
	return list
}

func (l *line) rows(clock string) [][]string {
	all := workloads()
	i := slices.IndexFunc(all, func(w workload) bool { return w.name == l.Workload })
	if i < 0 {
		return nil
	}
	w := all[i]
	list := [][]string{l.row(w.name, w.unit, metric{name: clock, unit: "ns", want: w.want})}
	for _, m := range w.also {
		list = append(list, l.row("– "+m.name, "", m))
	}
	return list
}

func (l *line) row(name, unit string, m metric) []string {
	cells := []string{name, unit}
	short := false
	for _, e := range []string{"rustlite", "native", "mattn", "modernc", "duckdb"} {
		v, spread, ok := l.median(e, m.name)
		if e == reference[0] {
			v, spread, ok = l.reference(m.name)
		}
		if !ok {
			cells = append(cells, "")
			continue
		}
		cells = append(cells, fmt.Sprintf("%s ±%.0f%%", figure(v, m.unit), spread*50))
		short = short || m.want.most > 0 && v > m.want.most && (e == "rustlite" || e == "native")
	}
	for _, want := range []struct {
		engine string
		least  float64
	}{{"rustlite", m.want.sql}, {"native", m.want.native}} {
		ratio, ok := l.ratio(want.engine, m.name)
		shown, wanted := "", ""
		if ok {
			shown = fmt.Sprintf("%.2f", ratio)
			short = short || ratio < want.least
		}
		if want.least > 0 {
			wanted = fmt.Sprintf("%g", want.least)
		} else if m.want.most > 0 {
			wanted = "≤ " + figure(m.want.most, m.unit)
		}
		cells = append(cells, shown, wanted)
	}
	mark := ""
	if short {
		mark = "short"
	}
	if len(l.Faults) > 0 {
		mark += " FAULT"
	}
	return append(cells, strings.TrimSpace(mark))
}

// unit is what figures are told in from some number of the metric's own unit on.
type unit struct {
	from float64
	name string
}

var units = map[string][]unit{
	"ns":    {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}},
	"bytes": {{1 << 20, "MiB"}, {1 << 10, "KiB"}, {1, "B"}},
}

// figure is a number with three digits and a unit that suits it.
func figure(v float64, of string) string {
	list := units[of]
	u := list[len(list)-1]
	if i := slices.IndexFunc(list, func(u unit) bool { return v >= u.from }); i >= 0 {
		u = list[i]
	}
	v /= u.from
	return fmt.Sprintf("%.*f %s", max(0, 2-int(math.Log10(max(v, 1)))), v, u.name)
}

// summary are the sentences under the table.
func (r *report) summary() []string {
	var list []string
	for _, e := range []struct{ engine, name string }{{"rustlite", "database/sql"}, {"native", "native"}} {
		logs, n, worst, worstName := 0.0, 0, math.Inf(1), ""
		for _, l := range r.Lines {
			ratio, ok := l.ratio(e.engine, r.Clock)
			if !ok || !strings.HasPrefix(l.Workload, tpchFamily) {
				continue
			}
			logs, n = logs+math.Log(ratio), n+1
			if ratio < worst {
				worst, worstName = ratio, l.Workload
			}
		}
		if n > 0 {
			list = append(list, fmt.Sprintf("TPC-H-like queries, %s: geometric mean of %d ratios %.2f (wanted %d), worst %s %.2f (wanted %g).",
				e.name, n, math.Exp(logs/float64(n)), tpchMean, worstName, worst, tpchLeast))
		}
	}
	return list
}

var fileHeads = []string{"data set", "RustLite", "SQLite", "ratio"}

// fileRows compare what data sets weigh.
func (r *report) fileRows() [][]string {
	var list [][]string
	for _, w := range workloads() {
		if w.data == nil || r.Files[w.data.name] == nil {
			continue
		}
		f := r.Files[w.data.name]
		ours, theirs := float64(f[formatRustLite]), float64(f[formatSQLite])
		row := []string{w.data.name, figure(ours, "bytes"), figure(theirs, "bytes"), fmt.Sprintf("%.3f", ours/theirs)}
		if !slices.ContainsFunc(list, func(r []string) bool { return r[0] == row[0] }) {
			list = append(list, row)
		}
	}
	return list
}

// print writes the table for a terminal.
func (r *report) print(w io.Writer) {
	printTable(w, heads, r.rows())
	fmt.Fprintln(w, strings.Join(r.summary(), "\n"))
	printTable(w, fileHeads, r.fileRows())
}

func printTable(w io.Writer, heads []string, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heads}, rows...) {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	t.Flush()
}

func markdownTable(w io.Writer, heads []string, rows [][]string) {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat("---|", len(heads)))
	for _, row := range rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
}

// markdown writes the report as a document has it.
func (r *report) markdown(w io.Writer) {
	fmt.Fprintf(w, "```sh\ncd fuzz/bench && %s\n```\n\n", r.Command)
	if r.Clock == cpu {
		fmt.Fprintf(w, "Times are the processor's, of all threads, not the clock's.\n\n")
	}
	fmt.Fprintf(w, "%s\n\nTables of %d rows, TPC-H's scale %g; medians of %d rounds, behind them half the distance of least and most.%s\n\n",
		&r.Machine, r.Size.Rows, r.Size.SF, r.Rounds, r.load())
	markdownTable(w, heads, r.rows())
	fmt.Fprintln(w)
	for _, s := range r.summary() {
		fmt.Fprintf(w, "%s\n\n", s)
	}
	fmt.Fprintf(w, "Files:\n\n")
	markdownTable(w, fileHeads, r.fileRows())
}

// load is a sentence on the load of the machine, empty where it is not known.
func (r *report) load() string {
	least, most := math.Inf(1), 0.0
	for _, l := range r.Lines {
		least, most = min(least, l.Load), max(most, l.Load)
	}
	if least == 0 || most == 0 {
		return ""
	}
	return fmt.Sprintf(" The load of the machine when a line began, our own included, was %.1f to %.1f.", least, most)
}

// The part of a document that this program writes stands between two lines.
const docBegin, docEnd = "<!-- fuzz/bench writes from here -->\n", "<!-- fuzz/bench wrote to here -->\n"

// document puts the report into the file at path.
func (r *report) document(path string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), docBegin)
	_, after, end := strings.Cut(rest, docEnd)
	if !ok || !end {
		return fmt.Errorf("%s: no lines %q and %q", path, docBegin, docEnd)
	}
	var b strings.Builder
	r.markdown(&b)
	return os.WriteFile(path, []byte(before+docBegin+"\n"+b.String()+"\n"+docEnd+after), 0o666)
}
