package sqltest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Record is one entry of a file.
type Record struct {
	Line  int
	Kind  Kind
	SQL   string
	Types string // Of a query: one letter a column.
	Sort  string // nosort, rowsort, valuesort
	Label string
	Want  []string // Of a query: lines after ----; of a statement error of ours: the error.
	// Error: the statement must fail.
	Error bool
	// Threshold is the hash threshold in force; 0: none.
	Threshold int
	// Skip: the record is not for the engine, as skipif and onlyif say.
	Skip bool
	// Feature and Difference are what its tags say.
	Feature, Difference string
	// Head are the lines of the record up to the SQL's end, with those that
	// stand before it, for rewriting.
	Head []string
}

// The tags: comments that docs/compatibility.md is made from. A feature holds
// for the records that follow; a difference for the next one, which holds the
// reference's answer, and behind which stands a record with ours.
const (
	tagFeature    = "# feature: "
	tagDifference = "# difference: "
)

// Kind is the kind of a record.
type Kind uint8

// The kinds.
const (
	Statement Kind = iota
	Query
	Halt
)

// Parse reads the records of a file for an engine with the names given.
func Parse(r io.Reader, engines ...string) ([]*Record, error) {
	is := map[string]bool{}
	for _, e := range engines {
		is[e] = true
	}
	p := &fileParser{in: bufio.NewReaderSize(r, 1<<20)}
	var out []*Record
	skip, threshold := false, 0
	var feature, difference string
	var notes []string
	for {
		line, ok := p.line()
		if !ok {
			return out, p.err
		}
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if strings.HasPrefix(line, "#") {
			if tag, ok := strings.CutPrefix(line, tagFeature); ok {
				feature = tag
			} else if tag, ok := strings.CutPrefix(line, tagDifference); ok {
				difference = tag
			}
			notes = append(notes, line)
			continue
		}
		rec := &Record{Line: p.number, Threshold: threshold, Feature: feature, Difference: difference, Head: append(notes, line)}
		switch f[0] {
		case "skipif":
			skip = skip || is[f[1]]
			notes = append(notes, line)
			continue
		case "onlyif":
			skip = skip || !is[f[1]]
			notes = append(notes, line)
			continue
		case "hash-threshold":
			n, err := strconv.Atoi(f[1])
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", p.number, err)
			}
			threshold = n
			continue
		case "halt":
			if !skip {
				return append(out, &Record{Line: p.number, Kind: Halt}), nil
			}
			skip, notes = false, nil
			continue
		case "statement":
			rec.Error = len(f) > 1 && f[1] == "error"
			p.body(rec)
		case "query":
			rec.Kind, rec.Sort = Query, "nosort"
			if len(f) > 1 {
				rec.Types = f[1]
			}
			if len(f) > 2 {
				rec.Sort = f[2]
			}
			if len(f) > 3 {
				rec.Label = f[3]
			}
			p.body(rec)
		default:
			return nil, fmt.Errorf("line %d: unknown record %q", p.number, line)
		}
		rec.Skip = skip
		out = append(out, rec)
		skip, difference, notes = false, "", nil
	}
}

type fileParser struct {
	in     *bufio.Reader
	number int
	err    error
}

func (p *fileParser) line() (string, bool) {
	s, err := p.in.ReadString('\n')
	if err != nil && s == "" {
		if err != io.EOF {
			p.err = err
		}
		return "", false
	}
	p.number++
	return strings.TrimRight(s, "\r\n"), true
}

// body reads the SQL up to ---- or a blank line, then the expected lines up
// to a blank line.
func (p *fileParser) body(rec *Record) {
	var sql []string
	for {
		line, ok := p.line()
		if !ok || line == "" {
			break
		}
		if line == "----" {
			for {
				line, ok := p.line()
				if !ok || line == "" {
					break
				}
				rec.Want = append(rec.Want, line)
			}
			break
		}
		sql = append(sql, line)
		rec.Head = append(rec.Head, line)
	}
	rec.SQL = strings.Join(sql, "\n")
}
