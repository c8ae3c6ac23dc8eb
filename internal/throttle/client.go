package throttle

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// ProxyHeader is the header in which a proxy in front of us writes whom it
// speaks for.
type ProxyHeader string

// The headers. The one that the proxy writes must be named: a proxy passes the
// other one on as the client wrote it.
const (
	XForwardedFor ProxyHeader = "X-Forwarded-For"
	Forwarded     ProxyHeader = "Forwarded" // RFC 7239
)

// maxHops bounds how many entries of a header are looked at.
const maxHops = 32

// Clients finds the address of the client behind trusted proxies. The zero
// value trusts none and takes the connection's address.
type Clients struct {
	trusted []netip.Prefix
	header  ProxyHeader
}

// NewClients takes the networks of the proxies in front, as in "10.0.0.0/8" or
// "192.0.2.7", and the header that they write (X-Forwarded-For when empty). It
// reports all mistakes at once.
func NewClients(trusted []string, header ProxyHeader) (Clients, error) {
	c := Clients{header: header}
	var mistakes []error
	switch header {
	case "":
		c.header = XForwardedFor
	case XForwardedFor, Forwarded:
	default:
		mistakes = append(mistakes, fmt.Errorf("header %q is unknown; give %s or %s", header, XForwardedFor, Forwarded))
	}
	for _, text := range trusted {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			var address netip.Addr
			if address, err = netip.ParseAddr(text); err == nil {
				prefix = netip.PrefixFrom(address.Unmap().WithZone(""), address.Unmap().BitLen())
			}
		}
		switch {
		case err != nil:
			mistakes = append(mistakes, fmt.Errorf("%q is neither a network nor an address", text))
		case prefix.Bits() == 0:
			mistakes = append(mistakes, fmt.Errorf("%q trusts everybody: clients could choose their own address", text))
		default:
			c.trusted = append(c.trusted, prefix.Masked())
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return Clients{}, fmt.Errorf("reading the trusted proxies: %w", err)
	}
	return c, nil
}

func (c Clients) trusts(a netip.Addr) bool {
	for _, p := range c.trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Address is the client's address: the connection's, or, when that is a trusted
// proxy, the rightmost address in the header that is not a trusted proxy. What
// stands to the left of it was written by the client and is not believed. The
// zero address means that there is none, as on a unix socket.
func (c Clients) Address(r *http.Request) netip.Addr {
	address := connection(r)
	if len(c.trusted) == 0 || !c.trusts(address) {
		return address
	}
	hops := c.hops(r.Header[string(c.header)])
	for i := len(hops) - 1; i >= 0 && i >= len(hops)-maxHops; i-- {
		hop := parseHop(hops[i])
		if !hop.IsValid() {
			return address // a proxy that hides whom it speaks for answers for it
		}
		if address = hop; !c.trusts(hop) {
			return address
		}
	}
	return address
}

// connection is the address that the connection comes from, which net/http writes
// with its port.
func connection(r *http.Request) netip.Addr {
	if withPort, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return withPort.Addr().Unmap().WithZone("")
	}
	return parseHop(r.RemoteAddr)
}

// hops lists the entries of the header from left to right.
func (c Clients) hops(lines []string) []string {
	line := strings.Join(lines, ",")
	if c.header == Forwarded {
		return forwardedFor(line)
	}
	if line == "" {
		return nil
	}
	return strings.Split(line, ",")
}

// parseHop reads an address with or without port and brackets, or the zero
// address.
func parseHop(s string) netip.Addr {
	s = strings.TrimSpace(s)
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone("")
}

// Network is what one client surely owns: an IPv4 address, or an IPv6 /64,
// within which a client picks addresses as it likes.
// Source: RFC 6177, section 2 (sites get a /64 at least).
func Network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // an invalid address is the zero prefix: one bucket for all
	return p
}
