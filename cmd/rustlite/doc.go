// Command rustlite is the shell of RustLite.
//
//	rustlite FILE              statements from standard input, or a prompt
//	rustlite FILE SQL...       run and leave
//
// Statements end with a semicolon; lines that begin with a dot are commands
// of the shell (.help lists them). The exit status is 1 after a failed
// statement or command; the message goes to standard error and names the
// line. A script from standard input goes on behind a failed statement, unless
// the flag -bail is set; statements from arguments stop.
//
// Start reading at main, then shell.run.
package main
