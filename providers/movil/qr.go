package movil

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"rsc.io/qr"
)

const (
	// HandlePath is what stands before the handle in the address that a QR holds.
	HandlePath = "/movil/s/"
	// handleStep is how often the QR changes, and handleSteps for how many of them it is
	// good: long enough for a slow camera, and a photograph of it is worthless before it
	// is sent. Our choice.
	handleStep  = 5 * time.Second
	handleSteps = 3
	// handleSum is how much of the sum is in the handle, in bytes. Our choice: 96 bits
	// cannot be guessed within 15 seconds.
	handleSum = 12
)

// Handle is what names the request in a QR that is shown now. Nothing is written when
// it changes.
func (r Request) Handle(now time.Time) string {
	id, err := base64.RawURLEncoding.DecodeString(string(r.ID))
	if err != nil {
		return "" // ids are ours
	}
	return base64.RawURLEncoding.EncodeToString(append(id, r.sum(step(now))...))
}

func step(at time.Time) uint64 { return uint64(at.Unix()) / uint64(handleStep/time.Second) }

func (r Request) sum(step uint64) []byte {
	mac := hmac.New(sha256.New, r.Asked.Secret)
	mac.Write([]byte("clave movil qr")) // a hash takes everything in
	mac.Write(binary.BigEndian.AppendUint64(nil, step))
	return mac.Sum(nil)[:handleSum]
}

// readHandle takes a handle apart; false for what was never one.
func readHandle(handle string) (id RequestID, sum []byte, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(handle)
	if err != nil || len(b) != requestIDBytes+handleSum {
		return "", nil, false
	}
	return RequestID(base64.RawURLEncoding.EncodeToString(b[:requestIDBytes])), b[requestIDBytes:], true
}

// requestIDBytes is the length of a RequestID before it became text.
const requestIDBytes = 16

// shows tells whether the sum is of a QR that is or was shown a moment ago.
func (r Request) shows(sum []byte, now time.Time) bool {
	good := false
	for back := range uint64(handleSteps) {
		good = hmac.Equal(sum, r.sum(step(now)-back)) || good
	}
	return good
}

// Square is a QR as a drawing: Path is the data of an SVG path in a square of Size
// units, margin included.
type Square struct {
	Path string `json:"path"`
	Size int    `json:"size"`
}

// quiet is the margin that readers need, in modules. Source: ISO/IEC 18004, section
// 6.3.8 ("quiet zone").
const quiet = 4

// draw makes the QR of an address.
func draw(address string) (Square, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return Square{}, fmt.Errorf("drawing a QR: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return Square{Path: path.String(), Size: code.Size + 2*quiet}, nil
}
