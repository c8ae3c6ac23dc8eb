package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/providers/movil"
	"clave/providers/permanente"
	"clave/providers/pin"
	"clave/web/page"
	"clave/web/route"
)

// HandsfreePath is where the login without hands stands below /login/{id}.
const HandsfreePath = "test"

// codeWait is how long a code may be on its way to the inbox.
const codeWait = 10 * time.Second

// Broker is what the login without hands needs of the broker.
type Broker interface {
	Tx(ctx context.Context, fn func(ctx context.Context) error) error
	End(ctx context.Context, l *broker.Login, reason broker.Reason) error
	Proceed(w http.ResponseWriter, r *http.Request, l *broker.Login)
	Return(w http.ResponseWriter, r *http.Request, l *broker.Login)
	Demand(l *broker.Login) broker.Demand
}

// Register tells how a test citizen stands now.
type Register interface {
	Candidate(ctx context.Context, document identity.DocumentID) (census.Candidate, error)
}

// PIN is Cl@ve PIN without its pages.
type PIN interface {
	ObtainBySMS(ctx context.Context, l *broker.Login, typed pair.Pair, half string) error
	Enter(ctx context.Context, l *broker.Login, typed string) error
}

// Permanente is Cl@ve Permanente without its pages.
type Permanente interface {
	Try(ctx context.Context, l *broker.Login, document identity.DocumentID, typed string, browser permanente.Known) (code bool, err error)
	Enter(ctx context.Context, l *broker.Login, typed string) error
}

// Movil is Cl@ve Móvil without its pages.
type Movil interface {
	AskByQR(ctx context.Context, l *broker.Login, from movil.Place) (movil.Request, error)
	Claim(ctx context.Context, by movil.Device, handle string) (movil.Request, error)
	ApproveOptions(ctx context.Context, by movil.Device, id movil.RequestID) (options json.RawMessage, challenge []byte, err error)
	Approve(ctx context.Context, by movil.Device, id movil.RequestID, signed movil.Signed) error
	Finish(ctx context.Context, l *broker.Login) error
}

// Handsfree logs test citizens in without pages: it feeds their real data to
// the methods' own checks. Its one GET changes state, which nothing else in the
// product does.
type Handsfree struct {
	Broker Broker
	PIN    PIN
	// Permanente may be nil where the method is not installed.
	Permanente Permanente
	// Phones may be nil where the method Cl@ve Móvil is not installed.
	Phones *Phones
	// Certificate and Certificates may be nil where the method is not installed.
	Certificate  Certificate
	Certificates *Certificates
	Register     Register
	Inbox        *Inbox
	Now          func() time.Time
	Engine       *page.Engine
}

// Routes of the login without hands.
func (h *Handsfree) Routes() []route.Route {
	return []route.Route{{Method: http.MethodGet, Path: "/login/{id}/" + HandsfreePath, Access: route.Login, Handler: h.login}}
}

func (h *Handsfree) login(w http.ResponseWriter, r *http.Request) {
	l := broker.From(r.Context())
	hint, ok := strings.CutPrefix(l.Request.Hint, "test:")
	if !ok {
		h.Broker.Return(w, r, l)
		return
	}
	reason, err := h.prove(r.Context(), l, hint)
	if err == nil && reason != "" {
		err = h.Broker.Tx(r.Context(), func(ctx context.Context) error { return h.Broker.End(ctx, l, reason) })
	}
	if err != nil {
		h.Engine.Failed(w, r, h.Engine.Frame().Log, "login without hands failed", err)
		return
	}
	h.Broker.Proceed(w, r, l)
}

// prove logs the hinted citizen in, or says why that cannot be.
func (h *Handsfree) prove(ctx context.Context, l *broker.Login, hint string) (broker.Reason, error) {
	document, method, _ := strings.Cut(hint, ":")
	c, known := citizenOf(strings.ToUpper(document))
	if !known {
		return broker.Cancelled, nil
	}
	id, err := identity.ParseDocument(c.Document)
	if err != nil {
		return "", err
	}
	if method == "" {
		if method, err = h.choose(ctx, l, c, id); err != nil {
			return "", err
		}
	}
	switch identity.Method(method) {
	case identity.PIN:
		return h.byPIN(ctx, l, c, id)
	case identity.Permanente:
		return h.byPassword(ctx, l, c, id)
	case identity.Movil:
		return h.Phones.logIn(ctx, l, c)
	case identity.Certificate:
		return h.byCertificate(ctx, l, c)
	}
	return broker.LevelUnmet, nil
}

// choose takes Cl@ve PIN where it works for this citizen and is enough, and else the
// first other method that is. Where none is, Cl@ve PIN says why.
func (h *Handsfree) choose(ctx context.Context, l *broker.Login, c Citizen, id identity.DocumentID) (string, error) {
	held, err := h.Register.Candidate(ctx, id)
	if err != nil {
		return "", err
	}
	standing := broker.Standing{State: held.State, Registration: held.Registration}
	demand := h.Broker.Demand(l)
	for _, m := range demand.Offers() {
		if (m == identity.PIN || m == identity.Certificate && len(c.Certificates) > 0) && demand.Admits(m, standing) == "" {
			return string(m), nil
		}
	}
	return string(identity.PIN), nil
}

func (h *Handsfree) byPIN(ctx context.Context, l *broker.Login, c Citizen, id identity.DocumentID) (broker.Reason, error) {
	kind, value := c.Contrast()
	asked := h.Now()
	err := h.PIN.ObtainBySMS(ctx, l, pair.Pair{Document: id, Contrast: census.Contrast{Kind: kind, Value: value}}, "")
	if err != nil {
		return denied(err)
	}
	ctx, cancel := context.WithTimeout(ctx, codeWait)
	defer cancel()
	code, err := h.Inbox.Await(ctx, c.Phone, asked)
	if err != nil {
		return broker.Unavailable, nil
	}
	return denied(h.PIN.Enter(ctx, l, code))
}

func (h *Handsfree) byPassword(ctx context.Context, l *broker.Login, c Citizen, id identity.DocumentID) (broker.Reason, error) {
	if h.Permanente == nil || c.Password == "" {
		return broker.LevelUnmet, nil
	}
	asked := h.Now()
	code, err := h.Permanente.Try(ctx, l, id, c.Password, permanente.Known{})
	if err != nil || !code {
		return deniedPassword(err)
	}
	ctx, cancel := context.WithTimeout(ctx, codeWait)
	defer cancel()
	sent, err := h.Inbox.Await(ctx, c.Phone, asked)
	if err != nil {
		return broker.Unavailable, nil
	}
	return deniedPassword(h.Permanente.Enter(ctx, l, sent))
}

// deniedPassword turns a refusal of Cl@ve Permanente into the login's reason.
func deniedPassword(err error) (broker.Reason, error) {
	var d *permanente.Denied
	if !errors.As(err, &d) {
		return "", err
	}
	switch d.Cause {
	case permanente.Refused:
		return d.Reason, nil
	case permanente.BrowsersLocked, permanente.PasswordLocked, permanente.PasswordExpired:
		return broker.MethodLocked, nil
	case permanente.Over:
		return "", nil
	case permanente.WrongPassword:
		return broker.Cancelled, nil
	case permanente.WrongCode, permanente.TriesSpent, permanente.CodeExpired, permanente.NoCode:
		return broker.TooManyTries, nil
	default:
		return broker.Unavailable, nil
	}
}

// denied turns a refusal of Cl@ve PIN into the login's reason.
func denied(err error) (broker.Reason, error) {
	var d *pin.Denied
	if !errors.As(err, &d) {
		return "", err
	}
	switch d.Cause {
	case pin.Refused:
		return d.Reason, nil
	case pin.MethodLocked, pin.PairLocked:
		return broker.MethodLocked, nil
	case pin.TooSoon, pin.NoSendsLeft, pin.PhoneFull, pin.NoBudget:
		return broker.Unavailable, nil
	case pin.WrongPair:
		return broker.Cancelled, nil
	case pin.WrongPIN, pin.TriesSpent, pin.PINExpired, pin.NoPIN:
		return broker.TooManyTries, nil
	case pin.Over:
		return "", nil
	}
	return broker.Internal, nil
}
