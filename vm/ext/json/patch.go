package json

// merge applies the patch at b[from] of patch to the element at b[at] of d, as
// RFC 7396 has it.
func (d *document) merge(at int, patch []byte, from, depth int) error {
	if kindAt(patch, from) != kindObject {
		pn, psize := header(patch, from)
		n, size := sizes(d.b, at)
		d.replace(at, n+size, patch[from:from+pn+psize])
		return nil
	}
	if kindAt(d.b, at) != kindObject {
		// What is no object becomes an empty one; its size is the old one
		// until it is put right at the end.
		n, size := sizes(d.b, at)
		d.replace(at+n, size, nil)
		d.b[at] = d.b[at]&0xf0 | byte(kindObject)
	}
	pn, psize := header(patch, from)
	n, size := sizes(d.b, at)
	start, before := at+n, at+n+size
	for p, pEnd := from+pn, from+pn+psize; p < pEnd; {
		pair, err := pairAt(patch, p, pEnd)
		if err != nil {
			return err
		}
		label, val := p, pair.value
		p = pair.end
		end := before + d.delta
		target, found, err := d.lookFor(start, end, patch[label+pair.labelHeader:val], kindAt(patch, label).isRaw())
		if err != nil {
			return err
		}
		remove := kindAt(patch, val) == kindNull
		switch {
		case found && remove:
			d.replace(target.at, target.end-target.at, nil)
		case found:
			err = d.mergeInto(target.value, patch, val, depth)
		case remove:
		case kindAt(patch, val) != kindObject:
			d.replace(end, 0, patch[label:pair.end])
		default:
			fresh := append(append([]byte(nil), patch[label:val]...), byte(kindNull))
			d.replace(end, 0, fresh)
			err = d.mergeInto(end+val-label, patch, val, depth)
		}
		if err != nil {
			return err
		}
	}
	if d.delta != 0 {
		d.adjust(at)
	}
	return nil
}

// mergeInto merges into an element further in, and counts its growth.
func (d *document) mergeInto(at int, patch []byte, from, depth int) error {
	if depth >= depthMax {
		return errTooDeep
	}
	saved := d.delta
	d.delta = 0
	err := d.merge(at, patch, from, depth+1)
	d.delta += saved
	return err
}

// pair is a label and its value within an object.
type pair struct{ at, labelHeader, value, end int }

func pairAt(b []byte, i, end int) (pair, error) {
	if !kindAt(b, i).isLabel() {
		return pair{}, errMalformed
	}
	n, size := header(b, i)
	val := i + n + size
	if n == 0 || val >= end {
		return pair{}, errMalformed
	}
	vn, vsize := header(b, val)
	if vn == 0 || val+vn+vsize > end {
		return pair{}, errMalformed
	}
	return pair{i, n, val, val + vn + vsize}, nil
}

// lookFor finds the pair with a label among those in b[i:end].
func (d *document) lookFor(i, end int, label []byte, raw bool) (pair, bool, error) {
	for i < end {
		p, err := pairAt(d.b, i, end)
		if err != nil {
			return pair{}, false, err
		}
		if sameLabel(label, raw, d.b[i+p.labelHeader:p.value], kindAt(d.b, i).isRaw()) {
			return p, true, nil
		}
		i = p.end
	}
	return pair{}, false, nil
}
