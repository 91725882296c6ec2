// Package river is the module of River's suite, apart from the other clients
// because it needs an older pgx than they do.
package river

import (
	_ "github.com/riverqueue/river"
	_ "github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite"
)
