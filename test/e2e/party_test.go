package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// party is a client of a relying party, as the sandbox registers it or a script
// does.
type party struct {
	id, secret string
	auth       string // none, basic, post or key
	redirect   string // {port} is the sandbox's
	logout     string
	alg        string
}

// callback is where the client sandbox waits: any loopback address will do.
const callback = "http://127.0.0.1:9999/callback"

// registeredSecret is that of the clients which scripts register.
const registeredSecret = "x4mP0u8eWkRk1oOeTJ0m4qv9S2yHbL7cDnAaZtG3QfI="

func parties() map[string]party {
	return map[string]party{
		"sandbox": {"sandbox", "", "none", callback, "http://127.0.0.1:9999/bye", "ES256"},
		"demo-town-web": {"demo-town-web", "sandbox-secret-of-the-example-town-hall", "basic",
			"http://127.0.0.1:{port}/town/callback", "http://127.0.0.1:{port}/town", "ES256"},
		"demo-tax-web": {"demo-tax-web", "sandbox-secret-of-the-example-tax-agency", "basic",
			"http://127.0.0.1:{port}/tax/callback", "http://127.0.0.1:{port}/tax", "RS256"},
		// Registered by the scripts that need them.
		"town-web":   {"town-web", registeredSecret, "basic", "https://town.example/callback", "", "ES256"},
		"other-web":  {"other-web", registeredSecret, "post", "http://127.0.0.1:9998/callback?tenant=7", "", "PS256"},
		"key-web":    {"key-web", "", "key", "http://127.0.0.1:9996/callback", "", "RS256"},
		"strict-web": {"strict-web", registeredSecret, "basic", "http://127.0.0.1:9997/callback", "", "EdDSA"},
	}
}

// attempt is a login as the relying party keeps it.
type attempt struct {
	party
	browser   *browser // who began it
	verifier  string
	nonce     string
	state     string
	mode      string
	answer    url.Values
	posted    bool   // it came by form_post
	spent     string // the code that was redeemed
	assertion string // the last one
	tokens    map[string]any
	claims    map[string]any
	// saml is set where the relying party speaks SAML; claims are then those of the
	// assertion.
	saml *samlAttempt
}

// logIn sends the browser to the authorization endpoint, by a link or, posted, by
// a form of the relying party's page.
func (w *world) logIn(posted bool, set url.Values) error {
	id := set.Get("client")
	set.Del("client")
	if id == "" {
		id = "sandbox"
	}
	p, ok := parties()[id]
	if !ok {
		return fmt.Errorf("there is no client %s", id)
	}
	p.redirect, p.logout = w.withPort(p.redirect), w.withPort(p.logout)
	a := &attempt{party: p, browser: w.browser, verifier: rand.Text() + rand.Text(), nonce: rand.Text()}
	state, sum := rand.Text(), sha256.Sum256([]byte(a.verifier))
	params := url.Values{
		"client_id": {p.id}, "redirect_uri": {p.redirect}, "response_type": {"code"},
		"scope": {"openid profile document registration"}, "state": {state}, "nonce": {a.nonce},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
	for name, values := range set {
		params[name] = values
		if values[0] == "" {
			params.Del(name)
		}
	}
	a.mode, a.nonce = params.Get("response_mode"), params.Get("nonce")
	if uri := params.Get("redirect_uri"); uri != "" {
		a.redirect = uri
	}
	a.state = params.Get("state")
	w.attempts[a.state], w.attempt = a, a
	to := w.issuerURL().JoinPath("authorize")
	from, err := url.Parse(p.redirect)
	if err != nil {
		return err
	}
	if posted {
		return w.visit(request{method: http.MethodPost, address: to, form: params, from: origin(from)})
	}
	to.RawQuery = params.Encode()
	return w.visit(request{method: http.MethodGet, address: to, from: origin(from)})
}

// arrived tells whether a request of the browser goes to a relying party that
// waits for it, and takes the answer.
func (w *world) arrived(r request) bool {
	if w.samlParts(r) || w.dialectArrived(r) {
		return true
	}
	if r.method == http.MethodPost && r.form.Has("SAMLResponse") {
		return w.samlArrived(r)
	}
	if w.samlHome(r) {
		return true
	}
	params := r.address.Query()
	if r.method == http.MethodPost {
		params = r.form
	}
	a := w.attempts[params.Get("state")]
	if a == nil && !params.Has("state") {
		a = w.attempt // which checkAnswer minds
	}
	if a == nil {
		return false
	}
	to, err := url.Parse(a.redirect)
	if err != nil || to.Host != r.address.Host || to.Path != r.address.Path {
		return false
	}
	a.answer, a.posted = params, r.method == http.MethodPost
	w.arrival, w.attempt = a, a
	w.browser.tab.page = nil
	return true
}

// checkAnswer looks at what the relying party got in the last step.
func (w *world) checkAnswer(wanted url.Values) error {
	a := w.arrival
	switch {
	case a == nil || a.saml != nil:
		return errors.New("the browser is not at the relying party")
	case a.browser != w.browser:
		return errors.New("the answer came to another browser than the one that began the login")
	case a.answer.Get("iss") != w.origin:
		return fmt.Errorf("iss is %q, not %q", a.answer.Get("iss"), w.origin)
	case a.answer.Get("state") != a.state && !wanted.Has("state"):
		return fmt.Errorf("state is %q, not %q", a.answer.Get("state"), a.state)
	case a.answer.Has("code") == a.answer.Has("error"):
		return errors.New("the answer has to have a code or an error, and not both")
	case a.posted != (a.mode == "form_post"):
		return errors.New("the answer did not come in the response mode that was asked for")
	}
	got := map[string]any{}
	for name, values := range a.answer {
		got[name] = values[0]
	}
	return match(got, wanted)
}

// match compares what came with what a script wants: a value, * for any, nothing
// for absent. Lists are written with spaces.
func match(got map[string]any, wanted url.Values) error {
	for name, values := range wanted {
		want := values[0]
		value, there := got[name]
		if list, ok := value.([]any); ok {
			value = strings.Trim(fmt.Sprint(list), "[]")
		}
		switch {
		case want == "*" && there, want == "" && !there:
		case there && want != "" && fmt.Sprint(value) == want:
		case there:
			return fmt.Errorf("%s is %v, not %q", name, value, want)
		default:
			return fmt.Errorf("%s is missing; there is %q", name, slices.Sorted(maps.Keys(got)))
		}
	}
	return nil
}

func (w *world) withPort(address string) string {
	return strings.ReplaceAll(address, "{port}", w.balancer.port)
}
