package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// MaxSpan is how far apart the events of one batch may be. Our choice: the
// batches around a moment are found by their last event's time.
const MaxSpan = 5 * time.Second

// maxEntries is how many events a batch lists at most. Our choice: a batch is
// read as a whole.
const maxEntries = 2048

// Batch is a link of the chain: which events it lists and what they were.
type Batch struct {
	Seq             int64 // from 1, without gaps
	SealedAt        time.Time
	FirstAt, LastAt time.Time // of the events listed; at most 5 seconds apart
	Entries         []byte    // see Entry
	Previous        []byte    // head of the batch before; of the first one 32 zeros
	Head            []byte    // hash of everything above
	KeyID           string    // the key that signed the head
	Signature       []byte    // Ed25519
}

// Entry is one event in a batch's list, in the order of places:
//
//	version (1) ‖ one or more of: time (8) ‖ length of id (1) ‖ id ‖ hash (32)
type Entry struct {
	Place
	Hash Hash
}

const (
	entriesVersion = 1
	entryFixed     = 8 + 1 + len(Hash{})
)

var errEntries = errors.New("the list of events cannot be read")

func encodeEntries(entries []Entry) []byte {
	b := make([]byte, 1, 1+len(entries)*(entryFixed+26))
	b[0] = entriesVersion
	for _, e := range entries {
		b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
		b = append(b, byte(len(e.ID)))
		b = append(b, e.ID...)
		b = append(b, e.Hash[:]...)
	}
	return b
}

// decodeEntries reads what encodeEntries wrote, and nothing else: one list has
// one encoding.
func decodeEntries(b []byte) ([]Entry, error) {
	if len(b) < 1+entryFixed || b[0] != entriesVersion {
		return nil, errEntries
	}
	var entries []Entry
	for b = b[1:]; len(b) > 0; {
		if len(b) < entryFixed {
			return nil, errEntries
		}
		at, length := int64(binary.BigEndian.Uint64(b)), int(b[8])
		if b = b[9:]; len(b) < length+len(Hash{}) {
			return nil, errEntries
		}
		e := Entry{Place: Place{time.UnixMicro(at).UTC(), string(b[:length])}}
		b = b[length:]
		b = b[copy(e.Hash[:], b):]
		if n := len(entries); n > 0 && entries[n-1].Place.Compare(e.Place) >= 0 {
			return nil, errEntries
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// batchDomain and headDomain keep what is hashed and signed here apart from
// everything else, and name the version.
const (
	batchDomain = "clave audit batch 1"
	headDomain  = "clave audit head 1"
)

// hash is what Head must be.
func (b Batch) hash() Hash {
	entries := sha256.Sum256(b.Entries)
	m := []byte(batchDomain)
	for _, n := range [...]int64{b.Seq, b.SealedAt.UnixMicro(), b.FirstAt.UnixMicro(), b.LastAt.UnixMicro()} {
		m = binary.BigEndian.AppendUint64(m, uint64(n))
	}
	m = binary.BigEndian.AppendUint32(m, uint32(len(b.Previous)))
	m = append(m, b.Previous...)
	return sha256.Sum256(append(m, entries[:]...))
}

// toSign is the message under the signature.
func (b Batch) toSign() []byte { return append([]byte(headDomain), b.Head...) }

// Name says which batch it is and what its head was, as `clave audit verify
// --expect-head` takes it.
func (b Batch) Name() string { return fmt.Sprintf("%d:%x", b.Seq, b.Head) }

// ParseHead reads what [Batch.Name] wrote.
func ParseHead(s string) (seq int64, head []byte, err error) {
	number, digits, _ := strings.Cut(s, ":")
	seq, err = strconv.ParseInt(number, 10, 64)
	if err == nil {
		head, err = hex.DecodeString(digits)
	}
	if err != nil || seq < 1 || len(head) != len(Hash{}) {
		return 0, nil, errors.New("a head looks like 1234:9f86d081… (number, colon, 64 hexadecimal digits), as the log and `clave audit verify` print it")
	}
	return seq, head, nil
}
