package sms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"clave/notify"

	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// Waits of the connection. Our choice.
const (
	longestReconnect = time.Minute
	// bindWait is how long a batch waits for a link before it goes back to the
	// outbox.
	bindWait = 3 * time.Second
)

// SMPP is a carrier over one message centre. Run keeps its link; Deliver may be
// called by any number of goroutines.
type SMPP struct {
	settings SMPPSettings
	receipts func(notify.Receipt) bool
	logger   *slog.Logger
	now      func() time.Time
	pace     *pace

	mu        sync.Mutex
	link      *link
	up        chan struct{} // closed while there is a link
	reference byte
}

// NewSMPP checks the settings, reporting all mistakes at once. receipts takes
// what the centre says about delivered messages and answers false when it has
// no room; (*notify.Receipts).Add does.
func NewSMPP(settings SMPPSettings, receipts func(notify.Receipt) bool, logger *slog.Logger, now func() time.Time) (*SMPP, error) {
	if err := settings.complete(); err != nil {
		return nil, fmt.Errorf("reading the SMPP settings: %w", err)
	}
	return &SMPP{
		settings: settings, receipts: receipts, logger: logger, now: now,
		pace: newPace(settings.PerSecond, settings.ThrottlePause), up: make(chan struct{}),
	}, nil
}

// Run connects, binds and reconnects until ctx ends; then it takes leave of the
// centre. Stop the deliverer before it.
func (c *SMPP) Run(ctx context.Context) {
	wait := c.settings.Reconnect
	for ctx.Err() == nil {
		l, err := dial(ctx, &c.settings, c.receive)
		if err != nil {
			if ctx.Err() != nil {
				return
			}
			level := slog.LevelWarn
			var status statusError
			if errors.As(err, &status) && status.refusesBind() {
				level = slog.LevelError // settings to repair: system_id, password, system_type
			}
			c.logger.Log(ctx, level, "message centre is not reachable", "centre", c.settings.Name, "retry_in", wait.String(), "error", err)
			if !sleep(ctx, wait/2+time.Duration(rand.Int64N(int64(wait/2)+1))) {
				return
			}
			wait = min(2*wait, longestReconnect)
			continue
		}
		wait = c.settings.Reconnect
		c.logger.Info("message centre bound", "centre", c.settings.Name)
		c.hold(l)
		select {
		case <-l.down:
			c.logger.Warn("link to the message centre lost", "centre", c.settings.Name, "error", l.why())
		case <-ctx.Done():
		}
		c.hold(nil)
		l.close()
		if !sleep(ctx, wait) { // a centre that binds and hangs up at once is not stormed
			return
		}
	}
}

// hold makes l the link that Deliver uses; nil when there is none.
func (c *SMPP) hold(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = l
	if l != nil {
		close(c.up)
	} else {
		c.up = make(chan struct{})
	}
}

// bound returns the link, waiting for it at most wait.
func (c *SMPP) bound(ctx context.Context, wait time.Duration) *link {
	c.mu.Lock()
	l, up := c.link, c.up
	c.mu.Unlock()
	if l != nil {
		return l
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-up:
	case <-timer.C:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// Deliver implements notify.Carrier.
func (c *SMPP) Deliver(ctx context.Context, messages []notify.Message) []notify.Result {
	results := make([]notify.Result, len(messages))
	if c.bound(ctx, bindWait) == nil {
		for i := range results {
			results[i].Err = errDown
		}
		return results
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(c.settings.Window, len(messages)) {
		workers.Go(func() {
			for i := range next {
				results[i] = c.submit(ctx, messages[i])
			}
		})
	}
	for i := range messages {
		next <- i
	}
	close(next)
	workers.Wait()
	return results
}

// submit hands over one message, all of its parts.
func (c *SMPP) submit(ctx context.Context, m notify.Message) notify.Result {
	text, err := encode(m.Body, c.settings.Packing, c.settings.Long)
	if err != nil {
		return notify.Result{Outcome: notify.Refused, Err: err}
	}
	reference := c.nextReference()
	var id string
	for i := range text.bodies {
		answer, err := c.part(ctx, m, text, i, reference)
		var status statusError
		switch {
		case errors.Is(err, errLate):
			return notify.Result{Outcome: notify.TooLate}
		case errors.As(err, &status):
			return notify.Result{Outcome: status.outcome(), Err: err}
		case err != nil:
			return notify.Result{Err: err}
		}
		id = answer
	}
	if !plainID(id) {
		return notify.Result{Outcome: notify.Accepted} // taken, but receipts cannot be told apart
	}
	return notify.Result{Outcome: notify.Accepted, ProviderID: c.providerID(canonicalID(id, c.settings.ReceiptID))}
}

var errLate = errors.New("the message expired")

// part hands over one part and returns the id that the centre gave it. It goes
// on through throttling for as long as ctx and the message live.
func (c *SMPP) part(ctx context.Context, m notify.Message, text encoded, i int, reference byte) (string, error) {
	for {
		if err := c.pace.wait(ctx); err != nil {
			return "", err
		}
		l := c.bound(ctx, 0)
		if l == nil {
			return "", errDown
		}
		left := m.ExpiresAt.Sub(c.now())
		if left < shortestLife {
			return "", errLate
		}
		p, err := c.submitSM(m.To, left, text, i, reference)
		if err != nil {
			return "", err
		}
		answer, err := l.request(ctx, p)
		if err != nil {
			return "", err
		}
		status := statusError(answer.header.CommandStatus)
		switch response, isSubmit := answer.body.(*pdu.SubmitSMResp); {
		case status.throttling():
			c.pace.slow()
		case status != statusError(data.ESME_ROK):
			return "", status
		case !isSubmit:
			return "", errUnreadable
		default:
			c.pace.smooth()
			return response.MessageID, nil
		}
	}
}

// submitSM makes the PDU of one part. Only the last part asks for a receipt:
// one a message is enough.
func (c *SMPP) submitSM(to string, left time.Duration, text encoded, i int, reference byte) (*pdu.SubmitSM, error) {
	s := &c.settings
	p := pdu.NewSubmitSM().(*pdu.SubmitSM)
	p.ServiceType = s.ServiceType
	p.ValidityPeriod = relativeValidity(left)
	if i == len(text.bodies)-1 {
		p.RegisteredDelivery = data.SM_SMSC_RECEIPT_REQUESTED
	}
	var err error
	if p.SourceAddr, err = pdu.NewAddressWithTonNpiAddr(s.Source.TON, s.Source.NPI, s.Source.Number); err != nil {
		return nil, errors.New("the source address is too long")
	}
	number := to
	if len(number) > 0 && number[0] == '+' && s.DestinationTON == 1 {
		number = number[1:]
	}
	if p.DestAddr, err = pdu.NewAddressWithTonNpiAddr(s.DestinationTON, s.DestinationNPI, number); err != nil {
		return nil, errors.New("the destination address is too long") // the library's text holds nothing more
	}
	body := text.bodies[i]
	if len(text.bodies) > 1 {
		p.EsmClass |= data.SM_UDH_GSM
		body = append(partHeader(reference, len(text.bodies), i+1), body...)
	}
	coding := data.GSM7BIT
	if text.coding == codingUCS2 {
		coding = data.UCS2
	}
	if s.Long == LongPayload && len(body) > 140 && !(text.coding == codingDefault && len(body) <= 160) {
		p.RegisterOptionalParam(pdu.Field{Tag: pdu.TagMessagePayload, Data: body})
		body = nil
	}
	if err := p.Message.SetMessageDataWithEncoding(body, coding); err != nil {
		return nil, errTooLong
	}
	return p, nil
}

func (c *SMPP) nextReference() byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reference++
	return c.reference
}

// providerID tells the ids of several centres apart.
func (c *SMPP) providerID(id string) string { return c.settings.Name + ":" + id }

// receive takes a deliver_sm or data_sm. What is not a receipt is a message
// from a phone: nobody reads those, so it is taken and forgotten.
// Source of the class: SMPP 3.4, section 5.2.12.
func (c *SMPP) receive(p pdu.PDU) data.CommandStatusType {
	var class byte
	var text string
	var optional map[pdu.Tag]pdu.Field
	switch p := p.(type) {
	case *pdu.DeliverSM:
		class, optional = p.EsmClass, p.OptionalParameters
		octets, _ := p.Message.GetMessageData() // it has no error to give
		text = string(octets)
	case *pdu.DataSM:
		class, optional = p.EsmClass, p.OptionalParameters
	}
	if class&0x3c != 0x04 {
		return data.ESME_ROK
	}
	if payload, ok := optional[pdu.TagMessagePayload]; ok && text == "" {
		text = string(payload.Data)
	}
	id, state := optional[pdu.TagReceiptedMessageID], optional[pdu.TagMessageStateOption]
	var taggedState byte
	if len(state.Data) == 1 {
		taggedState = state.Data[0]
	}
	r, ok := parseReceipt(text, id.String(), taggedState)
	switch {
	case !ok:
		c.logger.Warn("delivery receipt names no message", "centre", c.settings.Name)
	case r.state == "": // still on its way
	case !c.receipts(notify.Receipt{ProviderID: c.providerID(r.id), State: r.state, At: c.now()}):
		return data.ESME_RX_T_APPN // the centre sends it again later
	}
	return data.ESME_ROK
}

// sleep waits, and tells whether ctx let it.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
