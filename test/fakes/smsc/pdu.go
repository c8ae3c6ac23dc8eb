package smsc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Command ids. Source: SMPP 3.4, section 5.1.2.1.
const (
	genericNack         = 0x80000000
	bindReceiver        = 0x00000001
	bindTransmitter     = 0x00000002
	submitSM            = 0x00000004
	deliverSM           = 0x00000005
	unbind              = 0x00000006
	bindTransceiver     = 0x00000009
	enquireLink         = 0x00000015
	answerBit           = 0x80000000
	headerBytes         = 16
	maxPDUBytes         = 70 << 10
	tagMessagePayload   = 0x0424
	tagReceiptedID      = 0x001e
	tagMessageState     = 0x0427
	esmClassUDH         = 0x40
	esmClassReceipt     = 0x04
	registeredDelivery1 = 0x01
)

// Command statuses that tests use. Source: SMPP 3.4, section 5.1.3.
const (
	OK                 = 0x00
	InvalidDestination = 0x0b
	BindFailed         = 0x0d
	SystemError        = 0x08
	QueueFull          = 0x14
	InvalidCommand     = 0x03
	WrongBindState     = 0x04
	Throttled          = 0x58
	TemporaryFailure   = 0x64
)

var errPDU = errors.New("not a PDU")

// packet is one PDU.
type packet struct {
	command, status, sequence uint32
	body                      []byte
}

func readPacket(r io.Reader) (packet, error) {
	var h [headerBytes]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return packet{}, err
	}
	size := binary.BigEndian.Uint32(h[0:])
	if size < headerBytes || size > maxPDUBytes {
		return packet{}, errPDU
	}
	p := packet{
		command: binary.BigEndian.Uint32(h[4:]), status: binary.BigEndian.Uint32(h[8:]),
		sequence: binary.BigEndian.Uint32(h[12:]), body: make([]byte, size-headerBytes),
	}
	_, err := io.ReadFull(r, p.body)
	return p, err
}

func (p packet) bytes() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(headerBytes+len(p.body)))
	b = binary.BigEndian.AppendUint32(b, p.command)
	b = binary.BigEndian.AppendUint32(b, p.status)
	b = binary.BigEndian.AppendUint32(b, p.sequence)
	return append(b, p.body...)
}

// fields reads a body from its beginning; bad stays true after the first
// field that was not there.
type fields struct {
	rest []byte
	bad  bool
}

func (f *fields) octet() byte {
	if len(f.rest) == 0 {
		f.bad = true
		return 0
	}
	b := f.rest[0]
	f.rest = f.rest[1:]
	return b
}

func (f *fields) take(n int) []byte {
	if len(f.rest) < n {
		f.bad = true
		return nil
	}
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}

func (f *fields) text() string {
	end := bytes.IndexByte(f.rest, 0)
	if end < 0 {
		f.bad = true
		return ""
	}
	s := string(f.rest[:end])
	f.rest = f.rest[end+1:]
	return s
}

// optional reads the tagged fields that are left.
func (f *fields) optional() map[uint16][]byte {
	tagged := map[uint16][]byte{}
	for len(f.rest) > 0 && !f.bad {
		head := f.take(4)
		if f.bad {
			break
		}
		tagged[binary.BigEndian.Uint16(head)] = f.take(int(binary.BigEndian.Uint16(head[2:])))
	}
	return tagged
}

func appendText(b []byte, s string) []byte { return append(append(b, s...), 0) }

func appendTagged(b []byte, tag uint16, value []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, tag)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}
