package rustlite

import (
	"math"
	"strings"
	"time"

	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
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
	flag := func(at *bool) {
		if arg != nil {
			*at = boolean(text)
		}
		out.SetBool(*at)
	}
	switch obj.(*codegen.Setting).Name {
	case "journal_mode":
		switch {
		case db == tempDB:
			out.SetString("delete")
		case c.dbs[db].eng.file == nil:
			out.SetString("memory")
		default:
			out.SetString("wal")
		}
	case "synchronous":
		if arg != nil {
			if c.inTx {
				return newError(ErrError, "Safety level may not be changed inside a transaction")
			}
			c.synchronous = safetyLevel(text)
		}
		out.SetInt(int64(c.synchronous))
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
	case "analysis_limit":
		if n, err := codegen.PragmaInt(text); err == nil && n >= 0 {
			c.session.AnalysisLimit = int(n & math.MaxInt32)
		}
		out.SetInt(int64(c.session.AnalysisLimit))
	case "query_only":
		flag(&c.queryOnly)
	case "recursive_triggers":
		flag(&c.settings.RecursiveTriggers)
	case "legacy_alter_table":
		flag(&c.settings.LegacyAlter)
	case "page_size":
		if n := number(); arg != nil && fileformat.ValidPageSize(int(n)) {
			c.pageSize = int(n)
		}
		if err := c.ready(db); err != nil {
			return err
		}
		out.SetInt(int64(c.dbs[db].eng.pager.PageSize()))
	case "foreign_keys":
		if c.inTx {
			arg = nil
		}
		flag(&c.settings.ForeignKeys)
	case "defer_foreign_keys":
		if arg != nil {
			if c.settings.DeferForeignKeys = boolean(text); !c.settings.DeferForeignKeys {
				c.session.Broken = [2]int64{}
			}
		}
		out.SetBool(c.settings.DeferForeignKeys)
	case "temp_store":
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
	case "automatic_index", "cell_size_check", "checkpoint_fullfsync", "fullfsync", "read_uncommitted", "trusted_schema":
		name := obj.(*codegen.Setting).Name
		if arg != nil {
			if c.kept == nil {
				c.kept = map[string]bool{}
			}
			c.kept[name] = boolean(text)
		}
		on, set := c.kept[name]
		out.SetBool(on || !set && (name == "automatic_index" || name == "trusted_schema"))
	case "database_file":
		if c.dbs[db].eng == nil {
			break
		}
		out.SetString("")
		if e := c.dbs[db].eng; e != nil && e.file != nil {
			if full, err := e.opts.FS.FullPath(e.pager.Path()); err == nil {
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

// safetyLevel reads the argument of PRAGMA synchronous as SQLite does: a word,
// or a number of which three bits count; 1 for what it does not know.
func safetyLevel(s string) uint8 {
	level := uint8(1)
	switch {
	case s != "" && '0' <= s[0] && s[0] <= '9':
		level = uint8(value.ParseNumber([]byte(s)).Int)
	case s == "off" || s == "no" || s == "false":
		level = 0
	case s == "full":
		level = 2
	case s == "extra":
		level = 3
	}
	if level = (level + 1) & 7; level == 0 {
		return 0
	}
	return level - 1
}

// syncLevel is when the connection's commits are durable.
func (c *Conn) syncLevel() pager.SyncLevel {
	switch c.synchronous {
	case 0:
		return pager.SyncOff
	case 1:
		return pager.SyncNormal
	}
	return pager.SyncFull
}
