package value

import "strconv"

// AppendText appends v as text, the way CAST(v AS TEXT) shows it. NULL
// appends nothing; text and blobs append their bytes.
func (v *Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Real:
		return AppendReal(dst, v.Real())
	case Text, Blob:
		return append(dst, v.Bytes()...)
	default:
		return dst
	}
}

// TextBytes returns v's text: borrowed for text and blobs, fresh for numbers,
// nil for NULL.
func (v *Value) TextBytes() []byte {
	if v.kind >= Text {
		return v.Bytes()
	}
	return v.AppendText(nil)
}

// Cast converts v in place as CAST(v AS type of affinity a) does.
func (v *Value) Cast(a Affinity) {
	if v.kind == Null {
		return
	}
	switch a {
	case AffBlob:
		if v.kind == Int || v.kind == Real {
			v.SetText(v.AppendText(nil))
		}
		v.kind, v.sub = Blob, 0
	case AffText:
		if v.kind == Int || v.kind == Real {
			v.SetText(v.AppendText(nil))
		}
		v.kind, v.sub = Text, 0
	case AffInteger:
		v.SetInt(v.AsInt())
	case AffReal:
		v.SetReal(v.AsReal())
	case AffNumeric:
		if v.kind >= Text {
			v.castNumeric()
		}
	case AffNone, AffFlexnum: // No CAST asks for them.
	}
}

// castNumeric makes a text or blob the number that it starts with: an
// integer when it is written as one, or is a small real with such a value.
func (v *Value) castNumeric() {
	n := ParseNumber(v.Bytes())
	if n.IsInt || !n.Prefix {
		v.SetInt(n.Int)
		return
	}
	v.SetReal(n.Real)
	if i, ok := RealAsInt(n.Real); ok && isSmall(i) {
		v.SetInt(i)
	}
}
