package smsc

import (
	"encoding/binary"
	"unicode/utf16"
)

// Address is an address with its type of number and numbering plan.
type Address struct {
	TON, NPI byte
	Number   string
}

// Message is one submit_sm as the centre understood it.
type Message struct {
	// ID is what the centre calls it.
	ID                  string
	Source, Destination Address
	ServiceType         string
	Validity            string // as it came, relative or absolute
	WantsReceipt        bool
	DataCoding          byte
	Payload             bool // the text came as message_payload
	Raw                 []byte
	// Text is Raw decoded, without the header of a concatenated message.
	Text string
	// Reference, Parts and Part tell where a part of a long message belongs;
	// zero for a message of its own.
	Reference, Parts, Part int
	// Sequence is the PDU's number, Connection counts the binds from 1.
	Sequence   uint32
	Connection int
}

// readSubmit reads the body of a submit_sm.
// Source: SMPP 3.4, section 4.4.1.
func (s *Server) readSubmit(body []byte) (Message, bool) {
	f := &fields{rest: body}
	m := Message{ServiceType: f.text()}
	m.Source = Address{f.octet(), f.octet(), f.text()}
	m.Destination = Address{f.octet(), f.octet(), f.text()}
	esmClass := f.octet()
	f.take(2) // protocol_id, priority_flag
	f.text()  // schedule_delivery_time
	m.Validity = f.text()
	m.WantsReceipt = f.octet()&registeredDelivery1 != 0
	f.octet() // replace_if_present_flag
	m.DataCoding = f.octet()
	f.octet() // sm_default_msg_id
	m.Raw = f.take(int(f.octet()))
	tagged := f.optional()
	if payload, ok := tagged[tagMessagePayload]; ok {
		if len(m.Raw) > 0 {
			return m, false // the specification allows one of them
		}
		m.Raw, m.Payload = payload, true
	}
	if f.bad || len(m.Raw) > 254 && !m.Payload {
		return m, false
	}
	words, fill := m.Raw, 0
	if esmClass&esmClassUDH != 0 {
		if len(words) == 0 || len(words) < 1+int(words[0]) {
			return m, false
		}
		header := words[1 : 1+words[0]]
		words = words[1+words[0]:]
		fill = (7 - (len(header)+1)*8%7) % 7
		m.readParts(header)
	}
	m.Text = s.decode(m.DataCoding, words, fill)
	return m, true
}

// readParts reads the header of a concatenated message.
// Source: 3GPP TS 23.040, sections 9.2.3.24.1 and 9.2.3.24.8.
func (m *Message) readParts(header []byte) {
	for len(header) >= 2 && len(header) >= 2+int(header[1]) {
		kind, data := header[0], header[2:2+header[1]]
		switch {
		case kind == 0x00 && len(data) == 3:
			m.Reference, m.Parts, m.Part = int(data[0]), int(data[1]), int(data[2])
		case kind == 0x08 && len(data) == 4:
			m.Reference, m.Parts, m.Part = int(binary.BigEndian.Uint16(data)), int(data[2]), int(data[3])
		}
		header = header[2+header[1]:]
	}
}

// decode reads the words as a phone shows them.
func (s *Server) decode(coding byte, words []byte, fill int) string {
	switch {
	case coding == 0x08:
		units := make([]uint16, len(words)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(words[2*i:])
		}
		return string(utf16.Decode(units))
	case coding == 0x00 && s.Packed:
		return DecodeGSM7(UnpackGSM7(words, fill))
	case coding == 0x00:
		return DecodeGSM7(words)
	}
	return "\ufffd"
}
