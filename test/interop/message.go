package main

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// message is one of SAML on its way through the browser.
type message struct {
	to      string // address
	binding string // GET or POST
	field   string // one of messageFields
	value   string
	// algorithm is that of the signature beside it, if there is one.
	algorithm string
}

// xml is the message as it was written; empty when it cannot be read.
func (m message) xml() []byte {
	text, err := base64.StdEncoding.DecodeString(m.value)
	if err == nil && m.binding == http.MethodGet {
		text, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(text)), mostPage))
	}
	if err != nil {
		return nil
	}
	return text
}

var (
	algorithm = regexp.MustCompile(`Algorithm="([^"]*)"`)
	root      = regexp.MustCompile(`<(?:[\w.-]+:)?(AuthnRequest|LogoutRequest|LogoutResponse|Response)\b`)
	policy    = regexp.MustCompile(`NameIDPolicy[^>]*Format="([^"]*)"`)
)

// kind is what the message is.
func (m message) kind() string {
	if found := root.FindSubmatch(m.xml()); found != nil {
		return string(found[1])
	}
	return "message"
}

// algorithms tell for each message how it went and what signs and encrypts it.
func (b *browser) algorithms() []string {
	var all []string
	for _, m := range b.passed {
		text := m.xml()
		words := []string{m.kind(), "by", m.binding}
		if bytes.Contains(text, []byte("EncryptedAssertion")) {
			words = append(words, "with an encrypted assertion")
		}
		used := []string{last(m.algorithm)}
		for _, found := range algorithm.FindAllSubmatch(text, -1) {
			used = append(used, last(string(found[1])))
		}
		slices.Sort(used)
		used = slices.DeleteFunc(slices.Compact(used), func(name string) bool {
			return name == "" || strings.Contains(name, "c14n") || name == "enveloped-signature"
		})
		words = append(words, strings.Join(used, " "))
		if found := policy.FindSubmatch(text); found != nil {
			words = append(words, "NameID", string(found[1][bytes.LastIndexByte(found[1], ':')+1:]))
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

// last is the name of an algorithm without the address before it.
func last(uri string) string {
	return uri[strings.LastIndexAny(uri, "#/")+1:]
}
