package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/rustlite/rustlite"
)

// lineSource gives the lines of a script; inside tells that a statement is
// not complete yet.
type lineSource interface {
	next(inside bool) (string, error)
}

var errInterrupt = errors.New("interrupted")

// shell runs scripts on one connection.
type shell struct {
	db      *rustlite.DB
	conn    *rustlite.Conn
	out     *bufio.Writer
	err     io.Writer
	mode    string
	headers bool
	failed  bool
	goOn    bool // Go on after an error, at a prompt.
	quit    bool
	depth   int
	input   lineSource
}

func newShell(db *rustlite.DB, out, errOut io.Writer) (*shell, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	return &shell{db: db, conn: conn, out: bufio.NewWriterSize(out, 1<<16), err: errOut, mode: "list"}, nil
}

func (s *shell) close() error {
	err := s.out.Flush()
	if cerr := s.conn.Close(); err == nil {
		err = cerr
	}
	return err
}

// script runs the statements and commands of a source. name is the file's,
// for messages. It reports whether to go on.
func (s *shell) script(in lineSource, name string) bool {
	var text strings.Builder
	number, start := 0, 1
	for !s.quit {
		line, err := in.next(text.Len() > 0)
		if errors.Is(err, errInterrupt) {
			text.Reset()
			continue
		}
		if errors.Is(err, io.EOF) {
			break
		}
		number++
		if err != nil { // What was read of a statement is not run.
			s.report(err, name, number)
			return false
		}
		if text.Len() == 0 {
			if trimmed := strings.TrimSpace(line); blank(trimmed) {
				continue
			} else if strings.HasPrefix(trimmed, ".") {
				if err := s.command(trimmed); err != nil && !s.report(err, name, number) {
					return false
				}
				s.out.Flush()
				continue
			}
			start = number
		} else {
			text.WriteByte('\n')
		}
		text.WriteString(line)
		if strings.Contains(line, "*/") && blank(text.String()) {
			text.Reset()
			continue
		}
		if !strings.Contains(line, ";") || !rustlite.Complete(text.String()) {
			continue
		}
		if err := s.statements(text.String()); err != nil && !s.report(err, name, start) {
			return false
		}
		text.Reset()
	}
	if rest := text.String(); strings.TrimSpace(rest) != "" && !s.quit {
		if err := s.statements(rest); err != nil && !s.report(err, name, start) {
			return false
		}
	}
	s.out.Flush()
	return !s.quit
}

// blank reports whether a text is only blanks and whole comments.
func blank(text string) bool {
	for {
		text = strings.TrimLeft(text, " \t\n\v\f\r\ufeff")
		switch {
		case text == "":
			return true
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			var ended bool
			if _, text, ended = strings.Cut(text[2:], "*/"); !ended {
				return false
			}
		default:
			return false
		}
	}
}

// report prints an error with its line; it reports whether to go on.
func (s *shell) report(err error, name string, line int) bool {
	s.failed = true
	s.out.Flush()
	if name != "" {
		name += ":"
	}
	fmt.Fprintf(s.err, "Error: near line %s%d: %v\n", name, line, err)
	return s.goOn
}

// statements runs the statements of a text and shows their rows. An interrupt
// from the keyboard stops the one that runs.
func (s *shell) statements(text string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for {
		rest, err := s.statement(ctx, text)
		if err != nil || strings.TrimSpace(rest) == "" {
			return err
		}
		text = rest
	}
}

// statement runs the first statement of text and returns the rest.
func (s *shell) statement(ctx context.Context, text string) (rest string, err error) {
	rows, rest, err := s.conn.QueryFirst(ctx, text)
	if err != nil || rows == nil {
		return rest, err
	}
	defer rows.Close()
	if len(rows.Columns()) == 0 {
		for rows.Next() {
		}
		return rest, rows.Err()
	}
	if err := s.show(rows); err != nil {
		return rest, err
	}
	return rest, rows.Err()
}

// lineReader reads the lines of a stream, of any length. A line ends at a zero
// byte, as in sqlite3.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) *lineReader { return &lineReader{bufio.NewReaderSize(r, 1<<16)} }

func (l *lineReader) next(bool) (string, error) {
	line, err := l.r.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	line, _, _ = strings.Cut(line, "\x00")
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

func lines(text string) lineSource { return newLineReader(strings.NewReader(text)) }
