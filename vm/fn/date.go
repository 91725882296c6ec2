package fn

import (
	"math"
	"time"

	"github.com/rustlite/rustlite/vm/value"
)

func dateFuncs() []*Func {
	// Pure unless an argument says now or localtime, which Context.PureIn
	// forbids where purity matters.
	date := func(name string, doc string, f call) *Func {
		return &Func{Name: name, NArg: -1, Flags: Deterministic | SlowChange, Doc: doc, Scalar: f}
	}
	now := func(name, doc string, f call) *Func {
		return &Func{Name: name, NArg: 0, Flags: SlowChange, Doc: doc, Scalar: f}
	}
	diff := date("timediff", "The time from the second date to the first, as a modifier.", timeDiff)
	diff.NArg = 2
	return []*Func{
		date("date", "A date as YYYY-MM-DD.", dateText),
		date("time", "A time as HH:MM:SS.", timeText),
		date("datetime", "A date and time as YYYY-MM-DD HH:MM:SS.", dateTimeText),
		date("julianday", "A date and time as a Julian day number.", julianDay),
		date("unixepoch", "A date and time as seconds since 1970.", unixEpoch),
		date("strftime", "A date and time by a format.", strftime),
		diff,
		now("current_date", "The date of today (UTC).", dateText),
		now("current_time", "The time of now (UTC).", timeText),
		now("current_timestamp", "The date and time of now (UTC).", dateTimeText),
	}
}

// A moment is a date and time in one or more of three forms, each valid or
// not: the Julian day in milliseconds, year-month-day, and hour-minute-second.
// Computing one form from another leaves the first valid; a change of a form
// must invalidate the others. All arithmetic is that of the proleptic
// Gregorian calendar, after Meeus, "Astronomical Algorithms".
type moment struct {
	jd      int64 // Milliseconds since noon of -4713-11-24.
	year    int
	month   int
	day     int
	hour    int
	minute  int
	second  float64
	zone    int // Minutes east of Greenwich, to be taken off.
	floor   int // Days by which the day is beyond the month's last.
	validJD bool
	// validYMD and validHMS are for the other two forms.
	validYMD, validHMS bool

	isRaw   bool // second is a number whose meaning is not settled.
	isWrong bool // Out of range.
	subsec  bool // Show milliseconds.
	isUTC   bool
	isLocal bool
}

const (
	dayMillis = 86_400_000
	halfDay   = dayMillis / 2
	// epochMillis is 1970-01-01, jdMax the end of the year 9999.
	epochMillis = 210_866_760_000_000
	jdMax       = 464_269_060_799_999
)

func validJD(jd int64) bool { return jd >= 0 && jd <= jdMax }

func (m *moment) setWrong() { *m = moment{isWrong: true} }

// clear leaves the Julian day alone valid.
func (m *moment) clear() {
	m.validYMD, m.validHMS, m.zone = false, false, 0
}

// computeJD makes the Julian day valid. Without a date it is that of
// 2000-01-01.
func (m *moment) computeJD() {
	if m.validJD {
		return
	}
	y, mon, d := 2000, 1, 1
	if m.validYMD {
		y, mon, d = m.year, m.month, m.day
	} else if m.validHMS && m.hour == 24 {
		m.hour = 0
		d = 2
	}
	if y < -4713 || y > 9999 || m.isRaw {
		m.setWrong()
		return
	}
	if mon <= 2 {
		y--
		mon += 12
	}
	century := (y + 4800) / 100
	leap := 38 - century + century/4
	days := 36525*(y+4716)/100 + 306001*(mon+1)/10000 + d + leap
	m.jd = int64((float64(days) - 1524.5) * dayMillis)
	m.validJD = true
	if m.validHMS {
		m.jd += int64(m.hour)*3_600_000 + int64(m.minute)*60_000 + int64(float64(m.second*1000)+0.5)
		if m.zone != 0 {
			m.jd -= int64(m.zone) * 60_000
			m.clear()
			m.isUTC, m.isLocal = true, false
		}
	}
}

// computeYMD makes the date valid.
func (m *moment) computeYMD() {
	switch {
	case m.validYMD:
		return
	case !m.validJD:
		m.year, m.month, m.day = 2000, 1, 1
	case !validJD(m.jd):
		m.setWrong()
		return
	default:
		z := int((m.jd + halfDay) / dayMillis)
		alpha := int((float64(z)+32044.75)/36524.25) - 52
		a := z + 1 + alpha - (alpha+100)/4 + 25
		b := a + 1524
		c := int((float64(b) - 122.1) / 365.25)
		d := 36525 * (c & 32767) / 100
		e := int(float64(b-d) / 30.6001)
		m.day = b - d - int(30.6001*float64(e))
		m.month = e - 1
		if e >= 14 {
			m.month = e - 13
		}
		m.year = c - 4715
		if m.month > 2 {
			m.year = c - 4716
		}
	}
	m.validYMD = true
}

// computeHMS makes the time valid.
func (m *moment) computeHMS() {
	if m.validHMS {
		return
	}
	m.computeJD()
	ms := int((m.jd + halfDay) % dayMillis)
	m.second = float64(ms%60_000) / 1000
	m.hour, m.minute = ms/60_000/60, ms/60_000%60
	m.isRaw = false
	m.validHMS = true
}

func (m *moment) computeAll() {
	m.computeYMD()
	m.computeHMS()
}

// computeFloor remembers how far the day is beyond the end of the month.
func (m *moment) computeFloor() {
	m.floor = max(0, m.day-daysOfMonth(m.year, m.month))
}

func daysOfMonth(year, month int) int {
	switch month {
	case 1, 3, 5, 7, 8, 10, 12:
		return 31
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 30
	}
}

// setRaw takes a number: a Julian day when in range, until a modifier says
// otherwise.
func (m *moment) setRaw(r float64) {
	m.second = r
	m.isRaw = true
	if r >= 0 && r < 5373484.5 {
		m.jd = int64(float64(r*dayMillis) + 0.5)
		m.validJD = true
	}
}

func (m *moment) setNow(c *Context) {
	m.jd = epochMillis + c.Now.UnixMilli()
	m.validJD = true
	m.isUTC, m.isLocal = true, false
	m.clear()
}

// toLocal moves a moment of UTC to the local zone. Zones are known between
// 1970 and 2038; other years borrow the rules of a like year between.
func (m *moment) toLocal(c *Context) {
	m.computeJD()
	x := *m
	shift := 0
	if m.jd < 2108667600*100_000 || m.jd > 2130141456*100_000 {
		x.computeAll()
		shift = 2000 + x.year%4 - x.year
		x.year += shift
		x.validJD = false
		x.computeJD()
	}
	zone := c.Local
	if zone == nil {
		zone = time.UTC
	}
	t := time.Unix(x.jd/1000-epochMillis/1000, 0).In(zone)
	m.year, m.month, m.day = t.Year()-shift, int(t.Month()), t.Day()
	m.hour, m.minute = t.Hour(), t.Minute()
	m.second = float64(t.Second()) + float64(m.jd%1000)*0.001
	m.validYMD, m.validHMS, m.validJD = true, true, false
	m.isRaw, m.isWrong = false, false
	m.zone = 0
}

// toUTC moves a moment of the local zone to UTC, by guesses that get better.
func (m *moment) toUTC(c *Context) {
	m.computeJD()
	local, guess, off := m.jd, m.jd, int64(0)
	for range 4 {
		guess -= off
		x := moment{jd: guess, validJD: true}
		x.toLocal(c)
		x.computeJD()
		off = x.jd - local
		if off == 0 {
			break
		}
	}
	*m = moment{jd: guess, validJD: true, isUTC: true}
}

// autoAdjust settles what a number means by its size.
func (m *moment) autoAdjust() {
	if !m.isRaw || m.validJD {
		m.isRaw = false
		return
	}
	if m.second >= -210866760000 && m.second <= 253402300799 {
		m.setSeconds(m.second)
	}
}

// setSeconds takes r as seconds since 1970.
func (m *moment) setSeconds(r float64) {
	m.clear()
	m.jd = int64(float64(r*1000) + epochMillis + 0.5)
	m.validJD = true
	m.isRaw = false
}

// momentOf reads a date with its modifiers; false for what is none, or an
// error for one that is not pure.
func momentOf(c *Context, name string, args []value.Value, m *moment) (bool, error) {
	*m = moment{}
	r := dateReader{ctx: c, name: name}
	if len(args) == 0 {
		if r.mayVary() {
			m.setNow(c)
			return true, nil
		}
		return false, r.err
	}
	var buf [textScratch]byte
	switch v := &args[0]; v.Kind() {
	case value.Null:
		return false, nil
	case value.Int, value.Real:
		m.setRaw(v.AsReal())
	default:
		if !r.parse(untilNUL(v.Bytes()), m) {
			return false, r.err
		}
	}
	for i := 1; i < len(args); i++ {
		if args[i].IsNull() || !r.modify(untilNUL(textOf(&args[i], buf[:0])), m, i) {
			return false, r.err
		}
	}
	m.computeJD()
	if m.isWrong || !validJD(m.jd) {
		return false, nil
	}
	if len(args) == 1 && m.validYMD && m.day > 28 {
		m.validYMD = false // 2023-02-31 becomes 2023-03-03.
	}
	return true, nil
}

// isWhole reports whether r is the small integer n, bit for bit.
func isWhole(r float64, n int) bool {
	return r == 0 || math.Float64bits(r) == math.Float64bits(float64(n))
}
