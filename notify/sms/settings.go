package sms

import (
	"crypto/tls"
	"errors"
	"fmt"
	"time"
)

// LongMode says how a text travels that does not fit one message.
type LongMode string

// The modes.
const (
	// LongUDH sends parts with a user data header (3GPP TS 23.040, section
	// 9.2.3.24.1), which every centre knows.
	LongUDH LongMode = "udh"
	// LongPayload sends one PDU with the optional parameter message_payload and
	// leaves the parting to the centre.
	LongPayload LongMode = "payload"
)

// Packing says how GSM 7 bit text is put into octets.
type Packing string

// The packings.
const (
	// Unpacked is one septet an octet, what most centres want.
	Unpacked Packing = "unpacked"
	// Packed is eight septets in seven octets.
	Packed Packing = "packed"
)

// ReceiptID says how the ids in receipts relate to those in responses.
type ReceiptID string

// The relations.
const (
	// SameID: receipts repeat the id.
	SameID ReceiptID = "same"
	// DecimalID: responses give the id in hexadecimal, receipts the same number
	// in decimal, as several widespread centres do.
	DecimalID ReceiptID = "decimal"
)

// Address is a number or name with its type (TON) and plan (NPI).
// Source of the values: SMPP 3.4, sections 5.2.5 and 5.2.6.
type Address struct {
	TON, NPI byte
	Number   string
}

// SMPPSettings describe one message centre. Zero values take the defaults.
type SMPPSettings struct {
	// Name tells several centres apart in stored ids. Default "smpp".
	Name string
	// Address is host:port. Required.
	Address string
	// TLS, when not nil, encrypts the connection.
	TLS *tls.Config
	// SystemID (at most 15 characters), Password (at most 8) and SystemType
	// (at most 12) are agreed with the operator.
	SystemID, Password, SystemType string
	// ServiceType is the service_type field, at most 5 characters.
	ServiceType string
	// Source is what phones show as the sender: at most 11 characters of a name
	// (TON 5, NPI 0) or a number.
	Source Address
	// DestinationTON and DestinationNPI describe E.164 numbers without "+".
	// Default 1 (international) and 1 (ISDN).
	DestinationTON, DestinationNPI byte
	// Window is how many requests may wait for their response. Default 10.
	Window int
	// PerSecond limits submissions; 0 leaves it to the centre's throttling.
	PerSecond float64
	// Packing of GSM 7 bit text. Default Unpacked.
	Packing Packing
	// Long texts. Default LongUDH.
	Long LongMode
	// ReceiptID. Default SameID.
	ReceiptID ReceiptID
	// ConnectTimeout bounds dialling and binding together. Default 10 s.
	ConnectTimeout time.Duration
	// ResponseTimeout is how long a request waits for its response. Default 10 s.
	ResponseTimeout time.Duration
	// Enquire is how often the link is tested. Default 30 s.
	Enquire time.Duration
	// Reconnect is the wait after the first failed connection; it doubles up to
	// a minute. Default 500 ms.
	Reconnect time.Duration
	// ThrottlePause is the pause after the first throttling error; it doubles up
	// to sixteen times that. Default 250 ms.
	ThrottlePause time.Duration
}

// complete fills in defaults and reports all mistakes at once.
func (s *SMPPSettings) complete() error {
	standard(&s.Name, "smpp")
	standard(&s.DestinationTON, 1)
	standard(&s.DestinationNPI, 1)
	standard(&s.Window, 10)
	standard(&s.Packing, Unpacked)
	standard(&s.Long, LongUDH)
	standard(&s.ReceiptID, SameID)
	standard(&s.ConnectTimeout, 10*time.Second)
	standard(&s.ResponseTimeout, 10*time.Second)
	standard(&s.Enquire, 30*time.Second)
	standard(&s.Reconnect, 500*time.Millisecond)
	standard(&s.ThrottlePause, 250*time.Millisecond)
	var mistakes []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			mistakes = append(mistakes, fmt.Errorf(format, args...))
		}
	}
	refuse(s.Address == "", "address is missing; give host:port")
	refuse(s.SystemID == "", "system_id is missing; the operator assigns it")
	// Lengths without the closing zero. Source: SMPP 3.4, sections 4.1.1 and 4.4.1.
	refuse(len(s.SystemID) > 15, "system_id is longer than 15 characters")
	refuse(len(s.Password) > 8, "password is longer than 8 characters")
	refuse(len(s.SystemType) > 12, "system_type is longer than 12 characters")
	refuse(len(s.ServiceType) > 5, "service_type is longer than 5 characters")
	refuse(len(s.Source.Number) > 20, "source is longer than 20 characters")
	refuse(s.Source.TON == 5 && len(s.Source.Number) > 11, "source is a name (TON 5) longer than 11 characters")
	refuse(s.Window < 1 || s.Window > 1000, "window is %d; give 1 to 1000", s.Window)
	refuse(s.PerSecond < 0, "per_second is negative")
	refuse(s.Packing != Unpacked && s.Packing != Packed, "packing %q is unknown; give unpacked or packed", s.Packing)
	refuse(s.Long != LongUDH && s.Long != LongPayload, "long %q is unknown; give udh or payload", s.Long)
	refuse(s.ReceiptID != SameID && s.ReceiptID != DecimalID, "receipt_id %q is unknown; give same or decimal", s.ReceiptID)
	return errors.Join(mistakes...)
}

// standard sets what is zero to its default.
func standard[T comparable](value *T, usual T) {
	var zero T
	if *value == zero {
		*value = usual
	}
}
