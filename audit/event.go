package audit

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"clave/identity"
)

// Event is one thing that happened. Whoever records it fills in everything but
// ID and At.
type Event struct {
	// ID is random, given by the trail.
	ID string
	// At is when the trail took the event in.
	At time.Time
	// Actor is who did it. An event without one is refused.
	Actor Actor
	// Person is to whom it happened, empty if nobody we know.
	Person identity.PersonID
	// RelyingParty is our id of the service it was for, empty if none.
	RelyingParty string
	// Login is the login that it belongs to, empty if none.
	Login string
	// Data is what happened: one of the types of this package. It holds
	// nothing that identifies a person.
	Data Data
	// Personal is what identifies somebody. It is sealed.
	Personal Personal
}

// Actor is who did something.
type Actor string

// The actors without a name of their own.
const (
	Citizen Actor = "citizen" // the person of the event, or whoever claims to be
	System  Actor = "system"  // the product by itself, by schedule
)

// Officer is a member of staff, by internal id.
func Officer(id string) Actor { return Actor("officer:" + id) }

// Operator is who runs commands on the machine, by account name.
func Operator(account string) Actor { return Actor("operator:" + account) }

// Client is a relying party acting by itself, by client id.
func Client(id string) Actor { return Actor("client:" + id) }

// Personal is what identifies somebody beyond the internal id. It prints masked.
type Personal struct {
	// Document is the number that was typed or asked for, where no Person
	// stands for it.
	Document identity.DocumentID
	// Guardian is the document of the parent or guardian who came along with a minor.
	Guardian identity.DocumentID
	// Certificate is the serial number of a certificate that was shown, hexadecimal.
	Certificate string
	// Address is where the browser is, and Browser which one it is. The trail fills
	// them in from the context, see [WithRequester].
	Address netip.Addr
	Browser Browser
}

// String tells only whether there is something.
func (p Personal) String() string {
	if p.IsZero() {
		return ""
	}
	return "•••••"
}

// Format writes what String gives, whatever the verb.
func (p Personal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// IsZero reports whether there is nothing to seal.
func (p Personal) IsZero() bool { return p == Personal{} }

// Trail takes events in.
type Trail interface {
	// Record stores the event in the transaction that ctx carries, without a
	// round trip of its own. A transaction that takes longer than [MaxDelay]
	// records its events last.
	Record(ctx context.Context, e Event) error
}

type requesterKey struct{}

// Requester is who sent a request, as events tell it.
type Requester struct {
	Address netip.Addr
	// Agent is the User-Agent header.
	Agent string
}

// WithRequester puts them into the context of a request, for the events that
// are recorded on its behalf.
func WithRequester(ctx context.Context, q Requester) context.Context {
	return context.WithValue(ctx, requesterKey{}, q)
}

// RequesterFrom gives whom WithRequester put there, or the zero value.
func RequesterFrom(ctx context.Context) Requester {
	q, _ := ctx.Value(requesterKey{}).(Requester)
	return q
}
