// Package inbound keeps what a front needs of a request that a browser brought: that it
// is taken once, and the request itself while it waits. A form that another site sends
// carries no cookie of ours, so there would be no session: what came by POST is
// understood, kept under a random handle, and gone on with by GET.
//
//	POST ──► understood ── Later ──► 303 with a handle ──► GET ── Take ──► gone on with
package inbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clave/internal/onetime"
	"clave/internal/saml2"
	"clave/web/route"
)

// What a Store answers.
var (
	ErrSeen = errors.New("the request was used before")
	ErrGone = errors.New("no such posted request")
)

// Store keeps what may be used once. Each method is one atomic fact.
type Store interface {
	// SpendRequest remembers a request until it expires; ErrSeen when it is known.
	SpendRequest(ctx context.Context, hash []byte, expires time.Time) error
	// KeepPosted stores a posted request, sealed.
	KeepPosted(ctx context.Context, hash, request []byte, expires time.Time) error
	// TakePosted takes it out; ErrGone when there is none or it expired.
	TakePosted(ctx context.Context, hash []byte, now time.Time) ([]byte, error)
}

// Spend makes sure that a message is taken once, until it expires: after that its age
// has to keep it out. What says which messages there are with IDs of their own, such as
// "saml request". Only what is proven to be the service's is spent: of others there is no
// end, and each would write a row. Error: ErrSeen.
func Spend(ctx context.Context, s Store, what, service, id string, expires time.Time) error {
	err := s.SpendRequest(ctx, onetime.Hash(what+"\x00"+service+"\x00"+id), expires.Add(clocks))
	if err != nil && !errors.Is(err, ErrSeen) {
		return fmt.Errorf("remembering a request: %w", err)
	}
	return err
}

// clocks is how far those of two nodes may be apart: what one forgets another must not
// take again. Our choice.
const clocks = time.Minute

const (
	// Lifetime is how long a posted request waits for the browser to come back.
	Lifetime = 5 * time.Minute
	// param names the handle.
	param = "handle"
	// maxHandleBytes bounds what is hashed; a handle is shorter.
	maxHandleBytes = 200
)

// Way leads from a POST to a GET.
type Way struct {
	Store Store
	// Path is that of the GET. A handle counts there alone.
	Path string
	Now  func() time.Time
}

// Later keeps what was understood, which has to be JSON, and sends the browser on to the
// way's path. After an error nothing is answered.
func (p Way) Later(w http.ResponseWriter, r *http.Request, understood any) error {
	request, err := json.Marshal(understood)
	if err != nil {
		return fmt.Errorf("writing a posted request: %w", err)
	}
	handle := onetime.NewToken()
	if err := p.Store.KeepPosted(r.Context(), onetime.Hash(p.Path+handle), request, p.Now().Add(Lifetime)); err != nil {
		return fmt.Errorf("keeping a posted request: %w", err)
	}
	route.SeeOther(w, p.Path+"?"+param+"="+handle)
	return nil
}

// Take reads into understood what the handle of r stands for, and spends the handle.
// Error: ErrGone.
func (p Way) Take(r *http.Request, understood any) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	handle := query.Get(param)
	if err != nil || handle == "" || len(handle) > maxHandleBytes {
		return ErrGone
	}
	request, err := p.Store.TakePosted(r.Context(), onetime.Hash(p.Path+handle), p.Now())
	if errors.Is(err, ErrGone) {
		return ErrGone
	}
	if err == nil {
		err = json.Unmarshal(request, understood)
	}
	if err != nil {
		return fmt.Errorf("taking a posted request: %w", err)
	}
	return nil
}

// Form reads a SAML message that came by HTTP-POST under one of the fields.
// Source: SAML 2.0 Bindings, section 3.5.
func Form(r *http.Request, fields ...string) (*saml2.Incoming, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	if r.URL.RawQuery != "" {
		return nil, errors.New("parameters in both places: which would count?")
	}
	return saml2.ReadPost(r.PostForm, saml2.MessageLimits(), fields...)
}
