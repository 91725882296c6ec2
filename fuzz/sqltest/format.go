package sqltest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"sort"
	"strconv"
	"strings"
)

// Value is one value of a row: nil, int64, float64, string or []byte.
type Value = any

// Format shows a value as a column of the given type.
func Format(v Value, typ byte) string {
	if typ == 'V' {
		return exact(v)
	}
	if v == nil {
		return "NULL"
	}
	switch typ {
	case 'I':
		return strconv.Itoa(int(int32(toInt(v))))
	case 'R':
		return fixed3(toReal(v))
	}
	s := toText(v)
	if s == "" {
		return "(empty)"
	}
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '@'
		}
	}
	return string(b)
}

// exact shows a value so that kinds and bytes can be told apart.
func exact(v Value) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', 17, 64) + "r"
	case []byte:
		return "x'" + hex.EncodeToString(v) + "'"
	default:
		return strconv.Quote(v.(string))
	}
}

func toInt(v Value) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		switch {
		case v >= 9223372036854775808.0:
			return math.MaxInt64
		case v <= -9223372036854775808.0:
			return math.MinInt64
		}
		return int64(v)
	}
	s := strings.TrimLeft(toText(v), " \t\n\r\f\v")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[end] == '-' || s[end] == '+')) {
		end++
	}
	n, err := strconv.ParseInt(strings.TrimPrefix(s[:end], "+"), 10, 64)
	if err != nil && n == 0 {
		return 0
	}
	return n
}

func toReal(v Value) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	s := strings.TrimSpace(toText(v))
	for end := len(s); end > 0; end-- {
		if f, err := strconv.ParseFloat(s[:end], 64); err == nil {
			return f
		}
	}
	return 0
}

func toText(v Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', 15, 64)
	}
	return ""
}

// fixed3 is SQLite's "%.3f": the value's first 16 significant digits, rounded
// half away from zero.
func fixed3(f float64) string {
	if math.IsInf(f, 0) {
		return strings.TrimPrefix(strconv.FormatFloat(f, 'f', 3, 64), "+")
	}
	digits := strconv.FormatFloat(math.Abs(f), 'e', 15, 64)
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return "0.000"
	}
	s := r.FloatString(3) // Rounds half away from zero.
	if f < 0 && strings.Trim(s, "0.") != "" {
		s = "-" + s
	}
	return s
}

// Result sorts and shows the rows of a query: one line a value, or a hash of
// them when there are more than threshold.
func Result(rows [][]Value, types, order string, threshold int) []string {
	lines := make([][]string, len(rows))
	for i, row := range rows {
		for j, v := range row {
			t := byte('T')
			if j < len(types) {
				t = types[j]
			}
			lines[i] = append(lines[i], Format(v, t))
		}
	}
	if order == "rowsort" {
		sort.SliceStable(lines, func(i, j int) bool {
			for k := range lines[i] {
				if k >= len(lines[j]) {
					return false
				}
				if lines[i][k] != lines[j][k] {
					return lines[i][k] < lines[j][k]
				}
			}
			return false
		})
	}
	var flat []string
	for _, l := range lines {
		flat = append(flat, l...)
	}
	if order == "valuesort" {
		sort.Strings(flat)
	}
	if threshold > 0 && len(flat) > threshold {
		return []string{Hashed(flat)}
	}
	return flat
}

// Hashed stands for many values.
func Hashed(values []string) string {
	return fmt.Sprintf("%d values hashing to %s", len(values), hash(values))
}

func hash(values []string) string {
	h := md5.New()
	for _, v := range values {
		h.Write([]byte(v))
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}
