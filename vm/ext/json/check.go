package json

import "strings"

// check looks at the element in b[i:end] with all that it holds. It returns 0
// when it is sound, else one more than the offset of what is wrong.
func check(b []byte, i, end, depth int) int {
	if depth > depthMax {
		return i + 1
	}
	n, size := header(b, i)
	if n == 0 || i+n+size != end {
		return i + 1
	}
	payload := b[i+n : end]
	bad := -1
	switch k := kindAt(b, i); k {
	case kindNull, kindTrue, kindFalse:
		if n+size != 1 {
			return i + 1
		}
		return 0
	case kindInt:
		bad = checkInt(payload)
	case kindInt5:
		bad = checkHex(payload)
	case kindFloat, kindFloat5:
		bad = checkFloat(payload, k == kindFloat)
	case kindText:
		for j, c := range payload {
			if !isPlain(c) && c != '\'' {
				return i + n + j + 1
			}
		}
		return 0
	case kindTextJ, kindText5:
		bad = checkEscapes(payload, k == kindText5)
	case kindTextRaw:
		return 0
	case kindArray, kindObject:
		return checkContainer(b, i+n, end, depth, k == kindObject)
	default:
		return i + 1
	}
	switch {
	case bad == wholeBad:
		return i + 1
	case bad >= 0:
		return i + n + bad + 1
	}
	return 0
}

// wholeBad says that an element is wrong as such, not one byte of it.
const wholeBad = -2

func checkContainer(b []byte, j, end, depth int, object bool) int {
	count := 0
	for j < end {
		n, size := header(b, j)
		if n == 0 || j+n+size > end {
			return j + 1
		}
		if object && count%2 == 0 && !kindAt(b, j).isLabel() {
			return j + 1
		}
		if bad := check(b, j, j+n+size, depth+1); bad != 0 {
			return bad
		}
		count++
		j += n + size
	}
	if object && count%2 != 0 {
		return j + 1
	}
	return 0
}

func checkInt(z []byte) int {
	j := 0
	if len(z) > 0 && z[0] == '-' {
		j = 1
	}
	if len(z) <= j {
		return wholeBad
	}
	for ; j < len(z); j++ {
		if !isDigit(z[j]) {
			return j
		}
	}
	return -1
}

func checkHex(z []byte) int {
	j := 0
	if len(z) > 0 && z[0] == '-' {
		j = 1
	}
	switch {
	case len(z) < j+3 || z[j] != '0':
		return wholeBad
	case z[j+1]|0x20 != 'x':
		return j + 1
	}
	for j += 2; j < len(z); j++ {
		if !isHex(z[j]) {
			return j
		}
	}
	return -1
}

func checkFloat(z []byte, plain bool) int {
	j := 0
	if len(z) > 0 && z[0] == '-' {
		j = 1
	}
	if len(z) < j+2 {
		return wholeBad
	}
	at := func(i int) byte {
		if i < len(z) {
			return z[i]
		}
		return 0
	}
	point, exponent := false, false
	switch {
	case z[j] == '.':
		if plain || !isDigit(at(j+1)) {
			return j
		}
		j += 2
		point = true
	case z[j] == '0' && plain:
		if len(z) < j+3 || z[j+1] != '.' && z[j+1]|0x20 != 'e' {
			return j
		}
		j++
	}
	for ; j < len(z); j++ {
		switch c := z[j]; {
		case isDigit(c):
		case c == '.':
			if point || exponent || plain && !isDigit(at(j+1)) {
				return j
			}
			point = true
		case c|0x20 == 'e':
			if exponent || j == len(z)-1 {
				return j
			}
			if z[j+1] == '+' || z[j+1] == '-' {
				j++
				if j == len(z)-1 {
					return j
				}
			}
			exponent = true
		default:
			return j
		}
	}
	if !point && !exponent {
		return wholeBad
	}
	return -1
}

func checkEscapes(z []byte, json5 bool) int {
	for j := 0; j < len(z); j++ {
		c := z[j]
		switch {
		case isPlain(c) || c == '\'':
			continue
		case c == '"' || c <= 0x1f:
			if !json5 {
				return j
			}
			continue
		case j+1 >= len(z):
			return j
		}
		switch e := z[j+1]; {
		case e != 0 && strings.IndexByte("\"\\/bfnrt", e) >= 0:
			j++
		case e == 'u':
			if j+5 >= len(z) || !isHex4(z[j+2:]) {
				return j
			}
			j++
		case !json5:
			return j
		default:
			u, n := unescape(z[j:])
			if u == noChar {
				return j
			}
			j += n - 1
		}
	}
	return -1
}
