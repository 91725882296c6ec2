//go:build !duckdb

package main

// duckEngines is empty: DuckDB's library is large, the tag duckdb brings it in.
var duckEngines []engine
