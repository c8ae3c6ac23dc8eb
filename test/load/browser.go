package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// mostPage bounds what is read of an answer.
const mostPage = 1 << 20

// browser is one person's: cookies of its own, no history.
type browser struct {
	web http.RoundTripper
	// shows asks the host of the certificates, the only one by https.
	shows   http.RoundTripper
	origin  string
	cookies []*http.Cookie
	timings *timings
}

// answer is a response, read.
type answer struct {
	at       *url.URL
	status   int
	location string
	body     string
}

func (b *browser) get(ctx context.Context, address *url.URL) (answer, error) {
	return b.send(ctx, http.MethodGet, address, "", "")
}

func (b *browser) post(ctx context.Context, address *url.URL, form url.Values) (answer, error) {
	return b.send(ctx, http.MethodPost, address, "application/x-www-form-urlencoded", form.Encode())
}

// follow posts a form, or gets an address without one.
func (b *browser) follow(ctx context.Context, r request) (answer, error) {
	if r.form == nil {
		return b.get(ctx, r.to)
	}
	return b.post(ctx, r.to, r.form)
}

// send sends a body of some kind, if there is a kind.
func (b *browser) send(ctx context.Context, method string, address *url.URL, kind, body string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, address.String(), strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Accept-Language", "es")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", b.origin)
	}
	for _, c := range b.cookies {
		if strings.HasPrefix(address.Path, c.Path) {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	started := time.Now()
	web := b.web
	if address.Scheme == "https" {
		web = b.shows
	}
	response, err := web.RoundTrip(r)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, step(address.Path), err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostPage))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, step(address.Path), err)
	}
	b.timings.add(method+" "+step(address.Path), time.Since(started))
	for _, line := range response.Header["Set-Cookie"] {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			return answer{}, fmt.Errorf("%s %s: %w", method, step(address.Path), err)
		}
		b.keep(c)
	}
	return answer{address, response.StatusCode, response.Header.Get("Location"), string(text)}, nil
}

// keep stores, replaces or drops a cookie.
func (b *browser) keep(c *http.Cookie) {
	if c.Path == "" {
		c.Path = "/"
	}
	for i, old := range b.cookies {
		if old.Name == c.Name && old.Path == c.Path {
			b.cookies = append(b.cookies[:i], b.cookies[i+1:]...)
			break
		}
	}
	if c.MaxAge >= 0 && c.Value != "" {
		b.cookies = append(b.cookies, c)
	}
}

// step is a path with the login's id taken out, for sums over all logins.
func step(path string) string {
	rest, found := strings.CutPrefix(path, "/login/")
	if !found {
		return path
	}
	_, tail, below := strings.Cut(rest, "/")
	if !below {
		return "/login/{id}"
	}
	return "/login/{id}/" + tail
}
