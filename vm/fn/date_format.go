package fn

import (
	"bytes"
	"strconv"

	"github.com/rustlite/rustlite/vm/value"
)

func julianDay(c *Context, args []value.Value, out *value.Value) error {
	var m moment
	if ok, err := momentOf(c, "julianday", args, &m); !ok {
		out.SetNull()
		return err
	}
	out.SetReal(float64(m.jd) / dayMillis)
	return nil
}

func unixEpoch(c *Context, args []value.Value, out *value.Value) error {
	var m moment
	if ok, err := momentOf(c, "unixepoch", args, &m); !ok {
		out.SetNull()
		return err
	}
	if m.subsec {
		out.SetReal(float64(m.jd-epochMillis) / 1000)
	} else {
		out.SetInt(m.jd/1000 - epochMillis/1000)
	}
	return nil
}

func dateText(c *Context, args []value.Value, out *value.Value) error {
	var m moment
	if ok, err := momentOf(c, "date", args, &m); !ok {
		out.SetNull()
		return err
	}
	m.computeYMD()
	out.SetText(m.appendDate(make([]byte, 0, 16)))
	return nil
}

func timeText(c *Context, args []value.Value, out *value.Value) error {
	var m moment
	if ok, err := momentOf(c, "time", args, &m); !ok {
		out.SetNull()
		return err
	}
	m.computeHMS()
	out.SetText(m.appendTime(make([]byte, 0, 16)))
	return nil
}

func dateTimeText(c *Context, args []value.Value, out *value.Value) error {
	var m moment
	if ok, err := momentOf(c, "datetime", args, &m); !ok {
		out.SetNull()
		return err
	}
	m.computeAll()
	b := m.appendDate(make([]byte, 0, 32))
	out.SetText(m.appendTime(append(b, ' ')))
	return nil
}

func (m *moment) appendDate(b []byte) []byte {
	y := m.year
	if y < 0 {
		b = append(b, '-')
		y = -y
	}
	b = appendDigits(b, y, 4)
	b = appendDigits(append(b, '-'), m.month, 2)
	return appendDigits(append(b, '-'), m.day, 2)
}

func (m *moment) appendTime(b []byte) []byte {
	b = m.appendClock(b)
	if !m.subsec {
		return appendDigits(append(b, ':'), int(m.second), 2)
	}
	ms := int(float64(1000*m.second) + 0.5)
	b = appendDigits(append(b, ':'), ms/1000, 2)
	return appendDigits(append(b, '.'), ms, 3)
}

func (m *moment) appendClock(b []byte) []byte {
	b = appendDigits(b, m.hour, 2)
	return appendDigits(append(b, ':'), m.minute, 2)
}

// appendDigits appends the last digits of n. Below zero (seconds moved before
// the first day of the calendar) they are no digits, as in the reference.
func appendDigits(b []byte, n, width int) []byte {
	scale := 1
	for range width - 1 {
		scale *= 10
	}
	for ; scale > 0; scale /= 10 {
		b = append(b, byte('0'+n/scale%10))
	}
	return b
}

// appendPadded appends n in a width; a minus sign counts.
func appendPadded(b []byte, n, width int, pad byte) []byte {
	if n < 0 {
		b = append(b, '-')
		n = -n
		width--
	}
	var buf [24]byte
	s := strconv.AppendInt(buf[:0], int64(n), 10)
	for i := len(s); i < width; i++ {
		b = append(b, pad)
	}
	return append(b, s...)
}

// appendReal appends f by a conversion of format.
func appendReal(b []byte, f float64, verb byte, s spec) []byte {
	r := formatter{out: b, max: lengthMaxDefault}
	r.appendReal(f, verb, &s)
	return r.out
}

// appendSeconds appends seconds with three digits after the point.
func appendSeconds(b []byte, s float64) []byte {
	return appendReal(b, s, 'f', spec{zero: true, width: 6, prec: 3})
}

func strftime(c *Context, args []value.Value, out *value.Value) error {
	out.SetNull()
	if len(args) == 0 || args[0].IsNull() {
		return nil
	}
	var m moment
	ok, err := momentOf(c, "strftime", args[1:], &m)
	if !ok {
		return err
	}
	m.computeAll()
	var buf [textScratch]byte
	format := untilNUL(textOf(&args[0], buf[:0]))
	b := make([]byte, 0, len(format)+16)
	for {
		i := bytes.IndexByte(format, '%')
		if i < 0 {
			break
		}
		b = append(b, format[:i]...)
		if b, ok = m.appendField(b, at(format, i+1)); !ok {
			return nil
		}
		if err := c.room(int64(len(b)) + 1); err != nil {
			return err
		}
		format = format[i+2:]
	}
	b = append(b, format...)
	if err := c.room(int64(len(b))); err != nil {
		return err
	}
	out.SetText(b)
	return nil
}

// appendField appends one conversion of strftime; false for an unknown one.
func (m *moment) appendField(b []byte, verb byte) ([]byte, bool) {
	two := func(n int) []byte { return appendPadded(b, n, 2, '0') }
	switch verb {
	case 'd':
		return two(m.day), true
	case 'e':
		return appendPadded(b, m.day, 2, ' '), true
	case 'f':
		return appendSeconds(b, min(m.second, 59.999)), true
	case 'F':
		b = appendPadded(b, m.year, 4, '0')
		b = appendPadded(append(b, '-'), m.month, 2, '0')
		return appendPadded(append(b, '-'), m.day, 2, '0'), true
	case 'G':
		return appendPadded(b, m.thursday().year, 4, '0'), true
	case 'g':
		return two(m.thursday().year % 100), true
	case 'H':
		return two(m.hour), true
	case 'k':
		return appendPadded(b, m.hour, 2, ' '), true
	case 'I':
		return two(m.hour12()), true
	case 'l':
		return appendPadded(b, m.hour12(), 2, ' '), true
	case 'j':
		return appendPadded(b, m.yearDay()+1, 3, '0'), true
	case 'J':
		return appendReal(b, float64(m.jd)/dayMillis, 'g', spec{prec: 16}), true
	case 'm':
		return two(m.month), true
	case 'M':
		return two(m.minute), true
	case 'p':
		return append(b, half(m.hour, "AM", "PM")...), true
	case 'P':
		return append(b, half(m.hour, "am", "pm")...), true
	case 'R':
		return appendPadded(append(two(m.hour), ':'), m.minute, 2, '0'), true
	case 's':
		if m.subsec {
			return appendReal(b, float64(m.jd-epochMillis)/1000, 'f', spec{prec: 3}), true
		}
		return strconv.AppendInt(b, m.jd/1000-epochMillis/1000, 10), true
	case 'S':
		return two(int(m.second)), true
	case 'T':
		b = appendPadded(append(two(m.hour), ':'), m.minute, 2, '0')
		return appendPadded(append(b, ':'), int(m.second), 2, '0'), true
	case 'u':
		return append(b, byte('0'+(m.sinceSunday()+6)%7+1)), true
	case 'w':
		return append(b, byte('0'+m.sinceSunday())), true
	case 'U':
		return two((m.yearDay() - m.sinceSunday() + 7) / 7), true
	case 'V':
		t := m.thursday()
		return two(t.yearDay()/7 + 1), true
	case 'W':
		return two((m.yearDay() - m.sinceMonday() + 7) / 7), true
	case 'Y':
		return appendPadded(b, m.year, 4, '0'), true
	case '%':
		return append(b, '%'), true
	}
	return b, false
}

func half(hour int, am, pm string) string {
	if hour >= 12 {
		return pm
	}
	return am
}

func (m *moment) hour12() int {
	h := m.hour
	if h > 12 {
		h -= 12
	}
	if h == 0 {
		h = 12
	}
	return h
}

// yearDay returns the days since the first of January.
func (m *moment) yearDay() int {
	first := *m
	first.validJD = false
	first.month, first.day = 1, 1
	first.computeJD()
	return int((m.jd - first.jd + halfDay) / dayMillis)
}

func (m *moment) sinceMonday() int { return int((m.jd + halfDay) / dayMillis % 7) }
func (m *moment) sinceSunday() int { return int((m.jd + 3*halfDay) / dayMillis % 7) }

// thursday returns the Thursday of the week, which lies in the year that
// counts the week.
func (m *moment) thursday() *moment {
	t := *m
	t.jd += int64(3-m.sinceMonday()) * dayMillis
	t.validYMD = false
	t.computeYMD()
	return &t
}

// yearZero is 0000-01-01: a difference is shown as a date counted from it.
const yearZero = 148_699_540_800_000

func timeDiff(c *Context, args []value.Value, out *value.Value) error {
	out.SetNull()
	var a, b moment
	if ok, err := momentOf(c, "timediff", args[:1], &a); !ok {
		return err
	}
	if ok, err := momentOf(c, "timediff", args[1:], &b); !ok {
		return err
	}
	a.computeAll()
	b.computeAll()
	sign, dir := byte('+'), 1
	if a.jd < b.jd {
		sign, dir = '-', -1
	}
	years := (a.year - b.year) * dir
	months := (a.month - b.month) * dir
	if years != 0 {
		b.year = a.year
		b.validJD = false
		b.computeJD()
	}
	if months < 0 {
		years--
		months += 12
	}
	if months != 0 {
		b.month = a.month
		b.validJD = false
		b.computeJD()
	}
	// b is now in the month of a; when it went past a, go one month back.
	for (a.jd-b.jd)*int64(dir) < 0 {
		months--
		if months < 0 {
			months = 11
			years--
		}
		b.month -= dir
		if b.month < 1 {
			b.month = 12
			b.year--
		} else if b.month > 12 {
			b.month = 1
			b.year++
		}
		b.validJD = false
		b.computeJD()
	}
	d := moment{jd: (a.jd-b.jd)*int64(dir) + yearZero, validJD: true}
	d.computeAll()
	t := append(make([]byte, 0, 32), sign)
	t = appendPadded(t, years, 4, '0')
	t = appendPadded(append(t, '-'), months, 2, '0')
	t = appendPadded(append(t, '-'), d.day-1, 2, '0')
	t = d.appendClock(append(t, ' '))
	out.SetText(appendSeconds(append(t, ':'), d.second))
	return nil
}
