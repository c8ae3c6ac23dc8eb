package sandbox

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"clave/broker"
	"clave/census"
	"clave/census/pair"
	"clave/identity"
	"clave/providers/pin"
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
}

// PIN is Cl@ve PIN without its pages.
type PIN interface {
	Obtain(ctx context.Context, l *broker.Login, typed pair.Pair, half string) error
	Enter(ctx context.Context, l *broker.Login, typed string) error
}

// Handsfree logs test citizens in without pages: it feeds their real data to
// the methods' own checks. Its one GET changes state, which nothing else in the
// product does.
type Handsfree struct {
	Broker Broker
	PIN    PIN
	Inbox  *Inbox
	Now    func() time.Time
	Fail   func(w http.ResponseWriter, r *http.Request, status int, key, reference string)
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
		reference := route.NewReference()
		h.Fail(w, r, http.StatusInternalServerError, "route.internal", reference)
		return
	}
	h.Broker.Proceed(w, r, l)
}

// prove logs the hinted citizen in, or says why that cannot be.
func (h *Handsfree) prove(ctx context.Context, l *broker.Login, hint string) (broker.Reason, error) {
	document, method, _ := strings.Cut(hint, ":")
	if method == "" {
		method = string(identity.PIN)
	}
	c, known := citizenOf(strings.ToUpper(document))
	if !known {
		return broker.Cancelled, nil
	}
	if identity.Method(method) != identity.PIN {
		return broker.LevelUnmet, nil
	}
	id, err := identity.ParseDocument(c.Document)
	if err != nil {
		return "", err
	}
	kind, value := c.Contrast()
	asked := h.Now()
	err = h.PIN.Obtain(ctx, l, pair.Pair{Document: id, Contrast: census.Contrast{Kind: kind, Value: value}}, "")
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

// denied turns a refusal of the method into the login's reason.
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
