package throttle

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	proxies := []string{"10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.7"}
	for _, c := range []struct {
		name    string
		trusted []string
		header  ProxyHeader
		remote  string
		lines   map[string][]string
		want    string
	}{
		{"without proxies the connection counts", nil, "", "203.0.113.5:4711", nil, "203.0.113.5"},
		{"without proxies a header is a lie", nil, "", "203.0.113.5:4711", map[string][]string{"X-Forwarded-For": {"198.51.100.1"}}, "203.0.113.5"},
		{"a client that is no proxy cannot choose its address", proxies, "", "203.0.113.5:1", map[string][]string{"X-Forwarded-For": {"198.51.100.1"}}, "203.0.113.5"},
		{"a proxy speaks for its client", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"198.51.100.1"}}, "198.51.100.1"},
		{"what the client wrote before the proxy is not believed", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"1.2.3.4, 5.6.7.8, 198.51.100.1"}}, "198.51.100.1"},
		{"neither in a line of its own", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"1.2.3.4", "198.51.100.1"}}, "198.51.100.1"},
		{"a chain of proxies is walked", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"6.6.6.6, 198.51.100.1, 192.0.2.7, 10.9.9.9"}}, "198.51.100.1"},
		{"a client that claims to be a proxy gains nothing", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"6.6.6.6, 10.0.0.99, 198.51.100.1"}}, "198.51.100.1"},
		{"with proxies only, the leftmost is the client", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"10.1.1.1, 10.2.2.2"}}, "10.1.1.1"},
		{"rubbish ends the walk at the proxy that wrote it", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"198.51.100.1, unknown, 10.2.2.2"}}, "10.2.2.2"},
		{"an empty header leaves the proxy", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {""}}, "10.0.0.1"},
		{"no header leaves the proxy", proxies, "", "10.0.0.1:1", nil, "10.0.0.1"},
		{"ports and brackets are read", proxies, "", "[2001:db8:ffff::1]:1", map[string][]string{"X-Forwarded-For": {"[2001:db8::17]:4711"}}, "2001:db8::17"},
		{"an IPv4 address in IPv6 dress is the same client", proxies, "", "[::ffff:10.0.0.1]:1", map[string][]string{"X-Forwarded-For": {"::ffff:198.51.100.1"}}, "198.51.100.1"},
		{"a zone does not make another client", proxies, "", "10.0.0.1:1", map[string][]string{"X-Forwarded-For": {"fe80::1%eth0"}}, "fe80::1"},
		{"the other header is the client's own", proxies, XForwardedFor, "10.0.0.1:1", map[string][]string{"Forwarded": {"for=6.6.6.6"}, "X-Forwarded-For": {"198.51.100.1"}}, "198.51.100.1"},
		{"and so the other way round", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {"for=198.51.100.1;proto=https"}, "X-Forwarded-For": {"6.6.6.6"}}, "198.51.100.1"},
		{"Forwarded with quotes and ports", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {`for=6.6.6.6, For="[2001:db8::17]:4711";by=10.0.0.1`}}, "2001:db8::17"},
		{"a comma inside quotes parts nothing", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {`for=198.51.100.1;host="a,for=6.6.6.6"`}}, "198.51.100.1"},
		{"an open quote does not swallow what the proxy wrote", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {`for=6.6.6.6;x="`, "for=198.51.100.1"}}, "10.0.0.1"},
		{"nor does an escape at the end", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {`for=6.6.6.6;x="\`, `for="198.51.100.1"`}}, "10.0.0.1"},
		{"an open quote hides nothing behind it", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {`for="6.6.6.6, for=7.7.7.7`}}, "10.0.0.1"},
		{"an obfuscated client stays with its proxy", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {"for=198.51.100.1, for=_hidden"}}, "10.0.0.1"},
		{"an element without for too", proxies, Forwarded, "10.0.0.1:1", map[string][]string{"Forwarded": {"for=198.51.100.1, proto=https"}}, "10.0.0.1"},
		{"a unix socket has no address", proxies, "", "@", nil, "invalid IP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clients, err := NewClients(c.trusted, c.header)
			if err != nil {
				t.Fatal(err)
			}
			got := clients.Address(&http.Request{RemoteAddr: c.remote, Header: c.lines})
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAMileOfHopsIsNotWalked(t *testing.T) {
	t.Parallel()
	clients, err := NewClients([]string{"10.0.0.0/8"}, "")
	if err != nil {
		t.Fatal(err)
	}
	line := "198.51.100.1" + strings.Repeat(", 10.0.0.1", 1000)
	got := clients.Address(&http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {line}}})
	if got.String() != "10.0.0.1" {
		t.Errorf("got %s", got)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"198.51.100.1": "198.51.100.1/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2:ffff::1": "2001:db8:1:2::/64",
	} {
		if got := Network(netip.MustParseAddr(address)).String(); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	if got := Network(netip.Addr{}); got != (netip.Prefix{}) {
		t.Errorf("no address gives %s", got)
	}
}

func TestNewClientsRefuses(t *testing.T) {
	t.Parallel()
	_, err := NewClients([]string{"0.0.0.0/0", "::/0", "proxy.example", "10.0.0.0/8"}, "X-Real-IP")
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"0.0.0.0/0", "::/0", "proxy.example", "X-Real-IP"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not reported: %v", want, err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	f.Add("198.51.100.1, 10.0.0.2", `for="[2001:db8::1]:1";by=x, for=_y`)
	f.Fuzz(func(t *testing.T, plain, forwarded string) {
		for _, header := range []ProxyHeader{XForwardedFor, Forwarded} {
			clients, err := NewClients([]string{"10.0.0.0/8"}, header)
			if err != nil {
				t.Fatal(err)
			}
			line := map[ProxyHeader]string{XForwardedFor: plain, Forwarded: forwarded}[header]
			// Whatever the client writes, what the proxy adds at the end counts.
			seen := map[ProxyHeader]string{XForwardedFor: ", 198.51.100.9", Forwarded: ", for=198.51.100.9"}[header]
			got := clients.Address(&http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{string(header): {line + seen}}})
			malformed := header == Forwarded && got.String() == "10.0.0.1"
			if got.String() != "198.51.100.9" && !malformed {
				t.Errorf("%s %q gives %s", header, line+seen, got)
			}
		}
	})
}
