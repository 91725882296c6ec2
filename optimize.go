package rustlite

import (
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/planner/catalog"
	"github.com/rustlite/rustlite/planner/codegen"
	"github.com/rustlite/rustlite/vm/value"
)

const (
	optimizeLimit = 2000 // Entries of an index that optimize lets ANALYZE look at.
	treesMany     = 100  // With more trees it looks at fewer, but at
	optimizeLeast = 100  // so many at least.
	tenTimes      = 33   // A tenfold size, as logarithm.
	sizeUnknown   = 200  // A million rows, as logarithm.
)

// optimize is PRAGMA optimize: ANALYZE of the tables with an index that has no
// statistics, and of those whose size is ten times what it was. It returns the
// statements if it is only to show them.
func (r *run) optimize(o *codegen.Optimize) ([]string, error) {
	cat := r.catalog
	var list []string
	trees := 0
	for _, db := range o.Databases {
		s := cat.Schemas[db]
		for _, t := range s.HashOrder() {
			if t.View != nil || strings.HasPrefix(value.Lower(t.Name), "sqlite_") {
				continue
			}
			ok, err := r.wantsAnalyze(cat, t, o.Mask)
			if err != nil {
				return nil, err
			}
			if ok {
				trees += 1 + len(t.Indexes)
				list = append(list, "ANALYZE "+quoteName(s.Name)+"."+quoteName(t.Name))
			}
		}
	}
	if o.Mask&codegen.OptimizeShow != 0 {
		return list, nil
	}
	limit := &r.conn.session.AnalysisLimit
	if o.Mask&codegen.OptimizeLimit != 0 && (*limit == 0 || *limit >= optimizeLimit) {
		defer func(old int) { *limit = old }(*limit)
		*limit = optimizeLimit
		if trees > treesMany {
			*limit = max(100*optimizeLimit/trees, optimizeLeast)
		}
	}
	for _, sql := range list {
		cat, err := r.conn.picture(r.alone)
		if err != nil {
			return nil, err
		}
		r.catalog = cat // The one before may have made sqlite_stat1.
		if err := r.nested(sql, cat, func([]value.Value) {}); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// wantsAnalyze reports whether ANALYZE of a table helps.
func (r *run) wantsAnalyze(cat *catalog.Catalog, t *catalog.Table, mask int64) (bool, error) {
	known := map[string]bool{}
	size := int64(sizeUnknown)
	if cat.Schemas[t.DB].Table("sqlite_stat1") != nil {
		err := r.nested("SELECT idx, stat FROM "+quoteName(t.Schema)+".sqlite_stat1 WHERE tbl = "+quoteText(ptr(value.FromString(t.Name))), cat,
			func(row []value.Value) {
				known[value.Lower(row[0].Str())] = true
				first, _, _ := strings.Cut(row[1].Str(), " ")
				if n, err := strconv.ParseInt(first, 10, 64); err == nil {
					size = logarithm(n)
				}
			})
		if err != nil {
			return false, err
		}
	}
	missing := false
	for _, x := range t.Indexes {
		missing = missing || !known[value.Lower(x.Name)] && !(x == t.Key && known[value.Lower(t.Name)])
	}
	if !missing && mask&codegen.OptimizeAll == 0 {
		return false, nil
	}
	rows := int64(0)
	err := r.nested("SELECT count(*) FROM "+quoteName(t.Schema)+"."+quoteName(t.Name), cat, func(row []value.Value) { rows = row[0].Int() })
	now := logarithm(rows)
	return rows > 0 && missing || !missing && (rows == 0 && size >= tenTimes || rows > 0 && (now < size-tenTimes || now > size+tenTimes)), err
}

// logarithm is ten times the binary logarithm of a count, about, as SQLite
// computes it.
func logarithm(n int64) int64 {
	if n < 2 {
		return 0
	}
	y := int64(40)
	for ; n < 8; n <<= 1 {
		y -= 10
	}
	for ; n > 15; n >>= 1 {
		y += 10
	}
	return [...]int64{0, 2, 3, 5, 6, 7, 8, 9}[n&7] + y - 10
}

// quoteName is a name as SQL.
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func ptr[T any](x T) *T { return &x }
