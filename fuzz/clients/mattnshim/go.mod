module github.com/mattn/go-sqlite3

go 1.26.0

require github.com/rustlite/rustlite v0.0.0

require (
	github.com/edsrzf/mmap-go v1.2.0 // indirect
	github.com/google/btree v1.1.3 // indirect
	github.com/klauspost/cpuid/v2 v2.2.10 // indirect
	github.com/zeebo/xxh3 v1.1.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/rustlite/rustlite => ../../..
