package samples

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// person is a citizen of the sandbox. Tests that run at once have one each, since a new
// PIN replaces the one before.
type person struct{ document, day, month, year, phone string }

func carmen() person { return person{"12345678Z", "15", "6", "2031", "+34600000001"} } // registered in person
func juan() person   { return person{"99999999R", "1", "2", "2032", "+34600000002"} }

// logIn proves who it is by Cl@ve PIN, from the first page of a login to the service.
func (b *browser) logIn(p person) {
	b.t.Helper()
	if !strings.Contains(b.page.address.Path, "/pin") {
		b.follow("/pin")
	}
	b.submit("/pin", "document", p.document)
	b.submit("/pin/validity", "contrast-day", p.day, "contrast-month", p.month, "contrast-year", p.year)
	before := len(b.messages(p.phone))
	b.submit("/pin/obtain")
	b.submit("/pin/enter", "pin", b.code(p.phone, before))
}

// agree presses on after the page that says what the service receives.
func (b *browser) agree() {
	b.t.Helper()
	b.submit("/inform")
}

type message struct {
	Code string `json:"code"`
}

func (b *browser) messages(phone string) []message {
	b.t.Helper()
	answer, err := http.Get(lab.issuer + "/dev/inbox.json?to=" + url.QueryEscape(phone))
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	var all []message
	if err := json.NewDecoder(answer.Body).Decode(&all); err != nil {
		b.t.Fatal(err)
	}
	return all
}

// patience is how long a message may take.
const patience = 20 * time.Second

// code waits for one more message than there were.
func (b *browser) code(phone string, before int) string {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-tick.C {
		if all := b.messages(phone); len(all) > before {
			return all[0].Code
		}
	}
	b.t.Fatalf("no message to %s", phone)
	return ""
}
