package e2e

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// page is what the browser shows.
type page struct {
	address  *url.URL
	status   int
	header   http.Header
	language string
	title    string
	heading  string
	text     string // what can be read, words separated by one space
	source   string
	forms    []form
	links    []string
	refresh  string // where it moves on to by itself
}

// form is a form as it stands on the page.
type form struct {
	action, method string
	fields         url.Values
	buttons        []button
	own            bool // our script sends it at once, to ourselves
}

type button struct{ name, value string }

// parsePage reads our HTML, which is XML but for attributes without a value and
// elements without an end.
func parsePage(address *url.URL, status int, header http.Header, source string) (*page, error) {
	p := &page{address: address, status: status, header: header, source: source}
	d := xml.NewDecoder(strings.NewReader(source))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []string
	var words, title, heading strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading the page %s: %w", address.Path, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			open = append(open, token.Name.Local)
			p.element(token.Name.Local, attributes(token))
		case xml.EndElement:
			if n := len(open); n > 0 && open[n-1] == token.Name.Local {
				open = open[:n-1]
			}
			words.WriteByte(' ')
		case xml.CharData:
			words.Write(token)
			for _, name := range open {
				switch name {
				case "title":
					title.Write(token)
				case "h1":
					heading.Write(token)
				}
			}
		}
	}
	p.text, p.title, p.heading = squeeze(words.String()), squeeze(title.String()), squeeze(heading.String())
	return p, nil
}

var refreshTo = regexp.MustCompile(`^0;\s*url=(.+)$`)

func (p *page) element(name string, a map[string]string) {
	switch name {
	case "html":
		p.language = a["lang"]
	case "meta":
		if to := refreshTo.FindStringSubmatch(a["content"]); strings.EqualFold(a["http-equiv"], "refresh") && to != nil {
			p.refresh = to[1]
		}
	case "a":
		p.links = append(p.links, a["href"])
	case "form":
		_, posts := a["data-post-on"]
		p.forms = append(p.forms, form{
			action: a["action"], method: a["method"], fields: url.Values{}, own: posts && strings.HasPrefix(a["action"], "/"),
		})
	case "input", "button":
		if len(p.forms) == 0 {
			return
		}
		f := &p.forms[len(p.forms)-1]
		_, checked := a["checked"]
		switch {
		case name == "button":
			f.buttons = append(f.buttons, button{a["name"], a["value"]})
		case a["name"] == "", a["type"] == "checkbox" && !checked, a["type"] == "radio" && !checked:
		default:
			f.fields.Add(a["name"], a["value"])
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	a := make(map[string]string, len(e.Attr))
	for _, attr := range e.Attr {
		a[attr.Name.Local] = attr.Value
	}
	return a
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// form finds the form whose action ends so, or begins so for what ends with a slash.
func (p *page) form(suffix string) (form, error) {
	var actions []string
	for _, f := range p.forms {
		if fits(f.action, suffix) {
			return f, nil
		}
		actions = append(actions, f.action)
	}
	return form{}, fmt.Errorf("no form goes to %s; the page %q has %q", suffix, p.title, actions)
}

// fits tells whether an address ends so, or begins so for what ends with a slash.
func fits(address, suffix string) bool {
	return strings.HasSuffix(address, suffix) || strings.HasSuffix(suffix, "/") && strings.HasPrefix(address, suffix) && address != suffix
}

// link finds the link whose address ends so, or begins so for what ends with a slash.
func (p *page) link(suffix string) (string, error) {
	for _, l := range p.links {
		if fits(l, suffix) {
			return l, nil
		}
	}
	return "", fmt.Errorf("no link leads to %s; the page %q has %q", suffix, p.title, p.links)
}

// allowsFormTo tells whether the page's policy lets a form go to the address.
// Source: Content Security Policy Level 3, section 6.4.2.
func (p *page) allowsFormTo(to *url.URL) bool {
	_, rest, found := strings.Cut(p.header.Get("Content-Security-Policy"), "form-action ")
	if !found {
		return true
	}
	sources, _, _ := strings.Cut(rest, ";")
	for _, source := range strings.Fields(sources) {
		if source == "'self'" && to.Host == p.address.Host && to.Scheme == p.address.Scheme ||
			source == to.Scheme+"://"+to.Host+to.EscapedPath() {
			return true
		}
	}
	return false
}

var (
	loginID        = regexp.MustCompile(`/login/[A-Za-z0-9_-]+`)
	hiddenID       = regexp.MustCompile(`name="login" value="[^"]*"`)
	maskedDocument = regexp.MustCompile(`•+[0-9A-Z]+`)
	typedValue     = regexp.MustCompile(`(name="contrast[a-z-]*" [^>]*)value="[^"]*"`)
	clockTime      = regexp.MustCompile(`\b[0-9]{1,2}:[0-9]{2}\b`)
	timeLeft       = regexp.MustCompile(`data-deadline="[^"]*"|<strong data-left[^>]*>[^<]*<|<p class="time-left">[^<]*<`)
)

// looks is the page without what is the login's own or was typed: two pages that
// look the same tell the same.
func (p *page) looks() string {
	source := loginID.ReplaceAllString(p.source, "/login/ID")
	source = hiddenID.ReplaceAllString(source, "name=login")
	source = maskedDocument.ReplaceAllString(source, "•")
	source = typedValue.ReplaceAllString(source, "${1}value")
	source = clockTime.ReplaceAllString(source, "hh:mm")
	source = timeLeft.ReplaceAllString(source, "time")
	return fmt.Sprintf("%d\n%s", p.status, source)
}
