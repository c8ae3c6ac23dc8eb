package app_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"clave/providers/movil"
	"clave/providers/movil/app"
	mt "clave/providers/movil/moviltest"
	"clave/sandbox/phone"
)

// proves answers both questions and the code, up to the keys.
func (w *world) proves(number string) {
	w.T.Helper()
	w.Goes("/movil/activate/datum", app.ActivatePath, "document", number)
	w.Goes("/movil/activate/code", "/movil/activate/datum", "contrast-day", "31", "contrast-month", "1", "contrast-year", "2030")
	w.Goes("/movil/activate/keys", "/movil/activate/code", "code", w.Outbox.Code(w.T))
	w.Get("/movil/activate/keys")
}

// makes does what the script of the page does.
func (w *world) makes(p *phone.Phone, name string) map[string]any {
	w.T.Helper()
	options := w.options("data-creation")
	response, err := p.Create(options)
	if err != nil {
		w.T.Fatal(err)
	}
	return w.send("/movil/api/activate", map[string]any{
		"response": response, "key": text(p.Key()), "signature": text(p.Sign(challengeOf(w.T, options))), "name": name,
	})
}

func challengeOf(t testing.TB, options json.RawMessage) []byte {
	t.Helper()
	var asked struct {
		Challenge movilBytes `json:"challenge"`
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		t.Fatal(err)
	}
	return asked.Challenge
}

func TestADeviceIsActivatedByCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Get(app.ActivatePath)
	w.Browser.Wrong("document", "The letter does not belong", app.ActivatePath, "document", "12345678A")
	w.Goes("/movil/activate/datum", app.ActivatePath, "document", mt.Advanced)
	w.Get("/movil/activate/datum")
	w.Says("permanent=1", "•••••678Z")
	w.Browser.Wrong("contrast", "no such date", "/movil/activate/datum", "contrast-day", "31", "contrast-month", "2", "contrast-year", "2030")
	w.Goes("/movil/activate/datum?permanent=1", "/movil/activate/datum", "contrast-day", "1", "contrast-month", "1", "contrast-year", "9999")
	w.Goes("/movil/activate/datum", "/movil/activate/datum", "contrast-day", "1", "contrast-month", "2", "contrast-year", "2030")
	w.Get("/movil/activate/datum")
	w.Mends("contrast", "do not match")
	w.Goes("/movil/activate/code", "/movil/activate/datum", "contrast-day", "31", "contrast-month", "1", "contrast-year", "2030")
	w.Get("/movil/activate/code")
	w.Says("ends in 001", "one-time-code")
	w.Browser.Wrong("code", "six digits", "/movil/activate/code", "code", "12")
	w.Goes("/movil/activate/code", "/movil/activate/again")
	w.Get("/movil/activate/code")
	w.Says("very recently")
	code := w.Outbox.Code(t)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	w.Goes("/movil/activate/code", "/movil/activate/code", "code", wrong)
	for range 6 { // told by GET, so that a reload counts nothing
		w.Get("/movil/activate/code")
		w.Says("You have 4 tries left")
	}
	w.Goes("/movil/activate/keys", "/movil/activate/code", "code", code)
	w.Get("/movil/activate/keys")
	w.Says("Create the keys of this device", "passkey")
	p := mt.Phone()
	if said := w.makes(p, " "); said["cause"] != string(movil.BadName) || said["text"] == nil {
		t.Errorf("a device without a name: got %v", said)
	}
	said := w.makes(p, "Ana's <phone>")
	if said["next"] != "/movil/activated" || said["device"] == "" {
		t.Fatalf("got %d %v", w.Status, said)
	}
	w.Get("/movil/activated")
	w.Says("“Ana's <phone>” can now approve logins", `data-push="BPush"`, `data-subscribed="false"`)
	w.Sent(app.ActivatePath, "/movil/activate/keys") // spent
}

func TestADeviceIsActivatedByCertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Get("/movil/activate/certificate")
	w.Says("SAM SAMPLE PERSON", mt.Advanced)
	w.Goes("/movil/activate/keys", "/movil/activate/certificate")
	w.Get("/movil/activate/keys")
	if said := w.makes(mt.Phone(), "Tablet"); said["next"] != "/movil/activated" {
		t.Fatalf("got %d %v", w.Status, said)
	}
	w.Get("/movil/devices")
	w.Says("Tablet", "with a certificate", "This device")
}

func TestWhoCannotActivateIsToldWhereToGo(t *testing.T) {
	t.Parallel()
	pages := engine(t)
	for number, link := range map[string]string{
		mt.Never: `href="/register"`, mt.Gone: `href="/register"`, mt.LostPhone: `href="/register/change"`,
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			w := over(t, pages)
			w.Goes("/movil/activate/datum", app.ActivatePath, "document", number)
			w.Post("/movil/activate/datum", "contrast-day", "31", "contrast-month", "1", "contrast-year", "2030")
			if w.Status != http.StatusForbidden {
				t.Errorf("got %d", w.Status)
			}
			w.Says(link)
			if len(w.Outbox.Messages()) > 0 {
				t.Error("a code was sent")
			}
		})
	}
}

func TestWrongPairsEnd(t *testing.T) {
	t.Parallel()
	pages := engine(t)
	for _, number := range []string{mt.Advanced, mt.Nobody} {
		w := over(t, pages)
		w.Goes("/movil/activate/datum", app.ActivatePath, "document", number)
		for range 5 {
			w.Post("/movil/activate/datum", "contrast-day", "1", "contrast-month", "2", "contrast-year", "2030")
		}
		w.Do(http.MethodGet, "/movil/activate/datum", nil)
		if w.Status != http.StatusTooManyRequests {
			t.Errorf("%s: got %d", number, w.Status)
		}
		w.Says("Too many wrong data")
		w.Clock.Pass(time.Hour)
		w.Get("/movil/activate/datum")
	}
}

func TestNothingIsMadeWithoutAProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Sent(app.ActivatePath, "/movil/activate/datum")
	w.Sent(app.ActivatePath, "/movil/activate/code")
	w.Sent(app.ActivatePath, "/movil/activate/keys")
	w.proves(mt.Advanced)
	options, page := w.options("data-creation"), w.Page
	p := mt.Phone()
	response, err := p.Create(options)
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]any{
		"response": response, "key": text(p.Key()), "signature": text(p.Sign(challengeOf(t, options))), "name": "Phone",
	}
	other := mt.Phone()
	for name, change := range map[string]func(map[string]any){
		"another key's signature":    func(m map[string]any) { m["signature"] = text(other.Sign(challengeOf(t, options))) },
		"a signature of other bytes": func(m map[string]any) { m["signature"] = text(p.Sign([]byte("other"))) },
		"no passkey":                 func(m map[string]any) { m["response"] = map[string]any{} },
	} {
		bad := map[string]any{}
		for k, v := range good {
			bad[k] = v
		}
		change(bad)
		if said := w.send("/movil/api/activate", bad); said["cause"] != string(movil.NoProof) {
			t.Errorf("%s: got %v", name, said)
		}
	}
	w.Page = page
	w.Clock.Pass(16 * time.Minute)
	if said := w.send("/movil/api/activate", good); said["cause"] != string(movil.NoActivation) {
		t.Errorf("too late: got %v", said)
	}
}
