package main

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
	"github.com/rustlite/rustlite"
)

// modes are the ways to show rows.
var modes = map[string]func(*shell, *rustlite.Rows) error{
	"list": (*shell).showList, "csv": (*shell).showCSV, "json": (*shell).showJSON, "box": (*shell).showBox,
}

func (s *shell) setMode(name string) bool {
	if modes[name] == nil {
		return false
	}
	s.mode = name
	return true
}

func (s *shell) show(rows *rustlite.Rows) error { return modes[s.mode](s, rows) }

// showList prints columns separated by |, as sqlite3 does to a pipe.
func (s *shell) showList(rows *rustlite.Rows) error {
	for first := true; rows.Next(); first = false {
		row := rows.Row()
		if first && s.headers { // Without rows no headers.
			s.out.WriteString(strings.Join(row.Columns(), "|") + "\n")
		}
		for i := range row.Len() {
			if i > 0 {
				s.out.WriteByte('|')
			}
			s.out.Write(row.Raw(i))
		}
		s.out.WriteByte('\n')
	}
	return nil
}

// showCSV prints RFC 4180 rows with CRLF, quoting as sqlite3 does: whatever
// is empty or holds a blank, a quote, a comma or a byte outside ASCII's
// printable ones.
func (s *shell) showCSV(rows *rustlite.Rows) error {
	line := func(fields []string, nulls []bool) {
		for i, f := range fields {
			if i > 0 {
				s.out.WriteByte(',')
			}
			if !nulls[i] {
				s.out.WriteString(csvField(f))
			}
		}
		s.out.WriteString("\r\n")
	}
	for first := true; rows.Next(); first = false {
		row := rows.Row()
		if first && s.headers {
			line(row.Columns(), make([]bool, row.Len()))
		}
		fields, nulls := make([]string, row.Len()), make([]bool, row.Len())
		for i := range fields {
			fields[i], nulls[i] = row.Text(i), row.IsNull(i)
		}
		line(fields, nulls)
	}
	return nil
}

func csvField(f string) string {
	plain := f != ""
	for i := 0; i < len(f) && plain; i++ {
		c := f[i]
		plain = c > ' ' && c < 0x7f && c != '"' && c != ',' && c != '\''
	}
	if plain {
		return f
	}
	return `"` + strings.ReplaceAll(f, `"`, `""`) + `"`
}

// showJSON prints an array of objects.
func (s *shell) showJSON(rows *rustlite.Rows) error {
	names := make([]string, len(rows.Columns()))
	for i, n := range rows.Columns() {
		b, err := json.Marshal(n)
		if err != nil {
			return err
		}
		names[i] = string(b)
	}
	count := 0
	for rows.Next() {
		if count++; count == 1 {
			s.out.WriteString("[{")
		} else {
			s.out.WriteString(",\n{")
		}
		row := rows.Row()
		for i := range row.Len() {
			if i > 0 {
				s.out.WriteByte(',')
			}
			s.out.WriteString(names[i] + ":" + jsonValue(row, i))
		}
		s.out.WriteByte('}')
	}
	if count > 0 {
		s.out.WriteString("]\n")
	}
	return nil
}

func jsonValue(row *rustlite.Row, i int) string {
	switch row.Kind(i) {
	case rustlite.Null:
		return "null"
	case rustlite.Integer, rustlite.Real:
		switch t := row.Text(i); t {
		case "Inf":
			return "1e999"
		case "-Inf":
			return "-1e999"
		default:
			return t
		}
	case rustlite.Blob:
		return `"` + hex.EncodeToString(row.Raw(i)) + `"`
	default:
		b, err := json.Marshal(row.Text(i))
		if err != nil {
			return "null"
		}
		return string(b)
	}
}

// showBox prints a table drawn with lines, as sqlite3 does: names in the middle
// of their columns, a line of its own for every line of a value, and a rule
// between rows where there are such. It holds all rows in memory.
func (s *shell) showBox(rows *rustlite.Rows) error {
	names := rows.Columns()
	widths := make([]int, len(names))
	for i, name := range names {
		names[i] = boxLine(name)
		widths[i] = runewidth.StringWidth(names[i])
	}
	var table [][][]string // Rows of cells of lines.
	tall := false
	for rows.Next() {
		row := rows.Row()
		cells := make([][]string, row.Len())
		for i := range cells {
			cells[i] = strings.Split(row.Text(i), "\n")
			for j, line := range cells[i] {
				cells[i][j] = boxLine(strings.TrimSuffix(line, "\r"))
				widths[i] = max(widths[i], runewidth.StringWidth(cells[i][j]))
			}
			tall = tall || len(cells[i]) > 1
		}
		table = append(table, cells)
	}
	if len(table) == 0 {
		return nil
	}
	rule := func(left, middle, right string) {
		for i, w := range widths {
			if i == 0 {
				s.out.WriteString(left)
			} else {
				s.out.WriteString(middle)
			}
			s.out.WriteString(strings.Repeat("\u2500", w+2))
		}
		s.out.WriteString(right + "\n")
	}
	rule("\u250c", "\u252c", "\u2510")
	for i, name := range names {
		left := (widths[i] - runewidth.StringWidth(name)) / 2
		s.out.WriteString("\u2502 " + runewidth.FillRight(strings.Repeat(" ", left)+name, widths[i]) + " ")
	}
	s.out.WriteString("\u2502\n")
	for n, cells := range table {
		if n == 0 || tall {
			rule("\u251c", "\u253c", "\u2524")
		}
		for j, more := 0, true; more; j++ {
			more = false
			for i, lines := range cells {
				line := ""
				if j < len(lines) {
					line = lines[j]
				}
				more = more || j+1 < len(lines)
				s.out.WriteString("\u2502 " + runewidth.FillRight(line, widths[i]) + " ")
			}
			s.out.WriteString("\u2502\n")
		}
	}
	rule("\u2514", "\u2534", "\u2518")
	return nil
}

// boxLine makes a line safe for a table: tabs become blanks up to the next
// eighth column, other control characters show as ^X.
func boxLine(line string) string {
	if strings.IndexFunc(line, unicode.IsControl) < 0 {
		return line
	}
	var b strings.Builder
	width := 0
	for _, c := range line {
		text := string(c)
		switch {
		case c == '\t':
			text = strings.Repeat(" ", 8-width%8)
		case c < ' ' || c == 0x7f:
			text = "^" + string(c^0x40)
		case unicode.IsControl(c):
			text = "\ufffd"
		}
		b.WriteString(text)
		width += runewidth.StringWidth(text)
	}
	return b.String()
}
