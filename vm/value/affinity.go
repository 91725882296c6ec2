package value

// Affinity is the storage class that a column or expression prefers.
// The letters are SQLite's, so that affinity strings in EXPLAIN read alike.
type Affinity byte

// The affinities. AffNone is "no affinity at all" (an expression); AffBlob is
// the affinity of a column without a type.
const (
	AffNone    Affinity = '@'
	AffBlob    Affinity = 'A'
	AffText    Affinity = 'B'
	AffNumeric Affinity = 'C'
	AffInteger Affinity = 'D'
	AffReal    Affinity = 'E'
	AffFlexnum Affinity = 'F'
)

// IsNumeric reports whether the affinity turns numeric-looking text into
// numbers.
func (a Affinity) IsNumeric() bool { return a >= AffNumeric }

// AffinityOf returns the affinity of a declared column type by the five rules
// of "Determination Of Column Affinity"; the empty type gives AffBlob.
func AffinityOf(declType string) Affinity {
	var h uint32
	aff := AffNumeric
	for i := 0; i < len(declType); i++ {
		h = h<<8 | uint32(lower(declType[i]))
		switch {
		case h == 'c'<<24|'h'<<16|'a'<<8|'r', h == 'c'<<24|'l'<<16|'o'<<8|'b', h == 't'<<24|'e'<<16|'x'<<8|'t':
			aff = AffText
		case h == 'b'<<24|'l'<<16|'o'<<8|'b' && (aff == AffNumeric || aff == AffReal):
			aff = AffBlob
		case (h == 'r'<<24|'e'<<16|'a'<<8|'l' || h == 'f'<<24|'l'<<16|'o'<<8|'a' ||
			h == 'd'<<24|'o'<<16|'u'<<8|'b') && aff == AffNumeric:
			aff = AffReal
		case h&0xffffff == 'i'<<16|'n'<<8|'t':
			return AffInteger
		}
	}
	if declType == "" {
		return AffBlob
	}
	return aff
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c | 0x20
	}
	return c
}

// ApplyAffinity converts v in place as storing it in a column of affinity a
// does. Bytes of a number turned into text are appended to a fresh buffer.
func (v *Value) ApplyAffinity(a Affinity) {
	switch {
	case a <= AffBlob:
	case a == AffText:
		if v.kind == Int || v.kind == Real {
			v.SetText(v.AppendText(nil))
		}
	default:
		if v.kind == Text {
			v.applyNumericAffinity()
			v.integerIfExact()
		}
		switch {
		case a == AffReal && v.kind == Int:
			v.SetReal(float64(v.Int()))
		case a == AffReal && v.kind == Real && v.Real() == 0:
			v.SetReal(0) // Integral reals are stored as integers: no -0.0.
		case a == AffInteger || a == AffNumeric:
			v.integerIfExact()
		}
	}
}

// integerIfExact makes a real with an exact integer value that integer.
func (v *Value) integerIfExact() {
	if v.kind == Real {
		if i, ok := RealAsInt(v.Real()); ok {
			v.SetInt(i)
		}
	}
}

// applyNumericAffinity turns text that is wholly a number into that number
// and leaves other text alone.
func (v *Value) applyNumericAffinity() {
	n := ParseNumber(v.Bytes())
	switch {
	case !n.Whole:
	case n.IsInt && (!n.cut || isSmall(n.Int)):
		v.SetInt(n.Int)
	default:
		v.SetReal(n.Real)
	}
}

// isSmall reports whether i is so small that integers and reals around it
// are the same without doubt.
func isSmall(i int64) bool { return i >= -1<<51 && i < 1<<51 }

// ApplyCompareAffinity converts v for a comparison with numeric affinity:
// text that looks like a number becomes one, nothing else changes.
func (v *Value) ApplyCompareAffinity() {
	if v.kind == Text {
		v.applyNumericAffinity()
	}
}

// RealAsInt returns f as an integer when f is integral and within the range
// in which SQLite changes class without loss (both ends of int64 excluded).
func RealAsInt(f float64) (int64, bool) {
	if f > -9223372036854775808.0 && f < 9223372036854775808.0 {
		i := int64(f)
		if float64(i) == f && i > minInt64 && i < maxInt64 {
			return i, true
		}
	}
	return 0, false
}

const (
	minInt64 = -1 << 63
	maxInt64 = 1<<63 - 1
)
