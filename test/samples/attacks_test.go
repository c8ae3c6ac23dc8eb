package samples

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// services are those with assertions, by where their answers go.
func services() map[string]string {
	return map[string]string{"/university": "/acs", "/jobs": "/return"}
}

// caught logs somebody in, or is refused, and catches the answer before it is sent.
func caught(t *testing.T, path, query string) (*browser, string, url.Values) {
	t.Helper()
	b := newBrowser(t)
	b.stops = services()[path]
	b.open(path + "/login?" + query)
	for _, f := range b.page.forms {
		if strings.HasSuffix(f.action, b.stops) {
			b.stops = ""
			return b, f.action, f.fields
		}
	}
	t.Fatalf("there is no answer: %q at %s", b.page.heading, b.page.address.Path)
	return nil, "", nil
}

const handsfree = "login_hint=test:99999972C"

func TestServicesTakeAnAnswerOnce(t *testing.T) {
	t.Parallel()
	for path := range services() {
		b, to, answer := caught(t, path, handsfree)
		b.travel(b.request(http.MethodPost, to, answer))
		b.shows(200, "Welcome to", "99999972C")
		b.travel(b.request(http.MethodPost, to, answer))
		b.shows(400, "was taken already")
	}
}

func TestServicesTakeNoAnswerOfAnotherBrowser(t *testing.T) {
	t.Parallel()
	for path := range services() {
		_, to, answer := caught(t, path, handsfree)
		victim := newBrowser(t)
		victim.open(path + "/login") // one on its way
		victim.travel(victim.request(http.MethodPost, to, answer))
		victim.shows(400, "does not belong to a login of this browser")
		victim.open(path)
		victim.shows(200, "You are not logged in")
	}
}

func TestServicesTakeNoChangedAnswer(t *testing.T) {
	t.Parallel()
	const status = "urn:oasis:names:tc:SAML:2.0:status:"
	for path := range services() {
		for _, tc := range []struct{ name, query, old, new string }{
			{"a refusal into a success", "passive=true", status + "Responder", status + "Success"},
			{"a reason", "passive=true", "NoPassive", "AuthnFailed"},
			{"the recipient", handsfree, "Destination=\"" + lab.services, "Destination=\"http://127.0.0.1:1"},
			{"the method of the signature", handsfree, "rsa-sha", "rsa-xha"},
		} {
			b, to, answer := caught(t, path, tc.query)
			message, err := base64.StdEncoding.DecodeString(answer.Get("SAMLResponse"))
			if err != nil || !strings.Contains(string(message), tc.old) {
				t.Fatalf("%s: the answer has no %s: %v", path, tc.old, err)
			}
			answer.Set("SAMLResponse", base64.StdEncoding.EncodeToString([]byte(strings.Replace(string(message), tc.old, tc.new, 1))))
			b.travel(b.request(http.MethodPost, to, answer))
			b.shows(400, "The service does not take this message")
			if t.Failed() {
				t.Fatalf("%s: %s", path, tc.name)
			}
		}
		b, to, answer := caught(t, path, handsfree)
		answer.Set("RelayState", "another")
		b.travel(b.request(http.MethodPost, to, answer))
		b.shows(400, "RelayState")
	}
}
