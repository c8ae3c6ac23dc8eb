package app

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"clave/broker"
	"clave/identity"
	"clave/providers/movil"
	"clave/web/page"
	"clave/web/route"
)

//go:embed templates
var templates embed.FS

// Cookies seals what the browser keeps.
type Cookies interface {
	Seal(plain []byte, aad ...string) []byte
	Open(sealed []byte, aad ...string) ([]byte, error)
}

// PIN is one that the app shows instead of an SMS.
type PIN struct {
	ID                string
	Service           string
	Code              string
	SentAt, ExpiresAt time.Time
}

// PINs are those that wait for a device, the newest first.
type PINs interface {
	PINsOf(ctx context.Context, d movil.Device) ([]PIN, error)
}

// Config is what the app needs. Every field is required but PINs and PushKey.
type Config struct {
	Movil *movil.Provider
	// PINs may be nil: then they all go by SMS.
	PINs PINs
	// PushKey is the key that shows push services who sends (RFC 8292), as browsers
	// take it: uncompressed point, base64url; empty when nothing is pushed.
	PushKey string
	Cookies Cookies
	Jar     broker.CookieJar
	Pages   *page.Engine
	Log     *slog.Logger
	Now     func() time.Time
}

// App is the app. It is safe for concurrent use.
type App struct {
	Config
	pages pages
}

// New makes the app. It panics when a template is broken, which is a mistake of ours.
func New(c Config) *App { return &App{Config: c, pages: parsePages(c.Pages)} }

type pages struct {
	door, offline, home, scan, arrive, request, disown, decided *page.Template
	document, datum, code, certificate, keys, done, stopped     *page.Template
	devices, device, remove, settings                           *page.Template
}

func parsePages(e *page.Engine) pages {
	parse := func(name string) *page.Template {
		return e.Parse(templates, "templates/"+name+".html", "templates/parts.html")
	}
	return pages{
		door: parse("door"), offline: parse("offline"), home: parse("home"), scan: parse("scan"), arrive: parse("arrive"),
		request: parse("request"), disown: parse("disown"), decided: parse("decided"),
		document: parse("document"), datum: parse("datum"), code: parse("code"), certificate: parse("certificate"),
		keys: parse("keys"), done: parse("done"), stopped: parse("stopped"),
		devices: parse("devices"), device: parse("device"), remove: parse("remove"), settings: parse("settings"),
	}
}

// Addresses.
const (
	// Path is where the app is.
	Path = "/movil"

	openPath     = Path + "/open"
	manifestPath = Path + "/manifest"
	workerPath   = Path + "/worker.js"
	offlinePath  = Path + "/offline"
	apiPath      = Path + "/api"

	scanPath    = Path + "/scan"
	requestPath = Path + "/request"
	digitsPath  = requestPath + "/digits"
	rejectPath  = requestPath + "/reject"
	disownPath  = requestPath + "/disown"
	decidedPath = requestPath + "/decided"

	// ActivatePath is where a browser becomes a device.
	ActivatePath    = Path + "/activate"
	datumPath       = ActivatePath + "/datum"
	codePath        = ActivatePath + "/code"
	againPath       = ActivatePath + "/again"
	certificatePath = ActivatePath + "/certificate"
	keysPath        = ActivatePath + "/keys"
	donePath        = Path + "/activated"

	devicesPath  = Path + "/devices"
	settingsPath = Path + "/settings"
	allowPath    = settingsPath + "/allow"
)

// Routes are the app's addresses.
func (a *App) Routes() []route.Route {
	on := func(method, path string, access route.Access, handler http.HandlerFunc) route.Route {
		return route.Route{Method: method, Path: path, Access: access, Handler: a.framed(handler)}
	}
	get := func(path string, access route.Access, handler http.HandlerFunc) route.Route {
		return on(http.MethodGet, path, access, handler)
	}
	post := func(path string, access route.Access, handler http.HandlerFunc) route.Route {
		return on(http.MethodPost, path, access, handler)
	}
	certified := route.Fresh(identity.Low, identity.Certificate)
	device := func(path string) string { return devicesPath + "/{device}" + path }
	return []route.Route{
		post(openPath, route.Public, a.enter),
		{Method: http.MethodGet, Path: manifestPath, Access: route.Public, Handler: a.showManifest, Cache: "no-cache"},
		{Method: http.MethodGet, Path: workerPath, Access: route.Public, Handler: a.showWorker, Cache: "no-cache"},
		get(offlinePath, route.Public, a.showOffline),

		get(Path, route.Device, a.showHome),
		get(apiPath+"/now", route.Device, a.now),
		get(scanPath, route.Device, a.showScan),
		get(movil.HandlePath+"{handle}", route.Device, a.showArrive),
		post(movil.HandlePath+"{handle}", route.Device, a.claim),
		get(requestPath, route.Device, a.showRequest),
		post(digitsPath, route.Device, a.digits),
		post(apiPath+"/approve", route.Device, a.approve),
		post(rejectPath, route.Device, a.reject),
		get(disownPath, route.Device, a.showDisown),
		post(disownPath, route.Device, a.disown),
		get(decidedPath, route.Device, a.showDecided),

		get(ActivatePath, route.Public, a.showDocument),
		post(ActivatePath, route.Public, a.takeDocument),
		get(datumPath, route.Public, a.showDatum),
		post(datumPath, route.Public, a.takeDatum),
		get(codePath, route.Public, a.showCode),
		post(codePath, route.Public, a.takeCode),
		post(againPath, route.Public, a.again),
		get(certificatePath, certified, a.showCertificate),
		post(certificatePath, certified, a.byCertificate),
		get(keysPath, route.Public, a.showKeys),
		post(apiPath+"/activate", route.Public, a.activate),
		get(donePath, route.Device, a.showDone),

		get(devicesPath, route.Device, a.showDevices),
		get(device(""), route.Device, a.showDevice),
		post(device(""), route.Device, a.rename),
		get(device("/remove"), route.Device, a.showRemove),
		post(device("/remove"), route.Device, a.remove),
		get(settingsPath, route.Device, a.showSettings),
		post(allowPath, route.Device, a.allow),
		post(apiPath+"/push", route.Device, a.subscribe),
		post(apiPath+"/push/off", route.Device, a.unsubscribe),
	}
}

// framed makes the frame of the pages the app's own.
func (a *App) framed(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { next(w, a.frame(r)) }
}

// frame puts the app's start and its manifest into the frame. A login that waits in
// another tab of this browser is none of the app's.
func (a *App) frame(r *http.Request) *http.Request {
	around := page.From(r.Context())
	around.Home, around.Manifest = Path, manifestPath+"?lang="+string(a.Pages.Language(r))
	return r.WithContext(page.With(r.Context(), around))
}

// here says where the page that answers a POST is shown by GET, so that a change of
// language finds it again.
func here(r *http.Request, path string) *http.Request {
	around := page.From(r.Context())
	around.Here = path
	return r.WithContext(page.With(r.Context(), around))
}

// fail shows an error of ours to a person and logs it once.
func (a *App) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.Pages.Failed(w, r, a.Log, "app step failed", err)
}

// language is what messages are written in that this browser asks for.
func (a *App) language(r *http.Request) string { return string(a.Pages.Language(r)) }
