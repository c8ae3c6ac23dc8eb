package app_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/providers/movil"
	"clave/providers/movil/app"
	mt "clave/providers/movil/moviltest"
)

// movilBytes is base64url in JSON.
type movilBytes []byte

func (b *movilBytes) UnmarshalText(text []byte) (err error) {
	*b, err = base64.RawURLEncoding.DecodeString(string(text))
	return err
}

// approves does what the script of the page does.
func (w *world) approves(d mt.Owned, id movil.RequestID) map[string]any {
	w.T.Helper()
	options := w.options("data-approve")
	response, err := d.Get(options)
	if err != nil {
		w.T.Fatal(err)
	}
	return w.send("/movil/api/approve", map[string]any{
		"request": id, "response": response, "signature": text(d.Sign(challengeOf(w.T, options))),
	})
}

func TestALoginIsApprovedByQR(t *testing.T) {
	t.Parallel()
	w, d := opened(t)
	r, l := w.asked(near)
	at := w.scan(r)
	w.Get(at)
	w.Says(`action="`+at+`"`, "data-post-on")
	if w.state(l) != movil.Open {
		t.Error("looking at the page changed the request")
	}
	w.Goes("/movil/request", at)
	w.Get("/movil/request")
	w.Says("Example Town Hall", "Firefox, Windows", "192.0.2.1", r.Asked.Digits, "Compare these digits")
	w.Lacks("The browser is in another network")
	if said := w.approves(d, r.ID); said["next"] != "/movil/request/decided?approved" {
		t.Fatalf("got %d %v", w.Status, said)
	}
	w.Get("/movil/request/decided?approved")
	w.Says("Login approved")
	if got := w.state(l); got != movil.Approved {
		t.Errorf("the request is %s", got)
	}
}

func TestALoginFromElsewhereIsWarnedOf(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	r, _ := w.asked(far)
	w.Goes("/movil/request", w.scan(r))
	w.Get("/movil/request")
	w.Says("The browser is in another network", "that other person would be logged in", "198.51.100.7")
}

func TestAnOldQRLeadsNowhere(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	r, l := w.asked(near)
	at := w.scan(r)
	w.Clock.Pass(20 * time.Second)
	w.Stopped(http.StatusConflict, "The QR code is too old", at)
	w.Stopped(http.StatusConflict, "The QR code is too old", movil.HandlePath+"AAAA")
	if w.state(l) != movil.Open {
		t.Error("it was taken")
	}
}

func TestAnotherSiteTakesNoRequest(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	r, l := w.asked(near)
	w.CrossSite = true
	if w.Post(w.scan(r)); w.Status != http.StatusForbidden || w.state(l) != movil.Open {
		t.Errorf("got %d", w.Status)
	}
}

func TestTheDigitsOfARequestByDocumentAreTyped(t *testing.T) {
	t.Parallel()
	w, d := opened(t)
	r, l := w.sent()
	if said := w.send("/movil/api/now", nil); said["request"] != "Example Town Hall" {
		t.Errorf("the start says %v", said)
	}
	w.Get("/movil/request")
	w.Says("Digits that the browser shows")
	w.Lacks(">"+r.Asked.Digits+"<", "data-approve")
	w.Browser.Wrong("digits", "Type the three digits", "/movil/request/digits", "request", string(r.ID), "digits", "12")
	w.Goes("/movil/request", "/movil/request/digits", "request", string(r.ID), "digits", other(r.Asked.Digits))
	w.Get("/movil/request")
	w.Mends("digits", "it is the last try")
	w.Goes("/movil/request", "/movil/request/digits", "request", string(r.ID), "digits", r.Asked.Digits)
	w.Get("/movil/request")
	w.Says("The digits are right")
	if said := w.approves(d, r.ID); w.Status != http.StatusOK {
		t.Errorf("got %v", said)
	}
	if got := w.state(l); got != movil.Approved {
		t.Errorf("the request is %s", got)
	}
}

func other(digits string) string {
	if digits == "111" {
		return "222"
	}
	return "111"
}

func TestWrongDigitsVoidARequest(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	r, _ := w.sent()
	w.Goes("/movil/request", "/movil/request/digits", "request", string(r.ID), "digits", other(r.Asked.Digits))
	w.Stopped(http.StatusConflict, "the login is void", "/movil/request/digits", "request", string(r.ID), "digits", other(r.Asked.Digits))
	w.Do(http.MethodGet, "/movil/request", nil)
	w.Says("That login no longer waits")
}

func TestNothingIsApprovedByHalf(t *testing.T) {
	t.Parallel()
	w, d := opened(t)
	r, l := w.asked(near)
	w.Goes("/movil/request", w.scan(r))
	w.Get("/movil/request")
	options := w.options("data-approve")
	response, err := d.Get(options)
	if err != nil {
		t.Fatal(err)
	}
	stranger := mt.Phone()
	good := text(d.Sign(challengeOf(t, options)))
	for name, body := range map[string]map[string]any{
		"without the device key":   {"request": r.ID, "response": response, "signature": ""},
		"by another device's key":  {"request": r.ID, "response": response, "signature": text(stranger.Sign(challengeOf(t, options)))},
		"without the passkey":      {"request": r.ID, "response": map[string]any{}, "signature": good},
		"of a request that is not": {"request": "x", "response": response, "signature": good},
	} {
		if said := w.send("/movil/api/approve", body); w.Status != http.StatusForbidden {
			t.Errorf("%s: got %d %v", name, w.Status, said)
		}
	}
	if got := w.state(l); got != movil.Claimed {
		t.Errorf("the request is %s", got)
	}
}

func TestALoginIsRejected(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	r, l := w.sent()
	w.Goes("/movil/request/decided?rejected", "/movil/request/reject", "request", string(r.ID))
	w.Get("/movil/request/decided?rejected")
	w.Says("Login rejected")
	if got := w.state(l); got != movil.Rejected {
		t.Errorf("the request is %s", got)
	}
	w.Stopped(http.StatusConflict, "no longer waits", "/movil/request/reject", "request", string(r.ID))
}

func TestThisWasNotMe(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	r, l := w.sent()
	w.Get("/movil/request/disown")
	w.Says("Example Town Hall", "for 24 hours", "by SMS and e-mail")
	if w.state(l) != movil.Open {
		t.Error("reading about it did it")
	}
	w.Goes("/movil/request/decided?disowned", "/movil/request/disown", "request", string(r.ID))
	w.Get("/movil/request/decided?disowned")
	w.Says("Thank you for telling us")
	w.Get("/movil/settings")
	w.Says("They are blocked until", "Allow them again")
	w.Goes("/movil/settings", "/movil/settings/allow")
	w.Get("/movil/settings")
	w.Lacks("They are blocked until")
}

func TestAnotherPersonsRequestIsNotShown(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	second := w.Owned(t, mt.Second)
	r, _ := w.asked(near)
	if _, err := w.Claim(t.Context(), second.Device, r.Handle(w.Clock.Now())); err != nil {
		t.Fatal(err)
	}
	w.Do(http.MethodGet, "/movil/request", nil)
	w.Lacks(r.Asked.Digits, "Example Town Hall")
	w.Stopped(http.StatusConflict, "no longer waits", "/movil/request/reject", "request", string(r.ID))
	w.Stopped(http.StatusConflict, "Somebody else scanned", w.scan(r))
}

func TestPINsAreShownWithTheirTime(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	now := w.Clock.Now()
	w.pins.all = []app.PIN{
		{ID: "1", Service: "Example Town Hall", Code: "K2M", SentAt: now, ExpiresAt: now.Add(10 * time.Minute)},
		{ID: "2", Service: "Example Town Hall", Code: "OLD", SentAt: now, ExpiresAt: now},
	}
	said := w.send("/movil/api/now", nil)
	all, _ := said["pins"].([]any)
	if len(all) != 1 {
		t.Fatalf("got %v", said)
	}
	if pin := all[0].(map[string]any); pin["pin"] != "K2M" || pin["seconds"] != 600.0 || pin["sent"] != "12:00" {
		t.Errorf("got %v", pin)
	}
	w.Get(app.Path)
	if strings.Contains(w.Page, "K2M") {
		t.Error("the PIN is in the page, which browsers keep")
	}
}
