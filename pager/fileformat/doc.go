// Package fileformat is the Go twin of fileformat.md: offsets, sizes, kinds, flags, varints and
// checksums, as pure functions over bytes. It reads no file and keeps no state.
//
// Words: a page is a numbered block of the file's page size; its trailer is the last 16 bytes,
// which name the commit that wrote it and carry its checksum; the header is page 1.
//
// Rules:
//
//	F1  Integers are little-endian, except inside order-preserving keys.
//	F2  Page N lies at offset (N-1) * page size. Page 0 is "no page".
//	F3  Byte 0 of every page is its kind.
//	F4  The last 16 bytes of every page are its trailer: commit number, then xxh3-64 of all
//	    bytes before the checksum, seeded with the page's number.
//	F5  The first 64 bytes of page 1 never change after creation and carry a checksum of their own.
//	F6  Bytes from a file are suspects: every decoder checks bounds and answers ErrCorrupt.
//
// A test compares the tables of fileformat.md with the constants here, and golden hexdumps with
// what the encoders make. Start reading at page.go, then header.go.
package fileformat
