package app_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"clave/providers/movil"
	"clave/providers/movil/app"
	mt "clave/providers/movil/moviltest"
	"clave/web/lang"
	"clave/web/page"
)

func TestDevicesAreNamedAndRemoved(t *testing.T) {
	t.Parallel()
	w, d := opened(t)
	tablet := w.Give(t, mt.Advanced, mt.Phone())
	stranger := w.Owned(t, mt.Second)
	at := func(d mt.Owned) string { return "/movil/devices/" + string(d.Device.ID) }
	w.Get("/movil/devices")
	w.Says(at(d), at(tablet), "with a code by SMS")
	w.Lacks(at(stranger))
	w.Sent("/movil/devices", at(stranger))
	w.Goes("/movil/devices", at(stranger)+"/remove")
	if _, err := w.DeviceOf(t.Context(), stranger.Device.ID); err != nil {
		t.Errorf("somebody else's device: %v", err)
	}
	w.Get(at(tablet))
	w.Browser.Wrong("name", "up to 40 characters", at(tablet), "name", strings.Repeat("x", 41))
	w.Goes("/movil/devices", at(tablet), "name", "Tablet")
	w.Get(at(tablet) + "/remove")
	w.Says("Remove “Tablet”?")
	w.Goes("/movil/devices", at(tablet)+"/remove")
	w.Get("/movil/devices")
	w.Lacks("Tablet")

	w.Get(at(d) + "/remove")
	w.Says("the device that you are using")
	w.Goes(app.Path, at(d)+"/remove")
	if said := w.tryOpen(d.Phone, d.Device.ID); said["cause"] != string(movil.NoDevice) {
		t.Errorf("a removed device got %v", said)
	}
}

func TestNotificationsAreTurnedOnAndOff(t *testing.T) {
	t.Parallel()
	w, d := opened(t)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := func(endpoint string) map[string]any {
		return map[string]any{"endpoint": endpoint, "p256dh": text(key.PublicKey().Bytes()), "auth": text(make([]byte, 16))}
	}
	good := at("https://updates.push.services.mozilla.com/wpush/v2/abc")
	for _, bad := range []map[string]any{at("https://push.example/x"), at("http://127.0.0.1:8080/"), {"endpoint": good["endpoint"]}} {
		if said := w.send("/movil/api/push", bad); w.Status != http.StatusForbidden || said["cause"] != "unsupported" {
			t.Errorf("%v: got %d %v", bad, w.Status, said)
		}
	}
	for _, step := range []struct {
		path, shown string
		body        any
	}{{"/movil/api/push", "true", good}, {"/movil/api/push/off", "false", struct{}{}}} {
		if said := w.send(step.path, step.body); w.Status != http.StatusOK {
			t.Fatalf("%s: got %d %v", step.path, w.Status, said)
		}
		w.Get("/movil/settings")
		w.Says(`data-subscribed="` + step.shown + `"`)
		kept, err := w.DeviceOf(t.Context(), d.Device.ID)
		if err != nil || (kept.Push != nil) != (step.shown == "true") {
			t.Errorf("%s: kept %v, %v", step.path, kept.Push, err)
		}
	}
}

func TestOnlyTheScannerGetsTheCamera(t *testing.T) {
	t.Parallel()
	w, _ := opened(t)
	for path, want := range map[string]string{"/movil/scan": "camera=(self)", "/movil": "camera=()"} {
		w.Get(path)
		if got := w.Header.Get("Permissions-Policy"); !strings.Contains(got, want) {
			t.Errorf("%s: got %q", path, got)
		}
	}
}

func TestTheAppIsInstallableInEveryLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, l := range lang.All() {
		w.Get("/movil/manifest?lang=" + string(l))
		var manifest struct {
			ID, Name, Lang, Scope, Display string
			StartURL                       string `json:"start_url"`
			Icons                          []struct{ Src, Sizes, Purpose string }
		}
		if err := json.Unmarshal([]byte(w.Page), &manifest); err != nil {
			t.Fatal(err)
		}
		if manifest.ID != "/movil" || manifest.StartURL != "/movil" || manifest.Scope != "/movil" || manifest.Lang != string(l) || len(manifest.Icons) != 3 {
			t.Errorf("%s: got %+v", l, manifest)
		}
		if got := w.Header.Get("Content-Type"); got != "application/manifest+json" {
			t.Errorf("got %q", got)
		}
		w.Get("/movil/worker.js?lang=" + string(l))
		w.Says(`"lang":"`+string(l)+`"`, w.Pages.Texts().Text(l, "app.push.pin.title"), "/movil/offline?lang="+string(l))
		w.Lacks("SETTINGS")
		if w.Header.Get("Service-Worker-Allowed") != "/movil" || w.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("got %v", w.Header)
		}
		w.Get("/movil/offline?lang=" + string(l))
		w.Says(`lang="`+string(l)+`"`, w.Pages.Texts().Text(l, "app.offline.title"))
	}
	w.Get("/movil/worker.js?lang=xx")
	w.Says(`"lang":"en"`)
}

// The service worker keeps the page that is shown without a connection, for whoever has
// the phone next.
func TestThePageWithoutAConnectionIsNobodys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Get("/movil/offline?lang=en")
	strangers, inner := w.Page, w.Server
	w.Server = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(rw, r.WithContext(page.With(r.Context(), page.Around{
			Account: "CARMEN ESPAÑOLA", LogOut: "/logout", SessionEnds: w.Clock.Now().Add(time.Hour), Stay: "/session/stay",
			Service: "Ayuntamiento de Ejemplo", Waiting: "/login/abc", LoginID: "abc", Locales: []string{"ca"},
		})))
	})
	w.Get("/movil/offline?lang=en")
	if w.Page != strangers {
		t.Errorf("who is logged in gets another page:\n%s", w.Page)
	}
}
