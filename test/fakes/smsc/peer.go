package smsc

import (
	"fmt"
	"net"
	"sync"
)

// peer is one connection to the centre.
type peer struct {
	server     *Server
	conn       net.Conn
	connection int
	receives   bool // bound as receiver or transceiver
	sends      bool // bound as transmitter or transceiver

	mu        sync.Mutex
	sequence  uint32
	receipted map[uint32]string // our sequence → message id
}

func (p *peer) serve() {
	defer func() {
		_ = p.conn.Close()
		p.server.note(func() { delete(p.server.peers, p) })
	}()
	for {
		in, err := readPacket(p.conn)
		if err != nil || !p.answer(in) {
			return
		}
	}
}

func (p *peer) write(out packet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.conn.Write(out.bytes()) // a peer that is gone is what tests provoke
}

// answer handles one PDU and tells whether to go on.
func (p *peer) answer(in packet) bool {
	s := p.server
	reply := packet{command: in.command | answerBit, sequence: in.sequence}
	switch in.command {
	case bindReceiver, bindTransmitter, bindTransceiver:
		return p.bind(in, reply)
	case enquireLink:
		s.note(func() { s.enquired++ })
		if !s.Deaf {
			p.write(reply)
		}
	case unbind:
		s.note(func() { s.unbinds++ })
		p.write(reply)
		return false
	case submitSM:
		return p.submit(in, reply)
	case deliverSM | answerBit:
		p.mu.Lock()
		id := p.receipted[in.sequence]
		p.mu.Unlock()
		s.note(func() { s.answers[id] = in.status })
	case enquireLink | answerBit, genericNack, unbind | answerBit:
	default:
		p.write(packet{command: genericNack, status: InvalidCommand, sequence: in.sequence})
	}
	return true
}

func (p *peer) bind(in, reply packet) bool {
	s := p.server
	f := &fields{rest: in.body}
	systemID, password := f.text(), f.text()
	if f.bad || s.SystemID != "" && (systemID != s.SystemID || password != s.Password) {
		reply.status = BindFailed
		reply.body = []byte{0}
		p.write(reply)
		return false
	}
	s.note(func() {
		s.binds++
		p.connection = s.binds
		p.receives, p.sends = in.command != bindTransmitter, in.command != bindReceiver
	})
	if s.DropBind != nil && s.DropBind(p.connection) {
		return false
	}
	reply.body = appendText(nil, "smsc")
	p.write(reply)
	return true
}

func (p *peer) submit(in, reply packet) bool {
	s := p.server
	m, ok := s.readSubmit(in.body)
	if !ok || !p.sends {
		reply.status = WrongBindState
		p.write(reply)
		return true
	}
	m.Sequence, m.Connection = in.sequence, p.connection
	s.mu.Lock()
	s.ids++
	m.ID = fmt.Sprintf("%08X", s.ids)
	s.mu.Unlock()
	var reaction Reaction
	if s.React != nil {
		reaction = s.React(m)
	}
	if reaction.Status == OK {
		reply.body = appendText(nil, m.ID)
	}
	reply.status = reaction.Status
	send := func() {
		p.write(reply)
		if reaction.Twice {
			p.write(reply)
		}
	}
	s.note(func() {
		if reaction.Status == OK {
			s.messages = append(s.messages, m)
		}
		if reaction.Hold {
			s.held = append(s.held, send)
		}
	})
	switch {
	case reaction.Drop:
		return false
	case reaction.Hold, reaction.Silent:
	default:
		send()
	}
	return true
}

// Receipt is a delivery receipt to send.
type Receipt struct {
	// ID is the message's, Stat the state's word such as DELIVRD.
	ID, Stat string
	// Tagged sends id and state as optional parameters only, with an empty text.
	Tagged bool
	// State is message_state for Tagged, such as 2 for delivered.
	State byte
}

// Deliver sends a receipt over one connection that receives; false when there
// is none. Source of the text: SMPP 3.4, appendix B.
func (s *Server) Deliver(r Receipt) bool {
	text := fmt.Sprintf("id:%s sub:001 dlvrd:001 submit date:2611210942 done date:2611210943 stat:%s err:000 text:K7M is your", r.ID, r.Stat)
	if r.Tagged {
		text = ""
	}
	body := []byte{0, 1, 1}
	body = appendText(body, "34600000000")
	body = append(body, 5, 0)
	body = appendText(body, "Clave")
	body = append(body, esmClassReceipt, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(text)))
	body = append(body, text...)
	if r.Tagged {
		body = appendTagged(body, tagReceiptedID, appendText(nil, r.ID))
		body = appendTagged(body, tagMessageState, []byte{r.State})
	}
	return s.send(r.ID, body)
}

// Inbound sends a message from a phone, which is not a receipt.
func (s *Server) Inbound(text string) bool {
	body := []byte{0, 1, 1}
	body = appendText(body, "34600000000")
	body = append(body, 5, 0)
	body = appendText(body, "Clave")
	body = append(body, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(len(text)))
	return s.send("inbound", append(body, text...))
}

func (s *Server) send(id string, body []byte) bool {
	s.mu.Lock()
	var to *peer
	for p := range s.peers {
		if p.receives {
			to = p
		}
	}
	s.mu.Unlock()
	if to == nil {
		return false
	}
	to.mu.Lock()
	to.sequence++
	sequence := to.sequence
	if to.receipted == nil {
		to.receipted = map[uint32]string{}
	}
	to.receipted[sequence] = id
	to.mu.Unlock()
	to.write(packet{command: deliverSM, sequence: sequence, body: body})
	return true
}

// Raw writes octets to every connection, whatever they are.
func (s *Server) Raw(octets []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p := range s.peers {
		p.mu.Lock()
		_, _ = p.conn.Write(octets)
		p.mu.Unlock()
	}
}
