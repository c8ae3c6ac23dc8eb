package keys

import (
	"encoding/binary"
	"slices"
)

// appendParts writes each part behind its length, so that no two lists of parts
// give the same bytes ("ab","c" and "a","bc" differ).
func appendParts(dst []byte, parts []string) []byte {
	size := 0
	for _, part := range parts {
		size += 4 + len(part)
	}
	dst = slices.Grow(dst, size)
	for _, part := range parts {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(part)))
		dst = append(dst, part...)
	}
	return dst
}
