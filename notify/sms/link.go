package sms

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

var (
	errDown     = errors.New("the link to the message centre went down")
	errNoAnswer = errors.New("the message centre did not answer in time")
	errUnbound  = errors.New("the message centre ended the session")
)

// link is one bound connection.
type link struct {
	conn     net.Conn
	settings *SMPPSettings
	// deliver takes a deliver_sm or data_sm and tells how to answer it.
	deliver func(pdu.PDU) data.CommandStatusType
	window  chan struct{}
	down    chan struct{} // closed when the link is unusable

	writing sync.Mutex
	workers sync.WaitGroup

	mu       sync.Mutex
	sequence int32
	waiting  map[int32]chan frame
	cause    error
}

// dial connects and binds as transceiver.
func dial(ctx context.Context, s *SMPPSettings, deliver func(pdu.PDU) data.CommandStatusType) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, s.ConnectTimeout)
	defer cancel()
	var conn net.Conn
	var err error
	if s.TLS != nil {
		conn, err = (&tls.Dialer{Config: s.TLS}).DialContext(ctx, "tcp", s.Address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", s.Address)
	}
	if err != nil {
		return nil, fmt.Errorf("connecting to the message centre: %w", err)
	}
	l := &link{
		conn: conn, settings: s, deliver: deliver,
		window: make(chan struct{}, s.Window), down: make(chan struct{}), waiting: map[int32]chan frame{},
	}
	if err := l.bind(ctx); err != nil {
		_ = conn.Close() // the bind's error is the one to tell
		return nil, fmt.Errorf("binding to the message centre: %w", err)
	}
	return l, nil
}

func (l *link) bind(ctx context.Context) error {
	l.workers.Go(l.read)
	request := pdu.NewBindRequest(pdu.Transceiver)
	request.SystemID, request.Password, request.SystemType = l.settings.SystemID, l.settings.Password, l.settings.SystemType
	answer, err := l.request(ctx, request)
	if err == nil && answer.header.CommandStatus != data.ESME_ROK {
		err = statusError(answer.header.CommandStatus)
	}
	if err != nil {
		l.fail(err)
		l.workers.Wait()
		return err
	}
	l.workers.Go(l.enquire)
	return nil
}

// request sends a PDU and waits for its response. An error means that nobody
// knows whether the centre took it, except for the context's own before the
// window had room.
func (l *link) request(ctx context.Context, p pdu.PDU) (frame, error) {
	select {
	case l.window <- struct{}{}:
	case <-l.down:
		return frame{}, errDown
	case <-ctx.Done():
		return frame{}, ctx.Err()
	}
	defer func() { <-l.window }()
	return l.exchange(ctx, p)
}

// exchange is request without the window: tests of the link must not queue
// behind messages.
func (l *link) exchange(ctx context.Context, p pdu.PDU) (frame, error) {
	answer := make(chan frame, 1)
	l.mu.Lock()
	l.sequence = l.sequence%0x7fffffff + 1 // 1 to 0x7fffffff. Source: SMPP 3.4, section 3.2
	if l.waiting[l.sequence] != nil {
		l.mu.Unlock()
		return frame{}, errNoAnswer
	}
	sequence := l.sequence
	l.waiting[sequence] = answer
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.waiting, sequence)
		l.mu.Unlock()
	}()
	p.SetSequenceNumber(sequence)
	if err := l.write(p); err != nil {
		return frame{}, err
	}
	timer := time.NewTimer(l.settings.ResponseTimeout)
	defer timer.Stop()
	select {
	case f := <-answer:
		return f, nil
	case <-timer.C:
		return frame{}, errNoAnswer
	case <-ctx.Done():
		return frame{}, ctx.Err()
	case <-l.down:
	}
	select {
	case f := <-answer: // it came just before the end
		return f, nil
	default:
		return frame{}, errDown
	}
}

func (l *link) write(p pdu.PDU) error {
	buffer := pdu.NewBuffer(make([]byte, 0, 256))
	p.Marshal(buffer)
	l.writing.Lock()
	defer l.writing.Unlock()
	err := l.conn.SetWriteDeadline(time.Now().Add(l.settings.ResponseTimeout))
	if err == nil {
		_, err = l.conn.Write(buffer.Bytes())
	}
	if err != nil {
		l.fail(errDown)
		return errDown
	}
	return nil
}

// read handles what comes until the link is down.
func (l *link) read() {
	reader := bufio.NewReaderSize(l.conn, 8<<10)
	for {
		if err := l.conn.SetReadDeadline(time.Now().Add(l.settings.Enquire + 2*l.settings.ResponseTimeout)); err != nil {
			l.fail(errDown)
			return
		}
		f, err := readFrame(reader)
		switch {
		case errors.Is(err, errUnreadable):
			if !f.isResponse() {
				l.reject(f)
			}
		case err != nil:
			l.fail(err)
			return
		case f.isResponse():
			l.answered(f)
		default:
			l.asked(f)
		}
	}
}

// answered gives a response to whoever waits for it; one that nobody waits for
// came too late or twice.
func (l *link) answered(f frame) {
	l.mu.Lock()
	answer := l.waiting[f.header.SequenceNumber]
	delete(l.waiting, f.header.SequenceNumber)
	l.mu.Unlock()
	if answer != nil {
		answer <- f
	}
}

// asked answers a request of the centre's.
func (l *link) asked(f frame) {
	switch f.header.CommandID {
	case data.DELIVER_SM, data.DATA_SM:
		status := l.deliver(f.body)
		answer := f.body.GetResponse()
		switch answer := answer.(type) {
		case *pdu.DeliverSMResp:
			answer.CommandStatus = status
		case *pdu.DataSMResp:
			answer.CommandStatus = status
		}
		_ = l.write(answer) // a broken link shows at the next read
	case data.ENQUIRE_LINK:
		_ = l.write(f.body.GetResponse())
	case data.UNBIND:
		_ = l.write(f.body.GetResponse())
		l.fail(errUnbound)
	default:
		l.reject(f)
	}
}

// reject answers what we do not understand.
func (l *link) reject(f frame) {
	nack := pdu.NewGenericNack().(*pdu.GenericNack)
	nack.CommandStatus = data.ESME_RINVCMDID
	nack.SetSequenceNumber(f.header.SequenceNumber)
	_ = l.write(nack) // a broken link shows at the next read
}

// enquire tests the link until it is down.
func (l *link) enquire() {
	tick := time.NewTicker(l.settings.Enquire)
	defer tick.Stop()
	for {
		select {
		case <-l.down:
			return
		case <-tick.C:
			if _, err := l.exchange(context.Background(), pdu.NewEnquireLink()); err != nil {
				l.fail(err)
				return
			}
		}
	}
}

// fail marks the link as down, for the first reason given.
func (l *link) fail(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause == nil {
		l.cause = cause
		close(l.down)
		_ = l.conn.Close() // it is given up anyway
	}
}

// why tells for what reason the link went down.
func (l *link) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cause
}

// close takes leave of the centre and waits for the link's goroutines.
func (l *link) close() {
	select {
	case <-l.down:
	default:
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		_, _ = l.exchange(ctx, pdu.NewUnbind()) // leave is taken either way
		cancel()
		l.fail(errDown)
	}
	l.workers.Wait()
}
