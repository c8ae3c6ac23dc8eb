package oidc

import (
	"context"
	"net/http"
	"strings"

	"clave/web/route"

	httphelper "github.com/zitadel/oidc/v3/pkg/http"
	spec "github.com/zitadel/oidc/v3/pkg/oidc"
)

// call is what was found out about a request before package op gets it, and why
// it is refused if it is.
type call struct {
	client  *client
	bearer  string
	refused *Refusal
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
			writeRefusal(w, refused)
			return
		}
		c, refused := f.authenticate(r.Context(), r, p)
		if refused != nil {
			writeRefusal(w, refused)
			return
		}
		if r.URL.Path == pathIntrospect && c.public() {
			writeRefusal(w, refuse(invalidClient, "introspection is for clients that prove who they are"))
			return
		}
		if grant := p.get("grant_type"); r.URL.Path == pathToken && grant != "" && !isServed(spec.GrantType(grant)) {
			writeRefusal(w, refuse(unsupportedGrant, "grant_type has to be authorization_code or refresh_token"))
			return
		}
		// Package op reads the header once more; what it says is checked already.
		p.values.Set("client_id", c.ClientID)
		pass(next, w, r, &call{client: c})
	}
}

func isServed(grant spec.GrantType) bool {
	return grant == spec.GrantTypeCode || grant == spec.GrantTypeRefreshToken
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
			writeRefusal(w, refuse(invalidToken, "the Authorization header is not Bearer with an access token"))
			return
		}
		r.Form, r.PostForm = map[string][]string{}, map[string][]string{}
		pass(next, w, r, &call{bearer: token})
	}
}

// private keeps answers with tokens or personal data out of every cache.
// Source: RFC 6749, section 5.1.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Pragma", "no-cache")
}

// replying writes a refusal in place of the answer. Package op would write it
// too, but without the headers that belong to it, and would log each by the
// global logger, with the caller's words.
type replying struct {
	http.ResponseWriter
	call *call
}

// WriteHeader implements http.ResponseWriter.
func (w *replying) WriteHeader(status int) {
	if w.call.refused != nil {
		writeRefusal(w.ResponseWriter, w.call.refused)
		return
	}
	w.ResponseWriter.WriteHeader(status)
}

// pass hands a request on to package op.
func pass(next http.Handler, w http.ResponseWriter, r *http.Request, c *call) {
	next.ServeHTTP(&replying{w, c}, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

// writeRefusal answers a server with the protocol's error.
// Source: RFC 6749, section 5.2; RFC 6750, section 3.1.
func writeRefusal(w http.ResponseWriter, refused *Refusal) {
	status := http.StatusBadRequest
	switch refused.Code {
	case invalidClient:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Basic realm="clave", charset="UTF-8"`)
	case invalidToken:
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	case serverError:
		status = http.StatusInternalServerError
	}
	e := spec.ErrInvalidRequest().WithDescription("%s", refused.Text)
	setText(&e.ErrorType, refused.Code)
	httphelper.MarshalJSONWithStatus(w, e, status)
}

// setText sets a text whose type package oidc keeps to itself.
func setText[S ~string](to *S, text string) { *to = S(text) }

// internal logs an error of ours once and says no more than a reference.
func (f *Front) internal(ctx context.Context, what string, err error) *Refusal {
	reference := route.NewReference()
	f.Log.ErrorContext(ctx, what, "reference", reference, "error", err.Error())
	return refuse(serverError, "internal error, reference "+reference)
}
