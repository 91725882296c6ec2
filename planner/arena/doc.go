// Package arena gives the compiler memory that it gives back all at once: what
// the parts of one statement are made of while it is being compiled, of which
// the program keeps nothing. A connection compiles one statement after the
// other in the same memory, which the garbage collector then need not look for.
//
// The zero value is ready. An arena is for one goroutine.
package arena
