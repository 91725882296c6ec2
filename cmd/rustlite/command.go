package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const help = `.headers on|off        show the names of columns
.help                  this text
.import --csv FILE TABLE  load a CSV file; --skip N leaves out lines
.mode list|csv|json|box
.quit, .exit           leave
.read FILE             run the statements of a file
.schema [TABLE]        show CREATE statements
.tables [PATTERN]      list tables and views
`

// readDepthMax bounds .read within .read.
const readDepthMax = 25

// command runs one dot command.
func (s *shell) command(line string) error {
	args := fields(line)
	name, args := args[0], args[1:]
	switch name {
	case ".help":
		s.out.WriteString(help)
	case ".quit", ".exit":
		s.quit = true
	case ".headers", ".header":
		if len(args) != 1 {
			return errors.New("usage: .headers on|off")
		}
		s.headers = args[0] == "on" || args[0] == "yes" || args[0] == "1"
	case ".mode":
		if len(args) != 1 || !s.setMode(args[0]) {
			return errors.New("usage: .mode list|csv|json|box")
		}
	case ".read":
		return s.read(args)
	case ".tables":
		return s.tables(args)
	case ".schema":
		return s.schema(args)
	case ".import":
		return s.importFile(args)
	default:
		return fmt.Errorf("unknown command %s: .help lists the commands", name)
	}
	return nil
}

// fields splits a line at blanks; quotes keep a field together.
func fields(line string) []string {
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimLeft(line, " \t") {
		if q := line[0]; q == '"' || q == '\'' {
			if end := strings.IndexByte(line[1:], q); end >= 0 {
				out = append(out, line[1:1+end])
				line = line[end+2:]
				continue
			}
		}
		end := strings.IndexAny(line, " \t")
		if end < 0 {
			end = len(line)
		}
		out = append(out, line[:end])
		line = line[end:]
	}
	return out
}

func (s *shell) read(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: .read FILE")
	}
	if s.depth >= readDepthMax {
		return fmt.Errorf("more than %d files within each other", readDepthMax)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	s.depth++
	defer func() { s.depth-- }()
	if !s.script(newLineReader(f), args[0]) && !s.quit {
		return fmt.Errorf("%s stopped", args[0])
	}
	return nil
}

func (s *shell) tables(args []string) error {
	pattern := "%"
	if len(args) > 0 {
		pattern = args[0]
	}
	rows, err := s.conn.Query(context.Background(), `SELECT name FROM sqlite_schema
		WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name LIKE ? ORDER BY 1`, pattern)
	if err != nil {
		return err
	}
	defer rows.Close()
	var names []string
	width := 0
	for rows.Next() {
		names = append(names, rows.Row().Text(0))
		width = max(width, len(names[len(names)-1]))
	}
	// Columns down, then across, on 80 characters, as sqlite3 prints them.
	perLine := max(1, 80/(width+2))
	down := (len(names) + perLine - 1) / perLine
	for i := 0; i < down; i++ {
		for j := i; j < len(names); j += down {
			if j > i {
				s.out.WriteString("  ")
			}
			fmt.Fprintf(s.out, "%-*s", width, names[j])
		}
		s.out.WriteByte('\n')
	}
	return rows.Err()
}

func (s *shell) schema(args []string) error {
	pattern := "%"
	if len(args) > 0 {
		pattern = args[0]
	}
	rows, err := s.conn.Query(context.Background(),
		"SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name LIKE ? ORDER BY rowid", pattern)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s.out.WriteString(rows.Row().Text(0) + ";\n")
	}
	return rows.Err()
}

// importFile loads a CSV file into a table in one transaction. A table that
// does not exist is made from the first line.
func (s *shell) importFile(args []string) error {
	skip := 0
	var names []string
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "--csv", "-csv":
		case "--skip", "-skip":
			if i++; i < len(args) {
				if _, err := fmt.Sscan(args[i], &skip); err != nil {
					return fmt.Errorf("--skip %s: %w", args[i], err)
				}
			}
		default:
			names = append(names, args[i])
		}
	}
	if len(names) != 2 {
		return errors.New("usage: .import --csv [--skip N] FILE TABLE")
	}
	f, err := os.Open(names[0])
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(withoutMark(f))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	for ; skip > 0; skip-- {
		if _, err := r.Read(); err != nil {
			return fmt.Errorf("%s: %w", names[0], err)
		}
	}
	return s.load(r, names[0], names[1])
}

func (s *shell) load(r *csv.Reader, file, table string) error {
	ctx := context.Background()
	columns, err := s.columnCount(table)
	if err != nil {
		return err
	}
	if columns == 0 {
		header, err := r.Read()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: empty file", file)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		defs := s.columnNames(header, file)
		for i, name := range defs {
			defs[i] = quote(name) + " TEXT"
		}
		if _, err := s.conn.Exec(ctx, "CREATE TABLE "+quote(table)+"("+strings.Join(defs, ", ")+")"); err != nil {
			return err
		}
		columns = len(header)
	}
	// A savepoint is a transaction where there is none yet.
	if _, err := s.conn.Exec(ctx, "SAVEPOINT import"); err != nil {
		return err
	}
	err = s.loadRows(ctx, r, file, table, columns)
	if err != nil {
		_, undo := s.conn.Exec(ctx, "ROLLBACK TO import")
		err = errors.Join(err, undo)
	}
	_, end := s.conn.Exec(ctx, "RELEASE import")
	return errors.Join(err, end)
}

// loadRows inserts what is left of a CSV file.
func (s *shell) loadRows(ctx context.Context, r *csv.Reader, file, table string, columns int) error {
	insert := "INSERT INTO " + quote(table) + " VALUES (?" + strings.Repeat(", ?", columns-1) + ")"
	vals := make([]any, columns)
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		switch {
		case len(rec) < columns:
			fmt.Fprintf(s.err, "%s:%d: expected %d columns but found %d - filling the rest with NULL\n", file, line, columns, len(rec))
		case len(rec) > columns:
			fmt.Fprintf(s.err, "%s:%d: expected %d columns but found %d - extras ignored\n", file, line, columns, len(rec))
		}
		for i := range vals {
			vals[i] = nil
			if i < len(rec) {
				vals[i] = rec[i]
			}
		}
		if _, err := s.conn.Exec(ctx, insert, vals...); err != nil {
			return fmt.Errorf("%s:%d: %w", file, line, err)
		}
	}
}

// columnNames makes names of columns of a header, as sqlite3 does: an empty one
// is ?, and those that there are several of get a number each.
func (s *shell) columnNames(header []string, file string) []string {
	names := make([]string, len(header))
	count, taken := map[string]int{}, map[string]bool{}
	for i, h := range header {
		if names[i] = h; h == "" {
			names[i] = "?"
		}
		key := strings.ToLower(names[i])
		count[key]++
		taken[key] = true
	}
	var renamed []string
	number := map[string]int{}
	for i, name := range names {
		key := strings.ToLower(name)
		if count[key] == 1 {
			continue
		}
		for next := key; taken[next]; {
			number[key]++
			names[i] = fmt.Sprintf("%s_%d", name, number[key])
			next = strings.ToLower(names[i])
		}
		taken[strings.ToLower(names[i])] = true
		renamed = append(renamed, fmt.Sprintf("%q to %q", name, names[i]))
	}
	if len(renamed) > 0 {
		fmt.Fprintf(s.err, "Columns renamed during .import %s due to duplicates:\n%s\n", file, strings.Join(renamed, ",\n"))
	}
	return names
}

// withoutMark skips the byte order mark that a CSV file may begin with.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3) // They were peeked at.
	}
	return b
}

// columnCount is the number of columns of a table, 0 when there is none.
func (s *shell) columnCount(table string) (int, error) {
	rows, err := s.conn.Query(context.Background(), "PRAGMA table_info("+quote(table)+")")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
