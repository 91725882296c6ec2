package oracle

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/rustlite/rustlite/vm/value"
)

// generator makes random values that are likely to matter.
type generator struct{ *rand.Rand }

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

func (g *generator) some(percent int) bool { return g.IntN(100) < percent }

func (g *generator) int() int64 {
	switch g.IntN(6) {
	case 0:
		return pick[int64](g, 0, 1, -1, math.MaxInt64, math.MinInt64, math.MaxInt64-1, math.MinInt64+1, 1<<53, 1<<53+1, -1<<53-1,
			1<<51, 1<<51-1, -1<<51, -1<<51-1, 1<<52, -1<<52, 1<<31, 1<<31-1, -1<<31, -1<<31-1, 1<<32, 0x10ffff, 0x110000, 0xd800, 0xfffd)
	case 1:
		return int64(g.Uint64())
	case 2:
		return int64(g.Uint64()) >> g.IntN(64)
	default:
		return int64(g.IntN(41) - 20)
	}
}

func (g *generator) real() float64 {
	switch g.IntN(8) {
	case 0:
		return pick(g, 0, math.Copysign(0, -1), 0.5, -0.5, 1e22, 1e23, 1e-5, 1e15, 1e16, 1e17, 1e18, 1e19, 123456789012345678, math.MaxFloat64,
			math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), 9223372036854775807, -9223372036854775808, 0.1, 0.3, 2.675, 49.47, 1e-323,
			2.2250738585072014e-308, 4503599627370496.5, 0.999999999999, 999999.5, 9999999999999999, 1e100, 5e-324, 9007199254740993)
	case 1:
		f := math.Float64frombits(g.Uint64())
		if f != f {
			return 1.5
		}
		return f
	case 2:
		return float64(g.int())
	case 3: // Few digits.
		f, _ := strconv.ParseFloat(fmt.Sprintf("%de%d", g.IntN(100000)-50000, g.IntN(40)-20), 64)
		return f
	case 4: // Around 15 to 18 digits.
		f, _ := strconv.ParseFloat(fmt.Sprintf("%d.%0*d", g.IntN(10000), 1+g.IntN(17), g.IntN(1000000)), 64)
		return f
	case 5:
		return g.Float64()
	case 6: // Next to a short number.
		f := float64(g.IntN(2000)-1000) / pick(g, 10.0, 100, 1000, 8, 3)
		return math.Float64frombits(math.Float64bits(f) + uint64(g.IntN(7)) - 3)
	default:
		return float64(g.IntN(2001)-1000) / pick(g, 1.0, 2, 4, 10, 100)
	}
}

// number makes text that may read as a number.
func (g *generator) number() string {
	if g.some(20) {
		return pick(g, "", " ", "1e", "1e+", "0x10", " 12 ", "+5", ".5", "5.", "-.5", ".", "+", "-", "1_000", "9223372036854775807", "9223372036854775808",
			"-9223372036854775808", "-9223372036854775809", "1e3", "1.5", "12\x00", "12\x0034", "\x0012", "9007199254740993\x00", "9007199254740993\x001",
			"1e400", "-1e400", "1e-400", "1e999999999999", "0e999", "1 2", "1.5abc", "- 5", "--5", "+-5", "\v\f\r\n\t7", "7\v", "1e5.5", "1.e5", "e5", ".e5",
			"18446744073709551615", "18446744073709551616", "1844674407370955160", "1844674407370955161", "0.1e1", "100e-2", "-0", "-0.0", "00012",
			"4503599627370497.5", "2251799813685248", "2251799813685247.0", "2251799813685248.0", "9e17", "-0e1", "Inf", "nan", "1\xff", "٣")
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(pick(g, " ", "\t", "0"), max(0, g.IntN(6)-3)))
	b.WriteString(pick(g, "", "", "-", "+"))
	digits := func(n int) {
		for range n {
			b.WriteByte(byte('0' + pick(g, g.IntN(10), 9, 0)))
		}
	}
	digits(pick(g, 0, 1, 3, 17, 18, 19, 20, 21, g.IntN(30), 1, 2, g.IntN(400)))
	if g.some(60) {
		b.WriteByte('.')
		digits(pick(g, 0, 1, 2, 3, 15, 16, 17, 18, g.IntN(25), g.IntN(40)))
	}
	if g.some(40) {
		b.WriteString(pick(g, "e", "E"))
		b.WriteString(pick(g, "", "-", "+"))
		b.WriteString(strconv.Itoa(pick(g, g.IntN(30), g.IntN(350), g.IntN(5), 300+g.IntN(60))))
	}
	if g.some(20) {
		b.WriteString(pick(g, " ", "  ", "x", " x", "\x00", "\x00 1", ".", "e", "\n"))
	}
	return b.String()
}

// text makes text of a small alphabet, with malformed UTF-8 now and then.
func (g *generator) text() []byte {
	var b []byte
	bad := g.some(25)
	for range pick(g, 0, 1, 2, 3, g.IntN(8), g.IntN(8), g.IntN(40)) {
		switch {
		case bad && g.some(40):
			b = append(b, pick[byte](g, 0x80, 0xbf, 0xc0, 0xc1, 0xc3, 0xe0, 0xed, 0xa0, 0xf0, 0xf8, 0xfc, 0xfe, 0xff, 0x00, 0x01, 0x1f))
		case g.some(15):
			b = append(b, pick(g, "é", "É", "ß", "€", "𝄞", "日", "\u00a0", "ſ", "K")...)
		default:
			b = append(b, pick(g, "a", "A", "b", "B", "c", "z", "Z", " ", "0", "1", "9", "'", "\"", "\\", "%", "_", "@", "[", "`", "{", "-", ".", "\n")...)
		}
	}
	return b
}

// value makes a value of any class.
func (g *generator) value() value.Value {
	switch g.IntN(12) {
	case 0:
		return value.Value{}
	case 1, 2, 3:
		return value.FromInt(g.int())
	case 4, 5:
		return value.FromReal(g.real())
	case 6:
		return value.FromBlob(g.text())
	case 7, 8:
		return value.FromString(g.number())
	default:
		return value.FromText(g.text())
	}
}

func (g *generator) textual() value.Value {
	if g.some(90) {
		return value.FromText(g.text())
	}
	return g.value()
}

func (g *generator) values(n int) []value.Value {
	v := make([]value.Value, n)
	for i := range v {
		v[i] = g.value()
	}
	return v
}

var families = map[string]func(*generator) Case{
	"text":      (*generator).textCase,
	"pattern":   (*generator).patternCase,
	"number":    (*generator).numberCase,
	"blob":      (*generator).blobCase,
	"quote":     (*generator).quoteCase,
	"format":    (*generator).formatCase,
	"date":      (*generator).dateCase,
	"general":   (*generator).generalCase,
	"cast":      (*generator).castCase,
	"compare":   (*generator).compareCase,
	"real":      (*generator).realCase,
	"aggregate": (*generator).aggregateCase,
	"window":    (*generator).windowCase,
}

// Families returns the names of the families in order.
func Families() []string {
	var names []string
	for n := range families {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (g *generator) textCase() Case {
	op := pick(g, "length", "octet_length", "upper", "lower", "substr", "substr", "substr", "substring", "instr", "instr", "replace", "replace", "trim", "ltrim",
		"rtrim", "concat", "concat_ws", "char", "unicode")
	n := map[string]int{"length": 1, "octet_length": 1, "upper": 1, "lower": 1, "substr": 2 + g.IntN(2), "substring": 2 + g.IntN(2), "instr": 2,
		"replace": 3, "trim": 1 + g.IntN(2), "ltrim": 1 + g.IntN(2), "rtrim": 1 + g.IntN(2), "unicode": 1}[op]
	switch op {
	case "concat":
		n = 1 + g.IntN(4)
	case "concat_ws":
		n = 2 + g.IntN(4)
	case "char":
		n = g.IntN(4)
	}
	args := g.values(n)
	if g.some(70) && n > 0 {
		args[0] = g.textual()
		switch op {
		case "instr", "replace", "trim", "ltrim", "rtrim":
			for i := 1; i < n; i++ {
				args[i] = value.FromText(g.text())
			}
			if b := args[0].TextBytes(); n > 1 && len(b) > 0 && g.some(60) {
				from := g.IntN(len(b))
				args[1] = value.FromText(b[from : from+g.IntN(len(b)-from+1)])
			}
			if g.some(10) {
				args[0] = value.FromBlob(args[0].TextBytes())
			}
		case "substr", "substring":
			for i := 1; i < n; i++ {
				args[i] = value.FromInt(int64(g.IntN(20) - 10))
			}
			if g.some(30) {
				args[0] = value.FromBlob(args[0].TextBytes())
			}
		case "char":
			for i := range args {
				args[i] = value.FromInt(int64(g.IntN(0x120000)) >> g.IntN(20))
			}
		}
	}
	return Case{Op: op, Args: args}
}

// alphabet makes text of few characters, so that patterns match.
func (g *generator) alphabet(n int, chars ...string) []byte {
	var b []byte
	for range n {
		b = append(b, pick(g, chars...)...)
	}
	return b
}

func (g *generator) patternCase() Case {
	if g.some(5) {
		op := pick(g, "like", "glob")
		return Case{Op: op, Args: g.values(2)}
	}
	textChars := []string{"a", "A", "b", "B", "é", "É", "]", "-", "^", "%", "_"}
	if g.some(15) {
		textChars = append(textChars, "\x80", "\xc3", "\xff", "\xe0\x81", "\xed\xa0\x80", "\xc1\x81", "\x00")
	}
	text := value.FromText(g.alphabet(g.IntN(10), textChars...))
	if g.some(40) {
		chars := []string{"a", "A", "b", "é", "*", "?", "[", "]", "^", "-", "[ab]", "[^a]", "[a-c]", "[]]", "*"}
		if g.some(15) {
			chars = append(chars, textChars...)
		}
		return Case{Op: "glob", Args: []value.Value{value.FromText(g.alphabet(g.IntN(8), chars...)), text}}
	}
	chars := []string{"a", "A", "b", "B", "%", "%"}
	if g.some(70) {
		chars = append(chars, "é", "_", "\\", "x")
	}
	if g.some(15) {
		chars = append(chars, textChars...)
	}
	args := []value.Value{value.FromText(g.alphabet(g.IntN(8), chars...)), text}
	if g.some(35) {
		args = append(args, value.FromString(pick(g, "\\", "x", "a", "%", "_", "é", "", "ab", "\xff", "\x80", "\x80\x80", "\x00", "B")))
	}
	return Case{Op: "like", Args: args}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (g *generator) numberCase() Case {
	op := pick(g, "abs", "round", "round", "round", "sign")
	args := g.values(1)
	if g.some(60) {
		args[0] = value.FromReal(g.real())
	}
	if op == "round" && g.some(70) {
		if g.some(90) {
			args = append(args, value.FromInt(int64(g.IntN(36)-3)))
		} else {
			args = append(args, g.value())
		}
	}
	return Case{Op: op, Args: args}
}

func (g *generator) blobCase() Case {
	op := pick(g, "hex", "unhex", "unhex", "unhex", "zeroblob")
	args := g.values(1)
	if op == "unhex" {
		if g.some(80) {
			args[0] = value.FromText(g.alphabet(g.IntN(8), "0", "9", "a", "F", "00", "fF", " ", "-", "é", "AB", "cd", "g"))
		}
		if g.some(50) {
			args = append(args, g.value())
			if g.some(70) {
				args[1] = value.FromText(g.alphabet(g.IntN(3), " ", "-", "é", "a", "\xff"))
			}
		}
	}
	if op == "zeroblob" && g.some(80) {
		args[0] = value.FromInt(pick[int64](g, -1, 0, 5, LengthMax, LengthMax+1, 1<<40))
	}
	return Case{Op: op, Args: args}
}

func (g *generator) quoteCase() Case {
	op := pick(g, "quote", "unistr_quote", "unistr")
	args := g.values(1)
	if op == "unistr" && g.some(90) {
		args[0] = value.FromText(g.alphabet(g.IntN(8), "\\", "\\", "u", "U", "+", "0041", "00e9", "1F600", "0", "00", "0000", "a", "\\\\", "x", "\\u00e9", "\\+01F600",
			"\\d800", "\\uffff", "\\Uffffffff", "\x00"))
	}
	if op != "unistr" && g.some(40) {
		args[0] = value.FromText(g.alphabet(g.IntN(8), "'", "''", "\\", "\n", "\x01", "\x1f", "a", "é", "\x7f", "\x00"))
	}
	return Case{Op: op, Args: args}
}

func (g *generator) formatCase() Case {
	var b []byte
	n := 0
	for range 1 + g.IntN(3) {
		b = append(b, pick(g, "", "a", "x=", "é", " ")...)
		b = append(b, '%')
		for range g.IntN(4) {
			b = append(b, pick(g, "-", "+", " ", "#", "!", "0", ",", "")...)
		}
		switch g.IntN(6) {
		case 0, 1:
			b = strconv.AppendInt(b, int64(g.IntN(30)), 10)
		case 2:
			b = append(b, '*')
			n++
		case 3:
			if g.some(5) {
				b = append(b, pick(g, "99999", "100000", "2147483648", "4294967297", "99980", "2147483647")...)
			}
		}
		switch g.IntN(6) {
		case 0, 1, 2:
			b = append(b, '.')
			b = strconv.AppendInt(b, int64(g.IntN(25)), 10)
		case 3:
			b = append(b, ".*"...)
			n++
		case 4:
			if g.some(10) {
				b = append(b, pick(g, ".", ".99999", ".100000", ".4294967297", ".300")...)
			}
		}
		b = append(b, pick(g, "", "", "", "l", "ll")...)
		b = append(b, pick(g, "d", "i", "u", "x", "X", "o", "c", "s", "z", "q", "Q", "w", "f", "f", "f", "e", "E", "g", "g", "G", "p", "r", "j", "J", "%", "n")...)
		if g.some(2) {
			b = append(b, pick(g, "%", "%S", "%T", "%y", "%5", "%-", "%.", "%l", "%5-d")...)
		}
		n++
	}
	args := []value.Value{value.FromText(b)}
	for range max(0, n-b2i(g.some(10))) {
		args = append(args, g.value())
	}
	if g.some(1) {
		args = g.values(g.IntN(3))
	}
	return Case{Op: pick(g, "format", "printf"), Args: args}
}

func (g *generator) dateText() value.Value {
	two := func(n int) string { return fmt.Sprintf("%02d", g.IntN(n)) }
	year := pick(g, "2024", "1900", "2000", "0000", "9999", "1582", "-4713", "-0001", fmt.Sprintf("%04d", g.IntN(10000)), fmt.Sprint(1970+g.IntN(70)), "1969", "2038")
	date := year + "-" + fmt.Sprintf("%02d", 1+g.IntN(12)) + "-" + fmt.Sprintf("%02d", pick(g, 1+g.IntN(31), 28, 29, 30, 31, 1))
	clock := two(24) + ":" + two(60)
	if g.some(10) {
		clock = pick(g, "24:00", "24:00:00", "23:59:59.9999", "24:01", "00:00:00.000", "12:00:60", "1:00", "25:00", "24:00:00.5")
	} else if g.some(70) {
		clock += ":" + two(60)
		if g.some(50) {
			clock += "." + fmt.Sprint(g.IntN(pick(g, 10, 1000, 1000000)))
		}
	}
	zone := pick(g, "", "", "", "Z", "z", " Z ", "+01:00", "-05:30", " +14:00", "+15:00", "+00:00", "-00:00", "+1:00")
	switch g.IntN(12) {
	case 0:
		return value.FromReal(g.real() * 1000)
	case 1:
		return value.FromReal(pick(g, 2451544.5, 2440587.5, 0, -1, 5373484.5, 5373484.4999999, 2460000+g.Float64()*1000, 1721059.5, 1e10, -210866760000, 253402300799, 253402300800))
	case 2:
		return value.FromInt(pick(g, g.int(), 1_700_000_000+int64(g.IntN(1e9)), int64(g.IntN(5373485)), -int64(g.IntN(1e9))))
	case 3:
		return value.FromString(clock + zone)
	case 4:
		return value.FromString(date)
	case 5:
		return value.FromString(g.number())
	case 6:
		return g.value()
	default:
		return value.FromString(date + pick(g, " ", "T", "  ", " T") + clock + zone)
	}
}

func (g *generator) modifier() value.Value {
	if g.some(3) {
		return g.value()
	}
	two := func(n int) string { return fmt.Sprintf("%02d", g.IntN(n)) }
	num := pick(g, fmt.Sprint(g.IntN(50)), fmt.Sprint(g.IntN(100000)), fmt.Sprintf("%.3f", g.Float64()*100), "1.5", "0", "1e3", "5373484", "14712", "176545", "999999999999", ".5")
	switch g.IntN(5) {
	case 0:
		return value.FromString(pick(g, "", "+", "-", "+", "-") + num + pick(g, " ", "  ", "") +
			pick(g, "second", "minute", "hour", "day", "month", "year", "Months", "YEARS", "days", "week", "dayss", "s") + pick(g, "", "s", "", " "))
	case 1:
		return value.FromString(pick(g, "+", "-", "") + two(25) + ":" + two(60) + pick(g, "", ":"+two(60), ":"+two(60)+"."+fmt.Sprint(g.IntN(1000)), " ", "Z", "+01:00"))
	case 2:
		return value.FromString(pick(g, "+", "-", "") + pick(g, "0000", "0001", "0100", fmt.Sprintf("%04d", g.IntN(10000)), "14712", "00001", "99999") + "-" + two(13) + "-" + two(32) +
			pick(g, "", " "+two(24)+":"+two(60), " "+two(24)+":"+two(60)+":"+two(60)+".5", " ", "x"))
	case 3:
		return value.FromString(pick(g, "weekday ", "Weekday ") + pick(g, "0", "1", "2", "3", "4", "5", "6", "-0", "-1", "-6", "7", "1.5", " 3", "+4", "x", ""))
	default:
		return value.FromString(pick(g, "auto", "ceiling", "floor", "julianday", "unixepoch", "localtime", "utc", "subsec", "subsecond", "start of day", "start of month",
			"start of year", "end of day", "end of month", "end of year", "Start Of Month", "start of week", "end of x", "UTC", "AUTO", "now", ""))
	}
}

func (g *generator) dateCase() Case {
	op := pick(g, "date", "time", "datetime", "datetime", "julianday", "unixepoch", "strftime", "strftime", "strftime", "timediff", "timediff")
	if op == "timediff" {
		return Case{Op: op, Args: []value.Value{g.dateText(), g.dateText()}}
	}
	var args []value.Value
	if op == "strftime" {
		f := g.alphabet(1+g.IntN(4), "%d", "%e", "%f", "%F", "%G", "%g", "%H", "%k", "%I", "%l", "%j", "%J", "%m", "%M", "%p", "%P", "%R", "%s", "%S", "%T", "%u", "%w", "%U", "%V",
			"%W", "%Y", "%%", "x", " ")
		if g.some(3) {
			f = append(f, pick(g, "%", "%q", "%\x00", "\x00")...)
		}
		args = append(args, value.FromText(f))
		if g.some(2) {
			args[0] = g.value()
		}
	}
	args = append(args, g.dateText())
	if v := &args[len(args)-1]; v.Kind() <= value.Real && g.some(50) {
		args = append(args, value.FromString(pick(g, "unixepoch", "auto", "julianday")))
	}
	for range pick(g, 0, 1, 1, 2, 3) {
		args = append(args, g.modifier())
	}
	if isNow(args) {
		return g.dateCase()
	}
	return Case{Op: op, Args: args}
}

// isNow reports whether a case would read the clock, which the two sides do
// not share.
func isNow(args []value.Value) bool {
	for i := range args {
		s := strings.ToLower(string(args[i].TextBytes()))
		if i < 2 && (s == "now" || strings.HasPrefix(s, "subsec") || strings.HasPrefix(s, "now\x00")) {
			return true
		}
	}
	return false
}

func (g *generator) generalCase() Case {
	op := pick(g, "min", "max", "nullif", "typeof", "min nocase", "max nocase", "nullif nocase", "coalesce", "ifnull", "iif", "if", "likely", "sqlite_log", "subtype")
	n := pick(g, 2, 3, 4)
	switch op {
	case "nullif", "nullif nocase", "ifnull", "sqlite_log":
		n = 2
	case "typeof", "likely", "subtype":
		n = 1
	}
	return Case{Op: op, Args: g.values(n)}
}

func (g *generator) castCase() Case {
	op := pick(g, "cast ", "cast ", "store ") + pick(g, "INTEGER", "NUMERIC", "REAL", "TEXT", "BLOB")
	if g.some(30) {
		op = pick(g, "numeric", "integer", "truth")
	}
	v := g.value()
	if g.some(50) {
		v = value.FromString(g.number())
		if g.some(20) {
			v.Cast(value.AffBlob)
		}
	}
	return Case{Op: op, Args: []value.Value{v}}
}

func (g *generator) compareCase() Case {
	op := "compare " + pick(g, "<", "<=", "=", "<>", ">=", ">") + " " + pick(g, "BINARY", "NOCASE", "RTRIM")
	if g.some(15) {
		op = "numeric compare"
	}
	args := g.values(2)
	switch g.IntN(5) {
	case 0:
		args = []value.Value{value.FromText(g.alphabet(g.IntN(4), "a", "A", " ", "b", "é", "\x00")), value.FromText(g.alphabet(g.IntN(4), "a", "A", " ", "b", "é", "\x00"))}
	case 1:
		f := g.real()
		args = []value.Value{value.FromReal(f), value.FromInt(value.RealToInt(f) + int64(g.IntN(3)) - 1)}
	}
	return Case{Op: op, Args: args}
}

func (g *generator) realCase() Case {
	if g.some(50) {
		return Case{Op: "cast REAL", Args: []value.Value{value.FromString(g.number())}}
	}
	return Case{Op: pick(g, "cast TEXT", "quote"), Args: []value.Value{value.FromReal(g.real())}}
}

func (g *generator) aggregateArgs(n int) []value.Value {
	args := g.values(n)
	switch g.IntN(4) {
	case 0:
		for i := range args {
			args[i] = value.FromInt(g.int())
		}
	case 1:
		for i := range args {
			args[i] = value.FromReal(g.real())
		}
	}
	return args
}

func (g *generator) aggregateCase() Case {
	op := pick(g, "aggregate sum", "aggregate sum", "aggregate total", "aggregate avg", "aggregate count", "aggregate min", "aggregate max", "aggregate group_concat",
		"aggregate group_concat 2", "aggregate string_agg 2", "bare min", "bare max")
	n := g.IntN(6)
	if strings.HasSuffix(op, "2") {
		n *= 2
	}
	return Case{Op: op, Args: g.aggregateArgs(n)}
}

func (g *generator) windowCase() Case {
	op := pick(g, "window sum", "window total", "window avg", "window count", "window group_concat", "window group_concat 2")
	n := g.IntN(8)
	if strings.HasSuffix(op, "2") {
		n *= 2
	}
	return Case{Op: op, Args: g.aggregateArgs(n)}
}
