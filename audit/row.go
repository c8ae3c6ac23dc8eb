package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
)

// Row is an event as it rests in the store. Times have a precision of
// microseconds, and no column knows null: what is absent is empty.
type Row struct {
	ID           string
	At           time.Time
	Kind         Kind
	Actor        Actor
	Person       string
	RelyingParty string
	Login        string
	Data         string // JSON
	Personal     []byte // sealed
}

// Place is where a row stands in the order of the trail: by time, then id.
type Place struct {
	At time.Time
	ID string
}

// Place gives the row's place.
func (r Row) Place() Place { return Place{r.At, r.ID} }

// Compare orders places.
func (p Place) Compare(q Place) int {
	return cmp.Or(p.At.Compare(q.At), strings.Compare(p.ID, q.ID))
}

// spot is a place as the key of a map.
type spot struct {
	at int64
	id string
}

func (p Place) spot() spot { return spot{p.At.UnixMicro(), p.ID} }

// Hash is what a batch keeps of an event.
type Hash [sha256.Size]byte

// rowDomain keeps hashes of rows apart from all other hashes, and names the
// version of the encoding.
const rowDomain = "clave audit event 1"

// Hash covers every column. Each part carries its length, so that nothing can
// be moved from one column to the next.
func (r Row) Hash() Hash {
	var room [512]byte
	b := append(room[:0], rowDomain...)
	b = binary.BigEndian.AppendUint64(b, uint64(r.At.UnixMicro()))
	for _, part := range [...]string{r.ID, string(r.Kind), string(r.Actor), r.Person, r.RelyingParty, r.Login, r.Data} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(r.Personal)))
	b = append(b, r.Personal...)
	return sha256.Sum256(b)
}
