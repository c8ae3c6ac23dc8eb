package oidc

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"clave/broker/registry"
	"clave/identity"
)

func FuzzParams(f *testing.F) {
	for _, seed := range []string{
		"", "a=b", "client_id=x&client_id=y", "state=%00", "state=%ff", "%zz", "a;b", "=x", "&&&", "state=" + strings.Repeat("s", 5000),
		"redirect_uri=https%3A%2F%2Ftown.example%2F&scope=openid",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		p, ok := parseParams(encoded)
		if !ok {
			return
		}
		for name, all := range p.values {
			switch value := p.get(name); {
			case len(all) != 1 && value != "":
				t.Fatalf("one of %d values was taken", len(all))
			case len(all) > 1 && name != "resource" && p.repeated == "":
				t.Fatal("a repetition went unnoticed")
			case p.once(name) && (!isText(value) || len(value) > limitOf(name)):
				t.Fatal("a value was trusted that breaks a limit")
			case !isText(value) && p.garbled == "", len(value) > limitOf(name) && p.tooLong == "":
				t.Fatal("a broken value went unnoticed")
			}
		}
	})
}

func FuzzClaims(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", "[]", `{"id_token":null}`, `{"id_token":{"acr":null}}`, `{"id_token":{"acr":{"essential":true,"values":["a",1,null,"b"]}}}`,
		`{"ID_TOKEN":{"acr":{"value":"x"}}}`, `{"id_token":{"acr":{"value":{"deep":[[[[]]]]}}}}`, `{"userinfo":[]}`, `{"id_token":{"acr":{"essential":"true"}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		claims, ok := parseClaims(value)
		if !ok && claims != nil {
			t.Fatal("refused and read at once")
		}
		for _, c := range claims {
			for _, v := range c.values {
				if v == "" {
					t.Fatal("an empty value counts")
				}
			}
		}
		a := &ask{params: params{values: url.Values{"claims": {value}}}}
		if refused := ruleClaims(a); refused != nil && refused.Code != invalidRequest && refused.Code != unmetRequirements {
			t.Fatalf("refused with %s", refused.Code)
		}
	})
}

func FuzzRedirects(f *testing.F) {
	for _, seed := range []string{
		"http://127.0.0.1/", "http://localhost:1/x?y", "http://[::1]:65535", "http://127.0.0.1:80@evil/", "http://localhost\\@evil/", "http://localhost%2eevil/",
		"https://town.example/callback", "https://town.example/callback#", "http://127.0.0.1#@evil/", "http://localhost:99999/",
	} {
		f.Add(seed)
	}
	exact := &client{OIDCClient: &registry.OIDCClient{RedirectURIs: []string{"https://town.example/callback"}}}
	loopback := &client{OIDCClient: &registry.OIDCClient{LoopbackRedirects: true}}
	f.Fuzz(func(t *testing.T, uri string) {
		if exact.accepts(uri) && uri != "https://town.example/callback" {
			t.Fatalf("%q is not registered", uri)
		}
		if !loopback.accepts(uri) {
			return
		}
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
			t.Fatalf("%q is accepted as loopback", uri)
		}
		if host := u.Hostname(); host != "127.0.0.1" && host != "::1" && host != "localhost" {
			t.Fatalf("%q leads to %q", uri, host)
		}
		// What we add stays in the query, and what was there stays as it was.
		back := withParams(uri, url.Values{"code": {"c"}, "state": {"&#x"}})
		after, err := url.Parse(back)
		if err != nil || after.Host != u.Host || after.Fragment != "" || !strings.HasPrefix(back, uri) {
			t.Fatalf("%q becomes %q", uri, back)
		}
	})
}

func FuzzBasic(f *testing.F) {
	for _, seed := range []string{"a:b", ":", "a", "a%3Ab:c", "%zz:x", "a:b:c", "\x00:x", "a:+%2B"} {
		f.Add("Basic " + base64.StdEncoding.EncodeToString([]byte(seed)))
	}
	f.Add("basic")
	f.Add("Basic  YTpi")
	f.Add("Bearer x")
	f.Fuzz(func(t *testing.T, header string) {
		id, secret, ok := parseBasic(header)
		if !ok && (id != "" || secret != "") {
			t.Fatal("refused and read at once")
		}
		if ok && (id == "" || !isText(id) || !isText(secret)) {
			t.Fatal("an odd pair was read")
		}
		if !ok {
			return
		}
		again := "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
		if id2, secret2, ok := parseBasic(again); !ok || id2 != id || secret2 != secret {
			t.Fatal("what was read does not come back")
		}
	})
}

func FuzzTicket(f *testing.F) {
	f.Add(wholeTicket().encode())
	f.Add(ticket{}.encode())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		decoded, err := decodeTicket(encoded)
		if err != nil {
			return
		}
		if again, err := decodeTicket(decoded.encode()); err != nil || !cmp.Equal(decoded, again, cmp.AllowUnexported(ticket{})) {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

func wholeTicket() ticket {
	return ticket{
		target: target{URI: "https://town.example/cb", Mode: modeFormPost, State: "state"},
		Client: "town-web", Nonce: "nonce", Challenge: "challenge", Scope: "openid profile", ACRs: []identity.Level{identity.Low, identity.High},
	}
}

func TestATicketComesBackAsItWasSealed(t *testing.T) {
	t.Parallel()
	encoded := wholeTicket().encode()
	got, err := decodeTicket(encoded)
	if diff := cmp.Diff(wholeTicket(), got, cmp.AllowUnexported(ticket{})); err != nil || diff != "" {
		t.Errorf("%v, (-want +got)\n%s", err, diff)
	}
	for cut := range encoded {
		if _, err := decodeTicket(encoded[:cut]); err == nil {
			t.Errorf("%d bytes are taken for a ticket", cut)
		}
	}
	if _, err := decodeTicket([]byte(`{"u":"https://town.example/"}`)); err == nil {
		t.Error("a ticket of another version was read")
	}
}
