package fn

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/rustlite/rustlite/vm/value"
)

func textFuncs() []*Func {
	concatFn := pure("concat", -1, "The texts of its arguments, one after the other; NULLs add nothing.", concat)
	concatFn.Min = 1
	concatWSFn := pure("concat_ws", -1, "The texts of its arguments but the first, which goes between them.", concatWS)
	concatWSFn.Min = 2
	return []*Func{
		numeric(calm(pure("length", 1, "Characters of a text, bytes of a blob.", length))),
		numeric(calm(pure("octet_length", 1, "Bytes of a text or blob.", octetLength))),
		calm(pure("upper", 1, "A text with its ASCII letters in upper case.", upper)),
		calm(pure("lower", 1, "A text with its ASCII letters in lower case.", lower)),
		calm(pure("substr", 2, "The end of a text or blob from a place on.", substr)),
		calm(pure("substr", 3, "A piece of a text or blob by place and length.", substr)),
		calm(pure("substring", 2, "Another name of substr.", substr)),
		calm(pure("substring", 3, "Another name of substr.", substr)),
		numeric(calm(pure("instr", 2, "Where the second argument occurs first in the first, 0 for nowhere.", instr))),
		pure("replace", 3, "A text with every occurrence of the second argument replaced by the third.", replace),
		calm(pure("trim", 1, "A text without the spaces at its ends.", trimmer(true, true))),
		calm(pure("trim", 2, "A text without the given characters at its ends.", trimmer(true, true))),
		calm(pure("ltrim", 1, "A text without the spaces at its start.", trimmer(true, false))),
		calm(pure("ltrim", 2, "A text without the given characters at its start.", trimmer(true, false))),
		calm(pure("rtrim", 1, "A text without the spaces at its end.", trimmer(false, true))),
		calm(pure("rtrim", 2, "A text without the given characters at its end.", trimmer(false, true))),
		concatFn, concatWSFn,
		pure("char", -1, "The text of the characters with these code points.", char),
		numeric(calm(pure("unicode", 1, "The code point of a text's first character.", unicode))),
	}
}

func length(_ *Context, args []value.Value, out *value.Value) error {
	v := &args[0]
	switch v.Kind() {
	case value.Null:
		out.SetNull()
	case value.Text:
		out.SetInt(int64(countChars(v.Bytes())))
	case value.Blob:
		out.SetInt(int64(v.Len()))
	default:
		var buf [textScratch]byte
		out.SetInt(int64(len(v.AppendText(buf[:0]))))
	}
	return nil
}

// countChars counts the characters before the first zero byte. A byte that
// continues a character counts only where there is none to continue: at the
// start and after ASCII.
func countChars(b []byte) int {
	b = untilNUL(b)
	n := 0
	for len(b) >= 8 && binary.LittleEndian.Uint64(b)&0x8080808080808080 == 0 {
		b = b[8:]
		n += 8
	}
	prev := byte(0)
	for _, c := range b {
		if !isContinuation(c) || prev < 0x80 {
			n++
		}
		prev = c
	}
	return n
}

func octetLength(_ *Context, args []value.Value, out *value.Value) error {
	v := &args[0]
	if v.IsNull() {
		out.SetNull()
		return nil
	}
	var buf [textScratch]byte
	out.SetInt(int64(len(textOf(v, buf[:0]))))
	return nil
}

func upper(c *Context, args []value.Value, out *value.Value) error {
	return fold(c, args, out, 'a', 0x20)
}

func lower(c *Context, args []value.Value, out *value.Value) error {
	return fold(c, args, out, 'A', 0x20)
}

// fold flips the bit of the 26 letters from first on. A text without any of
// them is borrowed.
func fold(c *Context, args []value.Value, out *value.Value, first, bit byte) error {
	v := &args[0]
	if v.IsNull() {
		out.SetNull()
		return nil
	}
	b := v.TextBytes()
	if err := c.room(int64(len(b)) + 1); err != nil {
		return err
	}
	for i := range b {
		if b[i]-first < 26 {
			f := make([]byte, len(b))
			copy(f, b[:i])
			for ; i < len(b); i++ {
				x := b[i]
				if x-first < 26 {
					x ^= bit
				}
				f[i] = x
			}
			out.SetText(f)
			return nil
		}
	}
	out.SetText(b)
	return nil
}

func substr(_ *Context, args []value.Value, out *value.Value) error {
	v := &args[0]
	if v.IsNull() || args[1].IsNull() || len(args) == 3 && args[2].IsNull() {
		out.SetNull()
		return nil
	}
	first, n := args[1].AsInt(), int64(math.MaxInt64)
	if len(args) == 3 {
		n = args[2].AsInt()
	}
	isBlob := v.Kind() == value.Blob
	b := v.TextBytes()
	if isBlob && len(b) == 0 {
		out.SetNull() // So the reference answers for a piece of no blob.
		return nil
	}
	if !isBlob {
		b = untilNUL(b)
	}
	var total int64 // Needed only to count from the end.
	if isBlob {
		total = int64(len(b))
	} else if first < 0 {
		for i := 0; i < len(b); i = skipChar(b, i) {
			total++
		}
	}
	skip, n := window(first, n, total)
	if isBlob {
		if skip >= total {
			skip, n = 0, 0
		}
		out.SetBlob(b[skip : skip+min(n, total-skip)])
		return nil
	}
	from := 0
	for ; skip > 0 && from < len(b); skip-- {
		from = stepChar(b, from)
	}
	to := from
	if n >= int64(len(b)-from) {
		to = len(b)
	}
	for ; n > 0 && to < len(b); n-- {
		to = stepChar(b, to)
	}
	out.SetText(b[from:to])
	return nil
}

// window turns the two numbers of substr, as the user counts, into how many
// characters to skip and how many to take. total is that of the text when
// first is negative.
func window(first, n, total int64) (skip, take int64) {
	switch {
	case first < 0:
		first += total
		if first < 0 {
			if n < 0 {
				n = 0
			} else {
				n += first
			}
			first = 0
		}
	case first > 0:
		first--
	case n > 0:
		n-- // Place 0 is before the first character and takes one from n.
	}
	if n < 0 {
		// The characters before that place.
		if n < -first {
			n = first
		} else {
			n = -n
		}
		first -= n
	}
	return first, n
}

func instr(_ *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() || args[1].IsNull() {
		out.SetNull()
		return nil
	}
	var buf0, buf1 [textScratch]byte
	hay, needle := textOf(&args[0], buf0[:0]), textOf(&args[1], buf1[:0])
	out.SetInt(int64(find(hay, needle, args[0].Kind() == value.Blob && args[1].Kind() == value.Blob)))
	return nil
}

// find returns the place of needle in hay, counted from 1 in bytes or
// characters, or 0.
func find(hay, needle []byte, bytewise bool) int {
	if len(needle) == 0 {
		return 1
	}
	at := 0
	for {
		i := bytes.Index(hay[at:], needle)
		if i < 0 {
			return 0
		}
		at += i
		// A match may not begin within a character.
		if bytewise || at == 0 || !isContinuation(hay[at]) {
			break
		}
		at++
	}
	if bytewise {
		return at + 1
	}
	n := 1
	for i := 1; i <= at; i++ {
		if !isContinuation(hay[i]) {
			n++
		}
	}
	return n
}

func replace(c *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() || args[1].IsNull() {
		out.SetNull()
		return nil
	}
	var oldBuf, newBuf [textScratch]byte
	old := textOf(&args[1], oldBuf[:0])
	if len(old) == 0 || old[0] == 0 {
		out.SetText(args[0].TextBytes())
		return nil
	}
	if args[2].IsNull() {
		out.SetNull()
		return nil
	}
	text, with := args[0].TextBytes(), textOf(&args[2], newBuf[:0])
	n := bytes.Count(text, old)
	total := int64(len(text)) + int64(n)*int64(len(with)-len(old))
	if err := c.room(max(total, int64(len(text))+1)); err != nil {
		return err
	}
	if n == 0 {
		out.SetText(text)
		return nil
	}
	b := make([]byte, 0, total)
	for ; n > 0; n-- {
		i := bytes.Index(text, old)
		b = append(append(b, text[:i]...), with...)
		text = text[i+len(old):]
	}
	out.SetText(append(b, text...))
	return nil
}

// trimmer makes trim, ltrim and rtrim. The result borrows.
func trimmer(left, right bool) call {
	return func(_ *Context, args []value.Value, out *value.Value) error {
		if args[0].IsNull() || len(args) == 2 && args[1].IsNull() {
			out.SetNull()
			return nil
		}
		b := args[0].TextBytes()
		if len(args) == 1 {
			for left && len(b) > 0 && b[0] == ' ' {
				b = b[1:]
			}
			for right && len(b) > 0 && b[len(b)-1] == ' ' {
				b = b[:len(b)-1]
			}
			out.SetText(b)
			return nil
		}
		var buf [textScratch]byte
		set := untilNUL(textOf(&args[1], buf[:0]))
		for left {
			n := charAtStart(b, set)
			if n == 0 {
				break
			}
			b = b[n:]
		}
		for right {
			n := charAtEnd(b, set)
			if n == 0 {
				break
			}
			b = b[:len(b)-n]
		}
		out.SetText(b)
		return nil
	}
}

// charAtStart returns the length of the first character of set, in the order
// of set, that b starts with.
func charAtStart(b, set []byte) int {
	for i := 0; i < len(set); {
		next := skipChar(set, i)
		if bytes.HasPrefix(b, set[i:next]) {
			return next - i
		}
		i = next
	}
	return 0
}

func charAtEnd(b, set []byte) int {
	for i := 0; i < len(set); {
		next := skipChar(set, i)
		if bytes.HasSuffix(b, set[i:next]) {
			return next - i
		}
		i = next
	}
	return 0
}

func concat(c *Context, args []value.Value, out *value.Value) error {
	return join(c, args, nil, out)
}

func concatWS(c *Context, args []value.Value, out *value.Value) error {
	if args[0].IsNull() {
		out.SetNull()
		return nil
	}
	var buf [textScratch]byte
	return join(c, args[1:], textOf(&args[0], buf[:0]), out)
}

func join(c *Context, args []value.Value, sep []byte, out *value.Value) error {
	var n int64
	for i := range args {
		if args[i].Kind() >= value.Text {
			n += int64(args[i].Len())
		} else {
			n += textScratch
		}
	}
	n += int64(len(sep)) * int64(len(args))
	if n > int64(c.lengthMax()) {
		n = 0 // May still fit: the sum counts separators and numbers too high.
	}
	b := make([]byte, 0, n)
	first := true
	for i := range args {
		if args[i].IsNull() {
			continue
		}
		if !first {
			b = append(b, sep...)
		}
		first = false
		b = args[i].AppendText(b)
		if err := c.room(int64(len(b))); err != nil {
			return err
		}
	}
	out.SetText(b)
	return nil
}

func char(_ *Context, args []value.Value, out *value.Value) error {
	b := make([]byte, 0, len(args)*4)
	for i := range args {
		x := args[i].AsInt()
		if x < 0 || x > 0x10ffff {
			x = replacement
		}
		b = appendChar(b, uint32(x))
	}
	out.SetText(b)
	return nil
}

func unicode(_ *Context, args []value.Value, out *value.Value) error {
	if !args[0].IsNull() {
		var buf [textScratch]byte
		b := textOf(&args[0], buf[:0])
		if len(b) > 0 && b[0] != 0 {
			x, _ := readChar(b, 0)
			out.SetInt(int64(int32(x)))
			return nil
		}
	}
	out.SetNull()
	return nil
}
