// Package datadriven runs tests that are written as text files, so that they read as stories and their
// expected output can be renewed and reviewed like code.
//
// A file holds cases, separated by blank lines:
//
//	# A comment, kept as it is.
//	command argument argument=value
//	input, any number of lines
//	----
//	expected output, up to a blank line
//
// Output that has a blank line itself stands between two lines "----" and a closing pair of them. With the
// environment variable RUSTLITE_UPDATE set, Run writes what it got into the file in place of what was
// expected.
//
// Invariant: an update changes expected output and nothing else of the file.
//
// Start reading at Run in datadriven.go.
package datadriven
