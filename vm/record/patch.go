package record

import "github.com/rustlite/rustlite/vm/value"

// AppendPatched appends the record of r with the values that vals, the columns of a whole row, has for
// cols, which ascend. What else vals holds is lost. The bodies of the other columns are copied as they
// stand, unless there are long ones.
func AppendPatched(dst []byte, r *Row, vals []value.Value, cols []int32) ([]byte, error) {
	data, n := r.data, len(vals)
	short := len(data) > n && n <= 63 && data[0] == byte(2*n)
	for _, col := range cols {
		short = short && !isLong(&vals[col])
	}
	if !short {
		return appendDecoded(dst, r, vals, cols)
	}
	tags := len(dst) + 1
	dst = append(dst, data[:1+n]...)
	k, from, off := 0, 1+n, 1+n // The body of column k begins at off.
	skip := func(to int) bool {
		all := uint8(0)
		for _, tag := range data[1+k : 1+to] {
			size := bodySize[tag]
			all |= size
			off += int(size)
		}
		k = to
		return all < longSize && off <= len(data)
	}
	for _, col := range cols {
		if !skip(int(col)) {
			return dst, ErrMalformed
		}
		dst = append(dst, data[from:off]...)
		if !skip(int(col) + 1) {
			return dst, ErrMalformed
		}
		from = off
		var tag byte
		dst, tag = appendBody(dst, &vals[col])
		dst[tags+int(col)] = tag
	}
	if !skip(n) {
		return dst, ErrMalformed
	}
	return append(dst, data[from:off]...), nil
}

// appendDecoded is AppendPatched by way of the values.
func appendDecoded(dst []byte, r *Row, vals []value.Value, cols []int32) ([]byte, error) {
	for i := range vals {
		if len(cols) > 0 && int(cols[0]) == i {
			cols = cols[1:]
			continue
		}
		if ok, err := r.Column(i, &vals[i]); err != nil {
			return dst, err
		} else if !ok {
			vals[i].SetNull()
		}
	}
	return AppendRecord(dst, vals), nil
}
