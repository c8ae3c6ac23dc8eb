package sms

import (
	"bytes"
	"strings"
	"testing"

	"clave/notify"
)

func TestParseReceipt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		text     string
		taggedID string
		tagged   byte
		id       string
		state    notify.State
		ok       bool
	}{
		{"the text of the specification", "id:0123456789 sub:001 dlvrd:001 submit date:9803102305 done date:9803102307 stat:DELIVRD err:000 text:Hello", "", 0, "0123456789", notify.Delivered, true},
		{"names in capitals", "ID:7 STAT:UNDELIV TEXT:x", "", 0, "7", notify.Failed, true},
		{"parameters win over the text", "id:7 stat:ENROUTE", "8", 2, "8", notify.Delivered, true},
		{"parameters alone", "", "abc", 3, "abc", notify.Expired, true},
		{"still on its way", "id:7 stat:ACCEPTD", "", 0, "7", "", true},
		{"a state that nobody knows", "id:7 stat:TELEPATHY", "", 77, "7", "", true},
		{"a message that quotes a receipt changes nothing", "id:7 stat:EXPIRED err:000 text:id:9 stat:DELIVRD", "", 0, "7", notify.Expired, true},
		{"a message whose own text looks like a receipt, and no id before it", "text:id:9 stat:DELIVRD", "", 0, "", "", false},
		{"the first id counts", "id:7 id:8 stat:DELIVRD", "", 0, "7", notify.Delivered, true},
		{"no id", "stat:DELIVRD", "", 0, "", notify.Delivered, false},
		{"an id with control characters", "id:7\x00 stat:DELIVRD", "", 0, "7\x00", notify.Delivered, false},
		{"an id that is too long", "id:" + strings.Repeat("7", 65) + " stat:DELIVRD", "", 0, strings.Repeat("7", 65), notify.Delivered, false},
		{"nothing", "", "", 0, "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := parseReceipt(c.text, c.taggedID, c.tagged)
			if got != (report{c.id, c.state}) || ok != c.ok {
				t.Errorf("got %+v, %v, want %q %q, %v", got, ok, c.id, c.state, c.ok)
			}
		})
	}
}

func FuzzReceipt(f *testing.F) {
	f.Add("id:0123456789 sub:001 dlvrd:001 submit date:9803102305 done date:9803102307 stat:DELIVRD err:000 text:Hello", "", byte(0))
	f.Add("  id: stat:", "x\x00", byte(2))
	f.Fuzz(func(t *testing.T, text, id string, state byte) {
		r, ok := parseReceipt(text, id, state)
		if ok && (r.id == "" || len(r.id) > maxIDBytes || strings.ContainsAny(r.id, " \x00\n")) {
			t.Errorf("took the id %q", r.id)
		}
		switch r.state {
		case "", notify.Delivered, notify.Failed, notify.Expired:
		default:
			t.Errorf("made up the state %q", r.state)
		}
	})
}

// FuzzFrame proves that no octets of the far end make the reading panic, and
// that what could not be read leaves the stream in step or is refused.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01"))
	f.Add([]byte("\x00\x00\x00\x12\x80\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x01A\x00"))
	f.Add([]byte("\x00\x00\x00\x2f\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01\x01346\x00\x05\x00C\x00\x44\x00\x00\x00\x00\x00\x00\x00\x00\x08\x05\x00\x03\x01\x02\x01hi"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		r := bytes.NewReader(octets)
		for {
			before := r.Len()
			got, err := readFrame(r)
			if err != nil && err != errUnreadable {
				return
			}
			if used := before - r.Len(); used != int(got.header.CommandLength) {
				t.Fatalf("read %d octets of a PDU of %d", used, got.header.CommandLength)
			}
			if err == nil && !got.isResponse() && got.body == nil {
				t.Fatal("a request without a body")
			}
		}
	})
}
