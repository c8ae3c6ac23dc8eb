package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"clave/census"
	"clave/identity"
	"clave/test/load/people"
)

// mostSteps bounds a login that goes round in circles.
const mostSteps = 40

// visitor drives logins of one installation.
type visitor struct {
	party      *party
	web        http.RoundTripper
	population people.Population
	phones     *phones
	timings    *timings
}

// login takes one citizen all the way.
func (v *visitor) login(ctx context.Context, number int) error {
	citizen, registered := v.population.Citizen(number), v.population.Registration(number)
	phone := registered.Phone.Reveal()
	codes := v.phones.expect(phone)
	defer v.phones.forget(phone)
	origin := v.party.authorize.Scheme + "://" + v.party.authorize.Host
	b := &browser{web: v.web, origin: origin, timings: v.timings}
	address, attempt := v.party.begin()
	seen, err := b.get(ctx, address)
	for range mostSteps {
		if err != nil {
			return err
		}
		next, form, err := v.next(ctx, seen, citizen, codes)
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(next.String(), callback):
			return v.party.finish(ctx, b, attempt, next)
		case form != nil:
			seen, err = b.post(ctx, next, form)
		default:
			seen, err = b.get(ctx, next)
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("the login does not end: at %s after %d steps", step(seen.at.Path), mostSteps)
}

// next decides where the browser goes: to the address, with the form if there
// is one.
func (v *visitor) next(ctx context.Context, seen answer, citizen census.Reference, codes <-chan string) (*url.URL, url.Values, error) {
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
	for _, f := range d.forms {
		if !f.goesOn() {
			continue
		}
		if err := fill(ctx, f, seen.at.Path, citizen, codes); err != nil {
			return nil, nil, err
		}
		next, err := seen.at.Parse(f.action)
		return next, f.fields, err
	}
	for _, link := range d.links { // the chooser
		if strings.HasSuffix(link, "/pin") {
			next, err := seen.at.Parse(link)
			return next, nil, err
		}
	}
	return nil, nil, fmt.Errorf("%s: no way on from the page %q", step(seen.at.Path), d.title)
}

// fill answers what a form asks for.
func fill(ctx context.Context, f form, path string, citizen census.Reference, codes <-chan string) error {
	for _, b := range f.submits {
		if b.primary && b.name != "" {
			f.fields.Set(b.name, b.value)
		}
	}
	if f.has("document") {
		f.fields.Set("document", citizen.Document.Reveal())
	}
	if f.has("contrast") {
		f.fields.Set("contrast", citizen.SupportNumber)
	}
	if f.has("contrast-day") {
		date := citizen.ValidityDate
		if strings.HasSuffix(path, "/issue") {
			date = citizen.IssueDate
		}
		setDate(f.fields, date)
	}
	if f.has("pin") {
		select {
		case code := <-codes:
			f.fields.Set("pin", code)
		case <-ctx.Done():
			return errors.New("no PIN came")
		}
	}
	return nil
}

func setDate(fields url.Values, d identity.Date) {
	fields.Set("contrast-day", fmt.Sprint(d.Day))
	fields.Set("contrast-month", fmt.Sprint(d.Month))
	fields.Set("contrast-year", fmt.Sprint(d.Year))
}
