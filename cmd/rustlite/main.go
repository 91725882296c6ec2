package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/chzyer/readline"
	"github.com/rustlite/rustlite"
	"golang.org/x/term"
)

func main() { os.Exit(run()) }

func run() int {
	flags := flag.NewFlagSet("rustlite", flag.ContinueOnError)
	readOnly := flags.Bool("readonly", false, "open the file without changing it")
	mode := flags.String("mode", "", "output mode: list, csv, json or box")
	headers := flags.Bool("headers", false, "show the names of columns")
	bail := flags.Bool("bail", false, "stop a script at its first error")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: rustlite [flags] FILE [SQL...]")
		flags.PrintDefaults()
	}
	if err := flags.Parse(os.Args[1:]); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	path := ":memory:"
	if flags.NArg() > 0 {
		path = flags.Arg(0)
	}
	db, err := rustlite.Open(path, &rustlite.Options{ReadOnly: *readOnly})
	if err != nil {
		fmt.Fprintf(os.Stderr, "Error: unable to open database %q: %v\n", path, err)
		return 1
	}
	s, err := newShell(db, os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	s.headers = *headers
	if *mode != "" && !s.setMode(*mode) {
		fmt.Fprintf(os.Stderr, "Error: unknown mode %q\n", *mode)
		return 2
	}
	switch {
	case flags.NArg() > 1:
		for _, text := range flags.Args()[1:] {
			if !s.script(lines(text), "") {
				break
			}
		}
	case term.IsTerminal(int(os.Stdin.Fd())):
		err = interactive(s)
	default:
		s.goOn = !*bail // As sqlite3: a script goes on behind a failed statement.
		s.script(newLineReader(os.Stdin), "")
	}
	if cerr := s.close(); err == nil {
		err = cerr
	}
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		return 1
	}
	if s.failed {
		return 1
	}
	return 0
}

// interactive reads statements from a terminal until the end of input.
func interactive(s *shell) error {
	rl, err := readline.New("rustlite> ")
	if err != nil {
		return err
	}
	defer rl.Close()
	if s.mode == "list" {
		s.mode, s.headers = "box", true
	}
	s.goOn = true
	fmt.Fprintln(s.out, "RustLite. Statements end with a semicolon; .help lists the commands.")
	s.out.Flush()
	in := &prompt{rl: rl}
	s.input = in
	for {
		if !s.script(in, "") || in.ended {
			return nil
		}
	}
}

// prompt is a terminal as a source of lines.
type prompt struct {
	rl    *readline.Instance
	ended bool
}

func (p *prompt) next(inside bool) (string, error) {
	p.rl.SetPrompt(map[bool]string{false: "rustlite> ", true: "     ...> "}[inside])
	line, err := p.rl.Readline()
	if errors.Is(err, readline.ErrInterrupt) {
		return "", errInterrupt
	}
	if err != nil {
		p.ended = true
		return "", io.EOF
	}
	return line, nil
}
