package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"clave/census"
	"clave/census/receipt"
	"clave/identity"
	"clave/providers/movil"
	"clave/test/load/people"
)

// mostSteps bounds a login that goes round in circles.
const mostSteps = 40

// visitor drives logins and registrations of one installation.
type visitor struct {
	service    service
	party      relyingParty
	origin     string
	web        http.RoundTripper
	population people.Population
	phones     *phones
	wallet     *wallet
	users      [][]byte // whom the citizens' phones know them as
	timings    *timings
}

// person is what somebody has who visits: documents, a phone, perhaps a letter.
type person struct {
	citizen census.Reference
	contact census.Registration
	letter  string // its code
	codes   <-chan string
	app     *app // nil for who logs in without
}

// person is the citizen of a number, who waits for codes until leave.
func (v *visitor) person(number int, letter string) (p person, leave func()) {
	p = person{citizen: v.population.Citizen(number), contact: v.population.Registration(number), letter: letter}
	phone := p.contact.Phone.Reveal()
	p.codes = v.phones.expect(phone)
	return p, func() { v.phones.forget(phone) }
}

// login takes one citizen all the way.
func (v *visitor) login(ctx context.Context, number int) error {
	p, leave := v.person(number, "")
	defer leave()
	b := &browser{web: v.web, origin: v.origin, timings: v.timings}
	if v.service.method == identity.Certificate {
		shows, err := v.wallet.shownBy(p.citizen)
		if err != nil {
			return err
		}
		b.shows = shows
	}
	if v.service.method == identity.Movil {
		p.app = v.app(number)
	}
	attempt, err := v.party.begin()
	if err != nil {
		return err
	}
	back, err := v.walk(ctx, b, p, attempt.first, func(at *url.URL) bool { return strings.HasPrefix(at.String(), home) })
	if err != nil {
		return err
	}
	return attempt.finish(ctx, b, back)
}

// registerPath is where one registers with a letter; it ends with the receipt.
const registerPath = "/register/letter"

// register takes one citizen all the way who holds a letter.
func (v *visitor) register(ctx context.Context, n newcomer) error {
	p, leave := v.person(n.number, n.code)
	defer leave()
	b := &browser{web: v.web, origin: v.origin, timings: v.timings}
	address, err := url.Parse(v.origin + registerPath)
	if err != nil {
		return err
	}
	done, err := v.walk(ctx, b, p, request{to: address}, func(at *url.URL) bool { return at.Path == registerPath+"/done" })
	if err != nil {
		return err
	}
	seen, err := b.get(ctx, done.to)
	if err == nil && seen.status != http.StatusOK {
		err = fmt.Errorf("%s: status %d", done.to.Path, seen.status)
	}
	return err
}

// walk follows pages from a first request on, until it is sent to an address that is
// over there.
func (v *visitor) walk(ctx context.Context, b *browser, p person, next request, over func(*url.URL) bool) (request, error) {
	at := next.to.Path
	for range mostSteps {
		seen, err := b.follow(ctx, next)
		if err != nil {
			return request{}, err
		}
		at = seen.at.Path
		if next.to, next.form, err = v.next(ctx, seen, p); err != nil {
			return request{}, err
		}
		if over(next.to) {
			return next, nil
		}
	}
	return request{}, fmt.Errorf("the way does not end: at %s after %d steps", step(at), mostSteps)
}

// next decides where the browser goes: to the address, with the form if there
// is one.
func (v *visitor) next(ctx context.Context, seen answer, p person) (*url.URL, url.Values, error) {
	switch seen.status {
	case http.StatusSeeOther, http.StatusFound:
		next, err := seen.at.Parse(seen.location)
		return next, nil, err
	case http.StatusOK:
	default:
		return nil, nil, fmt.Errorf("%s: status %d, %q", step(seen.at.Path), seen.status, read(seen.body).title)
	}
	d := read(seen.body)
	if d.refresh != "" {
		next, err := seen.at.Parse(d.refresh)
		return next, nil, err
	}
	for _, link := range d.links {
		if p.app == nil || !strings.Contains(link, movil.HandlePath) {
			continue
		}
		read, err := seen.at.Parse(link)
		if err == nil {
			err = p.app.approve(ctx, read)
		}
		return seen.at, nil, err // the page tells how it goes on
	}
	for _, link := range d.links { // to the host of the certificates
		if strings.HasPrefix(link, "https://") {
			next, err := seen.at.Parse(link)
			return next, nil, err
		}
	}
	for _, f := range d.forms {
		if !f.goesOn() || strings.HasSuffix(f.action, "/extend") || strings.HasSuffix(f.action, "/movil/here") {
			continue
		}
		if err := p.fill(ctx, f, seen.at.Path); err != nil {
			return nil, nil, err
		}
		next, err := seen.at.Parse(f.action)
		return next, f.fields, err
	}
	return nil, nil, fmt.Errorf("%s: no way on from the page %q", step(seen.at.Path), d.title)
}

// fill answers what a form asks for.
func (p person) fill(ctx context.Context, f form, path string) error {
	for _, b := range f.submits {
		if b.primary && b.name != "" {
			f.fields.Set(b.name, b.value)
		}
	}
	if f.has("document") {
		f.fields.Set("document", p.citizen.Document.Reveal())
	}
	if f.has("contrast") {
		f.fields.Set("contrast", p.citizen.SupportNumber)
	}
	if f.has("contrast-day") {
		date := p.citizen.ValidityDate
		if strings.HasSuffix(path, "/issue") {
			date = p.citizen.IssueDate
		}
		setDate(f.fields, date)
	}
	if strings.HasSuffix(path, "/choice") {
		f.fields.Set("choice", "have") // a letter
	}
	if f.has("password") {
		f.fields.Set("password", secret)
	}
	wanted := []string{"pin", "sms"}
	if f.has("code") && p.letter != "" {
		f.fields.Set("code", p.letter)
	} else {
		wanted = append(wanted, "code")
	}
	if f.has("phone") {
		p.give(f.fields)
	}
	for _, field := range wanted {
		if !f.has(field) {
			continue
		}
		select {
		case code := <-p.codes:
			f.fields.Set(field, code)
		case <-ctx.Done():
			return errors.New("no code came")
		}
	}
	return nil
}

// give types phone and address, and accepts the conditions.
func (p person) give(fields url.Values) {
	phone, email := p.contact.Phone.Reveal(), p.contact.Email.Reveal()
	national := strings.TrimPrefix(phone, "+34")
	fields.Set("prefix", "34")
	fields.Set("phone", national)
	fields.Set("phone_again", national)
	fields.Set("email", email)
	fields.Set("email_again", email)
	fields.Set("conditions", receipt.CurrentConditions)
}

func setDate(fields url.Values, d identity.Date) {
	fields.Set("contrast-day", fmt.Sprint(d.Day))
	fields.Set("contrast-month", fmt.Sprint(d.Month))
	fields.Set("contrast-year", fmt.Sprint(d.Year))
}
