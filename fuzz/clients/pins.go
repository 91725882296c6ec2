//go:build pins

package clients

// Modules of suites that nothing is compiled from but by the suites: go mod
// tidy keeps them, with what their tests need.
import (
	_ "github.com/alexedwards/scs/sqlite3store"
	_ "github.com/doug-martin/goqu/v9"
	_ "github.com/doug-martin/goqu/v9/dialect/sqlite3"
	_ "github.com/go-gorp/gorp/v3"
	_ "github.com/jinzhu/gorm"
	_ "github.com/rubenv/sql-migrate"
	_ "xorm.io/xorm"
	_ "xorm.io/xorm/migrate"
	_ "xorm.io/xorm/tests"
)
