package btree

import (
	"github.com/rustlite/rustlite/pager"
	"github.com/rustlite/rustlite/pager/fileformat"
)

// A blob is how a payload, or a key's bytes after prefix and head, stand in a cell:
//
//	total < 128            1 byte total, the bytes
//	whole                  varint total*2, the bytes
//	with overflow pages    varint total*2+1, u16 stored, u32 first overflow page, the stored bytes
//
// The varint is little-endian base 128. A single byte is always the total itself: what goes on in
// overflow pages has at least 64 bytes behind the prefix of its page.
type blob struct {
	total int          // whole length
	local []byte       // the bytes stored here
	run   pager.PageNo // first overflow page, 0 = everything is local
	size  int          // bytes the blob takes
}

// blobVarintMax is 5: 32 bits of length and the overflow bit.
const blobVarintMax = 5

// decodeBlob reads a blob at the beginning of b. skip bytes of its total are stored elsewhere (the
// head of a key). It reports false when the blob does not fit b or contradicts itself.
func decodeBlob(b []byte, skip int) (x blob, ok bool) {
	if len(b) == 0 {
		return x, false
	}
	if c := int(b[0]); c < 128 {
		n := max(c-skip, 0)
		if 1+n > len(b) {
			return x, false
		}
		return blob{total: c, local: b[1 : 1+n : 1+n], size: 1 + n}, true
	}
	return decodeLongBlob(b, skip)
}

func decodeLongBlob(b []byte, skip int) (x blob, ok bool) {
	var w uint64
	i := 0
	for shift := 0; ; shift += 7 {
		if i == len(b) || i == blobVarintMax {
			return x, false
		}
		c := b[i]
		w |= uint64(c&127) << shift
		i++
		if c < 128 {
			break
		}
	}
	if w < 128 || w>>1 < 128 && w&1 == 0 || w>>1 > maxBlob {
		return x, false
	}
	total := int(w >> 1)
	if w&1 == 0 {
		n := total - skip
		if n > len(b)-i {
			return x, false
		}
		return blob{total: total, local: b[i : i+n : i+n], size: i + n}, true
	}
	if len(b) < i+6 {
		return x, false
	}
	stored := le16(b[i:])
	run := pager.PageNo(le32(b[i+2:]))
	i += 6
	if stored < skip || stored >= total || run == 0 || stored-skip > len(b)-i {
		return x, false
	}
	n := stored - skip
	return blob{total: total, local: b[i : i+n : i+n], run: run, size: i + n}, true
}

// maxBlob is the longest payload, keyMax the longest key: lengths stay an int on 32-bit systems.
const (
	maxBlob = fileformat.PayloadBytesMax - 1
	keyMax  = fileformat.KeyBytesMax
)

// blobPlainMax is the longest blob whose length takes one byte.
const blobPlainMax = 127

// blobSize is the size of a blob of total bytes, stored of them here (without skip), in overflow
// pages for the rest or not.
func blobSize(total, stored, skip int, over bool) int {
	n := max(stored-skip, 0)
	if total <= blobPlainMax && !over {
		return 1 + n
	}
	if over {
		n += 6
	}
	for w := uint64(total) << 1; ; w >>= 7 {
		n++
		if w < 128 {
			return n
		}
	}
}

// appendBlob appends a blob whose local bytes (after skip) are local.
func appendBlob(dst []byte, total int, local []byte, skip int, run pager.PageNo) []byte {
	if total < 128 && run == 0 {
		dst = append(dst, byte(total))
	} else {
		w := uint64(total) << 1
		if run != 0 {
			w |= 1
		}
		for w >= 128 {
			dst = append(dst, byte(w)|128)
			w >>= 7
		}
		dst = append(dst, byte(w))
		if run != 0 {
			dst = append(dst, byte(len(local)), byte(len(local)>>8), byte(run), byte(run>>8), byte(run>>16), byte(run>>24))
		}
	}
	if len(local) > skip {
		dst = append(dst, local[skip:]...)
	}
	return dst
}
