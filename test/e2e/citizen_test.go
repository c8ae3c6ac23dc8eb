package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// citizen is one of the sandbox, as it tells about them.
type citizen struct {
	Document string `json:"document"`
	Kind     string `json:"kind"`
	Contrast struct {
		Kind  string `json:"kind"`
		Value string `json:"value"`
	} `json:"contrast"`
	ValidityDate  string `json:"validity_date"`
	IssueDate     string `json:"issue_date"`
	SupportNumber string `json:"support_number"`
	GivenName     string `json:"given_name"`
	FirstSurname  string `json:"first_surname"`
	SecondSurname string `json:"second_surname"`
	BirthDate     string `json:"birth_date"`
	Phone         string `json:"phone"`
	Email         string `json:"email"`
	State         string `json:"state"`
	Level         string `json:"level"`
	Channel       string `json:"channel"`

	Methods []string          `json:"methods"`
	Secrets map[string]string `json:"secrets"`
}

// message is one of the sandbox's inbox.
type message struct {
	ID   string    `json:"id"`
	Time time.Time `json:"time"`
	To   string    `json:"to"`
	Body string    `json:"body"`
	Code string    `json:"code"`
}

// phone gives the messages that came to a number.
type phone func(number string) ([]message, error)

// inbox are the messages that a node delivered to a phone. What a dead node
// delivered is still on the phone, and in its folder.
func (n *node) inbox(phone string) ([]message, error) {
	if n.args[0] != "dev" {
		return nil, nil // it has sent them to the message centre
	}
	if n.running() {
		body, err := n.get("/dev/inbox.json?to=" + url.QueryEscape(phone))
		if err != nil {
			return nil, err
		}
		var messages []message
		return messages, json.Unmarshal(body, &messages)
	}
	lines, err := os.ReadFile(filepath.Join(n.data, "inbox.jsonl"))
	if err != nil {
		return nil, err
	}
	var messages []message
	for line := range bytes.Lines(lines) {
		var m message
		if json.Unmarshal(line, &m) == nil && m.To == phone { // a torn line is no message
			messages = append(messages, m)
		}
	}
	return messages, nil
}

func (w *world) find(document string) (citizen, error) {
	for _, c := range w.citizens {
		if c.Document == document {
			return c, nil
		}
	}
	return citizen{}, fmt.Errorf("the sandbox has no citizen %s", document)
}

// typeDocument answers the first question. Numbers of nobody are typed as well.
func (w *world) typeDocument(document string) error {
	w.browser.tab.citizen = citizen{Document: document}
	if c, err := w.find(document); err == nil {
		w.browser.tab.citizen = c
	}
	return w.submit("/pin", url.Values{"document": {document}})
}

// typeContrast answers the second question, with the citizen's own datum unless
// another value is given.
func (w *world) typeContrast(value string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	if value == "" {
		value = w.browser.tab.citizen.Contrast.Value
		if w.browser.tab.citizen.Contrast.Kind == "issue_date" && strings.HasSuffix(p.address.Path, "/pin/validity") {
			if err := w.click("/pin/issue"); err != nil {
				return err
			}
			p = w.browser.tab.page
		}
	}
	typed := url.Values{"contrast": {value}}
	if date := strings.Split(value, "-"); len(date) == 3 {
		typed = url.Values{"contrast-year": {date[0]}, "contrast-month": {date[1]}, "contrast-day": {date[2]}}
	}
	_, action, _ := strings.Cut(p.address.Path, "/pin")
	return w.submit("/pin"+action, typed)
}

// obtain asks for a PIN, with an own half or a random one.
func (w *world) obtain(half string) error {
	typed := url.Values{}
	if half != "" {
		typed = url.Values{"own": {"1"}, "half": {half}}
	}
	return w.submit("/pin/obtain", typed)
}

// awaitCode waits for a PIN that was not read yet, on the phone of the citizen,
// and reads all that came before it.
func (w *world) awaitCode(c citizen) error {
	return eventually(quick, func() error {
		var fresh message
		phones := []phone{w.centred}
		for _, n := range w.nodes {
			phones = append(phones, n.inbox)
		}
		for _, messagesTo := range phones {
			messages, err := messagesTo(c.Phone)
			if err != nil {
				return err
			}
			for _, m := range messages {
				if !w.read[m.ID] && m.Code != "" && m.Time.After(fresh.Time) {
					fresh = m
				}
			}
		}
		if fresh.ID == "" {
			return errors.New("no code came")
		}
		w.read[fresh.ID] = true
		w.code = fresh.Code
		w.codes = append(w.codes, fresh.Code)
		w.bodies = append(w.bodies, fresh.Body)
		return nil
	})
}

// notPIN is a PIN that cannot be the one that was sent.
func (w *world) notPIN() string {
	if w.code == "AAA" {
		return "BBB"
	}
	return "AAA"
}

// notCode is six digits that cannot be those that were sent.
func (w *world) notCode() string {
	if w.code == "000000" {
		return "111111"
	}
	return "000000"
}

// provePIN takes all steps of Cl@ve PIN, from its first page.
func (w *world) provePIN(document string) error {
	c, err := w.find(document)
	if err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return w.typeDocument(document) },
		func() error { return w.typeContrast("") },
		func() error { return w.obtain("") },
		func() error { return w.awaitCode(c) },
		func() error { return w.submit("/pin/enter", url.Values{"pin": {w.code}}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// click follows a link of the page.
func (w *world) click(suffix string) error {
	p, err := w.shown()
	if err != nil {
		return err
	}
	link, err := p.link(suffix)
	if err != nil {
		return err
	}
	to, err := p.address.Parse(link)
	if err != nil {
		return err
	}
	return w.visit(request{method: "GET", address: to, from: origin(p.address)})
}
