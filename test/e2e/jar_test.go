package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// jar holds a browser's cookies by host, as browsers do: ports do not count.
// All of ours are Lax, for the whole host, and live as long as a test.
type jar map[string]map[string]string

// take does what an answer's Set-Cookie headers say.
func (j jar) take(address *url.URL, answer *http.Response) {
	host := address.Hostname()
	for _, c := range answer.Cookies() {
		if j[host] == nil {
			j[host] = map[string]string{}
		}
		if c.MaxAge < 0 {
			delete(j[host], c.Name)
			continue
		}
		j[host][c.Name] = c.Value
	}
}

// unsafeCookie finds a cookie of ours that others could read, send or set.
func unsafeCookie(address *url.URL, answer *http.Response) error {
	for _, c := range answer.Cookies() {
		https := address.Scheme == "https"
		switch {
		case !c.HttpOnly, c.SameSite != http.SameSiteLaxMode, c.Path != "/", c.Domain != "",
			c.Secure != https, strings.HasPrefix(c.Name, "__Host-") != https:
			return fmt.Errorf("%s sets an unsafe cookie: %s", address.Path, c.Raw)
		}
	}
	return nil
}

func (j jar) give(host string, r *http.Request) {
	for name, value := range j[host] {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
}

func (j jar) copy() jar {
	c := jar{}
	for host, cookies := range j {
		c[host] = maps.Clone(cookies)
	}
	return c
}

// bring puts the other's cookies in whose names begin so.
func (j jar) bring(other jar, prefix string) {
	for host, cookies := range other {
		if j[host] == nil {
			j[host] = map[string]string{}
		}
		for name, value := range cookies {
			if strings.HasPrefix(strings.TrimPrefix(name, "__Host-"), prefix) {
				j[host][name] = value
			}
		}
	}
}
