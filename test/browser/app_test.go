package browser

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"rsc.io/qr"
)

// The app Cl@ve Móvil, on phones whose authenticator is the browser's virtual one.

// lock is a phone's authenticator.
type lock struct {
	*tab
	id webauthn.AuthenticatorID
}

// locks gives the tab an authenticator that its owner unlocks; synced ones make
// passkeys that are copied to other phones.
func (b *tab) locks(synced bool) lock {
	b.t.Helper()
	l := lock{tab: b}
	b.do(command(webauthn.Enable, webauthn.EnableParams{}), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		made, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Ctap2version: "ctap2_1", Transport: "internal", HasResidentKey: true, HasUserVerification: true,
			AutomaticPresenceSimulation: true, IsUserVerified: true, DefaultBackupEligibility: synced, DefaultBackupState: synced,
		}})
		l.id = made.AuthenticatorID
		return err
	}))
	return l
}

// unlocks says whether the owner unlocks it.
func (l lock) unlocks(yes bool) {
	l.t.Helper()
	l.do(command(webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: l.id, IsUserVerified: yes}))
}

// becomeDevice makes the tab a device of a citizen.
func (b *tab) becomeDevice(c citizen) {
	b.t.Helper()
	b.toKeys(c)
	b.arrive("/movil/activated", b.activate("form[data-creation] button"))
}

// toKeys proves the citizen, up to the page that makes the keys.
func (b *tab) toKeys(c citizen) {
	b.t.Helper()
	sent := len(b.inbox(c.phone))
	b.open("/movil/activate")
	b.enterDocument(c.document, "/movil/activate/datum")
	b.enterContrast(c.contrast, "/movil/activate/code")
	b.fill("#code", b.nthPIN(c.phone, sent+1))
	b.arrive("/movil/activate/keys", b.activate(goOn))
}

// expects takes a trouble for what was to come.
func (b *tab) expects(trouble string) {
	b.t.Helper()
	for _, seen := range b.watch.takeTroubles() {
		if !strings.HasSuffix(seen, trouble) {
			b.t.Errorf("the tab saw: %s", seen)
		}
	}
}

// opens opens the app and waits until it shows a page behind the door.
func (b *tab) opens(path string) {
	b.t.Helper()
	b.open(path)
	b.becomes("the app is open", `document.readyState === "complete" && !document.querySelector("[data-door]")`)
}

// tells waits for a state of the page and looks at it.
func (b *tab) tells(state, page, picture string) {
	b.t.Helper()
	b.becomes(state+" is told", `[...document.querySelectorAll("[data-state=`+state+`]")].some((part) => !part.hidden)`)
	b.look(page, picture)
}

func TestAppIsActivated(t *testing.T) {
	t.Parallel()
	for _, m := range append(everyScreen(), manner{language: "en", width: 1280, keyboard: true}) {
		t.Run(m.name()+map[bool]string{true: "-keyboard"}[m.keyboard], func(t *testing.T) {
			t.Parallel()
			b, c := newTab(t, startSandbox(t), m), carmen()
			phone := b.locks(false)
			b.open("/movil")
			b.look("app-door", "fresh")
			b.arrive("/movil/activate", b.activate("main a.button"))
			b.look("app-document", "fresh")
			b.enterDocument("1234", "/movil/activate")
			b.look("app-document", "wrong")
			b.enterDocument(c.document, "/movil/activate/datum")
			b.look("app-datum", "fresh")
			b.enterContrast("2030-01-01", "/movil/activate/datum")
			b.look("app-datum", "wrong")
			b.enterContrast(c.contrast, "/movil/activate/code")
			b.look("app-code", "fresh")
			b.fill("#code", "12")
			b.arrive("/movil/activate/code", b.activate(goOn))
			b.look("app-code", "wrong")
			b.fill("#code", b.nthPIN(c.phone, 1))
			b.arrive("/movil/activate/keys", b.activate(goOn))
			b.look("app-keys", "fresh")
			phone.unlocks(false)
			b.do(b.activate("form[data-creation] button"))
			b.tells("declined", "app-keys", "declined")
			phone.unlocks(true)
			b.fill("#name", "Teléfono de Carmen")
			b.arrive("/movil/activated", b.activate("form[data-creation] button"))
			b.look("app-done", "fresh")

			b.opens("/movil")
			b.becomes("it was asked what is new", `!document.querySelector("[data-none]").hidden`)
			b.look("app-home", "fresh")
			b.open("/movil/scan")
			b.look("app-scan", "fresh")
			b.open("/movil/settings")
			b.becomes("notifications are looked at", `[...document.querySelectorAll("[data-push] [data-state]")].some((part) => !part.hidden)`)
			b.look("app-settings", "fresh")
			b.open("/movil/devices")
			b.look("app-devices", "fresh")
			b.arrive("/movil/devices/*", b.activate(".card a"))
			b.look("app-device", "fresh")
			b.fill("#name", " ")
			b.arrive("/movil/devices/*", b.activate(goOn))
			b.look("app-device", "wrong")
			b.fill("#name", "Mi móvil")
			b.arrive("/movil/devices", b.activate(goOn))
			b.arrive("/movil/devices/*", b.activate(".card a"))
			b.arrive("/movil/devices/*/remove", b.activate("main a.button"))
			b.look("app-remove", "fresh")
			b.arrive("/movil", b.activate(goOn))
			b.tells("no_device", "app-door", "removed")
			b.expects("/movil/open answered 403")
		})
	}
}

// The session is over, and the key opens the app again without a word.
func TestAppOpensByItsKey(t *testing.T) {
	t.Parallel()
	b := newTab(t, startSandbox(t), manner{language: "es", width: 320})
	b.locks(false)
	b.becomeDevice(carmen())
	b.do(command(network.ClearBrowserCookies, cdp.Empty{}))
	b.opens("/movil/devices")
	// While the start is open, too.
	b.opens("/movil")
	b.becomes("it was asked what is new", `!document.querySelector("[data-none]").hidden`)
	b.do(command(network.ClearBrowserCookies, cdp.Empty{}))
	ask[bool](b, `(document.dispatchEvent(new Event("visibilitychange")), true)`)
	b.eventually("the app opens itself", func() bool { return b.watch.count(func(r string) bool { return r == "POST /movil/open" }) == 2 })
	b.becomes("nothing is said about it", `[...document.querySelectorAll("[data-state]")].every((part) => part.hidden)`)
	// The browser's data are cleared: nothing opens any more, and the page says what to do.
	ask[bool](b, `claveDevice.forget().then(() => true)`)
	b.do(command(network.ClearBrowserCookies, cdp.Empty{}))
	b.open("/movil")
	b.becomes("the welcome is shown", `!document.querySelector("[data-state=welcome]").hidden`)
	// The passkey is still there, so that the device cannot be activated a second time.
	b.toKeys(carmen())
	b.do(b.activate("form[data-creation] button"))
	b.tells("there_already", "app-keys", "there")
	b.expects("/movil/api/now answered 401") // so a script learns that the session is over
}

func TestAppWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()
	t.Run("without scripts", func(t *testing.T) {
		t.Parallel()
		b := newTab(t, startSandbox(t), manner{language: "es", width: 320, noScript: true})
		b.open("/movil")
		b.look("app-door", "noscript")
		if !strings.Contains(ask[string](b, "document.body.innerText"), "JavaScript") {
			t.Error("the page does not say what is missing")
		}
	})
	t.Run("without passkeys", func(t *testing.T) {
		t.Parallel()
		b := newTab(t, startSandbox(t), manner{language: "en", width: 320})
		b.do(command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: "delete window.PublicKeyCredential",
		}))
		b.open("/movil")
		b.tells("unable", "app-door", "unable")
	})
	t.Run("without a connection", func(t *testing.T) {
		t.Parallel()
		b := newTab(t, startSandbox(t), manner{language: "es", width: 320})
		b.open("/movil")
		ask[bool](b, `navigator.serviceWorker.ready.then(() => true)`)
		b.becomes("the worker has its page", `caches.keys().then((names) => names.length > 0)`)
		b.stop()
		b.open("/movil/devices")
		if got := ask[string](b, "document.querySelector('h1').textContent"); got != "Sin conexión" {
			t.Errorf("the page says %q", got)
		}
		b.look("app-offline", "fresh")
		b.watch.takeTroubles() // what could not be loaded
	})
}

// Words are longest in one language or another.
func TestAppFitsAPhone(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"es", "ca", "gl", "eu", "ca-valencia", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b, c := newTab(t, startSandbox(t), manner{language: language, width: 320}), carmen()
			b.locks(false)
			glance := func(page string) {
				t.Helper()
				b.shoot("app-"+page, "narrow")
				b.measure("app-"+page, "narrow")
			}
			b.open("/movil")
			glance("door")
			b.toKeys(c)
			glance("keys")
			b.arrive("/movil/activated", b.activate("form[data-creation] button"))
			glance("done")
			for _, page := range []string{"scan", "settings", "devices"} {
				b.open("/movil/" + page)
				glance(page)
			}
			b.opens("/movil")
			glance("home")
		})
	}
}

// two are a browser on a desk where somebody logs in, and their phone with the app.
func two(t *testing.T, phoneLanguage string) (desk, phone *tab, l lock) {
	t.Helper()
	s := startSandbox(t)
	phone = newTab(t, s, manner{language: phoneLanguage, width: 320})
	l = phone.locks(false)
	phone.becomeDevice(carmen())
	desk = newTab(t, s, manner{language: "en", width: 1280})
	desk.atMovil("/login/*/movil/wait")
	return desk, phone, l
}

// reads is what the phone does when its camera read the desk's QR: it opens the address.
func (b *tab) reads(desk *tab) {
	b.t.Helper()
	b.open(ask[string](desk, "document.querySelector('[data-address]').href"))
	b.reaches("/movil/request")
}

// reaches waits until the page's own scripts have brought the tab somewhere.
func (b *tab) reaches(page string) {
	b.t.Helper()
	b.eventually(page, func() bool { p := b.place(); return p.loaded && b.isAt(p.address, page) })
}

const shownDigits = "document.querySelector('.big-code').textContent.trim()"

func TestAppApprovesByQR(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"es", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			desk, phone, l := two(t, language)
			phone.reads(desk)
			phone.look("app-request", "qr")
			if desk, phone := ask[string](desk, shownDigits), ask[string](phone, shownDigits); desk != phone || len(desk) != 3 {
				t.Errorf("the desk shows %s, the phone %s", desk, phone)
			}
			l.unlocks(false)
			phone.do(phone.activate("form[data-approve] button"))
			phone.tells("declined", "app-request", "declined")
			l.unlocks(true)
			phone.arrive("/movil/request/decided", phone.activate("form[data-approve] button"))
			phone.look("app-decided", "approved")
			desk.reaches("/login/*/inform")
			desk.continueToTown()
			if !strings.Contains(ask[string](desk, "document.body.innerText"), carmen().document) {
				t.Error("the service does not know who logged in")
			}
		})
	}
}

func TestAppApprovesByDigits(t *testing.T) {
	t.Parallel()
	desk, phone, _ := two(t, "es")
	desk.sendsByDocument(carmen())
	digits := ask[string](desk, shownDigits)
	phone.opens("/movil")
	phone.becomes("the request is told", `!document.querySelector("[data-waiting]").hidden`)
	phone.look("app-home", "waiting")
	phone.arrive("/movil/request", phone.activate("[data-waiting] a"))
	phone.look("app-request", "digits")
	phone.fill("#digits", "12")
	phone.arrive("/movil/request/digits", phone.activate(goOn))
	phone.look("app-request", "digits-wrong")
	phone.fill("#digits", digits)
	phone.arrive("/movil/request", phone.activate(goOn))
	phone.look("app-request", "typed")
	phone.arrive("/movil/request/decided", phone.activate("form[data-approve] button"))
	desk.reaches("/login/*/inform")
}

// sendsByDocument asks without QR.
func (b *tab) sendsByDocument(c citizen) {
	b.t.Helper()
	b.arrive("/login/*/movil/ways", b.activate("main a[href$='/ways']"))
	b.arrive("/login/*/movil/document", b.activate("main a[href$='/document']"))
	b.enterDocument(c.document, "/login/*/movil/validity")
	b.enterContrast(c.contrast, "/login/*/movil/wait")
}

func TestAppDenies(t *testing.T) {
	t.Parallel()
	desk, phone, _ := two(t, "en")
	phone.reads(desk)
	phone.arrive("/movil/request/decided", phone.activate("form[action$='/reject'] button"))
	phone.look("app-decided", "rejected")
	desk.becomes("the desk is told", `!document.querySelector("[data-watch]")`)
	desk.atMovil("/login/*/movil/wait")
	desk.sendsByDocument(carmen())
	phone.open("/movil/request")
	phone.arrive("/movil/request/disown", phone.activate("main a[href$='/disown']"))
	phone.look("app-disown", "fresh")
	phone.arrive("/movil/request/decided", phone.activate(goOn))
	phone.look("app-decided", "disowned")
	phone.open("/movil/settings")
	phone.look("app-settings", "blocked")
	phone.arrive("/movil/settings", phone.activate("form[action$='/allow'] button"))
	phone.do(command(pageNavigate, navigateParams{URL: phone.issuer + "/movil/request"}))
	phone.becomes("nothing waits", `Boolean(document.querySelector("h1")?.textContent.includes("no longer waits"))`)
	phone.look("app-stopped", "gone")
}

// The QR that the desk shows, in front of the phone's camera.
func TestAppScans(t *testing.T) {
	t.Parallel()
	desk, phone, _ := two(t, "es")
	phone.open("/movil/scan")
	phone.sees("https://evil.example/movil/s/AAAAAAAAAAAAAAAA")
	phone.do(phone.activate("[data-start]"))
	phone.tells("other", "app-scan", "other")
	phone.sees(ask[string](desk, "document.querySelector('[data-address]').href"))
	phone.reaches("/movil/request")
	if !phone.isAt(phone.place().address, "/movil/request") {
		t.Errorf("the phone is at %s", phone.path())
	}
}

// sees holds a QR in front of the camera.
func (b *tab) sees(text string) {
	b.t.Helper()
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		b.t.Fatal(err)
	}
	var rows []string
	for y := range code.Size {
		row := make([]byte, code.Size)
		for x := range row {
			row[x] = '.'
			if code.Black(x, y) {
				row[x] = '#'
			}
		}
		rows = append(rows, string(row))
	}
	ask[bool](b, "("+cameraScript+")("+quote(strings.Join(rows, "\n"))+")")
}

// A passkey that was copied to another phone opens nothing there: that phone is to be
// activated, which goes beside the passkey that it has.
func TestAppOnAPhoneWithACopiedPasskey(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	first, second := newTab(t, s, manner{language: "es", width: 320}), newTab(t, s, manner{language: "es", width: 320})
	from, to := first.locks(true), second.locks(true)
	first.becomeDevice(carmen())
	from.copyTo(to)
	second.open("/movil/devices")
	second.becomes("the welcome is shown", `!document.querySelector("[data-state=welcome]").hidden`)
	second.becomeDevice(carmen())
	first.opens("/movil/devices")
	if got := ask[int](first, "document.querySelectorAll('.card').length"); got < 2 {
		t.Errorf("%d devices are listed", got)
	}
}

// The browser's push service is not there in tests: what its maker does is put in its
// place, and the rest is the app's own.
const pushService = `
  const fake = { made: null };
  PushManager.prototype.getSubscription = async () => fake.made;
  Notification.requestPermission = async () => Notification.permission;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("not as it is to be");
    const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
    const p256dh = claveDevice.encode(await crypto.subtle.exportKey("raw", pair.publicKey));
    fake.made = {
      toJSON: () => ({ endpoint: "https://updates.push.services.mozilla.com/wpush/v2/abc", keys: { p256dh, auth: "A".repeat(22) } }),
      unsubscribe: async () => ((fake.made = null), true),
    };
    return fake.made;
  };`

func TestAppIsPushed(t *testing.T) {
	t.Parallel()
	b := newTab(t, startSandbox(t), manner{language: "es", width: 320})
	b.locks(false)
	b.do(command(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: pushService}))
	b.becomeDevice(carmen())
	b.permits("notifications")
	b.open("/movil/settings")
	b.tells("off", "app-settings", "off")
	b.do(b.activate("[data-on]"))
	b.tells("on", "app-settings", "on")
	if got := ask[string](b, `document.activeElement.textContent`); got != "Desactivar las notificaciones" {
		t.Errorf("the focus is on %q", got)
	}
	b.do(b.activate("[data-off]"))
	b.becomes("they are off", `!document.querySelector("[data-state=off]").hidden`)

	// Whatever is pushed, the words are ours, in the language of the app.
	worker := b.text("/movil/worker.js?lang=es")
	for data, title := range map[string]string{
		`{"kind":"request"}`: "Un acceso espera su respuesta", `{"kind":"pin"}`: "Ha llegado un PIN",
		`{"kind":"toString"}`: "Aviso de Cl@ve", `{}`: "Aviso de Cl@ve", `Pay here: https://evil.example`: "Aviso de Cl@ve",
	} {
		shown := ask[struct{ Title, Body, Lang string }](b, "("+pushedScript+")(function (self) {"+worker+"\n},"+quote(data)+")")
		if shown.Title != title || shown.Lang != "es" || shown.Body == "" || strings.Contains(shown.Body, "evil") {
			t.Errorf("%s was pushed and shows %+v", data, shown)
		}
	}
}

// pushedScript starts a service worker's script with what it needs of its world, and
// gives what it shows when something is pushed.
const pushedScript = `async (worker, data) => {
  const heard = {};
  let shown, work;
  worker({
    addEventListener: (name, act) => (heard[name] = act),
    registration: { showNotification: async (title, options) => (shown = { title, body: options.body, lang: options.lang }) },
    clients: { matchAll: async () => [] },
  });
  heard.push({ data: { json: () => JSON.parse(data) }, waitUntil: (done) => (work = done) });
  await work;
  return shown;
}`

// text is what stands at an address.
func (s *sandbox) text(path string) string {
	s.t.Helper()
	client := http.Client{Timeout: patience}
	answer, err := client.Get(s.issuer + path)
	if err != nil {
		s.t.Fatalf("asking the sandbox: %v", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatalf("reading %s: %v", path, err)
	}
	return string(text)
}

// permits answers a question of the browser before it is asked.
func (b *tab) permits(what string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		info, err := cdp.Call(ctx, t, target.GetTargetInfo, target.GetTargetInfoParams{})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
			Permission: &cdpbrowser.PermissionDescriptor{Name: what}, Setting: cdpbrowser.PermissionSettingGranted,
			Origin: b.issuer, BrowserContextID: info.TargetInfo.BrowserContextID,
		})
		return err
	}))
}

// copyTo gives the passkeys to another phone.
func (l lock) copyTo(other lock) {
	l.t.Helper()
	var held []*webauthn.Credential
	l.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		answer, err := cdp.Call(ctx, t, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: l.id})
		held = answer.Credentials
		return err
	}))
	// The library always sends a field that this browser refuses.
	type credential struct {
		CredentialID         []byte `json:"credentialId"`
		IsResidentCredential bool   `json:"isResidentCredential"`
		RpID                 string `json:"rpId"`
		PrivateKey           []byte `json:"privateKey"`
		UserHandle           []byte `json:"userHandle"`
		SignCount            int    `json:"signCount"`
		BackupEligibility    bool   `json:"backupEligibility"`
		BackupState          bool   `json:"backupState"`
	}
	type params struct {
		AuthenticatorID webauthn.AuthenticatorID `json:"authenticatorId"`
		Credential      credential               `json:"credential"`
	}
	add := cdp.Command[params, cdp.Empty]{Method: webauthn.CommandAddCredential}
	for _, c := range held {
		other.do(command(add, params{other.id, credential{c.CredentialID, true, c.RpID, c.PrivateKey, c.UserHandle, int(c.SignCount), true, true}}))
	}
}
