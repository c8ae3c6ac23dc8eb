package registry

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxURIBytes is the longest address that is registered. Our choice: browsers
// and proxies begin to refuse at about 2,000.
const maxURIBytes = 1000

// addresses checks where a client may send browsers to and be called at.
func (c checker) addresses(at string, k *OIDCClient) {
	if len(k.RedirectURIs) == 0 && !k.LoopbackRedirects {
		c.problem(at, "has no redirect_uris; list every address to which citizens return, exactly")
	}
	if k.LoopbackRedirects && !c.rules.Sandbox {
		c.problem(at+".loopback_redirects", "exists in the sandbox only; list the exact redirect_uris")
	}
	c.uris(at+".redirect_uris", k.RedirectURIs)
	c.uris(at+".post_logout_redirect_uris", k.PostLogoutRedirectURIs)
	c.optionalURI(at+".backchannel_logout_uri", k.BackchannelLogoutURI)
	c.optionalURI(at+".jwks_uri", k.JWKSURI)
	for i, origin := range k.AllowedOrigins {
		at := index(at+".allowed_origins", i)
		if u := c.uri(at, origin); u != nil && u.Scheme+"://"+u.Host != origin {
			c.problem(at, "wants an origin: scheme and host, without path, query or final slash")
		}
	}
}

func (c checker) uris(at string, list []string) {
	for i, s := range list {
		c.uri(index(at, i), s)
		if slices.Contains(list[:i], s) {
			c.problem(index(at, i), "is there twice; remove one")
		}
	}
}

func (c checker) optionalURI(at, s string) {
	if s != "" {
		c.uri(at, s)
	}
}

// uri checks one address of a relying party; nil when it is not fit.
// Addresses are compared exactly, so that each must be one that a browser sends
// back unchanged. Source: RFC 6749 section 3.1.2, RFC 9700 section 2.1.
func (c checker) uri(at, s string) *url.URL {
	u, err := url.Parse(s)
	trouble := ""
	switch {
	case err != nil || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`\"<>^{}|`+"`", r) }):
		trouble = "is not a URI; escape spaces and other special characters with %"
	case strings.Contains(s, "*"):
		trouble = "has a wildcard; list every address exactly, since an open place anywhere under it would receive citizens' codes"
	case !u.IsAbs() || u.Host == "" || u.Opaque != "" || u.Hostname() == "":
		trouble = "is not absolute; write https:// and the host"
	case strings.Contains(s, "#"):
		trouble = "has a fragment; remove # and what follows"
	case u.User != nil:
		trouble = "has a user or password before the host; remove them"
	case len(s) > maxURIBytes:
		trouble = "is longer than 1000 characters"
	case slices.Contains(strings.Split(u.Path, "/"), "..") || slices.Contains(strings.Split(u.Path, "/"), "."):
		trouble = "has . or .. in its path, which browsers remove; write the path that results"
	case u.Scheme == "https":
	case u.Scheme != "http":
		trouble = "has a scheme of its own, which any other app may claim; use an https address that the app claims (RFC 8252 section 7.2)"
	case !loopback(u.Hostname()):
		trouble = "is http, so that anybody on the way reads citizens' codes; use https"
	case !c.rules.Sandbox:
		trouble = "is http to this very machine, which is allowed in the sandbox only (clave dev); use https"
	}
	if trouble != "" {
		c.problem(at, "%s", trouble)
		return nil
	}
	return u
}

// loopback tells whether the host is the machine itself.
// Source: RFC 6761 section 6.3 for localhost.
func loopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}
