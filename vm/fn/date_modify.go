package fn

import (
	"bytes"
	"strings"

	"github.com/rustlite/rustlite/vm/value"
)

// modify applies modifier number i (from 1); false when it is none or does
// not fit.
func (r *dateReader) modify(b []byte, m *moment, i int) bool {
	switch c := at(b, 0); {
	case c == '+', c == '-', isDigit(c):
		return r.add(b, m)
	case c == 0:
		return false
	}
	word := value.Lower(string(b))
	switch word {
	case "auto":
		if i > 1 {
			return false
		}
		m.autoAdjust()
		return true
	case "ceiling":
		m.computeJD()
		m.clear()
		m.floor = 0
		return true
	case "floor":
		m.computeJD()
		m.jd -= int64(m.floor) * dayMillis
		m.clear()
		return true
	case "julianday":
		if i > 1 || !m.validJD || !m.isRaw {
			return false
		}
		m.isRaw = false
		return true
	case "unixepoch":
		return i == 1 && m.isRaw && m.fromUnix()
	case "localtime":
		if !r.mayVary() {
			return false
		}
		if !m.isLocal {
			m.toLocal(r.ctx)
		}
		m.isUTC, m.isLocal = false, true
		return true
	case "utc":
		if !r.mayVary() {
			return false
		}
		if !m.isUTC {
			m.toUTC(r.ctx)
		}
		return true
	case "subsec", "subsecond":
		m.subsec = true
		return true
	}
	if unit, ok := strings.CutPrefix(word, "start of "); ok {
		return m.startOf(unit)
	}
	if unit, ok := strings.CutPrefix(word, "end of "); ok {
		return m.endOf(unit)
	}
	if day, ok := strings.CutPrefix(word, "weekday "); ok {
		return m.weekday([]byte(day))
	}
	return false
}

func (m *moment) fromUnix() bool {
	ms := float64(m.second*1000) + epochMillis
	if ms < 0 || ms >= jdMax+1 {
		return false
	}
	m.setSeconds(m.second)
	return true
}

// startOf moves back to the first moment of the day, month or year.
func (m *moment) startOf(unit string) bool {
	if !m.validJD && !m.validYMD && !m.validHMS {
		return false
	}
	m.computeYMD()
	m.setTime(0, 0, 0)
	switch unit {
	case "day":
	case "month":
		m.day = 1
	case "year":
		m.month, m.day = 1, 1
	default:
		return false
	}
	return true
}

// endOf moves on to the last millisecond of the day, month or year.
func (m *moment) endOf(unit string) bool {
	if !m.validJD && !m.validYMD && !m.validHMS {
		return false
	}
	m.computeYMD()
	m.setTime(23, 59, 59.999)
	switch unit {
	case "day":
	case "month":
		m.day = 1
		m.month++
		if m.month > 12 {
			m.year++
			m.month = 1
		}
		m.computeFloor()
		m.computeJD()
		m.jd -= int64(m.floor+1) * dayMillis
		m.clear()
	case "year":
		m.month, m.day = 12, 31
	default:
		return false
	}
	return true
}

func (m *moment) setTime(hour, minute int, second float64) {
	m.validHMS = true
	m.hour, m.minute, m.second = hour, minute, second
	m.isRaw, m.validJD = false, false
	m.zone = 0
}

// weekday moves to the next day of the week with that number, 0 being
// Sunday, or with a minus sign to the one before; not at all when it is one.
func (m *moment) weekday(b []byte) bool {
	n := value.ParseNumber(b)
	day := int64(n.Real)
	if !n.Whole || n.Real < -6 || n.Real > 6 || !isWhole(n.Real, int(day)) {
		return false
	}
	m.computeAll()
	m.zone = 0
	m.validJD = false
	m.computeJD()
	today := (m.jd + 3*halfDay) / dayMillis % 7
	day = max(day, -day)
	if today != day {
		if today > day {
			today -= 7
		}
		m.jd += (day - today) * dayMillis
		if bytes.IndexByte(b, '-') >= 0 {
			m.jd -= 7 * dayMillis
		}
	}
	m.clear()
	return true
}

// units of "NNN units"; more than limit of one would leave the calendar. The
// limits are rounded to 32 bits as in the reference.
var units = [...]struct {
	name    string
	limit   float32
	seconds float64
}{
	{"second", 4.6427e+14, 1},
	{"minute", 7.7379e+12, 60},
	{"hour", 1.2897e+11, 3600},
	{"day", 5373485, 86400},
	{"month", 176546, 2592000},
	{"year", 14713, 31536000},
}

// add applies "+NNN units", "+HH:MM:SS" and "+YYYY-MM-DD HH:MM:SS".
func (r *dateReader) add(b []byte, m *moment) bool {
	sign := b[0]
	n := 1
	for n < len(b) && b[n] != ':' && !isSpace(b[n]) {
		if b[n] == '-' && (n == 5 || n == 6) {
			if _, ok := digits(b, 1, n-1, 0, yearMax); ok {
				break
			}
		}
		n++
	}
	num := value.ParseNumber(b[:n])
	if !num.Whole {
		return false
	}
	time := b
	if at(b, n) == '-' {
		if sign != '+' && sign != '-' {
			return false
		}
		y, mon, d, ok := calendar(b, 1, n-1, 0, 12, 31)
		if !ok || mon >= 12 || d >= 31 {
			return false
		}
		m.addCalendar(sign == '-', y, mon, d)
		b = rest(b, n+6)
		if len(b) == 0 {
			return true
		}
		if _, _, ok := clock(b, 1, 24); !isSpace(b[0]) || !ok {
			return false
		}
		time = b[1:]
		n = 2
	}
	if at(time, n) == ':' {
		return m.addClock(sign == '-', time)
	}
	b = rest(b, n)
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return m.addUnits(num.Real, b)
}

// addCalendar adds years, months and days, or takes them off.
func (m *moment) addCalendar(back bool, y, mon, d int) {
	m.computeAll()
	m.validJD = false
	if back {
		y, mon, d = -y, -mon, -d
	}
	m.year += y
	m.addMonths(mon)
	m.computeFloor()
	m.computeJD()
	m.validHMS, m.validYMD = false, false
	m.jd += int64(d) * dayMillis
}

// addMonths adds to the month and carries into the year.
func (m *moment) addMonths(n int) {
	m.month += n
	years := (m.month - 1) / 12
	if m.month <= 0 {
		years = (m.month - 12) / 12
	}
	m.year += years
	m.month -= years * 12
}

// addClock adds a time of day, or takes it off.
func (m *moment) addClock(back bool, b []byte) bool {
	if !isDigit(at(b, 0)) {
		b = b[1:]
	}
	var t moment
	if !parseTime(b, &t) {
		return false
	}
	t.computeJD()
	ms := t.jd - halfDay
	ms -= ms / dayMillis * dayMillis
	if back {
		ms = -ms
	}
	m.computeJD()
	m.clear()
	m.jd += ms
	return true
}

// addUnits adds r of the unit that b names, plural or not.
func (m *moment) addUnits(r float64, b []byte) bool {
	if len(b) < 3 || len(b) > 10 {
		return false
	}
	if b[len(b)-1]|0x20 == 's' {
		b = b[:len(b)-1]
	}
	m.computeJD()
	m.floor = 0
	defer m.clear()
	half := 0.5
	if r < 0 {
		half = -0.5
	}
	for i := range units {
		u := &units[i]
		if !value.EqualFold(string(b), u.name) || r <= -float64(u.limit) || r >= float64(u.limit) {
			continue
		}
		switch u.name {
		case "month":
			m.computeAll()
			m.addMonths(int(r))
			m.computeFloor()
			m.validJD = false
			r -= float64(int(r))
		case "year":
			m.computeAll()
			m.year += int(r)
			m.computeFloor()
			m.validJD = false
			r -= float64(int(r))
		}
		m.computeJD()
		m.jd += int64(float64(float64(r*1000)*u.seconds) + half)
		return true
	}
	return false
}
