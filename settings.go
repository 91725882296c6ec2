package rustlite

import (
	"strings"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/planner/codegen"
	"github.com/rustlite/rustlite/vm/value"
)

// Pragma answers or sets a setting of the connection; arg is nil when it is
// only asked.
func (r *run) Pragma(obj any, db int, arg, out *value.Value) error {
	c := r.conn
	text := ""
	if arg != nil {
		text = strings.ToLower(arg.Str())
	}
	number := func() int64 {
		n := value.ParseNumber([]byte(text))
		return n.Int
	}
	switch obj.(*codegen.Setting).Name {
	case "journal_mode":
		out.SetString("wal")
		if c.eng.file == nil {
			out.SetString("memory")
		}
	case "synchronous":
		if arg != nil {
			c.setSync(text)
		}
		out.SetInt([...]int64{pager.SyncFull: 2, pager.SyncNormal: 1, pager.SyncOff: 0}[c.eng.pager.Sync()])
	case "busy_timeout":
		if arg != nil {
			c.busyTimeout = time.Duration(max(number(), 0)) * time.Millisecond
		}
		out.SetInt(int64(max(c.busyTimeout, 0) / time.Millisecond))
	case "cache_size":
		if arg != nil {
			c.cacheSize = number()
		}
		out.SetInt(c.cacheSize)
	case "query_only":
		if arg != nil {
			c.queryOnly = boolean(text)
		}
		out.SetBool(c.queryOnly)
	case "page_size":
		out.SetInt(int64(c.eng.pager.PageSize()))
	case "foreign_keys", "temp_store":
		out.SetInt(0)
	case "encoding":
		out.SetString("UTF-8")
	case "locking_mode":
		out.SetString("normal")
	case "wal_autocheckpoint":
		out.SetInt(1000)
	case "case_sensitive_like":
		if arg != nil {
			c.session.LikeCase = boolean(text)
		}
	case "database_file":
		out.SetString("")
		if c.eng.file != nil {
			if full, err := c.eng.opts.FS.FullPath(c.eng.pager.Path()); err == nil {
				out.SetString(full)
			}
		}
	}
	return nil
}

// boolean reads the value of a setting that is on or off.
func boolean(s string) bool {
	switch s {
	case "on", "true", "yes":
		return true
	}
	return value.ParseNumber([]byte(s)).Int != 0
}

// setSync sets the sync level by SQLite's names and numbers. It holds for the
// whole engine: commits of all connections go out together.
func (c *Conn) setSync(s string) {
	switch s {
	case "0", "off", "no", "false":
		c.eng.pager.SetSync(pager.SyncOff)
	case "1", "normal":
		c.eng.pager.SetSync(pager.SyncNormal)
	case "2", "full", "3", "extra", "on", "yes", "true":
		c.eng.pager.SetSync(pager.SyncFull)
	}
}
