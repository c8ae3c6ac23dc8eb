// Package packed writes small records as bytes without names: values in a fixed
// order, numbers and lengths as varints. It is for records that we seal into a
// browser's cookie and read again with each request, where JSON costs more than
// opening the seal. Whoever uses it begins a record with the version of its order.
package packed

import (
	"encoding/binary"
	"time"
)

// Writer puts values one behind the other. The zero value is ready.
type Writer struct{ Bytes []byte }

// Int writes a number.
func (w *Writer) Int(n int64) { w.Bytes = binary.AppendVarint(w.Bytes, n) }

// Flags writes up to eight answers of yes or no in one byte.
func (w *Writer) Flags(flags ...bool) {
	b := byte(0)
	for i, flag := range flags {
		if flag {
			b |= 1 << i
		}
	}
	w.Bytes = append(w.Bytes, b)
}

// Time writes a time to the nanosecond; of the zone nothing stays.
func (w *Writer) Time(t time.Time) {
	if t.IsZero() {
		w.Int(0)
		return
	}
	w.Int(t.UnixNano())
}

// String writes a text.
func (w *Writer) String(s string) {
	w.Bytes = append(binary.AppendUvarint(w.Bytes, uint64(len(s))), s...)
}

// Strings writes a list of texts.
func Strings[S ~string](w *Writer, list []S) {
	w.Bytes = binary.AppendUvarint(w.Bytes, uint64(len(list)))
	for _, s := range list {
		w.String(string(s))
	}
}

// Reader takes values in the order in which they were written. After a record that
// is too short or not one at all, all values are zero and Done says so.
type Reader struct {
	rest   string
	broken bool
}

// NewReader reads a record. The texts that it gives share one copy of it.
func NewReader(record []byte) *Reader { return &Reader{rest: string(record)} }

// Done tells whether all was read, and nothing was missing.
func (r *Reader) Done() bool { return !r.broken && r.rest == "" }

func (r *Reader) fail() {
	r.rest, r.broken = "", true
}

// Int reads a number.
func (r *Reader) Int() int64 {
	u := r.uvarint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (r *Reader) uvarint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		if i == binary.MaxVarintLen64-1 && b > 1 {
			break // more than 64 bits
		}
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

// Flags reads the byte that Writer.Flags wrote.
func (r *Reader) Flags() Flags {
	if r.rest == "" {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return Flags(b)
}

// Flags are answers of yes or no.
type Flags byte

// At is the answer that was written as number i, from 0.
func (f Flags) At(i int) bool { return f&(1<<i) != 0 }

// Time reads a time, in UTC.
func (r *Reader) Time() time.Time {
	n := r.Int()
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// String reads a text.
func (r *Reader) String() string {
	size := r.uvarint()
	if size > uint64(len(r.rest)) {
		r.fail()
		return ""
	}
	s := r.rest[:size]
	r.rest = r.rest[size:]
	return s
}

// ReadStrings reads a list of texts; an empty one is nil.
func ReadStrings[S ~string](r *Reader) []S {
	size := r.uvarint()
	if size > uint64(len(r.rest)) { // each takes a byte at least
		r.fail()
	}
	if size == 0 || r.broken {
		return nil
	}
	list := make([]S, size)
	for i := range list {
		list[i] = S(r.String())
	}
	return list
}
