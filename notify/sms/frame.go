package sms

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// maxFrameBytes bounds a PDU: the largest message_payload and some room.
const maxFrameBytes = 70 << 10

var (
	errFrame      = errors.New("the message centre sent octets that are not SMPP")
	errUnreadable = errors.New("the message centre sent a PDU that cannot be read")
)

// frame is a PDU that came. body is nil for a response that says an error:
// some centres leave out the fields then, others fill them with anything.
type frame struct {
	header pdu.Header
	body   pdu.PDU
}

// isResponse reports whether the frame answers a request of ours.
func (f frame) isResponse() bool { return uint32(f.header.CommandID)&0x80000000 != 0 }

// readFrame reads one PDU. With errUnreadable the stream is still in step and
// the frame's header tells what came; after any other error it is not.
func readFrame(r io.Reader) (frame, error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, fmt.Errorf("reading from the message centre: %w", err)
	}
	f := frame{header: pdu.ParseHeader(head)}
	if f.header.CommandLength < 16 || f.header.CommandLength > maxFrameBytes {
		return frame{}, errFrame
	}
	octets := make([]byte, f.header.CommandLength)
	copy(octets, head[:])
	if _, err := io.ReadFull(r, octets[16:]); err != nil {
		return frame{}, fmt.Errorf("reading from the message centre: %w", err)
	}
	if f.isResponse() && f.header.CommandStatus != data.ESME_ROK {
		return f, nil
	}
	body, err := pdu.Parse(bytes.NewReader(octets))
	if err != nil {
		return f, errUnreadable // the library's text may quote the octets
	}
	f.body = body
	return f, nil
}
