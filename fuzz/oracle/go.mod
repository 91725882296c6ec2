module github.com/rustlite/rustlite/fuzz/oracle

go 1.26.0

require (
	github.com/mattn/go-sqlite3 v1.14.53
	github.com/rustlite/rustlite v0.0.0
)

replace github.com/rustlite/rustlite => ../..
