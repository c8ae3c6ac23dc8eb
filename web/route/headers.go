package route

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// The headers of every answer. Values are shared slices of length one: setting
// them allocates nothing, and Header.Add on one copies it first.
//
// Referrer-Policy is same-origin rather than no-referrer: under no-referrer
// browsers send "Origin: null" with our own forms (Fetch standard, "append a
// request Origin header"), which the cross-origin check of a browser without
// Sec-Fetch-Site could not tell from a foreign page.
type headers struct {
	csp, noSniff, referrer, permissions, opener, resource, hsts []string
}

// hstsValue is two years, as RFC 6797 section 11.2 and the browsers' preload
// lists recommend. Subdomains are left to whoever owns the domain.
const hstsValue = "max-age=63072000"

const cspBeforeForm = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

const permissionsPolicy = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), usb=(), publickey-credentials-get=(self)"

func newHeaders(secure bool) headers {
	h := headers{
		csp:         one(cspBeforeForm),
		noSniff:     one("nosniff"),
		referrer:    one("same-origin"),
		permissions: one(permissionsPolicy),
		opener:      one("same-origin"),
		resource:    one("same-origin"),
	}
	if secure {
		h.hsts = one(hstsValue)
	}
	return h
}

func one(value string) []string { return []string{value}[:1:1] }

func (s headers) set(h http.Header, cache []string) {
	h["Cache-Control"] = cache
	h["Content-Security-Policy"] = s.csp
	h["X-Content-Type-Options"] = s.noSniff
	h["Referrer-Policy"] = s.referrer
	h["Permissions-Policy"] = s.permissions
	h["Cross-Origin-Opener-Policy"] = s.opener
	h["Cross-Origin-Resource-Policy"] = s.resource
	if s.hsts != nil {
		h["Strict-Transport-Security"] = s.hsts
	}
}

// AllowCamera lets the page that is about to be written ask for the camera.
// Source: W3C Permissions Policy, section 9.
func AllowCamera(w http.ResponseWriter) {
	w.Header().Set("Permissions-Policy", strings.Replace(permissionsPolicy, "camera=()", "camera=(self)", 1))
}

// AllowForm lets the page that is about to be written post a form to exactly
// this absolute http or https address, beside our own. It is for the last step
// of a protocol that answers by a posted form; the caller has checked that the
// address is registered.
// Source: Content Security Policy Level 3, sections 2.3.1 and 6.4.2.
func AllowForm(w http.ResponseWriter, target string) error {
	source, err := cspSource(target)
	if err != nil {
		return fmt.Errorf("allowing a form target: %w", err)
	}
	w.Header().Set("Content-Security-Policy", cspBeforeForm+" "+source)
	return nil
}

// cspSource is the source expression of an address: no query and no fragment,
// and the two octets that end a source or a directive are escaped. The grammar
// has no IPv6 hosts; for these the scheme alone must do.
func cspSource(target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return "", fmt.Errorf("not an absolute http address")
	}
	if strings.Contains(u.Host, "[") {
		return u.Scheme + ":", nil
	}
	if strings.ContainsAny(u.Host, "*;,'\" \t\r\n") {
		return "", fmt.Errorf("not an absolute http address")
	}
	path := strings.NewReplacer(";", "%3B", ",", "%2C", "'", "%27").Replace(u.EscapedPath())
	return u.Scheme + "://" + u.Host + path, nil
}
