package oidc

import (
	"context"
	"net/http"
	"strings"

	"clave/web/route"

	spec "github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// call is what was found out about a request before package op gets it.
type call struct {
	client *client
	bearer string
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	if c == nil {
		return &call{}
	}
	return c
}

// byClient stands in front of the endpoints at which clients prove who they are:
// token, revocation, introspection.
func (f *Front) byClient(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		private(w)
		p, refused := readForm(r)
		if refused != nil {
			writeRefusal(w, r, refused)
			return
		}
		c, refused := f.authenticate(r.Context(), r, p)
		if refused != nil {
			writeRefusal(w, r, refused)
			return
		}
		if r.URL.Path == pathIntrospect && c.public() {
			writeRefusal(w, r, refuse(invalidClient, "introspection is for clients that prove who they are"))
			return
		}
		// Package op reads the header once more; what it says is checked already.
		p.values.Set("client_id", c.ClientID)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callKey{}, &call{client: c})))
	}
}

// byBearer stands in front of userinfo: the access token comes in the header
// only, because addresses and forms are logged and cached.
// Source: RFC 6750, section 2; RFC 9700, section 4.3.2.
func (f *Front) byBearer(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		private(w)
		header := r.Header.Get("Authorization")
		scheme, token, _ := strings.Cut(header, " ")
		token = strings.TrimLeft(token, " ")
		if header == "" {
			w.Header().Set("WWW-Authenticate", `Bearer`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if !strings.EqualFold(scheme, "Bearer") || token == "" || len(r.Header.Values("Authorization")) > 1 {
			writeRefusal(w, r, refuse(invalidToken, "the Authorization header is not Bearer with an access token"))
			return
		}
		r.Form, r.PostForm = map[string][]string{}, map[string][]string{}
		next.ServeHTTP(&challenging{w}, r.WithContext(context.WithValue(r.Context(), callKey{}, &call{bearer: token})))
	}
}

// private keeps answers with tokens or personal data out of every cache.
// Source: RFC 6749, section 5.1.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
}

// challenging adds what a refused access token has to be answered with.
// Source: RFC 6750, section 3.
type challenging struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (c *challenging) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		c.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	c.ResponseWriter.WriteHeader(status)
}

// writeRefusal answers a server with the protocol's error.
// Source: RFC 6749, section 5.2; RFC 6750, section 3.1.
func writeRefusal(w http.ResponseWriter, r *http.Request, refused *Refusal) {
	switch refused.Code {
	case invalidClient:
		w.Header().Set("WWW-Authenticate", `Basic realm="clave", charset="UTF-8"`)
	case invalidToken:
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	op.WriteError(w, r, refused.asError(), nil)
}

// asError is the refusal as package op writes it.
func (r *Refusal) asError() error {
	e := spec.ErrInvalidRequest().WithDescription("%s", r.Text)
	setText(&e.ErrorType, r.Code)
	switch r.Code {
	case invalidClient, invalidToken:
		return op.NewStatusError(e, http.StatusUnauthorized)
	case serverError:
		return op.NewStatusError(e, http.StatusInternalServerError)
	}
	return op.NewStatusError(e, http.StatusBadRequest)
}

// setText sets a text whose type package oidc keeps to itself.
func setText[S ~string](to *S, text string) { *to = S(text) }

const serverError = "server_error"

// internal logs an error of ours once and says no more than a reference.
func (f *Front) internal(ctx context.Context, what string, err error) *Refusal {
	reference := route.NewReference()
	f.Log.ErrorContext(ctx, what, "reference", reference, "error", err.Error())
	return refuse(serverError, "internal error, reference "+reference)
}
