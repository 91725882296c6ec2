// Package clients runs published clients of SQLite on RustLite, with their own
// test suites as they are published. Two small modules stand in for the drivers
// that those clients import, mattnshim for github.com/mattn/go-sqlite3 and
// moderncshim for modernc.org/sqlite; go.mod puts them in their place.
//
//	go run ./suites          all suites, and the table of docs/clients.md
//	go run ./suites -run sqlx
//
// What a suite skips or fails with the real SQLite it may skip or fail here.
package clients

import (
	_ "github.com/golang-migrate/migrate/v4/database/sqlite3" // The suites' modules stay in go.mod.
	_ "github.com/jmoiron/sqlx"
	_ "github.com/mattn/go-sqlite3"
	_ "github.com/pressly/goose/v3"
	_ "gorm.io/driver/sqlite"
	_ "gorm.io/gorm"
	_ "modernc.org/sqlite"
)
