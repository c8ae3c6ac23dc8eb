package sms

import (
	"encoding/binary"
	"errors"
	"unicode/utf16"

	"clave/notify/gsm7"
)

// maxParts bounds one text. Our choice: nothing that the product says by SMS is
// longer, and a longer one would be a mistake that costs money.
const maxParts = 10

var errTooLong = errors.New("text needs more than 10 message parts")

// Data codings. Source: SMPP 3.4, section 5.2.19.
const (
	codingDefault byte = 0x00 // GSM 7 bit default alphabet
	codingUCS2    byte = 0x08
)

// What a part holds besides a header of six octets.
// Source: 3GPP TS 23.040, section 9.2.3.24.1 (140 octets a message).
const (
	partSeptets = 153
	wholeUnits  = 70
	partUnits   = 67
	headerFill  = 1 // bits from the header's end to the next septet's edge
)

// encoded is a text ready for the wire: one or more bodies of one coding.
type encoded struct {
	coding byte
	bodies [][]byte
}

// encode codes a text in GSM 7 bit when it fits that alphabet, otherwise in
// UCS-2, and parts it if need be (not for message_payload).
func encode(text string, packing Packing, long LongMode) (encoded, error) {
	var e encoded
	if gsm7.Fits(text) {
		e = encodeGSM7(text, packing, long)
	} else {
		e = encodeUCS2(text, long)
	}
	if len(e.bodies) > maxParts || long == LongPayload && len(e.bodies[0]) > maxParts*160 {
		return encoded{}, errTooLong
	}
	return e, nil
}

func encodeGSM7(text string, packing Packing, long LongMode) encoded {
	e := encoded{coding: codingDefault}
	pieces, fill := []string{text}, 0
	if gsm7.Septets(text) > gsm7.SegmentSeptets && long == LongUDH {
		pieces, fill = gsm7.Split(text, partSeptets), headerFill
	}
	for _, piece := range pieces {
		body, _ := gsm7.Encode(piece) // the caller knows that it fits
		if packing == Packed {
			body = gsm7.Pack(body, fill)
		}
		e.bodies = append(e.bodies, body)
	}
	return e
}

func encodeUCS2(text string, long LongMode) encoded {
	units := utf16.Encode([]rune(text))
	e := encoded{coding: codingUCS2}
	size := len(units)
	if size > wholeUnits && long == LongUDH {
		size = partUnits
	}
	for len(units) > 0 {
		n := min(size, len(units))
		if n < len(units) && utf16.IsSurrogate(rune(units[n])) && units[n] >= 0xdc00 {
			n-- // a character of two units stays in one part
		}
		body := make([]byte, 0, 2*n)
		for _, unit := range units[:n] {
			body = binary.BigEndian.AppendUint16(body, unit)
		}
		e.bodies = append(e.bodies, body)
		units = units[n:]
	}
	return e
}

// partHeader is the user data header of one part (from 1) of a long message.
// Source: 3GPP TS 23.040, section 9.2.3.24.1 (8 bit reference).
func partHeader(reference byte, parts, part int) []byte {
	return []byte{5, 0x00, 3, reference, byte(parts), byte(part)}
}
