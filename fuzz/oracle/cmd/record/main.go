// Command record writes the answers of the reference, C SQLite, into corpus
// files of fuzz/sqltest.
//
//	record [-init SCRIPT] [-csv TABLE=FILE]... FILE.test...   answer again
//	record [...] -from SCRIPT.sql FILE.test                  make a file of a script
//
// -init runs a script before the file's records, -csv loads a CSV file into a
// table (after -init). Neither is part of the file.
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rustlite/rustlite"
	"github.com/rustlite/rustlite/fuzz/oracle"
	"github.com/rustlite/rustlite/fuzz/sqltest"
	"github.com/rustlite/rustlite/vm/value"
)

type csvFlags []string

func (c *csvFlags) String() string     { return strings.Join(*c, ",") }
func (c *csvFlags) Set(s string) error { *c = append(*c, s); return nil }

func main() {
	var csvs csvFlags
	initScript := flag.String("init", "", "a script to run first")
	from := flag.String("from", "", "a script of statements to make the file of")
	flag.Var(&csvs, "csv", "TABLE=FILE to load")
	flag.Parse()
	for _, path := range flag.Args() {
		if err := record(path, *initScript, *from, csvs); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

// reference runs statements on C SQLite and keeps the kinds of values.
type reference struct{ conn *oracle.Conn }

type coded struct {
	code int
	text string
}

func (c coded) Error() string     { return c.text }
func (c coded) ExtendedCode() int { return c.code }

func (r *reference) query(sql string) (out [][]sqltest.Value, columns int, err error) {
	s, _, err := r.conn.Prepare(sql)
	if err != nil || s == nil {
		return nil, 0, refError(err)
	}
	defer s.Close()
	columns = len(s.Columns())
	err = s.Run(func(vals []value.Value) error {
		row := make([]sqltest.Value, len(vals))
		for i := range vals {
			row[i] = oracle.Any(&vals[i])
		}
		out = append(out, row)
		return nil
	})
	return out, columns, refError(err)
}

func refError(err error) error {
	var e *oracle.Error
	if errors.As(err, &e) {
		return coded{e.Extended, e.Text}
	}
	return err
}

// script runs statements for their effects.
func (r *reference) script(text string) error {
	for rest := text; rest != ""; {
		var one string
		one, rest = oracle.Split(rest)
		if _, _, err := r.query(one); err != nil {
			return err
		}
	}
	return nil
}

func record(path, initScript, from string, csvs []string) error {
	conn, err := oracle.Open(":memory:")
	if err != nil {
		return err
	}
	defer conn.Close()
	ref := &reference{conn}
	if initScript != "" {
		text, err := os.ReadFile(initScript)
		if err != nil {
			return err
		}
		if err := ref.script(string(text)); err != nil {
			return err
		}
	}
	for _, c := range csvs {
		table, file, _ := strings.Cut(c, "=")
		if err := load(ref, table, file); err != nil {
			return err
		}
	}
	var records []*sqltest.Record
	if from != "" {
		records, err = script(from)
	} else {
		records, err = read(path)
	}
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, rec := range records {
		if rec.Kind == sqltest.Halt {
			break
		}
		if !rec.Skip {
			answer(ref, rec, from != "")
		}
		for _, l := range rec.Head {
			b.WriteString(l + "\n")
		}
		if len(rec.Want) > 0 || rec.Kind == sqltest.Query {
			b.WriteString("----\n")
			for _, w := range rec.Want {
				b.WriteString(w + "\n")
			}
		}
		b.WriteString("\n")
	}
	return os.WriteFile(path, []byte(b.String()), 0o644)
}

func read(path string) ([]*sqltest.Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return sqltest.Parse(f, "sqlite")
}

// script cuts a script into records; comments before a statement stay with it.
func script(path string) ([]*sqltest.Record, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*sqltest.Record
	var buf, notes []string
	for _, line := range strings.Split(string(text), "\n") {
		if len(buf) == 0 && strings.HasPrefix(line, "--") {
			notes = append(notes, "#"+strings.TrimPrefix(line, "--"))
			continue
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		buf = append(buf, line)
		if sql := strings.Join(buf, "\n"); rustlite.Complete(sql) {
			sql = strings.TrimSuffix(strings.TrimSpace(sql), ";")
			out = append(out, &sqltest.Record{SQL: sql, Head: append(notes, "", sql)})
			buf, notes = nil, nil
		}
	}
	return out, nil
}

// answer puts the reference's answer into a record; fresh ones also get their
// first line.
func answer(ref *reference, rec *sqltest.Record, fresh bool) {
	rows, columns, err := ref.query(rec.SQL)
	rec.Want = nil
	if fresh {
		head := &rec.Head[len(rec.Head)-2]
		switch {
		case err != nil:
			*head, rec.Error = "statement error", true
		case columns > 0:
			rec.Kind, rec.Types, rec.Sort = sqltest.Query, strings.Repeat("V", columns), "nosort"
			*head = "query " + rec.Types + " nosort"
		default:
			*head = "statement ok"
		}
	}
	switch {
	case rec.Kind == sqltest.Query:
		rec.Want = sqltest.Result(rows, rec.Types, rec.Sort, 200)
	case rec.Error:
		rec.Want = []string{sqltest.ErrorText(err)}
	}
}

func load(ref *reference, table, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	if err := ref.script("BEGIN"); err != nil {
		return err
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return ref.script("COMMIT")
		}
		if err != nil {
			return err
		}
		vals := make([]value.Value, len(rec))
		for i, v := range rec {
			vals[i] = value.FromString(v)
		}
		if err := ref.insert(table, vals); err != nil {
			return err
		}
	}
}

func (r *reference) insert(table string, vals []value.Value) error {
	s, _, err := r.conn.Prepare(`INSERT INTO "` + table + `" VALUES (?` + strings.Repeat(",?", len(vals)-1) + ")")
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Bind(vals); err != nil {
		return err
	}
	return s.Run(nil)
}
