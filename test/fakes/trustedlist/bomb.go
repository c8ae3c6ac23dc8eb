package trustedlist

import (
	"bytes"
	"compress/gzip"
)

// bomb is much in little.
func bomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 64 {
		_, _ = z.Write(make([]byte, 1<<20)) // a buffer takes everything
	}
	_ = z.Close() // a buffer takes everything
	return b.Bytes()
}
