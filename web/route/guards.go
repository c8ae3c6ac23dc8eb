package route

import (
	"log/slog"
	"net/http"
)

// Middleware wraps a handler.
type Middleware = func(http.Handler) http.Handler

// Guards are what stands in front of the handlers. A hook that is nil while a
// route needs it makes Mount fail, so that a forgotten guard is an error at
// start and never an open door. Throttle and Around may be nil.
type Guards struct {
	// Login lets a request pass that belongs to an open login of this browser.
	Login Middleware
	// Citizen lets a person pass whose session holds the proof.
	Citizen func(Proof) Middleware
	// Officer lets a member of staff pass whose role has the right to the act.
	Officer func(act string) Middleware
	// Device lets an activated device pass that has shown its key.
	Device Middleware
	// RelyingParty wraps calls of relying parties' servers.
	RelyingParty Middleware
	// Operator lets operators and their machines pass.
	Operator Middleware

	// Throttle slows down a client that asks too often; it runs before the body is read.
	Throttle Middleware
	// Around puts the facts that every page shows into the request's context. It
	// wraps all routes that show pages, and the refusals of the other guards.
	Around Middleware

	// Fail shows a refusal to a person: key names the text, reference is empty
	// or what the log line carries. It is required. (page.Engine).ErrorPage fits.
	Fail func(w http.ResponseWriter, r *http.Request, status int, key, reference string)
	// Log takes one line for each panic.
	Log *slog.Logger

	// Origins are the origins under which browsers see us, such as
	// https://clave.example: needed when a proxy in front changes the Host header.
	Origins []string
	// Secure says that browsers reach us by https only; it adds
	// Strict-Transport-Security.
	Secure bool
	// Sandbox allows Sandbox routes.
	Sandbox bool
}

// Text keys of the refusals that route itself makes; each has .title and .text.
const (
	keyNotFound    = "route.not_found"
	keyMethod      = "route.method"
	keyCrossOrigin = "route.cross_origin"
	keyTooLarge    = "route.too_large"
	keyBadForm     = "route.bad_form"
	keyInternal    = "route.internal"
)
