package main

import (
	"html"
	"net/url"
	"strings"
)

// document is what a virtual browser sees of a page.
type document struct {
	title   string
	refresh string // target of a meta refresh
	links   []string
	forms   []form // of the main part, in order
}

// form is a form of a page.
type form struct {
	action  string
	method  string
	fields  url.Values
	submits []button
}

// button sends its form.
type button struct {
	name, value string
	primary     bool // the one that goes on; others lead aside
}

// has tells whether the form asks for a field.
func (f form) has(name string) bool {
	_, found := f.fields[name]
	return found
}

// goesOn tells whether a button of the form is the page's way on.
func (f form) goesOn() bool {
	for _, b := range f.submits {
		if b.primary {
			return true
		}
	}
	return false
}

// read finds forms and links of a page. It knows as much of HTML as the
// product writes: attributes in quotes, no tags in comments or scripts.
func read(page string) document {
	var d document
	inMain, inNoscript := false, false
	var open *form
	for len(page) > 0 {
		start := strings.IndexByte(page, '<')
		if start < 0 {
			break
		}
		page = page[start+1:]
		end := strings.IndexByte(page, '>')
		if end < 0 {
			break
		}
		tag := page[:end]
		page = page[end+1:]
		name, rest := tag, ""
		if i := strings.IndexAny(tag, " \n\t"); i >= 0 {
			name, rest = tag[:i], tag[i:]
		}
		switch name {
		case "title":
			text, _, _ := strings.Cut(page, "<")
			d.title = html.UnescapeString(text)
		case "meta":
			a := attributes(rest)
			if _, target, found := strings.Cut(a["content"], "url="); found && a["http-equiv"] == "refresh" {
				d.refresh = target
			}
		case "main":
			inMain = true
		case "/main":
			inMain = false
		case "noscript":
			inNoscript = true
		case "/noscript":
			inNoscript = false
		}
		if !inMain || inNoscript {
			continue
		}
		switch name {
		case "a":
			d.links = append(d.links, attributes(rest)["href"])
		case "form":
			a := attributes(rest)
			d.forms = append(d.forms, form{action: a["action"], method: a["method"], fields: url.Values{}})
			open = &d.forms[len(d.forms)-1]
		case "/form":
			open = nil
		case "input":
			a := attributes(rest)
			_, checked := a["checked"]
			if open != nil && (a["type"] != "radio" && a["type"] != "checkbox" || checked) {
				open.fields.Set(a["name"], a["value"])
			}
		case "button":
			if open != nil {
				a := attributes(rest)
				open.submits = append(open.submits, button{a["name"], a["value"], a["class"] == "button"})
			}
		}
	}
	return d
}

// attributes reads name="value" and bare names.
func attributes(s string) map[string]string {
	found := map[string]string{}
	for {
		s = strings.TrimLeft(s, " \n\t/")
		if s == "" {
			return found
		}
		stop := strings.IndexAny(s, "= \n\t")
		if stop < 0 {
			found[s] = ""
			return found
		}
		name := s[:stop]
		if s[stop] != '=' || stop+1 == len(s) || s[stop+1] != '"' {
			found[name] = ""
			s = s[stop+1:]
			continue
		}
		value, rest, _ := strings.Cut(s[stop+2:], `"`)
		found[name] = html.UnescapeString(value)
		s = rest
	}
}
