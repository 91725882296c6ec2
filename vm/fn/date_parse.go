package fn

import "github.com/rustlite/rustlite/vm/value"

// dateReader reads dates and modifiers from text. Everything that reads a
// byte goes by at, which answers 0 behind the end.
type dateReader struct {
	ctx  *Context
	name string
	err  error
}

func at(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

func rest(b []byte, i int) []byte { return b[min(i, len(b)):] }

func isSpace(c byte) bool { return c == ' ' || c-'\t' < 5 }
func isDigit(c byte) bool { return c-'0' < 10 }

// mayVary reports whether the call may use the clock or the zone here, and
// keeps the error when it may not.
func (r *dateReader) mayVary() bool {
	if r.ctx.PureIn == "" {
		return true
	}
	r.err = newError("non-deterministic use of " + r.name + "() in " + r.ctx.PureIn)
	return false
}

// digits reads a number of exactly n digits between least and most at i.
func digits(b []byte, i, n, least, most int) (int, bool) {
	v := 0
	for k := i; k < i+n; k++ {
		if !isDigit(at(b, k)) {
			return 0, false
		}
		v = v*10 + int(b[k]-'0')
	}
	return v, v >= least && v <= most
}

// clock reads HH:MM at i.
func clock(b []byte, i, hourMax int) (hour, minute int, ok bool) {
	hour, ok = digits(b, i, 2, 0, hourMax)
	if !ok || at(b, i+2) != ':' {
		return 0, 0, false
	}
	minute, ok = digits(b, i+3, 2, 0, 59)
	return hour, minute, ok
}

// yearMax is the largest difference of years between two dates.
const yearMax = 14712

// calendar reads a year of some digits, month and day at i.
func calendar(b []byte, i, yearDigits, least, monthMax, dayMax int) (y, m, d int, ok bool) {
	if y, ok = digits(b, i, yearDigits, 0, yearMax); !ok || at(b, i+yearDigits) != '-' {
		return 0, 0, 0, false
	}
	i += yearDigits + 1
	if m, ok = digits(b, i, 2, least, monthMax); !ok || at(b, i+2) != '-' {
		return 0, 0, 0, false
	}
	d, ok = digits(b, i+3, 2, least, dayMax)
	return y, m, d, ok
}

// parse reads a date: YYYY-MM-DD, with a time or without, a time alone, now,
// a number.
func (r *dateReader) parse(b []byte, m *moment) bool {
	if parseDate(b, m) || parseTime(b, m) {
		return true
	}
	if value.EqualFold(string(b), "now") {
		if r.mayVary() {
			m.setNow(r.ctx)
			return true
		}
	}
	if n := value.ParseNumber(b); n.Whole {
		m.setRaw(n.Real)
		return true
	}
	if isSubsec(b) && r.mayVary() {
		m.subsec = true
		m.setNow(r.ctx)
		return true
	}
	return false
}

func isSubsec(b []byte) bool {
	return value.EqualFold(string(b), "subsec") || value.EqualFold(string(b), "subsecond")
}

func parseDate(b []byte, m *moment) bool {
	neg := at(b, 0) == '-'
	if neg {
		b = b[1:]
	}
	y, mon, d, ok := calendar(b, 0, 4, 1, 12, 31)
	if !ok {
		return false
	}
	b = b[10:]
	for isSpace(at(b, 0)) || at(b, 0) == 'T' {
		b = b[1:]
	}
	if parseTime(b, m) {
		if m.hour == 24 {
			m.hour = 0
			d++
			if last := daysOfMonth(y, mon); d > last {
				d -= last
				mon++
				if mon > 12 {
					mon = 1
					y++
				}
			}
		}
	} else if len(b) == 0 {
		m.validHMS = false
	} else {
		return false
	}
	m.validJD, m.validYMD = false, true
	if neg {
		y = -y
	}
	m.year, m.month, m.day = y, mon, d
	m.computeFloor()
	if m.zone != 0 {
		m.computeJD()
	}
	return true
}

// parseTime reads HH:MM, HH:MM:SS or HH:MM:SS.FFF with a zone after it.
func parseTime(b []byte, m *moment) bool {
	hour, minute, ok := clock(b, 0, 24)
	if !ok {
		return false
	}
	b = b[5:]
	second, fraction := 0, 0.0
	if at(b, 0) == ':' {
		if second, ok = digits(b, 1, 2, 0, 59); !ok {
			return false
		}
		b = b[3:]
		if at(b, 0) == '.' && isDigit(at(b, 1)) {
			scale := 1.0
			for b = b[1:]; isDigit(at(b, 0)); b = b[1:] {
				fraction = float64(fraction*10) + float64(b[0]) - '0'
				scale *= 10
			}
			// Never so much that it shows as the next second.
			fraction = min(fraction/scale, 0.999)
		}
	}
	if hour == 24 && (minute != 0 || second != 0 || fraction != 0) {
		return false
	}
	m.validJD, m.isRaw, m.validHMS = false, false, true
	m.hour, m.minute, m.second = hour, minute, float64(second)+fraction
	return parseZone(b, m)
}

// parseZone reads nothing, Z, or +HH:MM, with spaces around it.
func parseZone(b []byte, m *moment) bool {
	for isSpace(at(b, 0)) {
		b = b[1:]
	}
	m.zone = 0
	sign := 1
	switch at(b, 0) {
	case 0:
		return true
	case 'Z', 'z':
		m.isLocal, m.isUTC = false, true
		b = b[1:]
	case '-':
		sign = -1
		fallthrough
	case '+':
		hour, minute, ok := clock(b, 1, 14)
		if !ok {
			return false
		}
		m.zone = sign * (minute + hour*60)
		if m.zone == 0 {
			m.isLocal, m.isUTC = false, true
		}
		b = b[6:]
	default:
		return false
	}
	for isSpace(at(b, 0)) {
		b = b[1:]
	}
	return len(b) == 0
}
