package app_test

import (
	"net/http"
	"testing"
	"time"

	"clave/census"
	"clave/identity"
	"clave/providers/movil"
	"clave/providers/movil/app"
	mt "clave/providers/movil/moviltest"
)

func TestADeviceOpensTheAppByItsKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.Owned(t, mt.Advanced)
	w.Get(app.Path)
	w.Says("Activate this device", `href="/movil/activate"`, `href="/register"`, "<noscript>", `rel="manifest"`)
	w.open(d)
	w.Get(app.Path)
	w.Says("Your PINs", "This device: My phone")
	w.Lacks("data-door")
}

func TestTheDoorStaysShut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		cause string
		try   func(w *world, d mt.Owned) map[string]any
	}{
		{"to another key", "no_proof", func(w *world, d mt.Owned) map[string]any { return w.tryOpen(mt.Phone(), d.Device.ID) }},
		{"to a device that nobody activated", "no_device", func(w *world, d mt.Owned) map[string]any { return w.tryOpen(d.Phone, "none") }},
		{"to what was signed a minute ago", "no_proof", func(w *world, d mt.Owned) map[string]any {
			w.Get(app.Path)
			challenge := w.at("data-door")
			w.Clock.Pass(time.Minute)
			return w.send("/movil/open", map[string]any{"device": d.Device.ID, "challenge": challenge, "signature": text(d.Sign([]byte(challenge)))})
		}},
		{"to a challenge that is none of ours", "no_proof", func(w *world, d mt.Owned) map[string]any {
			return w.send("/movil/open", map[string]any{"device": d.Device.ID, "challenge": "AAAA", "signature": text(d.Sign([]byte("AAAA")))})
		}},
		{"to a page of another site", "", func(w *world, d mt.Owned) map[string]any {
			w.CrossSite = true
			return w.tryOpen(d.Phone, d.Device.ID)
		}},
		{"to what is no JSON", "failed", func(w *world, _ mt.Owned) map[string]any {
			w.Post("/movil/open", "device", "x")
			return map[string]any{"cause": "failed"}
		}},
		{"to who lost the phone", "refused", func(w *world, d mt.Owned) map[string]any {
			w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.State = identity.PhoneRevoked })
			return w.tryOpen(d.Phone, d.Device.ID)
		}},
		{"to a forgotten device", "no_device", func(w *world, d mt.Owned) map[string]any {
			if err := w.Forget(t.Context(), d.Device.Person, d.Device.ID); err != nil {
				t.Error(err)
			}
			return w.tryOpen(d.Phone, d.Device.ID)
		}},
	}
	pages := engine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := over(t, pages)
			said := tt.try(w, w.Owned(t, mt.Advanced))
			if cause, _ := said["cause"].(string); cause != tt.cause || w.Status < 400 {
				t.Errorf("got %d %v, want %q", w.Status, said, tt.cause)
			}
			if len(w.Cookies) != 0 {
				t.Errorf("got cookies %v", w.Cookies)
			}
			if tt.cause == "refused" && said["text"] == nil {
				t.Error("nothing says why")
			}
		})
	}
}

func TestASessionEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		end  func(w *world, d mt.Owned)
	}{
		{"after a while without use", func(w *world, _ mt.Owned) { w.Clock.Pass(movil.AppTime) }},
		{"however much it is used", func(w *world, _ mt.Owned) {
			for range 8 * 6 {
				w.Clock.Pass(10 * time.Minute)
				w.Get("/movil/settings")
			}
		}},
		{"though the start asks what is new all the time", func(w *world, _ mt.Owned) {
			for range 15 {
				w.send("/movil/api/now", nil)
				w.Clock.Pass(time.Minute)
			}
		}},
		{"when the device is forgotten", func(w *world, d mt.Owned) {
			if err := w.Forget(w.T.Context(), d.Device.Person, d.Device.ID); err != nil {
				w.T.Error(err)
			}
		}},
		{"when its person withdraws", func(w *world, _ mt.Owned) {
			w.Citizens.Change(mt.Advanced, func(c *census.Candidate) { c.State = identity.Withdrawn })
		}},
		{"with a cookie that was changed", func(w *world, _ mt.Owned) {
			for name, value := range w.Cookies {
				w.Cookies[name] = value[:len(value)-2] + "AA"
			}
		}},
	}
	pages := engine(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, d := openedOver(t, pages)
			tt.end(w, d)
			w.Get("/movil/devices")
			w.Says("data-door")
			w.Lacks("My phone")
			if said := w.send("/movil/api/now", nil); w.Status != http.StatusUnauthorized || said["challenge"] == nil {
				t.Errorf("a script got %d %v", w.Status, said)
			}
			w.Goes(app.Path, "/movil/settings/allow")
		})
	}
}

func TestUseKeepsASessionOpen(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	for range 4 {
		w.Clock.Pass(10 * time.Minute)
		w.Get("/movil/settings")
		w.Lacks("data-door")
	}
}

func TestTheQROfALoginLeadsWhoHasNoDeviceToActivateOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, _ := w.asked(near)
	w.Get(w.scan(r))
	w.Says("To approve the login of the QR code you first have to activate this device")
}
