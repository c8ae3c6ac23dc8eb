package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
)

// remove takes a citizen's certificate and its key away, as who pulls the card out of
// the reader.
func (w *wallet) remove() {
	w.s.t.Helper()
	for line := range strings.Lines(w.run("certutil", "-K")) {
		// < 0> ec       4c9f…   name of the certificate
		_, rest, found := strings.Cut(line, ">")
		if fields := strings.Fields(rest); found && len(fields) >= 3 {
			w.run("certutil", "-F", "-n", strings.Join(fields[2:], " "))
		}
	}
}

// nextPerson sits down at the browser, which goes on running: it has no cookies, and
// remembers all else.
func (b *tab) nextPerson() {
	b.t.Helper()
	b.do(command(network.ClearBrowserCookies, cdp.Empty{}))
}

// toCertificates goes from the town hall to the link to the host of the certificates.
func (b *tab) toCertificates() {
	b.t.Helper()
	b.open(b.service + "/town")
	b.arrive("/login/*", b.activate(townLogin))
	b.arrive("/login/*/certificate", b.activate("main a[href$='/certificate']"))
}

// shows tells whether a part of the page has the text.
func (b *tab) shows(part, text string) bool {
	b.t.Helper()
	return strings.Contains(ask[string](b, "document.querySelector('"+part+"').innerText"), text)
}

// Where each attempt has a fresh host name, the browser looks anew which certificates
// there are: never does it log in whoever was there before.
func TestTheCardIsChangedAtAFreshName(t *testing.T) {
	t.Parallel()
	s := startFlagged(t, "--fresh-names")
	cards := newWallet(t, s)
	cards.insert("citizen", "12345678Z")
	b := openTab(t, s, manner{language: "es", width: 1280}, cards.browser(), []string{s.host()})

	b.toCertificates()
	b.arrive("/login/*/inform", b.activate("main a.button"))
	b.continueToTown()
	if !b.shows("tbody", "12345678Z") {
		t.Fatalf("the first one was not logged in")
	}

	cards.remove()
	cards.insert("citizen", "99999972C")
	b.nextPerson()
	b.toCertificates()
	b.arrive("/login/*/inform", b.activate("main a.button"))
	b.continueToTown()
	if b.shows("tbody", "12345678Z") || !b.shows("tbody", "99999972C") {
		t.Error("the one of before was logged in, whose card is gone")
	}

	cards.remove()
	b.nextPerson()
	b.toCertificates()
	b.arrive("/login/*/certificate/back", b.activate("main a.button"))
	b.look("certificate-refused", "card-gone")
}

// At a name that stays, the browser may go on with the certificate that it showed
// before. Then the next person reads whose it is and has to say so: nobody is logged
// in until then.
func TestTheCardIsChangedAtANameThatStays(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	cards := newWallet(t, s)
	cards.insert("citizen", "12345678Z")
	b := openTab(t, s, manner{language: "es", width: 1280}, cards.browser(), []string{s.host()})

	b.toCertificates()
	b.arrive("/login/*/certificate/confirm", b.activate("main a.button"))
	b.arrive("/login/*/inform", b.activate(goOn))
	b.continueToTown()

	cards.remove()
	cards.insert("citizen", "99999972C")
	b.nextPerson()
	b.toCertificates()
	b.arrive("/login/*/certificate/confirm", b.activate("main a.button"))
	before, after := b.shows("main", "678Z"), b.shows("main", "972C")
	if before == after {
		t.Fatal("the page does not say whose certificate it is")
	}
	// Nobody is logged in yet, whoever it is.
	b.open("/my")
	if p := b.place(); !b.isAt(p.address, "/login/*") {
		t.Errorf("somebody is logged in: %s", p.address)
	}
}
